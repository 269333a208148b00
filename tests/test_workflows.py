"""The pre-commit hook, the GitHub action and the workflows: each runs, or names only what exists."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from test_validate import changed, table
from validate_formats import SCHEMAS, commands, sarif

from auditlib.cli.main import COMMANDS, app_of

ROOT = Path(__file__).resolve().parent.parent
ACTION = ROOT / ".github" / "actions" / "check-ledgers" / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent


def document(path: Path) -> dict[str, Any]:
    """A workflow as GitHub reads it: YAML 1.2, in which `on` is a word and not a truth value."""
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {("on" if key is True else key): value for key, value in loaded.items()}


def steps() -> list[tuple[str, dict[str, Any]]]:
    found = [(f"{p.name} {name}", s) for p in WORKFLOWS for name, job in document(p)["jobs"].items() for s in job["steps"]]
    return found + [("action", s) for s in document(ACTION)["runs"]["steps"]]


def lines() -> list[tuple[str, str]]:
    return [(name, line.strip()) for name, s in steps() for line in s.get("run", "").splitlines() if line.strip()]


@pytest.fixture
def ledgers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository of ledgers: one file in order, one with a blank cell, one that is broken."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "audit.toml").write_text('county = "汀岚县"\nfiscal_year = 2025\nas_of = 2025-12-31\n', encoding="utf-8")
    table(tmp_path / "白鹭镇" / "甲村" / "合同台账.csv", [changed()])
    table(tmp_path / "白鹭镇" / "乙村" / "合同, 台账.csv", [changed(承租方="")])
    return tmp_path


# ---- GitHub ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda p: p.name)
def test_github_s_own_forms_are_kept(path: Path) -> None:
    """SchemaStore's schemas of workflows and of action metadata."""
    schema = json.loads((SCHEMAS / ("github-action.json" if path == ACTION else "github-workflow.json")).read_text(encoding="utf-8"))
    refused = [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in Draft7Validator(schema).iter_errors(document(path))]
    assert not refused


def test_every_command_of_a_workflow_exists() -> None:
    named = set()
    for where, line in lines():
        words = shlex.split(line.split("||")[0], comments=True)
        if words[:1] == ["make"]:
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M), where
        elif words[:1] == ["bash"]:
            assert (ROOT / words[1]).is_file(), where
        elif words[:1] == ["auditlib"]:
            assert words[1] in COMMANDS, where
            known = options_of(words[1])
            assert {w.split("=")[0] for w in words[2:] if w.startswith("--") and w != "--"} <= known, where
        named.add(words[0])
    assert {"bash", "auditlib", "python"} <= named


def options_of(command: str) -> set[str]:
    from typer.testing import CliRunner

    return set(re.findall(r"--[a-z-]+", CliRunner().invoke(app_of([command]), [command, "--help"]).stdout))


def test_the_options_that_the_action_builds_exist() -> None:
    built = set(re.findall(r'"(--[a-z-]+)=', ACTION.read_text(encoding="utf-8")))
    assert built >= {"--format", "--fail-on", "--baseline", "--also"}
    assert built <= options_of("validate")


