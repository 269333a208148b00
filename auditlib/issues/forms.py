"""Plain lists that other offices send (complaints, hotline tickets, other audits, duties): rows under one head row.

Which words stand over a column is data. A row that cannot be read keeps its place and says why; no row is lost.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..catalog.load import load_catalog
from ..intake.sheets import RawSheet, read_sheets
from ..intake.values import parse_date, parse_number, raw_text, squeeze
from ..words.cells import column_letters
from ..words.errors import CatalogError

HEAD_ROWS = 20  # a head row stands among the first rows of a sheet
LONGEST_TEXT = 32_767  # characters: what a cell of a spreadsheet holds at most; a longer text is refused, never cut
TYPES = ("text", "date", "time", "money", "word")
_TIME = re.compile(r"(\d{1,2})[::时](\d{1,2})(?:[::分](\d{1,2})秒?)?分?$")


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column of a list: its name for us, the words over it, and what stands in it."""

    field: str
    headers: tuple[str, ...]
    type: str  # one of TYPES
    is_needed: bool
    words: Mapping[str, str]  # type 'word': what may stand there -> our word


@dataclass(frozen=True, slots=True)
class FormProblem:
    """A cell that could not be taken; `code` is a key of the message catalogue: 'forms.…'."""

    code: str
    field: str
    column: str  # spreadsheet letters; '' where the column is missing
    raw: str


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row as it was read: `values` without blanks; a row with problems is to be refused."""

    file: str
    sheet: str
    row: int  # 1-based
    values: Mapping[str, Any]
    problems: tuple[FormProblem, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """All rows of a file, and what of it was not read."""

    rows: tuple[FormRow, ...]
    sheets_without_head: tuple[str, ...]  # sheets that hold something but no head row with the needed columns
    columns_left: tuple[str, ...]  # heads that no column was made of


def form_columns(entries: Mapping[str, Any], path: Path) -> tuple[FormColumn, ...]:
    """Columns as a YAML file lists them: field -> headers, type, needed, words. Raises CatalogError."""
    columns = []
    for field, entry in entries.items():
        known = isinstance(entry, dict) and {"headers", "type"} <= set(entry) <= {"headers", "type", "needed", "words"}
        if not known or entry["type"] not in TYPES:
            raise CatalogError(f"{path}: columns.{field} = {entry!r}: needs headers and type; types: {', '.join(TYPES)}")
        words = {squeeze(str(told)): ours for ours, all_told in (entry.get("words") or {}).items() for told in (ours, *all_told)}
        headers = tuple(squeeze(str(header)) for header in entry["headers"])
        columns.append(FormColumn(field, headers, entry["type"], bool(entry.get("needed")), MappingProxyType(words)))
    return tuple(columns)


def read_form(path: Path, columns: Sequence[FormColumn], zone: dt.timezone) -> Form:
    """The rows of all sheets of `path`; times without zone are those of `zone`. Raises UnreadableFile."""
    rows: list[FormRow] = []
    without, left = [], dict[str, None]()
    for sheet in read_sheets(path):
        found = read_form_sheet(path.name, sheet, columns, zone)
        rows += found.rows
        left |= dict.fromkeys(found.columns_left)
        without += found.sheets_without_head
    return Form(tuple(rows), tuple(without), tuple(left))


def read_form_sheet(file: str, sheet: RawSheet, columns: Sequence[FormColumn], zone: dt.timezone) -> Form:
    """As `read_form`, for one sheet that was read already; `file` is how its file is named."""
    head = _head(sheet, columns)
    if head is None:
        holds = any(squeeze(raw_text(cell)) for row in sheet.rows for cell in row)
        return Form((), (sheet.name or file,) if holds else (), ())
    at, places = head
    taken = set(places.values())
    left = (" ".join(raw_text(cell).split()) for n, cell in enumerate(sheet.rows[at]) if n not in taken)
    return Form(tuple(_rows(file, sheet, at, places, columns, zone)), (), tuple(text for text in left if text))


def _head(sheet: RawSheet, columns: Sequence[FormColumn]) -> tuple[int, dict[str, int]] | None:
    for at, row in enumerate(sheet.rows[:HEAD_ROWS]):
        told = [squeeze(raw_text(cell)) for cell in row]
        places = {c.field: told.index(h) for c in columns for h in reversed(c.headers) if h in told}
        if all(c.field in places for c in columns if c.is_needed):
            return at, places
    return None


def _rows(
    file: str, sheet: RawSheet, at: int, places: Mapping[str, int], columns: Sequence[FormColumn], zone: dt.timezone
) -> Iterator[FormRow]:
    present = [c for c in columns if c.field in places]
    for number, row in enumerate(sheet.rows[at + 1 :], at + 2):
        cells = {c.field: row[places[c.field]] if places[c.field] < len(row) else "" for c in present}
        if not any(squeeze(raw_text(cell)) for cell in cells.values()):
            continue
        values: dict[str, Any] = {}
        problems = []
        for column in present:
            letters, cell = column_letters(places[column.field]), cells[column.field]
            value, code = _value(column, cell, zone)
            if code or (value is None and column.is_needed):
                problems.append(FormProblem(code or "blank", column.field, letters, raw_text(cell)[:80]))
            elif value is not None:
                values[column.field] = value
        yield FormRow(file, sheet.name, number, MappingProxyType(values), tuple(problems))


def _value(column: FormColumn, cell: Any, zone: dt.timezone) -> tuple[Any, str]:
    """The value (None for a blank) and the code of what is wrong, '' when nothing is."""
    text = squeeze(raw_text(cell))
    if not text:
        return None, ""
    return _READ[column.type](column, cell, zone)


def _text(column: FormColumn, cell: Any, zone: dt.timezone) -> tuple[Any, str]:
    text = " ".join(raw_text(cell).split())
    return (text, "") if len(text) <= LONGEST_TEXT else (None, "too_long")


def _word(column: FormColumn, cell: Any, zone: dt.timezone) -> tuple[Any, str]:
    word = column.words.get(squeeze(raw_text(cell)))
    return (word, "") if word else (None, "not_in_list")


def _money(column: FormColumn, cell: Any, zone: dt.timezone) -> tuple[Any, str]:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        amount: Decimal | None = Decimal(repr(cell) if isinstance(cell, float) else cell)
    else:
        amount, _ = parse_number(raw_text(cell), load_catalog().words["values"])
    if amount is None or not amount.is_finite() or abs(amount) >= Decimal(10) ** 15:
        return None, "no_amount"
    exact = amount.quantize(Decimal("0.01"))
    return (exact, "") if abs(exact - amount) < Decimal("0.0000001") else (None, "half_fen")


def _date(column: FormColumn, cell: Any, zone: dt.timezone) -> tuple[Any, str]:
    day, _ = parse_date(cell, 2000, load_catalog().words["values"])
    return (day, "") if isinstance(day, dt.date) else (None, "no_date")


def _moment(column: FormColumn, cell: Any, zone: dt.timezone) -> tuple[Any, str]:
    """A time; a date alone is its first moment."""
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=cell.tzinfo or zone), ""
    clock = _TIME.search(raw_text(cell).strip())
    day, code = _date(column, raw_text(cell).strip()[: clock.start()].strip(" T") if clock else cell, zone)
    if code:
        return None, code
    try:
        time = dt.time(*(int(part) for part in clock.groups() if part)) if clock else dt.time()
    except ValueError:
        return None, "no_date"
    return dt.datetime.combine(day, time, zone), ""


_READ: Mapping[str, Callable[[FormColumn, Any, dt.timezone], tuple[Any, str]]] = MappingProxyType({
    "text": _text, "word": _word, "money": _money, "date": _date, "time": _moment,
})  # fmt: skip
