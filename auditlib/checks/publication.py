"""What was shown to the villagers: in time, every period, and as it stands in the books."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import UNREAD, count_if, holds, nil, starts_with_any, total, ymd
from ..words.messages import say
from ..words.records import Case
from .across import Row, evidence, gathered
from .frames import Frames
from .openings import openings_by_org
from .outcome import Outcome, applicable
from .parameters import number
from .payments import accounts, by_org, date_of, needs_of
from .shown import day as day_text
from .shown import plain, yuan

_QUARTER, _MONTH = re.compile(r"(\d{4})Q([1-4])"), re.compile(r"(\d{4})-(\d{2})")
FIGURES = ("income", "spending", "money")


def period_days(period: str) -> tuple[dt.date, dt.date] | None:
    """First and last day of 2025Q1 or 2025-01; None for anything else."""
    if found := _QUARTER.fullmatch(period):
        year, first, months = int(found[1]), int(found[2]) * 3 - 2, 3
    elif found := _MONTH.fullmatch(period):
        year, first, months = int(found[1]), int(found[2]), 1
    else:
        return None
    last = first + months  # the month after
    after = dt.date(year + (last > 12), last - 12 if last > 12 else last, 1)
    return dt.date(year, first, 1), after - dt.timedelta(days=1)


def periods_expected(year: int, every: str) -> tuple[str, ...]:
    """The periods of a year: months, or quarters."""
    if every == "month":
        return tuple(f"{year}-{m:02d}" for m in range(1, 13))
    return tuple(f"{year}Q{q}" for q in range(1, 5))


# --- F52: missing and late --------------------------------------------------------------------------------------------


def periods_published(frames: Frames, spec: CheckSpec) -> Outcome:
    """Periods of the year that the register of disclosures lacks; a quarter may also be there month by month.

    Arguments: days (allowed after the end of a period), variant. disclosure_every says how often: month or quarter.
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    rows, year = frames.rows(ledger).filter(~nw.col("period").is_null()), frames.settings.fiscal_year
    met = by_org(frames.records(rows.group_by("org_code", "period").agg(nw.col("row_id").min())))
    every = str(frames.settings.parameters["disclosure_every"])
    cases = []
    for org, mine in sorted(met.items()):
        for period in _missing(year, every, {r["period"] for r in mine}):
            if _over(period, a["days"], frames.settings.as_of):
                nearest = max(mine, key=lambda r: (r["period"] < period, r["period"]))
                cases.append(_case(spec, org, period, [nearest], ("period",), variant=a["variant"]))
    return Outcome(tuple(cases), looked, reasons)


def _over(period: str, days: int, as_of: dt.date) -> bool:
    """True when the days in which the period could be published are over."""
    ends = period_days(period)
    return ends is not None and ends[1] + dt.timedelta(days=days) < as_of


def _missing(year: int, every: str, there: set[str]) -> Iterator[str]:
    """What is not there. Where all is published month by month, months are what is missed."""
    monthly = every == "month" or (any(_MONTH.fullmatch(p) for p in there) and not any(_QUARTER.fullmatch(p) for p in there))
    yearly = {str(year), f"{year}H1", f"{year}H2"} & there
    if yearly:  # half a year or a whole one in one entry: which of its parts were shown cannot be told
        return
    for period in periods_expected(year, "month" if monthly else "quarter"):
        months = _months(period)
        if period not in there and not (months and set(months) <= there):
            yield period


def _months(quarter: str) -> list[str]:
    found = _QUARTER.fullmatch(quarter)
    return [f"{found[1]}-{int(found[2]) * 3 - i:02d}" for i in (2, 1, 0)] if found else []


