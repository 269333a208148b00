"""`auditlib issues score`, `digest`: how organisations do, and what happened in a day, a week or a month."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Annotated

import typer

from ...issues.digest import Digest, Period, digest
from ...issues.issue import Issue, fold_all
from ...issues.lists import beneath
from ...issues.policy import Clock
from ...issues.register import Register
from ...issues.scores import Part, ScoreCard, county_formula, score_card
from ...words.errors import RegisterError
from ...words.messages import say
from ...words.records import Organisation
from ..console import aligned
from .bodies import organisation_of
from .call import (
    JsonOption,
    LangOption,
    Language,
    OutOption,
    PlaceArgument,
    RegisterOption,
    catalog_of,
    clock,
    day_of,
    issues_app,
    json_text,
    opened_register,
    told,
)

FromOption = Annotated[str, typer.Option("--from", help="期间的第一天。The first day of the period.")]
ToOption = Annotated[str | None, typer.Option("--to", help="期间的最后一天，默认今天。The last day, default today.")]
OrgOption = Annotated[str | None, typer.Option("--org", help="单位代码或名称，含下级。An organisation with those beneath it.")]


@issues_app.command("score")
@told
def score(
    place: PlaceArgument = None,
    start: FromOption = "",
    end: ToOption = None,
    org: OrgOption = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """量化考核：每个乡镇、村的得分，连同算法和每一项的件数。Score cards with the formula and its inputs."""
    county, last = clock(place), day_of(end, lang)
    first = day_of(start, lang) if start else last.replace(month=1, day=1)
    if last < first:
        raise RegisterError(say("scores.period", lang, start=first.isoformat(), end=last.isoformat()))
    with opened_register(register, place, out) as opened:
        organisations, issues = opened.organisations(), _as_of(opened, county, last)
    formula = county_formula(catalog_of(place))
    chosen = _scored(organisations, org, lang)
    cards = [score_card(issues, o, organisations, formula=formula, clock=county, start=first, end=last) for o in chosen]
    if as_json:
        typer.echo(json_text({"formula": dataclasses.asdict(formula), "cards": [_card_json(card) for card in cards]}))
    else:
        typer.echo(_cards_text(cards, lang))


def _as_of(opened: Register, county: Clock, day: dt.date) -> tuple[Issue, ...]:
    """All issues as they stood at the end of `day`: what happened since does not count."""
    limit = county.end_of(day)
    return fold_all((event for event in opened.events() if event.at <= limit), clock=county, as_of=day)


def _scored(organisations: Sequence[Organisation], org: str | None, lang: Language) -> list[Organisation]:
    """The one asked for and those directly beneath it; else the county, its townships and villages."""
    if org is None:
        return [o for o in organisations if o.level in ("county", "township", "village")]
    top = organisation_of(organisations, org, lang)
    return [top, *(o for o in organisations if o.parent_code == top.org_code and o is not top)]


def _card_json(card: ScoreCard) -> dict[str, object]:
    return {
        "org_code": card.org_code, "name": card.name, "start": card.start, "end": card.end, "score": card.score, "weighed": card.weighed,
        "grade": dataclasses.asdict(card.grade) if card.grade else None,
        "first_response_hours": card.inputs.first_response_hours, "waiting": card.inputs.waiting,
        "parts": [_part_json(part) for part in card.parts],
    }  # fmt: skip


def _part_json(part: Part) -> dict[str, object]:
    return {
        "measure": part.measure.measure, "weight": part.measure.weight, "better": "high" if part.measure.is_high_better else "low",
        "part": part.share.part, "whole": part.share.whole, "percent": part.share.percent, "points": part.points,
    }  # fmt: skip


def _cards_text(cards: Sequence[ScoreCard], lang: Language) -> str:
    if not cards:
        return say("issues.none", lang)
    measures = [part.measure for part in cards[0].parts]
    head = [say("scores.column.org", lang), say("scores.column.score", lang), say("scores.column.grade", lang)]
    head += [say("scores.column.measure", lang, name=say(f"scores.measure.{m.measure}", lang), weight=m.weight) for m in measures]
    head.append(say("scores.column.hours", lang))
    rows = [[card.name or card.org_code, *_result(card, lang), *(_cell(part) for part in card.parts), _hours(card)] for card in cards]
    title = say("scores.title", lang, start=cards[0].start.isoformat(), end=cards[0].end.isoformat())
    return "\n".join((title, *aligned([head, *rows]), say("scores.legend", lang)))


def _result(card: ScoreCard, lang: Language) -> list[str]:
    if card.score is None:
        return [say("scores.nothing", lang), ""]
    all_weights = sum(part.measure.weight for part in card.parts)
    mark = "" if card.weighed == all_weights else "*"
    grade = card.grade.zh if card.grade and lang == Language.zh else card.grade.en if card.grade else ""
    return [f"{card.score}{mark}", grade]


def _cell(part: Part) -> str:
    return f"{part.share.part}/{part.share.whole} {part.share.percent}% {part.points}" if part.points is not None else "-"


def _hours(card: ScoreCard) -> str:
    return "" if card.inputs.first_response_hours is None else str(card.inputs.first_response_hours)


@issues_app.command("digest")
@told
def show_digest(
    place: PlaceArgument = None,
    period: Annotated[Period, typer.Option("--period", help="日、周、月。The length of the period.")] = Period.WEEKLY,
    on: Annotated[str | None, typer.Option("--on", help="期间里的任一天，默认今天。A day in the period, default today.")] = None,
    org: OrgOption = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """日报、周报、月报的数字：新增、销号、逾期、各色件数。The figures of a day, a week or a month."""
    county, (start, end) = clock(place), period.around(day_of(on, lang))
    with opened_register(register, place, out) as opened:
        organisations, events = opened.organisations(), opened.events()
    codes = beneath(organisation_of(organisations, org, lang).org_code, organisations) if org else None
    found = digest(events, clock=county, start=start, end=end, codes=codes)
    typer.echo(json_text(_digest_json(found)) if as_json else _digest_text(found, county, lang))


def _digest_json(found: Digest) -> dict[str, object]:
    values = {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}
    levels = {str(level): count for level, count in found.by_level.items()}
    return {**values, "by_level": levels, "by_state": dict(found.by_state), "settled_percent": found.settled_percent}


def _digest_text(found: Digest, county: Clock, lang: Language) -> str:
    names = ("new", "closed", "declined", "reopened", "returned", "recovered", "total", "settled", "open", "overdue")
    rows = [[say(f"digest.{name}", lang), f"{value:,}"] for name in names if (value := getattr(found, name)) is not None]
    rows += [[say("digest.level", lang, level=level, word=county.word(level, lang)), str(count)] for level, count in found.by_level.items()]
    rows.append([say("digest.settled_percent", lang), "-" if found.settled_percent is None else f"{found.settled_percent}%"])
    return "\n".join((say("digest.title", lang, start=found.start.isoformat(), end=found.end.isoformat()), *aligned(rows)))
