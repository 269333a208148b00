"""Rules on single payments and on a few that belong together: papers, cash, invoices, payees, words, days.

`expectations/checks/payments.yaml` names these functions and gives them their accounts, words and limits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import holds, starts_with_any, total, ymd
from ..words.messages import say
from ..words.records import Case
from .across import Check, Row, evidence, gathered
from .frames import Frames
from .outcome import Outcome, applicable
from .payments import (
    KEYS,
    by_org,
    date_of,
    key_of,
    lines,
    lines_of,
    mentions,
    money,
    needs_of,
    posted_to,
    reference,
    taken_back,
    voucher_case,
    vouchers,
    with_column,
)
from .persons import Roster
from .shown import day as day_text
from .shown import plain


def _words(frames: Frames, name: str) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = frames.catalog.words["payments"][name]
    return found


# --- F05: papers, signatures, invoices --------------------------------------------------------------------------------


def vouchers_without_papers(frames: Frames, spec: CheckSpec) -> Outcome:
    """A voucher with 0 attachments. Closing, depreciation and red entries need none; a blank cell says nothing.

    Arguments: variant.
    """
    journal = spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal)
    sums = vouchers(rows, nw.col("attachments").max())
    bare = sums.filter(
        holds(nw.col("attachments") == 0) & (nw.col("red") == 0) & (nw.col("closing") == 0) & (nw.col("worn") == 0)
    )
    met = lines_of(frames, rows, bare, ["paid"], gone=taken_back(frames, journal))
    cases = [
        voucher_case(
            spec, found, ("attachments", "credit"), amount=found[0]["paid"], actual="0", variant=spec.arguments["variant"]
        )
        for found in met.values()
    ]
    return Outcome(tuple(cases), looked, reasons)


def payments_without(frames: Frames, spec: CheckSpec) -> Outcome:
    """A payment over a limit whose `field` (approver, handler, invoice) stands on none of its lines.

    Arguments: field, over, variant, and accounts (prefixes) where only what is posted to these counts; what is posted to
    a wage account, known by its name, never does.
    """
    a, journal = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    rows, field = lines(frames, journal), a["field"]
    named = nw.col(field).max().alias("named")
    charged = posted_to(a["accounts"], frames.catalog.words["payments"]["wages"]) if "accounts" in a else total(nw.col("spent"))
    sums = vouchers(rows, named, with_column(field).alias("asked"), charged.alias("charged"))
    short = sums.filter(
        nw.col("named").is_null()
        & (nw.col("asked") > 0)
        & (nw.col("paid") > a["over"])
        & (nw.col("charged") > a["over"])
        & (nw.col("red") == 0)
    )
    met = lines_of(frames, rows, short, ["paid"], gone=taken_back(frames, journal))
    cases = [
        voucher_case(spec, found, (field, "credit"), amount=found[0]["paid"], variant=a["variant"]) for found in met.values()
    ]
    return Outcome(tuple(cases), looked, reasons)


# --- F08: cash --------------------------------------------------------------------------------------------------------


def cash_payments(frames: Frames, spec: CheckSpec) -> Outcome:
    """A voucher that pays more than a limit out of cash; what goes into the bank is no payment. Arguments: over."""
    a, journal = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal)
    banked = nw.when(nw.col("bank_out") < 0).then(nw.col("bank_out")).otherwise(nw.lit(0))
    sums = vouchers(rows).with_columns((nw.col("cash_out") + banked).alias("in_cash"))
    large = sums.filter((nw.col("in_cash") > a["over"]) & (nw.col("red") == 0))
    met = lines_of(frames, rows, large, ["in_cash"], ["cash_out"], taken_back(frames, journal))
    cases = []
    for found in met.values():
        shown = sorted(found, key=lambda r: (not r["cash_out"], r["row_id"]))  # the line of cash first
        paid = shown[0]["in_cash"]
        cases.append(
            voucher_case(
                spec, shown, ("credit", "counterparty"), amount=paid, expected=plain(a["over"], 2), actual=plain(paid, 2)
            )
        )
    return Outcome(tuple(cases), looked, reasons)


# --- F15: one invoice twice -------------------------------------------------------------------------------------------


def invoices_paid_twice(frames: Frames, spec: CheckSpec) -> Outcome:
    """One invoice number under two payments of an organisation: of one amount, or both booked as cost to one payee.

    A voucher may pay several invoices: then each counts with what its own lines charge. An entry reversed in red and booked
    again counts once. Arguments: accounts (prefixes of cost and assets).
    """
    a, journal = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal)
    sums = vouchers(rows)
    paid = sums.filter((nw.col("paid") > 0) & (nw.col("red") == 0)).select(*KEYS, "paid", "payee")
    twice = _invoices(rows, a["accounts"]).join(paid, on=list(KEYS), how="inner")
    often = twice.group_by("org_code", "invoice_no").agg(nw.len().alias("times")).filter(nw.col("times") > 1)
    twice = twice.join(often, on=["org_code", "invoice_no"], how="inner")
    gone, of_invoice = taken_back(frames, journal), defaultdict[tuple[str, str], list[Row]](list)
    for row in frames.records(twice, ["day", "voucher_no", "org_code", "invoice_no"]):
        if tuple(row[k] for k in KEYS) not in gone:
            of_invoice[row["org_code"] or "", row["invoice_no"]].append(row)
    again = {key: kept for key, mine in sorted(of_invoice.items()) if len(kept := _paid_again(mine)) > 1}
    wanted = rows.filter(nw.col("invoice_no").is_in(sorted({number for _, number in again}))) if again else None
    shown = gathered(frames.records(wanted.select("row_id", *KEYS, "invoice_no")), ["org_code", "invoice_no"]) if again else {}
    return Outcome(tuple(_twice_case(spec, *key, kept, shown[key]) for key, kept in again.items()), looked, reasons)


def _invoices(rows: nw.LazyFrame, accounts: Sequence[str]) -> nw.LazyFrame:
    """Every invoice of every voucher: `charged` to the accounts, `spent` on its own lines, how many `invoices`; 无 is no number."""
    numbered = rows.filter(holds(nw.col("invoice_no").str.contains("[0-9]{4}")))
    each = numbered.group_by(*KEYS, "invoice_no").agg(posted_to(accounts).alias("charged_here"), total(nw.col("spent")).alias("spent"))
    many = each.group_by(*KEYS).agg(nw.len().cast(nw.Int64).alias("invoices"))
    whole = rows.group_by(*KEYS).agg(posted_to(accounts).alias("charged_whole"))
    both = each.join(many, on=list(KEYS), how="inner").join(whole, on=list(KEYS), how="inner")
    alone = nw.col("invoices") == 1
    return both.with_columns(nw.when(alone).then(nw.col("charged_whole")).otherwise(nw.col("charged_here")).alias("charged"))


def _amount_of(row: Row) -> int:
    """What was paid for an invoice: the voucher's payment, or what its own lines spend where the voucher pays several."""
    return int(row["paid"] if row["invoices"] == 1 or not row["spent"] else min(row["spent"], row["paid"]))


