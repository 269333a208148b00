"""Offices that nobody has seen yet: other words in the heads, other shapes of the same ledgers.

Authority: the fields of the ledgers (contract section 2) and how ledgers really look (domain reference section 9). A column that
is read as the wrong field is worse than one that is listed as not understood, so both are tested.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from office_heads import HEADS

from auditlib.catalog.load import load_catalog
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.header_forms import HeaderForms
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import FoundTable, TableFinder

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
CONFORMER = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
ORGANISATION = ("org_name", "org_code", "org_group")


def sheet_of(rows: Sequence[Sequence[Any]]) -> RawSheet:
    """A sheet as a spreadsheet keeps it: as wide as its widest row, numbers as floats."""
    width = max(map(len, rows))
    return RawSheet("Sheet1", [[float(c) if type(c) is int else c for c in r] + [""] * (width - len(r)) for r in rows])


def tables(rows: Sequence[Sequence[Any]]) -> list[FoundTable]:
    return FINDER.tables(sheet_of(rows), "x.xlsx")


def typed(rows: Sequence[Sequence[Any]]) -> list[Conformed]:
    around = Surroundings("x.xlsx", "Sheet1", "*", "", 2025)
    return [CONFORMER.conform(t.sheet, t.block, t.recognition, around) for t in tables(rows)]


def one(rows: Sequence[Sequence[Any]]) -> Conformed:
    (found,) = typed(rows)
    return found


def values(table: Conformed, *fields: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table.columns[f].to_pylist() for f in fields), strict=True))


# ---- heads ---------------------------------------------------------------------------------------------------


def head_rows(columns: Sequence[tuple[str, str]]) -> list[list[str]]:
    """One row, or two where a head is merged over several columns."""
    if not any("›" in h for h, _ in columns):
        return [[h for h, _ in columns]]
    above = [h.split("›")[0] for h, _ in columns]
    merged = ["" if i and "›" in h and above[i - 1] == above[i] else above[i] for i, (h, _) in enumerate(columns)]
    return [merged, [h.partition("›")[2] for h, _ in columns]]


@pytest.mark.parametrize(("ledger", "title", "columns", "rows"), HEADS, ids=[h[1] for h in HEADS])
def test_the_head_of_another_office_is_understood(
    ledger: str, title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]
) -> None:
    (found,) = tables([[title], *head_rows(columns), *rows])
    assert found.recognition.ledger == ledger
    assert len(found.block.data) == len(rows)
    taken = {u.index: u.field or "-" for u in found.recognition.columns}
    wanted = {i: field for i, (_, field) in enumerate(columns)}
    assert {i: taken[i] for i in wanted if wanted[i] != "-"} == {i: f for i, f in wanted.items() if f != "-"}
    assert {taken[i] for i, f in wanted.items() if f == "-"} <= {"-", *ORGANISATION}  # nothing guessed


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("签约时间", "签约日期"), ("盘点人签名", "盘点人员"), ("其中：上级补助", "上级补助"), ("资产代码", "资产编号"),
        ("承包(租赁)人", "承包人"),
    ],
)  # fmt: skip
def test_headers_that_mean_the_same_have_one_form(a: str, b: str) -> None:
    forms = HeaderForms(CATALOG.words["headers"])
    assert forms.form(a) == forms.form(b) != ""


def test_a_header_with_alternatives_needs_all_of_them_to_mean_the_same() -> None:
    forms = HeaderForms(CATALOG.words["headers"])
    assert (forms.form("承包人"), forms.form("承租人")) in forms.readings("承包人/承租人")
    assert FINDER.vocabulary.scores("承租方/承包者名称", "contracts") == {"party_b": pytest.approx(0.88)}
    assert FINDER.vocabulary.scores("应到人数/实到人数", "decisions") == {}


def test_the_day_and_number_of_a_registration_are_nobodys_own() -> None:
    """登记日期 is when somebody wrote the line down, no period of a publication; 登记编号 is no number of a contract."""
    assert FINDER.vocabulary.scores("登记日期", "disclosures") == {}
    assert FINDER.vocabulary.scores("登记编号", "contracts") == {}


def test_a_book_figure_is_not_taken_for_the_count_beside_it() -> None:
    above = ["资产编号", "资产名称", "账面数", "", "盘点数", "", "盘点日期"]
    head = [["固定资产盘点表"], above, ["", "", "数量", "原值", "数量", "原值", ""]]
    table = one([*head, ["GD1", "楼", 5, 100, 4, 80, "2025-12-20"], ["GD2", "房", 2, 100, 2, 100, "2025-12-20"]])
    assert values(table, "asset_no", "quantity") == [("GD1", 40_000), ("GD2", 20_000)]


# ---- vouchers ------------------------------------------------------------------------------------------------

TWO_LINES = [("1", "102", 500_000, None), ("1", "501", None, 500_000), ("2", "513", 30_000, None), ("2", "101", None, 30_000)]


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["日期", "凭证号", "摘要", "借方科目", "贷方科目", "金额"], ["3月5日", 1, "租", "102 银行存款", "501 经营收入", 5000],
            ["3月6日", 2, "电", "513 管理费用", "101 库存现金", 300], ["", "", "合计", "", "", 5300],
        ],
        [
            ["日期", "凭证号", "摘要", "借方", "", "贷方", ""], ["", "", "", "科目", "金额", "科目", "金额"],
            ["3月5日", 1, "租", "102 银行存款", 5000, "501 经营收入", 5000], ["3月6日", 2, "电", "513 管理费用", 300, "101 库存现金", 300],
        ],
    ],
    ids=["one amount", "an amount each"],
)  # fmt: skip
def test_both_accounts_of_a_posting_on_one_line_are_two_lines(rows: list[list[Any]]) -> None:
    table = one([["柳河村2025年记账凭证明细"], *rows])
    assert values(table, "voucher_no", "account_code", "debit", "credit") == TWO_LINES
    assert values(table, "date")[0] == (dt.date(2025, 3, 5),)
    assert table.rows[0] == table.rows[1] and not table.quarantined
    assert all(t.stated == t.computed for t in table.totals)


FOLLOWING = [
    ["日期", "凭证号", "摘要", "科目编码", "借方金额", "贷方金额"], ["2025-03-05", "记-1", "租", "102", 5000, ""],
    ["", "", "", "501", "", 5000], ["2025-03-06", "记-2", "电", "513", 300, ""], ["", "", "", "101", "", 300],
]  # fmt: skip


def test_lines_without_number_go_on_from_the_voucher_above_where_it_balances_with_them() -> None:
    table = one([["柳河村2025年序时账"], *FOLLOWING])
    assert values(table, "voucher_no", "date") == [
        ("记-1", dt.date(2025, 3, 5)), ("记-1", dt.date(2025, 3, 5)), ("记-2", dt.date(2025, 3, 6)), ("记-2", dt.date(2025, 3, 6)),
    ]  # fmt: skip
    assert ("note.voucher_goes_on", (("n", 2),)) in table.notes


def test_lines_without_number_are_left_as_they_are_where_nothing_balances() -> None:
    unequal = [[*r[:-1], r[-1] + 1 if r[-1] else ""] if i else r for i, r in enumerate(FOLLOWING)]
    table = one([["柳河村2025年序时账"], *unequal])
    assert [n for (n,) in values(table, "voucher_no")] == ["记-1", None, "记-2", None]


def test_a_line_of_another_organisation_goes_on_from_no_voucher() -> None:
    """A county-wide export: without its number the line of 山阳村 must not become a line of 柳河村's voucher, though they balance."""
    head, *lines = FOLLOWING
    whose = ["柳河村", "山阳村", "柳河村", ""]
    table = one([["2025年序时账"], ["单位名称", *head], *([w, *line] for w, line in zip(whose, lines, strict=True))])
    assert [n for (n,) in values(table, "voucher_no")] == ["记-1", None, "记-2", "记-2"]


