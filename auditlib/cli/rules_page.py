"""`auditlib rules page`: all rule cards as one Markdown page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..catalog.load import load_catalog
from ..catalog.packs import in_order, with_packs
from ..words.errors import AuditlibError
from ..words.messages import say
from .console import LangOption, refuse
from .packs import named_here


def rules_page(
    out: Annotated[Path | None, typer.Option("--out", help="写到这个文件；不写则打印 / file to write; else it is printed")] = None,
    pack: Annotated[list[str] | None, typer.Option("--pack", help="连同这个规则包 / with this county pack")] = None,
    lang: LangOption = "zh",
) -> None:
    """全部规则卡片生成一页文档。/ All rule cards as one page (Markdown)."""
    from ..reports.rules_markdown import rules_markdown

    try:
        catalog = with_packs(in_order([named_here(p) for p in pack], Path())) if pack else load_catalog()
        page = rules_markdown(catalog, lang)
    except AuditlibError as error:
        refuse(str(error), lang)
    if out is None:
        typer.echo(page, nl=False)
        return
    try:
        out.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        refuse(say("reports.output.unwritable", lang, folder=out, detail=error.strerror or error), lang)
    typer.echo(say("rules.page.written", lang, file=out), err=True)
