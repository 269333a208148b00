"""Cash that came in and was spent before it reached the bank.

What was drawn from the bank, or lay in the box when the year began, is there to be spent; income in cash is not. When the
box holds less than the income that should have been banked, that income was spent: no payment need be matched with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import nil, starts_with_any, total
from ..words.records import Case
from .across import Row, evidence
from .frames import Frames
from .openings import openings_by_org, with_openings
from .outcome import Outcome
from .payments import accounts, by_org, date_of, lines, money, taken_back, vouchers
from .shown import day as day_text
from .shown import plain


@dataclass(slots=True)
class Held:
    """Cash income that is not yet in the bank."""

    voucher: Row
    left: int  # fen


@dataclass(frozen=True, slots=True)
class Breach:
    """The end of a day on which income was gone."""

    day: int
    balance: int
    incomes: tuple[Row, ...]
    overdue: int


def receipts_spent(frames: Frames, spec: CheckSpec) -> Outcome:
    """The box holds less than the cash income that is overdue at the bank, or that came in and was paid out on one day.

    One case for each stretch of such days. Ledgers: journal, trial balance. Arguments: days, income (account prefixes).
    """
    a, (journal, balances) = spec.arguments, spec.ledgers
    cash = accounts(frames, "cash")
    looked, reasons = with_openings(frames, a["needs"], balances, cash)
    rows = lines(frames, journal)
    income = nw.when(starts_with_any("account_code", a["income"])).then(nil(nw.col("credit"))).otherwise(nw.lit(0))
    sums = vouchers(rows, total(income).alias("income"), nw.col("row_id").min())
    gone = taken_back(frames, journal)
    chosen = ("row_id", "org_code", "voucher_no", "day", "cash_out", "bank_out", "income")
    moves = frames.records(sums.filter((nw.col("cash_out") != 0) & (nw.col("day") > 0)).select(*chosen), ["day", "row_id"])
    opening = openings_by_org(frames, balances, journal, cash)
    closing = int(f"{min(frames.settings.year_end, frames.settings.as_of):%Y%m%d}")
    cases = []
    for org, mine in sorted(by_org(m for m in moves if (m["org_code"], m["voucher_no"], m["day"]) not in gone).items()):
        if org in looked and org in opening:
            cases += [_case(spec, org, breach) for breach in spent(mine, opening[org], a["days"], closing)]
    return Outcome(tuple(cases), looked, reasons)


def spent(moves: Sequence[Row], opening: int, days: int, closing: int) -> Iterator[Breach]:
    """The first day of each stretch on which income was gone; `moves` are vouchers of cash in the order of days.

    `closing` (yyyymmdd) is the last day audited, of the year or of the part of it that has passed: income can fall due after the
    last movement.
    """
    balance, held, within = opening, list[Held](), False
    for day in dict.fromkeys([*(m["day"] for m in moves), max(closing, *(m["day"] for m in moves))]):
        today = [m for m in moves if m["day"] == day]
        balance -= sum(m["cash_out"] for m in today)
        _bank(held, today)
        paid = any(m["cash_out"] > 0 and m["bank_out"] >= 0 for m in today)
        due = [h for h in held if (date_of(day) - date_of(h.voucher["day"])).days > days or (paid and h.voucher["day"] == day)]
        overdue = sum(h.left for h in due)
        breach = 0 <= balance < overdue
        if breach and not within:
            yield Breach(day, balance, tuple(h.voucher for h in due), overdue)
        within = breach


def _bank(held: list[Held], today: Iterable[Row]) -> None:
    """Adds the income of a day and takes out, oldest first, what went to the bank."""
    for move in today:
        if move["income"] > 0 and move["cash_out"] < 0:
            held.append(Held(move, min(move["income"], -move["cash_out"])))
    banked = sum(min(m["cash_out"], -m["bank_out"]) for m in today if m["cash_out"] > 0 and m["bank_out"] < 0)
    while held and banked > 0:
        part = min(banked, held[0].left)
        held[0].left -= part
        banked -= part
        if not held[0].left:
            held.pop(0)


def _case(spec: CheckSpec, org: str, breach: Breach) -> Case:
    ledger, numbers = spec.ledgers[0], tuple(dict.fromkeys(v["voucher_no"] for v in breach.incomes))
    first = breach.incomes[0]
    return Case(
        spec.rule, org, ledger, (first["voucher_no"], day_text(first["day"])), numbers,
        evidence(ledger, breach.incomes, ("debit", "date", "summary")), "debit", money(breach.overdue - breach.balance),
        plain(breach.overdue, 2), plain(breach.balance, 2), day_text(breach.day),
    )  # fmt: skip