def test_lines_above_the_first_number_go_on_from_nothing() -> None:
    """Two lines without number or day that balance by themselves are no voucher that could be named."""
    head, *lines = FOLLOWING
    table = one([["柳河村2025年序时账"], head, ["", "", "", "102", 10, ""], ["", "", "", "501", "", 10], *lines])
    assert [n for (n,) in values(table, "voucher_no")] == [None, None, "记-1", "记-1", "记-2", "记-2"]
    assert ("note.voucher_goes_on", (("n", 2),)) in table.notes


# ---- shapes --------------------------------------------------------------------------------------------------


def test_claims_and_debts_printed_side_by_side_are_not_mixed_up() -> None:
    head = [["柳河村债权债务台账"], ["债权", "", "", "债务", "", ""], ["债务人", "形成时间", "金额", "债权人", "形成时间", "金额"]]
    tables = typed([*head, ["张三", "2015.3", 5000, "王五", "2016.3", 7000], ["李四", "2015.4", 6000, "赵六", "2016.5", 8000]])
    assert [values(t, "kind", "counterparty", "amount") for t in tables] == [
        [("债权", "张三", 500_000), ("债权", "李四", 600_000)], [("债务", "王五", 700_000), ("债务", "赵六", 800_000)],
    ]  # fmt: skip


