"""What the YAML files of a set say, kept as JSON between two runs: reading 750 KB of YAML takes longer than checking a small file.

Kept in the cache folder of this user (`AUDITLIB_CACHE` names another; empty: none is used), under the SHA-256 of the bytes of all
files, so a file that changed is read anew. It is only believed where nobody but this user can have written it, and where it is
whole; it is JSON, so reading it runs nothing, and whoever asked looks at its shape as at that of any file. Whatever is wrong with it, or
with the folder, costs time and nothing else: the YAML is read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PLACE = "AUDITLIB_CACHE"  # name of the environment variable
_FORM = b"1\n"  # what a kept file looks like; another number makes all that were kept before worthless
_KEPT = 4  # versions of one set that stay: checkouts and releases used in turns
_DATE = "$date"


def contents_of(kind: str, paths: Sequence[Path], read: Callable[[Path], Any]) -> list[Any]:
    """What each of `paths` holds, in their order: as kept, else by `read`, and then kept.

    `kind` names the set of files in the cache. `read` depends on the bytes of the file alone; what it raises is raised here.
    """
    folder = cache_folder()
    key = _key_of(paths) if folder else ""
    if folder is None or not key:
        return [read(path) for path in paths]
    kept = folder / f"{kind}-{key}.json"
    found = _taken(kept)
    if isinstance(found, list) and len(found) == len(paths):
        return found
    made = [read(path) for path in paths]
    _keep(made, kept, kind)
    return made


def cache_folder() -> Path | None:
    """Where this user's programs keep what they can make again (XDG Base Directory, or the system's own place); None: nowhere."""
    if PLACE in os.environ:
        return Path(os.environ[PLACE]) if os.environ[PLACE] else None
    with suppress(RuntimeError, KeyError):  # a user without a home
        if sys.platform == "win32":
            return Path(os.environ["LOCALAPPDATA"]) / "auditlib" / "Cache"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "auditlib"
        given = os.environ.get("XDG_CACHE_HOME", "")
        return (Path(given) if os.path.isabs(given) else Path.home() / ".cache") / "auditlib"
    return None


def _key_of(paths: Sequence[Path]) -> str:
    """SHA-256 of the names and bytes of all files; '' where one cannot be read."""
    digest = hashlib.sha256(_FORM)
    try:
        for path in paths:
            held = path.read_bytes()
            digest.update(f"{path.parent.name}/{path.name} {len(held)}\n".encode("utf-8", "surrogateescape"))
            digest.update(held)
    except OSError:
        return ""
    return digest.hexdigest()


def _taken(kept: Path) -> Any:
    """What a kept file holds; None where it is not there, not whole, or may have been written by somebody else."""
    try:
        if not (_own(kept.parent) and _own(kept)):
            return None
        digest, _, body = kept.read_bytes().partition(b"\n")
        if digest != hashlib.sha256(body).hexdigest().encode():
            return None
        return json.loads(body, object_hook=_dated)
    except (OSError, ValueError, RecursionError):
        return None


def _own(path: Path) -> bool:
    """True where nobody but this user may write; Windows keeps others out of the folders of a user by itself."""
    if not hasattr(os, "getuid"):
        return path.exists()
    told = path.stat()
    return told.st_uid == os.getuid() and not told.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _keep(made: list[Any], kept: Path, kind: str) -> None:
    """Writes what was made, where the folder is this user's own and JSON can say it; else nothing happens."""
    with suppress(OSError, TypeError, ValueError, RecursionError):
        text = json.dumps(made, ensure_ascii=False, default=_date, separators=(",", ":"))
        if json.loads(text, object_hook=_dated) != made:
            return
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _own(kept.parent):
            return
        body = text.encode("utf-8")
        handle, unfinished = tempfile.mkstemp(dir=kept.parent, prefix=f".{kind}-")  # readable and writable by this user alone
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            os.replace(unfinished, kept)
        except BaseException:
            os.unlink(unfinished)
            raise
        _clear(kept, kind)


def _clear(newest: Path, kind: str) -> None:
    others = [(p.stat().st_mtime_ns, p) for p in newest.parent.glob(f"{kind}-*.json") if p != newest]
    for _, path in sorted(others)[: -(_KEPT - 1)]:
        path.unlink()


def _date(value: object) -> dict[str, str]:
    if type(value) is dt.date:
        return {_DATE: value.isoformat()}
    raise TypeError(type(value).__name__)


def _dated(table: dict[str, Any]) -> Any:
    return dt.date.fromisoformat(table[_DATE]) if len(table) == 1 and _DATE in table else table
