"""For every rule of the catalogue three planted villages: one breaks it, one nearly does, and to one it cannot be applied.

The authority is the county's own reading of the rules (contract section 3 and its precise list): what is reported, under
which record and with which amount; "over" is strictly more; fiscal year 2025, as of 2026-01-31. A new rule brings its three.

Rows are those of `ledger_frames`; `org_code` G1 is the village's group, everything else belongs to the village itself.
A column that no row of the village names is one that its sheet does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger_frames import Cell, balance, failed, posting

Rows = Sequence[Mapping[str, Any]]
Ledgers = Mapping[str, Rows]


@dataclass(frozen=True, slots=True)
class Planted:
    """Three small villages for one rule."""

    breaks: Ledgers
    records: tuple[str, ...]  # of the one finding of `breaks`
    near: Ledgers  # looks like it and is none
    out_of_reach: Ledgers  # a ledger or a column is missing: not applicable, and never a pass
    amount: str | None = None  # of the finding, in yuan; None where none is expected


def without(rows: Rows, *fields: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in fields} for row in rows]


def asset(number: str = "A1", **more: Any) -> dict[str, Any]:
    """1,200 yuan over ten years without residual, bought in December 2020: 600 are written off at the end of 2025."""
    row = {"asset_no": number, "name": "抽水泵", "quantity": "1", "acquired_on": "2020-12-15", "original_value": "1200"}
    row |= {"useful_life_years": "10", "residual_rate": "0", "accumulated_depreciation": "600", "net_value": "600"}
    return {**row, "use_status": "自用", "nature": "经营性", "user": None, "contract_no": None, "idle_since": None, **more}


def parcel(number: str = "P1", **more: Any) -> dict[str, Any]:
    row = {"parcel_no": number, "name": "西沟口", "land_class": "耕地", "area_mu": "10", "household_mu": None, "use_status": "自营"}
    return {**row, "user": None, "contract_no": None, "reserve_land": False, **more}


def contract(number: str = "H1", **more: Any) -> dict[str, Any]:
    row = {"contract_no": number, "name": "西沟口耕地流转合同", "kind": "租赁", "party_b": "张三", "party_b_id": None}
    row |= {"subject_no": "P1", "area_mu": "10", "signed_on": "2024-01-01", "starts_on": "2024-01-01", "ends_on": "2028-12-31"}
    row |= {"annual_rent": "5000", "total": "25000", "decision_no": None, "trade_no": None, "original_held": True}
    return {**row, "status": "履行中", **more}


def project(**more: Any) -> dict[str, Any]:
    row = {"project_no": "X1", "name": "便民桥工程", "budget": "900000", "contract_amount": "100000", "paid": "90000"}
    row |= {"tender": "公开招标", "completed_on": "2025-06-01", "capitalised_on": None, "asset_no": None, "grant": None}
    return {**row, "started_on": None, **more}


def claim(number: str = "C1", **more: Any) -> dict[str, Any]:
    row = {"claim_no": number, "kind": "债权", "counterparty": "彭志民", "account_code": "11303", "amount": "1587", "decision_no": None}
    return {**row, "arisen_on": "2025-05-02", "last_movement_on": "2025-05-02", **more}


def debt(number: str = "C1", **more: Any) -> dict[str, Any]:
    return claim(number, kind="债务", counterparty="沈兰莲", **{"account_code": "201", "amount": "5000", **more})


def voucher(number: str, date: Any, debit: str, credit: str, amount: object, **more: Any) -> list[dict[str, Any]]:
    """A voucher of two lines with all its papers, unless said otherwise."""
    papers = {"attachments": 2, "handler": "马荣才", "approver": "沈桂华", "reviewer": "云秀华", "invoice_no": f"2599{number[-4:]}"}
    more = {**papers, "summary": "付路灯维修费", "counterparty": "兴隆五金店", "entered_on": date, **more}
    return [posting(number, date, debit, debit=amount, **more), posting(number, date, credit, credit=amount, line_no=2, **more)]


def vouchers(*moves: tuple[str, str, str, object], **more: Any) -> list[dict[str, Any]]:
    """Vouchers numbered from one; a move is its date, debit account, credit account and amount."""
    return [line for i, (day, dr, cr, yuan) in enumerate(moves, 1) for line in voucher(f"记-{i:04d}", day, dr, cr, yuan, **more)]


def cash(*moves: tuple[str, int]) -> dict[str, Rows]:
    """A cash box of 300 yuan and what goes in and out."""
    rows = [(day, "101", "504", yuan) if yuan > 0 else (day, "514", "101", -yuan) for day, yuan in moves]
    return {"journal": vouchers(*rows), "trial_balance": [balance("101", 300), balance("301", -300)]}


def receipt(**more: Any) -> dict[str, Any]:
    row = {"contract_no": "H1", "due_on": "2025-08-30", "amount_due": "600", "received_on": "2025-08-30", "amount_received": "600"}
    return {**row, "voucher_no": None, **more}


def decision(number: str = "J1", **more: Any) -> dict[str, Any]:
    row = {"decision_no": number, "held_on": "2025-06-01", "subject": "征地补偿款分配方案", "body": "成员大会", "entitled": 90}
    return {**row, "present": 80, "in_favour": 70, "minutes_held": True, **more}


def cadre(name: str = "彭志民", role: str = "理事长", **more: Any) -> dict[str, Any]:
    return {"name": name, "role": role, "related_to": None, "id_no": None, **more}


def account(number: str = "6228000000001234", **more: Any) -> dict[str, Any]:
    return {"account_no": number, "bank": "农商行", "holder": "股份经济合作联合社", "filed": True, **more}


def line(day: str, out: object, number: str = "6228000000001234") -> dict[str, Any]:
    """A payment on the statement of an account."""
    return {"account_no": number, "date": day, "paid_in": None, "paid_out": out, "counterparty": None, "memo": None}


def member(number: str, **more: Any) -> dict[str, Any]:
    return {"member_no": number, "name": "杨荣香", "id_no": f"{number}号", "shares": "1", "status": "在册", **more}


def item(**more: Any) -> dict[str, Any]:
    row = {"item_no": "Y1", "item": "银行存款", "quantity_out": "1", "amount_out": "500", "quantity_in": "1", "amount_in": "500"}
    return {**row, "supervised_by": "王宏才", "elected_on": "2025-03-10", "handed_on": "2025-03-20", **more}


def published(*periods: str, income: object = 0) -> list[dict[str, Any]]:
    """The income of each quarter, on the last day allowed."""
    days = {"2025Q1": "2025-04-30", "2025Q2": "2025-07-30", "2025Q3": "2025-10-30", "2025Q4": "2026-01-30"}
    rows = [{"period": p, "item": "收入合计", "published_on": days[p], "method": "公开栏", "amount": 0} for p in periods]
    return [{**rows[0], "amount": income}, *rows[1:]]


def rents(last: str, count: int = 4) -> dict[str, Rows]:
    """Contracts of ten mu each at 600 yuan a mu, and what the last of them pays in a year."""
    numbers = range(1, count + 1)
    yearly = ["6000"] * (count - 1) + [last]
    return {
        "contracts": [contract(f"H{i}", subject_no=f"P{i}", annual_rent=yuan) for i, yuan in zip(numbers, yearly, strict=True)],
        "resources": [parcel(f"P{i}") for i in numbers],
    }


def shared(amount: object) -> dict[str, Rows]:
    """A year that earns 1,000 yuan, with 500 brought forward, and what is distributed of them."""
    rows = vouchers(
        ("2025-06-01", "102", "50101", 1200), ("2025-06-02", "513", "102", 200), ("2025-12-27", "322", "11302", amount),
        ("2025-12-28", "11302", "102", amount), ("2025-12-31", "50101", "321", 1200), ("2025-12-31", "321", "513", 200),
        ("2025-12-31", "321", "322", 1000),
    )  # fmt: skip
    return {"journal": rows, "trial_balance": [balance("322", -500), balance("102", 500)]}


def rent_of(years_at_once: str, account_code: str = "50101") -> dict[str, Rows]:
    """A rent of 1,000 yuan a year of which more is taken in at once."""
    due = receipt(amount_due=years_at_once, amount_received=years_at_once, due_on="2025-01-31", received_on="2025-02-01")
    return {
        "contracts": [contract(annual_rent="1000")],
        "receipts": [{**due, "voucher_no": "记-0001"}],
        "journal": vouchers(("2025-02-01", "102", account_code, years_at_once)),
    }


def disposal(**more: Any) -> list[dict[str, Any]]:
    """A pump of 1,000 yuan, 600 written off, leaves the books."""
    same = {"summary": "转出旧抽水机", "decision_no": None, **more}
    sides: tuple[tuple[str, dict[str, int]], ...] = (("154", {"debit": 400}), ("152", {"debit": 600}), ("151", {"credit": 1000}))
    return [posting("记-1", "2025-06-01", code, **amounts, **same) for code, amounts in sides]


OTHER = {"members": [member("M1")]}  # a village that handed in nothing but its roster
NO_ROSTER = {"claims": [claim()]}
ALL_OF_IT = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
TOTAL = {"ledger": "receipts", "label": "合计", "field": "amount_received", "scale": 2}
NUMBERED = {"asset_no": "A1", "name": "泵", "quantity": "1"}

PLANTED: Mapping[str, Planted] = {
    # --- what a record needs, and how it is written
    "D01": Planted(
        {"contracts": [contract(party_b=None)]}, ("H1",),
        near={"fixed_assets": [asset(user=None, contract_no=None, idle_since=None)], "contracts": [contract(trade_no=None)]},
        out_of_reach={"claims": without([claim()], "counterparty")},
    ),
    "D02": Planted(
        {"claims": [claim(amount=failed("约35"))]}, ("C1",),
        near={"claims": [claim(amount=Cell("35", "converted")), claim("C2", amount=None)]},
        out_of_reach={"cadres": [cadre()]},
    ),
    "D03": Planted(
        {"contracts": [contract(), contract()]}, ("H1",),
        near={"contracts": [contract(), contract("H2")],
              "journal": [*voucher("记-1", "2025-01-05", "514", "102", 1), *voucher("记-1", "2025-02-05", "514", "102", 1)]},
        out_of_reach={"cadres": [cadre()]},
    ),
    "D04": Planted(
        {"fixed_assets": [asset(use_status="承包到户")]}, ("A1",),
        near={"resources": [parcel(use_status="承包到户")], "claims": [claim(kind=None)]},
        out_of_reach={"claims": without([claim()], "kind")},
    ),
    "D05": Planted(
        {"control_totals": [{**TOTAL, "stated": 90402, "computed": 90000}], "receipts": [receipt()]}, ("合计",), amount="4.02",
        near={"control_totals": [{**TOTAL, "stated": 90000, "computed": 90000}], "receipts": [receipt()]},
        out_of_reach={"receipts": [receipt()]},
    ),
    "D06": Planted(
        {"attributions": [{"ledger": "claims", "kind": "unknown", "found": "V99", "expected": ""}], **NO_ROSTER}, ("V99",),
        near=NO_ROSTER, out_of_reach={},
    ),
    "D07": Planted(
        {"organisations": [{"org_name": "新寨村", "credit_code": Cell("N2539926201676103G", "check_digit")}]}, ("D07", "新寨村"),
        near={"organisations": [{"org_name": "柳塘村", "credit_code": "N2539926511425502D"}]},
        out_of_reach={"organisations": [{"org_name": "柳塘村"}]},
    ),
    "D08": Planted(
        {"members": [member("M1", id_no=Cell("539926196910220051", "check_digit"))]}, ("M1",),
        near={"contracts": [contract(party_b="兴旺公司", party_b_id="91539926MA9331179Y")]},  # a credit code, not a person's number
        out_of_reach={"members": without([member("M1")], "id_no")},
    ),
    "D09": Planted(
        {"resources": [parcel(contract_no="H9")], "contracts": [contract()]}, ("P1",),
        near={"resources": [parcel(contract_no="H9"), parcel(contract_no="H9", org_code="G1")],
            "contracts": [contract("H9")]},  # its village's contract
        out_of_reach={"resources": [parcel(contract_no="H9")]},
    ),
    "D10": Planted(
        {"contracts": [contract(signed_on="2026-02-01")]}, ("H1",),
        near={"contracts": [contract(signed_on="2026-01-31")], "receipts": [receipt(due_on="2026-08-30", received_on=None)],
              "journal": voucher("记-1", "2025-12-31", "514", "102", 1, entered_on="2026-01-20")},
        out_of_reach=OTHER,
    ),
    # --- books that add up
    "D11": Planted(
        {"journal": [posting("记-1", "2025-01-05", "514", debit=5), posting("记-1", "2025-01-05", "102", credit=4)]}, ("记-1",),
        near={"journal": [*voucher("记-1", "2025-01-05", "514", "102", 5), *voucher("记-1", "2025-02-05", "514", "102", 4)]},
        out_of_reach={"journal": without(voucher("记-1", "2025-01-05", "514", "102", 5), "credit")}, amount="1.00",
    ),
    "D12": Planted(
        {"trial_balance": [balance("101", 100, closing=110), balance("301", -100)]}, ("2025",),
        near={"trial_balance": [balance("101", 100), balance("10101", 60), balance("301", -100)]},  # first-level accounts only
        out_of_reach={"journal": voucher("记-1", "2025-01-05", "514", "102", 5)}, amount="10.00",
    ),
    "D13": Planted(
        {"trial_balance": [balance("141", 100, closing=110)]}, ("141",),
        near={"trial_balance": [balance("113", 30, closing=30, closing_debit=50, closing_credit=20)]},
        out_of_reach={"trial_balance": without([balance("141", 100)], "opening_debit", "opening_credit")}, amount="10.00",
    ),
    "D14": Planted(
        {"journal": vouchers(("2025-03-01", "513", "102", 40)), "trial_balance": [balance("102", 100, credit=49),
            balance("513", 0, debit=40)]},
        ("102",), amount="9.00",
        near={"journal": vouchers(("2025-03-01", "513", "102", 40), ("2025-12-31", "321", "513", 40)),
              "trial_balance": [balance("102", 100, credit=40), balance("513", 0, debit=40, credit=40), balance("321", 0, debit=40)]},
        out_of_reach={"trial_balance": [balance("102", 100, credit=49)]},
    ),
    "D15": Planted(
        {"journal": [row for n in (1, 2, 4) for row in voucher(f"记-{n:04d}", f"2025-0{n}-05", "514", "102", 1)]}, ("记-0003",),
        near={"journal": [row for m in (1, 2) for n in (1, 2) for row in voucher(f"记-{n:04d}", f"2025-0{m}-0{n}", "514", "102", 1)]},
        out_of_reach={"journal": without(voucher("记-1", "2025-01-05", "514", "102", 5), "voucher_no")},
    ),
    "D16": Planted(
        {"fixed_assets": [asset(net_value="600.01")]}, ("A1",), amount="0.01",
        near={"fixed_assets": [asset(), asset("A2", accumulated_depreciation=None)]},
        out_of_reach={"fixed_assets": without([asset()], "net_value")},
    ),
    "D17": Planted(
        {"fixed_assets": [asset()], "trial_balance": [balance("151", 1200), balance("152", -590, credit=7)]}, ("152",), amount="3.00",
        near={"fixed_assets": [asset()], "trial_balance": [balance("151", 1200), balance("152", -593, credit=7)]},
        out_of_reach={"fixed_assets": [asset()]},
    ),
    "D18": Planted(
        {"trial_balance": [balance("121", -755)]}, ("121",), amount="755.00",
        near={"trial_balance": [balance("113", -5), balance("154", -5), balance("322", 9), balance("152", -40),
                                balance("112", 6), balance("11201", -4), balance("11202", 10)]},
        out_of_reach={"trial_balance": without([balance("121", -755)], "closing_debit", "closing_credit")},
    ),
    "D19": Planted(
        {"trial_balance": [balance("202", 0, debit=2146, credit=2146)]}, ("202",), amount="2146.00",
        near={"trial_balance": [balance("202", -5, fiscal_year=2023), balance("20101", -5)]},  # the chart of 2004 has it
        out_of_reach=OTHER,
    ),
    "D20": Planted(
        {"trial_balance": [balance("102", 100), balance("10201", 60), balance("10202", 30)]}, ("102",),
        near={"trial_balance": [balance("112", 70), balance("11201", 100), balance("11202", -30)]},  # netted
        out_of_reach=OTHER, amount="10.00",
    ),
    # --- money
    "F01": Planted(
        box_of_income := {
            "journal": vouchers(("2025-03-01", "101", "50101", 1000), ("2025-03-03", "514", "101", 800),
                                ("2025-03-08", "513", "101", 100)),
            "trial_balance": [balance("101", 300), balance("301", -300)],
        },
        ("记-0001",), amount="600.00",
        near={"journal": vouchers(("2025-03-01", "101", "102", 2000), ("2025-03-02", "514", "101", 2300)),
              "trial_balance": [balance("101", 300), balance("301", -300)]},  # cash drawn from the bank may be spent
        out_of_reach={"journal": box_of_income["journal"]},
    ),
    "F02": Planted(
        {"receipts": [receipt()], "journal": vouchers(("2025-01-05", "514", "102", 1)), "contracts": [contract()]},
            ("H1",), amount="600.00",
        near={"receipts": [receipt()], "journal": vouchers(("2025-11-30", "102", "50101", 900), detail="H1")},  # later, with another one
        out_of_reach={"receipts": without([receipt()], "voucher_no"), "journal": vouchers(("2025-01-05", "514", "102", 1))},
    ),
    "F03": Planted(
        {"bank_accounts": [account(filed=False)]}, ("6228000000001234",),
        near={"bank_accounts": [account()], "bank_statement": [line("2025-01-05", 1, "6228****1234")]},  # as banks shorten it
        out_of_reach={"bank_statement": [line("2025-01-05", 1)]},
    ),
    "F04": Planted(
        {"bank_accounts": [account(holder="潘 文林（出纳）")]}, ("6228000000001234",),
        near={"bank_accounts": [account(holder="柳河镇新寨村村民委员会")]},
        out_of_reach={"bank_accounts": without([account()], "holder")},
    ),
    "F05": Planted(
        {"journal": vouchers(("2025-01-05", "514", "102", 300), attachments=0)}, ("记-0001",), amount="300.00",
        near={"journal": vouchers(("2025-12-31", "513", "152", 9000), ("2025-12-31", "50101", "321", 9000), attachments=0, invoice_no=None)
              + voucher("记-0009", "2025-03-01", "212", "102", 9000, invoice_no=None)},  # wages, depreciation, closing
        out_of_reach={"journal": without(vouchers(("2025-01-05", "514", "102", 300)), "attachments", "handler", "approver", "invoice_no")},
    ),
    "F06": Planted(
        {"journal": vouchers(("2025-05-06", "112", "101", "800.50"), summary="白条抵库暂记")}, ("记-0001",), amount="800.50",
        near={"journal": vouchers(("2025-05-06", "514", "101", "800.50"), summary="购白条纹瓷砖")},
        out_of_reach=OTHER,
    ),
    "F07": Planted(cash(("2025-03-01", 4701)), ("2025-03-01",), near=cash(("2025-03-01", 4700), ("2025-03-02", 900), ("2025-03-02", -900)),
                   out_of_reach={"journal": cash(("2025-03-01", 4701))["journal"]}, amount="5001.00"),
    "F08": Planted(
        {"journal": vouchers(("2025-02-01", "514", "101", "1000.01"))}, ("记-0001",), amount="1000.01",
        near={"journal": vouchers(("2025-02-01", "514", "101", 1000), ("2025-02-02", "10201", "101", 8000))},  # paid into the bank
        out_of_reach=OTHER,
    ),
    "F09": Planted(cash(("2025-05-27", -456)), ("2025-05-27",), near=cash(("2025-05-27", -456), ("2025-05-27", 156)),
                   out_of_reach={"journal": cash(("2025-05-27", -456))["journal"]}, amount="156.00"),
    "F10": Planted(
        {"journal": vouchers(("2025-03-01", "514", "10201", 500)), "bank_statement": [line("2025-03-01", 500), line("2025-05-01", "52.47")],
         "bank_accounts": [account()]},
        ("6228000000001234",), amount="52.47",
        near={"journal": vouchers(("2025-03-01", "514", "10201", 300), ("2025-03-01", "514", "10201", 200)),
              "bank_statement": [line("2025-03-06", 500)], "bank_accounts": [account()]},  # one bank line for two vouchers of a day
        out_of_reach={"journal": vouchers(("2025-03-01", "514", "10201", 500)), "bank_accounts": [account()]},
    ),
    "F11": Planted(
        {"journal": voucher("记-1", "2025-01-05", "102", "501", 10, invoice_no="No.000777", counterparty="杨荣香")
         + voucher("记-2", "2025-02-05", "102", "501", 20, invoice_no="No.000777", counterparty="许正友")},
        ("No.000777", "记-1", "记-2"),
        near={"journal": voucher("记-1", "2025-01-05", "102", "501", 10, invoice_no="No.000777", counterparty="杨荣香")
              + voucher("记-2", "2025-02-05", "102", "501", 20, invoice_no="No.000777", counterparty="杨 荣香")},  # one payer, one form
        out_of_reach={"journal": voucher("记-1", "2025-01-05", "102", "501", 10, invoice_no=None)},
    ),
    "F12": Planted(
        {"journal": vouchers(("2025-03-01", "112", "102", 5000), summary="借款给加工厂周转")}, ("记-0001",), amount="5000.00",
        near={"journal": vouchers(("2025-03-01", "221", "102", 5000), summary="归还银行借款")},
        out_of_reach={"journal": without(vouchers(("2025-03-01", "112", "102", 5000), summary="借款给加工厂"), "decision_no")},
    ),
    "F13": Planted(
        {"claims": [claim(last_movement_on="2023-12-30")]}, ("C1",), amount="1587.00",
        near={"claims": [claim(arisen_on="2001-01-01", last_movement_on="2023-12-31")]},  # whatever its age
        out_of_reach={"claims": without([claim()], "last_movement_on")},
    ),
    "F14": Planted(
        {"claims": [claim(arisen_on="2025-11-01")], "cadres": [cadre()]}, ("C1",), amount="1587.00",
        near={"claims": [claim(arisen_on="2025-11-02"), claim("C2", kind="债务")], "cadres": [cadre()]},  # ninety days
        out_of_reach={"claims": [claim()]},
    ),
    "F15": Planted(
        {"journal": vouchers(("2025-03-06", "514", "102", 70), ("2025-05-12", "514", "102", 70), invoice_no="25991618")},
        ("记-0001", "记-0002"), amount="70.00",
        near={"journal": vouchers(("2025-07-03", "513", "102", 70), ("2025-07-07", "513", "102", -70), ("2025-07-11", "514", "102", 70),
                                  invoice_no="25991370")},  # reversed in red and rebooked
        out_of_reach={"journal": without(vouchers(("2025-03-06", "514", "102", 70)), "invoice_no")},
    ),
    "F16": Planted(
        {"journal": vouchers(("2025-03-05", "513", "101", 2900), summary="付2月误工补助29天", counterparty="杨荣香")}, ("记-0001",),
        near={"journal": vouchers(("2025-03-05", "513", "101", 2800), summary="付2月误工补助28天", counterparty="杨荣香")},
        out_of_reach={"journal": vouchers(("2025-03-05", "513", "101", 2900), summary="付误工补助", counterparty="杨荣香")},
        amount="100.00",
    ),
    "F17": Planted(
        {"journal": vouchers(("2025-04-01", "513", "101", 3000), ("2025-04-20", "513", "101", 3000),
            summary="发放3月干部报酬", counterparty="彭志民"),
         "cadres": [cadre()]},
        ("记-0001", "记-0002"), amount="3000.00",
        near={"journal": vouchers(("2025-04-01", "513", "101", 3000), summary="发放3月干部报酬", counterparty="彭志民")
              + voucher("记-0002", "2025-05-01", "513", "101", 3000, summary="发放4月干部报酬",
                  counterparty="彭志民"), "cadres": [cadre()]},
        out_of_reach={"journal": vouchers(("2025-04-01", "513", "101", 3000), summary="发放3月干部报酬", counterparty="彭志民")},
    ),
    "F18": Planted(
        {"journal": vouchers(("2025-04-10", "513", "102", 661), ("2025-04-11", "513", "102", 650), summary="付接待用餐费")},
        ("记-0001", "记-0002"), amount="1311.00",
        near={"journal": vouchers(("2025-04-10", "513", "102", 661), summary="付老年食堂伙食费")},
        out_of_reach={"journal": without(vouchers(("2025-04-10", "513", "102", 661)), "summary", "account_name", "detail")},
    ),
    "F19": Planted(
        {"journal": vouchers(("2025-03-03", "514", "102", 20000), decision_no="J1"), "decisions": [decision(held_on="2025-03-10")]},
        ("记-0001",), amount="20000.00",
        near={"journal": vouchers(("2025-03-01", "514", "102", 10000)) + voucher("记-0002", "2025-03-02", "10202", "10201", 50000)},
        out_of_reach={"journal": without(vouchers(("2025-03-03", "514", "102", 20000)), "decision_no")},
    ),
    "F20": Planted(
        {"journal": vouchers(("2025-06-07", "514", "102", 6000), ("2025-06-17", "514", "102", 6000))}, ("记-0001", "记-0002"),
        near={"journal": vouchers(("2025-06-07", "514", "102", 6000), ("2025-06-18", "514", "102", 6000))},  # eleven days
        out_of_reach={"journal": without(vouchers(("2025-06-07", "514", "102", 6000)), "counterparty")}, amount="12000.00",
    ),
    # --- assets and land
    "F22": Planted(
        {"fixed_assets": [asset()], "asset_count": [NUMBERED, {**NUMBERED, "asset_no": "A8"}]}, ("A8",),
        near={"fixed_assets": [asset(), asset("A2")], "asset_count": [NUMBERED, {**NUMBERED, "quantity": "9"}]},
        out_of_reach={"asset_count": [NUMBERED]},
    ),
    "F23": Planted(
        {"fixed_assets": [asset(), asset("A2")], "asset_count": [NUMBERED]}, ("A2",), amount="1200.00",
        near={"fixed_assets": [asset(quantity="2.5"), asset("A2")],
              "asset_count": [{**NUMBERED, "quantity": "2.5"}, {**NUMBERED, "asset_no": "A2", "quantity": failed("#REF!")}]},
        out_of_reach={"fixed_assets": [asset()]},
    ),
    "F24": Planted(
        {"fixed_assets": [asset(use_status="闲置", idle_since="2025-07-30")]}, ("A1",),
        near={"fixed_assets": [asset(use_status="闲置", idle_since="2025-07-31"), asset("A2", idle_since="2001-01-01")]},
        out_of_reach={"fixed_assets": without([asset(use_status="闲置")], "idle_since")},
    ),
    "F25": Planted(
        {"resources": [parcel(use_status="被占用", user="杨五")]}, ("P1",),
        near={"resources": [parcel(use_status="被占用", contract_no="H9"), parcel("P2", use_status="闲置")]},
        out_of_reach={"resources": without([parcel(use_status="被占用")], "contract_no")},
    ),
    "F26": Planted(
        {"journal": disposal()}, ("记-1",), amount="400.00",
        near={"journal": disposal(), "decisions": [decision(held_on="2025-05-30", subject="旧抽水机报废处置")]},
        out_of_reach={"journal": without(disposal(), "decision_no")},
    ),
    "F27": Planted(
        {"projects": [project(completed_on="2025-01-30")]}, ("X1",), amount="90000.00",
        near={"projects": [project(completed_on="2025-01-31")]},
        out_of_reach={"projects": without([project()], "capitalised_on")},
    ),
    "F28": Planted(
        {"fixed_assets": [asset(accumulated_depreciation="601.01")]}, ("A1",), amount="1.01",
        near={"fixed_assets": [asset(accumulated_depreciation="601"), asset("A2", acquired_on="2001-01-01",
            accumulated_depreciation="1200")]},
        out_of_reach={"fixed_assets": without([asset(accumulated_depreciation="7")], "residual_rate")},
    ),
    "F29": Planted(
        {"resources": [parcel(area_mu="10.51")], "resource_survey": [{"parcel_no": "P1", "area_mu": "10"}]}, ("P1",),
        near={"resources": [parcel(area_mu="10.5")], "resource_survey": [{"parcel_no": "P1", "area_mu": "10"}]},
        out_of_reach={"resources": [parcel()]},
    ),
    "F30": Planted(
        {"resources": [parcel(area_mu="95"), parcel("P2", area_mu="5.01", reserve_land=True)]}, ("P2",),
        near={"resources": [parcel(area_mu="90", use_status="承包到户"), parcel("P2", area_mu="5",
            reserve_land=True), parcel("P3", area_mu="5")]},
        out_of_reach={"resources": without([parcel()], "reserve_land")},
    ),
    # --- contracts
    "F31": Planted(
        {"fixed_assets": [asset(use_status="出租")]}, ("A1",),
        near={"fixed_assets": [asset(use_status="出租")], "contracts": [contract(subject_no="A1")]},  # the contract names the asset
        out_of_reach={"resources": without([parcel(use_status="出租")], "contract_no")},
    ),
    "F32": Planted(
        {"contracts": [contract(starts_on="2005-01-01", ends_on="2025-01-01")]}, ("H1",),
        near={"contracts": [contract(starts_on="2005-01-01", ends_on="2024-12-31"),  # twenty years, both days included
                            contract("H2", kind="四荒", starts_on="1980-01-01", ends_on="2029-12-31"),
                            contract("H3", kind="承包", starts_on="2017-09-12", ends_on="2047-09-11")]},
        out_of_reach={"contracts": without([contract()], "ends_on")},
    ),
    "F33": Planted(
        {"contracts": [contract(ends_on="2026-01-30")]}, ("H1",), amount="5000.00",
        near={"contracts": [contract(ends_on="2026-01-31"), contract("H2", subject_no="P2", ends_on="2024-12-31"),
                            contract("H3", subject_no="P2", starts_on="2025-01-01")]},  # a newer one on the same land
        out_of_reach={"contracts": without([contract()], "status")},
    ),
    "F34": Planted(rents("3599"), ("H4",), near=rents("3600"), out_of_reach=rents("100", count=3)),
    "F35": Planted(
        {"receipts": [receipt(due_on="2026-01-31", amount_received="598.99")]}, ("H1",), amount="1.01",
        near={"receipts": [receipt(amount_received="599"), receipt(due_on="2026-02-01", received_on=None, amount_received=None)]},
        out_of_reach={"receipts": without([receipt()], "amount_received")},
    ),
    "F36": Planted(rent_of("5000"), ("H1", "记-0001"), near=rent_of("5000", "211"), amount="4000.00",  # kept for later years
                   out_of_reach={k: v for k, v in rent_of("5000").items() if k != "contracts"}),
    "F37": Planted(
        {"contracts": [contract(total="200000.01")]}, ("H1",), amount="200000.01",
        near={"contracts": [contract(total="200000", area_mu="50"), contract("H2", kind="工程", total="900000")]},
        out_of_reach={"contracts": without([contract()], "trade_no")},
    ),
    "F38": Planted(
        {"contracts": [contract(party_b="杨 荣香", party_b_id="539926196804112430")],
         "cadres": [cadre("杨荣香", "近亲属", id_no="539926196804112430", related_to="彭志民")]},
        ("H1",),
        near={"contracts": [contract(party_b="杨荣香", party_b_id="539926197804112430")],  # her name, another's number
              "cadres": [cadre("杨荣香", "近亲属", id_no="539926196804112430", related_to="彭志民")]},
        out_of_reach={"contracts": [contract(party_b="杨荣香", party_b_id="539926196804112430")]},
    ),
    "F39": Planted(
        {"contracts": [contract("H2"), contract("H1", party_b="李四", starts_on="2028-12-30", ends_on="2030-12-31")]}, ("H1", "H2"),
        near={"contracts": [contract(), contract("H2", starts_on="2029-01-01", ends_on="2030-12-31")]},
        out_of_reach={"contracts": without([contract()], "subject_no")},
    ),
    "F40": Planted(
        {"resources": [parcel(use_status="出租", user="李四", contract_no="H1")], "contracts": [contract(party_b="张三")]}, ("P1",),
        near={"resources": [parcel(use_status="出租", user="张 三", contract_no="H1"), parcel("P2", user="青禾公司", contract_no="H1")],
              "contracts": [contract(party_b="张三")]},
        out_of_reach={"resources": [parcel(user="李四", contract_no="H1")]},
    ),
    "F41": Planted(
        {"contracts": [contract(name="后山林地承包合同（租金不变）")]}, ("H1",),
        near={"contracts": [contract(name="永久基本农田承包合同")]},
        out_of_reach={"contracts": without([contract()], "name")},
    ),
    "F42": Planted(
        {"projects": [project(tender=None, contract_amount="500000.01")]}, ("X1",), amount="500000.01",
        near={"projects": [project(tender=None, contract_amount="500000", budget="500000", paid="500000")]},
        out_of_reach={"projects": without([project()], "tender", "paid", "budget")},
    ),
    # --- grants, distribution, debts
    "F43": Planted(
        {"journal": vouchers(("2025-07-22", "24101", "102", 4255), summary="支付村干部通讯补贴")}, ("记-0001",), amount="4255.00",
        near={"journal": vouchers(("2025-07-22", "24101", "102", 4255), summary="付农田水利工程进度款"),
              "projects": [project(grant="5000", started_on="2025-10-01")], "trial_balance": [balance("241", -5000)]},
        out_of_reach={"projects": [project(grant="5000", paid=None)]},
    ),
    "F44": Planted(
        {"decisions": [decision(in_favour=59)]}, ("J1",), near={"decisions": [decision(in_favour=60)]},  # two thirds of ninety
        out_of_reach={"decisions": without([decision()], "in_favour")},
    ),
    "F45": Planted(shared("1500.01"), ("2025", "322", "记-0003"), near=shared(1500), out_of_reach={"journal": shared(2100)["journal"]},
                   amount="0.01"),
    "F46": Planted(
        {"claims": [debt()]}, ("C1",), amount="5000.00",
        near={"claims": [debt(decision_no="J1"), debt("C2", arisen_on="2024-03-19"), debt("C3", account_code="211")]},
        out_of_reach={"claims": without([debt()], "decision_no")},
    ),
    "F47": Planted(
        {"claims": [debt(account_code="211"), debt("C2", account_code="211", amount="200")], "trial_balance": [balance("211", -5000)]},
        ("C2",), amount="200.00",
        near={"claims": [debt(account_code="211")], "trial_balance": [balance("211", -4999)]},  # one yuan is tolerated
        out_of_reach={"claims": [debt(account_code="211")]},
    ),
    # --- two keepers, two years, posting, hand-over, publication
    "F48": Planted(
        {"trial_balance": [balance("141", 100), balance("141", 0, closing=98, fiscal_year=2024)]}, ("141",), amount="2.00",
        near={"trial_balance": [balance("113", 20), balance("113", 0, fiscal_year=2024, closing_debit=50, closing_credit=30)]},
        out_of_reach={"trial_balance": [balance("141", 100)]},
    ),
    "F49": Planted(
        {"trial_balance": [balance("102", 100, credit=40)], "agency_trial_balance": [balance("102", 100, credit=30)]}, ("102",),
        near={"trial_balance": [balance("102", 1), balance("121", 0)], "agency_trial_balance": [balance("102", 1)]},
        out_of_reach={"trial_balance": [balance("102", 100)]}, amount="10.00",
    ),
    "F50": Planted(
        {"journal": vouchers(("2025-01-31", "514", "102", 1), entered_on="2025-03-03")}, ("记-0001",),
        near={"journal": vouchers(("2025-01-31", "514", "102", 1), entered_on="2025-03-02")},  # thirty days
        out_of_reach={"journal": without(vouchers(("2025-01-31", "514", "102", 1)), "entered_on")},
    ),
    "F51": Planted(
        {"handover": [item(amount_in="450.50")]}, ("Y1",), amount="49.50",
        near={"handover": [item(quantity_in=None)]},  # in ten days, watched, the amount counted
        out_of_reach={"handover": [{"item_no": "Y1", "item": "公章"}]},
    ),
    "F52": Planted(
        {"disclosures": published("2025Q1", "2025Q2", "2025Q4")}, ("2025Q3",),
        near={"disclosures": published(*ALL_OF_IT, income=501), "journal": vouchers(("2025-02-01", "102", "50101", 500)),
              "trial_balance": [balance("102", 0, debit=500)]},  # one yuan is tolerated
        out_of_reach={"journal": vouchers(("2025-02-01", "102", "50101", 500))},
    ),
    # --- persons and bodies
    "F53": Planted(
        {"journal": vouchers(("2025-05-01", "513", "102", 300), counterparty="沈 桂华")}, ("沈桂华",), amount="300.00",
        near={"journal": vouchers(("2025-05-01", "513", "102", 300), counterparty="马荣才")},  # he handled it, another approved
        out_of_reach={"journal": without(vouchers(("2025-05-01", "513", "102", 300)), "approver")},
    ),
    "F54": Planted(
        {"receipts": [receipt(org_code="G1")], "journal": vouchers(("2025-01-05", "514", "102", 1))}, ("F54G",), amount="600.00",
        near={"receipts": [receipt(org_code="G1")], "journal": vouchers(("2025-08-30", "102", "50101", 600),
            detail="H1")},  # the village's books
        out_of_reach={"receipts": [receipt(org_code="G1")]},
    ),
    "F55": Planted(
        {"members": [member("M1", status="死亡")], "distributions": [{"fiscal_year": 2025, "member_no": "M1",
            "shares": "1", "amount": "257.80"}]},
        ("M1",), amount="257.80",
        near={"members": [member("M1", status="死亡"), member("M2", id_no=None), member("M3", id_no=None)],
              "distributions": [{"fiscal_year": 2025, "member_no": "M1", "shares": "1", "amount": "0"}]},
        out_of_reach={"distributions": [{"fiscal_year": 2025, "member_no": "M1", "shares": "1", "amount": "257.80"}]},
    ),
    "F57": Planted(
        {"decisions": [decision(minutes_held=False)]}, ("J1",), near={"decisions": [decision(minutes_held=None)]},
        out_of_reach={"decisions": without([decision()], "minutes_held")},
    ),
    "F58": Planted(
        {"organisations": [{"org_name": "村", "accountant": "沈红军", "cashier": "沈 红军"}]}, ("沈红军",),
        near={"organisations": [{"org_name": "村", "accountant": "沈红军", "cashier": "沈红"}]},
        out_of_reach={"organisations": [{"org_name": "村", "accountant": "沈红军"}]},
    ),
}  # fmt: skip
