"""Columns that say in another way what a ledger says in two: an amount with its side, two dates in one cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .values import AMBIGUOUS, BLANK, CONVERTED, FAILED, OK, Reading, Typed, convert, raw_text, squeeze


def fold_sides(
    typed: Mapping[str, Typed], raw: Mapping[str, Sequence[Any]], folds: Sequence[Mapping[str, str]], words: Mapping[str, Any], notes: list[Any]
) -> dict[str, Typed]:
    """`typed` with debit and credit columns filled from an amount and its side (借, 贷, 平), where the table has no such columns.

    GB/T 24589.1 writes balances so: unsigned, with the side beside them. An amount whose side is not told is AMBIGUOUS
    in both columns and counted in a note.
    """
    found = dict(typed)
    for fold in folds:
        debit, credit, amount, side = (fold[k] for k in ("debit", "credit", "amount", "direction"))
        if debit in typed or credit in typed or amount not in typed or side not in raw:
            continue
        sides = _sides(raw[side], words)
        amounts = typed[amount].values.to_pylist()
        found[debit], found[credit] = _one_side(amounts, sides, 1), _one_side(amounts, sides, -1)
        unknown = sum(s == 0 and bool(a) for s, a in zip(sides, amounts, strict=True))
        if unknown:
            notes.append(("note.undirected", {"n": unknown}))
    return found


def _sides(cells: Sequence[Any], words: Mapping[str, Any]) -> list[int]:
    known = {squeeze(w): s for key, s in (("debit_words", 1), ("credit_words", -1), ("flat_words", 0)) for w in words[key]}
    return [known.get(squeeze(raw_text(c)), 0) for c in cells]


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

    A cell that does not hold two dates is FAILED in both, a blank one BLANK.
    """
    found = dict(typed)
    for fold in folds:
        name, starts, ends = fold["range"], fold["starts"], fold["ends"]
        if name not in raw or starts in typed or ends in typed:
            continue
        halves = [split_range(raw_text(c), words["range_marks"]) for c in raw[name]]
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
