"""银行存款余额调节表: per account and month, balance of the bank and of the books, made equal by what only one of them has.

Bank balance + receipts that only the books have - payments that only the books have = book balance + receipts that only the
bank has - payments that only the bank has. An item is open from its own day to the day on which the other side has it, so it
is carried forward from month to month by itself; a reversed voucher is open until its reversal. What the two balances
differed by when the year began cannot be broken down into items from the ledgers of one year and is shown as brought forward.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from itertools import accumulate
from operator import itemgetter

import narwhals as nw

from ..checks.frames import Frames
from ..checks.shown import yuan
from ..kernels.terms import nil, starts_with_any
from ..words.records import BankReconciliation, OpenItem
from .bank_lines import Account, Paired, Row, bank_name, book_name


def book_openings(frames: Frames, balances: str, accounts: Sequence[str]) -> dict[str, dict[str, int]]:
    """Organisation -> account code -> opening debit balance of the year in fen; lines above others are left out.

    `balances` is the ledger of balances, '' for none.
    """
    if not balances or not frames.has(balances):
        return {}
    rows = frames.rows(balances).filter((nw.col("book_year") == frames.settings.fiscal_year) & starts_with_any("account_code", accounts))
    opening = (nil(nw.col("opening_debit")) - nil(nw.col("opening_credit"))).alias("net")
    found: dict[str, dict[str, int]] = defaultdict(dict)
    above: dict[str, set[str]] = defaultdict(set)
    for row in frames.records(rows.select("row_id", "org_code", "account_code", "account_parent", opening)):
        found[row["org_code"] or ""][row["account_code"]] = row["net"]
        above[row["org_code"] or ""].add(row["account_parent"])
    return {org: {code: net for code, net in codes.items() if code not in above[org]} for org, codes in found.items()}


def opening_of(account: Account, books: Sequence[Row], openings: Mapping[str, int] | None, *, only: bool) -> int | None:
    """The opening of one account in the books: all of them where it is the only account, else that of the codes posted to it alone.

    None where the balances do not tell.
    """
    if openings is None:
        return None
    if only:
        return sum(openings.values())
    mine = {r["account_code"] for r in account.book.values()}
    others = {r["account_code"] for r in books if r["row_id"] not in account.book}
    if not mine or mine & others or not mine <= openings.keys():
        return None
    return sum(openings[code] for code in mine)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with the day on which the other side had it."""

    side: str  # 'book' | 'bank'
    row_id: int
    row: Row
    cleared_on: dt.date | None


def monthly(account: Account, paired: Paired, opening: int | None, start: dt.date, end: dt.date) -> list[BankReconciliation]:
    """One statement for the end of each month of the year from `start` to `end` up to the last month in which a line stands."""
    days = [row["date"] for rows in (account.book, account.bank) for row in rows.values() if start <= row["date"] <= end]
    if not days:
        return []
    balance = bank_balances(list(account.bank.values()))
    first = balance(start - dt.timedelta(days=1))
    forward = None if first is None or opening is None else first - opening
    ends = _month_ends(start, max(days))
    open_at, posted = _open_lines(account, paired, start, ends), _posted(account, start, ends)
    return [
        _at(account, paired, still, day, None if opening is None else opening + moved, balance(day), forward)
        for day, still, moved in zip(ends, open_at, posted, strict=True)
    ]


def _open_lines(account: Account, paired: Paired, start: dt.date, ends: Sequence[dt.date]) -> list[list[_Line]]:
    """For each month end the lines from `start` on that the other side does not have yet."""
    found: list[list[_Line]] = [[] for _ in ends]
    month = cache(partial(bisect_left, ends))  # of a day; few days, many lines
    for side, rows, cleared in zip(("book", "bank"), (account.book, account.bank), _cleared(account, paired), strict=True):
        for i, row in rows.items():
            on, first = cleared.get(i), month(row["date"])
            last = len(ends) if on is None else month(on)
            if first < last and row["date"] >= start:  # most lines meet within their month
                line = _Line(side, i, row, on)
                for at in range(first, last):
                    found[at].append(line)
    return found


