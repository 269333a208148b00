"""Lists as an Excel workbook that any office opens: frozen heads, filters, widths by content, A4 on its side, the same bytes each time.

Texts of ledgers stand as text, whatever they begin with: no formula, no link. A list that is longer than a sheet goes on in the
next one, and the first sheet says so.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from ..words.messages import say

ROWS = 1_048_575  # of a sheet, below its head
_MADE = dt.datetime(2000, 1, 1)
_LONGEST = 32_000  # characters of a cell; Excel takes 32,767
_FIRST_DAY = dt.date(1900, 3, 1)  # before it Excel counts a day that never was
_MEASURED = 500  # rows that the width of a column is taken from
_NARROWEST, _WIDEST = 6, 36
_NARROW = 24  # the widest column of any other kind: its texts go on in a second line
_PRINTED = 200  # characters across a page that can still be read on A4; columns further right are for the screen
_LINE, _TALLEST = 13.5, 400.0  # points of a line, and of a row at most
_NUMBERS = {"money": "#,##0.00", "whole": "#,##0", "number": "#,##0.##", "share": "0%", "date": "yyyy-mm-dd", "text": "@", "wide": "@"}
_NOT_HELD = ("Cc", "Cf", "Cs", "Cn")  # control, direction, halves of characters, characters that are none
_TEXTS = frozenset(("text", "wide"))
_NAME = 31  # characters of the name of a sheet
Cell = str | int | float | Decimal | dt.date | None


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: text | wide (wider; both go on in a second line) | money | whole | number | share | date."""

    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class ExcelList:
    """One list: the name of its sheet, its columns and all its rows; `where` holds what is too long for a cell."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    where: str


@dataclass(frozen=True, slots=True)
class Cover:
    """The first sheet: what the workbook is, as terms and values, and what must be known of it."""

    title: str
    name: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    footer: str


def workbook(cover: Cover, lists: Sequence[ExcelList], language: str, rows_a_sheet: int = ROWS) -> bytes:
    """The workbook as an .xlsx file; `rows_a_sheet` is for those who have less room than Excel."""
    import xlsxwriter

    with tempfile.TemporaryDirectory(prefix="auditlib-excel-") as scratch:
        path = Path(scratch) / "lists.xlsx"
        # row by row to disk: a county's matches do not fit into memory as cells
        options = {
            "constant_memory": True,
            "tmpdir": scratch,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        with xlsxwriter.Workbook(str(path), options) as book:
            book.set_properties({"created": _MADE, "author": "", "comments": "", "title": cover.title})
            looks = _looks(book)
            parts = {one.name: _parts(one, rows_a_sheet) for one in lists}
            _cover(book.add_worksheet(cover.name), cover, lists, parts, looks, language, rows_a_sheet)
            for one in lists:
                for name, first in parts[one.name]:
                    _sheet(book.add_worksheet(name), one, one.rows[first : first + rows_a_sheet], cover.footer, looks, language)
        return path.read_bytes()


def _looks(book: Any) -> Mapping[str, Any]:
    base = {"font_name": "宋体", "font_size": 10, "valign": "top", "border": 1, "border_color": "#CFD3D6"}
    found = {
        kind: book.add_format({**base, "num_format": shape, **({"text_wrap": True} if kind in _TEXTS else {})})
        for kind, shape in _NUMBERS.items()
    }
    found["head"] = book.add_format(
        {**base, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "bg_color": "#D9E2EC"}
    )
    found["title"] = book.add_format({"font_name": "宋体", "bold": True, "font_size": 15})
    return found


def _parts(one: ExcelList, limit: int) -> list[tuple[str, int]]:
    """Names of the sheets of a list, each with the first of its rows."""
    starts = range(0, max(len(one.rows), 1), limit)
    tails = ["" if n == 1 else f" ({n})" for n in range(1, len(starts) + 1)]
    return [(one.name[: _NAME - len(tail)] + tail, first) for first, tail in zip(starts, tails, strict=True)]


def _cover(
    sheet: Any, cover: Cover, lists: Sequence[ExcelList], parts: Mapping[str, Sequence[tuple[str, int]]], looks: Mapping[str, Any],
    language: str, limit: int,
) -> None:  # fmt: skip
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 80)
    sheet.write_string(0, 0, _clean(cover.title), looks["title"])
    notes = [("", note) for note in cover.notes]
    names = [(say("excel.about.list", language), say("excel.about.rows", language))]
    for one in lists:
        told = f"{len(one.rows):,}" if one.rows else say("excel.about.empty", language)
        if len(parts[one.name]) > 1:
            sheets = say("reports.list", language).join(name for name, _ in parts[one.name])
            told += "  " + say("excel.about.split", language, limit=f"{limit:,}", n=len(parts[one.name]), sheets=sheets)
        if (printed := _printed(_widths(one.columns, one.rows))) < len(one.columns):
            told += "  " + say("excel.about.printed", language, n=printed, all=len(one.columns))
        names.append((one.name, told))
    for at, (term, value) in enumerate(chain(cover.facts, notes, names), 2):
        sheet.write_string(at, 0, _clean(term), looks["wide"])
        sheet.write_string(at, 1, _clean(value), looks["wide"])
    _paper(sheet, cover.footer, language)


def _sheet(sheet: Any, one: ExcelList, rows: Sequence[Sequence[Cell]], footer: str, looks: Mapping[str, Any], language: str) -> None:
    last = len(one.columns) - 1
    widths = _widths(one.columns, rows)
    for at, (column, width) in enumerate(zip(one.columns, widths, strict=True)):
        sheet.set_column(at, at, width, looks[column.kind])
        sheet.write_string(0, at, column.title, looks["head"])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), last)
    sheet.repeat_rows(0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{ROWS + 1}"})  # codes and account numbers are text on purpose
    sheet.print_area(0, 0, max(len(rows), 1), _printed(widths) - 1)
    for at, row in enumerate(rows, 1):
        sheet.set_row(at, _height(row, widths))
        for place, (column, cell) in enumerate(zip(one.columns, row, strict=True)):
            _write(sheet, at, place, cell, looks[column.kind], one.where, language)
    _paper(sheet, footer, language)


def _write(sheet: Any, row: int, column: int, cell: Cell, look: Any, where: str, language: str) -> None:
    if cell is None or cell == "":
        sheet.write_blank(row, column, None, look)
    elif isinstance(cell, dt.date):
        if cell < _FIRST_DAY:
            sheet.write_string(row, column, cell.isoformat(), look)
        else:
            sheet.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), look)
    elif isinstance(cell, int | float | Decimal):
        sheet.write_number(row, column, cell, look)
    else:
        text = _clean(cell)
        if len(text) > _LONGEST:
            text = text[:_LONGEST] + say("excel.long", language, n=f"{len(text):,}", where=where)
        sheet.write_string(row, column, text, look)


def _clean(text: str) -> str:
    """Text without the characters that a workbook cannot hold, or that would turn its reading round."""
    kept = text.replace("\r\n", "\n")
    return "".join("�" if unicodedata.category(c) in _NOT_HELD and c not in "\n\t" else c for c in kept)


def _paper(sheet: Any, footer: str, language: str) -> None:
    """A4 on its side, one page wide, heads on every page, page numbers and the manifest below."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{footer.replace('&', '&&')[:100]}&R" + say("reports.page_number", language, page="&P", pages="&N"))


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[float]:
    """Of each column the width that its head and its first rows need, within bounds; a Chinese character takes two."""
    found = []
    for at, column in enumerate(columns):
        widest = max((_width(_shown(row[at], column.kind)) for row in rows[:_MEASURED]), default=0)
        head = max(_width(column.title) / 2, 4)  # wrapped
        found.append(min(max(head, widest, _NARROWEST) + 1.5, _WIDEST if column.kind == "wide" else _NARROW))
    return found


def _printed(widths: Sequence[float]) -> int:
    """How many columns from the left go on paper; the cover says so where some do not."""
    total, count = 0.0, 0
    for width in widths:
        total += width
        if total > _PRINTED and count:
            break
        count += 1
    return count


def _height(row: Sequence[Cell], widths: Sequence[float]) -> float:
    """Points that the longest wrapped cell needs: not every program finds out by itself."""
    lines = max((sum(-(-max(_width(part), 1) // int(w - 1)) for part in cell[:2000].splitlines() or ("",))
                 for cell, w in zip(row, widths, strict=True) if isinstance(cell, str)), default=1)  # fmt: skip
    return min(_TALLEST, _LINE * lines + 2)


def _shown(cell: Cell, kind: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.date):
        return "2026-01-31"
    if isinstance(cell, Decimal | float | int):
        return f"{cell:,.2f}" if kind == "money" else f"{cell:,}"
    return max(cell[:400].splitlines(), key=len, default="")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
