"""The life of an issue: 受理—指派—处置—反馈—核查—销号—回访 (the five steps of 水富, struck off as in 师宗).

What closing needs: evidence of every required kind, money recovered or a schedule agreed, and a verifier who is not the
one who rectified. A repeat reopens it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from register_cases import (
    AS_OF,
    AT,
    CLEAN,
    COUNTY,
    LATER,
    MONEY_BACK,
    OTHER_VILLAGE,
    PAPER,
    TOWNSHIP,
    VERIFIED,
    VILLAGE,
    WAY,
    check,
    finding,
    papers,
    run,
    staff,
    staffed,
    walk,
)  # fmt: skip

from auditlib.issues.acts import Matter
from auditlib.issues.draws import drawn
from auditlib.issues.events import Kind
from auditlib.issues.issue import ENDED, STATE_AFTER, Issue, State
from auditlib.issues.refusal import Conflict, StepRefused
from auditlib.issues.register import Register
from auditlib.issues.transitions import load_transitions
from auditlib.words.errors import CatalogError

RECOVERABLE = {"rule": "F02"}  # income not booked: money is asked for and a ledger shows when it is booked
PAPERS = papers("F02")
BEFORE_CLOSING = (*PAPERS, *MONEY_BACK, *VERIFIED)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with staffed(tmp_path / "register.db", finding(**RECOVERABLE)) as opened:
        yield opened


def only(register: Register) -> Issue:
    (issue,) = register.issues(AS_OF)
    return issue


def act(register: Register, person: str, kind: Kind, /, **what: Any) -> Issue:
    register.act(only(register).issue_id, kind, by=person, at=AT, **what)
    return only(register)


def refused(register: Register, person: str, kind: Kind, /, **what: Any) -> list[str]:
    """The keys of the reasons; nothing may have been written."""
    before = register.head()
    with pytest.raises(StepRefused) as caught:
        register.act(only(register).issue_id, kind, by=person, at=AT, **what)
    assert register.head() == before
    assert caught.value.told("zh") and caught.value.told("en")
    return [reason.key.removeprefix("issues.refused.") for reason in caught.value.reasons]


def lacks(register: Register, person: str = "审计甲") -> list[str]:
    with pytest.raises(StepRefused) as caught:
        register.act(only(register).issue_id, Kind.CLOSED, by=person, at=AT)
    (why,) = caught.value.reasons
    return [reason.key.removeprefix("issues.refused.") for reason in why.values["lacks"]]


# The way through


def test_the_whole_way_to_closure_and_the_visit_after_it(register: Register) -> None:
    walk(register, only(register).issue_id, WAY)
    run(register, checks=CLEAN)
    walk(register, only(register).issue_id, BEFORE_CLOSING)
    closed = act(register, "审计乙", Kind.CLOSED)
    assert (closed.state, closed.closed_on, closed.verifier) == (State.CLOSED, AS_OF, "审计甲")
    assert (closed.handlers, closed.reporters, closed.recovered) == (("村会计",), ("村主任",), Decimal("1200.00"))
    visited = act(register, "镇经办", Kind.FOLLOWED_UP, satisfaction="satisfied")
    assert (visited.state, visited.satisfaction, visited.followed_up_on) == (State.CLOSED, "satisfied", AS_OF)
    assert register.verify().is_whole


def test_the_first_response_is_the_first_step_of_a_person(register: Register) -> None:
    assert only(register).first_response_at is None
    register.act(only(register).issue_id, Kind.ACCEPTED, by="镇经办", at=AT + dt.timedelta(minutes=40))
    act_at = only(register).first_response_at
    assert act_at is not None and act_at - AT == dt.timedelta(minutes=40)


@pytest.mark.parametrize(
    "kind",
    [k for k in load_transitions().steps if k not in (Kind.ACCEPTED, Kind.DECLINE_ASKED, Kind.TRANSFERRED, Kind.JOINED, Kind.EVIDENCE)],
)
def test_a_step_out_of_turn_is_refused_and_the_right_ones_are_named(register: Register, kind: Kind) -> None:
    step = load_transitions().steps[kind]
    what = {name: _some(form) for name, form in step.needs.items()}
    person = next(p for p, role in (("审计甲", "auditor"), ("村会计", "village")) if role in step.who)
    assert refused(register, person, kind, **what) == ["state"]
    with pytest.raises(StepRefused) as caught:
        register.act(only(register).issue_id, kind, by=person, at=AT, **what)
    assert "提请认定误报" in caught.value.told("zh") and "asked to be declined" in caught.value.told("en")


def _some(form: str | tuple[str, ...]) -> Any:
    if isinstance(form, tuple):
        return form[0]
    return {"text": "写明", "date": "2026-01-31", "day_ahead": "2026-06-30", "money": "1.00", "whole": 1}[form]


def test_every_state_that_is_not_an_end_can_be_left_by_a_person() -> None:
    steps = load_transitions().steps.values()
    for state in State:
        leaving = [s.kind for s in steps if state in s.sources and (s.kind is Kind.JOINED or STATE_AFTER.get(s.kind, state) != state)]
        assert leaving or state in ENDED, state


# Who may


@pytest.mark.parametrize(
    ("person", "why"),
    [("村会计", "role"), ("群众", "role"), ("别村会计", "role"), ("路人", "unknown_person")],
)
def test_who_may_not_accept(register: Register, person: str, why: str) -> None:
    assert refused(register, person, Kind.ACCEPTED) == [why]


def test_scope_is_the_own_organisation_and_those_beneath_it(register: Register) -> None:
    register.add_person("别镇经办", name="别镇", role="township", org_code=OTHER_VILLAGE, by="组长", at=AT)
    assert refused(register, "别镇经办", Kind.ACCEPTED) == ["scope"]
    assert act(register, "镇经办", Kind.ACCEPTED).state is State.ACCEPTED  # its township stands above the village


def test_who_left_can_do_nothing_more(register: Register) -> None:
    register.remove_person("镇经办", by="组长", at=AT)
    assert refused(register, "镇经办", Kind.ACCEPTED) == ["left"]


def test_the_first_person_adds_himself_as_lead_and_then_only_a_lead_adds(tmp_path: Path) -> None:
    with Register.open(tmp_path / "new.db") as register:
        for person, role, by in (("甲", "auditor", "甲"), ("甲", "lead", "乙")):
            with pytest.raises(StepRefused):
                register.add_person(person, name="甲", role=role, by=by, at=AT)
        register.add_person("甲", name="甲", role="lead", by="甲", at=AT)
        register.add_person("乙", name="乙", role="auditor", by="甲", at=AT)
        with pytest.raises(StepRefused):
            register.add_person("丙", name="丙", role="auditor", by="乙", at=AT)
        with pytest.raises(StepRefused):
            register.remove_person("甲", by="甲", at=AT)  # the only lead
        assert [(p.person_id, p.role, p.added_by) for p in register.people()] == [("乙", "auditor", "甲"), ("甲", "lead", "甲")]


def test_the_only_lead_takes_no_other_role_and_a_lead_gives_nobody_more_than_his_own_scope(register: Register) -> None:
    def refused_for(**told: Any) -> list[str]:
        with pytest.raises(StepRefused) as caught:
            register.add_person(**{"at": AT, "name": told["person_id"], **told})  # type: ignore[arg-type]
        assert "--org" in caught.value.told("zh") or "组长" in caught.value.told("zh")
        return [reason.key.removeprefix("issues.refused.") for reason in caught.value.reasons]

    assert refused_for(person_id="组长", role="auditor", by="组长") == ["last_lead"]
    register.add_person("镇组长", name="镇组长", role="lead", org_code=TOWNSHIP, by="组长", at=AT)
    assert refused_for(person_id="镇组长", role="lead", by="镇组长") == ["scope_of_person"]
    assert refused_for(person_id="新人", role="village", org_code=COUNTY, by="镇组长") == ["scope_of_person"]
    register.add_person("新人", name="新人", role="village", org_code=OTHER_VILLAGE, by="镇组长", at=AT)


@pytest.mark.parametrize("person", ["auditlib", "Auditlib", "", " 甲", "甲\n乙", "甲" * 65])
def test_a_person_has_a_name_of_one_line_that_is_not_the_program_s(register: Register, person: str) -> None:
    with pytest.raises(StepRefused):
        register.add_person(person, name="x", role="village", org_code=VILLAGE, by="组长", at=AT)


@pytest.mark.parametrize("other", [{"role": "boss"}, {"org_code": "999"}])
def test_a_person_of_unknown_role_or_place_is_refused(register: Register, other: dict[str, str]) -> None:
    with pytest.raises(StepRefused):
        register.add_person("新人", **{"name": "新人", "role": "village", "org_code": VILLAGE, "by": "组长", "at": AT, **other})  # type: ignore[arg-type]


# What a step needs


def test_what_is_missing_strange_or_unreadable_is_named_together(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    assert refused(register, "镇经办", Kind.ASSIGNED, deadline="2月30日", colour="red") == ["unknown_field", "missing_field", "bad_field"]
    assert refused(register, "镇经办", Kind.ASSIGNED, owner="  ", deadline=LATER) == ["bad_field"]
    assert refused(register, "镇经办", Kind.ASSIGNED, owner="村委会", deadline="2026-01-30") == ["bad_field"]  # a day that is over


def test_the_time_of_a_step_does_not_lie_before_the_last_one(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    with pytest.raises(StepRefused, match="早于"):
        register.act(only(register).issue_id, Kind.ASSIGNED, by="镇经办", at=AT - dt.timedelta(hours=1), owner="x", deadline=LATER)


def test_a_conflict_tells_what_changed_and_by_whom(register: Register) -> None:
    seen = only(register).version
    act(register, "镇经办", Kind.ACCEPTED)
    with pytest.raises(Conflict) as caught:
        register.act(only(register).issue_id, Kind.DECLINE_ASKED, by="审计甲", at=AT, expected_version=seen, reason="重复")
    assert all(word in caught.value.told("zh") for word in ("镇经办", "受理", "已受理"))
    assert len(register.events(only(register).issue_id)) == 2


# Returned, extended, continued, transferred, declined, joined


def test_returned_needs_a_reason_and_a_new_date(register: Register) -> None:
    walk(register, only(register).issue_id, WAY)
    assert refused(register, "审计甲", Kind.RETURNED, reason="佐证不全") == ["missing_field"]
    issue = act(register, "审计甲", Kind.RETURNED, reason="佐证不全", deadline="2026-05-01")
    assert (issue.state, issue.returned, issue.deadline) == (State.RETURNED, 1, dt.date(2026, 5, 1))


def test_an_extension_keeps_the_old_date_and_is_not_given_to_oneself(register: Register) -> None:
    walk(register, only(register).issue_id, WAY[:2])
    assert refused(register, "村会计", Kind.EXTENDED, reason="农忙", deadline="2026-04-30") == ["role"]
    assert refused(register, "审计甲", Kind.EXTENDED, reason="农忙", deadline="2026-03-31") == ["not_later"]
    issue = act(register, "审计甲", Kind.EXTENDED, reason="农忙", deadline="2026-04-30", asked_by="村会计")
    assert (issue.extensions, [(e.old_deadline, e.deadline, e.approved_by) for e in issue.extended]) == (
        1, [(LATER, dt.date(2026, 4, 30), "审计甲")],
    )  # fmt: skip
    for month in (5, 6):
        act(register, "审计甲", Kind.EXTENDED, reason="农忙", deadline=f"2026-{month:02}-28")
    assert refused(register, "审计甲", Kind.EXTENDED, reason="农忙", deadline="2026-12-31") == ["too_often"]


def test_what_takes_years_goes_on_with_a_next_date(register: Register) -> None:
    walk(register, only(register).issue_id, WAY[:3])
    issue = act(register, "镇经办", Kind.CONTINUED, reason="诉讼中", deadline="2026-12-31")
    assert (issue.state, issue.is_open, issue.deadline) == (State.CONTINUED, True, dt.date(2026, 12, 31))
    assert act(register, "镇经办", Kind.CONTINUED, reason="二审", deadline="2027-06-30").deadline == dt.date(2027, 6, 30)


def test_handed_over_to_another_body_it_stays_open(register: Register) -> None:
    assert refused(register, "镇经办", Kind.TRANSFERRED, body="县纪委监委", reason="涉嫌挪用") == ["role"]
    issue = act(register, "组长", Kind.TRANSFERRED, body="县纪委监委", reason="涉嫌挪用")
    assert (issue.state, issue.transferred_to, issue.is_open) == (State.TRANSFERRED, "县纪委监委", True)


def test_a_false_alarm_needs_a_second_person(register: Register) -> None:
    assert refused(register, "审计甲", Kind.DECLINED) == ["state"]
    assert act(register, "审计甲", Kind.DECLINE_ASKED, reason="镇里统一代收").is_open
    assert refused(register, "审计甲", Kind.DECLINED) == ["same_person"]
    assert refused(register, "村会计", Kind.DECLINED) == ["role"]
    assert act(register, "审计乙", Kind.DECLINED).state is State.DECLINED


def test_a_person_opens_a_closed_issue_again_and_evidence_starts_anew(register: Register) -> None:
    walk(register, only(register).issue_id, WAY)
    run(register, checks=CLEAN)
    walk(register, only(register).issue_id, BEFORE_CLOSING, (("审计甲", Kind.CLOSED, {}),))
    issue = act(register, "组长", Kind.REOPENED, reason="群众反映没有整改")
    assert (issue.state, issue.reopened, issue.false_closures, issue.verifier, issue.closed_on) == (State.REOPENED, 1, 1, "", None)
    walk(register, issue.issue_id, WAY, (("审计甲", Kind.VERIFIED, {"result": "属实"}),))
    assert lacks(register) == ["no_evidence", "not_cleared"]


def test_two_findings_of_one_matter_go_on_as_one_issue(tmp_path: Path) -> None:
    with staffed(tmp_path / "register.db", finding("甲"), finding("乙", severity="red", amount=Decimal("300.00"))) as register:
        stays, goes = sorted(register.issues(AS_OF), key=lambda i: i.records, reverse=True)
        with pytest.raises(StepRefused):
            register.act(goes.issue_id, Kind.JOINED, by="审计甲", at=AT, into=goes.issue_id, reason="同一张凭证")
        register.act(goes.issue_id, Kind.JOINED, by="审计甲", at=AT, into=stays.issue_id, reason="同一张凭证")
        gone, kept = (register.issue(i.issue_id, AS_OF) for i in (goes, stays))
        assert gone is not None and kept is not None
        assert (gone.state, gone.is_open, gone.joined_into) == (State.JOINED, False, stays.issue_id)
        assert (set(kept.finding_ids), kept.amount, kept.severity) == ({*stays.finding_ids, *goes.finding_ids}, Decimal("1500.00"), "red")
        again = run(register, finding("甲"), finding("乙", severity="red", amount=Decimal("300.00")))
        assert (again.raised, again.changed, again.seen) == ((), (), (stays.issue_id,))
        assert run(register, finding("甲"), checks=(check(),)).put_forward == ()  # one of the two is still found
        assert run(register, checks=(check(),)).put_forward == (stays.issue_id,)


# Closing


def test_closing_names_all_that_it_lacks(register: Register) -> None:
    walk(register, only(register).issue_id, WAY, (("审计甲", Kind.VERIFIED, {"result": "属实"}),))
    assert lacks(register) == ["no_evidence", "money_open", "not_cleared"]


@pytest.mark.parametrize("missing", range(len(PAPERS) + 1))
def test_closing_needs_each_part(register: Register, missing: int) -> None:
    walk(register, only(register).issue_id, WAY)
    run(register, checks=CLEAN)
    walk(register, only(register).issue_id, BEFORE_CLOSING[:missing], BEFORE_CLOSING[missing + 1 :])
    assert lacks(register) == (["money_open"] if missing == len(PAPERS) else ["no_evidence"])


@pytest.mark.parametrize(
    ("parts", "is_enough"),
    [
        ([("村会计", {"what": "recovered", "amount": "1199.99", "voucher_no": "记-8"})], False),
        (
            [("村会计", {"what": "recovered", "amount": "700", "voucher_no": "记-8"}),
             ("村会计", {"what": "booked", "amount": "500.00", "voucher_no": "记-9"})],
            True,
        ),
        ([("镇经办", {"what": "scheduled", "amount": "1200.00", "until": "2026-12-31", "voucher_no": "协议 1 号"})], True),
        ([("审计乙", {"what": "not_due", "amount": "1200.00", "reason": "已由法院判决免除"})], True),
    ],
)
def test_money_is_recovered_booked_or_on_a_schedule_to_the_fen(
    register: Register, parts: list[tuple[str, dict[str, Any]]], is_enough: bool
) -> None:
    walk(register, only(register).issue_id, WAY)
    run(register, checks=CLEAN)
    walk(register, only(register).issue_id, tuple((who, Kind.MONEY, what) for who, what in parts), PAPERS, VERIFIED)
    if is_enough:
        assert act(register, "审计甲", Kind.CLOSED).state is State.CLOSED
    else:
        assert lacks(register) == ["money_open"]


@pytest.mark.parametrize(
    ("person", "what", "why"),
    [
        ("村会计", {"what": "not_due", "amount": "1", "reason": "小数目"}, "not_due_who"),
        ("审计甲", {"what": "not_due", "amount": "1"}, "not_due_why"),
        ("村会计", {"what": "loss_avoided", "amount": "1", "reason": "已止损"}, "not_due_who"),
        ("审计甲", {"what": "loss_avoided", "amount": "1"}, "not_due_why"),
        ("村会计", {"what": "scheduled", "amount": "1"}, "no_schedule"),
        ("村会计", {"what": "scheduled", "amount": "1", "until": "2026-01-31"}, "no_schedule"),
        ("村会计", {"what": "recovered", "amount": "1", "booked_on": "2026-02-01"}, "money_ahead"),
        ("村会计", {"what": "recovered", "amount": "0"}, "bad_field"),
        ("村会计", {"what": "recovered", "amount": "-5"}, "bad_field"),
        ("村会计", {"what": "recovered", "amount": "1.005"}, "bad_field"),
        ("村会计", {"what": "recovered", "amount": "NaN"}, "bad_field"),
        ("村会计", {"what": "found", "amount": "1"}, "bad_field"),
    ],
)
def test_money_that_is_not_told_whole_is_refused(register: Register, person: str, what: dict[str, Any], why: str) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    assert refused(register, person, Kind.MONEY, **what) == [why]


@pytest.mark.parametrize(("dated", "received"), [("2026-01-31", "2026-01-30"), ("2026-01-20", "2026-02-01")])
def test_evidence_is_dated_before_it_is_received_and_received_before_it_is_told(register: Register, dated: str, received: str) -> None:
    assert refused(register, "村会计", Kind.EVIDENCE, **{**PAPER, "dated": dated, "received": received}) == ["dated_later"]


@pytest.mark.parametrize("role", ["handlers", "reporters"])
def test_who_handled_or_reported_back_does_not_verify_or_close(register: Register, role: str) -> None:
    """A person may change posts: what counts is what was done, not the role of today."""
    walk(register, only(register).issue_id, WAY)
    (person,) = getattr(only(register), role)
    register.add_person(person, name=person, role="auditor", org_code=COUNTY, by="组长", at=AT)
    assert refused(register, person, Kind.VERIFIED, result="属实") == ["handled_it"]
    run(register, checks=CLEAN)
    walk(register, only(register).issue_id, VERIFIED)
    assert "handled_it" in refused(register, person, Kind.CLOSED)


def test_a_run_that_finds_it_again_after_the_clean_one_takes_the_clearance_back(register: Register) -> None:
    run(register, checks=CLEAN)
    walk(register, only(register).issue_id, (("村会计", Kind.HANDLED, {"done": "补记"}),))
    assert only(register).cleared_by
    assert run(register, finding(**RECOVERABLE)).reopened == (only(register).issue_id,)
    assert (only(register).cleared_by, only(register).false_closures) == ("", 0)


def test_what_is_closed_and_found_again_was_a_false_closure(register: Register) -> None:
    walk(register, only(register).issue_id, WAY)
    run(register, checks=CLEAN)
    walk(register, only(register).issue_id, BEFORE_CLOSING, (("审计甲", Kind.CLOSED, {}),))
    assert run(register, finding(**RECOVERABLE)).reopened == (only(register).issue_id,)
    assert (only(register).state, only(register).false_closures, only(register).is_open) == (State.REOPENED, 1, True)


def test_what_stays_in_the_books_is_seen_on_site_and_not_reopened_by_the_same_books(tmp_path: Path) -> None:
    """A large cash payment (F08) is in the journal of its year for ever, whatever was done since."""
    with staffed(tmp_path / "register.db", finding()) as register:
        walk(register, only(register).issue_id, WAY, papers("F08"), VERIFIED)
        assert lacks(register) == ["not_seen"]
        act(register, "审计甲", Kind.RETURNED, reason="补看现场", deadline=LATER)
        walk(
            register,
            only(register).issue_id,
            WAY[2:],
            (("审计甲", Kind.VERIFIED, {"result": "属实", "seen_on_site": "查看 1 月全部付款均为转账"}),),
        )
        assert act(register, "审计甲", Kind.CLOSED).state is State.CLOSED
        assert run(register, finding()).reopened == ()
        assert len(run(register, finding(amount=Decimal("9000.00"))).reopened) == 1  # another fact than the one that was judged


def test_a_statement_does_not_stand_in_for_a_ledger_that_can_show_it(register: Register) -> None:
    seen = (("审计甲", Kind.VERIFIED, {"result": "属实", "seen_on_site": "翻看了三月的收据存根"}),)
    walk(register, only(register).issue_id, WAY, PAPERS, MONEY_BACK, seen)
    assert lacks(register) == ["not_cleared"]


def test_what_was_seen_once_does_not_close_a_later_verification(tmp_path: Path) -> None:
    with staffed(tmp_path / "register.db", finding()) as register:
        seen = (("审计甲", Kind.VERIFIED, {"result": "属实", "seen_on_site": "全部转账"}),)
        walk(register, only(register).issue_id, WAY, papers("F08"), seen)
        act(register, "审计甲", Kind.CONTINUED, deadline=LATER, reason="再看一季度")
        walk(register, only(register).issue_id, WAY[1:], VERIFIED)
        assert lacks(register) == ["not_seen"]


def test_joining_gives_no_issue_the_proof_of_another(tmp_path: Path) -> None:
    """F02 is gone from the books, F03 is still found: neither may close by the other's proof."""
    with staffed(tmp_path / "register.db", finding(rule="F02"), finding("户-1", rule="F03"), finding("记-9")) as register:
        cleared, found, stays = (next(i for i in register.issues(AS_OF) if i.rule == rule) for rule in ("F02", "F03", "F08"))
        for issue in (cleared, found, stays):
            register.act(issue.issue_id, Kind.ACCEPTED, by="镇经办", at=AT)
        run(register, finding("户-1", rule="F03"), finding("记-9"), checks=(*CLEAN, check(rule="F03"), check()))

        def why(goes: Issue, into: Issue) -> str:
            with pytest.raises(StepRefused) as caught:
                register.act(goes.issue_id, Kind.JOINED, by="审计甲", at=AT, into=into.issue_id, reason="同一件事")
            return caught.value.reasons[0].key.removeprefix("issues.refused.")

        assert why(found, cleared) == "joins_settled"
        assert why(found, stays) == "joins_unlike"


