"""Opening rows (上年结转, 期初余额, 承上年) become opening balances and stand in for a missing trial balance; a page's 承前页 does not.

The words are those of the account books that 会计基础工作规范 (财政部) prescribes: at the year end balances are carried over (结转下年),
and 上年结转 stands in the summary of the first line of the new book; 过次页 and 承前页 carry a page.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_frames import balance, check, posting

from auditlib.catalog.load import load_catalog
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import TableFinder

CATALOG = load_catalog()
BOOK = ["日期", "凭证号", "摘要", "借方", "贷方", "方向", "余额"]
JOURNAL = ["日期", "凭证号", "摘要", "科目编码", "科目名称", "借方", "贷方", "方向", "余额"]


def read(rows: list[list[Any]], sheet: str = "日记账", file: str = "账.xlsx") -> Conformed:
    (found,) = TableFinder(CATALOG).tables(RawSheet(sheet, rows), file)
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    return conformer.conform(found.sheet, found.block, found.recognition, Surroundings(file, sheet, "V1", "", 2025))


def openings(table: Conformed) -> list[tuple[int, str, str, int]]:
    return [(o.row, o.account, o.side, o.amount) for o in table.openings]


@pytest.mark.parametrize(
    "label", ["上年结转", "上年结余", "承上年", "承上年余额", "年初余额", "期初余额", "上 年 结 转", "结转上年余额", "年初结余："]
)
def test_an_opening_row_is_no_movement_and_no_sum(label: str) -> None:
    book = [
        ["库存现金序时账"],
        BOOK,
        ["2025-01-01", "", label, "", "", "借", 650.66],
        ["2025-01-05", "记-1", "付电费", "", 100.0, "借", 550.66],
    ]
    table = read(book)
    assert openings(table) == [(2, "101", "debit", 65066)]
    assert (table.openings[0].year, table.openings[0].org_code, table.rows, table.totals) == (2025, "V1", (3,), ())


@pytest.mark.parametrize("label", ["承前页", "过次页", "结转下年", "本月合计", "本年累计"])
def test_page_carry_overs_month_totals_and_closing_lines_open_nothing(label: str) -> None:
    book = [["库存现金序时账"], BOOK, ["2025-01-05", "记-1", "付电费", "", 100.0, "借", 550.66], ["", "", label, "", 100.0, "借", 550.66]]
    assert read(book).openings == ()


def test_the_account_is_told_by_the_cell_the_head_or_the_title() -> None:
    rows = [
        ["2025-01-01", "", "上年结转", "10201", "银行存款", "", "", "借", 8000.0],
        ["2025-01-01", "", "上年结转", "", "库存现金", "", "", "借", 500.0],
        ["2025-01-01", "", "上年结转", "211", "应付款", "", "", "贷", 30.0],
        ["2025-01-05", "记-1", "付电费", "101", "库存现金", "", 100.0, "借", 400.0],
    ]
    assert [o[1:] for o in openings(read([JOURNAL, *rows]))] == [
        ("10201", "debit", 800000),
        ("101", "debit", 50000),
        ("211", "credit", 3000),
    ]
    line, move = ["2025-01-01", "", "上年结转", "", "", "借", 7.0], ["2025-01-05", "记-1", "取现", 1.0, "", "借", 8.0]
    assert openings(read([["序时账"], ["会计科目：10202 专户存款"], BOOK, line, move]))[0][1] == "10202"
    assert openings(read([["库存现金序时账"], BOOK, line, move]))[0][1] == "101"
    assert openings(read([["序时账"], BOOK, line, move]))[0][1] == ""  # nobody says which: it is not guessed


def test_a_voucher_with_a_number_stays_a_voucher_whatever_its_summary_says() -> None:
    table = read(
        [
            JOURNAL,
            ["2025-01-01", "记-1", "上年结转", "101", "库存现金", 5.0, "", "", ""],
            ["2025-01-02", "记-2", "付款", "101", "库存现金", "", 5.0, "", ""],
        ]
    )
    assert (table.rows, table.openings) == ((1, 2), ())


def test_a_statement_opens_with_what_the_bank_held() -> None:
    head = ["交易日期", "摘要", "支出", "收入", "余额", "对方户名"]
    rows = [
        ["账号：6228480000001", *[""] * 5],
        head,
        ["2025-01-01", "承上年余额", "", "", 5000.0, ""],
        ["2025-01-03", "利息", "", 3.0, 5003.0, ""],
    ]
    table = read(rows, "银行对账单")
    assert [(o.account, o.side, o.amount, o.date) for o in table.openings] == [("6228480000001", "debit", 500000, dt.date(2025, 1, 1))]
    assert table.rows == (3,)


def test_the_opening_of_a_later_month_opens_no_year() -> None:
    book = [["库存现金序时账"], BOOK, ["", "", "上月结余", "", "", "借", 9.0], ["2025-03-05", "记-9", "付电费", "", 1.0, "借", 8.0]]
    assert [(o.year, o.amount) for o in read(book).openings] == [(None, 900)]
    book[3][0] = "2025-01-05"
    assert [(o.year, o.amount) for o in read(book).openings] == [(2025, 900)]


def test_a_carry_over_dated_on_the_last_day_opens_the_new_year() -> None:
    book = [["库存现金序时账"], BOOK, ["2024-12-31", "", "上年结转", "", "", "借", 9.0]]
    assert [o.year for o in read(book).openings] == [2025]


# --- in use: F07 and F09 ------------------------------------------------------------------------------------------------

PAID = [posting("记-1", "2025-01-05", "101", credit="700"), posting("记-1", "2025-01-05", "513", debit="700")]
ROW = {"org_code": "V1", "ledger": "journal", "label": "上年结转", "account": "101", "year": 2025, "side": "debit", "amount": 50_000}


def test_without_a_trial_balance_the_cash_box_starts_from_the_opening_row(tmp_path: Path) -> None:
    found = check(tmp_path, {"journal": PAID, "openings": [ROW]})
    assert [(c.records, c.amount) for c in found.of("F09")] == [(("2025-01-05",), Decimal("200.00"))]
    enough = check(tmp_path / "enough", {"journal": PAID, "openings": [{**ROW, "amount": 70_000}]})
    assert enough.of("F09") == [] and enough.status("F09") == {"passed"}
    nothing = check(tmp_path / "nothing", {"journal": PAID})
    assert nothing.of("F09") == [] and nothing.status("F09") == {"not_applicable"}


def test_the_trial_balance_stands_above_the_opening_row(tmp_path: Path) -> None:
    ledgers = {"journal": PAID, "trial_balance": [balance("101", 600, credit=700)], "openings": [{**ROW, "amount": 900_000}]}
    assert check(tmp_path, ledgers).amounts("F09") == [Decimal("100.00")]


@pytest.mark.parametrize(
    "other", [{"year": 2024}, {"year": None}, {"ledger": "bank_statement"}, {"account": "102"}, {"org_code": "V2"}, {"org_code": ""}]
)
def test_only_the_opening_of_this_year_this_account_and_this_organisation_counts(other: dict, tmp_path: Path) -> None:
    found = check(tmp_path, {"journal": PAID, "openings": [{**ROW, **other}]})
    assert found.of("F09") == [] and found.status("F09") == {"not_applicable"}


def test_an_account_that_opens_twice_and_its_details_count_once(tmp_path: Path) -> None:
    twice = [ROW, ROW, {**ROW, "account": "10101", "amount": 30_000}]
    assert check(tmp_path, {"journal": PAID, "openings": twice}).amounts("F09") == [Decimal("200.00")]
    details = [{**ROW, "account": "10101", "amount": 30_000}, {**ROW, "account": "10102", "amount": 10_000}]
    assert check(tmp_path / "details", {"journal": PAID, "openings": details}).amounts("F09") == [Decimal("300.00")]
