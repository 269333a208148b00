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
from register_cases import (
    AS_OF,
    AT,
    ORGANISATIONS,
    OTHER_VILLAGE,
    PDF,
    VILLAGE,
    before_runs_were_sealed,
    check,
    finding,
    run,
    staff,
    staffed,
    step,
    write_at_once,
)  # fmt: skip

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
    writers, runs = 20, 2
    write_at_once(url, writers, runs)
    with Register.open_existing(url) as register:
        # of each run what it found, and itself
        assert (register.verify().is_whole, register.verify().events) == (True, writers * runs * 2 + 1)
        assert len(register.issues(AS_OF)) == writers * runs + 1


@pytest.mark.parametrize("statement", ["UPDATE auditlib_events SET actor = 'x'", "DELETE FROM auditlib_events", "TRUNCATE auditlib_events"])
def test_the_database_refuses_to_change_an_event(url: str, statement: str) -> None:
    import psycopg

    with Register.open(url) as register:
        run(register, finding())
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        connection.execute(statement)  # type: ignore[arg-type]


# Who may see and write what: tried as another user of the database


LOGINS = {"village_login": "村会计", "lead_login": "组长", "reader_login": "群众"}


@pytest.fixture
def team(url: str) -> str:
    return _team(url)


@pytest.fixture(scope="module")
def team_that_stays(server: str) -> str:
    """A team's register that no test changes."""
    return _team(_create(server, "team_that_stays"))


def _team(url: str) -> str:
    """A register with issues of two villages, and logins for three of its people."""
    import psycopg

    with (
        staffed(url, finding("甲"), finding("乙", org_code=OTHER_VILLAGE, org_name="下河村")) as register,
        psycopg.connect(url, autocommit=True) as admin,
    ):
        people = {person.person_id: person for person in register.people()}
        for login, person in LOGINS.items():
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (login,)).fetchone():
                admin.execute(f"CREATE ROLE {login} LOGIN")  # type: ignore[arg-type]
            of = people[person]
            register.add_person(person, name=of.name, role=of.role, org_code=of.org_code, login=login, by="组长", at=AT)
    return url


def as_login(url: str, login: str) -> str:
    return url.replace("auditor@", f"{login}@")


def ids(url: str) -> dict[str, str]:
    with Register.open_existing(url) as register:
        return {issue.records[0]: issue.issue_id for issue in register.issues(AS_OF)}


def test_a_login_sees_its_own_organisation_and_what_is_beneath_it(team: str) -> None:
    assert set(ids(as_login(team, "village_login"))) == {"甲"}
    assert set(ids(as_login(team, "lead_login"))) == {"甲", "乙"}
    import psycopg

    with psycopg.connect(as_login(team, "village_login")) as connection:
        told = connection.execute("SELECT payload FROM auditlib_events WHERE kind = 'raised'").fetchall()
    assert len(told) == 1 and "下河村" not in told[0][0]


def test_a_login_acts_within_its_scope_and_the_chain_stays_whole(team: str) -> None:
    of = ids(team)
    with Register.open_existing(as_login(team, "village_login")) as register:
        register.act(of["甲"], Kind.DECLINE_ASKED, by="村会计", at=AT, reason="镇里统一代收")
        with pytest.raises(RegisterError):
            register.act(of["乙"], Kind.DECLINE_ASKED, by="村会计", at=AT, reason="看不到的问题")
        with pytest.raises(RegisterError):  # the name of another
            register.act(of["甲"], Kind.DECLINED, by="审计甲", at=AT)
        with pytest.raises(RegisterError, match="一部分"):
            register.check()
    with Register.open_existing(as_login(team, "lead_login")) as register:
        run(register, finding("甲"), finding("乙", org_code=OTHER_VILLAGE), finding("丙"), organisations=ORGANISATIONS)
        assert register.check().is_whole and register.check().chain.events > 10


def test_evidence_is_seen_by_those_who_see_the_issue(team: str) -> None:
    of = ids(team)
    with Register.open_existing(as_login(team, "lead_login")) as register:
        stored = register.hand_in(of["乙"], b"%PDF-1.4 secret", kind="voucher", dated=AS_OF, name="a.pdf", by="组长", at=AT).payload[
            "sha256"
        ]
        assert register.evidence(stored) == b"%PDF-1.4 secret" and register.check().is_whole
    with Register.open_existing(as_login(team, "village_login")) as register:
        assert register.evidence(stored) is None
        own = register.hand_in(of["甲"], PDF + b"2", kind="voucher", dated=AS_OF, name="b.pdf", by="村会计", at=AT).payload["sha256"]
        assert register.evidence(own) == PDF + b"2"