def _paid_again(payments: Sequence[Row]) -> list[Row]:
    """The first payment of an invoice and those that pay it again."""
    first = payments[0]
    return [first, *(p for p in payments[1:] if _same_invoice(first, p))]


def _twice_case(spec: CheckSpec, org: str, number: str, payments: Sequence[Row], rows: Sequence[Row]) -> Case:
    again, order = payments[1:], {key_of(p): n for n, p in enumerate((*payments[1:], payments[0]))}
    shown = sorted((r for r in rows if key_of(r) in order), key=lambda r: (order[key_of(r)], r["row_id"]))
    numbers = tuple(dict.fromkeys(p["voucher_no"] for p in payments))
    return Case(
        spec.rule, org, spec.ledgers[0], (number,), numbers, evidence(spec.ledgers[0], shown, ("invoice_no", "credit")), "invoice_no",
        money(sum(map(_amount_of, again))), "", number, day_text(again[0]["day"] or None),
    )  # fmt: skip


def _same_invoice(one: Row, other: Row) -> bool:
    booked_twice = one["charged"] > 0 and other["charged"] > 0
    return _amount_of(one) == _amount_of(other) or (booked_twice and one["payee"] is not None and one["payee"] == other["payee"])


def _numbers(payments: Iterable[Sequence[Row]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p[0]["voucher_no"] for p in payments))


# --- F18: words -------------------------------------------------------------------------------------------------------


