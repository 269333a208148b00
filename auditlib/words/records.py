"""The frozen records that cross borders between the parts of auditlib.

A record is made once, by the part that owns it, and never changed; whatever must be shown is rendered
late, from these.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """What one column of a sheet was taken for."""

    index: int  # 0-based position in the sheet
    header: str  # header text as found, the parts of a merged head joined with '›'
    field: str | None  # canonical field, None when the column was not understood
    confidence: float = 1.0  # 0..1
    candidates: tuple[str, ...] = ()  # other fields it could be, best first
    unit: str = ""  # 元, 万元, 亩 ... as found; '' when nothing was said


@dataclass(frozen=True, slots=True)
class Source:
    """One table of one file, as it was read."""

    source_id: int
    file: str  # relative to the workspace, '/' as separator
    sha256: str
    sheet: str  # '' for a text file
    ledger: str  # canonical name, '' when the sheet is no ledger that is known
    confidence: float
    org_code: str  # organisation of the sheet as a whole, '' when unknown
    header_rows: tuple[int, ...]  # 1-based
    first_row: int
    last_row: int
    rows_read: int
    rows_total: int
    rows_quarantined: int
    columns: tuple[ColumnUse, ...]
    notes: tuple[str, ...] = ()

    @property
    def unmapped_columns(self) -> tuple[str, ...]:
        return tuple(c.header for c in self.columns if c.field is None and c.header)

    def column_of(self, name: str) -> int | None:
        """0-based position of the column read as field `name`, or None."""
        return next((c.index for c in self.columns if c.field == name), None)


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file or sheet that could not be used, and what to do about it."""

    file: str
    sheet: str
    code: str  # key of the message catalogue, e.g. 'file.encrypted'
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row of a typed ledger that shows a case."""

    ledger: str
    row_id: int
    fields: tuple[str, ...] = ()  # the fields that matter, first the one that is wrong


@dataclass(frozen=True, slots=True)
class Case:
    """One breach of one rule, as a check found it; `findings.settle` makes a Finding of it."""

    rule: str
    org_code: str
    ledger: str
    key: tuple[str, ...]  # natural key: identity of the case, stable over runs
    records: tuple[str, ...]  # natural keys of the records involved
    evidence: tuple[Evidence, ...] = ()  # first the place to point at
    field: str = ""
    amount: Decimal | None = None  # 元
    expected: str = ""
    actual: str = ""
    period: str = ""
    variant: str = ""  # which wording of the rule card applies, '' for the only one
    org_name: str = ""  # only where the organisation is not in the register


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check went for one organisation. An unrun check must never read as assurance."""

    rule: str
    org_code: str
    ledger: str
    status: str  # 'passed' | 'found' | 'not_applicable' | 'could_not_run'
    population: int = 0  # rows or groups looked at
    exceptions: int = 0
    reason: str = ""  # why it did not apply or did not run


@dataclass(frozen=True, slots=True)
class Match:
    """What a reconciliation paired; an empty side is a one-sided item."""

    reconciliation: str
    org_code: str
    left: str
    right: str
    how: str  # 'key' | 'amount+date' | 'sum of N' | 'unmatched' | ...
    difference: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EvidenceCell:
    """A cell shown as evidence: where it stands and what it says, unchanged."""

    file: str
    sheet: str
    row: int
    column: str  # spreadsheet letters
    header: str
    field: str
    raw: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact of a run, in the columns of findings.csv (contract section 4)."""

    finding_id: str
    rule: str
    severity: str  # red | orange | yellow | blue
    org_code: str
    org_name: str
    ledger: str
    records: tuple[str, ...]
    field: str
    amount: Decimal | None  # 元
    expected: str
    actual: str
    period: str
    source_file: str
    sheet: str
    row: int | None  # 1-based
    column: str  # spreadsheet letters
    message_zh: str
    message_en: str
    basis: str
    owner: str  # 行业监管 | 属地管理 | 村级自治
    cells: tuple[EvidenceCell, ...] = field(default=(), compare=False)  # for reports, not in the files


COLUMNS = (
    "finding_id", "rule", "severity", "org_code", "org_name", "ledger", "records", "field", "amount", "expected",
    "actual", "period", "source_file", "sheet", "row", "column", "message_zh", "message_en", "basis", "owner",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Organisation:
    """A line of the county's register of organisations."""

    org_code: str
    name: str
    level: str  # county | township | village | group
    parent_code: str = ""
    head: str = ""
    accountant: str = ""
    cashier: str = ""
    member_count: int | None = None
    households: int | None = None


@dataclass(frozen=True, slots=True)
class AuditRun:
    """All that one audit of one workspace produced."""

    county: str
    workspace: str
    fiscal_year: int
    as_of: dt.date
    language: str
    organisations: tuple[Organisation, ...]
    sources: tuple[Source, ...]
    problems: tuple[FileProblem, ...]
    findings: tuple[Finding, ...]
    checks: tuple[CheckResult, ...]
    matches: tuple[Match, ...]
    parameters: tuple[tuple[str, str], ...]
    errors: tuple[str, ...] = ()  # our own failures: a rule that could not run, two runners that disagree