COPY = """
INSERT INTO auditlib_events
SELECT seq + 1000, 'EV-x', issue_id, 99, '{kind}', at, '{actor}', '{{}}', 'a', 'b', '' FROM auditlib_events LIMIT 1
"""


@pytest.mark.parametrize(
    "statement",
    [
        COPY.format(kind="declined", actor="审计甲"), COPY.format(kind="closed", actor="村会计"),
        """INSERT INTO auditlib_events
        VALUES (1000, 'E', 'REN-村会计', 99, 'person_changed', '', '村会计', '{"role":"lead"}', 'a', 'b', '')""",
        "INSERT INTO auditlib_streams VALUES ('REN-x', 'person', 1, '', 'active', '{\"role\":\"lead\",\"login\":\"village_login\"}')",
        "UPDATE auditlib_events SET actor = 'x'", "DELETE FROM auditlib_events", "TRUNCATE auditlib_events", "DELETE FROM auditlib_streams",
        "DELETE FROM auditlib_files", "INSERT INTO auditlib_runs SELECT * FROM auditlib_runs", "DROP TABLE auditlib_events",
        "ALTER TABLE auditlib_events DISABLE ROW LEVEL SECURITY", "DROP POLICY see ON auditlib_events",
    ],
)  # fmt: skip
def test_a_login_cannot_go_round_auditlib(team_that_stays: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(as_login(team_that_stays, "village_login")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)  # type: ignore[arg-type]
    with Register.open_existing(team_that_stays) as register:
        assert register.check().is_whole


def test_a_reader_writes_nothing(team_that_stays: str) -> None:
    import psycopg

    with psycopg.connect(as_login(team_that_stays, "reader_login")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("INSERT INTO auditlib_events SELECT * FROM auditlib_events")
    with Register.open_existing(as_login(team_that_stays, "reader_login")) as register:
        assert len(register.issues(AS_OF)) == 2


def test_a_login_that_is_nobody_sees_nothing(team: str) -> None:
    import psycopg

    with Register.open_existing(team) as register:
        register.remove_person("村会计", by="组长", at=AT)
    with pytest.raises(RegisterError, match="不允许"):
        Register.open_existing(as_login(team, "village_login"))
    with psycopg.connect(team, autocommit=True) as admin:
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO village_login")  # by mistake: no row is shown all the same
    with Register.open_existing(as_login(team, "village_login")) as register:
        assert register.issues(AS_OF) == () and register.events() == ()
    with psycopg.connect(team, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS stranger")
        admin.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(RegisterError, match="不允许"):
        Register.open_existing(as_login(team, "stranger"))


def rights(url: str, login: str) -> set[str]:
    """What the login may do with events, by the database's own word."""
    import psycopg

    asked = "SELECT has_table_privilege(%s, 'auditlib_events', p) FROM unnest(%s::text[]) p"
    verbs = ["SELECT", "INSERT", "UPDATE", "DELETE"]
    with psycopg.connect(url) as admin:
        told = [row[0] for row in admin.execute(asked, (login, verbs)).fetchall()]
    return {verb for verb, may in zip(verbs, told, strict=True) if may}


def test_rights_go_with_the_office(team: str) -> None:
    """Demoted to reader, given another login, gone: each time the database itself refuses what went with the office."""
    import psycopg

    insert = "INSERT INTO auditlib_runs SELECT * FROM auditlib_runs WHERE false"
    assert (rights(team, "lead_login"), rights(team, "village_login")) == ({"SELECT", "INSERT"}, {"SELECT", "INSERT"})
    with Register.open_existing(team) as register, psycopg.connect(team, autocommit=True) as admin:
        register.add_person("副组长", name="副组长", role="lead", by="组长", at=AT)
        register.add_person("组长", name="组长", role="reader", login="lead_login", by="副组长", at=AT)
        assert rights(team, "lead_login") == {"SELECT"}
        with psycopg.connect(as_login(team, "lead_login")) as login, pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute(insert)
        admin.execute("DROP ROLE IF EXISTS new_login")
        admin.execute("CREATE ROLE new_login LOGIN")
        register.add_person("村会计", name="村会计", role="village", org_code=VILLAGE, login="new_login", by="副组长", at=AT)
        assert (rights(team, "village_login"), rights(team, "new_login")) == (set(), {"SELECT", "INSERT"})
        with pytest.raises(RegisterError, match="new_login"):  # one login, one person
            register.add_person("村主任", name="村主任", role="village", org_code=VILLAGE, login="new_login", by="副组长", at=AT)
        register.remove_person("村会计", by="副组长", at=AT)
        assert rights(team, "new_login") == set()
        with psycopg.connect(as_login(team, "new_login")) as login, pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute("SELECT count(*) FROM auditlib_events")
        with pytest.raises(RegisterError, match="auditor"):  # a superuser's rights cannot be taken back, so it is no person's login
            register.add_person("群众", name="群众", role="reader", login="auditor", by="副组长", at=AT)
        assert register.check().is_whole


def test_what_a_login_may_follows_the_county_s_own_table_of_steps(url: str, tmp_path: Path) -> None:
    import psycopg
    from pack_county import write_pack

    from auditlib.catalog.packs import in_order, with_packs
    from auditlib.issues.county import rules_of

    pack = write_pack(tmp_path / "own", {"issues/transitions.yaml": "steps: {accepted: {who: [lead]}}\n"})
    rules = rules_of(with_packs(in_order([str(pack)], tmp_path)))
    may = "SELECT auditlib_may('accepted', 'township'), auditlib_may('accepted', 'lead')"
    with Register.open(url, rules=rules), psycopg.connect(url) as admin:
        assert admin.execute(may).fetchone() == (False, True)
    with Register.open_existing(url) as register:
        register.rebuild()  # by the shipped table again
    with psycopg.connect(url) as admin:
        assert admin.execute(may).fetchone() == (True, True)


def test_a_register_of_the_first_schema_moves_on(url: str, tmp_path: Path) -> None:
    with Register.open(tmp_path / "register.db") as register:
        run(register, finding(), organisations=ORGANISATIONS)
        staff(register)
        before_runs_were_sealed(register, url)
    with Register.open_existing(url) as register:
        before, printed = (register.issues(AS_OF), register.people(), register.runs()[0].head), register.head()
    _back_to_the_first(url)
    with Register.open_existing(url) as register:
        assert (register.issues(AS_OF), register.people(), register.runs()[0].head) == before
        assert register.check(printed).is_whole and register.events()[-1].kind is Kind.RUN_TAKEN_IN


def test_a_paper_shown_for_an_issue_out_of_sight_is_told_all_the_same(team: str) -> None:
    """An auditor of one village does not see the other one's issues; that the same file was shown there, the database says."""
    import psycopg

    of = ids(team)
    with Register.open_existing(team) as register, psycopg.connect(team, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS auditor_login")
        admin.execute("CREATE ROLE auditor_login LOGIN")
        register.add_person("审计丙", name="审计丙", role="auditor", org_code=VILLAGE, login="auditor_login", by="组长", at=AT)
        for key, person in (("甲", "村会计"), ("乙", "别村会计")):
            register.hand_in(of[key], PDF, kind="voucher", dated=AS_OF, name="a.pdf", by=person, at=AT)
    with Register.open_existing(as_login(team, "auditor_login")) as register:
        (issue,) = register.issues(AS_OF)
        (paper,) = register.also_shown(issue)
        assert [(other.issue_id, other.actor, other.org_name) for other in paper.others] == [(of["乙"], "别村会计", "")]
        assert "管辖范围" in paper.told()[0].told("zh")
    with psycopg.connect(as_login(team, "village_login")) as connection:
        assert connection.execute("SELECT count(*) FROM auditlib_events WHERE kind = 'run_taken_in'").fetchone() == (0,)


def _back_to_the_first(url: str) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE auditlib_migrations")
        connection.execute("DROP POLICY see ON auditlib_events")
        connection.execute("DROP POLICY add ON auditlib_events")
        connection.execute("DROP TABLE auditlib_streams, auditlib_files CASCADE")
        connection.execute("UPDATE auditlib_schema SET version = 1")
        connection.execute("ALTER TABLE auditlib_runs DROP COLUMN packs, DROP COLUMN checks_hash")
        connection.execute("DROP INDEX auditlib_events_runs, auditlib_events_papers")


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
