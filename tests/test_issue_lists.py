"""The sums of the three lists, 清零 with its coverage, and the daily, weekly and monthly digest.

Outside authority: 清零 is shown only when it is true (师宗, 中铁二十局); 181 found and 181 settled is 100 % (京东).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from issue_cases import COUNTY, ORGANISATIONS, OTHER_VILLAGE, TOWNSHIP, VILLAGE, Story, at, many

from auditlib.issues.digest import Period, digest
from auditlib.issues.events import Kind
from auditlib.issues.lists import clearance, deadline_list, issues_of, issues_of_body, responsibility_list, sums_of
from auditlib.issues.policy import load_clock
from auditlib.issues.tree import Duty
from auditlib.words.records import CheckResult, Organisation

CLOCK = load_clock()


def told() -> Story:
    """Two villages: one matter closed with money, one open and late, one declined, one open without an amount."""
    story = Story()
    story.tell("a", Kind.RAISED, at("2026-01-05"), amount="1200.50")
    story.tell("a", Kind.MONEY, at("2026-01-06"), what="recovered", amount="800.25")
    story.tell("a", Kind.MONEY, at("2026-01-07"), what="recovered", amount="400.25")
    story.tell("a", Kind.MONEY, at("2026-01-07"), what="booked", amount="0.10")
    story.tell("a", Kind.CLOSED, at("2026-01-08"))
    story.tell("b", Kind.RAISED, at("2026-01-05"), amount="99.99", severity="red", org_code=OTHER_VILLAGE, org_name="下河村")
    story.tell("c", Kind.RAISED, at("2026-01-06"), amount="10.00").tell("c", Kind.DECLINE_ASKED, at("2026-01-07")).tell(
        "c", Kind.DECLINED, at("2026-01-09")
    )
    story.tell("d", Kind.RAISED, at("2026-01-20"), amount=None).tell("d", Kind.MONEY, at("2026-01-21"), what="loss_avoided", amount="5.00")
    story.tell("b", Kind.ASSIGNED, at("2026-01-06"), owner="县水务局", deadline="2026-01-16")
    return story


# Sums


def test_the_sums_of_a_list_are_those_of_the_events() -> None:
    story = told()
    sums = sums_of(story.issues("2026-02-01"))
    assert (sums.issues, sums.open, sums.overdue, sums.closed, sums.declined, sums.without_amount) == (4, 2, 1, 1, 1, 1)
    for what, total in (("recovered", sums.recovered), ("booked", sums.booked), ("loss_avoided", sums.loss_avoided)):
        assert total == sum((Decimal(e.payload["amount"]) for e in story.events if e.payload.get("what") == what), Decimal(0)) > 0
    assert sums.involved == Decimal("1310.49")


def test_lists_of_townships_and_villages_add_up_to_that_of_the_county() -> None:
    issues = told().issues("2026-02-01")
    county, parts = (
        sums_of(issues_of(issues, COUNTY, ORGANISATIONS)),
        [sums_of(issues_of(issues, v, ORGANISATIONS)) for v in (VILLAGE, OTHER_VILLAGE)],
    )
    for name in ("issues", "open", "overdue", "closed", "involved", "recovered", "booked", "loss_avoided"):
        assert getattr(county, name) == sum(getattr(part, name) for part in parts), name


def test_a_department_sees_what_was_given_to_it() -> None:
    issues = told().issues("2026-02-01")
    assert [i.issue_id for i in issues_of_body(issues, "县水务局")] == ["WT-b"]
    assert {i.issue_id for i in issues_of_body(issues, "属地管理")} == {"WT-a", "WT-c", "WT-d"}


def test_a_matter_that_went_into_another_is_counted_once() -> None:
    story = told().tell("d", Kind.JOINED, at("2026-01-22"), into="WT-b", reason="同一件事")
    assert (sums_of(story.issues("2026-02-01")).issues, sums_of(story.issues("2026-02-01")).open) == (3, 1)


def test_a_list_of_who_answers_goes_into_the_responsibility_list() -> None:
    rows = responsibility_list(told().issues("2026-02-01"), {}, ORGANISATIONS, (Duty(VILLAGE, "属地管理", "周委员", "镇纪委"),))
    assert {(r.org_code, r.territory.unit, r.territory.person) for r in rows} == {
        (VILLAGE, "镇纪委", "周委员"),
        (OTHER_VILLAGE, "云岭镇", "张镇长"),
    }


# 清零


def checks(*codes: str, status: str = "passed") -> list[CheckResult]:
    return [CheckResult("F08", code, "journal", status, 10) for code in codes]


ALL = [o.org_code for o in ORGANISATIONS if o.level in ("village", "group")]


def settled() -> Story:
    story = told()
    for key in ("b", "d"):
        story.tell(key, Kind.CLOSED, at("2026-01-25"))
    return story


def test_cleared_is_said_when_nothing_is_open_and_everything_was_looked_at() -> None:
    found = clearance(settled().issues("2026-02-01"), COUNTY, ORGANISATIONS, checks(*ALL))
    assert found.is_clear and (found.open, found.ran, found.could_not_run, found.organisations, found.unchecked) == (0, 3, 0, 3, ())


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        (None, "coverage_unknown"),
        (checks(*ALL[:2]), "unchecked"),
        ([*checks(*ALL), *checks(ALL[0], status="could_not_run")], "could_not_run"),
        ([], "nothing_ran"),
        (checks(*ALL, status="not_applicable"), "nothing_ran"),
    ],
)
def test_it_is_never_said_when_something_was_not_looked_at(results: list[CheckResult] | None, reason: str) -> None:
    found = clearance(settled().issues("2026-02-01"), COUNTY, ORGANISATIONS, results)
    assert not found.is_clear and reason in found.reasons and found.open == 0


def test_one_open_matter_is_enough_but_only_above_its_village() -> None:
    story = settled().tell("b", Kind.REOPENED, at("2026-01-26"), reason="又发生")
    issues = story.issues("2026-02-01")
    assert clearance(issues, TOWNSHIP, ORGANISATIONS, checks(*ALL)).reasons == ("open",)
    assert clearance(issues, VILLAGE, ORGANISATIONS, checks(*ALL)).is_clear


def test_a_matter_that_goes_on_with_a_next_date_is_not_cleared() -> None:
    story = (
        settled()
        .tell("d", Kind.REOPENED, at("2026-01-26"))
        .tell("d", Kind.CONTINUED, at("2026-01-27"), reason="在诉", deadline="2026-12-31")
    )
    assert clearance(story.issues("2026-02-01"), COUNTY, ORGANISATIONS, checks(*ALL)).reasons == ("open",)


# Digest


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [(Period.DAILY, "2026-01-07", "2026-01-07"), (Period.WEEKLY, "2026-01-05", "2026-01-11"), (Period.MONTHLY, "2026-01-01", "2026-01-31")],
)
def test_a_period_is_a_day_a_week_from_monday_or_a_month(period: Period, start: str, end: str) -> None:
    assert period.around(dt.date(2026, 1, 7)) == (dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    assert Period.MONTHLY.around(dt.date(2028, 2, 5))[1] == dt.date(2028, 2, 29)


def test_the_weekly_digest_counts_what_happened_in_it_and_how_things_stood_at_its_end() -> None:
    found = digest(told().events, clock=CLOCK, start=dt.date(2026, 1, 5), end=dt.date(2026, 1, 11))
    assert (found.new, found.closed, found.declined, found.total, found.settled, found.open, found.overdue) == (3, 1, 1, 3, 2, 1, 0)
    assert found.recovered == Decimal("1200.50") and found.by_level == {4: 0, 3: 0, 2: 1, 1: 0, 0: 0}


def test_a_digest_of_a_past_week_stays_as_it_was() -> None:
    story = told()
    before = digest(story.events, clock=CLOCK, start=dt.date(2026, 1, 5), end=dt.date(2026, 1, 11))
    story.tell("a", Kind.REOPENED, at("2026-02-01")).tell("e", Kind.RAISED, at("2026-02-02"))
    assert digest(story.events, clock=CLOCK, start=dt.date(2026, 1, 5), end=dt.date(2026, 1, 11)) == before
    assert digest(story.events, clock=CLOCK, start=dt.date(2026, 2, 1), end=dt.date(2026, 2, 28)).reopened == 1


def test_days_add_up_to_the_month() -> None:
    story = told()
    days = [digest(story.events, clock=CLOCK, start=d, end=d) for d in (dt.date(2026, 1, n) for n in range(1, 32))]
    month = digest(story.events, clock=CLOCK, start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 31))
    for name in ("new", "closed", "declined", "reopened", "returned", "recovered"):
        assert sum(getattr(day, name) for day in days) == getattr(month, name), name
    assert sum(month.by_level.values()) == month.open and sum(month.by_state.values()) == month.total


def test_a_digest_of_one_village_leaves_out_the_others() -> None:
    found = digest(told().events, clock=CLOCK, start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 31), codes={OTHER_VILLAGE})
    assert (found.total, found.open, found.overdue) == (1, 1, 1)


def test_181_found_and_181_settled_is_100_percent() -> None:
    found = digest(many(181, 181).events, clock=CLOCK, start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 31))
    assert (found.total, found.settled, found.open, found.settled_percent) == (181, 181, 0, Decimal("100.00"))
    assert digest((), clock=CLOCK, start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 1)).settled_percent is None


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before"):
        digest((), clock=CLOCK, start=dt.date(2026, 1, 2), end=dt.date(2026, 1, 1))


def test_an_organisation_that_only_exists_as_parent_is_no_keeper_of_ledgers() -> None:
    lone = (Organisation(COUNTY, "青禾县", "county"),)
    assert clearance((), COUNTY, lone, checks(COUNTY)).is_clear


def test_the_deadline_list_speaks_the_words_of_the_place(tmp_path: Path) -> None:
    own = tmp_path / "clock.yaml"
    own.write_text("scheme: 红橙黄蓝\n", encoding="utf-8")
    issues = told().issues("2026-02-01", load_clock(own))
    rows = {row.issue_id: (row.level, row.colour_zh) for row in deadline_list(issues)}
    assert rows["WT-b"] == (3, "橙色预警") and rows["WT-a"] == (0, "正常")
