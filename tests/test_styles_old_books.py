"""Books kept as they were on paper: pages, ditto marks, 亩分厘, sides without 方, the office named by the file alone.

Authority: how ledgers really look (domain reference section 9), the exact reading of D05, D09 and F48, and the area units of
国发〔1984〕28号 (1 亩 = 10 分 = 100 厘). The words were drawn from the field, not from the demo county.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from ledger_frames import balance, check

from auditlib.catalog.load import load_catalog
from auditlib.catalog.specs import SCALES
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import FoundTable, TableFinder
from auditlib.intake.values import BLANK, CONVERTED, FAILED, OK, Reading, convert, parse_period
from auditlib.words.records import Organisation

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
ORGANISATIONS = (
    Organisation("T1", "古桥镇", "township"),
    Organisation("V1", "王楼村股份经济合作社", "village", "T1"),
    Organisation("V2", "前营村股份经济合作社", "village", "T1"),
)
CONFORMER = Conformer(CATALOG, Resolver(ORGANISATIONS, CATALOG.words["organisation_names"]))


def found(rows: Sequence[Sequence[Any]], sheet: str = "Sheet1", file: str = "x.xlsx") -> list[FoundTable]:
    width = max(map(len, rows))
    cells = [[float(c) if type(c) is int else c for c in r] + [""] * (width - len(r)) for r in rows]
    return FINDER.tables(RawSheet(sheet, cells), file)


def typed(rows: Sequence[Sequence[Any]], sheet: str = "Sheet1", file: str = "x.xlsx") -> Conformed:
    (table,) = found(rows, sheet, file)
    return CONFORMER.conform(table.sheet, table.block, table.recognition, Surroundings(file, sheet, "V1", "", 2025))


def fields(table: FoundTable) -> dict[str, str | None]:
    return {c.header: c.field for c in table.recognition.columns}


def reading(ledger: str, field: str) -> Reading:
    return Reading(CATALOG.ledgers[ledger].fields[field], Decimal(1), 2025, 12, CATALOG.words, MappingProxyType({}))


# ---- values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "mu"),
    [("12亩3分4厘", "12.34"), ("12畝3分4厘", "12.34"), ("886畝", "886"), ("8亩5厘", "8.05"), ("3分", "0.3"), ("2亩1分2厘5毫", "2.125")],
)
def test_mu_fen_and_li(written: str, mu: str) -> None:
    column = convert(reading("resources", "area_mu"), [written, "1"])
    assert [Decimal(v).scaleb(-SCALES["area"]) for v in column.values.to_pylist()] == [Decimal(mu), 1]


@pytest.mark.parametrize("written", ["约12亩", "12亩左右", "三亩多"])
def test_what_only_looks_like_an_area_is_not_guessed(written: str) -> None:
    column = convert(reading("resources", "area_mu"), [written, "1"])
    assert column.values.to_pylist()[0] is None and column.status.to_pylist()[0] == FAILED


def test_a_ditto_mark_stands_for_the_number_above_it() -> None:
    column = convert(reading("journal", "attachments"), [2.0, "〃", "同上", "", 3.0, "〃"])
    assert column.values.to_pylist() == [2, 2, 2, None, 3, 3]
    assert column.status.to_pylist() == [OK, CONVERTED, CONVERTED, BLANK, OK, CONVERTED]


@pytest.mark.parametrize(
    ("cells", "shares"),
    [([5.0, 4.0, 0.0], [500, 400, 0]), ([0.05, 0.04, 0.0], [500, 400, 0]), (["5%", "4%", "0"], [500, 400, 0]), ([3.0, 1.0], [300, 100])],
)
def test_a_residual_rate_in_per_cent(cells: list[Any], shares: list[int]) -> None:
    assert convert(reading("fixed_assets", "residual_rate"), cells).values.to_pylist() == shares


@pytest.mark.parametrize(
    ("written", "period"), [("二〇二五年五月", "2025-05"), ("二〇二五年十二月份", "2025-12"), ("二零二五年一月", "2025-01")]
)
def test_a_month_in_chinese_figures(written: str, period: str) -> None:
    assert parse_period(written, 2024) == (period, CONVERTED)


# ---- pages and months ----------------------------------------------------------------------------------------

HEAD = ["记账日期", "凭证编号", "摘要内容", "科目代码", "会计科目", "借方发生额", "贷方发生额"]


def line(month: int, day: int, no: str, debit: object, credit: object) -> list[Any]:
    return [f"2025.{month}.{day}", no, "电费", "51302", "管理费用", debit, credit]


def total(label: str, debit: object, credit: object) -> list[Any]:
    return ["", "", label, "", "", debit, credit]


def differences(rows: Sequence[Sequence[Any]]) -> list[tuple[str, str, int]]:
    return [(t.label, t.field, t.stated - t.computed) for t in typed(rows).totals if t.stated != t.computed]


def book(month: int, page: int = 30, month_total: int = 60, year_total: int = 60, forward: int = 30) -> list[list[Any]]:
    """Two pages of a month's book: 本页小计, 过次页, 承前页, 本月合计, 本年累计."""
    return [
        [f"王楼村2025年{month}月份记账凭证序时簿"],
        HEAD,
        line(month, 3, "记-001", 30, ""), line(month, 3, "记-001", "", 30),
        total("本页小计", page, 30), total("过次页", 30, 30),
        HEAD,
        total("承前页", forward, 30),
        line(month, 9, "记-002", 30, ""), line(month, 9, "记-002", "", 30),
        total("本页小计", 30, 30), total("本月合计", month_total, 60), total("本年累计", year_total, 60 if month == 1 else 500),
    ]  # fmt: skip


