"""What contracts bring in: every instalment due against what was received, and what is due in the year against the terms."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalog.specs import CheckSpec
from ..checks.frames import Frames
from ..checks.outcome import Outcome, applicable
from ..checks.parameters import number
from ..checks.shown import yuan
from ..words.messages import say
from ..words.records import Match
from .reconciliation import DUPLICATE, ONE_SIDED, Reconciled, name_of

Row = Mapping[str, Any]
FLAT, STEP_UP, FREE_MONTHS, UNKNOWN = "flat", "step-up", "free months", "unknown"


@dataclass(frozen=True, slots=True)
class Terms:
    """How the rent of a contract runs, as its yearly rent and its total tell: level, rising, or with months free of rent."""

    kind: str  # FLAT | STEP_UP | FREE_MONTHS | UNKNOWN
    rent: int  # a year, in fen
    free_months: int = 0

    def off(self, due: int, tolerance: int) -> int:
        """How far what is due in a year lies from what these terms can ask in one year, 0 where they can ask it."""
        low = self.rent - (self.rent * self.free_months + 11) // 12
        if due < low - tolerance:
            return due - low
        too_much = due > self.rent + tolerance and self.kind != STEP_UP
        return due - self.rent if too_much else 0


def terms_of(rent: int | None, total: int | None, starts_on: dt.date | None, ends_on: dt.date | None, tolerance: int) -> Terms:
    """The terms that yearly rent and total (fen) agree with; both days belong to the term.

    A total above rent × years says that the rent rises, one below it by whole months that these are free of rent.
    UNKNOWN where one of the four is missing or the total fits neither.
    """
    if not rent or total is None or starts_on is None or ends_on is None or ends_on < starts_on:
        return Terms(UNKNOWN, rent or 0)
    after = ends_on + dt.timedelta(days=1)
    months = (after.year - starts_on.year) * 12 + after.month - starts_on.month
    off = total * 12 - rent * months  # in twelfths of a fen, so that nothing is rounded
    if abs(off) <= tolerance * 12:
        return Terms(FLAT, rent)
    if off > 0:
        return Terms(STEP_UP, rent)
    free = round(-off / rent)
    return Terms(FREE_MONTHS, rent, free) if free < months and abs(off + rent * free) <= tolerance * 12 else Terms(UNKNOWN, rent)


def instalments(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Every instalment by contract and day: due against received; and by contract what is due in the year against its terms.

    Ledgers: contracts, receipts. Arguments: but_kinds (contracts that bring no rent), terms (name of the second reconciliation).
    """
    a, (contracts, receipts) = spec.arguments, spec.ledgers
    looked, reasons = applicable(frames, {receipts: ["contract_no", "due_on", "amount_due", "amount_received"], contracts: ["contract_no"]})
    fields = ("contract_no", "kind", "starts_on", "ends_on", "annual_rent", "total")
    agreed = _by_org(frames, contracts, fields)
    paid = _by_org(frames, receipts, ("contract_no", "due_on", "amount_due", "received_on", "amount_received"))
    tolerance = number("value_tolerance", frames.catalog, frames.settings)
    matches: list[Match] = []
    for org in sorted(looked):
        lines, every = paid.get(org, []), agreed.get(org, [])
        let = [c for c in every if c["kind"] not in a.get("but_kinds", ())]
        matches += _instalments(frames, name_of(spec), org, lines, {c["contract_no"] for c in every}, tolerance)
        matches += _terms(frames, a["terms"], org, lines, let, tolerance)
    return Reconciled(Outcome((), looked, reasons), tuple(matches))


def _by_org(frames: Frames, ledger: str, fields: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in frames.records(frames.rows(ledger).select("row_id", "sheet_row", "org_code", *fields)):
        found[row["org_code"] or ""].append(row)
    return found


def _instalments(frames: Frames, name: str, org: str, lines: Sequence[Row], known: set[str], tolerance: int) -> Iterator[Match]:
    """One match for each instalment: a contract and a day due. Several lines of one instalment are its part payments."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in lines:
        number_ = row["contract_no"] or say("checks.no_row_key", frames.settings.language, row=row["sheet_row"])
        found[number_, row["due_on"].isoformat() if row["due_on"] else ""].append(row)
    for (contract, due_on), mine in sorted(found.items()):
        shown = f"{contract} {due_on}".strip()
        if contract not in known:
            yield Match(name, org, "", shown, ONE_SIDED, right_lines=len(mine))
            continue
        yield _instalment(frames, name, org, shown, due_on, mine, tolerance)


def _instalment(frames: Frames, name: str, org: str, shown: str, due_on: str, mine: Sequence[Row], tolerance: int) -> Match:
    if any(r["amount_due"] is None for r in mine):
        return Match(name, org, shown, "", "not known", left_lines=1, right_lines=0)
    due = sum(r["amount_due"] for r in mine)
    received = sum(r["amount_received"] or 0 for r in mine)
    days = sorted(r["received_on"].isoformat() for r in mine if r["received_on"])
    if not received and due_on > frames.settings.as_of.isoformat():
        return Match(name, org, shown, "", "not yet due", left_lines=1, right_lines=0)
    off = due - received
    came = "; ".join(days) or ("✓" if received else "")
    how = "instalment" if len(mine) == 1 else f"instalment in {len(mine)}"
    return Match(name, org, shown, came, how if came else ONE_SIDED, yuan(off) if abs(off) > tolerance else None, 1, int(bool(came)))


def _terms(frames: Frames, name: str, org: str, lines: Sequence[Row], agreed: Sequence[Row], tolerance: int) -> Iterator[Match]:
    """For every contract with a yearly rent: what the receipts list as due in the audited year against its terms."""
    year = frames.settings.fiscal_year
    due: dict[str, int] = defaultdict(int)
    for row in lines:
        if row["due_on"] and row["due_on"].year == year and row["contract_no"]:
            due[row["contract_no"]] += row["amount_due"] or 0
    for number_, mine in sorted(_gathered(agreed).items()):
        if len(mine) > 1:
            yield Match(name, org, f"{number_} ×{len(mine)}", "", DUPLICATE, None, len(mine), 0)
            continue
        terms = terms_of(mine[0]["annual_rent"], mine[0]["total"], mine[0]["starts_on"], mine[0]["ends_on"], tolerance)
        if not terms.rent or not _whole_year(mine[0], year):
            continue
        off = terms.off(due[number_], tolerance) if terms.kind != UNKNOWN else 0
        yield Match(name, org, number_, str(year) if number_ in due else "", terms.kind, yuan(off) if off else None)


def _gathered(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["contract_no"]:
            found[row["contract_no"]].append(row)
    return found


def _whole_year(contract: Row, year: int) -> bool:
    starts, ends = contract["starts_on"], contract["ends_on"]
    return bool(starts and ends and starts.year < year < ends.year)
