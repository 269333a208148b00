"""`auditlib report lists`: every list of an audit in one Excel workbook."""

from __future__ import annotations

from typing import Annotated

import typer

from ...words.messages import say
from ..console import LangOption, shown
from .call import CountyOption, ResultsArgument, report_app, told
from .register import opened


@report_app.command("lists")
@told
def lists(
    out: ResultsArgument,
    county: CountyOption = None,
    register: Annotated[
        str | None, typer.Option("--register", help="问题台账：文件或数据库地址。The register: a file or SQLAlchemy URL.")
    ] = None,
    lang: LangOption = "zh",
) -> None:
    """审计发现、三张清单、来源、对账、得分、未达账项，合成一个 Excel（lists.xlsx）。All lists of an audit as one Excel workbook."""
    from ...issues.scores import county_formula
    from ...reports.excel_lists import write_lists
    from ...reports.register_state import register_state
    from ...reports.results import open_results
    from ...reports.view import view_of

    results = open_results(out, county)
    with opened(results, register, county) as held:
        state = register_state(held, county_formula(results.catalog), results.run.as_of) if held else None
    issues = state.issues if state else ()
    view = view_of(results.run, results.catalog, issues, lang, state)
    path, count, rows = write_lists(view, issues, out)
    typer.echo(say("excel.done", lang, file=shown(str(path)), lists=count, rows=f"{rows:,}"))
