"""What the books of each organisation say of one period, for publication: every item, and the sums that it must come to.

The items are read row by row, the sums by the engine over the whole year: two ways that must meet. Amounts are 元 (Decimal).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import narwhals as nw

from ..catalog.specs import Catalog
from ..checks.frames import Frames
from ..checks.publication import without_closing
from ..checks.roles import accounts_of, chart_of
from ..kernels.terms import UNREAD, count_if, holds, nil, starts_with_any, total, ymd

GROUPS = ("income", "spending", "tax")
_CLASS = 3  # digits of an account of the first level
_LINE = ("row_id", "org_code", "day", "voucher_no", "summary", "account_code", "account_name", "counterparty", "dr", "cr")


@dataclass(frozen=True, slots=True)
class ChartWords:
    """Which accounts are income, spending and tax in the year audited, and what a villager calls them."""

    groups: Mapping[str, tuple[str, ...]]
    money: tuple[str, ...]  # cash and bank
    names: Mapping[str, Mapping[str, str]]  # account -> zh, en
    official: Mapping[str, str]  # account -> name of the chart

    def group_of(self, account: str) -> str:
        """income | spending | tax; '' for an account of the balance sheet."""
        return next((name for name in GROUPS if self.groups[name] and account.startswith(self.groups[name])), "")

    def name(self, account: str, language: str, otherwise: str = "") -> str:
        own = self.names.get(account)
        return own[language] if own else self.official.get(account) or otherwise or account


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal that is published."""

    on: dt.date
    voucher_no: str
    summary: str
    account: str  # of the first level
    detail: str  # name of the account below it, '' for none
    counterparty: str
    amount: Decimal  # income and spending as such; other movements: what came in is positive


@dataclass(frozen=True, slots=True)
class Movement:
    """Both sides of an account."""

    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Balance:
    """One account of the trial balance; debit is positive in opening and closing."""

    opening: Decimal
    moved: Movement
    closing: Decimal


@dataclass(frozen=True, slots=True)
class Books:
    """One organisation: what is published of the period, and what it is held against."""

    entries: tuple[Entry, ...] = ()  # income, spending and tax of the period, closing vouchers left out
    moves: tuple[Entry, ...] = ()  # other lines of vouchers through which cash or bank money went
    period: Mapping[str, Movement] = field(default_factory=dict)  # account -> the journal's period, closing vouchers left out
    to_date: Mapping[str, Movement] = field(default_factory=dict)  # from the start of the year, closing vouchers left out
    before: Mapping[str, Movement] = field(default_factory=dict)  # from the start of the year to the period, all vouchers
    year: Mapping[str, Movement] = field(default_factory=dict)  # the whole year, all vouchers
    balances: Mapping[str, Balance] | None = None  # None: no trial balance of the year was delivered
    unplaced: int = 0  # lines whose date or amount could not be read, or whose date lies outside the year
    has_journal: bool = False


def chart_words(catalog: Catalog, year: int) -> ChartWords:
    """The words for the chart in force in `year`. Raises NoAccounts for a year before the first chart."""
    chart = chart_of(catalog, year)
    roles = {"income": "income", "spending": "spending", "tax": "income_tax"}
    groups = {name: accounts_of(catalog, year, role) for name, role in roles.items()}
    told = catalog.words["notice_board"]["accounts"].get(str(chart["version"]), {})
    official = {code: entry["name"] for code, entry in chart["accounts"].items()}
    return ChartWords(groups, accounts_of(catalog, year, "cash", "bank"), told, official)


def books_of(frames: Frames, codes: Collection[str], words: ChartWords, first: dt.date, last: dt.date) -> dict[str, Books]:
    """The books of `codes` from `first` to `last` (whole months of the audited year); who has neither ledger is left out."""
    made: dict[str, dict[str, Any]] = defaultdict(dict)
    if frames.has("journal"):
        for code in set(codes) & set(frames.presence("journal")):
            made[code]["has_journal"] = True
        _read_journal(frames, codes, words, first, last, made)
    if frames.has("trial_balance"):
        for code, balances in _balances(frames, codes).items():
            made[code]["balances"] = balances
    return {code: Books(**told) for code, told in made.items()}


def _read_journal(
    frames: Frames, codes: Collection[str], words: ChartWords, first: dt.date, last: dt.date, made: dict[str, dict[str, Any]]
) -> None:
    rows = _journal(frames, codes, words)
    for code, sums in _by_org(frames.records(_monthly(rows), ["org_code", "account", "month", "shut"])).items():
        made[code] |= _summed(sums, first, last)
    for code, n in ((r["org_code"], r["n"]) for r in frames.records(_unplaced(rows, frames.settings.fiscal_year), ["org_code"])):
        made[code]["unplaced"] = n
    lines = frames.records(_published(rows, words, first, last), ["org_code", "day", "row_id"])
    for code, mine in _by_org(lines).items():
        told = [(_entry(r, words), words.group_of(r["account_code"])) for r in mine]
        made[code]["entries"] = tuple(entry for entry, group in told if group)
        made[code]["moves"] = tuple(entry for entry, group in told if not group)


