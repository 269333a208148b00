"""Keeping the register: crashes, a full disk, older schemas, backups, and no way to a closure that lacks something.

Outside authority: SQLite's own integrity check; the chain of hashes (see test_register_events).
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from register_cases import (
    AS_OF,
    AT,
    MONEY_BACK,
    ORGANISATIONS,
    PAPER,
    PDF,
    PEOPLE,
    WAY,
    before_runs_were_sealed,
    check,
    finding,
    papers,
    run,
    staff,
    staffed,
    walk,
)  # fmt: skip
from test_register_events import tamper

from auditlib.catalog.load import load_catalog
from auditlib.issues import exchange
from auditlib.issues.closing import kinds_of_card, lacks, load_closing
from auditlib.issues.events import Kind
from auditlib.issues.issue import State
from auditlib.issues.refusal import StepRefused
from auditlib.issues.register import Register
from auditlib.issues.transitions import load_transitions
from auditlib.words.errors import RegisterError

TESTS = Path(__file__).resolve().parent


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with staffed(tmp_path / "register.db", finding(rule="F02")) as opened:
        yield opened


def the_issue(register: Register) -> str:
    return register.issues(AS_OF)[0].issue_id


# Crashes

WRITER = """
import os, sys
from register_cases import AT, the_money
from auditlib.issues.register import Register

with Register.open_existing(sys.argv[1]) as register:
    for number in range(200):
        event = the_money(register, sys.argv[2])
        os.write(1, f"{event.event_id}\\n".encode())  # acknowledged: from here on it may not be lost
"""


def test_killed_at_any_point_it_opens_whole_and_holds_all_that_was_acknowledged(register: Register, tmp_path: Path) -> None:
    """200 writes in a loop, killed without warning (SIGKILL) after 1, 19, 70 and 110 acknowledgements."""
    issue_id = the_issue(register)
    register.act(issue_id, Kind.ACCEPTED, by="镇经办", at=AT)
    acknowledged: set[str] = set()
    for after in (1, 19, 70, 110):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, register.shown, issue_id], stdout=subprocess.PIPE, cwd=TESTS, text=True
        ) as writer:
            assert writer.stdout is not None
            acknowledged.update(writer.stdout.readline().strip() for _ in range(after))
            writer.kill()
            acknowledged.update(line.strip() for line in writer.stdout if line.endswith("\n"))
        with Register.open_existing(register.shown) as again:
            assert again.check().is_whole
            assert acknowledged <= {event.event_id for event in again.events()}
    assert len(acknowledged) >= 200
    assert sqlite3.connect(register.shown).execute("PRAGMA integrity_check").fetchone() == ("ok",)


FILLER = """
import resource, signal, sys
from register_cases import the_money
from auditlib.issues.register import Register
from auditlib.words.errors import RegisterError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Register.open_existing(sys.argv[1]) as register:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
    written = 0
    try:
        while written < 5000:
            the_money(register, sys.argv[2])
            written += 1
    except RegisterError as error:
        print(written, str(error))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as Linux does")
def test_a_full_disk_leaves_it_whole(register: Register) -> None:
    """No file may grow any further (RLIMIT_FSIZE), which is what a full disk looks like from inside."""
    issue_id = the_issue(register)
    register.act(issue_id, Kind.ACCEPTED, by="镇经办", at=AT)
    before = len(register.events())
    register.close()
    room = Path(register.shown).stat().st_size + 150_000
    told = subprocess.run(
        [sys.executable, "-c", FILLER, register.shown, issue_id, str(room)], capture_output=True, text=True, cwd=TESTS, check=True
    )
    written, _, message = told.stdout.partition(" ")
    assert register.shown in message and 0 < int(written) < 5000
    with Register.open_existing(register.shown) as again:
        assert again.check().is_whole and len(again.events()) == before + int(written)
        again.act(issue_id, Kind.DECLINE_ASKED, by="审计甲", at=AT, reason="腾出空间后照常")


# Older schemas


