"""`auditlib rules`: the rule cards."""

from __future__ import annotations

import difflib
import json
from dataclasses import fields
from typing import Annotated, Any

import typer

from ..catalog.load import load_catalog
from ..catalog.specs import RuleCard
from ..words.messages import say
from .console import columns, refuse

rules_app = typer.Typer(help="规则卡片 / rule cards", no_args_is_help=True)
_PARTS = ("what", "why", "reading", "false_alarms", "rectification", "evidence")


@rules_app.command("list")
def list_rules(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: Annotated[str, typer.Option("--lang", help="zh | en")] = "zh",
) -> None:
    """列出全部规则。/ List all rules."""
    cards = [load_catalog().rules[r] for r in sorted(load_catalog().rules)]
    if as_json:
        typer.echo(json.dumps({"cards": [_document(c) for c in cards]}, ensure_ascii=False, indent=1))
    else:
        for line in columns([(c.rule, say(f"severity.{c.severity}", lang), c.owner, c.name[lang]) for c in cards]):
            typer.echo(line)


@rules_app.command("show")
def show_rule(
    rule: Annotated[str, typer.Argument(help="规则号，如 F07 / rule id")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: Annotated[str, typer.Option("--lang", help="zh | en")] = "zh",
) -> None:
    """一张规则卡片。/ One rule card."""
    cards = load_catalog().rules
    card = cards.get(rule.upper())
    if card is None:
        refuse(say("rules.no_such", lang, rule=rule, candidates=", ".join(difflib.get_close_matches(rule.upper(), cards, n=5, cutoff=0.3))), lang)
    if as_json:
        typer.echo(json.dumps(_document(card), ensure_ascii=False, indent=1))
        return
    typer.echo(f"{card.rule}  {card.name[lang]}  [{say(f'severity.{card.severity}', lang)}]  {card.owner}")
    for part in _PARTS:
        typer.echo(f"\n{say(f'rules.{part}', lang)}\n  {getattr(card, part)[lang]}")
    typer.echo(f"\n{say('rules.basis', lang)}")
    for law in card.basis:
        typer.echo(f"  {law[f'law_{lang}']} {law['article']}: {law[lang]}")
    if card.parameters:
        typer.echo(f"\n{say('rules.parameters', lang)}\n  {', '.join(card.parameters)}")


def _document(card: RuleCard) -> dict[str, Any]:
    plain = {f.name: getattr(card, f.name) for f in fields(card)}
    return json.loads(json.dumps(plain, default=lambda v: dict(v) if hasattr(v, "items") else list(v)))  # type: ignore[no-any-return]