def test_pages_months_and_the_year_are_each_added_up_on_their_own() -> None:
    assert differences(book(1)) == []


@pytest.mark.parametrize(
    ("wrong", "label"),
    [({"page": 31}, "本页小计"), ({"month_total": 61}, "本月合计"), ({"year_total": 61}, "本年累计"), ({"forward": 31}, "承前页")],
)
def test_a_wrong_total_of_a_page_a_month_and_a_year_is_told(wrong: dict[str, int], label: str) -> None:
    assert differences(book(1, **wrong)) == [(label, "debit", 100)]


def test_the_year_up_to_a_later_month_counts_what_stands_on_other_sheets() -> None:
    assert differences(book(5, year_total=500)) == []
    assert differences(book(5, year_total=500, month_total=61)) == [("本月合计", "debit", 100)]


def test_what_was_brought_forward_above_the_first_row_begins_the_count() -> None:
    page = [HEAD, total("承前页", 200, 200), line(2, 3, "记-009", 30, ""), line(2, 3, "记-009", "", 30)]
    assert differences([*page, total("过次页", 230, 230)]) == []
    assert differences([*page, total("过次页", 231, 230)]) == [("过次页", "debit", 100)]


# ---- heads ---------------------------------------------------------------------------------------------------

BALANCES = [["101", "库存现金", 10, "", 5, 5, 10, ""], ["301", "资本", "", 10, "", "", "", 10]]
SIDES = ["", "", "借", "贷", "借", "贷", "借", "贷"]
SIX = ["opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit"]


@pytest.mark.parametrize(
    "periods", [("年初数", "本年累计发生额", "年末数"), ("上年结余", "本年发生数", "年末结余"), ("期初余额", "本期发生额", "期末余额")]
)
def test_sides_are_headed_without_their_second_sign(periods: tuple[str, str, str]) -> None:
    above = ["科目编码", "科目全称", *(x for p in periods for x in (p, ""))]
    (table,) = found([["2025年度试算平衡表"], above, SIDES, *BALANCES])
    assert [c.field for c in table.recognition.columns] == ["account_code", "account_name", *SIX]
    assert table.block.header_rows == (1, 2)


