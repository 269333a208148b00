"""Rent of later years taken into the income of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import holds, nil, starts_with_any, total, ymd
from ..words.records import Case
from .across import Check, Row, evidence
from .frames import Frames
from .outcome import Outcome, applicable
from .payments import KEYS, by_org, lines, needs_of, taken_back, vouchers
from .shown import plain, yuan


def rent_of_years(frames: Frames, spec: CheckSpec) -> Outcome:
    """Rent of two years or more, received in the year under one contract and booked in it as income.

    What lies beyond one year's rent belongs to later years. A step-up within the year makes no second year. Ledgers: receipts,
    contracts, journal. Arguments: income (account prefixes).
    """
    a, (receipts, contracts, journal) = spec.arguments, spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    year = frames.settings.fiscal_year
    rows = frames.rows(receipts).with_columns(nil(ymd("received_on")).alias("day"))
    rows = rows.filter((nw.col("day") >= year * 10_000) & (nw.col("day") < (year + 1) * 10_000) & holds(nw.col("amount_received") > 0))
    rents = (
        frames.plain(contracts)
        .filter(holds(nw.col("annual_rent") > 0))
        .group_by("org_code", "contract_no")
        .agg(nw.col("annual_rent").max().alias("rent"))
    )
    found = rows.join(rents, on=["org_code", "contract_no"], how="inner")
    chosen = ("row_id", "org_code", "contract_no", "amount_received", "amount_due", "voucher_no", "rent", "day")
    of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in frames.records(found.select(*chosen)):
        if row["amount_received"] >= 2 * row["rent"] and not _is_arrears(row):
            of[row["org_code"] or "", row["contract_no"]].append(row)
    numbers = {r["voucher_no"] for mine in of.values() for r in mine if r["voucher_no"]}
    booked = _booked(frames, journal, a["income"], sorted(numbers)) if numbers else {}
    cases = [c for (org, number), mine in sorted(of.items()) if org in looked and (c := _case(spec, org, number, mine, booked))]
    return Outcome(tuple(cases), looked, reasons)


def _is_arrears(row: Row) -> bool:
    """Several instalments paid with one: the line itself asked for less than two years."""
    return row["amount_due"] is not None and row["amount_due"] < 2 * row["rent"]


Booked = Mapping[tuple[str, Any], list[tuple[int, int]]]  # (organisation, voucher number) -> (day, fen of income), in order


def _booked(frames: Frames, journal: str, income: Sequence[str], numbers: Sequence[str]) -> Booked:
    """The income that the vouchers of these numbers book, if any; numbers may start anew every month."""
    earned = nw.when(starts_with_any("account_code", income)).then(nil(nw.col("credit"))).otherwise(nw.lit(0))
    sums = vouchers(lines(frames, journal), total(earned).alias("earned"))
    gone = taken_back(frames, journal)
    found: dict[tuple[str, Any], list[tuple[int, int]]] = defaultdict(list)
    for org, rows in by_org(frames.records(sums.filter(nw.col("voucher_no").is_in(numbers)).select(*KEYS, "earned"), KEYS)).items():
        for row in rows:
            if tuple(row[k] for k in KEYS) not in gone:
                found[org, row["voucher_no"]].append((row["day"], row["earned"]))
    return {key: sorted(each) for key, each in found.items()}


def _income_of(vouchers_of_number: Sequence[tuple[int, int]], received: int) -> int:
    """What the receipt's own voucher books: the one of that number in the month of the receipt, else the next one after it."""
    same = [earned for day, earned in vouchers_of_number if day // 100 == received // 100]
    later = [earned for day, earned in vouchers_of_number if day > received]
    return max(same) if same else later[0] if later else 0


def _case(spec: CheckSpec, org: str, number: str, rows: Sequence[Row], booked: Booked) -> Case | None:
    taken = [r for r in rows if _income_of(booked.get((org, r["voucher_no"]), ()), r["day"]) >= r["amount_received"]]
    if not taken:
        return None
    came, rent, receipts = sum(r["amount_received"] for r in taken), taken[0]["rent"], spec.ledgers[0]
    records = (number, *dict.fromkeys(r["voucher_no"] for r in taken))
    shown = evidence(receipts, taken, ("amount_received", "amount_due", "received_on", "voucher_no"))
    return Case(
        spec.rule, org, receipts, (number,), records, shown, "amount_received", yuan(came - rent), plain(rent, 2), plain(came, 2)
    )


CHECKS: dict[str, Check] = {"rent_of_years": rent_of_years}
