"""Findings and reconciliations in a real browser: filter, sort, choose and accept by keyboard; names confirmed and reconciled anew.

The register's and the county's own files judge what was written; axe-core (WCAG 2.1 A and AA) judges the pages.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from names_county import ALIKE, HOSTILE, WEST, names_county

from auditlib.issues.register import Register
from auditlib.matching.name_decisions import read_decisions

pytestmark = pytest.mark.browser
LEAD = "李组长"
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A village with findings, hostile text in its ledger, and a name that is only alike."""
    return names_county(tmp_path_factory.mktemp("county"))


@pytest.fixture
def desk(lab: Any, nb: Any) -> Any:
    with Register.open(lab.audited / "register.db") as register:
        if not register.people():
            register.add_person(LEAD, name=LEAD, role="lead", by=LEAD, at=NOW)
    return nb


def choose(nb: Any, label: str, text: str) -> None:
    """Chooses the option that contains `text` in the last list called `label`: the view's own, below that of the page."""
    field = nb.page.get_by_label(label, exact=True).last
    option = field.locator("option").filter(has_text=text).first
    field.select_option(value=option.get_attribute("value"))


def test_a_finding_is_found_chosen_and_accepted_by_keyboard(desk: Any) -> None:
    from playwright.sync_api import expect

    desk.open("20_checks.ipynb", timeout=150)  # Great Expectations takes its second look in there
    page = desk.page
    choose(desk, "操作人", LEAD)
    grid = page.locator(".auditlib-grid")
    grid.scroll_into_view_if_needed()
    field = grid.get_by_label("筛选 规则", exact=True)
    field.focus()
    page.keyboard.type("D0")
    expect(grid.get_by_role("status")).to_contain_text("共 2 条")
    grid.get_by_role("button", name="规则", exact=True).focus()
    page.keyboard.press("Enter")
    expect(grid.locator("th[data-column=rule]")).to_have_attribute("aria-sort", "ascending")
    expect(grid.locator("tbody tr").first).to_contain_text("D01")
    grid.locator("tbody tr[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(grid.locator("tr[aria-selected=true]")).to_contain_text("D03")
    expect(page.get_by_text("原表前后几行").last).to_be_visible()
    expect(page.get_by_text(HOSTILE).first).to_be_attached()  # as text
    assert page.locator(".jp-OutputArea img[src=x]").count() == 0
    desk.picture("w2_triage_1300")
    accept = page.get_by_role("button", name="受理", exact=True)
    accept.focus()
    page.keyboard.press("Enter")
    confirm = page.get_by_role("button", name="确认").first
    expect(confirm).to_be_visible()
    confirm.focus()
    page.keyboard.press("Enter")
    expect(grid.locator("tr[aria-selected=true]")).to_contain_text("已受理")
    finding = desk.py("print(triage.finding.finding_id)")
    with Register.open_existing(desk.lab.out / "register.db") as register:
        (issue,) = [i for i in register.issues(NOW.date()) if finding in i.finding_ids]
        assert str(issue.state) == "accepted" and register.events(issue.issue_id)[-1].actor == LEAD
    assert desk.violations(".auditlib-grid") == []
    desk.at_width(800).picture("w2_triage_800")


def test_a_name_is_confirmed_and_the_rerun_follows_it(desk: Any) -> None:
    from playwright.sync_api import expect

    desk.open("30_reconcile.ipynb")
    page = desk.page
    choose(desk, "操作人", LEAD)
    expect(page.get_by_text(ALIKE).first).to_be_attached()
    desk.picture("w2_reconcile_1300")
    page.get_by_label("依据", exact=True).fill("看过两村合同")
    page.keyboard.press("Tab")  # the field tells what it holds when it is left
    page.get_by_role("button", name="是一家", exact=True).click()
    expect(page.get_by_text("已记下").first).to_be_attached()
    (answer,) = read_decisions(desk.lab.county).values()
    assert (answer.same, answer.by, answer.why) == (True, LEAD, "看过两村合同")
    page.get_by_role("button", name="按认定重新核对").click()
    expect(page.get_by_text("已按认定重新核对").first).to_be_attached(timeout=90_000)
    assert desk.py("print([m.state for m in view.audit.run.matches if m.reconciliation == 'claims__claims'])") == "['differing']"
    assert desk.violations() == []
    desk.at_width(800).picture("w2_reconcile_800")
    assert WEST in desk.said()
