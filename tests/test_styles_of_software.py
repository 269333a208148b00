"""Exports of accounting software and of provincial platforms, which head, name and nest things as no village office does.

What such files look like: GB/T 24589.1-2010 and the published exports of common products (domain reference sections 6 and 9).
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from ledger_frames import check, posting

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import Settings, load_settings
from auditlib.intake.owner import Resolver, names_owners
from auditlib.intake.sheets import RawSheet, read_sheets
from auditlib.intake.tables import TableFinder
from auditlib.intake.values import find_year, parse_date
from auditlib.intake.workspace import Intake, read_workspace
from auditlib.words.records import Organisation

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
COUNTY, TOWN, VILLAGE, OTHER = "990101000000", "990101105000", "990101105201", "990101105202"
CREDIT_CODE = "N2990101123456789K"
ORGANISATIONS = [
    Organisation(TOWN, "白鹤镇", "township", COUNTY),
    Organisation(COUNTY, "云海县", "county"),
    Organisation(VILLAGE, "清江省云海县白鹤镇新寨村股份经济合作社", "village", TOWN),
    Organisation(OTHER, "老寨村股份经济合作社", "village", TOWN),
    Organisation(f"{VILLAGE}03", "新寨村第三村民小组", "group", VILLAGE),
]
REGISTER = [
    ["农经统计代码", "单位名称", "级别", "上级单位代码", "统一社会信用代码"],
    ["ORG_CODE", "ORG_NAME", "ORG_LEVEL", "PARENT_CODE", "USCC"],
    [COUNTY, "云海县", "县（市、区）", "", ""],
    [TOWN, "白鹤镇", "乡（镇）", COUNTY, ""],
    [VILLAGE, "新寨村股份经济合作社", "行政村", TOWN, CREDIT_CODE],
    [OTHER, "老寨村股份经济合作社", "行政村", TOWN, ""],
]
BOOKS = ["会计年度", "科目代码", "科目名称", "期初借方", "期初贷方", "本期借方", "本期贷方", "期末借方", "期末贷方"]
CASH = ["2025", "101", "库存现金", "100", "0", "50", "30", "120", "0"]


def resolver(**more: Any) -> Resolver:
    return Resolver(ORGANISATIONS, CATALOG.words["organisation_names"], **more)


def write(path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)


def read(county: Path) -> Intake:
    settings: Settings = load_settings(county, CATALOG, today=dt.date(2026, 2, 1))
    return read_workspace(county, county.parent / "frames", CATALOG, settings)


def owners(county: Path, ledger: str) -> list[str]:
    return pq.read_table(county.parent / "frames" / f"{ledger}.parquet", columns=["org_code"])["org_code"].to_pylist()


# ---- whose rows they are -------------------------------------------------------------------------------------


def test_the_register_is_found_in_a_subfolder_when_no_county_wide_file_holds_one(tmp_path: Path) -> None:
    write(tmp_path / "县" / "基础数据" / "核算单位.csv", REGISTER)
    write(tmp_path / "县" / "账务" / "余额.csv", [["单位代码", *BOOKS], [VILLAGE, *CASH]])
    intake = read(tmp_path / "县")
    assert [(o.org_code, o.level) for o in intake.organisations] == [
        (COUNTY, "county"), (TOWN, "township"), (VILLAGE, "village"), (OTHER, "village"),
    ]  # fmt: skip
    assert owners(tmp_path / "县", "trial_balance") == [VILLAGE]


def test_a_village_page_about_itself_is_no_register_of_the_county(tmp_path: Path) -> None:
    write(tmp_path / "县" / "白鹤镇" / "新寨村" / "单位.csv", [["单位代码", "单位名称", "级别"], ["7", "新寨村", "村级"]])
    write(tmp_path / "县" / "白鹤镇" / "新寨村" / "余额.csv", [BOOKS, CASH])
    assert [o.name for o in read(tmp_path / "县").organisations][1:] == ["白鹤镇", "新寨村"]


@pytest.mark.parametrize("head", ["核算账套名", "甲方主体", "统一社会信用代码"])
def test_the_column_of_organisations_is_known_by_what_stands_in_it(head: str, tmp_path: Path) -> None:
    write(tmp_path / "县" / "单位名录.csv", REGISTER)
    named = [CREDIT_CODE, "老寨村股份经济合作社"] if "代码" in head else ["新寨村账套", "白鹤镇/老寨村"]
    write(tmp_path / "县" / "余额.csv", [[head, *BOOKS], *([n, *CASH] for n in named)])
    intake = read(tmp_path / "县")
    assert owners(tmp_path / "县", "trial_balance") == [VILLAGE, OTHER]
    assert next(s for s in intake.sources if s.ledger == "trial_balance").unmapped_columns == ()


def test_a_column_of_counterparties_does_not_tell_whose_rows_they_are() -> None:
    assert names_owners(resolver(), ["新寨村", "老寨村", "新寨村第三村民小组", "新寨村", ""])
    assert not names_owners(resolver(), ["新寨村", "县供电公司", "张三"])
    assert not names_owners(resolver(), ["", ""])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("云海县-白鹤镇-老寨村", OTHER), ("白鹤镇/新寨村/第三村民小组", f"{VILLAGE}03"), ("新寨村3组账套", f"{VILLAGE}03"),
        ("清江省赣江市云海县白鹤镇老寨村", OTHER), ("新寨村", VILLAGE), ("白鹤镇", TOWN), (CREDIT_CODE, VILLAGE), ("新寨村1-3组", None),
    ],
)  # fmt: skip
def test_paths_full_names_and_account_sets_are_the_organisation(text: str, code: str | None) -> None:
    assert resolver(credit_codes={CREDIT_CODE: VILLAGE}).resolve(text) == code


def test_parents_that_are_given_by_name_are_found(tmp_path: Path) -> None:
    rows = [["单位编码", "单位全称", "上级单位", "单位层级"], [COUNTY, "云海县", "清江省", "县级"], [TOWN, "白鹤镇", "云海县", "乡级"]]
    rows += [[VILLAGE, "新寨村股份经济合作社", "白鹤镇", "村级"], [f"{VILLAGE}03", "新寨村第三村民小组", "新寨村股份经济合作社", "组级"]]
    write(tmp_path / "县" / "单位名录.csv", rows)
    write(tmp_path / "县" / "白鹤镇" / "新寨村" / "第三村民小组" / "余额.csv", [BOOKS, CASH])
    assert [o.parent_code for o in read(tmp_path / "县").organisations] == ["清江省", COUNTY, TOWN, VILLAGE]
    assert owners(tmp_path / "县", "trial_balance") == [f"{VILLAGE}03"]


def test_figures_beside_each_other_keep_their_organisation(tmp_path: Path) -> None:
    write(tmp_path / "县" / "单位名录.csv", REGISTER)
    head = ["村组", "公开期间", "公开日期", "本期收入合计", "本期支出合计", "期末货币资金余额"]
    rows = [head, ["新寨村", "2025-01", "2025-02-03", "1", "2", "3"], ["老寨村", "2025-01", "2025-02-03", "4", "5", "6"]]
    write(tmp_path / "县" / "公开台账.csv", rows)
    read(tmp_path / "县")
    assert owners(tmp_path / "县", "disclosures") == [VILLAGE] * 3 + [OTHER] * 3


# ---- what is beside the data ---------------------------------------------------------------------------------


def test_a_row_of_the_programs_own_column_names_is_no_record() -> None:
    (table,) = FINDER.tables(RawSheet("机构", REGISTER), "导出.xlsx")
    assert table.recognition.ledger == "organisations"
    assert (table.block.header_rows, table.block.data) == ((0,), (2, 3, 4, 5))


def test_english_words_under_an_english_head_stay_records() -> None:
    rows = [["Code", "Name", "Kind"], ["AA", "Alpha", "big"], ["BB", "Beta", "small"]]
    assert [t.block.data for t in FINDER.tables(RawSheet("", rows), "x.csv")] == [(1, 2)]


@pytest.mark.parametrize("name", ["数据字典", "资产分类字典", "代码表", "导出说明"])
def test_a_dictionary_beside_the_data_is_no_ledger(name: str) -> None:
    rows = [["字典项", "编码", "名称"], ["级别", "1", "县级"], ["级别", "2", "乡镇级"]]
    assert [t.recognition.ledger for t in FINDER.tables(RawSheet(name, rows), "核算单位信息.xlsx")] == [""]


def test_a_chart_of_accounts_is_no_trial_balance() -> None:
    rows = [["科目编码", "科目名称", "余额方向", "科目级次"], ["101", "库存现金", "借", "1"], ["202", "应付款", "贷", "1"]]
    assert [t.recognition.ledger for t in FINDER.tables(RawSheet("科目", rows), "凭证.xlsx")] == [""]


def test_what_a_program_prints_beneath_a_table_is_a_footer() -> None:
    rows = [BOOKS, CASH, ["打印日期：2026-01-20", "", "", "", "第1页 共1页", "", "", "", ""]]
    (table,) = FINDER.tables(RawSheet("", rows), "余额表.csv")
    assert (table.block.data, table.block.footers) == ((1,), (2,))


# ---- years, numbers, choices ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("会计期间：2024.01 - 2024.12", 2024), ("余额表_202401-202412", 2024), ("2024年01期至2024年12期", 2024),
        ("2025-01-01 至 2025-12-31", 2025), ("2024.12-2025.03", None), ("2025-01-31", None), ("13900012024", None),
    ],
)  # fmt: skip
def test_the_periods_that_a_table_covers_name_its_year(text: str, year: int | None) -> None:
    assert find_year(text) == year


def test_a_long_number_written_as_a_formula_is_that_number(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('账号,户名\n"=""6217001234567890123""",新寨村\n="0012",a="b"\n', encoding="gb18030")
    (sheet,) = read_sheets(tmp_path / "a.csv")
    assert sheet.rows[1:] == [["6217001234567890123", "新寨村"], ["0012", 'a="b"']]


