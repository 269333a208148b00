"""Defects on the sheets: a cell, a row or a total that is not as it should be, everything else in order."""

from __future__ import annotations

import datetime as dt

from . import identity
from .books import quarter_end
from .model import YEAR, Body, Case, County, Implied, Row
from .office_days import days, plus_years
from .people import present_members


def _row(body: Body, ledger: str, account: str) -> Row | None:
    return next((r for r in body.rows(ledger) if r["account_code"] == account), None)


def _both(body: Body, account: str) -> list[Row]:
    """The account's row in the village's and in the agency's trial balance."""
    return [r for r in (_row(body, "trial_balance", account), _row(body, "agency_trial_balance", account)) if r]


def _imply(records: tuple[str, ...], *rules: str) -> tuple[Implied, ...]:
    return tuple(Implied(rule, records) for rule in rules)


def claim_without_debtor(county: County, body: Body) -> Case | None:
    if body.level != "village":
        return None
    row = body.rows("claims")[1]
    row["counterparty"] = None
    no = (row["claim_no"],)
    return Case("D01", body, "claims", no, row, "对方单位为空", implied=_imply(no, "F13", "F47"))


def asset_without_date(county: County, body: Body) -> Case | None:
    row = body.rows("fixed_assets")[2]
    row["acquired_on"] = None
    no = (row["asset_no"],)
    return Case("D01", body, "fixed_assets", no, row, "购建日期为空", implied=_imply(no, "F28"))


def impossible_date(county: County, body: Body) -> Case | None:
    row = body.rows("asset_count")[1]
    row["counted_on"] = f"{YEAR}-02-30"
    no = (row["asset_no"],)
    return Case("D02", body, "asset_count", no, row, "日期不存在：2025-02-30", implied=_imply(no, "D01", "D10", "F23"))


def decision_twice(county: County, body: Body) -> Case | None:
    rows = body.rows("decisions")
    copy = dict(rows[1])
    rows.insert(2, copy)
    return Case("D03", body, "decisions", (copy["decision_no"],), copy, "同一决议登记两次")


def unknown_status(county: County, body: Body) -> Case | None:
    if not body.rows("members"):
        return None
    row = present_members(body)[3]
    row["status"] = "外出务工"
    no = (row["member_no"],)
    return Case("D04", body, "members", no, row, "状态不在规定取值内", implied=_imply(no, "F55"))


def total_off(county: County, body: Body) -> Case | None:
    body.totals_off["receipts", "amount_received"] = 3_000
    return Case("D05", body, "receipts", ("合计", "总计"), (body.code, "receipts"), "实收合计多 30.00", 3_000)


def unknown_organisation(county: County, body: Body) -> Case | None:
    if body.style != "coded" or len(body.rows("inspections")) < 3:
        return None
    row, code, name = body.rows("inspections")[1], f"{body.code[:9]}999", "望仙桥村经济合作社"
    row.update(org_code=code, org_name=name)
    implied = _imply((code, name, row["asset_no"]), "D09")
    return Case("D06", body, "inspections", (code, name), row, "名录中没有的组织", implied=implied)


def wrong_credit_code(county: County, body: Body) -> Case | None:
    row = next(o for o in county.organisations if o["org_code"] == body.code)
    right = row["credit_code"]
    row["credit_code"] = right[:-1] + ("7" if right[-1] != "7" else "4")
    return Case("D07", body, "organisations", (body.code, body.name), row, f"校验位应为 {right[-1]}")


def wrong_identity_number(county: County, body: Body) -> Case | None:
    if not body.rows("members"):
        return None
    row = present_members(body)[5]
    right = row["id_no"]
    row["id_no"] = right[:-1] + ("8" if right[-1] != "8" else "3")
    assert identity.citizen_check(row["id_no"][:17]) != row["id_no"][-1]
    no = (row["member_no"],)
    return Case("D08", body, "members", no, row, f"校验位应为 {right[-1]}", implied=_imply(no, "F55"))


