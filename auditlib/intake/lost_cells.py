"""Cells of an xlsx that a values-only reader turns into blanks: error values, and formulas with nothing computed.

A fast scan of the sheet's XML finds out whether there are any; only then is the XML looked at closely.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

_CHUNK = 1 << 18
_ERROR, _FORMULA = b't="e"', b"</f>"
_UNCOMPUTED = (b"</f></c>", b"</f><v/></c>", b"</f><v></v></c>")
_OVERLAP = max(map(len, _UNCOMPUTED))
_LARGEST = 1 << 30  # bytes of one sheet's XML that are looked at closely
_CELL = re.compile(rb'<c\b([^>]*)>(?:<f[^>]*>([^<]*)</f>|<f[^>]*/>)?(?:<v>([^<]*)</v>|<v/>)?</c>')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def lost_cells(path: Path, names: set[str]) -> dict[str, dict[tuple[int, int], str]]:
    """Per sheet name, the text of each such cell by 0-based (row, column): '#REF!', '=SUM(A1:A9)'.

    A file whose parts cannot be followed gives nothing: its values have been read all the same.
    """
    try:
        with zipfile.ZipFile(path) as book:
            parts = _sheet_parts(book)
            return {n: dict(_cells(book, p)) for n, p in parts.items() if n in names and _has_marks(path, book.getinfo(p))}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, KeyError, OSError, ElementTree.ParseError, ValueError, EOFError):
        return {}


def _sheet_parts(book: zipfile.ZipFile) -> dict[str, str]:
    if "xl/workbook.xml" not in book.namelist():
        return {}
    targets = {r.get("Id"): r.get("Target", "") for r in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))}
    found = {}
    for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter():
        if sheet.tag.endswith("}sheet") and (target := targets.get(sheet.get(_RELATION))):
            found[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _has_marks(path: Path, part: zipfile.ZipInfo) -> bool:
    tail = b""
    for chunk in _inflated(path, part):
        block = tail + chunk
        if _ERROR in block or (_FORMULA in block and any(m in block for m in _UNCOMPUTED)):
            return True
        tail = block[-_OVERLAP:]
    return False


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


def _cells(book: zipfile.ZipFile, part: str) -> Iterator[tuple[tuple[int, int], str]]:
    if book.getinfo(part).file_size > _LARGEST:
        return
    for attributes, formula, value in _CELL.findall(book.read(part)):
        is_error = b't="e"' in attributes
        if (is_error or (formula and not value)) and (at := _address(attributes)):
            yield at, unescape((value if is_error and value else b"=" + formula).decode("utf-8", "replace"))


def _address(attributes: bytes) -> tuple[int, int] | None:
    found = re.search(rb'\br="([A-Z]{1,3})(\d+)"', attributes)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    return int(found[2]) - 1, column - 1
