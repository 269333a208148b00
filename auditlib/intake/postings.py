"""Vouchers that are written short: both accounts of a posting on one line, or number and day on the first line only.

Handwritten journals say 借方科目 | 贷方科目 | 金额, and printed vouchers leave blank what the line above has said. Which fields these
are is data (expectations/words/folds.yaml).
A line becomes part of the voucher above only where that makes the vouchers balance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..words.records import ColumnUse
from .cell_kinds import is_blank
from .layout import Block
from .values import BLANK, CONVERTED, Typed, raw_text, squeeze

BALANCING = 0.9  # share of the vouchers that must balance once their lines are put together


@dataclass(frozen=True, slots=True)
class Postings:
    """The lines of a table whose rows held two each: the sheet row of each line, its cells by field, what the columns now are."""

    block: Block
    raw: Mapping[str, Sequence[Any]]
    uses: tuple[ColumnUse, ...]


def two_lines_each(
    block: Block, raw: Mapping[str, Sequence[Any]], uses: Sequence[ColumnUse], fold: Mapping[str, str] | None
) -> Postings | None:
    """Each row with a debited and a credited account as its two lines; None where the table has no such columns.

    A row that names one account only stays one line. `fold` is the ledger's entry under `two_accounts`.
    """
    if fold is None or fold["debited"] not in raw or fold["credited"] not in raw:
        return None
    debit = raw.get(fold["debit"], raw.get(fold["amount"]))
    credit = raw.get(fold["credit"], raw.get(fold["amount"]))
    if debit is None or credit is None:
        return None
    sides = ((raw[fold["debited"]], debit, fold["debit"]), (raw[fold["credited"]], credit, fold["credit"]))
    lines = [(i, side) for i in range(len(block.data)) for side in _sides_of(i, sides)]
    dropped = {fold["debited"], fold["credited"], fold["amount"]}
    cells: dict[str, list[Any]] = {n: [c[i] for i, _ in lines] for n, c in raw.items() if n not in dropped}
    cells[fold["account"]] = [sides[side][0][i] for i, side in lines]
    for k, (_, amounts, name) in enumerate(sides):
        cells[name] = [amounts[i] if side == k else "" for i, side in lines]
    named = {fold["debited"]: fold["account"], fold["credited"]: ""} | ({} if fold["debit"] in raw else {fold["amount"]: fold["debit"]})
    columns = tuple(replace(u, field=named[u.field]) if u.field in named else u for u in uses)
    return Postings(replace(block, data=tuple(block.data[i] for i, _ in lines)), cells, columns)


def _sides_of(row: int, sides: Sequence[tuple[Sequence[Any], Sequence[Any], str]]) -> list[int]:
    told = [k for k, (accounts, _, _) in enumerate(sides) if not is_blank(accounts[row])]
    return told or [k for k, (_, amounts, _) in enumerate(sides) if not is_blank(amounts[row])][:1] or [0]


def joined_to_vouchers(
    typed: Mapping[str, Typed], fold: Mapping[str, str] | None, owners: Sequence[Sequence[Any]], notes: list[Any]
) -> dict[str, Typed]:
    """Number and day of the first line for the lines below it that leave both blank, and the day for a number that goes on.

    `owners`: the columns that tell whose a line is; a line that names another organisation than the one above begins anew.
    Nothing is joined unless nine in ten of the vouchers that get a line balance with it. What was filled is CONVERTED and
    counted in a note.
    """
    if fold is None or not {fold["number"], fold["date"], fold["debit"], fold["credit"]} <= set(typed):
        return dict(typed)
    found = dict(typed)
    number, date = typed[fold["number"]], typed[fold["date"]]
    blank_no, blank_day = _blanks(number), _blanks(date)
    if not any(blank_day):
        return found
    anew = _another_owner(owners, len(blank_day))
    joins = _above([no and day and not new for no, day, new in zip(blank_no, blank_day, anew, strict=True)])
    if any(i != j for i, j in enumerate(joins)) and _balance(typed, fold, joins):
        found[fold["number"]] = _taken(number, joins)
    numbers = found[fold["number"]].values.to_pylist()
    goes_on = [
        day and i > 0 and not anew[i] and numbers[i] is not None and numbers[i] == numbers[i - 1] for i, day in enumerate(blank_day)
    ]
    days = _above(goes_on)
    found[fold["date"]] = _taken(date, days) if any(goes_on) else date
    joined = joins if found[fold["number"]] is not number else days
    if filled := sum(i != j or i != k for i, (j, k) in enumerate(zip(joined, days, strict=True))):
        notes.append(("note.voucher_goes_on", {"n": filled}))
    return found


def _blanks(column: Typed) -> list[bool]:
    blank: list[bool] = (column.status.to_numpy(zero_copy_only=False) == BLANK).tolist()
    return blank


def _another_owner(owners: Sequence[Sequence[Any]], n: int) -> list[bool]:
    """For each line whether it names another organisation than the last line above it that names one."""
    found = [False] * n
    for cells in owners:
        last = ""
        for i, cell in enumerate(cells):
            named = squeeze(raw_text(cell))
            found[i] |= bool(named) and named != last
            last = named or last
    return found


def _above(goes_on: Sequence[bool]) -> list[int]:
    """For each line the line that it goes on from, or itself; lines before any first line go on from none."""
    found: list[int] = []
    first = None
    for i, is_further in enumerate(goes_on):
        first = first if is_further else i
        found.append(i if first is None else first)
    return found


def _balance(typed: Mapping[str, Typed], fold: Mapping[str, str], joins: Sequence[int]) -> bool:
    sums: dict[int, int] = {}
    sides = [typed[fold[n]].values.to_pylist() for n in ("debit", "credit")]
    for i, (debit, credit) in enumerate(zip(*sides, strict=True)):
        sums[joins[i]] = sums.get(joins[i], 0) + (debit or 0) - (credit or 0)
    lengthened = {j for i, j in enumerate(joins) if i != j}
    return sum(sums[j] == 0 for j in lengthened) >= BALANCING * len(lengthened)


def _taken(column: Typed, rows: Sequence[int]) -> Typed:
    import pyarrow as pa

    at = pa.array(rows, pa.int64())
    taken = enumerate(zip(rows, column.status.take(at).to_pylist(), strict=True))
    status = [s if i == j or s == BLANK else CONVERTED for i, (j, s) in taken]
    return Typed(column.values.take(at), pa.array(status, pa.int8()))
