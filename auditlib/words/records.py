"""The frozen records that cross borders between the parts of auditlib.

A record is made once, by the part that owns it, and never changed; whatever must be shown is rendered
late, from these.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass
from dataclasses import field as stored
from decimal import Decimal

from .cells import column_letters


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
class RowSetAside:
    """A row that could not be used: kept, shown, and named in every total that it could change."""

    row: int  # 1-based
    reason: str  # key of the message catalogue, e.g. 'set_aside.no_organisation'
    text: str  # its filled cells, cut at a few hundred characters


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
    set_aside: tuple[RowSetAside, ...] = ()  # the rows of rows_quarantined, in the order of the sheet
    # of values that stand beside a label on a card or around a table: the cell by row and column as read, and the one in which the value
    # stands, '' for none; in rising order
    elsewhere: tuple[tuple[str, str], ...] = ()

    @property
    def unmapped_columns(self) -> tuple[str, ...]:
        return tuple(c.header for c in self.columns if c.field is None and c.header)

    def column_of(self, name: str) -> int | None:
        """0-based position of the column read as field `name`, or None."""
        return next((c.index for c in self.columns if c.field == name), None)

    def standing(self, row: int, column: int) -> tuple[int, str]:
        """Row (1-based) and letters of the cell in which the value stands that was read for `column` (0-based) of the record in `row`;
        the record's row and no letters where it stands in none."""
        name = f"{column_letters(column)}{row}"
        at = bisect_left(self.elsewhere, (name, ""))
        if at == len(self.elsewhere) or self.elsewhere[at][0] != name:
            return row, column_letters(column)
        cell = self.elsewhere[at][1]
        letters = cell.rstrip("0123456789")
        return (int(cell[len(letters) :]), letters) if cell else (row, "")


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
    detail: str = ""  # {detail} of the wording: what else must be known, as it stands in the sheet


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
    left_lines: int | None = None  # lines of either side that it stands for, None: one where the side is not empty
    right_lines: int | None = None
    group: str = ""  # lines of one group could be exchanged: whichever way they are paired says the same; '' for none

    @property
    def lines(self) -> tuple[int, int]:
        """How many lines of the left and of the right side this accounts for."""
        left, right = self.left_lines, self.right_lines
        return (int(bool(self.left)) if left is None else left), (int(bool(self.right)) if right is None else right)

    @property
    def state(self) -> str:
        """'ambiguous' | 'matched' | 'differing' | 'left_only' | 'right_only'; a match is in exactly one of them."""
        if self.how == "duplicate" or self.how.endswith(("(tie)", "(choice)")):
            return "ambiguous"
        if self.how == "reversed":  # two lines of one side that cancel each other
            return "matched"
        if not self.left or not self.right:
            return "right_only" if self.right else "left_only"
        return "differing" if self.difference else "matched"


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A line of the books that the bank does not have yet, or of the bank that the books do not have (未达账项)."""

    side: str  # 'book' | 'bank': where it stands
    on: dt.date
    name: str  # voucher, or line of the statement
    text: str  # what it says
    amount: Decimal  # 元; money that came in is positive
    days: int  # its age at the end of the month
    cleared_on: dt.date | None  # when the other side had it, None: not in these books
    stopped_by: str = ""  # what stopped a match, as matching.why_not says it; '' where the other side had it later
    nearest: str = ""  # the line that came nearest
    off: int = 0  # how far: days, or fen
    note: str = ""  # what a person said of it, with who and when


@dataclass(frozen=True, slots=True)
class BankReconciliation:
    """银行存款余额调节表 of one account at the end of one month; amounts in 元, None where the ledgers do not tell."""

    org_code: str
    account_no: str
    ends_on: dt.date
    bank_balance: Decimal | None
    book_balance: Decimal | None
    book_in: Decimal  # 企业已收、银行未收
    book_out: Decimal  # 企业已付、银行未付
    bank_in: Decimal  # 银行已收、企业未收
    bank_out: Decimal  # 银行已付、企业未付
    brought_forward: Decimal | None  # what the balances differed by before the first line of the year; its items are not in these books
    items: tuple[OpenItem, ...]

    @property
    def adjusted_bank(self) -> Decimal | None:
        """Balance of the statement with what only the books have."""
        return None if self.bank_balance is None else self.bank_balance + self.book_in - self.book_out

    @property
    def adjusted_book(self) -> Decimal | None:
        """Balance of the books with what only the bank has."""
        return None if self.book_balance is None else self.book_balance + self.bank_in - self.bank_out

    @property
    def difference(self) -> Decimal | None:
        """What neither the open items nor what was brought forward explain; None where a balance is not known."""
        if self.adjusted_bank is None or self.adjusted_book is None or self.brought_forward is None:
            return None
        return self.adjusted_bank - self.adjusted_book - self.brought_forward


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
    cells: tuple[EvidenceCell, ...] = stored(default=(), compare=False)  # for reports, not in the files


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
class PackUse:
    """A county pack that an audit used: who issued it, for how long it holds, and the hash of what it said."""

    name: str
    version: str
    title_zh: str
    title_en: str
    authority_zh: str
    authority_en: str
    document: str  # number of the paper by which it was issued, '' when not said
    county: str  # '' for any
    valid_from: dt.date
    valid_to: dt.date | None
    checksum: str  # SHA-256, as `sha256sum` over the sorted files gives it
    changes: tuple[tuple[str, str], ...] = ()  # what it sets: ('parameters', 'decision_over = 5000'), ('rules_off', 'F18'), ...


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
    packs: tuple[PackUse, ...] = ()  # county packs that were used, in order
    statements: tuple[BankReconciliation, ...] = ()  # per account and month, in that order
    manifest_id: str = ""  # hash of all that was asked (reports/manifest.py), '' where no manifest was made