def to_the_first_schema(path: Path) -> None:
    """What version 1 left: no kept state, no table of migrations."""
    connection = sqlite3.connect(path)
    connection.executescript("DROP TABLE auditlib_streams; DROP TABLE auditlib_migrations; UPDATE auditlib_schema SET version = 1")
    connection.execute("ALTER TABLE auditlib_runs DROP COLUMN packs")
    connection.execute("ALTER TABLE auditlib_runs DROP COLUMN checks_hash")
    connection.executescript("DROP INDEX auditlib_events_runs; DROP INDEX auditlib_events_papers")
    connection.close()


@pytest.mark.parametrize("way", [Register.open, Register.open_existing])
def test_a_register_of_the_first_schema_moves_on_and_a_copy_is_kept(register: Register, way: object) -> None:
    path = Path(register.shown).with_name("older.db")
    before_runs_were_sealed(register, path)
    with Register.open_existing(path) as older:
        events = older.events()
    to_the_first_schema(path)
    with way(path) as again:  # type: ignore[operator]
        assert (again.issues(AS_OF), again.people()) == (register.issues(AS_OF), register.people())
        assert again.events()[: len(events)] == events  # what was printed as a head before still is one
        assert [str(event.kind) for event in again.events()[len(events) :]] == ["run_taken_in"]  # the runs are sealed from now on
        assert again.check(events[-1].hash).is_whole
    copy = sqlite3.connect(path.with_name("older.db.v1"))
    assert copy.execute("SELECT version FROM auditlib_schema").fetchone() == (1,)
    assert copy.execute("SELECT count(*) FROM auditlib_events").fetchone() == (len(events),)


def test_the_steps_lead_to_the_tables_that_a_new_register_has(register: Register, tmp_path: Path) -> None:
    def tables(path: Path) -> list[tuple[str, str]]:
        listed = sqlite3.connect(path).execute("SELECT name FROM sqlite_master WHERE name LIKE 'auditlib%' ORDER BY name").fetchall()
        return [(name, *sorted(c[1:4] for c in sqlite3.connect(path).execute(f"PRAGMA table_info({name})"))) for (name,) in listed]

    register.close()
    to_the_first_schema(Path(register.shown))
    Register.open(register.shown).close()
    Register.open(tmp_path / "new.db").close()
    assert tables(Path(register.shown)) == tables(tmp_path / "new.db") != []


# Backup


def test_a_backup_is_restored_with_its_chain_and_its_evidence(register: Register, tmp_path: Path) -> None:
    register.hand_in(the_issue(register), PDF, kind="voucher", dated=AS_OF, name="回单.pdf", by="村会计", at=AT)
    made = exchange.write_backup(register, tmp_path / "b.zip")
    with Register.open(tmp_path / "new.db") as new:
        assert exchange.read_backup(new, tmp_path / "b.zip", register.head()) == made
        assert (new.events(), new.issues(AS_OF), new.people(), new.runs(), new.organisations()) == (
            register.events(), register.issues(AS_OF), register.people(), register.runs(), register.organisations(),
        )  # fmt: skip
        assert new.check(register.head()).is_whole and new.evidence(PAPER["sha256"]) == PDF  # type: ignore[arg-type]
        with pytest.raises(RegisterError):
            exchange.read_backup(new, tmp_path / "b.zip")  # not into a register that holds something


