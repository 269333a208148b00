"""`auditlib issues accept`, `assign`, … to `close`, and `people`, `check`, `backup`: what a person types and reads."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from register_cases import AS_OF, ORGANISATIONS, PDF, VILLAGE, check, finding, papers, run
from typer.testing import CliRunner, Result

from auditlib.cli.issues import issues_app
from auditlib.cli.issues.steps import COMMANDS
from auditlib.issues.events import Kind
from auditlib.issues.issue import State
from auditlib.issues.register import Register
from auditlib.issues.transitions import load_transitions
from auditlib.words.messages import catalogue

SECRET = "山高水长不忘密码"


def call(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(
        issues_app, [str(a) for a in arguments], env={"AUDITLIB_AS": None, "AUDITLIB_PASSPHRASE": None, **environment}
    )


def ok(*arguments: object, **environment: str) -> str:
    result = call(*arguments, **environment)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of one issue and four people, made by the commands."""
    home = tmp_path_factory.mktemp("begun")
    with Register.open(home / "register.db") as register:
        run(register, finding(rule="F02"), organisations=ORGANISATIONS)
    people = (("组长", "lead", ""), ("审计甲", "auditor", ""), ("村会计", "village", VILLAGE), ("村主任", "village", VILLAGE))
    for person, role, org in people:
        ok("people", "add", person, "--role", role, "--org", org, "--as", "组长", "--at", "2026-01-31T10:00+08:00", "--in", home)
    return home


@pytest.fixture
def folder(begun: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(begun, tmp_path, dirs_exist_ok=True))


def the_id(folder: Path) -> str:
    return str(json.loads(call("list", folder, "--json").stdout)["issues"][0]["issue_id"])


def way(folder: Path) -> list[list[object]]:
    """From acceptance to a visit, as typed."""
    (folder / "回单.pdf").write_bytes(PDF)
    handed_in = [
        ["evidence", "ID", "--as", "村会计", "--file", folder / "回单.pdf", "--kind", what["kind"], "--dated", "2026-02-01"]
        for _, _, what in papers("F02")
    ]
    return [
        ["accept", "ID", "--as", "审计甲"],
        ["assign", "ID", "--as", "审计甲", "--owner", "上河村委会", "--deadline", "2026-06-30"],
        ["start", "ID", "--as", "村会计"],
        ["handle", "ID", "--as", "村会计", "--done", "已补记收入"],
        ["report", "ID", "--as", "村主任", "--result", "已整改"],
        *handed_in,
        ["money", "ID", "--as", "村会计", "--what", "booked", "--amount", "1,200.00", "--voucher-no", "记-77"],
        ["verify", "ID", "--as", "审计甲", "--result", "属实"],
        ["close", "ID", "--as", "审计甲"],
        ["follow-up", "ID", "--as", "组长", "--satisfaction", "satisfied"],
    ]


def test_from_acceptance_to_the_visit_by_commands(folder: Path) -> None:
    issue_id = the_id(folder)
    for number, (command, _, *options) in enumerate(way(folder)):
        if command == "verify":
            refused = call("close", issue_id, folder, "--as", "审计甲", "--at", "2026-02-09")
            assert refused.exit_code == 2 and "销号" in refused.stderr
            with Register.open_existing(folder / "register.db") as register:
                run(register, checks=(check("passed", rule="F02"),), at=dt.datetime(2026, 2, 10, tzinfo=dt.UTC))
        at = f"2026-02-{1 + number if number < 9 else 11 + number:02}T09:30+08:00"  # before and after the run of 10 February
        assert issue_id in ok(command, issue_id, folder, *options, "--at", at)
    (issue,) = json.loads(call("show", issue_id, folder, "--json").stdout)["issues"]
    assert issue["state"] == "closed" and call("list", folder).exit_code == 0
    text = ok("show", issue_id, folder)
    assert all(word in text for word in ("已补记收入", "入账", "满意", "银行回单"))
    assert ok("check", folder)


def test_a_step_answers_in_json_as_show_does(folder: Path) -> None:
    (issue,) = json.loads(ok("accept", the_id(folder), folder, "--as", "审计甲", "--json"))["issues"]
    assert (issue["state"], [e["kind"] for e in issue["events"]]) == ("accepted", ["accepted"])


