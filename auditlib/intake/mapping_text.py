"""A mapping file as YAML with the line of every key, so that a mistake can be named where it stands."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..words.errors import WorkspaceError
from ..words.messages import LANGUAGES, say

_LARGEST = 2**20  # bytes; a mapping is a page of text
_Key = tuple[Any, ...]


def near(value: str, candidates: Iterable[str]) -> str:
    """The candidates that look like `value`, else all of them."""
    listed = list(candidates)
    return ", ".join(difflib.get_close_matches(value, listed, n=3) or listed)


@dataclass(frozen=True, slots=True)
class ReadMapping:
    """The content of one file and the lines of its keys."""

    path: Path
    content: Mapping[str, Any]
    lines: Mapping[_Key, int]  # path of keys -> 1-based line

    def error(self, message: str, *key: Any, **values: object) -> WorkspaceError:
        """What is wrong at `key`, with file, line and key in front."""
        place = f"{self.path}:{self.lines.get(key, self.lines.get(key[:1], 1))}: {'.'.join(map(str, key))}"
        return WorkspaceError("\n".join(f"{place}: {say(message, language, **values)}" for language in LANGUAGES))

    def value(self, *key: Any) -> Any:
        """What stands at `key`, None where nothing does."""
        found: Any = self.content
        for part in key:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def known_keys(self, key: _Key, allowed: Collection[str]) -> None:
        """Raises WorkspaceError for a key that means nothing."""
        for name in self.mapping(*key):
            if name not in allowed:
                raise self.error("mapping.error.key", *key, name, value=name, candidates=near(str(name), allowed))

    def mapping(self, *key: Any) -> dict[Any, Any]:
        found = self.value(*key) if key else self.content
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise self.error("mapping.error.kind", *key, value=found, kind="key: value")
        return found

    def sequence(self, *key: Any) -> list[Any]:
        found = self.value(*key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self.error("mapping.error.kind", *key, value=found, kind="[…]")
        return found

    def text(self, *key: Any) -> str:
        found = self.value(*key)
        if isinstance(found, (dict, list)):
            raise self.error("mapping.error.kind", *key, value=found, kind="text")
        return "" if found is None else found.isoformat() if isinstance(found, dt.date) else str(found)

    def boolean(self, *key: Any) -> bool:
        found = self.value(*key)
        if found not in (None, True, False):
            raise self.error("mapping.error.kind", *key, value=found, kind="true / false")
        return bool(found)

    def number(self, name: str, otherwise: int, *, under: str = "") -> int:
        key = (under, name) if under else (name,)
        found = self.value(*key)
        if found is None:
            return otherwise
        if not isinstance(found, int) or isinstance(found, bool):
            raise self.error("mapping.error.kind", *key, value=found, kind="1, 2, 3")
        return found

    def numbers(self, *key: Any) -> tuple[int, ...]:
        found = self.sequence(*key)
        if not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in found):
            raise self.error("mapping.error.kind", *key, value=found, kind="[1, 2]")
        return tuple(found)

    def one_of(self, name: str, candidates: Collection[str]) -> str:
        found = self.value(name)
        if found not in candidates:
            raise self.error("mapping.error.ledger", name, value=found, candidates=near(str(found or ""), sorted(candidates)))
        return str(found)


def read_mapping_text(path: Path) -> ReadMapping:
    """The YAML of `path`. Raises WorkspaceError naming file and line."""
    import yaml

    try:
        if path.stat().st_size > _LARGEST:
            raise WorkspaceError(_both(path, "mapping.error.large", limit=_LARGEST // 2**20))
        source = path.read_text(encoding="utf-8-sig")
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(source, Loader=yaml.SafeLoader)):
            raise WorkspaceError(_both(path, "mapping.error.alias"))
        node = yaml.compose(source, Loader=yaml.SafeLoader)
        content = yaml.load(source, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise WorkspaceError(_both(path, "mapping.error.yaml", detail=str(error) or type(error).__name__)) from error
    lines: dict[_Key, int] = {}
    _note_lines(path, node, (), lines)
    if not isinstance(content, dict):
        raise WorkspaceError(_both(path, "mapping.error.yaml", detail=f"{type(content).__name__}; version, shape, ledger, columns"))
    return ReadMapping(path, content, lines)


def _both(path: Path, message: str, **values: object) -> str:
    return "\n".join(f"{path}: {say(message, language, **values)}" for language in LANGUAGES)


def _note_lines(path: Path, node: Any, key: _Key, lines: dict[_Key, int]) -> None:
    """The line of each key; a key that stands twice would silently lose its first answer."""
    if getattr(node, "id", "") != "mapping":
        return
    for name, value in node.value:
        inner = (*key, name.value)
        line = name.start_mark.line + 1
        if inner in lines:
            raise WorkspaceError(_both(path, "mapping.error.key_twice", line=line, first=lines[inner], key=".".join(map(str, inner))))
        lines[inner] = line
        _note_lines(path, value, inner, lines)
