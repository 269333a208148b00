"""Comments of binary workbooks (.xlsb), which no program at hand writes: the parts are laid out here as [MS-XLSB] says.

Authority: [MS-XLSB] 2.1.4 on records, 2.4.301 BrtBundleSh, 2.4.28 BrtBeginComment, 2.4.327 BrtCommentText, 2.5.121 RichStr; ECMA-376 part 2
on relationships.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from auditlib.intake.lost_in_xlsb import left_out_of_xlsb
from auditlib.intake.sheet_notes import sheet_notes
from auditlib.intake.sheets import read_sheets

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def number(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + number(value >> 7)


def record(kind: int, data: bytes = b"") -> bytes:
    return number(kind) + number(len(data)) + data


def text(words: str) -> bytes:
    return struct.pack("<I", len(words)) + words.encode("utf-16-le")


def relations(*of: tuple[str, str, str]) -> str:
    inner = "".join(f'<Relationship Id="{i}" Type="{OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in of)
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def comment(row: int, column: int, words: str) -> bytes:
    at = struct.pack("<5I", 0, row, row, column, column) + bytes(16)
    return record(635, at) + record(637, b"\x00" + text(words)) + record(636)


def workbook(path: Path, comments: bytes) -> Path:
    """Two sheets of one number each; the second bears the comments."""
    cell = struct.pack("<II", 0, 0) + struct.pack("<d", 100.0)
    row = record(0, struct.pack("<IIHBBB", 0, 0, 300, 0, 0, 0) + struct.pack("<I", 0))
    body = record(129) + record(148, struct.pack("<4I", 0, 0, 0, 0)) + record(145) + row + record(5, cell) + record(146) + record(130)
    sheets = b"".join(record(156, struct.pack("<II", 0, i) + text(f"rId{i}") + text(name)) for i, name in ((1, "说明"), (2, "固定资产")))
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/workbook.bin", record(131) + record(143) + sheets + record(144) + record(132))
        targets = (("rId1", "worksheet", "worksheets/sheet1.bin"), ("rId2", "worksheet", "worksheets/sheet2.bin"))
        book.writestr("xl/_rels/workbook.bin.rels", relations(*targets))
        for i in (1, 2):
            book.writestr(f"xl/worksheets/sheet{i}.bin", body)
        book.writestr("xl/worksheets/_rels/sheet2.bin.rels", relations(("rId1", "comments", "../comments1.bin")))
        book.writestr("xl/comments1.bin", comments)
    return path


SAID = record(628) + record(633) + comment(2, 1, "已与出纳核对") + comment(400, 30, "<b>见凭证</b>") + record(634) + record(629)


def test_comments_stand_with_their_cells(tmp_path: Path) -> None:
    plain, commented = read_sheets(workbook(tmp_path / "资产.xlsb", SAID))
    assert (plain.name, dict(plain.comments)) == ("说明", {})
    assert dict(commented.comments) == {(2, 1): "已与出纳核对", (400, 30): "<b>见凭证</b>"}
    told = dict(sheet_notes(commented))
    assert told["note.comments"] == {"n": 2, "cells": "B3, AE401"}
    assert "note.hidden_unseen" in told, "what is hidden is still not seen in this format, and that is said"


@pytest.mark.parametrize("cut", range(0, len(SAID), 7))
def test_comments_that_are_cut_off_cost_no_row(tmp_path: Path, cut: int) -> None:
    _, sheet = read_sheets(workbook(tmp_path / "资产.xlsb", SAID[:cut]))
    assert sheet.rows == [[100.0]]
    assert set(sheet.comments.items()) <= {((2, 1), "已与出纳核对"), ((400, 30), "<b>见凭证</b>")}


def test_a_file_that_is_none_has_no_comments(tmp_path: Path) -> None:
    path = tmp_path / "坏.xlsb"
    path.write_bytes(b"PK\x03\x04 nothing")
    assert left_out_of_xlsb(path) == {}
