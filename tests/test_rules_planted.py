"""Every rule that ledgers can show: a planted village that breaks it, a near miss, and one to which it does not apply.

All villages of one kind are checked in one run, side by side in townships of their own, as a county has them: what one
village lacks is not made good by the ledger of another, and no village's breach is reported under another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from ledger_frames import Cell, Checked, check
from planted_cases import PLANTED, Ledgers

from auditlib.catalog.load import load_catalog
from auditlib.words.records import Organisation

CATALOG = load_catalog()
KINDS = ("breaks", "near", "out_of_reach")
PAPER_ONLY = {c.rule for c in CATALOG.checks if c.kernel == "not_in_ledgers"}  # listed with the reason, never judged
NEVER_ASSURED = {"F06"}  # no mention of a slip is no proof that the box holds none: only a count of the cash tells


def villages() -> tuple[Organisation, ...]:
    """A township, a village and a group for each rule; the village has the rule's own code."""
    return tuple(
        Organisation(*facts)
        for rule in PLANTED
        for facts in (
            (f"{rule}T", f"第{rule}镇", "township", ""),
            (rule, f"第{rule}村股份经济合作联合社", "village", f"{rule}T"),
            (f"{rule}G", f"第{rule}村第一村民小组", "group", rule),
        )
    )


def together(kind: str) -> dict[str, list[dict[str, Any]]]:
    """The ledgers of all villages of a kind; a column that a village's own rows never name stays absent there."""
    county: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, (rule, planted) in enumerate(PLANTED.items(), start=100):
        ledgers: Ledgers = getattr(planted, kind)
        for ledger, rows in ledgers.items():
            county[ledger] += [_row(rule, number, ledger, rows, row) for row in rows]
    return county


def _row(rule: str, number: int, ledger: str, rows: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    own = {**row, "org_code": f"{rule}G" if row.get("org_code") == "G1" else rule, "source_id": number}
    if ledger not in CATALOG.ledgers:
        return own
    named = {field for each in rows for field in each}
    return {field: Cell(None, "absent") for field in CATALOG.ledgers[ledger].fields if field not in named} | own


@pytest.fixture(scope="module")
def counties(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checked]:
    found = {kind: check(tmp_path_factory.mktemp(kind), together(kind), organisations=villages()) for kind in KINDS}
    assert all(of_kind.results for of_kind in found.values())  # all rules in one run, and not each when it is asked for
    return found


def statuses(found: Checked, rule: str) -> set[str]:
    return found.status(rule, f"{rule}G" if rule == "F54" else rule)  # the one rule about groups


def test_every_rule_of_the_catalogue_brings_its_three_cases() -> None:
    assert set(PLANTED) | PAPER_ONLY == set(CATALOG.rules) and not set(PLANTED) & PAPER_ONLY


@pytest.mark.parametrize("rule", PLANTED)
def test_a_breach_is_reported_once_with_its_record_and_amount(counties: dict[str, Checked], rule: str) -> None:
    found = [c for c in counties["breaks"].of(rule) if c.org_code in (rule, f"{rule}G")]
    planted = PLANTED[rule]
    assert [(c.records, c.amount) for c in found] == [(planted.records, Decimal(planted.amount) if planted.amount else None)]


@pytest.mark.parametrize("rule", PLANTED)
def test_a_near_miss_is_looked_at_and_not_reported(counties: dict[str, Checked], rule: str) -> None:
    found = counties["near"]
    assert [c.records for c in found.of(rule) if c.org_code in (rule, f"{rule}G")] == []
    assert "passed" in statuses(found, rule) or rule in NEVER_ASSURED


@pytest.mark.parametrize("rule", PLANTED)
def test_a_rule_that_cannot_be_applied_says_why_and_never_passes(counties: dict[str, Checked], rule: str) -> None:
    found = counties["out_of_reach"]
    assert [c.records for c in found.of(rule) if c.org_code in (rule, f"{rule}G")] == []
    assert statuses(found, rule) == {"not_applicable"}
    assert all(r.reason for r in found.results if r.rule == rule and r.org_code == rule)
