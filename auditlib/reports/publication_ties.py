"""公开数 = 账面数: every sum that goes on the notice board, held against the books it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..words.messages import say
from ..words.records import Match
from .publication_books import GROUPS, Balance, Books, ChartWords, Movement

# reconciliations of the audit that tie a register on the sheet to the books
RECONCILED = ("claims__trial_balance", "fixed_assets__trial_balance")
_NOTHING = Movement()


@dataclass(frozen=True, slots=True)
class Tie:
    """One sum of the sheet beside its sum in the books, 元; None where that side is not known."""

    label: str
    against: str  # key: publication.against.<…>
    published: Decimal | None
    booked: Decimal | None
    told: Decimal | None = None  # the difference where only that is known

    @property
    def difference(self) -> Decimal | None:
        if self.published is None or self.booked is None:
            return self.told
        return self.published - self.booked

    @property
    def state(self) -> str:
        """equal | differs | unknown"""
        if self.difference is None:
            return "unknown"
        return "differs" if self.difference else "equal"


def ties_of(books: Books, words: ChartWords, matches: Iterable[Match], language: str) -> tuple[Tie, ...]:
    """All ties of one organisation: of the period, of the year, of money, of the registers."""
    if not books.has_journal:
        return (*_registers(matches, language),)
    accounts = sorted({*books.year, *(books.balances or {})})
    results = [account for name in GROUPS for account in accounts if words.group_of(account) == name]
    return (*_period(books, words, results, language), *_year(books, words, results, language), *_money(books, words, language),
            *_registers(matches, language))  # fmt: skip


def _own_side(words: ChartWords, account: str, moved: Movement) -> Decimal:
    return moved.credit if words.group_of(account) == "income" else moved.debit


def _period(books: Books, words: ChartWords, accounts: Sequence[str], language: str) -> list[Tie]:
    """What the sheet lists of an account, against what the engine adds up of it."""
    listed: dict[str, Decimal] = dict.fromkeys(accounts, Decimal(0))
    for entry in books.entries:
        listed[entry.account] = listed.get(entry.account, Decimal(0)) + entry.amount
    told = []
    for account, published in listed.items():
        moved = books.period.get(account, _NOTHING)
        booked = -moved.net if words.group_of(account) == "income" else moved.net
        if published or booked:
            told.append(Tie(words.name(account, language), "period", published, booked))
    return told


def _year(books: Books, words: ChartWords, accounts: Sequence[str], language: str) -> list[Tie]:
    """The journal of the whole year, from which the sheet was made, against the trial balance."""
    told = []
    for account in accounts:
        published = _own_side(words, account, books.year.get(account, _NOTHING))
        balance = (books.balances or {}).get(account)
        booked = None if books.balances is None else _own_side(words, account, balance.moved if balance else _NOTHING)
        label = say("publication.whole_year", language, name=words.name(account, language))
        if published or booked:
            told.append(Tie(label, "year", published, booked))
    return told


def _money(books: Books, words: ChartWords, language: str) -> list[Tie]:
    """Opening and all movements of cash and bank, against what the trial balance closes with."""
    told = []
    for account in words.money:
        balance = (books.balances or {}).get(account)
        moved = books.year.get(account, _NOTHING)
        if balance is None and not (moved.debit or moved.credit):
            continue
        closing = None if balance is None else balance.opening + moved.net
        label = say("publication.year_end", language, name=words.name(account, language))
        told.append(Tie(label, "closing", closing, None if balance is None else balance.closing))
    return told


def _registers(matches: Iterable[Match], language: str) -> list[Tie]:
    told = []
    for match in matches:
        if match.reconciliation in RECONCILED:
            label = say(f"publication.register.{match.reconciliation}", language, account=match.right or match.left)
            known = match.difference if match.difference is not None else Decimal(0) if match.state == "matched" else None
            told.append(Tie(label, "register", None, None, known))
    return told


def balance_at(balance: Balance | None, before: Movement | None) -> Decimal | None:
    """What an account stood at when the period began; None where no trial balance tells its opening."""
    return None if balance is None else balance.opening + (before or _NOTHING).net


def differing(ties: Iterable[Tie]) -> tuple[Tie, ...]:
    return tuple(tie for tie in ties if tie.state == "differs")


def totals(books: Books, words: ChartWords) -> Mapping[str, Decimal]:
    """Income, spending and tax of the period, as the sheet adds them up."""
    found = dict.fromkeys(GROUPS, Decimal(0))
    for entry in books.entries:
        found[words.group_of(entry.account)] += entry.amount
    return found
