"""What people decided about lines of the books and of the bank: `<workspace>/mappings/bank/*.yaml`, followed at every run.

One file holds `bank:`, a list of {org, book: [lines], bank: [lines], answer, by, on, why}. `answer` is one of

same        these lines are one movement: a pair, or one line that others make up (a split)
different   none of these lines of the books is one of these of the bank
note        a word on a line that stays open, shown with it

A line is named as the run shows it: voucher, day and amount in the books (记-0012 2025-03-04 -500.00); account, day, amount and row
of the sheet at the bank (9407 2025-03-05 -500.00 #17). The row only tells lines of one account, day and amount apart, so that a
statement that is read anew, with other rows, still finds its decisions. Of several decisions about one line the last stands.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ..words.errors import WorkspaceError
from ..words.messages import LANGUAGES, say
from .bank_lines import Account, Row, bank_name, book_name
from .decision_files import add_entry, entries_of

PLACE, FILE, KEY = "bank", "bank.yaml", "bank"
SAME, DIFFERENT, NOTE = "same", "different", "note"
ANSWERS = (SAME, DIFFERENT, NOTE)
_ENTRY = ("org", "book", "bank", "answer", "by", "on", "why")
_SHAPE = "{org, book: [line], bank: [line], answer: same|different|note, by, on, why}"
_ROW = re.compile(r" #(\d+)$")


@dataclass(frozen=True, slots=True)
class BankDecision:
    """One decision; lines as the run names them."""

    org_code: str
    book: tuple[str, ...]
    bank: tuple[str, ...]
    answer: str  # SAME | DIFFERENT | NOTE
    by: str
    on: str
    why: str

    @property
    def told(self) -> str:
        """What was said, by whom and when."""
        return f"{self.why}（{self.by}，{self.on}）"


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions on one account, on its lines by row_id."""

    same: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()
    different: frozenset[tuple[int, int]] = frozenset()  # (line of the books, line of the bank)
    notes: Mapping[tuple[str, int], BankDecision] = field(default_factory=dict)  # ('book' | 'bank', line)


@dataclass(frozen=True, slots=True)
class Placed:
    """The accounts of an organisation with what was decided on them, and the decisions whose lines are not there."""

    accounts: tuple[Account, ...]
    decided: Mapping[str, Decided]  # account number
    gone: tuple[BankDecision, ...] = ()


def amount_of(line: str) -> Decimal | None:
    """The amount that the name of a line says, in 元; None for what is no name of a line."""
    try:
        return Decimal(_ROW.sub("", line.strip()).rsplit(" ", 1)[-1])
    except InvalidOperation:
        return None


def account_of(line: str) -> str:
    """The bank account that the name of a line of a statement says."""
    return line.strip().split(" ", 1)[0]


# ---- the file -----------------------------------------------------------------------------------------------


def read_bank_decisions(workspace: Path) -> tuple[BankDecision, ...]:
    """Every decision of the workspace in the order written. Raises WorkspaceError naming file and entry."""
    found = []
    for where, entry in entries_of(workspace, PLACE, KEY, _ENTRY, _SHAPE):
        sides = [entry.get("book") or [], entry.get("bank") or []]
        whole = all(isinstance(side, list) for side in sides) and all(entry.get(k) not in (None, "") for k in ("org", "by", "on"))
        told = _lacking(sides[0], sides[1], str(entry.get("answer")), str(entry.get("why") or "")) if whole else "matching.entry"
        if told:
            lines = (say("matching.entry", lang, where=where, value=entry, shape=_SHAPE) for lang in LANGUAGES)
            raise WorkspaceError("\n".join(lines))
        names = [tuple(str(x).strip() for x in side) for side in sides]
        said = (str(entry[k]) for k in ("answer", "by", "on", "why"))
        found.append(BankDecision(str(entry["org"]), *names, *said))
    return tuple(found)


def decide(workspace: Path, decision: BankDecision) -> Path:
    """Adds one decision and gives the file.

    Raises WorkspaceError, in both languages, for a decision that cannot hold: a side without lines, two sums that differ, lines of
    two bank accounts, no person, no reason.
    """
    told = "names.who" if not decision.by.strip() else _lacking(decision.book, decision.bank, decision.answer, decision.why)
    accounts = sorted({account_of(line) for line in decision.bank})
    if not told and decision.answer != NOTE and len(accounts) > 1:
        lines = (say("bank.two_accounts", lang, accounts=("、" if lang == "zh" else ", ").join(accounts)) for lang in LANGUAGES)
        raise WorkspaceError("\n".join(lines))
    if told:
        sums = [sum((amount_of(x) or Decimal(0) for x in side), Decimal(0)) for side in (decision.book, decision.bank)]
        raise WorkspaceError("\n".join(say(told, lang, left=f"{sums[0]:,.2f}", right=f"{sums[1]:,.2f}") for lang in LANGUAGES))
    entry = {
        "org": decision.org_code, "book": list(decision.book), "bank": list(decision.bank), "answer": decision.answer,
        "by": decision.by, "on": dt.date.fromisoformat(decision.on), "why": decision.why,
    }  # fmt: skip
    return add_entry(workspace, PLACE, FILE, KEY, entry, _ENTRY, _SHAPE)


