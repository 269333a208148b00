"""`--changed-since`: only what a working tree has added or changed, by git itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from test_validate import changed, table, validate

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One file that stays, one that changes, one that goes; then a new one and one that git ignores."""
    git(tmp_path, "init", "-q", "-b", "main")
    for name in ("不变.csv", '改"了\t的.csv', "删去.csv"):
        table(tmp_path / "镇" / name, [changed(承租方="")])
    (tmp_path / ".gitignore").write_text("忽略.csv\n", encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "1")
    git(tmp_path, "tag", "first")
    git(tmp_path, "checkout", "-q", "-b", "work")
    table(tmp_path / "镇" / '改"了\t的.csv', [changed(承租方="", 年租金="1")])
    git(tmp_path, "commit", "-q", "-am", "2")
    (tmp_path / "镇" / "删去.csv").unlink()
    table(tmp_path / "镇" / "新.csv", [changed(承租方="")])
    table(tmp_path / "忽略.csv", [changed(承租方="")])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(*arguments: str) -> list[str]:
    return [f["file"] for f in json.loads(validate(*arguments, "--json").stdout)["files"]]


def test_added_and_changed_files_are_checked_and_no_others(repository: Path) -> None:
    assert checked(".", "--changed-since", "first") == ["镇/改\"了\t的.csv", "镇/新.csv"]
    assert checked(".", "--changed-since", "HEAD") == ["镇/新.csv"]
    assert checked("镇/不变.csv", "--changed-since", "first") == []
    assert len(checked(".")) == 4


def test_what_the_other_branch_changed_meanwhile_is_not_ours(repository: Path) -> None:
    git(repository, "stash", "-q", "-u")
    git(repository, "checkout", "-q", "main")
    table(repository / "镇" / "不变.csv", [changed(承租方="", 年租金="7")])
    git(repository, "commit", "-q", "-am", "on main")
    git(repository, "checkout", "-q", "work")
    assert checked(".", "--changed-since", "main") == ["镇/改\"了\t的.csv"]


@pytest.mark.parametrize("revision", ["--output=stolen", "-h", "no-such", "HEAD; touch stolen", "$(touch stolen)", ""])
def test_a_revision_is_never_an_option_or_a_command(repository: Path, revision: str) -> None:
    done = validate(".", f"--changed-since={revision}")
    assert done.exit_code == 2 and "fetch-depth" in done.stderr and "Traceback" not in done.output
    assert not (repository / "stolen").exists()


def test_outside_a_repository_it_is_refused(tmp_path: Path) -> None:
    if any((p / ".git").exists() for p in tmp_path.resolve().parents):
        pytest.skip("the folder for temporary files lies in a git repository")
    path = table(tmp_path / "合同.csv", [changed(承租方="")])
    done = validate(path, "--changed-since", "HEAD")
    assert done.exit_code == 2 and "git" in done.stderr
