"""Assets, land, contracts, works and the hand-over: for every rule a breach, a near miss, and where it does not apply.

The authority is the county's own reading of the rules (its precise list): "over" is strictly more, dates run to the day of
the audit, 2026-01-31. Depreciation is the straight line of the accounting system of 2023: by month, from the month after
acquisition, keeping the residual value.
"""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import ledger_frames
import pytest
from ledger_frames import Cell, balance, check, failed

from auditlib.kernels import straight_line
from auditlib.words.records import Organisation

MINE = ("F24", "F25", "F27", "F28", "F29", "F30", "F31", "F33", "F34", "F37", "F38", "F39", "F40", "F41", "F42", "F51")


def month(day: str) -> Cell:
    """A date of which only the month is known, as intake writes it."""
    return Cell(f"{day}-01", "month")


def asset(number: str, **more: Any) -> dict[str, Any]:
    """1,200 yuan over ten years without residual, bought in December 2020: 120 a year, 600 at the end of 2025."""
    base = {"asset_no": number, "name": "抽水泵", "quantity": "1", "acquired_on": "2020-12-15", "original_value": "1200"}
    base |= {"useful_life_years": "10", "residual_rate": "0", "accumulated_depreciation": "600", "net_value": None}
    return {**base, "use_status": "自用", "user": None, "contract_no": None, "idle_since": None, **more}


def parcel(number: str, **more: Any) -> dict[str, Any]:
    base = {"parcel_no": number, "name": "西沟口", "land_class": "耕地", "area_mu": "10", "household_mu": None}
    return {**base, "use_status": "自营", "user": None, "contract_no": None, "reserve_land": False, **more}


def contract(number: str, **more: Any) -> dict[str, Any]:
    base = {"contract_no": number, "name": "西沟口耕地流转合同", "kind": "流转", "party_b": "张三", "party_b_id": None}
    base |= {"subject_no": "P1", "area_mu": "10", "signed_on": "2024-01-01", "starts_on": "2024-01-01", "ends_on": "2028-12-31"}
    base |= {"annual_rent": "5000", "total": "25000", "decision_no": None, "trade_no": None, "original_held": True}
    return {**base, "status": "履行中", **more}


def project(number: str, **more: Any) -> dict[str, Any]:
    base = {"project_no": number, "name": "便民桥工程", "budget": "120000", "contract_amount": "100000", "paid": "90000"}
    base |= {"tender": "公开招标", "completed_on": "2025-06-01", "capitalised_on": "2025-07-01", "asset_no": None}
    return {**base, **more}


def item(number: str, **more: Any) -> dict[str, Any]:
    base = {
        "item_no": number,
        "item": "银行存款",
        "quantity_out": "1",
        "amount_out": "500",
        "quantity_in": "1",
        "amount_in": "500",
    }
    return {**base, "supervised_by": "王宏才", "elected_on": "2025-03-10", "handed_on": "2025-03-15", **more}


def without(row: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k not in fields}


def test_a_sound_village_has_nothing_to_report(tmp_path: Path) -> None:
    ledgers = {
        "fixed_assets": [asset("A1")],
        "resources": [parcel("P1", use_status="出租", user="张三", contract_no="H1"), parcel("P2", area_mu="190")],
        "resource_survey": [{"parcel_no": "P1", "area_mu": "10"}],
        "contracts": [contract("H1")],
        "cadres": [{"name": "李四", "id_no": "539926196804112430", "role": "会计", "related_to": None}],
        "projects": [project("X1")],
        "handover": [item("Y1")],
        "trial_balance": [balance("152", -480, credit=120), balance("151", 1200)],
    }
    found = check(tmp_path, ledgers)
    assert [c for c in found.cases if c.rule in MINE] == []
    # rents are compared with three others at least, and the village has one
    assert {r: found.status(r) for r in MINE} == {r: {"passed"} for r in MINE} | {"F34": {"not_applicable"}}


def test_without_any_ledger_no_rule_passes(tmp_path: Path) -> None:
    found = check(tmp_path, {"members": [{"member_no": "M1", "name": "甲"}]})
    assert {r: found.status(r) for r in MINE} == {r: {"not_applicable"} for r in MINE}


# --- F24, F25, F31: what an asset or parcel is used for -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "is_long"),
    [("2025-07-30", True), ("2025-07-31", False), (month("2025-07"), False), (month("2025-06"), True), (None, False)],
)
def test_f24_counts_idle_months_to_the_day_of_the_audit(tmp_path: Path, since: object, is_long: bool) -> None:
    rows = [asset("A1", use_status="闲置", idle_since=since), asset("A2", idle_since="2001-01-01")]
    found = check(tmp_path, {"fixed_assets": rows})
    assert found.records("F24") == ([("A1",)] if is_long else [])


def test_f24_follows_the_county_and_needs_the_date(tmp_path: Path) -> None:
    rows = [asset("A1", use_status="闲置", idle_since="2025-03-01")]
    assert check(tmp_path / "a", {"fixed_assets": rows}, idle_months=12).of("F24") == []
    found = check(tmp_path / "b", {"fixed_assets": [without(r, "idle_since") for r in rows]})
    assert found.of("F24") == [] and found.status("F24") == {"not_applicable"}