def _journal(frames: Frames, codes: Collection[str], words: ChartWords) -> nw.LazyFrame[Any]:
    """The lines of the year with day, sides without blanks, `shut` (closing entries) and `paid` (vouchers through cash or bank)."""
    rows = frames.rows("journal").filter(holds(nw.col("of_this_year")) & nw.col("org_code").is_in(sorted(codes)))
    rows = rows.with_columns(
        nil(ymd("date")).alias("day"), nil(nw.col("debit")).alias("dr"), nil(nw.col("credit")).alias("cr"),
        nw.col("account_code").str.slice(0, _CLASS).alias("account"),
    )  # fmt: skip
    rows = without_closing(frames, rows).with_columns(nil(nw.col("closing")).alias("shut"))
    keys = ["org_code", "voucher_no", "day"]
    is_money = nw.when(starts_with_any("account_code", words.money)).then(nw.lit(1)).otherwise(nw.lit(0))
    through = rows.filter(~nw.col("voucher_no").is_null()).group_by(*keys).agg(is_money.max().alias("through"))
    return rows.join(through, on=keys, how="left").with_columns(nil(nw.col("through")).alias("paid"))


def _monthly(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    month = rows.filter(~nw.col("account").is_null()).with_columns((nw.col("day") // 100).cast(nw.Int64).alias("month"))
    return month.group_by("org_code", "account", "month", "shut").agg(total(nw.col("dr")).alias("dr"), total(nw.col("cr")).alias("cr"))


def _unplaced(rows: nw.LazyFrame[Any], year: int) -> nw.LazyFrame[Any]:
    """Lines that cannot be said to belong to any period of the year, or whose amount nobody could read."""
    lost = (nw.col("day") < year * 10000) | (nw.col("day") >= (year + 1) * 10000) | nw.col("account_code").is_null()
    for side in ("debit", "credit"):
        lost = lost | holds(nw.col(f"{side}__status").is_in([s for s in UNREAD if s != "absent"]))
    return rows.group_by("org_code").agg(count_if(lost).alias("n")).filter(nw.col("n") > 0)


def _published(rows: nw.LazyFrame[Any], words: ChartWords, first: dt.date, last: dt.date) -> nw.LazyFrame[Any]:
    told = tuple(prefix for name in GROUPS for prefix in words.groups[name])
    is_inside = (nw.col("day") >= _number(first)) & (nw.col("day") <= _number(last)) & (nw.col("shut") == 0)
    is_other = (nw.col("paid") == 1) & ~starts_with_any("account_code", words.money) & ~nw.col("account_code").is_null()
    return rows.filter(is_inside & (starts_with_any("account_code", told) | is_other)).select(*_LINE)


def _number(day: dt.date) -> int:
    return day.year * 10000 + day.month * 100 + day.day


def _by_org(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["org_code"]].append(row)
    return found


def _summed(rows: Sequence[Mapping[str, Any]], first: dt.date, last: dt.date) -> dict[str, dict[str, Movement]]:
    start, end = first.year * 100 + first.month, last.year * 100 + last.month
    january = first.year * 100 + 1
    chosen = {
        "period": lambda r: start <= r["month"] <= end and not r["shut"],
        "to_date": lambda r: january <= r["month"] <= end and not r["shut"],
        "before": lambda r: january <= r["month"] < start, "year": lambda r: True,
    }  # fmt: skip
    return {name: _movements(row for row in rows if holds(row)) for name, holds in chosen.items()}


def _movements(rows: Iterable[Mapping[str, Any]]) -> dict[str, Movement]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        sums[row["account"]][0] += row["dr"]
        sums[row["account"]][1] += row["cr"]
    return {account: Movement(yuan_of(dr), yuan_of(cr)) for account, (dr, cr) in sorted(sums.items())}


def yuan_of(fen: int | None) -> Decimal:
    """Fen as 元 with two places; nothing is 0."""
    return Decimal(fen or 0).scaleb(-2)


def _entry(row: Mapping[str, Any], words: ChartWords) -> Entry:
    account, day = row["account_code"][:_CLASS], row["day"]
    amount = row["dr"] - row["cr"] if words.group_of(account) in ("spending", "tax") else row["cr"] - row["dr"]
    return Entry(
        dt.date(day // 10000, day // 100 % 100, day % 100), row["voucher_no"] or "", row["summary"] or "", account,
        _detail(row), row["counterparty"] or "", yuan_of(amount),
    )  # fmt: skip


def _detail(row: Mapping[str, Any]) -> str:
    """The account below the first level, by its own name: 管理费用/办公印刷费 -> 办公印刷费."""
    if len(row["account_code"]) <= _CLASS:
        return ""
    parts = [part.strip() for part in (row["account_name"] or "").replace("\\", "/").replace("－", "/").split("/")]
    return parts[-1] if len(parts) > 1 else (parts[0] if parts else "")


def _balances(frames: Frames, codes: Collection[str]) -> dict[str, dict[str, Balance]]:
    """Accounts of the first level from the trial balance of the year: lines that stand under no other line."""
    names = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")
    rows = frames.rows("trial_balance").filter(
        (nw.col("book_year") == frames.settings.fiscal_year) & nw.col("org_code").is_in(sorted(codes)) & nw.col("account_parent").is_null()
        & ~nw.col("account_code").is_null()
    )  # fmt: skip
    sums = rows.group_by("org_code", "account_class").agg(*[total(nil(nw.col(n))).alias(n) for n in names])
    found: dict[str, dict[str, Balance]] = defaultdict(dict)
    for r in frames.records(sums, ["org_code", "account_class"]):
        moved = Movement(yuan_of(r["debit"]), yuan_of(r["credit"]))
        opening, closing = (yuan_of(r[f"{at}_debit"] - r[f"{at}_credit"]) for at in ("opening", "closing"))
        found[r["org_code"]][r["account_class"]] = Balance(opening, moved, closing)
    return found
