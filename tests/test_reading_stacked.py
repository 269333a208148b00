"""Several tables in a sheet that no ledger claims come out one by one, and a sheet without any is settled by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.intake.describe import describe_file
from auditlib.intake.layout import Block, find_blocks
from auditlib.intake.settling import Choices, Settling
from auditlib.intake.tables import TableFinder
from auditlib.workbook import IntakeView

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
ASSETS = ["资产编号", "资产名称", "数量", "原值", "累计折旧", "净值"]
BLANK: list[Any] = []


def blocks(rows: list[list[Any]]) -> list[Block]:
    return find_blocks(rows, FINDER.vocabulary.weigh, FINDER._words)


def shapes(rows: list[list[Any]]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(b.header_rows, b.data) for b in blocks(rows)]


def test_tables_with_titles_of_their_own_are_several() -> None:
    rows = [
        ["果品登记表"],
        ["苹果", "梨", "桃"],
        ["红富士", "雪梨", "黄桃"],
        ["国光", "鸭梨", "水蜜"],
        BLANK,
        ["色卡一览表"],
        ["红", "绿", "蓝"],
        ["朱", "翠", "靛"],
    ]
    first, second = blocks(rows)
    assert (first.header_rows, first.data, first.preamble) == ((1,), (2, 3), (0,))
    assert (second.header_rows, second.data, second.preamble) == ((6,), (7,), (5,))


def test_figures_under_texts_show_a_head_without_a_title() -> None:
    rows = [["Name", "Qty"], ["a", 1.0], ["b", 2.0], BLANK, BLANK, ["Colour", "Weight", "Kind"], ["x", 3.0, "k"], ["y", 4.0, "l"]]
    assert shapes(rows) == [((0,), (1, 2)), ((5,), (6, 7))]


def test_three_tables_keep_their_rows() -> None:
    rows = [["A", "B"], ["a", 1.0], BLANK, ["C", "D"], ["c", 2.0], ["d", 3.0], BLANK, ["E", "F"], ["e", 4.0]]
    assert shapes(rows) == [((0,), (1,)), ((3,), (4, 5)), ((7,), (8,))]


@pytest.mark.parametrize(
    "below",
    [
        [["c", "d"], ["e", "f"]],  # texts like those above, no title
        [["c", 3.0], ["d", 4.0]],  # figures like those above
        [["合计", 3.0]],
        [["二、其他"], ["c", 3.0]],  # a category
        [["填表人：张三", "审核人：李四"]],
    ],
)
def test_a_blank_row_alone_parts_nothing(below: list[list[Any]]) -> None:
    rows = [["Name", "Qty"], ["a", 1.0], ["b", 2.0], BLANK, *below]
    assert len(blocks(rows)) == 1


def test_an_unknown_table_under_a_known_one_is_no_row_of_it() -> None:
    rows = [
        ASSETS,
        ["ZC-1", "楼", 1.0, 100.0, 20.0, 80.0],
        BLANK,
        ["车辆油耗登记表"],
        ["车牌", "里程", "油量"],
        ["云A1", 100.0, 8.0],
        ["云A2", 200.0, 16.0],
    ]
    assert shapes(rows) == [((0,), (1,)), ((4,), (5, 6))]


def test_a_row_of_texts_after_a_blank_one_stays_a_row_of_its_ledger() -> None:
    rows = [
        ASSETS,
        ["ZC-1", "楼", 1.0, 100.0, 20.0, 80.0],
        BLANK,
        ["ZC-2", "井", "待查", "待查", "待查"],
        ["ZC-3", "泵", 1.0, 5.0, 0.0, 5.0],
    ]
    assert shapes(rows) == [((0,), (1, 3, 4))]


def test_lines_of_labels_above_a_known_head_stay_its_title() -> None:
    rows = [["编制单位", "新寨村"], ["报送日期", "2026-01-05"], BLANK, ASSETS, ["ZC-1", "楼", 1.0, 100.0, 20.0, 80.0]]
    (block,) = blocks(rows)
    assert (block.preamble, block.data) == ((0, 1, 2), (4,))


def test_read_describes_each_of_them(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("Name,Qty\na,1\nb,2\n\nColour,Weight\nx,3\ny,4\nz,5\n", encoding="utf-8")
    sheets = describe_file(path, CATALOG, 2025).sheets
    assert [(s.table, s.header_rows, s.rows, [c.header for c in s.columns]) for s in sheets] == [
        (1, (1,), 2, ["Name", "Qty"]),
        (2, (5,), 3, ["Colour", "Weight"]),
    ]
    assert [c.sum for s in sheets for c in s.columns if c.type == "number"] == [3, 12]


# --- a sheet in which no table is found -------------------------------------------------------------------------------


@pytest.fixture
def county(tmp_path: Path) -> Path:
    (tmp_path / "audit.toml").write_text('county = "青石县"\n', encoding="utf-8")
    (tmp_path / "名单.csv").write_text("全村人员\n社员\n张三\n李四\n王五\n", encoding="utf-8")
    return tmp_path


def test_a_sheet_without_a_table_is_settled_by_naming_its_head(county: Path) -> None:
    path = county / "名单.csv"
    assert describe_file(path, CATALOG, 2025).sheets[0].header_rows == ()
    choices = Choices("members", (("社员", "name"),), header_rows=(2,))
    Settling(county, CATALOG).settle(path, None, None, choices, dt.date(2026, 1, 5))
    (sheet,) = describe_file(path, CATALOG, 2025).sheets
    assert (sheet.ledger, sheet.header_rows, sheet.rows, sheet.columns[0].field) == ("members", (2,), 3, "name")


def test_the_intake_page_offers_such_a_sheet_too(county: Path) -> None:
    view = IntakeView(county, "名单.csv", by="审计员", made_on=dt.date(2026, 1, 5))
    assert view.look is None and "社员" in view.grid.value and not view.save.disabled
    view.ledger.value = "members"
    view.save.click()
    assert "表头" in view.message.value and view.mapping is None
    view.head.value = "2"
    view.save.click()
    assert view.mapping is not None and view.look is not None and view.look.rows == 3
