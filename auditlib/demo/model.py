"""What the county is made of while it is being made: vouchers, organisations with books, planted cases.

These values change until the county is written; what leaves the package is `DemoCounty`, which does not.
Money is in fen, areas are Decimal mu, a cell that is None is a blank cell.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .lexicon import Person

YEAR = 2025
AS_OF = dt.date(2026, 1, 31)
BANK, CASH = "10201", "101"
Row = dict[str, Any]


@dataclass(slots=True)
class Line:
    account: str
    debit: int = 0
    credit: int = 0
    detail: str = ""


@dataclass(eq=False, slots=True)
class Voucher:
    on: dt.date
    summary: str
    lines: list[Line]
    counterparty: str = ""
    payee_account: str = ""
    invoice_no: str = ""
    decision_no: str = ""
    handler: str = ""
    attachments: int = 2
    entered_on: dt.date | None = None
    closing: bool = False
    bank_on: dt.date | None = None  # None: on no statement of the year
    bank_group: str = ""  # vouchers of one group stand as one line on the statement
    number: str | int = ""  # given when the year is numbered
    rows: list[Row] = field(default_factory=list)

    def moved(self, account: str) -> int:
        """Debit less credit on `account` and its children, fen."""
        return sum(x.debit - x.credit for x in self.lines if x.account.startswith(account))


@dataclass(eq=False)
class Body:
    """An organisation that keeps books."""

    code: str
    name: str
    level: str  # village | group
    township: str
    village: str
    tag: str
    style: str  # key of layouts.STYLES
    index: int  # position among its kind, 0-based: decides which near-miss it carries
    seed: int
    head: Person
    accountant: Person
    cashier: Person
    reviewer: str
    account_no: str
    bank: str
    cadres: list[Person] = field(default_factory=list)
    opening: dict[str, int] = field(default_factory=dict)  # at the start of the year before, debit positive
    prior: list[Voucher] = field(default_factory=list)  # the year before, in a few sums
    vouchers: list[Voucher] = field(default_factory=list)
    ledgers: dict[str, list[Row]] = field(default_factory=dict)
    months_restart: bool = False
    totals_off: dict[tuple[str, str], int] = field(default_factory=dict)  # (ledger, field): error of a total cell
    serial: int = 0  # of invoices

    def rng(self, topic: str) -> random.Random:
        """A stream of its own for every topic, so that a change of one leaves the others as they were."""
        return random.Random(f"{self.seed}:{self.code}:{topic}")

    def rows(self, ledger: str) -> list[Row]:
        return self.ledgers.setdefault(ledger, [])

    def number(self, pattern: str, n: int, year: int = 0) -> str:
        """The organisation's own number of a record, in the manner of its township."""
        from .layouts import STYLES

        return STYLES[self.style].numbers[pattern].format(tag=self.tag, n=n, year=year, yy=year % 100)

    def invoice(self) -> str:
        self.serial += 1
        return self.number("invoice", self.serial)


@dataclass(eq=False)
class County:
    """The whole county before it is written."""

    name: str
    bodies: list[Body]
    organisations: list[Row]
    cadres: list[Row]
    seed: int

    def villages(self) -> list[Body]:
        return [b for b in self.bodies if b.level == "village"]

    def groups(self) -> list[Body]:
        return [b for b in self.bodies if b.level == "group"]


@dataclass(eq=False, slots=True)
class Implied:
    """A finding that follows from a planted case by necessity."""

    rule: str
    records: tuple[str | Voucher, ...]


@dataclass(eq=False, slots=True)
class Case:
    """One planted defect.

    `target` is where it stands: a row or what finds one, a voucher, or a total row as (org_code, ledger).
    """

    rule: str
    body: Body
    ledger: str
    records: tuple[str | Voucher, ...]
    target: Row | Voucher | tuple[str, str] | Callable[[], Row]
    note: str
    amount: int | None = None
    implied: tuple[Implied, ...] = ()
