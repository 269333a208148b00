"""What people decided about matches, in files of the county: entries are added and never rewritten, so that the history stays."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..intake.mapping import FOLDER
from ..intake.mapping_text import read_mapping_text
from ..words.errors import WorkspaceError

VERSION = 1


def entries_of(workspace: Path, place: str, key: str, fields: Sequence[str], shape: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every entry under `key` of `<workspace>/mappings/<place>/*.yaml` with where it stands, file by file in order.

    `fields`: what an entry may hold, `shape` how one is written. Raises WorkspaceError naming file and entry.
    """
    for path in sorted((workspace / FOLDER / place).glob("*.yaml")):
        for n, entry in enumerate(_read(path, key, fields, shape), 1):
            yield f"{path.relative_to(workspace).as_posix()} › {key} › {n}", entry


def _read(path: Path, key: str, fields: Sequence[str], shape: str) -> list[dict[str, Any]]:
    read = read_mapping_text(path)
    read.known_keys((), ("version", key))
    entries = read.sequence(key)
    for n, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or not set(entry) <= set(fields):
            raise read.error("mapping.error.kind", key, value=f"#{n}: {entry}", kind=shape)
    return entries


def add_entry(workspace: Path, place: str, file: str, key: str, entry: Mapping[str, Any], fields: Sequence[str], shape: str) -> Path:
    """Adds one entry to `<workspace>/mappings/<place>/<file>` and gives the file. Raises WorkspaceError where it cannot be written."""
    import yaml

    path = workspace / FOLDER / place / file
    entries = [*(_read(path, key, fields, shape) if path.is_file() else ()), dict(entry)]
    text = yaml.safe_dump({"version": VERSION, key: entries}, allow_unicode=True, sort_keys=False, width=1000)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".tmp", delete=False) as stream:
            stream.write(text)
        os.replace(stream.name, path)
    except OSError as error:
        raise WorkspaceError(f"{path}: {error}") from error
    return path