def test_f25_reports_what_is_occupied_without_a_contract(tmp_path: Path) -> None:
    ledgers = {
        "fixed_assets": [asset("A1", use_status="被占用"), asset("A2", use_status="被占用", contract_no="H9"), asset("A3")],
        "resources": [parcel("P1", use_status="被占用", user="杨五"), parcel("P2", use_status="闲置")],
    }
    found = check(tmp_path, ledgers)
    assert found.records("F25") == [("A1",), ("P1",)]


def test_f25_and_f31_do_not_apply_to_a_register_without_a_column_for_contracts(tmp_path: Path) -> None:
    rows = [without(parcel("P1", use_status=s), "contract_no") for s in ("被占用", "出租")]
    found = check(tmp_path, {"resources": rows})
    assert found.of("F25") == [] == found.of("F31")
    assert found.status("F25") == {"not_applicable"} == found.status("F31")


def test_f31_reports_what_is_let_without_a_contract_and_originals_not_on_file(tmp_path: Path) -> None:
    ledgers = {
        "fixed_assets": [asset("A1", use_status="出租"), asset("A2", use_status="出租", contract_no="H1")],
        "resources": [parcel("P1", use_status="出租"), parcel("P2", use_status="承包到户")],
        "contracts": [contract("H1", subject_no="A2"), contract("H2", subject_no="P7", original_held=False)],
    }
    found = check(tmp_path, ledgers)
    assert [(c.records, c.variant) for c in found.of("F31")] == [(("H2",), "original"), (("A1",), "let"), (("P1",), "let")]


def test_f31_takes_a_contract_that_names_the_asset_for_its_contract(tmp_path: Path) -> None:
    """The register only lacks its number."""
    ledgers = {"fixed_assets": [asset("A1", use_status="出租")], "contracts": [contract("H1", subject_no="A1")]}
    assert check(tmp_path / "a", ledgers).of("F31") == []
    ledgers["contracts"][0]["org_code"] = "V2"  # another village's asset of the same number
    assert check(tmp_path / "b", ledgers).records("F31") == [("A1",)]


def test_f31_says_nothing_where_the_original_is_not_known(tmp_path: Path) -> None:
    rows = [contract("H1", original_held=None), contract("H2", original_held=failed("复印件"))]
    assert check(tmp_path, {"contracts": rows}).of("F31") == []


# --- F27, F42: works ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("completed", "capitalised", "is_late"),
    [
        ("2025-01-30", None, True),
        ("2025-01-31", None, False),
        (month("2025-01"), None, False),
        ("2024-01-01", "2025-12-31", False),
        ("2024-01-01", failed("12月"), False),
        (None, None, False),
    ],
)
def test_f27_counts_months_since_completion(tmp_path: Path, completed: object, capitalised: object, is_late: bool) -> None:
    rows = [project("X1", completed_on=completed, capitalised_on=capitalised)]
    found = check(tmp_path, {"projects": rows})
    assert [(c.records, c.amount) for c in found.of("F27")] == ([(("X1",), Decimal("90000.00"))] if is_late else [])


def test_f27_follows_the_county_and_needs_the_column(tmp_path: Path) -> None:
    row = project("X1", completed_on="2024-06-01", capitalised_on=None)
    assert check(tmp_path / "a", {"projects": [row]}, cip_months=24).of("F27") == []
    found = check(tmp_path / "b", {"projects": [without(row, "capitalised_on")]})
    assert found.of("F27") == [] and found.status("F27") == {"not_applicable"}


@pytest.mark.parametrize(
    ("tender", "price", "is_wrong"),
    [
        (None, "500000.01", True),
        (None, "500000", False),
        ("未招标", "508320", True),
        ("直接发包", "508320", True),
        ("由村委会直接委托", "508320", True),
        ("无", "508320", True),
        ("公开招标", "508320", False),
        ("村级比选", "508320", False),
        (failed("#REF!"), "508320", False),
    ],
)
def test_f42_wants_a_tender_for_large_works(tmp_path: Path, tender: object, price: str, is_wrong: bool) -> None:
    rows = [project("X1", tender=tender, contract_amount=price, budget="600000")]
    found = check(tmp_path, {"projects": rows})
    assert [(c.records, c.amount, c.variant) for c in found.of("F42")] == (
        [(("X1",), Decimal(price).quantize(Decimal("0.01")), "tender")] if is_wrong else []
    )


def test_f42_reports_payments_over_the_contract_and_contracts_over_the_budget(tmp_path: Path) -> None:
    rows = [
        project("X1", paid="100000.01"),
        project("X2", contract_amount="120000.50"),
        project("X3", paid="100000", contract_amount="100000", budget="100000"),
        project("X4", contract_amount=None, paid="5"),
        project("X5", contract_amount="0", paid="5", tender=None),
        project("X6", budget=failed("约12万")),
    ]
    found = check(tmp_path, {"projects": rows})
    assert [(c.records, c.variant, c.amount, c.expected, c.actual) for c in found.of("F42")] == [
        (("X1",), "paid", Decimal("0.01"), "100000.00", "100000.01"),
        (("X2",), "budget", Decimal("0.50"), "120000.00", "120000.50"),
    ]


def test_f42_needs_a_column_that_tells_the_tender(tmp_path: Path) -> None:
    row = without(project("X1", contract_amount="900000"), "tender", "paid", "budget")
    found = check(tmp_path, {"projects": [row]})
    assert found.of("F42") == [] and found.status("F42") == {"not_applicable"}


