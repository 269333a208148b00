"""Small expressions that every engine computes alike: dates as yyyymmdd integers, sums as int64, blanks as nil."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

UNREAD = ("failed", "ambiguous", "absent")  # statuses that leave a number unknown; a blank is known to be empty


def total(expression: nw.Expr) -> nw.Expr:
    """The sum as int64 (DuckDB widens sums to 128 bits, which no other engine does)."""
    return expression.sum().cast(nw.Int64)


def nil(expression: nw.Expr) -> nw.Expr:
    """Missing counted as 0."""
    return nw.coalesce(expression, nw.lit(0))


def known_or_nil(name: str) -> nw.Expr:
    """Field `name` with a blank cell as 0, but unknown (null) where the cell could not be read or the column is not there."""
    return nw.when(~nw.col(f"{name}__status").is_in(list(UNREAD))).then(nil(nw.col(name)))


def ymd(name: str, month_as: int | None = None) -> nw.Expr:
    """Date column as the integer yyyymmdd; `month_as` is the day put in where only the month is known."""
    date = nw.col(name)
    month = date.dt.year().cast(nw.Int64) * 10000 + date.dt.month().cast(nw.Int64) * 100
    day = date.dt.day().cast(nw.Int64)
    if month_as is not None:
        day = nw.when(nw.col(f"{name}__status") == "month").then(nw.lit(month_as)).otherwise(day)
    return (month + day).cast(nw.Int64)


def count_if(condition: nw.Expr) -> nw.Expr:
    """How many rows meet the condition (no cast of booleans: Postgres refuses it)."""
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).sum().cast(nw.Int64)


def holds(condition: nw.Expr) -> nw.Expr:
    """The condition with unknown as False."""
    return nw.coalesce(condition, nw.lit(False))


def starts_with_any(name: str, prefixes: Sequence[str]) -> nw.Expr:
    """True where text column `name` begins with one of the prefixes; nowhere where there is none."""
    if not prefixes:
        return nw.lit(False)
    first, *rest = [nw.col(name).str.starts_with(p) for p in prefixes]
    for condition in rest:
        first = first | condition
    return holds(first)
