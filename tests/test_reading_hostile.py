"""Files made to hurt: nothing crashes, hangs or fills the memory, and each says what to do or is read as it stands."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditlib.catalog.load import load_catalog
from auditlib.intake.conform import Conformer, Surroundings
from auditlib.intake.describe import FileDescription, describe_file
from auditlib.intake.layout import WIDEST
from auditlib.intake.lost_in_ods import left_out_of_ods
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet, read_sheets
from auditlib.intake.tables import TableFinder
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


def test_a_million_columns_and_many_blank_rows_are_read_as_they_stand(tmp_path: Path) -> None:
    """Only WIDEST columns are looked at for a table; the others are cells like any."""
    wide = tmp_path / "宽.csv"
    wide.write_text("资产编号,资产名称,原值" + "," * 1_000_000 + "\nZC-1,楼,1\n", encoding="utf-8")
    (sheet,) = describe_file(wide, CATALOG, 2025).sheets
    assert (sheet.ledger, sheet.rows, len(sheet.columns) <= WIDEST) == ("fixed_assets", 1, True)
    deep = tmp_path / "深.csv"
    deep.write_text("资产编号,资产名称,原值\nZC-1,楼,1\n" + "\n" * 200_000 + "ZC-2,井,2\n", encoding="utf-8")
    (sheet,) = describe_file(deep, CATALOG, 2025).sheets
    assert (sheet.rows, sheet.last_row) == (2, 200_003)


BILLION = "<!DOCTYPE lolz [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9)) + "]>"


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_a_billion_laughs_in_any_part_of_a_workbook_are_not_told(part: str, tmp_path: Path) -> None:
    """Whatever is made of it, no entity is blown up: all text that is read stays as small as the file."""
    path = tmp_path / "笑.xlsx"
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as book, zipfile.ZipFile(path, "w") as laughing:
        for name in book.namelist():
            data = book.read(name)
            laughing.writestr(
                name, data.replace(b"?>", f"?>{BILLION}".encode(), 1).replace("楼".encode(), b"&j;") if name == part else data
            )
    assert _size_of_what_is_read(path) < 100_000
    whole(describe_file(path, CATALOG, 2025))


def test_a_billion_laughs_in_an_xml_export_and_an_opendocument_are_refused(tmp_path: Path) -> None:
    export = tmp_path / "笑.xml"
    export.write_text(f'<?xml version="1.0"?>{BILLION}<a><b><c>&j;</c></b></a>', encoding="utf-8")
    with pytest.raises(UnreadableFile) as caught:
        list(read_sheets(export))
    assert caught.value.code == "file.unreadable"
    document = tmp_path / "笑.ods"
    with zipfile.ZipFile(document, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", f'<?xml version="1.0"?>{BILLION}<office:annotation>&j;</office:annotation>')
    assert left_out_of_ods(document) == {}
    assert _size_of_what_is_read(document) < 100_000


def _size_of_what_is_read(path: Path) -> int:
    try:
        return sum(len(str(cell)) for sheet in read_sheets(path) for row in sheet.rows for cell in row)
    except UnreadableFile:
        return 0


def test_a_sheet_that_unpacks_to_far_more_than_it_weighs_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        with book.open("content.xml", "w", force_zip64=True) as part:
            for _ in range(100):
                part.write(b" " * 2**20)
    opened: list[str] = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda self, name, *a, **k: opened.append(str(name)))
    assert _refusal(path) == "file.unreadable" and opened == []


def _refusal(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        list(read_sheets(path))
    return caught.value.code


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_file_cut_off_anywhere_is_read_or_refused(share: float, tmp_path: Path) -> None:
    for suffix, data in (
        ("xlsx", WORKBOOK),
        ("csv", '资产编号,资产名称,原值\nZC-1,"楼,1\n'.encode() * 50),
        ("xml", b"<a><b><c>1</c></b>" * 50),
    ):
        path = tmp_path / f"a.{suffix}"
        path.write_bytes(data[: int(len(data) * share)])
        whole(describe_file(path, CATALOG, 2025))


def whole(described: FileDescription) -> None:
    for sheet in described.sheets:
        assert sheet.rows >= 0 and sheet.last_row >= 0
    assert described.sheets or described.notes


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=400),
    suffix=st.sampled_from([".csv", ".xlsx", ".xls", ".ods", ".xml", ".txt"]),
    front=st.sampled_from(
        [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<table>", b"<?xml?>", b"\xff\xfe", "资产编号,资产名称,原值\n".encode()]
    ),
)
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


XML = st.recursive(
    st.text("资产编号原值&<>]]'\"0123 ", max_size=8).map(lambda t: t.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.tuples(st.sampled_from(["a", "科目", "b", "记账凭证", "x:y"]), st.lists(inner, max_size=4)).map(
        lambda e: f"<{e[0]}>{''.join(e[1])}</{e[0]}>"
    ),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(
    body=XML,
    cut=st.integers(0, 40),
    head=st.sampled_from(["", '<?xml version="1.0" encoding="gb18030"?>', '<?xml version="1.0" encoding="无"?>', BILLION]),
)
def test_any_export_in_xml_ends_in_a_description(body: str, cut: int, head: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("xml") / "a.xml"
    text = f"{head}<r>{body}</r>"
    path.write_text(text[: len(text) - cut] if cut < 20 else text, encoding="utf-8")
    whole(describe_file(path, CATALOG, 2025))


HTML = st.lists(
    st.one_of(st.sampled_from(["<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<td colspan=99999999>", "<td rowspan=-3>",
        "<th rowspan=999>",
                               "<br>", "<script>", "<!--", "&#0;", "&nbsp;", "<td rowspan='x' colspan=0>"]),
                               st.text("资产原值12,\n", max_size=6)), max_size=40,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(parts=HTML)
def test_any_page_sent_as_xls_ends_in_a_description(parts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("html") / "a.xls"
    path.write_text("<html><table>" + "".join(parts), encoding="utf-8")
    described = describe_file(path, CATALOG, 2025)
    whole(described)
    assert all(len(s.columns) <= WIDEST for s in described.sheets)


HOSTILE_CELLS = st.one_of(
    st.text(max_size=20), st.text("9壹亿元约-年月日()（）", max_size=12).map(lambda t: t * 200),
    st.sampled_from(["#REF!", "=1+1", "合计", "上年结转", "同上", "\x00"]),
    st.floats(), st.integers(-(10**30), 10**30).map(str), st.just(""),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(head=st.permutations(["资产编号", "资产名称", "原值", "购建日期"]), body=st.lists(st.lists(HOSTILE_CELLS, max_size=6), max_size=12))
def test_any_cells_under_a_known_head_are_read_and_none_is_lost(head: list[str], body: list[list[object]]) -> None:
    """data + totals + set aside + what is no data = all rows of the sheet, whatever the cells hold."""
    sheet = RawSheet("固定资产", [list(head), *body])
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    seen: set[int] = set()
    for found in TableFinder(CATALOG).tables(sheet, "a.xlsx"):
        b = found.block
        told = (
            conformer.conform(sheet, b, found.recognition, Surroundings("a.xlsx", "固定资产", "V1", "", 2025))
            if found.recognition.ledger
            else None
        )
        if told is not None:
            assert set(told.rows) | set(told.quarantined) == set(b.data)
        seen |= {*b.preamble, *b.header_rows, *b.data, *(r for r, _ in b.totals), *b.groups, *b.footers, *b.skipped}
    assert seen == set(range(len(sheet.rows)))
