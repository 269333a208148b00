"""The one catalogue of messages, Chinese first and English second.

Each `*.yaml` beside this file holds one area: `key: {zh: ..., en: ...}` with `{name}` placeholders. A key
stands in one file only.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..kept import contents_of

LANGUAGES = ("zh", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All messages by key. Raises ValueError when a key stands twice or a language is missing."""
    found: dict[str, dict[str, str]] = {}
    paths = sorted(Path(__file__).parent.glob("*.yaml"))
    for path, entries in zip(paths, contents_of("messages", paths, _read), strict=True):
        for key, texts in entries.items():
            if key in found:
                raise ValueError(f"{path.name}: message '{key}' stands in another file too")
            if set(texts) != set(LANGUAGES):
                raise ValueError(f"{path.name}: message '{key}' needs exactly zh and en")
            found[key] = texts
    return found


def _read(path: Path) -> dict[str, dict[str, str]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader) or {}


def say(key: str, language: str = "zh", /, **values: object) -> str:
    """The message `key` in `language`, its placeholders filled from `values`."""
    return catalogue()[key][language].format(**values)
