"""`auditlib rules`: the rule cards."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import Annotated, Any

import typer

from ..catalog.specs import Catalog, LedgerSpec, RuleCard, SeverityBand
from ..words.messages import say
from .console import LangOption, columns, refuse
from .packs import CountyOption, PackOption, catalog_asked

rules_app = typer.Typer(help="规则卡片 / rule cards", no_args_is_help=True)
_PARTS = ("what", "why", "reading", "false_alarms", "rectification", "evidence")


@rules_app.command("list")
def list_rules(
    county: CountyOption = None,
    pack: PackOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """列出全部规则。/ List all rules."""
    cards = [card for _, card in sorted(catalog_asked(county, pack, lang).rules.items())]
    if as_json:
        typer.echo(json.dumps({"cards": [_document(c) for c in cards]}, ensure_ascii=False, indent=1))
    else:
        for line in columns([(c.rule, say(f"severity.{c.severity}", lang), c.owner, c.name[lang]) for c in cards]):
            typer.echo(line)


@rules_app.command("show")
def show_rule(
    rule: Annotated[str, typer.Argument(help="规则号，如 F07 / rule id")],
    county: CountyOption = None,
    pack: PackOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """一张规则卡片。/ One rule card."""
    catalog = catalog_asked(county, pack, lang)
    card = catalog.rules.get(rule.upper())
    if card is None:
        near = ", ".join(difflib.get_close_matches(rule.upper(), catalog.rules, n=5, cutoff=0.3))
        refuse(say("rules.no_such", lang, rule=rule, candidates=near), lang)
    if as_json:
        typer.echo(json.dumps(_document(card), ensure_ascii=False, indent=1))
        return
    for line in _lines(card, catalog, lang):
        typer.echo(line)


def _lines(card: RuleCard, catalog: Catalog, lang: str) -> Iterator[str]:
    """The whole card, part by part."""
    yield f"{card.rule}  {card.name[lang]}  [{say(f'severity.{card.severity}', lang)}]  {card.owner}"
    for part in _PARTS:
        yield from _part(f"rules.{part}", [getattr(card, part)[lang]], lang)
    yield from _part("rules.evidence_kinds", [f"{k}: {catalog.evidence_kinds[k][lang]}" for k in card.evidence_kinds], lang)
    yield from _part("rules.severity", [say("rules.otherwise", lang, severity=say(f"severity.{card.severity}", lang))], lang)
    yield from (f"  {_band(band, catalog, lang)}" for band in card.bands)
    yield from _part("rules.owners", [", ".join((card.owner, *card.helpers))], lang)
    yield from _part("rules.family", [say(f"family.{card.family}", lang)], lang)
    yield from _part("rules.ledgers", [", ".join(catalog.ledgers[n].label(lang) for n in card.ledgers)], lang)
    known = [(n, catalog.parameters[n]) for n in card.parameters]
    yield from _part("rules.parameters", [f"{n} = {p.default} ({p.zh if lang == 'zh' else p.en})" for n, p in known], lang)
    yield from _part("rules.act_on", [_dates(catalog.ledgers[n], names, lang) for n, names in card.act_on.items()], lang)
    laws = [f"{b[f'law_{lang}']} {b['article']} [{b['valid_from'] or '…'} – {b['valid_to'] or '…'}]: {b[lang]}" for b in card.basis]
    yield from _part("rules.basis", laws, lang)


def _part(title: str, lines: Sequence[str], lang: str) -> Iterator[str]:
    if lines:
        yield f"\n{say(title, lang)}"
        yield from (f"  {line}" for line in lines)


def _dates(ledger: LedgerSpec, names: Sequence[str], lang: str) -> str:
    return f"{ledger.label(lang)}: {', '.join(ledger.fields[n].label(lang) for n in names)}"


def _band(band: SeverityBand, catalog: Catalog, lang: str) -> str:
    """When a case weighs otherwise: `orange: kind short; amount up to decision_over`."""
    when = [say("rules.band.kind", lang, kinds=", ".join(band.variants))] if band.variants else []
    ledgers = ", ".join(catalog.ledgers[n].label(lang) for n in band.ledgers)
    when += [say("rules.band.ledger", lang, ledgers=ledgers)] if ledgers else []
    when += [say("rules.band.up_to", lang, amount=band.amount_up_to)] if band.amount_up_to is not None else []
    when += [say("rules.band.over", lang, amount=band.amount_over)] if band.amount_over is not None else []
    return f"{say(f'severity.{band.severity}', lang)}: {'; '.join(when)}"


def _document(card: RuleCard) -> dict[str, Any]:
    plain = {f.name: getattr(card, f.name) for f in fields(card)}
    return json.loads(json.dumps(plain, default=_plain))  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    """Frozen values as JSON has them."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return dict(value) if hasattr(value, "items") else list(value)
