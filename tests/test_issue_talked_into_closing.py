"""Somebody tries to talk the register into closing what is not done. Each attempt is refused, with its reason.

Outside authorities: 销号 asks for evidence, money, a rerun and a second pair of eyes (the mission's M3, M12); 民法典 第188条 for
how long a claim lives; Ed25519 (RFC 8032) and SHA-256 (FIPS 180-4) for what a rewritten chain cannot hide.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
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
    PAPER,
    TOWNSHIP,
    VERIFIED,
    VILLAGE,
    WAY,
    check,
    finding,
    papers,
    run,
    staffed,
    walk,
)  # fmt: skip

from auditlib.issues import exchange, store
from auditlib.issues.closing import lacks, load_closing, says_nothing
from auditlib.issues.events import Draft, Kind
from auditlib.issues.issue import Issue, State
from auditlib.issues.people import alike
from auditlib.issues.refusal import Reason, StepRefused
from auditlib.issues.register import Register, append
from auditlib.issues.telling import said
from auditlib.words.errors import RegisterError

PAPERS = papers("F02")


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """Income of 1,200 元 that was not booked (F02): money is asked for, and a rerun can show it."""
    with staffed(tmp_path / "register.db", finding(rule="F02")) as opened:
        yield opened


def only(register: Register) -> Issue:
    return next(i for i in register.issues(AS_OF) if i.rule == "F02")


def act(register: Register, person: str, kind: Kind, at: dt.datetime = AT, /, **what: Any) -> None:
    register.act(only(register).issue_id, kind, by=person, at=at, **what)


def why(register: Register, person: str, kind: Kind, at: dt.datetime = AT, /, **what: Any) -> list[str]:
    """The reasons of a refusal, those against closing one by one; nothing may have been written."""
    before = register.head()
    with pytest.raises(StepRefused) as caught:
        act(register, person, kind, at, **what)
    assert register.head() == before and caught.value.told("en") != caught.value.told("zh")
    return [key.removeprefix("issues.refused.") for each in caught.value.reasons for key in _keys(each)]


def _keys(reason: Reason) -> list[str]:
    return [each.key for each in reason.values.get("lacks", ())] or [reason.key]


def ready(register: Register, *but: object) -> None:
    """All that closing needs, but for what is named."""
    walk(register, only(register).issue_id, WAY)
    if "rerun" not in but:
        run(register, checks=CLEAN)
    for name, way in (("papers", PAPERS), ("money", MONEY_BACK), ("verified", VERIFIED)):
        if name not in but:
            walk(register, only(register).issue_id, way)


# The way itself: with everything there, it closes


def test_with_all_that_closing_needs_it_closes(register: Register) -> None:
    ready(register)
    act(register, "审计甲", Kind.CLOSED)
    assert only(register).state is State.CLOSED


# Evidence


def test_evidence_from_before_the_finding_shows_only_how_things_stood_then(register: Register) -> None:
    ready(register, "papers", "verified")
    for _, _, paper in PAPERS:
        act(register, "村会计", Kind.EVIDENCE, **{**paper, "dated": "2026-01-30"})
    walk(register, only(register).issue_id, VERIFIED)
    assert why(register, "审计甲", Kind.CLOSED) == ["old_evidence"]
    act(register, "村会计", Kind.EVIDENCE, **{**PAPERS[0][2], "dated": "2026-01-31"})
    walk(register, only(register).issue_id, VERIFIED)
    act(register, "审计甲", Kind.CLOSED)


def test_what_comes_after_the_verification_is_verified_too(register: Register) -> None:
    """Verified with nothing there, then a paper and money put in: nobody would have looked at them."""
    ready(register, "papers", "money")
    walk(register, only(register).issue_id, PAPERS)
    assert why(register, "审计甲", Kind.CLOSED) == ["money_open", "unseen"]
    walk(register, only(register).issue_id, MONEY_BACK)
    assert why(register, "审计甲", Kind.CLOSED) == ["unseen"]
    assert why(register, "村会计", Kind.VERIFIED, result="属实") == ["role"]
    walk(register, only(register).issue_id, VERIFIED, (("审计乙", Kind.CLOSED, {}),))
    assert only(register).state is State.CLOSED


@pytest.mark.parametrize(("dated", "received"), [("2026-02-01", "2026-01-31"), ("2026-01-31", "2026-02-01"), ("2027-01-01", "2027-01-01")])
def test_evidence_dated_after_it_was_received_or_after_today(register: Register, dated: str, received: str) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    assert why(register, "村会计", Kind.EVIDENCE, **{**PAPER, "dated": dated, "received": received}) == ["dated_later"]


def test_evidence_that_is_only_told_of_and_not_in_the_store(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    assert why(register, "村会计", Kind.EVIDENCE, **{**PAPER, "sha256": "0" * 64}) == ["not_in_store"]


def test_the_same_papers_after_the_closure_that_did_not_hold(register: Register) -> None:
    ready(register)
    act(register, "审计甲", Kind.CLOSED)
    assert run(register, finding(rule="F02"), checks=(check(rule="F02"),)).reopened == (only(register).issue_id,)
    assert why(register, "村会计", Kind.EVIDENCE, **PAPERS[0][2]) == ["shown_before"]
    assert only(register).false_closures == 1


def test_one_paper_for_two_issues_is_told_to_whoever_verifies_and_closes(tmp_path: Path) -> None:
    """Refused it is not: one slip can settle two matters. But it is said with the other issue, and stands in the chain as said."""
    with staffed(tmp_path / "r.db", finding(rule="F02"), finding("记-002", rule="F02")) as register:
        one, other = register.issues(AS_OF)
        for issue in (one, other):
            walk(register, issue.issue_id, WAY, PAPERS, MONEY_BACK)
        run(register, checks=CLEAN)
        assert also(register, one.issue_id) == {other.issue_id}
        walk(register, one.issue_id, VERIFIED, (("审计乙", Kind.CLOSED, {}),))
        verified, closed = register.events(one.issue_id)[-2:]
        for event in (verified, closed):
            assert event.payload["also_shown"] == [["回单.pdf", [other.issue_id]], ["记-66", [other.issue_id]]]
            assert other.issue_id in said(event, "zh") and other.issue_id in said(event, "en")
        paper, _ = register.also_shown(next(i for i in register.issues(AS_OF) if i.issue_id == other.issue_id))
        assert [(o.issue_id, o.state, o.actor) for o in paper.others] == [(one.issue_id, "closed", "村会计")]
        for language in ("zh", "en"):
            assert one.issue_id in paper.told()[-1].told(language) and "村会计" in paper.told()[-1].told(language)


def also(register: Register, issue_id: str) -> set[str]:
    issue = register.issue(issue_id, AS_OF)
    assert issue is not None
    return {other.issue_id for paper in register.also_shown(issue) for other in paper.others}


def test_one_paper_as_several_kinds_of_evidence_is_told(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    act(register, "村会计", Kind.EVIDENCE, **{**PAPER, "kind": "voucher"})
    assert register.also_shown(only(register)) == ()
    act(register, "村会计", Kind.EVIDENCE, **{**PAPER, "kind": "bank_slip"})
    (paper,) = register.also_shown(only(register))
    assert paper.kinds == ("voucher", "bank_slip") and "bank_slip" in paper.told()[0].told("zh") and paper.others == ()


def test_a_name_that_reads_like_a_hash_is_no_other_paper(register: Register) -> None:
    """The index reads the hash out of the stored text: a text inside it that looks the same is none."""
    act(register, "镇经办", Kind.ACCEPTED)
    name = '","sha256":"' + "0" * 64
    act(register, "村会计", Kind.EVIDENCE, **{**PAPER, "name": name, "note": name})
    with staffed(Path(register.shown).with_name("two.db"), finding(rule="F02"), finding("记-002", rule="F02")) as two:
        one, other = two.issues(AS_OF)
        for issue in (one, other):
            two.act(issue.issue_id, Kind.EVIDENCE, by="村会计", at=AT, **{**PAPER, "name": name, "kind": "voucher", "note": name})
        assert also(two, one.issue_id) == {other.issue_id}


# One person who is to be two


@pytest.mark.parametrize("spelling", ["村 会计", "村会计 ", "村·会计", "村會計", "村会計", "村会计．"])
def test_one_person_is_not_added_again_under_another_spelling(register: Register, spelling: str) -> None:
    with pytest.raises(StepRefused) as caught:
        register.add_person(spelling.strip() + "\u200b" * (spelling == "村会计 "), name="x", role="auditor", by="组长", at=AT)
    assert any(reason.key.endswith(("alike_person", "bad_field")) for reason in caught.value.reasons)


def test_who_handled_it_does_not_verify_under_a_staff_number(register: Register) -> None:
    register.add_person("SH-017", name="村會計", role="auditor", org_code=COUNTY, by="组长", at=AT)
    ready(register, "verified")
    assert why(register, "SH-017", Kind.VERIFIED, result="已核对") == ["one_person"]


def test_two_people_of_one_name_are_told_apart_by_a_lead(register: Register) -> None:
    register.add_person("SH-018", name="村会计", role="auditor", org_code=COUNTY, by="组长", at=AT)
    ready(register, "verified")
    register.add_person("SH-018", name="村会计（县审计二组）", role="auditor", org_code=COUNTY, by="组长", at=AT)
    act(register, "SH-018", Kind.VERIFIED, result="已核对")
    assert only(register).verifier == "SH-018"


def test_the_assistant_who_filled_in_the_form_does_not_verify(register: Register) -> None:
    walk(register, only(register).issue_id, WAY[:3])
    act(register, "村会计", Kind.HANDLED, done="已补入账", filled_by="审计 甲")
    act(register, "村主任", Kind.REPORTED_BACK, result="已整改")
    assert why(register, "审计甲", Kind.VERIFIED, result="属实") == ["one_person"]
    act(register, "审计乙", Kind.VERIFIED, result="属实")


def test_who_began_to_put_it_right_and_became_an_auditor_does_not_verify(register: Register) -> None:
    walk(register, only(register).issue_id, WAY[:2])
    act(register, "局经办", Kind.STARTED)
    act(register, "村会计", Kind.HANDLED, done="已补入账")
    act(register, "村主任", Kind.REPORTED_BACK, result="已整改")
    register.add_person("局经办", name="局经办", role="auditor", org_code=COUNTY, by="组长", at=AT)
    assert why(register, "局经办", Kind.VERIFIED, result="属实") == ["handled_it"]


def test_a_false_alarm_is_not_confirmed_by_the_same_person_under_another_name(register: Register) -> None:
    register.add_person("SH-001", name="审计甲", role="auditor", org_code=COUNTY, by="组长", at=AT)
    act(register, "审计甲", Kind.DECLINE_ASKED, reason="镇里统一代收，附会议纪要")
    assert why(register, "审计甲", Kind.DECLINED) == ["same_person"]
    assert why(register, "SH-001", Kind.DECLINED) == ["one_person"]


def test_who_asked_through_a_form_that_another_sent_in_does_not_confirm(register: Register) -> None:
    act(register, "村会计", Kind.DECLINE_ASKED, reason="镇里统一代收", filled_by="审计甲")
    assert why(register, "审计甲", Kind.DECLINED) == ["same_person"]


# Empty words


@pytest.mark.parametrize("text", ["已整改", "属实。", "已整改到位，情况属实！", "OK", "无", "已核实 无误", "All done.", "……", "好的好"])
def test_a_statement_that_says_nothing(register: Register, text: str) -> None:
    ready(register, "verified")
    assert why(register, "审计甲", Kind.VERIFIED, result="属实", seen_on_site=text) == ["says_nothing"]


def test_work_that_will_only_be_done_is_not_done(register: Register) -> None:
    walk(register, only(register).issue_id, WAY[:3])
    day_after = AS_OF + dt.timedelta(days=1)
    assert why(register, "村会计", Kind.HANDLED, done="已补入账", done_on=day_after) == ["bad_field"]
    act(register, "村会计", Kind.HANDLED, done="已补入账", done_on=AS_OF)


@pytest.mark.parametrize("text", ["公示栏已张贴", "抽查 5 笔均为转账，已整改", "two sampled payments were transfers"])
def test_a_statement_that_says_what_was_seen(text: str) -> None:
    assert not says_nothing(text, load_closing())


# Money


def test_one_fen_recovered_is_one_fen(register: Register) -> None:
    ready(register, "money", "verified")
    act(register, "村会计", Kind.MONEY, what="recovered", amount="0.01", voucher_no="收-1")
    walk(register, only(register).issue_id, VERIFIED)
    assert why(register, "审计甲", Kind.CLOSED) == ["money_open"]
    with pytest.raises(StepRefused, match="1199.99"):
        act(register, "审计甲", Kind.CLOSED)


@pytest.mark.parametrize("again", ["记-88", "记—88", "記 88"])
@pytest.mark.parametrize("what", ["recovered", "booked"])
def test_the_money_of_one_voucher_is_told_once(register: Register, what: str, again: str) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    told = {"what": "recovered", "amount": "600", "voucher_no": "记-88", "booked_on": AS_OF}
    act(register, "村会计", Kind.MONEY, **told)
    assert why(register, "村主任", Kind.MONEY, **{**told, "what": what, "voucher_no": again}) == ["told_twice"]
    assert why(register, "村主任", Kind.MONEY, what=what, amount="600.00", voucher_no=again) == ["told_twice"]
    act(register, "村主任", Kind.MONEY, **{**told, "booked_on": AS_OF - dt.timedelta(days=31)})  # the numbers of every month begin anew
    assert only(register).recovered == Decimal(1200)


def test_a_schedule_that_outlives_the_claim(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    last = AS_OF + dt.timedelta(days=3 * 365)
    far = (last + dt.timedelta(days=1)).isoformat()
    assert why(register, "镇经办", Kind.MONEY, what="scheduled", amount="1200", until=far, voucher_no="协议1号") == ["schedule_too_long"]
    act(register, "镇经办", Kind.MONEY, what="scheduled", amount="1200", until=last.isoformat(), voucher_no="协议1号")


def test_who_lets_the_money_go_does_not_verify_and_close_it(register: Register) -> None:
    ready(register, "money", "verified")
    act(register, "审计甲", Kind.MONEY, what="not_due", amount="1200", reason="法院判决书（2025）字第 12 号免除")
    assert why(register, "审计甲", Kind.VERIFIED, result="属实") == ["waived_it"]
    act(register, "审计乙", Kind.VERIFIED, result="属实")
    assert why(register, "审计甲", Kind.CLOSED) == ["waived_it"]
    act(register, "审计乙", Kind.CLOSED)


def test_money_let_go_for_no_reason(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    assert why(register, "审计甲", Kind.MONEY, what="not_due", amount="1200", reason="同意") == ["says_nothing"]


# The rerun


@pytest.mark.parametrize(
    "other",
    [
        {"county": "邻县"}, {"as_of": AS_OF - dt.timedelta(days=1)}, {"fiscal_year": 2024},
        {"checks": (check("not_applicable", rule="F02"),)}, {"checks": (check("could_not_run", rule="F02"),)}, {"checks": ()},
        {"checks": (check("passed", rule="F02", org_code=TOWNSHIP),)},
    ],
    ids=["another county", "ledgers of an earlier day", "another year", "rule switched off", "a rule that broke", "no check", "elsewhere"],
)  # fmt: skip
def test_a_run_that_could_not_have_found_it_clears_nothing(register: Register, other: dict[str, Any]) -> None:
    ready(register, "rerun", "verified")
    run(register, **{"checks": CLEAN, **other})
    assert only(register).cleared_by == ""
    walk(register, only(register).issue_id, VERIFIED)
    assert why(register, "审计甲", Kind.CLOSED) == ["not_cleared"]


STRICT, LOOSE = (("rent_low_ratio", "0.6"), ("large_cash", "1000")), (("rent_low_ratio", "0.1"), ("large_cash", "1000"))


@pytest.fixture
def measured(tmp_path: Path) -> Iterator[Register]:
    """A rent of less than 0.6 of what the neighbours pay (F34), found by that ratio."""
    with staffed(tmp_path / "measured.db") as opened:
        run(opened, finding("记-009", rule="F34"), finding(), checks=(check(rule="F34"),), parameters=STRICT)
        yield opened


def of_record(register: Register, record: str) -> Issue:
    return next(i for i in register.issues(AS_OF) if i.records == (record,))


def test_a_limit_that_was_raised_between_two_runs_clears_nothing(measured: Register) -> None:
    clean = (check("passed", rule="F34"),)
    run(measured, checks=clean, parameters=LOOSE)
    issue = of_record(measured, "记-009")
    assert issue.cleared_by == "" and issue.findings[0].measured == (("rent_low_ratio", "0.6"),)
    assert "rent_low_ratio = 0.6" in lacks(issue, load_closing(), {})[-1].told("en")
    run(measured, checks=clean, parameters=(("rent_low_ratio", "0.6"), ("large_cash", "1")))  # a parameter that its rule does not read
    assert of_record(measured, "记-009").cleared_by


def test_a_limit_that_was_moved_while_it_is_still_found_is_the_new_measure(measured: Register) -> None:
    again = run(measured, finding("记-009", rule="F34"), finding(), parameters=(("rent_low_ratio", "0.7"),))
    assert again.changed == (of_record(measured, "记-009").issue_id,)
    run(measured, checks=(check("passed", rule="F34"),), parameters=LOOSE)
    assert of_record(measured, "记-009").cleared_by == ""


def test_a_register_of_before_parameters_were_noted_is_cleared_as_then(register: Register) -> None:
    run(register, checks=CLEAN, parameters=STRICT)
    assert only(register).cleared_by


def test_a_ledger_that_came_back_without_the_row_is_asked_for_it(register: Register) -> None:
    ready(register, "rerun", "verified")
    run(register, finding(rule="F02", amount=Decimal("1200.01")), checks=(check(rule="F02"),))
    act(register, "村会计", Kind.MONEY, what="recovered", amount="0.01", voucher_no="收-1")
    run(register, checks=(replace(CLEAN[0], population=9),))
    assert only(register).cleared_fewer == (10, 9)
    walk(register, only(register).issue_id, VERIFIED)
    assert why(register, "审计甲", Kind.CLOSED) == ["fewer_rows"]
    act(register, "审计甲", Kind.RETURNED, reason="少了一行", deadline="2026-12-31")
    walk(register, only(register).issue_id, WAY[2:])
    seen = "记-001 与记-002 重复登记，已对照凭证原件删去一行"
    act(register, "审计乙", Kind.VERIFIED, result="属实", seen_on_site=seen)
    act(register, "审计乙", Kind.CLOSED)


def test_an_issue_into_which_others_went_is_not_closed_while_one_of_them_is_still_found(tmp_path: Path) -> None:
    with staffed(tmp_path / "r.db", finding(rule="F02"), finding("记-002", rule="F02")) as register:
        goes, stays = register.issues(AS_OF)
        register.act(goes.issue_id, Kind.JOINED, by="审计甲", at=AT, into=stays.issue_id, reason="同一笔租金")
        walk(register, stays.issue_id, WAY, PAPERS, MONEY_BACK)
        still = next(f for f in (finding(rule="F02"), finding("记-002", rule="F02")) if f.finding_id in goes.finding_ids)
        run(register, still, checks=CLEAN)
        walk(register, stays.issue_id, VERIFIED)
        with pytest.raises(StepRefused) as caught:
            register.act(stays.issue_id, Kind.CLOSED, by="审计甲", at=AT)
        lacks = [each.key.removeprefix("issues.refused.") for each in caught.value.reasons[0].values["lacks"]]
        assert lacks == ["money_open", "not_cleared"]  # the money of both is asked for


# Time


def test_giving_the_work_to_another_moves_no_deadline(register: Register) -> None:
    """Only an extension does, by an auditor, counted and with the old date kept (时限清单)."""
    walk(register, only(register).issue_id, WAY[:3])
    later = LATER + dt.timedelta(days=1)
    assert why(register, "镇经办", Kind.ASSIGNED, owner="上河村委会", deadline=later) == ["moved_back"]
    act(register, "镇经办", Kind.ASSIGNED, owner="上河村一组", deadline=LATER - dt.timedelta(days=1))
    act(register, "审计甲", Kind.EXTENDED, reason="农忙", deadline=later)
    assert (only(register).deadline, only(register).extensions) == (later, 1)


def test_who_handles_it_does_not_give_himself_a_next_date(register: Register) -> None:
    walk(register, only(register).issue_id, WAY[:2])
    act(register, "镇经办", Kind.STARTED)
    assert why(register, "镇经办", Kind.CONTINUED, reason="分三年收回", deadline="2028-12-31") == ["handled_it"]
    act(register, "审计甲", Kind.CONTINUED, reason="分三年收回", deadline="2028-12-31")


def test_a_clock_that_was_set_back(register: Register) -> None:
    ready(register, "verified")
    assert "too_early" in why(register, "审计甲", Kind.VERIFIED, AT - dt.timedelta(seconds=1), result="属实")
    assert "too_early" in why(register, "审计甲", Kind.RETURNED, AT - dt.timedelta(days=300), reason="缺佐证", deadline="2026-12-31")


# Round the program: files that come in


def test_a_backup_rewritten_from_end_to_end_does_not_pass_against_a_printed_head(register: Register, tmp_path: Path) -> None:
    """Every hash computed anew, as somebody would who has the program: only the head printed on a report tells."""
    ready(register)
    printed = register.head()
    with Register.open(tmp_path / "false.db") as false:
        drafts = [Draft(e.issue_id, e.version, e.kind, e.at, e.actor, _cheaper(e.payload), e.signature) for e in register.events()]
        with store.writing(false._engine, false._place) as connection:
            append(connection, drafts)
        assert false.verify().is_whole  # the chain alone shows nothing
        exchange.write_backup(false, tmp_path / "false.zip")
    with Register.open(tmp_path / "new.db") as new:
        with pytest.raises(RegisterError, match="false.zip"):
            exchange.read_backup(new, tmp_path / "false.zip", printed)
        assert new.events() == ()


def _cheaper(payload: Any) -> dict[str, Any]:
    return json.loads(json.dumps(dict(payload), default=dict).replace("1200.00", "0.01"))  # type: ignore[no-any-return]


def test_a_closure_written_past_the_program_shows_as_a_state_that_its_events_do_not_tell(register: Register) -> None:
    import sqlite3

    walk(register, only(register).issue_id, WAY)
    connection = sqlite3.connect(register.shown)
    told = "UPDATE auditlib_streams SET state = 'closed', facts = replace(facts, 'reported_back', 'closed') WHERE family = 'issue'"
    connection.execute(told)
    connection.commit()
    connection.close()
    assert register.check().stale == (only(register).issue_id,)


# What reads alike


@pytest.mark.parametrize(
    ("one", "other"),
    [("张三", "張 三"), ("ZHANG San", "zhangsan"), ("Ａ０１", "a01"), ("欧阳·娜", "欧阳娜"), ("SH-017", "SH-Ol7"),
     ("Zhang San", "Zhаng Ѕаn"), ("A01", "Α01"), ("⼈民", "人民")],
)
def test_spellings_that_read_alike(one: str, other: str) -> None:
    assert alike(one) == alike(other)


@pytest.mark.parametrize("name", ["王⺠", "王\ue000", "\U000f0001"])
def test_a_name_in_characters_that_only_look_like_one_is_not_taken(register: Register, name: str) -> None:
    for person_id, shown in ((name, "王民"), ("SH-099", name)):
        with pytest.raises(StepRefused, match="王|SH|姓名"):
            register.add_person(person_id, name=shown, role="auditor", by="组长", at=AT)


def test_people_who_do_not_read_alike_stay_two() -> None:
    assert len({alike(name) for name in ("张三", "张山", "章三", "张三（二组）", VILLAGE)}) == 5
