"""`auditlib report forms`: 移交核查表, 盘点表, 银行存款余额调节表, 审计报告."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import LangOption, date_of, told
from .call import CountyOption, ForOption, RegisterOption, ResultsArgument, report_app

if TYPE_CHECKING:
    from ...reports.forms_written import Held
    from ...reports.results import Results

KindOption = Annotated[
    str,
    typer.Option(
        "--kind",
        help="handover-check 移交核查表、stocktake 盘点表（已盘）、stocktake-blank 盘点表（空白）、bank-reconciliation 银行存款余额调节表、"
        "audit-report 审计报告。",
    ),
]
FinalOption = Annotated[
    bool, typer.Option("--final", help="审计报告定稿，征求意见期满并登记反馈后才出。The final report, after comment and answer.")
]
FormatOption = Annotated[str, typer.Option("--format", help="html、docx 或 both。")]
IssuerOption = Annotated[str, typer.Option("--issuer", help="审计报告的出具单位。Who issues the audit report.")]
OnOption = Annotated[str | None, typer.Option("--on", help="审计报告的日期，默认今天。The date of the audit report, default today.")]


@report_app.command("forms")
@told
def forms(
    out: ResultsArgument,
    kind: KindOption,
    named: ForOption = None,
    final: FinalOption = False,
    form: FormatOption = "both",
    issuer: IssuerOption = "",
    on: OnOption = None,
    register: RegisterOption = None,
    county: CountyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。One JSON document.")] = False,
    lang: LangOption = "zh",
) -> None:
    """表单和审计报告：由审计结果填好，写成网页和 Word，样式可由单位自己改。Forms and the audit report, as HTML and DOCX."""
    from ...reports.forms_written import FORMATS, REPORT, FormsOrder, make_forms, write_forms
    from ...reports.results import open_results
    from ...words.errors import FormError
    from ...words.messages import say
    from .organisations import codes_named

    if form not in FORMATS:
        raise FormError(say("forms.no_format", lang, given=form))
    if final and kind != REPORT:
        raise FormError(say("forms.only_report", lang))
    results = open_results(out, county)
    day = date_of(on, lang) or dt.date.today()
    order = FormsOrder(kind, codes_named(results, named, lang), lang, day, issuer, final)
    made = make_forms(results, order, _held(results, register, county, day) if kind == REPORT else None)
    files = write_forms(results, made, form)
    if as_json:
        told_of: list[dict[str, Any]] = [{"org_code": m.code, "name": m.name, "files": list(f)} for m, f in zip(made, files, strict=True)]
        typer.echo(json.dumps({"kind": kind, "forms": told_of}, ensure_ascii=False, indent=2))
    else:
        for m, f in zip(made, files, strict=True):
            typer.echo(say("forms.done", lang, name=m.name, files=" ".join(f)))


def _held(results: Results, register: str | None, county: Path | None, day: dt.date) -> Held | None:
    """Issues and letters of the register; None where there is none."""
    from ...issues.letters import letters_of
    from ...reports.forms_written import Held
    from .register import opened

    with opened(results, register, county) as held:
        return None if held is None else Held(held.issues(day), letters_of(held.events()))