# --- F28: depreciation --------------------------------------------------------------------------------------------------


def test_the_straight_line_starts_in_the_month_after_and_keeps_the_residual() -> None:
    """A machine of 12,000 yuan, ten years, 5 per cent residual: 95 yuan a month, 11,400 in all."""
    machine = (1_200_000, 500, 100_000)
    assert straight_line.months_charged(20250131, 2025) == 11
    assert straight_line.months_charged(20251201, 2025) == 0 == straight_line.months_charged(20260301, 2025)
    assert [straight_line.accumulated(*machine, n) for n in (0, 1, 11, 120, 500)] == [0, 9_500, 104_500, 1_140_000, 1_140_000]
    assert straight_line.accumulated(100, 0, 35_000, 1) == 2  # three and a half years, 2.38 fen a month
    assert straight_line.by_rounded_months(100_000, 0, 30_000, 10) == 27_780 != straight_line.accumulated(100_000, 0, 30_000, 10)
    assert straight_line.by_rounded_months(100_000, 0, 30_000, 99) == 100_000


@pytest.mark.parametrize(
    ("changed", "amount"),
    [
        ({"accumulated_depreciation": "601.00"}, None),  # the tolerance is one yuan
        ({"accumulated_depreciation": "601.01"}, "1.01"),
        ({"accumulated_depreciation": "480"}, "120.00"),
        ({"acquired_on": "2001-01-01", "accumulated_depreciation": "1200"}, None),  # fully depreciated and still in use
        ({"acquired_on": "2001-01-01", "accumulated_depreciation": "1320"}, "120.00"),
        ({"residual_rate": "0.05", "acquired_on": "2001-01-01", "accumulated_depreciation": "1200"}, "60.00"),
        ({"acquired_on": month("2020-12")}, None),
        ({"acquired_on": "2025-12-31", "accumulated_depreciation": "0"}, None),
        ({"acquired_on": None}, None),
        ({"residual_rate": None, "accumulated_depreciation": "7"}, None),
        ({"useful_life_years": "0", "accumulated_depreciation": "7"}, None),
        ({"accumulated_depreciation": failed("#REF!")}, None),
        (
            {
                "original_value": "1000",
                "useful_life_years": "3",
                "acquired_on": "2024-12-01",
                "accumulated_depreciation": "333.36",
            },
            None,
        ),
    ],
)
def test_f28_compares_each_asset_with_its_line(tmp_path: Path, changed: dict[str, Any], amount: str | None) -> None:
    found = check(tmp_path, {"fixed_assets": [asset("A1", **changed), asset("A2")]})
    assert [(c.records, c.amount, c.variant) for c in found.of("F28")] == ([(("A1",), Decimal(amount), "line")] if amount else [])
    assert found.status("F28") == {"found" if amount else "passed"}


def test_f28_allows_the_charge_of_a_month_rounded_to_fen(tmp_path: Path) -> None:
    """1,000 yuan over 40 years are 2.08 a month, 499.20 in twenty years, and 500.00 on the exact line."""
    row = asset("A1", original_value="1000", useful_life_years="40", acquired_on="2005-12-01", accumulated_depreciation="499.20")
    assert check(tmp_path / "a", {"fixed_assets": [row]}, value_tolerance="0.5").of("F28") == []
    row["accumulated_depreciation"] = "498.10"
    assert check(tmp_path / "b", {"fixed_assets": [row]}, value_tolerance="0.5").records("F28") == [("A1",)]


def test_f28_tells_a_year_without_any_charge_as_one_case(tmp_path: Path) -> None:
    ledgers = {
        "fixed_assets": [
            asset("A1", accumulated_depreciation="480"),
            asset("A2", accumulated_depreciation="480"),
            asset("A3", acquired_on="2001-01-01", accumulated_depreciation="1200"),  # nothing left to charge
            asset("A4", accumulated_depreciation="700"),  # wrong by itself
        ],
        "trial_balance": [balance("151", 4800), balance("152", -2860), balance("152", -9, credit=9, fiscal_year=2024)],
    }
    found = check(tmp_path, ledgers)
    assert [(c.ledger, c.records, c.amount, c.variant, c.period) for c in found.of("F28")] == [
        ("fixed_assets", ("A4",), Decimal("100.00"), "line", "2025"),
        ("trial_balance", ("A1", "A2", "152"), Decimal("360.00"), "none", "2025"),
    ]
    assert [e.ledger for e in found.of("F28")[1].evidence] == ["trial_balance", "fixed_assets", "fixed_assets"]


