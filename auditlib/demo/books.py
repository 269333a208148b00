"""From vouchers to a numbered journal, trial balances, statements and what is published.

Accounts follow 财会〔2023〕14号; balances are fen, debit positive.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from .model import BANK, CASH, YEAR, Body, Line, Row, Voucher

ACCOUNTS = {
    "101": "库存现金", "102": "银行存款", "10201": "基本户存款", "112": "应收款", "113": "内部往来", "11301": "成员欠款",
    "11302": "应付成员收益", "11303": "干部借支", "121": "库存物资", "131": "消耗性生物资产", "141": "长期投资",
    "151": "固定资产",
    "152": "累计折旧", "153": "在建工程", "202": "应付款项", "211": "应付款", "212": "应付工资", "214": "应交税费",
    "221": "长期借款及应付款", "241": "专项应付款", "301": "资本", "311": "公积公益金", "321": "本年收益", "322": "收益分配",
    "501": "经营收入", "50101": "资产租赁收入", "50102": "土地发包收入", "503": "补助收入", "504": "其他收入", "511": "经营支出",
    "512": "税金及附加", "513": "管理费用", "51301": "干部报酬", "51302": "办公印刷费", "51303": "水电通讯费",
    "51304": "差旅培训费",
    "51305": "折旧费", "514": "公益支出", "515": "其他支出",
}  # fmt: skip
PARENTS = ("102", "113", "501", "513")


def parent_of(account: str) -> str:
    """The first-level account of an account code."""
    return account[:3]


def sums(vouchers: Iterable[Voucher]) -> dict[str, tuple[int, int]]:
    """Debits and credits of every account posted to."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for voucher in vouchers:
        for line in voucher.lines:
            found[line.account][0] += line.debit
            found[line.account][1] += line.credit
    return {a: (d, c) for a, (d, c) in found.items()}


def after(opening: dict[str, int], vouchers: Iterable[Voucher]) -> dict[str, int]:
    """Balances after `vouchers`."""
    closing = dict(opening)
    for account, (debit, credit) in sums(vouchers).items():
        closing[account] = closing.get(account, 0) + debit - credit
    return closing


def closing_vouchers(vouchers: Iterable[Voucher], year: int) -> list[Voucher]:
    """Income and cost to 321, and 321 to 322, on the last day of the year."""
    totals = {a: d - c for a, (d, c) in sorted(sums(vouchers).items()) if a.startswith("5") and d != c}
    income = {a: -v for a, v in totals.items() if a < "51"}
    cost = {a: v for a, v in totals.items() if a >= "51"}
    profit = sum(income.values()) - sum(cost.values())
    last = dt.date(year, 12, 31)
    made = [
        Voucher(
            last, "年末结转各项收入", [*(Line(a, debit=v) for a, v in income.items()), Line("321", credit=sum(income.values()))]
        ),
        Voucher(last, "年末结转各项支出", [Line("321", debit=sum(cost.values())), *(Line(a, credit=v) for a, v in cost.items())]),
    ]
    to, by = ("322", "321") if profit < 0 else ("321", "322")
    made.append(Voucher(last, "本年收益转入收益分配", [Line(to, debit=abs(profit)), Line(by, credit=abs(profit))]))
    for voucher in made:
        voucher.closing, voucher.attachments, voucher.entered_on = True, 1, last
    return made


def opening_of_year(body: Body) -> dict[str, int]:
    """Balances at the start of the audited year."""
    return after(body.opening, body.prior)


def number_vouchers(body: Body) -> None:
    """Numbers in the order of dates, without a gap; from 1 again every month where that is the custom."""
    body.vouchers.sort(key=lambda v: v.on)
    n, month = 0, 0
    for voucher in body.vouchers:
        if body.months_restart and voucher.on.month != month:
            n, month = 0, voucher.on.month
        n += 1
        text = body.number("voucher", n)
        voucher.number = int(text) if text.isdigit() else text


def journal_rows(body: Body) -> None:
    """The journal ledger from the numbered vouchers; every voucher keeps its rows."""
    rows = body.rows("journal")
    for voucher in body.vouchers:
        voucher.rows = [_journal_row(body, voucher, i, line) for i, line in enumerate(voucher.lines, 1)]
        rows.extend(voucher.rows)


