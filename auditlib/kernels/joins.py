"""Two ledgers side by side: what stands on one side only, and what differs."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw


def without_counterpart(left: nw.LazyFrame, right: nw.LazyFrame, on: Mapping[str, str]) -> nw.LazyFrame:
    """Rows of `left` whose key stands nowhere in `right`; rows without a key are left out."""
    rows = left
    for name in on:
        rows = rows.filter(~nw.col(name).is_null())
    known = right.select(*on.values()).unique()
    return rows.join(known, left_on=list(on), right_on=list(on.values()), how="anti")


def beside(left: nw.LazyFrame, right: nw.LazyFrame, on: Mapping[str, str], take: Mapping[str, str]) -> nw.LazyFrame:
    """Rows of `left` that have a counterpart, with the columns `take` (name on the right -> new name) of it.

    `right` must hold each key once.
    """
    renames = {**{v: f"{v}__key" for v in on.values()}, **take}
    other = right.select(*on.values(), *[c for c in take if c not in on.values()]).rename(renames)
    return left.join(other, left_on=list(on), right_on=[f"{v}__key" for v in on.values()], how="inner")


def differing(left: nw.LazyFrame, right: nw.LazyFrame, on: list[str], column: str) -> nw.LazyFrame:
    """Full outer comparison of one number: on + `left`, `right` (a missing side is null), rows that differ only."""
    other = right.select(*[nw.col(k).alias(f"{k}__r") for k in on], nw.col(column).alias("right"))
    joined = left.select(*on, nw.col(column).alias("left")).join(other, left_on=on, right_on=[f"{k}__r" for k in on], how="full")
    keyed = joined.select(*[nw.coalesce(nw.col(k), nw.col(f"{k}__r")).alias(k) for k in on], "left", "right")
    return keyed.filter(nw.coalesce(nw.col("left"), nw.lit(0)) != nw.coalesce(nw.col("right"), nw.lit(0)))
