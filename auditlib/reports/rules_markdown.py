"""The page of rules: every card of the catalogue as one Markdown document, by family, with a table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..catalog.specs import Catalog, ParameterSpec, RuleCard, SeverityBand
from ..words.messages import say
from .view import FAMILIES

_TEXTS = ("what", "why", "reading", "false_alarms", "rectification", "evidence")
_OWNERS = {"行业监管": "sector", "属地管理": "township", "村级自治": "village"}
_MARKS = str.maketrans({c: f"\\{c}" for c in "\\`*[]<>|#"})


def rules_markdown(catalog: Catalog, language: str) -> str:
    """All rule cards in `language` (zh or en): a table of contents, then each card whole. The same on every run."""
    by_family = {f: [c for c in _in_order(catalog.rules.values()) if c.family == f] for f in FAMILIES}
    parts = [f"# {say('rules.page.title', language)}", say("rules.page.head", language, n=len(catalog.rules))]
    for family, cards in by_family.items():
        parts.append(f"**{say(f'family.{family}', language)}** ({len(cards)})")
        parts.append("\n".join(f"- [{c.rule} {_plain(c.name[language])}](#{c.rule.lower()})" for c in cards))
    for family, cards in by_family.items():
        parts.append(f"## {say(f'family.{family}', language)}")
        parts += [_card(catalog, card, language) for card in cards]
    return "\n\n".join(parts) + "\n"


def _in_order(cards: Iterable[RuleCard]) -> list[RuleCard]:
    return sorted(cards, key=lambda c: c.rule)


def _plain(text: str) -> str:
    """Text as it is, never markup."""
    return text.translate(_MARKS)


def _card(catalog: Catalog, card: RuleCard, language: str) -> str:
    facts = [
        (say("rules.page.severity", language), _severity(catalog, card, language)),
        (say("rules.page.owner", language), _owners(card, language)),
        (say("rules.page.ledgers", language), _joined((_ledger(catalog, n, language) for n in card.ledgers), language)),
        (say("rules.parameters", language), _joined((_parameter(catalog.parameters[n], language) for n in card.parameters), language)),
    ]
    texts = [(say(f"rules.{name}", language), _plain(getattr(card, name)[language])) for name in _TEXTS]
    kinds = _joined((catalog.evidence_kinds[k][language] for k in card.evidence_kinds if k in catalog.evidence_kinds), language)
    more = [(say("rules.page.evidence_kinds", language), _plain(kinds)), (say("rules.page.act", language), _act(catalog, card, language))]
    lines = [f"**{name}** {text}" for name, text in (*facts, *texts, *more) if text]
    law = "\n".join(f"- {_law(entry, language)}" for entry in card.basis)
    title = f'### <a id="{card.rule.lower()}"></a>{card.rule} {_plain(card.name[language])}'
    return "\n\n".join((title, *lines, f"**{say('rules.basis', language)}**", law))


def _joined(texts: Iterable[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(t for t in texts if t)


def _ledger(catalog: Catalog, name: str, language: str) -> str:
    return f"{_plain(catalog.ledgers[name].label(language))} `{name}`"


def _parameter(spec: ParameterSpec, language: str) -> str:
    unit = "" if spec.unit == "word" else f" {say(f'rules.unit.{spec.unit}', language)}"
    return f"{_plain(spec.zh if language == 'zh' else spec.en)} `{spec.name}` = {spec.default}{unit}"


def _severity(catalog: Catalog, card: RuleCard, language: str) -> str:
    bands = [
        say("rules.page.band", language, severity=say(f"severity.{b.severity}", language), when=_when(catalog, b, language))
        for b in card.bands
    ]
    return ("；" if language == "zh" else "; ").join((say(f"severity.{card.severity}", language), *bands))


def _when(catalog: Catalog, band: SeverityBand, language: str) -> str:
    """All that must hold for a band."""
    told = [
        say("rules.page.variants", language, kinds=_joined((f"`{v}`" for v in band.variants), language)) if band.variants else "",
        _joined((_ledger(catalog, n, language) for n in band.ledgers), language),
        say("rules.page.up_to", language, limit=_limit(catalog, band.amount_up_to, language)) if band.amount_up_to is not None else "",
        say("rules.page.over", language, limit=_limit(catalog, band.amount_over, language)) if band.amount_over is not None else "",
    ]
    return _joined(told, language)


def _limit(catalog: Catalog, limit: object, language: str) -> str:
    spec = catalog.parameters.get(str(limit))
    return _parameter(spec, language) if spec else str(limit)


def _owners(card: RuleCard, language: str) -> str:
    names = [say(f"reports.owner.{_OWNERS[o]}", language) for o in (card.owner, *card.helpers)]
    return names[0] if len(names) == 1 else say("rules.page.with", language, owner=names[0], helpers=_joined(names[1:], language))


def _act(catalog: Catalog, card: RuleCard, language: str) -> str:
    """The dates by which the law in force is chosen."""
    told = []
    for ledger, fields in card.act_on.items():
        labels = _joined((_plain(catalog.ledgers[ledger].fields[f].label(language)) for f in fields), language)
        told.append(f"{_plain(catalog.ledgers[ledger].label(language))}{'：' if language == 'zh' else ': '}{labels}")
    return ("；" if language == "zh" else "; ").join(told)


def _law(entry: Mapping[str, str], language: str) -> str:
    name = f"{_plain(entry[f'law_{language}'])} {_plain(entry['article'])}"
    begins, ends = str(entry.get("valid_from") or ""), str(entry.get("valid_to") or "")
    key = "rules.page.force" if ends else "rules.page.since" if begins else ""
    force = say(key, language, start=begins or "…", end=ends) if key else ""
    return f"{name}{force}{'：' if language == 'zh' else ': '}{_plain(entry[language])}"
