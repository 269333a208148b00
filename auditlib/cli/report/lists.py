"""`auditlib report lists`: every list of an audit in one Excel workbook."""

from __future__ import annotations

import typer

from ...words.messages import say
from ..console import LangOption, shown, told
from .call import CountyOption, RegisterOption, ResultsArgument, report_app
from .register import state_of


@report_app.command("lists")
@told
def lists(
    out: ResultsArgument,
    county: CountyOption = None,
    register: RegisterOption = None,
    lang: LangOption = "zh",
) -> None:
    """审计发现、三张清单、来源、对账、得分、未达账项，合成一个 Excel（lists.xlsx）。All lists of an audit as one Excel workbook."""
    from ...reports.excel_lists import write_lists
    from ...reports.results import open_results
    from ...reports.view import view_of

    results = open_results(out, county)
    state = state_of(results, register, county)
    issues = state.issues if state else ()
    view = view_of(results.run, results.catalog, issues, lang, state)
    path, count, rows = write_lists(view, issues, out)
    typer.echo(say("excel.done", lang, file=shown(str(path)), lists=count, rows=f"{rows:,}"))
