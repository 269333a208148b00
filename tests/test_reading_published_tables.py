"""Published tables of figures whose heads nobody knows: head, first row, totals and footnotes by shape.

The outside authority is a set of government spreadsheets (U.S. Statistical Abstract 2010) in which people labelled every
cell as title, header, data, derived or note. It is not part of this project; where it is not at hand its tests are
skipped, and the small tables in the same style below stand for it.
"""

from __future__ import annotations

import csv
import json
from typing import Any

from conftest import published
from hypothesis import given, settings
from hypothesis import strategies as st

from auditlib.catalog.load import load_catalog
from auditlib.intake.layout import Block, find_blocks
from auditlib.intake.tables import TableFinder

FINDER = TableFinder(load_catalog())


def only_block(rows: list[list[Any]]) -> Block:
    (block,) = find_blocks(rows, FINDER.vocabulary.weigh, FINDER._words)
    return block


def first_figures(block: Block) -> int:
    """The first row of figures, data or derived."""
    return min([*block.data[:1], *(r for r, _ in block.totals[:1])])


def total_rows(block: Block) -> list[int]:
    return [r for r, _ in block.totals]


# ---- against people's labels ---------------------------------------------------------------------------------


def labelled() -> list[tuple[dict[str, Any], Block]]:
    folder = published("saus-tables")
    found = []
    for label in json.loads((folder / "LABELS.json").read_text(encoding="utf-8")):
        with (folder / "csv" / label["file"]).open(encoding="utf-8", newline="") as stream:
            found.append((label, only_block(list(csv.reader(stream)))))
    return found


def test_heads_first_rows_totals_and_footnotes_agree_with_people_s_labels() -> None:
    tables = labelled()
    heads = [[r + 1 for r in b.header_rows] == t["header_rows"] for t, b in tables]
    firsts = [first_figures(b) + 1 == t["first_numeric_row"] for t, b in tables]
    derived = [(r - 1 in total_rows(b)) for t, b in tables for r in t["derived_rows"]]
    notes = [(r - 1) in b.footers for t, b in tables for r in t["footnote_rows"]]
    taken = [r for t, b in tables for r in t["footnote_rows"] if r - 1 in (*b.data, *total_rows(b))]
    share = {
        n: sum(v) / len(v) for n, v in (("heads", heads), ("first rows", firsts), ("derived rows", derived), ("footnotes", notes))
    }
    print(f"{len(tables)} tables: " + ", ".join(f"{n} {s:.1%}" for n, s in share.items()))
    assert share["heads"] >= 0.95
    assert share["first rows"] >= 0.95
    assert share["derived rows"] >= 0.80
    assert share["footnotes"] >= 0.95
    assert not taken, "footnotes were read as data"


# ---- tables of our own in the same style ---------------------------------------------------------------------


def padded(rows: list[list[Any]]) -> list[list[Any]]:
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def test_years_over_two_levels_and_blank_rows_are_one_head() -> None:
    rows = padded(
        [
            ["Table 12. Wells by Region: 1990 to 2010"],
            [],
            ["See notes"],
            [],
            ["Region", "Wells (1,000)", "", "", "Depth (metres)"],
            [],
            [],
            ["", "1990", "2000", "2010", "1990", "2000", "2010"],
            [],
            ["Hill country", "1.5", "1.7", "(NA)", "30", "31", "33"],
            ["River plain", "2.5", "2.9", "3.3", "12", "(D)", "11"],
            [],
            ["Source: Water office."],
            ["\\1 Includes springs."],
        ]
    )
    block = only_block(rows)
    assert (block.header_rows, block.data, block.footers) == ((4, 7), (9, 10), (12, 13))
    assert block.headers[:5] == (
        "Region",
        "Wells (1,000)›1990",
        "Wells (1,000)›2000",
        "Wells (1,000)›2010",
        "Depth (metres)›1990",
    )