def test_cells_merged_downwards_belong_to_the_head_with_the_row_above() -> None:
    """单位 beside 购建时间 in the upper row is a head, and says nothing of whose table it is."""
    above = ["编号", "资产名称", "单位", "购建时间", "账面数", "", ""]
    below = ["编号", "资产名称", "单位", "购建时间", "原值", "累计折旧", "净值"]
    rows = [["固定资产明细账"], above, below, ["WL001", "文化大院", "处", "2019.3.5", 100, 10, 90]]
    (table,) = found(rows)
    assert table.block.header_rows == (1, 2)
    assert {"original_value", "accumulated_depreciation", "net_value", "acquired_on"} <= set(fields(table).values())
    assert typed(rows).attributions == ()


def test_a_head_that_stands_twice_is_one_row() -> None:
    (table,) = found([HEAD, HEAD, line(1, 3, "记-001", 30, "")])
    assert len(table.block.header_rows) == 1 and table.block.data == (2,)


def test_the_next_table_of_a_sheet_begins_at_its_title_whatever_its_head_is() -> None:
    rows = [
        ["资产清点表"], ["卡片编号", "固定资产名称", "座落", "盘点数", "状况"],
        ["GD001", "提灌站", "村东", 1, "完好"], ["GD002", "变压器", "村西", 2, "完好"], ["会计：王长顺"], [],
        ["河道看护记录"], ["编号", "甲段看护日", "乙段看护日", "看护"], ["GD001", "2025-4-1", "2025-4-1", "张三"],
    ]  # fmt: skip
    assert [t.block.data for t in found(rows)] == [(2, 3), (8,)]


def test_the_number_of_an_inspected_asset_is_not_the_code_of_an_office() -> None:
    head = ["编号", "计划巡查日期", "巡查日期", "巡查人", "巡查结果"]
    (table,) = found([["巡查登记表"], head, ["SMK001", "2025-4-1", "2025-4-1", "张三", "正常"]])
    assert fields(table)["编号"] == "asset_no"


@pytest.mark.parametrize("ledger", ["resource_survey", "members", "asset_count"])
def test_a_bare_number_never_becomes_an_office(ledger: str) -> None:
    assert set(FINDER.vocabulary.scores("编号", ledger)).isdisjoint(FINDER.vocabulary.organisation_fields)


# ---- whose books they are ------------------------------------------------------------------------------------

SEVEN = ["科目代码", "科目名称", "年初借方", "年初贷方", "借方累计", "贷方累计", "期末借方", "期末贷方"]


@pytest.mark.parametrize(
    ("title", "sheet", "file"),
    [
        ("古桥镇三资委托代理服务中心2025年度各村科目余额表", "2025", "x.xlsx"),
        ("2025年度代理会计账科目余额表", "王楼村", "x.xlsx"),
        ("2025年度科目余额表", "王楼村", "古桥镇/代理会计账余额.xlsx"),
        ("2025年度试算平衡表", "王楼村", "古桥镇/代理记账中心2025.xlsx"),
    ],
)
def test_the_agency_is_named_anywhere_above_its_balances(title: str, sheet: str, file: str) -> None:
    (table,) = found([[title], SEVEN, *BALANCES], sheet, file)
    assert table.recognition.ledger == "agency_trial_balance"


def test_a_village_keeps_its_own_balances() -> None:
    (table,) = found([["王楼村2025年度科目余额表"], SEVEN, *BALANCES], "余额", "王楼村/总账.xlsx")
    assert table.recognition.ledger == "trial_balance"


def test_another_village_in_the_title_is_told_in_traditional_signs_too() -> None:
    rows = [["前營村資產巡查記錄"], ["資產編號", "計劃日", "巡查日", "巡查者", "結果"], ["LSW001", "25.4.1", "25.4.1", "张三", "正常"]]
    assert [(a.kind, a.org_code) for a in typed(rows).attributions] == [("disagree", "V2")]


