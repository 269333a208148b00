"""`auditlib guide`: how to do something, step by step; and the pages of reference, made fresh."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from ..words.messages import say
from .console import LangOption, columns, hand_out, refuse
from .packs import CountyOption, PackOption, catalog_asked

_GUIDES = Path(__file__).resolve().parent.parent / "guides"
TASKS = ("first-audit", "new-form", "new-rule", "team", "province", "publication")  # in the order in which people come to them
REFERENCE = ("ledgers", "rules", "commands", "api")


def guide(
    name: Annotated[str, typer.Argument(help="指南名称；不写则列出 / which guide; without it they are listed")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="写到这个文件 / write it to this file")] = None,
    county: CountyOption = None,
    pack: PackOption = None,
    lang: LangOption = "zh",
) -> None:
    """怎么做：第一次审计、新表、新规则、多人、全省、公开；以及查阅页。/ How to do it, step by step, and pages of reference."""
    if not name:
        typer.echo("\n".join(_listed(lang)))
        return
    pages = _pages(county, pack, lang)
    if name not in pages:
        near = difflib.get_close_matches(name, pages, n=3, cutoff=0.4) or list(pages)
        refuse(say("guide.unknown", lang, name=name, candidates=", ".join(near)), lang)
    hand_out(pages[name](), out, lang)


def guide_text(name: str, language: str) -> str:
    """The guide of a task, as Markdown."""
    return (_GUIDES / f"{name}.{language}.md").read_text(encoding="utf-8")


def _listed(language: str) -> list[str]:
    tasks = [(name, guide_text(name, language).splitlines()[0].removeprefix("# ")) for name in TASKS]
    pages = [(name, say(f"guide.about.{name}", language)) for name in REFERENCE]
    return [
        say("guide.list", language), *(f"  {line}" for line in columns(tasks)),
        say("guide.reference", language), *(f"  {line}" for line in columns(pages)),
    ]  # fmt: skip


def _pages(county: Path | None, pack: list[str] | None, language: str) -> Mapping[str, Callable[[], str]]:
    from ..reports.ledgers_markdown import ledgers_markdown
    from ..reports.rules_markdown import rules_markdown
    from .reference import api_markdown, commands_markdown

    def task(name: str) -> Callable[[], str]:
        return lambda: guide_text(name, language)

    return {
        **{name: task(name) for name in TASKS},
        "ledgers": lambda: ledgers_markdown(catalog_asked(county, pack, language), language),
        "rules": lambda: rules_markdown(catalog_asked(county, pack, language), language),
        "commands": commands_markdown,
        "api": api_markdown,
    }
