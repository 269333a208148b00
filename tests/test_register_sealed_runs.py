"""What a run looked at stands in the chain: its line in a table cannot be changed in silence, and no made-up run closes an issue.

Outside authority: SHA-256 (FIPS 180-4) over the events; 销号 asks for a rerun on the ledgers now submitted (the mission's M3).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from register_cases import (
    AS_OF,
    AT,
    CLEAN,
    MONEY_BACK,
    ORGANISATIONS,
    PDF,
    VERIFIED,
    VILLAGE,
    WAY,
    before_runs_were_sealed,
    check,
    finding,
    papers,
    run,
    staffed,
    walk,
)  # fmt: skip
from test_register_keeping import rewritten

from auditlib.issues import exchange, store
from auditlib.issues.events import RUN, Draft, Kind
from auditlib.issues.issue import State
from auditlib.issues.refusal import StepRefused
from auditlib.issues.register import Register, append
from auditlib.issues.runs import checks_hash
from auditlib.words.errors import RegisterError


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """Two runs: one that found income not booked (F02), and the same again."""
    with staffed(tmp_path / "register.db", finding(rule="F02")) as opened:
        run(opened, finding(rule="F02"), organisations=ORGANISATIONS)
        yield opened


def past_the_program(register: Register, *statements: str) -> None:
    connection = sqlite3.connect(register.shown)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def refused(register: Register, kind: Kind, person: str = "审计甲") -> list[str]:
    (issue,) = register.issues(AS_OF)
    what = {"result": "属实"} if kind is Kind.VERIFIED else {}
    with pytest.raises(StepRefused) as caught:
        register.act(issue.issue_id, kind, by=person, at=AT, **what)
    assert caught.value.told("zh") != caught.value.told("en")
    return [each.key.removeprefix("issues.refused.") for each in caught.value.reasons]


def ready(register: Register) -> str:
    (issue,) = register.issues(AS_OF)
    walk(register, issue.issue_id, WAY, papers("F02"), MONEY_BACK)
    return issue.issue_id


def test_a_run_is_an_event_with_what_it_looked_at_and_a_repeat_is_a_line_only(register: Register) -> None:
    first, again = register.runs()
    (seal,) = (event for event in register.events() if event.issue_id.startswith(RUN))
    assert (seal.issue_id, seal.payload["checks_hash"], seal.payload["events"]) == (first.run_id, checks_hash([check()]), 1)
    assert [row[0] for row in seal.payload["organisations"]] == [o.org_code for o in ORGANISATIONS]
    assert again.run_no == 2 and register.check().is_whole


@pytest.mark.parametrize(
    ("statement", "run_no"),
    [
        ("UPDATE auditlib_runs SET manifest_hash = 'x' WHERE run_no = 1", 1), ("UPDATE auditlib_runs SET packs = 'x' WHERE run_no = 2", 2),
        ("UPDATE auditlib_runs SET checks_hash = 'x' WHERE run_no = 2", 2), ("UPDATE auditlib_runs SET findings = 0 WHERE run_no = 1", 1),
        ("UPDATE auditlib_runs SET at = '2026-01-30T02:00:00.000000Z' WHERE run_no = 1", 1),
        ("DELETE FROM auditlib_runs WHERE run_no = 1", 1), ("UPDATE auditlib_runs SET head = 'x' WHERE run_no = 2", 2),
    ],
)  # fmt: skip
def test_a_run_that_was_altered_is_named_and_written_anew_from_the_chain(register: Register, statement: str, run_no: int) -> None:
    before = register.runs()
    past_the_program(register, statement)
    found = register.check()
    assert before[run_no - 1].run_id in found.altered.runs and not found.is_whole and found.chain.is_whole
    register.rebuild()
    assert register.check().is_whole
    assert [replace(r, head="") for r in register.runs()] == [replace(r, head="") for r in before]


@pytest.mark.parametrize(
    "statement",
    [f"UPDATE auditlib_organisations SET parent_code = '' WHERE org_code = '{VILLAGE}'",
     f"DELETE FROM auditlib_organisations WHERE org_code = '{VILLAGE}'"],
)  # fmt: skip
def test_an_organisation_that_was_put_under_another_is_named(register: Register, statement: str) -> None:
    before = register.organisations()
    past_the_program(register, statement)
    assert register.check().altered.organisations == (VILLAGE,) and not register.check().is_whole
    register.rebuild()
    assert register.check().is_whole and register.organisations() == before


# Closing


def test_what_a_run_no_longer_finds_closes(register: Register) -> None:
    issue_id = ready(register)
    run(register, checks=CLEAN)
    walk(register, issue_id, VERIFIED, (("审计甲", Kind.CLOSED, {}),))
    assert register.issues(AS_OF)[0].state is State.CLOSED and register.check().is_whole


def test_a_run_that_was_altered_closes_nothing(register: Register) -> None:
    issue_id = ready(register)
    run(register, checks=CLEAN)
    past_the_program(register, "UPDATE auditlib_runs SET manifest_hash = 'x' WHERE run_no = 3")
    assert refused(register, Kind.VERIFIED) == ["no_such_run"]
    register.rebuild()
    walk(register, issue_id, VERIFIED)


@pytest.mark.parametrize("named", ["RUN-000000000000", "", "the first run"])
def test_a_clearance_written_behind_the_chain_by_hand_closes_nothing(register: Register, named: str) -> None:
    """Sealed rightly, as anybody can who has the program: but no run of the register brought it."""
    issue_id = ready(register)
    (issue,) = register.issues(AS_OF)
    run_id = register.runs()[0].run_id if named == "the first run" else named
    told = {"finding_ids": list(issue.finding_ids), "run_id": run_id, "as_of": "2026-01-31", "fiscal_year": 2025, "county": "师河县"}
    with store.writing(register._engine, register._place) as connection:
        append(connection, [Draft(issue_id, issue.version + 1, Kind.PUT_FORWARD, AT, "auditlib", told)])
    assert register.check().is_whole and register.issues(AS_OF)[0].cleared_by
    assert refused(register, Kind.VERIFIED) == ["no_such_run"]


def test_a_state_written_beside_the_events_is_not_judged_by(register: Register) -> None:
    """The kept state says verified and cleared; the closure would stand in the chain for good."""
    ready(register)
    past_the_program(register, """UPDATE auditlib_streams SET state = 'verified', facts = replace(facts,
        '"state":"reported_back"', '"cleared_by":"RUN-1","state":"verified","verifier":"审计乙"') WHERE family = 'issue'""")  # fmt: skip
    assert register.issues(AS_OF)[0].state is State.VERIFIED
    assert refused(register, Kind.CLOSED) == ["altered"]


def test_a_paper_that_is_no_longer_in_the_store_closes_nothing(register: Register) -> None:
    issue_id = ready(register)
    run(register, checks=CLEAN)
    walk(register, issue_id, VERIFIED)
    (stored,) = (path for path in Path(f"{register.shown}.evidence").rglob("*") if path.is_file())
    stored.write_bytes(PDF + b" 12000.00")
    assert set(refused(register, Kind.CLOSED)) == {"paper_lost"}
    stored.unlink()
    assert set(refused(register, Kind.CLOSED)) == {"paper_lost"}
    register.hand_in(issue_id, PDF, kind="voucher", dated=AS_OF, name="回单.pdf", by="村会计", at=AT)
    walk(register, issue_id, VERIFIED, (("审计甲", Kind.CLOSED, {}),))


def test_packs_struck_out_of_the_table_are_still_asked_for(tmp_path: Path) -> None:
    from auditlib.issues.county import shipped_rules

    with staffed(tmp_path / "r.db", finding(rule="F02")) as plain:
        run(plain.judged_by(replace(shipped_rules(), packs=("本县",))), finding(rule="F02"))  # type: ignore[arg-type]
        past_the_program(plain, "UPDATE auditlib_runs SET packs = ''")
        walk(plain, plain.issues(AS_OF)[0].issue_id, WAY)
        assert refused(plain, Kind.VERIFIED) == ["pack_missing"]


# Coming in from elsewhere


@pytest.mark.parametrize(
    ("old", "new"),
    [('"findings": 1', '"findings": 0'), ('"name": "上河村"', '"name": "下河村二组"'), ('"checks_hash": "', '"checks_hash": "0')],
)
def test_a_backup_with_other_runs_or_organisations_is_refused_whole(register: Register, tmp_path: Path, old: str, new: str) -> None:
    exchange.write_backup(register, tmp_path / "b.zip")
    bad = rewritten(tmp_path / "b.zip", tmp_path / "bad.zip", lambda text: text.replace(old, new))
    with Register.open(tmp_path / "new.db") as other:
        with pytest.raises(RegisterError, match="bad.zip"):
            exchange.read_backup(other, bad, register.head())
        assert other.events() == () and other.runs() == ()


def test_an_export_of_an_earlier_auditlib_is_taken_in_and_its_runs_are_sealed(register: Register, tmp_path: Path) -> None:
    before_runs_were_sealed(register, tmp_path / "older.db")
    with Register.open_existing(tmp_path / "older.db") as older, Register.open(tmp_path / "new.db") as new:
        printed = older.head()
        exchange.write_backup(older, tmp_path / "b.zip")
        assert exchange.read_backup(new, tmp_path / "b.zip", printed).head == new.head() != printed
        assert new.check(printed).is_whole and new.runs() == older.runs()
        past_the_program(new, "UPDATE auditlib_runs SET packs = 'x' WHERE run_no = 1")
        assert new.check().altered.runs == (new.runs()[0].run_id,)


def test_an_audit_says_when_the_register_is_not_the_one_that_its_last_report_was_written_from(tmp_path: Path) -> None:
    """An older copy put in its place: by itself it is whole, but it does not hold the head that the report bears."""
    from reports_sample import RUN as SAMPLE

    from auditlib.audit import Audit, _register
    from auditlib.catalog.load import load_catalog
    from auditlib.cli.audit import summary
    from auditlib.issues.county import shipped_rules
    from auditlib.reports.manifest import printed_head

    place, audited = tmp_path / "register.db", replace(SAMPLE, problems=())

    def audit(printed: str) -> tuple[str, list[str]]:
        """The head that the report will bear, and what the command says."""
        outcome, issues, state, is_held = _register(audited, load_catalog(), shipped_rules(), str(place), AT, printed, tmp_path)
        done = Audit(audited, issues, str(place), outcome, tmp_path, lost_head="" if is_held else printed)
        return state.head, [line for lang in ("zh", "en") for line in summary(done, lang) if printed and printed in line]

    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    assert printed_head(tmp_path) == printed_head(tmp_path / "none") == ""
    first, told = audit("")
    assert told == []
    older = place.read_bytes()
    with Register.open(place) as opened:
        staffed_later = opened.add_person("组长", name="组长", role="lead", by="组长", at=AT)
    (tmp_path / "manifest.json").write_text(json.dumps({"register_head": staffed_later.hash}), encoding="utf-8")
    assert audit(printed_head(tmp_path))[1] == audit(first)[1] == []
    place.write_bytes(older)
    assert len(audit(staffed_later.hash)[1]) == 2 and audit(first)[1] == []


@pytest.mark.parametrize(
    ("kind", "actor"), [(Kind.CLOSED, "审计甲"), (Kind.CLOSED, "村会计"), (Kind.DECLINED, "审计甲")],
    ids=["not verified", "by who handled", "one person"],
)
def test_a_closure_written_behind_the_chain_by_hand_is_named_and_can_be_opened_again(register: Register, kind: Kind, actor: str) -> None:
    """The hashes are right and the kept state follows from the events: that the steps before do not lead there is told by `check`."""
    issue_id = ready(register)
    if kind is Kind.DECLINED:
        register.act(issue_id, Kind.DECLINE_ASKED, by=actor, at=AT, reason="镇里统一代收，附会议纪要")
    if actor == "村会计":
        run(register, checks=CLEAN)
        walk(register, issue_id, VERIFIED)
    (issue,) = register.issues(AS_OF)
    with store.writing(register._engine, register._place) as connection:
        append(connection, [Draft(issue_id, issue.version + 1, kind, AT, actor, {})])
    found = register.check()
    assert found.chain.is_whole and not found.stale and found.unfounded == (issue_id,) and not found.is_whole
    register.act(issue_id, Kind.REOPENED, by="审计乙", at=AT, reason="没有核查")
    assert register.check().is_whole
