"""The output folder: ours is marked, anyone else's is left alone.

The marker lists every file that was written, one relative path a line, and a name is entered before its
file is written: a run that was cut off leaves nothing behind that the next run would take for foreign.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path, PurePosixPath

from ..words.errors import OutputError
from ..words.folders import OUTPUT_MARKER
from ..words.messages import say

_TOLERATED = (".DS_Store", "Thumbs.db", "desktop.ini")
_REGISTER = "register.db"
_LISTED: dict[Path, tuple[tuple[int, int], set[str]]] = {}  # marker -> as we left it, the files in it
_NOTED: ContextVar[list[str] | None] = ContextVar("noted outputs", default=None)


def _is_register(name: str) -> bool:
    return name in (_REGISTER, f"{_REGISTER}.evidence") or name.startswith(_REGISTER + "-")


def _foreign(out: Path) -> list[str]:
    return sorted(p.name for p in out.iterdir() if p.name not in _TOLERATED and not _is_register(p.name))


def prepare_output(out: Path) -> None:
    """Makes `out` ours: creates it, or accepts it when empty, marked, or holding nothing but the register.

    Raises OutputError naming the folder and what stands in it; nothing has been changed then.
    """
    if out.exists() and not out.is_dir():
        raise OutputError(
            say("reports.output.not_a_folder", "zh", folder=out) + "\n" + say("reports.output.not_a_folder", "en", folder=out)
        )
    if out.is_dir() and not (out / OUTPUT_MARKER).is_file() and (found := _foreign(out)):
        values = {"folder": out, "files": ", ".join(found[:5]), "n": len(found)}
        raise OutputError(say("reports.output.foreign", "zh", **values) + "\n" + say("reports.output.foreign", "en", **values))
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / OUTPUT_MARKER).touch()
    except OSError as error:
        raise OutputError(say("reports.output.unwritable", "zh", folder=out, detail=error)) from error


def written_before(out: Path) -> frozenset[str]:
    """Relative paths of the files that were written into `out` by this or earlier runs."""
    try:
        return frozenset((out / OUTPUT_MARKER).read_text(encoding="utf-8").splitlines())
    except FileNotFoundError:
        return frozenset()


@contextmanager
def noted_outputs() -> Iterator[list[str]]:
    """Every file that `write_output` writes while this is open, by its relative path: what one run wrote, and no other."""
    written: list[str] = []
    token = _NOTED.set(written)
    try:
        yield written
    finally:
        _NOTED.reset(token)


def _signature(marker: Path) -> tuple[int, int]:
    found = marker.stat()
    return found.st_mtime_ns, found.st_size


def _listed(out: Path) -> set[str]:
    """The files in the marker; read again only where it is not as we left it, for a site has thousands."""
    marker = out / OUTPUT_MARKER
    if marker not in _LISTED or _LISTED[marker][0] != _signature(marker):
        _LISTED.clear()
        _LISTED[marker] = _signature(marker), set(written_before(out))
    return _LISTED[marker][1]


def _claim(out: Path, names: Collection[str]) -> None:
    listed = _listed(out)
    new = [relative for relative in names if relative not in listed]
    for relative in new:
        if (out / relative).exists():
            raise OutputError(
                say("reports.output.taken", "zh", file=out / relative) + "\n" + say("reports.output.taken", "en", file=out / relative)
            )
    if new:
        with (out / OUTPUT_MARKER).open("a", encoding="utf-8", newline="\n") as marker:
            marker.writelines(f"{relative}\n" for relative in new)
        listed.update(new)
        _LISTED[out / OUTPUT_MARKER] = _signature(out / OUTPUT_MARKER), listed


def write_output(out: Path, relative: str, content: str | bytes) -> Path:
    """Writes one file of `out` whole or not at all, text as UTF-8. Raises OutputError when a foreign file has its name."""
    write_outputs(out, {relative: content})
    return out / relative


def write_outputs(out: Path, contents: Mapping[str, str | bytes]) -> tuple[str, ...]:
    """Writes files of `out`, each whole or not at all, text as UTF-8; returns their paths inside it.

    Raises OutputError when a foreign file has one of the names; nothing is written then.
    """
    if not (out / OUTPUT_MARKER).is_file():
        prepare_output(out)
    _claim(out, contents)
    for relative, content in contents.items():
        _write(out, relative, content)
    return tuple(contents)


def _write(out: Path, relative: str, content: str | bytes) -> None:
    target = out / relative
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))
        os.replace(partial, target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(say("reports.output.unwritable", "zh", folder=target, detail=error)) from error
    if (noted := _NOTED.get()) is not None:
        noted.append(relative)


def _inside(relative: str) -> bool:
    parts = PurePosixPath(relative).parts
    return bool(parts) and ".." not in parts and not relative.startswith("/") and "\\" not in relative and ":" not in relative


def remove_stale(out: Path, folders: Collection[str], kept: Collection[str]) -> tuple[str, ...]:
    """Removes files that an earlier run wrote into `folders` of `out` and this one did not; returns their names."""
    before = written_before(out)
    stale = sorted(r for r in before - set(kept) if _inside(r) and PurePosixPath(r).parts[0] in folders)
    for relative in stale:
        (out / relative).unlink(missing_ok=True)
    if stale:
        left = sorted(before - set(stale))
        partial = out / f"{OUTPUT_MARKER}.partial"
        partial.write_text("".join(f"{r}\n" for r in left), encoding="utf-8", newline="\n")
        os.replace(partial, out / OUTPUT_MARKER)
    return tuple(stale)