def voucher_unbalanced(county: County, body: Body) -> Case | None:
    voucher = next((v for v in body.vouchers if v.summary == "付垃圾转运及保洁费"), None)
    if voucher is None:
        return None
    row, by = voucher.rows[0], 5_400
    row["debit"] += by
    quarter = (voucher.on.month + 2) // 3
    periods = (f"{YEAR}Q{quarter}",)
    implied = (*_imply((row["account_code"],), "D14"), *_imply(periods, "F52"))
    return Case("D11", body, "journal", (voucher,), row, "借方比贷方多 54.00", by, implied)


def balance_off(county: County, body: Body) -> Case | None:
    row, by = _row(body, "trial_balance", "311"), 120_000
    if row is None:
        return None
    row["opening_credit"] += by
    row["closing_credit"] += by
    return Case("D12", body, "trial_balance", (str(YEAR),), row, "期初、期末借贷不平", by, _imply(("311",), "F48", "F49"))


def closing_off(county: County, body: Body) -> Case | None:
    row, by = _row(body, "trial_balance", "141"), 3_500
    if row is None:
        return None
    row["closing_debit"] += by
    implied = (*_imply((str(YEAR),), "D12"), *_imply(("141",), "F49"))
    return Case("D13", body, "trial_balance", ("141",), row, "期初加发生额不等于期末", by, implied)


def movement_off(county: County, body: Body) -> Case | None:
    rows, by = _both(body, "211"), 26_000
    for row in rows:
        row["debit"] += by
        row["credit"] += by
    return Case("D14", body, "trial_balance", ("211",), rows[0], "发生额比序时账多 260.00", by) if rows else None


def net_value_off(county: County, body: Body) -> Case | None:
    row, by = body.rows("fixed_assets")[1], 8_800
    row["net_value"] += by
    no = (row["asset_no"],)
    return Case("D16", body, "fixed_assets", no, row, "净值多 88.00", by, _imply(no, "F28"))


def child_off(county: County, body: Body) -> Case | None:
    rows, by = _both(body, "51303"), 3_750
    for row in rows:
        row["debit"] += by
        row["credit"] += by
    if not rows:
        return None
    return Case("D20", body, "trial_balance", ("513",), rows[0], "下级 51303 多 37.50", by, _imply(("51303", "513"), "D14"))


def stale_claim(county: County, body: Body) -> Case | None:
    if body.level != "village":
        return None
    row = body.rows("claims")[3]
    row.update(arisen_on=dt.date(2019, 10, 22), last_movement_on=dt.date(2021, 8, 20))
    no = (row["claim_no"],)
    return Case("F13", body, "claims", no, row, "2021-08-20 以后没有变动", row["amount"], _imply(no, "F12", "F46", "F47"))


def asset_missing(county: County, body: Body) -> Case | None:
    if body.level != "village":
        return None
    asset = next(a for a in body.rows("fixed_assets") if a["name"] == "垃圾收集车")
    body.rows("asset_count")[:] = [c for c in body.rows("asset_count") if c["asset_no"] != asset["asset_no"]]
    return Case("F23", body, "fixed_assets", (asset["asset_no"],), asset, "台账有，盘点无", asset["original_value"])


def term_too_long(county: County, body: Body) -> Case | None:
    lease = next((c for c in body.rows("contracts") if c["kind"] == "租赁" and c["starts_on"].year == 2022), None)
    if lease is None:
        return None
    lease.update(ends_on=plus_years(lease["starts_on"], 24) - days(1), total=lease["annual_rent"] * 24)
    no = (lease["contract_no"],)
    return Case("F32", body, "contracts", no, lease, "租赁 24 年", implied=_imply(no, "F37"))


def opening_broken(county: County, body: Body) -> Case | None:
    debit, credit, by = _row(body, "trial_balance_prior", "141"), _row(body, "trial_balance_prior", "301"), 4_100
    if debit is None or credit is None:
        return None
    for column in ("opening", "closing"):
        debit[f"{column}_debit"] += by
        credit[f"{column}_credit"] += by
    now = _row(body, "trial_balance", "141")
    assert now is not None
    return Case("F48", body, "trial_balance", ("141", "301"), now, "2025年期初与2024年期末不一致", by)


