"""The money of a year: what comes in, what is paid, from the bank or from the cash box, and what members get."""

from __future__ import annotations

import datetime as dt

from .assets import accumulated, charge
from .books import after, opening_of_year, sums
from .decisions import decide
from .lexicon import Census
from .model import BANK, CASH, YEAR, Body, Line, Voucher
from .office_days import days, month_end, workday
from .people import present_members

_COSTS = (
    ("51302", "付打字复印及装订费", 280, 1400), ("51303", "付村部电费", 160, 720), ("514", "付路灯及管线维护费", 600, 3200),
    ("514", "付垃圾转运及保洁费", 900, 3800), ("511", "付门面防水修缮费", 700, 3600), ("51302", "付账簿及档案用品款", 200, 950),
    ("51303", "付宽带及电话费", 300, 900), ("51304", "付会计培训差旅费", 240, 860), ("514", "付沟渠疏浚费", 1100, 4600),
    ("511", "付泵站机电检修费", 500, 2400), ("514", "付公益林管护费", 800, 2600), ("51303", "付自来水费", 90, 420),
)  # fmt: skip
_CASH_COSTS = (
    ("51304", "付下组工作交通费", 60, 380), ("51302", "付零星文具款", 40, 260), ("514", "付临时清扫人工费", 200, 760), ("51303",
    "付快递邮寄费", 20, 140),
    ("514", "付公告栏维修材料款", 90, 520), ("51304", "付参会往返车费", 50, 240), ("511", "付门锁配件款", 60, 300),
)  # fmt: skip


def run_year(body: Body, census: Census) -> None:
    """All vouchers of the year but rent, works, claims and closing entries."""
    shops = [census.shop() for _ in range(7)]
    _income(body)
    _bank_costs(body, shops)
    _depreciation(body)
    if body.level == "village":
        _wages(body)
        _tax_and_interest(body)
    _near_misses(body, shops)
    _cash_box(body, shops)


def pay(body: Body, on: dt.date, account: str, amount: int, summary: str, shop: str, decision: str = "") -> Voucher:
    """A payment by transfer with an invoice; the bank books it up to three days later, but within the year."""
    rng = body.rng(f"pay {on} {amount} {summary}")
    voucher = Voucher(
        on, summary, [Line(account, debit=amount), Line(BANK, credit=amount, detail=body.account_no)], counterparty=shop,
        payee_account=f"9904{rng.randrange(10**14):014d}", invoice_no=body.invoice(), decision_no=decision,
        handler=body.cadres[-1].name,
        attachments=rng.randrange(2, 5), entered_on=on + days(rng.randrange(0, 12)), bank_on=min(on + days(rng.randrange(0, 4)),
        dt.date(YEAR, 12, 31)),
    )  # fmt: skip
    body.vouchers.append(voucher)
    return voucher


def receive(body: Body, on: dt.date, account: str, amount: int, summary: str, payer: str) -> None:
    body.vouchers.append(Voucher(
        on, summary, [Line(BANK, debit=amount, detail=body.account_no), Line(account, credit=amount)], counterparty=payer,
        handler=body.cadres[-1].name, attachments=1, bank_on=on,
    ))  # fmt: skip


def _income(body: Body) -> None:
    rng = body.rng("income")
    for month in (3, 6, 9, 12):
        receive(body, dt.date(YEAR, month, 21), "504", rng.randrange(2600, 9800), "收活期存款利息", "")
    if body.level == "village":
        for month in (2, 7):
            receive(
                body, workday(rng, month), "503", rng.randrange(260, 420) * 10000, "收村级组织运转补助", f"{body.township}财政所"
            )


