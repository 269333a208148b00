"""Bank, card and payment exports as real banks write them.

Authority: the sample exports and the journals beside them of double-entry-generator (Apache-2.0), read where they
lie; every movement that a journal books must come out with its date, direction and amount. Small exports of our own
making, in the same styles, stand below for everyone else.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import published

from auditlib.catalog.load import load_catalog
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import FoundTable, TableFinder

CATALOG = load_catalog()


def statement(path: Path) -> tuple[FoundTable, Conformed]:
    finder = TableFinder(CATALOG)
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    tables = [t for sheet in finder.sheets(path) for t in finder.tables(sheet, path.name)]
    assert len(tables) == 1, "one table in an export"
    table = conformer.conform(tables[0].sheet, tables[0].block, tables[0].recognition, Surroundings(path.name, "", "*", "", 2024))
    return tables[0], table


def movements(table: Conformed) -> list[tuple[str, int]]:
    """(date, fen; positive in) of every row whose direction is told."""
    dates, ins, outs = (table.columns[n].to_pylist() for n in ("date", "paid_in", "paid_out"))
    return [
        (d.isoformat() if d else "", (i or 0) - (o or 0))
        for d, i, o in zip(dates, ins, outs, strict=True)
        if i is not None or o is not None
    ]


# ---- the published exports ---------------------------------------------------------------------------------

PUBLISHED = {  # folder: data rows, header row, rows whose direction the export tells, the account's leg in the journal
    "abc_debit": (5, 1, 5, r"Assets:ABC:DebitCard"),
    "alipay": (10, 25, 6, None),
    "bocom_credit": (8, 1, 8, r"Liabilities:BOCOM:CreditCard"),
    "bocom_debit": (6, 1, 6, r"Assets:DebitCard:BOCOM"),
    "cmb_credit": (6, 2, 6, r"Liabilities:CreditCard:CMB"),
    "cmb_debit": (5, 1, 5, r"Assets:DebitCard:CMB"),
    "icbc_credit": (9, 7, 9, r"Liabilities:Bank:CN:ICBC"),
    "icbc_debit_v1": (11, 7, 11, r"Assets:Bank:CN:ICBC"),
    "icbc_debit_v2": (11, 7, 11, r"Assets:Bank:CN:ICBC"),
    "wechat": (27, 17, 16, None),
}


def booked(folder: Path, account: str) -> list[tuple[str, int]]:
    """(date, fen; positive into the account) of every posting on `account` in the journal of a folder."""
    text = next(folder.glob("*.beancount")).read_text(encoding="utf-8")
    found = []
    for entry in re.split(r"\n(?=\d{4}-\d\d-\d\d \*)", text)[1:]:
        for amount in re.findall(rf"^\s+{account}\s+(-?[\d.]+) CNY", entry, re.M):
            found.append((entry[:10], int(Decimal(amount) * 100)))
    return found


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_rows_heads_and_directions_of_published_exports(name: str) -> None:
    rows, header, directed, _ = PUBLISHED[name]
    found, table = statement(next((published("cn-bank-statements") / name).glob("*.csv")))
    assert found.recognition.ledger == "bank_statement"
    assert (len(table.rows), found.block.header_rows[0] + 1) == (rows, header)
    assert len(movements(table)) == directed


@pytest.mark.parametrize("name", sorted(n for n, p in PUBLISHED.items() if p[3]))
def test_every_posting_of_the_journal_is_read_with_date_direction_and_amount(name: str) -> None:
    folder = published("cn-bank-statements") / name
    _, table = statement(next(folder.glob("*.csv")))
    journal = booked(folder, PUBLISHED[name][3] or "")
    assert journal, "the journal books something on the account"
    read = movements(table)
    if name == "cmb_credit":  # lines without a transaction date are booked on the day of record
        assert Counter(a for _, a in journal) <= Counter(a for _, a in read)
        assert {(d, a) for d, a in read if d} <= {*journal}
    elif name == "bocom_credit":  # the journal books a repayment as the bank's claim on its clearing account: amounts agree
        assert Counter((d, abs(a)) for d, a in journal) <= Counter((d, abs(a)) for d, a in read)
    else:
        assert Counter(journal) <= Counter(read)


def test_the_sums_of_a_payment_platform_are_those_of_its_directed_rows() -> None:
    """alipay: 收入 222,228.50 (one row), 支出 49.74 + 20.00 + 50.00 + 9.90 + 82.00; 不计收支 counts as neither."""
    _, table = statement(next((published("cn-bank-statements") / "alipay").glob("*.csv")))
    assert sum(a for _, a in movements(table) if a > 0) == 22222850
    assert sum(a for _, a in movements(table) if a < 0) == -21164


def test_the_total_row_of_an_export_is_no_movement() -> None:
    for name in ("icbc_credit", "icbc_debit_v1", "icbc_debit_v2"):
        found, _ = statement(next((published("cn-bank-statements") / name).glob("*.csv")))
        assert len(found.block.totals) == 1


# ---- exports of our own making, in the same styles ---------------------------------------------------------

OWN = {
    "preamble, padded cells, 收/支 in words, GB18030": (
        "gb18030",
        "------\n导出信息：\n姓名：某合作社\n共9笔记录\n\n-----------回单-----------\n"
        "交易时间            ,交易对方     ,商品说明   ,收/支     ,金额     ,备注  ,\n"
        "2025-02-12 21:32:14 ,农资店       ,化肥       ,支出      ,49.74    ,      ,\n"
        "2025-02-13 08:00:00 ,张三         ,还租       ,收入      ,1200.00  ,      ,\n"
        "2025-02-14 08:00:00 ,余额宝       ,转入       ,不计收支  ,16.03    ,      ,\n",
        [("2025-02-12", -4974), ("2025-02-13", 120000)],
    ),
    "signs": ("utf-8", "交易日期,交易金额,本次余额,对手信息\n20250101,+10000.00,11000.00,甲\n20250102,-10.00,10990.00,乙\n",
    [("2025-01-01", 1000000), ("2025-01-02", -1000)]),
    "借贷 with unsigned amounts": (
        "utf-8-sig",
        "序号,交易日期,借贷,交易金额,余额,对方户名,摘要\n"
        "1,2025-01-01,贷 Cr,1.23,101.23,某银行,利息\n2,2025-02-02,借 Dr,3.21,98.02,某店,付款\n",
        [("2025-01-01", 123), ("2025-02-02", -321)],
    ),
    "two columns, tabs in quotes, a total after a blank line": (
        "utf-8",
        '明细查询文件下载\n\n卡号: 1234****5678,"卡别名: "\n\n'
        "交易日期,摘要,记账金额(收入),记账金额(支出),余额,对方户名\n"
        '2025-04-22     \t,"消费   \t","        \t","1,013.40  \t","8.00 \t","某店 \t",\n'
        '2025-04-23     \t,"汇入   \t","2,000.00 \t","   \t","2,008.00 \t","某人 \t",\n \n'
        '人民币合计,,"2,000.00 \t","1,013.40 \t",\n',
        [("2025-04-22", -101340), ("2025-04-23", 200000)],
    ),
    "credit card: positive is spent, no year in the dates": (
        "utf-8",
        "某银行信用卡对账单（2025年01月）\n交易日,记账日,交易摘要,人民币金额\n12/29,12/30,还款,-100.00\n01/02,01/03,农资,56.78\n",
        [("2024-12-29", 10000), ("2025-01-02", -5678)],
    ),
    "amount with its currency": (
        "utf-8", "交易日期,交易说明,入账币种/金额\n2025-01-10,退货 农资,CNY 123.18\n2025-01-11,消费 农机,CNY13.50\n",
        [("2025-01-10", 12318), ("2025-01-11", -1350)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", OWN)
def test_styles_of_our_own_making(style: str, tmp_path: Path) -> None:
    encoding, text, expected = OWN[style]
    path = tmp_path / "银行流水.csv"
    path.write_bytes(text.encode(encoding))
    _, table = statement(path)
    assert table.ledger == "bank_statement"
    assert movements(table) == expected


def test_movements_without_a_direction_are_counted_in_a_note_and_in_no_sum(tmp_path: Path) -> None:
    path = tmp_path / "流水.csv"
    path.write_text("交易日期,交易对方,收/支,金额,备注\n2025-01-01,甲,/,5.00,提现\n2025-01-02,乙,支出,7.00,买\n", encoding="utf-8")
    _, table = statement(path)
    assert movements(table) == [("2025-01-02", -700)]
    assert ("note.undirected", (("n", 1),)) in table.notes


# ---- lines of balances and totals around the movements -----------------------------------------------------------
# The contract knows records and total rows (sources.csv, `auditlib read`); rule D05 counts 过次页 and 承前页 among totals. A line
# that says a balance is no record either: it is set aside with them, and only an opening one is used.

BANK_HEAD = ["交易日期", "摘要", "借方发生额", "贷方发生额", "账户余额", "对方户名"]
MOVEMENTS = [["2025-01-05", "电费", 120.5, "", 879.5, "供电所"], ["2025-01-09", "租金", "", 300.0, 1179.5, "张三"]]


def around(*lines: list[Any], before: list[Any] | None = None) -> tuple[tuple[int, ...], tuple[str, ...], tuple[int, ...], dict[str, Any]]:
    """Data rows, labels of total rows, footers and control totals of a statement with `lines` under its movements."""
    top = [["石桥农商银行账户明细"], ["账号：6217001234567890"], BANK_HEAD, *([before] if before else [])]
    rows = [[*r, *[""] * (len(BANK_HEAD) - len(r))] for r in (*top, *MOVEMENTS, *lines)]
    (found,) = TableFinder(CATALOG).tables(RawSheet("Sheet1", rows), "x.xlsx")
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"], "V1"))
    table = conformer.conform(found.sheet, found.block, found.recognition, Surroundings("x.xlsx", "Sheet1", "", "", 2025))
    totals = {f"{t.label} {t.field}": (t.stated, t.computed) for t in table.totals}
    return found.block.data, tuple(label for _, label in found.block.totals), found.block.footers, totals


@pytest.mark.parametrize("label", ["期末余额", "期末结余", "本期余额", "账户余额", "截至2025-01-31余额", "可用余额"])
def test_a_line_of_a_balance_is_no_record(label: str) -> None:
    data, labels, _, totals = around([label, "", "", "", 1179.5], before=["期初余额", "", "", "", 1000.0])
    assert (data, labels, totals) == ((4, 5), ("期初余额", label), {})


def test_what_is_carried_between_pages_is_a_total() -> None:
    lines = (["", label, 120.5, 300.0, 1179.5] for label in ("过次页", "本月合计"))
    data, labels, _, totals = around(*lines, before=["", "承前页", "", "", 1000.0])
    assert (data, labels) == ((4, 5), ("承前页", "过次页", "本月合计"))
    assert set(totals.values()) == {(12050, 12050), (30000, 30000)}


def test_labels_and_figures_in_turns_are_a_footer() -> None:
    lines = (["借方合计", 120.5, "贷方合计", 300.0], ["借方笔数", 1.0, "贷方笔数", 1.0], ["合计笔数", 2.0])
    assert around(*lines) == ((3, 4), (), (5, 6, 7), {})


def test_totals_of_one_column_each_add_up_the_same_rows() -> None:
    _, _, _, totals = around(["借方合计", "", 120.5], ["贷方合计", "", "", 300.0], ["本期合计", "", 120.5, 300.0])
    assert totals == {
        "借方合计 paid_out": (12050, 12050), "贷方合计 paid_in": (30000, 30000),
        "本期合计 paid_out": (12050, 12050), "本期合计 paid_in": (30000, 30000),
    }  # fmt: skip
