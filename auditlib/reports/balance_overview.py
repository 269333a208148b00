"""Assets, liabilities and equity of one organisation from its trial balance, and the identities that must hold.

Lines and their accounts are data (expectations/books/balance.yaml). Amounts in 元, exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..checks.frames import Frames
from ..kernels.terms import UNREAD
from .book_data import balance_lines

_LEDGER = "trial_balance"
_ZERO = Decimal(0)
_COLUMNS = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line of a trial balance, of the audited year."""

    source_id: int
    row: int
    code: str
    name: str
    head: str  # account of the first level
    is_top: bool  # stands below no other line
    is_leaf: bool
    opening: Decimal | None  # debit less credit
    debit: Decimal | None
    credit: Decimal | None
    closing: Decimal | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the overview."""

    name: str
    zh: str
    en: str
    accounts: tuple[str, ...]  # those that stand in the trial balance
    opening: Decimal | None
    closing: Decimal | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Two amounts that must be the same; None where the books do not tell one."""

    name: str  # reports.balance.identity.<name>
    left: Decimal | None
    right: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.left is None or self.right is None else self.left - self.right


@dataclass(frozen=True, slots=True)
class Overview:
    """The balance overview of one organisation."""

    assets: tuple[Line, ...]
    liabilities: tuple[Line, ...]
    equity: tuple[Line, ...]
    income: tuple[Line, ...]  # `closing` is the amount of the year
    expense: tuple[Line, ...]
    identities: tuple[Identity, ...]
    unplaced: tuple[AccountLine, ...]  # accounts of the first level that stand on no line


def trial_balances(frames: Frames) -> Mapping[str, tuple[AccountLine, ...]]:
    """Organisation -> the lines of its trial balance of the audited year, as they stand in the file."""
    import narwhals as nw

    if not frames.has(_LEDGER):
        return {}
    status = [f"{c}__status" for c in _COLUMNS]
    columns = ("row_id", "source_id", "sheet_row", "org_code", "account_code", "account_name", "account_class", "account_parent", *_COLUMNS)
    rows = frames.rows(_LEDGER).filter((nw.col("book_year") == frames.settings.fiscal_year) & ~nw.col("account_code").is_null())
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in frames.records(rows.select(*columns, *status)):
        found[row["org_code"] or ""].append(row)
    return {org: _lines(group) for org, group in found.items()}


def _lines(rows: Sequence[Mapping[str, Any]]) -> tuple[AccountLine, ...]:
    parents = {row["account_parent"] for row in rows}
    return tuple(
        AccountLine(
            row["source_id"], row["sheet_row"], row["account_code"], row["account_name"] or "", row["account_class"] or "",
            row["account_parent"] is None, row["account_code"] not in parents,
            _net(row, "opening"), _posted(row, "debit"), _posted(row, "credit"), _net(row, "closing"),
        )
        for row in rows
    )  # fmt: skip


def _posted(row: Mapping[str, Any], side: str) -> Decimal | None:
    """What was posted on a side, nothing for a blank; None where the column was not there, or could not be read."""
    if row[side] is None and row[f"{side}__status"] in UNREAD:
        return None
    return Decimal(row[side] or 0).scaleb(-2)


def _net(row: Mapping[str, Any], when: str) -> Decimal | None:
    """Debit less credit; None where neither column was there, or one could not be read."""
    sides = (f"{when}_debit", f"{when}_credit")
    unread = [side for side in sides if row[side] is None and row[f"{side}__status"] in UNREAD]
    if len(unread) == len(sides) or any(row[f"{side}__status"] != "absent" for side in unread):
        return None
    return Decimal((row[sides[0]] or 0) - (row[sides[1]] or 0)).scaleb(-2)


def overview(lines: Sequence[AccountLine], version: str, registers: Mapping[tuple[str, str], Decimal | None]) -> Overview:
    """The overview under the chart `version`; `registers` are the totals of registers by (ledger, field)."""
    told = balance_lines(version)
    parts = {name: tuple(_line(lines, entry, sign) for entry in told[name]) for name, sign in _SIDES.items()}
    flows = {name: tuple(_flow(lines, entry, sign) for entry in told[name]) for name, sign in (("income", "credit"), ("expense", "debit"))}
    placed = {code for name in _SIDES for entry in told[name] for code in (*entry["net"], *entry.get("side_of", ()))}
    return Overview(
        **parts, **flows, identities=_identities(lines, told, parts, flows, registers),
        unplaced=tuple(a for a in lines if a.is_top and a.head not in placed),
    )  # fmt: skip


