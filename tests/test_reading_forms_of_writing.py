"""Other offices' writing of the same things: traditional characters, split columns, codes with names, units and sides elsewhere.

Authority: domain reference section 9 (how ledgers really look); the printed account pages of the trade, on which a date is 月 | 日 under
the year, a voucher 字 | 号 and an amount one column a digit; 金蝶 and 用友 exports of balances.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest
from conftest import published

from auditlib.catalog.load import load_catalog
from auditlib.intake.cell_kinds import header_key
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.split_columns import join_split_columns
from auditlib.intake.tables import FoundTable, TableFinder
from auditlib.intake.values import STATUSES, parse_date, simplified
from auditlib.words.errors import UnreadableFile
from auditlib.words.records import Organisation

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
VILLAGE, OTHER, GROUP = "990101101201", "990101101202", "99010110120103"
RESOLVER = Resolver(
    [
        Organisation("990101000000", "云海县", "county"),
        Organisation("990101101000", "白鹤镇", "township", "990101000000"),
        Organisation(VILLAGE, "新寨村股份经济合作联合社", "village", "990101101000"),
        Organisation(GROUP, "新寨村第三村民小组", "group", VILLAGE),
        Organisation(OTHER, "老寨村股份经济合作联合社", "village", "990101101000"),
    ],
    CATALOG.words["organisation_names"],
)


def found(rows: list[list[Any]], sheet: str = "Sheet1") -> FoundTable:
    width = max(map(len, rows))
    (table,) = FINDER.tables(RawSheet(sheet, [r + [""] * (width - len(r)) for r in rows]), "台账.xlsx")
    return table


def read(rows: list[list[Any]], sheet: str = "Sheet1", folder: str = VILLAGE) -> Conformed:
    table = found(rows, sheet)
    assert table.recognition.ledger, [(g.ledger, g.score) for g in table.recognition.candidates]
    return Conformer(CATALOG, RESOLVER).conform(
        table.sheet, table.block, table.recognition, Surroundings("台账.xlsx", sheet, folder, "", 2025)
    )


def values(table: Conformed, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table.columns[n].to_pylist() for n in names), strict=True))


# ---- characters ----------------------------------------------------------------------------------------------


def test_traditional_characters_in_heads_values_units_and_totals() -> None:
    table = read(
        [
            ["固定資產臺賬"],
            ["填報單位：新寨村", "", "", "單位：萬元"],
            ["資產編號", "資產名稱", "購建日期", "原值", "累計折舊", "淨值", "使用狀態"],
            ["ZC-1", "辦公樓", "2010.5.1", 1.5, 0.5, 1.0, "閒置"],
            ["總計", "", "", 1.5, 0.5, 1.0, ""],
        ]
    )
    assert (table.ledger, [t.label for t in table.totals]) == ("fixed_assets", ["總計"] * 3)
    assert values(table, "name", "original_value", "net_value", "use_status") == [("辦公樓", 1_500_000, 1_000_000, "闲置")], (
        "names stay as written"
    )
    assert table.org_codes == (VILLAGE,)


def test_account_names_in_traditional_characters_give_their_codes() -> None:
    table = read(
        [
            ["記賬憑證"],
            ["日期", "憑證號", "摘要", "會計科目", "借方金額", "貸方金額"],
            ["2025-01-05", "記-1", "付電費", "管理費用", 10.0, ""],
            ["2025-01-05", "記-1", "付電費", "庫存現金", "", 10.0],
        ]
    )
    assert values(table, "account_code", "debit", "credit") == [("513", 1000, None), ("101", None, 1000)]


def test_variants_of_one_character() -> None:
    assert {simplified(t) for t in ("台帐", "台账", "臺帳", "臺賬", "台賬")} == {"台账"}


# ---- values over several columns -----------------------------------------------------------------------------


def test_year_month_and_day_in_columns_of_their_own() -> None:
    table = read(
        [
            ["序时账"],
            ["年", "月", "日", "凭证号", "摘要", "科目编码", "借方金额", "贷方金额"],
            [2025.0, 3.0, 5.0, "记-12", "付电费", "513", 10.0, ""],
            [2025.0, 2.0, 30.0, "银付12", "付电费", "102", "", 10.0],
        ]
    )
    assert values(table, "date", "voucher_no") == [(dt.date(2025, 3, 5), "记-12"), (None, "银付12")]
    assert [STATUSES[s] for s in table.statuses["date"].to_pylist()] == ["ok", "failed"], "30 February is no day"


def test_month_and_day_under_the_year_and_word_and_number_under_the_voucher() -> None:
    """A printed account page: the month stands once."""
    table = read(
        [
            ["序时账"],
            ["2025年", "", "凭证", "", "摘要", "会计科目", "借方", "贷方", "借或贷", "余额"],
            ["月", "日", "字", "号", "", "", "", "", "", ""],
            ["1", "5", "记", "3", "付电费", "管理费用", 10.0, "", "", ""],
            ["", "6", "记", "4", "付水费", "管理费用", 10.0, "", "", ""],
            ["2", "1", "付", "1", "付水费", "管理费用", 10.0, "", "", ""],
        ]
    )
    assert values(table, "date", "voucher_no") == [
        (dt.date(2025, 1, 5), "记-3"),
        (dt.date(2025, 1, 6), "记-4"),
        (dt.date(2025, 2, 1), "付-1"),
    ]


def test_a_digit_a_column() -> None:
    places = list("十万千百十元角分")
    blank = [""] * 7
    table = read(
        [
            ["记账凭证"],
            ["日期", "凭证号", "摘要", "会计科目", "借方金额", *blank, "贷方金额", *blank],
            ["", "", "", "", *places, *places],
            ["2025-01-05", "记1", "付电费", "管理费用", "", "", "1", "2", "0", "4", "5", "0", *blank, ""],
            ["2025-01-05", "记1", "付电费", "银行存款", *blank, "", "", "￥", 1.0, 2.0, 0.0, 4.0, 5.0, 0.0],
            ["2025-01-06", "记2", "付电费", "管理费用", "", "", "", "?", "0", "4", "5", "0", *blank, ""],
        ]
    )
    assert values(table, "debit", "credit") == [(120450, None), (None, 120450), (None, None)]
    assert STATUSES[table.statuses["debit"].to_pylist()[2]] == "failed", "what is no digit is refused, not left out"


def test_the_sheet_as_it_was_read_stays() -> None:
    sheet = RawSheet("a", [["月", "日", "摘要"], ["1", "5", "付电费"]])
    table = FINDER.tables(RawSheet("a", [["序时账", "", ""], *sheet.rows]), "a.xlsx")
    assert sheet.rows == [["月", "日", "摘要"], ["1", "5", "付电费"]]
    assert table[0].block.data == (2,)


def test_columns_that_are_whole_values_are_left_alone() -> None:
    table = found([["月份统计"], ["月份", "收入", "支出"], ["1月", 1.0, 2.0]])
    assert join_split_columns(table.sheet, table.block, CATALOG.words) == (table.sheet, table.block)


@pytest.mark.parametrize(("words", "numbers"), [(("收", "付"), ["收-1", "付-1"]), (("记", "记"), ["1", "1"])])
def test_vouchers_that_are_counted_apart_keep_their_word(words: tuple[str, str], numbers: list[str]) -> None:
    heads = ["日期", "凭证字", "凭证号", "摘要", "科目编码", "借方金额", "贷方金额"]
    table = read([["序时账"], heads, *[["2025-01-05", w, "1", "水费", "101", 10.0, ""] for w in words]])
    assert table.columns["voucher_no"].to_pylist() == numbers


# ---- balances ------------------------------------------------------------------------------------------------


def test_code_and_name_in_one_cell() -> None:
    table = read(
        [
            ["2025年科目余额表"],
            ["科目", "期初借方", "期初贷方", "本期借方", "本期贷方", "期末借方", "期末贷方"],
            ["101 库存现金", 10.0, "", 5.0, 3.0, 12.0, ""],
            ["102-01 银行存款-信用社", 10.0, "", 0.0, 0.0, 10.0, ""],
            ["应收款", 1.0, "", 0.0, 0.0, 1.0, ""],
        ]
    )
    assert values(table, "account_code", "account_name") == [("101", "库存现金"), ("10201", "银行存款-信用社"), ("112", "应收款")]


def test_one_column_of_sides_holds_for_opening_and_closing_unless_the_movements_say_otherwise() -> None:
    table = read(
        [
            ["2025年科目余额表"],
            ["科目编码", "科目名称", "期初余额", "本期借方", "本期贷方", "期末余额", "方向"],
            ["101", "库存现金", 10.0, 5.0, 3.0, 12.0, "借"],
            ["211", "应付款", 10.0, 15.0, 3.0, 2.0, "借"],
            ["212", "应付工资", 10.0, 10.0, 0.0, 0.0, "平"],
            ["221", "长期借款", 7.0, 1.0, 0.0, 9.0, "贷"],
        ]
    )
    assert values(table, "opening_debit", "opening_credit", "closing_debit", "closing_credit") == [
        (1000, None, 1200, None),
        (None, 1000, 200, None),
        (None, 1000, None, None),
        (None, 700, None, 900),
    ], "a row that does not add up keeps its own side: it is a finding, not a reading"


def test_the_year_s_columns_are_read_where_a_month_s_stand_beside_them() -> None:
    """金蝶: 年初余额, 期初余额, 本期发生额, 本年累计发生额, 期末余额."""
    top = ["科目代码", "科目名称", "年初余额", "", "期初余额", "", "本期发生额", "", "本年累计发生额", "", "期末余额", ""]
    table = read(
        [
            ["科目余额表"],
            ["期间：2025.12"],
            top,
            ["", "", *["借方", "贷方"] * 5],
            ["101", "库存现金", 10.0, "", 11.0, "", 5.0, 3.0, 6.0, 3.0, 13.0, ""],
        ]
    )
    assert values(table, "opening_debit", "debit", "credit", "closing_debit") == [(1000, 600, 300, 1300)]
    assert not [u.header for u in table.uses if u.field is None]


# ---- units, dates, owners ------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["固定资产台账（金额单位：万元）", "固定资产台账 单位：万元", "固定资产台账(单位:万元、亩)"])
def test_the_unit_may_stand_in_brackets_of_the_title(title: str) -> None:
    table = read([[title], ["资产编号", "资产名称", "购建年月", "原值", "净值"], ["ZC-1", "办公楼", "201005", 10.5, 8.5]])
    assert values(table, "original_value", "acquired_on") == [(10_500_000, dt.date(2010, 5, 1))]


def test_a_term_without_end_has_an_end_that_is_open_and_no_start() -> None:
    head = ["合同编号", "合同名称", "合同类型", "乙方", "合同期限", "年租金"]
    lines = [["HT-1", "果园", "承包", "王五", "长期", 100.0], ["HT-2", "鱼塘", "承包", "李四", "2020.1.1-2029.12.31", 1.0]]
    table = read([["合同台账"], head, *lines])
    status = {n: [STATUSES[s] for s in table.statuses[n].to_pylist()] for n in ("starts_on", "ends_on")}
    assert status == {"starts_on": ["blank", "converted"], "ends_on": ["open_ended", "converted"]}


def test_how_land_was_passed_on_is_known_and_no_kind_of_contract() -> None:
    """流转方式 (出租, 转包, 入股) and 交易类型 (首次, 续约) of trading platforms: columns that are known, beside 合同类型."""
    head = ["合同编号", "合同名称", "合同类型", "流转方式", "交易类型", "乙方", "签订日期"]
    table = found([["流转合同台账"], head, ["HT-1", "果园", "流转", "转包", "首次交易", "王五", "2024-01-05"]], "Sheet1")
    assert {u.header: u.field for u in table.recognition.columns if u.header in ("合同类型", "流转方式", "交易类型")} == {
        "合同类型": "kind", "流转方式": "", "交易类型": "",
    }  # fmt: skip


def test_a_short_name_of_a_village_on_a_sheet_or_a_file_is_that_village() -> None:
    """Sheets 新寨 and 下庄 of a county-wide workbook."""
    name = next(o.name for o in RESOLVER.organisations.values() if o.level == "village")
    short = RESOLVER.name_of(name).base.removesuffix("村")
    head = ["资产编号", "资产名称", "购建年月", "原值", "净值"]
    table = read([head, ["ZC-1", "办公楼", "201005", 10.5, 8.5]], short, folder="")
    assert RESOLVER.organisations[table.org_codes[0]].name == name
    assert RESOLVER.from_path((), short) == ("", table.org_codes[0])


def test_a_person_in_brackets_is_no_unit() -> None:
    """单位（个人） of a list of claims names who owes; it is not the organisation that keeps the list."""
    head = ["编号", "单位（个人）", "发生日期", "金额", "最近变动日期"]
    table = found([["债权债务台账"], head, ["ZQ1", "张三", "2020.1.5", 500.0, "2020.1.5"]], "Sheet1")
    assert [u.field for u in table.recognition.columns if u.header == "单位(个人)"] == ["counterparty"]


def test_a_unit_that_is_not_known_is_told_and_not_taken_for_yuan_in_silence() -> None:
    table = read([["固定资产台账"], ["资产编号", "资产名称", "购建年月", "原值(美元)", "净值"], ["ZC-1", "办公楼", "201005", 10.5, 8.5]])
    assert ("note.unit_unknown", (("unit", "美元"), ("column", "原值(美元)"))) in table.notes


@pytest.mark.parametrize(("unit", "raw", "mu"), [("公顷", 2.0, 30_000_000), ("平方米", 6666.67, 10_000_000), ("万亩", 0.5, 5_000_000_000)])
def test_units_of_area_above_the_table_are_no_organisation(unit: str, raw: float, mu: int) -> None:
    table = read(
        [["资源台账"], [f"单位：{unit}"], ["地块编号", "地块名称", "地类", "面积", "使用状态"], ["DK-1", "大坝", "水田", raw, "自营"]]
    )
    assert table.columns["area_mu"].to_pylist() == [mu], "millionths of a mu, exact"
    assert table.attributions == ()


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        (0.0, "blank"),
        ("0", "blank"),
        ("1900-01-00", "blank"),
        ("1900/1/0", "blank"),
        ("201005", "month"),
        (201005.0, "month"),
        ("201013", "failed"),
        ("200", "failed"),
    ],
)
def test_a_day_nought_is_no_day_and_six_digits_are_a_month(cell: Any, status: str) -> None:
    assert STATUSES[parse_date(cell, 2025, CATALOG.words["values"])[1]] == status


def test_a_workbook_of_several_villages_is_told_by_its_sheets() -> None:
    rows = [
        ["科目余额表"],
        ["科目编码", "科目名称", "期初借方", "期初贷方", "本期借方", "本期贷方", "期末借方", "期末贷方"],
        ["101", "库存现金", 10.0, "", 5.0, 3.0, 12.0, ""],
    ]
    assert read(rows, "老寨村", "990101101000").org_codes == (OTHER,)
    wrong = read(rows, "老寨村", VILLAGE)
    assert [(a.kind, a.org_code) for a in wrong.attributions] == [("disagree", OTHER)], (
        "a sheet of another village in a village's folder is a finding"
    )


@pytest.mark.parametrize("group", ["三社", "第三组", "3组", "三组", "第3村民小组", 3.0])
def test_a_group_by_any_of_its_names(group: Any) -> None:
    heads = ["组别", "合同编号", "合同名称", "乙方", "开始日期", "结束日期", "年租金"]
    assert read([["合同台账"], heads, [group, "HT-1", "铺面", "张三", "2020.1.1", "2030.1.1", 1.0]]).org_codes == (GROUP,)


# ---- the words themselves ------------------------------------------------------------------------------------


def test_no_header_means_two_fields_of_one_ledger() -> None:
    """Only the side of a balance may stand for opening and closing; a date of booking may be the entry's or the voucher's."""
    shared = {"方向", "借贷方向", "余额方向", "借贷", "借或贷"}
    looked_at = 0
    for ledger in CATALOG.ledgers.values():
        fields: dict[str, set[str]] = defaultdict(set)
        for spec in ledger.fields.values():
            for header in spec.headers:
                fields[header_key(header)].add(spec.name)
                looked_at += 1
        double = {h: f for h, f in fields.items() if len(f) > 1 and h not in shared}
        assert all(f == {"date", "entered_on"} for f in double.values()), (ledger.name, double)
    assert looked_at > 2000


@pytest.mark.parametrize("folder", ["saus-tables", "yaizu-registers", "messytables-fixtures"])
def test_other_people_s_tables_are_no_ledger_of_ours(folder: str) -> None:
    """Statistics, registers of a Japanese town and test files are never taken for a village's books."""
    taken, tables = [], 0
    for path in sorted(p for p in published(folder).rglob("*") if p.suffix.lower() in (".xlsx", ".xls", ".csv", ".ods", ".tsv")):
        try:
            for sheet in FINDER.sheets(path):
                for table in FINDER.tables(sheet, path.name):
                    tables += 1
                    if table.recognition.ledger or table.recognition.form:
                        taken.append((path.name, sheet.name, table.recognition.ledger))
        except UnreadableFile:
            continue
    assert tables >= 5
    assert taken == []
