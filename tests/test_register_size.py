"""A register of a whole city: what is read in short, or worked out in a process of its own, tells the same as the slow way.

How fast it is tells `python tests/bench_register.py`; here nothing is timed.
"""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path

import pytest
from register_cases import AS_OF, AT, LATER, ORGANISATIONS, OTHER_VILLAGE, WAY, finding, papers, run, staffed, step, walk
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
    seen = {"result": "属实", "seen_on_site": "三处公示栏已张贴"}
    walk(opened, second.issue_id, WAY, papers(second.rule), (("审计甲", Kind.VERIFIED, seen),))
    step(opened, opened.these([second.issue_id], AS_OF)[0], Kind.CLOSED)
    opened.act(third.issue_id, Kind.DECLINE_ASKED, by="审计甲", at=AT, reason="镇里统一代收")
    opened.act(third.issue_id, Kind.DECLINED, by="审计乙", at=AT)
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


# What each does to the register, and what `check` then tells: the same, whether in one walk or shared out over the cores
TAMPERED = {
    "edit": "UPDATE auditlib_events SET actor = 'x' WHERE seq = 3",
    "removal": "DELETE FROM auditlib_events WHERE seq = 5",
    "reorder": "UPDATE auditlib_events SET seq = CASE seq WHEN 3 THEN -1 WHEN 4 THEN 3 ELSE seq END WHERE seq IN (3, 4)",
    "another author of a signed kind": "UPDATE auditlib_events SET signature = 'ed25519:00:AA==' WHERE seq = 2",
    "a blob for a text": "UPDATE auditlib_events SET payload = CAST(payload AS BLOB) WHERE seq = 4",
    "a link that leads elsewhere": "UPDATE auditlib_events SET previous_hash = 'x' WHERE seq = 6",
    "the kept state": "UPDATE auditlib_streams SET deadline = '2030-01-01' WHERE stream LIKE 'WT-%'",
    "one sign of a kept text": """UPDATE auditlib_streams SET facts = replace(facts, '"last_at":"2', '"last_at":"3')
    WHERE stream LIKE 'WT-%'""",
    "a number too long for a machine": """UPDATE auditlib_streams
    SET facts = replace(facts, '"last_at":', '"more":123456789012345678901,"last_at":') WHERE stream LIKE 'WT-%'""",
    "a kept text that is no JSON": "UPDATE auditlib_streams SET facts = facts || '}' WHERE stream LIKE 'WT-%'",
    "a kept text without end": f"UPDATE auditlib_streams SET facts = '{'[' * 100_000}' WHERE stream LIKE 'WT-%'",
    "a state of nothing": "INSERT INTO auditlib_streams SELECT 'WT-9', family, version, org_code, state, facts, '', '', '', '' "
    "FROM auditlib_streams LIMIT 1",
}


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: nothing is worked out beside")
@pytest.mark.parametrize("change", TAMPERED)
def test_what_does_not_fit_is_told_the_same_in_one_walk_and_shared_out(
    register: Register, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tamper(register, TAMPERED[change])
    in_one = register.check()
    monkeypatch.setattr(folding, "WORTH_IT", 1)
    assert register.check() == in_one and not in_one.is_whole


def test_a_kept_text_that_says_the_same_in_other_signs_fits(register: Register) -> None:
    tamper(register, """UPDATE auditlib_streams SET facts = replace(facts, '"last_at":', ' "last_at" : ') WHERE stream LIKE 'WT-%'""")
    assert register.check().is_whole


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: nothing is worked out beside")
def test_a_whole_register_is_walked_past_by_all_parts_once(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    heads = [event.hash for event in register.events()]
    in_one = register.check(heads[4])
    monkeypatch.setattr(folding, "WORTH_IT", 1)
    assert register.check(heads[4]) == in_one and in_one.is_whole and in_one.chain.events == len(heads)
    assert register.check("0" * 64).chain == register.verify("0" * 64)
    with register.reading() as connection:
        spans = [folding.walk(folding.asking(connection), [span]) for span in range(folding.SPANS)]
        with folding.begun_beside(Path(register.shown), len(heads)) as walk_with_others:
            assert walk_with_others is not None
            shared = walk_with_others(folding.asking(connection))
    assert sum(walked.events for walked in spans) == len(heads) and all(walked.is_sealed and not walked.stale for walked in spans)
    assert shared is not None and sum(walked.events for walked in shared) == len(heads)


def test_a_process_beside_that_fails_is_told_as_such(tmp_path: Path) -> None:
    with closing(folding.Draw()) as draw:
        assert folding.Beside(tmp_path / "none" / "register.db", draw.descriptor).found() is None


def test_a_run_recorded_again_leaves_no_trace_in_the_chain(register: Register) -> None:
    before, closed = len(register.events()), {ref for i in register.issues(AS_OF) if i.state == "closed" for ref in i.finding_ids}
    again = [found for found in FINDINGS if found.finding_id not in closed]  # a closed one found again is opened again
    outcome = run(register, *again, checks=(), organisations=ORGANISATIONS)
    assert (len(outcome.seen), outcome.changed) == (4, ())
    assert [str(event.kind) for event in register.events()[before:]] == ["run_taken_in"]  # it looked at other things, so it is told
    head = register.head()
    run(register, *again, checks=(), organisations=ORGANISATIONS)
    assert register.head() == head
