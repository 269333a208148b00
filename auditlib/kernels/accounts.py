"""Charts of accounts as trees: a parent is the longest other code of the same books that a code begins with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from .terms import total

LENGTHS = range(3, 11)  # digits of an account code, from the first level on


def prefixes(rows: nw.LazyFrame[Any], code: str, name: str, *, proper: bool) -> nw.LazyFrame[Any]:
    """Every row once for each prefix of its account code, the prefix in column `name`; `proper` leaves out the code itself."""
    length = nw.col(code).str.len_chars()
    shortest = 1 if proper else 0
    return nw.concat(
        [rows.filter(length >= n + shortest).with_columns(nw.col(code).str.slice(0, n).alias(name)) for n in LENGTHS],
        how="vertical",
    )


def with_parent(rows: nw.LazyFrame[Any], code: str, within: Sequence[str], name: str = "parent") -> nw.LazyFrame[Any]:
    """Rows with the code of their nearest parent that stands in the same books, null for a first-level account.

    A county that lists leaf accounts only has none but first-level ones.
    """
    keys = [*within, code]
    length = nw.col(code).str.len_chars()
    codes = rows.select(*keys).unique().with_columns(*[nw.col(code).str.slice(0, n).alias(f"prefix_{n}__") for n in LENGTHS])
    standing = [
        nw.when(length == n).then(nw.lit(1)).otherwise(nw.lit(0)).max().over(*within, f"prefix_{n}__").alias(f"stands_{n}__")
        for n in LENGTHS
    ]
    parent = nw.lit(None, dtype=nw.String)
    for n in LENGTHS:  # the last that holds is the nearest
        parent = nw.when((length > n) & (nw.col(f"stands_{n}__") == 1)).then(nw.col(f"prefix_{n}__")).otherwise(parent)
    found = codes.with_columns(*standing).with_columns(parent.alias(name)).select(*keys, name)
    return rows.join(found, on=keys, how="left")


def children_totals(rows: nw.LazyFrame[Any], within: Sequence[str], columns: Sequence[str], parent: str = "parent") -> nw.LazyFrame[Any]:
    """Sums of the direct children of each parent: within + `parent` + `<column>__children`, and `unknown`, cells not read."""
    return (
        rows.filter(~nw.col(parent).is_null())
        .group_by(*within, parent)
        .agg(*[total(nw.col(c)).alias(f"{c}__children") for c in columns], *_unknown(columns))
    )


def _unknown(columns: Sequence[str]) -> list[nw.Expr]:
    missing = nw.lit(0)
    for column in columns:
        missing = missing + nw.when(nw.col(column).is_null()).then(nw.lit(1)).otherwise(nw.lit(0))
    return [missing.sum().cast(nw.Int64).alias("unknown")]


def column_totals(rows: nw.LazyFrame[Any], by: Sequence[str], columns: Sequence[str]) -> nw.LazyFrame[Any]:
    """Sums of `columns` by group, and `unknown`, the number of cells among them that were not read."""
    return rows.group_by(*by).agg(*[total(nw.col(c)).alias(c) for c in columns], *_unknown(columns))


def rolled_up(postings: nw.LazyFrame[Any], within: Sequence[str], code: str, columns: Sequence[str]) -> nw.LazyFrame[Any]:
    """Sums of postings on every code and on every code it begins with: within + `code` + columns."""
    spread = prefixes(postings, code, "prefix", proper=False)
    sums = spread.group_by(*within, "prefix").agg(*[total(nw.col(c)).alias(c) for c in columns])
    return sums.rename({"prefix": code})
