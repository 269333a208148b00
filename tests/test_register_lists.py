"""问题清单, 责任清单, 时限清单: each problem, who answers for it, by when (the three lists of 师宗)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import MappingProxyType

import pytest
from register_cases import AS_OF, COUNTY, ORGANISATIONS, OTHER_VILLAGE, TOWNSHIP, VILLAGE, finding, run, step

from auditlib.catalog.specs import RuleCard
from auditlib.issues.events import Kind
from auditlib.issues.issue import Issue
from auditlib.issues.lists import deadline_list, issues_of, problem_list, responsibility_list
from auditlib.issues.register import Register

EMPTY = MappingProxyType({"zh": "", "en": ""})
CARD = RuleCard(
    rule="F08", family="funds", severity="orange", owner="属地管理", helpers=("村级自治",), ledgers=("journal",), parameters=(),
    name=MappingProxyType({"zh": "大额现金支付", "en": "large cash payment"}), what=EMPTY, why=EMPTY, reading=EMPTY, false_alarms=EMPTY,
    rectification=EMPTY, evidence=MappingProxyType({"zh": "转账凭证", "en": "transfer slip"}), message=MappingProxyType({}), basis=(),
)  # fmt: skip
CARDS = {"F08": CARD}
GROUP = VILLAGE + "01"


@pytest.fixture
def issues(tmp_path: Path) -> tuple[Issue, ...]:
    with Register.open(tmp_path / "register.db") as register:
        findings = (
            finding("a"), finding("b", severity="red"), finding("c", org_code=OTHER_VILLAGE, org_name="下河村"),
            finding("d", org_code=GROUP, org_name="上河村一组"), finding("e", rule="F99", owner="村级自治"),
        )  # fmt: skip
        run(register, *findings, organisations=ORGANISATIONS)
        first = next(i for i in register.issues(AS_OF) if i.records == ("a",))
        step(register, first, Kind.CLOSED)
        return register.issues(AS_OF)


def test_every_issue_stands_once_in_each_list(issues: tuple[Issue, ...]) -> None:
    ids = sorted(issue.issue_id for issue in issues)
    for rows in (problem_list(issues, CARDS), responsibility_list(issues, CARDS, ORGANISATIONS), deadline_list(issues)):
        assert sorted(row.issue_id for row in rows) == ids and [row.no for row in rows] == [1, 2, 3, 4, 5]


def test_the_problem_list_says_what_is_wrong_and_what_closing_needs(issues: tuple[Issue, ...]) -> None:
    row = next(r for r in problem_list(issues, CARDS) if r.records == ("b",))
    assert (row.family, row.type_zh, row.evidence_zh, row.severity, row.basis) == (
        "funds",
        "大额现金支付",
        "转账凭证",
        "red",
        "现金管理暂行条例 第五条",
    )


def test_a_rule_without_card_is_listed_all_the_same(issues: tuple[Issue, ...]) -> None:
    row = next(r for r in problem_list(issues, CARDS) if r.rule == "F99")
    assert (row.type_zh, row.family, row.evidence_zh) == ("F99", "", "")


@pytest.mark.parametrize("org_code", [VILLAGE, GROUP])
def test_the_responsibility_list_names_unit_and_person_on_three_levels(issues: tuple[Issue, ...], org_code: str) -> None:
    row = next(r for r in responsibility_list(issues, CARDS, ORGANISATIONS) if r.org_code == org_code and r.lead == "属地管理")
    assert row.helpers == ("村级自治",)
    assert (row.industry.unit, row.industry.person) == ("师河县", "县农业农村局长")
    assert (row.territory.unit, row.territory.person) == ("云岭镇", "张镇长")
    assert (row.village.unit, row.village.person) == ("上河村", "李主任")


def test_an_organisation_that_the_register_lacks_leaves_the_person_open(issues: tuple[Issue, ...]) -> None:
    assert {r.village.person for r in responsibility_list(issues, CARDS, ())} == {""}


def test_the_deadline_list_starts_with_what_presses_and_ends_with_what_is_done(issues: tuple[Issue, ...]) -> None:
    rows = deadline_list(issues)
    assert rows[0].deadline == dt.date(2026, 2, 15) and rows[0].is_proposed
    assert [row.days_left for row in rows[:-1]] == sorted(row.days_left for row in rows[:-1])
    assert (rows[-1].state, rows[-1].closed_on) == ("closed", dt.date(2026, 1, 31))


@pytest.mark.parametrize(
    ("org_code", "count"), [(COUNTY, 5), (TOWNSHIP, 5), (VILLAGE, 4), (GROUP, 1), (OTHER_VILLAGE, 1), ("530999", 0)]
)
def test_a_list_of_an_organisation_holds_those_under_it(issues: tuple[Issue, ...], org_code: str, count: int) -> None:
    assert len(issues_of(issues, org_code, ORGANISATIONS)) == count


def test_organisations_that_are_their_own_parents_end(issues: tuple[Issue, ...]) -> None:
    from dataclasses import replace

    rings = tuple(replace(o, parent_code=o.org_code) for o in ORGANISATIONS)
    assert len(issues_of(issues, VILLAGE, rings)) == 3
    assert responsibility_list(issues, CARDS, rings)[0].industry.unit == ""


def test_the_register_remembers_the_organisations_of_the_newest_run(tmp_path: Path) -> None:
    with Register.open(tmp_path / "r.db") as register:
        run(register, organisations=ORGANISATIONS)
        run(register, organisations=ORGANISATIONS[:1])
        assert [o.name for o in register.organisations()] == ["师河县", "云岭镇", "上河村", "上河村一组", "下河村"]
