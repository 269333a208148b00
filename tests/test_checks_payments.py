"""Rules on payments: for each a breach, a near miss, and where the rule does not apply.

The authority is the county's own reading of the rules (contract section 3 and its precise list); "over" is strictly more.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_frames import check, posting

SIGNED = {"attachments": 2, "handler": "马荣才", "approver": "沈桂华", "reviewer": "云秀华", "invoice_no": "25990001"}


def voucher(number: str, date: str, debit: str, credit: str, amount: object, **more: Any) -> list[dict[str, Any]]:
    """A voucher of two lines, with everything that it needs unless said otherwise."""
    more = {**SIGNED, "summary": "付路灯维修费", "counterparty": "兴隆五金店", **more}
    return [posting(number, date, debit, debit=amount, **more), posting(number, date, credit, credit=amount, line_no=2, **more)]


def without(rows: list[dict[str, Any]], *fields: str) -> list[dict[str, Any]]:
    """The rows as a sheet gives them that has no such columns."""
    return [{k: v for k, v in r.items() if k not in fields} for r in rows]


# --- F05: papers ------------------------------------------------------------------------------------------------------


def test_f05_reports_no_attachments_and_takes_a_blank_cell_for_no_answer(tmp_path: Path) -> None:
    rows = [
        *voucher("记-1", "2025-01-05", "514", "102", 300, attachments=0),
        *voucher("记-2", "2025-01-06", "514", "102", 300, attachments=None),
        *voucher("记-3", "2025-01-07", "514", "102", 300, attachments=1),
    ]
    rows[2]["attachments"], rows[5]["attachments"] = None, 0  # the number stands on one line of the voucher
    found = check(tmp_path, {"journal": rows})
    assert [(c.records, c.variant, c.amount, c.field) for c in found.of("F05")] == [
        (("记-1",), "papers", Decimal("300.00"), "attachments")
    ]


def test_f05_asks_no_papers_of_closing_depreciation_and_red_entries(tmp_path: Path) -> None:
    rows = [
        *voucher("记-1", "2025-12-31", "50101", "321", 300, attachments=0),
        *voucher("记-2", "2025-12-31", "513", "152", 300, attachments=0),
        *voucher("记-3", "2025-03-01", "513", "102", 300, attachments=0),
        *voucher("记-4", "2025-03-09", "513", "102", -300, attachments=0),
    ]
    assert check(tmp_path, {"journal": rows}).of("F05") == []  # 记-4 takes 记-3 back


@pytest.mark.parametrize("field", ["approver", "handler"])
def test_f05_reports_payments_over_the_limit_that_nobody_signed(tmp_path: Path, field: str) -> None:
    rows = [
        *voucher("记-1", "2025-01-05", "212", "102", "1000.01", **{field: None}),
        *voucher("记-2", "2025-01-06", "212", "102", 1000, **{field: None}),
        *voucher("记-3", "2025-01-07", "10201", "101", 5000, **{field: None}),
        *voucher("记-4", "2025-01-08", "102", "504", 5000, **{field: None}),
    ]
    found = check(tmp_path, {"journal": rows})
    assert [(c.records, c.variant, c.field, c.amount) for c in found.of("F05")] == [
        (("记-1",), "signature", field, Decimal("1000.01"))
    ]


def test_f05_asks_an_invoice_of_cost_and_assets_only(tmp_path: Path) -> None:
    debits = ["514", "15301", "12101", "212", "214", "11302", "211", "512", "51303"]
    rows = [r for i, d in enumerate(debits, 1) for r in voucher(f"记-{i}", f"2025-01-{i + 5:02d}", d, "102", 1001, invoice_no=None)]
    for row in rows:
        if row["account_code"] == "51303":
            row["account_name"] = "管理费用-干部报酬"  # wages, however they are booked
    rows += voucher("记-10", "2025-02-20", "514", "102", 1000, invoice_no=None)
    rows += voucher("记-11", "2025-02-21", "513", "152", 5000, invoice_no=None)
    found = check(tmp_path, {"journal": rows})
    assert found.records("F05") == [("记-1",), ("记-2",), ("记-3",)]


def test_f05_reports_a_voucher_that_lacks_several_things_once(tmp_path: Path) -> None:
    rows = voucher("记-1", "2025-01-05", "514", "102", 2000, attachments=0, approver=None, invoice_no=None)
    (case,) = check(tmp_path, {"journal": rows}).of("F05")
    assert {e.fields[0] for e in case.evidence} == {"attachments", "approver", "invoice_no"}


def test_f05_does_not_apply_where_the_sheet_has_no_such_columns(tmp_path: Path) -> None:
    rows = without(voucher("记-1", "2025-01-05", "514", "102", 9000), *SIGNED)
    found = check(tmp_path, {"journal": rows})
    assert found.of("F05") == [] and found.status("F05") == {"not_applicable"}


# --- F08: cash --------------------------------------------------------------------------------------------------------


def test_f08_reports_large_payments_in_cash_and_no_deposits(tmp_path: Path) -> None:
    mixed = [
        posting("记-5", "2025-02-05", "102", debit=3000, **SIGNED),
        posting("记-5", "2025-02-05", "514", debit=1200, **SIGNED),
        posting("记-5", "2025-02-05", "101", credit=4200, **SIGNED),
    ]
    rows = [
        *voucher("记-1", "2025-02-01", "514", "10101", "1000.01"),
        *voucher("记-2", "2025-02-02", "514", "101", 1000),
        *voucher("记-3", "2025-02-03", "10201", "101", 8000),
        *voucher("记-4", "2025-02-04", "514", "102", 8000),
        *mixed,
        *voucher("记-6", "2025-02-06", "514", "101", 2000),
        *voucher("记-7", "2025-02-08", "514", "101", -2000),
    ]
    found = check(tmp_path, {"journal": rows})
    assert [(c.records, c.amount) for c in found.of("F08")] == [
        (("记-1",), Decimal("1000.01")),
        (("记-5",), Decimal("1200.00")),  # what did not go into the bank
    ]


def test_f08_knows_the_limit_of_the_county(tmp_path: Path) -> None:
    rows = voucher("记-1", "2025-02-01", "514", "101", 1500)
    assert check(tmp_path, {"journal": rows}, large_cash=2000).of("F08") == []
    assert check(tmp_path / "none", {"claims": [{"claim_no": "C1"}]}).status("F08") == {"not_applicable"}


# --- F12: lending -----------------------------------------------------------------------------------------------------


def test_f12_reports_money_lent_without_a_decision(tmp_path: Path) -> None:
    def lent(number: str, day: int, who: str, summary: str, **more: Any) -> list[dict[str, Any]]:
        return voucher(number, f"2025-03-{day:02d}", "112", "102", 5000, counterparty=who, summary=summary, **more)

    ledgers = {
        "journal": [
            *lent("记-1", 1, "兴旺加工厂", "借款给兴旺加工厂周转"),
            *lent("记-2", 2, "兴旺加工厂", "出借资金", decision_no="J1"),
            *lent("记-3", 3, "马荣才", "马荣才借款"),  # a cadre's advance is F14
            *lent("记-4", 4, "方家凯", "借支备用金"),
            *lent("记-5", 5, "陶成祥", "借款给陶成祥"),  # decided, as the claim says
            *voucher("记-6", "2025-03-06", "221", "102", 5000, summary="归还银行借款"),
            *voucher("记-7", "2025-03-07", "102", "201", 5000, summary="向沈兰莲借款", decision_no="J1"),
        ],
        "cadres": [{"name": "马荣才", "role": "理事", "related_to": None}],
        "claims": [
            {"claim_no": "C1", "kind": "债权", "counterparty": "陶成祥", "amount": 5000, "decision_no": "J2"},
            {"claim_no": "C2", "kind": "债权", "counterparty": "兴旺加工厂", "amount": 5000, "decision_no": None},
        ],
    }
    found = check(tmp_path, ledgers)
    assert [(c.records, c.amount) for c in found.of("F12")] == [(("记-1", "C2"), Decimal("5000.00"))]


def test_f12_does_not_apply_where_the_journal_names_no_decisions(tmp_path: Path) -> None:
    rows = without(voucher("记-1", "2025-03-01", "112", "102", 5000, summary="借款给加工厂"), "decision_no")
    found = check(tmp_path, {"journal": rows})
    assert found.of("F12") == [] and found.status("F12") == {"not_applicable"}


# --- F15: one invoice twice -------------------------------------------------------------------------------------------


def test_f15_reports_one_invoice_paid_twice(tmp_path: Path) -> None:
    rows = [
        *voucher("记-4", "2025-03-06", "514", "102", "7248.31", invoice_no="25991618", counterparty="绿化队"),
        *voucher("记-9", "2025-05-12", "514", "102", "7248.31", invoice_no="25991618", counterparty="办公用品店"),
        *voucher("记-10", "2025-05-13", "514", "102", 100, invoice_no="88880001", counterparty="甲店"),
        *voucher("记-11", "2025-05-14", "514", "102", 120, invoice_no="88880001", counterparty="甲店"),
    ]
    found = check(tmp_path, {"journal": rows})
    assert sorted((c.records, c.amount) for c in found.of("F15")) == [
        (("记-10", "记-11"), Decimal("120.00")),
        (("记-4", "记-9"), Decimal("7248.31")),
    ]


def test_f15_counts_a_reversed_and_rebooked_entry_once(tmp_path: Path) -> None:
    one = {"invoice_no": "25991370"}
    rows = [
        *voucher("记-1", "2025-07-03", "513", "102", "762.27", **one),
        *voucher("记-2", "2025-07-07", "513", "102", "-762.27", **one),
        *voucher("记-3", "2025-07-11", "514", "102", "762.27", **one),
        *voucher("记-4", "2025-08-01", "513", "211", 50, invoice_no="25991371"),  # booked, and paid later
        *voucher("记-5", "2025-08-09", "211", "102", 50, invoice_no="25991371"),
    ]
    assert check(tmp_path, {"journal": rows}).of("F15") == []


def test_f15_lets_equal_months_instalments_and_strangers_numbers_pass(tmp_path: Path) -> None:
    rows = [
        *voucher("记-1", "2025-04-15", "514", "102", 211, invoice_no="25991441"),
        *voucher("记-2", "2025-05-15", "514", "102", 211, invoice_no="25991447"),
        *voucher("记-3", "2025-05-16", "211", "102", 300, invoice_no="25990009"),  # a debt paid in parts
        *voucher("记-4", "2025-06-16", "211", "102", 200, invoice_no="25990009"),
        *voucher("记-5", "2025-06-17", "514", "102", 70, invoice_no="00012345", counterparty="甲店"),
        *voucher("记-6", "2025-06-18", "514", "102", 90, invoice_no="00012345", counterparty="乙店"),
        *voucher("记-7", "2025-06-19", "514", "102", 30, invoice_no="无"),
        *voucher("记-8", "2025-06-20", "514", "102", 30, invoice_no="无"),
    ]
    found = check(tmp_path, {"journal": rows})
    assert found.of("F15") == [] and found.status("F15") == {"passed"}
    bare = check(tmp_path / "bare", {"journal": without(rows, "invoice_no")})
    assert bare.status("F15") == {"not_applicable"}


# --- F18: entertainment -----------------------------------------------------------------------------------------------


def hosting(*amounts: int) -> list[dict[str, Any]]:
    return [r for i, a in enumerate(amounts, 1) for r in voucher(f"记-{i}", f"2025-04-{i + 9}", "513", "102", a, summary="付接待用餐费")]


def test_f18_adds_up_the_year_and_compares_it_with_the_cap(tmp_path: Path) -> None:
    (case,) = check(tmp_path / "none", {"journal": hosting(661, 650)}).of("F18")
    assert (case.records, case.amount, case.period) == (("记-1", "记-2"), Decimal("1311.00"), "2025")
    assert check(tmp_path / "cap", {"journal": hosting(661, 650)}, entertainment_cap=1311).of("F18") == []
    assert len(check(tmp_path / "over", {"journal": hosting(661, 651)}, entertainment_cap=1311).of("F18")) == 1


def test_f18_reads_the_account_s_name_and_knows_what_is_no_entertainment(tmp_path: Path) -> None:
    rows = [
        *voucher("记-1", "2025-04-01", "51306", "102", 100, summary="付四月费用"),
        *voucher("记-2", "2025-04-02", "514", "102", 100, summary="付老年食堂伙食费"),
        *voucher("记-3", "2025-04-03", "511", "102", 100, summary="付烟叶烘烤用煤款"),
        *voucher("记-4", "2025-04-04", "102", "504", 100, summary="收接待中心租金"),
        *voucher("记-5", "2025-04-05", "513", "211", 100, summary="招待费挂账"),  # not paid
        *voucher("记-6", "2025-04-06", "513", "102", 80, summary="付招待费"),
        *voucher("记-7", "2025-04-07", "513", "102", -80, summary="红字冲销付招待费"),
    ]
    rows[0]["account_name"] = "管理费用-招待费"
    found = check(tmp_path, {"journal": rows})
    assert found.records("F18") == [("记-1",)]


# --- F20: splitting ---------------------------------------------------------------------------------------------------


def parts(*moves: tuple[str, object], **more: Any) -> list[dict[str, Any]]:
    return [r for i, (day, a) in enumerate(moves, 1) for r in voucher(f"记-{i}", day, "514", "102", a, invoice_no=f"2599{i:04d}", **more)]


@pytest.mark.parametrize(
    ("moves", "together"),
    [
        ([("2025-06-07", 5397), ("2025-06-10", 5366), ("2025-06-13", 6119)], Decimal("16882.00")),
        ([("2025-06-07", 6000), ("2025-06-17", 6000)], Decimal("12000.00")),  # ten days from first to last
        ([("2025-06-07", 6000), ("2025-06-18", 6000)], None),
        ([("2025-06-07", 5000), ("2025-06-08", 5000)], None),  # the limit itself
        ([("2025-06-07", 10000), ("2025-06-08", "0.01")], Decimal("10000.01")),
        ([("2025-06-07", "10000.01"), ("2025-06-08", 9000)], None),  # the first is for F19
    ],
)
def test_f20_adds_up_what_one_payee_gets_within_the_days(tmp_path: Path, moves: list, together: Decimal | None) -> None:
    found = check(tmp_path, {"journal": parts(*moves)})
    assert found.amounts("F20") == ([] if together is None else [together])
    if together is not None:
        assert found.records("F20") == [tuple(f"记-{i + 1}" for i in range(len(moves)))]


def test_f20_knows_a_payee_by_his_name_without_blanks_and_leaves_others_out(tmp_path: Path) -> None:
    rows = parts(("2025-06-07", 6000), ("2025-06-08", 6000), counterparty="杨荣香")
    rows[2]["counterparty"] = rows[3]["counterparty"] = "杨 荣香"
    assert check(tmp_path / "one", {"journal": rows}).records("F20") == [("记-1", "记-2")]
    two = parts(("2025-06-07", 6000), counterparty="甲店") + voucher("记-9", "2025-06-08", "514", "102", 6000, counterparty="乙店")
    assert check(tmp_path / "two", {"journal": two}).of("F20") == []


@pytest.mark.parametrize("more", [{"decision_no": "J1"}, {"debit": "212"}, {"debit": "214"}, {"debit": "11302"}, {"debit": "221"}])
def test_f20_leaves_out_decided_payments_wages_taxes_members_and_loans(tmp_path: Path, more: dict) -> None:
    debit, decided = more.pop("debit", "514"), more
    rows = [r for i in (1, 2) for r in voucher(f"记-{i}", f"2025-06-{i + 9}", debit, "102", 6000, **decided)]
    assert check(tmp_path, {"journal": rows}).of("F20") == []


def test_f20_does_not_apply_without_payees(tmp_path: Path) -> None:
    rows = without(parts(("2025-06-07", 6000), ("2025-06-08", 6000)), "counterparty")
    found = check(tmp_path, {"journal": rows})
    assert found.of("F20") == [] and found.status("F20") == {"not_applicable"}


# --- F50: late entries ------------------------------------------------------------------------------------------------


def test_f50_counts_the_days_from_the_voucher_to_its_entry(tmp_path: Path) -> None:
    days = [("2025-01-31", "2025-03-02"), ("2025-01-31", "2025-03-03"), ("2025-12-29", "2026-01-06"), ("2025-02-01", None)]
    rows = [
        r for i, (on, entered) in enumerate(days, 1) for r in voucher(f"记-{i}", on, "514", "102", 1, entered_on=entered)
    ]
    found = check(tmp_path, {"journal": rows})  # 30 days over the end of February, then 31
    assert [(c.records, c.expected, c.actual, c.period) for c in found.of("F50")] == [(("记-2",), "30天", "31天", "2025-01-31")]


def test_f50_reports_a_voucher_once_and_needs_the_day_of_entry(tmp_path: Path) -> None:
    rows = voucher("记-1", "2025-01-05", "514", "102", 1, entered_on="2025-06-01")
    assert len(check(tmp_path / "late", {"journal": rows}).of("F50")) == 1
    assert check(tmp_path / "none", {"journal": without(rows, "entered_on")}).status("F50") == {"not_applicable"}


# --- F53: who signs for himself ---------------------------------------------------------------------------------------


def test_f53_reports_who_signs_for_what_he_is_paid(tmp_path: Path) -> None:
    rows = [
        *voucher("记-1", "2025-05-01", "513", "102", 300, counterparty="沈桂华"),
        *voucher("记-2", "2025-06-01", "513", "102", 200, counterparty="沈 桂华"),
        *voucher("记-3", "2025-06-02", "11303", "102", 200, counterparty="沈桂华"),  # an advance is judged by its age
        *voucher("记-4", "2025-06-03", "513", "102", 200, counterparty="马荣才"),  # he handled it, another approved
        *voucher("记-5", "2025-06-04", "102", "504", 200, counterparty="沈桂华"),
    ]
    found = check(tmp_path, {"journal": rows})
    assert [(c.records, c.variant, c.amount) for c in found.of("F53")] == [(("沈桂华",), "signer", Decimal("500.00"))]


# --- numbers that begin again -----------------------------------------------------------------------------------------


def test_a_number_that_begins_again_every_month_is_another_voucher(tmp_path: Path) -> None:
    rows = [
        *voucher("记-0001", "2025-01-05", "514", "101", 600),
        *voucher("记-0001", "2025-02-05", "514", "101", 600),
        *voucher("记-0001", "2025-03-05", "514", "101", 1600),
    ]
    found = check(tmp_path, {"journal": rows})
    assert [(c.records, c.period) for c in found.of("F08")] == [(("记-0001",), "2025-03-05")]


def test_a_sheet_of_another_year_is_left_alone(tmp_path: Path) -> None:
    rows = [
        *voucher("记-1", "2024-02-01", "514", "101", 5000, attachments=0, source_id=7),
        *voucher("记-1", "2025-02-01", "514", "101", 500, source_id=8),
    ]
    found = check(tmp_path, {"journal": rows})
    assert found.of("F08") == [] and found.of("F05") == []