@pytest.mark.parametrize(
    "lines",
    [
        [balance("152", -480, credit=120)],
        [balance("152", -480, credit=1)],
        [balance("15201", -480, credit=120)],  # leaf accounts only
        [balance("152", -480, closing=-480, credit=failed("#REF!"))],
        [balance("152", -480, fiscal_year=2024)],
    ],
)
def test_f28_asks_for_any_credit_in_books_of_the_year(tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    assert check(tmp_path, {"fixed_assets": [asset("A1")], "trial_balance": lines}).of("F28") == []


def test_f28_sees_a_charge_that_is_in_the_register_alone(tmp_path: Path) -> None:
    ledgers = {"fixed_assets": [asset("A1")], "trial_balance": [balance("151", 1200)]}  # no account of depreciation at all
    found = check(tmp_path, ledgers)
    assert [(c.records, c.amount, c.ledger) for c in found.of("F28")] == [(("152",), Decimal("120.00"), "fixed_assets")]


def test_f28_needs_lives_and_residuals_and_tells_that_no_books_were_there(tmp_path: Path) -> None:
    found = check(tmp_path / "a", {"fixed_assets": [without(asset("A1", accumulated_depreciation="7"), "residual_rate")]})
    assert found.of("F28") == [] and found.status("F28") == {"not_applicable"}
    found = check(tmp_path / "b", {"fixed_assets": [asset("A1")]})
    assert [(r.status, "2025" in r.reason) for r in found.results_of("F28")] == [("passed", True)]


# --- F29, F30: land -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registered", "surveyed", "is_off"),
    [
        ("10.5", "10", False),
        ("9.5", "10", False),
        ("10.51", "10", True),
        ("9.49", "10", True),
        ("10", None, False),
        (None, "10", False),
    ],
)
def test_f29_allows_a_share_of_the_surveyed_area(tmp_path: Path, registered: str, surveyed: str, is_off: bool) -> None:
    ledgers = {"resources": [parcel("P1", area_mu=registered)], "resource_survey": [{"parcel_no": "P1", "area_mu": surveyed}]}
    found = check(tmp_path, ledgers)
    assert [(c.records, c.expected, c.actual) for c in found.of("F29")] == ([(("P1",), surveyed, registered)] if is_off else [])


def test_f29_compares_parcels_of_one_organisation_that_the_survey_gives_once(tmp_path: Path) -> None:
    ledgers = {
        "resources": [parcel("P1"), parcel("P2"), parcel("P3"), parcel("P1", org_code="V2")],
        "resource_survey": [
            {"parcel_no": "P1", "area_mu": "10"},
            {"parcel_no": "P1", "area_mu": "20", "org_code": "V2"},
            {"parcel_no": "P2", "area_mu": "10"},
            {"parcel_no": "P2", "area_mu": "30"},
        ],
    }
    found = check(tmp_path, ledgers)
    assert [(c.org_code, c.records) for c in found.of("F29")] == [("V2", ("P1",))]
    assert found.status("F29") == {"passed"} and found.status("F29", "G1") == {"not_applicable"}


def test_f29_follows_the_county(tmp_path: Path) -> None:
    ledgers = {"resources": [parcel("P1", area_mu="10.9")], "resource_survey": [{"parcel_no": "P1", "area_mu": "10"}]}
    assert check(tmp_path, ledgers, area_tolerance="0.1").of("F29") == []


def test_f30_allows_exactly_the_share_of_all_cultivated_land(tmp_path: Path) -> None:
    rows = [
        parcel("P1", land_class="水田", area_mu="90", household_mu="90", use_status="承包到户"),
        parcel("P2", area_mu="5", reserve_land=True),
        parcel("P3", area_mu="5"),
        parcel("P4", area_mu="500", land_class="林地"),
    ]
    assert check(tmp_path / "a", {"resources": rows}).of("F30") == []
    rows[1]["area_mu"] = "5.01"
    found = check(tmp_path / "b", {"resources": rows})
    assert [(c.records, c.expected, c.actual, c.amount) for c in found.of("F30")] == [(("P2",), "5%", "5.0094%", None)]
    assert check(tmp_path / "c", {"resources": rows}, reserve_land_ratio="0.06").of("F30") == []


def test_f30_lists_every_reserve_parcel_and_knows_it_by_its_class_too(tmp_path: Path) -> None:
    rows = [
        parcel("P1", area_mu="100"),
        parcel("P2", area_mu="4", reserve_land=True),
        parcel("P3", area_mu="4", land_class="机动地"),
    ]
    assert check(tmp_path, {"resources": rows}).records("F30") == [("P2", "P3")]


def test_f30_is_not_misled_by_blanks_double_lines_or_areas_that_cannot_be_read(tmp_path: Path) -> None:
    no_class = [parcel("P1", land_class=None, area_mu="100"), parcel("P2", area_mu="5", reserve_land=True)]
    assert check(tmp_path / "a", {"resources": no_class}).of("F30") == []
    twice = [parcel("P1", area_mu="100"), *[parcel("P2", area_mu="4", reserve_land=True)] * 2]
    assert check(tmp_path / "b", {"resources": twice}).of("F30") == []
    unread = [parcel("P1", area_mu=failed("约百亩")), parcel("P2", area_mu="4", reserve_land=True)]
    found = check(tmp_path / "c", {"resources": unread})
    assert found.of("F30") == [] and found.status("F30") == {"not_applicable"}
    household = [parcel("P1", area_mu=None, household_mu="100"), parcel("P2", area_mu="5", reserve_land=True)]
    assert check(tmp_path / "d", {"resources": household}).status("F30") == {"passed"}


def test_f30_does_not_apply_without_cultivated_land_or_without_the_mark(tmp_path: Path) -> None:
    assert check(tmp_path / "a", {"resources": [parcel("P1", land_class="林地")]}).status("F30") == {"not_applicable"}
    assert check(tmp_path / "b", {"resources": [without(parcel("P1"), "reserve_land")]}).status("F30") == {"not_applicable"}
    assert check(tmp_path / "c", {"resources": [parcel("P1", land_class="非耕地", reserve_land=True)]}).of("F30") == []