def published_in_time(frames: Frames, spec: CheckSpec) -> Outcome:
    """A period of which something was published later than the days allowed after its end. Arguments: days, variant.

    What was published in time and put right later was published in time: of one item the first publication counts.
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    rows = frames.rows(ledger).with_columns(nil(ymd("published_on")).alias("day"))
    rows = rows.filter(~nw.col("period").is_null() & (nw.col("day") > 0) & (nw.col("published_on__status") != "month"))
    cases = []
    found = gathered(frames.records(rows.select("row_id", "org_code", "period", "item", "day")), ["org_code", "period"])
    for (org, period), mine in found.items():
        days = period_days(period)
        late = [r for r in _first_published(mine) if days and (date_of(r["day"]) - days[1]).days > a["days"]]
        if days and late and days[0].year == frames.settings.fiscal_year:
            shown = max(r["day"] for r in late)
            by = say("checks.on_or_before", frames.settings.language, day=(days[1] + dt.timedelta(days=a["days"])).isoformat())
            cases.append(_case(spec, org or "", period, late, ("published_on", "period"), by, day_text(shown), a["variant"]))
    return Outcome(tuple(cases), looked, reasons)


def _first_published(rows: Sequence[Row]) -> list[Row]:
    """The first publication of every item; a line that names none stands for itself."""
    first: dict[Any, Row] = {}
    for row in sorted(rows, key=lambda r: (r["day"], r["row_id"])):
        first.setdefault(row["item"] or row["row_id"], row)
    return sorted(first.values(), key=lambda r: r["row_id"])


def _case(
    spec: CheckSpec, org: str, period: str, rows: Sequence[Row], fields: Sequence[str], expected: str = "", actual: str = "",
    variant: str = "",
) -> Case:  # fmt: skip
    ledger = spec.ledgers[0]
    return Case(
        spec.rule, org, ledger, (period, variant), (period,), evidence(ledger, rows, fields), fields[0], None, expected, actual,
        period, variant,
    )  # fmt: skip


# --- F52: as in the books ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Books:
    """What an organisation's books say of income, spending and money, by month; `loose` could belong to any month."""

    monthly: Mapping[str, Mapping[int, int]]  # figure -> yyyymm -> fen
    loose: Mapping[str, tuple[int, int]]  # figure -> how far lines without a day of the year could move it, down and up
    opening: int | None  # of cash and bank, None where no trial balance tells it
    unread: bool

    def figure(self, name: str, first: dt.date, last: dt.date) -> int | None:
        """The figure of a period, None where the books do not tell."""
        if name == "money":
            return None if self.opening is None else self.opening + self._sum(name, 0, _month(last))
        return self._sum(name, _month(first), _month(last))

    def _sum(self, name: str, first: int, last: int) -> int:
        return sum(v for month, v in self.monthly[name].items() if first <= month <= last)


def _month(day: dt.date) -> int:
    return day.year * 100 + day.month


def published_as_booked(frames: Frames, spec: CheckSpec) -> Outcome:
    """Income, spending and money as published against the books, closing entries left out: one case a period, the worst first.

    Ledgers: disclosures, journal, trial balance (for the opening of money). Arguments: variant. Items that mean something
    else than these three figures are left alone; so is a figure that every period misses by one sum, for then the opening
    is at fault, and one that lines without a date could explain.
    """
    disclosures, journal, balances = spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    tolerance = number("value_tolerance", frames.catalog, frames.settings)
    shown = _published(frames, disclosures)
    books = _books(frames, journal, balances, {o for o in shown if o in looked})
    cases: list[Case] = []
    for org, items in sorted(shown.items()):
        if org in looked and org in books and not books[org].unread:
            cases += _untrue(frames, spec, org, items, books[org], tolerance)
    return Outcome(tuple(cases), looked, reasons)


def side_by_side(frames: Frames, ledgers: Sequence[str]) -> Iterator[tuple[str, Row, int | None]]:
    """Every published figure with what the books say of it (fen, None where they do not tell): organisation, line, booked.

    Ledgers: disclosures, journal, trial balance.
    """
    disclosures, journal, balances = ledgers
    shown = _published(frames, disclosures)
    books = _books(frames, journal, balances, set(shown))
    for org, items in sorted(shown.items()):
        told = books.get(org)
        for row in items:
            yield org, row, None if told is None or told.unread else told.figure(row["figure"], *row["days"])


def _published(frames: Frames, ledger: str) -> dict[str, list[Row]]:
    """Organisation -> the lines of a figure, the last publication of each period; `figure` is which."""
    rows = frames.rows(ledger).filter(~nw.col("period").is_null() & ~nw.col("item").is_null() & ~nw.col("amount").is_null())
    rows = rows.with_columns(nil(ymd("published_on")).alias("day"))
    words, last = frames.catalog.words["disclosures"], {}
    figures: dict[str, str] = {}
    for row in frames.records(rows.select("row_id", "org_code", "period", "item", "amount", "day"), ["day", "row_id"]):
        if row["item"] not in figures:
            figures[row["item"]] = figure_of(row["item"], words)
        figure = figures[row["item"]]
        days = period_days(row["period"])
        if figure and days and days[0].year == frames.settings.fiscal_year:
            last[row["org_code"] or "", row["period"], figure] = {**row, "figure": figure, "days": days}
    found: dict[str, list[Row]] = defaultdict(list)
    for (org, _, _), row in sorted(last.items()):
        found[org].append(row)
    return found


def figure_of(item: str, words: Mapping[str, Any]) -> str:
    """income, spending or money; '' for an item that is another thing (经营收入, 收支明细)."""
    bare = "".join(item.split())
    for filler in sorted(words["fillers"], key=lambda w: -len(w)):
        bare = bare.replace(filler, "") or bare
    return next((name for name in FIGURES if bare in words[name]), "")


