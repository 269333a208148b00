"""What the README tells a reader to type exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted({m for m in re.findall(r"(?<![\w/])auditlib ([a-z]+(?: (?:list|show))?)", README)})
TARGETS = sorted(set(re.findall(r"make ([a-z]+)\b(?= |`|\n)", README)))


def test_the_readme_names_the_commands() -> None:
    assert {"audit", "read", "compare", "match", "issues list", "issues show", "rules list", "rules show", "demo", "lab"} <= set(COMMANDS)
    assert {"audit", "test", "lab", "bench"} <= set(TARGETS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_the_readme_explains_itself(command: str) -> None:
    done = subprocess.run([sys.executable, "-m", "auditlib", *command.split(), "--help"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_every_option_in_the_readme_exists() -> None:
    helps = "".join(
        subprocess.run([sys.executable, "-m", "auditlib", *c.split(), "--help"], capture_output=True, text=True, cwd=ROOT, check=False).stdout for c in COMMANDS
    )
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) - {"--require-hashes", "--no-deps"}:
        assert option in helps, option


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_in_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


def test_every_path_in_the_readme_exists() -> None:
    for path in set(re.findall(r"`((?:expectations|notebooks|ledgers)/[\w./]*)`", README)) | set(re.findall(r"(ledgers/[\w\u4e00-\u9fff]+) --out", README)):
        assert (ROOT / path).exists(), path


def test_ci_runs_the_readme_s_test_command_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert lines == ["make test"]


def test_pinned_requirements_name_versions_and_hashes_only() -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(r"[a-zA-Z0-9._\-\[\],]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
