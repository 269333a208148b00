"""The asset register against the count and against the books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..checks.across import in_the_village, known, villages
from ..checks.frames import Frames
from ..checks.outcome import Outcome, applicable
from ..checks.shown import plain, yuan
from ..kernels.terms import UNREAD, count_if, holds, nil, total
from ..words.messages import say
from ..words.records import Case, Evidence, Match
from .reconciliation import Reconciled, name_of

Row = Mapping[str, Any]


def _numbered(frames: Frames, ledger: str, key: str, *more: nw.Expr) -> nw.LazyFrame:
    """Each number once: its first row, the sum of its quantities (missing when one could not be read)."""
    rows = frames.rows(ledger).filter(~nw.col(key).is_null())
    grouped = rows.group_by("org_code", key).agg(
        nw.col("row_id").min(),
        total(nw.col("quantity")).alias("sum"),
        *more,
        count_if(nw.col("quantity").is_null()).alias("missing"),
    )
    return grouped.with_columns(nw.when(nw.col("missing") == 0).then(nw.col("sum")).alias("quantity"))


def _both_sides(frames: Frames, spec: CheckSpec) -> list[Row]:
    (register, count), key = spec.ledgers, spec.arguments["key"]
    left = _numbered(frames, register, key, total(nw.col("original_value")).alias("value"))
    right = _numbered(frames, count, key).select(
        nw.col("org_code").alias("org__r"),
        nw.col(key).alias("key__r"),
        nw.col("row_id").alias("row_id__r"),
        nw.col("quantity").alias("counted"),
    )
    joined = left.join(right, left_on=["org_code", key], right_on=["org__r", "key__r"], how="full").with_columns(
        nw.coalesce(nw.col("org_code"), nw.col("org__r")).alias("org_code"),
        nw.coalesce(nw.col(key), nw.col("key__r")).alias("number"),
    )
    return frames.records(
        joined.select("org_code", "number", "row_id", "row_id__r", "quantity", "counted", "value"), ["org_code", "number"]
    )


def register_and_count(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Registered assets that were not counted, neither here nor elsewhere in the same village, or counted short. Arguments: key."""
    (register, count), key = spec.ledgers, spec.arguments["key"]
    looked, reasons = applicable(frames, {register: [key], count: [key]})
    rows = [r for r in _both_sides(frames, spec) if (r["org_code"] or "") in looked]
    elsewhere = _of_the_village(frames, count, key, {r["number"] for r in rows if r["row_id__r"] is None})
    village, cases, matches = villages(frames), [], []
    for row in rows:
        matches.append(_match(spec, row))
        is_elsewhere = row["row_id__r"] is None and (village.get(row["org_code"]), row["number"]) in elsewhere
        if row["row_id"] is not None and not is_elsewhere and (case := _not_found(spec, row)) is not None:
            cases.append(case)
    return Reconciled(Outcome(tuple(cases), looked, reasons), tuple(matches))


