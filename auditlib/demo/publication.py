"""What an organisation shows to others: bank accounts filed, quarterly disclosures, the hand-over after an election."""

from __future__ import annotations

import datetime as dt

from .books import money_on, quarter_end, quarter_figures
from .model import YEAR, Body, Row
from .office_days import days


def file_account(body: Body) -> None:
    body.rows("bank_accounts").append({
        "account_no": body.account_no, "bank": body.bank, "purpose": "基本存款账户", "holder": body.name, "status": "正常",
        "filed": True,
    })  # fmt: skip


def disclose(body: Body) -> None:
    """Income, cost and money of every quarter, published in time (near-miss: on the last day allowed)."""
    rng = body.rng("disclosures")
    for quarter in (1, 2, 3, 4):
        lag = 30 if quarter == 2 and body.index % 4 == 3 else rng.randrange(6, 22)
        period = f"{YEAR}年第{quarter}季度" if body.style == "merged" else f"{YEAR}Q{quarter}"
        for item, amount in zip(("收入合计", "支出合计", "货币资金余额"), quarter_figures(body, quarter), strict=True):
            body.rows("disclosures").append({
                "period": period, "item": item, "published_on": quarter_end(quarter) + days(lag), "amount": amount,
                "method": "村务公开栏" if body.style == "merged" else "公开栏、微信群",
            })  # fmt: skip


def hand_over(body: Body, handed_by: str, watched_by: str) -> None:
    """The hand-over of an organisation whose head changed: what was given was received, within ten days."""
    elected = dt.date(YEAR, 4, 2) + days(body.index % 6)
    handed = elected + days(10 if body.index % 4 == 2 else 4 + body.index % 5)
    cash, bank = money_on(body, handed)
    held = [a for a in body.rows("fixed_assets") if a["acquired_on"] <= handed]
    signed = [c for c in body.rows("contracts") if c["signed_on"] <= handed]
    items = (
        ("货币资金", "库存现金", None, cash), ("货币资金", "银行存款", 1, bank),
        ("固定资产", "固定资产明细账", len(held), sum(a["original_value"] for a in held)),
        ("资源", "资源登记簿", len(body.rows("resources")), None), ("合同", "承包租赁合同正本", len(signed), None),
        ("印章", "行政公章", 1, None), ("印章", "财务印鉴", 2, None), ("档案", f"{YEAR - 1}年度凭证", 4, None), ("档案",
        "历年账簿", 7, None),
    )  # fmt: skip
    for n, (item_class, item, quantity, amount) in enumerate(items, 1):
        row: Row = {
            "item_class": item_class, "item_no": body.number("handover", n), "item": item, "quantity_out": quantity,
            "amount_out": amount,
            "quantity_in": quantity, "amount_in": amount, "handed_by": handed_by, "received_by": body.head.name,
            "supervised_by": watched_by, "elected_on": elected, "handed_on": handed,
        }  # fmt: skip
        body.rows("handover").append(row)
