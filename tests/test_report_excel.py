"""lists.xlsx: read back by openpyxl as an office would see it, and by our own intake."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from reports_sample import CATALOG, FINDINGS, FORMULA, MATCHES, RUN, SCRIPT
from typer.testing import CliRunner

from auditlib.cli.main import app_of
from auditlib.intake.sheets import read_sheets
from auditlib.issues.register import Register
from auditlib.issues.scores import county_formula
from auditlib.reports.excel_lists import lists_of, write_lists
from auditlib.reports.excel_workbook import Column, Cover, ExcelList, workbook
from auditlib.reports.kept_run import keep_run
from auditlib.reports.register_state import register_state
from auditlib.reports.view import CountyView, view_of
from auditlib.words.records import BankReconciliation, OpenItem

AT = dt.datetime(2026, 2, 1, 2, 0, tzinfo=dt.UTC)
STATEMENT = BankReconciliation(
    "100000100201", "6228480402564890018", dt.date(2025, 12, 31), Decimal("10.00"), Decimal("12.00"), Decimal(0), Decimal(0), Decimal(0),
    Decimal("2.00"), Decimal(0), (OpenItem("bank", dt.date(2025, 12, 30), "17", FORMULA, Decimal("-2.00"), 1, None),),
)  # fmt: skip
KEPT = dataclasses.replace(RUN, statements=(STATEMENT,), manifest_id="cd" * 32)


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder with a run and its register."""
    out = tmp_path_factory.mktemp("excel") / "out"
    out.mkdir()
    with Register.open(out / "register.db") as register:
        outcome = register.record_run(
            KEPT.findings, county="青禾县", as_of=KEPT.as_of, at=AT, checks=KEPT.checks, organisations=KEPT.organisations
        )
    keep_run(KEPT, outcome, out)
    return out


def view(audited: Path, language: str = "zh") -> CountyView:
    with Register.open(audited / "register.db") as register:
        state = register_state(register, county_formula(CATALOG), KEPT.as_of)
    return view_of(KEPT, CATALOG, state.issues, language, state)


@pytest.fixture(scope="module")
def book(audited: Path) -> Any:
    from openpyxl import load_workbook

    made = view(audited)
    path, _, _ = write_lists(made, made.register.issues, audited)  # type: ignore[union-attr]
    return load_workbook(path)


def test_a_text_longer_than_its_column_goes_on_in_a_second_line(book: Any) -> None:
    """A text that does not wrap is cut off at the next filled cell, on the screen and on paper."""
    looked = 0
    for sheet in book.worksheets[1:]:
        for cell in (c for row in sheet.iter_rows(min_row=2) for c in row if isinstance(c.value, str) and c.value):
            assert cell.alignment.wrap_text, f"{sheet.title} {cell.coordinate}"
            looked += 1
    assert looked > 20


def rows(sheet: Any) -> list[dict[str, Any]]:
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_every_list_has_its_sheet(book: Any) -> None:
    assert book.sheetnames == [
        "说明", "审计发现", "问题清单", "责任清单", "时限清单", "读入的表", "搁置的行", "对账明细", "考核得分", "银行余额调节", "未达账项",
    ]  # fmt: skip
    assert "cd" * 32 in str([c.value for c in book["说明"]["B"]])


def test_rows_and_amounts_are_those_of_the_run(book: Any) -> None:
    told = rows(book["审计发现"])
    assert {r["发现编号"] for r in told} == {f.finding_id for f in FINDINGS}
    assert sum(Decimal(str(r["金额（元）"])) for r in told if r["金额（元）"] is not None) == sum(f.amount or 0 for f in FINDINGS)
    assert len(rows(book["对账明细"])) == len(MATCHES) and len(rows(book["问题清单"])) == len(rows(book["时限清单"])) == len(FINDINGS)


def test_codes_are_text_dates_are_dates_money_is_numbers(book: Any) -> None:
    item = rows(book["未达账项"])[0]
    assert item["账号"] == "6228480402564890018" and item["日期"] == dt.datetime(2025, 12, 30) and item["金额（元）"] == -2
    sheet = book["未达账项"]
    formats = {c.value: sheet.cell(2, c.column).number_format for c in sheet[1]}
    assert formats["金额（元）"] == "#,##0.00" and formats["日期"] == "yyyy-mm-dd" and formats["账号"] == "@"