_SIDES = {"assets": 1, "liabilities": -1, "equity": -1}


def _line(lines: Sequence[AccountLine], entry: Mapping[str, Any], sign: int) -> Line:
    top = [a for a in lines if a.is_top and a.head in entry["net"]]
    sided = [a for a in lines if a.is_leaf and a.head in entry.get("side_of", ())]
    opening, closing = (
        _sum([_signed(getattr(a, when), sign) for a in top] + [_one_side(getattr(a, when), sign) for a in sided])
        for when in ("opening", "closing")
    )
    accounts = tuple(dict.fromkeys(a.code for a in (*top, *sided)))
    return Line(entry["line"], entry["zh"], entry["en"], accounts, opening, closing)


def _signed(amount: Decimal | None, sign: int) -> Decimal | None:
    return None if amount is None else sign * amount


def _one_side(amount: Decimal | None, sign: int) -> Decimal | None:
    """What stands on the side of the line; the other side stands on another line."""
    return None if amount is None else max(_ZERO, sign * amount)


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """The sum; None where one of them is not known."""
    known = [a for a in amounts if a is not None]
    return sum(known, _ZERO) if len(known) == len(amounts) else None


def _flow(lines: Sequence[AccountLine], entry: Mapping[str, Any], side: str) -> Line:
    """What an account of income or expense moved in the year on its own side; the other side is the closing entry."""
    top = [a for a in lines if a.is_top and a.head in entry["net"]]
    return Line(entry["line"], entry["zh"], entry["en"], tuple(a.code for a in top), None, _sum([getattr(a, side) for a in top]))


def total(lines: Sequence[Line], when: str) -> Decimal | None:
    """The sum of the lines at `when` (opening, closing); None where one is not known."""
    return _sum([getattr(line, when) for line in lines])


def _identities(
    lines: Sequence[AccountLine], told: Mapping[str, Any], parts: Mapping[str, Sequence[Line]], flows: Mapping[str, Sequence[Line]],
    registers: Mapping[tuple[str, str], Decimal | None],
) -> tuple[Identity, ...]:  # fmt: skip
    claims_on = (*parts["liabilities"], *parts["equity"])
    found = [Identity(f"assets_{when}", total(parts["assets"], when), total(claims_on, when)) for when in ("opening", "closing")]
    found.append(Identity("movements", _movement(lines, "debit"), _movement(lines, "credit")))
    found.append(Identity("closed", _net_of(lines, _result_accounts(told), "closing"), _ZERO))
    found.append(_undistributed(lines, told, flows))
    for entry in told["registers"]:
        if (entry["ledger"], entry["field"]) in registers:
            sign = 1 if entry["side"] == "debit" else -1
            book = _signed(_net_of(lines, [entry["account"]], "closing"), sign)
            found.append(Identity(f"register_{entry['field']}", registers[entry["ledger"], entry["field"]], book))
    return tuple(found)


def _result_accounts(told: Mapping[str, Any]) -> list[str]:
    """Accounts that are nothing after the books of the year are closed: 本年收益, income and expense."""
    return [*told["year_income"], *(code for name in ("income", "expense") for entry in told[name] for code in entry["net"])]


def _movement(lines: Sequence[AccountLine], side: str) -> Decimal | None:
    return _sum([getattr(a, side) for a in lines if a.is_top])


def _net_of(lines: Sequence[AccountLine], accounts: Sequence[str], when: str) -> Decimal | None:
    return _sum([getattr(a, when) for a in lines if a.is_top and a.head in accounts])


def _undistributed(lines: Sequence[AccountLine], told: Mapping[str, Any], flows: Mapping[str, Sequence[Line]]) -> Identity:
    """年初未分配收益 + 净收益 − 提取和分配 = 年末未分配收益; a loss that was closed into 收益分配 is no distribution."""
    income, expense = (total(flows[name], "closing") for name in ("income", "expense"))
    opening = _signed(_net_of(lines, told["undistributed"], "opening"), -1)
    closing = _signed(_net_of(lines, (*told["undistributed"], *_result_accounts(told)), "closing"), -1)
    taken = _sum([a.debit for a in lines if a.is_top and a.head in told["allocation"]])
    if opening is None or income is None or expense is None or taken is None:
        return Identity("undistributed", None, closing)
    net = income - expense
    return Identity("undistributed", opening + net - max(_ZERO, taken - max(_ZERO, -net)), closing)
