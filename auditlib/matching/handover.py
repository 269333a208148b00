"""The hand-over three ways: what was handed over, what was received, and what the books held on that day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..checks.frames import Frames
from ..checks.openings import openings_by_org
from ..checks.outcome import Outcome, applicable
from ..checks.parameters import number
from ..checks.shown import plain
from ..kernels.terms import holds, nil, starts_with_any
from ..words.messages import say
from ..words.records import Match
from .reconciliation import KEY, ONE_SIDED, SUM, Reconciled, name_of

Row = Mapping[str, Any]
_FIELDS = ("item_class", "item_no", "item", "quantity_out", "amount_out", "quantity_in", "amount_in", "handed_on")


def handed_and_received(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Item by item what was handed over against what was received; an item without a figure on either side is left as it is."""
    ledger = spec.ledgers[0]
    looked, reasons = applicable(frames, {ledger: ["item_no"]})
    matches = []
    for org, items in _items(frames, ledger).items():
        matches += [_received(name_of(spec), org, item, frames) for item in items if org in looked]
    return Reconciled(Outcome((), looked, reasons), tuple(matches))


def _items(frames: Frames, ledger: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in frames.records(frames.rows(ledger).select("row_id", "sheet_row", "org_code", *_FIELDS)):
        found[row["org_code"] or ""].append(row)
    return found


def _received(name: str, org: str, item: Row, frames: Frames) -> Match:
    label = _label(item, frames)
    if item["quantity_in"] is None and item["amount_in"] is None:
        return Match(name, org, label, "", ONE_SIDED)
    for out, received, scale in (("amount_out", "amount_in", 2), ("quantity_out", "quantity_in", 4)):
        off = (item[out] or 0) - (item[received] or 0)
        if off and None not in (item[out], item[received]):
            return Match(name, org, label, label, KEY, Decimal(plain(off, scale)))
    return Match(name, org, label, label, KEY)


def _label(item: Row, frames: Frames) -> str:
    number_ = item["item_no"] or say("checks.no_row_key", frames.settings.language, row=item["sheet_row"])
    return f"{number_} {item['item'] or ''}".strip()


def handed_and_booked(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Items that the books can tell against the books on the day of the hand-over.

    Arguments: books, a list of {item: [words], accounts: [prefixes]} for money (opening of the year and postings up to the
    day; a hand-over in another year, or an item without an amount, is told as not known), or {item: [words], ledger, amount, since,
    until} for registers: the sum of `amount` and the number of lines that stood on that day. An item with an amount is compared
    by it, any other by its number.
    """
    (ledger, *_), books = spec.ledgers, spec.arguments["books"]
    looked, reasons = applicable(frames, {ledger: ["item", "handed_on"]})
    tolerance = number("value_tolerance", frames.catalog, frames.settings)
    matches = []
    told = [_told(frames, spec, entry) for entry in books]
    for org, items in _items(frames, ledger).items():
        for item in items if org in looked else ():
            at = next((n for n, entry in enumerate(books) if any(w in (item["item"] or "") for w in entry["item"])), None)
            if at is not None and item["handed_on"] is not None:
                of_the_year = frames.settings.year_start <= item["handed_on"] <= frames.settings.year_end
                if "accounts" in books[at] and (item["amount_out"] is None or not of_the_year):  # postings of this year cannot tell
                    matches.append(Match(name_of(spec), org, _label(item, frames), "", "not known"))
                else:
                    matches.append(_booked(name_of(spec), org, item, told[at].get(org), tolerance, frames))
    return Reconciled(Outcome((), looked, reasons), tuple(matches))


def _booked(name: str, org: str, item: Row, lines: Sequence[tuple[dt.date, dt.date, int]] | None, tolerance: int, frames: Frames) -> Match:
    label = _label(item, frames)
    if lines is None:
        return Match(name, org, label, "", "not known")
    standing = [value for since, until, value in lines if since <= item["handed_on"] <= until]
    right = f"{item['handed_on'].isoformat()}"
    if item["amount_out"] is not None:
        off = item["amount_out"] - sum(standing)
        return Match(name, org, label, right, SUM, Decimal(plain(off, 2)) if abs(off) > tolerance else None)
    if item["quantity_out"] is None:
        return Match(name, org, label, "", "not known")
    off = item["quantity_out"] - 10_000 * len(standing)
    return Match(name, org, label, right, SUM, Decimal(plain(off, 4)) if off else None)


def _told(frames: Frames, spec: CheckSpec, entry: Mapping[str, Any]) -> dict[str, list[tuple[dt.date, dt.date, int]]]:
    """Organisation -> what its books hold: (first day, last day, fen)."""
    if "accounts" in entry:
        return _money(frames, spec.ledgers[1], spec.ledgers[2], entry["accounts"])
    if not frames.has(entry["ledger"]):
        return {}
    fields = [f for f in (entry.get("since"), entry.get("until"), entry.get("amount")) if f]
    found: dict[str, list[tuple[dt.date, dt.date, int]]] = defaultdict(list)
    for row in frames.records(frames.rows(entry["ledger"]).select("row_id", "org_code", *fields)):
        since = row[entry["since"]] if entry.get("since") else None
        until = row[entry["until"]] if entry.get("until") else None
        value = row[entry["amount"]] if entry.get("amount") else 0
        found[row["org_code"] or ""].append((since or dt.date.min, until or dt.date.max, value or 0))
    return found


def _money(frames: Frames, journal: str, balances: str, accounts: Sequence[str]) -> dict[str, list[tuple[dt.date, dt.date, int]]]:
    """The opening of the year from its first day and every posting from its own; organisations without an opening are left out."""
    if not frames.has(journal):
        return {}
    start, last = frames.settings.year_start, dt.date.max
    found = {org: [(start, last, held)] for org, held in openings_by_org(frames, balances, journal, accounts).items()}
    posted = frames.rows(journal).filter(starts_with_any("account_code", accounts) & ~nw.col("date").is_null())
    posted = posted.filter(holds(nw.col("of_this_year")))  # what came before is in the opening
    net = (nil(nw.col("debit")) - nil(nw.col("credit"))).alias("net")
    for row in frames.records(posted.select("row_id", "org_code", "date", net)):
        if (row["org_code"] or "") in found:
            found[row["org_code"] or ""].append((row["date"], last, row["net"]))
    return found