# --- F33, F39: contracts in time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "status", "is_over"),
    [
        ("2026-01-30", "履行中", True),
        ("2026-01-31", "履行中", False),
        ("2025-06-30", "正常履行", True),
        ("2025-06-30", "到期", False),
        ("2025-06-30", "终止", False),
        ("2025-06-30", "履行完毕", False),
        ("2025-06-30", None, False),
        (month("2026-01"), "履行中", False),
        (month("2025-12"), "履行中", True),
        (Cell(None, "open_ended"), "履行中", False),
        (failed("2025-02-30"), "履行中", False),
    ],
)
def test_f33_reports_running_contracts_that_have_ended(tmp_path: Path, ends: object, status: str, is_over: bool) -> None:
    found = check(tmp_path, {"contracts": [contract("H1", starts_on="2020-01-01", ends_on=ends, status=status)]})
    assert [(c.records, c.amount) for c in found.of("F33")] == ([(("H1",), Decimal("5000.00"))] if is_over else [])


def test_f33_is_quiet_where_a_newer_contract_stands_on_the_subject(tmp_path: Path) -> None:
    old = contract("H1", starts_on="2020-01-01", ends_on="2024-12-31")
    for number, (newer, is_over) in enumerate(
        [
            (contract("H2", starts_on="2025-01-01"), False),
            (contract("H2", starts_on=None, ends_on=Cell(None, "open_ended")), False),
            (contract("H2", starts_on="2025-01-01", status="作废"), True),
            (contract("H2", starts_on="2025-01-01", subject_no="P2"), True),
            (contract("H2", starts_on="2025-01-01", org_code="V2"), True),
            (contract("H2", starts_on="2015-01-01", ends_on="2019-12-31", status="到期"), True),
        ]
    ):
        found = check(tmp_path / str(number), {"contracts": [old, newer]})
        assert found.records("F33") == ([("H1",)] if is_over else [])


def test_f33_goes_by_the_name_of_a_contract_without_a_subject_number(tmp_path: Path) -> None:
    rows = [contract("H1", starts_on="2020-01-01", ends_on="2024-12-31"), contract("H2", starts_on="2025-01-01")]
    rows += [contract("H3", name="鱼塘承包合同", starts_on="2020-01-01", ends_on="2024-12-31")]
    assert check(tmp_path, {"contracts": [without(r, "subject_no") for r in rows]}).records("F33") == [("H3",)]


def test_f33_is_about_what_is_let_and_needs_the_status(tmp_path: Path) -> None:
    row = contract("H1", ends_on="2025-06-30")
    assert check(tmp_path / "a", {"contracts": [{**row, "kind": "工程"}]}).of("F33") == []
    found = check(tmp_path / "b", {"contracts": [without(row, "status")]})
    assert found.of("F33") == [] and found.status("F33") == {"not_applicable"}


@pytest.mark.parametrize(
    ("starts", "ends", "is_twice"),
    [
        ("2028-12-30", "2030-12-31", True),
        ("2028-12-31", "2030-12-31", False),  # one ends on the day on which the other begins
        ("2029-01-01", "2030-12-31", False),
        ("2020-01-01", "2024-01-02", True),
        ("2020-01-01", "2024-01-01", False),
        (month("2028-12"), "2030-12-31", False),
        ("2020-01-01", month("2024-01"), False),
        ("2025-01-01", Cell(None, "open_ended"), True),
        (None, "2030-12-31", False),
    ],
)
def test_f39_reports_terms_that_overlap(tmp_path: Path, starts: object, ends: object, is_twice: bool) -> None:
    rows = [contract("H2"), contract("H1", party_b="李四", starts_on=starts, ends_on=ends)]
    found = check(tmp_path, {"contracts": rows})
    assert found.records("F39") == ([("H1", "H2")] if is_twice else [])


def test_f39_tells_each_pair_once_and_shows_the_later_contract_first(tmp_path: Path) -> None:
    rows = [contract("H1"), contract("H2", starts_on="2025-01-01"), contract("H3", starts_on="2026-01-01")]
    found = check(tmp_path, {"contracts": rows})
    assert found.records("F39") == [("H1", "H2"), ("H1", "H3"), ("H2", "H3")]
    assert [e.row_id for e in found.of("F39")[0].evidence] == [1, 0] and found.of("F39")[0].period == "2025-01-01"


@pytest.mark.parametrize(
    "changed",
    [
        {"contract_no": "H1"},  # the same contract entered twice is D03
        {"status": "已解除"},
        {"kind": "工程"},
        {"subject_no": "P2"},
        {"subject_no": None},
        {"org_code": "V2"},
    ],
)
def test_f39_leaves_alone_what_is_no_second_letting(tmp_path: Path, changed: dict[str, Any]) -> None:
    assert check(tmp_path, {"contracts": [contract("H1"), contract("H2", party_b="李四", **changed)]}).of("F39") == []


