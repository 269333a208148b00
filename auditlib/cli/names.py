"""`auditlib names COUNTY`: names that are only alike, for a person to say whether they mean the same; said once, kept for good.

Exit status: 0 nothing waits, 1 names wait for an answer, 2 a wrong call, or there is no audit to take them from.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..matching.name_decisions import read_decisions, remember
from ..matching.names_asked import NamesAsked, is_one_name, names_asked
from ..reports.kept_run import kept_run
from ..words.errors import AuditlibError
from ..words.messages import say
from ..words.records import AuditRun
from ..workbook.places import default_out
from .console import FOUND, LangOption, columns, printable, refuse


def names(
    county: Annotated[Path, typer.Argument(help="县文件夹 / the county's folder")],
    out: Annotated[Path | None, typer.Option("--out", help="上次审计的输出文件夹 / output folder of the last audit")] = None,
    same: Annotated[tuple[str, str] | None, typer.Option("--same", metavar="LEFT RIGHT", help="这两个是一家 / these are one")] = None,
    different: Annotated[tuple[str, str] | None, typer.Option("--different", metavar="LEFT RIGHT", help="不是一家 / they are not")] = None,
    by: Annotated[str, typer.Option("--as", envvar="AUDITLIB_AS", help="谁认定的 / who decides")] = "",
    why: Annotated[str, typer.Option("--why", help="依据什么 / on what grounds")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """名称相近、程序不敢认的，由人认定；认定一次，以后每次审计都照办。/ Names that are alike: a person says whether they are one.

    Without --same or --different the list is shown. --json: {waiting, names[]: left, right, state,
    reconciliations, org_codes, by, on, why}.
    """
    language = lang
    if same and different:
        refuse(say("names.one_answer", language), language)
    run = last_run(county, out, language)
    try:
        if pair := same or different:
            _decide(county, pair, run, is_same=bool(same), by=by, why=why, language=language)
        asked = names_asked(run.matches, read_decisions(county))
    except AuditlibError as error:
        refuse(in_language(str(error), language), language)
    waiting = sum(a.answer is None for a in asked)
    if as_json:
        typer.echo(json.dumps({"names": [_document(a) for a in asked], "waiting": waiting}, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(_lines(asked, waiting, run, language)))
    raise typer.Exit(FOUND if waiting else 0)


def last_run(county: Path, out: Path | None, language: str) -> AuditRun:
    """The last audit of the county in `out`, or where its audits go unless told; without one the command ends with status 2."""
    target = out or default_out(county)
    kept = kept_run(target)
    if kept is None or kept.run.workspace != county.resolve().name:
        refuse(say("names.no_audit", language, out=target, county=county), language)
    return kept.run


def in_language(text: str, language: str) -> str:
    """Messages of decisions come in both languages, Chinese first; others in one are left as they are."""
    parts = text.splitlines()
    return parts[0 if language == "zh" else 1] if len(parts) == 2 else text


def _decide(county: Path, pair: tuple[str, str], run: AuditRun, *, is_same: bool, by: str, why: str, language: str) -> None:
    left, right = pair
    if not by.strip():
        refuse(say("names.who", language), language)
    if not why.strip():
        refuse(say("names.why_needed", language), language)
    if is_one_name(left, right):
        refuse(say("names.one_name", language, left=printable(left), right=printable(right)), language)
    met = {frozenset((a.left, a.right)) for a in names_asked(run.matches, read_decisions(county))}
    path = remember(county, left, right, same=is_same, by=by.strip(), on=dt.date.today(), why=why.strip())
    answer = say(f"names.state.{'same' if is_same else 'different'}", language)
    typer.echo(say("names.kept", language, left=printable(left), right=printable(right), answer=answer, file=path), err=True)
    if frozenset(pair) not in met:
        typer.echo(say("names.not_suggested", language), err=True)


def _document(a: NamesAsked) -> dict[str, Any]:
    said = {"by": a.answer.by, "on": a.answer.on, "why": a.answer.why} if a.answer else {"by": "", "on": "", "why": ""}
    places = {"reconciliations": list(a.reconciliations), "org_codes": list(a.org_codes)}
    return {"left": a.left, "right": a.right, "state": a.state, **places, **said}


def _lines(asked: Sequence[NamesAsked], waiting: int, run: AuditRun, language: str) -> list[str]:
    if not asked:
        return [say("names.none", language)]
    of = {o.org_code: o.name for o in run.organisations}
    heads = tuple(say(f"names.head.{h}", language) for h in ("left", "right", "state", "where", "who"))
    rows = [heads]
    for a in asked:
        where = "、".join(of.get(code, code) for code in a.org_codes)
        who = " ".join(part for part in (a.answer.by, a.answer.on, a.answer.why) if part) if a.answer else ""
        rows.append(tuple(map(printable, (a.left, a.right, say(f"names.state.{a.state}", language), where, who))))
    told = say("names.waiting", language, n=waiting) if waiting else say("names.all_answered", language)
    return [*columns(rows), "", told]
