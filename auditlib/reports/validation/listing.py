"""For people at a terminal, and for programs: plain lines, one JSON document, or a JSON line a finding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...checks.alone import FileCheck
from ...words.records import Source
from ..tables import finding_row
from .remarks import Remark, Validation, about_the_call, basis_lines, not_checked, totals


def printable(text: str) -> str:
    """Text without control characters, which could move the cursor or forge a line."""
    return "".join(c if c.isprintable() else "�" for c in text)


def as_text(value: Validation) -> str:
    """Lines by file: what it holds, what is wrong and where, what was not checked; last the totals."""
    lines: list[str] = []
    for check in value.files:
        lines += [*_of_file(value, check), ""]
    lines += [*(r.message for r in value.remarks if r.file not in {f.file for f in value.files}), *about_the_call(value), totals(value)]
    return "".join(f"{printable(line)}\n" for line in lines)


def _of_file(value: Validation, check: FileCheck) -> Iterator[str]:
    yield check.file
    for source in check.sources:
        if source.ledger:
            label = value.catalog.ledgers[source.ledger].label(value.language)
            yield "  " + value.say("validate.holds", sheet=source.sheet or "—", ledger=label, rows=source.rows_read)
    yield from (f"  {line}" for line in basis_lines(value, check))
    yield from (f"  {_line(value, r)}" for r in value.remarks if r.file == check.file)
    yield from (f"  · {line}" for line in not_checked(value, check))


def _line(value: Validation, remark: Remark) -> str:
    mark = value.say(f"severity.{remark.severity}")
    if remark.is_accepted and remark.accepted:
        mark = value.say("validate.accepted", by=remark.accepted.accepted_by, until=remark.accepted.until)
    where = " › ".join(p for p in (remark.sheet, remark.cell) if p)
    return f"[{mark}] {remark.code} {where}  {remark.message}  ({remark.remark_id})"


def as_json_lines(value: Validation) -> str:
    """One finding a line, in the columns of findings.jsonl, long numbers masked. File problems stand in the other formats."""
    return "".join(json.dumps(finding_row(f), ensure_ascii=False) + "\n" for f in value.findings)


def as_json(value: Validation) -> str:
    """One document: findings as in findings.jsonl, then files, problems, acceptances and what was not checked."""
    document = {
        "status": value.status, "fail_on": value.fail_on, "findings": [finding_row(f) for f in value.findings],
        "files": [_file(value, c) for c in value.files],
        "problems": [_problem(r) for r in value.remarks if "." in r.code],
        "accepted": [_accepted(r) for r in value.remarks if r.accepted],
        "accepted_without_finding": [a.finding_id for a in value.unmatched],
        "passed_over": list(value.passed_over), "errors": list(value.errors),
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _file(value: Validation, check: FileCheck) -> dict[str, Any]:
    return {
        "file": check.file,
        "sha256": check.sha256,
        "readable": check.is_readable,
        "ledgers": [_holding(s) for s in check.sources if s.ledger],
        "fiscal_year": check.fiscal_year,
        "fiscal_year_from": check.year_from,
        "as_of": check.as_of.isoformat(),
        "as_of_from": check.as_of_from,
        "rules_run": sorted({c.rule for c in check.checks if c.status in ("passed", "found")}),
        "not_checked": not_checked(value, check),
    }


def _holding(source: Source) -> dict[str, Any]:
    return {"sheet": source.sheet, "ledger": source.ledger, "rows": source.rows_read, "confidence": source.confidence}


def _problem(remark: Remark) -> dict[str, str]:
    shown = {"id": remark.remark_id, "code": remark.code, "severity": remark.severity}
    return shown | {"file": remark.file, "sheet": remark.sheet, "message": remark.message}


def _accepted(remark: Remark) -> dict[str, Any]:
    assert remark.accepted is not None
    told = remark.accepted
    return {
        "finding_id": remark.remark_id, "accepted_by": told.accepted_by, "reason": told.reason, "until": told.until.isoformat(),
        "expired": remark.is_expired,
    }  # fmt: skip
