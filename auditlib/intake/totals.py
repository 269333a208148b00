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
    block: Block, spec: LedgerSpec, typed: Mapping[str, Typed], org_codes: Sequence[str], words: Mapping[str, Any],
    stated: Mapping[int, Mapping[str, int]], fields: Sequence[str],
) -> dict[int, Sums]:  # fmt: skip
    """What each total row should say, by row; rows that are no sums (openings) are left out.

    小计 and 本页小计 add the rows since the last one, carried and cumulative lines add from the first row, or from what was
    brought forward: a line above the first row, the first 本年累计 of a sheet that holds a later month (`stated`: what each row
    says, by field). Those begin the count and are left out too; `running_totals` holds them against the other months. 合计
    adds the whole table, or, where it stands several times, the rows since the one before. A trial balance adds first-level
    accounts only. A cell that cannot be read counts as nothing; `unread_cells` names it.
    """
    import numpy as np

    counted = _first_level(spec, typed, org_codes)
    values = {n: _numbers(typed[n], counted) for n in fields}
    cumulative = {n: np.concatenate(([0], np.cumsum(v))) for n, v in values.items()}
    data = np.array(block.data, dtype=np.int64)
    page, month, sub, running = (re.compile(words[k]) for k in ("page_total", "month_total", "subtotal", "running_total"))
    carried, opening = re.compile(words["carried"]), re.compile(words["opening"])
    since = {"page": 0, "month": 0, "sub": 0, "whole": 0}  # pages and months each count on their own
    found: dict[int, Sums] = {}
    brought: dict[str, int] = {}
    last: dict[str, tuple[int, set[str]]] = {}  # of each kind where the total before began, and what it said
    is_begun = not _is_of_a_later_month(typed)
    for row, label in block.totals:
        if opening.match(label):
            continue
        end = int(np.searchsorted(data, row))
        start, before = 0, brought
        is_running = running.search(label) and not (page.match(label) or month.match(label))
        if (carried.match(label) or is_running) and not end:
            brought, is_begun = dict(stated.get(row, {})), True
            continue
        if is_running and not carried.match(label) and not is_begun:
            brought, is_begun = {n: v - int(cumulative[n][end]) for n, v in stated.get(row, {}).items() if n in cumulative}, True
            continue
        if not (is_running or carried.match(label) or label.startswith("总")):
            before = {}
            kind = next((k for k, p in (("page", page), ("month", month), ("sub", sub)) if p.match(label)), "whole")
            start = since[kind]
            said = set(stated.get(row, {}))
            if start == end and kind in last and any(stated.get(row, {}).values()) and (kind == "whole" or not said & last[kind][1]):
                start = last[kind][0]  # 借方合计, and under it 贷方合计: both add up the same rows
            if kind == "sub":
                start = _of_category(block, data, row, start, end, stated.get(row, {}), cumulative)
            since[kind] = end
            if kind == "whole":
                since = dict.fromkeys(since, end)
            last[kind] = start, said
        addends = (int(data[start]), int(data[end - 1]) + 1) if end > start else (row, row)
        found[row] = Sums({n: int(c[end] - c[start]) + before.get(n, 0) for n, c in cumulative.items()}, addends)
    return found


def sum_with_sides(sums: Mapping[str, int], name: str, stated: int, sides: Mapping[str, tuple[str, str]]) -> int:
    """What the total of a column says if it is right: its sum; of an amount with its side beside it (余额 and 方向, `sides`: field of
    the amount -> its debit and credit) a total may as well add one side, or set one off against the other."""
    if name not in sides:
        return sums[name]
    debit, credit = (sums[n] for n in sides[name])
    return min((sums[name], debit, credit, abs(debit - credit)), key=lambda s: abs(s - stated))


def _of_category(
    block: Block, data: Any, row: int, start: int, end: int, stated: Mapping[str, int], cumulative: Mapping[str, Any]
) -> int:  # fmt: skip
    """Where a 小计 begins to count: at the line that names its category, where that is what it says; else at the 小计 before."""
    import numpy as np

    category = max((g for g in block.groups if g < row), default=-1)
    first = int(np.searchsorted(data, category))
    if not start < first < end:
        return start
    return first if all(int(cumulative[n][end] - cumulative[n][first]) == v for n, v in stated.items() if n in cumulative) else start


def _is_of_a_later_month(typed: Mapping[str, Typed]) -> bool:
    """Whether all days of a journal or statement lie in one month after January, so that 累计 counts months of other sheets too."""
    import pyarrow.compute as pc

    if "date" not in typed:
        return False
    months = pc.unique(pc.month(typed["date"].values.drop_null())).to_pylist()
    return len(months) == 1 and months[0] > 1


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