def test_a_complaint_joined_with_a_finding_needs_the_rerun_and_the_look(register: Register) -> None:
    issue_id, _ = register.raise_matter(complaint(), by="镇经办", at=AT)
    found = next(i for i in register.issues(AS_OF) if i.issue_id != issue_id)
    register.act(issue_id, Kind.JOINED, by="审计甲", at=AT, into=found.issue_id, reason="同一件事")
    walk(register, found.issue_id, WAY, PAPERS, papers(""), MONEY_BACK)
    assert run(register, checks=CLEAN).put_forward == (found.issue_id,)
    walk(register, found.issue_id, VERIFIED)
    with pytest.raises(StepRefused) as caught:
        register.act(found.issue_id, Kind.CLOSED, by="审计甲", at=AT)
    assert [r.key.removeprefix("issues.refused.") for r in caught.value.reasons[0].values["lacks"]] == ["not_seen"]


def test_a_county_s_own_card_says_what_evidence_closing_asks_for(tmp_path: Path) -> None:
    from dataclasses import replace

    from auditlib.catalog.load import load_catalog
    from auditlib.issues.county import shipped_rules

    with staffed(tmp_path / "register.db", finding(**RECOVERABLE)) as register:
        issue_id = only(register).issue_id
        walk(register, issue_id, WAY, PAPERS, MONEY_BACK)
        run(register, checks=CLEAN)
        walk(register, issue_id, VERIFIED)
    own = {**load_catalog().rules, "F02": replace(load_catalog().rules["F02"], evidence_kinds=("attendance",))}
    with Register.open_existing(tmp_path / "register.db", rules=replace(shipped_rules(), own_cards=own)) as register:
        assert lacks(register) == ["no_evidence"]