def test_workflows_cover_every_python_on_linux_and_windows_and_files_that_exist() -> None:
    jobs = {name: job for p in WORKFLOWS for name, job in document(p)["jobs"].items()}
    assert {"test", "test-windows", "lint", "types", "build", "ledgers"} <= set(jobs)
    for name in ("test", "test-windows"):
        assert jobs[name]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    for where, step in steps():
        if str(step.get("uses", "")).startswith("./"):
            assert (ROOT / step["uses"] / "action.yml").is_file(), where
    for where, line in lines():
        for file in re.findall(r"-r \"?(?:\$root/)?([\w.-]+\.txt)", line):
            assert (ROOT / file).is_file(), where
    assert 'markers' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (chosen,) = [shlex.split(line) for where, line in lines() if " -m " in f" {line} " and "not spark" in line]
    for marker in re.findall(r"not (\w+)", chosen[-1]):
        assert f'"{marker}:' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_no_input_becomes_part_of_a_script() -> None:
    """GitHub, security hardening: an expression inside `run` is text of the script; inputs go through the environment."""
    for where, step in steps():
        inside = re.findall(r"\$\{\{\s*([\w.-]+)", step.get("run", ""))
        assert all(name.startswith(("steps.", "matrix.", "runner.")) for name in inside), where


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
class TestTheAction:
    """Its steps by bash, with the environment that GitHub gives them."""

    def run(self, folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
        action = document(ACTION)
        inputs = {name: str(spec["default"]) for name, spec in action["inputs"].items()} | given
        (step,) = [s for s in action["runs"]["steps"] if "if" not in s]
        environment = {k: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: inputs[m[1]], v) for k, v in step["env"].items()}
        github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / ".summary.md"), "GITHUB_ACTION_PATH": str(ACTION.parent)}
        path = os.pathsep.join((str(BIN), os.environ["PATH"]))
        script = folder / ".step.sh"
        script.write_text(step["run"], encoding="utf-8")
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)], cwd=folder, check=False, capture_output=True, text=True,
            encoding="utf-8", env={**os.environ, **environment, **github, "PATH": path},
        )  # fmt: skip

    def test_a_wrong_cell_fails_the_job_with_annotation_summary_and_sarif(self, ledgers: Path) -> None:
        done = self.run(ledgers, **{"sarif-file": "检查.sarif"})
        (told,) = commands(done.stdout)
        assert done.returncode == 1
        assert told.properties["file"] == "白鹭镇/乙村/合同, 台账.csv" and told.properties["line"] == "2"
        assert "D01" in (ledgers / ".summary.md").read_text(encoding="utf-8")
        assert len(sarif((ledgers / "检查.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]) == 1

    def test_a_broken_file_fails_with_status_2_and_what_is_in_order_passes(self, ledgers: Path) -> None:
        (ledgers / "坏.xlsx").write_bytes(b"PK\x03\x04 no zip")
        assert self.run(ledgers).returncode == 2
        assert self.run(ledgers, paths="白鹭镇/甲村\n").returncode == 0

    def test_an_input_is_one_argument_whatever_it_holds(self, ledgers: Path) -> None:
        done = self.run(ledgers, paths='$(touch stolen)\n"; touch stolen; "\n--out=stolen')
        assert done.returncode == 2 and "$(touch stolen)" in done.stderr
        assert not (ledgers / "stolen").exists()


# ---- pre-commit ------------------------------------------------------------------------------------------------

(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("白鹭镇/甲村/台账.xlsx", True), ("台账.XLS", True), ("a.csv", True), ("账.et", True), ("凭证.xml", True), ("~$台账.xlsx", False),
        ("镇/~$台账.xlsx", False), (".hidden.csv", False), ("readme.md", False), ("a.csv.md", False),
    ],
)  # fmt: skip
def test_the_hook_is_given_ledger_files_and_no_lock_files(name: str, is_taken: bool) -> None:
    """pre-commit: a file is given when `files` is found in its path and `exclude` is not."""
    assert bool(re.search(HOOK["files"], name) and not re.search(HOOK["exclude"], name)) == is_taken


def test_the_hook_s_entry_refuses_a_commit_with_a_wrong_cell(ledgers: Path) -> None:
    """As pre-commit calls it: entry, args, then the staged files."""
    files = sorted(p.relative_to(ledgers).as_posix() for p in ledgers.rglob("*.csv"))
    command = [str(BIN / HOOK["entry"].split()[0]), *HOOK["entry"].split()[1:], *HOOK.get("args", [])]
    if not Path(command[0]).exists() and shutil.which(command[0]) is None:
        pytest.skip("auditlib is not installed as a command in this environment")
    done = subprocess.run([*command, *files], cwd=ledgers, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1 and "D01" in done.stdout and "合同, 台账.csv" in done.stdout