def count_beyond_register(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Counted things that the register does not have, neither here nor elsewhere in the same village. Arguments: key.

    The pairs are told by `register_and_count`.
    """
    (register, count), key = spec.ledgers, spec.arguments["key"]
    looked, reasons = applicable(frames, {count: [key], register: [key]})
    rows = [r for r in _both_sides(frames, spec) if r["row_id"] is None and (r["org_code"] or "") in looked]
    elsewhere = _of_the_village(frames, register, key, {r["number"] for r in rows})
    village = villages(frames)
    cases = [
        Case(
            spec.rule,
            row["org_code"] or "",
            count,
            (row["number"],),
            (row["number"],),
            (Evidence(count, row["row_id__r"], (key, "name")),),
            key,
        )
        for row in rows
        if (village.get(row["org_code"]), row["number"]) not in elsewhere
    ]
    return Reconciled(Outcome(tuple(cases), looked, reasons))


def _of_the_village(frames: Frames, ledger: str, key: str, numbers: set[str]) -> set[tuple[str | None, str]]:
    """(village, number) of the numbers that stand in the ledger: one list may serve a village and its groups."""
    rows = frames.rows(ledger).select(nw.col("org_code").alias("org"), nw.col(key).alias("stands"))
    return in_the_village(frames, rows, numbers)


def _match(spec: CheckSpec, row: Row) -> Match:
    left, right = (row["number"] if row[c] is not None else "" for c in ("row_id", "row_id__r"))
    return Match(name_of(spec), row["org_code"] or "", left, right, "key" if left and right else "unmatched")


def _not_found(spec: CheckSpec, row: Row) -> Case | None:
    (register, count), key, number = spec.ledgers, spec.arguments["key"], row["number"]
    if row["row_id__r"] is None:
        return Case(
            spec.rule,
            row["org_code"] or "",
            register,
            (number,),
            (number,),
            (Evidence(register, row["row_id"], (key, "name", "original_value")),),
            key,
            yuan(row["value"]),
            variant="missing",
        )
    if row["quantity"] is None or row["counted"] is None or row["counted"] >= row["quantity"]:
        return None
    shown = (Evidence(register, row["row_id"], ("quantity", key)), Evidence(count, row["row_id__r"], ("quantity", key)))
    return Case(
        spec.rule,
        row["org_code"] or "",
        register,
        (number,),
        (number,),
        shown,
        "quantity",
        None,
        plain(row["quantity"], 4),
        plain(row["counted"], 4),
        variant="short",
    )


def register_and_books(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Sums of register columns equal the closing balances of their accounts.

    Arguments: pairs [{field, account, side}] with side 1 for a debit balance and -1 for a credit balance.
    """
    (register, books), year, pairs = spec.ledgers, frames.settings.fiscal_year, spec.arguments["pairs"]
    fields = [p["field"] for p in pairs]
    looked, reasons = applicable(frames, {register: fields, books: ["account_code", "closing_debit", "closing_credit"]})
    unread = nw.lit(False)
    for field in fields:
        unread = unread | nw.col(f"{field}__status").is_in(list(UNREAD))
    sums = (
        frames.rows(register)
        .group_by("org_code")
        .agg(*[total(nil(nw.col(f))).alias(f) for f in fields], nw.col("row_id").min(), count_if(unread).alias("unread"))
    )
    balances = _closings(frames, books, year, [p["account"] for p in pairs])
    years = {
        r["org_code"] or ""
        for r in frames.records(frames.rows(books).filter(nw.col("book_year") == year).select("org_code").unique(), ["org_code"])
    }
    cases, matches = [], []
    for row in frames.records(sums, ["org_code"]):
        org = row["org_code"] or ""
        if org not in looked:
            continue
        if row["unread"] or org not in years:
            del looked[org]
            reasons[org] = _why_not(frames, register, row)
            continue
        for pair in pairs:
            made, match = _pair_case(spec, row, pair, balances.get((row["org_code"], pair["account"])), year)
            cases += made
            matches.append(match)
    return Reconciled(Outcome(tuple(cases), looked, reasons), tuple(matches))


def _why_not(frames: Frames, register: str, row: Row) -> str:
    language = frames.settings.language
    if row["unread"]:
        return say("checks.not_read", language, ledger=frames.catalog.ledgers[register].label(language), count=row["unread"])
    return say("checks.no_counterpart", language)


def _closings(frames: Frames, books: str, year: int, accounts: list[str]) -> dict[tuple[Any, str], Row]:
    rows = known(frames.rows(books), ["closing_debit", "closing_credit"])
    rows = rows.filter(
        (nw.col("book_year") == year) & nw.col("account_parent").is_null() & holds(nw.col("account_class").is_in(accounts))
    )
    sums = rows.group_by("org_code", "account_class").agg(
        nw.col("row_id").min(), total(nw.col("closing_debit") - nw.col("closing_credit")).alias("closing")
    )
    return {(r["org_code"], r["account_class"]): r for r in frames.records(sums, ["org_code", "account_class"])}


def _pair_case(spec: CheckSpec, row: Row, pair: Mapping[str, Any], closing: Row | None, year: int) -> tuple[list[Case], Match]:
    (register, books), account = spec.ledgers, pair["account"]
    booked = (closing["closing"] or 0) * pair["side"] if closing else 0
    difference = row[pair["field"]] - booked
    match = Match(name_of(spec), row["org_code"] or "", pair["field"], account, "sum", yuan(difference))
    if not difference:
        return [], match
    column = "closing_debit" if pair["side"] > 0 else "closing_credit"
    of_books = (Evidence(books, closing["row_id"], (column, "account_code")),) if closing else ()
    case = Case(
        spec.rule,
        row["org_code"] or "",
        books,
        (str(year), account),
        (account,),
        (*of_books, Evidence(register, row["row_id"], (pair["field"],))),
        column,
        yuan(abs(difference)),
        plain(booked, 2),
        plain(row[pair["field"]], 2),
        str(year),
    )
    return [case], match
