"""Which files a git working tree has added or changed since a revision."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from ..words.errors import WorkspaceError
from ..words.messages import LANGUAGES, say


def changed_since(folder: Path, revision: str) -> frozenset[Path]:
    """Absolute paths of the files of `folder`'s repository that were added, changed or renamed since `revision` forked from HEAD.

    Files that git does not know yet count as added, ignored ones do not. The revision is resolved before it is used, and never
    read as an option. Raises WorkspaceError: no git, no repository, no such revision.
    """
    top = Path(_git(folder, "rev-parse", "--show-toplevel", key="validate.no_repository", path=folder).removesuffix("\n"))
    asked = f"{revision}^{{commit}}"
    commit = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", asked, key="validate.no_revision", revision=revision).strip()
    base = _fork(top, commit)
    changed = _git(
        top, "diff", "--name-only", "-z", "--no-ext-diff", "--diff-filter=ACMRT", base, "--", key="validate.no_revision", revision=revision
    )
    new = _git(top, "ls-files", "--others", "--exclude-standard", "-z", key="validate.no_repository", path=top)
    return frozenset((top / name).resolve() for name in (changed + new).split("\0") if name)


def _fork(top: Path, commit: str) -> str:
    """Where HEAD left the line of `commit`; the commit itself where a shallow clone does not know."""
    done = _run(top, ["merge-base", commit, "HEAD"])
    return done.stdout.strip() if done.returncode == 0 and done.stdout.strip() else commit


def _git(folder: Path, *arguments: str, key: str, **values: object) -> str:
    done = _run(folder, arguments)
    if done.returncode:
        raise WorkspaceError("\n".join(say(key, language, **values) for language in LANGUAGES))
    return done.stdout


def _run(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotepath=false", *arguments]
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", errors="surrogateescape", check=False)
    except FileNotFoundError as error:
        raise WorkspaceError("\n".join(say("validate.no_git", language) for language in LANGUAGES)) from error