def _journal_row(body: Body, voucher: Voucher, i: int, line: Line) -> Row:
    parent = parent_of(line.account)
    name = ACCOUNTS[line.account] if parent == line.account else f"{ACCOUNTS[parent]}/{ACCOUNTS[line.account]}"
    return {
        "date": voucher.on, "voucher_no": voucher.number, "line_no": i, "summary": voucher.summary,
        "account_code": line.account, "account_name": name, "detail": line.detail or None,
        "counterparty": voucher.counterparty or None, "debit": line.debit or None, "credit": line.credit or None,
        "attachments": voucher.attachments, "invoice_no": voucher.invoice_no or None,
        "handler": voucher.handler or body.cashier.name,
        "approver": body.head.name, "preparer": body.accountant.name, "reviewer": body.reviewer,
        "entered_on": voucher.entered_on or voucher.on, "decision_no": voucher.decision_no or None,
    }  # fmt: skip


def balance_rows(year: int, opening: dict[str, int], vouchers: Iterable[Voucher]) -> list[Row]:
    """A trial balance: every account with its first-level account above it."""
    moved = sums(vouchers)
    rows: list[Row] = []
    for account in sorted({a for a, v in opening.items() if v} | set(moved)):
        debit, credit = moved.get(account, (0, 0))
        before = opening.get(account, 0)
        rows.append(_balance_row(year, account, before, debit, credit, before + debit - credit))
    for parent in PARENTS:
        children = [r for r in rows if r["account_code"].startswith(parent) and r["account_code"] != parent]
        if children:
            row = _balance_row(year, parent, 0, 0, 0, 0)
            row.update({c: sum(r[c] for r in children) for c in SIX})
            rows.append(row)
    return sorted(rows, key=lambda r: r["account_code"])


SIX = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")


def _balance_row(year: int, account: str, before: int, debit: int, credit: int, end: int) -> Row:
    return {
        "fiscal_year": year, "account_code": account, "account_name": ACCOUNTS[account],
        "opening_debit": max(before, 0), "opening_credit": max(-before, 0), "debit": debit, "credit": credit,
        "closing_debit": max(end, 0), "closing_credit": max(-end, 0),
    }  # fmt: skip


def statement_rows(body: Body) -> list[Row]:
    """The bank's view of account 102: its own dates, and one line for vouchers paid in together."""
    batches: dict[object, list[Voucher]] = defaultdict(list)
    for voucher in body.vouchers:
        if voucher.bank_on and voucher.moved(BANK):
            batches[voucher.bank_group or id(voucher)].append(voucher)
    rows, balance = [], opening_of_year(body)[BANK]
    for batch in sorted(batches.values(), key=lambda b: b[0].bank_on or dt.date.max):
        amount = sum(v.moved(BANK) for v in batch)
        balance += amount
        rows.append(_statement_row(body, batch, amount, balance))
    return rows


def _statement_row(body: Body, batch: list[Voucher], amount: int, balance: int) -> Row:
    first = batch[0]
    alone = len(batch) == 1
    return {
        "account_no": body.account_no, "date": first.bank_on, "paid_out": -amount if amount < 0 else None,
        "paid_in": amount if amount > 0 else None, "balance": balance, "counterparty": first.counterparty if alone else None,
        "counterparty_account": first.payee_account if alone else None, "memo": first.summary if alone else "承包款汇总缴存",
    }  # fmt: skip


def daily(body: Body, account: str) -> list[tuple[dt.date, int]]:
    """End-of-day balances of an account, on the days on which it moved."""
    balance, days = opening_of_year(body).get(account, 0), {}
    for voucher in sorted(body.vouchers, key=lambda v: v.on):
        if any(x.account == account for x in voucher.lines):
            balance += voucher.moved(account)
            days[voucher.on] = balance
    return sorted(days.items())


def money_on(body: Body, day: dt.date) -> tuple[int, int]:
    """Cash and bank in the books at the end of a day."""
    done = after(opening_of_year(body), (v for v in body.vouchers if v.on <= day))
    return done.get(CASH, 0), done.get(BANK, 0)


def quarter_figures(body: Body, quarter: int) -> tuple[int, int, int]:
    """Income (credits of 50x), cost (debits of 51x), both without closing entries, and money at the quarter's end."""
    months = range(quarter * 3 - 2, quarter * 3 + 1)
    moved = sums(v for v in body.vouchers if v.on.month in months and not v.closing)
    income = sum(c for a, (_, c) in moved.items() if a.startswith("50"))
    cost = sum(d for a, (d, _) in moved.items() if a.startswith("51"))
    return income, cost, sum(money_on(body, quarter_end(quarter)))


def quarter_end(quarter: int) -> dt.date:
    return (dt.date(YEAR, 12, 31), dt.date(YEAR, 3, 31), dt.date(YEAR, 6, 30), dt.date(YEAR, 9, 30))[quarter % 4]
