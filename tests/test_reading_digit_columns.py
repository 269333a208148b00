"""Amounts with a column for every digit (数字分栏), as printed vouchers, journals and account pages have them.

Authority: 会计基础工作规范 (财政部) article 52: digits are written one by one, the currency sign directly before the first; where there
is no 角 and 分 these are 00 or stroked out, and where there is 角 and no 分, 0 is written. A group that does not follow it is told.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditlib.catalog.load import load_catalog
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.digit_columns import DigitWords, amount_of
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet, read_sheets
from auditlib.intake.tables import TableFinder
from auditlib.intake.values import STATUSES
from auditlib.words.records import Organisation

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
CONFORMER = Conformer(CATALOG, Resolver((Organisation("V1", "塘边村", "village"),), CATALOG.words["organisation_names"]))
WORDS = DigitWords.of(CATALOG.words["split_columns"]["digits"])
PLACES = "千百十元角分"
NOTHING = [""] * 6


def sheet_of(rows: Sequence[Sequence[Any]], **more: Any) -> RawSheet:
    width = max(map(len, rows))
    return RawSheet("Sheet1", [[*r, *[""] * (width - len(r))] for r in rows], **more)


def one(sheet: RawSheet) -> Conformed:
    (table,) = FINDER.tables(sheet, "x.xlsx")
    return CONFORMER.conform(table.sheet, table.block, table.recognition, Surroundings("x.xlsx", "Sheet1", "V1", "", 2025))


def column(table: Conformed, name: str) -> list[Any]:
    return table.columns[name].to_pylist()


def head(places: Sequence[str] = tuple(PLACES)) -> list[list[str]]:
    blank = [""] * (len(places) - 1)
    names = ["日期", "凭证号", "摘要", "会计科目", "借方金额", *blank, "√", "贷方金额", *blank, "附件"]
    return [["塘边村序时账"], names, ["", "", "", "", *places, "", *places, ""]]


def line(debit: Sequence[Any], credit: Sequence[Any]) -> list[Any]:
    return ["2025-01-05", "记-1", "付电费", "管理费用", *debit, "√", *credit, 2.0]


# ---- one amount ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "amount"),
    [
        (["", "¥", "1", "2", "0", "0"], "12.00"),
        (["", "", "¥1", "2", "0", "5"], "12.05"),
        (["", "-", "1", "2", "0", "0"], "-12.00"),
        (["", "－", "1", "2", "0", "0"], "-12.00"),
        (["", "", "-¥1", "2", "0", "0"], "-12.00"),
        (["", "1", "2", "3", "—", ""], "123.00"),
        (["", "1", "2", "3", "-", "-"], "123.00"),
        (["", "1", "2", "3", "整", ""], "123.00"),
        (["", "1", "2", "3", "", ""], "123.00"),
        (["", "", "", "", "5", "0"], "0.50"),
        (["", "", "", "", "", "5"], "0.05"),
        (["", "", "", "", "", ""], ""),
        (["", "", "", "¥", "", ""], ""),
        (["—", "—", "—", "—", "—", "—"], "-"),
    ],
)
def test_the_amount_that_the_digits_spell(cells: list[str], amount: str) -> None:
    assert amount_of(cells, PLACES, WORDS) == amount


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["", "1", "", "3", "0", "0"], "百〔1〕十〔〕元〔3〕角〔0〕分〔0〕"),  # a gap
        (["", "12", "3", "4", "0", "0"], "百〔12〕十〔3〕元〔4〕角〔0〕分〔0〕"),
        (["", "A", "1", "2", "0", "0"], "百〔A〕十〔1〕元〔2〕角〔0〕分〔0〕"),
        (["", "1", "2", "3", "5", ""], "百〔1〕十〔2〕元〔3〕角〔5〕分〔〕"),  # 角 without 分
        (["", "", "1", "", "", ""], "十〔1〕元〔〕角〔〕分〔〕"),
        (["", "1", "—", "2", "0", "0"], "百〔1〕十〔—〕元〔2〕角〔0〕分〔0〕"),
    ],
)
def test_what_spells_no_amount_comes_out_place_by_place_and_unread(cells: list[str], told: str) -> None:
    assert amount_of(cells, PLACES, WORDS) == told
    table = one(sheet_of([*head(), line([c if len(c) != 1 or not c.isdigit() else float(c) for c in cells], NOTHING)]))
    assert (column(table, "debit"), STATUSES[table.statuses["debit"].to_pylist()[0]]) == ([None], "failed")
    assert table.raw["debit"][0] == told


@given(fen=st.integers(1, 10**13 - 1), is_negative=st.booleans(), mark=st.sampled_from(["", "¥", "￥"]))
def test_every_amount_is_exact(fen: int, is_negative: bool, mark: str) -> None:
    digits = list(str(fen))
    before = [*(["-"] if is_negative else []), *([mark] if mark else [])]
    cells = [*before, *digits] if len(digits) > 2 else [*before, *["0"] * (3 - len(digits)), *digits]
    cells = [""] * (len(WORDS.places) + 2 - len(cells)) + cells
    names = "x" * (len(cells) - len(WORDS.places)) + WORDS.places
    spelled = amount_of(cells, names, WORDS)
    assert (spelled.startswith("-"), int(spelled.replace(".", "").removeprefix("-"))) == (is_negative, fen)


# ---- the group in its table ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "places",
    [
        list("亿千百十万千百十元角分"), list("百十万千百十元角分"), list("億仟佰拾萬仟佰拾圓角分"), list("十万千百十元"),
        ["千万", "百万", "十万", "万", "千", "百", "十", "元", "角", "分"],
    ],
)  # fmt: skip
def test_a_group_beside_ordinary_columns(places: list[str]) -> None:
    digits = list("120450") if places[-1] == "分" else list("1204")
    debit, nothing = [""] * (len(places) - len(digits)) + digits, [""] * len(places)
    table = one(sheet_of([*head(places), line(debit, nothing), line(nothing, debit), ["合计", "", "", "", *debit, "", *debit, ""]]))
    amount = 120450 if places[-1] == "分" else 120400
    assert (column(table, "debit"), column(table, "credit")) == ([amount, None], [None, amount])
    assert column(table, "attachments") == [2, 2]
    assert [(t.stated, t.computed) for t in table.totals] == [(amount, amount)] * 2


def test_a_program_that_repeats_the_upper_head_over_every_digit() -> None:
    rows = [*head(), line(["", "", "1", "2", "0", "0"], NOTHING)]
    rows[1] = [*rows[1][:4], *["借方金额"] * 6, "√", *["贷方金额"] * 6, "附件"]
    assert column(one(sheet_of(rows)), "debit") == [1200]


def test_the_places_in_one_cell_over_ordinary_amounts_are_no_row() -> None:
    rows = [
        ["日期", "凭证号", "摘要", "会计科目", "借方金额", "贷方金额"],
        ["", "", "", "", "百十万千百十元角分", "百十万千百十元角分"],
        ["2025-01-05", "记-1", "付电费", "管理费用", 1204.5, ""],
        ["2025-01-05", "记-1", "付电费", "银行存款", "", 1204.5],
    ]
    assert (one(sheet_of(rows)).rows, column(one(sheet_of(rows)), "debit")) == ((2, 3), [120450, None])


def test_an_amount_written_across_the_merged_cells_of_its_group() -> None:
    rows = [*head(), line([1204.5, *[""] * 5], NOTHING)]
    assert column(one(sheet_of(rows, merges=(((3, 4), (3, 9)),))), "debit") == [120450]
    assert column(one(sheet_of(rows)), "debit") == [None], "unmerged it stands in the column of the thousands"


def test_a_total_row_with_strokes_is_a_total_row() -> None:
    total = ["合计", "", "", "", "", "¥", "1", "2", "整", "", "", *["—"] * 6, ""]
    table = one(sheet_of([*head(), line(["", "", "1", "2", "0", "0"], NOTHING), total]))
    assert (table.rows, [(t.label, t.field, t.stated) for t in table.totals]) == ((3,), [("合计", "debit", 1200)])


def test_the_finding_points_at_the_first_cell_of_the_group() -> None:
    table = one(sheet_of([*head(), line(["", "12", "3", "4", "0", "0"], NOTHING)]))
    assert [(u.index, u.header) for u in table.uses if u.field == "debit"] == [(4, "借方金额")]


# ---- vouchers and account pages, in files --------------------------------------------------------------------


def voucher(number: int, lines: Sequence[tuple[str, str, str]]) -> list[list[Any]]:
    def digits(text: str) -> list[Any]:
        return [""] * (6 - len(text)) + [float(d) for d in text]

    return [
        ["记账凭证"],
        ["2025年3月5日", "", "", f"记字第 {number} 号"],
        ["摘要", "会计科目", "借方金额", *[""] * 5, "贷方金额", *[""] * 5],
        ["", "", *PLACES, *PLACES],
        *(["付电费", account, *digits(debit), *digits(credit)] for account, debit, credit in lines),
        ["合计", "附件 2 张", "", "¥", "1", "2", "0", "0", "", "¥", "1", "2", "0", "0"],
        ["制单：周", "审核：孙"],
        [],
    ]


VOUCHERS = [
    *voucher(1, [("管理费用", "1200", ""), ("银行存款", "", "1200")]),
    *voucher(2, [("管理费用", "1200", ""), ("库存现金", "", "1200")]),
]


def as_workbook(path: Path) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(VOUCHERS):
            sheet.write_row(r, 0, row)
        for r, (left, right) in itertools.product((2, 11), ((2, 7), (8, 13))):
            sheet.merge_range(r, left, r, right, VOUCHERS[r][left])
    return path


def as_text(path: Path) -> Path:
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows(VOUCHERS)  # a program writes 1 as 1.0
    return path


@pytest.mark.parametrize(("write", "name"), [(as_workbook, "凭证.xlsx"), (as_text, "凭证.csv")])
def test_vouchers_printed_one_under_another(tmp_path: Path, write: Any, name: str) -> None:
    (sheet,) = read_sheets(write(tmp_path / name))
    table = one(sheet)
    assert (column(table, "debit"), column(table, "credit")) == ([1200, None] * 2, [None, 1200] * 2)
    assert [(t.stated, t.computed) for t in table.totals] == [(1200, 1200)] * 4
    assert [len(set(column(table, n))) for n in ("voucher_no", "preparer", "attachments")] == [2, 1, 1]


def test_pages_of_an_account_with_its_name_in_a_cell_beside_the_label() -> None:
    def digits(text: str) -> list[str]:
        return [""] * (6 - len(text)) + list(text)

    names = ["2025年", "", "凭证", "", "摘要", "借方", *[""] * 5, "√", "贷方", *[""] * 5, "借或贷", "余额", *[""] * 5]
    page = [["三栏式明细账"], ["科目：", "102 银行存款"], names, ["月", "日", "字", "号", "", *PLACES, "", *PLACES, "", *PLACES]]
    table = one(
        sheet_of(
            [
                *page,
                [1.0, 5.0, "记", 1.0, "付电费", *NOTHING, "", *digits("1200"), "借", *digits("8800")],
                ["", 9.0, "记", 2.0, "收租金", *digits("3000"), "", *NOTHING, "借", *digits("11800")],
            ]
        )
    )
    assert (column(table, "debit"), column(table, "credit")) == ([None, 3000], [1200, None])
    assert (column(table, "account_code"), column(table, "direction")) == (["102", "102"], ["借", "借"])
