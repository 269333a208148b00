"""`auditlib rules page`: all rule cards as one Markdown page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import LangOption, hand_out
from .packs import CountyOption, PackOption, catalog_asked


def rules_page(
    out: Annotated[Path | None, typer.Option("--out", help="写到这个文件；不写则打印 / file to write; else it is printed")] = None,
    county: CountyOption = None,
    pack: PackOption = None,
    lang: LangOption = "zh",
) -> None:
    """全部规则卡片生成一页文档。/ All rule cards as one page (Markdown)."""
    from ..reports.rules_markdown import rules_markdown

    hand_out(rules_markdown(catalog_asked(county, pack, lang), lang), out, lang)
