"""What accounts held when the year began: by the trial balance, else by the opening rows (上年结转) of the books themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from ..kernels.terms import nil, starts_with_any, total
from .frames import OPENINGS, Frames
from .outcome import applicable


def year_openings(frames: Frames, balances: str, postings: str, accounts: Sequence[str]) -> nw.LazyFrame | None:
    """org_code and `opening` (fen, debit less credit) of the accounts with one of these prefixes; None where nothing tells any.

    The trial balance `balances` stands above the opening rows of the ledger `postings`: those count only for an organisation
    whose trial balance has no line of these accounts.
    """
    told = _by_balances(frames, balances, accounts) if frames.has(balances) else None
    rows = _by_rows(frames, postings, accounts) if frames.has(OPENINGS) else None
    if told is None or rows is None:
        return rows if told is None else told
    return nw.concat([told, rows.join(told.select("org_code"), on="org_code", how="anti").select("org_code", "opening")])


def openings_by_org(frames: Frames, balances: str, postings: str, accounts: Sequence[str]) -> dict[str, int]:
    """Organisation -> what `year_openings` tells of it; organisations of which nothing is told are left out."""
    told = year_openings(frames, balances, postings, accounts)
    return {} if told is None else {r["org_code"] or "": r["opening"] for r in frames.records(told, ["org_code"])}


def _by_balances(frames: Frames, balances: str, accounts: Sequence[str]) -> nw.LazyFrame:
    rows = frames.rows(balances).filter(starts_with_any("account_code", accounts) & nw.col("account_parent").is_null())
    rows = rows.filter(nw.col("book_year") == frames.settings.fiscal_year)
    return rows.group_by("org_code").agg(total(nil(nw.col("opening_debit")) - nil(nw.col("opening_credit"))).alias("opening"))


def _by_rows(frames: Frames, postings: str, accounts: Sequence[str]) -> nw.LazyFrame:
    """Each account once, by the row read first; where the account itself has a row, those of its detail accounts are in it."""
    rows = frames.plain(OPENINGS)
    assert rows is not None  # asked for by the caller
    here = (nw.col("ledger") == postings) & (nw.col("year") == frames.settings.fiscal_year) & (nw.col("org_code") != "")
    rows = rows.filter(here & starts_with_any("account", accounts))
    first = rows.group_by("org_code", "account").agg(nw.col("row_id").min())
    held = nw.when(nw.col("side") == "credit").then(-nw.col("amount")).otherwise(nw.col("amount"))
    once = rows.join(first.select("row_id"), on="row_id", how="inner").with_columns(held.alias("held"))
    whole = once.filter(nw.col("account").is_in(list(accounts)))
    parts = once.join(whole.select("org_code"), on="org_code", how="anti").select("org_code", "held")
    return nw.concat([whole.select("org_code", "held"), parts]).group_by("org_code").agg(total(nw.col("held")).alias("opening"))


def with_openings(
    frames: Frames, needs: Mapping[str, Sequence[str]], balances: str, accounts: Sequence[str]
) -> tuple[dict[str, int], dict[str, str]]:
    """Who has what `needs` says, where an opening row of the postings will do in place of the trial balance `balances`.

    In: ledger -> fields, first the postings. Out as of `outcome.applicable`.
    """
    looked, reasons = applicable(frames, needs)
    postings = next(iter(needs))
    rows = _by_rows(frames, postings, accounts) if frames.has(OPENINGS) and reasons else None
    told = set() if rows is None else {r["org_code"] for r in frames.records(rows, ["org_code"])}
    without, _ = applicable(frames, {k: v for k, v in needs.items() if k != balances}) if told else ({}, {})
    looked |= {org: n for org, n in without.items() if org in told}
    return looked, {org: reason for org, reason in reasons.items() if org not in looked}
