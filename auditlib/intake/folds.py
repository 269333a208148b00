"""Columns that say in another way what a ledger says in two: an amount with its side, two dates in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..catalog.specs import FieldSpec
from .values import AMBIGUOUS, BLANK, CONVERTED, FAILED, OK, Reading, Typed, convert, raw_text, squeeze


def told_by(field: FieldSpec, ledger: str, words: Mapping[str, Any]) -> Iterator[str]:
    """The field, then those whose columns say it where it has none of its own: 合同期限 says when a contract starts and ends.
    `words`: those of the catalog."""
    yield field.name
    if field.else_from:
        yield field.else_from
    folds = words["folds"]
    for fold in folds["sides"].get(ledger, ()):
        if field.name in (fold["debit"], fold["credit"]):
            yield fold["amount"]
    for fold in folds["ranges"].get(ledger, ()):
        if field.name in (fold["starts"], fold["ends"]):
            yield fold["range"]
    movement = words["movements"].get(ledger, {})
    if field.name in (movement.get("paid_in"), movement.get("paid_out")):
        yield movement["amount"]


def fold_sides(
    typed: Mapping[str, Typed],
    raw: Mapping[str, Sequence[Any]],
    folds: Sequence[Mapping[str, str]],
    words: Mapping[str, Any],
    notes: list[Any],
) -> dict[str, Typed]:
    """`typed` with debit and credit columns filled from an amount and its side (借, 贷, 平), where the table has no such columns.

    GB/T 24589.1 writes balances so: unsigned, with the side beside them. An amount whose side is not told is AMBIGUOUS
    in both columns and counted in a note. One column of sides for opening and closing (科目余额表 with a single 方向) holds for
    both, but for a balance that only adds up with the movements on the other side.
    """
    found = dict(typed)
    lone = [f["direction"] for f in folds if f["direction"] in raw]
    for fold in folds:
        debit, credit, amount = (fold[k] for k in ("debit", "credit", "amount"))
        side = fold["direction"] if fold["direction"] in raw else lone[0] if len(lone) == 1 else ""
        if debit in typed or credit in typed or amount not in typed or not side:
            continue
        sides = _sides(raw[side], words)
        amounts = typed[amount].values.to_pylist()
        if len(folds) > 1 and len(lone) == 1:
            sides = _sides_that_add_up(typed, folds, amount, sides)
        found[debit], found[credit] = _one_side(amounts, sides, 1), _one_side(amounts, sides, -1)
        unknown = sum(s == 0 and bool(a) for s, a in zip(sides, amounts, strict=True))
        if unknown:
            notes.append(("note.undirected", {"n": unknown}))
    return found


def _sides(cells: Sequence[Any], words: Mapping[str, Any]) -> list[int]:
    known = {squeeze(w): s for key, s in (("debit_words", 1), ("credit_words", -1), ("flat_words", 0)) for w in words[key]}
    return [known.get(squeeze(raw_text(c)), 0) for c in cells]


def _sides_that_add_up(typed: Mapping[str, Typed], folds: Sequence[Mapping[str, str]], amount: str, sides: Sequence[int]) -> list[int]:
    """For each row the side of `amount` with which opening + debit − credit = closing, where that says more than the common column."""
    names = [f["amount"] for f in folds]
    if len(names) != 2 or not {*names, "debit", "credit"} <= set(typed):
        return list(sides)
    columns = [[v or 0 for v in typed[n].values.to_pylist()] for n in (*names, "debit", "credit")]
    found = []
    for side, opening, closing, debit, credit in zip(sides, *columns, strict=True):
        pairs = [(o, c) for c in (side, 1, -1) for o in (side, 1, -1) if o * opening + debit - credit == c * closing]
        pairs.sort(key=lambda p: (p[1] != side and closing != 0) + (p[0] != side and opening != 0))
        taken = pairs[0] if pairs else (side, side)
        found.append(taken[0] if amount == names[0] else taken[1])
    return found


def _one_side(amounts: Sequence[int | None], sides: Sequence[int], side: int) -> Typed:
    import pyarrow as pa

    values = [a if a is not None and s == side else None for a, s in zip(amounts, sides, strict=True)]
    status = [OK if v is not None else AMBIGUOUS if s == 0 and a else BLANK for v, s, a in zip(values, sides, amounts, strict=True)]
    return Typed(pa.array(values, pa.int64()), pa.array(status, pa.int8()))


def fold_ranges(
    typed: Mapping[str, Typed], raw: Mapping[str, Sequence[Any]], readings: Mapping[str, Reading], folds: Sequence[Mapping[str, str]],
    words: Mapping[str, Any],
) -> dict[str, Typed]:  # fmt: skip
    """`typed` with two dates read from one cell (2010.1.1-2030.1.1, 2020年1月至2029年12月), where the table has no columns for them.

    A cell that does not hold two dates is FAILED in both, a blank one BLANK; 长期 alone says that there is no end.
    """
    found = dict(typed)
    for fold in folds:
        name, starts, ends = fold["range"], fold["starts"], fold["ends"]
        if name not in raw or starts in typed or ends in typed:
            continue
        endless = readings[ends].words["values"]["open_ended"]
        halves = [("", t) if squeeze(t) in endless else split_range(t, words["range_marks"]) for t in map(raw_text, raw[name])]
        for field, half in ((starts, 0), (ends, 1)):
            column = convert(readings[field], [h[half] if h else "" for h in halves])
            found[field] = _with_failures(column, [not h and bool(squeeze(raw_text(c))) for h, c in zip(halves, raw[name], strict=True)])
    return found


def split_range(text: str, marks: Sequence[str]) -> tuple[str, str] | None:
    """The two halves of a range, or None; a mark that also stands inside dates (2010-1-1-2030-1-1) parts them in the middle."""
    bare = squeeze(text).removeprefix("自").removeprefix("从")
    for mark in marks:
        parts = bare.split(squeeze(mark))
        if len(parts) == 2 and all(re.search(r"\d|长期|永久", p) for p in parts):
            return parts[0].rstrip("起"), parts[1].removesuffix("止")
        if len(parts) == 6 and all(p and p[0].isdigit() for p in parts):
            return squeeze(mark).join(parts[:3]), squeeze(mark).join(parts[3:])
    return None


def _with_failures(column: Typed, failed: Sequence[bool]) -> Typed:
    import pyarrow as pa

    status = [FAILED if f else CONVERTED if s == OK else s for s, f in zip(column.status.to_pylist(), failed, strict=True)]
    return Typed(column.values, pa.array(status, pa.int8()))
