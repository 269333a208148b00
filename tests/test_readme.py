"""What the README tells a reader to type exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from auditlib.cli.main import COMMANDS, app_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGETS = sorted(set(re.findall(r"make ([a-z]+)\b(?= |`|\n)", README)))
COMMAND_LINE: Any = typer.main.get_command(app_of(COMMANDS))
CALLS = sorted(set(re.findall(r"(?<![\w/])auditlib ((?:[a-z]+(?:-[a-z]+)*\b ?)+)([^`\n#]*)", README)))


def named(words: str) -> tuple[str, Any]:
    """The command that a call means, and what it knows of itself: `issues letters send` is three levels deep."""
    command, path = COMMAND_LINE, []
    for word in words.split():
        if word not in getattr(command, "commands", {}):
            break
        command = command.commands[word]
        path.append(word)
    return " ".join(path), command


def test_the_readme_names_the_commands() -> None:
    known = {named(words)[0] for words, _ in CALLS}
    assert {
        "audit",
        "read",
        "compare",
        "match",
        "issues list",
        "issues show",
        "rules list",
        "rules show",
        "demo",
        "lab",
        "issues letters send",
    } <= known
    assert {"audit", "test", "lab", "bench"} <= set(TARGETS)


@pytest.mark.parametrize(("words", "rest"), CALLS)
def test_every_call_in_the_readme_is_a_command_with_these_options(words: str, rest: str) -> None:
    path, command = named(words)
    assert path and (not hasattr(command, "commands") or words.strip() == path), f"auditlib {words}"
    options = {o for p in command.params for o in p.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", rest)) <= options


def test_every_option_that_the_readme_speaks_of_exists() -> None:
    def options(command: Any) -> set[str]:
        return {o for p in command.params for o in p.opts} | {o for c in getattr(command, "commands", {}).values() for o in options(c)}

    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) - {"--require-hashes", "--no-deps"}
    assert told <= options(COMMAND_LINE)


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_in_the_readme_exists(target: str) -> None:
    assert re.search(rf"^[a-z ]*\b{target}\b[a-z ]*:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


def test_every_path_in_the_readme_exists() -> None:
    for path in set(re.findall(r"`((?:expectations|notebooks|ledgers)/[\w./]*)`", README)) | set(
        re.findall(r"(ledgers/[\w\u4e00-\u9fff]+) --out", README)
    ):
        assert (ROOT / path).exists(), path


def test_ci_runs_the_readme_s_test_command_with_the_browser_and_the_database_there() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.splitlines()[-1] == "make test"
    assert "packages=(chromium fonts-noto-cjk postgresql)" in script


def test_pinned_requirements_name_versions_and_hashes_only() -> None:
    for name in ("requirements.txt", "requirements-lab.txt", "requirements-test.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(r"[a-zA-Z0-9._\-\[\],]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line


def test_the_chinese_readme_has_the_same_commands_and_parts() -> None:
    chinese = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")

    def commands(text: str) -> list[str]:
        lines = [line for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for line in block.splitlines()]
        return [line.split("#")[0].rstrip() for line in lines]

    assert commands(chinese) == commands(README) and len(commands(README)) >= 15
    parts = [len(re.findall(r"^## ", text, re.MULTILINE)) for text in (chinese, README)]
    assert parts[0] == parts[1]
    assert {c for c, _ in re.findall(r"^\| `(auditlib [a-z]+)( |`)", chinese, re.MULTILINE)} <= set(re.findall(r"auditlib [a-z]+", README))


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_every_link_leads_somewhere_and_pictures_are_small(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    for link in links:
        assert (ROOT / link).is_file(), link
        assert not link.endswith(".png") or (ROOT / link).stat().st_size < 200_000, link
    assert len(links) >= (12 if name.startswith("README") else 0)


def test_contributing_names_folders_and_targets_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = re.findall(r"`((?:expectations|auditlib|tests)/[\w./]*)`", text)
    assert len(folders) >= 8 and all((ROOT / f).exists() for f in folders), folders
    for target in re.findall(r"make ([a-z]+)", text):
        assert re.search(rf"^[a-z ]*\b{target}\b[a-z ]*:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M), target
