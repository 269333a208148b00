"""The register on a real PostgreSQL: the same promises as in a file.

A server is started for the tests in a temporary folder; skipped where PostgreSQL or its driver is not installed.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from register_cases import AS_OF, check, finding, run, step, write_at_once

from auditlib.issues.events import Kind
from auditlib.issues.register import Register
from auditlib.words.errors import RegisterError

pytestmark = pytest.mark.postgres
_numbers = itertools.count(1)


def _programs() -> Path | None:
    """The folder with initdb and postgres."""
    found = shutil.which("initdb")
    candidates = [Path(found).parent] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in candidates if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _as_server(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: then as the user that its package makes."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["runuser", "-u", "postgres", "--", *command] if is_root else command


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """URL of a server of our own, without the name of a database."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL (initdb, postgres) is not installed: the register was not tested on it")
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed: the register was not tested on PostgreSQL")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not shutil.which("runuser"):
        pytest.skip("running as root without runuser: PostgreSQL cannot be started")
    with tempfile.TemporaryDirectory(prefix="auditlib-pg-") as folder:
        os.chmod(folder, 0o777)  # the server's user makes its own closed folder inside
        yield from _serve(programs, Path(folder) / "data")


def _serve(programs: Path, data: Path) -> Iterator[str]:
    port = _free_port()
    settings = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "auditor", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", "check": True}
    subprocess.run(_as_server(initdb), **quiet)
    subprocess.run(_as_server([*control, "-o", settings, "-l", str(data / "log"), "start"]), **quiet)
    try:
        yield f"postgresql://auditor@127.0.0.1:{port}"
    finally:
        subprocess.run(_as_server([*control, "-m", "immediate", "stop"]), **quiet)


def _create(server: str, name: str, options: str = "") -> str:
    import psycopg

    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {options}")  # type: ignore[arg-type]
    return f"{server}/{name}"


@pytest.fixture
def url(server: str) -> str:
    return _create(server, f"register_{next(_numbers)}")


def test_the_life_of_a_finding_is_the_same_as_in_a_file(url: str, tmp_path: Path) -> None:
    heads = []
    for where in (url, tmp_path / "register.db"):
        with Register.open(where) as register:
            run(register, finding(), finding("记-002"))
            run(register, finding(), finding("记-002"))
            run(register, finding("记-002"))
            assert run(register, finding(), finding("记-002")).counts == {
                "raised": 0, "seen": 2, "changed": 0, "put_forward": 0, "reopened": 1,
            }  # fmt: skip
            step(register, register.issues(AS_OF)[0], Kind.CLOSED)
            run(register, checks=(check("could_not_run"),))
            assert register.verify().is_whole and len(register.runs()) == 5
            heads.append((register.head(), register.issues(AS_OF), register.events()))
    assert heads[0] == heads[1]


def test_processes_that_write_at_once_lose_nothing(url: str) -> None:
    writers, runs = 4, 6
    write_at_once(url, writers, runs)
    with Register.open_existing(url) as register:
        assert (register.verify().is_whole, register.verify().events) == (True, writers * runs + 1)
        assert len(register.issues(AS_OF)) == writers * runs + 1


@pytest.mark.parametrize(
    "statement", ["UPDATE auditlib_events SET actor = 'x'", "DELETE FROM auditlib_events", "TRUNCATE auditlib_events"]
)
def test_the_database_refuses_to_change_an_event(url: str, statement: str) -> None:
    import psycopg

    with Register.open(url) as register:
        run(register, finding())
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        connection.execute(statement)  # type: ignore[arg-type]


def test_text_that_postgresql_cannot_hold_does_not_stop_a_run(url: str) -> None:
    with Register.open(url) as register:
        run(register, finding(message_zh="a\x00b\ud800c", org_name="\x00村"))
        assert register.issues(AS_OF)[0].title == "ab?c"


def test_an_encoding_without_chinese_is_refused(server: str) -> None:
    latin = _create(server, "latin", "ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(RegisterError, match="LATIN1"):
        Register.open(latin)


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(RegisterError) as caught:
        Register.open(f"postgresql://auditor:secret@127.0.0.1:{_free_port()}/register")
    assert "secret" not in str(caught.value)