def _posted(account: Account, start: dt.date, ends: Sequence[dt.date]) -> Iterator[int]:
    """What the books have moved from `start` to each month end, in fen."""
    moved = [0] * (len(ends) + 1)  # the last for lines after the last month end
    for row in account.book.values():
        if row["date"] >= start:
            moved[bisect_left(ends, row["date"])] += row["flow"]
    return accumulate(moved[:-1])


def _month_ends(start: dt.date, last: dt.date) -> list[dt.date]:
    ends, day = [], start
    while day <= last:
        following = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        ends.append(following - dt.timedelta(days=1))
        day = following
    return ends


def _cleared(account: Account, paired: Paired) -> tuple[dict[int, dt.date], dict[int, dt.date]]:
    """For the lines of the books and of the bank that met the day on which the other side had them."""
    book, bank = dict[int, dt.date](), dict[int, dt.date]()
    for left, right, _ in paired.pairs:
        ours = account.book[left[0]]["date"] if len(left) == 1 else max(account.book[i]["date"] for i in left)
        theirs = max(account.bank[j]["date"] for j in right) if right else ours  # a reversed entry: the day of the red one
        book.update(dict.fromkeys(left, theirs))
        bank.update(dict.fromkeys(right, ours))
    return book, bank


def bank_balances(rows: Sequence[Row]) -> Callable[[dt.date], int | None]:
    """A function from a day to the balance of the statement at its end, None where it cannot be told.

    Statements run forwards or backwards; the order in which more balances follow from the line before is taken.
    """
    ordered = sorted(rows, key=itemgetter("date", "sheet_row", "row_id"))
    if breaks := _breaks(ordered):
        backwards = ordered[::-1]
        backwards.sort(key=itemgetter("date"))  # within a day the last line stays first
        ordered = backwards if _breaks(backwards) < breaks else ordered
    days = [r["date"] for r in ordered]

    def at(day: dt.date) -> int | None:
        before = bisect_right(days, day)
        if before:
            return ordered[before - 1]["balance"]
        return None if not ordered or ordered[0]["balance"] is None else ordered[0]["balance"] - ordered[0]["flow"]

    return at


def _breaks(rows: Sequence[Row]) -> int:
    """How many balances do not follow from the one before."""
    balances = [r["balance"] for r in rows]
    flows = [r["flow"] for r in rows]
    return sum(
        None in (a, b) or a + flow != b for a, b, flow in zip(balances, balances[1:], flows[1:], strict=False)
    )


def _at(
    account: Account, paired: Paired, still: Sequence[_Line], day: dt.date, book: int | None, bank: int | None, forward: int | None
) -> BankReconciliation:
    def total(side: str, sign: int) -> Decimal:
        return yuan(sum(abs(x.row["flow"]) for x in still if x.side == side and x.row["flow"] * sign > 0)) or Decimal("0.00")

    return BankReconciliation(
        account.org_code, account.account_no, day, yuan(bank), yuan(book), total("book", 1), total("book", -1), total("bank", 1),
        total("bank", -1), yuan(forward),
        tuple(_item(account, paired, x, day) for x in sorted(still, key=lambda x: (x.side == "bank", x.row["date"], x.row_id))),
    )  # fmt: skip


def _item(account: Account, paired: Paired, line: _Line, day: dt.date) -> OpenItem:
    row, is_book = line.row, line.side == "book"
    why = paired.reasons.get(("left" if is_book else "right", line.row_id)) if line.cleared_on is None else None
    other = (account.bank if is_book else account.book).get(why.nearest) if why and why.nearest is not None else None
    name = book_name(row) if is_book else bank_name(row)
    nearest = "" if other is None else bank_name(other) if is_book else book_name(other)
    text = row["counterparty"] or (row["summary"] if is_book else row["memo"]) or ""
    amount = yuan(row["flow"]) or Decimal("0.00")
    stopped = (why.stopped_by, nearest, why.off) if why else ("", "", 0)
    note = paired.notes.get((line.side, line.row_id), "")
    return OpenItem(line.side, row["date"], name, text, amount, (day - row["date"]).days, line.cleared_on, *stopped, note)