def test_a_reference_that_lost_its_leading_zeros_finds_its_record(tmp_path: Path) -> None:
    county = tmp_path / "县"
    write(county / "单位名录.csv", REGISTER)
    roster = [["单位代码", "成员编号", "姓名", "户号", "份额"], [VILLAGE, "0520100", "张三", "1", "1"], [OTHER, "0700", "李四", "1", "1"]]
    write(county / "成员名册.csv", roster)
    paid = [["单位代码", "年度", "成员编号", "姓名", "分配金额"]]
    paid += [[VILLAGE, "2025", "520100", "张三", "9"], [OTHER, "2025", "520100", "王五", "9"], [OTHER, "2025", "0700", "李四", "9"]]
    write(county / "收益分配明细.csv", paid)
    intake = read(county)
    made = pq.read_table(tmp_path / "frames" / "distributions.parquet").to_pydict()
    assert made["member_no"] == ["0520100", "520100", "0700"]  # the second is nobody's in that village
    notes = next(s for s in intake.sources if s.ledger == "distributions").notes
    assert any("520100" in n and "0520100" in n for n in notes)


@pytest.mark.parametrize(
    ("cell", "value"), [("01-出租", "出租"), ("3.闲置", "闲置"), ("自用(1)", "自用"), ("02出租", "出租"), ("9-维修", "9-维修")]
)
def test_the_code_beside_a_choice_is_not_a_part_of_it(cell: str, value: str, tmp_path: Path) -> None:
    write(tmp_path / "县" / "单位名录.csv", REGISTER)
    head = ["单位代码", "卡片号", "资产名称", "是否经营性资产", "原值（元）", "累计折旧", "净值", "使用状况"]
    write(tmp_path / "县" / "资产卡片.csv", [head, [VILLAGE, "GD1", "冷库", "是", "10", "0", "10", cell]])
    read(tmp_path / "县")
    made = pq.read_table(tmp_path / "frames" / "fixed_assets.parquet").to_pydict()
    assert (made["use_status"], made["nature"]) == ([value], ["经营性"])


