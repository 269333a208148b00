"""Defects in the vouchers: balances, statements and disclosures follow from them as they would in life."""

from __future__ import annotations

import datetime as dt

from .books import daily, opening_of_year
from .model import BANK, CASH, YEAR, Body, Case, County, Implied, Line, Row, Voucher
from .office_days import days
from .year import pay

CASH_LIMIT = 500_000


def _balance(body: Body, account: str) -> Row:
    return next(r for r in body.rows("trial_balance") if r["account_code"] == account)


def asset_not_registered(county: County, body: Body) -> Case | None:
    """D17: a purchase is booked to 151, the register of fixed assets does not have it."""
    if body.level != "village":
        return None
    amount = 680_000
    pay(body, dt.date(YEAR, 6, 18), "151", amount, "购入割灌机一批", _shop(body))
    return Case("D17", body, "trial_balance", ("151",), lambda: _balance(body, "151"), "账上购入的资产没有登记台账", amount)


def stock_overdrawn(county: County, body: Body) -> Case | None:
    """D18: more is written off the stock than was there."""
    stock = opening_of_year(body).get("121", 0)
    if not stock:
        return None
    over = 43_650
    voucher = Voucher(
        dt.date(YEAR, 8, 19),
        "领用库存防汛物资",
        [Line("511", debit=stock + over), Line("121", credit=stock + over)],
        attachments=2,
    )
    body.vouchers.append(voucher)
    return Case(
        "D18",
        body,
        "trial_balance",
        ("121",),
        lambda: _balance(body, "121"),
        "库存物资出现贷方余额",
        over,
        (Implied("F05", (voucher,)),),
    )


def old_chart(county: County, body: Body) -> Case | None:
    """D19: an account of the chart of 2004."""
    amount = 214_000
    voucher = Voucher(
        dt.date(YEAR, 9, 11), "暂欠道路保洁费", [Line("514", debit=amount), Line("202", credit=amount)], counterparty=_shop(body)
    )
    body.vouchers.append(voucher)
    implied = (Implied("D09", (voucher,)), Implied("F47", ("202", voucher)), Implied("F05", (voucher,)))
    return Case("D19", body, "trial_balance", ("202",), lambda: _balance(body, "202"), "沿用2004年科目 202", amount, implied)


def cash_over_limit(county: County, body: Body) -> Case | None:
    """F07: too much is drawn, and put back three days later."""
    ends = dict(daily(body, CASH))
    for draw in _draws(body):
        if ends[draw.on] >= CASH_LIMIT:
            continue
        high = 561_230
        extra = high - ends[draw.on]
        draw.lines[0].debit += extra
        draw.lines[1].credit += extra
        back = draw.on + days(3)
        body.vouchers.append(Voucher(
            back, "多提备用金缴回", [Line(BANK, debit=extra, detail=body.account_no), Line(CASH, credit=extra)],
            handler=body.cashier.name, bank_on=back,
        ))  # fmt: skip
        implied = (Implied("F19", (draw,)),)
        return Case("F07", body, "journal", (draw.on.isoformat(),), draw, f"库存现金 {high / 100:.2f}", high, implied)
    return None


def cash_below_zero(county: County, body: Body) -> Case | None:
    """F09: the payment stands before the withdrawal that it was made from."""
    for draw in _draws(body):
        was = draw.on, draw.bank_on
        later = [v for v in body.vouchers if v.on >= draw.on and v is not draw and v.moved(CASH) < 0]
        if not later:
            continue
        payment = min(later, key=lambda v: v.on)
        draw.on = draw.bank_on = payment.on + days(1)
        short = [(day, balance) for day, balance in daily(body, CASH) if balance < 0]
        if len(short) == 1 and short[0][0] == payment.on and max(b for _, b in daily(body, CASH)) < CASH_LIMIT:
            return Case("F09", body, "journal", (payment.on.isoformat(),), payment, "当日现金余额为负", -short[0][1])
        draw.on, draw.bank_on = was
    return None


def _draws(body: Body) -> list[Voucher]:
    return sorted((v for v in body.vouchers if v.summary == "提取备用金"), key=lambda v: v.on)


def never_at_the_bank(county: County, body: Body) -> Case | None:
    """F10: a payment in the books that the bank never made."""
    voucher = _voucher(body, "付路灯及管线维护费")
    voucher.bank_on = None
    return Case(
        "F10",
        body,
        "journal",
        (body.account_no,),
        voucher,
        "账上已付、银行未付",
        -voucher.moved(BANK),
        (Implied("F03", (body.account_no,)),),
    )


def no_decision(county: County, body: Body) -> Case | None:
    """F19: a large payment that nobody decided."""
    if body.level != "village":
        return None
    amount = 1_268_000
    voucher = pay(body, dt.date(YEAR, 10, 30), "514", amount, "付村口绿化苗木款", _shop(body))
    return Case("F19", body, "journal", (voucher,), voucher, "无决议", amount)


def rent_unpaid(county: County, body: Body) -> Case | None:
    """F35: rent that fell due in the year and was not paid."""
    for receipt in body.rows("receipts"):
        voucher = receipt["voucher"]
        if voucher and not voucher.bank_group and receipt["due_on"].month < 12:
            body.vouchers.remove(voucher)
            receipt.update(voucher=None, received_on=None, amount_received=None)
            no, due = receipt["contract_no"], receipt["amount_due"]
            return Case("F35", body, "receipts", (no,), receipt, "应收未收", due, (Implied("F02", (no,)), Implied("D01", (no,))))
    return None


def _voucher(body: Body, summary: str) -> Voucher:
    return next(v for v in body.vouchers if v.summary == summary)


def _shop(body: Body) -> str:
    return _voucher(body, "付宽带及电话费").counterparty


PLANTS = (
    ("D17", asset_not_registered), ("D18", stock_overdrawn), ("D19", old_chart), ("F07", cash_over_limit), ("F09",
    cash_below_zero),
    ("F10", never_at_the_bank), ("F19", no_decision), ("F35", rent_unpaid), ("F35", rent_unpaid),
)  # fmt: skip
