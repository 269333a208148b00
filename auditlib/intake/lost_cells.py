"""What a values-only reader leaves out of a workbook: error values, formulas with nothing computed, what is hidden, comments.

A fast scan of a sheet's XML finds out whether there is any; only then is the XML looked at closely.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

_CHUNK = 1 << 18
_ERROR, _FORMULA, _HIDDEN = b't="e"', b"</f>", b'hidden="'
_UNCOMPUTED = (b"</f></c>", b"</f><v/></c>", b"</f><v></v></c>")
_OVERLAP = max(map(len, _UNCOMPUTED))
_FOUR = 4  # bytes of a mark that are looked for in all places at once
_LARGEST = 1 << 30  # bytes of one sheet's XML that are looked at closely
LARGEST_COMMENTS = 1 << 26  # bytes of one part with comments
LONGEST_COMMENT = 2_000  # characters of a comment that are kept
_CELL = re.compile(rb'<c\b([^>]*)>(?:<f[^>]*>([^<]*)</f>|<f[^>]*/>)?(?:<v>([^<]*)</v>|<v/>)?</c>')
_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*\shidden="(?:1|true)")[^>]*?\sr="(\d{1,7})"')
_HIDDEN_COLUMNS = re.compile(rb'<col\b(?=[^>]*\shidden="(?:1|true)")[^>]*>')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
Span = tuple[int, int]  # first and last row or column, 0-based, both included
Cell = tuple[int, int]  # 0-based row and column


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the values of one sheet do not show."""

    texts: Mapping[Cell, str] = field(default_factory=dict)  # '#REF!', '=SUM(A1:A9)'
    hidden_rows: tuple[Span, ...] = ()
    hidden_columns: tuple[Span, ...] = ()
    comments: Mapping[Cell, str] = field(default_factory=dict)


class LostCells:
    """What the values of the sheets of one .xlsx or .xlsm do not show, told a sheet at a time; a context that holds the file open.

    A part that cannot be followed gives nothing: the values have been read all the same.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._held = path, ExitStack()
        self._parts: dict[str, str] = {}
        self._commented: dict[str, str] = {}
        try:
            self._book = self._held.enter_context(zipfile.ZipFile(path))
            self._parts = _sheet_parts(self._book)
            self._commented = _comment_parts(self._book, self._parts)
        except broken_parts():
            return

    def __enter__(self) -> LostCells:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def of(self, name: str) -> LeftOut:
        """What the values of the sheet called `name` do not show."""
        part = self._parts.get(name)
        try:
            return _of_sheet(self._path, self._book, part, self._commented.get(part, "")) if part else LeftOut()
        except broken_parts():
            return LeftOut()


def broken_parts() -> tuple[type[Exception], ...]:
    """What looking into a workbook raises where its parts are damaged, hostile or not as they should be."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException

    unpacking = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError)
    return (*unpacking, KeyError, OSError, ValueError, ParseError, DefusedXmlException)


def spans(numbers: Iterable[int]) -> tuple[Span, ...]:
    """Runs of whole numbers: 3, 4, 5, 9 -> (3, 5), (9, 9)."""
    found: list[Span] = []
    for n in sorted(set(numbers)):
        if found and found[-1][1] == n - 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return tuple(found)


# ---- parts of a workbook -----------------------------------------------------------------------------------


def xml_of(book: zipfile.ZipFile, part: str) -> Any:
    """The root of a part in XML. Raises what `broken_parts` names."""
    from defusedxml.ElementTree import fromstring

    return fromstring(book.read(part), forbid_dtd=True)


