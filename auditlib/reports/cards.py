"""rules.html: every rule card, as the findings link to it."""

from __future__ import annotations

from ..catalog.specs import RuleCard
from .blocks import facts, owner_name, severity_mark
from .description import Page, Section
from .findings import basis_list
from .markup import Safe, join, link, tag
from .view import FAMILIES, CountyView


def _parameters(view: CountyView, card: RuleCard) -> str:
    given = dict(view.run.parameters)
    shown = []
    for name in card.parameters:
        spec = view.catalog.parameters.get(name)
        label = (spec.zh if view.language == "zh" else spec.en) if spec else name
        shown.append(f"{label} = {given.get(name, spec.default if spec else '')}")
    return view.t("list").join(shown)


def _card(view: CountyView, card: RuleCard) -> Safe:
    heading = tag("h3", f"{card.rule} {card.name[view.language]} ", severity_mark(view, card.severity))
    texts = [
        (view.t(f"card.{n}"), getattr(card, n)[view.language])
        for n in ("what", "why", "reading", "false_alarms", "rectification", "evidence")
    ]
    ledgers = view.t("list").join(view.ledger(n) for n in card.ledgers)
    owners = view.t("list").join(owner_name(view, o) for o in (card.owner, *card.helpers))
    body = facts(
        [
            *texts,
            (view.t("card.ledgers"), ledgers),
            (view.t("card.parameters"), _parameters(view, card)),
            (view.t("owner"), owners),
            (view.t("basis"), basis_list(view, card)),
            (view.t("paper.of"), link(paper, f"§ {card.rule}") if (paper := view.paper(card.rule)) else ""),
        ]
    )
    return tag("article", heading, body, id=card.rule, class_="card")


def rules_page(view: CountyView) -> Page:
    """All rule cards by family."""
    cards = sorted(view.catalog.rules.values(), key=lambda c: c.rule)
    families = [f for f in (*FAMILIES, "other") if any(view.family(c.rule) == f for c in cards)]
    sections = tuple(
        Section(f"rules-{family}", view.family_name(family), join(_card(view, c) for c in cards if view.family(c.rule) == family))
        for family in families
    )
    return Page(
        title=view.t("title.rules"),
        subtitle=view.t("title.rules_of", county=view.run.county),
        kind="sheet",
        language=view.language,
        fields=((view.t("cover.rules"), str(len(cards))),),
        trail=(("index.html", view.run.county), ("", view.t("title.rules"))),
        sections=sections,
        footer=view.t("footer.rules"),
    )