def _untrue(frames: Frames, spec: CheckSpec, org: str, items: Iterable[Row], books: Books, tolerance: int) -> Iterator[Case]:
    off: dict[str, list[tuple[Row, int]]] = defaultdict(list)
    seen: dict[str, int] = defaultdict(int)
    for row in items:
        booked = books.figure(row["figure"], *row["days"])
        if booked is None:
            continue
        seen[row["figure"]] += 1
        down, up = books.loose.get(row["figure"], (0, 0))
        if not booked + down - tolerance <= row["amount"] <= booked + up + tolerance:
            off[row["figure"]].append((row, booked))
    if len(off["money"]) == seen["money"] > 1 and len({r["amount"] - booked for r, booked in off["money"]}) == 1:
        del off["money"]
    wrong = [pair for pairs in off.values() for pair in pairs]
    for row, booked in sorted(wrong, key=lambda p: (p[0]["period"], -abs(p[0]["amount"] - p[1]), p[0]["figure"])):
        yield _untrue_case(spec, org, row, booked)


def _untrue_case(spec: CheckSpec, org: str, row: Row, booked: int) -> Case:
    ledger, variant = spec.ledgers[0], spec.arguments["variant"]
    return Case(
        spec.rule, org, ledger, (row["period"], variant), (row["period"],),
        evidence(ledger, [row], ("amount", "item", "period")), "amount", yuan(abs(row["amount"] - booked)), plain(booked, 2),
        plain(row["amount"], 2), row["period"], variant,
    )  # fmt: skip


def _books(frames: Frames, journal: str, balances: str, orgs: set[str]) -> dict[str, Books]:
    """The books of the organisations, figures by day."""
    if not orgs:
        return {}
    rows = frames.rows(journal).filter(holds(nw.col("of_this_year")))
    month = nw.col("date").dt.year().cast(nw.Int64) * 100 + nw.col("date").dt.month().cast(nw.Int64)
    rows = rows.with_columns(nil(ymd("date")).alias("day"), nil(month).alias("month"))
    rows = rows.with_columns(nil(nw.col("debit")).alias("dr"), nil(nw.col("credit")).alias("cr"))
    figures = _figures(frames, without_closing(frames, rows))
    openings = openings_by_org(frames, balances, journal, accounts(frames, "cash", "bank"))
    unread = {r["org_code"] for r in frames.records(_unread_lines(frames, rows), ["org_code"])}
    found = {}
    for org, mine in by_org(frames.records(figures, ["org_code", "month"])).items():
        if org in orgs:
            monthly, loose = _by_month(mine, frames.settings.fiscal_year)
            found[org] = Books(monthly, loose, openings.get(org), org in unread)
    return found


def without_closing(frames: Frames, rows: nw.LazyFrame) -> nw.LazyFrame:
    """The lines, each with `closing`: 1 where its voucher goes through the year's result."""
    keys = ["org_code", "voucher_no", "day"]
    result = nw.when(starts_with_any("account_code", accounts(frames, "result"))).then(nw.lit(1)).otherwise(nw.lit(0))
    closing = rows.filter(~nw.col("voucher_no").is_null()).group_by(*keys).agg(result.max().alias("closing"))
    return rows.join(closing, on=keys, how="left")


def _figures(frames: Frames, rows: nw.LazyFrame) -> nw.LazyFrame:
    """Income, spending and money moved, by organisation and month."""

    def part(codes: Sequence[str], value: nw.Expr, applies: nw.Expr) -> nw.Expr:
        return total(nw.when(starts_with_any("account_code", codes) & applies).then(value).otherwise(nw.lit(0)))

    open_ = nil(nw.col("closing")) == 0
    return rows.group_by("org_code", "month").agg(
        part(accounts(frames, "income"), nw.col("cr"), open_).alias("income"),
        part(accounts(frames, "spending"), nw.col("dr"), open_).alias("spending"),
        part(accounts(frames, "cash", "bank"), nw.col("dr") - nw.col("cr"), nw.lit(True)).alias("money"),
    )


def _by_month(rows: Iterable[Row], year: int) -> tuple[dict[str, dict[int, int]], dict[str, tuple[int, int]]]:
    monthly: dict[str, dict[int, int]] = {name: {} for name in FIGURES}
    loose = dict.fromkeys(FIGURES, (0, 0))
    for row in rows:
        for name in FIGURES:
            if row["month"] // 100 == year:
                monthly[name][row["month"]] = row[name]
            else:
                down, up = loose[name]
                loose[name] = (down + min(row[name], 0), up + max(row[name], 0))
    return monthly, loose


def _unread_lines(frames: Frames, rows: nw.LazyFrame) -> nw.LazyFrame:
    """Organisations with an amount of income, spending or money that could not be read."""
    unread = holds(nw.col("debit__status").is_in(list(UNREAD))) | holds(nw.col("credit__status").is_in(list(UNREAD)))
    lines = rows.filter(unread & starts_with_any("account_code", accounts(frames, "income", "spending", "cash", "bank")))
    return lines.group_by("org_code").agg(count_if(unread).alias("unread")).filter(nw.col("unread") > 0)
