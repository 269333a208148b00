"""Pages of an account's own book are known, kept and added up, and never counted beside the vouchers that they were posted from.

Authority: 会计基础工作规范 (财政部), articles 55 to 58: day books of cash and bank and detail accounts are posted from vouchers.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xlsxwriter

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import load_settings
from auditlib.intake.tables import FoundTable, TableFinder
from auditlib.intake.workspace import read_workspace

FINDER = TableFinder(load_catalog())
HEAD = ["日期", "凭证号", "摘要", "借方", "贷方", "方向", "余额"]
ROWS = [
    ["2025-01-05", "1", "上年结转", "", "", "借", 800.0],
    ["2025-01-08", "2", "收鱼塘租金", 500.0, "", "借", 1300.0],
    ["2025-01-09", "3", "付电费", "", 200.0, "借", 1100.0],
]


def found(path: Path, title: str, head: list[str], rows: list[list[Any]], sheet: str = "Sheet1") -> FoundTable:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for r, cells in enumerate([[title], head, *rows]):
            page.write_row(r, 0, cells)
    [raw] = list(FINDER.sheets(path))
    [table] = FINDER.tables(raw, path.name)
    return table


@pytest.mark.parametrize("title", ["现金日记账", "新寨村2025年库存现金日记帐", "银行存款日记账", "明细分类账（应收款）", "总账"])
def test_a_page_of_one_account_feeds_no_ledger(title: str, tmp_path: Path) -> None:
    told = found(tmp_path / "册.xlsx", title, HEAD, ROWS).recognition
    assert told.form and told.ledger == ""


def test_the_name_of_the_sheet_tells_it_too(tmp_path: Path) -> None:
    assert found(tmp_path / "册.xlsx", "新寨村", HEAD, ROWS, sheet="现金日记账").recognition.form == "cash-book"


@pytest.mark.parametrize("account", ["科目编码", "会计科目", "科目名称"])
def test_a_book_that_names_the_account_of_each_line_is_a_journal(account: str, tmp_path: Path) -> None:
    """Near miss: 用友 exports its 序时账 as 明细账 with a column of accounts."""
    head = ["日期", "凭证号", account, "摘要", "借方", "贷方", "余额"]
    rows = [[r[0], r[1], "101" if "编码" in account else "库存现金", r[2], r[3], r[4], r[6]] for r in ROWS]
    told = found(tmp_path / "账.xlsx", "2025年明细账", head, rows).recognition
    assert told.ledger == "journal" and not told.form


def test_a_bank_s_own_list_is_a_statement(tmp_path: Path) -> None:
    """Does not apply: 明细账单 holds the word 明细账 and is what a bank prints."""
    head = ["账号", "交易日期", "摘要", "支出", "收入", "余额", "对方户名"]
    rows = [
        ["6217000010001", "2025-01-08", "转入", "", 500.0, 1300.0, "王五"],
        ["6217000010001", "2025-01-09", "转出", 200.0, "", 1100.0, "供电所"],
    ]
    assert found(tmp_path / "账户明细账单.xlsx", "账户明细账单", head, rows).recognition.ledger == "bank_statement"


# ---- what a day book opened the year with ------------------------------------------------------------------------------

OPENED = [
    ["2025-01-01", "", "上年结转", "", "", "借", 800.0],
    ["2025-01-08", "2", "收鱼塘租金", 500.0, "", "借", 1300.0],
    ["2025-01-09", "3", "付电费", "", 200.0, "借", 1100.0],
]


def read_village(folder: Path, books: dict[str, tuple[str, list[list[Any]]]]) -> tuple[list[dict[str, Any]], list[tuple[str, ...]]]:
    """The openings that a county with these pages in one village gives, and the notes of its sheets."""
    village = folder / "县" / "青禾镇" / "新寨村"
    village.mkdir(parents=True)
    for name, (title, rows) in books.items():
        with xlsxwriter.Workbook(str(village / name)) as book:
            page = book.add_worksheet("Sheet1")
            for r, cells in enumerate([[title], HEAD, *rows]):
                page.write_row(r, 0, cells)
    (village.parents[1] / "audit.toml").write_text('county = "青禾县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    settings = load_settings(village.parents[1], load_catalog(), today=dt.date(2026, 2, 1))
    (folder / "frames").mkdir()
    intake = read_workspace(village.parents[1], folder / "frames", load_catalog(), settings)
    return pq.read_table(folder / "frames" / "openings.parquet").to_pylist(), [s.notes for s in intake.sources]


@pytest.mark.parametrize(
    ("title", "account"), [("现金日记账", "101"), ("新寨村2025年银行存款日记账", "102"), ("应收款明细账", None), ("总账", None)]
)
def test_a_day_book_of_cash_or_bank_opens_its_account(title: str, account: str | None, tmp_path: Path) -> None:
    """会计基础工作规范, article 56: balances are carried over at the beginning of a year. A detail account is only a part of one."""
    rows, _ = read_village(tmp_path, {"册.xlsx": (title, OPENED)})
    told = [(r["ledger"], r["account"], r["year"], r["side"], r["amount"], r["sheet_row"]) for r in rows]
    assert told == ([("journal", account, 2025, "debit", 80_000, 3)] if account else [])


def test_a_page_of_a_later_month_opens_no_year(tmp_path: Path) -> None:
    march = [["2025-03-01", "", "上月结余", "", "", "借", 1100.0], ["2025-03-08", "9", "付水费", "", 100.0, "借", 1000.0]]
    rows, _ = read_village(tmp_path, {"一月.xlsx": ("现金日记账", OPENED), "三月.xlsx": ("现金日记账", march)})
    assert [(r["year"], r["amount"]) for r in rows] == [(2025, 80_000)]


def test_books_of_one_account_that_open_with_different_amounts_are_told_and_not_used(tmp_path: Path) -> None:
    """Two banks, or two versions of a book: either amount would make a false balance."""
    other = [[*OPENED[0][:-1], 900.0], *OPENED[1:]]
    rows, notes = read_village(tmp_path, {"农商行.xlsx": ("银行存款日记账", OPENED), "信用社.xlsx": ("银行存款日记账", other)})
    assert rows == []
    assert sum(any("2 处年初数" in n for n in told) for told in notes) == 2
