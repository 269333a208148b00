"""The follow-up page: what was reported back, what the rerun says, verify, close, return, visit; what is due this week."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from register_cases import AS_OF, AT, LATER, MONEY_BACK, OTHER_VILLAGE, VILLAGE, WAY, check, finding, papers, run, staffed, walk

from auditlib.issues.events import Kind
from auditlib.issues.issue import Issue, State
from auditlib.issues.register import Register
from auditlib.workbook.follow_up import FollowUpView

CLEAN = (check("passed", rule="F02"),)
DAY = dt.timedelta(days=1)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def text(html: str) -> str:
    page = _Text()
    page.feed(re.sub(r"<style>.*?</style>", "", html, flags=re.S))
    return page.text


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An output folder with a register: the village's issue was reported back, the other village's is new."""
    monkeypatch.delenv("AUDITLIB_OUT", raising=False)
    (tmp_path / "某县").mkdir()
    folder = tmp_path / "out"
    folder.mkdir()
    with staffed(folder / "register.db", finding(rule="F02"), finding("记-002", org_code=OTHER_VILLAGE, org_name="下河村")) as register:
        walk(register, mine(register).issue_id, WAY)
    return folder


@pytest.fixture
def register(out: Path) -> Iterator[Register]:
    with Register.open(out / "register.db") as opened:
        yield opened


def mine(register: Register, org_code: str = VILLAGE) -> Issue:
    (found,) = [i for i in register.issues(AS_OF) if i.org_code == org_code]
    return found


def page(out: Path, person: str, at: dt.datetime = AT) -> FollowUpView:
    view = FollowUpView(out.parent / "某县", out, now=lambda: at)
    view.acting.who.value = person
    return view


def take(view: FollowUpView, step: str, **said: Any) -> str:
    next(b for b in view.card.buttons.children if b.description == step).click()
    assert view.card.form is not None
    for name, value in said.items():
        view.card.form.fields[name].value = value
    view.card.fields.children[-1].children[0].click()
    return text(view.card.message.value)


def test_what_was_reported_back_stands_with_what_the_rerun_says_and_what_lacks(out: Path, register: Register) -> None:
    view = page(out, "审计甲")
    assert [i.issue_id for i in view.issues] == [mine(register).issue_id]
    shown = text(view.list.value)
    assert "村主任：已整改" in shown and "还没有重新审计" in shown and "缺少佐证" in shown and "1200.00 元" in shown


def test_a_rerun_that_still_finds_it_and_one_that_does_not_read_differently(out: Path, register: Register) -> None:
    run(register, finding(rule="F02"), checks=(check(rule="F02"),), at=AT + DAY)
    view = page(out, "审计甲", AT + DAY)
    assert "这个问题仍在" in text(view.list.value)
    run(register, checks=CLEAN, at=AT + 2 * DAY)
    view.again.click()
    assert "没有再查出" in text(view.list.value)


def test_the_queues_hold_what_their_names_say(out: Path, register: Register) -> None:
    issue = mine(register, OTHER_VILLAGE)
    view = page(out, "审计甲")
    counted = {}
    for name in ("this_week", "overdue", "to_visit"):
        view.queue.value = name
        counted[name] = [i.issue_id for i in view.issues]
    assert counted == {"this_week": [], "overdue": [], "to_visit": []}
    on_the_last_day = dt.datetime.combine(issue.deadline, dt.time(2), dt.UTC)
    view = page(out, "审计甲", on_the_last_day)
    view.queue.value = "this_week"
    assert [i.issue_id for i in view.issues] == [issue.issue_id]
    view = page(out, "审计甲", on_the_last_day + DAY)
    view.queue.value = "overdue"
    assert [i.issue_id for i in view.issues] == [issue.issue_id] and "已逾期 1 天" in text(view.list.value)


def test_verified_closed_and_visited(out: Path, register: Register) -> None:
    issue = mine(register)
    walk(register, issue.issue_id, papers("F02"), MONEY_BACK)
    run(register, checks=CLEAN)
    view = page(out, "审计甲")
    view.pick.value = issue.issue_id
    take(view, "核查", result="凭证齐全，属实")
    view.acting.who.value = "审计乙"
    take(view, "销号")
    assert mine(register).state is State.CLOSED and "销号 1 件" in text(view.week.value)
    view.queue.value = "to_visit"
    assert [i.issue_id for i in view.issues] == [issue.issue_id]
    take(view, "回访", satisfaction="satisfied")
    assert mine(register).satisfaction == "satisfied" and not view.issues


def test_an_answer_that_does_not_hold_is_returned_with_a_reason_and_a_new_date(out: Path, register: Register) -> None:
    view = page(out, "镇经办")
    view.pick.value = mine(register).issue_id
    told = take(view, "退回", reason="", deadline=LATER)
    assert "理由" in told and mine(register).state is State.REPORTED_BACK
    take(view, "退回", reason="没有附凭证", deadline=LATER)
    assert (mine(register).state, mine(register).returned) == (State.RETURNED, 1) and not view.issues


def test_who_reported_back_cannot_verify_and_reads_why(out: Path, register: Register) -> None:
    register.add_person("村主任", name="村主任", role="auditor", org_code="", by="组长", at=AT)
    view = page(out, "村主任")
    view.pick.value = mine(register).issue_id
    assert "核查" not in [b.description for b in view.card.buttons.children]
    assert "须由另一人来核查" in text(view.card.absent.value)


def test_one_asked_to_be_declined_waits_for_a_second_person(out: Path, register: Register) -> None:
    other = mine(register, OTHER_VILLAGE)
    register.act(other.issue_id, Kind.DECLINE_ASKED, by="审计甲", at=AT, reason="已有批复")
    view = page(out, "审计甲")
    assert "审计甲：已有批复" in text(view.list.value)
    view.pick.value = other.issue_id
    assert "须由第二人确认" in text(view.card.absent.value)
    view.acting.who.value = "审计乙"
    take(view, "认定为误报")
    assert mine(register, OTHER_VILLAGE).state is State.DECLINED
