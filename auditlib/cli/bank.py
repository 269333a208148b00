"""`auditlib bank COUNTY`: lines of books and bank that only a person can settle; said once, with who and why, and kept for good.

Exit status: 0 nothing waits, 1 lines wait for an answer, 2 a wrong call, or there is no audit to take them from.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..matching.bank_asked import bank_asked, lines_of_side, named_lines
from ..matching.bank_decisions import DIFFERENT, NOTE, SAME, BankDecision, decide, read_bank_decisions
from ..words.errors import AuditlibError
from ..words.messages import say
from ..words.records import AuditRun, Match
from .console import FOUND, LangOption, columns, printable, refuse
from .names import in_language, last_run

_Pair = tuple[str, str] | None
_SHOWN = 200  # lines of the list; the JSON has all


def bank(
    county: Annotated[Path, typer.Argument(help="县文件夹 / the county's folder")],
    out: Annotated[Path | None, typer.Option("--out", help="上次审计的输出文件夹 / output folder of the last audit")] = None,
    same: Annotated[_Pair, typer.Option("--same", metavar="BOOK BANK", help="账上这几笔就是银行这几笔 / these are one")] = None,
    different: Annotated[_Pair, typer.Option("--different", metavar="BOOK BANK", help="不是同一笔 / these are not one")] = None,
    note: Annotated[str, typer.Option("--note", metavar="LINE", help="给这一笔写备注（写在 --why）/ put a note (--why) on a line")] = "",
    by: Annotated[str, typer.Option("--as", envvar="AUDITLIB_AS", help="谁认定的 / who decides")] = "",
    why: Annotated[str, typer.Option("--why", help="依据或备注 / grounds, or the note")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """银行对账里程序不敢定的，由人认定；认定一次，以后每次审计都照办。/ Bank lines: a person says what belongs together.

    Without --same, --different or --note the list is shown. Lines are written as the list shows them, several parted by a
    semicolon. --json: {waiting, lines[]: org_code, book, bank, how, difference; decisions[]: org_code, book[], bank[], answer, by,
    on, why}.
    """
    language = lang
    given = [(answer, lines) for answer, lines in ((SAME, same), (DIFFERENT, different), (NOTE, (note, "") if note else None)) if lines]
    if len(given) > 1:
        refuse(say("bank.one_answer", language), language)
    run = last_run(county, out, language)
    try:
        for answer, lines in given:
            _decide(county, run, answer, lines, by, why, language)
        decisions = read_bank_decisions(county)
    except AuditlibError as error:
        refuse(in_language(str(error), language), language)
    waiting = bank_asked(run.matches)
    if as_json:
        told = {"waiting": len(waiting), "lines": [_document(m) for m in waiting], "decisions": [_decision(d) for d in decisions]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(_lines(waiting, decisions, run, language)))
    raise typer.Exit(FOUND if waiting else 0)


def _decide(county: Path, run: AuditRun, answer: str, sides: tuple[str, str], by: str, why: str, language: str) -> None:
    book, bank_ = (lines_of_side(side) for side in sides)
    found = named_lines(run.matches, (*book, *bank_))
    if found.unknown:
        name, near = found.unknown[0]
        told = "、".join(near) if language == "zh" else ", ".join(near)
        refuse(say("bank.unknown_line", language, line=printable(name), near=printable(told) or "-"), language)
    decision = BankDecision(found.org_code, found.book, found.bank, answer, by.strip(), dt.date.today().isoformat(), why.strip())
    path = decide(county, decision)
    shown = "; ".join((*found.book, *found.bank))
    typer.echo(say("bank.kept", language, lines=printable(shown), answer=say(f"bank.answer.{answer}", language), file=path), err=True)


def _document(m: Match) -> dict[str, Any]:
    difference = None if m.difference is None else float(m.difference)
    return {"org_code": m.org_code, "book": m.left, "bank": m.right, "how": m.how, "difference": difference}


def _decision(d: BankDecision) -> dict[str, Any]:
    return {"org_code": d.org_code, "book": list(d.book), "bank": list(d.bank), "answer": d.answer, "by": d.by, "on": d.on, "why": d.why}


def _lines(waiting: Sequence[Match], decisions: Sequence[BankDecision], run: AuditRun, language: str) -> list[str]:
    of = {o.org_code: o.name for o in run.organisations}
    told: list[str] = []
    if waiting:
        rows = [tuple(say(f"bank.head.{h}", language) for h in ("org", "book", "bank", "state"))]
        shown = ((of.get(m.org_code, m.org_code), m.left or "—", m.right or "—", _state(m, language)) for m in waiting[:_SHOWN])
        rows += [tuple(map(printable, row)) for row in shown]
        told += [*columns(rows), ""]
    if decisions:
        rows = [tuple(say(f"bank.head.{h}", language) for h in ("org", "book", "bank", "answer", "who"))]
        for d in decisions:
            lines = ("; ".join(side) or "—" for side in (d.book, d.bank))
            rows.append(tuple(map(printable, (of.get(d.org_code, d.org_code), *lines, say(f"bank.answer.{d.answer}", language), d.told))))
        told += [*columns(rows), ""]
    return [*told, say("bank.waiting" if waiting else "bank.none", language, n=len(waiting), shown=min(len(waiting), _SHOWN))]


def _state(m: Match, language: str) -> str:
    kind = "tie" if m.how.endswith("(tie)") else {"unmatched": "open", "in transit": "transit"}.get(m.how, "gone")
    return say(f"bank.state.{kind}", language)
