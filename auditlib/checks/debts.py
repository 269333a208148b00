"""Claims on cadres, debts without a decision, and debts that the books do not show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.accounts import with_parent
from ..kernels.terms import UNREAD, count_if, holds, known_or_nil, nil, starts_with_any, total, ymd
from ..words.records import Case, Evidence
from .across import Row, evidence, gathered
from .frames import Frames
from .outcome import Outcome, applicable
from .payments import KEYS, accounts, bare, by_org, lines, money, needs_of, reference, taken_back, vouchers
from .persons import Roster
from .roles import chart_of
from .shown import day as day_text
from .shown import plain, yuan

# --- F14: advances ----------------------------------------------------------------------------------------------------


def cadre_advances(frames: Frames, spec: CheckSpec) -> Outcome:
    """A claim on a cadre of the organisation that arose before a date. Ledgers: claims, cadres, journal. Arguments: before."""
    a, (claims, cadres, journal) = spec.arguments, spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    rows = frames.rows(claims).with_columns(ymd("arisen_on", 31).alias("arisen"))
    old = rows.filter(holds(nw.col("kind") == "债权") & holds(nw.col("arisen") < a["before"]) & holds(nw.col("amount") > 0))
    roster = Roster.read(frames, cadres)
    chosen = ("row_id", "org_code", "claim_no", "counterparty", "arisen", "amount")
    met = [r for r in frames.records(old.select(*chosen)) if roster.is_cadre(r["org_code"] or "", r["counterparty"] or "")]
    lent = _lent_to(frames, journal, met)
    cases = [_advance_case(spec, row, lent.get((row["org_code"], row["arisen"], row["amount"]), ())) for row in met]
    return Outcome(tuple(cases), looked, reasons)


def _lent_to(frames: Frames, journal: str, claims: Sequence[Row]) -> dict[tuple[Any, ...], list[Row]]:
    """(organisation, day, amount) of claims -> the lines that booked them."""
    if not claims or not frames.has(journal):
        return {}
    days, amounts = sorted({c["arisen"] for c in claims}), sorted({c["amount"] for c in claims})
    rows = lines(frames, journal).filter(starts_with_any("account_code", accounts(frames, "lendable")))
    rows = rows.filter(nw.col("day").is_in(days) & nw.col("spent").is_in(amounts))
    met = frames.records(rows.select("row_id", "org_code", "day", "spent", "voucher_no"))
    return gathered(met, ["org_code", "day", "spent"])


def _advance_case(spec: CheckSpec, row: Row, lent: Sequence[Row]) -> Case:
    claims, _, journal = spec.ledgers
    number = row["claim_no"] or row["counterparty"]
    return Case(
        spec.rule, row["org_code"] or "", claims, (number,), tuple(dict.fromkeys((number, *(r["voucher_no"] for r in lent)))),
        (*evidence(claims, [row], ("arisen_on", "counterparty", "amount")), *evidence(journal, lent, ("debit", "counterparty"))),
        "arisen_on", yuan(row["amount"]), "", day_text(row["arisen"]), day_text(row["arisen"]),
    )  # fmt: skip


# --- F46, F47: debts --------------------------------------------------------------------------------------------------


def debts_undecided(frames: Frames, spec: CheckSpec) -> Outcome:
    """A debt of the year on loan accounts without a decision, on the claim and on the voucher: one case for each debt.

    Ledgers: claims, journal (either may lack). Arguments: accounts (prefixes).
    """
    a, (claims, journal) = spec.arguments, spec.ledgers
    looked, reasons = _either(frames, spec)
    booked = _borrowed(frames, journal, a["accounts"]) if frames.has(journal) else {}
    owed = _debts_of_year(frames, claims, a["accounts"]) if frames.has(claims) else {}
    cases: list[Case] = []
    for org in sorted({*booked, *owed}):
        cases += _undecided(spec, org, owed.get(org, []), booked.get(org, []))
    return Outcome(tuple(cases), looked, reasons)


def _either(frames: Frames, spec: CheckSpec) -> tuple[dict[str, int], dict[str, str]]:
    """Who has one of the ledgers with what the check needs of it."""
    looked: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for ledger, fields in (spec.arguments.get("needs") or {}).items():
        yes, no = applicable(frames, {ledger: fields})
        looked = {**yes, **looked}
        reasons = {**no, **reasons}
    return looked, {org: reason for org, reason in reasons.items() if org not in looked}


def _debts_of_year(frames: Frames, claims: str, codes: Sequence[str]) -> dict[str, list[Row]]:
    rows = frames.rows(claims).filter(holds(nw.col("kind") == "债务") & starts_with_any("account_code", codes))
    rows = rows.filter(holds(nw.col("arisen_on").dt.year() == frames.settings.fiscal_year))
    rows = rows.with_columns(nil(ymd("arisen_on", 31)).alias("day"), bare("counterparty").alias("payee"))
    rows = rows.with_columns(reference(frames, "decision_no").alias("decision_no"))
    chosen = ("row_id", "org_code", "claim_no", "amount", "day", "payee", "decision_no", "decision_no__status")
    return dict(by_org(frames.records(rows.select(*chosen))))


def _borrowed(frames: Frames, journal: str, codes: Sequence[str]) -> dict[str, list[Row]]:
    """Vouchers of the year that bring money in and owe it on loan accounts; `taken` is what was borrowed."""
    rows = lines(frames, journal)
    owed = nw.when(starts_with_any("account_code", codes)).then(nil(nw.col("credit"))).otherwise(nw.lit(0))
    asked = count_if(nw.col("decision_no__status") != "absent").alias("asked")
    decided = reference(frames, "decision_no").max().alias("decision_no")
    sums = vouchers(rows, total(owed).alias("taken"), decided, nw.col("row_id").min(), asked)
    met = sums.filter((nw.col("taken") > 0) & (nw.col("paid") < 0) & (nw.col("red") == 0))
    gone = taken_back(frames, journal)
    found = frames.records(met.select("row_id", *KEYS, "taken", "payee", "decision_no", "asked"))
    return dict(by_org(r for r in found if tuple(r[k] for k in KEYS) not in gone))


def _undecided(spec: CheckSpec, org: str, owed: Sequence[Row], booked: Sequence[Row]) -> Iterator[Case]:
    left = list(booked)
    for claim in owed:
        mine = [v for v in left if _one_debt(claim, v)]
        voucher = mine[0] if mine else None
        if voucher is not None:
            left.remove(voucher)
        silent = claim["decision_no"] is None and claim["decision_no__status"] != "absent"
        if silent and not (voucher and voucher["decision_no"]) and (claim["amount"] or voucher):
            yield _debt_case(spec, org, claim, voucher)
    known = {c["payee"] for c in owed if c["payee"]}
    for voucher in left:
        if voucher["asked"] and voucher["decision_no"] is None and voucher["payee"] not in known:
            yield _debt_case(spec, org, None, voucher)


def _one_debt(claim: Row, voucher: Row) -> bool:
    """The voucher booked the claim: one lender or one amount, and no other lender named."""
    same = claim["payee"] is not None and claim["payee"] == voucher["payee"]
    other = bool(claim["payee"] and voucher["payee"]) and not same
    return same or (claim["amount"] == voucher["taken"] and not other)


def _debt_case(spec: CheckSpec, org: str, claim: Row | None, voucher: Row | None) -> Case:
    claims, journal = spec.ledgers
    records = tuple(n for n in ((claim or {}).get("claim_no"), (voucher or {}).get("voucher_no")) if n)
    shown = [Evidence(claims, claim["row_id"], ("decision_no", "counterparty", "amount"))] if claim else []
    shown += [Evidence(journal, voucher["row_id"], ("decision_no", "credit", "counterparty"))] if voucher else []
    day = (claim or voucher or {})["day"]
    amount = voucher["taken"] if voucher else (claim or {})["amount"]
    key = (claim["claim_no"],) if claim and claim["claim_no"] else ((voucher or {}).get("voucher_no") or "", day_text(day))
    return Case(
        spec.rule, org, claims if claim else journal, key, records, tuple(shown), "decision_no", money(amount), "", "",
        day_text(day or None),
    )  # fmt: skip


def debts_not_booked(frames: Frames, spec: CheckSpec) -> Outcome:
    """Creditors listed on an account for more than the books owe on it, by more than a tolerance.

    The books are read in favour of the village: of the closing balance, the one that follows from opening and movement, and
    the agency's, the highest counts, and liabilities on codes that the chart does not have are added. Accounts with both
    sides (113) are left out, and so is an account of which one listed amount could not be read.
    Ledgers: claims, trial balance, the agency's. Arguments: accounts (prefixes), tolerance.
    """
    a, (claims, *balances) = spec.arguments, spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    listed = _listed_debts(frames, claims, a["accounts"])
    booked = [_owed(frames, ledger, a["accounts"]) for ledger in balances if frames.has(ledger)]
    cases = []
    for (org, account), rows in sorted(listed.items()):
        told = [of_org[org].get(account, 0) + of_org[org].get("", 0) for of_org in booked if org in of_org]
        together, unread = sum(r["amount"] or 0 for r in rows), any(r["amount__status"] in UNREAD for r in rows)
        if org in looked and org in booked[0] and not unread and together - max(told) > a["tolerance"]:
            cases.append(_hidden_case(spec, org, account, rows, together, max(told)))
    return Outcome(tuple(cases), looked, reasons)


def _listed_debts(frames: Frames, claims: str, codes: Sequence[str]) -> dict[tuple[str, str], list[Row]]:
    """(organisation, first-level account) -> its debts at the year end, each claim number once."""
    rows = frames.rows(claims).with_columns(nil(ymd("arisen_on", 1)).alias("day"))
    rows = rows.filter(holds(nw.col("kind") == "债务") & starts_with_any("account_code", codes))
    rows = rows.filter(nw.col("day") < (frames.settings.fiscal_year + 1) * 10_000)
    met = frames.records(rows.select("row_id", "org_code", "claim_no", "account_code", "amount", "amount__status"))
    found: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in met:
        found[row["org_code"] or "", row["account_code"][:3]].setdefault(row["claim_no"] or f"#{row['row_id']}", row)
    return {key: list(mine.values()) for key, mine in found.items()}


def _owed(frames: Frames, ledger: str, codes: Sequence[str]) -> dict[str, dict[str, int]]:
    """Organisation -> first-level account -> what it owes at the year end; '' is what stands on codes the chart lacks.

    An organisation of which a balance could not be read is left out.
    """
    year = frames.settings.fiscal_year
    every = frames.rows(ledger).filter(nw.coalesce(nw.col("fiscal_year"), nw.lit(year)) == year)
    rows = _first_level(every.filter(starts_with_any("account_code", ("2",)))).with_columns(
        (known_or_nil("closing_credit") - known_or_nil("closing_debit")).alias("closing"),
        (nil(nw.col("opening_credit")) - nil(nw.col("opening_debit")) + nil(nw.col("credit")) - nil(nw.col("debit"))).alias(
            "ends"
        ),
    )
    chart = chart_of(frames.catalog, year)["accounts"]
    have = frames.records(every.select("org_code").unique(), ["org_code"])
    found: dict[str, dict[str, int]] = {r["org_code"] or "": defaultdict(int) for r in have}
    unread: set[str] = set()
    for row in frames.records(rows.select("row_id", "org_code", "account_code", "closing", "ends")):
        org, account = row["org_code"] or "", row["account_code"][:3]
        if row["closing"] is None:
            unread.add(org)
        elif account in codes or account not in chart:
            found[org][account if account in chart else ""] += max(row["closing"], row["ends"])
    return {org: owed for org, owed in found.items() if org not in unread}


def _first_level(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Lines of one balance whose account begins with no other code of it."""
    return with_parent(rows, "account_code", ["org_code"], "above").filter(nw.col("above").is_null())


def _hidden_case(spec: CheckSpec, org: str, account: str, rows: Sequence[Row], together: int, there: int) -> Case:
    claims = spec.ledgers[0]
    missing = [r for r in rows if r["amount"] == together - there]
    shown = missing if len(missing) == 1 else rows
    return Case(
        spec.rule, org, claims, (account,), tuple(r["claim_no"] for r in shown if r["claim_no"]) or (account,),
        evidence(claims, shown, ("amount", "account_code", "counterparty")), "amount", yuan(together - there), plain(there, 2),
        plain(together, 2),
    )  # fmt: skip
