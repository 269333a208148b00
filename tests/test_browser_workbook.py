"""An auditor's day in a real browser, from the empty start page to a closed issue; by keyboard where it says so.

One county and one page, which the tests go through in their order; a colleague sits at a second JupyterLab on the same register.
Nothing is read from a file, the register or the page before the kernel has done what was pressed: `press` and `choose` wait for
that, `until` and `expect` for what is drawn or written later. Authorities:
WCAG 2.1 A and AA as axe-core tests them; the county's and the register's own files for what was written;
expectations/issues/transitions.yaml (受理—指派—处置—反馈—核查—销号) for the way of an issue.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lab_browser import NB, WORKBOOK, Lab, desks, running_lab, seconds_told
from lab_county import CONTRACTS, UNKNOWN, lab_county
from names_county import ALIKE, HOSTILE

from auditlib.catalog.load import load_catalog
from auditlib.intake.mapping import load_mappings
from auditlib.issues.closing import kinds_needed
from auditlib.issues.issue import Issue, State
from auditlib.issues.register import Register
from auditlib.matching.name_decisions import read_decisions
from auditlib.reports.kept_run import BEFORE

pytestmark = pytest.mark.browser
LEAD, TOWN = "王审计", "镇经办"
PDF = b"%PDF-1.7 put right"
REASON = "租户就是合同的乙方，问过村会计"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lab_county(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def colleague(chromium: Any, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NB]:
    """The second desk: a JupyterLab, browser and kernels of its own on the same county, results and register."""
    with running_lab(lab.county, lab.out, tmp_path_factory.mktemp("second")) as theirs, desks(chromium, theirs) as make:
        yield make()


def choose(nb: NB, label: str, text: str) -> None:
    """Chooses the option that holds `text` in the last list called `label`: the view's own, below that of the page."""
    field = nb.page.locator("select:visible").and_(nb.page.get_by_label(label, exact=True)).last
    option = field.locator("option").filter(has_text=text).first
    option.wait_for(state="attached")
    field.select_option(value=option.get_attribute("value"))
    nb.settled()


def button(nb: NB, name: str) -> Any:
    return nb.page.locator("button:visible").and_(nb.page.get_by_role("button", name=name, exact=True)).last


def press(nb: NB, name: str) -> None:
    """A click, and back when the kernel has done what it does."""
    button(nb, name).click()
    nb.settled()


def enter(nb: NB, name: str) -> None:
    """As `press`, by keyboard."""
    button(nb, name).focus()
    nb.page.keyboard.press("Enter")
    nb.settled()


def field(nb: NB, label: str) -> Any:
    """The last field called so: the view's own, below that of the page."""
    return nb.page.locator("input:visible, textarea:visible, select:visible").and_(nb.page.get_by_label(label, exact=True)).last


def told(nb: NB, text: str) -> None:
    nb.page.locator("[role=status]:visible").filter(has_text=text).first.wait_for()


def step(nb: NB, name: str, **said: str) -> None:
    """One step by its button, its form filled in by the labels of the fields."""
    press(nb, name)
    for label, text in said.items():
        field(nb, label).fill(text)
    press(nb, f"确认{name}")
    told(nb, f"“{name}”已登记")


def absent(nb: NB, name: str) -> bool:
    return nb.page.locator("button:visible").and_(nb.page.get_by_role("button", name=name, exact=True)).count() == 0


def is_text_only(nb: NB) -> bool:
    """Whether the hostile text of the ledgers comes to stand on the page as text and made nothing of itself."""
    nb.until(lambda: HOSTILE in nb.said())
    return nb.page.locator("img[src=x]").count() == 0


def upload(nb: NB, name: str, *paths: Path) -> None:
    with nb.page.expect_file_chooser() as chosen:
        button(nb, f"{name} (0)").click()
    chosen.value.set_files(list(paths) if len(paths) > 1 else paths[0])
    nb.page.get_by_role("button", name=f"{name} ({len(paths)})", exact=True).wait_for()
    nb.settled()


