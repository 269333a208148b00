"""The life of an issue in a real browser: two people at two desks lead it from raised to closed.

The way is that of expectations/issues/transitions.yaml (受理—指派—处置—反馈—核查—销号); accessibility is judged by axe-core
(WCAG 2.1 A and AA).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.issues.closing import kinds_needed
from auditlib.issues.issue import Issue, State
from auditlib.issues.register import Register

pytestmark = pytest.mark.browser
PDF = b"%PDF-1.7 paid back"
TOWN, AUDITOR = "镇经办", "审计甲"


@pytest.fixture
def desks(lab: Any, new_nb: Any) -> tuple[Any, Any]:
    """The issues page at two desks, each in a browser and a kernel of its own."""
    now = dt.datetime.now(dt.UTC)
    with Register.open(lab.audited / "register.db") as register:
        if not register.people():
            register.add_person("组长", name="组长", role="lead", by="组长", at=now)
            for person, role in ((TOWN, "township"), (AUDITOR, "auditor")):
                register.add_person(person, name=person, role=role, by="组长", at=now)
    town, auditor = new_nb(), new_nb()
    for nb, person in ((town, TOWN), (auditor, AUDITOR)):
        nb.open("50_issues.ipynb")
        choose(nb, "操作人", person)
    return town, auditor


def choose(nb: Any, label: str, text: str) -> None:
    """Chooses the option of a list that holds `text`."""
    box = nb.page.get_by_label(label, exact=True)
    box.wait_for()
    value = box.locator("option").filter(has_text=text).first.get_attribute("value")
    box.select_option(value)


def press(nb: Any, name: str) -> None:
    nb.page.get_by_role("button", name=name, exact=True).click()


def told(nb: Any, text: str) -> None:
    from playwright.sync_api import expect

    expect(nb.page.get_by_role("status").filter(has_text=text).first).to_be_visible()


def step(nb: Any, name: str, **said: str) -> None:
    """One step by its button, its form filled in by the labels of the fields."""
    press(nb, name)
    for label, text in said.items():
        nb.page.get_by_label(label).fill(text)
    press(nb, f"确认{name}")
    told(nb, f"“{name}”已登记")


def absent(nb: Any, name: str) -> bool:
    return nb.page.get_by_role("button", name=name, exact=True).count() == 0


def hand_in(nb: Any, tmp_path: Path, kinds: int) -> None:
    """Evidence of each kind that closing waits for, which stands first in the list of kinds."""
    paper = tmp_path / "回单.pdf"
    paper.write_bytes(PDF)
    for _ in range(kinds):
        press(nb, "提交佐证")
        with nb.page.expect_file_chooser() as chosen:
            nb.page.get_by_role("button", name="选择佐证文件 (0)", exact=True).click()
        chosen.value.set_files(paper)
        nb.page.get_by_role("button", name="选择佐证文件 (1)", exact=True).wait_for()
        nb.page.get_by_label("佐证本身的日期 *").fill("2026-01-20")
        nb.page.keyboard.press("Tab")
        press(nb, "确认提交佐证")
        told(nb, "“提交佐证”已登记")


def an_issue(register: Register) -> Issue:
    """One that asks for no money and that no ledger can show to be put right: it can be closed on the same ledgers."""
    from auditlib.issues.closing import load_closing, money_open, needs_no_rerun

    policy = load_closing()
    every = register.issues(dt.date.today())
    fit = [i for i in every if i.state is State.RAISED and not money_open(i, policy) and needs_no_rerun(i, policy)]
    return min(fit, key=lambda i: (len(kinds_needed(i, load_catalog().rules)), i.issue_id))


def test_two_people_lead_an_issue_from_raised_to_closed(lab: Any, desks: tuple[Any, Any], tmp_path: Path) -> None:
    town, auditor = desks
    with Register.open(lab.out / "register.db") as register:
        issue = an_issue(register)
    for nb in desks:
        nb.page.get_by_label("查找").fill(issue.issue_id)
        nb.page.keyboard.press("Enter")
        told(nb, "：1 件")
        choose(nb, "打开问题", issue.issue_id)
        nb.page.get_by_role("button", name="受理", exact=True).wait_for()
    assert absent(auditor, "销号") and absent(town, "销号")
    step(town, "受理")
    press(auditor, "受理")  # the auditor's page does not know it yet
    press(auditor, "确认受理")
    told(auditor, "已经有人先动过")
    told(auditor, f"{TOWN}：受理")
    step(town, "指派", **{"责任单位或责任人 *": "上河村委会"})
    step(town, "开始处置")
    step(town, "处置", **{"做了什么 *": "已补办手续"})
    step(town, "反馈", **{"结果 *": "已整改"})
    hand_in(town, tmp_path, len(kinds_needed(issue, load_catalog().rules)))
    assert absent(town, "核查")
    press(auditor, "刷新")
    step(auditor, "核查", **{"结果 *": "属实", "现场看到的情况": "到村查看，已改"})
    auditor.picture("issues_verified")
    assert not auditor.violations()
    step(auditor, "销号")
    auditor.at_width(800).picture("issues_closed_800")
    with Register.open(lab.out / "register.db") as register:
        closed = register.issue(issue.issue_id, dt.date.today())
        assert closed is not None and closed.state is State.CLOSED and register.verify().is_whole
        assert {e.actor for e in register.events(issue.issue_id)} == {"auditlib", TOWN, AUDITOR}
        assert [register.evidence(ref.sha256) for ref in closed.evidence] == [PDF] * len(closed.evidence)
    auditor.open("60_follow_up.ipynb")  # loaded anew: everything is where it was
    choose(auditor, "看什么", "待回访")
    choose(auditor, "打开问题", issue.issue_id)
    step(auditor, "回访")
    auditor.at_width(1300).picture("follow_up_1300")
