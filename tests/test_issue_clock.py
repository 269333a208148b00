"""The clock: days counted as the county counts, steps with terms of their own, colours in the words of the place.

Outside authorities: the State Council's notices of holidays for 2025 and 2026 (国办发明电〔2024〕12号 and its successor) for
working days with 调休; 民法典 第203条 for a term that ends on a holiday; the one hour to a first answer published for 水富.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from issue_cases import Story, at

from auditlib.issues.events import Kind
from auditlib.issues.policy import Clock, load_clock
from auditlib.issues.stages import StageStanding, stages_of
from auditlib.issues.working_days import (
    Counting,
    after_working_days,
    days_left,
    is_working_day,
    last_day,
    working_days_between,
    years_without_calendar,
)  # fmt: skip
from auditlib.words.errors import CatalogError

DAY = dt.date.fromisoformat


def county(tmp_path: Path, text: str) -> Clock:
    """A county's own file, which holds only what differs."""
    own = tmp_path / f"clock-{hashlib.sha256(text.encode()).hexdigest()[:8]}.yaml"
    own.write_text(text, encoding="utf-8")
    return load_clock(own)


# Working days


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2025-01-26", True),  # a Sunday that makes up for the Spring Festival of 2025
        ("2025-01-28", False),  # 除夕, a holiday by law since 2025
        ("2025-02-04", False),
        ("2025-02-05", True),
        ("2025-02-08", True),  # a Saturday that makes up
        ("2025-10-01", False),
        ("2025-10-11", True),  # a Saturday that makes up
        ("2025-10-12", False),  # an ordinary Sunday
        ("2025-03-14", True),
    ],
)
def test_working_days_are_those_of_the_notice_with_days_moved(day: str, works: bool) -> None:
    assert is_working_day(DAY(day)) is works


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2025-09-30", 1, "2025-10-09"),  # over the National Day holidays 1 to 8 October 2025
        ("2025-09-30", 3, "2025-10-11"),  # 9, 10 and the Saturday 11 October, on which offices work
        ("2025-01-27", 5, "2025-02-10"),  # over the Spring Festival: 5, 6, 7, the Saturday 8 February, then Monday
        ("2025-12-31", 0, "2025-12-31"),
    ],
)
def test_a_term_in_working_days_skips_the_holidays(start: str, days: int, end: str) -> None:
    assert after_working_days(DAY(start), days) == DAY(end)


def test_counting_days_and_adding_them_agree_over_three_years() -> None:
    start = DAY("2025-11-15")
    for days in (1, 7, 100, 260, 500):
        end = after_working_days(start, days)
        assert working_days_between(start, end) == days and working_days_between(end, start) == -days


def test_a_last_day_on_a_holiday_moves_to_the_day_after_it_where_the_county_says_so() -> None:
    assert last_day(DAY("2025-09-24"), 7, Counting.CALENDAR) == DAY("2025-10-01")
    assert last_day(DAY("2025-09-24"), 7, Counting.CALENDAR_ROLLED) == DAY("2025-10-09")
    assert last_day(DAY("2025-09-22"), 7, Counting.CALENDAR_ROLLED) == DAY("2025-09-29")


def test_what_is_past_its_day_is_overdue_though_no_working_day_lies_between() -> None:
    friday, sunday = DAY("2025-03-14"), DAY("2025-03-16")
    assert days_left(friday, sunday, Counting.WORKING) == -1
    assert days_left(friday, DAY("2025-03-17"), Counting.WORKING) == -1
    assert days_left(friday, friday, Counting.WORKING) == 0


def test_years_beyond_the_calendar_are_named_and_count_monday_to_friday() -> None:
    far = DAY("2098-10-01")
    assert years_without_calendar(DAY("2025-12-31"), far)[-1] == 2098 and 2025 not in years_without_calendar(DAY("2025-12-31"), far)
    assert is_working_day(far) and not is_working_day(DAY("2098-10-04"))
    assert load_clock().guessed_years(DAY("2025-12-31"), far) == ()  # calendar days need no notice


def test_deadlines_and_days_left_follow_the_county_s_count(tmp_path: Path) -> None:
    clock = county(tmp_path, "counting: working\ndeadline_days: {red: 5, orange: 10, yellow: 20, blue: 30}\n")
    story = Story().tell("a", Kind.RAISED, at("2025-09-28"), severity="red")
    issue = story.issue("a", "2025-10-08", clock)
    assert (issue.deadline, issue.days_left) == (DAY("2025-10-11"), 3)  # 29, 30 September, then 9, 10 and 11 October
    assert clock.guessed_years(issue.raised_on, DAY("2099-01-01")) != ()


# Colours


def test_the_levels_are_the_same_everywhere_and_the_words_are_those_of_the_place(tmp_path: Path) -> None:
    story = (
        Story().tell("a", Kind.RAISED, at("2026-01-01")).tell("a", Kind.ASSIGNED, at("2026-01-02"), owner="李主任", deadline="2026-03-01")
    )
    days = {"2026-01-03": 0, "2026-02-15": 1, "2026-02-25": 2, "2026-03-02": 3, "2026-04-15": 4}
    words = {
        "红橙黄蓝绿": "绿 蓝 黄 橙 红", "红橙黄蓝": "正常 蓝色预警 黄色预警 橙色预警 红色预警", "红橙黄绿": "绿 绿 黄 橙 红",
        "红黄绿": "绿 绿 黄 红 红",
    }  # fmt: skip
    for scheme, told in words.items():
        clock = county(tmp_path, f"scheme: {scheme}\n")
        issues = [story.issue("a", day, clock) for day in days]
        assert [issue.level for issue in issues] == list(days.values())
        assert [clock.word(issue.level, "zh") for issue in issues] == told.split()


