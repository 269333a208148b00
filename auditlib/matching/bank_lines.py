"""One bank account with its lines in the books and at the bank, and how they met."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .why_not import WhyNot

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """The dates that decide about an open item."""

    start: dt.date
    end: dt.date
    days: int  # between the book and the bank
    open_for: int  # days after which an item at year end is a finding

    def is_open(self, day: dt.date) -> bool:
        """Old enough at the year end, and late enough in the year for its counterpart to be in these books."""
        return self.start + dt.timedelta(days=self.days) <= day <= self.end and (self.end - day).days > self.open_for


@dataclass(frozen=True, slots=True)
class Account:
    """One bank account of one organisation with both sides; lines by row_id."""

    org_code: str
    account_no: str
    book: Mapping[int, Row]
    bank: Mapping[int, Row]


@dataclass(slots=True)
class Paired:
    """How the lines of an account met."""

    pairs: list[tuple[tuple[int, ...], tuple[int, ...], str]] = field(default_factory=list)
    book_only: list[int] = field(default_factory=list)
    bank_only: list[int] = field(default_factory=list)
    reasons: dict[tuple[str, int], WhyNot] = field(default_factory=dict)  # ('left' for the book | 'right', line)
    notes: dict[tuple[str, int], str] = field(default_factory=dict)  # ('book' | 'bank', line): what a person said of it


def book_name(row: Row) -> str:
    """A line of the books as people look it up: voucher, day and amount, money that goes out with a minus."""
    return f"{row['voucher_no'] or ''} {row['date'].isoformat()} {_yuan(row['flow'])}".strip()


def bank_name(row: Row) -> str:
    """A line of the statement: account, day, amount and row of the sheet."""
    return f"{row['account_no']} {row['date'].isoformat()} {_yuan(row['flow'])} #{row['sheet_row']}"


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
