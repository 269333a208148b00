"""Files made to hurt: nothing crashes, hangs or fills the memory, and each says what to do or is read as it stands."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditlib.catalog.load import load_catalog
from auditlib.intake.describe import FileDescription, describe_file
from auditlib.intake.sheets import read_sheets
from auditlib.words.errors import UnreadableFile

CATALOG = load_catalog()


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        block = b"0" * 2**20
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(200):
                part.write(block)
    with pytest.raises(UnreadableFile) as caught:
        list(read_sheets(path))
    assert caught.value.code == "file.unreadable"


def test_a_hundred_thousand_columns_and_cells_of_32_thousand_characters_are_read_as_they_stand(tmp_path: Path) -> None:
    wide = tmp_path / "宽.csv"
    wide.write_text(",".join(f"列{i}" for i in range(100_000)) + "\n" + ",".join("1" for _ in range(100_000)) + "\n", encoding="utf-8")
    assert describe_file(wide, CATALOG, 2025).is_readable
    long = tmp_path / "长.csv"
    for filler in ("1", "(", "年", "1,", "- ", "：年"):
        cell = (filler * 32_000)[:32_000].replace(",", "，")
        long.write_text(f"资产编号,资产名称,原值,购建日期\nZC-1,{cell},{cell},{cell}\nZC-2,楼,1,2024-01-01\n", encoding="utf-8")
        (sheet,) = describe_file(long, CATALOG, 2025).sheets
        assert sheet.rows == 2


def test_formulas_markup_and_control_characters_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('资产编号,资产名称,原值\n=cmd|\' /C calc\'!A0,<script>alert(1)</script>,1\nZC-2,\x1b[31m红\x07,2\n', encoding="utf-8")
    rows = [row for sheet in read_sheets(path) for row in sheet.rows]
    assert rows[1][0].startswith("=cmd") and rows[1][1].startswith("<script>")


def whole(described: FileDescription) -> None:
    for sheet in described.sheets:
        assert sheet.rows >= 0 and sheet.last_row >= 0
    assert described.sheets or described.notes


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".xlsx", ".xls", ".ods", ".xml", ".txt"]), front=st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<table>", b"<?xml?>", b"\xff\xfe", "资产编号,资产名称,原值\n".encode()]))
def test_any_bytes_end_in_a_description(data: bytes, suffix: str, front: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"a{suffix}"
    path.write_bytes(front + data)
    whole(describe_file(path, CATALOG, 2025))


def _small_workbook() -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("固定资产台账")
        for r, row in enumerate([["资产编号", "资产名称", "原值"], ["ZC-1", "楼", 1.5], ["合计", "", 1.5]]):
            sheet.write_row(r, 0, row)
    return out.getvalue()


WORKBOOK = _small_workbook()


@settings(max_examples=120, deadline=None)
@given(damage=st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_workbook_damaged_anywhere_is_read_or_refused(damage: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory) -> None:
    data = bytearray(WORKBOOK)
    for place, byte in damage:
        data[place] = byte
    path = tmp_path_factory.mktemp("damaged") / "a.xlsx"
    path.write_bytes(bytes(data))
    whole(describe_file(path, CATALOG, 2025))
