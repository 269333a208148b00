"""What a file holds, any table, ledger or not: the values behind `auditlib read`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..catalog.specs import Catalog
from ..words.errors import UnreadableFile, WorkspaceError
from ..words.messages import say
from .conform import Conformer, Surroundings, table_columns
from .layout import is_blank
from .mapping import NO_MAPPINGS, Mappings, load_mappings, workspace_of
from .owner import Resolver
from .sheets import RawSheet
from .tables import FoundTable, TableFinder


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    header: str
    field: str  # '' when the column is not understood or the table is no ledger
    type: str  # the field's type, else what the cells look like: number | date | text | empty
    sum: Decimal | None  # 元 or 亩 for a field of money or area, as it stands otherwise
    blanks: int
    failed: int  # cells that could not be read as the field's type


@dataclass(frozen=True, slots=True)
class SheetDescription:
    name: str
    ledger: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    header_rows: tuple[int, ...]  # 1-based, as all row numbers here
    first_row: int
    last_row: int
    rows: int
    total_rows: tuple[int, ...]
    footer_rows: tuple[int, ...]
    columns: tuple[ColumnDescription, ...]
    notes: tuple[str, ...]
    is_visible: bool


@dataclass(frozen=True, slots=True)
class FileDescription:
    file: str
    sheets: tuple[SheetDescription, ...]
    notes: tuple[str, ...]
    is_readable: bool = True


_NOBODY = "*"  # a single file has no register of organisations: every row is taken as it stands


def describe_file(path: Path, catalog: Catalog, fiscal_year: int, language: str = "zh") -> FileDescription:
    """All tables of `path`, by the mappings of the county folder it lies in; a file that cannot be read comes out with the
    message that says what to do."""
    mappings, told = _settled(path, catalog)
    finder = TableFinder(catalog, mappings)
    conformer = Conformer(catalog, Resolver((), catalog.words["organisation_names"]))
    described: list[SheetDescription] = []
    try:
        for sheet in finder.sheets(path):
            tables = finder.tables(sheet, path.name)
            described.extend(_describe(sheet, t, path, conformer, fiscal_year, language) for t in tables)
            if not tables:
                note = say("sheet.no_table", language, file=path.name, sheet=sheet.name)
                described.append(SheetDescription(sheet.name, "", 0.0, (), (), 0, 0, 0, (), (), (), (note,), sheet.is_visible))
    except UnreadableFile as error:
        return FileDescription(str(path), tuple(described), (*told, say(error.code, language, file=path.name, detail=error.detail)), False)
    return FileDescription(str(path), tuple(described), told)


def _settled(path: Path, catalog: Catalog) -> tuple[Mappings, tuple[str, ...]]:
    """What a person settled for the county around `path`; a wrong mapping file is a note here, an error in an audit."""
    workspace = workspace_of(path)
    try:
        return (load_mappings(workspace, catalog), ()) if workspace else (NO_MAPPINGS, ())
    except WorkspaceError as error:
        return NO_MAPPINGS, (str(error),)


def _describe(sheet: RawSheet, found: FoundTable, path: Path, conformer: Conformer, year: int, language: str) -> SheetDescription:
    block, recognition = found.block, found.recognition
    cells = table_columns(sheet, block.data, len(block.headers))
    notes: list[str] = [] if sheet.is_visible else [say("note.hidden_sheet", language)]
    notes.extend(say(key, language, **dict(values)) for key, values in found.notes)
    if recognition.ledger:
        columns, more = _typed_columns(found, cells, path, conformer, year, language)
        notes.extend(more)
    else:
        columns = tuple(_plain_column(h, c) for h, c in zip(block.headers, cells, strict=True))
    if block.groups:
        notes.append(say("note.group_rows", language, n=len(block.groups)))
    figures = (*block.data, *(() if recognition.ledger else (r for r, _ in block.totals)))  # a table of figures may open with its total
    first, last = (min(figures), max(figures)) if figures else (block.header_rows[-1],) * 2
    return SheetDescription(
        sheet.name, recognition.ledger, recognition.confidence, tuple((g.ledger, round(g.score, 3)) for g in recognition.candidates),
        tuple(r + 1 for r in block.header_rows), first + 1, last + 1, len(block.data), tuple(r + 1 for r, _ in block.totals),
        tuple(r + 1 for r in block.footers), columns, tuple(notes), sheet.is_visible,
    )  # fmt: skip


def _plain_column(header: str, cells: Sequence[Any]) -> ColumnDescription:
    blanks = sum(map(is_blank, cells))
    filled = [c for c in cells if not is_blank(c)]
    numeric = [c for c in filled if _number(c) is not None and not _is_reference(c)]
    kind = "empty" if not filled else "number" if len(numeric) >= 0.8 * len(filled) else "date" if _dates(filled) else "text"
    total = sum((_number(c) or Decimal(0) for c in filled), Decimal(0)) if kind == "number" else None
    return ColumnDescription(header, "", kind, total, blanks, 0)


def _is_reference(cell: Any) -> bool:
    """Long runs of digits are order and card numbers; adding them up says nothing."""
    return isinstance(cell, str) and len(cell.strip()) >= 12 and cell.strip().isdigit()


def _number(cell: Any) -> Decimal | None:
    from .values import parse_number

    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return Decimal(repr(cell))
    return parse_number(cell, _PLAIN_WORDS)[0] if isinstance(cell, str) else None


_PLAIN_WORDS = {"nil": ("-", "—"), "currency_marks": ("￥", "¥", "CNY", "元")}


def _dates(cells: Sequence[Any]) -> bool:
    from .values import parse_date

    sample = cells[:50]
    return sum(parse_date(c, 2000, {"nil": (), "open_ended": ()})[0] is not None for c in sample) >= 0.8 * len(sample)


def _typed_columns(
    found: FoundTable, cells: Sequence[Sequence[Any]], path: Path, conformer: Conformer, year: int, language: str
) -> tuple[tuple[ColumnDescription, ...], list[str]]:
    from .values import STATUSES

    table = conformer.conform(found.sheet, found.block, found.recognition, Surroundings(path.name, found.sheet.name, _NOBODY, "", year))
    spec = conformer.catalog.ledgers[table.ledger]
    columns = []
    for use, column in zip(found.recognition.columns, cells, strict=True):
        f = spec.fields.get(use.field or "")
        if f is None:
            columns.append(_plain_column(use.header, column))
            continue
        status = [STATUSES[s] for s in table.statuses[f.name].to_pylist()]
        total = _scaled_sum(table.columns[f.name], f.scale) if f.scale and f.type != "ratio" else None
        columns.append(ColumnDescription(use.header, f.name, f.type, total, status.count("blank"), status.count("failed") + status.count("ambiguous")))
    read = {u.field for u in found.recognition.columns}
    for name in ("paid_in", "paid_out", "account_no"):
        if name in spec.fields and name not in read and any(v is not None for v in table.columns[name].to_pylist()):
            f = spec.fields[name]
            columns.append(ColumnDescription("", name, f.type, _scaled_sum(table.columns[name], f.scale) if f.scale else None, table.columns[name].null_count, 0))
    return tuple(columns), [say(key, language, **dict(values)) for key, values in table.notes]


def _scaled_sum(values: Any, scale: int) -> Decimal | None:
    import pyarrow.compute as pc

    total = pc.sum(values).as_py()
    return None if total is None else Decimal(total).scaleb(-scale)
