"""Findings that somebody accepted for a time: who, why, and until when. An acceptance that has run out accepts nothing."""

from __future__ import annotations

import datetime as dt
import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog.load import read_yaml
from ..words.errors import WorkspaceError
from ..words.messages import LANGUAGES, say

_KEYS = ("finding_id", "accepted_by", "reason", "until")


@dataclass(frozen=True, slots=True)
class Accepted:
    """One entry of a baseline file; `until` is the last day on which it holds."""

    finding_id: str
    accepted_by: str
    reason: str
    until: dt.date

    def holds_on(self, day: dt.date) -> bool:
        return day <= self.until


def load_baseline(path: Path) -> tuple[Accepted, ...]:
    """The entries of a baseline in YAML or JSON: `accepted:` and a list of finding_id, accepted_by, reason, until.

    Raises WorkspaceError naming file, entry, key and what to write, in both languages; CatalogError for broken YAML.
    """
    raw = _read(path)
    entries = raw.get("accepted") if isinstance(raw, dict) else raw
    if not isinstance(entries, list):
        raise _wrong("validate.baseline.shape", file=path)
    found = tuple(_entry(path, n, e) for n, e in enumerate(entries, 1))
    met: dict[str, int] = {}
    for n, one in enumerate(found, 1):
        if one.finding_id in met:
            raise _wrong("validate.baseline.twice", file=path, entry=n, first=met[one.finding_id], value=one.finding_id)
        met[one.finding_id] = n
    return found


def _read(path: Path) -> Any:
    if not path.is_file():
        raise _wrong("validate.baseline.missing", file=path)
    if path.suffix.lower() != ".json":
        return read_yaml(path)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise _wrong("validate.baseline.broken", file=path, error=error) from error


def _entry(path: Path, number: int, entry: Any) -> Accepted:
    if not isinstance(entry, dict):
        raise _wrong("validate.baseline.shape", file=path)
    for key in entry:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=2) or _KEYS
            raise _wrong("validate.baseline.key", file=path, entry=number, key=key, candidates=", ".join(near))
    texts = {key: str(entry.get(key) or "").strip() for key in _KEYS}
    for key, text in texts.items():
        if not text:
            raise _wrong("validate.baseline.blank", file=path, entry=number, key=key)
    return Accepted(texts["finding_id"], texts["accepted_by"], texts["reason"], _day(path, number, texts["until"]))


def _day(path: Path, number: int, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        raise _wrong("validate.baseline.date", file=path, entry=number, value=text) from None


def _wrong(key: str, /, **values: object) -> WorkspaceError:
    return WorkspaceError("\n".join(say(key, language, **values) for language in LANGUAGES))
