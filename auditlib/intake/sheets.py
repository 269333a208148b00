"""Files as they arrive: every sheet of a workbook or text file as a grid of untouched cell values."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar

from ..words.collector import resting_collector
from ..words.errors import UnreadableFile
from .encoding import decode
from .hidden_in_xls import left_out_of_xls
from .lost_cells import Cell, LeftOut, LostCells, Span
from .lost_in_ods import left_out_of_ods
from .lost_in_xlsb import left_out_of_xlsb

WORKBOOKS = frozenset((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"))
TEXTS = frozenset((".csv", ".tsv", ".txt"))
XML = frozenset((".xml",))
CONVERT = {".et": "WPS .et", ".ett": "WPS .ett", ".doc": "Word", ".docx": "Word", ".wps": "WPS", ".pdf": "PDF", ".numbers": "Numbers"}
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
LARGEST_UNPACKED = 3 * 2**30  # bytes of all parts of one workbook
LARGEST_TEXT = 512 * 2**20  # bytes of one text file; larger ones come as Parquet, not as a ledger


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet: `rows` of native cell values ('' for an empty cell), first row is spreadsheet row 1."""

    name: str  # '' for a text file
    rows: list[list[Any]]
    is_visible: bool = True
    is_text: bool = False  # cells came as text; nothing was typed by a spreadsheet
    merges: tuple[tuple[Cell, Cell], ...] = ()  # first and last cell of each merged range; all numbers here are 0-based
    hidden_rows: tuple[Span, ...] = ()
    hidden_columns: tuple[Span, ...] = ()
    comments: Mapping[Cell, str] = field(default_factory=dict)
    is_hiding_unseen: bool = False  # a binary workbook (.xlsb, or an .xls that does not tell): what is hidden in it is not known
    head_rows: tuple[int, ...] = ()  # 0-based, where the format itself says which rows are the head
    about: tuple[tuple[str, str], ...] = ()  # label and value of what the file says of its tables beside them
    origins: Mapping[Cell, Cell | None] = field(default_factory=dict)  # cells of `rows` whose values were taken from elsewhere: from where