# Matters that no run found


def complaint(**other: Any) -> Matter:
    values = {"title": "机耕路款没有公示", "org_code": VILLAGE, "severity": "yellow", "source": "complaint", "source_no": "信访-12"}
    return Matter(**{**values, **other})  # type: ignore[arg-type]


def test_a_complaint_becomes_an_issue_once(register: Register) -> None:
    issue_id, event = register.raise_matter(complaint(), by="镇经办", at=AT)
    assert event is not None
    assert register.raise_matter(complaint(title="同一件"), by="审计甲", at=AT + dt.timedelta(days=1)) == (issue_id, None)
    issue = register.issue(issue_id, AS_OF)
    assert issue is not None
    assert (issue.source, issue.source_no, issue.org_name, issue.amount) == ("complaint", "信访-12", "上河村", None)
    assert register.raise_matter(complaint(source_no="信访-13"), by="镇经办", at=AT)[0] != issue_id


def test_no_run_puts_forward_what_no_run_found(register: Register) -> None:
    issue_id, _ = register.raise_matter(complaint(rule="F02"), by="镇经办", at=AT)
    assert issue_id not in run(register, checks=CLEAN).put_forward


def test_a_complaint_is_closed_by_what_was_seen_on_site(register: Register) -> None:
    issue_id, _ = register.raise_matter(complaint(), by="镇经办", at=AT)
    walk(
        register,
        issue_id,
        WAY,
        papers(""),
        (("审计甲", Kind.VERIFIED, {"result": "属实", "seen_on_site": "公示栏已张贴"}), ("审计甲", Kind.CLOSED, {})),
    )
    issue = register.issue(issue_id, AS_OF)
    assert issue is not None and issue.state is State.CLOSED


