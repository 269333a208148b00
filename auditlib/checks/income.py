"""Money that was received under a contract and never came into the books nor into the bank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import holds, nil, ymd
from ..words.records import Case
from .across import Row, evidence
from .frames import Frames
from .outcome import Outcome, applicable
from .parameters import number
from .payments import bare, by_org, date_of, lines, money, needs_of
from .persons import plain_name
from .shown import day as day_text


@dataclass(frozen=True, slots=True)
class Inflow:
    """Money that came in, as the books or the bank tell it."""

    day: int  # yyyymmdd, 0 where not known
    amount: int
    payer: str
    number: str  # of the voucher, '' for a bank line
    said: str  # everything its lines say


@dataclass(frozen=True, slots=True)
class Told:
    """All that an organisation's records tell about money that came in."""

    receipts: Sequence[Row]
    parties: Mapping[str, str]  # contract -> other party
    booked: Sequence[Inflow]
    banked: Sequence[Inflow]
    window: int  # days

    def contracts_of(self, contract: str) -> list[str]:
        """The contract and all others with its party."""
        party = self.parties.get(contract)
        return [contract] + [c for c, p in self.parties.items() if c != contract and p and p == party]


def income_not_booked(frames: Frames, spec: CheckSpec) -> Outcome:
    """Money that the receipts show as received in the year, with no voucher number and no voucher or bank line for it.

    Ledgers: receipts, journal, statements, contracts (the last two where there are any).
    """
    receipts, journal, statements, contracts = spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    rows = by_org(_received(frames, receipts))
    asked = {org: [r for r in mine if r["voucher_no"] is None] for org, mine in rows.items() if org in looked}
    asked = {org: mine for org, mine in asked.items() if mine}
    if not asked:
        return Outcome((), looked, reasons)
    booked, banked = _booked(frames, journal, sorted(asked)), _banked(frames, statements, sorted(asked))
    parties = _parties(frames, contracts, sorted(asked))
    window = number("match_window_days", frames.catalog, frames.settings)
    cases = []
    for org, mine in sorted(asked.items()):
        told = Told(rows[org], parties.get(org, {}), booked.get(org, ()), banked.get(org, ()), window)
        cases += [_case(spec, org, row) for row in not_found(mine, told)]
    return Outcome(tuple(cases), looked, reasons)


def _received(frames: Frames, ledger: str) -> list[Row]:
    """Receipts of money in the audited year; one without a date counts, for it says no other year."""
    year = frames.settings.fiscal_year
    rows = frames.rows(ledger).with_columns(nil(ymd("received_on")).alias("day"))
    rows = rows.filter(holds(nw.col("amount_received") > 0) & ~nw.col("contract_no").is_null())
    rows = rows.filter((nw.col("voucher_no__status") != "absent") & (nw.col("received_on__status") != "failed"))
    rows = rows.filter((nw.col("day") == 0) | ((nw.col("day") >= year * 10_000) & (nw.col("day") < (year + 1) * 10_000)))
    chosen = ("row_id", "org_code", "contract_no", "day", "amount_received", "voucher_no", "due_on")
    return frames.records(rows.select(*chosen))


def _booked(frames: Frames, journal: str, orgs: Sequence[str]) -> dict[str, list[Inflow]]:
    """Vouchers that bring money in, by organisation."""
    rows = lines(frames, journal).filter(nw.col("org_code").is_in(list(orgs)))
    chosen = ("row_id", "org_code", "voucher_no", "day", "cash_out", "bank_out", "payee", "summary", "detail")
    by_voucher: dict[tuple[str, str, int], list[Row]] = defaultdict(list)
    for row in frames.records(rows.select(*chosen)):
        by_voucher[row["org_code"], row["voucher_no"], row["day"]].append(row)
    found: dict[str, list[Inflow]] = defaultdict(list)
    for (org, voucher, day), mine in by_voucher.items():
        came = -sum(r["cash_out"] + r["bank_out"] for r in mine)
        if came > 0:
            said = " ".join(t for r in mine for t in (r["summary"], r["detail"]) if t)
            found[org].append(Inflow(day, came, next((r["payee"] for r in mine if r["payee"]), ""), voucher, said))
    return found


