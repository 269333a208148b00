"""What a run does to the issues (contract section 4): raised, put forward, reopened, and nothing when nothing is new."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from register_cases import AS_OF, AT, OTHER_VILLAGE, VILLAGE, check, finding, run, step

from auditlib.issues.events import ISSUE, Kind
from auditlib.issues.issue import Issue, State
from auditlib.issues.register import Register
from auditlib.words.records import CheckResult


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register.open(tmp_path / "register.db")


def only(register: Register) -> Issue:
    (issue,) = register.issues(AS_OF)
    return issue


def kinds(register: Register) -> list[str]:
    """Those of issues; a run seals itself besides."""
    return [str(event.kind) for event in register.events() if event.issue_id.startswith(ISSUE)]


def test_a_finding_becomes_an_issue(register: Register) -> None:
    outcome = run(register, finding())
    issue = only(register)
    assert outcome.raised == (issue.issue_id,) and issue.issue_id.startswith("WT-")
    assert (issue.state, issue.finding_ids, issue.amount) == (State.RAISED, (finding().finding_id,), Decimal("1200.00"))
    assert (issue.title, issue.title_en) == (finding().message_zh, finding().message_en)
    assert (issue.owner, issue.raised_on, issue.set_deadline) == ("属地管理", dt.date(2026, 1, 31), None)


def test_the_same_finding_has_the_same_issue_id_in_every_register(register: Register, tmp_path: Path) -> None:
    with Register.open(tmp_path / "other.db") as other:
        assert run(register, finding(), finding("记-002")).raised == run(other, finding("记-002"), finding()).raised


def test_the_same_run_again_writes_no_event_but_is_noted(register: Register) -> None:
    first = run(register, finding(), finding("记-002"))
    again = run(register, finding("记-002"), finding(), finding(), at=AT + dt.timedelta(days=3))
    assert (again.raised, again.seen, again.changed, again.put_forward, again.reopened) == ((), first.raised, (), (), ())
    assert again.head == first.head and len(register.events()) == 3  # two raised, and the first run itself
    assert [(r.run_no, r.findings, r.raised, r.seen) for r in register.runs()] == [(1, 2, 2, 0), (2, 2, 0, 2)]
    assert first.run_id != again.run_id


def test_an_empty_run_leaves_an_empty_register_whole(register: Register) -> None:
    run(register)
    assert register.verify().is_whole and register.issues(AS_OF) == ()


def test_a_finding_that_is_gone_is_put_forward_once_and_not_closed(register: Register) -> None:
    run(register, finding())
    assert run(register, checks=(check("passed"),)).put_forward == (only(register).issue_id,)
    assert run(register, checks=(check("passed"),)).put_forward == ()
    assert (only(register).state, only(register).is_open, kinds(register)) == (
        State.FOR_VERIFICATION,
        True,
        ["raised", "put_forward"],
    )


@pytest.mark.parametrize(
    "checks",
    [
        pytest.param((), id="no check ran"),
        pytest.param((check("not_applicable"),), id="the check did not apply"),
        pytest.param((check("could_not_run"),), id="the check could not run"),
        pytest.param((check("passed", org_code=OTHER_VILLAGE),), id="the organisation is not in this run"),
        pytest.param((check("passed", rule="F05"),), id="another rule ran"),
        pytest.param((check("passed"), check("could_not_run")), id="one of two checks of the rule could not run"),
        pytest.param(
            (check("passed", ledger="bank_statement"), check("could_not_run", ledger="claims")), id="one ledger was missing"
        ),
    ],
)
def test_what_was_not_looked_for_is_not_put_forward(register: Register, checks: tuple[CheckResult, ...]) -> None:
    run(register, finding())
    assert run(register, checks=checks).put_forward == ()
    assert only(register).state is State.RAISED


def test_a_check_of_another_ledger_that_failed_does_not_hold_back(register: Register) -> None:
    run(register, finding())
    assert len(run(register, checks=(check("passed"), check("could_not_run", ledger="claims"))).put_forward) == 1


def test_a_check_that_stands_under_another_ledger_counts(register: Register) -> None:
    run(register, finding())
    assert len(run(register, checks=(check("passed", ledger="receipts"),)).put_forward) == 1


def test_the_journal_of_another_year_does_not_show_that_a_voucher_was_put_right(register: Register) -> None:
    run(register, finding(), fiscal_year=2025)
    assert run(register, checks=(check("passed"),), fiscal_year=2026).put_forward == ()


def test_an_issue_found_in_two_years_goes_by_the_newer_one(register: Register) -> None:
    run(register, finding(), fiscal_year=2025)
    assert len(run(register, finding(), fiscal_year=2026).changed) == 1
    assert len(run(register, checks=(check("passed"),), fiscal_year=2026).put_forward) == 1


def test_what_was_put_forward_and_comes_back_is_reopened(register: Register) -> None:
    run(register, finding())
    run(register, checks=(check("passed"),))
    assert run(register, finding()).reopened == (only(register).issue_id,)
    assert run(register, finding()).reopened == ()
    assert (only(register).state, only(register).reopened, kinds(register)[-1]) == (State.REOPENED, 1, "reopened")


def test_what_was_closed_and_comes_back_is_reopened(register: Register) -> None:
    run(register, finding())
    closed = step(register, only(register), Kind.CLOSED)
    assert closed.state is State.CLOSED and not closed.is_open
    assert run(register, checks=(check("passed"),)).put_forward == ()
    assert run(register, finding()).reopened == (closed.issue_id,)
    assert only(register).is_open and only(register).closed_on is None


def test_a_false_alarm_stays_one_whatever_the_runs_find(register: Register) -> None:
    run(register, finding())
    step(register, only(register), Kind.DECLINED)
    run(register, finding())
    run(register, checks=(check("passed"),))
    assert (only(register).state, kinds(register)) == (State.DECLINED, ["raised", "declined"])


def test_another_amount_is_told_once(register: Register) -> None:
    run(register, finding())
    more = finding(amount=Decimal("1500.00"))
    assert run(register, more).changed == (only(register).issue_id,)
    assert run(register, more).changed == ()
    assert (only(register).amount, kinds(register)) == (Decimal("1500.00"), ["raised", "seen"])


def test_hostile_text_is_kept_as_text(register: Register) -> None:
    text = "'); DROP TABLE auditlib_events;--<script>=cmd|' /C calc'!A0{0}%s\n\x1b[2J"
    run(register, finding(message_zh=text, org_name="半个字\ud800\x00村"))
    run(register, finding(message_zh=text, org_name="半个字\ud800\x00村"))
    assert (only(register).title, only(register).org_name) == (text, "半个字?村")
    assert register.verify().is_whole and kinds(register) == ["raised"]


def test_nothing_of_a_run_is_kept_when_it_fails(register: Register) -> None:
    with pytest.raises(ValueError, match="time zone"):
        run(register, finding(), at=dt.datetime(2026, 1, 31))
    assert register.events() == () and register.runs() == ()


def test_a_step_judged_against_an_older_state_is_refused(register: Register) -> None:
    from auditlib.words.errors import RegisterError

    run(register, finding())
    issue = only(register)
    step(register, issue, Kind.ACCEPTED)
    with pytest.raises(RegisterError):
        step(register, issue, Kind.ACCEPTED, at=AT + dt.timedelta(hours=1))
    assert kinds(register) == ["raised", "accepted"]


def test_issues_stand_by_organisation_then_severity(register: Register) -> None:
    run(register, finding("a", severity="yellow"), finding("b", severity="red"), finding("c", org_code=OTHER_VILLAGE))
    assert [(i.org_code, i.severity) for i in register.issues(AS_OF)] == [
        (VILLAGE, "red"),
        (VILLAGE, "yellow"),
        (OTHER_VILLAGE, "orange"),
    ]
