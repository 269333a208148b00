"""A suite in Great Expectations' vocabulary, compiled to one scan that returns every failing row.

What counts as failing is exactly what Great Expectations counts on pandas, nulls included; `checks.oracle` proves it in
every audit. Types that stand in no table here return None from `compile_one` and are left to Great Expectations itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw

from ..words.errors import CatalogError
from .terms import holds

Kwargs = Mapping[str, Any]


def flag(position: int) -> str:
    """Name of the column that says whether expectation number `position` fails on a row."""
    return f"fails_{position}"


def compile_one(expectation: Mapping[str, Any]) -> nw.Expr | None:
    """True where the row is unexpected, never null; None when the type is not known here.

    In: the expectation with its parameters resolved. Raises CatalogError for a row_condition that is not understood.
    """
    build = _TYPES.get(expectation["type"])
    if build is None:
        return None
    kwargs = expectation["kwargs"]
    applies = condition(kwargs["row_condition"]) if kwargs.get("row_condition") else None
    failing = build(kwargs, applies)
    return holds(failing if applies is None else failing & applies)


def scan(rows: nw.LazyFrame[Any], failing: Mapping[str, nw.Expr], carry: Sequence[str]) -> nw.LazyFrame[Any]:
    """Rows that fail at least one expectation, with the columns `carry` and one boolean per entry of `failing`."""
    flagged = rows.with_columns(**dict(failing))
    return flagged.filter(reduce(or_, map(nw.col, failing))).select(*carry, *failing)


def columns_of(expectation: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that an expectation reads, those of its condition included."""
    kwargs = expectation["kwargs"]
    named = [kwargs[k] for k in ("column", "column_A", "column_B") if k in kwargs] + list(kwargs.get("column_list", ()))
    return tuple(dict.fromkeys([*named, *_condition_columns(kwargs.get("row_condition"))]))


def _condition_columns(entry: Any) -> list[str]:
    if not entry:
        return []
    if "conditions" in entry:
        return [c for part in entry["conditions"] for c in _condition_columns(part)]
    return [entry["column"]["name"]]


# --- conditions: GX 1.24's serialised form; in pandas a missing value is unequal to and not in everything -------------


def condition(entry: Mapping[str, Any]) -> nw.Expr:
    """A serialised row_condition as an expression that is never null."""
    kind = entry["type"]
    if kind == "nullity":
        missing = nw.col(entry["column"]["name"]).is_null()
        return missing if entry["is_null"] else ~missing
    if kind in ("and", "or"):
        first, *rest = [condition(part) for part in entry["conditions"]]
        for part in rest:
            first = first & part if kind == "and" else first | part
        return first
    if kind != "comparison":
        raise CatalogError(f"row_condition type '{kind}' is not known; candidates: comparison, nullity, and, or")
    return _comparison(nw.col(entry["column"]["name"]), entry["operator"], entry["parameter"])


def _comparison(column: nw.Expr, operator: str, value: Any) -> nw.Expr:
    simple: dict[str, Callable[[], nw.Expr]] = {
        "==": lambda: column == value,
        "<": lambda: column < value,
        "<=": lambda: column <= value,
        ">": lambda: column > value,
        ">=": lambda: column >= value,
        "IN": lambda: column.is_in(list(value)),
    }
    if operator == "!=":
        return ~holds(column == value)
    if operator == "NOT_IN":
        return ~holds(column.is_in(list(value)))
    if operator not in simple:
        raise CatalogError(f"row_condition operator '{operator}' is not known; candidates: {', '.join(simple)}, !=, NOT_IN")
    return holds(simple[operator]())


# --- expectations -----------------------------------------------------------------------------------------------------


def _not_null(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    return nw.col(kwargs["column"]).is_null()


def _null(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    return ~nw.col(kwargs["column"]).is_null()


def _in_set(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    return ~nw.col(kwargs["column"]).is_in(list(kwargs["value_set"]))


def _not_in_set(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    return nw.col(kwargs["column"]).is_in(list(kwargs["value_set"]))


def _between(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    column, low, high = nw.col(kwargs["column"]), kwargs.get("min_value"), kwargs.get("max_value")
    outside = nw.lit(False)
    if low is not None:
        outside = outside | (column <= low if kwargs.get("strict_min") else column < low)
    if high is not None:
        outside = outside | (column >= high if kwargs.get("strict_max") else column > high)
    return outside


def _regex(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    return ~nw.col(kwargs["column"]).str.contains(kwargs["regex"])


def _not_regex(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    return nw.col(kwargs["column"]).str.contains(kwargs["regex"])


def _lengths(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    length, low, high = nw.col(kwargs["column"]).str.len_chars(), kwargs.get("min_value"), kwargs.get("max_value")
    outside = nw.lit(False)
    if low is not None:
        outside = outside | (length < low)
    if high is not None:
        outside = outside | (length > high)
    return outside


def _all_or_any(columns: Sequence[str], rule: str) -> nw.Expr:
    """Rows that GX ignores because of missing values."""
    missing = [nw.col(c).is_null() for c in columns]
    ignored = missing[0]
    for part in missing[1:]:
        ignored = ignored | part if rule in ("any_value_is_missing", "either_value_is_missing") else ignored & part
    return ignored & nw.lit(False) if rule in ("never", "neither") else ignored


def _pair(kwargs: Kwargs, agrees: nw.Expr) -> nw.Expr:
    ignored = _all_or_any((kwargs["column_A"], kwargs["column_B"]), kwargs.get("ignore_row_if", "both_values_are_missing"))
    return ~holds(agrees) & ~ignored


def _pair_equal(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    return _pair(kwargs, nw.col(kwargs["column_A"]) == nw.col(kwargs["column_B"]))


def _pair_greater(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    left, right = nw.col(kwargs["column_A"]), nw.col(kwargs["column_B"])
    return _pair(kwargs, left >= right if kwargs.get("or_equal") else left > right)


def _repeated(columns: Sequence[str], counted: nw.Expr) -> nw.Expr:
    return nw.when(counted).then(nw.lit(1)).otherwise(nw.lit(0)).sum().over(*columns) > 1


def _unique(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    present = ~nw.col(kwargs["column"]).is_null()
    counted = present if applies is None else present & applies
    return _repeated([kwargs["column"]], counted) & present


def _compound_unique(kwargs: Kwargs, applies: nw.Expr | None) -> nw.Expr:
    columns = kwargs["column_list"]
    kept = ~_all_or_any(columns, kwargs.get("ignore_row_if", "all_values_are_missing"))
    counted = kept if applies is None else kept & applies
    return _repeated(columns, counted) & kept


_TYPES: dict[str, Callable[[Kwargs, nw.Expr | None], nw.Expr]] = {
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_null": _null,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_not_be_in_set": _not_in_set,
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_match_regex": _regex,
    "expect_column_values_to_not_match_regex": _not_regex,
    "expect_column_value_lengths_to_be_between": _lengths,
    "expect_column_values_to_be_unique": _unique,
    "expect_compound_columns_to_be_unique": _compound_unique,
    "expect_column_pair_values_to_be_equal": _pair_equal,
    "expect_column_pair_values_a_to_be_greater_than_b": _pair_greater,
}
COMPILED = frozenset(_TYPES)