def spending_in_words(frames: Frames, spec: CheckSpec) -> Outcome:
    """What was paid in a year under certain words, over a cap: one case for the year. Arguments: words, columns, over."""
    a, journal = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    words, rows = _words(frames, a["words"]), lines(frames, journal)
    said = mentions(a["columns"], words["any"]) & ~mentions(a["columns"], words["but"])
    spent = nw.when(said).then(nw.col("spent")).otherwise(nw.lit(0))
    sums = vouchers(rows, total(spent).alias("worded"))
    met = lines_of(
        frames,
        rows,
        sums.filter((nw.col("worded") > 0) & (nw.col("paid") > 0)),
        ["worded", "paid"],
        gone=taken_back(frames, journal),
    )
    of_org: dict[str, list[list[Row]]] = defaultdict(list)
    for key, found in sorted(met.items(), key=lambda e: (e[0][2], e[0][1])):
        of_org[key[0] or ""].append(found)
    cases = []
    for org, found in sorted(of_org.items()):
        together = sum(min(v[0]["worded"], v[0]["paid"]) for v in found)
        if together > a["over"]:
            cases.append(_year_case(spec, org, str(frames.settings.fiscal_year), found, together, a["over"]))
    return Outcome(tuple(cases), looked, reasons)


def _year_case(spec: CheckSpec, org: str, year: str, found: Sequence[list[Row]], together: int, cap: int) -> Case:
    ledger = spec.ledgers[0]
    rows = [row for v in found for row in v]
    return Case(
        spec.rule, org, ledger, (year,), _numbers(found), evidence(ledger, rows, ("summary", "debit", "account_name")),
        "summary", money(together), plain(cap, 2), plain(together, 2), year,
    )  # fmt: skip


# --- F19: payments and decisions --------------------------------------------------------------------------------------


def payments_decided(frames: Frames, spec: CheckSpec) -> Outcome:
    """A voucher that pays out more than a limit names a decision, and the decision is not later than the payment.

    Money moved between the organisation's own accounts nets to nothing, and what was taken back in red is no payment.
    Ledgers: journal, decisions. Arguments: over.
    """
    a = spec.arguments
    journal, decisions = spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal)
    sums = vouchers(rows, reference(frames, "decision_no").max().alias("decided"), with_column("decision_no").alias("asked"))
    large = sums.filter((nw.col("paid") > a["over"]) & (nw.col("asked") > 0))
    moved = rows.with_columns((nw.col("cash_out") + nw.col("bank_out")).alias("moved"))
    met = lines_of(frames, moved, large, ["paid", "decided"], ["moved"], taken_back(frames, journal))
    held = _held_on(frames, decisions, {(m[0]["org_code"], m[0]["decided"]) for m in met.values() if m[0]["decided"]})
    made = (_payment_case(spec, m, held.get((m[0]["org_code"], m[0]["decided"]))) for m in met.values())
    return Outcome(tuple(case for case in made if case is not None), looked, reasons)


def _payment_case(spec: CheckSpec, met: Sequence[Row], held: int | None) -> Case | None:
    """The case of one payment, None when its decision was taken in time (or is not known to be late)."""
    decided, when = met[0]["decided"], met[0]["day"]
    if decided and not (held is not None and when and held > when):
        return None
    shown = sorted(met, key=lambda r: (not r["moved"], r["row_id"]))  # the line that pays first
    told = {"expected": day_text(when), "actual": day_text(held) if decided else "", "variant": "late" if decided else "missing"}
    return voucher_case(spec, shown, ("decision_no", "credit", "date"), amount=met[0]["paid"], **told)


def _held_on(frames: Frames, ledger: str, wanted: set[tuple[Any, Any]]) -> dict[tuple[Any, Any], int]:
    """The earliest meeting of each decision, yyyymmdd."""
    if not wanted or not frames.has(ledger):
        return {}
    rows = frames.plain(ledger).with_columns(ymd("held_on").alias("held"))
    rows = rows.filter(nw.col("decision_no").is_in(sorted({d for _, d in wanted})) & ~nw.col("held").is_null())
    found = frames.records(rows.group_by("org_code", "decision_no").agg(nw.col("held").min()), ["org_code", "decision_no"])
    return {(r["org_code"], r["decision_no"]): r["held"] for r in found}


# --- F20: payments that belong together -------------------------------------------------------------------------------


