"""Publications (公开榜) with months or figures side by side are read as the register of publications is.

Authority: 村民委员会组织法 Art 30 (quarterly, receipts and payments monthly where busy); 财务公开规定 (2012) Art 8,
the items that are published.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import FoundTable, TableFinder
from auditlib.intake.values import find_period

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)


def found(rows: list[list[Any]], name: str = "Sheet1") -> FoundTable:
    width = max(map(len, rows))
    (table,) = FINDER.tables(RawSheet(name, [r + [""] * (width - len(r)) for r in rows]), "表.xlsx")
    return table


def read(rows: list[list[Any]], name: str = "Sheet1") -> Conformed:
    table = found(rows, name)
    assert table.recognition.ledger == "disclosures", table.recognition.candidates
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    return conformer.conform(table.sheet, table.block, table.recognition, Surroundings("表.xlsx", name, "*", "", 2025))


def entries(table: Conformed, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table.columns[n].to_pylist() for n in names or ("period", "item", "amount")), strict=True))


def test_months_in_rows_and_figures_in_columns() -> None:
    table = read(
        [
            ["新寨村2025年财务公开榜"],
            ["月份", "收入（元）", "支出（元）", "结余（元）", "公开日期"],
            ["1月", 100.0, 40.0, 60.0, "2025-02-05"],
            ["2月", 50.0, 20.0, 90.0, "2025-03-04"],
            ["3月", "", "", "", ""],
            ["合计", 150.0, 60.0, "", ""],
        ]
    )
    assert entries(table) == [
        ("2025-01", "收入", 10000),
        ("2025-01", "支出", 4000),
        ("2025-01", "结余", 6000),
        ("2025-02", "收入", 5000),
        ("2025-02", "支出", 2000),
        ("2025-02", "结余", 9000),
    ]
    assert table.rows == (2, 2, 2, 3, 3, 3), "each figure keeps its row; March, still to come, is no entry"
    assert set(table.columns["published_on"].to_pylist()) == {dt.date(2025, 2, 5), dt.date(2025, 3, 4)}


def test_figures_in_rows_and_months_in_columns() -> None:
    table = read(
        [
            ["2025年村级财务收支公示表"],
            ["单位：万元"],
            ["序号", "项目", "1月", "2月", "3月", "合计"],
            [1.0, "经营收入", 1.0, 2.0, 3.0, 6.0],
            ["", "收入合计", 1.0, 2.0, 3.0, 6.0],
            [2.0, "支出", 0.5, "", 1.0, 1.5],
            ["", "公开日期", "2025.2.3", "2025.3.3", "2025.4.3", ""],
        ]
    )
    assert [e for e in entries(table) if e[1] == "收入合计"] == [
        ("2025-01", "收入合计", 1_000_000),
        ("2025-02", "收入合计", 2_000_000),
        ("2025-03", "收入合计", 3_000_000),
    ]
    assert [e for e in entries(table) if e[1] == "支出"] == [("2025-01", "支出", 500_000), ("2025-03", "支出", 1_000_000)]
    assert dict(entries(table, "period", "published_on")) == {
        "2025-01": dt.date(2025, 2, 3),
        "2025-02": dt.date(2025, 3, 3),
        "2025-03": dt.date(2025, 4, 3),
    }


def test_quarters_in_columns_under_a_merged_head() -> None:
    table = read(
        [
            ["财务公开"],
            ["项目", "2025年", "", "", ""],
            ["", "一季度", "二季度", "三季度", "四季度"],
            ["收入", 10.0, 20.0, 30.0, 40.0],
            ["支出", 1.0, 2.0, 3.0, 4.0],
        ]
    )
    assert [p for p, i, _ in entries(table) if i == "收入"] == ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]


def test_a_publication_of_one_period_takes_period_and_day_from_title_and_footer() -> None:
    table = read(
        [
            ["新寨村2025年第一季度财务公开表"],
            ["公开项目", "公开金额", "公开方式"],
            ["收入", 100.0, "公开栏"],
            ["支出", 40.0, "公开栏"],
            ["公开日期：2025年4月10日"],
        ]
    )
    assert entries(table, "period", "item", "amount", "published_on") == [
        ("2025Q1", "收入", 10000, dt.date(2025, 4, 10)),
        ("2025Q1", "支出", 4000, dt.date(2025, 4, 10)),
    ]


def test_the_day_below_a_table_of_several_periods_is_not_taken_for_each_of_them() -> None:
    table = read(
        [
            ["2025年第一季度财务公开表"],
            ["月份", "收入", "支出"],
            ["1月", 1.0, 2.0],
            ["2月", 1.0, 2.0],
            ["3月", 1.0, 2.0],
            ["公开日期：2025年4月10日"],
        ]
    )
    assert table.columns["published_on"].null_count == 6


@pytest.mark.parametrize(
    "rows",
    [
        [["2025年收支汇总"], ["月份", "收入", "支出", "结余"], ["1月", 1.0, 2.0, 3.0], ["2月", 1.0, 2.0, 3.0]],
        [["财务公开台账"], ["公开期间", "公开事项", "公开日期", "金额", "公开方式"], ["2025-01", "收入", "2025-02-01", 1.0, "上墙"]],
        [
            ["银行流水公示"],
            ["交易日期", "摘要", "收入", "支出", "余额"],
            ["2025-01-05", "利息", 1.0, "", 1.0],
            ["2025-02-05", "电费", "", 1.0, 0.0],
        ],
    ],
    ids=["nothing says published", "the register itself", "days are no periods"],
)
def test_what_is_no_publication_is_not_spread_out(rows: list[list[Any]]) -> None:
    assert found(rows).recognition.spread is None


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2025年第一季度财务公开表", "2025Q1"),
        ("2025年度1季度", "2025Q1"),
        ("新寨村 2025 年 3 月份收支公示", "2025-03"),
        ("2025年1-3月公开", "2025Q1"),
        ("公开日期2025年4月10日", ""),
        ("2025年财务公开", ""),
        ("2025年1月至2025年2月", ""),
    ],
)
def test_the_period_in_a_title(text: str, period: str) -> None:
    assert find_period(text) == period
