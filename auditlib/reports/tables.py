"""findings.csv, findings.jsonl, sources.csv and matches.csv (contract section 4)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from ..words.records import COLUMNS, AuditRun, Finding, Match, Source
from .output import write_output

SOURCE_COLUMNS = (
    "file", "sha256", "sheet", "ledger", "org_code", "header_row", "rows_read", "rows_total", "rows_quarantined",
    "unmapped_columns", "confidence",
)  # fmt: skip
MATCH_COLUMNS = ("reconciliation", "left", "right", "how", "difference", "org_code")
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?\Z", re.ASCII)
_BOM = "\ufeff"


def defused(text: str) -> str:
    """`text` with a leading apostrophe where a spreadsheet would run it as a formula; a plain number stays a number."""
    return f"'{text}" if text.startswith(_STARTS) and not _NUMBER.match(text) else text


def plain(amount: Decimal | None) -> str:
    """An amount in yuan as digits and a point, without exponent or grouping; '' for none."""
    return "" if amount is None else format(amount, "f")


def finding_row(finding: Finding) -> dict[str, str]:
    """A finding as it stands in findings.csv and findings.jsonl: every column of the contract, every value a text."""
    texts = {name: getattr(finding, name) for name in COLUMNS}
    texts |= {
        "records": ";".join(finding.records), "amount": plain(finding.amount),
        "row": "" if finding.row is None else str(finding.row),
    }  # fmt: skip
    return {name: text if name == "amount" else defused(text) for name, text in texts.items()}


def _order(finding: Finding) -> tuple[str, str, str, str, int, str]:
    return finding.org_code, finding.rule, finding.source_file, finding.sheet, finding.row or 0, finding.finding_id


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV file that opens in Excel, with its head."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return _BOM + text.getvalue()


def write_findings(run: AuditRun, out: Path) -> tuple[Path, Path]:
    """Writes findings.csv (UTF-8 with BOM) and findings.jsonl: the same rows, every value a text, sorted.

    Text that a spreadsheet would take for a formula gets a leading apostrophe, in both; amounts never do.
    Raises OutputError.
    """
    rows = [finding_row(f) for f in sorted(run.findings, key=_order)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    table = csv_text(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
    return write_output(out, "findings.csv", table), write_output(out, "findings.jsonl", lines)


def _source(source: Source) -> list[str]:
    header = str(source.header_rows[0]) if source.header_rows else ""
    counts = [str(n) for n in (source.rows_read, source.rows_total, source.rows_quarantined)]
    texts = (source.file, source.sha256, source.sheet, source.ledger, source.org_code, header, *counts)
    return [*map(defused, texts), defused(";".join(source.unmapped_columns)), f"{source.confidence:.2f}"]


def write_sources(run: AuditRun, out: Path) -> Path:
    """Writes sources.csv: every table found, read or not, with the first row of its head. Raises OutputError."""
    rows = sorted(run.sources, key=lambda s: (s.file, s.source_id))
    return write_output(out, "sources.csv", csv_text(SOURCE_COLUMNS, map(_source, rows)))


def match_row(match: Match) -> list[str]:
    """A match as it stands in matches.csv."""
    texts = [defused(t) for t in (match.reconciliation, match.left, match.right, match.how)]
    return [*texts, plain(match.difference), defused(match.org_code)]


def write_matches(run: AuditRun, out: Path) -> Path:
    """Writes matches.csv: what each reconciliation paired or left alone, in the order of the run. Raises OutputError."""
    return write_output(out, "matches.csv", csv_text(MATCH_COLUMNS, map(match_row, run.matches)))