@pytest.mark.parametrize("cell", ["20250115102231", "202501151022", 20250115102231.0, "2025-01-15 10:22:31", "2025/1/15 0:00"])
def test_the_time_of_a_booking_does_not_hide_its_day(cell: Any) -> None:
    assert parse_date(cell, 2025, CATALOG.words["values"])[0] == dt.date(2025, 1, 15)


@pytest.mark.parametrize(
    ("head", "cell", "years"),
    [("预计使用月份", "240", 20), ("使用年限(月)", "240", 20), ("使用年限(年)", "20", 20), ("预计使用年限", "20", 20)],
)
def test_a_life_in_months_is_so_many_years(head: str, cell: str, years: int, tmp_path: Path) -> None:
    write(tmp_path / "县" / "单位名录.csv", REGISTER)
    rows = [["单位代码", "资产编码", "资产名称", "原值", "累计折旧", "净值", head], [VILLAGE, "GD1", "冷库", "10", "0", "10", cell]]
    write(tmp_path / "县" / "资产卡片.csv", rows)
    read(tmp_path / "县")
    spec = CATALOG.ledgers["fixed_assets"].fields["useful_life_years"]
    made = pq.read_table(tmp_path / "frames" / "fixed_assets.parquet").to_pydict()["useful_life_years"]
    assert [m / 10**spec.scale for m in made] == [years]


