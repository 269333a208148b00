"""What a file holds, any table, ledger or not: the values behind `auditlib read`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..catalog.specs import Catalog
from ..words.cells import column_letters
from ..words.errors import UnreadableFile, WorkspaceError
from ..words.messages import say
from .conform import Conformed, Conformer, Surroundings, read_head, table_columns
from .forms import naming
from .heads import head_spans
from .layout import Block, is_blank
from .mapping import NO_MAPPINGS, Mappings, load_mappings, workspace_of
from .opening_notes import broken_chain
from .owner import Resolver
from .sheet_notes import EVERY_ROW, cell_name, sheet_notes
from .sheets import RawSheet
from .tables import FoundTable, TableFinder


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    """One column, or a field that was folded from others (then without header and place)."""

    header: str
    field: str  # '' when the column is not understood or the table is no ledger
    type: str  # the field's type, else what the cells look like: number | date | text | empty
    sum: Decimal | None  # 元 or 亩 for a field of money or area, as it stands otherwise
    blanks: int
    failed: int  # cells that could not be read as the field's type
    column: str = ""  # spreadsheet letters
    first: str = ""  # letters of the columns that its uppermost header spans, itself where nothing is merged
    last: str = ""
    is_known: bool = False  # a column that is understood and that the ledger takes nothing from: 序号, another column of a form


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
    table: int = 1  # 1-based among the tables of the sheet
    opening_rows: tuple[int, ...] = ()  # of the total rows those that are opening balances
    hidden_rows: tuple[tuple[int, int], ...] = ()  # first and last, 1-based
    hidden_columns: tuple[tuple[str, str], ...] = ()  # first and last, letters
    comments: tuple[tuple[str, str], ...] = ()  # cell, what it says


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
            told_of = [_describe(sheet, t, path, conformer, finder, fiscal_year, language) for t in tables]
            described.extend(replace(one, table=number) for number, one in enumerate(told_of, 1))
            if not tables:
                described.append(_without_table(sheet, path, language))
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


def _without_table(sheet: RawSheet, path: Path, language: str) -> SheetDescription:
    notes = (say("sheet.no_table", language, file=path.name, sheet=sheet.name), *_told(sheet_notes(sheet), language))
    return SheetDescription(sheet.name, "", 0.0, (), (), 0, 0, 0, (), (), (), notes, sheet.is_visible, **_unseen(sheet, EVERY_ROW))


def _told(notes: Iterable[tuple[str, Mapping[str, Any]]], language: str) -> list[str]:
    return [say(key, language, **dict(values)) for key, values in notes]


def _unseen(sheet: RawSheet, rows: tuple[int, int]) -> dict[str, Any]:
    """What the cells of these rows do not show, in the fields of SheetDescription."""
    hidden = [(max(a, rows[0]) + 1, min(b, rows[1]) + 1) for a, b in sheet.hidden_rows if a <= rows[1] and b >= rows[0]]
    columns = [(column_letters(a), column_letters(b)) for a, b in sheet.hidden_columns]
    comments = [(cell_name(c), text) for c, text in sorted(sheet.comments.items()) if rows[0] <= c[0] <= rows[1]]
    return {"hidden_rows": tuple(hidden), "hidden_columns": tuple(columns), "comments": tuple(comments)}


def _describe(
    sheet: RawSheet, found: FoundTable, path: Path, conformer: Conformer, finder: TableFinder, year: int, language: str
) -> SheetDescription:
    block, recognition = found.block, found.recognition
    cells = table_columns(sheet, block.data, len(block.headers))
    notes = _told((*sheet_notes(sheet, block.span), *found.notes), language)
    openings: tuple[int, ...] = ()
    notes.extend(_form_notes(found, finder, language))
    if recognition.ledger:
        table = conformer.conform(found.sheet, found.block, found.recognition, Surroundings(path.name, found.sheet.name, _NOBODY, "", year))
        columns = _typed_columns(found, cells, table, conformer)
        notes.extend(_told((*table.notes, *broken_chain(table, conformer.catalog.words["openings"])), language))
        openings = tuple(o.row + 1 for o in table.openings)
        if openings:
            notes.append(say("note.openings", language, n=len(openings)))
    else:
        columns = tuple(_plain_column(h, c, finder.catalog.words["values"]) for h, c in zip(block.headers, cells, strict=True))
    if block.groups:
        notes.append(say("note.group_rows", language, n=len(block.groups)))
    figures = (*block.data, *(() if recognition.ledger else (r for r, _ in block.totals)))  # a table of figures may open with its total
    first, last = (min(figures), max(figures)) if figures else (block.header_rows[-1],) * 2
    return SheetDescription(
        sheet.name, recognition.ledger, recognition.confidence, tuple((g.ledger, round(g.score, 3)) for g in recognition.candidates),
        tuple(r + 1 for r in block.header_rows), first + 1, last + 1, len(block.data), tuple(r + 1 for r, _ in block.totals),
        tuple(r + 1 for r in block.footers), _placed(columns, block, sheet), tuple(notes), sheet.is_visible, opening_rows=openings,
        **_unseen(sheet, block.span),
    )  # fmt: skip


def _placed(columns: Sequence[ColumnDescription], block: Block, sheet: RawSheet) -> tuple[ColumnDescription, ...]:
    """The columns with their letters; those beyond the head are folded from others and stand nowhere."""
    spans = head_spans(sheet.rows, block.header_rows, sheet.merges)
    placed = [
        replace(c, column=column_letters(i), first=column_letters(a), last=column_letters(b))
        for i, (c, (a, b)) in enumerate(zip(columns, spans, strict=False))
    ]
    return (*placed, *columns[len(placed) :])


def _form_notes(found: FoundTable, finder: TableFinder, language: str) -> list[str]:
    """Which printed form a table is, and what of its own sums does not hold."""
    head = read_head(found.sheet, found.block).texts
    form = (
        finder.forms.read(found.recognition.form, found.sheet, found.block, head, finder.catalog.words) if found.recognition.form else None
    )
    if form is None:
        return []
    named = say(naming(form.form), language, number=form.form.number, name=form.form.label(language))
    return [named, *(say(key, language, **dict(values)) for key, values in form.notes)]


def _plain_column(header: str, cells: Sequence[Any], words: Mapping[str, Any]) -> ColumnDescription:
    blanks = sum(map(is_blank, cells))
    filled = [c for c in cells if not is_blank(c)]
    numeric = [c for c in filled if _number(c, words) is not None and not _is_reference(c)]
    kind = "empty" if not filled else "number" if len(numeric) >= 0.8 * len(filled) else "date" if _dates(filled) else "text"
    total = sum((_number(c, words) or Decimal(0) for c in filled), Decimal(0)) if kind == "number" else None
    return ColumnDescription(header, "", kind, total, blanks, 0)


def _is_reference(cell: Any) -> bool:
    """Long runs of digits are order and card numbers; adding them up says nothing."""
    return isinstance(cell, str) and len(cell.strip()) >= 12 and cell.strip().isdigit()


def _number(cell: Any, words: Mapping[str, Any]) -> Decimal | None:
    from .values import parse_number

    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return Decimal(repr(cell))
    return parse_number(cell, words)[0] if isinstance(cell, str) else None


def _dates(cells: Sequence[Any]) -> bool:
    from .values import parse_date

    sample = cells[:50]
    return sum(parse_date(c, 2000, {"nil": (), "open_ended": ()})[0] is not None for c in sample) >= 0.8 * len(sample)


def _typed_columns(
    found: FoundTable, cells: Sequence[Sequence[Any]], table: Conformed, conformer: Conformer
) -> tuple[ColumnDescription, ...]:
    from .values import STATUSES

    spec = conformer.catalog.ledgers[table.ledger]
    columns = []
    for use, column in zip(found.recognition.columns, cells, strict=True):
        f = spec.fields.get(use.field or "")
        if f is None:
            columns.append(replace(_plain_column(use.header, column, conformer.words["values"]), is_known=use.field == ""))
            continue
        status = [STATUSES[s] for s in table.statuses[f.name].to_pylist()]
        total = _scaled_sum(table.columns[f.name], f.scale) if f.scale and f.type != "ratio" else None
        columns.append(
            ColumnDescription(use.header, f.name, f.type, total, status.count("blank"), status.count("failed") + status.count("ambiguous"))
        )
    read = {u.field for u in found.recognition.columns}
    for name in ("paid_in", "paid_out", "account_no"):
        if name in spec.fields and name not in read and any(v is not None for v in table.columns[name].to_pylist()):
            f = spec.fields[name]
            columns.append(
                ColumnDescription(
                    "", name, f.type, _scaled_sum(table.columns[name], f.scale) if f.scale else None, table.columns[name].null_count, 0
                )
            )
    return tuple(columns)


def _scaled_sum(values: Any, scale: int) -> Decimal | None:
    import pyarrow.compute as pc

    total = pc.sum(values).as_py()
    return None if total is None else Decimal(total).scaleb(-scale)