def test_income_and_spending_published_side_by_side_are_items() -> None:
    head = [["柳河村2025年第一季度财务公开表"], ["公开时间：2025年4月10日"], ["收入项目", "金额", "支出项目", "金额"]]
    table = one([*head, ["经营收入", 5000, "管理费用", 300], ["补助收入", 2000, "", ""], ["合计", 7000, "合计", 300]])
    assert values(table, "period", "item", "amount") == [
        ("2025Q1", "经营收入", 500_000), ("2025Q1", "管理费用", 30_000), ("2025Q1", "补助收入", 200_000),
        ("2025Q1", "收入合计", 700_000), ("2025Q1", "支出合计", 30_000),
    ]  # fmt: skip
    assert set(table.columns["published_on"].to_pylist()) == {dt.date(2025, 4, 10)}


def test_rows_of_text_dates_are_no_part_of_the_head() -> None:
    head = ["编号", "欠款人", "欠款事由", "欠款时间", "约定归还时间", "尚欠本金", "最近还款日", "催收情况"]
    rows = [
        ["Q1", "张三", "借款", "2015-03-01", "2016-03-01", 5000, "2018-01-01", ""],
        ["Q2", "李四", "租金", "2016-03-01", "2017-03-01", 70, "2019-01-01", ""],
    ]
    (found,) = tables([["应收款项明细表"], head, *rows])
    assert (found.block.header_rows, found.block.data) == ((1,), (2, 3))


def test_the_running_balance_beside_a_months_total_is_not_added_up() -> None:
    rows = [["2025-01-05", "转", 1000, "", 99000], ["2025-01-06", "收", "", 2000, 101000], ["", "本月合计", 1000, 2000, 101000]]
    table = one([["银行对账单"], ["账号", "201000123456789"], ["交易日期", "摘要", "支出", "收入", "余额"], *rows])
    assert {t.field for t in table.totals} == {"paid_out", "paid_in"}
    assert all(t.stated == t.computed for t in table.totals)


def test_the_closing_balance_under_a_statement_is_no_movement() -> None:
    rows = [
        ["2025-01-05", "转", 1000, "", 99000], ["承前页余额", "", "", "", 99000],
        ["2025-01-06", "收", "", 2000, 101000], ["期末余额", "", "", "", 101000],
    ]  # fmt: skip
    table = one([["银行对账单"], ["账号", "201000123456789"], ["交易日期", "摘要", "支出", "收入", "余额"], *rows])
    assert [d.day for (d,) in values(table, "date")] == [5, 6]
    assert not table.openings


@pytest.mark.parametrize("said", ["单位：元", "单位：亩、万元", "单位：元、年、平方米"])
def test_units_above_a_table_are_nobodys_name(said: str) -> None:
    table = one([["资源台账"], [said], ["地块编号", "地块名称", "地类", "面积", "使用状态"], ["DK1", "东坡", "耕地", 2, "出租"]])
    assert table.attributions == ()


def test_units_in_a_column_are_nobodys_name() -> None:
    head = [["柳河村财务移交表"], ["移交编号", "移交项目", "单位", "移交数量", "接收数量", "移交人"]]
    table = one([*head, ["Y1", "现金", "元", 1000, 1000, "王"], ["Y2", "存折", "本", 2, 2, "王"]])
    assert table.attributions == ()


def test_words_that_count_do_not_make_a_number_unreadable() -> None:
    head = [["成员名册"], ["户号", "成员编号", "姓名", "股份数", "状态"]]
    table = one([*head, ["H1", "C1", "王", "1股", "在册"], ["H2", "C2", "李", "约2股", "在册"]])
    assert values(table, "shares") == [(10_000,), (None,)]


def test_a_year_alone_is_no_day_and_no_error() -> None:
    """What is known to the year comes out without a date, marked as doubtful, and is not called unreadable (D02)."""
    from auditlib.intake.values import AMBIGUOUS, MONTH

    rows = [["GD1", "楼", "2010年", 5, "自用"], ["GD2", "房", 2012, 8, "出租"], ["GD3", "井", "3月", 8, "自用"]]
    table = one([["2025年固定资产台账"], ["资产编号", "资产名称", "取得时间", "原值", "使用状况"], *rows])
    assert values(table, "acquired_on") == [(None,), (None,), (dt.date(2025, 3, 1),)]
    assert table.statuses["acquired_on"].to_pylist() == [AMBIGUOUS, AMBIGUOUS, MONTH]
