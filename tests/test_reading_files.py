"""Files as they arrive: every format and encoding that an office sends, and every kind of bad file, named with what to do."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from conftest import published

from auditlib.catalog.load import load_catalog
from auditlib.intake.describe import describe_file
from auditlib.intake.encoding import decode
from auditlib.intake.hidden_in_xls import left_out_of_xls
from auditlib.intake.sheets import read_sheets
from auditlib.words.errors import UnreadableFile

CATALOG = load_catalog()
HEAD = ["资产编号", "资产名称", "原值", "累计折旧", "净值"]
ROWS = [["ZC-1", "办公楼", 206640.0, 78523.2, 128116.8], ["ZC-2", "机井", 31680.0, 3511.2, 28168.8]]


def texts(path: Path) -> list[list[str]]:
    return [[str(c) for c in row] for sheet in read_sheets(path) for row in sheet.rows]


def refused(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        list(read_sheets(path))
    return caught.value.code


def workbook(path: Path) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("固定资产台账")
        for r, row in enumerate([HEAD, *ROWS]):
            sheet.write_row(r, 0, row)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_files_in_every_encoding_and_separator(encoding: str, mark: str, tmp_path: Path) -> None:
    path = tmp_path / "固定资产.csv"
    lines = [mark.join(map(str, row)) for row in [HEAD, *ROWS]]
    path.write_bytes(("\ufeff" if encoding == "utf-16-le" else "").encode("utf-16-le") + "\r\n".join(lines).encode(encoding))
    assert texts(path)[0] == HEAD
    assert texts(path)[1][:2] == ["ZC-1", "办公楼"]


def test_big5_and_shift_jis_are_told_from_gbk(tmp_path: Path) -> None:
    for encoding, row in (("big5", "資產編號,資產名稱,數量,保管單位"), ("cp932", "名称,ファミリー農園（策牛）,住所,静岡県")):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(f"{row}\n1,2,3,4\n".encode(encoding))
        assert ",".join(texts(path)[0]) == row


WESTERN = ["São Paulo, população e educação", "Peña;niño y señora", "Ávila,Málaga,León", "café, thé glacé.", "Größe,Straße,Fläche"]
WESTERN += ["à la carte; été\n1,à payer"]  # a word of one letter stands beside none
CHINESE_WITH_FEW_HANZI = ["A,B\nT恤,5", "name,amount\nrent,1\n收入,2", "voucher,K喆,lot,3", "voucher K镕,lot", "喆喆"]


@pytest.mark.parametrize(("text", "encoding"), [(t, "cp1252") for t in WESTERN] + [(t, "gbk") for t in CHINESE_WITH_FEW_HANZI])
def test_western_letters_with_accents_are_told_from_chinese_with_few_characters(text: str, encoding: str) -> None:
    """GB 2312 writes its characters, the common ones and the punctuation, as two high bytes; Windows-1252 an accented letter as one."""
    assert decode(f"{text}\n".encode(encoding)) == f"{text}\n"


@pytest.mark.parametrize("text", ["office 镕,1", "name,滕州,1", "the premier 朱镕基 visited the village office"])
def test_rare_characters_of_gbk_are_not_taken_for_rare_ones_of_big5(text: str) -> None:
    """镕 is outside GB 2312, 滕 in its second level; the same bytes are characters of Big5's second level. Neither is common there."""
    assert decode(f"{text}\n".encode("gbk")) == f"{text}\n"


def test_a_file_of_a_few_bytes_is_no_utf_16() -> None:
    assert decode(b"a,b\n1\n") == "a,b\n1\n"
    assert decode("a,1\n".encode("utf-16-le")) == "a,1\n"


def test_a_published_table_in_spanish_is_read_as_spanish() -> None:
    """Source: the fixtures of messytables (Open Knowledge Foundation)."""
    assert texts(published("messytables-fixtures") / "spanish_chars.csv")[0][-1] == "Descripción"


def test_a_binary_workbook_that_hides_nothing_says_nothing() -> None:
    told = describe_file(published("messytables-fixtures") / "simple.xls", CATALOG, 2025)
    assert not any("隐藏" in n for n in told.sheets[0].notes)


BINARY = Path(__file__).parent / "golden" / "hidden_rows_and_columns.xls"  # rows 5, 6 and 20 and column D hidden; saved by LibreOffice


def test_a_binary_workbook_names_its_hidden_rows_and_columns() -> None:
    """[MS-XLS] 2.4.221 (Row, fDyZero) and 2.4.53 (ColInfo, fHidden)."""
    told = describe_file(BINARY, CATALOG, 2025)
    first, second = (" ".join(s.notes) for s in told.sheets)
    assert "隐藏的行：5–6, 20" in first and "隐藏的列：D" in first and "隐藏" not in second
    assert told.sheets[0].rows == 30, "hidden rows are data like the others"


