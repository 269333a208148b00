"""Deadlines and colours of issues.

Reproduces the proposed pack of thresholds: 15 days left blue, 7 left yellow, overdue orange, overdue 30 or second
extension red.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from register_cases import AT, finding, run, step

from auditlib.issues.events import Kind
from auditlib.issues.issue import Issue
from auditlib.issues.policy import load_clock
from auditlib.issues.register import Register
from auditlib.words.errors import CatalogError

RAISED_ON = dt.date(2026, 1, 31)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register.open(tmp_path / "register.db")


def on(register: Register, day: dt.date) -> Issue:
    (issue,) = register.issues(day)
    return issue


@pytest.mark.parametrize(("severity", "days"), [("red", 15), ("orange", 30), ("yellow", 60), ("blue", 90)])
def test_until_somebody_sets_a_deadline_one_is_proposed_by_severity(register: Register, severity: str, days: int) -> None:
    run(register, finding(severity=severity))
    issue = on(register, RAISED_ON)
    assert (issue.deadline, issue.set_deadline) == (RAISED_ON + dt.timedelta(days=days), None)


@pytest.mark.parametrize(
    ("days_left", "colour", "level"),
    [
        (16, "green", 0), (15, "blue", 1), (8, "blue", 1), (7, "yellow", 2), (0, "yellow", 2), (-1, "orange", 3), (-29, "orange", 3),
        (-30, "red", 4), (-400, "red", 4),
    ],
)  # fmt: skip
def test_the_colour_follows_the_day_on_which_one_looks(register: Register, days_left: int, colour: str, level: int) -> None:
    run(register, finding())
    deadline = on(register, RAISED_ON).deadline
    issue = on(register, deadline - dt.timedelta(days=days_left))
    assert (issue.days_left, issue.colour, issue.level) == (days_left, colour, level)


def test_a_second_extension_is_red(register: Register) -> None:
    run(register, finding())
    once = step(register, on(register, RAISED_ON), Kind.EXTENDED, deadline="2026-06-30")
    twice = step(register, once, Kind.EXTENDED, deadline="2026-12-31")
    assert (once.colour, once.deadline, twice.colour, twice.extensions) == ("green", dt.date(2026, 6, 30), "red", 2)


def test_a_deadline_that_was_set_counts_and_its_owner_answers(register: Register) -> None:
    run(register, finding())
    issue = step(register, on(register, RAISED_ON), Kind.ASSIGNED, owner="李主任", deadline="2026-02-10")
    assert (issue.owner, issue.deadline, issue.set_deadline) == ("李主任", dt.date(2026, 2, 10), dt.date(2026, 2, 10))


@pytest.mark.parametrize(("late", "colour"), [(0, "green"), (1, "yellow")])
def test_made_good_late_never_turns_green(register: Register, late: int, colour: str) -> None:
    run(register, finding())
    issue = on(register, RAISED_ON)
    closed_at = AT + dt.timedelta(days=issue.days_left + late)
    assert step(register, issue, Kind.CLOSED, at=closed_at).colour == colour


def test_the_day_is_that_of_a_clock_in_china(register: Register) -> None:
    run(register, finding(), at=dt.datetime(2026, 1, 30, 16, 30, tzinfo=dt.UTC))
    assert on(register, RAISED_ON).raised_on == dt.date(2026, 1, 31)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("days_left_at_most: 7", "days_left_at_most: 20", "must grow"),
        ("colour: orange", "colour: 橙色", "candidates"),
        ("red: 15", "rot: 15", "deadline_days"),
        ("red_from_extensions: 2", "red_from_extensions: zwei", "whole number"),
        ("level: 4", "level: 9", "level"),
        ("utc_offset_hours: 8", "hours: 8", "keys"),
    ],
)
def test_a_mistake_in_the_clock_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    shipped = (Path(__file__).parent.parent / "expectations" / "issues" / "defaults.yaml").read_text(encoding="utf-8")
    assert old in shipped
    changed = tmp_path / "defaults.yaml"
    changed.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogError, match=named):
        load_clock(changed)
