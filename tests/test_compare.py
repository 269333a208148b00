"""Two versions of one register.

Outside authority: the registers of municipal facilities that Yaizu city published at several dates (Yaizu City
Open Data, CC BY 4.0) and the exact list of their differences (DIFFS.json beside them). They are not part of this
repository: AUDITLIB_DATA, or ../shared/data beside the checkout, says where they are. Small registers of our own
in the same style stand for them everywhere else.
"""

from __future__ import annotations

import csv
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from auditlib.cli import compare as command
from auditlib.matching.compare import Change, Comparison, DuplicateKey, Table, UnknownColumn, compare_frames, compare_tables

_DATA = Path(os.environ.get("AUDITLIB_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "yaizu-registers"
needs_yaizu = pytest.mark.skipif(
    not _DATA.is_dir(), reason="the Yaizu registers are not here; set AUDITLIB_DATA to the folder above them"
)


def published() -> list[dict[str, Any]]:
    return json.loads((_DATA / "DIFFS.json").read_text(encoding="utf-8")) if _DATA.is_dir() else [{"files": ["absent", "absent"]}]


def table(text: str, **more: Any) -> Table:
    """A register written as lines of cells set apart by '|'; the header stands on row 1."""
    lines = [tuple(line.strip().split("|")) for line in text.strip().splitlines()]
    return Table(lines[0], lines[1:], range(2, len(lines) + 1), **more)


def read_csv(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = [tuple(line) for line in csv.reader(stream)]
    return Table(lines[0], lines[1:], range(2, len(lines) + 1))


def read_xlsx(path: Path) -> Table:
    import openpyxl

    lines = list(openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True))
    numbers = {lines[0][i] for i in range(len(lines[0])) if {type(row[i]) for row in lines[1:]} <= {int, float}}
    rows = [tuple("" if cell is None else str(cell) for cell in row) for row in lines[1:]]
    return Table(tuple(lines[0]), rows, range(2, len(rows) + 2), frozenset(numbers))


def cells(result: Comparison) -> list[tuple[str, ...]]:
    return [(*c.key, c.column, c.old, c.new) for c in result.changed]


# ---- the published registers --------------------------------------------------------------------------------


@needs_yaizu
@pytest.mark.parametrize("expected", published(), ids=lambda e: " ".join(e["files"]))
def test_every_published_difference_and_no_other_is_found(expected: dict[str, Any]) -> None:
    old, new = (read_csv(_DATA / name) for name in expected["files"])
    result = compare_tables(old, new, [expected["key"]])
    assert [result.rows_old, result.rows_new] == expected["rows"]
    assert [list(c) for c in cells(result)] == expected["changes"]
    assert list(result.removed) == [(k,) for k in expected["only_first"]]
    assert list(result.added) == [(k,) for k in expected["only_second"]]
    assert (list(result.columns_removed), list(result.columns_added)) == (expected["cols_removed"], expected["cols_added"])
    assert (result.renamed_columns, result.duplicate_keys, result.notes) == ((), (), ())
    assert expected["duplicate_keys"] == [{}, {}]


@needs_yaizu
@pytest.mark.parametrize("expected", published(), ids=lambda e: " ".join(e["files"]))
def test_the_command_prints_every_published_difference(expected: dict[str, Any]) -> None:
    status, document = run_json(*(str(_DATA / name) for name in expected["files"]), "--key", expected["key"])
    assert status == 1
    assert [[c["key"], c["column"], c["old"], c["new"]] for c in document["changed"]] == expected["changes"]
    assert (document["added"], document["removed"]) == (expected["only_second"], expected["only_first"])
    assert document["matched"] == expected["rows"][0] - len(expected["only_first"])


@needs_yaizu
def test_the_register_as_a_spreadsheet_is_the_register_as_text() -> None:
    text, sheet = read_csv(_DATA / "AED設置箇所一覧_2025-03-12.csv"), read_xlsx(_DATA / "AED_2025-03-24.xlsx")
    for result in (compare_tables(text, sheet, ["NO"]), compare_tables(sheet, text, ["NO"])):
        assert (result.matched, result.added, result.removed, result.changed) == (82, (), (), ())
        assert {note.code: dict(note.values)["count"] for note in result.notes} == {
            "compare.note.typed_keys": 82,  # 0000000001 is kept as the number 1
            "compare.note.typed_values": 3,  # 138.309570 is kept as the number 138.30957
        }


@needs_yaizu
def test_the_command_tells_a_spreadsheet_by_its_cells() -> None:
    files = (str(_DATA / "AED設置箇所一覧_2025-04-17.csv"), str(_DATA / "AED_2025-03-24.xlsx"))
    status, document = run_json(*files, "--key", "NO")
    assert (status, document["matched"], document["added"], document["removed"]) == (1, 82, [], [])
    assert {c["key"] for c in document["changed"]} == {"0000000001"}  # the row overwritten by the template's placeholder
    assert len(document["changed"]) == 6


# ---- small registers of our own in the same style -----------------------------------------------------------

WELLS_OLD = """
登録番号|住所|緯度|経度|区域
1|石村 12-3|24.800101|103.990210|東组
2|調整中|||西组
3|石村 88|24.8100|103.991000|第９组
4|河口 5|24.820000|103.992000|北组
"""
WELLS_NEW = """
登録番号|住所|緯度|経度|区域
1|石村 12-3|24.800101|103.99021|東组
2|石村 40-1|24.801000|103.990500|西组
3|石村 88|24.8100|103.991000|第9组
5|〇〇公民館|24.5|103.5|マルマル
"""


def test_what_came_what_went_and_each_changed_cell() -> None:
    result = compare_tables(table(WELLS_OLD), table(WELLS_NEW), ["登録番号"])
    assert (result.rows_old, result.rows_new, result.matched) == (4, 4, 3)
    assert (result.removed, result.added) == ((("4",),), (("5",),))
    assert result.changed == (
        Change(("1",), "経度", "103.990210", "103.99021", 2, 2),  # a trailing zero that went is a change
        Change(("2",), "住所", "調整中", "石村 40-1", 3, 3),
        Change(("2",), "緯度", "", "24.801000", 3, 3),
        Change(("2",), "経度", "", "103.990500", 3, 3),
        Change(("3",), "区域", "第９组", "第9组", 4, 4),  # and so is the width of a digit in a value
    )
    assert result.has_differences


def test_a_tolerance_compares_its_column_as_numbers_and_no_other() -> None:
    old, new = table("no|a|b\n1|100.00|5.0\n2|1,000|x\n3||7\n4|10|7"), table("no|a|b\n1|100.01|5\n2|1000.02|x\n3|0|7\n4|ten|7")
    result = compare_tables(old, new, ["no"], {"a": Decimal("0.01")})
    assert cells(result) == [
        ("1", "b", "5.0", "5"),
        ("2", "a", "1,000", "1000.02"),  # beyond the tolerance
        ("3", "a", "", "0"),  # a blank is not a zero
        ("4", "a", "10", "ten"),  # what is no number is text
    ]


@pytest.mark.parametrize("value", ["nan", "inf", "1_000", "1e9999999", "9" * 5000])
def test_odd_texts_are_compared_as_text_under_a_tolerance(value: str) -> None:
    result = compare_tables(table("no|a\n1|1000"), table(f"no|a\n1|{value}"), ["no"], {"a": Decimal(1)})
    assert cells(result) == [("1", "a", "1000", value)]


def test_a_tolerance_is_exact_however_long_the_numbers() -> None:
    old, new = table("no|a\n1|" + "9" * 40 + ".01"), table("no|a\n1|" + "9" * 40 + ".02")
    assert not compare_tables(old, new, ["no"], {"a": Decimal("0.01")}).changed
    assert compare_tables(old, new, ["no"], {"a": Decimal("0.009")}).changed


# ---- keys ---------------------------------------------------------------------------------------------------


def test_keys_are_text_regardless_of_width_and_outer_blanks() -> None:
    result = compare_tables(table("編号|值\n　Ａ０１ |x"), table("編号|值\nA01|x"), ["編号"])
    assert (result.matched, result.has_differences) == (1, False)


def test_leading_zeros_count_and_a_hint_says_what_may_have_happened() -> None:
    result = compare_tables(table("no|v\n0000000001|x\n0000000002|y"), table("no|v\n1|x\n2|y"), ["no"])
    assert (result.matched, len(result.removed), len(result.added)) == (0, 2, 2)
    assert [(n.code, dict(n.values)) for n in result.notes] == [("compare.note.leading_zeros", {"count": 2})]


def test_numbers_of_a_spreadsheet_meet_digits_with_leading_zeros() -> None:
    text, sheet = table("no|v\n0000000001|x\n0000000002|1.50"), table("no|v\n1|x\n2.0|1.5", number_columns=frozenset({"no"}))
    forth, back = compare_tables(text, sheet, ["no"]), compare_tables(sheet, text, ["no"])
    assert cells(forth) == [("0000000002", "v", "1.50", "1.5")]  # the other column was text on both sides
    assert cells(back) == [("0000000002", "v", "1.5", "1.50")]
    assert [n.code for n in forth.notes] == ["compare.note.typed_keys"]


def test_a_number_that_could_mean_two_keys_is_left_alone_and_said() -> None:
    text, sheet = table("no|v\n01|x\n001|y\n7|z"), table("no|v\n1|x\n7|z", number_columns=frozenset({"no"}))
    result = compare_tables(text, sheet, ["no"])
    assert (result.matched, result.removed, result.added) == (1, (("01",), ("001",)), (("1",),))
    assert [n.code for n in result.notes] == ["compare.note.typed_keys_unclear"]


def test_a_number_that_stands_as_such_on_the_text_side_takes_that_key() -> None:
    text, sheet = table("no|v\n1|x\n01|y"), table("no|v\n1|x", number_columns=frozenset({"no"}))
    result = compare_tables(text, sheet, ["no"])
    assert (result.matched, result.removed) == (1, (("01",),))


def test_rows_of_a_key_that_stands_twice_are_a_group_neither_paired_nor_dropped() -> None:
    old, new = table("no|v\nA|1\nB|2\nA|3\nA|5"), table("no|v\nA|1\nA|4\nC|9\nC|9")
    result = compare_tables(old, new, ["no"])
    assert result.duplicate_keys == (DuplicateKey(("A",), (2, 4, 5), (2, 3), True), DuplicateKey(("C",), (), (4, 5), True))
    assert [d.side for d in result.duplicate_keys] == ["both", "new"]
    assert (result.matched, result.changed, result.removed, result.added) == (0, (), (("B",),), ())


def test_ten_thousand_rows_say_100_changed_50_dropped_and_one_group() -> None:
    """51 rows under one key would multiply to 2,601 pairs in a join, and hide or invent changes when paired in order."""
    rows = [(f"Z{i:05d}", f"资产{i}", str(i * 7)) for i in range(9_949)] + [("重复", f"旧件{n}", "1") for n in range(51)]
    new = [(k, name, "0.5" if 50 <= int(k[1:]) < 150 else value) for k, name, value in rows[50:9_949]] + list(reversed(rows[9_949:]))
    headers = ("编号", "名称", "值")
    result = compare_tables(Table(headers, rows, range(2, 10_002)), Table(headers, new, range(2, len(new) + 2)), ["编号"])
    assert (len(rows), len(result.changed), len(result.removed), len(result.duplicate_keys)) == (10_000, 100, 50, 1)
    (group,) = result.duplicate_keys
    assert (len(group.old_rows), len(group.new_rows), group.differs) == (51, 51, False)  # the same rows in another order
    assert (result.matched, result.added) == (9_899, ())


def test_a_group_whose_rows_are_no_longer_the_same_is_a_difference() -> None:
    result = compare_tables(table("no|v\nA|1\nA|2"), table("no|v\nA|2\nA|3"), ["no"])
    assert result.has_differences and result.duplicate_keys[0].differs
    assert not compare_tables(table("no|v\nA|1\nA|2"), table("no|v\nA|2\nA|1"), ["no"]).has_differences


def test_blank_keys_are_keys_like_any_other() -> None:
    assert cells(compare_tables(table("no|v\n|1"), table("no|v\n|2"), ["no"])) == [("", "v", "1", "2")]
    result = compare_tables(table("no|v\n|1\n|2"), table("no|v\n|1\n|3"), ["no"])
    assert (result.changed, len(result.duplicate_keys), result.matched) == ((), 1, 0)


def test_a_compound_key() -> None:
    old, new = table("村|no|v\n东|1|x\n西|1|y"), table("no|村|v\n1|东|x\n1|西|z\n2|西|q")
    result = compare_tables(old, new, ["村", "no"])
    assert (result.key, cells(result), result.added) == (("村", "no"), [("西", "1", "v", "y", "z")], (("西", "2"),))


@pytest.mark.parametrize(("key", "side"), [("编码", "old"), ("旧号", "new")])
def test_an_unknown_key_is_named_with_the_columns_there_are(key: str, side: str) -> None:
    with pytest.raises(UnknownColumn) as error:
        compare_tables(table("编号|旧号\n1|1"), table("编号|名称\n1|1"), [key])
    assert (error.value.column, error.value.side) == (key, side)
    assert "编号" in error.value.candidates


def test_an_unknown_tolerance_column_is_named_too() -> None:
    with pytest.raises(UnknownColumn, match="金额"):
        compare_tables(table("no|v\n1|1"), table("no|v\n1|1"), ["no"], {"金额": Decimal(1)})


# ---- columns ------------------------------------------------------------------------------------------------


def numbered(header: str, values: list[str]) -> Table:
    return table("\n".join([header, *(f"{i}|{value}" for i, value in enumerate(values, 1))]))


def test_the_order_of_rows_and_columns_is_no_difference() -> None:
    assert not compare_tables(table("no|a|b\n1|x|y\n2|p|q"), table("b|no|a\nq|2|p\ny|1|x"), ["no"]).has_differences


def test_columns_that_came_and_went() -> None:
    result = compare_tables(table("no|a\n1|x"), table("no|b\n1|y"), ["no"])
    assert (result.columns_removed, result.columns_added, result.renamed_columns) == (("a",), ("b",), ())
    assert result.changed == ()


def test_a_column_with_a_new_name_is_known_by_its_values_and_what_differs_is_listed() -> None:
    values = [f"v{i}" for i in range(20)]
    result = compare_tables(numbered("no|坐落", values), numbered("no|坐落位置", [*values[:19], "moved"]), ["no"])
    assert result.renamed_columns == (("坐落", "坐落位置"),)
    assert (result.columns_added, result.columns_removed) == ((), ())
    assert cells(result) == [("20", "坐落位置", "v19", "moved")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["a", "b", "c", "d"], ["a", "b", "c", "d"]),  # four rows are too few
        (["a", "b", "c", "d", "", ""], ["a", "b", "c", "d", "", ""]),  # rows blank on both sides show nothing
        (list("abcdefghij"), list("abcdefghiX")),  # nine of ten is under 95 %
    ],
)
def test_too_little_likeness_is_no_renaming(old: list[str], new: list[str]) -> None:
    result = compare_tables(numbered("no|a", old), numbered("no|b", new), ["no"])
    assert (result.renamed_columns, result.columns_removed, result.columns_added) == ((), ("a",), ("b",))


