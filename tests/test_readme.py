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
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


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
    for name in ("requirements.txt", "requirements-test.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(r"[a-zA-Z0-9._\-\[\],]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