def payments_split(frames: Frames, spec: CheckSpec) -> Outcome:
    """Payments to one payee, each within a limit, over it together within some days.

    Payments under a decision are not split to avoid one; wages, taxes, members' payments and loans paid back are left out.
    Arguments: over, days, left_out (account prefixes).
    """
    a, journal = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal)
    left_out = total(nw.when(starts_with_any("account_code", a["left_out"])).then(nw.col("spent")).otherwise(nw.lit(0)))
    sums = vouchers(rows, reference(frames, "decision_no").max().alias("decision_no"), left_out.alias("left_out"))
    small = sums.filter(
        (nw.col("paid") > 0) & (nw.col("paid") <= a["over"]) & (nw.col("day") > 0) & (nw.col("red") == 0)
        & ~nw.col("payee").is_null() & nw.col("decision_no").is_null() & (nw.col("left_out") == 0)
    )  # fmt: skip
    large = (
        small.group_by("org_code", "payee").agg(total(nw.col("paid")).alias("of_payee")).filter(nw.col("of_payee") > a["over"])
    )
    met = lines_of(
        frames,
        rows,
        small.join(large, on=["org_code", "payee"], how="inner"),
        ["payee", "paid"],
        gone=taken_back(frames, journal),
    )
    of_payee: dict[tuple[str, str], list[list[Row]]] = defaultdict(list)
    for key, found in sorted(met.items(), key=lambda e: (e[0][2], e[0][1])):
        of_payee[key[0] or "", found[0]["payee"]].append(found)
    cases = [
        _split_case(spec, org, payee, together, a["over"])
        for (org, payee), found in sorted(of_payee.items())
        for together in _within(found, a["days"], a["over"])
    ]
    return Outcome(tuple(cases), looked, reasons)


def _within(payments: Sequence[list[Row]], days: int, over: int) -> Iterator[list[list[Row]]]:
    """Runs of payments, in order of date, first to last within `days`, that add up to more than `over`; none in two runs.

    Of runs that share a payment the one that adds up to most is taken: a small payment some days before is no part of it.
    """
    runs = [run for n in range(len(payments)) if len(run := _run_from(payments, n, days)) > 1]
    best = max(runs, key=lambda run: _together(payments, run), default=range(0))  # of equals the first
    if _together(payments, best) <= over:
        return
    yield from _within(payments[: best.start], days, over)
    yield list(payments[best.start : best.stop])
    yield from _within(payments[best.stop :], days, over)


def _run_from(payments: Sequence[list[Row]], start: int, days: int) -> range:
    """The places of the payments from `start` on within some days of it."""
    first, end = date_of(payments[start][0]["day"]), start
    while end < len(payments) and (date_of(payments[end][0]["day"]) - first).days <= days:
        end += 1
    return range(start, end)


def _together(payments: Sequence[list[Row]], run: range) -> int:
    return sum(payments[n][0]["paid"] for n in run)


def _split_case(spec: CheckSpec, org: str, payee: str, run: Sequence[list[Row]], over: int) -> Case:
    ledger, first, last = spec.ledgers[0], run[0][0], run[-1][0]
    together = sum(p[0]["paid"] for p in run)
    return Case(
        spec.rule, org, ledger, (payee, day_text(first["day"])), _numbers(run),
        evidence(ledger, [row for p in run for row in p], ("counterparty", "credit", "date")), "counterparty", money(together),
        plain(over, 2), plain(together, 2), f"{day_text(first['day'])} – {day_text(last['day'])}",
    )  # fmt: skip


# --- F50: days --------------------------------------------------------------------------------------------------------


def entered_late(frames: Frames, spec: CheckSpec) -> Outcome:
    """A voucher entered more than some days after its date. Arguments: days, long_days (from which it is `long`, not `late`)."""
    a, journal = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal).filter(nw.col("date__status") != "month")
    late = rows.filter(holds(nw.col("entered_on") > nw.col("date").dt.offset_by(f"{a['days']}d")))
    sums = late.group_by(*KEYS).agg(nw.col("entered_on").max(), nw.col("date").max())
    met = lines_of(frames, late, sums, ["entered_on", "date"])
    language, cases = frames.settings.language, []
    for found in met.values():
        taken = (_date(found[0]["entered_on"]) - _date(found[0]["date"])).days
        told = [say("money.days", language, days=n) for n in (a["days"], taken)]
        kind = "long" if taken > a["long_days"] else "late"
        cases.append(voucher_case(spec, found, ("entered_on", "date"), expected=told[0], actual=told[1], variant=kind))
    return Outcome(tuple(cases), looked, reasons)


def _date(value: Any) -> Any:
    """A date from what the engine gives for one."""
    return value.date() if hasattr(value, "date") else value


# --- F53: who signs for himself ---------------------------------------------------------------------------------------


