"""Excel goes out, Excel comes back: what a village clerk fills in becomes steps in the register, row by row.

The clerk's program is openpyxl, which reads and writes files as ECMA-376 has them; nothing of our own writer is trusted.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import linked
from openpyxl import load_workbook
from register_cases import AS_OF, AT, ORGANISATIONS, OTHER_VILLAGE, VILLAGE, finding, run

from auditlib.catalog.load import load_catalog
from auditlib.issues.events import Kind
from auditlib.issues.issue import Issue
from auditlib.issues.lists import issues_of
from auditlib.issues.policy import load_clock
from auditlib.issues.register import Register
from auditlib.issues.return_form import ReturnForm, seal
from auditlib.issues.returned import Returned, RowOutcome, take_back
from auditlib.reports.issue_workbook import return_form, workbook
from auditlib.words.errors import RegisterError, UnreadableFile

HEAD, FIRST = 3, 4  # rows of the sheet, 1-based
LATER = AT + dt.timedelta(days=10)
PDF = b"%PDF-1.7\n1 0 obj\n"
CARDS = load_catalog().rules


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """Three matters of a village, assigned; a fourth not yet; one of another village."""
    opened = Register.open(tmp_path / "register.db")
    findings = (
        finding("a", message_zh="=HYPERLINK(\"http://x\",\"点我\")"), finding("b", message_zh="@SUM(1+1) 付款 13812345678", amount=None),
        finding("c", severity="red"), finding("d"), finding("e", org_code=OTHER_VILLAGE, org_name="下河村"),
    )  # fmt: skip
    run(opened, *findings, organisations=ORGANISATIONS)
    opened.add_person("组长", name="组长", role="lead", by="组长", at=AT)
    opened.add_person("村干", name="村干", role="village", org_code=VILLAGE, by="组长", at=AT)
    for key in ("a", "b", "c"):
        opened.act(issue(opened, key).issue_id, Kind.ACCEPTED, by="组长", at=AT)
        opened.act(issue(opened, key).issue_id, Kind.ASSIGNED, by="组长", at=AT, owner="上河村", deadline=dt.date(2026, 3, 1))
    return opened


def issue(register: Register, key: str) -> Issue:
    return next(i for i in register.issues(AS_OF) if i.records == (key,))


def form(register: Register) -> ReturnForm:
    issues = issues_of(register.issues(AS_OF), VILLAGE, ORGANISATIONS)
    return return_form(register, VILLAGE, "上河村", issues, CARDS, as_of=AS_OF, codes={o.org_code for o in ORGANISATIONS})


def columns(sheet: Any) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in sheet[HEAD] if cell.value}


def row_of(sheet: Any, issue_id: str) -> int:
    return next(r for r in range(FIRST, sheet.max_row + 1) if sheet.cell(r, columns(sheet)["问题编号"]).value == issue_id)


class Clerk:
    """Fills in a workbook by the words over its columns."""

    def __init__(self, register: Register, tmp_path: Path) -> None:
        self.register, self.path, self.folder = register, tmp_path / "反馈.xlsx", tmp_path / "佐证"
        self.folder.mkdir(exist_ok=True)
        self.path.write_bytes(workbook(form(register)))
        self.book = load_workbook(self.path)

    def answer(self, key: str, **cells: Any) -> Clerk:
        sheet = self.book["整改反馈"]
        for name, value in cells.items():
            sheet.cell(row_of(sheet, issue(self.register, key).issue_id), columns(sheet)[name]).value = value
        return self

    def done(self, key: str, **other: Any) -> Clerk:
        return self.answer(key, **{"办理情况": "已整改", "采取的措施和结果": "已补签收单", "完成日期": dt.date(2026, 2, 5)} | other)

    def prove(self, key: str, names: str, dated: Any = dt.date(2026, 2, 4)) -> Clerk:
        sheet = self.book["佐证材料"]
        row = row_of(sheet, issue(self.register, key).issue_id)
        sheet.cell(row, columns(sheet)["佐证文件名"]).value = names
        sheet.cell(row, columns(sheet)["佐证日期"]).value = dated
        return self

    def send_back(self, by: str = "村干", at: dt.datetime = LATER) -> Returned:
        self.book.save(self.path)
        return take_back(self.register, self.path, evidence=self.folder, by=by, at=at, clock=load_clock())

    def outcome(self, key: str, **how: Any) -> RowOutcome:
        return next(r for r in self.send_back(**how).rows if r.issue_id == issue(self.register, key).issue_id)


@pytest.fixture
def clerk(register: Register, tmp_path: Path) -> Clerk:
    return Clerk(register, tmp_path)


def reasons(outcome: RowOutcome, language: str = "zh") -> str:
    return " ".join(why.told(language) for why in outcome.why)


# What goes out


def test_a_clerk_gets_the_open_matters_of_the_village_the_most_pressing_first(clerk: Clerk) -> None:
    sheet = clerk.book["整改反馈"]
    ids = [sheet.cell(r, 2).value for r in range(FIRST, sheet.max_row + 1)]
    mine = [i for i in clerk.register.issues(AS_OF) if i.org_code == VILLAGE]
    assert ids == [i.issue_id for i in sorted(mine, key=lambda i: (i.deadline, i.org_code, i.issue_id))] and len(ids) == 4
    assert sheet.cell(1, 1).value == "上河村 问题整改反馈表（截至 2026-01-31，共 4 项）"
    kinds = [clerk.book["佐证材料"].cell(r, 3).value for r in range(FIRST, clerk.book["佐证材料"].max_row + 1)]
    assert set(kinds) == {load_catalog().evidence_kinds[k]["zh"] for k in CARDS["F08"].evidence_kinds}


def test_ledger_text_is_text_and_no_formula_and_numbers_of_people_are_masked(clerk: Clerk) -> None:
    cells = [cell for sheet in clerk.book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert cells and all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    texts = " ".join(str(cell.value) for cell in cells)
    assert '=HYPERLINK("http://x"' in texts and "13812345678" not in texts and "138****5678" in texts


def test_it_is_locked_but_for_the_cells_to_fill_with_lists_frozen_head_and_a4(clerk: Clerk) -> None:
    sheet = clerk.book["整改反馈"]
    row, place = row_of(sheet, issue(clerk.register, "a").issue_id), columns(sheet)
    unlocked = {name for name, column in place.items() if not sheet.cell(row, column).protection.locked}
    assert sheet.protection.sheet and unlocked == {
        "办理情况",
        "采取的措施和结果",
        "完成日期",
        "本次收回金额（元）",
        "本次入账金额（元）",
        "凭证号",
        "填报人",
    }
    waiting = row_of(sheet, issue(clerk.register, "d").issue_id)
    assert all(sheet.cell(waiting, column).protection.locked for column in place.values())
    lists = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert [v.formula1 for v in lists] == ['"已整改,正在整改,情况不属实,需要帮助"']
    assert (sheet.freeze_panes, sheet.page_setup.orientation, str(sheet.page_setup.paperSize), sheet.print_title_rows) == (
        "C4",
        "landscape",
        "9",
        "$3:$3",
    )
    assert clerk.book["auditlib"].sheet_state == "veryHidden" and "白色格子" in str(clerk.book["填写说明"].cell(2, 1).value)


def test_the_same_form_is_the_same_file(register: Register) -> None:
    assert workbook(form(register)) == workbook(form(register))


def test_a_village_without_open_matters_gets_no_form(register: Register) -> None:
    with pytest.raises(RegisterError, match="没有未销号"):
        return_form(register, VILLAGE, "上河村", (), CARDS, as_of=AS_OF)


# What comes back


def test_an_answer_becomes_steps_with_evidence_and_money(clerk: Clerk) -> None:
    (clerk.folder / "签收单.pdf").write_bytes(PDF)
    (clerk.folder / "照片 1.jpg").write_bytes(b"\xff\xd8\xff\xe0 photo")
    (clerk.folder / "没有用到.txt").write_text("note", encoding="utf-8")
    clerk.done("a", **{"本次收回金额（元）": 800.25, "本次入账金额（元）": "399.75", "凭证号": "记-77", "填报人": "小李"}).prove(
        "a", "签收单.pdf；照片 1.jpg"
    )
    found = clerk.send_back()
    assert [found.count(o) for o in ("taken", "known", "empty", "refused")] == [1, 0, 3, 0] and found.unused_files == ("没有用到.txt",)
    now = issue(clerk.register, "a")
    assert (now.state, now.handlers, now.reporters, str(now.recovered), str(now.booked)) == (
        "reported_back",
        ("村干",),
        ("村干",),
        "800.25",
        "399.75",
    )
    assert [(e.name, e.dated, e.received) for e in now.evidence] == [
        (name, dt.date(2026, 2, 4), dt.date(2026, 2, 10)) for name in ("签收单.pdf", "照片 1.jpg")
    ]
    assert clerk.register.evidence(now.evidence[0].sha256) == PDF and clerk.register.verify().is_whole
    assert next(r for r in found.rows if r.outcome == "taken").steps == (
        Kind.STARTED, Kind.HANDLED, Kind.EVIDENCE, Kind.EVIDENCE, Kind.MONEY, Kind.MONEY, Kind.REPORTED_BACK,
    )  # fmt: skip


def test_the_same_file_twice_changes_nothing(clerk: Clerk) -> None:
    clerk.done("a").answer("b", 办理情况="正在整改", 采取的措施和结果="正在找收款人").send_back()
    before = clerk.register.head()
    again = clerk.send_back(at=LATER + dt.timedelta(hours=1))
    assert ([again.count(o) for o in ("taken", "known", "empty", "refused")], clerk.register.head()) == ([0, 2, 2, 0], before)


@pytest.mark.parametrize(
    ("answer", "state", "open_requests"),
    [("正在整改", "in_hand", 0), ("under way", "in_hand", 0), ("情况不属实", "decline_asked", 0), ("需要帮助", "in_hand", 1)],
)
def test_the_other_answers(clerk: Clerk, answer: str, state: str, open_requests: int) -> None:
    outcome = clerk.answer("b", 办理情况=answer, 采取的措施和结果="请镇上派人丈量").outcome("b")
    assert (outcome.outcome, issue(clerk.register, "b").state) == ("taken", state)
    asked = [i for i in clerk.register.issues(AS_OF) if i.source == "request"]
    assert [(i.title, i.org_code) for i in asked] == [("请镇上派人丈量", VILLAGE)] * open_requests


def test_each_row_is_judged_on_its_own_and_its_reason_told(clerk: Clerk) -> None:
    clerk.done("a").done("b", 完成日期="下个月").answer("c", 办理情况="已整改")
    found = {row.issue_id: row for row in clerk.send_back().rows}
    assert found[issue(clerk.register, "a").issue_id].outcome == "taken"
    bad = found[issue(clerk.register, "b").issue_id]
    assert (bad.outcome, "下个月" in reasons(bad), "no date" in reasons(bad, "en")) == ("refused", True, True)
    assert reasons(found[issue(clerk.register, "c").issue_id]) == "“采取的措施和结果”没有填。 “完成日期”没有填。"


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"采取的措施和结果": "改好了"}, "办理情况"),
        ({"办理情况": "差不多了", "采取的措施和结果": "改好了"}, "差不多了"),
        ({"办理情况": "已整改", "采取的措施和结果": "改好了", "完成日期": dt.date(2026, 2, 11)}, "还没有到"),
        ({"办理情况": "已整改", "采取的措施和结果": "改好了", "完成日期": dt.date(2026, 2, 1), "本次收回金额（元）": -5}, "大于零"),
        ({"办理情况": "已整改", "采取的措施和结果": "改好了", "完成日期": dt.date(2026, 2, 1), "本次收回金额（元）": "约八百"}, "约八百"),
        ({"办理情况": "已整改", "采取的措施和结果": "改好了", "完成日期": dt.date(2026, 2, 1), "本次入账金额（元）": 1.005}, "一分"),
        ({"办理情况": "已整改", "采取的措施和结果": "改好了", "完成日期": dt.date(2026, 2, 1), "本次收回金额（元）": 600,
          "本次入账金额（元）": "600.00"}, "两笔"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason_and_leaves_nothing(clerk: Clerk, cells: dict[str, Any], told: str) -> None:
    before = clerk.register.head()
    outcome = clerk.answer("a", **cells).outcome("a")
    assert (outcome.outcome, clerk.register.head()) == ("refused", before) and told in reasons(outcome)


def test_a_matter_that_moved_on_since_is_refused_and_says_what_happened(clerk: Clerk) -> None:
    clerk.register.act(issue(clerk.register, "a").issue_id, Kind.EXTENDED, by="组长", at=AT, reason="农忙", deadline=dt.date(2026, 4, 1))
    outcome = clerk.done("a").outcome("a")
    assert outcome.outcome == "refused" and "延期" in reasons(outcome)


def test_one_step_that_the_register_refuses_takes_the_whole_row_with_it(clerk: Clerk) -> None:
    before = clerk.register.head()
    outcome = clerk.done("d").outcome("d")  # not assigned yet
    assert outcome.outcome == "refused" and "待受理" in reasons(outcome)
    assert clerk.done("a").outcome("a", by="组长").outcome == "refused"  # a lead does not put right what he audits
    assert clerk.register.head() == before


# Locked cells


@pytest.mark.parametrize(
    ("column", "value"), [("涉及金额（元）", "1.00"), ("问题及依据", "没有问题"), ("整改时限", "2027-12-31"), ("怎么改", ""), ("序号", "9")]
)
def test_an_edit_to_a_locked_cell_refuses_the_row_and_names_the_column(clerk: Clerk, column: str, value: str) -> None:
    outcome = clerk.done("a").answer("a", **{column: value}).outcome("a")
    assert outcome.outcome == "refused" and reasons(outcome).startswith(f"灰色格子被改动：{column}")
    assert issue(clerk.register, "a").state == "assigned"


def test_an_edited_locked_cell_is_told_though_nothing_was_filled_in(clerk: Clerk) -> None:
    assert clerk.answer("a", **{"整改时限": "2027-12-31"}).outcome("a").outcome == "refused"


def test_a_row_for_a_matter_of_others_cannot_be_smuggled_in(clerk: Clerk) -> None:
    other = issue(clerk.register, "e").issue_id
    sheet = clerk.done("a").book["整改反馈"]
    sheet.cell(row_of(sheet, issue(clerk.register, "a").issue_id), 2).value = other
    (outcome,) = [r for r in clerk.send_back().rows if r.outcome != "empty"]
    assert (outcome.outcome, issue(clerk.register, "e").state) == ("refused", "raised") and other in reasons(outcome)


def test_a_hidden_sheet_that_was_altered_refuses_the_row(clerk: Clerk) -> None:
    hidden = clerk.done("a").book["auditlib"]
    for row in range(2, hidden.max_row + 1):
        cells = json.loads(hidden.cell(row, 4).value)
        hidden.cell(row, 4).value = json.dumps(cells | {"deadline": "2027-12-31"}, ensure_ascii=False)
    clerk.answer("a", 整改时限="2027-12-31")
    outcome = clerk.outcome("a")
    assert outcome.outcome == "refused" and "校验页" in reasons(outcome)


def test_ids_that_were_shifted_with_their_seals_do_not_move_an_answer_to_another_matter(clerk: Clerk) -> None:
    """Hidden sheet and visible ids exchanged between two rows, every check sum made anew: the words still tell the matter."""
    a, b = issue(clerk.register, "a"), issue(clerk.register, "b")
    clerk.done("a")
    hidden, sheet = clerk.book["auditlib"], clerk.book["整改反馈"]
    register = hidden.cell(1, 2).value
    rows = {hidden.cell(row, 1).value: row for row in range(2, hidden.max_row + 1)}
    told = {each.issue_id: json.loads(hidden.cell(rows[each.issue_id], 4).value) for each in (a, b)}
    for own, other in ((a, b), (b, a)):
        cells = told[own.issue_id] | {"issue_id": other.issue_id}
        row = rows[other.issue_id]
        hidden.cell(row, 3).value = seal(register, other.issue_id, other.version, cells)
        hidden.cell(row, 4).value = json.dumps(cells, ensure_ascii=False)
    places = {each.issue_id: row_of(sheet, each.issue_id) for each in (a, b)}
    sheet.cell(places[a.issue_id], 2).value, sheet.cell(places[b.issue_id], 2).value = b.issue_id, a.issue_id
    outcome = clerk.outcome("b")
    assert outcome.outcome == "refused" and "另一件问题" in reasons(outcome) and "another matter" in reasons(outcome, "en")
    assert issue(clerk.register, "b").version == b.version


def test_a_long_answer_is_kept_whole_and_one_that_no_cell_could_hold_is_refused(clerk: Clerk) -> None:
    long = "已逐户核对" * 1000
    assert clerk.done("a", 采取的措施和结果=long).outcome("a").outcome == "taken"
    events = clerk.register.events(issue(clerk.register, "a").issue_id)
    assert [e.payload["done"] for e in events if e.kind is Kind.HANDLED] == [long]


# Files that are not what they seem


def test_a_form_of_another_register_is_refused_whole(clerk: Clerk, tmp_path: Path) -> None:
    other = Register.open(tmp_path / "other.db")
    run(other, finding("a"), at=AT + dt.timedelta(hours=1), organisations=ORGANISATIONS)
    clerk.done("a").book.save(clerk.path)
    with pytest.raises(RegisterError, match="另一个问题台账"):
        take_back(other, clerk.path, evidence=None, by="村干", at=LATER, clock=load_clock())


def test_a_form_made_after_the_backup_that_is_in_use_is_refused_whole(clerk: Clerk, tmp_path: Path) -> None:
    import sqlite3

    backup = tmp_path / "backup.db"
    with sqlite3.connect(tmp_path / "register.db") as source, sqlite3.connect(backup) as target:
        source.backup(target)
    clerk.register.act(issue(clerk.register, "d").issue_id, Kind.ACCEPTED, by="组长", at=AT)
    newer = Clerk(clerk.register, tmp_path)
    newer.done("a").book.save(newer.path)
    with pytest.raises(RegisterError, match="旧备份"):
        take_back(Register.open(backup), newer.path, evidence=None, by="村干", at=LATER, clock=load_clock())


def test_other_workbooks_and_broken_files_are_refused(clerk: Clerk, tmp_path: Path) -> None:
    del clerk.book["auditlib"]
    clerk.book.save(clerk.path)
    with pytest.raises(RegisterError, match="整改反馈表"):
        take_back(clerk.register, clerk.path, evidence=None, by="村干", at=LATER, clock=load_clock())
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UnreadableFile):
        take_back(clerk.register, broken, evidence=None, by="村干", at=LATER, clock=load_clock())


@pytest.mark.parametrize("name", ["../register.db", "C:\\boot.ini", "/etc/passwd", "子目录/签收单.pdf"])
def test_a_file_name_is_never_a_path(clerk: Clerk, name: str) -> None:
    outcome = clerk.done("a").prove("a", name).outcome("a")
    assert outcome.outcome == "refused" and "不能带文件夹" in reasons(outcome) and issue(clerk.register, "a").state == "assigned"


def test_a_link_out_of_the_folder_is_not_followed(clerk: Clerk, tmp_path: Path) -> None:
    linked(clerk.folder / "签收单.pdf", tmp_path / "register.db")
    outcome = clerk.done("a").prove("a", "签收单.pdf").outcome("a")
    assert outcome.outcome == "refused" and "没有“签收单.pdf”" in reasons(outcome)


@pytest.mark.parametrize(
    ("content", "told"), [(b"", ""), (b"MZ\x90\x00\x03 program", "签收单.pdf"), (b"<html><script>alert(1)</script>", "签收单.pdf")]
)
def test_evidence_is_judged_by_its_bytes_and_a_bad_file_refuses_the_row(clerk: Clerk, content: bytes, told: str) -> None:
    (clerk.folder / "签收单.pdf").write_bytes(content)
    outcome = clerk.done("a").prove("a", "签收单.pdf").outcome("a")
    assert outcome.outcome == "refused" and told in reasons(outcome) and issue(clerk.register, "a").state == "assigned"


def test_a_file_that_is_not_there_names_those_that_are_near(clerk: Clerk) -> None:
    (clerk.folder / "签收单（李某）.pdf").write_bytes(PDF)
    outcome = clerk.done("a").prove("a", "签收单.pdf").outcome("a")
    assert "签收单（李某）.pdf" in reasons(outcome)


@pytest.mark.parametrize(("names", "dated"), [("签收单.pdf", None), ("签收单.pdf", dt.date(2026, 2, 11)), ("签收单.pdf", "老早")])
def test_evidence_needs_a_date_of_its_own_that_has_come(clerk: Clerk, names: str, dated: Any) -> None:
    (clerk.folder / "签收单.pdf").write_bytes(PDF)
    assert clerk.done("a").prove("a", names, dated).outcome("a").outcome == "refused"


def test_a_workbook_with_twenty_thousand_rows_of_nothing_is_read(clerk: Clerk) -> None:
    sheet = clerk.done("a").book["整改反馈"]
    sheet.cell(20_000, 9).value = "  "
    assert clerk.send_back().count("taken") == 1
