"""Columns computed from a ledger's own, as its YAML declares them under `derived:`.

name: {sum: [opening_debit, -opening_credit]}                 signed sum, null where a cell was not read
name: {ymd: acquired_on, month_as: 31}                        date as yyyymmdd
name: {larger: [debit, credit]}                               of two numbers, a blank counting as 0
name: {minus: [ends_ymd, starts_ymd]}                         difference, null where one is missing
name: {year: fiscal_year}                                     the year, the audited year where none is given
name: {prefix: account_code, length: 3}
name: {chart: account_class, year: book_year, take: side}     from the chart in force that year (side, version)
name: {parent: account_code, within: [org_code, book_year]}   nearest parent in the same books
name: {lookup: resources, by: {subject_no: parcel_no}, take: land_class}
name: {mentions: [land_class, name], any: [耕地, 水田]}        True, False; the first column that is filled decides
name: {mentions: [name], any: rules.one_sided}                the words stand in expectations/words/rules.yaml
name: {also_in: trial_balance, year: book_year}               whether the organisation has rows of that year in another ledger, too
name: {mostly_in_year: date, within: source_id}               whether most of the sheet lies in the audited year
name: {together: net, within: [org_code], blank: parent}      the sum of the rows of a group of which `blank` is blank
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import narwhals as nw

from ..catalog.specs import Catalog, LedgerSpec
from ..words.errors import CatalogError
from .accounts import with_parent
from .terms import count_if, holds, known_or_nil, nil, ymd

Lookup = Callable[[str], "nw.LazyFrame[Any] | None"]


def derive(rows: nw.LazyFrame[Any], spec: LedgerSpec, catalog: Catalog, fiscal_year: int, lookup: Lookup) -> nw.LazyFrame[Any]:
    """`rows` with the derived columns of `spec`, in the order written. Raises CatalogError for an operation it does not know."""
    for name, entry in spec.derived.items():
        operation = next(iter(entry))
        if operation not in _OPERATIONS:
            raise CatalogError(
                f"ledgers/{spec.name}.yaml: derived.{name}: '{operation}' is not known; candidates: {', '.join(_OPERATIONS)}"
            )
        rows = _OPERATIONS[operation](rows, name, entry, _Setting(spec, catalog, fiscal_year, lookup))
    return rows


def base_fields(spec: LedgerSpec, column: str) -> frozenset[str]:
    """The fields of the ledger that a column (field, status or derived) is made of."""
    field = column.removesuffix("__status")
    if field in spec.fields:
        return frozenset((field,))
    if field not in spec.derived:
        return frozenset()
    found: set[str] = set()
    for value in spec.derived[field].values():
        for part in value if isinstance(value, (list, Mapping)) else [value]:
            name = str(part).removeprefix("-")
            if name != field and (name in spec.fields or name in spec.derived):
                found |= base_fields(spec, name)
    return frozenset(found)


class _Setting:
    """What an operation may look at beside the rows."""

    def __init__(self, spec: LedgerSpec, catalog: Catalog, fiscal_year: int, lookup: Lookup) -> None:
        self.spec, self.catalog, self.fiscal_year, self.lookup = spec, catalog, fiscal_year, lookup


def _term(spec: LedgerSpec, name: str) -> nw.Expr:
    field = spec.fields.get(name)
    return known_or_nil(name) if field is not None and field.blank_is_nil else nw.col(name)


def _sum(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    result = nw.lit(0)
    for term in entry["sum"]:
        value = _term(at.spec, term.removeprefix("-"))
        result = result - value if term.startswith("-") else result + value
    return rows.with_columns(result.cast(nw.Int64).alias(name))


def _minus(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    left, right = entry["minus"]
    return rows.with_columns((nw.col(left) - nw.col(right)).alias(name))


def _larger(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    left, right = (nil(_term(at.spec, c)) for c in entry["larger"])
    return rows.with_columns(nw.when(left >= right).then(left).otherwise(right).alias(name))


def _ymd(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    return rows.with_columns(ymd(entry["ymd"], entry.get("month_as")).alias(name))


def _year(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    return rows.with_columns(nw.coalesce(nw.col(entry["year"]), nw.lit(at.fiscal_year)).cast(nw.Int64).alias(name))


def _prefix(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    return rows.with_columns(nw.col(entry["prefix"]).str.slice(0, entry["length"]).alias(name))


def _chart(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    code, year, take = nw.col(entry["chart"]), nw.col(entry["year"]), entry["take"]
    result = nw.lit(None, dtype=nw.String)
    for version, chart in sorted(at.catalog.charts.items()):
        in_force = year >= chart["valid_from"].year
        if chart.get("valid_to"):
            in_force = in_force & (year <= chart["valid_to"].year)
        if take == "version":
            result = nw.when(in_force).then(nw.lit(version)).otherwise(result)
            continue
        for value in sorted({a[take] for a in chart["accounts"].values()}):
            codes = [c for c, a in chart["accounts"].items() if a[take] == value]
            result = nw.when(in_force & code.is_in(codes)).then(nw.lit(value)).otherwise(result)
    return rows.with_columns(result.alias(name))


def _parent(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    return with_parent(rows, entry["parent"], entry["within"], name)


def _lookup(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    other = at.lookup(entry["lookup"])
    if other is None:
        return rows.with_columns(nw.lit(None, dtype=nw.String).alias(name))
    (mine, theirs), take = next(iter(entry["by"].items())), entry["take"]
    found = other.group_by("org_code", theirs).agg(nw.col(take).max().alias(name))
    if theirs != mine:
        found = found.rename({theirs: mine})
    return rows.join(found, on=["org_code", mine], how="left")


def _also_in(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    other, year = at.lookup(entry["also_in"]), entry["year"]
    if other is None:
        return rows.with_columns(nw.lit(False).alias(name))
    of_year = nw.coalesce(nw.col("fiscal_year"), nw.lit(at.fiscal_year)).cast(nw.Int64).alias(year)
    there = other.select("org_code", of_year).unique().with_columns(nw.lit(True).alias(name))
    return rows.join(there, on=["org_code", year], how="left").with_columns(holds(nw.col(name)).alias(name))


def _mentions(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    text = nw.coalesce(*[nw.col(c) for c in entry["mentions"]], nw.lit(""))
    found = nw.lit(False)
    for word in _words(entry["any"], at):
        found = found | text.str.contains(word, literal=True)
    return rows.with_columns(found.alias(name))


def _words(given: Any, at: _Setting) -> Any:
    """A list of words, or 'rules.one_sided': the list `any` of one_sided in expectations/words/rules.yaml."""
    if not isinstance(given, str):
        return given
    file, _, part = given.partition(".")
    return at.catalog.words[file][part]["any"]


def _together(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    first = nw.when(nw.col(entry["blank"]).is_null()).then(nw.col(entry["together"]))
    return rows.with_columns(first.sum().over(*entry["within"]).cast(nw.Int64).alias(name))


def _mostly_in_year(rows: nw.LazyFrame[Any], name: str, entry: Mapping[str, Any], at: _Setting) -> nw.LazyFrame[Any]:
    date, by = nw.col(entry["mostly_in_year"]), entry["within"]
    counted = rows.group_by(by).agg(
        count_if(holds(date.dt.year() == at.fiscal_year)).alias("in_year"), count_if(~date.is_null()).alias("dated")
    )
    judged = counted.select(by, (nw.col("in_year") * 2 >= nw.col("dated")).alias(name))
    return rows.join(judged, on=by, how="left")


_OPERATIONS = {
    "sum": _sum,
    "larger": _larger,
    "minus": _minus,
    "ymd": _ymd,
    "year": _year,
    "prefix": _prefix,
    "chart": _chart,
    "parent": _parent,
    "lookup": _lookup,
    "also_in": _also_in,
    "mentions": _mentions,
    "mostly_in_year": _mostly_in_year,
    "together": _together,
}
