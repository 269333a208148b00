"""Assets and land: depreciation, surveyed areas, reserve land."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels import groups, joins, straight_line
from ..kernels.terms import UNREAD, count_if, holds, nil, total, ymd
from ..words.messages import say
from ..words.records import Case, Evidence
from .across import Check
from .frames import Frames
from .outcome import Outcome, applicable
from .shown import plain, yuan

Row = Mapping[str, Any]
_REGISTER = ("original_value", "acquired_on", "useful_life_years", "residual_rate", "accumulated_depreciation")


# --- depreciation -----------------------------------------------------------------------------------------------------


def depreciation(frames: Frames, spec: CheckSpec) -> Outcome:
    """Accumulated depreciation on the straight line, and some charge of the year on its account.

    Where the account had no credit all year, what was left out is one case; every other asset off its line is one each.
    Ledgers: the register, the books. Arguments: key, account, tolerance.
    """
    a = spec.arguments
    (register, books), year = spec.ledgers, frames.settings.fiscal_year
    looked, reasons = applicable(frames, {register: _REGISTER})
    rows = _with_acquired(frames.rows(register))
    chosen = ["row_id", "sheet_row", "org_code", a["key"], "acquired", *(f for f in _REGISTER if f != "acquired_on")]
    off = frames.records(straight_line.doubtful(rows, year, a["tolerance"]).select(*chosen))
    uncharged, booked = _without_credit(frames, books, a["account"]), _booked(frames, books)
    reasons |= {o: say("assets.no_books", frames.settings.language, year=year) for o in set(looked) - booked}
    cases, explained = [], set()
    for org, lines in _of(frames, rows.select(*chosen), uncharged):
        case, mine = _left_out(frames, spec, uncharged[org], lines)
        cases += [case] if case else []
        explained |= mine if case else set()
    cases += [_off_line(spec, r, year) for r in off if r["row_id"] not in explained and _is_off(r, year, a["tolerance"])]
    return Outcome(tuple(cases), looked, reasons)


def _with_acquired(rows: nw.LazyFrame) -> nw.LazyFrame:
    return rows.with_columns(ymd("acquired_on").alias("acquired"))


def _of(frames: Frames, rows: nw.LazyFrame, orgs: Iterable[str]) -> list[tuple[str, list[Row]]]:
    """The rows of a few organisations, each asset number once."""
    wanted = sorted(orgs)
    found: dict[str, dict[Any, Row]] = defaultdict(dict)
    for row in frames.records(rows.filter(nw.col("org_code").is_in(wanted))) if wanted else ():
        found[row["org_code"]].setdefault(row["asset_no"] or row["row_id"], row)
    return [(org, list(rows.values())) for org, rows in sorted(found.items())]


def _booked(frames: Frames, books: str) -> set[str]:
    """Organisations with books of the audited year."""
    if not frames.has(books):
        return set()
    rows = frames.rows(books).filter(nw.col("book_year") == frames.settings.fiscal_year).select("org_code").unique()
    return {r["org_code"] for r in frames.records(rows, ["org_code"]) if r["org_code"]}


def _without_credit(frames: Frames, books: str, account: str) -> dict[str, int | None]:
    """Organisation whose books of the year show no credit on the account -> the row of the account, if it has one."""
    if not frames.has(books):
        return {}
    rows = frames.rows(books).filter(nw.col("book_year") == frames.settings.fiscal_year)
    mine = holds(nw.col("account_class") == account)
    sums = rows.group_by("org_code").agg(
        nw.when(mine).then(nw.col("row_id")).otherwise(nw.lit(None)).min().alias("at"),
        total(nw.when(mine).then(nil(nw.col("credit"))).otherwise(nw.lit(0))).alias("credit"),
        count_if(mine & (nw.col("credit") < 0)).alias("red"),
        count_if(mine & nw.col("credit__status").is_in(list(UNREAD))).alias("unread"),
        count_if(~nw.col("account_code").is_null() & (nw.col("credit__status") != "absent")).alias("told"),
    )
    none = sums.filter((nw.col("credit") == 0) & (nw.col("red") == 0) & (nw.col("unread") == 0) & (nw.col("told") > 0))
    return {r["org_code"]: r["at"] for r in frames.records(none, ["org_code"]) if r["org_code"]}


def _line(row: Row, year: int) -> int | None:
    """The straight line of an asset at the end of a year; None where something is missing."""
    values = [row[c] for c in ("original_value", "residual_rate", "useful_life_years", "acquired")]
    if any(v is None for v in values) or values[2] <= 0:
        return None
    return straight_line.accumulated(*values[:3], straight_line.months_charged(values[3], year))


def _is_off(row: Row, year: int, tolerance: int) -> bool:
    values = [row[c] for c in ("original_value", "residual_rate", "useful_life_years")]
    months = straight_line.months_charged(row["acquired"], year)
    lines = (straight_line.accumulated(*values, months), straight_line.by_rounded_months(*values, months))
    return all(abs(row["accumulated_depreciation"] - line) > tolerance for line in lines)


def _off_line(spec: CheckSpec, row: Row, year: int) -> Case:
    ledger, line = spec.ledgers[0], _line(row, year) or 0
    number = row[spec.arguments["key"]] or say("checks.no_row_key", "zh", row=row["sheet_row"])
    shown = Evidence(
        ledger, row["row_id"], ("accumulated_depreciation", *(f for f in _REGISTER if f != "accumulated_depreciation"))
    )
    return Case(
        spec.rule,
        row["org_code"] or "",
        ledger,
        (number,),
        (number,),
        (shown,),
        "accumulated_depreciation",
        yuan(abs(row["accumulated_depreciation"] - line)),
        plain(line, 2),
        plain(row["accumulated_depreciation"], 2),
        str(year),
        "line",
    )


def _left_out(frames: Frames, spec: CheckSpec, at: int | None, lines: Sequence[Row]) -> tuple[Case | None, set[int]]:
    """The case of a year without a charge, and the assets that still stand where the year before left them."""
    a, year = spec.arguments, frames.settings.fiscal_year
    due, stood = 0, []
    for row in lines:
        now, before, stands = _line(row, year), _line(row, year - 1), row["accumulated_depreciation"]
        if now is None or before is None or now == before:
            continue
        due += now - before
        if stands is not None and abs(stands - before) <= a["tolerance"]:
            stood.append(row)
    if due <= a["tolerance"]:
        return None, set()
    numbers = tuple(sorted({r[a["key"]] for r in stood if r[a["key"]]}))
    return _year_left_out(spec, year, at, due, numbers, stood or lines), {r["row_id"] for r in stood}


def _year_left_out(spec: CheckSpec, year: int, at: int | None, due: int, numbers: tuple[str, ...], shown: Sequence[Row]) -> Case:
    """`numbers`: the assets that lack the charge; none where the books alone lack it, and then all are shown."""
    a, (register, books) = spec.arguments, spec.ledgers
    ledger, field = (books, "credit") if at is not None else (register, "accumulated_depreciation")
    told = [Evidence(books, at, ("credit", "account_code"))] if at is not None else []
    told += [Evidence(register, r["row_id"], ("accumulated_depreciation", a["key"])) for r in shown]
    figures = (yuan(due), plain(due, 2), "0.00", str(year), "none")
    key, records = (str(year), a["account"]), (*numbers, a["account"])
    return Case(spec.rule, shown[0]["org_code"], ledger, key, records, tuple(told), field, *figures)


# --- land -------------------------------------------------------------------------------------------------------------


def areas_agree(frames: Frames, spec: CheckSpec) -> Outcome:
    """A number of the register against the same of a survey, off by more than a share of the surveyed one.

    A number that the survey gives twice and differently is left out. Arguments: key, field, surveyed, tolerance.
    """
    a = spec.arguments
    register, survey = spec.ledgers
    key, field, surveyed = a["key"], a["field"], a["surveyed"]
    looked, reasons = applicable(frames, {register: [key, field], survey: [key, surveyed]})
    once = (
        frames.rows(survey)
        .filter(~nw.col(surveyed).is_null())
        .group_by("org_code", key)
        .agg(nw.col("row_id").min(), nw.col(surveyed).min().alias("least"), nw.col(surveyed).max().alias("most"))
        .filter((nw.col("least") == nw.col("most")) & (nw.col("least") > 0))
        .with_columns(nw.col("org_code").alias("org"))
    )
    rows = joins.beside(frames.rows(register), once, {"org_code": "org", key: key}, {"least": "said", "row_id": "survey_row"})
    off = nw.col(field) - nw.col("said")
    apart = nw.when(off >= 0).then(off).otherwise(-off)
    rows = rows.filter(holds(apart * 10_000 > nw.col("said") * a["tolerance"]))
    met = frames.records(rows.select("row_id", "survey_row", "org_code", key, field, "said"))
    return Outcome(tuple(_area_case(frames, spec, row) for row in met), looked, reasons)


def _area_case(frames: Frames, spec: CheckSpec, row: Row) -> Case:
    a, (register, survey) = spec.arguments, spec.ledgers
    scale = frames.catalog.ledgers[register].fields[a["field"]].scale
    shown = (
        Evidence(register, row["row_id"], (a["field"], a["key"])),
        Evidence(survey, row["survey_row"], (a["surveyed"], a["key"])),
    )
    said = (plain(row["said"], scale), plain(row[a["field"]], scale))
    return Case(spec.rule, row["org_code"] or "", register, (row[a["key"]],), (row[a["key"]],), shown, a["field"], None, *said)


def share_of_land(frames: Frames, spec: CheckSpec) -> Outcome:
    """The reserve land of an organisation as a share of all its cultivated land, households' land included.

    Land without a class counts as cultivated, so that a blank cell makes no breach; without an area of each
    parcel nothing is told. A parcel entered twice counts once. Arguments: key, over, cultivated, not_cultivated, reserve (words).
    """
    a = spec.arguments
    ledger = spec.ledgers[0]
    looked, reasons = applicable(frames, {ledger: [a["key"], "land_class", "area_mu", "reserve_land"]})
    rows = _parcels(frames.rows(ledger), a)
    sums = rows.group_by("org_code").agg(
        total(nw.when(nw.col("is_reserve")).then(nil(nw.col("mu"))).otherwise(nw.lit(0))).alias("reserve"),
        total(nil(nw.col("mu"))).alias("cultivated"),
        count_if(nw.col("mu").is_null()).alias("unread"),
    )
    over = sums.filter((nw.col("unread") == 0) & (nw.col("reserve") * 10_000 > nw.col("cultivated") * a["over"]))
    met = frames.records(
        groups.of_groups(rows.filter(nw.col("is_reserve")), over, ["org_code"]).select(
            "row_id", "org_code", a["key"], "reserve", "cultivated"
        )
    )
    _drop(frames, looked, reasons, frames.records(sums, ["org_code"]))
    found: dict[str, list[Row]] = defaultdict(list)
    for row in met:
        if (row["org_code"] or "") in looked:
            found[row["org_code"] or ""].append(row)
    return Outcome(tuple(_share_case(spec, a["over"], org, lines) for org, lines in found.items()), looked, reasons)


def _parcels(rows: nw.LazyFrame, a: Mapping[str, Any]) -> nw.LazyFrame:
    """Cultivated parcels, each number once, with `mu` (missing where it could not be read) and `is_reserve`."""
    land_class = nw.coalesce(nw.col("land_class"), nw.lit(""))
    cultivated = (_mentions(land_class, a["cultivated"]) & ~_mentions(land_class, a["not_cultivated"])) | (land_class == "")
    household = nil(nw.col("household_mu"))
    rows = rows.filter(cultivated).with_columns(
        nw.when((household > 0) & (household >= nil(nw.col("area_mu")))).then(household).otherwise(nw.col("area_mu")).alias("mu"),
        (holds(nw.col("reserve_land")) | _mentions(land_class, a["reserve"])).alias("is_reserve"),
        nw.col("row_id").min().over("org_code", a["key"]).alias("first"),
    )
    return rows.filter(nw.col(a["key"]).is_null() | (nw.col("first") == nw.col("row_id")))


def _mentions(text: nw.Expr, words: Sequence[str]) -> nw.Expr:
    found = nw.lit(False)
    for word in words:
        found = found | text.str.contains(word, literal=True)
    return found


def _drop(frames: Frames, looked: dict[str, int], reasons: dict[str, str], sums: Iterable[Row]) -> None:
    """Takes out the organisations of which no share can be told, with the reason."""
    language = frames.settings.language
    told = {r["org_code"] or "": r for r in sums}
    for org in sorted(looked):
        row = told.get(org)
        if row is not None and not row["unread"] and row["cultivated"] > 0:
            continue
        del looked[org]
        count = row["unread"] if row is not None else 0
        reasons[org] = say("assets.area_unread", language, count=count) if count else say("assets.no_arable", language)


def _share_case(spec: CheckSpec, over: int, org: str, lines: Sequence[Row]) -> Case:
    ledger, key = spec.ledgers[0], spec.arguments["key"]
    records = tuple(sorted({r[key] for r in lines if r[key]}))
    share = lines[0]["reserve"] * 1_000_000 // lines[0]["cultivated"]  # of a million, so that 5.01 % is told from 5 %
    shown = tuple(Evidence(ledger, r["row_id"], ("area_mu", "reserve_land", key)) for r in lines)
    percent = (f"{plain(over, 2).rstrip('0').rstrip('.')}%", f"{plain(share, 4)}%")
    return Case(spec.rule, org, ledger, ("reserve",), records, shown, "area_mu", None, *percent)


CHECKS: dict[str, Check] = {
    "depreciation": depreciation,
    "areas_agree": areas_agree,
    "share_of_land": share_of_land,
}
