"""`auditlib report pdf`: pages of an audit as PDF."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Annotated

import typer

from ...words.errors import PrintError
from ...words.messages import say
from ..console import LangOption, shown, told
from .call import report_app


@report_app.command("pdf")
@told
def pdf(
    pages: Annotated[list[Path], typer.Argument(metavar="PAGE…", help="要打印的页面（.html），可多个。Pages to print; repeatable.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="PDF 文件（一个页面）或文件夹；不给则放在页面旁边。A file for one page, or a folder.")
    ] = None,
    lang: LangOption = "zh",
) -> None:
    """把审计页面打印成 PDF：A4、页码、书签、文字可选。Prints pages to PDF: A4, page numbers, bookmarks, text that can be selected."""
    from ...reports.printed import print_pdf

    for page, target in _targets(pages, out, lang):
        done = print_pdf(page, target)
        typer.echo(say("reports.print.done", lang, target=shown(str(done)), size=-(-done.stat().st_size // 1024)))


def _targets(pages: list[Path], out: Path | None, language: str) -> list[tuple[Path, Path]]:
    """Page and PDF of each; nothing is printed when two of them would be one file. Raises PrintError."""
    if out is None:
        return [(page, page.with_suffix(".pdf")) for page in pages]
    if out.suffix.lower() == ".pdf" and not out.is_dir():
        if len(pages) == 1:
            return [(pages[0], out)]
        raise PrintError(say("reports.print.one_target", language, n=len(pages), out=out))
    if out.is_file():
        raise PrintError(say("reports.print.one_target", language, n=len(pages), out=out))
    named: dict[Path, list[Path]] = defaultdict(list)
    for page in pages:
        named[out / f"{page.stem}.pdf"].append(page)
    for target, same in named.items():
        if len(same) > 1:
            told_pages = ", ".join(map(str, same))
            raise PrintError(say("reports.print.same_name", language, pages=told_pages, target=target))
    return [(same[0], target) for target, same in named.items()]
