"""`auditlib rules page`: all rule cards as one Markdown page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..words.errors import AuditlibError
from ..words.messages import say
from .console import LangOption, refuse
from .packs import CountyOption, PackOption, catalog_asked


def rules_page(
    out: Annotated[Path | None, typer.Option("--out", help="写到这个文件；不写则打印 / file to write; else it is printed")] = None,
    county: CountyOption = None,
    pack: PackOption = None,
    lang: LangOption = "zh",
) -> None:
    """全部规则卡片生成一页文档。/ All rule cards as one page (Markdown)."""
    from ..reports.rules_markdown import rules_markdown

    try:
        page = rules_markdown(catalog_asked(county, pack, lang), lang)
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
