"""Pages of an account's own book are known, kept and added up, and never counted beside the vouchers that they were posted from.

Authority: 会计基础工作规范 (财政部), articles 55 to 58: day books of cash and bank and detail accounts are posted from vouchers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from auditlib.catalog.load import load_catalog
from auditlib.intake.tables import FoundTable, TableFinder

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
