"""本年累计 of books that give every month a sheet or a file of its own: it counts the months before, which stand elsewhere.

It is held against the months before where these can be told exactly: every one of them since January stands once, or the month
right before says its own 本年累计. Where neither is so the row is named as not checked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog.specs import LedgerSpec
from .layout import Block
from .sheet_notes import Note
from .values import AMBIGUOUS, FAILED

if TYPE_CHECKING:
    from .values import Typed


@dataclass(frozen=True, slots=True)
class Running:
    """A cell of a row that says the year up to now; amounts in fen."""

    row: int  # 0-based
    label: str
    field: str
    stated: int
    added: int  # of the rows of this sheet above it


@dataclass(frozen=True, slots=True)
class MonthOfBook:
    """A table whose days all lie in one month."""

    year: int
    month: int
    account: str  # where it is the book of one account
    sums: Mapping[str, int]  # field -> fen
    running: tuple[Running, ...]
    is_read: bool  # every amount and every day


@dataclass(frozen=True, slots=True)
class PlacedMonth:
    """A month of a book with where it stands."""

    source_id: int
    file: str
    ledger: str
    org_code: str
    book: MonthOfBook


@dataclass(frozen=True, slots=True)
class Held:
    """A running total with what the months make it."""

    month: PlacedMonth
    running: Running
    computed: int


def month_of_book(
    block: Block, spec: LedgerSpec, typed: Mapping[str, Typed], stated: Mapping[int, Mapping[str, int]], words: Mapping[str, Any]
) -> MonthOfBook | None:
    """The month that a journal or statement covers, None where it covers several or tells no days.

    `stated`: what each total row says, by field; `words`: those of the catalog.
    """
    import numpy as np
    import pyarrow.compute as pc

    kind = words["openings"]["ledgers"].get(spec.name)
    if kind is None or kind["date"] not in typed or not block.data:
        return None
    days = typed[kind["date"]].values
    ends = pc.min_max(days).as_py()
    first, last = ends["min"], ends["max"]
    if first is None or (first.year, first.month) != (last.year, last.month):
        return None
    amounts = {n: typed[n] for n in (kind["debit"], kind["credit"]) if n in typed}
    upto = {n: np.concatenate(([0], np.cumsum(pc.fill_null(t.values, 0).to_numpy(zero_copy_only=False)))) for n, t in amounts.items()}
    data, is_yearly = np.array(block.data), re.compile(words["layout"]["year_to_date"])
    running = tuple(
        Running(row, label, n, stated[row][n], int(upto[n][np.searchsorted(data, row)]))
        for row, label in block.totals if is_yearly.match(label) for n in amounts if n in stated.get(row, {})
    )  # fmt: skip
    unread = any(np.isin(t.status.to_numpy(zero_copy_only=False), (FAILED, AMBIGUOUS)).any() for t in amounts.values())
    accounts = typed[kind["account"]].values.unique().to_pylist() if kind["account"] in typed else []
    account = accounts[0] or "" if len(accounts) == 1 else ""
    return MonthOfBook(first.year, first.month, account, {n: int(u[-1]) for n, u in upto.items()}, running, not (unread or days.null_count))


def held_against_months(months: Sequence[PlacedMonth]) -> tuple[tuple[Held, ...], dict[int, list[Note]]]:
    """The running totals of months after January with what they should say, and notes by source on those that cannot be told."""
    held: list[Held] = []
    notes: dict[int, list[Note]] = defaultdict(list)
    for book in _books(months):
        by_month: dict[int, list[PlacedMonth]] = defaultdict(list)
        for one in book:
            by_month[one.book.month].append(one)
        for one in book:
            for running in _first_of_each(one.book) if one.book.month > 1 else ():
                bases = _bases(one.book.month, running.field, by_month)
                if not bases:
                    notes[one.source_id].append(("note.running_unchecked", {"row": running.row + 1, "label": running.label}))
                    continue
                possible = [base + running.added for base in bases]
                held.append(Held(one, running, running.stated if running.stated in possible else possible[0]))
    return tuple(held), {source: list({tuple(n[1].items()): n for n in told}.values()) for source, told in notes.items()}


def _books(months: Sequence[PlacedMonth]) -> Iterator[list[PlacedMonth]]:
    """Months of one book: those of one file where it holds several of them, else those of all files of the organisation."""
    in_file: dict[tuple[Any, ...], list[PlacedMonth]] = defaultdict(list)
    for one in months:
        in_file[one.org_code, one.ledger, one.book.account, one.book.year, one.file].append(one)
    alone: dict[tuple[Any, ...], list[PlacedMonth]] = defaultdict(list)
    for key, book in in_file.items():
        if len({one.book.month for one in book}) > 1:
            yield book
        else:
            alone[key[:-1]].extend(book)
    yield from alone.values()


def _first_of_each(book: MonthOfBook) -> Iterator[Running]:
    """The first running total of each column; what stands below it is added up from it on its own sheet."""
    met: set[str] = set()
    for running in book.running:
        if running.field not in met:
            met.add(running.field)
            yield running


def _bases(month: int, field: str, by_month: Mapping[int, Sequence[PlacedMonth]]) -> list[int]:
    """What the months before add up to, and what the one right before says; neither where a month stands twice."""
    if len(by_month[month]) > 1:
        return []
    before = [by_month.get(m, ()) for m in range(1, month)]
    found = []
    if all(len(m) == 1 and m[0].book.is_read for m in before):
        found.append(sum(m[0].book.sums.get(field, 0) for m in before))
    if len(before[-1]) == 1:
        book = before[-1][0].book
        said = [r for r in book.running if r.field == field]
        if said and book.is_read:
            found.append(said[-1].stated + book.sums.get(field, 0) - said[-1].added)
    return found
