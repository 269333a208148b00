"""What people decided about names that are alike: `<workspace>/mappings/matching/*.yaml`, read at every run, kept for good.

One file holds `names:`, a list of {left, right, same, by, on, why}. Answers are added, never rewritten; of several about
the same two names the last stands.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ..words.errors import WorkspaceError
from ..words.messages import LANGUAGES, say
from .decision_files import add_entry, entries_of
from .names import Decision, key_of

PLACE, FILE, KEY = "matching", "names.yaml", "names"
_ENTRY = ("left", "right", "same", "by", "on", "why")
_SHAPE = "{left, right, same: true|false, by, on}"


def read_decisions(workspace: Path) -> dict[tuple[str, str], Decision]:
    """Every decision of the workspace by its two names. Raises WorkspaceError naming file and entry."""
    found: dict[tuple[str, str], Decision] = {}
    for where, entry in entries_of(workspace, PLACE, KEY, _ENTRY, _SHAPE):
        if any(entry.get(k) in (None, "") for k in _ENTRY[:5]) or not isinstance(entry["same"], bool):
            raise WorkspaceError("\n".join(say("matching.entry", lang, where=where, value=entry, shape=_SHAPE) for lang in LANGUAGES))
        key = key_of(entry["left"], entry["right"])
        found[key] = Decision(key, entry["same"], entry["by"], str(entry["on"]), str(entry.get("why") or ""))
    return found


def remember(workspace: Path, left: str, right: str, *, same: bool, by: str, on: dt.date, why: str = "") -> Path:
    """Adds one answer and gives the file. Raises WorkspaceError for an answer without names or person, or a file that cannot be written."""
    if not left.strip() or not right.strip() or not by.strip():
        raise WorkspaceError("a decision needs two names and who decided: left, right, by")
    entry = {"left": left, "right": right, "same": same, "by": by, "on": on, "why": why}
    return add_entry(workspace, PLACE, FILE, KEY, entry, _ENTRY, _SHAPE)
