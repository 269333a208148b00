"""A cell as evidence for a working paper: the cell, its row and head, and the rows around it, as they stand in the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..catalog.specs import Catalog
from ..words.cells import column_letters
from ..words.errors import AuditlibError, UnreadableFile
from ..words.messages import catalogue, say
from ..words.records import ColumnUse
from .layout import is_blank
from .mapping import load_mappings
from .sheets import RawSheet, fingerprint, read_sheets
from .tables import FoundTable, TableFinder
from .values import raw_text

WIDEST = 40  # columns of an excerpt; those on either side of the cell are kept
TITLES = 12  # lines above the table that are shown


@dataclass(frozen=True, slots=True)
class ExcerptCell:
    """One cell, unchanged; text is cut by nobody here."""

    column: str  # spreadsheet letters
    text: str
    comment: str = ""  # what a comment on it says


@dataclass(frozen=True, slots=True)
class ExcerptRow:
    row: int  # 1-based
    kind: str  # title | header | data | total | opening | group | footer | skipped | aside
    cells: tuple[ExcerptCell, ...]
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class ExcerptColumn:
    column: str
    header: str  # the parts of a merged head joined with '›', '' outside a table
    field: str  # canonical field, '' when it is none or was not understood
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class CellExcerpt:
    """Everything that a page needs to show one cell so that anyone can find it again."""

    file: str  # relative to the workspace
    sha256: str
    sheet: str
    ledger: str  # canonical name, '' where the cell stands in no ledger that is known
    row: int  # 1-based
    column: str
    titles: tuple[str, ...]  # lines above the table
    columns: tuple[ExcerptColumn, ...]
    rows: tuple[ExcerptRow, ...]  # in the order of the sheet, the cell's own among them

    @property
    def cell(self) -> ExcerptCell:
        return next(c for r in self.rows if r.row == self.row for c in r.cells if c.column == self.column)

    @property
    def header(self) -> str:
        return next(c.header for c in self.columns if c.column == self.column)


def cell_excerpt(
    workspace: Path, file: str, sheet: str, row: int, column: str, catalog: Catalog, *, around: int = 2, language: str = "zh"
) -> CellExcerpt:
    """The cell at `row` (1-based) and `column` (letters) with up to `around` rows above and below that lie in its table.

    In: `file` relative to the workspace, `sheet` as it is named ('' for a text file). The sheet is read as the workspace's
    mappings say. Raises AuditlibError when file, sheet, row or column do not exist or the file lies outside the workspace.
    """
    path = _inside(workspace, file, language)
    here = _sheet_of(path, file, sheet, language)
    if not 1 <= row <= len(here.rows):
        raise AuditlibError(say("workbook.excerpt.row", language, file=file, sheet=sheet, row=row, last=len(here.rows)))
    width = max(map(len, here.rows))
    index = next((j for j in range(width) if column_letters(j) == column.strip().upper()), None)
    if index is None:
        raise AuditlibError(say("workbook.excerpt.column", language, file=file, sheet=sheet, column=column))
    found = _table_at(TableFinder(catalog, load_mappings(workspace, catalog)).tables(here, file), row - 1)
    shown = range(max(0, min(index - WIDEST // 2, width - WIDEST)), min(width, max(index + WIDEST // 2, WIDEST)))
    first, last = found.block.span if found else (0, len(here.rows) - 1)
    rows = range(max(first, row - 1 - around), min(last, row - 1 + around) + 1) if first <= row - 1 <= last else range(row - 1, row)
    kinds = _kinds(found)
    hidden = {r for a, b in here.hidden_rows for r in range(max(a, rows[0]), min(b, rows[-1]) + 1)}
    return CellExcerpt(
        file, fingerprint(path), here.name, found.recognition.ledger if found else "", row, column_letters(index),
        _titles(here, found), tuple(_column(here, found, j) for j in shown),
        tuple(ExcerptRow(r + 1, kinds.get(r, "aside"), _cells(here, r, shown), r in hidden) for r in rows),
    )  # fmt: skip


# ---- finding it --------------------------------------------------------------------------------------------


def _inside(workspace: Path, file: str, language: str) -> Path:
    path = workspace / file
    if not path.resolve().is_relative_to(workspace.resolve()):
        raise AuditlibError(say("workbook.excerpt.outside", language, file=file))
    return path


def _sheet_of(path: Path, file: str, sheet: str, language: str) -> RawSheet:
    try:
        sheets = list(read_sheets(path))
    except UnreadableFile as error:
        known = error.code in catalogue()
        raise AuditlibError(say(error.code, language, file=file, sheet=sheet, detail=error.detail) if known else str(error)) from error
    for one in sheets:
        if one.name == sheet:
            return one
    raise AuditlibError(say("mapping.settle.sheet", language, file=file, sheet=sheet, candidates=", ".join(s.name for s in sheets)))


def _table_at(tables: Iterable[FoundTable], row: int) -> FoundTable | None:
    """The table in which the row stands; of tables side by side the one that has data there."""
    around = [t for t in tables if t.block.span[0] <= row <= t.block.span[1]]
    return next((t for t in around if row in t.block.data), around[0] if around else None)


# ---- showing it --------------------------------------------------------------------------------------------


def _kinds(found: FoundTable | None) -> dict[int, str]:
    if found is None:
        return {}
    b = found.block
    groups = {"title": b.preamble, "header": b.header_rows, "data": b.data, "total": [r for r, _ in b.totals], "opening": found.openings,
              "group": b.groups, "footer": b.footers, "skipped": b.skipped}  # fmt: skip
    return {r: kind for kind, rows in groups.items() for r in rows}


def _titles(sheet: RawSheet, found: FoundTable | None) -> tuple[str, ...]:
    rows = found.block.preamble[-TITLES:] if found else ()
    lines = (" ".join(raw_text(c).strip() for c in sheet.rows[r] if not is_blank(c)) for r in rows)
    return tuple(line for line in lines if line)


def _column(sheet: RawSheet, found: FoundTable | None, index: int) -> ExcerptColumn:
    uses: tuple[ColumnUse, ...] = found.recognition.columns if found else ()
    moved = {column for _, column in found.sheet.origins} if found else set()  # what was read there stands elsewhere
    use = next((u for u in uses if u.index == index and index not in moved), None)
    is_hidden = any(a <= index <= b for a, b in sheet.hidden_columns)
    return ExcerptColumn(column_letters(index), use.header if use else "", (use.field if use else "") or "", is_hidden)


def _cells(sheet: RawSheet, r: int, columns: range) -> tuple[ExcerptCell, ...]:
    row = sheet.rows[r]
    return tuple(ExcerptCell(column_letters(j), raw_text(row[j]) if j < len(row) else "", sheet.comments.get((r, j), "")) for j in columns)
