"""What the values of a binary workbook (.xls, Excel 5 to 2003) do not show: rows and columns that are hidden, comments, and errors.

Two published layouts: the compound file that holds the workbook as one stream ([MS-CFB]), and the records of that stream
([MS-XLS]): BoundSheet8 names a sheet and says where its records begin, Row and ColInfo carry the sign that hides. A comment
is a Note that names its cell and an object; the object's text stands in the TxO record behind its Obj, or, in Excel 5 and 95,
in the Note itself. Error values stand in BoolErr records and in the results of formulas.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from .lost_cells import LONGEST_COMMENT, Cell, LeftOut, Span, spans

_LARGEST = 1 << 28  # bytes of a workbook that are looked at
_FREE = 0xFFFFFFFA  # sector numbers from here on are no sectors ([MS-CFB] 2.1)
_STREAMS = ("Workbook", "Book")  # Excel 97 to 2003, Excel 5 and 95
_BOUND_SHEET, _ROW, _COLUMNS, _END, _BEGIN = 0x85, 0x208, 0x7D, 0x0A, 0x809
_FORMULAS, _TRUTH = (0x06, 0x206, 0x406), 0x205
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}  # 2.5.10 BErr
_NOTE, _OBJECT, _TEXT, _CONTINUE = 0x1C, 0x5D, 0x1B6, 0x3C
_FURTHER_TEXT = 0xFFFF  # for a row: this Note goes on with the text of the one before ([MS-XLS] 2.4.179, Excel 5 and 95)
_LONGEST_OF_95 = 2048  # bytes of one Note record
_ROW_HIDDEN, _COLUMN_HIDDEN = 0x20, 0x01
_EXCEL_97 = 0x600
Record = tuple[int, bytes]


def left_out_of_xls(path: Path) -> dict[str, LeftOut] | None:
    """Per sheet name what is hidden; None where the file does not tell, because it is damaged, very large or of another kind."""
    try:
        if path.stat().st_size > _LARGEST:
            return None
        stream = _workbook_stream(path.read_bytes())
        return {name: _of_sheet(stream, at) for name, at in _sheets(stream)} if stream else None
    except (struct.error, IndexError, UnicodeDecodeError, ValueError, OSError):
        return None


# ---- the compound file ---------------------------------------------------------------------------------------


def _workbook_stream(data: bytes) -> bytes:
    """The bytes of the workbook stream; b'' where the file holds none. Raises ValueError when its chains do not end."""
    size, small_size = 1 << struct.unpack_from("<H", data, 30)[0], 1 << struct.unpack_from("<H", data, 32)[0]
    if size not in (512, 4096) or small_size != 64:
        raise ValueError(f"sector size {size}")
    directory_at, smallest = struct.unpack_from("<I", data, 48)[0], struct.unpack_from("<I", data, 56)[0]
    table = _sector_table(data, size)
    directory = b"".join(_sectors(data, table, directory_at, size, size))
    entries = [directory[at : at + 128] for at in range(0, len(directory) - 127, 128)]
    named = {e[: max(struct.unpack_from("<H", e, 64)[0] - 2, 0)].decode("utf-16-le", "replace"): e for e in reversed(entries)}
    entry = next((named[n] for n in _STREAMS if n in named), None)
    if entry is None:
        return b""
    first, length = struct.unpack_from("<I", entry, 116)[0], struct.unpack_from("<I", entry, 120)[0]
    if length >= smallest:
        return b"".join(_sectors(data, table, first, size, size))[:length]
    held = b"".join(_sectors(data, table, struct.unpack_from("<I", entries[0], 116)[0], size, size))
    small_table = _numbers(b"".join(_sectors(data, table, struct.unpack_from("<I", data, 60)[0], size, size)))
    return b"".join(_sectors(held, small_table, first, small_size, 0))[:length]


def _sector_table(data: bytes, size: int) -> list[int]:
    """For each sector the one that follows it."""
    places = list(struct.unpack_from("<109I", data, 76))
    further, met = struct.unpack_from("<I", data, 68)[0], 0
    while further < _FREE:
        sector = _numbers(data[(further + 1) * size : (further + 2) * size])
        places += sector[:-1]
        further, met = sector[-1], met + 1
        if met * size > len(data):
            raise ValueError("a chain that does not end")
    return _numbers(b"".join(data[(p + 1) * size : (p + 2) * size] for p in places if p < _FREE))


def _sectors(data: bytes, table: list[int], first: int, size: int, start: int) -> Iterator[bytes]:
    """The sectors of one chain; `start` is where sector 0 begins."""
    at, met = first, 0
    while at < _FREE:
        yield data[start + at * size : start + (at + 1) * size]
        at, met = table[at], met + 1
        if met > len(table):
            raise ValueError("a chain that does not end")


def _numbers(data: bytes) -> list[int]:
    return [n for (n,) in struct.iter_unpack("<I", data[: len(data) // 4 * 4])]


# ---- the records ---------------------------------------------------------------------------------------------


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """Number and content of the records of one substream, from its beginning to its own end; charts inside it are passed over."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == _BEGIN) - (kind == _END)
        if depth <= 1:
            yield kind, stream[at + 4 : at + 4 + length]
        if depth <= 0:
            return
        at += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    """Name of each sheet and where its records begin. Raises ValueError for a stream that begins as no workbook does."""
    kind, _, version = struct.unpack_from("<HHH", stream, 0)
    if kind != _BEGIN:
        raise ValueError("no workbook")
    for number, content in _records(stream, 0):
        if number == _BOUND_SHEET:
            yield _name(content[6:], version), struct.unpack_from("<I", content, 0)[0]