def signed_by_payee(frames: Frames, spec: CheckSpec) -> Outcome:
    """Cost paid to the very person who signed for it: one case for each person. Arguments: fields, accounts, variant."""
    a, journal = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal)
    signs = nw.lit(False)
    for field in a["fields"]:
        signs = signs | holds(nw.col(field) == nw.col("payee"))
    own = nw.when(signs).then(nw.lit(1)).otherwise(nw.lit(0)).max().alias("own")
    sums = vouchers(rows, own, posted_to(a["accounts"], frames.catalog.words["payments"]["wages"]).alias("charged"))
    failing = sums.filter((nw.col("own") > 0) & (nw.col("paid") > 0) & (nw.col("charged") > 0) & (nw.col("red") == 0))
    met = lines_of(frames, rows, failing, ["payee", "paid"], gone=taken_back(frames, journal))
    of_person: dict[tuple[str, str], list[list[Row]]] = defaultdict(list)
    for found in met.values():
        of_person[found[0]["org_code"] or "", found[0]["payee"]].append(found)
    cases = [
        Case(
            spec.rule, org, journal, (name, a["variant"]), (name,),
            evidence(journal, [r for v in found for r in v], (a["fields"][0], "counterparty", "credit")), a["fields"][0],
            money(sum(v[0]["paid"] for v in found)), "", name, variant=a["variant"],
        )
        for (org, name), found in sorted(of_person.items())
    ]  # fmt: skip
    return Outcome(tuple(cases), looked, reasons)


# --- F12: money lent --------------------------------------------------------------------------------------------------


def lent_without_decision(frames: Frames, spec: CheckSpec) -> Outcome:
    """Money lent out, in plain words, with no decision on the voucher nor on the claim.

    A cadre's advance is another matter (F14). Ledgers: journal, claims, cadres. Arguments: accounts (prefixes of claims).
    """
    a, (journal, claims, cadres) = spec.arguments, spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal)
    lent = total(nw.when(_lending(frames, a["accounts"])).then(nw.col("spent")).otherwise(nw.lit(0)))
    decided = reference(frames, "decision_no").max().alias("decision_no")
    sums = vouchers(rows, lent.alias("lent"), decided, with_column("decision_no").alias("asked"))
    failing = sums.filter(
        (nw.col("lent") > 0)
        & (nw.col("paid") > 0)
        & (nw.col("asked") > 0)
        & nw.col("decision_no").is_null()
        & (nw.col("red") == 0)
    )
    met = lines_of(frames, rows, failing, ["payee", "lent"], gone=taken_back(frames, journal))
    roster, of_payee = Roster.read(frames, cadres), _claims_on(frames, claims)
    cases = []
    for found in met.values():
        org, payee = found[0]["org_code"] or "", found[0]["payee"] or ""
        owed = of_payee.get((org, payee), [])
        if roster.is_cadre(org, payee) or any(c["decision_no"] for c in owed):
            continue
        case = voucher_case(spec, found, ("summary", "counterparty", "decision_no"), amount=found[0]["lent"])
        cases.append(_joined(case, claims, owed))
    return Outcome(tuple(cases), looked, reasons)


def _lending(frames: Frames, accounts: Sequence[str]) -> nw.Expr:
    words = _words(frames, "lending")
    said = mentions(["summary"], words["any"]) & ~mentions(["summary"], words["but"])
    return said & starts_with_any("account_code", accounts)


def _claims_on(frames: Frames, claims: str) -> dict[tuple[str, str], list[Row]]:
    """(organisation, debtor) -> the claims on him."""
    if not frames.has(claims):
        return {}
    rows = frames.rows(claims).filter(holds(nw.col("kind") == "债权") & ~nw.col("counterparty").is_null())
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for org, mine in by_org(frames.records(rows.select("row_id", "org_code", "claim_no", "counterparty", "decision_no"))).items():
        for row in mine:
            found[org, "".join(row["counterparty"].split())].append(row)
    return found


def _joined(case: Case, claims: str, owed: Sequence[Row]) -> Case:
    from dataclasses import replace

    records = tuple(dict.fromkeys((*case.records, *(c["claim_no"] for c in owed if c["claim_no"]))))
    return replace(case, records=records, evidence=(*case.evidence, *evidence(claims, owed, ("counterparty", "decision_no"))))


CHECKS: dict[str, Check] = {
    "payments_decided": payments_decided,
    "vouchers_without_papers": vouchers_without_papers,
    "payments_without": payments_without,
    "cash_payments": cash_payments,
    "invoices_paid_twice": invoices_paid_twice,
    "spending_in_words": spending_in_words,
    "payments_split": payments_split,
    "entered_late": entered_late,
    "signed_by_payee": signed_by_payee,
    "lent_without_decision": lent_without_decision,
}
