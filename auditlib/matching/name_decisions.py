"""What people decided about names that are alike: `<workspace>/mappings/matching/*.yaml`, read at every run, kept for good.

One file holds `names:`, a list of {left, right, same, by, on, why}. Answers are added, never rewritten; of several about
the same two names the last stands.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from pathlib import Path

from ..intake.mapping import FOLDER
from ..intake.mapping_text import read_mapping_text
from ..words.errors import WorkspaceError
from .names import Decision, key_of

PLACE, FILE = "matching", "names.yaml"
_ENTRY = ("left", "right", "same", "by", "on", "why")


def read_decisions(workspace: Path) -> dict[tuple[str, str], Decision]:
    """Every decision of the workspace by its two names. Raises WorkspaceError naming file and entry."""
    found: dict[tuple[str, str], Decision] = {}
    for path in sorted((workspace / FOLDER / PLACE).glob("*.yaml")):
        for entry in _entries(path):
            key = key_of(entry["left"], entry["right"])
            found[key] = Decision(key, entry["same"], entry["by"], str(entry["on"]), str(entry.get("why") or ""))
    return found


def _entries(path: Path) -> list[dict]:  # type: ignore[type-arg]
    read = read_mapping_text(path)
    read.known_keys((), ("version", "names"))
    entries = read.sequence("names")
    for n, entry in enumerate(entries):
        whole = isinstance(entry, dict) and set(entry) <= set(_ENTRY) and all(entry.get(k) not in (None, "") for k in _ENTRY[:5])
        if not whole or not isinstance(entry["same"], bool):
            raise read.error("mapping.error.kind", "names", value=f"#{n + 1}: {entry}", kind="{left, right, same: true|false, by, on}")
    return entries


def remember(workspace: Path, left: str, right: str, *, same: bool, by: str, on: dt.date, why: str = "") -> Path:
    """Adds one answer and gives the file. Raises WorkspaceError for an answer without names or person, or a file that cannot be written."""
    import yaml

    if not left.strip() or not right.strip() or not by.strip():
        raise WorkspaceError("a decision needs two names and who decided: left, right, by")
    path = workspace / FOLDER / PLACE / FILE
    entries = _entries(path) if path.is_file() else []
    entries.append({"left": left, "right": right, "same": same, "by": by, "on": on, "why": why})
    text = yaml.safe_dump({"version": 1, "names": entries}, allow_unicode=True, sort_keys=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".tmp", delete=False) as stream:
            stream.write(text)
        os.replace(stream.name, path)
    except OSError as error:
        raise WorkspaceError(f"{path}: {error}") from error
    return path
