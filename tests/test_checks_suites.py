"""Rules on one ledger: each with a row that breaks it, a near miss that does not, and a case that it does not apply to.

The authority is the county's own reading of the rules (contract section 3 and its precise list); "over" is strictly more.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_frames import Cell, balance, check, failed, posting

from auditlib.catalog.load import load_catalog


def contract(number: str, **more: Any) -> dict[str, Any]:
    return {
        "contract_no": number,
        "name": "西沟口合同",
        "kind": "租赁",
        "party_b": "俞建英",
        "party_b_id": None,
        "subject_no": None,
        "signed_on": "2020-01-01",
        "starts_on": "2020-01-01",
        "ends_on": "2025-12-31",
        **more,
    }


def asset(number: str, **more: Any) -> dict[str, Any]:
    return {
        "asset_no": number,
        "name": "村部办公楼",
        "quantity": 1,
        "acquired_on": "2013-12-23",
        "original_value": "100",
        "accumulated_depreciation": "40",
        "net_value": "60",
        "use_status": "自用",
        "nature": "非经营性",
        "user": None,
        "contract_no": None,
        "idle_since": None,
        **more,
    }


def claim(number: str, **more: Any) -> dict[str, Any]:
    return {
        "claim_no": number,
        "kind": "债权",
        "counterparty": "卫德民",
        "amount": "10",
        "last_movement_on": "2025-06-01",
        **more,
    }


def test_d01_reports_a_blank_cell_that_the_record_cannot_do_without(tmp_path: Path) -> None:
    found = check(tmp_path, {"fixed_assets": [asset("A1", name=None), asset("A2", user=None, contract_no=None), asset("A3")]})
    assert found.records("D01") == [("A1",)]
    assert found.of("D01")[0].field == "name"


def test_d01_tells_each_blank_field_of_a_row_apart_and_takes_an_unreadable_one_for_none(tmp_path: Path) -> None:
    found = check(
        tmp_path, {"contracts": [contract("H1", party_b=None, starts_on=None), contract("H2", starts_on=failed("2025-02-30"))]}
    )
    assert [(c.records, c.field) for c in found.of("D01")] == [(("H1",), "party_b"), (("H1",), "starts_on")]
    assert [(c.records, c.field) for c in found.of("D02")] == [(("H2",), "starts_on")]


def test_d01_does_not_apply_where_the_sheet_has_no_such_column(tmp_path: Path) -> None:
    rows = [{"claim_no": "C1", "amount": "5"}]
    found = check(tmp_path, {"claims": rows})
    assert found.of("D01") == [] and found.status("D01") == {"not_applicable"}
    assert any("缺少列" in r.reason for r in found.results_of("D01") if r.ledger == "claims")


def test_d02_reports_what_cannot_be_read_and_lets_converted_values_pass(tmp_path: Path) -> None:
    rows = [claim("C1", amount=failed("约35")), claim("C2", amount=Cell("35", "converted")), claim("C3", amount=None)]
    found = check(tmp_path, {"claims": rows})
    assert found.records("D02") == [("C1",)]


def test_d03_reports_a_key_that_stands_twice_once_with_both_lines(tmp_path: Path) -> None:
    found = check(tmp_path, {"contracts": [contract("H1"), contract("H1"), contract("H2"), contract("H1", org_code="V2")]})
    (case,) = found.of("D03")
    assert case.records == ("H1",) and [e.row_id for e in case.evidence] == [0, 1]


def test_d03_lets_voucher_numbers_restart_every_month(tmp_path: Path) -> None:
    rows = [posting("记-0001", "2025-01-05", "101", debit=1), posting("记-0001", "2025-02-05", "101", debit=1)]
    assert check(tmp_path, {"journal": rows}).of("D03") == []


@pytest.mark.parametrize("status", ["失联", "已搬走"])
def test_d04_reports_a_value_outside_its_list(tmp_path: Path, status: str) -> None:
    rows = [{"member_no": "M1", "name": "葛春琼", "status": status}, {"member_no": "M2", "name": "柳国友", "status": "迁出"}]
    found = check(tmp_path, {"members": rows})
    assert found.records("D04") == [("M1",)]
    assert found.of("D04")[0].expected == "在册/死亡/迁出"


def test_d04_takes_blank_and_unreadable_choices_apart(tmp_path: Path) -> None:
    found = check(tmp_path, {"claims": [claim("C1", kind=None), claim("C2", kind=failed("借方"))]})
    assert found.records("D04") == [("C2",)]


def test_d07_and_d08_report_wrong_check_digits(tmp_path: Path) -> None:
    ledgers = {
        "organisations": [
            {"org_code": "V1", "org_name": "新寨村", "credit_code": Cell("N2539926201676103G", "check_digit")},
            {"org_code": "V2", "org_name": "柳塘村", "credit_code": "N2539926511425502D"},
        ],
        "members": [
            {"member_no": "M1", "name": "甲", "id_no": Cell("539926196910220051", "check_digit")},
            {"member_no": "M2", "name": "乙", "id_no": "x"},
        ],
        "contracts": [contract("H1", party_b_id="91539926MA9331179Y")],
    }
    found = check(tmp_path, ledgers)
    assert found.records("D07") == [("V1", "新寨村")]
    assert found.records("D08") == [("M1",)]


def test_d10_reports_dates_after_the_audit_and_postings_outside_the_year(tmp_path: Path) -> None:
    ledgers = {
        "contracts": [contract("H1", signed_on="2062-05-06"), contract("H2", signed_on="2026-01-31", ends_on="2040-01-01")],
        "journal": [
            posting("记-1", "2024-12-31", "101", debit=1),
            posting("记-2", "2025-12-31", "101", debit=1, entered_on="2026-01-10"),
            posting("记-3", "2025-01-01", "101", debit=1),
            posting("记-4", None, "101", debit=1),
        ],
    }
    found = check(tmp_path, ledgers)
    assert found.records("D10") == [("H1",), ("记-1",)]


def test_d10_leaves_the_journal_of_another_year_alone(tmp_path: Path) -> None:
    rows = [posting(f"记-{i}", f"2024-0{i}-01", "101", debit=1) for i in range(1, 6)]
    assert check(tmp_path, {"journal": rows}).of("D10") == []


def test_d13_reports_a_closing_that_does_not_follow(tmp_path: Path) -> None:
    rows = [
        balance("141", 100, closing=110),
        balance("301", -100),
        balance("113", 30, closing=30, closing_debit=50, closing_credit=20),
    ]
    found = check(tmp_path, {"trial_balance": rows})
    assert found.records("D13") == [("141",)]
    assert (found.of("D13")[0].expected, found.of("D13")[0].actual, found.amounts("D13")) == (
        "100.00",
        "110.00",
        [Decimal("10.00")],
    )


def test_d13_counts_a_blank_as_nothing_and_an_unreadable_cell_as_unknown(tmp_path: Path) -> None:
    rows = [
        balance("141", 100, debit=None or 0),
        balance("112", 5, closing=9, debit=failed("#REF!")),
        balance("102", 7, opening_credit=None),
    ]
    assert check(tmp_path, {"trial_balance": rows}).of("D13") == []


def test_d13_does_not_apply_to_books_without_opening_columns(tmp_path: Path) -> None:
    rows = [{"fiscal_year": 2025, "account_code": "101", "closing_debit": "5", "closing_credit": None}]
    found = check(tmp_path, {"trial_balance": rows})
    assert found.of("D13") == [] and found.status("D13") == {"not_applicable"}


def test_d16_reports_a_net_value_that_is_not_cost_less_depreciation(tmp_path: Path) -> None:
    found = check(
        tmp_path, {"fixed_assets": [asset("A1", net_value="60.01"), asset("A2"), asset("A3", accumulated_depreciation=None)]}
    )
    assert found.records("D16") == [("A1",)] and found.amounts("D16") == [Decimal("0.01")]


def test_d18_reports_a_balance_on_the_wrong_side_of_first_level_accounts(tmp_path: Path) -> None:
    rows = [
        balance("121", -755),
        balance("152", -40),
        balance("113", -5),
        balance("322", 9),
        balance("211", 3),
        balance("112", 4),
        balance("11201", -4),
    ]
    found = check(tmp_path, {"trial_balance": rows})
    assert found.records("D18") == [("121",), ("211",)]
    assert found.amounts("D18") == [Decimal("755.00"), Decimal("3.00")]


def test_d18_judges_books_that_list_details_alone_by_what_these_add_up_to(tmp_path: Path) -> None:
    # 财会〔2023〕14号 gives sides to first-level accounts; one creditor paid in advance does not turn 应付款
    turned_one = [balance("21101", -900), balance("21102", 100)]
    turned_all = [balance("12101", -755), balance("12102", 5), balance("101", 1)]
    found = check(tmp_path, {"trial_balance": [*turned_one, *turned_all]})
    assert found.records("D18") == [("12101",)] and found.amounts("D18") == [Decimal("755.00")]


def test_d18_and_d19_go_by_the_chart_of_the_year(tmp_path: Path) -> None:
    # 财会〔2004〕12号 had 202 应付款 and 541 管理费用; 211 was wages; 153 was disposals, where either side is right, and 154 works
    old = [
        balance("202", -5, fiscal_year=2023),
        balance("541", 0, debit=3, credit=3, fiscal_year=2023),
        balance("153", -7, fiscal_year=2023),
    ]
    new = [balance("202", -5), balance("541", 0, debit=3, credit=3), balance("154", -7)]
    found = check(tmp_path / "a", {"trial_balance": [*old, *new]})
    assert found.of("D18") == [] and sorted(c.key[:2] for c in found.of("D19")) == [("2025", "202"), ("2025", "541")]
    swapped = [balance("154", -7, fiscal_year=2023), balance("153", -7)]
    assert sorted(c.key[:2] for c in check(tmp_path / "b", {"trial_balance": swapped}).of("D18")) == [("2023", "154"), ("2025", "153")]


def test_d18_and_d19_do_not_judge_books_older_than_the_charts_that_are_known(tmp_path: Path) -> None:
    rows = [balance("121", -755, fiscal_year=2003), balance("202", -5, fiscal_year=2003)]
    found = check(tmp_path, {"trial_balance": rows})
    assert found.of("D18") == [] and found.of("D19") == []


def test_d19_reports_an_account_that_the_chart_does_not_have(tmp_path: Path) -> None:
    rows = [balance("202", 0, debit=2146, credit=2146), balance("20201", 0), balance("102", 1), balance("10201", 1)]
    found = check(tmp_path, {"trial_balance": rows})
    assert found.records("D19") == [("202",)] and found.amounts("D19") == [Decimal("2146.00")]


@pytest.mark.parametrize(("day", "is_stale"), [("2023-12-30", True), ("2023-12-31", False), ("2025-01-01", False)])
def test_f13_counts_years_to_the_year_end(tmp_path: Path, day: str, is_stale: bool) -> None:
    found = check(tmp_path, {"claims": [claim("C1", last_movement_on=day, arisen_on="2001-01-01")]})
    assert found.records("F13") == ([("C1",)] if is_stale else [])


def test_f13_follows_the_county_and_leaves_settled_claims_alone(tmp_path: Path) -> None:
    rows = [claim("C1", last_movement_on="2023-06-01"), claim("C2", last_movement_on="2001-01-01", amount="0")]
    assert check(tmp_path, {"claims": rows}, stale_years=3).of("F13") == []


@pytest.mark.parametrize(
    ("kind", "starts", "ends", "is_over"),
    [
        ("租赁", "2005-01-01", "2024-12-31", False),  # twenty years, both days included
        ("租赁", "2005-01-01", "2025-01-01", True),
        ("租赁", "2004-02-29", "2024-02-28", False),
        ("四荒", "1980-01-01", "2029-12-31", False),
        ("四荒", "1980-01-01", "2030-01-01", True),
        ("承包", "2017-09-12", "2047-09-11", False),
        ("承包", "2017-09-12", "2048-09-11", True),
        ("流转", "1990-01-01", "2060-01-01", False),  # no fixed cap
    ],
)
def test_f32_knows_the_cap_of_each_kind(tmp_path: Path, kind: str, starts: str, ends: str, is_over: bool) -> None:
    ledgers = {
        "contracts": [contract("H1", kind=kind, starts_on=starts, ends_on=ends, subject_no="P1")],
        "resources": [{"parcel_no": "P1", "name": "西沟口", "land_class": "耕地"}],
    }
    assert check(tmp_path, ledgers).records("F32") == ([("H1",)] if is_over else [])


def test_f32_caps_household_contracts_on_arable_land_only(tmp_path: Path) -> None:
    ledgers = {
        "contracts": [
            contract("H1", kind="承包", starts_on="2000-01-01", ends_on="2049-12-31", subject_no="P1", name="耕地承包合同"),
            contract("H2", kind="承包", starts_on="2000-01-01", ends_on="2049-12-31", subject_no="P9", name="耕地承包合同"),
        ],
        "resources": [{"parcel_no": "P1", "name": "后山", "land_class": "林地"}],
    }
    assert check(tmp_path, ledgers).records("F32") == [("H2",)]  # the parcel decides; the name only where there is none


def test_f32_gives_the_benefit_of_the_doubt_to_dates_known_to_the_month(tmp_path: Path) -> None:
    rows = [
        contract("H1", starts_on=Cell("2005-01-01", "month"), ends_on=Cell("2025-01-01", "month")),
        contract("H2", ends_on=Cell(None, "open_ended")),
    ]
    assert check(tmp_path, {"contracts": rows}).of("F32") == []


def test_every_expectation_names_a_rule_that_has_a_card() -> None:
    catalog = load_catalog()
    rules = {e["meta"]["rule"] for spec in catalog.ledgers.values() for e in spec.expectations}
    assert len(rules) >= 10 and rules <= set(catalog.rules)
    assert all(re.fullmatch(r"[DF]\d\d", r) for r in rules)
