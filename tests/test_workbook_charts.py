"""Charts of the workbook: every number is the number of rows that it opens, and can be read without seeing the picture.

The judge of each number is a plain count over the findings or issues; WCAG 2.1 (1.1.1, 1.4.1) asks for the text beside the picture.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from names_county import HOSTILE, names_county

from auditlib.audit import Audit, run_audit
from auditlib.issues.issue import ENDED, Issue, State
from auditlib.reports.kept_run import run_before
from auditlib.words.records import CheckResult
from auditlib.workbook import FindingCharts, FollowUpView, IssueBoard, TriageView
from auditlib.workbook.chart_panel import ChartPanel
from auditlib.workbook.charts import (
    COMPARED,
    Cell,
    Chart,
    ageing,
    before_and_after,
    closure_curve,
    compared,
    townships_by_type,
    value_by_status,
)

AT = dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC)
DAY = dt.date(2026, 2, 3)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return names_county(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def audit(county: Path) -> Audit:
    return run_audit(county, county.parent / "out", today=DAY, at=AT)


def _cells(chart: Chart) -> list[Cell]:
    return [cell for line in chart.lines for cell in line.cells]


# ---- findings


def test_every_finding_stands_in_one_cell_of_the_heat_map(audit: Audit) -> None:
    chart = townships_by_type(audit)
    assert sorted(i for c in _cells(chart) for i in c.ids) == sorted(f.finding_id for f in audit.run.findings)
    counted = Counter(f.rule for f in audit.run.findings)
    for column, rule in enumerate(chart.heads):
        assert sum(len(line.cells[column].ids) for line in chart.lines) == counted[rule]
    assert all(c.text == (f"{len(c.ids):,}" if c.ids else "") for c in _cells(chart))
    assert max(c.share for c in _cells(chart)) == 1.0


def test_before_and_after_tell_what_is_gone_from_what_was_not_looked_for(audit: Audit) -> None:
    first = audit.run.findings[0]
    second = next(f for f in audit.run.findings if (f.rule, f.org_code) != (first.rule, first.org_code))
    others = [f for f in audit.run.findings if f not in (first, second)]
    left = replace(
        audit.run, findings=tuple(others), checks=(*(c for c in audit.run.checks if (c.rule, c.org_code) != (second.rule, second.org_code)),
        CheckResult(second.rule, second.org_code, second.ledger, "could_not_run")),
    )  # fmt: skip
    parts = compared(replace(audit, run=left), audit.run)
    assert [f.finding_id for f in parts["gone"]] == [first.finding_id]
    assert [f.finding_id for f in parts["not_looked"]] == [second.finding_id]
    assert {f.finding_id for f in parts["still"]} == {f.finding_id for f in others} and not parts["new"]
    chart = before_and_after(replace(audit, run=left), audit.run)
    for column, part in enumerate(COMPARED):
        assert sum(len(line.cells[column].ids) for line in chart.lines) == len(parts[part])


def test_the_books_of_another_year_or_an_earlier_day_show_nothing_as_gone(audit: Audit) -> None:
    """The register judges so, too: a voucher of last year is not in this year's journal."""
    empty = replace(audit.run, findings=())
    assert compared(replace(audit, run=empty), audit.run)["gone"]
    for other in (
        replace(empty, fiscal_year=audit.run.fiscal_year + 1), replace(empty, as_of=audit.run.as_of - dt.timedelta(days=1)),
        replace(empty, county="邻县"),
    ):  # fmt: skip
        parts = compared(replace(audit, run=other), audit.run)
        assert not parts["gone"] and len(parts["not_looked"]) == len({f.finding_id for f in audit.run.findings})


def test_the_run_before_is_kept_until_something_else_is_audited(tmp_path: Path) -> None:
    county, out = names_county(tmp_path), tmp_path / "out"
    first = run_audit(county, out, today=DAY, at=AT)
    assert run_before(out, first.run.workspace) is None
    run_audit(county, out, today=DAY, at=AT)
    assert run_before(out, first.run.workspace) is None, "the same once more is nothing to compare with"
    run_audit(county, out, today=DAY, at=AT, as_of=dt.date(2025, 12, 31))
    run_audit(county, out, today=DAY, at=AT, as_of=dt.date(2025, 12, 31))
    assert run_before(out, first.run.workspace) == first.run
    assert run_before(out, "another county") is None


def test_a_cell_of_the_start_page_opens_its_findings_in_the_grid(audit: Audit) -> None:
    view = FindingCharts(audit)
    assert view.grid is None
    row, column, cell = next((r, c, x) for r, line in enumerate(view.panel.chart.lines) for c, x in enumerate(line.cells) if x.ids)
    view.panel.picture.chosen = f"{row},{column}"
    assert view.grid in view.box.children and view.grid.total == len(cell.ids)
    assert cell.name in view.panel.told.value
    view.panel.everything.click()
    assert view.grid not in view.box.children and view.panel.opened is None


def test_a_cell_narrows_the_list_of_the_village_page_and_lets_it_go_again(county: Path, audit: Audit) -> None:
    view = TriageView(audit, county, audit.index.parent, now=lambda: AT)
    everything = view.grid.total
    view.charts.picture.chosen = "0,0"
    cell = view.charts.opened
    assert cell is not None and view.grid.total == len(cell.ids) < everything
    view.grid.chosen = "0"
    assert view.finding is not None and view.finding.finding_id in cell.ids
    view.charts.everything.click()
    assert view.grid.total == everything and view.grid.chosen == ""


