"""`auditlib issues intake`, `requests`, `tree`, `overdue`: matters of other offices, who answers, and who is next."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from ...issues.register import Register
from ...issues.sources import Intake, Received, Taken, help_requests, read_duties, read_matters, source_kinds, take_in
from ...issues.tree import Escalation, Gap, Tree, county_rungs, escalations
from ...words.messages import say
from ..console import aligned, shown
from .bodies import reading
from .call import (
    AsOfOption,
    AsOption,
    AtOption,
    JsonOption,
    KeyOption,
    LangOption,
    Language,
    OutOption,
    PlaceAfter,
    PlaceArgument,
    RegisterOption,
    catalog_of,
    clock,
    day_of,
    issues_app,
    json_text,
    key_of,
    named,
    opened_register,
    time_given,
    told,
    who,
)

DutiesOption = Annotated[
    Path | None, typer.Option("--duties", help="责任人名单（Excel 或 CSV）。A list of who answers for which organisation.")
]


@issues_app.command("intake")
@told
def intake(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="信访、热线、巡察、审计、求助清单（Excel 或 CSV）。A list of matters.")],
    place: PlaceAfter = None,
    source: Annotated[str, typer.Option("--source", help=f"来源：{'、'.join(source_kinds())}。Where the rows come from.")] = "",
    register: RegisterOption = None,
    out: OutOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """把别处的问题清单登记进来，同一来源同一编号只登记一次；有退回的退出码为 1。Enter the matters of a list, each once."""
    county, moment, person = clock(place), time_given(at, lang), who(as_person, lang)
    with opened_register(register, place, out) as opened, reading(file, lang):
        read = read_matters(
            file, source=source, organisations=opened.organisations(), issues=opened.issues(county.day_of(moment)), clock=county, at=moment
        )
        taken = take_in(opened, read, by=person, at=moment, signer=key_of(key, lang))
    typer.echo(json_text(_intake_json(read, taken, lang)) if as_json else _intake_text(file, read, taken, lang))
    raise typer.Exit(1 if taken.refused else 0)


def _row_json(one: Received) -> dict[str, object]:
    matter = one.matter
    return {"sheet": one.sheet, "row": one.row, "source": matter.source, "number": matter.source_no, "org_code": matter.org_code}


def _intake_json(read: Intake, taken: Taken, lang: Language) -> dict[str, object]:
    return {
        "raised": list(taken.raised), "known": [_row_json(one) for one in read.known],
        "differing": [{**_row_json(one), "issue_id": issue_id} for one, issue_id in read.differing],
        "refused": [{"sheet": r.sheet, "row": r.row, "column": r.column, "reason": r.told(lang)} for r in taken.refused],
        "sheets_without_head": list(read.sheets_without_head), "columns_left": list(read.columns_left),
    }  # fmt: skip


def _intake_text(file: Path, read: Intake, taken: Taken, lang: Language) -> str:
    lines = [shown(refused.told(lang)) for refused in taken.refused]
    lines += [
        say("issues.sources.differing", lang, row=one.row, number=shown(one.matter.source_no), issue_id=issue_id or "-")
        for one, issue_id in read.differing
    ]
    if read.columns_left:
        lines.append(say("issues.sources.columns_left", lang, columns="、".join(map(shown, read.columns_left))))
    if read.sheets_without_head:
        lines.append(say("issues.sources.sheets_left", lang, sheets="、".join(map(shown, read.sheets_without_head))))
    counts = {"raised": len(taken.raised), "known": len(read.known), "refused": len(taken.refused)}
    return "\n".join((*lines, say("issues.sources.summary", lang, file=file.name, **counts)))


@issues_app.command("requests")
@told
def requests(
    place: PlaceArgument = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """村级求助：谁提的、谁接的、花了多少、哪天办完；没人接的排在前面。Requests for help, those without a taker first."""
    with opened_register(register, place, out) as opened:
        rows = help_requests(opened.issues(day_of(as_of, lang)), opened.events())
    if as_json:
        typer.echo(json_text({"requests": [{**dataclasses.asdict(row), "is_waiting": row.is_waiting} for row in rows]}))
        return
    head = [say(f"issues.request.{name}", lang) for name in ("issue", "org", "asked_by", "asked_on", "taker", "cost", "done_on", "title")]
    cells = [
        [r.issue_id, r.org_name or r.org_code, r.asked_by, r.asked_on.isoformat(), r.taker or say("issues.request.waiting", lang),
         f"{r.cost:,.2f}" if r.cost else "", r.done_on.isoformat() if r.done_on else "", r.title]
        for r in rows
    ]  # fmt: skip
    waiting = sum(row.is_waiting for row in rows)
    typer.echo("\n".join((*aligned([head, *cells]), say("issues.request.summary", lang, count=len(rows), waiting=waiting))))


@issues_app.command("tree")
@told
def tree(
    place: PlaceArgument = None,
    duties: DutiesOption = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """检查责任树：有没有无人负责、两人牵头、上级不明的单位；有则退出码为 1。Who answers for what: gaps and doubles."""
    found, refused, count = _tree(place, duties, register, out, lang)
    gaps = found.gaps()
    if as_json:
        typer.echo(json_text({"organisations": count, "gaps": [dataclasses.asdict(gap) for gap in gaps], "refused": refused}))
    else:
        lines = [*refused, *(_gap(gap, lang) for gap in gaps), say("tree.summary", lang, count=count, gaps=len(gaps))]
        typer.echo("\n".join(map(shown, lines)))
    raise typer.Exit(1 if gaps or refused else 0)


def _gap(gap: Gap, lang: Language) -> str:
    line = say(f"issues.line.{gap.line}", lang) if gap.line else ""
    return say(f"tree.gap.{gap.code}", lang, name=gap.name or gap.org_code, org_code=gap.org_code, line=line, people="、".join(gap.people))


def _tree(place: Path | None, duties: Path | None, register: str | None, out: Path | None, lang: Language) -> tuple[Tree, list[str], int]:
    with Register.open_existing(named(register, place, out)) as opened:
        organisations = opened.organisations()
    told_duties = None
    if duties is not None:
        with reading(duties, lang):
            told_duties = read_duties(duties, organisations, clock(place), catalog_of(place))
    refused = [refusal.told(lang) for refusal in told_duties.refused] if told_duties else []
    return Tree(organisations, told_duties.duties if told_duties else ()), refused, len(organisations)


@issues_app.command("overdue")
@told
def overdue(
    place: PlaceArgument = None,
    duties: DutiesOption = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """逾期升级督办：每件逾期问题现在该谁管、下一步到谁；有逾期或名单有退回的退出码为 1。Overdue issues and before whom they stand now."""
    found, refused, _ = _tree(place, duties, register, out, lang)
    with opened_register(register, place, out) as opened:
        issues = opened.issues(day_of(as_of, lang))
    rows = escalations(issues, found, county_rungs(catalog_of(place)))
    names = {issue.issue_id: issue.org_name or issue.org_code for issue in issues}
    if as_json:
        typer.echo(json_text({"overdue": [dataclasses.asdict(row) for row in rows], "refused": refused}))
    else:
        head = [say(f"tree.column.{name}", lang) for name in ("issue", "org", "days", "line", "unit", "person", "next")]
        cells = [[row.issue_id, names[row.issue_id], *_stands(row, lang)] for row in rows]
        typer.echo("\n".join((*map(shown, refused), *aligned([head, *cells]), say("tree.overdue", lang, count=len(rows)))))
    raise typer.Exit(1 if rows or refused else 0)


def _stands(row: Escalation, lang: Language) -> list[str]:
    line = say(f"issues.line.{row.next_line}", lang) if row.next_line else ""
    after = say("tree.next", lang, days=row.next_in, line=line) if row.next_in is not None else ""
    nobody, found = say("issues.none", lang), row.answerable
    return [str(row.overdue_days), say(f"issues.line.{found.line}", lang), found.unit or nobody, found.person or nobody, after]
