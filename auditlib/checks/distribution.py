"""What members were given and what was set aside, against what the year brought."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import UNREAD, count_if, holds, nil, starts_with_any, total
from ..words.records import Case, Evidence
from .across import evidence
from .frames import Frames
from .outcome import Outcome, applicable
from .payments import accounts, by_org, lines, mentions, needs_of, vouchers
from .shown import plain, yuan


def distribution_lawful(frames: Frames, spec: CheckSpec) -> Outcome:
    """Distributed more than the net income of the year and the income brought forward; or set aside too little of it.

    Ledgers: journal, trial balance, distributions. Arguments: tolerance, ratio (ten-thousandths, 0: not tested). The reserve
    is asked for only where something was distributed or set aside at all.
    """
    a, (journal, balances, distributions) = spec.arguments, spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    years = _results(frames, journal)
    forward = _brought_forward(frames, balances)
    paid = _distributed(frames, distributions)
    cases: list[Case] = []
    for org, result in sorted(years.items()):
        if org not in looked or org not in forward or result["unread"]:
            continue
        shared = result["shared"] or paid.get(org, 0)
        net = result["income"] - result["cost"]
        allowed = max(net + forward[org]["brought"], 0)
        if shared > allowed:
            cases.append(_excess_case(frames, spec, org, forward[org]["row_id"], allowed, shared))
        asked = -(-net * a["ratio"] // 10_000)
        if a["ratio"] and net > 0 and (shared or result["kept"]) and asked - result["kept"] > a["tolerance"]:
            cases.append(_reserve_case(frames, spec, org, forward[org]["row_id"], asked, result["kept"]))
    return Outcome(_with_vouchers(frames, spec, cases), looked, reasons)


def _results(frames: Frames, journal: str) -> dict[str, dict[str, int]]:
    """Organisation -> income and cost of the year before closing, what was shared with members and what was kept."""
    rows = lines(frames, journal)
    debit, credit = nil(nw.col("debit")), nil(nw.col("credit"))

    def of(roles: Sequence[str], value: nw.Expr) -> nw.Expr:
        return total(nw.when(starts_with_any("account_code", accounts(frames, *roles))).then(value).otherwise(nw.lit(0)))

    unread = holds(nw.col("debit__status").is_in(list(UNREAD))) | holds(nw.col("credit__status").is_in(list(UNREAD)))
    sums = vouchers(
        rows, of(("income",), credit - debit).alias("income"), of(("spending", "income_tax"), debit - credit).alias("cost"),
        of(("allocation",), debit - credit).alias("from_322"), of(("reserve",), credit - debit).alias("to_311"),
        of(("internal", "payable"), credit - debit).alias("to_members"), count_if(unread).alias("unread"),
        count_if(mentions(["summary"], frames.catalog.words["rules"]["shared_out"]["any"])).alias("shares"),
    ).filter(nw.col("closing") == 0)  # fmt: skip
    from_322 = nw.col("from_322") > 0
    shared = from_322 & ((nw.col("to_members") > 0) | ((nw.col("paid") > 0) & (nw.col("shares") > 0)))
    by = sums.group_by("org_code").agg(
        total(nw.col("income")).alias("income"), total(nw.col("cost")).alias("cost"), total(nw.col("unread")).alias("unread"),
        total(nw.when(shared).then(nw.col("from_322") - nw.col("to_311")).otherwise(nw.lit(0))).alias("shared"),
        total(nw.when(from_322 & (nw.col("to_311") > 0)).then(nw.col("to_311")).otherwise(nw.lit(0))).alias("kept"),
    )  # fmt: skip
    return {r["org_code"] or "": r for r in frames.records(by, ["org_code"])}


def _brought_forward(frames: Frames, balances: str) -> dict[str, dict[str, int]]:
    """Organisation -> opening credit of 322 (and of 321, where last year was not closed), and a line to point at."""
    rows = frames.rows(balances).filter((nw.col("book_year") == frames.settings.fiscal_year) & nw.col("account_parent").is_null())
    opening = nil(nw.col("opening_credit")) - nil(nw.col("opening_debit"))
    held = starts_with_any("account_code", accounts(frames, "result", "allocation"))
    allocated = starts_with_any("account_code", accounts(frames, "allocation"))
    row = nw.when(allocated).then(nw.col("row_id")).otherwise(nw.lit(None, dtype=nw.Int64))
    sums = rows.group_by("org_code").agg(
        total(nw.when(held).then(opening).otherwise(nw.lit(0))).alias("brought"),
        row.min().alias("row_322"),
        nw.col("row_id").min().alias("first_row"),
    )
    return {
        r["org_code"] or "": {"brought": r["brought"], "row_id": r["first_row"] if r["row_322"] is None else r["row_322"]}
        for r in frames.records(sums, ["org_code"])
    }


def _distributed(frames: Frames, ledger: str) -> dict[str, int]:
    if not frames.has(ledger):
        return {}
    year = frames.settings.fiscal_year
    rows = frames.rows(ledger).filter(nw.coalesce(nw.col("fiscal_year"), nw.lit(year)) == year)
    sums = rows.group_by("org_code").agg(total(nil(nw.col("amount"))).alias("amount"))
    return {r["org_code"] or "": r["amount"] for r in frames.records(sums, ["org_code"])}


def _excess_case(frames: Frames, spec: CheckSpec, org: str, row_id: int, allowed: int, shared: int) -> Case:
    year = str(frames.settings.fiscal_year)
    return Case(
        spec.rule, org, spec.ledgers[1], (year, "excess"), (year, *accounts(frames, "allocation")),
        (Evidence(spec.ledgers[1], row_id, ("debit", "account_code")),), "debit", yuan(shared - allowed), plain(allowed, 2),
        plain(shared, 2), year, "excess",
    )  # fmt: skip


def _reserve_case(frames: Frames, spec: CheckSpec, org: str, row_id: int, asked: int, kept: int) -> Case:
    year = str(frames.settings.fiscal_year)
    return Case(
        spec.rule, org, spec.ledgers[1], (year, "reserve"), (year, *accounts(frames, "allocation", "reserve")),
        (Evidence(spec.ledgers[1], row_id, ("debit", "account_code")),), "debit", yuan(asked - kept), plain(asked, 2),
        plain(kept, 2), year, "reserve",
    )  # fmt: skip


def _with_vouchers(frames: Frames, spec: CheckSpec, cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases, each with the vouchers that take from 322."""
    from dataclasses import replace

    if not cases:
        return ()
    journal = spec.ledgers[0]
    rows = lines(frames, journal).filter(nw.col("org_code").is_in(sorted({c.org_code for c in cases})))
    rows = rows.filter(starts_with_any("account_code", accounts(frames, "allocation")) & (nil(nw.col("debit")) > 0))
    found = by_org(frames.records(rows.select("row_id", "org_code", "voucher_no")))
    told = []
    for case in cases:
        mine = found.get(case.org_code, [])
        records = tuple(dict.fromkeys((*case.records, *(r["voucher_no"] for r in mine))))
        told.append(replace(case, records=records, evidence=(*case.evidence, *evidence(journal, mine, ("debit", "summary")))))
    return tuple(told)
