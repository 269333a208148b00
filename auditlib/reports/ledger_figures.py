"""The ledgers of a county in figures, by organisation: computed once for all books, each ledger read once and grouped.

What is added up is data (expectations/books/figures.yaml). Amounts come out in 元, areas in 亩, exact; None where no row told one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..checks.frames import Frames
from .book_data import figures_wanted

if TYPE_CHECKING:
    import pyarrow as pa

TERMS = ("running", "ended", "not_begun", "unknown")
_NOTHING: Mapping[str, Any] = {}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a ledger that have something in common, and what their columns come to."""

    value: str
    rows: int
    sums: tuple[Decimal | None, ...]  # of LedgerFigures.summed


@dataclass(frozen=True, slots=True)
class LedgerFigures:
    """One ledger of one organisation in figures."""

    ledger: str
    rows: int
    summed: tuple[str, ...]  # columns
    sums: tuple[Decimal | None, ...]
    unread: tuple[int, ...]  # rows of which a cell of the column could not be read, and so is in no sum
    counted: tuple[tuple[str, int], ...] = ()  # column, different values
    first: str = ""  # first and last day, or year
    last: str = ""
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)  # column -> by its values
    terms: tuple[Part, ...] = ()  # by whether the term is running
    due: tuple[str, ...] = ()  # columns of `due_sums`
    due_sums: tuple[Decimal | None, ...] = ()  # rows whose day has come


def ledger_figures(frames: Frames) -> tuple[Mapping[str, tuple[LedgerFigures, ...]], Mapping[int, tuple[str, str]]]:
    """Organisation -> its ledgers in figures, and source -> the first and last day (or year) of its rows.

    Raises CatalogError where expectations/books/figures.yaml names a column that is not there.
    """
    ledgers: dict[str, list[LedgerFigures]] = defaultdict(list)
    periods: dict[int, tuple[str, str]] = {}
    for ledger, wanted in figures_wanted(frames.catalog).items():
        if frames.has(ledger):
            rows = _rows(frames, ledger, wanted)
            periods |= _periods(rows, wanted)
            for org, figures in _of_ledger(frames, ledger, rows, wanted):
                ledgers[org].append(figures)
    return {org: tuple(found) for org, found in ledgers.items()}, periods


def _rows(frames: Frames, ledger: str, wanted: Mapping[str, Any]) -> pa.Table:
    """The columns that the figures need; the derived ones are made only where one of them is asked for."""
    spec = frames.catalog.ledgers[ledger]
    term, until = wanted.get("term", {}), wanted.get("until", {})
    fields = [*wanted.get("sum", ()), *wanted.get("count", ()), *wanted.get("by", ()), *term.values(), *until.get("sum", ())]
    fields += [name for name in (wanted.get("days"), wanted.get("years"), wanted.get("top"), until.get("date")) if name]
    read = [f"{name}__status" for name in (*wanted.get("sum", ()), *term.values())]
    frame = frames.rows(ledger) if set(fields) & set(spec.derived) else frames.plain(ledger)
    assert frame is not None
    return frames.engine.collect(frame.select(*dict.fromkeys(("org_code", "source_id", *fields, *read))))


def _of_ledger(frames: Frames, ledger: str, rows: pa.Table, wanted: Mapping[str, Any]) -> Iterable[tuple[str, LedgerFigures]]:
    import pyarrow.compute as pc

    fields = frames.catalog.ledgers[ledger].fields
    if wanted.get("top"):
        rows = rows.filter(pc.is_null(rows[wanted["top"]]))
    rows = _with_unread(rows, wanted.get("sum", ()))
    scales = {name: fields[name].scale for name in (*wanted.get("sum", ()), *wanted.get("until", {}).get("sum", ()))}
    summed = tuple(wanted.get("sum", ()))
    by = {name: _parts(rows, name, summed, scales) for name in wanted.get("by", ())}
    terms = _parts(_with_term(rows, wanted["term"], frames.settings.as_of), "term__", summed, scales) if "term" in wanted else _NOTHING
    due = _due(rows, wanted["until"], frames.settings.as_of, scales) if "until" in wanted else _NOTHING
    day = wanted.get("days") or wanted.get("years")
    for row in _grouped(rows, ["org_code"], _measures(wanted, summed)):
        org = row["org_code"] or ""
        yield org, LedgerFigures(
            ledger, row["count_all"], summed, _amounts(row, summed, scales), tuple(row[f"{name}__unread_sum"] or 0 for name in summed),
            tuple((name, row[f"{name}_count_distinct"]) for name in wanted.get("count", ())),
            _text(row[f"{day}_min"]) if day else "", _text(row[f"{day}_max"]) if day else "",
            {name: found.get(org, ()) for name, found in by.items()}, tuple(sorted(terms.get(org, ()), key=lambda p: TERMS.index(p.value))),
            tuple(wanted["until"]["sum"]) if "until" in wanted else (), due.get(org, ()),
        )  # fmt: skip