def agency_differs(county: County, body: Body) -> Case | None:
    claim, by = _row(body, "agency_trial_balance", "112"), 6_570
    if claim is None:
        return None
    for account in ("102", "10201"):
        row = _row(body, "agency_trial_balance", account)
        assert row is not None
        row["debit"] += by
        row["closing_debit"] += by
    claim["credit"] += by
    claim["closing_debit"] -= by
    return Case("F49", body, "agency_trial_balance", ("102", "10201", "112"), claim, "代理账多记一笔收款", by)


def dead_member_paid(county: County, body: Body) -> Case | None:
    if not body.rows("distributions"):
        return None
    row = present_members(body)[8]
    row["status"] = "死亡"
    paid = next(d for d in body.rows("distributions") if d["member_no"] == row["member_no"])
    no = (row["member_no"],)
    return Case("F55", body, "members", no, row, "死亡成员仍参加分配", paid["amount"], _imply(no, "F15", "F45"))


def member_twice(county: County, body: Body) -> Case | None:
    if not body.rows("members"):
        return None
    first, second = present_members(body)[11], present_members(body)[13]
    second["id_no"] = first["id_no"]
    nos = (first["member_no"], second["member_no"])
    return Case("F55", body, "members", nos, second, "同一身份证号登记两次", implied=_imply(nos, "F15", "F45", "D03"))


def original_missing(county: County, body: Body) -> Case | None:
    row = body.rows("contracts")[0]
    row["original_held"] = False
    return Case("F31", body, "contracts", (row["contract_no"],), row, "合同原件不在档")


def entered_late(county: County, body: Body) -> Case | None:
    voucher = next((v for v in body.vouchers if v.summary == "付宽带及电话费"), None)
    if voucher is None:
        return None
    for row in voucher.rows:
        row["entered_on"] = voucher.on + days(47)
    return Case("F50", body, "journal", (voucher,), voucher, "47 天后录入")


def handed_over_short(county: County, body: Body) -> Case | None:
    rows = [r for r in body.rows("handover") if r["item"] == "银行存款"]
    if not rows:
        return None
    rows[0]["amount_in"] -= 35_000
    return Case("F51", body, "handover", (rows[0]["item_no"],), rows[0], "接收金额少 350.00", 35_000)


def published_late(county: County, body: Body) -> Case | None:
    rows = [r for r in body.rows("disclosures") if r["period"] in (f"{YEAR}Q3", f"{YEAR}年第3季度")]
    for row in rows:
        row["published_on"] = quarter_end(3) + days(45)
    return Case("F52", body, "disclosures", (f"{YEAR}Q3",), rows[0], "季后 45 天才公开")


def one_person_two_posts(county: County, body: Body) -> Case | None:
    if body.level != "village":
        return None
    row = next(o for o in county.organisations if o["org_code"] == body.code)
    row["cashier"] = row["accountant"]
    name = (row["accountant"],)
    return Case("F58", body, "organisations", name, row, "会计兼出纳", implied=_imply(name, "F53"))


PLANTS = (
    ("D01", claim_without_debtor), ("D01", asset_without_date), ("D02", impossible_date), ("D03", decision_twice), ("D04",
    unknown_status),
    ("D05", total_off), ("D06", unknown_organisation), ("D07", wrong_credit_code), ("D08", wrong_identity_number), ("D11",
    voucher_unbalanced),
    ("D12", balance_off), ("D13", closing_off), ("D14", movement_off), ("D16", net_value_off), ("D20", child_off), ("F13",
    stale_claim),
    ("F23", asset_missing), ("F31", original_missing), ("F32", term_too_long), ("F48", opening_broken), ("F49", agency_differs),
    ("F50", entered_late), ("F51", handed_over_short), ("F52", published_late), ("F55", dead_member_paid), ("F55", member_twice),
    ("F58", one_person_two_posts),
)  # fmt: skip