def fingerprint(path: Path) -> str:
    """SHA-256 of the file's bytes. Raises UnreadableFile when it cannot be opened."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except PermissionError as error:
        raise UnreadableFile("file.permission") from error
    except OSError as error:
        raise UnreadableFile("file.unreadable", error.strerror or str(error)) from error


def is_ledger_file(path: Path) -> bool:
    """Whether the name says that the file can hold a ledger; lock files and the like do not count."""
    return path.suffix.lower() in WORKBOOKS | TEXTS | XML and not path.name.startswith(("~$", ".", "._"))


def read_sheets(path: Path) -> Iterator[RawSheet]:
    """All sheets of `path`, one at a time so that memory stays flat.

    Raises UnreadableFile with the code of the message that says what to do; a file without any sheet is one of them.
    """
    is_empty = True
    for sheet in _sheets(path):
        is_empty = False
        yield sheet
    if is_empty:
        raise UnreadableFile("file.no_sheet")


def _sheets(path: Path) -> Iterator[RawSheet]:
    head = _head(path)
    suffix = path.suffix.lower()
    if suffix in CONVERT:
        raise UnreadableFile("file.convert", CONVERT[suffix])
    if suffix not in WORKBOOKS | TEXTS | XML:
        raise UnreadableFile("file.foreign", suffix or "?")
    if head.startswith((_ZIP, _OLE)):
        yield from _workbook(path, head)
    elif re.match(rb"\s*(\xef\xbb\xbf)?\s*<(!doctype html|html|table|meta|\?xml[^>]*>\s*<html)", head[:600], re.I):
        yield from _html(path)
    elif suffix in XML:
        yield from _xml(path)
    elif suffix in WORKBOOKS and head.startswith(b"\x09"):  # a bare BIFF stream, Excel 2 to 4
        yield from _workbook(path, head)
    else:
        yield RawSheet("", _text_rows(path), is_text=True)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except PermissionError as error:
        raise UnreadableFile("file.permission") from error
    except OSError as error:
        raise UnreadableFile("file.unreadable", error.strerror or str(error)) from error
    if not head.strip(b"\x00\r\n\t "):
        raise UnreadableFile("file.empty")
    return head


def _workbook(path: Path, head: bytes) -> Iterator[RawSheet]:
    import python_calamine

    if head.startswith(_ZIP):
        _refuse_bombs(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        names = [(m.name, str(m.visible).endswith("Visible"), str(m.typ)) for m in book.sheets_metadata]
    except python_calamine.PasswordError as error:
        raise UnreadableFile("file.encrypted") from error
    except Exception as error:  # a foreign library's parser on hostile bytes: whatever it raises, the file is unreadable
        encrypted = head.startswith(_OLE) and (path.suffix.lower() == ".xlsx" or "assword" in str(error) or "ncrypt" in str(error))
        raise UnreadableFile("file.encrypted" if encrypted else "file.unreadable", _short(error)) from error
    hidden = left_out_of_xls(path) if head.startswith(_OLE) else None
    is_unseen = path.suffix.lower() == ".xlsb" or (hidden is None and not head.startswith(_ZIP))
    listed = [(name, is_visible) for name, is_visible, kind in names if kind.endswith("WorkSheet")]
    with _left_out(path, head, hidden or {}) as lost_in:
        parsed = _one_ahead([partial(_parsed, book, name) for name, _ in listed])
        for (name, is_visible), sheet in zip(listed, parsed, strict=True):
            with resting_collector():  # while the sheet is typed, too
                rows, extra = _values(name, sheet, lost_in)
                for (row, column), text in extra.texts.items():
                    if row < len(rows) and column < len(rows[row]) and rows[row][column] in ("", None):
                        rows[row][column] = text
                merges = tuple(sheet.merged_cell_ranges or ())
                yield RawSheet(
                    name, rows, is_visible, False, merges, extra.hidden_rows, extra.hidden_columns, extra.comments, is_unseen
                )


LookedInto = Callable[[str], LeftOut]  # name of a sheet -> what its values do not show


@contextmanager
def _left_out(path: Path, head: bytes, hidden: Mapping[str, LeftOut]) -> Iterator[LookedInto]:
    """`hidden`: what has been seen of a binary workbook."""
    looked_into = {".ods": left_out_of_ods, ".xlsb": left_out_of_xlsb}.get(path.suffix.lower())
    if head.startswith(_ZIP) and looked_into is None:
        with LostCells(path) as lost:
            yield lost.of
        return
    known = looked_into(path) if head.startswith(_ZIP) and looked_into else hidden
    yield lambda name: known.get(name, LeftOut())


def _parsed(book: Any, name: str) -> Any:
    try:
        return book.get_sheet_by_name(name)
    except Exception as error:  # a foreign library's parser on hostile bytes, one sheet
        raise UnreadableFile("file.unreadable", f"{name}: {_short(error)}") from error


def _values(name: str, sheet: Any, lost_in: LookedInto) -> tuple[list[list[Any]], LeftOut]:
    try:
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        _fill_merges(rows, tuple(sheet.merged_cell_ranges or ()))
        return rows, lost_in(name)  # here and not beside the parsing: it takes the interpreter's lock many times
    except Exception as error:  # as above
        raise UnreadableFile("file.unreadable", f"{name}: {_short(error)}") from error


Made = TypeVar("Made")


def _one_ahead(tasks: Sequence[Callable[[], Made]]) -> Iterator[Made]:
    """What each task makes, in order; the next is made in another thread while this one is used, since parsing holds no lock.
    Raises what a task raised, when its turn comes."""
    if len(tasks) < 2:
        yield from (task() for task in tasks)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(tasks[0])
        for task in tasks[1:]:
            made = coming.result()
            coming = thread.submit(task)
            yield made
        yield coming.result()


def _refuse_bombs(path: Path) -> None:
    """A workbook that unpacks to far more than any ledger holds is not unpacked."""
    try:
        with zipfile.ZipFile(path) as book:
            unpacked = sum(part.file_size for part in book.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # the reader will say what is wrong
    if unpacked > LARGEST_UNPACKED or (unpacked > 2**26 and unpacked > 1000 * path.stat().st_size):
        raise UnreadableFile("file.unreadable", f"{unpacked // 2**20} MB unpacked from {path.stat().st_size // 2**10} KB")


def _fill_merges(rows: list[list[Any]], ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """A text that stands in cells merged downwards stands for each of their rows; an amount stands there once."""
    for (top, left), (bottom, _) in ranges:
        if bottom > top and top < len(rows) and left < len(rows[top]) and isinstance(text := rows[top][left], str) and text:
            for row in rows[top + 1 : bottom + 1]:
                if left < len(row) and row[left] == "":
                    row[left] = text


def _short(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error))[:160] or type(error).__name__


def _text_rows(path: Path) -> list[list[str]]:
    data = path.read_bytes()
    if len(data) > LARGEST_TEXT:
        raise UnreadableFile("file.unreadable", f"> {LARGEST_TEXT // 2**20} MB")
    text = decode(data)
    csv.field_size_limit(2**31 - 1)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
        return [[_unquoted(c) for c in row] for row in rows] if '="' in text else rows
    except csv.Error as error:
        raise UnreadableFile("file.unreadable", _short(error)) from error


def _unquoted(cell: str) -> str:
    """The text of ="6217001234", as software writes a number of many digits so that a spreadsheet keeps all of them."""
    text = cell.strip()
    return text[2:-1].replace('""', '"') if len(text) >= 3 and text.startswith('="') and text.endswith('"') else cell


def _delimiter(text: str) -> str:
    """The separator that cuts most of the first lines, and most of them into the same number of fields."""
    lines = [line for line in text[:20_000].splitlines()[:60] if line.strip()]
    best, most = ",", (0, 0)
    for mark in (",", "\t", ";", "|"):
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=mark)]
        except csv.Error:
            continue
        cut = [n for n in counts if n > 1]
        evidence = (len(cut), max((cut.count(n) for n in cut), default=0))
        if evidence > most:
            best, most = mark, evidence
    return best


def _xml(path: Path) -> Iterator[RawSheet]:
    """Records of an exported ledger (GB/T 24589.1): elements of one name whose children are all plain values, a table for each name."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    records: dict[str, list[dict[str, str]]] = {}
    try:
        for _, element in iterparse(io.BytesIO(_as_utf8(path)), forbid_dtd=True):
            if len(element) and all(len(child) == 0 and not child.get(_TAKEN) for child in element):
                records.setdefault(_bare(element.tag), []).append({_bare(c.tag): (c.text or "").strip() for c in element})
                element.clear()  # memory stays flat
                element.set(_TAKEN, "1")
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableFile("file.unreadable", _short(error)) from error
    for name, rows in records.items():
        headers = list(dict.fromkeys(key for row in rows for key in row))
        yield RawSheet(name, [headers, *([row.get(h, "") for h in headers] for row in rows)], is_text=True, head_rows=(0,))