def test_a_reference_in_a_table_of_doubtful_owner_may_stand_in_either_village(tmp_path: Path) -> None:
    """D09: the number stands in a ledger of the village of the folder; that the head says otherwise is D06, once."""
    assets = [{"org_code": "V1", "asset_no": "LSW001", "name": "提灌站", "acquired_on": dt.date(2019, 3, 5)}]
    rounds = [{"org_code": "V2", "asset_no": n, "planned_on": dt.date(2025, 4, 1), "source_id": 90} for n in ("LSW001", "LSW002")]
    said = {"org_code": "V2", "ledger": "inspections", "found": "前营村", "kind": "disagree", "expected": ORGANISATIONS[1].name}
    more = [{"org_code": "V2", "asset_no": "QD001", "name": "提灌站", "acquired_on": dt.date(2019, 3, 5)}]
    ledgers = {"fixed_assets": [*assets, *more], "inspections": rounds, "attributions": [{"source_id": 90, **said}]}
    checked = check(tmp_path, ledgers, only={"D09"}, organisations=ORGANISATIONS)
    assert [c.records for c in checked.cases if c.rule == "D09"] == [("LSW002",)]


# ---- a chart that was changed late ---------------------------------------------------------------------------


@pytest.mark.parametrize(("opening", "expected"), [(-3000, []), (-2900, [100])])
def test_a_payable_that_stood_on_the_old_number_last_year(tmp_path: Path, opening: int, expected: list[int]) -> None:
    """F48: 202 应付款 of 财会〔2004〕12号 is 211 in 财会〔2023〕14号; mapped lines are compared, never codes."""
    rows = [
        balance("102", 5000), balance("211", opening), balance("301", -2000),
        balance("102", 5000, fiscal_year=2024), balance("202", -3000, fiscal_year=2024), balance("301", -2000, fiscal_year=2024),
    ]  # fmt: skip
    found = check(tmp_path, {"trial_balance": rows}, only={"F48"})
    assert [c.amount for c in found.cases if c.rule == "F48"] == expected


def test_an_account_of_the_old_chart_in_both_years_is_compared_as_it_stands(tmp_path: Path) -> None:
    rows = [balance("102", 5000), balance("202", -3000), balance("102", 5000, fiscal_year=2024), balance("202", -3000, fiscal_year=2024)]
    assert [c for c in check(tmp_path, {"trial_balance": rows}, only={"F48"}).cases if c.rule == "F48"] == []


@pytest.mark.parametrize(("total", "differs"), [("20000.7", False), ("20000.69", True)])
def test_a_total_in_square_metres_is_not_off_by_what_reading_it_in_mu_rounds_away(total: str, differs: bool) -> None:
    """1 亩 is 2000/3 ㎡: 666.69 ㎡ are 1.000035 亩 and nothing is lost, so that a hundredth of a square metre shows in the total."""
    lines = [[f"P{n}", "村东头", "耕地", "666.69"] for n in range(1, 31)]
    rows = [["资源登记簿"], ["地块编号", "坐落", "地类", "面积(平方米)"], *lines, ["合计", "", "", total]]
    assert bool(differences(rows)) is differs


@pytest.mark.parametrize(("total", "differs"), [("20006.77", False), ("20006.67", False), ("20006.7", False), ("20008", True)])
def test_a_total_of_areas_that_were_converted_from_mu_may_be_off_by_the_rounding_of_each(total: str, differs: bool) -> None:
    """28 parcels of 1 亩 and one of 2.01 亩, multiplied by 666.67: the total may be converted as they were, or added up as written."""
    lines = [[f"P{n}", "村东头", "耕地", "666.67"] for n in range(1, 29)] + [["P29", "村东头", "耕地", "1340.01"]]
    rows = [["资源登记簿"], ["地块编号", "坐落", "地类", "面积(平方米)"], *lines, ["合计", "", "", total]]
    assert bool(differences(rows)) is differs