def _lacking(book: Sequence[str], bank: Sequence[str], answer: str, why: str) -> str:
    """The message that says why a decision cannot hold, '' where it can."""
    amounts = [[amount_of(str(line)) for line in side] for side in (book, bank)]
    if answer not in ANSWERS or any(None in side for side in amounts):
        return "bank.no_line"
    if not why.strip():
        return "bank.why_needed"
    if answer == NOTE:
        return "" if book or bank else "bank.no_line"
    if not book or not bank:
        return "bank.two_sides"
    return "bank.sums_differ" if answer == SAME and sum(amounts[0]) != sum(amounts[1]) else ""  # type: ignore[arg-type]


# ---- a run --------------------------------------------------------------------------------------------------


class _Lines:
    """The lines of one organisation by name; a line is given once."""

    def __init__(self, books: Sequence[Row], accounts: Sequence[Account]) -> None:
        self._book: dict[str, list[int]] = defaultdict(list)
        self._bank: dict[str, list[tuple[int, int]]] = defaultdict(list)  # (row of the sheet, line)
        for row in sorted(books, key=lambda r: r["row_id"]):
            self._book[book_name(row)].append(row["row_id"])
        self.account_of: dict[int, str] = {}
        for account in accounts:
            for line, row in sorted(account.bank.items()):
                self._bank[_ROW.sub("", bank_name(row))].append((row["sheet_row"], line))
                self.account_of[line] = account.account_no

    def find(self, decision: BankDecision, taken: set[tuple[str, int]]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """The lines of a decision that are not taken, None where one of them is not there."""
        book, bank = list[int](), list[int]()
        for name in decision.book:
            free = [i for i in self._book.get(name, ()) if ("book", i) not in taken and i not in book]
            if not free:
                return None
            book.append(free[0])
        for name in decision.bank:
            there = [(at, i) for at, i in self._bank.get(_ROW.sub("", name), ()) if ("bank", i) not in taken and i not in bank]
            if not there:
                return None
            said = _ROW.search(name)
            bank.append(next((i for at, i in there if said and at == int(said[1])), there[0][1]))
        return tuple(book), tuple(bank)


def placed(accounts: Sequence[Account], books: Sequence[Row], decisions: Iterable[BankDecision]) -> Placed:
    """What was decided about the lines of one organisation, the last word first; `books` are all its lines of the books.

    A line of the books that was told to be one of the bank belongs to that account, whatever its account code says.
    """
    asked = list(decisions)
    if not asked:
        return Placed(tuple(accounts), {})
    lines, taken, gone = _Lines(books, accounts), set[tuple[str, int]](), list[BankDecision]()
    same: dict[str, list[tuple[tuple[int, ...], tuple[int, ...]]]] = defaultdict(list)
    different: dict[str, set[tuple[int, int]]] = defaultdict(set)
    notes: dict[tuple[str, int], BankDecision] = {}
    for decision in reversed(asked):
        found = lines.find(decision, taken if decision.answer == SAME else set())
        if found is None and lines.find(decision, set()) is not None:
            continue  # the lines are there: a later decision speaks of them
        if found is None:
            gone.append(decision)
        elif decision.answer == NOTE:
            notes = {**{("book", i): decision for i in found[0]}, **{("bank", j): decision for j in found[1]}, **notes}
        elif len({lines.account_of[j] for j in found[1]}) > 1:
            gone.append(decision)
        elif decision.answer == SAME and not _contradicted(found, different[lines.account_of[found[1][0]]]):
            same[lines.account_of[found[1][0]]].append(found)
            taken |= {*(("book", i) for i in found[0]), *(("bank", j) for j in found[1])}
        elif decision.answer == DIFFERENT:
            pairs = {(i, j) for i in found[0] for j in found[1]}
            settled = {(i, j) for mine in same.values() for lefts, rights in mine for i in lefts for j in rights}
            different[lines.account_of[found[1][0]]] |= pairs - settled
    moved = {i: number for number, mine in same.items() for lefts, _ in mine for i in lefts}
    by_id = {r["row_id"]: r for r in books}
    made = tuple(_with_lines(a, moved, by_id) for a in accounts)
    decided = {a.account_no: Decided(tuple(same[a.account_no]), frozenset(different[a.account_no]), notes) for a in made}
    return Placed(made, decided, tuple(reversed(gone)))


def _contradicted(found: tuple[tuple[int, ...], tuple[int, ...]], different: set[tuple[int, int]]) -> bool:
    """A later decision said that these are not one."""
    return any((i, j) in different for i in found[0] for j in found[1])


def _with_lines(account: Account, moved: Mapping[int, str], by_id: Mapping[int, Row]) -> Account:
    own = {i: r for i, r in account.book.items() if moved.get(i, account.account_no) == account.account_no}
    own |= {i: by_id[i] for i, number in moved.items() if number == account.account_no}
    return Account(account.org_code, account.account_no, own, account.bank)