def test_two_columns_alike_are_no_renaming_and_the_doubt_is_said() -> None:
    rows = "\n".join(f"{i}|y" for i in range(9))
    result = compare_tables(table("no|a\n" + rows), table("no|b|c\n" + rows.replace("|y", "|y|y")), ["no"])
    assert (result.renamed_columns, result.columns_added) == ((), ("b", "c"))
    assert [n.code for n in result.notes] == ["compare.note.renamed_unclear"] * 2


def test_a_header_that_differs_in_width_only_is_the_same_column_renamed() -> None:
    result = compare_tables(table("no|面积(亩)\n1|5"), table("no|面积（亩）\n1|6"), ["no"])
    assert (result.renamed_columns, cells(result)) == ((("面积(亩)", "面积（亩）"),), [("1", "面积（亩）", "5", "6")])


def test_blank_and_repeated_headers_and_cells_beyond_the_headers_are_kept() -> None:
    old = Table(("no", "v", "v", ""), [("1", "a", "b", "c", "over"), ("2",)], (5, 6))
    new = Table(("no", "v", "v", ""), [("1", "a", "B", "C", "OVER"), ("2", "z")], (5, 6))
    assert cells(compare_tables(old, new, ["no"])) == [
        ("1", "v (2)", "b", "B"), ("1", "#4", "c", "C"), ("1", "#5", "over", "OVER"), ("2", "v", "", "z"),
    ]  # fmt: skip


