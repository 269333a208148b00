"""本年累计 of books that give every month a sheet or a file of its own is held against the months before, where these tell it exactly.

Authority: 会计基础工作规范 (财政部), article 62: 本月合计 and 本年累计 of day books and ledgers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import load_settings
from auditlib.intake.workspace import read_workspace

CATALOG = load_catalog()
HEAD = ["日期", "凭证号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额"]
Rows = list[list[Any]]


def month(number: int, amount: int, year_to_date: int | None) -> Rows:
    """A voucher of one month, its total and, unless None, the year's up to now."""
    day = f"2025-{number:02d}-05"
    rows: Rows = [
        [f"新寨村2025年{number}月序时账"], HEAD,
        [day, f"记-{number}", "收租金", "101", "库存现金", amount, ""], [day, f"记-{number}", "收租金", "504", "其他收入", "", amount],
        ["", "", "本月合计", "", "", amount, amount],
    ]  # fmt: skip
    return rows if year_to_date is None else [*rows, ["", "", "本年累计", "", "", year_to_date, year_to_date]]


def write(path: Path, sheets: Mapping[str, Rows]) -> None:
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                sheet.write_row(r, 0, row)


def read(county: Path) -> tuple[list[tuple[str, int, float, float]], list[str]]:
    """Totals that differ (sheet, row, stated and computed in yuan; debit side only), and what the sources say of rows not checked."""
    import pyarrow.parquet as pq

    frames = county.parent / "frames"
    (county / "audit.toml").write_text('county = "青石县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    intake = read_workspace(county, frames, CATALOG, load_settings(county, CATALOG, today=dt.date(2026, 1, 31)))
    sheets = {s.source_id: s.sheet or s.file for s in intake.sources}
    totals = pq.read_table(frames / "control_totals.parquet").to_pylist()
    wrong = [t for t in totals if t["stated"] != t["computed"] and t["field"] == "debit"]
    notes = [n for s in intake.sources for n in s.notes if "没有核对" in n]
    return [(sheets[t["source_id"]], t["sheet_row"], t["stated"] / 100, t["computed"] / 100) for t in wrong], notes


@pytest.mark.parametrize("in_one_file", [True, False])
def test_months_that_follow_one_another_add_up(in_one_file: bool, tmp_path: Path) -> None:
    months = {f"{m}月": month(m, 100 * m, sum(range(m + 1)) * 100) for m in (1, 2, 3, 4)}
    county = tmp_path / "county"
    if in_one_file:
        write(county / "云溪镇" / "新寨村" / "序时账.xlsx", months)
    else:
        for name, rows in months.items():
            write(county / "云溪镇" / "新寨村" / f"序时账{name}.xlsx", {"账": rows})
    assert read(county) == ([], [])


def test_a_wrong_total_of_the_year_is_told_once_and_not_again_by_the_months_after_it(tmp_path: Path) -> None:
    """March says 607 and April goes on from it or from the truth: March is wrong either way, April is not."""
    for n, april in enumerate((1007, 1000)):
        county = tmp_path / str(n) / "county"
        sheets = {"1月": month(1, 100, 100), "2月": month(2, 200, 300), "3月": month(3, 300, 607), "4月": month(4, 400, april)}
        write(county / "云溪镇" / "新寨村" / "序时账.xlsx", sheets)
        assert read(county) == ([("3月", 6, 607, 600)], [])


def test_months_without_the_year_s_total_count_all_the_same(tmp_path: Path) -> None:
    county = tmp_path / "county"
    write(county / "云溪镇" / "新寨村" / "序时账.xlsx", {"1月": month(1, 100, None), "2月": month(2, 200, None), "3月": month(3, 300, 601)})
    assert read(county) == ([("3月", 6, 601, 600)], [])


def test_a_year_that_begins_later_goes_on_from_the_month_before_or_says_that_it_was_not_checked(tmp_path: Path) -> None:
    county = tmp_path / "county"
    write(county / "云溪镇" / "新寨村" / "序时账.xlsx", {"5月": month(5, 50, 1050), "6月": month(6, 60, 1111)})
    wrong, notes = read(county)
    assert wrong == [("6月", 6, 1111, 1110)]
    assert len(notes) == 1 and "第 6 行" in notes[0] and "本年累计" in notes[0]


def test_a_month_that_came_twice_is_not_guessed_at(tmp_path: Path) -> None:
    county = tmp_path / "county"
    for name, amount in (("甲", 100), ("乙", 130)):
        write(county / "云溪镇" / "新寨村" / f"{name}1月.xlsx", {"账": month(1, amount, amount)})
    write(county / "云溪镇" / "新寨村" / "2月.xlsx", {"账": month(2, 200, 300)})
    wrong, notes = read(county)
    assert wrong == [] and len(notes) == 1


def test_the_books_of_two_villages_are_not_one(tmp_path: Path) -> None:
    county = tmp_path / "county"
    write(county / "云溪镇" / "新寨村" / "1月.xlsx", {"账": month(1, 100, 100)})
    lines = month(2, 200, 999)
    lines[0] = ["下庄村2025年2月序时账"]
    write(county / "云溪镇" / "下庄村" / "2月.xlsx", {"账": lines})
    wrong, notes = read(county)
    assert wrong == [] and len(notes) == 1
