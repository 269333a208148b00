"""Depreciation in a straight line by month, from the month after acquisition, keeping the residual value.

Money in fen; the residual rate, and lives in years, in ten-thousandths.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw


def months_charged(acquired_ymd: int, year: int) -> int:
    """Months from the month after acquisition to the December of a year, never below 0."""
    return max(year * 12 + 12 - (acquired_ymd // 10_000 * 12 + acquired_ymd // 100 % 100), 0)


def accumulated(original: int, residual: int, life: int, months: int) -> int:
    """What is charged after so many months, half a fen rounded up. After its life nothing more is charged."""
    whole = life * 12
    charged = original * (10_000 - residual) * min(months * 10_000, whole)
    return (2 * charged + 10_000 * whole) // (2 * 10_000 * whole)


def by_rounded_months(original: int, residual: int, life: int, months: int) -> int:
    """The same where the charge of one month was rounded to whole fen first, as many offices do."""
    monthly = accumulated(original, residual, life, 1)
    at_most = (2 * original * (10_000 - residual) + 10_000) // 20_000
    return min(monthly * months, at_most)


def doubtful(rows: nw.LazyFrame[Any], year: int, within: int) -> nw.LazyFrame[Any]:
    """Rows that may be off the line by more than `within` fen: a sieve in floating point, a fen wider than asked.

    In: rows with original_value, residual_rate, useful_life_years, accumulated_depreciation and acquired_on. Rows where
    one of them is missing, or without a life, are left out.
    """
    acquired = nw.col("acquired_on").dt.year().cast(nw.Int64) * 12 + nw.col("acquired_on").dt.month().cast(nw.Int64)
    since, life = (nw.lit(year * 12 + 12) - acquired) * 10_000, nw.col("useful_life_years") * 12
    charged = nw.when(since <= 0).then(nw.lit(0)).when(since >= life).then(life).otherwise(since)
    rows = rows.filter(nw.col("useful_life_years") > 0).with_columns(charged.cast(nw.Float64).alias("charged__"))
    share = nw.col("charged__") / life.cast(nw.Float64)
    depreciable = nw.col("original_value").cast(nw.Float64) * (1.0 - nw.col("residual_rate").cast(nw.Float64) / 10_000.0)
    off = nw.col("accumulated_depreciation").cast(nw.Float64) - depreciable * share
    return rows.filter((off > float(within - 1)) | (off < float(1 - within)))
