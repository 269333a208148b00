"""Claims and debts, and what moved on them the year before and in the year."""

from __future__ import annotations

import datetime as dt

from .decisions import decide
from .lexicon import Census
from .model import BANK, YEAR, Body, Line, Row, Voucher
from .office_days import days, workday

_OPENINGS = {"121": 640_000, "131": 285_000, "141": 4_500_000, "301": -6_800_000}


def add_claims(body: Body, census: Census) -> None:
    """Open items of 112, 113, 211 and 221; their sums are the balances of these accounts."""
    rng = body.rng("claims")
    member = body.rows("members")[9 + body.index % 4]["name"]
    for account, who, low, high in (
        ("112", census.firm("93").name, 3000, 9000), ("112", census.person().name, 1500, 6000), ("11301", member, 800, 2600),
        ("211", census.shop(), 4000, 12000), ("211", census.shop(), 1500, 7000), ("221", body.bank, 30000, 70000),
    ):  # fmt: skip
        arisen = workday(rng, rng.randrange(1, 13), year=rng.choice((2022, 2023)))
        _claim(body, account, who, arisen, rng.randrange(low * 100, high * 100), workday(rng, rng.randrange(2, 12), year=2024))
    rows = body.rows("claims")
    if body.index % 3 == 1:
        rows[3]["arisen_on"] = dt.date(2017, 9, 14)  # near-miss: old, but it moved lately
    _settle(body, rows[0], "收回往来款", workday(rng, 5))
    _settle(body, rows[4], "支付以前年度欠款", workday(rng, 6))


def _claim(body: Body, account: str, who: str, arisen: dt.date, amount: int, moved: dt.date) -> None:
    rows = body.rows("claims")
    owed_to_us = account.startswith("11")
    sign = 1 if owed_to_us else -1
    paid = amount // 5000 * 1000
    rows.append({
        "claim_no": body.number("claim", len(rows) + 1), "kind": "债权" if owed_to_us else "债务", "account_code": account,
        "counterparty": who, "arisen_on": arisen, "due_on": dt.date(2027, 6, 30), "amount": amount, "last_movement_on": moved,
        "decision_no": decide(body, arisen - days(15), "讨论长期借款事宜") if account == "221" else None,
    })  # fmt: skip
    body.opening[account] = body.opening.get(account, 0) + sign * (amount + paid)
    lines = (
        [Line(BANK, debit=paid), Line(account, credit=paid)]
        if owed_to_us
        else [Line(account, debit=paid), Line(BANK, credit=paid)]
    )
    body.prior.append(Voucher(moved, "往来款变动", lines))


def _settle(body: Body, claim: Row, summary: str, on: dt.date) -> None:
    part = claim["amount"] // 3000 * 1000
    claim["amount"] -= part
    claim["last_movement_on"] = on
    inward = claim["kind"] == "债权"
    lines = [Line(BANK, debit=part, detail=body.account_no), Line(claim["account_code"], credit=part)]
    if not inward:
        lines = [Line(claim["account_code"], debit=part), Line(BANK, credit=part, detail=body.account_no)]
    body.vouchers.append(Voucher(
        on, f"{summary}（{claim['counterparty']}）", lines, counterparty=claim["counterparty"],
        invoice_no="" if inward else body.invoice(), handler=body.cadres[-1].name, bank_on=on + days(0 if inward else 1),
    ))  # fmt: skip


def advance_to_cadre(body: Body) -> None:
    """Near-miss: a cadre's advance, younger at the year end than the days allowed."""
    on, who, amount = dt.date(YEAR, 11, 20), body.cadres[-1].name, 160_000
    rows = body.rows("claims")
    rows.append({
        "claim_no": body.number("claim", len(rows) + 1), "kind": "债权", "account_code": "11303", "counterparty": who,
        "arisen_on": on,
        "due_on": dt.date(YEAR + 1, 2, 15), "amount": amount, "last_movement_on": on, "decision_no": None,
    })  # fmt: skip
    body.vouchers.append(Voucher(
        on, f"{who}借支赴县培训费用", [Line("11303", debit=amount, detail=who), Line(BANK, credit=amount,
        detail=body.account_no)],
        counterparty=who, handler=body.cadres[-2].name, bank_on=on + days(1),
    ))  # fmt: skip


def standing_balances(body: Body) -> None:
    """Stocks, investment and capital that do not move."""
    rng = body.rng("standing")
    for account, amount in _OPENINGS.items() if body.level == "village" else ():
        body.opening[account] = amount * rng.randrange(80, 140) // 100