def test_a_binary_workbook_whose_records_cannot_be_followed_says_that_what_is_hidden_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence would read as: nothing is hidden."""
    monkeypatch.setattr("auditlib.intake.sheets.left_out_of_xls", lambda path: None)
    told = describe_file(BINARY, CATALOG, 2025)
    assert all(any("看不出哪些行、列是隐藏的" in n for n in s.notes) for s in told.sheets)


COMMENTED = Path(__file__).parent / "golden" / "comments_and_errors.xls"  # four comments, errors, a chart; saved by LibreOffice


def test_comments_of_a_binary_workbook_are_read_cell_by_cell() -> None:
    """[MS-XLS] 2.4.179 (Note), 2.4.181 (Obj), 2.4.329 (TxO) with its Continue records; the texts are those that xlrd reads, too."""
    first, second = read_sheets(COMMENTED)
    assert {c: t[:30] for c, t in first.comments.items()} == {
        (1, 2): "<script>alert(1)</script>\n已与出纳核对"[:30],
        (2, 1): "plain",
        (3, 1): "长批注" * 10,
    }
    assert first.comments[3, 1] == ("长批注" * 1500)[:2000], "a text longer than one record goes on in the next"
    assert dict(second.comments) == {(1, 1): "第二张表的批注"}
    assert "C2" in " ".join(describe_file(COMMENTED, CATALOG, 2025).sheets[0].notes)


def test_errors_in_a_binary_workbook_do_not_read_as_blanks() -> None:
    """[MS-XLS] 2.5.10 (Bes, BErr) and 2.5.133 (FormulaValue)."""
    first, _ = read_sheets(COMMENTED)
    assert first.rows[2:] == [["ZC-2", "机井", 50, "#DIV/0!", "#DIV/0!", ""], ["ZC-3", "桥", 70, 7, "#N/A", True]]


def test_errors_in_an_opendocument_do_not_read_as_blanks(tmp_path: Path) -> None:
    path = tmp_path / "资产.ods"
    spaces = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"' + "".join(
        f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )
    error = '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p>'
    plain = '<table:table-cell office:value-type="string"><text:p>机井</text:p></table:table-cell>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="资产"><table:table-row>{plain * 2}</table:table-row><table:table-row>{plain}{error}</table:table-cell>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        book.writestr("META-INF/manifest.xml", f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{manifest}"/>')
        book.writestr("content.xml", content)
    assert texts(path) == [["机井", "机井"], ["机井", "#REF!"]]


@pytest.mark.parametrize("at", range(24, 600, 7))
@pytest.mark.parametrize("book", [BINARY, COMMENTED], ids=["hidden", "commented"])
def test_a_damaged_binary_workbook_tells_or_does_not_but_never_fails(at: int, book: Path, tmp_path: Path) -> None:
    path, whole = tmp_path / "坏.xls", book.read_bytes()
    path.write_bytes(whole[:at] + b"\x03\x00\x00\x00" + whole[at + 4 :])
    told = left_out_of_xls(path)
    assert told is None or isinstance(told, dict)
    path.write_bytes(whole[: at * 16])
    told = left_out_of_xls(path)
    assert told is None or isinstance(told, dict)


@pytest.mark.parametrize("padding", range(4))
def test_what_a_formula_could_not_compute_is_seen_wherever_it_stands(padding: int, tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("一", "二", "三"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["x" * padding, *HEAD])
            sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!" if name == "二" else 5)
    assert [s.rows[1][1] for s in read_sheets(path)] == [5.0, "#DIV/0!", 5.0]


def test_a_damaged_sheet_is_named_after_the_sheets_before_it_were_read(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("一", "二", "三"):
            book.add_worksheet(name).write_row(0, 0, HEAD)
    with zipfile.ZipFile(path) as book:
        parts = {n: book.read(n) for n in book.namelist()}
    parts["xl/worksheets/sheet2.xml"] = b"<worksheet><sheetData><row><c r="
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    sheets = read_sheets(path)
    assert next(sheets).name == "一"
    with pytest.raises(UnreadableFile) as error:
        next(sheets)
    assert "二" in error.value.detail


def test_an_xls_that_is_really_html(tmp_path: Path) -> None:
    path = tmp_path / "资产.xls"
    cells = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in [HEAD, *ROWS])
    path.write_text(f'<html><meta charset="utf-8"><table>{cells}</table></html>', encoding="utf-8")
    assert texts(path)[0] == HEAD
    assert describe_file(path, CATALOG, 2025).sheets[0].ledger == "fixed_assets"


def test_an_xls_that_is_really_text(tmp_path: Path) -> None:
    path = tmp_path / "资产.xls"
    path.write_bytes("\n".join("\t".join(map(str, r)) for r in [HEAD, *ROWS]).encode("gbk"))
    assert describe_file(path, CATALOG, 2025).sheets[0].ledger == "fixed_assets"


def test_error_cells_and_uncomputed_formulas_do_not_read_as_blanks(tmp_path: Path) -> None:
    """Values-only readers give '' for both; an auditor must see that something stood there."""
    path = workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as book:
        parts = {n: book.read(n) for n in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    sheet = sheet.replace(b'<c r="C2"><v>206640</v></c>', b'<c r="C2" t="e"><v>#REF!</v></c>')
    sheet = sheet.replace(b'<c r="E3"><v>28168.8</v></c>', b'<c r="E3"><f>C3-D3</f></c>')
    parts["xl/worksheets/sheet1.xml"] = sheet
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)
    rows = texts(path)
    assert (rows[1][2], rows[2][4]) == ("#REF!", "=C3-D3")
    columns = {c.field: c for c in describe_file(path, CATALOG, 2025).sheets[0].columns}
    assert (columns["original_value"].failed, columns["net_value"].failed) == (1, 1)


def test_empty_damaged_foreign_and_inconvenient_files_say_what_to_do(tmp_path: Path) -> None:
    cases = {
        "空.xlsx": (b"", "file.empty"),
        "坏.xlsx": (b"PK\x03\x04garbage", "file.unreadable"),
        "图.png": (b"\x89PNG....", "file.foreign"),
    }
    cases |= {"a.et": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "file.convert"), "b.pdf": (b"%PDF-1.4", "file.convert")}
    for name, (data, code) in cases.items():
        (tmp_path / name).write_bytes(data)
        assert refused(tmp_path / name) == code
        described = describe_file(tmp_path / name, CATALOG, 2025)
        assert not described.is_readable
        assert name in described.notes[0]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="a superuser may read everything")
def test_a_file_without_read_permission(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    path.chmod(0)
    assert refused(path) == "file.permission"


def test_a_text_merged_downwards_stands_for_each_row_and_an_amount_once(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "收款.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("合同收款台账")
        sheet.write_row(0, 0, ["合同编号", "应收日期", "应收金额", "实收金额"])
        sheet.merge_range(1, 0, 2, 0, "HT-1")
        sheet.merge_range(1, 3, 2, 3, 300)
        for r, day in ((1, "2025-01-05"), (2, "2025-07-05")):
            sheet.write_row(r, 1, [day, 100])
    assert [row[0] for row in texts(path)] == ["合同编号", "HT-1", "HT-1"]
    assert [row[3] for row in texts(path)] == ["实收金额", "300.0", ""]


XML_EXPORT = """<?xml version="1.0" encoding="{encoding}"?>
<账套><总账>
<科目余额及发生额><科目编号>101</科目编号><期初余额方向>借</期初余额方向><会计年度>2025</会计年度><期初本币余额>650.66</期初本币余额><借方本币金额>4257.76</借方本币金额><贷方本币金额>4598.33</贷方本币金额><期末本币余额>310.09</期末本币余额><期末余额方向>借</期末余额方向></科目余额及发生额>
<科目余额及发生额><科目编号>211</科目编号><期初余额方向>贷</期初余额方向><会计年度>2025</会计年度><期初本币余额>100.00</期初本币余额><借方本币金额>0</借方本币金额><贷方本币金额>0</贷方本币金额><期末本币余额>100.00</期末本币余额><期末余额方向>贷</期末余额方向></科目余额及发生额>
<记账凭证><记账凭证日期>20250105</记账凭证日期><记账凭证编号>1</记账凭证编号><记账凭证行号>1</记账凭证行号><记账凭证摘要>付电费</记账凭证摘要><科目编号>513</科目编号><借方本币金额>100.00</借方本币金额><贷方本币金额>0</贷方本币金额><附件数>2</附件数><制单人>张三</制单人></记账凭证>
</总账></账套>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_accounting_export_in_xml_is_read_by_its_records(encoding: str, tmp_path: Path) -> None:
    """GB/T 24589.1: balances stand unsigned with their side beside them."""
    path = tmp_path / "账套.xml"
    path.write_bytes(XML_EXPORT.format(encoding=encoding).encode(encoding))
    sheets = describe_file(path, CATALOG, 2025).sheets
    assert [(s.name, s.ledger, s.rows) for s in sheets] == [("科目余额及发生额", "trial_balance", 2), ("记账凭证", "journal", 1)]
    assert {c.field for c in sheets[0].columns} >= {
        "account_code",
        "opening_direction",
        "opening_balance",
        "debit",
        "credit",
        "closing_balance",
        "closing_direction",
    }


def test_entities_in_xml_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "笑.xml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a><b><c>&y;</c></b></a>', encoding="utf-8")
    assert refused(path) == "file.unreadable"
