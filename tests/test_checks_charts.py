"""Accounts by the chart of the year, books of another system, and the agency's balance where a village has none of its own.

Outside authority: the 42 accounts of 财会〔2023〕14号, those of 财会〔2004〕12号, and the account numbers of the 小企业会计准则.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ledger_frames import balance, check, posting

from auditlib.catalog.load import load_catalog
from auditlib.checks.charts import follows

CATALOG = load_catalog()
SMALL = CATALOG.words["other_charts"]["small_enterprise"]


def reasons(found: Any, rule: str, org: str = "V1") -> set[str]:
    return {r.reason for r in found.results if r.rule == rule and r.org_code == org}


# --- the charts ---------------------------------------------------------------------------------------------------------


def test_the_charts_hold_one_after_the_other_without_a_gap() -> None:
    old, new = CATALOG.charts["2004"], CATALOG.charts["2023"]
    assert (old["valid_from"].year, old["valid_to"].isoformat(), new["valid_from"].isoformat()) == (2005, "2023-12-31", "2024-01-01")
    assert len(new["accounts"]) == 42 and old["successor"] == "2023"


def test_the_mapping_knows_the_trap_of_codes_that_changed_their_meaning() -> None:
    old, new = CATALOG.charts["2004"], CATALOG.charts["2023"]
    line = {code: entry["to"] for entry in old["lines"] for code in entry["from"]}
    # 153 and 154 changed places; 202 became 211, so that wages went from 211 to 212
    assert (line["153"], line["154"]) == (["154"], ["153"]) and old["accounts"]["153"]["name"] == new["accounts"]["154"]["name"]
    assert "211" in line["202"] and "212" in line["211"] and "131" in line["131"]
    for side in ("from", "to"):
        codes = [code for entry in old["lines"] for code in entry[side]]
        assert len(codes) == len(set(codes)) and set(codes) <= set((old if side == "from" else new)["accounts"])
    # every account with a balance to carry over stands on a line; income and cost have none
    assert {c for c in old["accounts"] if c < "500"} == set(line)


# --- books of another system --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "does"),
    [
        ({"1001", "1002", "1122", "2202", "5601"}, True),
        ({"100101", "100201", "112201", "220201", "560101"}, True),  # leaf accounts only
        ({"101", "102", "10201", "211", "501"}, False),
        ({"10101", "10201", "11201", "21101"}, False),  # leaf accounts of the chart of collectives
        ({"1122", "2202"}, False),  # no money account: too little to tell
        ({"1001", "1002", "151", "152"}, False),  # a mixture is judged, not excused
        (set(), False),
    ],
)
def test_books_of_small_enterprises_are_told_by_their_numbers(codes: set[str], does: bool) -> None:
    assert follows(codes, SMALL) is does


FOREIGN = [balance("1001", 100), balance("1601", 900), balance("3001", -1000), balance("5601", 0, debit=5, credit=5)]


def test_another_chart_is_named_once_and_makes_no_flood(tmp_path: Path) -> None:
    rows = [
        *FOREIGN, *[{**r, "org_code": "V2"} for r in (balance("101", 100), balance("202", -40), balance("301", -60))],
    ]  # fmt: skip
    journal = [posting("记-1", "2025-01-05", "5601", debit=90000), posting("记-1", "2025-01-05", "1002", credit=90000)]
    found = check(tmp_path, {"trial_balance": rows, "journal": journal})
    assert {c.org_code for rule in ("D18", "D19") for c in found.of(rule)} == {"V2"}
    for rule in ("D18", "D19", "F08", "F19", "F07"):
        assert found.status(rule, ledger="trial_balance" if rule < "E" else "journal") == {"not_applicable"}, rule
        assert any("小企业会计准则" in r for r in reasons(found, rule)), rule
    # what does not go by numbers is still looked at
    assert found.status("D12", ledger="trial_balance") == {"passed"} and found.status("D13", ledger="trial_balance") == {"passed"}
    assert found.status("D11") == {"passed"}


def test_reconciliations_by_account_number_leave_out_another_chart(tmp_path: Path) -> None:
    """In the 小企业会计准则 the bank is 1002 and 151 does not exist: without this every line of the bank would be missing in the books."""
    balances = [*FOREIGN, *[{**r, "org_code": "V2"} for r in (balance("102", 100), balance("151", 900), balance("301", -1000))]]
    own = posting("记-1", "2025-03-01", "102", credit=70, org_code="V2")
    journal = [posting("记-1", "2025-03-01", "1002", credit=70), own]
    line = {"date": "2025-03-01", "paid_in": None, "paid_out": 50, "counterparty": None, "memo": None}
    banks = [{**line, "account_no": "6228000000001234"}, {**line, "account_no": "6228000000005678", "org_code": "V2"}]
    asset = {"asset_no": "A1", "name": "办公楼", "original_value": 500, "accumulated_depreciation": 0}
    ledgers = {
        "trial_balance": balances, "journal": journal, "bank_statement": banks, "fixed_assets": [asset, {**asset, "org_code": "V2"}],
    }  # fmt: skip
    found = check(tmp_path, ledgers, only={"F10", "D17"})
    for rule in ("F10", "D17"):
        assert {c.org_code for c in found.of(rule)} == {"V2"}, rule
        assert {r.status for r in found.results if r.rule == rule and r.org_code == "V1"} == {"not_applicable"}
        assert any("小企业会计准则" in r for r in reasons(found, rule)), rule
    told = [m for m in found.matches if m.reconciliation in ("journal__bank_statement", "fixed_assets__trial_balance")]
    assert told and {m.org_code for m in told} == {"V2"}


def test_the_chart_of_collectives_is_judged_as_before(tmp_path: Path) -> None:
    found = check(
        tmp_path, {"trial_balance": [balance("101", 100), balance("1001", 0, debit=3, credit=3), balance("301", -100)]}, only={"D19"}
    )
    assert found.records("D19") == [("1001", "100")]


# --- accounts that only vouchers use ------------------------------------------------------------------------------------


def test_d19_reads_the_vouchers_for_accounts_that_no_balance_shows(tmp_path: Path) -> None:
    journal = [
        posting("记-1", "2025-01-05", "54101", debit=700), posting("记-1", "2025-01-05", "102", credit=700),
        posting("记-2", "2025-01-06", "54102", debit=50), posting("记-2", "2025-01-06", "202", credit=50),
    ]  # fmt: skip
    found = check(
        tmp_path,
        {"journal": journal, "trial_balance": [balance("102", 700), balance("202", 0, credit=50), balance("301", -700)]},
        only={"D19"},
    )
    of_journal = [c for c in found.of("D19") if c.ledger == "journal"]
    assert [(c.key, c.records, str(c.amount)) for c in of_journal] == [(("2025", "541"), ("541", "54101", "54102"), "750.00")]
    assert [c.records for c in found.of("D19") if c.ledger == "trial_balance"] == [("202",)]  # told once, where the balance shows it


def test_d19_near_misses_in_vouchers(tmp_path: Path) -> None:
    rows = [
        posting("记-1", "2025-01-05", "51301", debit=7),
        posting("记-1", "2025-01-05", "10201", credit=7),
        posting("记-2", "2025-01-05", None, debit=7),
    ]
    found = check(tmp_path, {"journal": rows}, only={"D19"})
    assert found.of("D19") == [] and found.status("D19", ledger="journal") == {"passed"}
    assert found.status("D19", ledger="trial_balance") == {"not_applicable"}


# --- the agency's balance -----------------------------------------------------------------------------------------------

WRONG = [
    balance("101", 100, debit=5, closing=100),
    balance("121", -7),
    balance("10", 0),
    balance("202", -3),
    balance("301", -60),
    balance("30101", -50),
]


def test_the_agency_s_balance_is_judged_where_the_village_has_none(tmp_path: Path) -> None:
    found = check(tmp_path, {"agency_trial_balance": WRONG}, only={"D12", "D13", "D18", "D19", "D20"})
    assert {c.rule for c in found.cases} == {"D12", "D13", "D18", "D19", "D20"} and {c.ledger for c in found.cases} == {
        "agency_trial_balance"
    }
    assert found.status("D12", ledger="trial_balance") == {"not_applicable"}


def test_where_both_stand_the_village_s_is_judged_and_f49_tells_the_difference_once(tmp_path: Path) -> None:
    good = [balance("101", 100), balance("301", -100)]
    found = check(tmp_path, {"agency_trial_balance": WRONG, "trial_balance": good}, only={"D12", "D13", "D18", "D19", "D20", "F49"})
    assert [c.rule for c in found.cases] == ["F49"]
    for rule in ("D12", "D13", "D18", "D19", "D20"):
        assert found.status(rule, ledger="agency_trial_balance") == {"not_applicable"}
        assert any("F49" in r for r in reasons(found, rule)), rule


def test_a_year_that_only_the_agency_has_is_judged(tmp_path: Path) -> None:
    rows = [{**r, "fiscal_year": 2024} for r in WRONG]
    found = check(tmp_path, {"agency_trial_balance": rows, "trial_balance": [balance("101", 1), balance("301", -1)]}, only={"D12"})
    assert [(c.ledger, c.key) for c in found.of("D12")] == [("agency_trial_balance", ("2024",))]


def test_a_sound_agency_balance_passes(tmp_path: Path) -> None:
    found = check(tmp_path, {"agency_trial_balance": [balance("101", 5), balance("301", -5)]}, only={"D12", "D13", "D18", "D19", "D20"})
    assert found.cases == ()
    assert all(found.status(r, ledger="agency_trial_balance") == {"passed"} for r in ("D12", "D13", "D18", "D19", "D20"))