def _sheet_parts(book: zipfile.ZipFile) -> dict[str, str]:
    if "xl/workbook.xml" not in book.namelist():
        return {}
    targets = {r.get("Id"): r.get("Target", "") for r in xml_of(book, "xl/_rels/workbook.xml.rels")}
    found = {}
    for sheet in xml_of(book, "xl/workbook.xml").iter():
        if sheet.tag.endswith("}sheet") and (target := targets.get(sheet.get(_RELATION))):
            found[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _comment_parts(book: zipfile.ZipFile, sheets: Mapping[str, str]) -> dict[str, str]:
    """Sheet part -> the part that holds its comments."""
    if not any("comments" in n for n in book.namelist()):
        return {}
    return {part: comments_of(book, part) for part in sheets.values()}


def comments_of(book: zipfile.ZipFile, part: str) -> str:
    """The part with the comments on the sheet in `part`, '' where it has none. Raises what `broken_parts` names."""
    names, relations = set(book.namelist()), f"{dirname(part)}/_rels/{part.rsplit('/', 1)[-1]}.rels"
    if relations not in names:
        return ""
    targets = [r.get("Target", "") for r in xml_of(book, relations) if r.get("Type", "").endswith("/comments")]
    paths = [t.lstrip("/") if t.startswith("/") else normpath(join(dirname(part), t)) for t in targets]
    return next((p for p in paths if p in names), "")


# ---- one sheet ---------------------------------------------------------------------------------------------


def _of_sheet(path: Path, book: zipfile.ZipFile, part: str, commented: str) -> LeftOut:
    info = book.getinfo(part)
    comments = dict(_comments(book, commented)) if commented else {}
    has_texts, has_hidden = _marks(path, info)
    if not (has_texts or has_hidden) or info.file_size > _LARGEST:
        return LeftOut(comments=comments)
    xml = book.read(part)
    rows = spans(int(n) - 1 for n in _HIDDEN_ROW.findall(xml)) if has_hidden else ()
    columns = _hidden_columns(xml) if has_hidden else ()
    return LeftOut(dict(_cells(xml)) if has_texts else {}, rows, columns, comments)


def _marks(path: Path, part: zipfile.ZipInfo) -> tuple[bool, bool]:
    """Whether the sheet has lost cells, and whether it hides rows or columns; one pass, over as soon as both are known."""
    tail, has_texts, has_hidden = b"", False, False
    for chunk in _inflated(path, part):
        block = tail + chunk
        has_texts = has_texts or _holds(block, _ERROR) or (_holds(block, _FORMULA) and any(m in block for m in _UNCOMPUTED))
        has_hidden = has_hidden or _holds(block, _HIDDEN)
        if has_texts and has_hidden:
            break
        tail = block[-_OVERLAP:]
    return has_texts, has_hidden


def _holds(block: bytes, mark: bytes) -> bool:
    """Whether `mark` stands in `block`: its last four bytes are sought at all places at once, a quarter of the time of a search."""
    import numpy as np

    sought = np.frombuffer(mark[-_FOUR:], np.uint32)[0]
    shifted = (np.frombuffer(block, np.uint32, (len(block) - at) // _FOUR, at) for at in range(min(_FOUR, len(block))))
    return any((words == sought).any() for words in shifted) and mark in block


def _inflated(path: Path, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's bytes piece by piece; isal inflates about twice as fast as zlib and this is the cost of the scan."""
    from isal import isal_zlib

    with path.open("rb") as stream:
        stream.seek(part.header_offset)
        head = stream.read(30)
        stream.seek(part.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"))
        inflate = isal_zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
        left, out = part.compress_size, 0
        while left > 0 and out <= _LARGEST:
            packed = stream.read(min(_CHUNK, left))
            if not packed:
                return
            left -= len(packed)
            try:
                piece = inflate.decompress(packed) if inflate else packed
            except isal_zlib.error as error:
                raise zipfile.BadZipFile(str(error)) from error
            out += len(piece)
            yield piece


def _cells(xml: bytes) -> Iterator[tuple[Cell, str]]:
    for attributes, formula, value in _CELL.findall(xml):
        is_error = b't="e"' in attributes
        if (is_error or (formula and not value)) and (at := _address(attributes, rb'\br="([A-Z]{1,3})(\d{1,7})"')):
            yield at, unescape((value if is_error and value else b"=" + formula).decode("utf-8", "replace"))


def _address(text: bytes, pattern: bytes) -> Cell | None:
    found = re.search(pattern, text)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    return int(found[2]) - 1, column - 1


def _hidden_columns(xml: bytes) -> tuple[Span, ...]:
    found = []
    for tag in _HIDDEN_COLUMNS.findall(xml):
        first, last = re.search(rb'\smin="(\d{1,5})"', tag), re.search(rb'\smax="(\d{1,5})"', tag)
        if first and last:
            found.append((int(first[1]) - 1, int(last[1]) - 1))
    return tuple(found)


def _comments(book: zipfile.ZipFile, part: str) -> Iterator[tuple[Cell, str]]:
    """Cell and text of each comment (批注), cut at LONGEST_COMMENT characters."""
    if book.getinfo(part).file_size > LARGEST_COMMENTS:
        return
    for comment in xml_of(book, part).iter():
        if comment.tag.endswith("}comment") and (at := _address((comment.get("ref") or "").encode(), rb"^([A-Z]{1,3})(\d{1,7})$")):
            text = "".join(t.text or "" for t in comment.iter() if t.tag.endswith("}t")).strip()
            if text:
                yield at, text[:LONGEST_COMMENT]