def test_units_under_the_headers_are_head_and_not_negative_numbers() -> None:
    rows = [
        ["Type", "Farms", "Acreage", "Value"],
        ["Unit indicator", "(1,000)", "(1,000)", "(dollars)"],
        ["Orchards", "3.1", "12.5", "410"],
        ["Ponds", "0.4", "1.2", "95"],
    ]
    block = only_block(rows)
    assert (block.header_rows, block.data) == ((0, 1), (2, 3))


def test_a_name_of_a_group_above_the_first_figures_is_no_head() -> None:
    rows = [
        ["Item", "2001", "2002"],
        ["CURRENT PRICES", "", ""],
        ["Roads", "10.5", "11.5"],
        ["Bridges", "4.5", "5.5"],
        ["CONSTANT PRICES", "", ""],
        ["Roads", "9.9", "10.1"],
    ]
    block = only_block(rows)
    assert (block.header_rows, block.groups, block.data) == ((0,), (1, 4), (2, 3, 5))


def test_the_name_of_the_first_column_may_stand_below_or_above_the_other_headers() -> None:
    body = [["Goats", "10.5", "4.5"], ["Sheep", "7.5", "2.5"]]
    below = only_block([["", "Owned", "Hired"], ["Animals", "", ""], *body])
    above = only_block(padded([["Table 3. Animals kept"], [], ["See notes"], [], ["Animals"], ["", "Owned", "Hired"], *body]))
    assert (below.header_rows, below.data) == ((0, 1), (2, 3))
    assert (above.header_rows, above.data) == ((4, 5), (6, 7))


def test_totals_are_known_by_their_labels() -> None:
    rows = [
        ["Crop", "Area", "Yield"],
        ["Total \\1", "30.5", "7.7"],
        ["Maize", "20.5", "4.1"],
        ["Beans", "10.0", "3.6"],
        [],
        ["Sales, total", "9.5", "1.1"],
        ["Maize", "6.2", "0.6"],
    ]
    assert total_rows(only_block(padded(rows))) == [1, 5]


def test_a_country_is_a_total_above_its_states_and_a_record_among_countries() -> None:
    states = [["State", "2001", "2002"], ["United States", "99.5", "98.5"], ["Alabama", "1.5", "1.6"], ["Alaska", "0.5", "0.6"]]
    countries = [
        ["Country", "2001", "2002"],
        ["United States", "99.5", "98.5"],
        ["Canada", "9.5", "9.6"],
        ["Mexico", "10.5", "10.6"],
    ]
    assert total_rows(only_block(states)) == [1]
    assert total_rows(only_block(countries)) == []


def test_rows_that_add_up_are_totals_and_sums_of_sums_are_seen_through() -> None:
    parts = {
        "North": [[3.1, 4.2, 5.3, 6.4], [1.1, 1.2, 1.3, 1.4], [2.0, 2.5, 3.0, 3.5]],
        "South": [[7.7, 6.6, 5.5, 4.4], [0.3, 0.2, 0.1, 0.4], [1.9, 1.8, 1.7, 1.6]],
        "West": [[5.1, 5.2, 5.3, 5.7], [1.4, 2.4, 3.4, 4.6], [8.8, 8.1, 8.2, 8.5]],
    }
    rows: list[list[Any]] = []
    sums = []
    for name, lines in parts.items():
        sums.append([round(sum(c), 1) for c in zip(*lines, strict=True)])
        rows += [[name, *sums[-1]], *([f"{name} {i}", *line] for i, line in enumerate(lines))]
    block = only_block(
        [
            ["Place", "Spring", "Summer", "Autumn", "Winter"],
            ["The valley", *(round(sum(c), 1) for c in zip(*sums, strict=True))],
            *rows,
        ]
    )
    assert total_rows(block) == [1, 2, 6, 10]
    assert len(block.data) == 9


def test_rows_of_a_list_that_add_up_by_chance_stay_data() -> None:
    rows = [
        ["item", "place", "pieces", "price"],
        ["desk", "hall", "3", "300"],
        ["desk", "hall", "1", "100"],
        ["desk", "office", "1", "100"],
        ["chair", "office", "1", "100"],
    ]
    assert only_block(rows).totals == ()


