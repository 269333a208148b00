"""The issues page without a browser: widgets are set and buttons clicked, and the register says what came of it.

The life of an issue is that of expectations/issues/transitions.yaml (受理—指派—处置—反馈—核查—销号; 水富's five steps). Ledger
text is hostile: the `<img onerror>` payload of the OWASP cross-site scripting cheat sheet, judged by html.parser.
"""

from __future__ import annotations

import datetime as dt
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pack_county import write_pack
from register_cases import AT, LATER, MONEY_BACK, OTHER_VILLAGE, PDF, TOWNSHIP, VILLAGE, WAY, check, finding, papers, run, staffed, walk

from auditlib.issues.events import Kind
from auditlib.issues.issue import Issue, State
from auditlib.issues.next_steps import OF_WHAT_IS_SAID, next_steps
from auditlib.issues.refusal import StepRefused
from auditlib.issues.register import Register
from auditlib.issues.transitions import CONDITIONS, load_transitions
from auditlib.workbook.issue_board import PAGE, IssueBoard

PAYLOAD = "<img src=x onerror=alert(1)>"
CLEAN = (check("passed", rule="F02"),)


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def text(html: str) -> str:
    return _Page(re.sub(r"<style>.*?</style>", "", html, flags=re.S)).text


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A county whose output folder holds a register with people and two issues."""
    monkeypatch.delenv("AUDITLIB_WORKSPACE", raising=False)
    monkeypatch.delenv("AUDITLIB_OUT", raising=False)
    folder = tmp_path / "某县"
    folder.mkdir()
    (folder / "audit.toml").write_text("", encoding="utf-8")
    (tmp_path / "out").mkdir()
    with staffed(tmp_path / "out" / "register.db", finding(rule="F02"), finding("记-002", org_code=OTHER_VILLAGE, org_name="下河村")):
        return folder


@pytest.fixture
def register(county: Path) -> Iterator[Register]:
    with Register.open(county.parent / "out" / "register.db") as opened:
        yield opened


@pytest.fixture
def desk(county: Path) -> Callable[[str], IssueBoard]:
    """Opens the page as a person, at a desk (an output folder's choice) of one's own."""

    def open_as(person: str, at: dt.datetime = AT, language: str = "zh") -> IssueBoard:
        board = IssueBoard(county, county.parent / "out", language=language, now=lambda: at)
        board.acting.who.value = person
        return board

    return open_as


def mine(register: Register, org_code: str = VILLAGE) -> Issue:
    (found,) = [i for i in register.issues(AT.date()) if i.org_code == org_code]
    return found


def opened(board: IssueBoard, issue: Issue) -> IssueBoard:
    board.pick.value = issue.issue_id
    return board


def buttons(board: IssueBoard) -> dict[str, Any]:
    return {b.description: b for b in board.card.buttons.children}


def take(board: IssueBoard, step: str, **said: Any) -> str:
    """Clicks a step, fills its form in, confirms; what the page says then."""
    buttons(board)[step].click()
    assert board.card.form is not None
    for name, value in said.items():
        board.card.form.fields[name].value = value
    confirm, _ = board.card.fields.children[-1].children
    confirm.click()
    return text(board.card.message.value)


def upload(name: str, content: bytes) -> tuple[dict[str, Any], ...]:
    """What a browser hands over for a chosen file."""
    told = {"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": AT}
    return (told,)


# ---- which steps are offered


def test_the_conditions_left_for_later_are_those_that_need_what_is_said() -> None:
    used = {name for step in load_transitions().steps.values() for name in step.conditions}
    assert set(CONDITIONS) > OF_WHAT_IS_SAID and used - OF_WHAT_IS_SAID


@pytest.mark.parametrize("person", ["审计甲", "村会计", "别村会计"])
def test_a_step_that_is_not_offered_is_one_that_the_register_refuses(register: Register, person: str) -> None:
    """The page and the register judge alike, along the whole way to reporting back."""
    looked_at = 0
    for done in range(len(WAY) + 1):
        if done:
            walk(register, mine(register).issue_id, WAY[done - 1 : done])
        issue = mine(register)
        for step in next_steps(register, issue.issue_id, person, AT):
            if step.against:
                what = {name: form[0] if isinstance(form, tuple) else _some(name, form) for name, form in step.step.needs.items()}
                with pytest.raises(StepRefused):
                    register.act(issue.issue_id, step.kind, by=person, at=AT, **what)
                looked_at += 1
        assert mine(register).version == issue.version
    assert looked_at > 6 * 9


def _some(name: str, form: str) -> Any:
    return {"text": "某", "day_ahead": LATER, "date": AT.date(), "money": "1.00", "whole": 1}[form]


def test_a_new_issue_offers_a_township_to_accept_it_and_says_why_not_to_close_it(desk: Any, register: Register) -> None:
    board = opened(desk("镇经办"), mine(register))
    assert list(buttons(board)) == ["受理", "提请认定误报", "提交佐证"]
    absent = text(board.card.absent.value)
    assert "销号：由审计人员、审计组长来做。" in absent and "指派：要先到“" in absent


def test_who_has_another_village_is_told_that_it_is_out_of_scope(desk: Any, register: Register) -> None:
    board = opened(desk("别村会计"), mine(register))
    assert not buttons(board) and "只管单位" in text(board.card.absent.value)


def test_without_a_person_there_is_no_button(desk: Any, register: Register) -> None:
    board = opened(desk(""), mine(register))
    assert not buttons(board) and "选择您是谁" in text(board.card.absent.value)


def test_another_person_at_the_same_page_has_other_buttons(desk: Any, register: Register) -> None:
    board = opened(desk("镇经办"), mine(register))
    board.acting.who.value = "群众"
    assert not buttons(board)
    board.acting.who.value = "审计甲"
    assert "移送" in buttons(board)


# ---- from raised to closed


def test_an_issue_is_led_from_raised_to_closed_by_several_people(desk: Any, register: Register) -> None:
    issue = mine(register)
    town, village, audit = (opened(desk(p), issue) for p in ("镇经办", "村会计", "审计甲"))
    take(town, "受理")
    assert "已登记" in take(town, "指派", owner="上河村委会", deadline=LATER)
    village.refresh()  # three pages on one output folder: each keeps its own person
    for step, said in (("开始处置", {}), ("处置", {"done": "已入账"}), ("反馈", {"result": "已整改"})):
        take(village, step, **said)
    assert mine(register).state is State.REPORTED_BACK and mine(register).handlers == ("村会计",)
    run(register, checks=CLEAN)
    walk(register, issue.issue_id, papers("F02"), MONEY_BACK)
    audit.refresh()
    assert "没有再查出" in text(audit.card.head.value)
    take(audit, "核查", result="属实")
    assert "都齐了" in text(audit.card.head.value)
    take(audit, "销号")
    assert mine(register).state is State.CLOSED and register.verify().is_whole
    assert [e.actor for e in register.events(issue.issue_id) if e.kind is Kind.CLOSED] == ["审计甲"]


def test_closing_is_no_button_as_long_as_something_lacks_and_each_lack_is_named(desk: Any, register: Register) -> None:
    issue = mine(register)
    walk(register, issue.issue_id, WAY, (("审计甲", Kind.VERIFIED, {"result": "属实"}),))
    board = opened(desk("审计乙"), issue)
    assert "销号" not in buttons(board)
    absent = text(board.card.absent.value)
    assert "缺少佐证" in absent and "1200.00 元" in absent and "重新跑一次审计" in absent


def test_what_the_register_refuses_is_told_and_the_form_keeps_what_was_written(desk: Any, register: Register) -> None:
    issue = mine(register)
    walk(register, issue.issue_id, WAY[:1])
    board = opened(desk("镇经办"), issue)
    told = take(board, "指派", owner="", deadline=LATER)
    assert "还缺" in told and "责任单位" in told
    assert board.card.form is not None and board.card.form.fields["deadline"].value == LATER
    assert mine(register).state is State.ACCEPTED


def test_a_conflict_is_told_with_what_changed_and_by_whom_and_nothing_is_written(desk: Any, register: Register) -> None:
    issue = mine(register)
    board = opened(desk("镇经办"), issue)
    buttons(board)["受理"].click()
    register.act(issue.issue_id, Kind.ACCEPTED, by="审计甲", at=AT)
    confirm, _ = board.card.fields.children[-1].children
    confirm.click()
    told = text(board.card.message.value)
    assert "已经有人先动过" in told and "审计甲：受理" in told
    assert "再按一次那一步的按钮" in told and "不用再办" in told, "the next step is said"
    assert len(register.events(issue.issue_id)) == 2
    on_the_clock = f"{AT.astimezone(register.clock.zone):%Y-%m-%d %H:%M}"
    assert on_the_clock in told and on_the_clock in text(board.card.story.value), "one clock for both"
    assert "审计甲" in text(board.card.story.value) and "指派" in buttons(board)  # the card shows how it stands now


def test_refresh_shows_what_others_did(desk: Any, register: Register) -> None:
    board = opened(desk("镇经办"), mine(register))
    register.act(mine(register).issue_id, Kind.ACCEPTED, by="审计甲", at=AT)
    assert "已受理" not in text(board.card.head.value)
    board.again.click()
    assert "已受理" in text(board.card.head.value) and "已受理" in text(board.list.value)


# ---- evidence


def test_evidence_goes_into_the_store_and_can_be_fetched_again(desk: Any, register: Register) -> None:
    issue = mine(register)
    board = opened(desk("村会计"), issue)
    buttons(board)["提交佐证"].click()
    form = board.card.form
    assert form is not None and form.file is not None
    form.file.value = upload("收据.pdf", PDF)
    form.fields["dated"].value = dt.date(2026, 1, 20)
    confirm, _ = board.card.fields.children[-1].children
    confirm.click()
    (ref,) = mine(register).evidence
    assert (ref.name, register.evidence(ref.sha256)) == ("收据.pdf", PDF)
    board.card.fetch.click()
    (data,) = re.findall(r'href="data:application/octet-stream;base64,([^"]+)"', board.card.paper.value)
    assert b64decode(data) == PDF


def test_the_kinds_of_evidence_that_closing_waits_for_stand_first(desk: Any, register: Register) -> None:
    board = opened(desk("村会计"), mine(register))
    buttons(board)["提交佐证"].click()
    assert board.card.form is not None
    wanted = [what["kind"] for _, _, what in papers("F02")]
    offered = board.card.form.fields["kind"].options
    assert [kind for _, kind in offered[: len(wanted)]] == wanted and all("还缺" in label for label, _ in offered[: len(wanted)])


@pytest.mark.parametrize(
    ("content", "dated", "told"),
    [
        (b"#!/bin/sh\n", dt.date(2026, 1, 20), "不是可以收的类型"), (PDF, None, "佐证本身的日期"), (PDF, dt.date(2027, 1, 1), "先后不对"),
    ],
)  # fmt: skip
def test_a_paper_that_is_not_taken_says_why_and_leaves_no_event(
    desk: Any, register: Register, content: bytes, dated: dt.date | None, told: str
) -> None:
    issue = mine(register)
    board = opened(desk("村会计"), issue)
    buttons(board)["提交佐证"].click()
    assert board.card.form is not None and board.card.form.file is not None
    board.card.form.file.value = upload("收据.pdf", content)
    board.card.form.fields["dated"].value = dated
    confirm, _ = board.card.fields.children[-1].children
    confirm.click()
    assert told in text(board.card.message.value) and mine(register).version == issue.version


# ---- lists, many at once, forms


def test_the_three_lists_and_their_filters(desk: Any, register: Register) -> None:
    board = desk("审计甲")
    for which, head in (("deadline", "时限清单"), ("problem", "问题清单"), ("responsibility", "责任清单")):
        board.which.value = which
        shown = text(board.list.value)
        assert head in shown and mine(register).issue_id in shown and mine(register, OTHER_VILLAGE).issue_id in shown
    assert "张镇长" in text(board.list.value)
    board.org.value = VILLAGE
    assert [i.org_code for i in board.issues] == [VILLAGE]
    board.org.value = TOWNSHIP
    assert len(board.issues) == 2
    board.text.value = "记-002"
    assert [i.org_code for i in board.issues] == [OTHER_VILLAGE]
    board.state.value = "closed"
    assert not board.issues and "没有符合条件" in text(board.list.value)


def test_a_long_list_is_turned_page_by_page_and_every_issue_stands_once(desk: Any, register: Register) -> None:
    run(register, *(finding(f"页-{n}") for n in range(PAGE * 2)))
    board = desk("审计甲")
    seen: list[str] = []
    while True:
        seen += [issue_id for _, issue_id in board.pick.options if issue_id]
        if board.on.disabled:
            break
        board.on.click()
    assert len(seen) == len(set(seen)) == PAGE * 2 + 2 == len(board.issues)


def test_many_are_assigned_at_once_and_the_refused_one_stops_no_other(desk: Any, register: Register) -> None:
    board = desk("镇经办")
    board.all.click()
    board.do.click()
    assert "办成 2 件" in text(board.outcome.value)
    board.step.value = "assigned"
    board.owner.value, board.deadline.value = "镇农经站", LATER
    board.all.click()
    register.act(mine(register).issue_id, Kind.EVIDENCE, by="村会计", at=AT, **papers("F02")[0][2])  # somebody was faster
    board.do.click()
    told = text(board.outcome.value)
    assert "办成 1 件，没有办成 1 件" in told and "已经有人先动过" in told
    assert (mine(register).state, mine(register, OTHER_VILLAGE).assigned_to) == (State.ACCEPTED, "镇农经站")


def _saved(html: str) -> bytes:
    (data,) = re.findall(r'href="data:application/octet-stream;base64,([^"]+)"', html)
    return b64decode(data)


def test_a_form_goes_out_and_comes_back_filled_in(desk: Any, register: Register) -> None:
    issue = mine(register)
    walk(register, issue.issue_id, WAY[:2])
    board = desk("村会计")
    board.forms.body.value = VILLAGE
    board.forms.write.click()
    book = openpyxl.load_workbook(BytesIO(_saved(board.forms.written.value)))
    sheet = book["整改反馈"]
    heads = {cell.value: cell.column for cell in sheet[3]}
    answer = {"办理情况": "已整改", "采取的措施和结果": "租金已补入账", "完成日期": dt.date(2026, 1, 30), "填报人": "李会计"}
    for head, value in answer.items():
        sheet.cell(4, heads[head]).value = value
    filled = BytesIO()
    book.save(filled)
    board.forms.form.value = upload("反馈.xlsx", filled.getvalue())
    board.forms.take.click()
    assert "收下 1 行" in text(board.forms.outcome.value)
    assert mine(register).state is State.REPORTED_BACK and mine(register).reporters == ("村会计",)
    board.forms.form.value = upload("反馈.xlsx", filled.getvalue())
    board.forms.take.click()
    assert "以前已收下 1 行" in text(board.forms.outcome.value)


def test_a_file_that_is_no_form_is_refused_in_words(desk: Any) -> None:
    board = desk("村会计")
    board.forms.form.value = upload("../../别的.xlsx", b"PK not a workbook")
    board.forms.take.click()
    told = text(board.forms.outcome.value)
    assert told and "Traceback" not in told


# ---- what stands on the page


def test_ledger_text_is_text_on_the_page(desk: Any, register: Register) -> None:
    run(register, finding("毒", message_zh=f"凭证 {PAYLOAD}", basis=PAYLOAD, org_name=PAYLOAD, records=(PAYLOAD,)))
    board = desk("审计甲")
    (poisoned,) = [i for i in board.issues if PAYLOAD in i.title]
    opened(board, poisoned)
    take(board, "受理", note=PAYLOAD)
    for html in (board.list.value, board.card.head.value, board.card.story.value, board.card.absent.value):
        assert not _Page(html).elements & {"img", "script", "iframe"}
    assert PAYLOAD in text(board.card.head.value) and PAYLOAD in text(board.card.story.value)


def test_the_step_on_many_can_be_chosen_and_only_what_it_needs_is_asked(desk: Any) -> None:
    board = desk("审计甲")

    def asked() -> list[bool]:
        return [each.layout.display != "none" for each in (board.step, board.owner, board.deadline)]

    assert asked() == [True, False, False]
    board.step.value = "assigned"
    assert asked() == [True, True, True]
    board.step.value = "accepted"
    assert asked() == [True, False, False], "the list of steps must never go with the fields of one of them"


def test_the_page_speaks_english_when_asked(desk: Any, register: Register) -> None:
    board = opened(desk("审计甲", language="en"), mine(register))
    assert "Accept" in buttons(board) and "days left" in text(board.card.head.value)
    assert not re.search(r"[\u4e00-\u9fff]", text(board.sums.value))


def test_without_a_register_the_page_says_what_to_do_in_the_reader_s_language(tmp_path: Path) -> None:
    (tmp_path / "空县").mkdir()
    board, english = (IssueBoard(tmp_path / "空县", tmp_path / "out", language=language) for language in ("zh", "en"))
    assert "没有找到问题台账" in text(board.told.value) and not (tmp_path / "out").exists()
    assert "register" in text(english.told.value) and "没有找到" not in text(english.told.value)


def test_the_page_shows_what_holds_in_the_county_where_its_pack_asks_for_more(county: Path) -> None:
    closing, steps = "stays_in_books: []\n", "steps: {accepted: {from: [reopened]}}\n"
    write_pack(county / "packs" / "own", {"issues/closing.yaml": closing, "issues/transitions.yaml": steps})
    with Register.open(county.parent / "out" / "register.db") as register:
        run(register, finding("记-003", rule="F05"), at=AT)
        issue = next(i for i in register.issues(AT.date()) if i.rule == "F05")
        walk(register, issue.issue_id, WAY)
    shipped = opened(IssueBoard(county, county.parent / "out", now=lambda: AT), issue)
    assert "台账看不出是否整改" in text(shipped.card.head.value) and len(shipped.many.options) == 2
    (county / "audit.toml").write_text('packs = ["own"]\n', encoding="utf-8")
    own = opened(IssueBoard(county, county.parent / "out", now=lambda: AT), issue)
    head = text(own.card.head.value)
    assert "重新跑一次审计" in head and "台账看不出是否整改" not in head and own.many.options == ()
