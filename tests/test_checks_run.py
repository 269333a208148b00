"""A run as a whole: nothing unrun reads as passed, one failing rule stops no other, and every engine says the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ledger_frames import ORGANISATIONS, Cell, balance, check, failed, posting, settings, write

from auditlib.catalog.load import load_catalog
from auditlib.catalog.specs import CheckSpec
from auditlib.checks.frames import Frames, RunInputs
from auditlib.checks.parameters import resolve
from auditlib.checks.run import run_checks, run_rules
from auditlib.engine import open_engine
from auditlib.words.errors import CatalogError

LEDGERS = {
    "claims": [{"claim_no": "C1", "kind": "债权", "counterparty": None, "amount": "10", "last_movement_on": "2020-01-01"}],
    "members": [{"member_no": "M1", "name": "甲", "id_no": "x", "shares": "1", "status": "失联", "org_code": "V2"}],
    "journal": [
        posting("记-1", "2025-01-05", "514", debit="20000.05"),
        posting("记-1", "2025-01-05", "10201", credit="20000.05", detail="6228000000001234"),
        posting("记-2", "2025-02-05", "101", debit="6000"),
        posting("记-2", "2025-02-05", "504", credit="5999"),
        posting("记-4", "2025-03-09", "514", debit=failed("约5")),
    ],
    "bank_statement": [
        {
            "account_no": "6228000000001234",
            "date": "2025-01-06",
            "paid_out": "20000.05",
            "paid_in": None,
            "counterparty": None,
            "memo": "付款",
        },
        {
            "account_no": "6228000000001234",
            "date": "2025-03-21",
            "paid_out": None,
            "paid_in": "52.47",
            "counterparty": None,
            "memo": "利息",
        },
    ],
    "trial_balance": [
        balance("101", 10, debit=6000),
        balance("102", 100),
        balance("10201", 90),
        balance("301", -110),
        balance("202", 0, debit=3, closing=0),
        balance("151", 70),
        balance("101", 0, closing=11, fiscal_year=2024),
    ],
    "agency_trial_balance": [balance("101", 10, debit=6000), balance("301", -111)],
    "fixed_assets": [
        {
            "asset_no": "A1",
            "name": "泵",
            "quantity": "2",
            "acquired_on": "2026-03-01",
            "original_value": "80",
            "accumulated_depreciation": "5",
            "net_value": "70",
        }
    ],
    "asset_count": [{"asset_no": "A1", "name": "泵", "quantity": "1"}, {"asset_no": "A9", "name": "桌", "quantity": "1"}],
    "contracts": [
        {
            "contract_no": "H1",
            "name": "耕地",
            "kind": "承包",
            "party_b": "甲",
            "starts_on": Cell("2000-01-01", "month"),
            "ends_on": "2050-01-01",
            "subject_no": "P1",
        }
    ],
    "receipts": [{"contract_no": "H1", "due_on": "2025-01-01", "amount_due": "9", "amount_received": None}],
}


def test_every_rule_has_a_result_for_every_organisation_and_no_unrun_check_passes(tmp_path: Path) -> None:
    found = check(tmp_path, {"claims": LEDGERS["claims"]})
    rules = {r.rule for r in found.results}
    catalog = load_catalog()
    asked = {e["meta"]["rule"] for s in catalog.ledgers.values() for e in s.expectations} | {
        c.rule for c in (*catalog.checks, *catalog.reconciliations)
    }
    assert rules == asked == set(catalog.rules) and len(rules) == 78  # D01 to D20 and F01 to F58
    for rule in rules:
        assert {r.org_code for r in found.results if r.rule == rule} >= {"V1", "V2"}
    assert found.status("D11") == {"not_applicable"} and all(r.reason for r in found.results if r.rule == "D11")
    assert found.status("F13") == {"found"} and found.status("F13", "V2") == {"not_applicable"}
    assert [(r.population, r.exceptions) for r in found.results if r.rule == "F13" and r.org_code == "V1"] == [(1, 1)]


def test_no_rule_is_silent_about_an_organisation_and_no_reason_is_missing(tmp_path: Path) -> None:
    for name, ledgers in (("nothing", {}), ("something", LEDGERS)):
        found = check(tmp_path / name, ledgers)
        told = {(r.rule, r.org_code) for r in found.results}
        assert told >= {(rule, org.org_code) for rule in load_catalog().rules for org in ORGANISATIONS}
        silent = {(r.rule, r.ledger) for r in found.results if r.status == "not_applicable" and not r.reason.strip()}
        assert silent == set(), name
        assert {r.status for r in found.results} <= {"passed", "found", "not_applicable"}


def test_a_rule_that_fails_stops_no_other(tmp_path: Path) -> None:
    catalog = load_catalog()
    bad_suite = ({"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "no_such"}, "meta": {"rule": "D16"}},)
    claims = replace(catalog.ledgers["claims"], expectations=(*catalog.ledgers["claims"].expectations, *bad_suite))
    broken = replace(
        catalog,
        ledgers={**catalog.ledgers, "claims": claims},
        checks=(CheckSpec("D11", "no_such_kernel", ("journal",), {}), *catalog.checks),
    )
    engine = open_engine("duckdb")
    sources = write(tmp_path, LEDGERS, catalog)
    outcome = run_rules(Frames(RunInputs(tmp_path, broken, settings(catalog), ORGANISATIONS, sources, engine)))
    engine.close()
    assert {c.rule for c in outcome.cases} >= {"D01", "F13", "D04", "D11", "F35"}
    assert (
        len(outcome.errors) == 2
        and any("no_such'" in e for e in outcome.errors)
        and any("no_such_kernel" in e for e in outcome.errors)
    )
    unrun = {(r.rule, r.ledger, r.org_code) for r in outcome.results if r.status == "could_not_run"}
    assert {("D16", "claims", "V1"), ("D16", "claims", "V2"), ("D11", "journal", "V1")} <= unrun


def test_a_new_rule_on_one_ledger_is_an_entry_and_no_program(tmp_path: Path) -> None:
    catalog = load_catalog()
    entry = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "amount", "max_value": {"$PARAMETER": "decision_over"}},
        "meta": {"rule": "F12", "field": "amount", "amount": "amount"},
    }
    claims = replace(catalog.ledgers["claims"], expectations=(entry,))
    engine = open_engine("duckdb")
    rows = [{"claim_no": "C1", "amount": "10000.01"}, {"claim_no": "C2", "amount": "10000"}, {"claim_no": "C3", "amount": None}]
    sources = write(tmp_path, {"claims": rows}, catalog)
    changed = replace(catalog, ledgers={**catalog.ledgers, "claims": claims}, checks=())
    outcome = run_checks(Frames(RunInputs(tmp_path, changed, settings(catalog), ORGANISATIONS, sources, engine)))
    engine.close()
    assert [(c.rule, c.records) for c in outcome.cases] == [("F12", ("C1",))] and outcome.errors == ()


def test_parameters_are_resolved_to_fen_and_days() -> None:
    catalog = load_catalog()
    county = settings(catalog, cash_limit="5000.5", stale_years=2, area_tolerance="0.05", idle_months=11, posting_lag_days=31)

    def value(name: str) -> object:
        return resolve({"$PARAMETER": name}, catalog, county)

    assert [value("cash_limit"), value("area_tolerance"), value("fiscal_year")] == [500050, 500, 2025]
    assert [value("as_of"), value("year_end - stale_years"), value("year_end - idle_months")] == [20260131, 20231231, 20250131]
    assert value("as_of - posting_lag_days") == 20251231
    with pytest.raises(CatalogError, match="cash_limits"):
        value("cash_limits")
    with pytest.raises(CatalogError, match="only year_start"):
        value("cash_limit - stale_years")


def test_an_unknown_engine_is_named_with_the_candidates() -> None:
    with pytest.raises(ValueError, match="duckdb, spark"):
        open_engine("polars")