def _banked(frames: Frames, statements: str, orgs: Sequence[str]) -> dict[str, list[Inflow]]:
    if not frames.has(statements):
        return {}
    rows = frames.rows(statements).filter(nw.col("org_code").is_in(list(orgs)) & holds(nw.col("paid_in") > 0))
    rows = rows.with_columns(nil(ymd("date")).alias("day"), bare("counterparty").alias("payer"))
    found: dict[str, list[Inflow]] = defaultdict(list)
    for row in frames.records(rows.select("row_id", "org_code", "day", "paid_in", "payer", "memo")):
        found[row["org_code"]].append(Inflow(row["day"], row["paid_in"], row["payer"] or "", "", row["memo"] or ""))
    return found


def _parties(frames: Frames, contracts: str, orgs: Sequence[str]) -> dict[str, dict[str, str]]:
    if not frames.has(contracts):
        return {}
    rows = frames.plain(contracts).filter(nw.col("org_code").is_in(list(orgs)) & ~nw.col("contract_no").is_null())
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in frames.records(rows.select("row_id", "org_code", "contract_no", "party_b")):
        found[row["org_code"]][row["contract_no"]] = plain_name(row["party_b"])
    return found


# --- is it there? -----------------------------------------------------------------------------------------------------


def not_found(asked: Sequence[Row], told: Told) -> list[Row]:
    """Those of the receipts for which neither the books nor the bank have the money."""
    spare: dict[frozenset[str], int] = {}
    missing = []
    for row in sorted(asked, key=lambda r: (r["day"], r["row_id"])):
        contracts = frozenset(told.contracts_of(row["contract_no"]))
        left = spare.setdefault(contracts, _spare(contracts, told))
        if left >= row["amount_received"]:
            spare[contracts] = left - row["amount_received"]
        elif not _came_unnamed(row, told) and not _in_bank(row, told):
            missing.append(row)
    return missing


def _spare(contracts: frozenset[str], told: Told) -> int:
    """What the books have from the party of these contracts beyond the receipts that name their voucher."""
    party = next((told.parties[c] for c in sorted(contracts) if told.parties.get(c)), "")
    others = [c for c in told.parties if c not in contracts]
    mine = [v for v in told.booked if any(c in v.said for c in contracts)]
    mine += [v for v in told.booked if v not in mine and _from(party, v) and not any(c in v.said for c in others)]
    named = [r for r in told.receipts if r["contract_no"] in contracts and r["voucher_no"] is not None]
    return sum(v.amount for v in mine) - sum(r["amount_received"] for r in named)


def _from(party: str, inflow: Inflow) -> bool:
    return bool(party) and (plain_name(inflow.payer) == party or party in "".join(inflow.said.split()))


def _came_unnamed(row: Row, told: Told) -> bool:
    """A voucher of the amount, near the day, that names no payer and that no receipt claims."""
    claimed = {r["voucher_no"] for r in told.receipts if r["voucher_no"] is not None and _near(r["day"], row["day"], 31)}
    return any(
        v.amount == row["amount_received"] and not v.payer and v.number not in claimed and _near(v.day, row["day"], told.window)
        for v in told.booked
    )


def _in_bank(row: Row, told: Told) -> bool:
    """A bank line of the amount, near the day, from the party (or from nobody named), beyond those that the books explain."""
    party = told.parties.get(row["contract_no"], "")

    def alike(inflow: Inflow) -> bool:
        payer = not inflow.payer or not party or plain_name(inflow.payer) == party
        return inflow.amount == row["amount_received"] and payer and _near(inflow.day, row["day"], told.window)

    return sum(map(alike, told.banked)) > sum(map(alike, told.booked))


def _near(one: int, other: int, days: int) -> bool:
    return not one or not other or abs((date_of(one) - date_of(other)).days) <= days


def _case(spec: CheckSpec, org: str, row: Row) -> Case:
    ledger = spec.ledgers[0]
    day = day_text(row["day"] or None)
    due = row["due_on"].isoformat() if row["due_on"] else ""
    return Case(
        spec.rule, org, ledger, (row["contract_no"], due or day), (row["contract_no"],),
        evidence(ledger, [row], ("amount_received", "voucher_no", "received_on")), "amount_received",
        money(row["amount_received"]), "", "", day,
    )  # fmt: skip
