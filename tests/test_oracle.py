"""The compiled scan against Great Expectations 1.24 on the same rows: the outside authority for what 'unexpected' means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as some
from ledger_frames import ORGANISATIONS, failed, settings, write

from auditlib.catalog.load import load_catalog
from auditlib.checks.frames import Frames, RunInputs
from auditlib.checks.oracle import disagreements
from auditlib.checks.run import run_checks
from auditlib.checks.single import run_suite
from auditlib.checks.suites import expectations_of
from auditlib.engine import open_engine
from auditlib.kernels.suite import COMPILED


def comparison(column: str, operator: str, parameter: object) -> dict[str, Any]:
    return {"type": "comparison", "column": {"name": column}, "operator": operator, "parameter": parameter}


def nullity(column: str, is_null: bool) -> dict[str, Any]:
    return {"type": "nullity", "column": {"name": column}, "is_null": is_null}


def expect(kind: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": f"expect_{kind}", "kwargs": kwargs, "meta": {"rule": "D01"}}


CONDITIONS = [
    comparison("kind", "==", "债权"),
    comparison("kind", "!=", "债权"),
    comparison("kind", "IN", ["债权", "债务"]),
    comparison("kind", "NOT_IN", ["债权"]),
    comparison("amount", ">", 500),
    comparison("amount", "<=", 500),
    nullity("counterparty", True),
    nullity("counterparty", False),
    {"type": "and", "conditions": [comparison("kind", "!=", "债务"), nullity("amount", False)]},
    {"type": "or", "conditions": [comparison("amount", ">=", 700), comparison("kind", "==", "债务")]},
]
PLAIN = [
    expect("column_values_to_not_be_null", column="counterparty"),
    expect("column_values_to_be_null", column="counterparty"),
    expect("column_values_to_be_in_set", column="kind", value_set=["债权", "债务"]),
    expect("column_values_to_not_be_in_set", column="amount__status", value_set=["failed", "blank"]),
    expect("column_values_to_be_between", column="amount", min_value=100, max_value=700),
    expect("column_values_to_be_between", column="amount", min_value=100, max_value=700, strict_min=True, strict_max=True),
    expect("column_values_to_be_between", column="last_movement_ymd", min_value={"$PARAMETER": "year_end - stale_years"}),
    expect("column_values_to_match_regex", column="claim_no", regex="^C[0-9]$"),
    expect("column_values_to_not_match_regex", column="claim_no", regex="9"),
    expect("column_value_lengths_to_be_between", column="counterparty", min_value=2, max_value=3),
    expect("column_values_to_be_unique", column="claim_no"),
    expect("compound_columns_to_be_unique", column_list=["kind", "counterparty"]),
    expect("compound_columns_to_be_unique", column_list=["kind", "counterparty"], ignore_row_if="any_value_is_missing"),
    expect("compound_columns_to_be_unique", column_list=["kind", "counterparty"], ignore_row_if="never"),
    expect("column_pair_values_to_be_equal", column_A="amount", column_B="twin"),
    expect("column_pair_values_to_be_equal", column_A="amount", column_B="twin", ignore_row_if="either_value_is_missing"),
    expect("column_pair_values_a_to_be_greater_than_b", column_A="amount", column_B="twin"),
    expect(
        "column_pair_values_a_to_be_greater_than_b",
        column_A="amount",
        column_B="twin",
        or_equal=True,
        ignore_row_if="either_value_is_missing",
    ),
    expect("column_pair_values_a_to_be_greater_than_b", column_A="amount", column_B="twin", ignore_row_if="neither"),
]


def suite() -> list[dict[str, Any]]:
    """Every type alone and under every condition."""
    conditional = [{**e, "kwargs": {**e["kwargs"], "row_condition": c}} for e in PLAIN for c in CONDITIONS]
    return [*PLAIN, *conditional]


def opinions(folder: Path, rows: list[dict[str, Any]], expectations: list[dict[str, Any]]) -> tuple[Any, tuple[str, ...]]:
    catalog = load_catalog()
    spec = catalog.ledgers["claims"]
    derived = {**spec.derived, "twin": {"larger": ["amount", "amount"]}}
    catalog = replace(
        catalog, ledgers={**catalog.ledgers, "claims": replace(spec, expectations=tuple(expectations), derived=derived)}
    )
    engine = open_engine("duckdb")
    sources = write(folder, {"claims": rows}, catalog)
    frames = Frames(RunInputs(folder, catalog, settings(catalog), ORGANISATIONS, sources, engine))
    run = run_suite(frames, "claims", expectations_of(frames, "claims"))
    told = disagreements(frames, run)
    engine.close()
    return run, told


def row(number: str | None, kind: str | None, party: str | None, amount: Any, day: Any = None) -> dict[str, Any]:
    return {"claim_no": number, "kind": kind, "counterparty": party, "amount": amount, "last_movement_on": day}


def test_both_runners_count_alike_with_nulls_dates_and_conditions(tmp_path: Path) -> None:
    rows = [
        row("C1", "债权", "卫德民", "1.00", "2023-12-31"),
        row("C2", "债权", None, "5.00", "2023-12-30"),
        row("C2", None, "卫德民", "7.00"),
        row("C9", "其他", "卫德民", None, "2025-01-01"),
        row(None, "债务", "俞", failed("约5")),
        row("C10", None, None, "9.99", "2019-01-01"),
        row("C3", "债权", "卫德民", "5.00"),
        row("C4", "债务", "青禾鑫秀诚公司", "0"),
        row(None, None, None, None),
    ]
    run, told = opinions(tmp_path, rows, suite())
    assert told == ()
    assert sum(1 for e in run.expectations if run.failing[e.position]) > 60  # it looked at something
    assert {e["type"] for e in PLAIN} == COMPILED


cells = some.fixed_dictionaries(
    {
        "claim_no": some.sampled_from(["C1", "C2", "C99", None]),
        "kind": some.sampled_from(["债权", "债务", "其他", None]),
        "counterparty": some.sampled_from(["甲", "乙丙丁戊", None]),
        "amount": some.sampled_from(["1", "5", "7", "7.01", None]),
        "last_movement_on": some.sampled_from(["2023-12-30", "2023-12-31", None]),
    }
)


@examples(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(cells, min_size=1, max_size=8))
def test_both_runners_count_alike_on_whatever_rows(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    # a column that is missing throughout has no type in pandas, and Great Expectations then refuses text and numbers alike
    full = row("C1", "债权", "甲", "5", "2023-12-31")
    assert opinions(tmp_path, [*rows, full], PLAIN + [e for e in suite() if "row_condition" in e["kwargs"]][::7])[1] == ()


def test_an_expectation_that_is_not_compiled_runs_through_great_expectations(tmp_path: Path) -> None:
    unknown = expect("column_values_to_match_regex_list", column="claim_no", regex_list=["^C", "^D"], match_on="any")
    rows = [row("C1", "债权", "甲", "1"), row("X7", "债权", "甲", "1"), row(None, "债权", "甲", "1")]
    run, told = opinions(tmp_path, rows, [unknown, PLAIN[0]])
    assert unknown["type"] not in COMPILED and told == ()
    assert [r["claim_no"] for r in run.failing[0]] == ["X7"] and run.failing[1] == []


def test_a_disagreement_and_a_failed_evaluation_are_told(tmp_path: Path) -> None:
    rows = [row("C1", "债权", None, "1"), row("C2", "债权", None, "1")]
    catalog = load_catalog()
    spec = replace(
        catalog.ledgers["claims"], expectations=(PLAIN[0], expect("column_values_to_be_of_no_such_kind", column="kind"))
    )
    engine = open_engine("duckdb")
    changed, sources = replace(catalog, ledgers={**catalog.ledgers, "claims": spec}), write(tmp_path, {"claims": rows})
    frames = Frames(RunInputs(tmp_path, changed, settings(catalog), ORGANISATIONS, sources, engine))
    only = run_suite(frames, "claims", expectations_of(frames, "claims")[:1])
    (told,) = disagreements(frames, replace(only, failing={0: only.failing[0][:1]}))
    engine.close()
    assert "1 行" in told and "2 行" in told


def test_the_shipped_suites_agree_with_great_expectations(tmp_path: Path) -> None:
    from test_checks_run import LEDGERS

    catalog = load_catalog()
    engine = open_engine("duckdb")
    sources = write(tmp_path, LEDGERS, catalog)
    outcome = run_checks(Frames(RunInputs(tmp_path, catalog, settings(catalog), ORGANISATIONS, sources, engine)))
    engine.close()
    assert outcome.errors == () and len({c.rule for c in outcome.cases}) > 12


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "comparison", "column": {"name": "kind"}, "operator": "~", "parameter": 1},
        {"type": "pass_through", "pass_through_filter": "1"},
    ],
)
def test_a_condition_that_is_not_understood_is_named(entry: dict[str, Any]) -> None:
    from auditlib.kernels.suite import condition
    from auditlib.words.errors import CatalogError

    with pytest.raises(CatalogError, match="candidates"):
        condition(entry)