def test_f39_knows_parts_of_a_parcel_by_their_areas(tmp_path: Path) -> None:
    rows = [contract("H1", area_mu="4"), contract("H2", area_mu="6")]
    assert check(tmp_path / "a", {"contracts": rows, "resources": [parcel("P1", area_mu="10")]}).of("F39") == []
    assert check(tmp_path / "b", {"contracts": rows, "resources": [parcel("P1", area_mu="9.99")]}).records("F39") == [
        ("H1", "H2")
    ]


@pytest.mark.parametrize(("count", "pairs"), [(4, 6), (5, 0), (60, 0)])
def test_f39_takes_a_subject_of_many_contracts_for_land_in_parts(tmp_path: Path, count: int, pairs: int) -> None:
    rows = [contract(f"H{i}", area_mu=None) for i in range(count)]
    assert len(check(tmp_path, {"contracts": rows}).of("F39")) == pairs


def test_f39_does_not_apply_without_subjects(tmp_path: Path) -> None:
    assert check(tmp_path, {"contracts": [without(contract("H1"), "subject_no")]}).status("F39") == {"not_applicable"}


# --- F34: rent ----------------------------------------------------------------------------------------------------------


def rents(*yuan: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """Contracts of ten mu each on parcels of their own; rent by the year."""
    numbers = range(1, len(yuan) + 1)
    return {
        "contracts": [contract(f"H{i}", subject_no=f"P{i}", annual_rent=y, **more) for i, y in zip(numbers, yuan, strict=True)],
        "resources": [parcel(f"P{i}") for i in numbers],
    }


def test_f34_compares_with_the_median_of_the_class(tmp_path: Path) -> None:
    found = check(tmp_path / "a", rents("6000", "6000", "6000", "3599"))
    assert [(c.records, c.expected, c.actual, c.amount) for c in found.of("F34")] == [(("H4",), "360.00", "359.90", None)]
    assert check(tmp_path / "b", rents("6000", "6000", "6000", "3600")).of("F34") == []
    assert check(tmp_path / "c", rents("6000", "6000", "6000", "3599"), rent_low_ratio="0.5").of("F34") == []


def test_f34_wants_more_than_three_contracts(tmp_path: Path) -> None:
    found = check(tmp_path, rents("6000", "6000", "100"))
    assert found.of("F34") == [] and found.status("F34") == {"not_applicable"}
    assert all("3" in r.reason for r in found.results_of("F34"))


def test_f34_takes_the_area_of_the_parcel_where_the_contract_gives_none(tmp_path: Path) -> None:
    ledgers = rents("6000", "6000", "6000", "6000", area_mu=None)
    ledgers["resources"][3]["area_mu"] = "20"  # 300 yuan a mu
    assert check(tmp_path / "a", ledgers).records("F34") == [("H4",)]
    ledgers["contracts"] = [without(c, "area_mu") for c in ledgers["contracts"]]
    assert check(tmp_path / "b", ledgers).records("F34") == [("H4",)]
    ledgers["contracts"][3]["area_mu"] = failed("约20亩")
    assert check(tmp_path / "c", ledgers).of("F34") == []


def test_f34_keeps_classes_townships_and_double_lines_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_townships = (
        Organisation("T1", "东镇", "township"),
        Organisation("T2", "西镇", "township"),
        Organisation("V1", "新寨村", "village", "T1"),
        Organisation("G1", "新寨村一组", "group", "V1"),
        Organisation("V2", "柳塘村", "village", "T2"),
    )
    ledgers = rents("6000", "6000", "6000", "3000")
    monkeypatch.setattr(ledger_frames, "ORGANISATIONS", two_townships)
    for row in (ledgers["contracts"][3], ledgers["resources"][3]):
        row["org_code"] = "G1"  # a group belongs to the township of its village
    assert [(c.org_code, c.records) for c in check(tmp_path / "a", ledgers).of("F34")] == [("G1", ("H4",))]
    for row in (ledgers["contracts"][3], ledgers["resources"][3]):
        row["org_code"] = "V2"
    assert check(tmp_path / "b", ledgers).of("F34") == []
    ledgers = rents("6000", "6000", "6000", "3000")
    ledgers["resources"][3]["land_class"] = "园地"
    assert check(tmp_path / "c", ledgers).of("F34") == []
    ledgers = rents("6000", "6000", "3000")
    ledgers["contracts"].append(ledgers["contracts"][0])  # entered twice, still three contracts
    assert check(tmp_path / "d", ledgers).of("F34") == []


def test_f34_leaves_out_contracts_without_rent_and_needs_the_land_register(tmp_path: Path) -> None:
    ledgers = rents("6000", "6000", "6000", "6000", "0")
    assert check(tmp_path / "a", ledgers).of("F34") == []
    found = check(tmp_path / "b", {"contracts": ledgers["contracts"]})
    assert found.status("F34") == {"not_applicable"}


# --- F37, F41: one contract -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "variant"),
    [
        ({"total": "200000"}, None),
        ({"total": "200000.01"}, "total"),
        ({"area_mu": "50"}, None),
        ({"area_mu": "50.01"}, "area"),
        ({"total": "900000", "area_mu": "90"}, "total"),  # over both is one case
        ({"total": "900000", "trade_no": "NCJY2025-1"}, None),
        ({"total": "900000", "kind": "工程"}, None),
        ({"total": "900000", "kind": None}, "total"),
        ({"total": failed("约90万"), "area_mu": "10"}, None),
    ],
)
def test_f37_wants_large_contracts_traded_openly(tmp_path: Path, changed: dict[str, Any], variant: str | None) -> None:
    found = check(tmp_path, {"contracts": [contract("H1", **changed)]})
    assert [(c.records, c.variant) for c in found.of("F37")] == ([(("H1",), variant)] if variant else [])
    if variant:
        assert found.amounts("F37") == [Decimal(changed.get("total", "25000")).quantize(Decimal("0.01"))]