def test_a_county_may_have_bands_of_its_own(tmp_path: Path) -> None:
    clock = county(tmp_path, "scheme: 红黄绿\nbands: [{level: 4, days_left_at_most: -1}, {level: 2, days_left_at_most: 3}]\n")
    story = Story().tell("a", Kind.RAISED, at("2026-01-01"), severity="red")
    assert [story.issue("a", day, clock).colour for day in ("2026-01-12", "2026-01-13", "2026-01-17")] == ["green", "yellow", "red"]


def test_sent_back_and_found_again_make_the_colour_worse() -> None:
    story = Story().tell("a", Kind.RAISED, at("2026-01-01"), severity="blue")
    assert story.issue("a", "2026-01-10").level == 0
    story.tell("a", Kind.REPORTED_BACK, at("2026-01-11")).tell("a", Kind.RETURNED, at("2026-01-12"), reason="缺佐证")
    assert story.issue("a", "2026-01-13").level == 1
    story.tell("a", Kind.CLOSED, at("2026-01-14")).tell("a", Kind.REOPENED, at("2026-01-20"), reason="又发生")
    issue = story.issue("a", "2026-01-21")
    assert (issue.returned, issue.false_closures, issue.level) == (1, 1, 2)


def test_made_good_late_turns_yellow_in_every_scheme(tmp_path: Path) -> None:
    story = Story().tell("a", Kind.RAISED, at("2026-01-01"), severity="red").tell("a", Kind.CLOSED, at("2026-02-01"))
    for scheme in ("红橙黄蓝绿", "红橙黄蓝", "红橙黄绿", "红黄绿"):
        assert story.issue("a", "2026-03-01", county(tmp_path, f"scheme: {scheme}\n")).colour == "yellow"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("counting: lunar\n", "candidates: calendar"),
        ("scheme: 七彩\n", "candidates: 红橙黄蓝绿"),
        ("raise_level: {returned: 1}\n", "raise_level"),
        ("stages: [{stage: x, after: [raised], until: [accepted]}]\n", "either days or hours"),
        ("stages: [{stage: x, after: raised, until: [accepted], days: 1}]\n", "a list is needed"),
        ("dead_line_days: {red: 1}\n", "dead_line_days"),
    ],
)
def test_a_mistake_in_a_county_s_clock_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(CatalogError, match=named):
        county(tmp_path, text)


# Steps


def step(story: Story, stage: str, when: dt.datetime, clock: Clock | None = None) -> StageStanding:
    return next(s for s in stages_of(story.events, clock=clock or load_clock(), at=when) if s.stage == stage)


@pytest.mark.parametrize(("minutes", "is_late"), [(59, False), (60, False), (61, True)])
def test_a_hotline_matter_is_answered_within_the_hour_in_which_it_came_in(minutes: int, is_late: bool) -> None:
    received = at("2026-01-06", 10)
    story = Story().tell("h", Kind.RAISED, at("2026-01-06", 10, 30), source="hotline", told={"received_at": "2026-01-06T02:00:00.000000Z"})
    assert not step(story, "first_response", received + dt.timedelta(minutes=60)).is_late  # nobody yet, and still in time
    story.tell("h", Kind.ACCEPTED, received + dt.timedelta(minutes=minutes))
    standing = step(story, "first_response", at("2026-02-01"))
    assert (standing.since, standing.is_done, standing.is_late) == (received, True, is_late)


def test_other_matters_have_no_hour() -> None:
    story = Story().tell("a", Kind.RAISED, at("2026-01-06"))
    assert [s.stage for s in stages_of(story.events, clock=load_clock(), at=at("2026-01-07"))] == ["accept"]


def test_each_step_has_its_own_term_and_begins_anew_when_it_comes_again() -> None:
    story = Story().tell("a", Kind.RAISED, at("2026-01-05")).tell("a", Kind.ACCEPTED, at("2026-01-08", 23, 59))
    assert not step(story, "accept", at("2026-01-20")).is_late  # the third day, before midnight
    assert step(story, "assign", at("2026-01-14", 0, 0)).is_late and not step(story, "assign", at("2026-01-13", 23, 59)).is_late
    story.tell("a", Kind.CLOSED, at("2026-01-20")).tell("a", Kind.REOPENED, at("2026-02-01"))
    again = step(story, "accept", at("2026-02-02"))
    assert (again.since, again.is_done) == (at("2026-02-01"), False)


def test_steps_in_working_days_skip_holidays_and_say_where_no_notice_is_known(tmp_path: Path) -> None:
    clock = county(tmp_path, "counting: working\n")
    story = Story().tell("a", Kind.RAISED, at("2025-09-30"))
    assert step(story, "accept", at("2025-10-01"), clock).due_at.date() == DAY("2025-10-11")
    far = Story().tell("a", Kind.RAISED, at("2098-10-01"))
    assert step(far, "accept", at("2098-10-02"), clock).guessed_years == (2098,)


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        stages_of((), clock=load_clock(), at=dt.datetime(2026, 1, 1))
