"""An audit as pandas DataFrames: titles and words in the reader's language, amounts exact in 元.

A DataFrame's own display escapes its text; Styler does not, so use `show` or the plain DataFrame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..audit import Audit, problem_text
from ..reports.blocks import owner_name, reason_of
from ..reports.coverage import delivered, keeps_ledgers, missing
from ..reports.figures import figures_of
from ..reports.reconciled import how_name, title_of
from ..reports.view import SEVERITIES, CountyView, reading_order, view_of
from ..words.messages import say
from ..words.records import CheckResult, Finding

if TYPE_CHECKING:
    import pandas as pd

STATUSES = ("could_not_run", "found", "not_applicable", "passed")  # what needs looking at first
_WHOLE = frozenset((  # columns of whole numbers
    "row", "rows_read", "rows_total", "rows_quarantined", "population", "exceptions", "count", "ledgers", "scan", "gx",
    *SEVERITIES,
))  # fmt: skip


def view_for(audit: Audit, language: str) -> CountyView:
    """The audit laid out for reading, as the reports have it."""
    return view_of(audit.run, audit.catalog, audit.issues, language)


def framed_columns(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], language: str) -> pd.DataFrame:
    """Columns by their names in the catalogue; whole numbers may be missing, amounts stay Decimal."""
    import pandas as pd

    lines = [[row[c] for c in columns] for row in rows]
    frame = pd.DataFrame(lines, columns=list(columns), dtype=object)
    for name in columns:
        if name in _WHOLE:
            frame[name] = frame[name].astype("Int64")
    return frame.rename(columns={c: _title(c, language) for c in columns})


def _title(column: str, language: str) -> str:
    area = "severity" if column in SEVERITIES else "workbook.column"
    return say(f"{area}.{column}", language)


def findings(audit: Audit, language: str = "zh") -> pd.DataFrame:
    """All findings, worst first; one row a finding."""
    columns = (
        "severity", "rule", "rule_name", "org_name", "message", "amount", "records", "ledger", "field", "expected", "actual",
        "period", "source_file", "sheet", "row", "column", "basis", "owner", "org_code", "finding_id",
    )  # fmt: skip
    view = view_for(audit, language)
    return framed_columns(columns, [_finding(view, f) for f in sorted(audit.run.findings, key=reading_order)], language)


def _finding(view: CountyView, f: Finding) -> dict[str, Any]:
    told = {name: getattr(f, name) for name in Finding.__slots__}
    return told | {
        "severity": view.term(f"severity.{f.severity}", f.severity), "rule_name": view.rule_name(f.rule),
        "message": view.message(f), "org_name": f.org_name or view.name(f.org_code), "records": view.t("list").join(f.records),
        "ledger": view.ledger(f.ledger), "field": view.field(f.ledger, f.field), "owner": owner_name(view, f.owner),
    }  # fmt: skip


def sources(audit: Audit, language: str = "zh") -> pd.DataFrame:
    """What was read: one row a table of a file, tables that no ledger could be made of last."""
    columns = (
        "file", "sheet", "ledger", "org_name", "rows_read", "rows_total", "rows_quarantined", "unmapped", "confidence", "notes",
        "sha256",
    )  # fmt: skip
    view = view_for(audit, language)
    ordered = sorted(audit.run.sources, key=lambda s: (not s.ledger, s.file, s.source_id))
    rows = [
        {
            "file": s.file, "sheet": s.sheet, "ledger": view.ledger(s.ledger) if s.ledger else view.t("unrecognised"),
            "org_name": view.name(s.org_code) if s.org_code else view.t("shared_file"), "rows_read": s.rows_read,
            "rows_total": s.rows_total, "rows_quarantined": s.rows_quarantined,
            "unmapped": view.t("list").join(s.unmapped_columns), "confidence": f"{s.confidence:.0%}",
            "notes": view.t("list").join(s.notes), "sha256": s.sha256,
        }
        for s in ordered
    ]  # fmt: skip
    return framed_columns(columns, rows, language)


def problems(audit: Audit, language: str = "zh") -> pd.DataFrame:
    """Files and sheets that could not be used, and what to do about each."""
    rows = [
        {"file": p.file, "sheet": p.sheet, "problem": problem_text(p, language)}
        for p in sorted(audit.run.problems, key=lambda p: (p.file, p.sheet, p.code))
    ]
    return framed_columns(("file", "sheet", "problem"), rows, language)


def checks(audit: Audit, status: str | None = None, language: str = "zh") -> pd.DataFrame:
    """How every check went: all of them, or those of one status ('passed', 'found', 'not_applicable', 'could_not_run').

    Raises ValueError for another status.
    """
    if status is not None and status not in STATUSES:
        raise ValueError(f"status = {status!r}: one of {', '.join(STATUSES)}")
    view = view_for(audit, language)
    wanted = [c for c in audit.run.checks if status in (None, c.status)]
    columns = ("status", "rule", "rule_name", "org_name", "ledger", "population", "exceptions", "reason")
    ordered = sorted(wanted, key=lambda c: (STATUSES.index(c.status), c.rule, c.org_code, c.ledger))
    return framed_columns(columns, [_check(view, c) for c in ordered], language)


def _check(view: CountyView, c: CheckResult) -> dict[str, Any]:
    is_reasoned = c.reason or c.status in ("not_applicable", "could_not_run")
    return {
        "status": view.term(f"status.{c.status}", c.status), "rule": c.rule, "rule_name": view.rule_name(c.rule),
        "org_name": view.name(c.org_code), "ledger": view.ledger(c.ledger) if c.ledger else "", "population": c.population,
        "exceptions": c.exceptions, "reason": reason_of(view, c) if is_reasoned else "",
    }  # fmt: skip


def missing_ledgers(audit: Audit, language: str = "zh") -> pd.DataFrame:
    """What arrived and what did not: one row an organisation that keeps ledgers, those that lack most first."""
    view = view_for(audit, language)
    codes = [code for code in view.organisations if keeps_ledgers(view, code)]
    rows = [
        {
            "org_name": view.name(c), "org_code": c, "ledgers": len(delivered(view, c)),
            "missing": view.t("list").join(map(view.ledger, missing(view, c))),
        }
        for c in sorted(codes, key=lambda c: (-len(missing(view, c)), c))
    ]  # fmt: skip
    return framed_columns(("org_name", "org_code", "ledgers", "missing"), rows, language)


def check_counts(audit: Audit, language: str = "zh") -> pd.DataFrame:
    """One row a status: how many checks went that way, over how many rules. Every status stands, also with 0."""
    rows = []
    for status in STATUSES:
        went = [c for c in audit.run.checks if c.status == status]
        rules = ("、" if language == "zh" else ", ").join(sorted({c.rule for c in went}))
        rows.append({"status": say(f"status.{status}", language), "count": len(went), "rules": rules})
    return framed_columns(("status", "count", "rules"), rows, language)


def matches(audit: Audit, language: str = "zh") -> pd.DataFrame:
    """What the reconciliations paired; what stayed open stands first."""
    view = view_for(audit, language)
    ordered = sorted(audit.run.matches, key=lambda m: (m.reconciliation, m.state == "matched", m.org_code, m.left, m.right))
    rows = [
        {
            "reconciliation": title_of(view, m.reconciliation), "org_name": view.name(m.org_code), "left": m.left,
            "right": m.right, "how": how_name(view, m.how), "difference": m.difference,
        }
        for m in ordered
    ]  # fmt: skip
    return framed_columns(("reconciliation", "org_name", "left", "right", "how", "difference"), rows, language)


def organisations(audit: Audit, language: str = "zh") -> pd.DataFrame:
    """Every organisation with its findings by severity, its money and the ledgers that were seen; the worst first."""
    view = view_for(audit, language)
    by_code = {code: figures_of(view.findings.get(code, ())) for code in view.organisations}
    ordered = sorted(by_code, key=lambda c: (*(-by_code[c].by_severity[s] for s in SEVERITIES), -by_code[c].involved, c))
    rows = [_organisation(view, code, by_code[code]) for code in ordered]
    columns = ("org_name", "org_code", "level", *SEVERITIES, "count", "involved", "ledgers")
    return framed_columns(columns, rows, language)


def _organisation(view: CountyView, code: str, figures: Any) -> dict[str, Any]:
    return {
        "org_name": view.name(code), "org_code": code, "level": view.term(f"level.{view.organisations[code].level}", "—"),
        **figures.by_severity, "count": figures.total, "involved": figures.involved, "ledgers": len(delivered(view, code)),
    }  # fmt: skip
