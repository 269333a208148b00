"""What the values of a binary workbook (.xls, Excel 5 to 2003) do not show: rows and columns that are hidden.

Two published layouts: the compound file that holds the workbook as one stream ([MS-CFB]), and the records of that stream
([MS-XLS]): BoundSheet8 names a sheet and says where its records begin, Row and ColInfo carry the sign that hides.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from .lost_cells import LeftOut, Span, spans

_LARGEST = 1 << 28  # bytes of a workbook that are looked at
_FREE = 0xFFFFFFFA  # sector numbers from here on are no sectors ([MS-CFB] 2.1)
_STREAMS = ("Workbook", "Book")  # Excel 97 to 2003, Excel 5 and 95
_BOUND_SHEET, _ROW, _COLUMNS, _END, _BEGIN = 0x85, 0x208, 0x7D, 0x0A, 0x809
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
    for number, content in _records(stream, at):
        if number == _ROW and struct.unpack_from("<H", content, 12)[0] & _ROW_HIDDEN:
            rows.append(struct.unpack_from("<H", content, 0)[0])
        elif number == _COLUMNS and struct.unpack_from("<H", content, 8)[0] & _COLUMN_HIDDEN:
            columns.append(struct.unpack_from("<HH", content, 0))
    return LeftOut(hidden_rows=spans(rows), hidden_columns=tuple(columns))