def test_nothing_from_a_ledger_becomes_a_formula_or_a_link(book: Any) -> None:
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert len(cells) > 300
    assert not [c for c in cells if c.data_type == "f" or c.hyperlink]
    assert FORMULA in {c.value for c in cells} and any(SCRIPT in str(c.value) for c in cells)


def test_a_sheet_can_be_read_filtered_and_printed(book: Any) -> None:
    for name in book.sheetnames[1:]:
        sheet = book[name]
        assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref.startswith("A1:") and sheet.print_title_rows == "$1:$1", name
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)  # 9: A4
        # one page wide (the default of fitToWidth), as many pages long as it takes
        assert (
            sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToWidth in (None, 1) and sheet.page_setup.fitToHeight == 0
        )
        assert all(6 <= d.width <= 45 for d in sheet.column_dimensions.values())
    assert book["审计发现"].print_area and "打印左边" in str([c.value for c in book["说明"]["B"]])


def test_our_own_intake_reads_the_lists_back(audited: Path, book: Any) -> None:
    sheets = {s.name: s for s in read_sheets(audited / "lists.xlsx")}
    head = [str(c) for c in sheets["审计发现"].rows[0]]
    assert head[:3] == ["级别", "规则", "规则名称"] and len(sheets["审计发现"].rows) == len(FINDINGS) + 1


def test_the_same_lists_are_the_same_bytes(audited: Path, book: Any) -> None:
    made = view(audited)
    first = (audited / "lists.xlsx").read_bytes()
    write_lists(made, made.register.issues, audited)  # type: ignore[union-attr]
    assert (audited / "lists.xlsx").read_bytes() == first


def test_english_heads(audited: Path) -> None:
    made = view(audited, "en")
    names = [one.name for one in lists_of(made, made.register.issues)]  # type: ignore[union-attr]
    assert names[0] == "Findings" and lists_of(made, ())[0].columns[5].title == "Amount (yuan)"


def test_a_list_longer_than_a_sheet_goes_on_in_the_next_and_the_cover_says_so() -> None:
    from openpyxl import load_workbook

    long = ExcelList("对账明细", (Column("编号", "text"), Column("金额", "money")), [(f"{n:03d}", n) for n in range(25)], "matches.csv")
    made = load_workbook(BytesIO(workbook(Cover("t", "说明", (), (), "f"), [long], "zh", rows_a_sheet=10)))
    assert made.sheetnames == ["说明", "对账明细", "对账明细 (2)", "对账明细 (3)"]
    told = [r["编号"] for name in made.sheetnames[1:] for r in rows(made[name])]
    assert told == [f"{n:03d}" for n in range(25)] and "分成 3 张" in str([c.value for c in made["说明"]["B"]])


def test_text_that_a_cell_cannot_hold_is_cut_with_the_place_of_the_whole() -> None:
    from openpyxl import load_workbook

    one = ExcelList(
        "长", (Column("文", "wide"), Column("日", "date")), [("长" * 40_000, dt.date(1899, 1, 1)), ("a\x00b\u202ec", None)], "findings.csv"
    )
    sheet = load_workbook(BytesIO(workbook(Cover("t", "说明", (), (), "f"), [one], "zh")))["长"]
    assert sheet["A2"].value.endswith("（全文 40,000 字，见 findings.csv）") and sheet["B2"].value == "1899-01-01"
    assert sheet["A3"].value == "a�b�c"


def test_the_command_makes_the_workbook_and_says_when_no_register_is_there(audited: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    runner = CliRunner()
    keep_run(KEPT, runner_outcome(audited), tmp_path / "alone")
    made = runner.invoke(app_of(["report"]), ["report", "lists", str(tmp_path / "alone")])
    assert made.exit_code == 0, made.stderr
    alone = load_workbook(tmp_path / "alone" / "lists.xlsx")
    assert "问题清单" not in alone.sheetnames and "没有找到问题台账" in str([c.value for c in alone["说明"]["B"]])
    wrong = runner.invoke(app_of(["report"]), ["report", "lists", str(tmp_path)])
    assert wrong.exit_code == 2 and "auditlib audit" in wrong.stderr


def runner_outcome(audited: Path) -> Any:
    from auditlib.reports.kept_run import kept_run

    kept = kept_run(audited)
    assert kept is not None
    return kept.outcome