def test_a_refusal_says_in_both_languages_what_would_be_allowed(folder: Path) -> None:
    issue_id = the_id(folder)
    for lang, words in (("zh", ("销号", "待受理", "受理")), ("en", ("closed", "raised", "accepted"))):
        result = call("close", issue_id, folder, "--as", "审计甲", "--lang", lang)
        assert result.exit_code == 2 and result.stdout == "" and all(word in result.stderr for word in words)


@pytest.mark.parametrize(
    "arguments",
    [
        ["accept", "ID", "HERE"], ["accept", "ID", "HERE", "--as", "路人"], ["accept", "ID", "HERE", "--as", "审计甲", "--at", "昨天"],
        ["accept", "ID", "HERE", "--as", "审计甲", "--at", "2999-01-01"],  # until then nobody could take a step on it
        ["accept", "WT-none", "HERE", "--as", "审计甲"], ["accept", "ID", "HERE", "--as", "审计甲", "--expect", "7"],
        ["assign", "ID", "HERE", "--as", "审计甲"], ["evidence", "ID", "HERE", "--as", "村会计", "--file", "none.pdf", "--kind", "voucher"],
        ["raise", "HERE", "--as", "审计甲", "--title", "x", "--org", "1"],
        ["people", "add", "甲", "--role", "king", "--as", "组长", "--in", "HERE"],
        ["people", "leave", "组长", "--as", "组长", "--in", "HERE"],
        ["draw", "HERE", "--as", "组长", "--seed", "x"], ["restore", "none.zip", "HERE"],
    ],
)  # fmt: skip
def test_a_wrong_call_ends_with_2_writes_nothing_and_says_why(folder: Path, arguments: list[str]) -> None:
    with Register.open_existing(folder / "register.db") as register:
        before = register.head()
    result = call(*(folder if a == "HERE" else the_id(folder) if a == "ID" else a for a in arguments))
    assert result.exit_code == 2 and result.stdout == "" and result.stderr
    with Register.open_existing(folder / "register.db") as register:
        assert register.head() == before


def test_every_step_that_people_take_has_a_command(folder: Path) -> None:
    own = {"decline_asked", "declined", "evidence"}
    assert {str(kind) for kind in load_transitions().steps} == {str(kind) for kind in COMMANDS.values()} | own
    for name in (*COMMANDS, "decline", "evidence", "raise"):
        assert "--as" in ok(name, "--help")


def test_decline_asks_and_the_second_person_confirms(folder: Path) -> None:
    issue_id = the_id(folder)
    ok("decline", issue_id, folder, "--as", "审计甲", "--reason", "镇里代收")
    assert call("decline", issue_id, folder, "--as", "审计甲").exit_code == 2
    ok("decline", issue_id, folder, "--as", "组长")
    assert call("list", folder).exit_code == 0


def test_evidence_says_what_is_wanted_and_gives_files_back(folder: Path) -> None:
    issue_id = the_id(folder)
    assert "[ ] 入账、补记或更正凭证（voucher）" in ok("evidence", issue_id, folder)
    (folder / "a.pdf").write_bytes(PDF)
    given = ["--file", folder / "a.pdf", "--kind", "voucher", "--dated", "2026-01-20"]
    (issue,) = json.loads(ok("evidence", issue_id, folder, *given, "--as", "村会计", "--json"))["issues"]
    assert "[x] 入账、补记或更正凭证" in ok("evidence", issue_id, folder)
    ok("evidence", issue_id, folder, "--get", issue["events"][0]["payload"]["sha256"], "--file", folder / "b.pdf")
    assert (folder / "b.pdf").read_bytes() == PDF


def test_a_hand_entered_issue_is_entered_once(folder: Path) -> None:
    matter = ["--title", "公示栏空着", "--org", VILLAGE, "--source", "hotline", "--source-no", "12345-7", "--as", "组长"]
    (first,) = json.loads(ok("raise", folder, *matter, "--json"))["issues"]
    (again,) = json.loads(ok("raise", folder, *matter, "--json"))["issues"]
    assert first["issue_id"] == again["issue_id"] and len(json.loads(call("list", folder, "--json").stdout)["issues"]) == 2


@pytest.mark.parametrize(("source", "severity", "owner"), [("complaint", "orange", "属地管理"), ("inspection", "orange", "行业监管"),
    ("objection", "yellow", "村级自治"), ("hand", "yellow", "属地管理")])  # fmt: skip
