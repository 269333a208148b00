"""`auditlib report leader`, `digest`, `before-after`: the sheets that go to the leader's desk and to the round."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...issues.digest import Period
from ..console import LangOption, date_of, shown, told
from .call import CountyOption, PdfOption, RegisterOption, ResultsArgument, report_app

if TYPE_CHECKING:
    from ...reports.results import Results

OnOption = Annotated[
    str | None, typer.Option("--on", help="期间里的任一天，默认台账最后一天。A day in the period, default the last day of the register.")
]


@report_app.command("leader")
@told
def leader(
    out: ResultsArgument,
    pdf: PdfOption = False,
    register: RegisterOption = None,
    county: CountyOption = None,
    lang: LangOption = "zh",
) -> None:
    """领导一页纸：结论、金额、四色、逾期、最差乡镇、变化、没有查的，一张 A4。The county on one A4 sheet."""
    from ...reports.pages import one_page
    from ...reports.results import open_results
    from ...words.messages import say
    from .register import state_of

    results = open_results(out, county)
    page = one_page("leader.html", results, lang, state_of(results, register, county))
    typer.echo(say("reports.leader.done", lang, page=shown(str(_also_pdf(out, page) if pdf else page))))


@report_app.command("digest")
@told
def digest(
    out: ResultsArgument,
    period: Annotated[Period, typer.Option("--period", help="日、周、月。The length of the period.")] = Period.WEEKLY,
    on: OnOption = None,
    named: Annotated[str | None, typer.Option("--for", help="单位代码或名称，含下级。An organisation with those beneath it.")] = None,
    pdf: PdfOption = False,
    register: RegisterOption = None,
    county: CountyOption = None,
    lang: LangOption = "zh",
) -> None:
    """日报、周报、月报：一份报告，同一个台账。The digest of a day, a week or a month as one report from the register."""
    from ...reports.digest_report import digest_report, write_digest
    from ...reports.results import open_results
    from ...words.errors import RegisterError
    from ...words.messages import say
    from .organisations import codes_named
    from .register import opened

    results = open_results(out, county)
    codes = codes_named(results, [named] if named else None, lang)
    with opened(results, register, county) as held:
        if held is None:
            raise RegisterError(say("digest.report.no_register", lang, folder=out))
        told = digest_report(held, period, on=date_of(on, lang), as_of=results.run.as_of, codes=codes)
    page = write_digest(results, told, lang)
    figures = told.now
    values = {name: getattr(figures, name) for name in ("new", "closed", "open", "overdue")}
    done = _also_pdf(out, page) if pdf else page
    typer.echo(say("digest.report.done", lang, start=figures.start, end=figures.end, page=shown(str(done)), **values))


@report_app.command("before-after")
@told
def before_after(
    old: Annotated[Path, typer.Argument(metavar="OUT_OLD", help="前一次审计的输出文件夹。The output folder of the earlier audit.")],
    new: Annotated[Path, typer.Argument(metavar="OUT_NEW", help="后一次的。That of the later one.")],
    pdf: PdfOption = False,
    county: CountyOption = None,
    lang: LangOption = "zh",
) -> None:
    """盘活清收前后对照：闲置、被占用的资产资源，两次审计之间怎样了。Idle and occupied property between two runs."""
    from ...reports.before_after import before_after_page, compare_runs
    from ...reports.output import write_output
    from ...reports.render import render
    from ...reports.results import open_results
    from ...words.messages import say

    runs: tuple[Results, Results] = (open_results(old, county), open_results(new, county))
    found = compare_runs(*runs)
    page = write_output(new, "before_after.html", render(before_after_page(*runs, found, lang)))
    counts = {name: len(found.of(name)) for name in ("reused", "recovered", "newly")}
    typer.echo(say("before_after.done", lang, page=shown(str(_also_pdf(new, page) if pdf else page)), **counts))


def _also_pdf(out: Path, page: Path) -> Path:
    """The page as PDF beside it, listed with the files of the output folder."""
    import tempfile

    from ...reports.output import write_output
    from ...reports.printed import print_pdf

    with tempfile.TemporaryDirectory(prefix="auditlib-") as scratch:
        content = print_pdf(page, Path(scratch) / "page.pdf").read_bytes()
    return write_output(out, page.with_suffix(".pdf").relative_to(out).as_posix(), content)
