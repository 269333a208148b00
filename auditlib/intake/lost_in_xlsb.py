"""Comments of a binary workbook (.xlsb), which a values-only reader leaves out.

Parts are streams of records: number and length, each seven bits a byte, then the data.
Source: [MS-XLSB] 2.1.4 (records), 2.4.301 BrtBundleSh, 2.4.28 BrtBeginComment, 2.4.327 BrtCommentText, 2.5.121 RichStr.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .lost_cells import LARGEST_COMMENTS, LONGEST_COMMENT, Cell, LeftOut, broken_parts, comments_of, xml_of

_SHEET, _COMMENT, _TEXT = 156, 635, 637  # BrtBundleSh, BrtBeginComment, BrtCommentText
_WORKBOOK, _RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"


def left_out_of_xlsb(path: Path) -> dict[str, LeftOut]:
    """The comments by the name of their sheet; a file or part that cannot be followed gives nothing: the values are read all the same."""
    try:
        with zipfile.ZipFile(path) as book:
            if not any("comments" in n for n in book.namelist()):
                return {}
            found = {name: comments_of(book, part) for name, part in _sheets(book)}
            return {name: LeftOut(comments=dict(_comments(book, part))) for name, part in found.items() if part}
    except (*broken_parts(), struct.error):
        return {}


def _sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet."""
    targets = {r.get("Id"): r.get("Target", "") for r in xml_of(book, _RELATIONS)}
    for number, data in _records(book.read(_WORKBOOK)):
        if number == _SHEET:
            relation, after = _text(data, 8)  # behind its state and its number
            target = targets.get(relation, "")
            yield _text(data, after)[0], target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _comments(book: zipfile.ZipFile, part: str) -> Iterator[tuple[Cell, str]]:
    if book.getinfo(part).file_size > LARGEST_COMMENTS:
        return
    at: Cell | None = None
    for number, data in _records(book.read(part)):
        if number == _COMMENT:  # author, then first and last row, first and last column
            row, _, column, _ = struct.unpack_from("<4I", data, 4)
            at = (row, column)
        elif number == _TEXT and at is not None:
            if text := _text(data, 1)[0].strip():
                yield at, text[:LONGEST_COMMENT]
            at = None


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and data of each record; the stream ends at the first that is cut off."""
    at = 0
    while at < len(stream):
        number, at = _varying(stream, at, 2)
        length, at = _varying(stream, at, 4)
        if at + length > len(stream):
            return
        yield number, stream[at : at + length]
        at += length


def _varying(stream: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = 0
    for k in range(most):
        if at >= len(stream):
            return value, at
        byte, at = stream[at], at + 1
        value |= (byte & 0x7F) << (7 * k)
        if byte < 0x80:
            break
    return value, at


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text with its length in signs before it (XLWideString), and where it ends; no text at all is ''."""
    (signs,) = struct.unpack_from("<I", data, at)
    end = at + 4 + (0 if signs == 0xFFFFFFFF else 2 * signs)
    return data[at + 4 : end].decode("utf-16-le", "replace"), end
