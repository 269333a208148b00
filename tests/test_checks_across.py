"""Rules over groups of rows and several ledgers: a breach, a near miss, and where the rule does not apply.

The authority is the county's own reading of the rules (contract section 3 and its precise list); "over" is strictly more.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from ledger_frames import balance, check, failed, posting


def pair(voucher: str, date: str, debit: str, credit: str, amount: object, **more: object) -> list[dict]:
    """A voucher of two lines."""
    return [posting(voucher, date, debit, debit=amount, **more), posting(voucher, date, credit, credit=amount, line_no=2, **more)]


# --- D05, D06: what intake noted ---------------------------------------------------------------------------------------


def test_d05_reports_each_total_and_column_that_differs(tmp_path: Path) -> None:
    base = {"org_code": "V1", "ledger": "receipts", "label": "合计", "scale": 2}
    rows = [
        {**base, "field": "amount_due", "stated": 100, "computed": 100},
        {**base, "field": "amount_received", "stated": 90402, "computed": 90000},
        {**base, "field": "amount_received", "stated": 1, "computed": 2, "label": "本页小计"},
        {**base, "field": "area_mu", "ledger": "resources", "stated": 20000, "computed": 10000, "scale": 4},
    ]
    found = check(tmp_path, {"control_totals": rows})
    assert sorted((c.records[0], c.field, c.amount) for c in found.of("D05") if c.amount) == [
        ("合计", "amount_received", Decimal("4.02")),
        ("本页小计", "amount_received", Decimal("0.01")),
    ]
    assert [(c.expected, c.actual, c.amount) for c in found.of("D05") if c.ledger == "resources"] == [("1", "2", None)]
    assert found.status("D05") == {"found"} and found.status("D05", "V2") == {"not_applicable"}


def test_d05_tells_two_page_totals_of_one_sheet_apart(tmp_path: Path) -> None:
    base = {"org_code": "V1", "ledger": "receipts", "label": "本页小计", "field": "amount_due", "scale": 2}
    found = check(tmp_path, {"control_totals": [{**base, "stated": 1, "computed": 2}, {**base, "stated": 3, "computed": 4}]})
    assert len(found.of("D05")) == 2 and len({c.key for c in found.of("D05")}) == 2


def test_d06_reports_each_unknown_text_once(tmp_path: Path) -> None:
    base = {"ledger": "inspections", "kind": "unknown", "expected": "V1"}
    rows = [
        {**base, "org_code": "V1", "found": "V99"},
        {**base, "org_code": "V1", "found": "V99"},
        {**base, "org_code": "", "found": "大湾村"},
    ]
    found = check(tmp_path, {"attributions": rows})
    assert [(c.org_code, c.records, c.org_name) for c in found.of("D06")] == [("", ("大湾村",), "大湾村"), ("V1", ("V99",), "")]


# --- D11: vouchers ----------------------------------------------------------------------------------------------------


def test_d11_takes_a_number_on_a_date_for_a_voucher(tmp_path: Path) -> None:
    rows = [*pair("记-1", "2025-01-05", "514", "102", "10"), posting("记-1", "2025-02-05", "514", debit="3.50")]
    rows += pair("记-2", "2025-02-06", "514", "102", "-10")  # a red entry balances too
    found = check(tmp_path, {"journal": rows})
    assert [(c.records, c.amount, c.period) for c in found.of("D11")] == [(("记-1",), Decimal("3.50"), "2025-02-05")]


def test_d11_says_nothing_about_a_voucher_with_an_unreadable_amount(tmp_path: Path) -> None:
    rows = [posting("记-1", "2025-01-05", "514", debit=failed("约35")), posting("记-1", "2025-01-05", "102", credit="35")]
    found = check(tmp_path, {"journal": rows})
    assert found.of("D11") == [] and found.records("D02") == [("记-1",)]


# --- D12, D20: trial balances -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "variant"),
    [({"opening_debit": 150}, "opening"), ({"debit": 50}, "movement"), ({"closing_debit": 151}, "closing")],
)
def test_d12_names_what_does_not_balance(tmp_path: Path, changed: dict, variant: str) -> None:
    rows = [balance("102", 100, **changed), balance("10201", 100), balance("301", -100)]
    found = check(tmp_path, {"trial_balance": rows})
    assert [(c.records, c.variant) for c in found.of("D12")] == [(("2025",), variant)]


def test_d12_adds_first_level_accounts_only(tmp_path: Path) -> None:
    parents = [balance("102", 100), balance("10201", 60), balance("10202", 40), balance("301", -100)]
    leaves = [balance("10201", 60, org_code="V2"), balance("10202", 40, org_code="V2"), balance("301", -100, org_code="V2")]
    found = check(tmp_path, {"trial_balance": [*parents, *leaves]})
    assert found.of("D12") == [] and found.status("D12", ledger="trial_balance") == {"passed"} == found.status("D12", "V2", "trial_balance")


def test_d20_compares_a_first_level_account_with_its_children(tmp_path: Path) -> None:
    rows = [
        balance("513", 0, debit=60, closing=0, credit=60),
        balance("51301", 0, debit=40, credit=40),
        balance("51302", 0, debit=23, credit=20, closing=0),
    ]
    found = check(tmp_path, {"trial_balance": rows})
    assert [(c.records, c.field, c.expected, c.actual, c.amount) for c in found.of("D20")] == [
        (("513",), "debit", "63.00", "60.00", Decimal("3.00"))
    ]


def test_d20_counts_children_once_however_deep_the_tree(tmp_path: Path) -> None:
    rows = [balance("513", 60), balance("51301", 40), balance("5130101", 40), balance("51302", 20), balance("112", 5)]
    assert check(tmp_path, {"trial_balance": rows}).of("D20") == []


def test_d20_nets_balances_save_those_of_113(tmp_path: Path) -> None:
    netted = [balance("112", 70), balance("11201", 100), balance("11202", -30)]
    by_side = [
        balance("113", 0, opening_debit=100, opening_credit=30, closing_debit=100, closing_credit=30),
        balance("11301", 100),
        balance("11302", -30),
    ]
    assert check(tmp_path / "right", {"trial_balance": [*netted, *by_side]}).of("D20") == []
    wrong = [balance("113", 70), balance("11301", 100), balance("11302", -30)]
    assert check(tmp_path / "wrong", {"trial_balance": wrong}).records("D20") == [("113",)]


# --- D09, D15 ---------------------------------------------------------------------------------------------------------


def test_d09_reports_references_to_nothing_and_not_what_cannot_be_looked_up(tmp_path: Path) -> None:
    ledgers = {
        "resources": [
            {"parcel_no": "P1", "land_class": "耕地", "contract_no": "H9"},
            {"parcel_no": "P2", "land_class": "耕地", "contract_no": None},
            {"parcel_no": "P3", "land_class": "耕地", "contract_no": "H1"},
            {"parcel_no": "P4", "land_class": "耕地", "contract_no": "H9", "org_code": "V2"},
        ],
        "contracts": [{"contract_no": "H1", "party_b": "甲", "starts_on": "2025-01-01", "decision_no": "J1"}],
    }
    found = check(tmp_path, ledgers)
    assert [(c.org_code, c.records, c.actual) for c in found.of("D09")] == [
        ("V1", ("P1",), "H9")
    ]  # V2 has no contract list, nobody has decisions


def test_d15_reports_numbers_left_out_in_a_month_where_they_restart(tmp_path: Path) -> None:
    numbers = {"01": [1, 2, 3], "02": [1, 2, 5], "03": [1]}
    rows = [r for m, ns in numbers.items() for n in ns for r in pair(f"记-{n:04d}", f"2025-{m}-{n + 5:02d}", "514", "102", 1)]
    found = check(tmp_path, {"journal": rows})
    assert [(c.records, c.period) for c in found.of("D15")] == [(("记-0003", "记-0004"), "2025-02")]


def test_d15_follows_the_year_where_numbers_run_on_and_keeps_series_apart(tmp_path: Path) -> None:
    run_on = [("记-1", "01"), ("记-2", "02"), ("记-4", "03"), ("收-1", "01"), ("收-2", "03")]
    rows = [r for n, m in run_on for r in pair(n, f"2025-{m}-10", "514", "102", 1)]
    assert check(tmp_path / "gap", {"journal": rows}).records("D15") == [("记-3",)]
    dated = [*rows, posting("记-3", failed("2025-02-30"), "514", debit=1)]  # present, only its date cannot be read
    assert check(tmp_path / "none", {"journal": dated}).of("D15") == []


def test_d15_knows_receipts_and_payments_that_share_one_run_of_numbers(tmp_path: Path) -> None:
    names = ["收-1", "付-2", "付-3", "收-4", "付-6", "收-7"]
    rows = [r for i, n in enumerate(names) for r in pair(n, f"2025-01-{i + 5:02d}", "514", "102", 1)]
    assert check(tmp_path, {"journal": rows}).records("D15") == [("付-5",)]


def test_d09_lets_a_group_refer_to_what_its_village_holds(tmp_path: Path) -> None:
    land = [
        {"parcel_no": f"P{i}", "land_class": "耕地", "contract_no": n, "org_code": o}
        for i, (n, o) in enumerate([("H1", "G1"), ("H2", "G1"), ("H1", "V2")])
    ]
    contracts = [
        {"contract_no": n, "party_b": "甲", "starts_on": "2025-01-01", "org_code": o}
        for n, o in [("H1", "V1"), ("H3", "G1"), ("H3", "V2")]
    ]
    found = check(tmp_path, {"resources": land, "contracts": contracts})
    assert [(c.org_code, c.actual) for c in found.of("D09")] == [("G1", "H2"), ("V2", "H1")]


# --- F07, F09: cash ---------------------------------------------------------------------------------------------------


def cash(*moves: tuple[str, int], opening: int = 300) -> dict[str, list[dict]]:
    rows = []
    for i, (date, amount) in enumerate(moves):
        rows += (
            pair(f"记-{i + 1}", date, "101", "504", amount) if amount > 0 else pair(f"记-{i + 1}", date, "514", "101", -amount)
        )
    return {"journal": rows, "trial_balance": [balance("101", opening), balance("301", -opening)]}


def test_f07_reports_the_first_day_that_ends_over_the_limit(tmp_path: Path) -> None:
    found = check(tmp_path, cash(("2025-03-01", 4700), ("2025-04-01", 1), ("2025-05-01", 900)))
    (case,) = found.of("F07")
    assert (case.records, case.amount, case.expected) == (
        ("2025-04-01",),
        Decimal("5001.00"),
        "5000.00",
    )  # 5,000 in March is the limit itself


def test_f07_and_f09_look_at_the_end_of_the_day(tmp_path: Path) -> None:
    found = check(tmp_path, cash(("2025-03-01", 9000), ("2025-03-01", -9000), ("2025-04-02", -300)))
    assert found.of("F07") == [] and found.of("F09") == []


def test_f09_reports_the_first_day_below_nothing(tmp_path: Path) -> None:
    found = check(tmp_path, cash(("2025-05-27", -456), ("2025-06-01", 1000), ("2025-07-01", -2000)))
    assert [(c.records, c.amount) for c in found.of("F09")] == [(("2025-05-27",), Decimal("156.00"))]


def test_cash_needs_the_opening_from_the_trial_balance(tmp_path: Path) -> None:
    found = check(tmp_path, {"journal": cash(("2025-03-01", 9000))["journal"]})
    assert found.of("F07") == [] and found.status("F07") == {"not_applicable"}


def test_opening_cash_of_leaf_only_books_is_found(tmp_path: Path) -> None:
    ledgers = cash(("2025-03-01", 4900), opening=0)
    ledgers["trial_balance"] = [balance("10101", 200), balance("301", -200)]
    assert check(tmp_path, ledgers).records("F07") == [("2025-03-01",)]


# --- F19: payments and decisions --------------------------------------------------------------------------------------


def test_f19_reports_payments_over_the_limit_without_a_decision_or_before_it(tmp_path: Path) -> None:
    ledgers = {
        "journal": [
            *pair("记-1", "2025-03-01", "514", "10201", 10001),
            *pair("记-2", "2025-03-02", "514", "10201", 10000),
            *pair("记-3", "2025-03-03", "514", "10201", 20000, decision_no="J1"),
            *pair("记-4", "2025-03-10", "514", "101", 20000, decision_no="J1"),
            *pair("记-5", "2025-03-11", "10202", "10201", 50000),
            *pair("记-6", "2025-03-12", "102", "504", 50000),
        ],
        "decisions": [{"decision_no": "J1", "held_on": "2025-03-10"}],
    }
    found = check(tmp_path, ledgers)
    assert [(c.records, c.variant, c.amount) for c in found.of("F19")] == [
        (("记-1",), "missing", Decimal("10001.00")),
        (("记-3",), "late", Decimal("20000.00")),
    ]


def test_f19_does_not_apply_where_the_journal_has_no_decisions(tmp_path: Path) -> None:
    rows = [{k: v for k, v in r.items() if k != "decision_no"} for r in pair("记-1", "2025-03-01", "514", "102", 99999)]
    found = check(tmp_path, {"journal": rows})
    assert found.of("F19") == [] and found.status("F19") == {"not_applicable"}


# --- F35: arrears -----------------------------------------------------------------------------------------------------


def test_f35_adds_up_what_a_contract_owes(tmp_path: Path) -> None:
    def receipt(number: str, due_on: str, due: object, received: object) -> dict:
        return {"contract_no": number, "due_on": due_on, "amount_due": due, "amount_received": received, "received_on": None}

    rows = [
        receipt("H1", "2025-01-01", "3219", "3122"),
        receipt("H1", "2025-07-01", "100", None),
        receipt("H1", "2026-07-01", "100", None),
        receipt("H2", "2025-01-01", "100", "99"),
        receipt("H3", "2026-01-31", "50", None),
        receipt("H4", "2026-02-01", "50", None),
        receipt("H5", "2025-01-01", "60", "30"),
        receipt("H5", "2025-01-01", None, "30"),
        receipt("H6", "2025-01-01", "60", failed("已付")),
    ]
    found = check(tmp_path, {"receipts": rows})
    assert [(c.records, c.amount) for c in found.of("F35")] == [(("H1",), Decimal("197.00")), (("H3",), Decimal("50.00"))]


# --- F55: roster ------------------------------------------------------------------------------------------------------


def member(number: str, id_no: str, **more: object) -> dict:
    return {"member_no": number, "name": number, "id_no": id_no, "shares": "1", "status": "在册", **more}


def paid(number: str, amount: object = "257.80", **more: object) -> dict:
    return {
        "fiscal_year": 2025,
        "member_no": number,
        "name": number,
        "shares": "1",
        "amount": amount,
        "paid_on": "2025-12-28",
        **more,
    }


def test_f55_reports_one_identity_under_two_members_of_an_organisation(tmp_path: Path) -> None:
    rows = [
        member("M1", "A"),
        member("M2", "A"),
        member("M3", "B"),
        member("M3", "B"),
        member("M4", "A", org_code="V2"),
        member("M5", None),
        member("M6", None),
    ]
    assert [(c.org_code, c.records, c.variant) for c in check(tmp_path, {"members": rows}).of("F55")] == [
        ("V1", ("M1", "M2"), "id_twice")
    ]


def test_f55_reports_the_dead_who_were_paid_and_shares_that_differ(tmp_path: Path) -> None:
    ledgers = {
        "members": [
            member("M1", "A", status="死亡"),
            member("M2", "B", status="死亡"),
            member("M3", "C"),
            member("M4", "D"),
            member("M5", "E", status="死亡"),
        ],
        "distributions": [paid("M1"), paid("M2", amount="0"), paid("M3", shares="2.5"), paid("M4"), paid("M5", fiscal_year=2024)],
    }
    found = check(tmp_path, ledgers)
    assert [(c.records, c.variant, c.amount, c.expected, c.actual) for c in found.of("F55")] == [
        (("M1",), "dead_paid", Decimal("257.80"), "死亡", "257.80"),
        (("M3",), "shares", Decimal("257.80"), "1", "2.5"),
    ]


def test_f55_says_nothing_about_payments_where_there_is_no_roster(tmp_path: Path) -> None:
    found = check(tmp_path, {"distributions": [paid("M1")]})
    assert found.of("F55") == [] and found.status("F55") == {"not_applicable"}
