"""`auditlib report papers`: which working papers an audit left, how each came out, and all of them as PDF for the file."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...words.errors import WorkspaceError
from ...words.messages import say
from ..console import LangOption, aligned, shown, told
from .call import CountyOption, ResultsArgument, report_app

if TYPE_CHECKING:
    from ...reports.working_papers import PaperLine

_COLUMNS = ("paper_no", "paper_tick", "paper_covered", "paper_not_covered", "exceptions", "file")


@report_app.command("papers")
@told
def papers(
    out: ResultsArgument,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="只要这些规则或对账，可多个，如 F05。Only these rules or reconciliations; repeatable."),
    ] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="把底稿打印成 PDF 存到这个文件夹。Print them to PDF into this folder.")] = None,
    county: CountyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。Print one JSON document.")] = False,
    lang: LangOption = "zh",
) -> None:
    """审计底稿目录：每条规则、每项对账一份，结果如何，在哪里。The working papers: how each came out and where it stands."""
    from ...reports.results import open_results
    from ...reports.view import view_of
    from ...reports.working_papers import paper_lines

    results = open_results(out, county)
    lines = _chosen(paper_lines(view_of(results.run, results.catalog, (), lang)), only or (), lang)
    if as_json:
        typer.echo(json.dumps({"papers": [_document(line) for line in lines]}, ensure_ascii=False, indent=1))
    else:
        heads = [say(f"reports.column.{name}", lang) for name in _COLUMNS]
        typer.echo(
            "\n".join(aligned([heads, *([*map(str, (x.title, x.mark, x.covered, x.not_covered, x.exceptions)), x.file] for x in lines)]))
        )
    if pdf is not None:
        _print(out, [line.file for line in lines], pdf, lang)


def _chosen(lines: Sequence[PaperLine], only: Collection[str], lang: str) -> list[PaperLine]:
    """Those asked for. Raises WorkspaceError for a name that no paper has, with the names that there are."""
    known = [line.name for line in lines]
    if unknown := [name for name in only if name not in known]:
        raise WorkspaceError(say("reports.paper.unknown", lang, names=shown(", ".join(unknown)), candidates=", ".join(known)))
    return [line for line in lines if not only or line.name in only]


def _document(line: PaperLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in line.__slots__}


def _print(out: Path, files: Sequence[str], folder: Path, lang: str) -> None:
    """Each paper with its pages of townships as a PDF of its own. Raises PrintError."""
    from ...reports.printed import print_pdf

    for file in files:
        page = out / file
        for one in (page, *sorted(page.parent.glob(f"{page.stem}-*.html"))):
            done = print_pdf(one, folder / f"{one.stem}.pdf")
            typer.echo(say("reports.print.done", lang, target=shown(str(done)), size=-(-done.stat().st_size // 1024)), err=True)