@pytest.mark.parametrize("sent", ["", "9,9", "0", "-1,0", "0,-1", "a,b", "0,0,0", "٣,0", "0,99999999999"])
def test_whatever_the_page_sends_opens_nothing_strange(audit: Audit, sent: str) -> None:
    opened: list[Cell | None] = []
    panel = ChartPanel(opened.append)
    panel.show((townships_by_type(audit),))
    panel.picture.chosen = sent
    assert panel.opened is None and opened == []


# ---- issues


@pytest.fixture(scope="module")
def issues(audit: Audit) -> tuple[Issue, ...]:
    """The issues of the audit with other dates: some overdue by much, some closed on the way, one declined."""
    made = []
    for n in range(20):
        issue = replace(audit.issues[n % len(audit.issues)], issue_id=f"WT-{n:02}")
        raised = DAY - dt.timedelta(days=10 * n)
        ended = {0: State.CLOSED, 1: State.DECLINED}.get(n % 5, issue.state)
        closed = min(raised + dt.timedelta(days=3), DAY) if ended is State.CLOSED else None
        made.append(replace(issue, raised_on=raised, state=ended, closed_on=closed, days_left=20 - 17 * n, amount=Decimal(n) / 4))
    return tuple(made)


def test_ageing_counts_every_open_issue_once_and_its_money(issues: tuple[Issue, ...]) -> None:
    chart = ageing(issues)
    still = [i for i in issues if i.state not in ENDED]
    assert sorted(i for line in chart.lines for i in line.cells[0].ids) == sorted(i.issue_id for i in still)
    assert sum(Decimal(line.cells[1].text.replace(",", "")) for line in chart.lines) == sum(i.amount for i in still)
    late = {i.issue_id for i in still if i.days_left < 0}
    assert {i for line in chart.lines[2:] for i in line.cells[0].ids} == late
    assert f"逾期 {len(late)} 件" in chart.told


def test_value_by_status_adds_up_to_the_money_of_all_issues(issues: tuple[Issue, ...]) -> None:
    chart = value_by_status(issues)
    assert sum(Decimal(line.cells[0].text.replace(",", "")) for line in chart.lines) == sum(i.amount for i in issues)
    assert sum(int(line.cells[1].text) for line in chart.lines) == len(issues)


def test_the_closure_curve_ends_where_the_register_stands_and_never_goes_down(issues: tuple[Issue, ...]) -> None:
    chart = closure_curve(issues, DAY)
    raised, closed, still = ([int(line.cells[n].text) for line in chart.lines] for n in range(3))
    counted = [i for i in issues if i.state is not State.DECLINED]
    assert (raised[-1], closed[-1]) == (len(counted), sum(i.state is State.CLOSED for i in counted))
    assert raised == sorted(raised) and closed == sorted(closed)
    assert [r - c for r, c in zip(raised, closed, strict=True)] == still
    ends = [dt.date.fromisoformat(line.label) for line in chart.lines]
    assert ends == sorted(ends) and ends[-1] == DAY and ends[0] <= min(i.raised_on for i in counted)


def test_a_long_story_has_months_and_no_more_than_two_years_of_them(issues: tuple[Issue, ...]) -> None:
    old = (replace(issues[0], raised_on=dt.date(2019, 1, 31)), *issues[1:])
    chart = closure_curve(old, DAY)
    ends = [dt.date.fromisoformat(line.label) for line in chart.lines]
    assert len(ends) == 24 and all((e + dt.timedelta(days=1)).day == 1 for e in ends[:-1])
    assert old[0].issue_id in chart.lines[0].cells[0].ids, "what lies before the first point is counted in it"


def test_no_issues_at_all_are_charts_too() -> None:
    for chart in (ageing((), "en"), value_by_status((), "en"), closure_curve((), DAY, "en")):
        assert chart.told and not any(c.ids for c in _cells(chart))


def test_a_bar_of_the_issues_page_lists_its_issues_in_whatever_state(county: Path, audit: Audit) -> None:
    board = IssueBoard(county, audit.index.parent, now=lambda: AT)
    board.charts.which.value = "status"
    board.state.value = "closed"
    assert not board.issues
    board.charts.picture.chosen = "0,1"
    assert board.charts.opened is not None
    assert {i.issue_id for i in board.issues} == set(board.charts.opened.ids)
    board.refresh()
    assert {i.issue_id for i in board.issues} == set(board.charts.opened.ids), "a refresh keeps the bar open"
    board.charts.everything.click()
    assert not board.issues


def test_a_bar_of_the_follow_up_page_lists_its_issues(county: Path, audit: Audit) -> None:
    view = FollowUpView(county, audit.index.parent, now=lambda: AT)
    cell = next((r, c) for r, line in enumerate(view.charts.chart.lines) for c, x in enumerate(line.cells) if x.ids)
    view.charts.picture.chosen = f"{cell[0]},{cell[1]}"
    assert view.charts.opened is not None and {i.issue_id for i in view.issues} == set(view.charts.opened.ids)


# ---- for those who do not see the picture


class _Tables(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_text_beside_the_picture_holds_every_number_and_no_markup_of_the_ledgers(audit: Audit, language: str) -> None:
    hostile = replace(audit, run=replace(audit.run, organisations=tuple(replace(o, name=HOSTILE) for o in audit.run.organisations)))
    view = FindingCharts(hostile, language=language)
    page = _Tables(view.panel.static)
    assert page.elements["table"] == len(view.panel.charts) and page.elements["script"] == page.elements["img"] == 0
    assert HOSTILE in page.said
    for chart in view.panel.charts:
        assert chart.told in page.said and all(c.text in page.said for c in _cells(chart))
        assert all(c.name for c in _cells(chart)), "a button without a name"