def text_in(path: Path) -> str:
    """What a file holds, '' before it is there."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


# ---- morning: the start page


def test_the_start_page_opens_run_and_audits_nothing_by_itself(desk: NB) -> None:
    desk.open("00_start.ipynb")
    print(f"ready {seconds_told(desk.lab):.1f} s after the command")
    assert desk.was_run("00_start.ipynb")
    desk.until(lambda: desk.page.get_by_text("还没有审计。按上面的“开始审计”").count() >= 6)
    assert not desk.lab.out.exists()
    assert desk.page.locator(".jp-InputArea-editor:visible").count() == 0, "code is to be seen"
    desk.page.get_by_role("menuitem", name="文件").wait_for()  # the menus are Chinese
    assert desk.violations() == []
    desk.picture("00_start_1300")


def test_chinese_is_drawn_with_a_font_that_has_it(desk: NB) -> None:
    """A missing glyph is the same box for every character: twelve characters must be drawn in twelve ways."""
    drawn = desk.page.evaluate("""() => { const draw = c => { const e = document.createElement('canvas'); e.width = e.height = 40;
      const x = e.getContext('2d'); x.font = '30px ' + getComputedStyle(document.querySelector('.auditlib-wb')).fontFamily;
      x.fillText(c, 2, 32); return e.toDataURL() }; return [...'审计村镇账户贰佰亩圩垚塆'].map(draw) }""")
    assert len(set(drawn)) == 12


def test_the_first_person_enters_the_register_and_acts(desk: NB) -> None:
    desk.page.get_by_label("姓名", exact=True).fill(LEAD)
    press(desk, "登记为审计组长")
    desk.page.get_by_text("当前操作人：").wait_for()
    assert desk.py("from auditlib.workbook import acting_person; print(acting_person())") == LEAD


def test_choices_are_written_at_once(desk: NB) -> None:
    field(desk, "会计年度").fill("2025")
    press(desk, "标准和限额（不改就用县里的）")
    field(desk, "库存现金限额").fill("3000")
    field(desk, "截止日").fill("2026-01-15")
    field(desk, "截止日").press("Tab")
    press(desk, "标准和限额（不改就用县里的）")
    state, wanted = desk.lab.out / "workbook.json", {"2026-01-15", '"3000"', "2025,"}
    desk.until(lambda: all(w in text_in(state) for w in wanted))
    assert LEAD not in text_in(state), "who acts is known at this desk alone"


# ---- what came in


def test_a_sheet_is_settled_and_read_so_from_then_on(desk: NB) -> None:
    desk.open_beside("10_intake.ipynb")
    desk.until(lambda: Path(UNKNOWN).name in desk.said())  # the table stands among those that are open
    choose(desk, "文件", UNKNOWN)
    sheet = desk.page.locator("table.sheet")
    sheet.get_by_text("MM-1", exact=True).wait_for()
    kinds = dict(sheet.locator("tbody tr").evaluate_all("rows => rows.map(r => [r.className, r.querySelector('.kind')?.innerText])"))
    colours = dict(sheet.locator("tbody tr").evaluate_all("rows => rows.map(r => [r.className, getComputedStyle(r).backgroundColor])"))
    assert len(kinds) >= 2 and all(kinds.values()), "every kind of row is named in words"
    assert len(set(colours.values())) == len(colours), "and has a colour of its own"
    choose(desk, "是哪种台账", "合同台账")
    field(desk, "表头在第几行").fill("3")  # a wrong row first: the page shows what would come of it
    press(desk, "保存并重读")
    desk.page.get_by_text("已保存").first.wait_for()
    sheet.locator("tr.k-header", has_text="MM-1").wait_for()
    field(desk, "表头在第几行").fill("2")
    press(desk, "保存并重读")
    sheet.locator("tr.k-header", has_text="档号").wait_for()
    answers = {
        "A 档号": "contract_no", "B 名头": " name", "C 租户": "party_b", "D 一年收多少": "annual_rent", "E 打头日子": "starts_on",
        "F 收尾日子": "ends_on",
    }  # fmt: skip
    for column, asked in answers.items():
        choose(desk, column, asked)
    # ipywidgets holds back what a field says while the kernel works, and would let a press of a button overtake it
    assert desk.page.evaluate("() => window.auditlibInOrder")
    field(desk, "理由").focus()
    desk.busy(1.5)
    desk.page.keyboard.type(REASON)  # a message a character: all but the first are held back
    press(desk, "保存并重读")

    def mapped() -> list[Any]:
        return [m.columns.get("租户") for m in load_mappings(desk.lab.county, load_catalog()).entries]

    desk.until(lambda: mapped() == ["party_b"])  # 乙方 stood in the head before: it was suggested
    (mapping,) = load_mappings(desk.lab.county, load_catalog()).entries
    assert (mapping.ledger, mapping.made_by, mapping.why) == ("contracts", LEAD, REASON)
    assert {mapping.columns[column.split()[1]] for column in answers} == {answer.strip() for answer in answers.values()}
    sheet.locator("thead").get_by_text("乙方").first.wait_for()
    assert desk.violations() == []
    desk.picture("10_intake_1300")
    desk.at_width(800).picture("10_intake_800")


# ---- the audit


def test_the_keyboard_alone_starts_an_audit_and_a_reload_shows_its_results(desk: NB) -> None:
    desk.at_width(1300).open_beside("00_start.ipynb")
    page = desk.page
    field(desk, "会计年度").focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "开始审计":
            break
    page.keyboard.press("Enter")
    page.locator(".auditlib-wb .verdict").first.wait_for(timeout=240_000)
    _shows_the_results(desk)
    with (desk.lab.out / "sources.csv").open(encoding="utf-8-sig", newline="") as stream:
        (settled,) = [row for row in csv.DictReader(stream) if row["file"] == UNKNOWN]
    assert (settled["ledger"], settled["rows_read"]) == ("contracts", "8"), "the answer of the intake page was used"
    desk.at_width(800).open("00_start.ipynb")
    _shows_the_results(desk)
    desk.until(lambda: "下面是上一次审计的结果" in desk.said())
    assert is_text_only(desk)
    assert desk.violations() == []


def test_choices_are_there_again_after_a_reload(desk: NB) -> None:
    from playwright.sync_api import expect

    expect(field(desk, "截止日")).to_have_value("2026-01-15")
    expect(field(desk, "会计年度")).to_have_value("2025")
    assert desk.py("print(view.parameters['cash_limit'].value)") == "3000"
    expect(desk.page.locator("[role=status] strong").first).to_contain_text(LEAD)


def _shows_the_results(desk: NB) -> None:
    from playwright.sync_api import expect

    with (desk.lab.out / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        count = len(list(csv.DictReader(stream)))
    assert count > 20, "more than a page of the grid holds"
    desk.page.get_by_text(f"发现 / findings · 共 {count} 行").wait_for()
    expect(desk.page.locator(".figure.lead dd").first).to_have_text(f"{count:,}")
    desk.until(lambda: "截至 2026-01-15" in desk.said() and "cash_limit = 3000" in desk.said())


def test_on_a_narrow_screen_nothing_is_cut_off(desk: NB) -> None:
    verdict = desk.page.locator(".auditlib-wb .verdict").first
    verdict.scroll_into_view_if_needed()
    desk.picture("00_start_audited_800")
    needed, given = verdict.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert needed <= given
    right, edge = verdict.evaluate("e => [e, e.closest('.jp-OutputArea-output')].map(x => x.getBoundingClientRect().right)")
    assert right <= edge + 1, "the verdict reaches beyond the page because a table below it is wide"
    words = desk.page.locator(".figure.lead dt").first.bounding_box()
    assert words and words["width"] > words["height"], "the words of a figure stand one under the other"


def test_a_cell_of_the_chart_opens_its_findings_by_keyboard(desk: NB) -> None:
    desk.at_width(1300)
    chart = desk.page.locator(".auditlib-chart")
    chart.scroll_into_view_if_needed()
    chart.locator("button[tabindex='0']").focus()
    desk.page.keyboard.press("ArrowRight")
    label, count = desk.page.evaluate("() => [document.activeElement.ariaLabel, Number(document.activeElement.textContent)]")
    desk.page.keyboard.press("Enter")
    grid = desk.page.locator(".auditlib-grid")
    grid.get_by_role("status").filter(has_text=f"共 {count} 条").wait_for()
    told(desk, f"下面只列：{label.rsplit('：', 1)[0]}")
    assert desk.violations(".auditlib-chart") == []
    desk.picture("00_start_charts_1300")


def test_a_file_that_came_since_the_audit_is_named(desk: NB) -> None:
    added = desk.lab.county / "新到的合同台账.csv"
    added.write_text("合同编号,合同名称\nHT-1,商铺\n", encoding="utf-8")
    assert desk.py("from auditlib.workbook import StartView; print(StartView().message.value)").count(added.name) == 1
    added.unlink()


def test_a_saved_notebook_holds_no_results_and_a_foreign_one_keeps_its_own(desk: NB) -> None:
    own = desk.lab.county / WORKBOOK / "00_start.ipynb"
    before = json.loads(own.read_bytes())["cells"]
    desk.save()
    assert json.loads(own.read_bytes())["cells"] == before
    assert not any(c.get("outputs") for c in before)


# ---- findings


def test_a_finding_is_found_chosen_and_accepted_by_keyboard(desk: NB) -> None:
    from playwright.sync_api import expect

    written = (desk.lab.out / "run.json").stat().st_mtime_ns
    desk.open_beside("20_checks.ipynb")
    assert desk.was_run("20_checks.ipynb") and (desk.lab.out / "run.json").stat().st_mtime_ns == written, "the last audit is taken"
    page = desk.page
    grid = page.locator(".auditlib-grid:visible")
    grid.get_by_label("筛选 规则", exact=True).focus()
    page.keyboard.type("D0")
    desk.until(lambda: desk.py("print(triage.grid.query['filters'])") == "{'rule': 'D0'}")  # the grid waits for the end of the typing
    expect(grid.locator("tbody tr").filter(has_not_text="D0")).to_have_count(0)
    grid.get_by_role("button", name="规则", exact=True).focus()
    page.keyboard.press("Enter")
    expect(grid.locator("th[data-column=rule]")).to_have_attribute("aria-sort", "ascending")
    grid.locator("tbody tr[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    grid.locator("tr[aria-selected=true]").wait_for()
    page.get_by_text("原表前后几行").last.wait_for()
    assert is_text_only(desk)
    desk.picture("20_checks_1300")
    enter(desk, "受理")
    enter(desk, "确认受理")
    expect(grid.locator("tr[aria-selected=true]")).to_contain_text("已受理")
    enter(desk, "指派")
    field(desk, "责任单位或责任人 *").focus()
    page.keyboard.type("新寨村委会")
    page.keyboard.press("Tab")
    enter(desk, "确认指派")
    expect(grid.locator("tr[aria-selected=true]")).to_contain_text("已指派")
    finding = desk.py("print(triage.finding.finding_id)")
    with Register.open_existing(desk.lab.out / "register.db") as register:
        (issue,) = [i for i in register.issues(dt.date.today()) if finding in i.finding_ids]
        assert (str(issue.state), issue.assigned_to, register.events(issue.issue_id)[-1].actor) == ("assigned", "新寨村委会", LEAD)
    assert desk.violations() == []
    desk.at_width(800).picture("20_checks_800")


# ---- two books


def test_a_name_is_confirmed_and_the_rerun_follows_it(desk: NB) -> None:
    desk.at_width(1300).open_beside("30_reconcile.ipynb")
    page = desk.page
    page.get_by_text(ALIKE).first.wait_for(state="attached")
    group = page.locator(".auditlib-wb:visible tr").filter(has_text="说不清是哪一笔")
    assert [group.locator("td").nth(side).locator("li").count() for side in (2, 3)] == [3, 2], "as a group, no pair is claimed"
    group.scroll_into_view_if_needed()
    desk.picture("30_reconcile_group_1300")
    page.locator("input:visible").and_(page.get_by_label("依据", exact=True)).fill("看过两村合同")
    press(desk, "是一家")
    page.get_by_text("已记下").first.wait_for(state="attached")
    desk.until(lambda: len(read_decisions(desk.lab.county)) == 1)
    (answer,) = read_decisions(desk.lab.county).values()
    assert (answer.same, answer.by, answer.why) == (True, LEAD, "看过两村合同")
    press(desk, "按认定重新核对")
    page.get_by_text("已按认定重新核对").first.wait_for(state="attached", timeout=180_000)
    desk.settled()
    assert desk.py("print([m.state for m in view.audit.run.matches if m.reconciliation == 'claims__claims'])") == "['differing']"
    assert desk.violations() == []
    desk.picture("30_reconcile_1300")
    desk.at_width(800).picture("30_reconcile_800")


# ---- an issue, from raised to closed, by two people


def _twice(register: Register) -> Issue:
    """The issue of a contract that stands twice: it is put right in the ledger."""
    every = [i for i in register.issues(dt.date.today()) if i.rule == "D03" and i.state is State.RAISED and "HT-05" in "".join(i.records)]
    return every[0]


def _open_issue(nb: NB, issue_id: str) -> None:
    search = nb.page.locator("input:visible").and_(nb.page.get_by_label("查找")).last
    search.fill(issue_id)
    search.press("Enter")
    nb.settled()
    told(nb, "：1 件")
    choose(nb, "打开问题", issue_id)


def test_two_people_lead_an_issue_and_a_conflict_is_told(desk: NB, colleague: NB, tmp_path: Path) -> None:
    register_file = desk.lab.out / "register.db"
    with Register.open(register_file) as register:
        register.add_person(TOWN, name=TOWN, role="township", by=LEAD, at=dt.datetime.now(dt.UTC))
        issue = _twice(register)
    desk.at_width(1300).open_beside("50_issues.ipynb")
    colleague.open("50_issues.ipynb")
    assert "还没有选操作人" in colleague.said(), "who sits at the other desk is no choice for this one"
    choose(colleague, "操作人", TOWN)
    choose(desk, "操作人", LEAD)  # the choice of the other desk is not this one's
    for nb in (desk, colleague):
        _open_issue(nb, issue.issue_id)
        button(nb, "受理").wait_for()
    assert absent(desk, "销号") and absent(colleague, "销号"), "nothing is closed that nobody took up"
    step(colleague, "受理")
    press(desk, "受理")  # this page does not know it yet
    press(desk, "确认受理")
    told(desk, "已经有人先动过")
    told(desk, f"{TOWN}：受理")
    step(colleague, "指派", **{"责任单位或责任人 *": "新寨村委会"})
    step(colleague, "开始处置")
    paper = tmp_path / "回单.pdf"
    paper.write_bytes(PDF)
    kinds = kinds_needed(issue, load_catalog().rules)
    for given in range(1, len(kinds) + 1):
        press(colleague, "提交佐证")
        upload(colleague, "选择佐证文件", paper)
        field(colleague, "佐证本身的日期 *").fill(dt.date.today().isoformat())
        colleague.page.keyboard.press("Tab")
        press(colleague, "确认提交佐证")
        told(colleague, "“提交佐证”已登记")
        colleague.until(lambda given=given: len(_papers(register_file, issue.issue_id)) == given)
    assert _papers(register_file, issue.issue_id) == [PDF] * len(kinds)
    assert desk.violations() == []
    desk.picture("50_issues_1300")


def _papers(register_file: Path, issue_id: str) -> list[bytes | None]:
    with Register.open_existing(register_file) as register:
        now = register.issue(issue_id, dt.date.today())
        return [register.evidence(e.sha256) for e in now.evidence] if now else []


def test_the_village_answers_in_an_excel_form(desk: NB, colleague: NB, tmp_path: Path) -> None:
    choose(colleague, "发给", "新寨村")
    press(colleague, "生成反馈表")
    with colleague.page.expect_download() as saved:
        colleague.page.locator("a[download$='.xlsx']").last.click()
    form = tmp_path / "反馈表.xlsx"
    saved.value.save_as(form)
    book = openpyxl.load_workbook(BytesIO(form.read_bytes()))
    with Register.open_existing(desk.lab.out / "register.db") as register:
        (issue,) = [i for i in register.issues(dt.date.today()) if i.assigned_to == "新寨村委会" and "HT-05" in "".join(i.records)]
    _fill_in(book, issue.issue_id)
    book.save(form)
    upload(colleague, "选择填好的反馈表", form)
    press(colleague, "收回")
    told(colleague, "收下 1 行")
    with Register.open_existing(desk.lab.out / "register.db") as register:
        now = register.issue(issue.issue_id, dt.date.today())
        assert now is not None and now.state is State.REPORTED_BACK
    assert absent(colleague, "核查"), "who reported back does not verify"


def _fill_in(book: Any, issue_id: str) -> None:
    """What the village writes into the row of its issue."""
    for sheet in book.worksheets:
        rows = list(sheet.iter_rows())
        heads = next((r for r in rows if any(c.value == "办理情况" for c in r)), None)
        row = next((r for r in rows if any(str(c.value) == issue_id for c in r)), None)
        if heads is None or row is None:
            continue
        told_by = {"办理情况": "已整改", "采取的措施和结果": "重复登记的合同已经删去", "完成日期": dt.date.today(), "填报人": "村会计"}
        for head, cell in zip(heads, row, strict=True):
            cell.value = told_by.get(str(head.value), cell.value)
        return
    raise AssertionError("the form has no row for the issue")


def test_the_ledger_is_put_right_the_rerun_says_so_and_the_issue_is_closed(desk: NB, colleague: NB) -> None:
    ledger = desk.lab.county / CONTRACTS
    lines = ledger.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    kept = [line for n, line in enumerate(lines) if not (line.startswith("HT-05") and lines[n - 1].startswith("HT-05"))]
    assert len(kept) == len(lines) - 1
    ledger.write_text("".join(kept), encoding="utf-8-sig")
    desk.open_beside("00_start.ipynb")
    press(desk, "开始审计")
    desk.until(lambda: desk.py("print(view.task is not None and view.task.done() and view.error is None)") == "True", 240)
    assert (desk.lab.out / BEFORE).exists()
    choose(desk, "看哪张图", "前后两次审计对比")
    desk.page.locator(".auditlib-chart").get_by_text("不再查出").first.wait_for()
    desk.picture("00_start_compared_1300")
    desk.open_beside("60_follow_up.ipynb")
    choose(desk, "操作人", LEAD)
    choose(desk, "看什么", "已反馈、待核查")
    with Register.open_existing(desk.lab.out / "register.db") as register:
        (issue,) = [i for i in register.issues(dt.date.today()) if i.state is State.FOR_VERIFICATION]
    choose(desk, "打开问题", issue.issue_id)
    step(desk, "核查", **{"结果 *": "台账已核对，HT-05 只登记一次"})
    desk.picture("60_follow_up_1300")
    assert desk.violations() == []
    step(desk, "销号")
    with Register.open_existing(desk.lab.out / "register.db") as register:
        closed = register.issue(issue.issue_id, dt.date.today())
        assert closed is not None and closed.state is State.CLOSED and register.verify().is_whole
        assert {TOWN, LEAD} <= {e.actor for e in register.events(issue.issue_id)}
    desk.at_width(800).picture("60_follow_up_800")
    press(colleague, "刷新")
    colleague.at_width(800).picture("50_issues_800")


# ---- evening: the report, and what else must hold


def test_the_report_is_chosen_read_and_written_anew(desk: NB) -> None:
    before = (desk.lab.out / "index.html").read_bytes()
    desk.at_width(1300).open_beside("90_report.ipynb")
    press(desk, "按问题台账现状重写报告")
    desk.until(lambda: (desk.lab.out / "index.html").read_bytes() != before)
    assert desk.violations() == [] and desk.page.locator("img[src=x]").count() == 0
    desk.picture("90_report_1300")
    desk.at_width(800).picture("90_report_800")


def test_everything_is_there_again_after_a_reload(desk: NB) -> None:
    desk.at_width(1300).open("50_issues.ipynb")
    choose(desk, "状态", "全部")
    told(desk, "已销号 1 件")
    desk.page.locator("[role=status]:visible strong").filter(has_text=LEAD).first.wait_for()


def test_a_grid_of_a_million_rows_is_live(desk: NB) -> None:
    """The seconds to the first rows, to a sorted page and to a filtered one are printed; no machine's speed is asserted."""
    frame = (
        "import numpy as np, pandas as pd\nfrom auditlib.workbook.grid import Column, paging_grid\n"
        "frame = pd.DataFrame({'no': np.arange(1_000_000)[::-1], 'amount': np.arange(1_000_000) % 9973})\n"
        "columns = (Column('no', '编号', 'num'), Column('amount', '金额', 'num'))"
    )
    _write_notebook(desk.lab.county / WORKBOOK / "百万行.ipynb", frame, "paging_grid(frame, columns, '清单')")
    desk.open_beside("百万行.ipynb")
    desk.py(frame)
    seconds = []
    grid = desk.page.locator(".auditlib-grid:visible")

    def until_shown(text: str, act: Any) -> None:
        began = time.monotonic()
        act()
        grid.locator("tbody tr").first.get_by_text(text, exact=True).first.wait_for()
        seconds.append(time.monotonic() - began)

    until_shown("999999", lambda: desk.run_cell(1))
    until_shown("0", lambda: grid.get_by_role("button", name="编号", exact=True).click())
    until_shown("999000", lambda: grid.get_by_label("筛选 编号", exact=True).fill("999000"))
    print("a million rows: first rows {:.2f} s, sorted {:.2f} s, filtered {:.2f} s".format(*seconds))
    grid.get_by_role("status").filter(has_text="共 1 条").wait_for()


