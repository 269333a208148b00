"""A county written down by yet another office says the same: parts of headers, labels of totals, units, choices, names and head words.

Authority: how ledgers really look (domain reference section 9: merged heads over two rows, units in head or cell, prefixes of the money
unit, many words for one thing); 农村集体经济组织法 on what collectives call themselves; the values of contract section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.intake.blocks import PATH
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import FoundTable, TableFinder
from auditlib.words.records import Organisation

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
ORGANISATIONS = (
    Organisation("T1", "永安镇", "township"),
    Organisation("V1", "桥头村集体经济合作社", "village", "T1"),
    Organisation("G1", "桥头村第1村民小组", "group", "V1"),
)
RESOLVER = Resolver(ORGANISATIONS, CATALOG.words["organisation_names"])
CONFORMER = Conformer(CATALOG, RESOLVER)


def one(rows: Sequence[Sequence[Any]]) -> tuple[FoundTable, Conformed]:
    width = max(map(len, rows))
    (table,) = FINDER.tables(RawSheet("Sheet1", [[*r, *[""] * (width - len(r))] for r in rows]), "x.xlsx")
    return table, CONFORMER.conform(table.sheet, table.block, table.recognition, Surroundings("x.xlsx", "Sheet1", "V1", "", 2025))


def column(table: Conformed, name: str) -> list[Any]:
    return table.columns[name].to_pylist()


# ---- heads of two rows ---------------------------------------------------------------------------------------------

ABOVE = ["地块编号", "地类", "面积(公顷)", "", "使用情况", "是否为机动地"]
PARCELS = [["DK-1", "耕地", 2.0, 0.5, "自营", "否"], ["DK-2", "林地", 1.0, 0.0, "自营", "否"]]


@pytest.mark.parametrize(
    "below",
    [
        ["", "", "合计", "其中：承包到户", "", ""],  # as text files and web pages have it
        ["地块编号", "地类", "合计", "其中：承包到户", "使用情况", "是否为机动地"],  # cells merged downwards, filled
    ],
    ids=["empty", "merged"],
)
@pytest.mark.parametrize("numbers", [[], [[1, 2, 3, 4, 5, 6]]], ids=["plain", "numbered"])
def test_the_one_header_with_parts_takes_the_row_below_into_the_head(below: list[str], numbers: list[list[int]]) -> None:
    table, typed = one([["资源登记簿"], ABOVE, below, *numbers, *PARCELS])
    assert table.block.header_rows == (1, 2)
    assert len(table.block.data) == 2
    assert column(typed, "area_mu") == [30_000_000, 15_000_000]  # a hectare is 15 mu, kept in millionths
    assert column(typed, "household_mu") == [7_500_000, 0]


def test_a_row_of_data_under_a_header_without_a_name_is_no_part_of_the_head() -> None:
    head = ["资产编号", "资产名称", "", "坐落位置", "使用状态", "使用人"]
    rows = [["", "仓库", "旧", "村北", "", ""], ["ZC-2", "村部", "", "村东", "自用", ""], ["ZC-3", "水塔", "", "村西", "自用", ""]]
    table, _ = one([["固定资产台账"], head, *rows])
    assert table.block.header_rows == (1,)
    assert table.block.data == (2, 3, 4)


def test_what_stands_under_a_known_pair_is_read_with_it_and_not_alone() -> None:
    scores = FINDER.vocabulary.scores(f"承租(包)方{PATH}名称", "contracts")
    assert set(scores) == {"party_b"}  # and not the name of the contract
    assert max(scored := FINDER.vocabulary.scores(f"乙方{PATH}身份证号或信用代码", "contracts"), key=lambda n: scored[n]) == "party_b_id"


# ---- totals whose amounts are texts ----------------------------------------------------------------------------------


def test_a_total_of_amounts_written_with_their_unit_is_a_total() -> None:
    head = ["资产编号", "资产名称", "原值", "累计折旧", "净值", "使用状态"]
    rows = [["ZC-1", "村部", "1,200.00元", "200.00元", "1,000.00元", "自用"], ["ZC-2", "水塔", "800.00元", "0.00元", "800.00元", "自用"]]
    table, typed = one([["固定资产台账"], head, *rows, ["总　计", "", "2,000.00元", "200.00元", "1,800.00元", ""]])
    assert [label for _, label in table.block.totals] == ["总计"]
    assert column(typed, "original_value") == [120_000, 80_000]
    assert {t.field: t.computed - t.stated for t in typed.totals} == {"original_value": 0, "accumulated_depreciation": 0, "net_value": 0}


# ---- units -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "factor"), [("单位:人民币元", 1), ("单位：人民币万元", 10_000), ("金额单位：人民币千元", 1_000)])
def test_a_unit_with_the_name_of_the_currency_is_a_unit_and_nobody(line: str, factor: int) -> None:
    head = ["成员编号", "姓名", "份额", "分配金额", "发放日期"]
    _, typed = one([["收益分配明细表"], [line], head, ["CY-1", "王一", 1, 1.5, "2025-12-28"]])
    assert column(typed, "amount") == [150 * factor]
    assert typed.attributions == ()


def test_a_quantity_may_carry_its_unit() -> None:
    head = ["资产编号", "资产名称", "数量", "原值", "使用状态"]
    rows = [["ZC-1", "村部", "389平方米", 100, "自用"], ["ZC-2", "路灯", "36盏", 100, "自用"], ["ZC-3", "碾米机", "按实际", 100, "自用"]]
    _, typed = one([["固定资产台账"], head, *rows])
    first, second, told = column(typed, "quantity")
    assert (first * 36, told) == (second * 389, None)


def test_the_day_on_which_a_table_was_filed_is_not_the_year_of_its_days() -> None:
    head = ["日期", "凭证号", "摘要", "科目编码", "借方金额", "贷方金额"]
    rows = [["3月2日", "记-1", "收租金", "101", 5, ""], ["3月2日", "记-1", "收租金", "501", "", 5]]
    _, filed = one([["会计分录流水账"], ["填报日期：2026年1月12日"], head, *rows])
    _, titled = one([["2024年12月31日止会计分录流水账"], head, *rows])
    assert [{d.year for d in column(t, "date")} for t in (filed, titled)] == [{2025}, {2024}]  # 2025 is the year that is audited


# ---- choices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("集体自用", "自用"), ("闲置未用", "闲置"), ("对外出租", "出租"), ("正在出租中", "出租"),
        ("部分闲置", "部分闲置"), ("拟出租", "拟出租"), ("出租闲置", "出租闲置"), ("失联", "失联"),
    ],
)  # fmt: skip
def test_words_around_a_choice_say_nothing_and_any_other_word_makes_another_value(written: str, meant: str) -> None:
    head = ["资产编号", "资产名称", "原值", "使用状态"]
    _, typed = one([["固定资产台账"], head, ["ZC-1", "村部", 100, written], ["ZC-2", "水塔", 100, "自用"]])
    assert column(typed, "use_status") == [meant, "自用"]


# ---- whose they are --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("桥头村", "V1"), ("桥头村集体经济合作社", "V1"), ("桥头村农村集体经济组织", "V1"), ("永安镇桥头村股份经济合作社", "V1"),
        ("桥头村一组", "G1"), ("桥头村第1村民小组", "G1"),
    ],
)  # fmt: skip
def test_a_collective_goes_by_any_of_the_names_that_collectives_bear(written: str, code: str) -> None:
    assert RESOLVER.resolve(written) == code


def test_who_filled_the_line_in_is_no_organisation() -> None:
    head = ["科目编码", "科目名称", "期初借方", "期初贷方", "本期借方", "本期贷方", "期末借方", "期末贷方", "填报人"]
    rows = [["101", "库存现金", 5, 0, 1, 2, 4, 0, "赵国强"], ["102", "银行存款", 5, 0, 1, 2, 4, 0, "赵国强"]]
    table, typed = one([["2025年科目余额表"], head, *rows])
    assert table.recognition.columns[-1].field == ""
    assert typed.attributions == ()


# ---- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ledger", "field", "header"),
    [
        ("journal", "summary", "内容摘要"), ("journal", "entered_on", "补录日期"), ("trial_balance", "closing_debit", "本年结余(借)"),
        ("bank_statement", "account_no", "主账号"), ("bank_statement", "balance", "本笔余额"),
        ("fixed_assets", "original_value", "购置原值"),
        ("resources", "household_mu", "承包给农户面积"), ("contracts", "signed_on", "签字日期"),
        ("receipts", "amount_received", "已交租金"),
        ("members", "member_no", "成员证号"), ("distributions", "amount", "本次分红"), ("handover", "handed_by", "原任经办"),
        ("decisions", "held_on", "议事日期"), ("disclosures", "period", "公开时期"), ("claims", "decision_no", "审批决议"),
        ("projects", "accepted_on", "验收合格日"), ("inspections", "inspected_on", "到场日期"), ("organisations", "cashier", "报账出纳"),
    ],
)  # fmt: skip
def test_words_that_other_offices_use(ledger: str, field: str, header: str) -> None:
    scores = FINDER.vocabulary.scores(header, ledger)
    assert max(scores, key=lambda n: scores[n], default="") == field


@pytest.mark.parametrize("joint", ["_", "-", "/", "·"])
def test_a_head_of_two_rows_that_a_program_joined_is_known_as_one(joint: str) -> None:
    heads = [f"{a}{joint}{b}" for a in ("期初余额", "本期发生额", "期末余额") for b in ("借方", "贷方")]
    table, typed = one([
        ["2025年科目余额表"], ["账户编码", "总账科目", *heads], ["101", "库存现金", "￥100.00", "", "￥50.00", "￥60.00", "￥90.00", ""],
        ["301", "资本", "", "￥100.00", "", "", "", "￥100.00"], ["总　计", "", *["￥100.00"] * 6],
    ])  # fmt: skip
    assert (table.recognition.ledger, table.block.header_rows) == ("trial_balance", (1,))
    assert [label for _, label in table.block.totals] == ["总计"]
    assert column(typed, "opening_debit") == [10000, None]


def test_a_column_alike_by_name_that_holds_other_values_is_left_open_with_what_it_may_be() -> None:
    """Neither 面议 is a sum nor 到期后续 a day: the columns go to the list of what a person has to settle."""
    rows = [["合同编号", "合同名称", "乙方", "开始日期", "结束日期情况", "合同总价款说明"]]
    rows += [[f"HT-{n}", "鱼塘承包", "张三", "2024-01-01", "到期后续", "面议"] for n in range(1, 6)]
    table, typed = one([["合同台账"], *rows])
    told = {c.header: (c.field, c.candidates[:1]) for c in table.recognition.columns}
    assert (told["结束日期情况"], told["合同总价款说明"]) == ((None, ("ends_on",)), (None, ("total",)))
    assert told["开始日期"][0] == "starts_on" and column(typed, "total") == [None] * 5