def test_a_restore_that_was_stopped_midway_can_be_made_again(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full while the evidence was written: no event is there yet, so that the same call goes through afterwards."""
    for number in range(3):
        register.hand_in(the_issue(register), PDF + bytes([number]), kind="voucher", dated=AS_OF, name="回单.pdf", by="村会计", at=AT)
    made = exchange.write_backup(register, tmp_path / "b.zip")
    kept = exchange.keep

    def full_at_the_second(files: object, content: bytes, name: str) -> object:
        if content == PDF + bytes([1]):
            raise RegisterError("disk full")
        return kept(files, content, name)  # type: ignore[arg-type]

    with Register.open(tmp_path / "new.db") as new:
        monkeypatch.setattr(exchange, "keep", full_at_the_second)
        with pytest.raises(RegisterError, match="full"):
            exchange.read_backup(new, tmp_path / "b.zip", register.head())
        assert new.events() == ()
        monkeypatch.undo()
        assert exchange.read_backup(new, tmp_path / "b.zip", register.head()) == made and new.check(register.head()).is_whole


def rewritten(source: Path, target: Path, change: object) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()) if name == "register.jsonl" else content)  # type: ignore[operator]
    return target


def test_a_backup_from_before_runs_named_their_packs_is_restored(register: Register, tmp_path: Path) -> None:
    exchange.write_backup(register, tmp_path / "b.zip")
    older = rewritten(tmp_path / "b.zip", tmp_path / "older.zip", lambda text: text.replace('"packs": "", ', ""))
    assert register.runs() and '"packs"' not in zipfile.ZipFile(older).read("register.jsonl").decode()
    with Register.open(tmp_path / "new.db") as new:
        exchange.read_backup(new, older, register.head())
        assert new.runs() == register.runs() and new.check(register.head()).is_whole


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("1200.00", "12.00", 1), lambda text: "\n".join(text.split("\n")[:2] + text.split("\n")[3:]),
        lambda text: text.replace("组长", "别人", 1), lambda text: text + "{\n", lambda text: text.replace("auditlib-register/1", "x"),
        lambda text: "\n".join(line for line in text.split("\n") if "局经办" not in line),
    ],
)  # fmt: skip
def test_a_backup_whose_chain_does_not_verify_is_refused_whole(register: Register, tmp_path: Path, change: object) -> None:
    exchange.write_backup(register, tmp_path / "b.zip")
    bad = rewritten(tmp_path / "b.zip", tmp_path / "bad.zip", change)
    with Register.open(tmp_path / "new.db") as new:
        with pytest.raises(RegisterError, match="bad.zip"):
            exchange.read_backup(new, bad)
        assert new.events() == () and new.issues(AS_OF) == () and new.runs() == ()


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_backup_is_refused(register: Register, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    with Register.open(tmp_path / "new.db") as new, pytest.raises(RegisterError, match="b.zip"):
        exchange.read_backup(new, tmp_path / "b.zip")


def test_a_register_that_lost_an_event_cannot_be_restored_from_its_backup(register: Register, tmp_path: Path) -> None:
    tamper(register, "DELETE FROM auditlib_events WHERE seq = 3")
    exchange.write_backup(register, tmp_path / "b.zip")
    with Register.open(tmp_path / "new.db") as new, pytest.raises(RegisterError):
        exchange.read_backup(new, tmp_path / "b.zip")


def test_any_program_can_read_a_backup(register: Register, tmp_path: Path) -> None:
    exchange.write_backup(register, tmp_path / "b.zip")
    lines = zipfile.ZipFile(tmp_path / "b.zip").read("register.jsonl").decode("utf-8").splitlines()
    first, *others = map(json.loads, lines)
    assert first == {"form": "auditlib-register/1", "head": register.head(), "events": len(register.events())}
    assert [o["event"]["hash"] for o in others if "event" in o] == [e.hash for e in register.events()]


# No path closes without what closing needs


class Life(RuleBasedStateMachine):
    """Anybody does anything in any order, runs find the matter or not: closed only ever with all that closing needs."""

    @initialize()
    def begin(self) -> None:
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.register = staffed(Path(self.folder.name) / "register.db", finding(rule="F02"))
        self.issue_id = the_issue(self.register)
        self.at, self.handled, self.cleared, self.kinds, self.money = AT, set[str](), False, set[str](), 0
        self.closures = 0

    def teardown(self) -> None:
        if hasattr(self, "register"):
            self.register.close()
            self.folder.cleanup()

    def step(self, person: str, kind: Kind, /, **what: object) -> bool:
        self.at += dt.timedelta(minutes=1)
        try:
            self.register.act(self.issue_id, kind, by=person, at=self.at, **what)
        except StepRefused:
            return False
        return True

    def state(self) -> State:
        issue = self.register.issue(self.issue_id, AS_OF)
        assert issue is not None
        return issue.state

    @rule(
        person=st.sampled_from(sorted(PEOPLE)),
        kind=st.sampled_from(sorted(set(load_transitions().steps) - {Kind.CLOSED, Kind.MONEY, Kind.EVIDENCE, Kind.REOPENED})),
    )
    def anything(self, person: str, kind: Kind) -> None:
        some = {"text": "写明", "day_ahead": "2026-12-31", "date": "2026-01-20", "money": "1.00", "whole": 1}
        needs = load_transitions().steps[kind].needs
        what = {name: form[0] if isinstance(form, tuple) else some[form] for name, form in needs.items()}
        if self.step(person, kind, **what) and kind in (Kind.HANDLED, Kind.REPORTED_BACK):
            self.handled.add(person)

    @rule()
    def the_right_way(self) -> None:
        """Chance alone hardly ever gets to the end."""
        for person, kind, what in (*WAY, ("审计甲", Kind.VERIFIED, {"result": "属实"})):
            if self.step(person, kind, **what) and kind in (Kind.HANDLED, Kind.REPORTED_BACK):
                self.handled.add(person)

    @rule(person=st.sampled_from(sorted(PEOPLE)), kind=st.sampled_from(kinds_of_card(load_catalog().rules["F02"])))
    def hand_in(self, person: str, kind: str) -> None:
        if self.step(person, Kind.EVIDENCE, **{**PAPER, "kind": kind}):
            self.kinds.add(kind)

    @rule(amount=st.sampled_from([40000, 120000]))
    def pay(self, amount: int) -> None:
        if self.step("村会计", Kind.MONEY, what="recovered", amount=f"{amount / 100:.2f}", voucher_no=f"收-{self.money}"):
            self.money += amount

    @rule(is_found=st.booleans())
    def audit(self, is_found: bool) -> None:
        self.at += dt.timedelta(minutes=1)
        before = self.state()
        run(
            self.register,
            *([finding(rule="F02")] if is_found else []),
            checks=(check("found" if is_found else "passed", rule="F02"),),
            at=self.at,
        )
        if before not in (State.DECLINED, State.CLOSED) or is_found:
            self.cleared = not is_found
        if is_found and before in (State.CLOSED, State.VERIFIED):
            self.kinds = set()
            assert self.state() is State.REOPENED

    @rule(person=st.sampled_from(sorted(PEOPLE)))
    def open_again(self, person: str) -> None:
        before = self.state()
        if self.step(person, Kind.REOPENED, reason="再查"):
            self.cleared = False
            if before in (State.CLOSED, State.VERIFIED):
                self.kinds = set()

    @rule(person=st.sampled_from(sorted(PEOPLE)))
    def close(self, person: str) -> None:
        if not self.step(person, Kind.CLOSED):
            return
        self.closures += 1
        assert PEOPLE[person][0] in ("auditor", "lead") and person not in self.handled
        assert self.kinds == set(kinds_of_card(load_catalog().rules["F02"]))
        assert self.money >= 120000 and self.cleared

    @invariant()
    def what_is_closed_lacks_nothing(self) -> None:
        if not hasattr(self, "register"):
            return
        issue = self.register.issue(self.issue_id, AS_OF)
        assert issue is not None
        if issue.state is State.CLOSED:
            assert lacks(issue, load_closing(), load_catalog().rules) == ()
            assert issue.verifier and issue.verifier not in (*issue.handlers, *issue.reporters)
            assert [e.kind for e in self.register.events(self.issue_id)].count(Kind.VERIFIED) >= 1


Life.TestCase.settings = settings(
    max_examples=8, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=False
)
TestNoPathClosesWithoutWhatClosingNeeds = Life.TestCase


def test_the_model_reaches_closures() -> None:
    """The model above would prove nothing if no walk ever closed anything."""
    life = Life()
    life.begin()
    life.the_right_way()
    life.close("审计乙")
    assert life.closures == 0
    life.audit(is_found=False)
    for kind in kinds_of_card(load_catalog().rules["F02"]):
        life.hand_in("村会计", kind)
    life.pay(120000)
    life.the_right_way()
    life.close("村会计")
    assert life.closures == 0
    life.close("审计乙")
    assert (life.closures, life.state()) == (1, State.CLOSED)
    life.audit(is_found=True)
    life.close("审计乙")
    assert (life.closures, life.state()) == (1, State.REOPENED)
    life.teardown()


def test_people_of_a_register_are_kept_apart_from_its_issues(register: Register) -> None:
    staff(register)
    walk(register, the_issue(register), WAY, papers("F02"), MONEY_BACK)
    assert len(register.issues(AS_OF)) == 1 and {p.person_id for p in register.people()} == set(PEOPLE)
    assert run(register, finding(rule="F02"), organisations=ORGANISATIONS).raised == ()
