"""Two ledgers against each other: D14, D17, F22, F23, F48, F49. A breach, a near miss, and where it does not apply."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from ledger_frames import balance, check, failed, posting


def yuan(*amounts: str) -> list[Decimal]:
    return [Decimal(a) for a in amounts]


# --- D14: journal and trial balance -----------------------------------------------------------------------------------


def books(*balances: dict, extra: tuple[dict, ...] = ()) -> dict[str, list[dict]]:
    postings = [
        posting("记-1", "2025-03-01", "51301", debit=40),
        posting("记-1", "2025-03-01", "10201", credit=40),
        posting("记-2", "2025-12-31", "321", debit=40),
        posting("记-2", "2025-12-31", "51301", credit=40),
        *extra,
    ]
    return {"journal": postings, "trial_balance": list(balances)}


WHOLE = (
    balance("102", 100, credit=40),
    balance("10201", 100, credit=40),
    balance("321", 0, debit=40),
    balance("513", 0, debit=40, credit=40),
    balance("51301", 0, debit=40, credit=40),
    balance("301", -100),
)


def test_d14_rolls_postings_up_and_counts_closing_entries(tmp_path: Path) -> None:
    found = check(tmp_path, books(*WHOLE))
    assert found.of("D14") == [] and found.status("D14") == {"passed"}
    assert {m.left for m in found.matches_of("journal__trial_balance")} == {b["account_code"] for b in WHOLE}


def test_d14_reports_each_account_that_differs(tmp_path: Path) -> None:
    changed = [b if b["account_code"] != "102" else balance("102", 100, credit=49) for b in WHOLE]
    found = check(tmp_path, books(*changed))
    assert [(c.records, c.field, c.expected, c.actual, c.amount) for c in found.of("D14")] == [
        (("102",), "credit", "40.00", "49.00", Decimal("9.00"))
    ]


def test_d14_reports_what_is_posted_on_an_account_that_the_balances_lack(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        books(*WHOLE, extra=(posting("记-3", "2025-05-01", "112", debit=7), posting("记-3", "2025-05-01", "112", credit=7))),
    )
    assert found.records("D14") == [("112",)]


def test_d14_leaves_sub_accounts_alone_where_the_journal_posts_above_them(tmp_path: Path) -> None:
    above = [posting("记-1", "2025-03-01", "513", debit=40), posting("记-1", "2025-03-01", "102", credit=40)]
    rows = [
        balance("513", 0, debit=40),
        balance("51301", 0, debit=40),
        balance("102", 90, credit=40),
        balance("10201", 90, credit=40),
    ]
    assert check(tmp_path, {"journal": above, "trial_balance": rows}).of("D14") == []


def test_d14_keeps_a_line_with_a_wrong_date_and_drops_books_it_cannot_read(tmp_path: Path) -> None:
    ledgers = books(*WHOLE)
    ledgers["journal"][0]["date"] = "2062-03-01"
    assert check(tmp_path / "date", ledgers).of("D14") == []
    ledgers["journal"][0]["debit"] = failed("约40")
    found = check(tmp_path / "amount", ledgers)
    assert found.of("D14") == [] and found.status("D14") == {"not_applicable"}


# --- D17: register and books ------------------------------------------------------------------------------------------


def assets(*values: tuple[object, object], **more: object) -> list[dict]:
    return [
        {
            "asset_no": f"A{i}",
            "name": "泵",
            "acquired_on": "2020-01-01",
            "quantity": 1,
            "original_value": v,
            "accumulated_depreciation": d,
            **more,
        }
        for i, (v, d) in enumerate(values)
    ]


def test_d17_compares_cost_with_151_and_depreciation_with_152(tmp_path: Path) -> None:
    ledgers = {
        "fixed_assets": assets((60, 10), (40, None)),
        "trial_balance": [balance("151", 100), balance("152", -13), balance("102", 5)],
    }
    found = check(tmp_path, ledgers)
    assert [(c.records, c.expected, c.actual, c.amount) for c in found.of("D17")] == [
        (("152",), "13.00", "10.00", Decimal("3.00"))
    ]


def test_d17_takes_a_missing_account_for_nothing_and_missing_books_for_no_answer(tmp_path: Path) -> None:
    none = check(tmp_path / "account", {"fixed_assets": assets((60, 0)), "trial_balance": [balance("102", 5)]})
    assert none.records("D17") == [("151",)] and none.amounts("D17") == yuan("60.00")
    other_year = check(
        tmp_path / "year", {"fixed_assets": assets((60, 0)), "trial_balance": [balance("151", 5, fiscal_year=2024)]}
    )
    assert other_year.of("D17") == [] and other_year.status("D17") == {"not_applicable"}
    unread = check(tmp_path / "unread", {"fixed_assets": assets((failed("约6"), 0)), "trial_balance": [balance("151", 5)]})
    assert unread.of("D17") == []


# --- F22, F23: count --------------------------------------------------------------------------------------------------


def counted(*numbers: tuple[str, object], **more: object) -> list[dict]:
    return [{"asset_no": n, "name": "泵", "quantity": q, **more} for n, q in numbers]


def test_f23_reports_what_was_not_found_and_what_is_short(tmp_path: Path) -> None:
    register = [
        {"asset_no": n, "name": "泵", "acquired_on": "2020-01-01", "quantity": q, "original_value": "7440"}
        for n, q in (("A1", "3"), ("A2", "3"), ("A3", "2.5"), ("A4", "1"), ("A5", "2"))
    ]
    ledgers = {
        "fixed_assets": register,
        "asset_count": counted(("A2", "2"), ("A3", "2.5"), ("A4", "9"), ("A5", failed("#REF!")), ("A8", "1")),
    }
    found = check(tmp_path, ledgers)
    assert [(c.records, c.variant, c.amount, c.expected, c.actual) for c in found.of("F23")] == [
        (("A1",), "missing", Decimal("7440.00"), "", ""),
        (("A2",), "short", None, "3", "2"),
    ]
    assert found.records("F22") == [("A8",)]


def test_f23_does_not_apply_where_nothing_was_counted_and_keeps_organisations_apart(tmp_path: Path) -> None:
    register = [{"asset_no": "A1", "name": "泵", "acquired_on": "2020-01-01", "quantity": 1, "original_value": "1"}]
    found = check(tmp_path, {"fixed_assets": register, "asset_count": counted(("A1", "1"), org_code="V2")})
    assert found.of("F23") == [] and found.of("F22") == []
    assert found.status("F23") == found.status("F22", "V2") == {"not_applicable"}


# --- F48, F49: books of two years, books of two keepers ----------------------------------------------------------------


def test_f48_reports_one_case_with_all_accounts_and_the_largest_difference(tmp_path: Path) -> None:
    rows = [
        balance("141", 100),
        balance("311", -100),
        balance("102", 5),
        balance("141", 0, closing=98, fiscal_year=2024),
        balance("311", 0, closing=-90, fiscal_year=2024),
        balance("102", 0, closing=5, fiscal_year=2024),
    ]
    found = check(tmp_path, {"trial_balance": rows})
    (case,) = found.of("F48")
    assert (case.records, case.amount, case.expected, case.actual) == (("311", "141"), Decimal("10.00"), "90.00", "100.00")


def test_f48_meets_books_that_list_leaf_accounts_only(tmp_path: Path) -> None:
    rows = [
        balance("102", 100),
        balance("10201", 60),
        balance("10202", 40),
        balance("10201", 0, closing=60, fiscal_year=2024),
        balance("10203", 0, closing=40, fiscal_year=2024),
    ]
    assert check(tmp_path, {"trial_balance": rows}).of("F48") == []


def test_f48_nets_the_two_sides_of_an_account(tmp_path: Path) -> None:
    rows = [balance("113", 20), balance("113", 0, fiscal_year=2024, closing_debit=50, closing_credit=30)]
    assert check(tmp_path, {"trial_balance": rows}).of("F48") == []


def test_f48_needs_both_years(tmp_path: Path) -> None:
    found = check(tmp_path, {"trial_balance": [balance("141", 100)]})
    assert found.of("F48") == [] and found.status("F48") == {"not_applicable"}
    assert any("2024" in r.reason for r in found.results_of("F48"))


def test_f49_points_at_the_agency_and_lists_the_accounts(tmp_path: Path) -> None:
    village = [balance("102", 100, credit=40), balance("10201", 100, credit=40), balance("112", 7, debit=1), balance("301", -107)]
    agency = [balance("102", 100, credit=30), balance("10201", 100, credit=30), balance("112", 7, debit=1), balance("301", -107)]
    found = check(tmp_path, {"trial_balance": village, "agency_trial_balance": agency})
    (case,) = found.of("F49")
    assert set(case.records) == {"102", "10201"} and case.amount == Decimal("10.00")
    assert case.ledger == "agency_trial_balance" and case.evidence[0].ledger == "agency_trial_balance"
    assert (case.expected, case.actual) == ("30.00", "40.00")  # expected the agency's, actual the village's


def test_f49_does_not_mind_an_account_without_any_amount(tmp_path: Path) -> None:
    found = check(
        tmp_path, {"trial_balance": [balance("102", 1), balance("121", 0)], "agency_trial_balance": [balance("102", 1)]}
    )
    assert found.of("F49") == [] and found.status("F49") == {"passed"} and found.status("F49", "V2") == {"not_applicable"}


@pytest.mark.parametrize("year", [2024, 2026])
def test_f49_compares_the_audited_year_only(tmp_path: Path, year: int) -> None:
    ledgers = {"trial_balance": [balance("102", 1)], "agency_trial_balance": [balance("102", 9, fiscal_year=year)]}
    assert check(tmp_path, ledgers).of("F49") == []