def _name(content: bytes, version: int) -> str:
    length = content[0]
    if version != _EXCEL_97:
        return content[1 : 1 + length].decode("gb18030")
    return content[2 : 2 + 2 * length].decode("utf-16-le") if content[1] & 1 else content[2 : 2 + length].decode("latin-1")


def _of_sheet(stream: bytes, at: int) -> LeftOut:
    rows: list[int] = []
    columns: list[Span] = []
    commenting: list[Record] = []
    errors: dict[Cell, str] = {}
    version = _EXCEL_97
    for number, content in _records(stream, at):
        if number == _ROW and struct.unpack_from("<H", content, 12)[0] & _ROW_HIDDEN:
            rows.append(struct.unpack_from("<H", content, 0)[0])
        elif number == _COLUMNS and struct.unpack_from("<H", content, 8)[0] & _COLUMN_HIDDEN:
            columns.append(struct.unpack_from("<HH", content, 0))
        elif number == _BEGIN:
            version = struct.unpack_from("<H", content, 0)[0]
        elif number in _FORMULAS or number == _TRUTH:
            errors |= _error(number, content)
        elif number in (_NOTE, _OBJECT, _TEXT, _CONTINUE):
            commenting.append((number, content))
    said = _comments(commenting) if version == _EXCEL_97 else _comments_of_95(commenting)
    comments = {cell: text.strip()[:LONGEST_COMMENT] for cell, text in said if text.strip()}
    return LeftOut(errors, spans(rows), tuple(columns), comments)


def _error(number: int, content: bytes) -> dict[Cell, str]:
    """The cell with the error that it holds; nothing for a truth value and for a formula with a result."""
    if number == _TRUTH:
        code = content[6] if content[7] else None
    else:  # FormulaValue: FFFF at its end says that it is no number, 2 at its beginning that it is an error
        code = content[8] if content[12:14] == b"\xff\xff" and content[6] == 2 else None
    return {} if code is None else {struct.unpack_from("<HH", content, 0): _ERRORS.get(code, "#N/A")}


# ---- comments ------------------------------------------------------------------------------------------------


def _comments(records: Sequence[Record]) -> Iterator[tuple[Cell, str]]:
    """Cell and text of each comment from the Note, Obj, TxO and Continue records of one sheet."""
    texts: dict[int, str] = {}
    shown = 0  # the object whose text comes next
    for i, (number, content) in enumerate(records):
        if number == _OBJECT and len(content) >= 8:
            shown = struct.unpack_from("<H", content, 6)[0]
        elif number == _TEXT and len(content) >= 12:
            texts[shown] = _text_of(records[i + 1 :], struct.unpack_from("<H", content, 10)[0])
    for number, content in records:
        if number == _NOTE and len(content) >= 8:
            row, column, _, object_id = struct.unpack_from("<4H", content, 0)
            yield (row, column), texts.get(object_id, "")


def _text_of(following: Sequence[Record], length: int) -> str:
    """The first `length` characters of the Continue records that follow; each says for itself how wide its characters are."""
    text = ""
    for number, content in following:
        if number != _CONTINUE or len(text) >= length or not content:
            break
        wide = content[0] & 1
        text += content[1:].decode("utf-16-le" if wide else "latin-1", "replace")
    return text[:length].replace("\r\n", "\n").replace("\r", "\n")


def _comments_of_95(records: Sequence[Record]) -> Iterator[tuple[Cell, str]]:
    cell: Cell | None = None
    text = b""
    for number, content in records:
        if number == _NOTE and len(content) >= 6:
            row, column, length = struct.unpack_from("<3H", content, 0)
            if row != _FURTHER_TEXT:
                if cell is not None:
                    yield cell, text.decode("gb18030", "replace")
                cell, text = (row, column), b""
            text += content[6 : 6 + min(length, _LONGEST_OF_95)]
    if cell is not None:
        yield cell, text.decode("gb18030", "replace")
