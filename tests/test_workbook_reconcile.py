"""The reconciliation page, driven without a browser: filters, the bank statement, an answer about names and what the rerun makes of it.

Judge of what a browser would make of hostile names: Python's html.parser; of the statement: the statements that the audit itself kept.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from names_county import ALIKE, HOSTILE, WEST, names_county

from auditlib.audit import Audit, run_audit
from auditlib.issues.register import Register
from auditlib.matching.name_decisions import read_decisions
from auditlib.reports.match_groups import LINES
from auditlib.reports.reconciled import reconciliations
from auditlib.reports.working_paper_matches import match_page, match_result
from auditlib.words.records import BankReconciliation, Match, OpenItem
from auditlib.workbook import ReconcileView
from auditlib.workbook.frames import view_for
from auditlib.workbook.reconcile import PAGE

AT = dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC)
EAST = "990401101201"


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += [tag, *(name for name, _ in attrs)]

    def handle_data(self, data: str) -> None:
        self.said += data


def shown(view: ReconcileView) -> _Page:
    parts = (view.counts, view.list, view.statements, view.names.list, view.names.message, view.message)
    return _Page("".join(p.value for p in parts))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Audit]:
    folder = tmp_path_factory.mktemp("reconcile")
    audit = run_audit(names_county(folder), folder / "out", today=AT.date(), at=AT)
    assert not audit.run.errors
    with Register.open_existing(folder / "out" / "register.db") as register:
        register.add_person("李审计", name="李审计", role="lead", by="李审计", at=AT)
    return folder, audit


@pytest.fixture
def place(template: tuple[Path, Audit], tmp_path: Path) -> tuple[Path, Audit]:
    """A county with its results in `out` beside it, and the audit that made them."""
    shutil.copytree(template[0], tmp_path / "here")
    return tmp_path / "here", template[1]


def opened(place: tuple[Path, Audit], audit: Audit | None = None) -> ReconcileView:
    folder, made = place
    view = ReconcileView(audit or made, folder / "汀岚县", folder / "out", now=lambda: AT)
    view.acting.who.value = "李审计"
    return view


def _match(n: int, left: str = "", right: str = "", how: str = "key", difference: str | None = None) -> Match:
    return Match("journal__bank_statement", EAST, left or f"记-{n}", right, how, Decimal(difference) if difference else None)


def with_matches(audit: Audit, *matches: Match, statements: tuple[BankReconciliation, ...] = ()) -> Audit:
    return replace(audit, run=replace(audit.run, matches=matches, statements=statements))


def test_what_did_not_agree_is_shown_first_and_every_kind_can_be_chosen(place: tuple[Path, Audit]) -> None:
    kinds = (
        _match(1, right="r1"), _match(2, right="r2", difference="5"), _match(3), replace(_match(4), left="", right="r4"),
        _match(5, right="r5", how="amount+date (tie)"),
    )  # fmt: skip
    view = opened(place, with_matches(place[1], *kinds))
    assert len(view.matches) == 4
    assert {m.state for m in view.matches} == {"differing", "left_only", "right_only", "ambiguous"}
    for state in ("matched", "differing", "left_only", "right_only", "ambiguous"):
        view.state.value = state
        assert [m.state for m in view.matches] == [state]
    view.state.value = ""
    assert len(view.matches) == 5
    view.text.value = "r4"
    assert [m.right for m in view.matches] == ["r4"]


def test_pages_reach_every_item_and_say_how_many_there_are(place: tuple[Path, Audit]) -> None:
    view = opened(place, with_matches(place[1], *(_match(n) for n in range(PAGE + 3))))
    assert f"共 {PAGE + 3} 项" in shown(view).said
    view.on.click()
    assert f"第 {PAGE + 1}—{PAGE + 3} 项" in shown(view).said
    view.on.click()  # there is no third page
    assert view.page == 1
    view.back.click()
    assert view.page == 0


def test_lines_that_could_be_exchanged_stand_as_one_group_and_not_as_pairs(place: tuple[Path, Audit]) -> None:
    tie = "amount+date (tie)"
    of_group = (
        replace(_match(1, right="行-1", how=tie), group="6228 1"), replace(_match(2, right="行-2", how=tie), group="6228 1"),
        replace(_match(3, how="unmatched", difference="50"), group="6228 1"),
    )  # fmt: skip
    view = opened(place, with_matches(place[1], *of_group, _match(4, right="行-4", difference="5")))
    said = shown(view).said
    assert len(view.items) == 2 and "共 2 项" in said and "任何一种配法都说得通" in said
    assert "左 3 笔、右 2 笔：左边有 1 笔在右边没有，但说不清是哪一笔" in said
    view.state.value = "left_only"  # which of the three stays over is chance: the whole group is shown
    assert [len(item) for item in view.items] == [3] and "行-1" in shown(view).said
    view.state.value = "differing"
    assert "任何一种配法" not in shown(view).said


def test_reports_and_working_papers_show_such_lines_as_a_group_too(place: tuple[Path, Audit]) -> None:
    tie = "amount+date (tie)"
    of_group = tuple(replace(_match(n, right=f"行-{n}", how=tie), group="6228 1") for n in (1, 2))
    alone = _match(4, right="行-4", difference="5")
    audit = with_matches(place[1], *of_group, alone)
    view = view_for(audit, "zh")
    book = str(reconciliations(view, audit.run.matches))
    _, page = match_page(view, match_result(view, alone.reconciliation, (), audit.run.matches, {}), {}, frozenset())
    paper = "".join(str(section.body) for section in page.sections)
    for text in (book, paper):
        assert "左右各 2 笔，笔数和金额都相符" in text and "成组列出的 1 组" in text
        assert "<li>记-1" in text and "<li>行-1" in text and "<td>记-1" not in text, "no line of a group stands in a pair"
        assert "记-4" in text and "<li>记-4" not in text


def test_a_large_group_says_how_many_lines_it_does_not_list(place: tuple[Path, Audit]) -> None:
    many = (replace(_match(n, right=f"行-{n}", how="amount+date (tie)"), group="6228 1") for n in range(LINES + 3))
    said = shown(opened(place, with_matches(place[1], *many))).said
    assert said.count("另有 3 笔") == 2 and f"左右各 {LINES + 3} 笔" in said


def test_the_statement_stands_with_its_open_items_and_why_they_were_not_paired(place: tuple[Path, Audit]) -> None:
    zero = Decimal(0)
    day, name = dt.date(2025, 12, 1), f"6228 {HOSTILE}"
    item = OpenItem("bank", day, name, "手续费", Decimal("-12.00"), 30, None, "amount", "记-9 2025-12-01", 100)
    statement = BankReconciliation(
        EAST, "6228", dt.date(2025, 12, 31), Decimal(88), Decimal(100), zero, zero, zero, Decimal(12), zero, (item,)
    )
    view = opened(place, with_matches(place[1], _match(1), statements=(statement,)))
    page = shown(view)
    assert "12.00" in page.said and "记-9" in page.said and HOSTILE in page.said
    view.org.value = EAST
    assert "6228" in shown(view).said
    without = opened(place, with_matches(place[1], _match(1)))
    assert "没有可以编调节表" in shown(without).said


def test_an_answer_is_written_with_who_and_when_and_the_rerun_follows_it(place: tuple[Path, Audit]) -> None:
    view = opened(place)
    assert [(a.left, a.right) for a in view.names.asked] == [(ALIKE, WEST)]
    view.names.why.value = "看过两村合同"
    view.names.same.click()
    (answer,) = read_decisions(place[0] / "汀岚县").values()
    assert (answer.same, answer.by, answer.on, answer.why) == (True, "李审计", "2026-02-03", "看过两村合同")
    assert "李审计 · 2026-02-03" in shown(view).said
    view.again.click()  # no loop here: it audits and comes back
    assert "已按认定重新核对" in shown(view).said
    mine = [m for m in view.audit.run.matches if m.reconciliation == "claims__claims"]
    assert [(m.state, m.difference) for m in mine] == [("differing", Decimal("3000.00"))]
    again = opened(place, view.audit)  # the page opened anew knows it all
    assert [a.state for a in again.names.asked] == ["same"]


def test_a_refused_pair_is_gone_after_the_rerun_which_leaves_the_page_alive(place: tuple[Path, Audit]) -> None:
    view = opened(place)
    view.names.why.value = "邻县的村"
    view.names.different.click()

    async def press() -> None:
        view.again.click()
        assert view.task is not None
        await view.task

    asyncio.run(press())
    assert not [m for m in view.audit.run.matches if m.state == "ambiguous"]
    assert view.again.disabled is False


@pytest.mark.parametrize(("who", "why", "says"), [("", "x", "谁在操作"), ("李审计", " ", "先写依据")])
def test_without_a_person_or_grounds_nothing_is_written(place: tuple[Path, Audit], who: str, why: str, says: str) -> None:
    view = opened(place)
    view.acting.who.value = who
    view.names.why.value = why
    view.names.same.click()
    assert says in shown(view).said
    assert read_decisions(place[0] / "汀岚县") == {}


def test_hostile_names_stay_text_everywhere(place: tuple[Path, Audit]) -> None:
    asked = Match("claims__claims", EAST, f"{HOSTILE}甲乙", f"{HOSTILE}甲炳", "suggested (choice)", None, 1, 0)
    view = opened(place, with_matches(place[1], asked, _match(1, left=HOSTILE, how=HOSTILE)))
    view.names.why.value = HOSTILE
    view.names.same.click()
    page = shown(view)
    assert page.said.count(HOSTILE) >= 5
    assert not {"img", "script", "onerror"} & set(page.elements)


def test_a_county_in_which_nothing_meets_says_so(place: tuple[Path, Audit]) -> None:
    page = shown(opened(place, with_matches(place[1])))
    assert "没有两本可以互相核对的账" in page.said and "没有要认定的名称" in page.said
