"""Layouts of village offices: merged heads, pages, tables above and beside each other (domain reference section 9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.layout import Block, find_blocks, header_key, header_paths, is_number
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import TableFinder
from auditlib.words.records import Organisation

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
ORGANISATIONS = [
    Organisation("990101000000", "云海县", "county"),
    Organisation("990101101000", "白鹤镇", "township", "990101000000"),
    Organisation("990101101201", "新寨村股份经济合作联合社", "village", "990101101000"),
    Organisation("990101101202", "老寨村股份经济合作联合社", "village", "990101101000"),
]
ASSETS = ["资产编号", "资产名称", "数量", "原值", "累计折旧", "净值"]
ONE, TWO = ["ZC-1", "办公楼", 1.0, 100.0, 20.0, 80.0], ["ZC-2", "机井", 2.0, 50.0, 10.0, 40.0]
ROSTER = ["序号", "姓名", "份额"]


def blocks(rows: list[list[Any]]) -> list[Block]:
    found = find_blocks(rows, FINDER.vocabulary.weigh, FINDER._words)
    assert_no_row_is_lost(rows, found)
    return found


def assert_no_row_is_lost(rows: list[list[Any]], found: list[Block]) -> None:
    seen: list[int] = []
    for b in found:
        own = [*b.preamble, *b.header_rows, *b.data, *(r for r, _ in b.totals), *b.groups, *b.footers]
        assert len(own) == len(set(own)), "a row stands for two things"
        seen += [*own, *b.skipped]
    assert set(seen) == set(range(len(rows)))


def conform_all(rows: list[list[Any]]) -> list[Conformed]:
    sheet = RawSheet("台账", rows)
    conformer = Conformer(CATALOG, Resolver(ORGANISATIONS, CATALOG.words["organisation_names"]))
    around = Surroundings("三资台账.xlsx", "台账", "990101101201", "", 2025)
    return [conformer.conform(f.sheet, f.block, f.recognition, around) for f in FINDER.tables(sheet, "三资台账.xlsx")]


def line(text: Any, width: int = 6, at: int = 0) -> list[Any]:
    return [""] * at + [text] + [""] * (width - at - 1)


# ---- heads ---------------------------------------------------------------------------------------------------


def test_a_head_of_three_merged_rows_is_joined_to_paths() -> None:
    head = [
        ["资产编号", "资产名称", "账面数", "", "", "", "使用状态"],
        ["", "", "数量", "金额", "", "", ""],
        ["", "", "", "原值", "累计折旧", "净值", ""],
    ]
    assert header_paths(head, (0, 1, 2)) == (
        "资产编号",
        "资产名称",
        "账面数›数量",
        "账面数›金额›原值",
        "账面数›金额›累计折旧",
        "账面数›金额›净值",
        "使用状态",
    )
    rows = [line("固定资产台账", 7), *head, ["ZC-1", "楼", 1.0, 100.0, 20.0, 80.0, "自用"]]
    (block,) = blocks(rows)
    assert (block.header_rows, block.data) == ((1, 2, 3), (4,))
    (table,) = conform_all(rows)
    read = {n: table.columns[n].to_pylist()[0] for n in ("original_value", "accumulated_depreciation", "net_value", "use_status")}
    assert read == {"original_value": 10000, "accumulated_depreciation": 2000, "net_value": 8000, "use_status": "自用"}


def test_the_parts_of_a_head_may_be_a_blank_row_apart() -> None:
    head = [["科目编码", "科目名称", "期初余额", "", "期末余额", ""], [""] * 6, ["", "", "借方", "贷方", "借方", "贷方"]]
    (block,) = blocks([line("科目余额表"), *head, ["101", "库存现金", 10.0, "", 12.0, ""]])
    assert (block.header_rows, block.data, block.skipped) == ((1, 3), (4,), (2,))
    assert block.headers[2:4] == ("期初余额›借方", "期初余额›贷方")


def test_units_in_a_row_of_their_own_belong_to_the_head() -> None:
    rows = [ASSETS, ["", "", "（台）", "（万元）", "（万元）", "（万元）"], ["ZC-1", "楼", 1.0, 20.664, 7.85232, 12.81168]]
    (block,) = blocks(rows)
    assert (block.header_rows, block.data) == ((0, 1), (2,))
    assert header_key(block.headers[3].replace("›", "")) == "原值"


@pytest.mark.parametrize(
    "numbers",
    [
        ["甲", "乙", 1.0, 2.0, 3.0, "4=2-3"],
        ["栏次", "甲", "1", "2", "3", "4"],
        ["①", "②", "③", "④", "⑤", "⑥=④-⑤"],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)=(4)-(5)"],
        ["—", "—", 1.0, 2.0, 3.0, "4=2-3"],
    ],
)
def test_a_row_of_column_numbers_is_passed_over_on_every_page(numbers: list[Any]) -> None:
    (block,) = blocks([ASSETS, numbers, ONE, ASSETS, numbers, TWO])
    assert (block.data, block.skipped) == ((2, 5), (1, 3, 4))


def test_a_first_row_of_small_numbers_is_data() -> None:
    (block,) = blocks([ROSTER, ["1", "甲", "2"], ["2", "乙", "3"]])
    assert block.data == (1, 2)
    (block,) = blocks([["资产编号", "数量", "原值"], [1.0, 5.0, 30.0], [2.0, 1.0, 40.0]])
    assert block.data == (1, 2)


def test_titles_may_stand_eleven_rows_deep() -> None:
    titles = [
        line(t)
        for t in (
            "附件3",
            "云海县白鹤镇",
            "农村集体资产清产核资",
            "固定资产台账",
            "（2025年度）",
            "",
            "填报单位：新寨村",
            "填报日期：2026年1月12日",
            "单位：元",
            "说明：本表由村填报",
            "",
        )
    ]
    (block,) = blocks([*titles, ASSETS, ONE, TWO])
    assert (block.header_rows, block.data, len(block.preamble)) == ((11,), (12, 13), 11)


def test_a_line_of_labels_and_values_above_a_table_is_no_head() -> None:
    rows = [
        line("银行对账单"),
        ["账号", "户名", "开户银行", "", "", ""],
        ["6222", "新寨村", "农商行", "", "", ""],
        ["交易日期", "摘要", "借方", "贷方", "余额", "对方户名"],
        ["2025-01-02", "利息", "", 3.0, 103.0, "农商行"],
    ]
    (block,) = blocks(rows)
    assert (block.header_rows, block.data) == ((3,), (4,))


# ---- pages ---------------------------------------------------------------------------------------------------


def test_a_page_s_title_and_head_printed_again_are_passed_over() -> None:
    page = [line("固定资产台账"), ["填报单位：新寨村", "", "", "", "第1页", "单位：元"]]
    again = [line("固定资产台账（续）"), ["填报单位：新寨村", "", "", "", "第2页", "单位：元"]]
    rows = [
        *page,
        ASSETS,
        ONE,
        ["本页小计", "", "", 100.0, 20.0, 80.0],
        ["过次页", "", "", 100.0, 20.0, 80.0],
        line("制表人：李四"),
        [""] * 6,
        *again,
        ASSETS,
        ["承前页", "", "", 100.0, 20.0, 80.0],
        TWO,
        ["本页小计", "", "", 50.0, 10.0, 40.0],
        ["合计", "", "", 150.0, 30.0, 120.0],
    ]
    (block,) = blocks(rows)
    assert block.data == (3, 12)
    assert [label for _, label in block.totals] == ["本页小计", "过次页", "承前页", "本页小计", "合计"]
    assert (block.footers, block.groups) == ((6,), ())
    (table,) = conform_all(rows)
    assert all(t.stated == t.computed for t in table.totals)


# ---- tables one under another --------------------------------------------------------------------------------


def test_the_same_ledger_of_two_villages_in_one_sheet_is_two_tables() -> None:
    rows = [
        line("新寨村固定资产台账"),
        ASSETS,
        ONE,
        ["合计", "", "", 100.0, 20.0, 80.0],
        line("制表人：李四"),
        [""] * 6,
        line("老寨村固定资产台账"),
        ["填报单位：老寨村", "", "", "", "", "单位：元"],
        ASSETS,
        TWO,
        ["合计", "", "", 50.0, 10.0, 40.0],
    ]
    first, second = blocks(rows)
    assert (first.data, first.totals, first.footers) == ((2,), ((3, "合计"),), (4,))
    assert (second.preamble, second.header_rows, second.data, second.totals) == ((5, 6, 7), (8,), (9,), ((10, "合计"),))
    tables = conform_all(rows)
    assert [t.org_codes for t in tables] == [("990101101201",), ("990101101202",)]
    assert all(t.stated == t.computed for table in tables for t in table.totals)


def test_a_small_table_above_a_larger_one_is_not_lost() -> None:
    bank = ["账号", "开户银行", "户名"]
    rows = [
        line("银行账户备案表"),
        bank + [""] * 3,
        *([f"62220{i}", "农商行", "新寨村", "", "", ""] for i in range(4)),
        [""] * 6,
        line("固定资产台账"),
        ASSETS,
        ONE,
        TWO,
    ]
    first, second = blocks(rows)
    assert (first.header_rows, first.data, second.header_rows, second.data) == ((1,), (2, 3, 4, 5), (8,), (9, 10))


def test_a_second_table_with_a_merged_head_is_found() -> None:
    head = [["科目编码", "科目名称", "期初余额", "", "期末余额", ""], ["", "", "借方", "贷方", "借方", "贷方"]]
    rows = [ASSETS, ONE, TWO, [""] * 6, line("科目余额表"), *head, ["101", "库存现金", 10.0, "", 12.0, ""]]
    first, second = blocks(rows)
    assert (first.data, second.header_rows, second.data, second.preamble) == ((1, 2), (5, 6), (7,), (3, 4))


# ---- tables side by side -------------------------------------------------------------------------------------


def test_a_roster_printed_in_two_halves_is_two_blocks_of_the_same_columns() -> None:
    rows = [
        line("成员名册", 6),
        ROSTER + ROSTER,
        [1.0, "甲", 2.0, 4.0, "丁", 1.0],
        [2.0, "乙", 3.0, 5.0, "戊", 2.0],
        [3.0, "丙", 1.0, 6.0, "", ""],
    ]
    left, right = blocks(rows)
    assert (left.first_column, left.last_column, left.data) == (0, 2, (2, 3, 4))
    assert (right.first_column, right.last_column, right.data, right.skipped) == (3, 5, (2, 3), (4,))
    assert right.headers == ("", "", "", *ROSTER)
    assert left.is_part and right.is_part


def test_halves_with_an_empty_column_between_them() -> None:
    rows = [[*ROSTER, "", *ROSTER], [1.0, "甲", 2.0, "", 3.0, "丙", 1.0], [2.0, "乙", 3.0, "", "", "", ""]]
    left, right = blocks(rows)
    assert (left.data, right.data, right.first_column, right.skipped) == ((1, 2), (1,), 4, (2,))


def test_two_different_tables_beside_each_other_have_their_own_totals() -> None:
    receivable, payable = ["序号", "债权编号", "债务人", "金额"], ["序号", "债务编号", "债权人", "金额"]
    rows = [
        ["债权明细表", "", "", "", "", "债务明细表", "", "", ""],
        [*receivable, "", *payable],
        [1.0, "ZQ-1", "张三", 10.0, "", 1.0, "ZW-1", "李四", 20.0],
        [2.0, "ZQ-2", "王五", 5.0, "", "合计", "", "", 20.0],
        ["合计", "", "", 15.0, "", "", "", "", ""],
    ]
    left, right = blocks(rows)
    assert (left.data, left.totals) == ((2, 3), ((4, "合计"),))
    assert (right.data, right.totals, right.first_column, right.last_column) == ((2,), ((3, "合计"),), 5, 8)
    assert not left.is_part


def test_an_empty_column_inside_one_table_does_not_cut_it() -> None:
    rows = [
        ["资产编号", "资产名称", "", "原值", "累计折旧", "净值"],
        ["ZC-1", "楼", "", 100.0, 20.0, 80.0],
        ["ZC-2", "井", "", 50.0, 10.0, 40.0],
    ]
    (block,) = blocks(rows)
    assert (block.data, block.first_column, block.last_column) == ((1, 2), 0, None)


def test_debit_and_credit_under_three_balances_are_one_table() -> None:
    head = [
        ["科目编码", "科目名称", "期初余额", "", "本期发生额", "", "期末余额", ""],
        ["", "", "借方", "贷方", "借方", "贷方", "借方", "贷方"],
    ]
    assert len(blocks([*head, ["101", "库存现金", 10.0, "", 5.0, 3.0, 12.0, ""]])) == 1


# ---- rows ----------------------------------------------------------------------------------------------------


def test_numbered_rows_with_noughts_of_formulas_are_blank() -> None:
    rows = [["序号", *ASSETS], [1.0, *ONE], [2.0, "", "", "", "", "", 0.0], [3.0, "", "", "", 0.0, 0.0, 0.0]]
    (block,) = blocks(rows)
    assert (block.data, block.skipped) == ((1,), (2, 3))


def test_signatures_in_cells_of_their_own_are_footers() -> None:
    rows = [
        ASSETS,
        ONE,
        ["合计", "", "", 100.0, 20.0, 80.0],
        ["审核人", "张三", "", "填表人", "李四", ""],
        ["负责人：", "王五", "", "会计：", "赵六", ""],
    ]
    (block,) = blocks(rows)
    assert (block.data, block.footers) == ((1,), (3, 4))


def test_offices_named_in_a_roster_of_cadres_are_data() -> None:
    rows = [
        ["职务", "姓名", "身份证号", "联系电话"],
        ["会计", "李四", "530102197001011234", "13800000000"],
        ["出纳", "王五", "530102197001011235", "13800000001"],
    ]
    (block,) = blocks(rows)
    assert block.data == (1, 2)


def test_notes_between_the_rows_and_after_the_totals_are_no_data() -> None:
    rows = [
        ASSETS,
        ONE,
        line("注：以下为2025年新增"),
        TWO,
        ["合计", "", "", 150.0, 30.0, 120.0],
        line("说明：1.本表一式三份"),
        line("2.原值按购置价填列"),
    ]
    (block,) = blocks(rows)
    assert (block.data, block.totals, block.footers) == ((1, 3), ((4, "合计"),), (2, 5, 6))


def test_ditto_marks_are_data() -> None:
    (block,) = blocks([ASSETS, ONE, ["ZC-2", "同上", "〃", "〃", "〃", "〃"], ["〃", "〃", "", "", "", ""]])
    assert block.data == (1, 2, 3)


@pytest.mark.parametrize(
    "label", ["合  计", "合计：", "总计", "合计（元）", "合计(大写)壹佰伍拾元整", "累计", "小计", "共计", "Total", "全村合计"]
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_totals_are_known_by_their_label_in_any_of_the_first_columns(label: str, at: int) -> None:
    total = [*line(label, 3, at), 150.0, 30.0, 120.0]
    (block,) = blocks([ASSETS, ONE, TWO, total])
    assert (block.data, [r for r, _ in block.totals]) == ((1, 2), [3])


def test_totals_of_categories_and_of_the_whole_agree_with_their_rows() -> None:
    rows = [
        ["类别", *ASSETS],
        ["房屋", *ONE],
        ["房屋", *ONE],
        ["房屋小计", "", "", "", 200.0, 40.0, 160.0],
        ["设备", *TWO],
        ["设备合计", "", "", "", 50.0, 10.0, 40.0],
        ["合计", "", "", "", 250.0, 50.0, 200.0],
    ]
    (block,) = blocks(rows)
    assert [label for _, label in block.totals] == ["房屋小计", "设备合计", "合计"]
    (table,) = conform_all(rows)
    assert [(t.label, t.stated, t.computed) for t in table.totals if t.field == "original_value"] == [
        ("房屋小计", 20000, 20000),
        ("设备合计", 5000, 5000),
        ("合计", 25000, 25000),
    ]


def test_a_summary_that_ends_in_a_total_s_word_is_data() -> None:
    head = ["日期", "凭证号", "摘要", "科目名称", "借方金额", "贷方金额"]
    (block,) = blocks(
        [
            head,
            ["2025-01-03", "记-1", "付材料费合计", "管理费用", 30.0, ""],
            ["2025-01-04", "记-2", "收租金", "银行存款", 5.0, ""],
        ]
    )
    assert block.data == (1, 2)


def test_opening_rows_keep_their_label() -> None:
    head = ["日期", "凭证号", "摘要", "科目名称", "借方金额", "贷方金额"]
    rows = [
        head,
        ["", "", "上年结转", "", 30.0, ""],
        ["2025-01-04", "记-2", "收租金", "银行存款", 5.0, ""],
        ["", "", "本月合计", "", 5.0, ""],
        ["", "", "本年累计", "", 5.0, ""],
    ]
    (block,) = blocks(rows)
    assert (block.data, [label for _, label in block.totals]) == ((2,), ["上年结转", "本月合计", "本年累计"])


# ---- hostile sheets ------------------------------------------------------------------------------------------


def test_a_sheet_of_a_million_columns_is_looked_at_in_its_first_columns_only() -> None:
    wide = 10**6
    rows = [ASSETS + [f"列{i % 100}" for i in range(wide)], ONE + [1.0] * wide, TWO + [2.0] * wide]
    (block,) = find_blocks(rows, FINDER.vocabulary.weigh, FINDER._words)
    assert block.data == (1, 2)
    assert len(block.headers) <= 4096


def test_cells_of_the_longest_text_are_cut_before_they_are_looked_at() -> None:
    for unit in ("合计", "(", "1,", "：a", "9 ", "(单位", "\\1", "=1+"):
        cell = unit * (32_000 // len(unit))
        rows = [ASSETS, [cell] * 6, ONE, [cell, "", "", "", "", ""], [1.0, cell, cell, 2.0, 3.0, 4.0]] * 40
        seen = find_blocks(rows, FINDER.vocabulary.weigh, FINDER._words)
        assert sum(len(b.data) for b in seen) >= 40
        assert not is_number(cell)
        find_blocks([[cell, "b"], *([cell, 1.5, 2.5] for _ in range(200))], FINDER.vocabulary.weigh, FINDER._words)


def test_thousands_of_small_tables_cost_no_more_than_their_rows() -> None:
    rows: list[list[Any]] = []
    for i in range(4000):
        rows += [line(f"第{i}村民小组台账"), ASSETS, ONE]
    found = find_blocks(rows, FINDER.vocabulary.weigh, FINDER._words)
    assert [b.data for b in found] == [(3 * i + 2,) for i in range(4000)]


def test_a_sheet_of_blank_rows_has_no_table(tmp_path: Path) -> None:
    assert find_blocks([[""] * 6] * 1000, FINDER.vocabulary.weigh, FINDER._words) == []
    assert find_blocks([], FINDER.vocabulary.weigh, FINDER._words) == []
    assert find_blocks([[]], FINDER.vocabulary.weigh, FINDER._words) == []
