"""Rows in groups: sums that should agree, running balances, one value under two keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from .terms import nil, total


def of_groups(rows: nw.LazyFrame[Any], groups: nw.LazyFrame[Any], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """The rows of the groups given, each with the columns of its group."""
    return rows.join(groups, on=list(keys), how="inner")


def one_value_two_keys(rows: nw.LazyFrame[Any], within: Sequence[str], value: str, key: str) -> nw.LazyFrame[Any]:
    """Rows whose `value` stands under more than one `key` of the same group."""
    by = [*within, value]
    twice = (
        rows.filter(~nw.col(value).is_null()).group_by(*by).agg(nw.col(key).min().alias("first"), nw.col(key).max().alias("last"))
    )
    return of_groups(rows, twice.filter(nw.col("first") != nw.col("last")), by)


def end_of_day(moves: nw.LazyFrame[Any], openings: nw.LazyFrame[Any], within: Sequence[str], day: str, change: str) -> nw.LazyFrame[Any]:
    """Balance at the end of each day with a movement: within + `day` + `balance`.

    In: `moves` rows with a day (yyyymmdd) and a signed change, `openings` one row of within + `opening`.
    """
    by = list(within)
    daily = moves.filter(~nw.col(day).is_null()).group_by(*by, day).agg(total(nw.col(change)).alias("of_day"))
    running = daily.with_columns(nw.col("of_day").cum_sum().over(*by, order_by=day).cast(nw.Int64).alias("moved"))
    joined = running.join(openings, on=by, how="left")
    return joined.with_columns((nw.col("moved") + nil(nw.col("opening"))).alias("balance")).select(*by, day, "balance")


def first_of(rows: nw.LazyFrame[Any], within: Sequence[str], order: str) -> nw.LazyFrame[Any]:
    """Of each group the row with the smallest `order` (which must be unique in the group)."""
    by = list(within)
    return of_groups(rows, rows.group_by(*by).agg(nw.col(order).min()), [*by, order])
