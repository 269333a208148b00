"""银行存款余额调节表 in its usual form, and as CSV: one line an account and month, and one line an open item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from ..words.records import AuditRun, BankReconciliation, OpenItem
from .blocks import cut, heads
from .figures import grouped, yuan
from .markup import Safe, join, paragraph, table, tag
from .output import write_output
from .tables import csv_text, defused, plain
from .view import CountyView

_LISTED = 50
MONTH_COLUMNS = (
    "org_code", "account_no", "ends_on", "bank_balance", "book_in", "book_out", "adjusted_bank", "book_balance", "bank_in", "bank_out",
    "adjusted_book", "brought_forward", "difference", "open_items", "oldest_days",
)  # fmt: skip
ITEM_COLUMNS = (
    "org_code", "account_no", "ends_on", "side", "on", "name", "text", "amount", "days", "cleared_on", "stopped_by", "nearest", "off",
    "note",
)  # fmt: skip


def bank_statements(view: CountyView, statements: Sequence[BankReconciliation]) -> Safe:
    """For every account the statement of its last month with the open items, and all its months in one table."""
    parts: list[Safe] = []
    for account, group in groupby(statements, key=lambda s: s.account_no):
        months = list(group)
        title = tag("h3", view.t("bank.title", account=account))
        parts += [title, _form(view, months[-1]), _items(view, months[-1]), _months(view, months)]
    return join(parts)


def _amount(view: CountyView, amount: Decimal | None) -> str:
    return view.t("bank.not_known") if amount is None else yuan(amount)


def _form(view: CountyView, s: BankReconciliation) -> Safe:
    """The two columns of the form: balance of either side, plus, minus, what comes out."""
    lines = (
        ("bank.balance_bank", s.bank_balance, "bank.balance_book", s.book_balance),
        ("bank.plus_book_in", s.book_in, "bank.plus_bank_in", s.bank_in),
        ("bank.minus_book_out", s.book_out, "bank.minus_bank_out", s.bank_out),
        ("bank.adjusted", s.adjusted_bank, "bank.adjusted", s.adjusted_book),
    )
    rows = [[view.t(a), _amount(view, x), view.t(b), _amount(view, y)] for a, x, b, y in lines]
    columns = heads(view, ("item", "head"), ("amount_yuan", "num"), ("item", "head"), ("amount_yuan", "num"))
    return join((table(view.t("caption.bank", day=s.ends_on.isoformat()), columns, rows), paragraph(verdict_of(view, s))))


def verdict_of(view: CountyView, s: BankReconciliation) -> str:
    """Whether the adjusted balances agree, in words."""
    if s.difference is None:
        return view.t("bank.open")
    told = view.t("bank.agrees") if not s.difference else view.t("bank.differs", amount=yuan(s.difference))
    return told + (view.t("bank.forward", amount=yuan(s.brought_forward)) if s.brought_forward else "")


def _items(view: CountyView, s: BankReconciliation) -> Safe:
    if not s.items:
        return paragraph(view.t("bank.no_items"), "empty")
    rows = [
        [view.t(f"bank.side.{i.side}"), i.on.isoformat(), i.name, i.text, yuan(i.amount), grouped(i.days), _why(view, i)] for i in s.items
    ]
    kept, note = cut(view, rows, "bank_open_items.csv", _LISTED)
    columns = heads(
        view, ("side", "head"), ("day", ""), ("line", ""), ("text", "wide"), ("amount_yuan", "num"), ("days", "num"), ("why_not", "wide")
    )
    return join((table(view.t("caption.bank_items"), columns, kept, "dense"), note))


def _why(view: CountyView, item: OpenItem) -> str:
    """What stopped a match, or when the other side had it, and what a person said of it."""
    said = view.t("bank.note", note=item.note) if item.note else ""
    return view.t("list").join(part for part in (_stopped(view, item), said) if part)


def _stopped(view: CountyView, item: OpenItem) -> str:
    if item.cleared_on is not None:
        return view.t("bank.cleared", day=item.cleared_on.isoformat())
    if not item.stopped_by:
        return ""
    off = yuan(Decimal(abs(item.off)).scaleb(-2)) if item.stopped_by == "amount" else grouped(item.off)
    return view.t(f"bank.why.{item.stopped_by}", nearest=item.nearest, off=off)


def _months(view: CountyView, months: Sequence[BankReconciliation]) -> Safe:
    rows = []
    for s in months:
        oldest = max((i.days for i in s.items), default=0)
        amounts = (s.bank_balance, s.adjusted_bank, s.book_balance, s.adjusted_book, s.difference)
        rows.append([s.ends_on.isoformat()[:7], *(_amount(view, a) for a in amounts), grouped(len(s.items)), grouped(oldest)])
    names = ("bank_balance", "adjusted_bank", "book_balance", "adjusted_book", "unexplained", "open_items", "oldest_days")
    return table(view.t("caption.bank_months"), heads(view, ("month", "head"), *((n, "num") for n in names)), rows, "dense")


def write_bank_statements(run: AuditRun, out: Path) -> tuple[Path, Path]:
    """Writes bank_reconciliation.csv and bank_open_items.csv, account by account and month by month. Raises OutputError."""
    months = csv_text(MONTH_COLUMNS, (_month_row(s) for s in run.statements))
    items = csv_text(ITEM_COLUMNS, (row for s in run.statements for row in _item_rows(s)))
    return write_output(out, "bank_reconciliation.csv", months), write_output(out, "bank_open_items.csv", items)


def _month_row(s: BankReconciliation) -> list[str]:
    amounts = (
        s.bank_balance, s.book_in, s.book_out, s.adjusted_bank, s.book_balance, s.bank_in, s.bank_out, s.adjusted_book, s.brought_forward,
        s.difference,
    )  # fmt: skip
    oldest = max((i.days for i in s.items), default=0)
    return [defused(s.org_code), defused(s.account_no), s.ends_on.isoformat(), *map(plain, amounts), str(len(s.items)), str(oldest)]


def _item_rows(s: BankReconciliation) -> Iterable[list[str]]:
    for i in s.items:
        cleared = i.cleared_on.isoformat() if i.cleared_on else ""
        off = "" if not i.stopped_by else plain(Decimal(i.off).scaleb(-2)) if i.stopped_by == "amount" else str(i.off)
        account = (defused(s.org_code), defused(s.account_no), s.ends_on.isoformat())
        line = (i.side, i.on.isoformat(), defused(i.name), defused(i.text), plain(i.amount), str(i.days))
        yield [*account, *line, cleared, i.stopped_by, defused(i.nearest), off, defused(i.note)]