def _with_unread(rows: pa.Table, summed: Sequence[str]) -> pa.Table:
    """With `<column>__unread`: 1 where the cell could not be read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    unread = pa.array(("failed", "ambiguous"))
    for name in summed:
        rows = rows.append_column(f"{name}__unread", pc.is_in(rows[f"{name}__status"], unread).cast(pa.int64()))
    return rows


def _measures(wanted: Mapping[str, Any], summed: Sequence[str]) -> list[tuple[str, str]]:
    day = wanted.get("days") or wanted.get("years")
    found = [(name, "sum") for name in summed] + [(f"{name}__unread", "sum") for name in summed]
    return found + [(name, "count_distinct") for name in wanted.get("count", ())] + ([(day, "min"), (day, "max")] if day else [])


def _grouped(rows: pa.Table, by: Sequence[str], measures: Iterable[tuple[str, str]]) -> list[Row]:
    """One row a group, with `count_all` and `<column>_<measure>`, in the order of `by`; groups without a value come last."""
    counted = rows.group_by(list(by)).aggregate([*dict.fromkeys(measures), ([], "count_all")])
    found: list[Row] = counted.sort_by([(name, "ascending") for name in by]).to_pylist()
    return found


def _amounts(row: Row, summed: Sequence[str], scales: Mapping[str, int]) -> tuple[Decimal | None, ...]:
    """The sums of a group; None where no cell told one."""
    told = [row[f"{name}_sum"] for name in summed]
    return tuple(None if value is None else Decimal(value).scaleb(-scales[name]) for name, value in zip(summed, told, strict=True))


def _parts(rows: pa.Table, by: str, summed: Sequence[str], scales: Mapping[str, int]) -> Mapping[str, tuple[Part, ...]]:
    """Organisation -> rows and sums by the values of a column."""
    found: dict[str, list[Part]] = defaultdict(list)
    for row in _grouped(rows, ["org_code", by], [(name, "sum") for name in summed]):
        found[row["org_code"] or ""].append(Part(_text(row[by]), row["count_all"], _amounts(row, summed, scales)))
    return {org: tuple(parts) for org, parts in found.items()}


def _with_term(rows: pa.Table, term: Mapping[str, str], as_of: dt.date) -> pa.Table:
    """With `term__`: how each row's term stands on the cut-off date. A month alone counts whole, as is best for the village."""
    import pyarrow as pa
    import pyarrow.compute as pc

    today = as_of.year * 10_000 + as_of.month * 100 + as_of.day
    begins, ends = _ymd(rows, term["from"], 1), _ymd(rows, term["to"], 31)
    has_ended, has_begun = (pc.fill_null(pc.less(ends, today), False), pc.fill_null(pc.less_equal(begins, today), False))
    is_running = pc.and_(has_begun, pc.fill_null(pc.greater_equal(ends, today), False))
    not_begun = pc.fill_null(pc.greater(begins, today), False)
    states = pc.case_when(pc.make_struct(has_ended, is_running, not_begun), *map(pa.scalar, ("ended", "running", "not_begun", "unknown")))
    return rows.append_column("term__", states)


def _ymd(rows: pa.Table, name: str, month_as: int) -> pa.ChunkedArray:
    """A date column as the number yyyymmdd; `month_as` is the day where only the month is known."""
    import pyarrow.compute as pc

    date = rows[name]
    day = pc.if_else(pc.equal(rows[f"{name}__status"], "month"), month_as, pc.day(date))
    return pc.add(pc.add(pc.multiply(pc.year(date), 10_000), pc.multiply(pc.month(date), 100)), day)


def _due(
    rows: pa.Table, until: Mapping[str, Any], as_of: dt.date, scales: Mapping[str, int]
) -> Mapping[str, tuple[Decimal | None, ...]]:
    """Organisation -> sums of the rows whose day has come by the cut-off date."""
    import pyarrow.compute as pc

    come = rows.filter(pc.less_equal(rows[until["date"]], as_of))
    grouped = _grouped(come, ["org_code"], [(name, "sum") for name in until["sum"]])
    return {row["org_code"] or "": _amounts(row, until["sum"], scales) for row in grouped}


def _periods(rows: pa.Table, wanted: Mapping[str, Any]) -> Mapping[int, tuple[str, str]]:
    """Source -> the first and the last day that its rows tell."""
    day = wanted.get("days") or wanted.get("years")
    if not day:
        return {}
    grouped = _grouped(rows, ["source_id"], [(day, "min"), (day, "max")])
    return {r["source_id"]: (_text(r[f"{day}_min"]), _text(r[f"{day}_max"])) for r in grouped if r[f"{day}_min"] is not None}


def _text(value: object) -> str:
    """A value of a ledger as text: a day in ISO form, nothing as ''."""
    return "" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)
