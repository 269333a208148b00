"""Total rows are added up again from the rows they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..catalog.specs import LedgerSpec
from .layout import Block

if TYPE_CHECKING:
    from .values import Typed


def added_up(
    block: Block, spec: LedgerSpec, typed: Mapping[str, "Typed"], org_codes: Sequence[str], words: Mapping[str, Any], fields: Sequence[str]
) -> dict[int, dict[str, int]]:
    """What each total row should say, by row and field; rows that are no sums (openings) are left out.

    小计 and 本页小计 add the rows since the last one, carried and cumulative lines add from the first row, 合计
    adds the whole table, or, where it stands several times, the rows since the one before. A trial balance
    adds first-level accounts only.
    """
    import numpy as np

    counted = _first_level(spec, typed, org_codes)
    values = {n: _numbers(typed[n], counted) for n in fields}
    cumulative = {n: np.concatenate(([0], np.cumsum(v))) for n, v in values.items()}
    data = np.array(block.data, dtype=np.int64)
    sub, whole, running = (re.compile(words[k]) for k in ("subtotal", "month_total", "running_total"))
    carried, opening = re.compile(words["carried"]), re.compile(words["opening"])
    since = {"sub": 0, "whole": 0}
    found: dict[int, dict[str, int]] = {}
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
        found[row] = {n: int(c[end] - c[start]) for n, c in cumulative.items()}
    return found


def _numbers(column: "Typed", counted: Any) -> Any:
    import numpy as np
    import pyarrow.compute as pc

    numbers = pc.fill_null(column.values, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers if counted is None else numbers * counted


def _first_level(spec: LedgerSpec, typed: Mapping[str, "Typed"], org_codes: Sequence[str]) -> Any:
    """1 for the rows of a trial balance whose account has no parent in the table, 0 for the others."""
    if "account_code" not in spec.fields or "closing_debit" not in spec.fields:
        return None
    import numpy as np

    codes = [c or "" for c in typed["account_code"].values.to_pylist()]
    present = set(zip(org_codes, codes, strict=True))
    return np.array([not any((o, c[:k]) in present for k in range(1, len(c))) for o, c in zip(org_codes, codes, strict=True)], dtype=np.int64)