def test_f37_follows_the_county_and_needs_the_column(tmp_path: Path) -> None:
    row = contract("H1", total="250000", area_mu="60")
    assert check(tmp_path / "a", {"contracts": [row]}, trade_asset_over=300000, trade_land_mu_over=100).of("F37") == []
    assert check(tmp_path / "b", {"contracts": [without(row, "trade_no")]}).status("F37") == {"not_applicable"}


@pytest.mark.parametrize(
    ("name", "is_unfair"),
    [
        ("后山林地承包合同（租金不变）", True),
        ("永久使用协议", True),
        ("永久基本农田承包合同", False),
        ("西沟口耕地流转合同", False),
        (None, False),
    ],
)
def test_f41_goes_by_plain_words_of_the_name(tmp_path: Path, name: str, is_unfair: bool) -> None:
    assert check(tmp_path, {"contracts": [contract("H1", name=name)]}).records("F41") == ([("H1",)] if is_unfair else [])


# --- F38, F40: people -----------------------------------------------------------------------------------------------------

ID, ID_15 = "539926196804112430", "539926680411243"  # one number in its form of 1999 and that of 1989


def cadre(**more: Any) -> dict[str, Any]:
    return {"name": "杨荣香", "id_no": ID, "phone": None, "bank_account": None, "role": "近亲属", "related_to": "陈云华", **more}


@pytest.mark.parametrize(
    ("party", "number", "is_related"),
    [
        ("杨荣香", ID, True),
        ("杨 荣香", ID, True),
        ("杨荣香", ID_15, True),
        ("杨荣香", "539926198707018732", False),  # a namesake
        ("杨荣香", None, False),
        ("杨荣香", "53992619******2430", False),
        ("青禾生态农业有限公司", "91539926MA9331179Y", False),
    ],
)
def test_f38_goes_by_the_identity_number(tmp_path: Path, party: str, number: str, is_related: bool) -> None:
    ledgers = {"contracts": [contract("H1", party_b=party, party_b_id=number)], "cadres": [cadre()]}
    found = check(tmp_path, ledgers)
    assert found.records("F38") == ([("H1",)] if is_related else [])
    if is_related:
        assert found.of("F38")[0].expected == "杨荣香·近亲属·陈云华" and ID not in str(found.of("F38")[0])


def test_f38_knows_hidden_numbers_are_nobody_s(tmp_path: Path) -> None:
    hidden = "539926********2430"
    assert check(tmp_path, {"contracts": [contract("H1", party_b_id=hidden)], "cadres": [cadre(id_no=hidden)]}).of("F38") == []


def test_f38_tells_one_case_for_a_person_listed_twice(tmp_path: Path) -> None:
    ledgers = {"contracts": [contract("H1", party_b_id=ID)], "cadres": [cadre(), cadre(related_to="何成芳")]}
    assert check(tmp_path, ledgers).records("F38") == [("H1",)]


def test_f38_covers_a_group_by_the_cadres_of_its_village_and_needs_the_list(tmp_path: Path) -> None:
    rows = [contract("H1", org_code="G1", party_b_id=ID), contract("H2", org_code="V2", party_b_id="539926198707018732")]
    found = check(tmp_path / "a", {"contracts": rows, "cadres": [cadre()]})
    assert [(c.org_code, c.records) for c in found.of("F38")] == [("G1", ("H1",))]
    assert found.status("F38", "V2") == {"not_applicable"}  # the list has nobody of that village
    assert check(tmp_path / "b", {"contracts": rows}).status("F38") == {"not_applicable"}
    assert check(tmp_path / "c", {"contracts": rows, "cadres": [without(cadre(), "id_no")]}).status("F38") == {"not_applicable"}


@pytest.mark.parametrize(
    ("user", "party", "is_another"),
    [
        ("李四", "张三", True),
        ("杨 荣香", "杨荣香", False),
        ("张三等三户", "张三", False),
        ("村委会", "张三", False),
        ("张三", "青禾生态农业有限公司", False),
        ("张三家庭农场", "张三", False),
        (None, "张三", False),
        ("李四", None, False),
    ],
)
def test_f40_reports_only_what_is_plainly_another_person(tmp_path: Path, user: str, party: str, is_another: bool) -> None:
    ledgers = {
        "resources": [parcel("P1", use_status="出租", user=user, contract_no="H1")],
        "contracts": [contract("H1", party_b=party)],
    }
    found = check(tmp_path, ledgers)
    assert [(c.records, c.expected, c.actual) for c in found.of("F40")] == ([(("P1",), party, user)] if is_another else [])


