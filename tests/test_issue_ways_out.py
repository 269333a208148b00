"""Ways out of a matter without putting it right: joined away, told twice, given time for ever, praised by who handled it, drawn by who
verified it, a letter answered with nothing. What a discipline office (纪委) would not accept is refused, with what to do instead.

Outside authorities: 民法典 第188条 (three years); 审计署 and 纪检 practice: 销号 by evidence, 提级办理 after repeated returns, 回避 of who
handled a matter, several matters of one file are judged one by one.
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

from auditlib.issues.acts import Matter
from auditlib.issues.events import Kind
from auditlib.issues.issue import Issue, State, fold_all
from auditlib.issues.letters import Order, answer_letter, items_of, send_letter
from auditlib.issues.matters import matters_of, reason_for
from auditlib.issues.policy import load_clock
from auditlib.issues.refusal import StepRefused
from auditlib.issues.register import Register
from auditlib.issues.telling import said

ARREARS = finding("HT-9", rule="F35", org_code=OTHER_VILLAGE, org_name="下河村", ledger="receipts")
NO_ALARM = "镇里统一代收代管，有会议纪要"


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """Income of 1,200 元 that was not booked (F02), and rent that another village did not collect (F35)."""
    with staffed(tmp_path / "register.db", finding(rule="F02"), ARREARS) as opened:
        yield opened


def of(register: Register, rule: str = "F02") -> Issue:
    return next(i for i in register.issues(AS_OF) if i.rule == rule)


def act(register: Register, person: str, kind: Kind, at: dt.datetime = AT, /, *, rule: str = "F02", **what: Any) -> None:
    register.act(of(register, rule).issue_id, kind, by=person, at=at, **what)


def why(register: Register, person: str, kind: Kind, at: dt.datetime = AT, /, *, rule: str = "F02", **what: Any) -> list[str]:
    """The reasons of a refusal, told in both languages; nothing may have been written."""
    before = register.head()
    with pytest.raises(StepRefused) as caught:
        act(register, person, kind, at, rule=rule, **what)
    assert register.head() == before
    assert all(each.told("zh") != each.told("en") and "{" not in each.told("zh") + each.told("en") for each in caught.value.reasons)
    return [each.key.removeprefix("issues.refused.") for each in caught.value.reasons]


# Money without a paper, and money of one paper twice


@pytest.mark.parametrize("number", ["", "无", "有凭证", "—"])
@pytest.mark.parametrize("what", [{"what": "recovered"}, {"what": "booked"}, {"what": "scheduled", "until": "2026-06-30"}])
def test_money_rests_on_a_paper(register: Register, what: dict[str, Any], number: str) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    assert why(register, "村会计", Kind.MONEY, amount="100", voucher_no=number, **what) == ["no_voucher"]
    act(register, "村会计", Kind.MONEY, amount="100", voucher_no="收据 0012", **what)


def test_a_paper_that_was_handed_in_stands_for_a_number(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    money = {"what": "recovered", "amount": "600", "paper": "回单.pdf"}
    assert why(register, "村会计", Kind.MONEY, **money) == ["no_such_paper"]
    act(register, "村会计", Kind.EVIDENCE, **PAPER)
    act(register, "村会计", Kind.MONEY, **money)
    told = register.events(of(register).issue_id)[-1]
    assert (told.payload["paper"], told.payload["paper_name"]) == (PAPER["sha256"], "回单.pdf") and "回单.pdf" in said(told, "zh")
    assert why(register, "村主任", Kind.MONEY, **{**money, "paper": str(PAPER["sha256"])[:12]}) == ["told_twice"]
    assert of(register).recovered == Decimal(600)


def test_another_part_of_the_same_voucher_says_which(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    act(register, "村会计", Kind.MONEY, what="recovered", amount="600", voucher_no="记-88")
    more = {"what": "recovered", "amount": "599.99", "voucher_no": "记—88"}
    assert why(register, "村会计", Kind.MONEY, **more) == ["paper_told"]
    assert why(register, "村会计", Kind.MONEY, note="已核实", **more) == ["paper_told"]
    act(register, "村会计", Kind.MONEY, note="第 2 行：承租人补交的滞纳金", **more)


def test_a_voucher_of_another_day_of_the_month_is_the_same_voucher(register: Register) -> None:
    """Numbers begin anew every month, not every day."""
    act(register, "镇经办", Kind.ACCEPTED)
    told = {"what": "recovered", "amount": "600", "voucher_no": "记-88"}
    act(register, "村会计", Kind.MONEY, booked_on="2026-01-30", **told)
    assert why(register, "村会计", Kind.MONEY, booked_on="2026-01-31", **told) == ["told_twice"]
    act(register, "村会计", Kind.MONEY, booked_on="2025-12-31", **told)


def test_the_money_of_one_voucher_on_two_issues_is_told_to_whoever_verifies(tmp_path: Path) -> None:
    """Refused it is not: one voucher can book two rents. But it stands in the chain as told."""
    with staffed(tmp_path / "r.db", finding(rule="F02"), finding("记-002", rule="F02")) as register:
        one, other = register.issues(AS_OF)
        for issue in (one, other):
            walk(register, issue.issue_id, WAY, MONEY_BACK)
        (paper,) = register.also_shown(next(i for i in register.issues(AS_OF) if i.issue_id == one.issue_id))
        assert (paper.name, [o.issue_id for o in paper.others]) == ("记-66", [other.issue_id])
        assert other.issue_id in paper.told()[0].told("zh") and "记-66" in paper.told()[0].told("en")
        walk(register, one.issue_id, VERIFIED)
        event = register.events(one.issue_id)[-1]
        assert event.payload["also_shown"] == [["记-66", [other.issue_id]]] and other.issue_id in said(event, "zh")


def test_money_is_not_let_go_twice_for_one_reason(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    gone = {"what": "not_due", "amount": "600", "reason": "法院判决书（2025）字第 12 号免除"}
    act(register, "审计甲", Kind.MONEY, **gone)
    assert why(register, "审计乙", Kind.MONEY, **{**gone, "reason": "法院判决书(2025)字第12号免除。"}) == ["money_told_twice"]


def test_money_told_before_papers_were_asked_for_counts_as_then(register: Register) -> None:
    """Events of an earlier auditlib: the register opens, `check` finds it whole, and the money stands."""
    from auditlib.issues import store
    from auditlib.issues.events import Draft
    from auditlib.issues.register import append

    act(register, "镇经办", Kind.ACCEPTED)
    issue = of(register)
    payload = {"what": "recovered", "amount": "100.00"}
    drafts = [Draft(issue.issue_id, issue.version + n, Kind.MONEY, AT, "村会计", payload) for n in (1, 2)]
    with store.writing(register._engine, register._place) as connection:
        append(connection, drafts)
    assert of(register).recovered == Decimal(200) and register.check().is_whole


# Joining (并案) as a way out


@pytest.fixture
def joined(register: Register) -> Register:
    """The arrears of the other village, orange, joined into the income of this one."""
    act(register, "审计甲", Kind.JOINED, rule="F35", into=of(register).issue_id, reason="同一承租人，同一笔现金")
    return register


def numbers(register: Register) -> tuple[str, str]:
    first, second = matters_of(of(register))
    return first.number, second.number


def test_joining_says_why_and_shows(joined: Register) -> None:
    assert len(of(joined).findings) == 2 and of(joined).amount == Decimal(2400)
    event = joined.events(of(joined).issue_id)[-1]
    assert "同一承租人" in said(event, "zh")


def test_a_matter_is_not_joined_without_a_reason(register: Register) -> None:
    assert why(register, "审计甲", Kind.JOINED, rule="F35", into=of(register).issue_id, reason="同意") == ["no_reason"]


def test_a_false_alarm_names_every_matter_that_was_joined(joined: Register) -> None:
    assert why(joined, "审计甲", Kind.DECLINE_ASKED, reason=NO_ALARM) == ["matters_unnamed"]
    with pytest.raises(StepRefused, match="下河村") as caught:
        act(joined, "审计甲", Kind.DECLINE_ASKED, reason=NO_ALARM)
    assert numbers(joined)[1] in caught.value.told("en")


@pytest.mark.parametrize("own", ["", "：误报", "：不属实。", f"：{NO_ALARM}"])
def test_a_grave_matter_of_another_village_needs_its_own_reason(joined: Register, own: str) -> None:
    _, other = numbers(joined)
    assert why(joined, "审计甲", Kind.DECLINE_ASKED, reason=f"{NO_ALARM}\n{other}{own}") == ["matters_unexplained"]
    act(joined, "审计甲", Kind.DECLINE_ASKED, reason=f"{NO_ALARM}\n{other}：租金由镇财政所代收，附缴款书")


def test_the_second_person_is_told_how_many_matters_it_covers(joined: Register) -> None:
    _, other = numbers(joined)
    act(joined, "审计甲", Kind.DECLINE_ASKED, reason=f"{NO_ALARM}；{other} 租金由镇财政所代收，附缴款书")
    assert why(joined, "审计乙", Kind.DECLINED) == ["covers"]
    assert why(joined, "审计乙", Kind.DECLINED, covers=1) == ["covers"]
    with pytest.raises(StepRefused, match=other):
        act(joined, "审计乙", Kind.DECLINED)
    act(joined, "审计乙", Kind.DECLINED, covers=2)
    event = joined.events(of(joined).issue_id)[-1]
    assert event.payload["covers"] == 2 and "共 2 件" in said(event, "zh") and "2 matters" in said(event, "en")


def test_a_matter_that_nothing_was_joined_into_is_declined_as_ever(register: Register) -> None:
    act(register, "审计甲", Kind.DECLINE_ASKED, reason=NO_ALARM)
    act(register, "审计乙", Kind.DECLINED)
    assert of(register).state is State.DECLINED


def test_nothing_is_joined_into_what_waits_to_be_declined(register: Register) -> None:
    act(register, "审计甲", Kind.DECLINE_ASKED, reason=NO_ALARM)
    assert why(register, "审计甲", Kind.JOINED, rule="F35", into=of(register).issue_id, reason="同一笔现金") == ["joins_declining"]


def test_joining_moves_no_deadline_back(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    act(register, "镇经办", Kind.ASSIGNED, owner="上河村委会", deadline=LATER)
    into = of(register).issue_id
    assert why(register, "审计甲", Kind.JOINED, rule="F35", into=into, reason="同一笔现金") == ["joins_later"]
    act(register, "审计甲", Kind.JOINED, into=of(register, "F35").issue_id, reason="同一笔现金")
    assert of(register, "F35").deadline < LATER


def test_who_handled_a_matter_that_was_joined_verifies_nothing_of_the_whole(register: Register) -> None:
    for rule in ("F02", "F35"):
        act(register, "镇经办", Kind.ACCEPTED, rule=rule)
        act(register, "镇经办", Kind.ASSIGNED, rule=rule, owner="村委会", deadline=AS_OF)
    act(register, "局经办", Kind.STARTED, rule="F35")
    act(register, "审计甲", Kind.JOINED, rule="F35", into=of(register).issue_id, reason="同一笔现金")
    walk(register, of(register).issue_id, WAY[2:])
    register.add_person("局经办", name="局经办", role="auditor", org_code=COUNTY, by="组长", at=AT)
    assert why(register, "局经办", Kind.VERIFIED, result="属实") == ["handled_it"]
    assert register.issues(AS_OF) == fold_all(register.events(), clock=load_clock(), as_of=AS_OF) and register.check().is_whole


def test_a_reason_is_read_behind_the_number_of_its_matter() -> None:
    one, other = "WT-000000000001", "WT-000000000002"
    text = f"总的理由。{one}：甲 {other}，乙；{one} 丙"
    assert reason_for(None, text) == "总的理由。"
    assert "甲" in reason_for(one, text) and "丙" in reason_for(one, text) and "乙" not in reason_for(one, text)
    assert reason_for("WT-000000000003", text) == ""


# A false alarm that grows


def test_a_false_alarm_found_again_with_more_money_is_opened_again(register: Register) -> None:
    """Two persons said that 1,200 元 are none; of 500,000 元 they said nothing."""
    act(register, "审计甲", Kind.DECLINE_ASKED, reason=NO_ALARM)
    act(register, "审计乙", Kind.DECLINED)
    less = finding(rule="F02", amount=Decimal(1100))
    assert run(register, less, checks=(check(rule="F02"),)).reopened == ()
    assert run(register, finding(rule="F02"), checks=(check(rule="F02"),)).reopened == ()  # as they saw it
    more = finding(rule="F02", amount=Decimal(500_000))
    assert run(register, more, checks=(check(rule="F02"),)).reopened == (of(register).issue_id,)
    assert of(register).state is State.REOPENED and of(register).false_closures == 0


def test_a_false_alarm_found_again_as_it_was_stays_one(register: Register) -> None:
    act(register, "审计甲", Kind.DECLINE_ASKED, reason=NO_ALARM)
    act(register, "审计乙", Kind.DECLINED)
    run(register, finding(rule="F02"), checks=(check(rule="F02"),))
    assert of(register).state is State.DECLINED


@pytest.mark.parametrize("text", ["误报", "不属实。", "同意", "已核实", "false alarm"])
def test_a_false_alarm_for_no_reason(register: Register, text: str) -> None:
    assert why(register, "村会计", Kind.DECLINE_ASKED, reason=text) == ["says_nothing_declined"]


# Time for ever

FAR = AS_OF + dt.timedelta(days=366)


def reported(register: Register) -> None:
    walk(register, of(register).issue_id, WAY)


def test_a_deadline_in_another_century(register: Register) -> None:
    act(register, "镇经办", Kind.ACCEPTED)
    assert why(register, "镇经办", Kind.ASSIGNED, owner="上河村委会", deadline=FAR) == ["too_far_ahead"]
    walk(register, of(register).issue_id, WAY[1:3])
    assert why(register, "审计甲", Kind.EXTENDED, reason="农忙", deadline=FAR) == ["too_far_ahead"]
    assert why(register, "组长", Kind.CONTINUED, reason="分期收回", deadline="2029-01-31") == ["too_far_ahead"]
    walk(register, of(register).issue_id, WAY[3:])
    assert why(register, "审计甲", Kind.RETURNED, reason="缺佐证", deadline=FAR) == ["too_far_ahead"]


def test_who_asks_for_more_time_does_not_give_it(register: Register) -> None:
    walk(register, of(register).issue_id, WAY[:2])
    later = LATER + dt.timedelta(days=9)
    assert why(register, "审计甲", Kind.EXTENDED, reason="农忙", deadline=later, asked_by="审计 甲") == ["one_person"]
    assert why(register, "审计甲", Kind.EXTENDED, reason="同意", deadline=later) == ["no_reason"]
    act(register, "审计甲", Kind.EXTENDED, reason="农忙", deadline=later, asked_by="村会计")


def test_who_handled_it_does_not_return_it_to_get_a_new_date(register: Register) -> None:
    walk(register, of(register).issue_id, WAY[:2])
    act(register, "镇经办", Kind.STARTED)
    act(register, "镇经办", Kind.HANDLED, done="已补入账")
    assert why(register, "镇经办", Kind.RETURNED, reason="缺佐证", deadline="2026-12-31") == ["handled_it"]
    act(register, "审计甲", Kind.RETURNED, reason="缺佐证", deadline=LATER)


def test_returned_again_and_again_it_goes_to_a_lead(register: Register) -> None:
    reported(register)
    for _ in range(3):
        act(register, "审计甲", Kind.RETURNED, reason="缺佐证", deadline=LATER)
        walk(register, of(register).issue_id, WAY[2:])
    assert why(register, "审计甲", Kind.RETURNED, reason="缺佐证", deadline=LATER) == ["returned_often"]
    act(register, "组长", Kind.RETURNED, reason="提级办理", deadline=LATER)


def test_rectified_over_time_for_more_than_three_years_it_goes_to_a_lead(register: Register) -> None:
    walk(register, of(register).issue_id, WAY[:2])
    year, three = dt.timedelta(days=365), AS_OF + dt.timedelta(days=1095)
    act(register, "镇经办", Kind.CONTINUED, reason="分三年收回", deadline=three)
    after = AT + 2 * year
    assert why(register, "镇经办", Kind.CONTINUED, after, reason="再分三年", deadline=three + year) == ["continued_long"]
    act(register, "组长", Kind.CONTINUED, after, reason="法院立案执行", deadline=three + year)


# Praise, draws, letters


def closed(register: Register) -> None:
    reported(register)
    run(register, ARREARS, checks=CLEAN)
    walk(register, of(register).issue_id, papers("F02"), MONEY_BACK, VERIFIED, (("审计乙", Kind.CLOSED, {}),))


def test_who_handled_it_does_not_say_that_people_are_satisfied(register: Register) -> None:
    walk(register, of(register).issue_id, WAY[:2])
    act(register, "镇经办", Kind.STARTED)
    walk(register, of(register).issue_id, WAY[3:])
    run(register, ARREARS, checks=CLEAN)
    walk(register, of(register).issue_id, papers("F02"), MONEY_BACK, VERIFIED, (("审计乙", Kind.CLOSED, {}),))
    assert why(register, "镇经办", Kind.FOLLOWED_UP, satisfaction="satisfied") == ["handled_it"]


def test_an_answer_is_not_bettered_afterwards(register: Register) -> None:
    closed(register)
    act(register, "审计甲", Kind.FOLLOWED_UP, satisfaction="fairly")
    assert why(register, "镇经办", Kind.FOLLOWED_UP, satisfaction="satisfied") == ["answer_bettered"]
    act(register, "镇经办", Kind.FOLLOWED_UP, satisfaction="not")
    assert of(register).satisfaction == "not"


def test_who_verified_does_not_draw_what_is_looked_at_again(register: Register) -> None:
    """A seed can be tried out at home until the own issues are not among those drawn."""
    closed(register)
    with pytest.raises(StepRefused, match="审计甲"):
        register.draw_rechecks("福彩2026031", by="审计甲", at=AT)
    assert register.draw_rechecks("福彩2026031", by="组长", at=AT) == (of(register).issue_id,)


def letter(register: Register, to_code: str) -> str:
    issues = [of(register, "F35")]
    order = Order("rectification", "师河县农业农村局", "师农经", "下河村", to_code, LATER, items_of(issues, {}))
    return send_letter(register, order, by="组长", at=AT).letter_id


@pytest.mark.parametrize("text", ["收到", "已阅。", "已整改到位", "Received, noted."])
def test_a_letter_is_not_answered_with_nothing(register: Register, text: str) -> None:
    sent, before = letter(register, OTHER_VILLAGE), register.head()
    with pytest.raises(StepRefused) as caught:
        answer_letter(register, sent, text, by="镇经办", at=AT)
    assert caught.value.told("zh") != caught.value.told("en") and register.head() == before
    assert answer_letter(register, sent, "现金付款两笔已改转账，附回单", by="镇经办", at=AT).answered_on == AS_OF


def test_a_letter_is_answered_by_whom_it_reached(register: Register) -> None:
    register.add_person("邻镇", name="邻镇经办", role="township", org_code=VILLAGE, by="组长", at=AT)
    with pytest.raises(StepRefused, match="邻镇"):
        answer_letter(register, letter(register, OTHER_VILLAGE), "现金付款两笔已改转账", by="邻镇", at=AT)


# The clock


def test_a_closure_entered_under_an_earlier_day_shows_how_far_the_register_had_got(register: Register) -> None:
    """What was late would be in time on paper: it is not refused, for papers are entered later, but the event says so for good."""
    reported(register)
    run(register, ARREARS, checks=CLEAN)
    walk(register, of(register).issue_id, papers("F02"), MONEY_BACK)
    months_later = AT + dt.timedelta(days=120)
    register.raise_matter(Matter("举报", VILLAGE, "yellow"), by="镇经办", at=months_later)
    act(register, "审计甲", Kind.VERIFIED, result="属实")
    event = register.events(of(register).issue_id)[-1]
    assert event.payload["entered_later"][:10] == "2026-05-31"
    assert "2026-05-31" in said(event, "zh") and "2026-05-31" in said(event, "en")
    act(register, "审计乙", Kind.CLOSED, months_later)
    assert "entered_later" not in register.events(of(register).issue_id)[-1].payload