@pytest.mark.parametrize(
    "other", [{"org_code": "999"}, {"org_code": OTHER_VILLAGE}, {"severity": "pink"}, {"title": " "}, {"amount": "很多"}]
)
def test_a_matter_that_cannot_be_placed_is_refused(register: Register, other: dict[str, str]) -> None:
    with pytest.raises(StepRefused):
        register.raise_matter(complaint(**other), by="村会计", at=AT)


# A second look


def test_anybody_draws_the_same_issues_again() -> None:
    """The rule of the draw, written out: smallest SHA-256 over form, seed and id."""
    import hashlib

    ids = [f"WT-{n:04}" for n in range(61)]
    numbers = sorted((hashlib.sha256(f"auditlib-draw/1\n福彩2026031\n{i}".encode()).hexdigest(), i) for i in ids)
    assert drawn(reversed(ids), "福彩2026031", 5) == tuple(sorted(i for _, i in numbers[:4]))  # 61 × 5 % = 3.05, rounded up
    assert drawn(ids, "福彩2026032", 5) != drawn(ids, "福彩2026031", 5)


def test_closed_issues_are_drawn_once_for_a_seed_and_looked_at_by_another(register: Register) -> None:
    for seed in ("福彩2026031", " "):
        with pytest.raises(StepRefused):
            register.draw_rechecks(seed, by="组长", at=AT)  # nothing is closed yet; no seed at all
    walk(register, only(register).issue_id, WAY)
    run(register, checks=CLEAN)
    walk(register, only(register).issue_id, BEFORE_CLOSING, (("审计乙", Kind.CLOSED, {}),))
    assert register.draw_rechecks("福彩2026031", by="组长", at=AT) == (only(register).issue_id,)
    with pytest.raises(StepRefused):
        register.draw_rechecks("福彩2026031", by="组长", at=AT)
    assert refused(register, "审计甲", Kind.RECHECKED, result="仍属实") == ["verified_it"]
    assert act(register, "审计乙", Kind.RECHECKED, result="仍属实").state is State.CLOSED


