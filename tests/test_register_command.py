"""`auditlib issues list` and `auditlib issues show` (contract section 5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from register_cases import AS_OF, ORGANISATIONS, OTHER_VILLAGE, TOWNSHIP, check, finding, run, step
from typer.testing import CliRunner, Result

from auditlib.cli.console import aligned, shown, width
from auditlib.cli.issues import issues_app
from auditlib.issues.events import Kind
from auditlib.issues.register import Register

FIELDS = {"issue_id", "finding_ids", "rule", "org_code", "title", "severity", "state", "owner", "deadline", "colour", "amount"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Register.open(tmp_path / "register.db") as register:
        run(register, finding(), finding("记-002", org_code=OTHER_VILLAGE, org_name="下河村"), organisations=ORGANISATIONS)
    return tmp_path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(issues_app, [str(a) for a in arguments])


def document(*arguments: object) -> dict[str, Any]:
    return json.loads(call(*arguments, "--json").stdout)


def close_all(folder: Path) -> None:
    with Register.open_existing(folder / "register.db") as register:
        for issue in register.issues(AS_OF):
            step(register, issue, Kind.CLOSED)


@pytest.mark.parametrize("way", ["place", "--out", "--register"])
def test_the_register_is_found_by_folder_or_by_name(folder: Path, way: str) -> None:
    where = {"place": [folder], "--out": ["--out", folder], "--register": ["--register", folder / "register.db"]}[way]
    issues = document("list", *where, "--as-of", "2026-01-31")["issues"]
    assert len(issues) == 2 and all(set(issue) >= FIELDS for issue in issues)
    assert (issues[0]["amount"], issues[0]["deadline"], issues[0]["colour"]) == ("1200.00", "2026-03-02", "green")


def test_the_exit_status_says_whether_something_is_open(folder: Path) -> None:
    assert call("list", folder).exit_code == 1
    close_all(folder)
    assert call("list", folder).exit_code == 0
    assert call("list", folder, "--state", "closed").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"], ["list", "--register", "nowhere.db"], ["list", "HERE", "--org", "999"], ["list", "HERE", "--state", "done"],
        ["list", "HERE", "--as-of", "2月30日"], ["list", "HERE", "--list", "fourth"], ["show", "WT-none", "HERE"], ["show", "", "HERE"],
    ],
)  # fmt: skip
def test_a_wrong_call_ends_with_2_and_says_why(folder: Path, arguments: list[str]) -> None:
    result = call(*(folder if a == "HERE" else a for a in arguments), "--json")
    assert result.exit_code == 2 and result.stdout == "" and result.stderr


def test_an_empty_list_is_shown_only_where_the_code_is_known(folder: Path) -> None:
    assert len(document("list", folder, "--org", TOWNSHIP)["issues"]) == 2
    assert len(document("list", folder, "--org", OTHER_VILLAGE)["issues"]) == 1
    result = call("list", folder, "--org", ORGANISATIONS[0].org_code + "9")
    assert result.exit_code == 2 and ORGANISATIONS[0].org_code in result.stderr


def test_state_chooses(folder: Path) -> None:
    with Register.open(folder / "register.db") as register:
        run(register, finding(), checks=(check("passed", org_code=OTHER_VILLAGE),))
    assert [i["org_code"] for i in document("list", folder, "--state", "for_verification")["issues"]] == [OTHER_VILLAGE]


def test_show_adds_the_events(folder: Path) -> None:
    issue_id = document("list", folder)["issues"][0]["issue_id"]
    (issue,) = document("show", issue_id, folder)["issues"]
    assert set(issue) >= FIELDS and [event["kind"] for event in issue["events"]] == ["raised"]
    assert issue["events"][0]["at"] == "2026-01-31T02:00:00.000000Z"
    assert document("show", issue_id[:8], folder)["issues"] == [issue]
    assert document("show", issue["finding_ids"][0], folder)["issues"] == [issue]
    assert call("show", issue_id, folder).exit_code == 0


def test_the_three_lists_come_as_json_and_as_text(folder: Path) -> None:
    found = document("list", folder, "--list", "all")
    assert [len(found[name]) for name in ("problem", "responsibility", "deadline")] == [2, 2, 2]
    text = call("list", folder, "--list", "all").stdout
    assert text.index("问题清单") < text.index("责任清单") < text.index("时限清单")
    assert "问题清单" not in call("list", folder, "--list", "deadline").stdout


@pytest.mark.parametrize(("lang", "word"), [("zh", "待受理"), ("en", "township")])
def test_the_language_of_the_reader(folder: Path, lang: str, word: str) -> None:
    assert word in call("list", folder, "--lang", lang).stdout
    assert word in call("show", document("list", folder)["issues"][0]["issue_id"], folder, "--lang", lang).stdout


def test_a_workspace_names_its_register(tmp_path: Path) -> None:
    with Register.open(tmp_path / "ours.db") as register:
        run(register, finding())
    (tmp_path / "audit.toml").write_text('county = "师河县"\nregister = "ours.db"\n', encoding="utf-8")
    assert len(document("list", tmp_path)["issues"]) == 1


def test_columns_stand_straight_under_chinese() -> None:
    assert aligned([["单位", "x"], ["上河村一组", "y"], ["abc", "z"]]) == ["单位        x", "上河村一组  y", "abc         z"]
    assert [width("上河"), width("ab"), width("，")] == [4, 2, 2]


def test_ledger_text_cannot_redraw_the_terminal() -> None:
    assert shown("a\x1b[2Jb\nc\u202ed\u2028e") == "a [2Jb cd e"