def test_a_foreign_notebook_is_only_shown_even_after_it_was_run_and_saved(desk: NB) -> None:
    ran, path = desk.lab.county / "ran.txt", desk.lab.county / WORKBOOK / "外来.ipynb"
    _write_notebook(path, f"open({str(ran)!r}, 'w').close(); print('its own result')")
    desk.open_beside("外来.ipynb")
    assert not desk.was_run("外来.ipynb") and not ran.exists()
    desk.run_all()
    assert ran.exists(), "the notebook would write the file, were it run"
    ran.unlink()
    desk.save()
    assert "its own result" in path.read_text(encoding="utf-8"), "what others keep in their notebooks is theirs"
    desk.open("外来.ipynb")
    assert not desk.was_run("外来.ipynb") and not ran.exists()


def test_modules_lying_beside_the_notebooks_are_not_imported(desk: NB) -> None:
    (desk.lab.county / WORKBOOK / "planted.py").write_text("", encoding="utf-8")
    assert "ModuleNotFoundError" in desk.py("import planted")


def test_the_server_listens_here_only_and_its_token_is_in_no_log(lab: Lab) -> None:
    log = lab.log.read_text(encoding="utf-8")
    assert lab.base.removeprefix("http://") in log and not re.search(r"0\.0\.0\.0", log)
    assert lab.token not in log


def _write_notebook(path: Path, *cells: str) -> None:
    shipped = json.loads((path.parent / "00_start.ipynb").read_text(encoding="utf-8"))
    cell = next(c for c in shipped["cells"] if c["cell_type"] == "code")
    made = [{**cell, "id": f"cell-{n}", "source": code} for n, code in enumerate(cells)]
    path.write_text(json.dumps({**shipped, "cells": made}), encoding="utf-8")
