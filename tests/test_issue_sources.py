"""一个口子进: complaints, hotline tickets, inspections, other audits and requests for help come in from lists.

Published practice: one inlet for every source (南昌县); one hour to the first answer on the hotline (水富); every one of 2,147
requests for help has a taker or is named as waiting (点单—接单—买单, 南昌市).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from issue_cases import Story, at
from register_cases import AS_OF, AT, ORGANISATIONS, OTHER_VILLAGE, VILLAGE, finding, run

from auditlib.issues.events import Kind
from auditlib.issues.policy import load_clock
from auditlib.issues.register import Register
from auditlib.issues.sources import Intake, Taken, help_requests, read_matters, source_kinds, take_in
from auditlib.issues.stages import stages_of
from auditlib.words.errors import RegisterError

LIST = """青禾县 12345 热线工单（2026年1月）
工单编号,来源,被反映单位,诉求内容,来电时间,涉及金额,紧急程度,来电人电话
20260131-01,热线,上河村,路灯费重复收取,2026-01-31 09:30,"1,200.50",紧急,13800000000
20260131-02,12345,下河村村委会,账目三个月没有公开,2026/1/30 08:05:30,,,13900000000

20260131-03,热线,上河村一组,机耕路占地没有补偿,2026年1月29日,3.5万,一般,
"""


@pytest.fixture
def register(tmp_path: Path) -> Register:
    opened = Register.open(tmp_path / "register.db")
    run(opened, finding(), organisations=ORGANISATIONS)
    opened.add_person("组长", name="组长", role="lead", by="组长", at=AT)
    return opened


def sent(
    register: Register, tmp_path: Path, text: str = LIST, source: str = "", at: dt.datetime = AT, name: str = "清单.csv"
) -> tuple[Intake, Taken]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    read = read_matters(
        path, source=source, organisations=register.organisations(), issues=register.issues(AS_OF), clock=load_clock(), at=at
    )
    return read, take_in(register, read, by="组长", at=at)


def test_a_hotline_list_becomes_issues_with_place_money_gravity_and_time_of_receipt(register: Register, tmp_path: Path) -> None:
    read, taken = sent(register, tmp_path)
    found = {i.source_no: i for i in register.issues(AS_OF) if i.source == "hotline"}
    assert len(taken.raised) == 3 and taken.refused == () and set(taken.raised) == {i.issue_id for i in found.values()}
    told = [(i.org_code, i.amount, i.severity, i.title) for _, i in sorted(found.items())]
    assert told == [
        (VILLAGE, Decimal("1200.50"), "orange", "路灯费重复收取"), (OTHER_VILLAGE, None, "yellow", "账目三个月没有公开"),
        (VILLAGE + "01", Decimal("35000.00"), "yellow", "机耕路占地没有补偿"),
    ]  # fmt: skip
    assert [i.raised_at for _, i in sorted(found.items())] == [
        dt.datetime(2026, 1, 31, 1, 30, tzinfo=dt.UTC), dt.datetime(2026, 1, 30, 0, 5, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 1, 28, 16, 0, tzinfo=dt.UTC),
    ]  # fmt: skip
    assert read.columns_left == ("来电人电话",)
    assert not any("13800000000" in str(event.payload) for event in register.events())  # who complained stays with the hotline


def test_the_hour_runs_from_the_call_and_not_from_the_entry(register: Register, tmp_path: Path) -> None:
    sent(register, tmp_path)
    late = next(i for i in register.issues(AS_OF) if i.source_no == "20260131-02")
    register.act(late.issue_id, Kind.ACCEPTED, by="组长", at=AT + dt.timedelta(minutes=5))
    standing = next(
        s
        for s in stages_of(register.events(late.issue_id), clock=load_clock(), at=AT + dt.timedelta(days=1))
        if s.stage == "first_response"
    )
    assert standing.is_late and standing.since == dt.datetime(2026, 1, 30, 0, 5, 30, tzinfo=dt.UTC)


def test_the_same_list_twice_changes_nothing(register: Register, tmp_path: Path) -> None:
    sent(register, tmp_path)
    head = register.head()
    read, taken = sent(register, tmp_path, at=AT + dt.timedelta(days=1))
    assert (taken.raised, len(read.known), read.differing, register.head()) == ((), 3, (), head)


def test_a_known_number_that_says_something_else_now_is_named_and_changes_nothing(register: Register, tmp_path: Path) -> None:
    sent(register, tmp_path)
    head = register.head()
    read, _ = sent(register, tmp_path, LIST.replace("路灯费重复收取", "路灯费收了三次"))
    ((one, issue_id),) = read.differing
    assert (one.matter.title, register.head()) == ("路灯费收了三次", head)
    assert next(i.title for i in register.issues(AS_OF) if i.issue_id == issue_id) == "路灯费重复收取"


def test_the_same_number_of_another_source_is_another_matter(register: Register, tmp_path: Path) -> None:
    text = "编号,来源,单位,问题\n1,信访,上河村,甲\n1,巡察,上河村,甲\n1,信访,上河村,甲\n"
    read, taken = sent(register, tmp_path, text)
    assert (len(taken.raised), len(read.known)) == (2, 1)
    assert {i.source for i in register.issues(AS_OF)} == {"audit", "complaint", "inspection"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("1,热线,火星村,某,2026-01-30,", "火星村"),
        ("1,热线,上河村,某,2026-02-30,", "2026-02-30"),
        ("1,热线,上河村,某,2026-02-28 10:00,", "之后"),
        ("1,热线,上河村,某,2026-01-30,约五百", "约五百"),
        ("1,朋友圈,上河村,某,2026-01-30,", "朋友圈"),
        ("1,热线,上河村,,2026-01-30,", "问题内容"),
        (",热线,上河村,某,2026-01-30,", "编号"),
        ("1,,上河村,某,2026-01-30,", "--source"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_with_place_and_reason_and_stops_no_other(
    register: Register, tmp_path: Path, row: str, told: str
) -> None:
    _, taken = sent(register, tmp_path, f"编号,来源,单位,内容,日期,金额\n{row}\n2,热线,上河村,好,2026-01-30,5\n")
    (refused,) = taken.refused
    assert len(taken.raised) == 1 and refused.row == 2 and told in refused.told("zh") and refused.told("en") != refused.told("zh")
    assert "清单.csv" in refused.told("zh") and "第 2 行" in refused.told("zh")


def test_what_the_register_refuses_is_told_with_its_row(register: Register, tmp_path: Path) -> None:
    register.add_person("村干", name="村干", role="village", org_code=OTHER_VILLAGE, by="组长", at=AT)
    path = tmp_path / "求助.csv"
    path.write_text("编号,单位,需求内容\n1,上河村,要测绘\n2,下河村,要律师\n", encoding="utf-8")
    read = read_matters(path, source="request", organisations=register.organisations(), issues=(), clock=load_clock(), at=AT)
    taken = take_in(register, read, by="村干", at=AT)
    assert (len(taken.raised), [r.row for r in taken.refused]) == (1, [2]) and VILLAGE in taken.refused[0].told("zh")


def test_lists_come_as_workbooks_too_with_several_sheets(register: Register, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["说明", "本表由县审计局提供"])
    sheet = book.create_sheet("问题")
    sheet.append(["序号", "问题编号", "被审计单位", "审计发现的问题", "发现的问题", "金额（元）", "发现日期", "定性依据"])
    sheet.append([1, "SJ-001", "上河村", "", "虚列支出", 12000, dt.datetime(2026, 1, 15), "会计法 第9条"])
    book.save(tmp_path / "审计.xlsx")
    read = read_matters(
        tmp_path / "审计.xlsx", source="other_audit", organisations=register.organisations(), issues=(), clock=load_clock(), at=AT
    )
    (one,) = read.new
    assert (one.matter.title, one.matter.amount, one.matter.basis, one.matter.line) == ("虚列支出", "12000.00", "会计法 第9条", "行业监管")
    assert read.sheets_without_head == ("Sheet",)


def test_an_unknown_source_and_a_file_without_list_are_refused_with_what_to_do(register: Register, tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="complaint"):
        sent(register, tmp_path, source="rumour")
    with pytest.raises(RegisterError, match="表头须有这些列"):
        sent(register, tmp_path, "甲,乙\n1,2\n")
    assert set(source_kinds()) == {"complaint", "hotline", "inspection", "other_audit", "request", "objection", "hand"}


# Requests for help


def test_a_request_goes_from_asking_to_taking_to_paying_to_done(register: Register, tmp_path: Path) -> None:
    sent(register, tmp_path, "编号,单位,需求内容,申请人\nX1,上河村,请人测绘鱼塘,李主任\nX2,下河村,请律师看合同,王主任\n", source="request")
    first = next(i for i in register.issues(AS_OF) if i.source_no == "X1")
    register.add_person("测绘队", name="测绘队", role="department", by="组长", at=AT)
    register.act(first.issue_id, Kind.ACCEPTED, by="组长", at=AT)
    register.act(first.issue_id, Kind.ASSIGNED, by="组长", at=AT, owner="县测绘队", deadline="2026-03-01")
    register.act(first.issue_id, Kind.STARTED, by="测绘队", at=AT)
    register.act(first.issue_id, Kind.HANDLED, by="测绘队", at=AT, done="测绘 12 亩", cost="1500.00")
    waiting, taken = help_requests(register.issues(AS_OF), register.events())
    assert (waiting.number, waiting.asked_by, waiting.is_waiting, waiting.taker) == ("X2", "王主任", True, "")
    assert (taken.number, taken.asked_by, taken.taker, taken.cost, taken.is_waiting) == (
        "X1",
        "李主任",
        "县测绘队",
        Decimal("1500.00"),
        False,
    )


def test_each_of_2147_requests_has_a_taker_or_is_named_as_waiting() -> None:
    story = Story()
    for n in range(2147):
        story.tell(str(n), Kind.RAISED, at("2026-01-04"), source="request", source_no=str(n))
        if n % 3:
            story.tell(str(n), Kind.ASSIGNED, at("2026-01-05"), owner="某服务队")
    rows = help_requests(story.issues("2026-02-01"), story.events)
    waiting = [row for row in rows if row.is_waiting]
    assert (len(rows), len(waiting)) == (2147, 716) and rows[:716] == tuple(waiting) and all(r.taker for r in rows[716:])
