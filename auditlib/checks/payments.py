"""What leaves the cash box and the bank, voucher by voucher: the ground on which the rules on payments stand.

A voucher is one number on one date of one organisation, for numbers may begin again every month. Money moved between the
organisation's own cash and bank is no payment. A red entry and the entry that it takes back are none either.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels import groups
from ..kernels.terms import count_if, holds, nil, starts_with_any, total, ymd
from ..words.records import Case
from .across import Row, evidence, gathered, no_reference
from .frames import Frames
from .roles import accounts_of
from .shown import day as day_text
from .shown import yuan

KEYS = ("org_code", "voucher_no", "day")
Key = tuple[Any, ...]


def needs_of(spec: CheckSpec) -> dict[str, list[str]]:
    """ledger -> columns that the check cannot do without, as its arguments say under `needs`; optional ledgers left out."""
    asked, optional = spec.arguments.get("needs") or {}, spec.arguments.get("optional", ())
    return {ledger: list(asked.get(ledger, ())) for ledger in spec.ledgers if ledger not in optional}


def accounts(frames: Frames, *roles: str) -> tuple[str, ...]:
    """The accounts of these roles in the chart of the audited year. Raises NoAccounts where it has none."""
    return accounts_of(frames.catalog, frames.settings.fiscal_year, *roles)


def bare(name: str) -> nw.Expr:
    """Text column `name` without white space, so that 杨 荣香 and 杨荣香 are one name."""
    return nw.col(name).str.replace_all("[\\s\u3000]", "")


def reference(frames: Frames, name: str) -> nw.Expr:
    """Text column `name` as a reference to a record; missing where it says in words that there is none (未决策, 无需)."""
    none, but = no_reference(frames)
    return nw.when(~starts_with_any(name, none) | starts_with_any(name, but)).then(nw.col(name))


def mentions(columns: Sequence[str], words: Sequence[str]) -> nw.Expr:
    """True where one of the text columns holds one of the words."""
    if not words:
        return nw.lit(False)
    pattern, found = "|".join(re.escape(word) for word in words), nw.lit(False)
    for column in columns:
        found = found | holds(nw.col(column).str.contains(pattern))
    return found


_LINES: WeakKeyDictionary[Frames, dict[str, nw.LazyFrame]] = WeakKeyDictionary()  # asked by every rule on payments


def lines(frames: Frames, journal: str) -> nw.LazyFrame:
    """The numbered lines of the audited year's journals, with what each moves.

    Adds day (yyyymmdd, 0 where not known), payee (bare), cash_out and bank_out (fen that leave, signed), red (1 on a
    negative amount), closing and worn (1 on a line of the year's result, of accumulated depreciation).
    """
    known = _LINES.setdefault(frames, {})
    if journal not in known:
        known[journal] = _lines(frames, journal)
    return known[journal]


def _lines(frames: Frames, journal: str) -> nw.LazyFrame:
    debit, credit = nil(nw.col("debit")), nil(nw.col("credit"))
    cash, bank, result, worn = (accounts(frames, role) for role in ("cash", "bank", "result", "worn"))
    rows = frames.rows(journal).filter(~nw.col("voucher_no").is_null() & holds(nw.col("of_this_year")))
    return rows.with_columns(
        nil(ymd("date")).alias("day"),
        bare("counterparty").alias("payee"),
        _where(starts_with_any("account_code", cash), credit - debit).alias("cash_out"),
        _where(starts_with_any("account_code", bank), credit - debit).alias("bank_out"),
        _where(~starts_with_any("account_code", (*cash, *bank)), debit).alias("spent"),
        _where((debit < 0) | (credit < 0), nw.lit(1)).alias("red"),
        _where(starts_with_any("account_code", result), nw.lit(1)).alias("closing"),
        _where(starts_with_any("account_code", worn), nw.lit(1)).alias("worn"),
    )


def _where(condition: nw.Expr, value: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(value).otherwise(nw.lit(0))


def vouchers(rows: nw.LazyFrame, *more: nw.Expr) -> nw.LazyFrame:
    """One row for each voucher of `lines`: its sums, payee, and the aggregates `more`. `paid` is what left cash and bank."""
    sums = rows.group_by(*KEYS).agg(
        *[total(nw.col(c)).alias(c) for c in ("cash_out", "bank_out")],
        total(nil(nw.col("debit"))).alias("turnover"),
        nw.col("payee").max(),
        *[nw.col(c).max() for c in ("red", "closing", "worn")],
        *more,
    )
    return sums.with_columns((nw.col("cash_out") + nw.col("bank_out")).alias("paid"))


def with_column(field: str) -> nw.Expr:
    """How many lines of the voucher stand in a sheet that has the column `field`; to be used among `more`."""
    return count_if(nw.col(f"{field}__status") != "absent")


def posted_to(codes: Sequence[str], but_named: Sequence[str] = ()) -> nw.Expr:
    """Debits of a voucher to the accounts `codes` (by prefix) whose name holds none of `but_named`; to be used among `more`."""
    wanted = starts_with_any("account_code", codes) & ~mentions(["account_name"], but_named)
    return total(_where(wanted, nil(nw.col("debit"))))


_TAKEN_BACK: WeakKeyDictionary[Frames, dict[str, frozenset[Key]]] = WeakKeyDictionary()  # asked by every rule on payments


def taken_back(frames: Frames, journal: str) -> frozenset[Key]:
    """Red vouchers and those that they take back: the nearest before with the same amounts (and payee, where both name one)."""
    known = _TAKEN_BACK.setdefault(frames, {})
    if journal not in known:
        known[journal] = _reversals(frames, vouchers(lines(frames, journal)))
    return known[journal]


def _reversals(frames: Frames, sums: nw.LazyFrame) -> frozenset[Key]:
    chosen, same = (*KEYS, "turnover", "paid", "payee"), ["org_code", "turnover", "paid"]
    reds = sums.filter((nw.col("red") > 0) & (nw.col("turnover") < 0))
    red = frames.records(reds.select(*chosen), KEYS)
    if not red:
        return frozenset()
    wanted = reds.select(
        "org_code", (nw.lit(0) - nw.col("turnover")).alias("turnover"), (nw.lit(0) - nw.col("paid")).alias("paid")
    )
    there = sums.filter(nw.col("red") == 0).select(*chosen).join(wanted.unique(), on=same, how="inner")
    plain: dict[Key, list[Row]] = gathered(frames.records(there, KEYS), same)
    gone: set[Key] = set()
    for row in sorted(red, key=lambda r: (r["day"], r["voucher_no"])):
        gone.add(key_of(row))
        alike = plain.get((row["org_code"], -row["turnover"], -row["paid"]), ())
        before = [r for r in alike if key_of(r) not in gone and _reverses(row, r)]
        if before:
            gone.add(key_of(max(before, key=lambda r: (r["day"], r["voucher_no"]))))
    return frozenset(gone)


def _reverses(red: Row, other: Row) -> bool:
    payees = not red["payee"] or not other["payee"] or red["payee"] == other["payee"]
    return payees and (not other["day"] or not red["day"] or other["day"] <= red["day"])


def key_of(row: Row) -> Key:
    return tuple(row[k] for k in KEYS)


def lines_of(
    frames: Frames,
    rows: nw.LazyFrame,
    failing: nw.LazyFrame,
    carry: Sequence[str] = (),
    of_line: Sequence[str] = (),
    gone: frozenset[Key] = frozenset(),
) -> dict[Key, list[Row]]:
    """The lines of the failing vouchers: `carry` names columns of vouchers, `of_line` of lines; without `gone`."""
    met = groups.of_groups(rows.select("row_id", *KEYS, *of_line), failing.select(*KEYS, *carry), KEYS)
    found = gathered(frames.records(met), KEYS)
    return {k: v for k, v in found.items() if k not in gone}


def voucher_case(
    spec: CheckSpec, met: Sequence[Row], fields: Sequence[str], *, amount: int | None = None, expected: str = "",
    actual: str = "", variant: str = "",
) -> Case:  # fmt: skip
    """The case that one voucher is; `fields` first the one to look at, `amount` in fen."""
    row, ledger = met[0], spec.ledgers[0]
    return Case(
        spec.rule, row["org_code"] or "", ledger, (row["voucher_no"], day_text(row["day"])), (row["voucher_no"],),
        evidence(ledger, met, fields), fields[0], money(amount), expected, actual, day_text(row["day"] or None), variant,
    )  # fmt: skip


def money(fen: int | None) -> Decimal | None:
    """Fen as 元; nothing for a voucher that paid nothing."""
    return yuan(fen) if fen and fen > 0 else None


def date_of(ymd_: int) -> dt.date:
    """yyyymmdd as a date."""
    return dt.date(ymd_ // 10_000, ymd_ // 100 % 100, ymd_ % 100)


def by_org(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    """Rows of a small result by organisation."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["org_code"] or ""].append(row)
    return found