def test_a_list_of_records_keeps_rows_without_figures() -> None:
    rows = [
        ["code", "name", "street", "rooms"],
        ["A-1", "Old hall", "Mill Lane", ""],
        ["A-2", "New hall", "Main Street", "12"],
        ["A-3", "Barn", "", ""],
        ["A-4", "Shed", "Hill", "2"],
    ]
    assert only_block(rows).data == (1, 2, 3, 4)


def test_an_inner_head_is_passed_over() -> None:
    rows = [
        ["Size", "Farms", "Acreage"],
        ["Small", "12.5", "40.5"],
        ["Large", "3.5", "99.5"],
        ["Sales", "Farms", "Value"],
        ["Low", "8.5", "1.5"],
        ["High", "7.5", "9.5"],
    ]
    block = only_block(rows)
    assert (block.data, block.skipped) == ((1, 2, 4, 5), (3,))


def test_a_chinese_table_of_figures_that_is_no_ledger() -> None:
    rows = padded(
        [
            ["", "", "各乡镇雨量站观测情况表"],
            ["编报处室：水文站", "", "", "", "单位：毫米"],
            ["站点", "一季度", "二季度", "三季度", "四季度"],
            ["全县合计", "104.5", "390.2", "611.7", "88.1"],
            ["东河站", "52.5", "190.1", "300.7", "44.0"],
            ["西岭站", "52.0", "200.1", "311.0", "44.1"],
            ["注：东河站六月停测三日。"],
            ["资料来源：水文站"],
        ]
    )
    block = only_block(rows)
    assert (block.header_rows, total_rows(block), block.data, block.footers) == ((2,), [3], (4, 5), (6, 7))


def test_figures_that_look_like_years_and_marked_figures_are_figures() -> None:
    years = [["Town", "Men", "Women"], ["Ashby", "1850", "1905"], ["Corby", "2310", "2290"], ["Derby", "4010", "4290"]]
    marked = [["Town", "Rent", "Price"], ["Ashby", "$1,250 \\1", "$90*"], ["Corby", "$2,310", "$95"], ["Derby", "4,010", "88"]]
    assert first_figures(only_block(years)) == 1
    assert first_figures(only_block(marked)) == 1


def test_numbers_that_head_columns_are_no_first_row() -> None:
    rows = [["", "Age", "", ""], ["", "15", "20", "25"], ["Men", "3.5", "4.5", "2.5"], ["Women", "3.6", "4.4", "2.1"]]
    block = only_block(rows)
    assert (block.header_rows, block.data) == ((0, 1), (2, 3))


def test_a_margin_of_empty_columns_changes_nothing() -> None:
    rows = [["Item", "2001", "2002"], ["Roads", "10.5", "11.5"], ["Bridges", "4.5", "5.5"]]
    block = only_block([["", "", *row] for row in rows])
    assert (block.header_rows, block.data, block.headers) == ((0,), (1, 2), ("", "", "Item", "2001", "2002"))


CELLS = st.one_of(
    st.none(),
    st.just(""),
    st.booleans(),
    st.dates(),
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.integers(1900, 2020),
    st.sampled_from(
        [
            "Total",
            "See notes",
            "(NA)",
            "-",
            "(1,000)",
            "\\1 note",
            "Source: x",
            "1990",
            "12.5",
            "United States",
            "Alabama",
            "合计",
            "None",
        ]
    ),
    st.text(max_size=6),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=7), max_size=16))
def test_every_row_of_any_sheet_is_accounted_for_once(rows: list[list[Any]]) -> None:
    found = find_blocks(rows, FINDER.vocabulary.weigh, FINDER._words)
    seen: list[int] = []
    for b in found:
        own = [*b.preamble, *b.header_rows, *b.data, *total_rows(b), *b.groups, *b.footers]
        assert len(own) == len(set(own))
        assert len(b.headers) <= 7
        seen += [*own, *b.skipped]
    assert not found or set(seen) == set(range(len(rows)))
    assert found == find_blocks(rows, FINDER.vocabulary.weigh, FINDER._words)
