"""What the values of an OpenDocument sheet do not show: error values, rows and columns that are hidden, and comments."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from .lost_cells import LONGEST_COMMENT, Cell, LeftOut, Span, broken_parts

_MARKS = (b'table:visibility="', b"<office:annotation", b':value-type="error"')
_LARGEST = 1 << 28  # bytes of content.xml that are looked at
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ANNOTATION = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}annotation"
_VALUE_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
_CELLS = (_TABLE + "table-cell", _TABLE + "covered-table-cell")
_UNNAMED_ERROR = "#VALUE!"
_MOST = 1 << 21  # rows or columns of any sheet


def left_out_of_ods(path: Path) -> dict[str, LeftOut]:
    """Per sheet name what is hidden and which cells hold errors, what comments say; nothing where content.xml bears no mark
    of them, or is damaged."""
    try:
        with zipfile.ZipFile(path) as book:
            is_small = book.getinfo("content.xml").file_size <= _LARGEST
            content = book.read("content.xml") if is_small else b""
        return _tables(content) if any(mark in content for mark in _MARKS) else {}
    except broken_parts():
        return {}


def _tables(content: bytes) -> dict[str, LeftOut]:
    from defusedxml.ElementTree import iterparse

    ended = (element for _, element in iterparse(io.BytesIO(content), forbid_dtd=True) if element.tag == _TABLE + "table")
    return {table.get(_TABLE + "name", ""): _of_table(table) for table in ended}


def _of_table(table: Any) -> LeftOut:
    rows: list[Span] = []
    columns: list[Span] = []
    comments: dict[Cell, str] = {}
    errors: dict[Cell, str] = {}
    row = column = 0
    for element in table.iter():
        if element.tag == _TABLE + "table-column":
            column = _step(element, "number-columns-repeated", column, columns)
        elif element.tag == _TABLE + "table-row":
            comments |= _row_comments(element, row)
            errors |= _row_errors(element, row)
            row = _step(element, "number-rows-repeated", row, rows)
    return LeftOut(errors, tuple(rows), tuple(columns), comments)


def _step(element: Any, repeated: str, at: int, hidden: list[Span]) -> int:
    """The position after `element`; its own is entered in `hidden` where it is."""
    after = at + _count(element.get(_TABLE + repeated))
    if element.get(_TABLE + "visibility") in ("collapse", "filter"):
        hidden.append((at, after - 1))
    return after


def _count(text: str | None) -> int:
    return min(max(int(text), 1), _MOST) if text and text.isdigit() and len(text) < 9 else 1


def _row_comments(row: Any, number: int) -> dict[Cell, str]:
    found: dict[Cell, str] = {}
    column = 0
    for cell in row:
        if cell.tag in _CELLS:
            for note in cell.iter(_ANNOTATION):
                text = "\n".join("".join(p.itertext()) for p in note.iter(_TEXT)).strip()
                if text:
                    found[number, column] = text[:LONGEST_COMMENT]
            column += _count(cell.get(_TABLE + "number-columns-repeated"))
    return found


def _row_errors(row: Any, number: int) -> dict[Cell, str]:
    """What a cell shows in which a formula could not be worked out; a run of such cells counts as far as it is written out."""
    found: dict[Cell, str] = {}
    column = 0
    for cell in row:
        if cell.tag in _CELLS:
            if cell.get(_VALUE_TYPE) == "error":
                found[number, column] = "".join("".join(p.itertext()) for p in cell.findall(_TEXT)).strip() or _UNNAMED_ERROR
            column += _count(cell.get(_TABLE + "number-columns-repeated"))
    return found