def test_a_key_header_that_stands_twice_is_said() -> None:
    both = table("no|no|v\n1|2|x")
    assert {n.code for n in compare_tables(both, both, ["no"]).notes} == {"compare.note.header_twice"}


def test_a_large_register_takes_no_quadratic_time() -> None:
    rows = [(str(i), "x", str(i % 7)) for i in range(100_000)]
    moved = [(key, "x", "9" if key == "5" else value) for key, _, value in reversed(rows)]
    old, new = (Table(("k", "a", "b"), side, range(len(side))) for side in (rows, moved))
    result = compare_tables(old, new, ["k"])
    assert cells(result) == [("5", "b", "5", "9")]


# ---- properties ---------------------------------------------------------------------------------------------

_CELL = st.sampled_from(["", "1", "01", "1.0", "１", " x", "x", "〇〇公民館", "|", "=1+1"])
_HEADERS = ("k", "a", "b")


def _tables(unique: bool) -> st.SearchStrategy[Table]:
    keys = st.text("0123456789AB", min_size=1, max_size=3)
    rows = st.lists(st.tuples(keys, _CELL, _CELL), max_size=12, unique_by=(lambda row: row[0]) if unique else None)
    return rows.map(lambda found: Table(_HEADERS, found, range(2, len(found) + 2)))


