"""责任树: no organisation without an owner, none with two leads; and who is next when a matter is late.

Published figures: 20 grids over 99 buildings with 1,835 households, none left out (永善).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from issue_cases import COUNTY, GROUP, ORGANISATIONS, OTHER_VILLAGE, TOWNSHIP, VILLAGE, Story, at

from auditlib.issues.events import Kind
from auditlib.issues.policy import load_clock
from auditlib.issues.sources import read_duties
from auditlib.issues.tree import LINES, Duty, Tree, escalations, load_rungs
from auditlib.words.errors import CatalogError
from auditlib.words.records import Organisation


def codes(tree: Tree) -> set[tuple[str, str, str]]:
    return {(gap.code, gap.org_code, gap.line) for gap in tree.gaps()}


# Who answers


def test_a_whole_tree_has_no_gap() -> None:
    assert Tree(ORGANISATIONS).gaps() == ()


@pytest.mark.parametrize(
    ("line", "unit", "person"), zip(LINES, ("青禾县", "云岭镇", "上河村"), ("何局长", "张镇长", "李主任"), strict=True)
)
def test_each_line_names_unit_and_person_of_its_level(line: str, unit: str, person: str) -> None:
    found = Tree(ORGANISATIONS).answerable(line, GROUP)
    assert (found.unit, found.person) == (unit, person)


def test_a_named_duty_goes_before_the_head_and_the_nearest_one_before_those_above() -> None:
    tree = Tree(ORGANISATIONS, (Duty(TOWNSHIP, "属地管理", "周委员"), Duty(VILLAGE, "属地管理", "包村干部钱某", "农业中心")))
    assert tree.answerable("属地管理", GROUP).person == "包村干部钱某" and tree.answerable("属地管理", GROUP).unit == "农业中心"
    assert tree.answerable("属地管理", OTHER_VILLAGE).person == "周委员"


def test_an_organisation_for_which_nobody_answers_is_named_with_the_line() -> None:
    without = tuple(replace(o, head="") if o.org_code == OTHER_VILLAGE else o for o in ORGANISATIONS)
    assert codes(Tree(without)) == {("no_owner", OTHER_VILLAGE, "村级自治")}
    assert codes(Tree(without, (Duty(OTHER_VILLAGE, "村级自治", "王某"),))) == set()


def test_two_leads_are_named_and_helpers_are_none() -> None:
    duties = (Duty(VILLAGE, "属地管理", "甲"), Duty(VILLAGE, "属地管理", "乙"), Duty(OTHER_VILLAGE, "属地管理", "甲"),
              Duty(OTHER_VILLAGE, "属地管理", "乙", is_lead=False))  # fmt: skip
    (gap,) = Tree(ORGANISATIONS, duties).gaps()
    assert (gap.code, gap.org_code, gap.people) == ("two_leads", VILLAGE, ("乙", "甲"))


def test_circles_unknown_parents_and_duties_for_nobody_are_named() -> None:
    ring = (*ORGANISATIONS[:1], replace(ORGANISATIONS[1], parent_code=VILLAGE), *ORGANISATIONS[2:])
    assert {("circle", TOWNSHIP, ""), ("circle", VILLAGE, "")} <= codes(Tree(ring))
    lost = (*ORGANISATIONS, Organisation("530323999201", "无主村", "village", "530323999", "某"))
    found = Tree(lost, (Duty("999", "村级自治", "某"),)).gaps()
    assert {(g.code, g.org_code) for g in found} >= {
        ("unknown_parent", "530323999201"),
        ("no_owner", "530323999201"),
        ("unknown_org", "999"),
    }
    assert next(g for g in found if g.code == "unknown_parent").people == ("530323999",)


def grids() -> list[Organisation]:
    """20 grids, 99 buildings, 1,835 households, dealt out in turn."""
    wide = [Organisation(f"W{n:02}", f"第{n}网格", "grid", VILLAGE, f"网格长{n}") for n in range(20)]
    homes = [1835 // 99 + (n < 1835 % 99) for n in range(99)]
    return [
        *ORGANISATIONS,
        *wide,
        *(Organisation(f"L{n:02}", f"{n}栋", "building", f"W{n % 20:02}", "", households=homes[n]) for n in range(99)),
    ]


def test_twenty_grids_with_99_buildings_leave_nobody_without_an_owner() -> None:
    tree = Tree(grids(), [Duty(f"L{n:02}", "村级自治", f"楼栋长{n}") for n in range(99)])
    assert sum(o.households or 0 for o in grids()) == 1835  # as published
    assert tree.gaps() == () and tree.answerable("村级自治", "L98").person == "楼栋长98"
    lost = Tree([replace(o, parent_code="W99") if o.org_code == "L07" else o for o in grids()]).gaps()
    assert ("unknown_parent", "L07") in {(gap.code, gap.org_code) for gap in lost}


# A list of who answers


def test_duties_come_in_from_a_list_and_rows_that_cannot_be_taken_are_named(tmp_path: Path) -> None:
    path = tmp_path / "责任人.csv"
    path.write_text(
        "青禾县责任人名单\n单位,责任类别,责任人,牵头/配合\n上河村,属地,周委员,牵头\n下河村,村级自治责任,王主任,配合\n"
        "远山村,属地,吴某,牵头\n上河村,看情况,郑某,牵头\n上河村一组,属地,,牵头\n", encoding="utf-8",
    )  # fmt: skip
    found = read_duties(path, ORGANISATIONS, load_clock())
    assert found.duties == (Duty(VILLAGE, "属地管理", "周委员"), Duty(OTHER_VILLAGE, "村级自治", "王主任", "", False))
    assert [(r.row, r.code) for r in found.refused] == [(5, "unknown_org"), (6, "not_in_list"), (7, "blank")]
    assert "看情况" in found.refused[1].told("zh") and "B" in found.refused[1].told("en")


# Late


def late(days: int, severity: str = "orange") -> tuple[int, str] | None:
    story = Story().tell("a", Kind.RAISED, at("2026-01-01"), severity=severity)
    deadline = story.issue("a", "2026-01-01").deadline
    issues = story.issues((deadline + dt.timedelta(days=days)).isoformat())
    found = escalations(issues, Tree(ORGANISATIONS), load_rungs())
    return (found[0].rung, found[0].answerable.person) if found else None


@pytest.mark.parametrize(
    ("days", "severity", "stands"),
    [
        (0, "orange", None), (1, "orange", (1, "李主任")), (4, "orange", (1, "李主任")), (5, "orange", (2, "张镇长")),
        (9, "orange", (2, "张镇长")), (10, "orange", (3, "何局长")), (2, "red", (2, "张镇长")), (5, "red", (3, "何局长")),
        (14, "blue", (1, "李主任")),
    ],
)  # fmt: skip
def test_a_late_matter_goes_from_the_village_to_the_township_to_the_county(days: int, severity: str, stands: object) -> None:
    assert late(days, severity) == stands


def test_it_says_who_is_next_and_when_and_what_is_done_rises_no_further() -> None:
    story = Story().tell("a", Kind.RAISED, at("2026-01-01"), severity="red")
    (one,) = escalations(story.issues("2026-01-18"), Tree(ORGANISATIONS), load_rungs())
    assert (one.rung, one.next_line, one.next_in) == (2, "行业监管", 3)
    story.tell("a", Kind.CLOSED, at("2026-01-18"))
    assert escalations(story.issues("2026-03-01"), Tree(ORGANISATIONS), load_rungs()) == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("rungs: []\n", "rungs"),
        ("rungs: [{line: 上级, overdue_days: {red: 1, orange: 1, yellow: 1, blue: 1}}]\n", "candidates"),
        ("rungs: [{line: 村级自治, overdue_days: {red: 0, orange: 1, yellow: 1, blue: 1}}]\n", "above 0"),
        (
            "rungs: [{line: 村级自治, overdue_days: {red: 3, orange: 3, yellow: 3, blue: 3}}, "
            "{line: 属地管理, overdue_days: {red: 3, orange: 4, yellow: 4, blue: 4}}]\n",
            "must grow",
        ),
    ],
)
def test_a_mistake_in_the_ladder_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "escalation.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=named):
        load_rungs(path)


def test_the_county_answers_to_nobody_beneath_it() -> None:
    alone = (replace(ORGANISATIONS[0], head=""),)
    assert codes(Tree(alone)) == {("no_owner", COUNTY, "行业监管")}
