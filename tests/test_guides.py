"""The guides, README and CONTRIBUTING do what they say: their files are written, their commands run in order, and both languages agree."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from command_line import auditlib

from auditlib.cli.guide import REFERENCE, TASKS, guide_text
from auditlib.cli.main import COMMANDS, app_of
from auditlib.cli.reference import api_markdown, commands_markdown
from auditlib.reports.ledgers_markdown import ledgers_markdown

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND_LINE: Any = typer.main.get_command(app_of(COMMANDS))
ELSEWHERE = {"province"}  # its audits run in the tests of Spark: here its calls are only checked
SERVER = "postgresql://auditor@127.0.0.1/sanzi"


def blocks(text: str) -> list[tuple[str, str, str]]:
    """Kind, name and content of every block of a guide."""
    return BLOCK.findall(text)


def calls(text: str) -> Iterator[list[str]]:
    """The words of every call of auditlib in the shell blocks, settings before it left aside."""
    for kind, _, content in blocks(text):
        for line in content.splitlines() if kind == "sh" else ():
            words = shlex.split(line, comments=True)
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words = words[1:]
            if words[:1] == ["auditlib"]:
                yield words[1:]


def command_of(words: list[str]) -> Any:
    command = COMMAND_LINE
    for word in words:
        if word not in getattr(command, "commands", {}):
            break
        command = command.commands[word]
    return command


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the first guide was followed to its end."""
    folder = tmp_path_factory.mktemp("guides")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        follow("first-audit")
    return folder


def follow(name: str, server: str = SERVER) -> None:
    """Does in the current folder what a guide says, from top to bottom. Status 2 (wrong call) is never right in a guide."""
    done = 0
    for kind, target, content in blocks(guide_text(name, "en")):
        if target:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            Path(target).write_text(content, encoding="utf-8")
        elif kind == "sql":
            execute(server, content)
        elif kind == "sh":
            for words in calls(f"```sh\n{content}```"):
                called = auditlib(*at(server, words))
                assert called.returncode in (0, 1), f"auditlib {shlex.join(words)}\n{called.stdout}{called.stderr}"
                done += 1
    assert done >= 2


def at(server: str, words: list[str]) -> list[str]:
    """The words of a call with the address of the server that is there, whoever logs in."""
    host = server.partition("@")[2]
    return [w.replace("127.0.0.1/sanzi", host) if w.startswith("postgresql://") else w for w in words]


def execute(server: str, statements: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statements.encode())


# ---- the guides --------------------------------------------------------------------------------------------------


def test_the_first_guide_ends_with_findings_and_a_page_that_opens(first: Path) -> None:
    assert (first / "结果" / "index.html").is_file()
    assert (first / "结果" / "findings.csv").stat().st_size > 1000


def test_a_sheet_that_was_not_recognised_is_read_after_its_guide(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(first / "示范", tmp_path / "示范")
    monkeypatch.chdir(tmp_path)
    follow("new-form")
    (settled,) = (tmp_path / "示范" / "汀岚县" / "mappings").glob("*.yaml")
    assert "王芳" in settled.read_text(encoding="utf-8")
    read = auditlib("read", "示范/汀岚县/白鹭镇/马蹄沟村/门面登记.csv", "--json").stdout
    assert '"ledger": "contracts"' in read and '"field": "annual_rent"' in read


def test_the_rule_of_the_guide_finds_the_row_at_the_limit_and_not_the_one_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    follow("new-rule")
    checked = json.loads(auditlib("validate", "试验县/某镇/某村/合同台账.csv", "--json").stdout)
    assert [f["records"] for f in checked["findings"] if f["rule"] == "FWX01"] == ["HT-1"]


def test_publication_is_made_as_its_guide_says(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("示范", "结果"):
        shutil.copytree(first / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    follow("publication")
    assert (tmp_path / "结果" / "publication" / "2025Q4" / "index.html").is_file()


@pytest.mark.postgres
def test_a_team_shares_a_register_as_its_guide_says(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, team_url: str) -> None:
    shutil.copytree(first / "结果", tmp_path / "结果")
    monkeypatch.chdir(tmp_path)
    follow("team", team_url)
    listed = auditlib("issues", "people", "list", "--register", team_url).stdout
    assert "王芳" in listed and "李明" in listed


@pytest.fixture
def team_url() -> Iterator[str]:
    import test_register_postgresql as register

    server = register.server.__wrapped__()  # type: ignore[attr-defined]
    try:
        yield register._create(next(server), "sanzi")
    finally:
        server.close()


@pytest.mark.parametrize("name", TASKS)
def test_a_guide_says_the_same_in_both_languages_and_every_call_exists(name: str) -> None:
    zh, en = (guide_text(name, language) for language in ("zh", "en"))
    assert blocks(zh) == blocks(en) and blocks(zh)
    assert (
        zh.startswith("# ") and re.search(r"[\u4e00-\u9fff]", zh.splitlines()[0]) and not re.search(r"[\u4e00-\u9fff]", en.splitlines()[0])
    )
    for words in calls(en):
        command = command_of(words)
        assert not hasattr(command, "commands"), words
        assert {w.split("=")[0] for w in words if w.startswith("--")} <= {o for p in command.params for o in p.opts}, words
    assert len(list(calls(en))) >= 2


def test_guides_name_guides_and_folders_that_exist() -> None:
    for name in TASKS:
        text = guide_text(name, "en")
        assert set(re.findall(r"auditlib guide ([\w-]+)", text)) <= {*TASKS, *REFERENCE}
        for path in re.findall(r"`((?:expectations|notebooks)/[\w./-]*)`", text):
            assert (ROOT / path).exists(), path


def test_the_command_lists_prints_and_refuses() -> None:
    listed = auditlib("guide", "--lang", "en").stdout
    assert all(name in listed for name in (*TASKS, *REFERENCE))
    assert auditlib("guide", "first-audit").stdout == guide_text("first-audit", "zh")
    refused = auditlib("guide", "new-from", "--lang", "en")
    assert refused.returncode == 2 and "new-form" in refused.stderr


# ---- reference ---------------------------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """File and text of every committed page of reference."""
    from auditlib.catalog.load import load_catalog

    return {
        "expectations/LEDGERS.md": ledgers_markdown(load_catalog(), "en"),
        "expectations/LEDGERS.zh-CN.md": ledgers_markdown(load_catalog(), "zh"),
        "auditlib/guides/COMMANDS.md": commands_markdown(),
        "auditlib/guides/API.md": api_markdown(),
    }


@pytest.mark.parametrize(
    "path", ["expectations/LEDGERS.md", "expectations/LEDGERS.zh-CN.md", "auditlib/guides/COMMANDS.md", "auditlib/guides/API.md"]
)
def test_a_page_of_reference_is_the_one_that_the_program_gives(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == pages()[path], "stale: make reference"


def test_reference_names_every_ledger_field_command_and_public_name() -> None:
    import auditlib as package
    from auditlib.catalog.load import load_catalog

    made = pages()
    for spec in load_catalog().ledgers.values():
        assert f'<a id="{spec.name}"></a>' in made["expectations/LEDGERS.md"]
        assert all(f"`{field}`" in made["expectations/LEDGERS.md"] for field in spec.fields)
    for name in COMMANDS:
        assert f"`auditlib {name}" in made["auditlib/guides/COMMANDS.md"]
    for name in set(package.__all__) - {"__version__"}:
        assert f"## `{name}`" in made["auditlib/guides/API.md"]