def _as_utf8(path: Path) -> bytes:
    """The file in UTF-8 and saying so: the parser knows no GB 18030, which such exports are written in."""
    data = path.read_bytes()
    said = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([\w-]+)[\"']", data)
    text = data.decode({"gb2312": "gb18030", "gbk": "gb18030"}.get(name := said[1].decode().lower(), name)) if said else decode(data)
    return re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text).encode()


def _bare(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


_TAKEN = "taken"


class _Tables(HTMLParser):
    """Rows of all tables of an HTML page; a spanned cell keeps its value in its first place only."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self._held: dict[int, int] = {}  # column -> rows that a rowspan still covers
        self._span = 1

    def _skip_held(self) -> None:
        row = self.rows[-1]
        while self._held.get(len(row), 0) > 0:
            self._held[len(row)] -= 1
            row.append("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            given = {k: v or "" for k, v in attrs}
            self._skip_held()
            self._cell, self._span = [], _span(given.get("colspan"))
            for i in range(self._span):
                self._held[len(self.rows[-1]) + i] = _span(given.get("rowspan")) - 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append("".join(self._cell).strip())
            self.rows[-1].extend([""] * (self._span - 1))
            self._cell = None
        elif tag == "tr" and self.rows:
            self._skip_held()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def _span(text: str | None) -> int:
    return min(max(int(text), 1), 1000) if text and text.isdigit() else 1


def _html(path: Path) -> Iterator[RawSheet]:
    parser = _Tables()
    parser.feed(decode(path.read_bytes()))
    yield RawSheet("", parser.rows, is_text=True)
