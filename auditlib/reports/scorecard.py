"""scores.html: how each organisation does with its matters, by a formula that stands above the figures (M18)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from ..issues.scores import Formula, Part, ScoreCard, score_card
from ..words.messages import say
from .blocks import cut, heads
from .description import Page, Section
from .figures import grouped
from .markup import Safe, bullets, escape, join, paragraph, table, tag
from .masking import mask
from .register_state import RegisterState
from .view import CountyView

_LEVELS = ("county", "township", "village")


def score_cards(view: CountyView, register: RegisterState) -> list[ScoreCard]:
    """The cards of county, townships and villages from the first of January to the day of the register."""
    start = dt.date(register.day.year, 1, 1)
    organisations = tuple(view.organisations.values())
    chosen = sorted((o for o in organisations if o.level in _LEVELS), key=lambda o: (_LEVELS.index(o.level), o.org_code))
    return [
        score_card(register.issues, o, organisations, formula=register.formula, clock=register.clock, start=start, end=register.day)
        for o in chosen
    ]


def scores_page(view: CountyView, register: RegisterState) -> Page:
    """Formula, then the cards of county and townships, then those of the villages. Masked."""
    cards = score_cards(view, register)
    levels = {card.org_code: view.organisations[card.org_code].level for card in cards}
    groups = {
        "scores_above": [card for card in cards if levels[card.org_code] != "village"],
        "scores_villages": [card for card in cards if levels[card.org_code] == "village"],
    }
    bodies = {"formula": _formula(view, register.formula), **{name: _cards(view, group, name) for name, group in groups.items() if group}}
    return Page(
        title=view.t("title.scores"),
        subtitle=view.t("title.scores_of", county=view.run.county),
        kind="sheet",
        language=view.language,
        fields=((view.t("cover.period"), f"{dt.date(register.day.year, 1, 1)} – {register.day}"),),
        trail=(("index.html", view.run.county), ("", view.t("title.scores"))),
        sections=tuple(Section(name, view.t(f"section.{name}"), escape(body)) for name, body in bodies.items()),
        footer=view.t("footer.scores", day=register.day.isoformat()),
    )


def _formula(view: CountyView, formula: Formula) -> Safe:
    rows = []
    for measure in formula.measures:
        better = view.t("scores.high" if measure.is_high_better else "scores.low")
        rows.append([_measure(view, measure.measure), str(measure.weight), view.t(f"scores.how.{measure.measure}"), better])
    names = (("measure", "head"), ("weight", "num"), ("how_measured", "wide"), ("better", ""))
    shown = table(view.t("caption.formula"), heads(view, *names), rows)
    grades = [view.t("scores.grade", at_least=g.at_least, word=g.zh if view.language == "zh" else g.en) for g in formula.grades]
    notes = (view.t(f"scores.population.{formula.population}"), view.t("scores.scaled"), view.t("scores.not_counted"))
    return join((shown, paragraph(view.t("scores.grades", grades=view.t("list").join(grades))), bullets(notes, "note")))


def _measure(view: CountyView, measure: str) -> str:
    return say(f"scores.measure.{measure}", view.language)


def _cards(view: CountyView, cards: Sequence[ScoreCard], name: str) -> Safe:
    kept, note = cut(view, cards, view.t("scores.command"))
    columns = [*heads(view, ("organisation", "head"), ("score", "num"), ("grade", "nowrap"))]
    columns += [(join((_measure(view, p.measure.measure), tag("small", str(p.measure.weight)))), "num") for p in cards[0].parts]
    columns += heads(view, ("first_response", "num"), ("waiting", "num"))
    return join((table(view.t(f"section.{name}"), columns, [_row(view, card) for card in kept], "scores"), note))


def _row(view: CountyView, card: ScoreCard) -> list[object]:
    name = mask(card.name or card.org_code, view.organisations)
    hours = card.inputs.first_response_hours
    parts = [_points(view, part) for part in card.parts]
    return [name, *_result(view, card), *parts, "—" if hours is None else str(hours), grouped(card.inputs.waiting)]


def _result(view: CountyView, card: ScoreCard) -> tuple[object, object]:
    if card.score is None:
        return "—", say("scores.nothing", view.language)
    is_whole = card.weighed == sum(part.measure.weight for part in card.parts)
    grade = card.grade and (card.grade.zh if view.language == "zh" else card.grade.en)
    return tag("strong", f"{card.score}{'' if is_whole else '*'}"), grade or "—"


def _points(view: CountyView, part: Part) -> object:
    if part.points is None:
        return "—"
    share = part.share
    return join((str(part.points), tag("small", f"{share.part}/{share.whole} = {_percent(share.percent)}")))


def _percent(value: Decimal | None) -> str:
    return "—" if value is None else f"{value}%"
