"""Two ledgers side by side: what has no counterpart, and what stands beside what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw


def without_counterpart(left: nw.LazyFrame[Any], right: nw.LazyFrame[Any], on: Mapping[str, str]) -> nw.LazyFrame[Any]:
    """Rows of `left` whose key stands nowhere in `right`; rows without a key are left out."""
    rows = left
    for name in on:
        rows = rows.filter(~nw.col(name).is_null())
    known = right.select(*on.values()).unique()
    return rows.join(known, left_on=list(on), right_on=list(on.values()), how="anti")


def beside(left: nw.LazyFrame[Any], right: nw.LazyFrame[Any], on: Mapping[str, str], take: Mapping[str, str]) -> nw.LazyFrame[Any]:
    """Rows of `left` that have a counterpart, with the columns `take` (name on the right -> new name) of it.

    `right` must hold each key once.
    """
    renames = {**{v: f"{v}__key" for v in on.values()}, **take}
    other = right.select(*on.values(), *[c for c in take if c not in on.values()]).rename(renames)
    return left.join(other, left_on=list(on), right_on=[f"{v}__key" for v in on.values()], how="inner")