# The table


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("who: [village]", "who: [king]", "king"), ("from: [closed]", "from: [shut]", "shut"), ("to: accepted", "to: closed", "to"),
        ("closing]", "wish]", "wish"), ("{done: text}", "{done: colour}", "colour"),
        ("extensions_at_most: 3", "extensions_at_most: x", "extensions"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_table_is_named(tmp_path: Path, old: str, new: str, why: str) -> None:
    from auditlib.catalog.places import expectations

    text = (
        (expectations() / "issues" / "transitions.yaml")
        .read_text(encoding="utf-8")
        .replace("who: [township, village, department]", "who: [village]")
    )
    assert old in text
    (tmp_path / "transitions.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogError, match=why):
        load_transitions(tmp_path / "transitions.yaml")


def test_people_and_issues_are_read_as_their_events_tell_them(register: Register) -> None:
    from auditlib.issues.issue import fold_all
    from auditlib.issues.policy import load_clock

    staff(register)
    walk(register, only(register).issue_id, WAY)
    assert register.issues(AS_OF) == fold_all(register.events(), clock=load_clock(), as_of=AS_OF)
    before = register.issues(AS_OF), register.people()
    assert register.rebuild() == 1 + len(register.people()) + len(register.runs())
    assert (register.issues(AS_OF), register.people()) == before
    assert register.issues(AS_OF, org_codes=[TOWNSHIP]) == () and len(register.issues(AS_OF, state=State.REPORTED_BACK)) == 1