def _bank_costs(body: Body, shops: list[str]) -> None:
    rng = body.rng("bank costs")
    costs = _COSTS if body.level == "village" else _COSTS[2:8:2]
    for i, (account, summary, low, high) in enumerate(costs):
        on = workday(rng, 1 + i * 12 // len(costs), 7, 25)
        pay(body, on, account, rng.randrange(low * 100, high * 100), summary, shops[i % 5])


def _wages(body: Body) -> None:
    rng = body.rng("wages")
    quarterly = rng.randrange(52, 68) * 10000 * 2
    decision = decide(body, dt.date(YEAR, 1, 13), f"{YEAR}年度村干部报酬标准")
    for quarter, month in enumerate((3, 6, 9, 12), 1):
        on = dt.date(YEAR, month, 23)
        body.vouchers += [
            Voucher(on, f"计提{quarter}季度村干部报酬", [Line("51301", debit=quarterly), Line("212", credit=quarterly)],
            attachments=1),
            Voucher(
                on + days(2), f"发放{quarter}季度村干部报酬", [Line("212", debit=quarterly), Line(BANK, credit=quarterly,
                detail=body.account_no)],
                decision_no=decision, handler=body.cashier.name, bank_on=on + days(3),
            ),
        ]  # fmt: skip


def _depreciation(body: Body) -> None:
    for month in (3, 6, 9, 12):
        start = (YEAR, month - 3) if month > 3 else (YEAR - 1, 12)
        own, earning = charge(body, start, (YEAR, month))
        lines = [Line("51305", debit=own)] if own else []
        lines += [Line("511", debit=earning, detail="折旧")] if earning else []
        on = month_end(month)
        if lines:
            body.vouchers.append(
                Voucher(on, "计提固定资产折旧", [*lines, Line("152", credit=own + earning)], attachments=1, entered_on=on)
            )


def _tax_and_interest(body: Body) -> None:
    rng = body.rng("tax")
    tax, interest = rng.randrange(28000, 64000), rng.randrange(52000, 98000)
    on = dt.date(YEAR, 10, 14)
    body.vouchers += [
        Voucher(on, "计提房产税", [Line("512", debit=tax), Line("214", credit=tax)], attachments=1),
        Voucher(
            on + days(3), "缴纳房产税", [Line("214", debit=tax), Line(BANK, credit=tax, detail=body.account_no)],
            counterparty="县税务局", handler=body.cashier.name, bank_on=on + days(3),
        ),
    ]  # fmt: skip
    pay(body, dt.date(YEAR, 12, 22), "515", interest, "付长期借款利息", body.bank)


def _near_misses(body: Body, shops: list[str]) -> None:
    if body.level != "village":
        return
    if body.index % 4 == 1:  # exactly the amount over which a decision is needed
        pay(body, dt.date(YEAR, 4, 17), "514", 1_000_000, "付村道塌方清运费", shops[6])
    if body.index % 4 == 2:  # entered exactly 30 days later
        pay(body, dt.date(YEAR, 8, 5), "514", 186_500, "付防汛沙袋款", shops[5]).entered_on = dt.date(YEAR, 9, 4)
    late = pay(body, dt.date(YEAR, 12, 29), "51302", 70_000 + body.index * 1357, "付年终报表印制费", shops[5])
    if body.index % 2:  # on its way to the bank at the year end
        late.bank_on, late.entered_on = None, dt.date(YEAR + 1, 1, 6)


def _cash_box(body: Body, shops: list[str]) -> None:
    """Small cash payments; money is drawn before it is needed, so that cash is never short nor over the limit."""
    balance = opening_of_year(body)[CASH]
    last, draws = dt.date(YEAR, 1, 2), 0
    for on, account, amount, summary, shop in _cash_plan(body, shops):
        if balance < amount:
            draws += 1
            drawn = _draw_amount(body, balance, draws)
            day = max(last, on - days(2))
            _draw(body, day, drawn)
            balance += drawn
        balance -= amount
        body.vouchers.append(Voucher(
            on, summary, [Line(account, debit=amount), Line(CASH, credit=amount)], counterparty=shop, invoice_no=body.invoice(),
            handler=body.cadres[-2].name, attachments=1, entered_on=on + days(1),
        ))  # fmt: skip
        last = on
    if body.level == "village" and body.index % 4 == 2:
        _sale_for_cash(body, last + days(4))
    if body.level == "village" and body.index % 4 == 0:
        _red_ink(body)


def _cash_plan(body: Body, shops: list[str]) -> list[tuple[dt.date, str, int, str, str]]:
    rng = body.rng("cash")
    plan = []
    for i, (account, summary, low, high) in enumerate(_CASH_COSTS if body.level == "village" else _CASH_COSTS[::2]):
        on = workday(rng, 2 + i * 10 // 7, 6, 24)
        plan.append((on, account, rng.randrange(low * 10, high * 10) * 10, summary, shops[i % 5]))
    if body.level == "village" and body.index % 4 == 3:  # exactly the amount over which cash must not be used
        plan.append((dt.date(YEAR, 9, 16), "514", 100_000, "付抗旱临时用工费", shops[6]))
    return sorted(plan)


def _draw_amount(body: Body, balance: int, draws: int) -> int:
    if body.level == "village" and body.index % 4 == 1 and draws == 1:
        return 500_000 - balance  # near-miss: the cash box at exactly its limit
    return body.rng(f"draw {draws}").randrange(12, 26) * 10000


def _draw(body: Body, on: dt.date, amount: int) -> None:
    body.vouchers.append(Voucher(
        on, "提取备用金", [Line(CASH, debit=amount), Line(BANK, credit=amount, detail=body.account_no)],
        handler=body.cashier.name,
        attachments=1, bank_on=on,
    ))  # fmt: skip


def _sale_for_cash(body: Body, on: dt.date) -> None:
    """Near-miss: cash income over the large-cash line, banked the next day."""
    amount = 136_000
    body.vouchers += [
        Voucher(on, "收废旧桌椅处置款", [Line(CASH, debit=amount), Line("504", credit=amount)], counterparty="废品收购户",
        attachments=1),
        Voucher(
            on + days(1), "处置款缴存银行", [Line(BANK, debit=amount, detail=body.account_no), Line(CASH, credit=amount)],
            handler=body.cashier.name, attachments=1, bank_on=on + days(1),
        ),
    ]  # fmt: skip


def _red_ink(body: Body) -> None:
    """Near-miss: a cash payment booked to the wrong account, reversed in red and booked again with the same invoice."""
    first = next(v for v in body.vouchers if v.summary == "付零星文具款")
    amount = first.lines[0].debit
    for sign, account, summary in ((-1, "51302", "冲销原记付零星文具款"), (1, "514", "更正记付零星文具款")):
        body.vouchers.append(Voucher(
            first.on + days(3), summary, [Line(account, debit=sign * amount), Line(CASH, credit=sign * amount)],
            counterparty=first.counterparty, invoice_no=first.invoice_no, handler=first.handler, attachments=1,
        ))  # fmt: skip


def prior_year(body: Body) -> None:
    """The year before in a few sums, so that its closing balances are the opening balances of the year."""
    rng = body.rng("prior")
    when = dt.date(YEAR - 1, 12, 20)
    village = body.level == "village"

    def book(summary: str, debit: str, credit: str, amount: int) -> None:
        body.prior.append(Voucher(when, summary, [Line(debit, debit=amount), Line(credit, credit=amount)]))

    rents = {"50101": 0, "50102": 0}
    for contract in body.rows("contracts"):
        if contract["annual_rent"] and contract["starts_on"].year < YEAR:
            rents["50101" if contract["kind"] == "租赁" else "50102"] += contract["annual_rent"]
    for account, amount in rents.items():
        if amount:
            book("全年租金", BANK, account, amount)
    book("利息", BANK, "504", rng.randrange(12000, 30000))
    if village:
        book("补助", BANK, "503", rng.randrange(600, 800) * 10000)
        book("报酬", "51301", BANK, rng.randrange(44, 52) * 100000)
    for account in ("51302", "514", "511")[: 3 if village else 2]:
        book("费用", account, BANK, rng.randrange(150_000, 480_000 if village else 220_000))
    own, earning = charge(body, (YEAR - 2, 12), (YEAR - 1, 12))
    for account, amount in (("51305", own), ("511", earning)):
        if amount:
            book("折旧", account, "152", amount)


def open_books(body: Body) -> None:
    """Opening balances of the year before; 311 is what makes them balance."""
    rng = body.rng("opening")
    held = [a for a in body.rows("fixed_assets") if a["acquired_on"].year < YEAR]
    body.opening[CASH] = rng.randrange(18000, 66000)
    body.opening[BANK] = rng.randrange(9_000_000, 16_000_000) if body.level == "village" else rng.randrange(2_000_000, 4_500_000)
    body.opening["151"] = sum(a["original_value"] for a in held)
    body.opening["152"] = -sum(accumulated(a, YEAR - 2, 12) for a in held)
    body.opening["322"] = -rng.randrange(1_500_000, 3_600_000) if body.level == "village" else -rng.randrange(200_000, 700_000)
    body.opening["311"] = -sum(body.opening.values())


def distribute(body: Body) -> None:
    """Shares times one amount, about half of what may be distributed, decided by all members and paid by transfer."""
    shares = sum(m["shares"] for m in present_members(body))
    totals = sums(body.vouchers)
    net = sum(c - d for a, (d, c) in totals.items() if a.startswith("5"))
    free = net - opening_of_year(body).get("322", 0)
    money = after(opening_of_year(body), body.vouchers)[BANK]
    each = min(free // 2, money // 2) // shares // 1000 * 1000
    if each <= 0:
        return
    paid_on, total = dt.date(YEAR, 12, 26), each * shares
    decision = decide(body, dt.date(YEAR, 12, 12), f"{YEAR}年度收益分配方案", all_members=True)
    body.vouchers += [
        Voucher(paid_on - days(2), f"{YEAR}年度成员收益分配", [Line("322", debit=total), Line("11302", credit=total)],
        decision_no=decision),
        Voucher(
            paid_on, f"发放{YEAR}年度成员分红", [Line("11302", debit=total), Line(BANK, credit=total, detail=body.account_no)],
            decision_no=decision, handler=body.cashier.name, attachments=6, bank_on=paid_on + days(1),
        ),
    ]  # fmt: skip
    for member in present_members(body):
        body.rows("distributions").append({
            "fiscal_year": YEAR, "member_no": member["member_no"], "name": member["name"], "shares": member["shares"],
            "amount": each * member["shares"], "paid_on": paid_on,
        })  # fmt: skip
