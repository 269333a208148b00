"""Rows that say what an account held before the first movement shown: 上年结转, 期初余额, 上年结余, 承上年.

They are no movements and no sums. Each becomes an opening balance, which stands in for the trial balance where there is none.
承前页 and 过次页 carry a page, not a year, and stay totals; 结转下年 is a closing balance and opens nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..words.records import ColumnUse
from .blocks import Block, Rows
from .cell_kinds import header_key, is_blank
from .values import Reading, Typed, convert, find_year, raw_text, squeeze

DEBIT, CREDIT = "debit", "credit"


@dataclass(frozen=True, slots=True)
class OpeningBalance:
    """What one such row says. Money that an account holds stands on the debit side, also in a bank's own statement."""

    row: int  # 0-based
    label: str
    account: str  # code of the account, or number of the bank account; '' where neither row nor title tells it
    date: dt.date | None  # of the row, else of the first movement under it
    year: int | None  # the year that it opens; None for the opening of a month or a page
    side: str  # debit | credit
    amount: int  # fen, below zero where the sheet says so
    org_code: str


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of the table when its openings are read."""

    rows: Rows
    block: Block
    uses: Sequence[ColumnUse]
    readings: Mapping[str, Reading]
    typed: Mapping[str, Typed]  # the columns of its data rows
    texts: Sequence[str]  # lines above the table, then sheet and file name
    pairs: Sequence[tuple[str, str, int]]  # label, value and row above the table
    owner_of: Callable[[int], str]  # row -> organisation
    account_names: Mapping[str, str]  # name of an account -> code


def set_apart(block: Block, rows: Rows, uses: Sequence[ColumnUse], ledger: str, words: Mapping[str, Any]) -> Block:
    """The block with its labelled rows moved from data to totals, but for those that have a number of their own."""
    spec = words["ledgers"].get(ledger)
    if spec is None or not block.labelled:
        return replace(block, labelled=()) if block.labelled else block
    at = next((u.index for u in uses if u.field and u.field == spec.get("number")), None)
    moved = {r: label for r, label in block.labelled if not _is_numbered(rows[r], at, label)}
    data = tuple(r for r in block.data if r not in moved)
    return replace(block, data=data, totals=tuple(sorted({**dict(block.totals), **moved}.items())), labelled=())


def _is_numbered(row: Sequence[Any], at: int | None, label: str) -> bool:
    cell = row[at] if at is not None and at < len(row) else ""
    return not is_blank(cell) and squeeze(raw_text(cell)) != label


def opening_balances(table: Table, ledger: str, words: Mapping[str, Any], opening: str) -> tuple[OpeningBalance, ...]:
    """The opening balances of a table; a row without an amount that can be read is left out, and 0 is an amount.

    `words` is openings.yaml, `opening` the pattern of their labels.
    """
    spec, is_opening, closes = words["ledgers"].get(ledger), re.compile(opening), re.compile(words["to_next_year"])
    if spec is None:
        return ()
    found = []
    for row, label in table.block.totals:
        if is_opening.match(label) and not closes.match(label) and (held := _held(table, row, spec, words)) is not None:
            side, amount = held
            date, first = _date(table, row, spec), _first_below(table, row, spec)
            year = _year(label, date, first, row, table, words)
            account = _account(table, row, spec, words)
            found.append(OpeningBalance(row, label, account, date or first, year, side, amount, table.owner_of(row)))
    return tuple(found)


# ---- the parts of a row ------------------------------------------------------------------------------------


def _cell(table: Table, row: int, field: str | None) -> Any:
    use = next((u for u in table.uses if u.field and u.field == field), None)
    return "" if use is None or use.index >= len(table.rows[row]) else table.rows[row][use.index]


def _read(table: Table, row: int, field: str | None) -> Any:
    """The value of the field in that row, None where it is blank or cannot be read."""
    cell = _cell(table, row, field)
    return None if field is None or is_blank(cell) else convert(table.readings[field], [cell]).values[0].as_py()


def _held(table: Table, row: int, spec: Mapping[str, str], words: Mapping[str, Any]) -> tuple[str, int] | None:
    """Side and amount: from the balance column with the side beside it, else from the columns of movements."""
    balance = _balance(table, row, spec, words)
    if balance is not None:
        told = squeeze(raw_text(_cell(table, row, spec.get("direction"))))
        return (CREDIT if told in words["credit_words"] else DEBIT), balance
    debit, credit = _read(table, row, spec["debit"]), _read(table, row, spec["credit"])
    if debit is None and credit is None:
        return None
    return (CREDIT, credit) if not debit and credit else (DEBIT, (debit or 0) - (credit or 0))


def _balance(table: Table, row: int, spec: Mapping[str, str], words: Mapping[str, Any]) -> int | None:
    if "balance" in spec:
        return _read(table, row, spec["balance"])
    keys = {header_key(h) for h in words["balance_headers"]}
    at = next((u.index for u in table.uses if u.field is None and header_key(u.header.replace("›", "")) in keys), None)
    cell = table.rows[row][at] if at is not None and at < len(table.rows[row]) else ""
    return None if is_blank(cell) else convert(table.readings[spec["debit"]], [cell]).values[0].as_py()


def _account(table: Table, row: int, spec: Mapping[str, str], words: Mapping[str, Any]) -> str:
    """The account by its own cell, else by the lines above the table, else by the title; '' where none tells."""
    field = spec["account"]
    if told := _read(table, row, field) or _read_else(table, row, field):
        return str(told)
    column = table.typed.get(field)
    if column is not None and len(only := set(column.values.to_pylist()) - {None}) == 1 and not _cell_exists(table, field):
        return str(only.pop())
    if field not in table.readings or table.readings[field].spec.type != "account_code":
        return ""
    labels = {squeeze(x) for x in words["account_labels"]}
    for label, value, _ in table.pairs:
        if squeeze(label) in labels and (code := _code_in(value, table.account_names)):
            return code
    return next((code for text in table.texts if (code := _titled(text, table.account_names, words["account_titles"]))), "")


def _read_else(table: Table, row: int, field: str) -> Any:
    """The account by the column that names it (科目名称), where it has no column of codes."""
    other = table.readings[field].spec.else_from if field in table.readings else ""
    cell = _cell(table, row, other)
    return None if not other or is_blank(cell) else convert(table.readings[field], [cell]).values[0].as_py()


def _cell_exists(table: Table, field: str) -> bool:
    return any(u.field == field for u in table.uses)


def _code_in(text: str, names: Mapping[str, str]) -> str:
    bare = squeeze(text)
    if code := re.match(r"\d{3,12}", bare):
        return code[0]
    return next((names[n] for n in sorted(names, key=len, reverse=True) if n in bare), "")


def _titled(text: str, names: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """The account that a title names: 库存现金日记账, 现金账. A title of several accounts names none."""
    bare = squeeze(text)
    found = {code for name, code in names.items() if len(name) >= 3 and name in bare} or {c for t, c in titles.items() if t in bare}
    return found.pop() if len(found) == 1 else ""


# ---- when --------------------------------------------------------------------------------------------------


def _date(table: Table, row: int, spec: Mapping[str, str]) -> dt.date | None:
    found = _read(table, row, spec["date"])
    return found if isinstance(found, dt.date) else None


def _first_below(table: Table, row: int, spec: Mapping[str, str]) -> dt.date | None:
    """The date of the first movement under the row, or of the first of all where newer lines stand above older ones."""
    column = table.typed.get(spec["date"])
    if column is None:
        return None
    dated = zip(table.block.data, column.values.to_pylist(), strict=True)
    return next((d for r, d in dated if r > row and isinstance(d, dt.date)), None)


def _year(
    label: str, date: dt.date | None, first: dt.date | None, row: int, table: Table, words: Mapping[str, Any]
) -> int | None:
    """The year that the balance opens. 上年结转 dated on the last day of the old year opens the new one."""
    if re.search(words["of_year"], label):
        if first is not None:
            return first.year
        if date is not None:
            return date.year + (date.month == 12)
        return next((y for t in table.texts if (y := find_year(t))), None)
    is_first = not table.block.data or row < table.block.data[0]
    when = first or date
    return when.year if is_first and when is not None and when.month == 1 else None