@settings(max_examples=60, deadline=None)
@given(_tables(unique=False))
def test_a_register_does_not_differ_from_itself(register: Table) -> None:
    result = compare_tables(register, register, ["k"])
    grouped = sum(len(d.old_rows) for d in result.duplicate_keys)
    assert (result.matched, result.has_differences) == (len(register.rows) - grouped, False)


@settings(max_examples=60, deadline=None)
@given(_tables(unique=True), _tables(unique=True))
def test_swapping_the_sides_swaps_the_result(one: Table, other: Table) -> None:
    forth, back = compare_tables(one, other, ["k"]), compare_tables(other, one, ["k"])
    assert (forth.added, forth.removed) == (back.removed, back.added)
    assert sorted(cells(forth)) == sorted((c.key[0], c.column, c.new, c.old) for c in back.changed)


@settings(max_examples=60, deadline=None)
@given(_tables(unique=False), _tables(unique=False), st.permutations(range(3)))
def test_every_row_is_accounted_for(one: Table, other: Table, order: list[int]) -> None:
    shuffled = Table(tuple(other.headers[i] for i in order), [tuple(r[i] for i in order) for r in other.rows], other.row_numbers)
    result = compare_tables(one, shuffled, ["k"])
    grouped = [sum(len(rows) for rows in side) for side in zip(*((d.old_rows, d.new_rows) for d in result.duplicate_keys), strict=True)]
    assert result.matched + len(result.removed) + (grouped or [0, 0])[0] == len(one.rows)
    assert result.matched + len(result.added) + (grouped or [0, 0])[1] == len(other.rows)
    assert cells(result) == cells(compare_tables(one, other, ["k"]))