# ---- words of software ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ledger", "header", "field"),
    [
        ("journal", "本币借方", "debit"), ("journal", "创建时间", "entered_on"), ("members", "股东状态", "status"),
        ("asset_count", "资产条码", "asset_no"), ("receipts", "计划收款日期", "due_on"), ("receipts", "计划收款金额", "amount_due"),
        ("contracts", "合同终止日", "ends_on"), ("contracts", "乙方信息›名称", "party_b"), ("contracts", "交易流水号", "trade_no"),
        ("inspections", "完成时间", "inspected_on"), ("claims", "最近核销日期", "last_movement_on"),
        ("bank_statement", "收支标志", "direction"),
    ],
)  # fmt: skip
def test_heads_of_platforms_and_accounting_software(ledger: str, header: str, field: str) -> None:
    scores = FINDER.vocabulary.scores(header, ledger)
    assert max(scores, key=lambda n: scores[n]) == field
    assert scores[field] >= 0.7


# ---- booked, taken back in red, booked again -----------------------------------------------------------------


def test_of_two_equal_entries_the_red_one_takes_out_that_which_the_bank_does_not_have(tmp_path: Path) -> None:
    """The payment of 20 May left the bank then; the reversal and the new entry of the 29th did not touch it."""

    def paid(voucher: str, day: str, amount: str) -> dict[str, Any]:
        return posting(voucher, day, "10201", credit=Decimal(amount), counterparty="清江图文")

    books = [paid("记-1", "2025-05-20", "930"), paid("记-8", "2025-05-29", "-930"), paid("记-9", "2025-05-29", "930")]
    line = {"account_no": "62280001", "date": "2025-05-20", "paid_in": None, "paid_out": Decimal("930"), "counterparty": None, "memo": None}
    filed = {"account_no": "62280001", "bank": "农商行", "filed": True}
    ledgers = {"journal": books, "bank_statement": [line], "bank_accounts": [filed]}
    assert check(tmp_path, ledgers).of("F10") == []
