"""The same rules in counties that keep their ledgers otherwise: every defect here stands beside a lawful twin.

The authority is the county's precise list of rules: what is over a limit, what a payment is, which publication counts.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_frames import check, posting
from test_rules_assets import asset, contract, parcel


def paid(number: str, on: str, amount: Any, cost: str = "513", money: str = "102", **more: Any) -> list[dict[str, Any]]:
    return [posting(number, on, cost, debit=amount, **more), posting(number, on, money, credit=amount, **more)]


# --- F15: a voucher may pay several invoices ----------------------------------------------------------------------------


def several(number: str, on: str, *invoices: tuple[str, int], **more: Any) -> list[dict[str, Any]]:
    """One voucher that pays invoices, each on its own line."""
    lines = [posting(number, on, "513", debit=amount, invoice_no=invoice, **more) for invoice, amount in invoices]
    return [*lines, posting(number, on, "102", credit=sum(a for _, a in invoices), invoice_no=None, **more)]


def test_f15_finds_an_invoice_that_was_one_of_several_on_a_voucher(tmp_path: Path) -> None:
    rows = [
        *several("记-1", "2025-03-01", ("00012345", 300), ("00099999", 500)),
        *several("记-2", "2025-04-01", ("00012345", 300)),
        *several("记-3", "2025-05-01", ("00055555", 500), ("00077777", 80)),
    ]
    found = check(tmp_path, {"journal": rows}, only={"F15"})
    assert [(c.key, c.records, c.amount) for c in found.of("F15")] == [(("00012345",), ("记-1", "记-2"), Decimal("300.00"))]


def test_f15_leaves_alone_one_invoice_paid_in_two_parts_of_a_voucher(tmp_path: Path) -> None:
    rows = several("记-1", "2025-03-01", ("00012345", 300), ("00012345", 500))
    assert check(tmp_path, {"journal": rows}, only={"F15"}).of("F15") == []


# --- F19: what was taken back, and words in place of a number -----------------------------------------------------------


def test_f19_counts_no_payment_that_was_taken_back_and_none_of_another_year(tmp_path: Path) -> None:
    rows = [
        *paid("记-1", "2025-03-01", 20000, source_id=1), *paid("记-2", "2025-03-05", -20000, source_id=1),
        *paid("记-3", "2025-03-06", 20000, decision_no="J1", source_id=1), *paid("记-4", "2025-03-07", 30000, source_id=1),
        *paid("记-1", "2024-03-01", 50000, source_id=2), *paid("记-2", "2024-03-02", 50000, source_id=2),
    ]  # fmt: skip
    found = check(tmp_path, {"journal": rows}, only={"F19"})
    assert [(c.records, c.amount) for c in found.of("F19")] == [(("记-4",), Decimal("30000.00"))]


@pytest.mark.parametrize("words", ["未决策", "未上会", "无需决策", "没有"])
def test_words_that_say_there_is_no_decision_are_no_decision(tmp_path: Path, words: str) -> None:
    rows = paid("记-1", "2025-03-01", 20000, decision_no=words)
    found = check(tmp_path, {"journal": rows, "decisions": [{"decision_no": "J1", "held_on": "2025-01-01"}]}, only={"F19", "D09"})
    assert [(c.records, c.variant) for c in found.of("F19")] == [(("记-1",), "missing")]
    assert found.of("D09") == []  # told once, as what it is


def test_a_number_that_begins_with_the_name_of_a_place_is_a_number(tmp_path: Path) -> None:
    rows = paid("记-1", "2025-03-01", 20000, decision_no="未央村决〔2025〕3号")
    found = check(tmp_path, {"journal": rows, "decisions": [{"decision_no": "J1", "held_on": "2025-01-01"}]}, only={"F19", "D09"})
    assert found.of("F19") == [] and [c.records for c in found.of("D09")] == [("记-1",)]


# --- F20: the run that adds up to most ----------------------------------------------------------------------------------


def test_f20_is_not_cut_short_by_a_small_payment_before(tmp_path: Path) -> None:
    rows = [
        row
        for n, (on, amount) in enumerate([("2025-06-01", 500), ("2025-06-08", 6000), ("2025-06-10", 6000), ("2025-06-12", 6000)], 1)
        for row in paid(f"记-{n}", on, amount, counterparty="老王建材")
    ]
    found = check(tmp_path, {"journal": rows}, only={"F20"})
    assert [(c.records, c.amount) for c in found.of("F20")] == [(("记-2", "记-3", "记-4"), Decimal("18000.00"))]


# --- F35: part payments and what was paid before ------------------------------------------------------------------------


def receipt(number: str, due_on: str, due: Any, received: Any) -> dict[str, Any]:
    return {"contract_no": number, "due_on": due_on, "amount_due": due, "amount_received": received, "received_on": None}


def test_f35_part_payments_that_repeat_what_is_due_are_one_instalment(tmp_path: Path) -> None:
    rows = [
        receipt("H1", "2025-06-30", 1000, 400), receipt("H1", "2025-06-30", 1000, 600),
        receipt("H2", "2025-06-30", 1000, 400), receipt("H2", "2025-06-30", 1000, 300),  # not even one of them: two instalments
        receipt("H3", "2025-06-30", 1000, 1000), receipt("H3", "2025-06-30", 1000, None),  # nothing on the second
    ]  # fmt: skip
    found = check(tmp_path, {"receipts": rows}, only={"F35"})
    assert [(c.records, c.amount) for c in found.of("F35")] == [(("H2",), Decimal("1300.00")), (("H3",), Decimal("1000.00"))]


def test_f35_money_paid_with_a_later_instalment_makes_up_for_an_earlier_one(tmp_path: Path) -> None:
    rows = [
        receipt("H1", "2025-01-01", 1000, None), receipt("H1", "2025-07-01", 1000, 2000),
        receipt("H2", "2025-01-01", 1000, None), receipt("H2", "2025-07-01", 1000, 1500),
        receipt("H3", "2025-01-01", 1000, None), receipt("H4", "2025-07-01", 1000, 2000),  # another contract's money
        receipt("H5", "2025-01-01", 1000, None), receipt("H5", "2026-07-01", 1000, 1000),  # paid ahead, and still owing
    ]  # fmt: skip
    found = check(tmp_path, {"receipts": rows}, only={"F35"})
    assert [(c.records, c.amount) for c in found.of("F35")] == [
        (("H2",), Decimal("500.00")), (("H3",), Decimal("1000.00")), (("H5",), Decimal("1000.00")),
    ]  # fmt: skip


# --- F22, F23, F25, F37, F52, F58 ---------------------------------------------------------------------------------------


def test_f22_and_f23_know_that_one_list_may_serve_a_village_and_its_groups(tmp_path: Path) -> None:
    register = [asset("A1"), asset("A2", org_code="G1"), asset("A3"), asset("A4", org_code="V2")]
    places = (("A1", "V1"), ("A2", "V1"), ("A4", "V1"), ("A9", "G1"))
    counted = [{"asset_no": n, "name": n, "quantity": 1, "org_code": org} for n, org in places]
    found = check(tmp_path, {"fixed_assets": register, "asset_count": counted}, only={"F22", "F23"})
    assert sorted((c.org_code, c.records) for c in found.of("F22")) == [("G1", ("A9",)), ("V1", ("A4",))]
    assert [(c.org_code, c.records) for c in found.of("F23")] == [("V1", ("A3",))]


def test_f25_takes_a_contract_that_names_the_parcel_for_its_contract(tmp_path: Path) -> None:
    ledgers = {
        "resources": [parcel("P1", use_status="被占用", user="杨五"), parcel("P2", use_status="被占用", user="李四")],
        "contracts": [contract("H1", subject_no="P1")],
    }
    assert check(tmp_path, ledgers, only={"F25"}).records("F25") == [("P2",)]


@pytest.mark.parametrize(
    ("number", "is_told"), [("未进场", True), ("未进场交易", True), (None, True), ("无锡农交2024-12", False), ("JY-1", False)]
)
def test_f37_words_in_place_of_a_trading_number_are_no_number(tmp_path: Path, number: str | None, is_told: bool) -> None:
    found = check(tmp_path, {"contracts": [contract("H1", area_mu="60", total="300000", trade_no=number)]}, only={"F37"})
    assert sorted(set(found.records("F37"))) == ([("H1",)] if is_told else [])


def test_f52_what_was_put_right_later_was_published_in_time(tmp_path: Path) -> None:
    def shown(item: str, on: str) -> dict[str, Any]:
        return {"period": "2025Q1", "item": item, "published_on": on, "amount": 5}

    late = [shown("收入", "2025-04-10"), shown("收入", "2025-06-30"), shown("支出", "2025-05-02")]
    found = [c for c in check(tmp_path / "a", {"disclosures": late}, only={"F52"}).of("F52") if c.variant == "late"]
    assert [(c.records, c.actual) for c in found] == [(("2025Q1",), "2025-05-02")]
    found = [c for c in check(tmp_path / "b", {"disclosures": late[:2]}, only={"F52"}).of("F52") if c.variant == "late"]
    assert found == []


def test_f58_a_group_with_land_has_posts_to_keep_apart(tmp_path: Path) -> None:
    register = [
        {"org_code": "G1", "org_name": "G1", "level": "group", "parent_code": "V1", "credit_code": None, "head": "甲",
         "accountant": "杨会", "cashier": "杨会"}
    ]
    assert check(tmp_path / "bare", {"organisations": register}, only={"F58"}).of("F58") == []
    land = [parcel("P1", org_code="G1")]
    assert check(tmp_path / "land", {"organisations": register, "resources": land}, only={"F58"}).records("F58") == [("杨会",)]
