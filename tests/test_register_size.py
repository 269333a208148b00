"""A register of a whole city: what is read in short, or worked out in a process of its own, tells the same as the slow way.

How fast it is tells `python tests/bench_register.py`; here nothing is timed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from register_cases import AS_OF, LATER, ORGANISATIONS, OTHER_VILLAGE, WAY, finding, run, staffed, step, walk
from test_register_events import tamper
from typer.testing import CliRunner

from auditlib.cli.issues import issues_app
from auditlib.issues import folding
from auditlib.issues.events import Kind
from auditlib.issues.lists import deadline_list
from auditlib.issues.overview import by_pressure
from auditlib.issues.register import Register

FINDINGS = (
    finding("a"), finding("b", severity="red"), finding("c", org_code=OTHER_VILLAGE, org_name="下河村"), finding("d", rule="F02"),
    finding("e", severity="blue"),
)  # fmt: skip


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """Five issues, each at another point: a deadline set, closed, declined, raised."""
    opened = staffed(tmp_path / "register.db", *FINDINGS)
    first, second, third, *_ = opened.issues(AS_OF)
    walk(opened, first.issue_id, WAY)
    step(opened, second, Kind.CLOSED)
    step(opened, third, Kind.DECLINED)
    return opened


@pytest.mark.parametrize("as_of", [AS_OF, LATER])
def test_issues_in_short_stand_in_the_same_order_and_tell_the_same(register: Register, as_of: object) -> None:
    lines, issues = register.overview(as_of), register.issues(as_of)  # type: ignore[arg-type]
    for name in ("issue_id", "org_code", "state", "severity", "rule", "is_open", "days_left"):
        assert [getattr(line, name) for line in lines] == [getattr(issue, name) for issue in issues], name
    assert [line.is_proposed for line in lines] == [issue.set_deadline is None for issue in issues]
    assert [line.issue_id for line in by_pressure(lines)] == [row.issue_id for row in deadline_list(issues)]
    assert register.these([line.issue_id for line in lines], as_of) == issues  # type: ignore[arg-type]


def test_a_list_that_is_cut_says_so_and_counts_them_all(register: Register) -> None:
    where = ["--register", register.shown, "--as-of", AS_OF.isoformat()]
    shown = CliRunner().invoke(issues_app, ["list", "--list", "deadline", "--limit", "2", *where])
    rows = deadline_list(register.issues(AS_OF))
    assert "（5 件" in shown.output and "前 2 件，共 5 件" in shown.output and "未销号 3 件，已办结 2 件" in shown.output
    assert [row.issue_id in shown.output for row in rows] == [True, True, False, False, False]
    told = json.loads(CliRunner().invoke(issues_app, ["list", "--limit", "2", "--json", *where]).output)
    assert (len(told["issues"]), told["total"]) == (2, 5)
    whole = json.loads(CliRunner().invoke(issues_app, ["list", "--limit", "0", "--json", *where]).output)
    assert len(whole["issues"]) == 5 and "total" not in whole


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: nothing is worked out beside")
def test_a_process_beside_finds_the_same_states_that_do_not_fit(register: Register) -> None:
    path = Path(register.shown)
    other = folding.beside(path, folding.WORTH_IT)
    assert other is not None and other.stale() == ()
    wrong = register.issues(AS_OF)[0].issue_id
    tamper(register, f"UPDATE auditlib_streams SET deadline = '2030-01-01' WHERE stream = '{wrong}'")
    other = folding.beside(path, folding.WORTH_IT)
    assert other is not None and other.stale() == register.check().stale == (wrong,)
    assert folding.beside(path, 10) is None and folding.beside(None, folding.WORTH_IT) is None


def test_a_process_beside_that_fails_is_told_as_such(tmp_path: Path) -> None:
    other = folding.beside(tmp_path / "none" / "register.db", folding.WORTH_IT)
    assert other is None or other.stale() is None


def test_a_run_recorded_again_leaves_no_trace_in_the_chain(register: Register) -> None:
    before, closed = register.head(), {ref for issue in register.issues(AS_OF) if issue.state == "closed" for ref in issue.finding_ids}
    again = [found for found in FINDINGS if found.finding_id not in closed]  # a closed one found again is opened again
    outcome = run(register, *again, checks=(), organisations=ORGANISATIONS)
    assert (len(outcome.seen), outcome.changed, register.head()) == (4, (), before)
