"""倒轧: a count is rarely made on the last day of the year; what was counted is taken back to that day by what moved since."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ..catalog.specs import CheckSpec
from ..checks.frames import Frames
from ..checks.outcome import Outcome, applicable
from ..checks.shown import plain
from ..words.records import Match
from .reconciliation import DUPLICATE, ONE_SIDED, Reconciled, name_of

_Lines = list[tuple[dt.date | None, int | None]]  # day and quantity of each line of a number


@dataclass(frozen=True, slots=True)
class Movement:
    """So many came (positive) or went on a day."""

    on: dt.date
    quantity: int


def roll_back(counted: int, counted_on: dt.date, movements: Iterable[Movement], cut_off: dt.date) -> int:
    """The quantity at the end of `cut_off` that the count implies.

    Counted after the cut-off, what moved from the day after the cut-off to the day of the count is taken back; counted before
    it, what moved from the day after the count to the cut-off is added. Quantities in the unit of the caller.
    """
    first, last, sign = (cut_off, counted_on, -1) if counted_on > cut_off else (counted_on, cut_off, 1)
    return counted + sign * sum(m.quantity for m in movements if first < m.on <= last)


def count_rolled_back(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Every counted thing taken back to the year end by what the register says was acquired since, against the register at that day.

    Ledgers: register, count. Arguments: key, quantity, came_on (day of acquisition), counted_on. Only things that stand once in
    both and were counted on another day than the year end.
    """
    a, (register, count) = spec.arguments, spec.ledgers
    key = a["key"]
    looked, reasons = applicable(frames, {register: [key, "quantity", a["came_on"]], count: [key, "quantity", a["counted_on"]]})
    held = _by_org(frames, register, key, a["came_on"])
    found = _by_org(frames, count, key, a["counted_on"])
    cut_off = frames.settings.year_end
    matches: list[Match] = []
    for org in sorted(looked):
        for number in sorted(found.get(org, {})):
            matches += _of_one(name_of(spec), org, number, held.get(org, {}).get(number, []), found[org][number], cut_off)
    return Reconciled(Outcome((), looked, reasons), tuple(matches))


def _by_org(frames: Frames, ledger: str, key: str, day: str) -> dict[str, dict[str, _Lines]]:
    found: dict[str, dict[str, _Lines]] = defaultdict(lambda: defaultdict(list))
    for row in frames.records(frames.rows(ledger).select("row_id", "org_code", key, day, "quantity")):
        if row[key] is not None:
            found[row["org_code"] or ""][row[key]].append((row[day], row["quantity"]))
    return found


def _of_one(name: str, org: str, number: str, held: _Lines, found: _Lines, cut_off: dt.date) -> list[Match]:
    if len(held) > 1 or len(found) > 1:
        left = f"{number} ×{len(held)}" if held else ""
        return [Match(name, org, left, f"{number} ×{len(found)}", DUPLICATE, None, len(held), len(found))]
    counted_on, counted = found[0]
    if not held:
        return [Match(name, org, "", number, ONE_SIDED)]
    came_on, quantity = held[0]
    if counted_on is None or counted is None or came_on is None or quantity is None:
        return [Match(name, org, number, number, "not known (choice)")]
    at_cut_off = quantity if came_on <= cut_off else 0
    implied = roll_back(counted, counted_on, [Movement(came_on, quantity)], cut_off)
    off = at_cut_off - implied
    return [Match(name, org, number, f"{number} {counted_on.isoformat()}", "rolled back", Decimal(plain(off, 4)) if off else None)]