def test_what_is_entered_is_as_grave_and_led_as_its_source_says(folder: Path, source: str, severity: str, owner: str) -> None:
    """expectations/issues/sources.yaml, unless the call says otherwise."""
    told = ["--title", f"{source} 一件", "--org", VILLAGE, "--source", source, "--source-no", "1", "--as", "组长", "--json"]
    (issue,) = json.loads(ok("raise", folder, *told))["issues"]
    assert (issue["severity"], issue["owner"]) == (severity, owner)
    (other,) = json.loads(ok("raise", folder, *told, "--severity", "red", "--source-no", "2", "--line", "行业监管"))["issues"]
    assert (other["severity"], other["owner"]) == ("red", "行业监管")


def test_an_unknown_source_is_refused_in_the_reader_s_language(folder: Path) -> None:
    refused = call("raise", folder, "--title", "x", "--org", VILLAGE, "--source", "rumour", "--as", "组长", "--lang", "en")
    assert refused.exit_code == 2 and "complaint, hotline" in refused.stderr and not any("一" <= c <= "龥" for c in refused.stderr)
    missing = call("list", folder / "none", "--lang", "en")
    assert missing.exit_code == 2 and not any("一" <= c <= "龥" for c in missing.stderr.replace(str(folder), ""))


def test_who_has_a_key_types_its_passphrase_never_as_an_argument(folder: Path) -> None:
    key = folder / "审计甲.key"
    ok("people", "key", "审计甲", "--file", key, "--as", "审计甲", "--in", folder, AUDITLIB_PASSPHRASE=SECRET)
    assert call("accept", the_id(folder), folder, "--as", "审计甲").exit_code == 2
    assert call("accept", the_id(folder), folder, "--as", "审计甲", "--key", key, AUDITLIB_PASSPHRASE="wrong one").exit_code == 2
    ok("accept", the_id(folder), folder, "--as", "审计甲", "--key", key, AUDITLIB_PASSPHRASE=SECRET)
    people = json.loads(ok("people", "list", folder, "--json"))["people"]
    assert [bool(p["keys"]) for p in people if p["person"] == "审计甲"] == [True] and SECRET.encode() not in (
        folder / "register.db"
    ).read_bytes()


def test_check_names_what_does_not_fit_and_ends_with_1(folder: Path) -> None:
    head = json.loads(ok("check", folder, "--json"))["head"]
    assert ok("check", folder, "--head", head)
    connection = sqlite3.connect(folder / "register.db")
    connection.execute("UPDATE auditlib_streams SET state = 'closed' WHERE family = 'issue'")
    connection.commit()
    assert call("check", folder).exit_code == 1 and the_id(folder) in call("check", folder).stdout
    ok("rebuild", folder)
    assert ok("check", folder)
    connection.execute("DROP TRIGGER auditlib_events_no_UPDATE")
    connection.execute("UPDATE auditlib_events SET actor = 'x' WHERE seq = 2")
    connection.commit()
    connection.close()
    found: dict[str, Any] = json.loads(call("check", folder, "--json").stdout)
    assert (found["is_whole"], found["bad_seq"]) == (False, 2)
    assert call("check", folder, "--head", "f" * 64, "--lang", "en").exit_code == 1


def test_backup_and_restore(folder: Path, tmp_path: Path) -> None:
    ok("backup", folder / "b.zip", folder)
    ok("restore", folder / "b.zip", "--register", tmp_path / "new.db")
    with Register.open_existing(tmp_path / "new.db") as new, Register.open_existing(folder / "register.db") as old:
        assert new.issues(AS_OF) == old.issues(AS_OF) and new.head() == old.head()
    assert call("restore", folder / "b.zip", folder).exit_code == 2


def test_a_file_says_honestly_what_it_cannot_protect(folder: Path) -> None:
    assert "冒用" in call("people", "list", folder).stderr and "any name" in call("people", "list", folder, "--lang", "en").stderr


def test_everything_that_a_reader_meets_has_a_name_in_both_languages() -> None:
    table = load_transitions()
    fields = {field for step in table.steps.values() for field in (*step.needs, *step.may)}
    wanted = [
        *(f"issues.state.{state}" for state in State), *(f"issues.kind.{kind}" for kind in Kind),
        *(f"issues.role.{role}" for role in table.roles),
        *(f"issues.does.{kind}" for kind in COMMANDS.values()), *(f"issues.field.{field}" for field in fields),
    ]  # fmt: skip
    assert len(wanted) > 80
    assert [key for key in wanted if key not in catalogue()] == []
