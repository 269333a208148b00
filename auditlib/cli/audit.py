"""`auditlib audit`: the main job on the command line."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from ..audit import Audit, problem_text, run_audit
from ..issues.places import place_of
from ..reports.coverage import keepers, unchecked
from ..words.errors import AuditlibError
from ..words.messages import say
from .console import FOUND, Bar, check_language, date_of, printable, refuse
from .packs import named_here, pack_json, pack_line

SEVERITIES = ("red", "orange", "yellow", "blue")


def audit(
    workspace: Annotated[Path, typer.Argument(help="县文件夹 / the county's folder")],
    out: Annotated[Path, typer.Option("--out", help="输出文件夹 / output folder")],
    register: Annotated[
        str | None, typer.Option("--register", help="问题台账：文件或数据库地址 / register: a file or SQLAlchemy URL")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="截止日 2026-01-31 / cut-off date")] = None,
    engine: Annotated[str, typer.Option("--engine", help="duckdb | spark")] = "duckdb",
    pack: Annotated[
        list[str] | None, typer.Option("--pack", help="规则包：文件夹或名称，可多个 / county pack: folder or name; repeatable")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: Annotated[
        str | None, typer.Option("--lang", help="zh | en；默认同 audit.toml / default: as audit.toml says", callback=check_language)
    ] = None,
) -> None:
    """审计一个县：读台账、查规则、对账、登记问题、出报告。/ Audit a county: exit 0 nothing found, 1 findings, 2 wrong call."""
    language = lang or "zh"
    when = date_of(as_of, language)
    try:
        done = run_audit(
            workspace, out, today=dt.date.today(), at=dt.datetime.now(dt.UTC), register=register, as_of=when, engine=engine,
            progress=Bar(language), packs=[named_here(p) for p in pack or ()], language=lang,
        )  # fmt: skip
    except AuditlibError as error:
        refuse(str(error), language)
    if as_json:
        typer.echo(json.dumps(_document(done), ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(summary(done, lang or done.run.language)))
    raise typer.Exit(FOUND if done.run.findings else 0)


def _document(done: Audit) -> dict[str, Any]:
    """Counts by rule and severity (contract section 5)."""
    run = done.run
    return {
        "county": run.county, "fiscal_year": run.fiscal_year, "as_of": run.as_of.isoformat(), "findings": len(run.findings),
        "by_rule": dict(sorted(Counter(f.rule for f in run.findings).items())),
        "by_severity": {s: n for s in SEVERITIES if (n := sum(f.severity == s for f in run.findings))},
        "amount": str(_amount(done, "F")), "difference": str(_amount(done, "D")), "sheets": sum(bool(s.ledger) for s in run.sources),
        "rows": sum(s.rows_read for s in run.sources),
        "problems": [{"file": p.file, "sheet": p.sheet, "code": p.code, "message": problem_text(p, run.language)} for p in run.problems],
        "errors": list(run.errors), "not_applicable": sum(c.status == "not_applicable" for c in run.checks),
        "could_not_run": sum(c.status == "could_not_run" for c in run.checks), "register": done.outcome.counts, "report": str(done.index),
        "lost_head": done.lost_head, "packs": [pack_json(p) for p in run.packs],
    }  # fmt: skip


def _amount(done: Audit, kind: str) -> Decimal:
    """Money of the F rules (involved) or of the D rules (books that do not agree): two things, never added."""
    return sum((abs(f.amount) for f in done.run.findings if f.amount is not None and f.rule.startswith(kind)), Decimal(0))


def summary(done: Audit, language: str) -> list[str]:
    """What an auditor wants to know first, line by line."""
    run = done.run
    read = [s for s in run.sources if s.ledger]
    packs = [pack_line(p, language) for p in run.packs]
    lines = [
        say("audit.summary.county", language, county=printable(run.county), year=run.fiscal_year, as_of=run.as_of),
        say(
            "audit.summary.read", language, files=len({s.file for s in run.sources}), sheets=len(read),
            rows=sum(s.rows_read for s in read), organisations=len(keepers(run)),
        ),
    ]  # fmt: skip
    lines += [say("audit.summary.packs", language, packs="；".join(packs))] if packs else []
    if run.findings:
        counts = Counter(f.severity for f in run.findings)
        graded = "，".join(f"{say(f'severity.{s}', language)} {counts[s]}" for s in SEVERITIES if counts[s])
        by_rule = " ".join(f"{r}×{n}" for r, n in sorted(Counter(f.rule for f in run.findings).items()))
        money = {"amount": f"{_amount(done, 'F'):,.2f}", "difference": f"{_amount(done, 'D'):,.2f}"}
        lines.append(say("audit.summary.findings", language, n=len(run.findings), by_severity=graded, **money))
        lines.append(say("audit.summary.rules", language, rules=by_rule))
    else:
        lines.append(say("audit.summary.none", language))
    if count := unchecked(run):
        lines.append(say("audit.summary.unchecked", language, n=count))
    lines += _listed("audit.summary.problems", [problem_text(p, language) for p in run.problems], language)
    lines += _listed("audit.summary.errors", list(run.errors), language)
    counts = done.outcome.counts
    lines.append(say("audit.summary.issues", language, **{k: counts.get(k, 0) for k in ("raised", "put_forward", "reopened")}))
    if done.lost_head:
        lines.append(say("audit.summary.lost_head", language, head=printable(done.lost_head), register=place_of(done.register).shown))
    lines.append(say("audit.summary.report", language, path=done.index))
    return lines


def _listed(key: str, texts: list[str], language: str) -> list[str]:
    return [say(key, language, n=len(texts)), *(f"  - {printable(t)}" for t in texts)] if texts else []
