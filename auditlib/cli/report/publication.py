"""`auditlib report publication`: the sheets for the notice boards of one period."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import FOUND, LangOption, date_of, told
from .call import CountyOption, ForOption, PdfOption, RegisterOption, ResultsArgument, report_app

if TYPE_CHECKING:
    from ...reports.publication_files import Publication
    from ...reports.results import Results

PeriodOption = Annotated[
    str, typer.Option("--period", help="2025-12、2025Q4 或 2025；默认最近结束的一期。Default: the last period that is over.")
]
OnOption = Annotated[
    str | None, typer.Option("--on", help="张贴日期，默认审计截止日。The day of posting, default the cut-off date of the audit.")
]
DraftOption = Annotated[
    bool, typer.Option("--draft", help="与账面不一致的也出，每页标“草稿”。Also what does not agree, marked as a draft on every page.")
]


@report_app.command("publication")
@told
def publication(
    out: ResultsArgument,
    named: ForOption = None,
    period: PeriodOption = "",
    on: OnOption = None,
    draft: DraftOption = False,
    pdf: PdfOption = False,
    register: RegisterOption = None,
    county: CountyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。One JSON document.")] = False,
    lang: LangOption = "zh",
) -> None:
    """公开表：收支、余额、债权债务、合同、资源资产、分配、审计整改，已脱敏，并与账面核对。Sheets for the notice board."""
    from ...reports.publication import period_of
    from ...reports.publication_files import publish
    from ...reports.results import open_results
    from .organisations import codes_named

    results = open_results(out, county)
    told_of = dict(results.run.parameters)
    chosen = period_of(period, results.run.fiscal_year, told_of.get("disclosure_every", "quarter"), results.run.as_of)
    done = publish(
        results, chosen, posted_on=date_of(on, lang) or results.run.as_of, issues=_issues(results, register, county), language=lang,
        chosen=codes_named(results, named, lang), with_drafts=draft, printer=_printer() if pdf else None,
    )  # fmt: skip
    typer.echo(json.dumps(_json(done), ensure_ascii=False, indent=2) if as_json else _text(done, lang))
    if any(sheet.state != "made" for sheet in done.sheets):
        raise typer.Exit(FOUND)


def _printer() -> Any:
    from ...reports.printed import print_pdf

    return print_pdf


def _issues(results: Results, register: str | None, county: Path | None) -> Any:
    """The issues of the register as they stand on the cut-off date; None where there is no register."""
    from .register import opened

    with opened(results, register, county) as held:
        return None if held is None else held.issues(results.run.as_of)


def _text(done: Publication, lang: str) -> str:
    from ...words.messages import say
    from ..console import aligned, shown

    rows = [[sheet.name, say(f"publication.state.{sheet.state}", lang), "; ".join(sheet.reasons[:2])] for sheet in done.sheets]
    made = sum(s.state == "made" for s in done.sheets)
    head = say("publication.done", lang, period=done.period.told(lang), made=made, all=len(done.sheets))
    return "\n".join((head, *aligned(rows), shown(str(done.index))))


def _json(done: Publication) -> dict[str, Any]:
    sheets = [
        {
            "org_code": s.org_code, "name": s.name, "state": s.state, "reasons": list(s.reasons), "files": list(s.files),
            "published_on": s.published_on and s.published_on.isoformat(), "objections": s.objections, "open_objections": s.open_objections,
        } for s in done.sheets
    ]  # fmt: skip
    return {
        "period": done.period.name, "sheets": sheets, "due": done.standing.due, "published": len(done.standing.published),
        "open_objections": done.standing.open_objections, "final": done.standing.is_final, "index": str(done.index),
    }  # fmt: skip