def test_f40_is_quiet_after_the_term_and_where_the_user_has_a_contract_of_his_own(tmp_path: Path) -> None:
    ledgers = {"fixed_assets": [asset("A1", use_status="出租", user="李四", contract_no="H1")]}
    first = contract("H1", subject_no="A1")
    assert check(tmp_path / "a", {**ledgers, "contracts": [first]}).records("F40") == [("A1",)]
    assert check(tmp_path / "b", {**ledgers, "contracts": [{**first, "ends_on": "2025-06-30"}]}).of("F40") == []
    second = contract("H2", subject_no="A1", party_b="李 四")
    assert check(tmp_path / "c", {**ledgers, "contracts": [first, second]}).of("F40") == []
    assert check(tmp_path / "d", ledgers).status("F40") == {"not_applicable"}


# --- F51: the hand-over -----------------------------------------------------------------------------------------------------


def test_f51_reports_what_was_not_received_as_handed_over(tmp_path: Path) -> None:
    rows = [
        item("Y1", amount_in="450.50"),
        item("Y2", quantity_out="5", quantity_in="4", amount_out=None, amount_in=None),
        item("Y3", quantity_in=None, amount_in=None),  # nothing was received at all
        item("Y4", quantity_in=None),  # the amount was counted, the number was not
        item("Y5", quantity_out=None, amount_out=None, quantity_in=None, amount_in=None),
        item("Y6", amount_in=failed("#REF!")),
        item("Y7"),
    ]
    found = check(tmp_path, {"handover": rows})
    assert [(c.records, c.amount, c.expected, c.actual, c.variant) for c in found.of("F51")] == [
        (("Y1",), Decimal("49.50"), "500.00", "450.50", "figures"),
        (("Y2",), None, "5", "4", "figures"),
        (("Y3",), Decimal("500.00"), "500.00", "0.00", "figures"),
    ]


def test_f51_does_not_take_a_list_without_any_received_figure_for_a_loss(tmp_path: Path) -> None:
    rows = [item("Y1", quantity_in=None, amount_in=None), item("Y2", quantity_in=None, amount_in=None)]
    assert check(tmp_path, {"handover": rows}).of("F51") == []


@pytest.mark.parametrize(
    ("handed", "is_late"),
    [("2025-03-20", False), ("2025-03-21", True), (month("2025-03"), False), (month("2025-04"), True), (None, False)],
)
def test_f51_counts_days_after_the_election(tmp_path: Path, handed: object, is_late: bool) -> None:
    rows = [item("Y1", handed_on=handed), item("Y2", handed_on=handed), item("Y3")]
    found = check(tmp_path, {"handover": rows})
    assert [(c.records, c.variant) for c in found.of("F51")] == ([(("Y1", "Y2"), "late")] if is_late else [])


def test_f51_follows_the_county_and_takes_a_month_of_election_to_its_end(tmp_path: Path) -> None:
    rows = [item("Y1", handed_on="2025-04-09", elected_on=month("2025-02"))]
    assert [c.actual for c in check(tmp_path / "a", {"handover": rows}).of("F51")] == ["40"]
    assert check(tmp_path / "b", {"handover": rows}, handover_days=40).of("F51") == []


def test_f51_tells_all_that_nobody_watched_as_one_case(tmp_path: Path) -> None:
    rows = [item("Y1", supervised_by=None), item("Y2", supervised_by=None), item("Y3"), item("Y4", org_code="V2")]
    found = check(tmp_path, {"handover": rows})
    assert [(c.org_code, c.records, c.variant) for c in found.of("F51")] == [("V1", ("Y1", "Y2"), "unwatched")]


def test_f51_does_not_apply_where_the_list_has_none_of_the_columns(tmp_path: Path) -> None:
    found = check(tmp_path, {"handover": [{"item_no": "Y1", "item": "公章"}]})
    assert found.of("F51") == [] and found.status("F51") == {"not_applicable"}


# --- everywhere -------------------------------------------------------------------------------------------------------------


@pytest.mark.spark
def test_spark_finds_what_duckdb_finds_here_too(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="the extra 'spark' is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or later on the path")
    ledgers = rents("6000", "6000", "6000", "3000", starts_on=month("2015-03"), ends_on="2025-03-31", party_b_id=ID_15)
    ledgers["contracts"] += [
        contract("H9", subject_no="P4", party_b="李四", starts_on="2020-01-01", total="900000", name="租金不变合同")
    ]
    ledgers["contracts"] += [contract("H8", subject_no="P3", starts_on="2014-01-01", status="有效")]
    ledgers["resources"] += [parcel("P7", use_status="被占用", reserve_land=True), parcel("P8", user="李四", contract_no="H8")]
    ledgers |= {
        "resource_survey": [{"parcel_no": "P1", "area_mu": "12"}],
        "cadres": [cadre()],
        "fixed_assets": [asset("A1", accumulated_depreciation="480", use_status="闲置", idle_since="2020-01-01"), asset("A2")],
        "trial_balance": [balance("152", -480)],
        "projects": [project("X1", completed_on="2020-01-01", capitalised_on=None, paid="900000", tender=None)],
        "handover": [item("Y1", handed_on="2025-09-09", supervised_by=None), item("Y2", amount_in="1")],
    }
    rules = ("F28", "F29", "F30", "F33", "F34", "F38", "F39", "F40", "F51")  # those with a kernel of their own
    embedded, cluster = (check(tmp_path / name, ledgers, engine=name, only=rules) for name in ("duckdb", "spark"))
    assert {c.rule for c in embedded.cases} == set(rules)
    assert cluster.told == embedded.told
