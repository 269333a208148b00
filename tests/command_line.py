"""The command line in this process: its libraries are loaded once, and not once for every call."""

from __future__ import annotations

import subprocess

from typer.testing import CliRunner

from auditlib.cli.main import COMMANDS, app_of


def auditlib(*arguments: object) -> subprocess.CompletedProcess[str]:
    """`auditlib …` as a shell would call it; what it did not expect itself is raised here and fails the test."""
    words = [str(a) for a in arguments]
    asked = words[0] if words and words[0] in COMMANDS else ""
    result = CliRunner().invoke(app_of([asked] if asked else COMMANDS), words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return subprocess.CompletedProcess(words, result.exit_code, result.stdout, result.stderr)