def as_frame(register: Table) -> pa.Table:
    return pa.table({name: pa.array([row[i] for row in register.rows], pa.string()) for i, name in enumerate(register.headers)})


@settings(max_examples=40, deadline=None)
@given(_tables(unique=False), _tables(unique=False))
def test_arrow_tables_are_compared_as_lists_of_rows_are(one: Table, other: Table) -> None:
    numbered = [Table(t.headers, t.rows, range(1, len(t.rows) + 1)) for t in (one, other)]
    assert compare_frames(as_frame(one), as_frame(other), ["k"]) == compare_tables(*numbered, ["k"])


def test_numbers_and_missing_values_of_an_arrow_table_are_compared_as_written() -> None:
    old = pa.table({"k": [1, 2], "v": pa.array([1.5, None])})
    new = pa.table({"k": ["1", "2"], "v": ["1.5", "0"]})
    assert cells(compare_frames(old, new, ["k"])) == [("2", "v", "", "0")]
    with pytest.raises(ValueError, match="key"):
        compare_frames(old, new, [])


# ---- the command --------------------------------------------------------------------------------------------


def run(*arguments: str) -> Any:
    app = typer.Typer()
    app.command()(command.compare)
    return CliRunner().invoke(app, list(arguments))


def run_json(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = run(*arguments, "--json")
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def wells(tmp_path: Path) -> tuple[str, str]:
    for name, text in (("old.csv", WELLS_OLD), ("new.csv", WELLS_NEW)):
        (tmp_path / name).write_text(text.strip().replace("|", ",") + "\n", encoding="utf-8-sig")
    return str(tmp_path / "old.csv"), str(tmp_path / "new.csv")


def test_json_is_one_document_as_the_contract_says(wells: tuple[str, str]) -> None:
    status, document = run_json(*wells, "--key", "登録番号", "--tolerance", "経度=0")
    assert status == 1
    assert (document["matched"], document["added"], document["removed"]) == (3, ["5"], ["4"])
    assert document["changed"][0] == {"key": "2", "column": "住所", "old": "調整中", "new": "石村 40-1", "old_row": 3, "new_row": 3}
    assert (document["renamed_columns"], document["duplicate_keys"]) == ([], [])


def test_compound_keys_are_lists_in_json(wells: tuple[str, str]) -> None:
    for keys in (("--key", "登録番号,区域"), ("--key", "登録番号", "--key", "区域"), ("--key", "登録番号，区域")):
        assert run_json(*wells, *keys)[1]["added"] == [["5", "マルマル"]]


def test_text_stands_in_columns_and_speaks_chinese_first(wells: tuple[str, str]) -> None:
    result = run(*wells, "--key", "登録番号")
    assert result.exit_code == 1
    assert result.stdout == """\
旧表 4 行，新表 4 行，对上 3 行

减少 1 行
  4

新增 1 行
  5

改动 5 格，涉及 3 行
  编号  列    旧          新          旧行  新行
  1     経度  103.990210  103.99021   2     2
  2     住所  調整中      石村 40-1   3     3
  2     緯度  （空）      24.801000   3     3
  2     経度  （空）      103.990500  3     3
  3     区域  第９组      第9组       4     4
"""
    assert "Changed: 5 cells in 3 rows" in run(*wells, "--key", "登録番号", "--lang", "en").stdout


def test_no_difference_is_status_0(wells: tuple[str, str]) -> None:
    result = run(wells[0], wells[0], "--key", "登録番号")
    assert (result.exit_code, result.stdout) == (0, "旧表 4 行，新表 4 行，对上 4 行\n两份表没有差异。\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--key", "登记号"), "old.csv 里没有“登记号”这一列。可选的列：登録番号、住所"),
        (("--key", "登記番号", "--lang", "en"), "old.csv has no column '登記番号'. Columns: 登録番号, 住所"),
        ((), "--key"),
        (("--key", "登録番号", "--tolerance", "経度"), "--tolerance 経度"),
        (("--key", "登録番号", "--tolerance", "経度=-1"), "不能是负数"),
        (("--key", "登録番号", "--tolerance", "金額=1"), "两份表里都没有“金額”这一列"),
        (("--key", "登録番号", "--lang", "ja"), "zh"),
    ],
)
def test_a_wrong_call_is_status_2_and_says_what_to_do(wells: tuple[str, str], arguments: tuple[str, ...], says: str) -> None:
    result = run(*wells, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_a_missing_file_is_status_2(wells: tuple[str, str]) -> None:
    result = run(wells[0], "no such.csv", "--key", "登録番号")
    assert (result.exit_code, "no such.csv" in result.stderr) == (2, True)


def test_hostile_text_reaches_the_terminal_as_its_codes() -> None:
    result = compare_tables(table("k|v\n1|x"), table("k|v\n1|\x1b[2Jx\u202e"), ["k"])
    lines = "\n".join(command.render(result, ["\x07"], "zh"))
    assert "\\u001b[2Jx\\u202e" in lines and "\\u0007" in lines
    assert all(c.isprintable() or c == "\n" for c in lines)
