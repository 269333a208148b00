"""Rows of figures that are the sums of their neighbours, found by adding up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .cell_kinds import is_number

if TYPE_CHECKING:
    import numpy as np

ROWS, COLUMNS, ADDENDS = 1_500, 48, 160  # the most that are looked at; adding up stays a matter of a second
LEAST_COLUMNS, LEAST_ADDENDS = 4, 3  # fewer agree by chance
BEYOND = 1e15  # larger numbers are codes; adding them up in floating point says nothing
AGREEING = 0.8  # of the columns with figures


def rows_that_add_up(rows: Sequence[Sequence[Any]], columns: Sequence[int]) -> set[int]:
    """Positions in `rows` of those that are the sum of the rows right after them in nearly all `columns`.

    Sums of sums are seen through: an addend that is a sum itself stands for its own addends. Rounding of published
    figures is allowed for, half a unit of the last place for each addend.
    """
    if len(columns) < LEAST_COLUMNS or not LEAST_ADDENDS < len(rows) <= ROWS:
        return set()
    import numpy as np

    values = _values(rows, columns[:COLUMNS])
    unit = _last_places(values)
    plain = np.nan_to_num(values)
    found: set[int] = set()
    after: list[int] = []  # rows below that stand for themselves or for a sum, nearest first
    for r in range(len(rows) - 1, -1, -1):
        n = _addends(values[r], plain[after[:ADDENDS]], unit)
        if n:
            found.add(r)
        after = [r, *after[n:]]
    return found


def _values(rows: Sequence[Sequence[Any]], columns: Sequence[int]) -> np.ndarray:
    import numpy as np

    return np.array([[_value(row[j]) if j < len(row) else float("nan") for j in columns] for row in rows], dtype=float)


def _value(cell: Any) -> float:
    if not is_number(cell):
        return float("nan")
    try:
        number = float(cell.replace(",", "").strip() if isinstance(cell, str) else cell)
    except (ValueError, OverflowError):  # brackets, percent signs and numbers beyond all money add nothing up
        return float("nan")
    return number if abs(number) < BEYOND else float("nan")


def _last_places(values: np.ndarray) -> np.ndarray:
    """The unit of the last place that a column is written to: 0.1 for 3.5."""
    import numpy as np

    unit = np.full(values.shape[1], 1e-6)
    for places in range(5, -1, -1):
        scaled = values * 10**places
        whole = np.nanmax(np.abs(scaled - np.round(scaled)), axis=0, initial=0.0, where=~np.isnan(scaled)) < 1e-4
        unit = np.where(whole, 10.0**-places, unit)
    return unit


def _addends(row: np.ndarray, below: np.ndarray, unit: np.ndarray) -> int:
    """How many of the rows `below`, from the nearest on, add up to `row`; 0 for none."""
    import numpy as np

    told = ~np.isnan(row) & (row != 0)
    if told.sum() < LEAST_COLUMNS or len(below) < LEAST_ADDENDS:
        return 0
    sums = np.cumsum(below, axis=0)[LEAST_ADDENDS - 1 :, told]
    counts = np.arange(LEAST_ADDENDS, len(below) + 1)[:, None]
    slack = (counts + 1) * 0.5 * unit[told] + 1e-9 * np.abs(row[told])
    agree = (np.abs(sums - row[told]) <= slack) & (slack < 0.2 * np.abs(row[told]))
    share = agree.mean(axis=1)
    best = int(np.argmax(share))
    return best + LEAST_ADDENDS if share[best] >= AGREEING and agree[best].sum() >= LEAST_COLUMNS else 0
