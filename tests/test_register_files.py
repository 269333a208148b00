"""Register files: several writers, and files that are not ours.

Outside authority: SQLite's documentation on write-ahead logging and BEGIN IMMEDIATE; SQLite's own integrity check.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import pytest
from register_cases import AS_OF, finding, run, write_at_once

from auditlib.issues import places
from auditlib.issues.places import file_system_of, locate_register, place_of
from auditlib.issues.register import Register
from auditlib.words.errors import RegisterError


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """All start on a register that does not exist yet; what all of them find becomes one issue."""
    path, writers, runs = tmp_path / "register.db", 20, 2
    write_at_once(path, writers, runs)
    with Register.open_existing(path) as register:
        result = register.verify()
        assert (result.is_whole, result.events) == (True, writers * runs * 2 + 1)  # of each run what it found, and itself
        assert len(register.issues(AS_OF)) == writers * runs + 1
        assert [r.run_no for r in register.runs()] == list(range(1, writers * runs + 1))
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_between_runs_the_register_is_one_file_in_write_ahead_mode(tmp_path: Path) -> None:
    with Register.open(tmp_path / "register.db") as register:
        run(register, finding())
    assert [p.name for p in tmp_path.iterdir()] == ["register.db"]
    assert sqlite3.connect(tmp_path / "register.db").execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_acknowledged_run_outlives_a_killed_process(tmp_path: Path) -> None:
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_write_then_die, args=(tmp_path / "register.db",))
    process.start()
    process.join(120)
    assert process.exitcode != 0
    with Register.open(tmp_path / "register.db") as register:
        assert register.verify().is_whole and [str(event.kind) for event in register.events()] == ["raised", "run_taken_in"]


def _write_then_die(path: Path) -> None:
    """One run that is kept, then death in the middle of another."""
    import signal

    from auditlib.issues import store

    register = Register.open(path)
    run(register, finding())
    with store.writing(register._engine, register._place) as connection:
        connection.exec_driver_sql("DELETE FROM auditlib_runs")
        os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)


FOREIGN = {
    "text": "村里的笔记\n".encode(),
    "spreadsheet": b"PK\x03\x04" + bytes(200),
    "one byte": b"S",
    "the name only": b"SQLite format 3\x00",
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("way", [Register.open, Register.open_existing])
def test_a_file_that_is_not_ours_is_refused_and_unchanged(tmp_path: Path, name: str, way: object) -> None:
    path = tmp_path / "register.db"
    path.write_bytes(FOREIGN[name])
    before = digest(path)
    with pytest.raises(RegisterError, match="register.db"):
        way(path)  # type: ignore[operator]
    assert digest(path) == before and [p.name for p in tmp_path.iterdir()] == ["register.db"]


def test_a_database_of_somebody_else_is_refused_and_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "accounts.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE auditlib_events (x)")
    connection.commit()
    connection.close()
    before = digest(path)
    with pytest.raises(RegisterError, match="accounts.db"):
        Register.open(f"sqlite:///{path}")
    assert digest(path) == before


def test_a_register_of_a_newer_auditlib_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    Register.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE auditlib_schema SET version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(RegisterError, match="99"):
        Register.open(path)


def test_an_empty_file_may_become_a_register(tmp_path: Path) -> None:
    (tmp_path / "register.db").touch()
    with Register.open(tmp_path / "register.db") as register:
        assert run(register, finding()).raised


def test_a_command_that_reads_makes_no_register(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="register.db"):
        Register.open_existing(tmp_path / "register.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["", "missing/register.db"])
def test_a_folder_or_a_path_without_folder_is_refused(tmp_path: Path, where: str) -> None:
    with pytest.raises(RegisterError):
        Register.open(tmp_path / where)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    with Register.open(path) as register:
        run(register, *(finding(f"记-{n}") for n in range(50)))
    path.write_bytes(path.read_bytes()[:8192] + b"\xff" * 40000)
    with pytest.raises(RegisterError, match="register.db"):
        Register.open(path).events()


@pytest.mark.parametrize(
    "url", ["mysql://root:secret@host/x", "sqlite://", "sqlite:///:memory:", "postgresql://u:secret@host:notaport/x"]
)
def test_other_databases_are_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(RegisterError) as caught:
        place_of(url)
    assert "secret" not in str(caught.value)


def test_a_password_is_never_shown() -> None:
    place = place_of("postgresql://auditor:secret@db.example/register")
    assert place.shown == "postgresql://auditor:***@db.example/register"


MOUNTS = "/dev/sda1 / ext4 rw 0 0\n//server/share /mnt/our\\040share cifs rw 0 0\nhost:/x /mnt/nfs nfs4 rw 0 0\n"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/home/a/r.db", "ext4"), ("/mnt/our share/a/r.db", "cifs"), ("/mnt/nfs/r.db", "nfs4"), ("/mnt/nfs2/r.db", "ext4")],
)
def test_the_file_system_is_that_of_the_longest_mount(path: str, kind: str) -> None:
    assert file_system_of(Path(path), MOUNTS) == kind


def test_a_network_share_is_refused_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_mounts", lambda: f"//server/share {tmp_path.resolve()} cifs rw 0 0")
    with pytest.raises(RegisterError, match="PostgreSQL"):
        Register.open(tmp_path / "register.db")
    assert list(tmp_path.iterdir()) == []


def test_which_register_is_meant(tmp_path: Path) -> None:
    out, work = tmp_path / "out", tmp_path / "county"
    assert locate_register("given.db", settings_register="set.db", workspace=work, out=out) == "given.db"
    assert locate_register(None, settings_register="set.db", workspace=work, out=out) == str(work / "set.db")
    assert locate_register(None, settings_register="postgresql://h/x", workspace=work, out=out) == "postgresql://h/x"
    assert locate_register(None, workspace=work, out=out) == str(out / "register.db")
    with pytest.raises(RegisterError):
        locate_register(None)
