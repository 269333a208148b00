"""What stands around the data of a sheet: hidden rows, columns and sheets, comments, spans of merged heads, and cells as evidence.

Nothing hidden is dropped and nothing hidden goes unsaid; comments stay with their cell and are never markup.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import load_settings
from auditlib.cli.main import app_of
from auditlib.intake.describe import describe_file
from auditlib.intake.excerpt import cell_excerpt
from auditlib.intake.heads import head_spans
from auditlib.intake.settling import Settling, row_kinds
from auditlib.intake.sheets import read_sheets
from auditlib.intake.workspace import Intake, read_workspace
from auditlib.words.errors import AuditlibError
from auditlib.workbook.sheet_grid import grid_html

CATALOG = load_catalog()
HEAD = ["资产编号", "资产名称", "原值", "累计折旧", "净值"]
ROWS = [[f"ZC-{i}", "办公楼", 100.0, 20.0, 80.0] for i in range(1, 6)]
TOTAL = ["合计", "", 500.0, 100.0, 400.0]
HOSTILE = "<script>alert(1)</script>\n已与出纳核对"


def workbook(path: Path) -> Path:
    """Title, head, five assets and their total; rows 4 and 5 and column D hidden, a comment on C6, a hidden sheet beside it."""
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("固定资产")
        sheet.write(0, 0, "固定资产台账")
        for r, row in enumerate([HEAD, *ROWS, TOTAL], 1):
            sheet.write_row(r, 0, row)
        for r in (3, 4):
            sheet.set_row(r, None, None, {"hidden": True})
        sheet.set_column("D:D", None, None, {"hidden": True})
        sheet.write_comment("C6", HOSTILE)
        other = book.add_worksheet("备用")
        other.write_row(0, 0, HEAD)
        other.write_row(1, 0, ["ZC-9", "机井", 1.0, 0.0, 1.0])
        other.hide()
    return path


CONTENT = """<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="固定资产"><table:table-column table:number-columns-repeated="2"/>
<table:table-column table:visibility="collapse"/>{rows}</table:table></office:spreadsheet></office:body></office:document-content>"""


def opendocument(path: Path) -> Path:
    def cell(value: str, note: str = "") -> str:
        said = f"<office:annotation><text:p>{note}</text:p></office:annotation>" if note else ""
        return f'<table:table-cell office:value-type="string">{said}<text:p>{value}</text:p></table:table-cell>'

    lines = [("", HEAD[:3]), ("", ["ZC-1", "楼", "1"]), (' table:visibility="filter" table:number-rows-repeated="2"', ["ZC-2", "井", "2"])]
    rows = "".join(
        f"<table:table-row{a}>" + "".join(cell(c, "已报废" if c == "楼" else "") for c in cs) + "</table:table-row>" for a, cs in lines
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        book.writestr("META-INF/manifest.xml", f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{manifest}"/>')
        book.writestr("content.xml", CONTENT.format(rows=rows))
    return path


@pytest.fixture
def county(tmp_path: Path) -> Path:
    workbook(tmp_path / "新寨村" / "资产.xlsx")
    (tmp_path / "audit.toml").write_text('county = "青石县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    return tmp_path


def intake(county: Path, frames: Path) -> Intake:
    import datetime as dt

    return read_workspace(county, frames, CATALOG, load_settings(county, CATALOG, today=dt.date(2026, 1, 31)))


# --- hidden and commented ---------------------------------------------------------------------------------------------


def test_a_workbook_s_hidden_rows_columns_and_comments_are_found(tmp_path: Path) -> None:
    shown, hidden = read_sheets(workbook(tmp_path / "a.xlsx"))
    assert (shown.hidden_rows, shown.hidden_columns, dict(shown.comments)) == (((3, 4),), ((3, 3),), {(5, 2): HOSTILE})
    assert (shown.is_visible, hidden.is_visible, hidden.hidden_rows, dict(hidden.comments)) == (True, False, (), {})


def test_an_opendocument_s_hidden_rows_columns_and_comments_are_found(tmp_path: Path) -> None:
    (sheet,) = read_sheets(opendocument(tmp_path / "a.ods"))
    assert (sheet.hidden_rows, sheet.hidden_columns, dict(sheet.comments)) == (((2, 3),), ((2, 2),), {(1, 1): "已报废"})
    assert len(sheet.rows) == 4


def test_hidden_rows_are_data_and_totals_count_them(tmp_path: Path) -> None:
    sheet, _ = describe_file(workbook(tmp_path / "a.xlsx"), CATALOG, 2025).sheets
    assert (sheet.rows, next(c.sum for c in sheet.columns if c.field == "original_value")) == (5, 500)
    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.comments) == (((4, 5),), (("D", "D"),), (("C6", HOSTILE),))
    told = "\n".join(sheet.notes)
    assert "4–5" in told and "D" in told and "C6" in told
    assert "script" not in told  # what a comment says travels no further than its sheet


def test_an_audit_s_sources_name_what_is_hidden(county: Path, tmp_path: Path) -> None:
    first, second = intake(county, tmp_path / "frames").sources
    assert (
        any("隐藏的行：4–5" in n for n in first.notes)
        and any("隐藏的列：D" in n for n in first.notes)
        and any("C6" in n for n in first.notes)
    )
    assert second.notes[0] == "隐藏的工作表"


def test_the_grid_marks_what_is_hidden_in_words_and_shows_comments_as_text(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    settling = Settling(None, CATALOG)
    (sheet, _), looks = settling.sheets(path), settling.looks(path)
    html = grid_html(sheet, row_kinds(len(sheet.rows), [looks[0].found]), looks[0])
    assert html.count("隐藏</small>") == 3  # two rows and a column
    assert "批注：&lt;script&gt;alert(1)&lt;/script&gt;" in html and "<script>" not in html


@pytest.mark.parametrize("damage", [b"<!DOCTYPE x [<!ENTITY a 'b'>]><comments/>", b"<comments", b"\x00\xff", b""])
def test_damaged_or_hostile_comments_cost_the_comments_only(damage: bytes, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as book:
        parts = {n: book.read(n) for n in book.namelist()}
    parts["xl/comments1.xml"] = damage
    with zipfile.ZipFile(path, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)
    sheet = next(iter(read_sheets(path)))
    assert len(sheet.rows) == 8 and not sheet.comments


# --- the JSON of `auditlib read` (contract, section 5) ----------------------------------------------------------------


def read_json(*paths: Path) -> dict[str, Any]:
    result = CliRunner().invoke(app_of(["read"]), ["read", *map(str, paths), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_read_gives_every_field_of_the_contract(tmp_path: Path) -> None:
    file = read_json(workbook(tmp_path / "a.xlsx"))["files"][0]
    sheet = file["sheets"][0]
    assert {
        "name", "ledger", "confidence", "header_rows", "first_row", "last_row", "rows", "total_rows", "footer_rows", "columns", "notes",
    } <= set(sheet)  # fmt: skip
    assert {"header", "field", "type", "sum", "blanks"} <= set(sheet["columns"][0])
    assert (sheet["name"], sheet["ledger"], sheet["header_rows"], sheet["first_row"], sheet["last_row"]) == (
        "固定资产",
        "fixed_assets",
        [2],
        3,
        7,
    )
    assert (sheet["rows"], sheet["total_rows"], sheet["footer_rows"]) == (5, [8], [])
    value = next(c for c in sheet["columns"] if c["field"] == "original_value")
    assert (value["header"], value["type"], value["sum"], value["blanks"], value["column"]) == ("原值", "money", "500.00", 0, "C")
    assert (sheet["hidden_rows"], sheet["hidden_columns"], sheet["comments"]) == ([[4, 5]], [["D", "D"]], [{"cell": "C6", "text": HOSTILE}])


def test_columns_carry_the_letters_that_a_merged_head_spans(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "余额表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("科目余额表")
        for at, text in (
            ("A1:A2", "科目编码"),
            ("B1:B2", "科目名称"),
            ("C1:D1", "期初余额"),
            ("E1:F1", "本期发生额"),
            ("G1:H1", "期末余额"),
        ):
            sheet.merge_range(at, text)
        sheet.write_row(1, 2, ["借方", "贷方"] * 3)
        sheet.write_row(2, 0, ["101", "库存现金", 10, 0, 5, 3, 12, 0])
    columns = read_json(path)["files"][0]["sheets"][0]["columns"]
    assert [(c["column"], c["from"], c["to"]) for c in columns] == [
        ("A", "A", "A"), ("B", "B", "B"), ("C", "C", "D"), ("D", "C", "D"), ("E", "E", "F"), ("F", "E", "F"), ("G", "G", "H"),
        ("H", "G", "H"),
    ]  # fmt: skip


def test_a_head_spans_what_its_cell_covers_even_with_nothing_below() -> None:
    rows = [["编号", "地址", "", "面积"]]
    assert head_spans(rows, (0,)) == ((0, 0), (1, 1), (2, 2), (3, 3))
    assert head_spans(rows, (0,), [((0, 1), (0, 2))]) == ((0, 0), (1, 2), (1, 2), (3, 3))
    assert head_spans(rows, (0,), [((5, 1), (5, 2))]) == ((0, 0), (1, 1), (2, 2), (3, 3))  # merged elsewhere


# --- a cell as evidence -----------------------------------------------------------------------------------------------


def test_an_excerpt_shows_the_cell_with_head_titles_and_neighbours(county: Path) -> None:
    told = cell_excerpt(county, "新寨村/资产.xlsx", "固定资产", 6, "c", CATALOG, around=1)
    assert (told.ledger, told.row, told.column, told.header, told.titles) == ("fixed_assets", 6, "C", "原值", ("固定资产台账",))
    assert (told.cell.text, told.cell.comment) == ("100", HOSTILE)
    assert [(r.row, r.kind, r.is_hidden) for r in told.rows] == [(5, "data", True), (6, "data", False), (7, "data", False)]
    assert [(c.column, c.field, c.is_hidden) for c in told.columns][2:4] == [
        ("C", "original_value", False),
        ("D", "accumulated_depreciation", True),
    ]
    assert len(told.sha256) == 64


def test_an_excerpt_stays_inside_its_table_and_names_totals(county: Path) -> None:
    told = cell_excerpt(county, "新寨村/资产.xlsx", "固定资产", 8, "C", CATALOG, around=5)
    assert [r.row for r in told.rows] == [3, 4, 5, 6, 7, 8]
    assert told.rows[-1].kind == "total"


@pytest.mark.parametrize(
    ("file", "sheet", "row", "column"),
    [("无.xlsx", "固定资产", 1, "A"), ("新寨村/资产.xlsx", "无", 1, "A"), ("新寨村/资产.xlsx", "固定资产", 99, "A"),
        ("新寨村/资产.xlsx", "固定资产", 3, "ZZ"),
     ("../外.xlsx", "固定资产", 1, "A")],
)  # fmt: skip
def test_an_excerpt_of_nothing_says_what_is_missing(file: str, sheet: str, row: int, column: str, county: Path) -> None:
    with pytest.raises(AuditlibError) as caught:
        cell_excerpt(county, file, sheet, row, column, CATALOG)
    assert Path(file).name in str(caught.value)


# --- files passed over ------------------------------------------------------------------------------------------------


def test_every_file_is_read_or_named_with_a_reason(county: Path, tmp_path: Path) -> None:
    village = county / "新寨村"
    named = {"说明.md": "file.foreign", "数.yaml": "file.foreign", "本.ipynb": "file.foreign", "旧.db": "file.foreign",
    "照片.jpg": "file.foreign",
             "无后缀": "file.foreign", "合同.pdf": "file.convert", "函.docx": "file.convert", ".合同台账.xlsx": "file.hidden"}  # fmt: skip
    litter = ["~$资产.xlsx", ".~lock.资产.xlsx#", "._资产.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini"]
    for name in (*named, *litter):
        (village / name).write_bytes(b"x")
    for folder in (".备份", "__MACOSX", ".ipynb_checkpoints"):
        (village / folder).mkdir()
        (village / folder / "资产.xlsx").write_bytes(b"x")
    (county / "mappings").mkdir()
    (county / "mappings" / "说明.md").write_text("x", encoding="utf-8")
    told = {(p.file.rsplit("/", 1)[-1], p.code) for p in intake(county, tmp_path / "frames").problems}
    assert told == {*named.items(), (".备份", "folder.hidden")}


def test_the_settings_the_register_and_our_own_outputs_are_not_named(county: Path, tmp_path: Path) -> None:
    from auditlib.words.folders import OUTPUT_MARKER

    with (county / "audit.toml").open("a", encoding="utf-8") as stream:
        stream.write('register = "问题.db"\n')
    for name in ("问题.db", "问题.db-wal", "问题.db-shm"):
        (county / name).write_bytes(b"x")
    (county / "结果").mkdir()
    (county / "结果" / OUTPUT_MARKER).write_text("", encoding="utf-8")
    (county / "结果" / "index.html").write_text("x", encoding="utf-8")
    assert intake(county, tmp_path / "frames").problems == ()
