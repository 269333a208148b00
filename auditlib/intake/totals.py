"""Total rows are added up again from the rows they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog.specs import LedgerSpec
from ..words.cells import column_letters
from .layout import Block
from .sheets import RawSheet
from .values import AMBIGUOUS, FAILED, raw_text

if TYPE_CHECKING:
    from .values import Typed

_NAMED, _SHOWN = 5, 24  # cells that a total names, characters of each


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that holds no amount; 0-based."""

    row: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Sums:
    """What one total row should say, by field, and the data rows it stands for (first and last position, the last not included)."""

    sums: Mapping[str, int]
    addends: tuple[int, int]  # 0-based rows of the sheet


def added_up(
    block: Block, spec: LedgerSpec, typed: Mapping[str, Typed], org_codes: Sequence[str], words: Mapping[str, Any], fields: Sequence[str]
) -> dict[int, Sums]:
    """What each total row should say, by row; rows that are no sums (openings) are left out.

    小计 and 本页小计 add the rows since the last one, carried and cumulative lines add from the first row, 合计
    adds the whole table, or, where it stands several times, the rows since the one before. A trial balance
    adds first-level accounts only. A cell that cannot be read counts as nothing; `unread_cells` names it.
    """
    import numpy as np

    counted = _first_level(spec, typed, org_codes)
    values = {n: _numbers(typed[n], counted) for n in fields}
    cumulative = {n: np.concatenate(([0], np.cumsum(v))) for n, v in values.items()}
    data = np.array(block.data, dtype=np.int64)
    sub, whole, running = (re.compile(words[k]) for k in ("subtotal", "month_total", "running_total"))
    carried, opening = re.compile(words["carried"]), re.compile(words["opening"])
    since = {"sub": 0, "whole": 0}
    found: dict[int, Sums] = {}
    for row, label in block.totals:
        if opening.match(label):
            continue
        end = int(np.searchsorted(data, row))
        if running.search(label) or carried.match(label) or label.startswith("总"):
            start = 0
        else:
            kind = "sub" if sub.match(label) or whole.match(label) else "whole"
            start = since[kind]
            since[kind] = end
            if kind == "whole":
                since["sub"] = end
        addends = (int(data[start]), int(data[end - 1]) + 1) if end > start else (row, row)
        found[row] = Sums({n: int(c[end] - c[start]) for n, c in cumulative.items()}, addends)
    return found


def unread_cells(sheet: RawSheet, block: Block, columns: Mapping[str, int], typed: Mapping[str, Typed]) -> dict[str, tuple[Cell, ...]]:
    """Field -> the cells of its column that hold something no amount could be made of (约35, #REF!, 按市场价), with their texts."""
    import numpy as np

    data = np.array(block.data, dtype=np.int64)
    found: dict[str, tuple[Cell, ...]] = {}
    for name, column in columns.items():
        lost = np.isin(typed[name].status.to_numpy(zero_copy_only=False), (FAILED, AMBIGUOUS)) & np.asarray(typed[name].values.is_null())
        rows = [int(r) for r in data[np.flatnonzero(lost)]]
        found[name] = tuple(Cell(r, column, raw_text(sheet.rows[r][column])) for r in rows if column < len(sheet.rows[r]))
    return found


def named_cells(cells: Sequence[Cell], addends: tuple[int, int]) -> str:
    """The cells that stand in the rows of one total, as 'C5 约35; C9 #REF!'; '' for none."""
    here = [c for c in cells if addends[0] <= c.row < addends[1]]
    named = [f"{column_letters(c.column)}{c.row + 1} {' '.join(c.text.split())[:_SHOWN]}" for c in here[:_NAMED]]
    return "; ".join(named) + (f" … ({len(here)})" if len(here) > _NAMED else "")


def _numbers(column: Typed, counted: Any) -> Any:
    import numpy as np
    import pyarrow.compute as pc

    numbers = pc.fill_null(column.values, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers if counted is None else numbers * counted


def _first_level(spec: LedgerSpec, typed: Mapping[str, Typed], org_codes: Sequence[str]) -> Any:
    """1 for the rows of a trial balance whose account has no parent in the table, 0 for the others."""
    if "account_code" not in spec.fields or "closing_debit" not in spec.fields:
        return None
    import numpy as np

    codes = [c or "" for c in typed["account_code"].values.to_pylist()]
    present = set(zip(org_codes, codes, strict=True))
    first = [not any((o, c[:k]) in present for k in range(1, len(c))) for o, c in zip(org_codes, codes, strict=True)]
    return np.array(first, dtype=np.int64)
