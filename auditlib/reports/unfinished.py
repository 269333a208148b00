"""An audit that was stopped goes on where it was: what it had finished waits in the output folder for the next one.

A stage is taken up only when nothing that it was made of has changed: the county's files by their SHA-256, mappings, answers,
settings, packs, the expectations and the program itself. So the results are those of an audit that nobody stopped. What waits
is plain JSON and Parquet, like all that stands in the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from ..catalog.program import program_hash
from ..catalog.settings import Settings
from ..catalog.specs import Catalog
from ..intake.sheets import is_ledger_file
from ..intake.workspace import Intake
from ..words.errors import AuditlibError
from ..words.folders import OUTPUT_MARKER
from ..words.records import FileProblem, Organisation, Source
from .kept_run import plain, revived
from .output import remove_stale, write_output

FOLDER = "unfinished"
_STAGES, _FRAMES = f"{FOLDER}/stages.json", f"{FOLDER}/frames.tar"
_NOT_READ = (".ipynb", ".pyc")  # notebooks save themselves; nothing of them is audited
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Read:
    """An Intake without the place of its frames, which is another one each time."""

    organisations: tuple[Organisation, ...]
    sources: tuple[Source, ...]
    problems: tuple[FileProblem, ...]


class Stages:
    """The stages of one audit: taken over from the one that was stopped, else made. `resumed` names those taken over."""

    def __init__(self, workspace: Path, out: Path, frames: Path, asked: Sequence[object], register: str) -> None:
        self.resumed: list[str] = []
        self._workspace, self._out, self._frames, self._asked = workspace, out, frames, tuple(map(repr, asked))
        self._register = Path(register).name if register and "://" not in register else ""
        self._done: dict[str, Any] = {}

    def intake(self, make: Callable[[], Intake]) -> Intake:
        """What was read, with its frames in the folder of this audit."""
        kept = self._taken("intake", _Read)
        if kept is None or not self._unpack():
            made = make()
            kept = _Read(made.organisations, made.sources, made.problems)
        self._done["intake"] = kept
        return Intake(self._frames, kept.organisations, kept.sources, kept.problems)

    def outcome(self, name: str, kind: type[_T], make: Callable[[], _T]) -> _T:
        """The outcome of a stage that reads nothing but the frames; `kind` is its record."""
        kept = self._taken(name, kind) if "intake" in self.resumed else None
        made = make() if kept is None else kept
        if not getattr(made, "errors", ()):  # what failed is tried again
            self._done[name] = made
        return made

    def keep(self) -> None:
        """Writes the finished stages to the output folder; nothing when not even reading was finished, or a file changed since."""
        self.drop()
        if "intake" not in self._done or not self._is_as_read(self._done["intake"].sources):
            return
        stages = {name: _exact(value) for name, value in self._done.items()}
        write_output(self._out, _FRAMES, b"")
        with tarfile.open(self._out / _FRAMES, "w") as packed:
            packed.add(self._frames, arcname=".")
        text = json.dumps({"key": self._key, "stages": {n: s for n, s in stages.items() if s is not None}}, ensure_ascii=False)
        write_output(self._out, _STAGES, text + "\n")

    def drop(self) -> None:
        """Takes away what waited."""
        remove_stale(self._out, (FOLDER,), ())

    # ---- what was kept

    @cached_property
    def _waiting(self) -> dict[str, Any]:
        """The stages that wait and were made of the same; empty where there are none."""
        try:
            found = json.loads((self._out / _STAGES).read_text(encoding="utf-8"))
            return dict(found["stages"]) if found["key"] == self._key else {}
        except (OSError, ValueError, TypeError, KeyError):
            return {}

    def _taken(self, name: str, kind: type[_T]) -> _T | None:
        if name not in self._waiting:
            return None
        try:
            value = cast(_T, revived(kind, self._waiting[name]))
        except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError):
            return None
        self.resumed.append(name)
        return value

    def _unpack(self) -> bool:
        try:
            with tarfile.open(self._out / _FRAMES) as packed:
                packed.extractall(self._frames, filter="data")
        except (OSError, tarfile.TarError):
            self.resumed.clear()
            return False
        return True

    # ---- what it was made of

    @cached_property
    def _files(self) -> dict[str, str]:
        """Every file of the county by its SHA-256, but for notebooks, the register and what audits wrote."""
        found = {}
        for folder, below, names in os.walk(self._workspace):
            if OUTPUT_MARKER in names:
                below.clear()
                continue
            for name in names:
                if not name.endswith(_NOT_READ) and not (self._register and name.startswith(self._register)):
                    path = Path(folder) / name
                    found[path.relative_to(self._workspace).as_posix()] = _hash_of(path)
        return found

    @cached_property
    def _key(self) -> str:
        told = (program_hash(), self._asked, sorted(self._files.items()))
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def _is_as_read(self, sources: Sequence[Source]) -> bool:
        """Whether the files are still those that were read, and no ledger came meanwhile."""
        read = {s.file: s.sha256 for s in sources if s.sha256}
        there = {f for f in self._files if is_ledger_file(self._workspace / f)}
        return all(self._files.get(file) == digest for file, digest in read.items()) and there <= {s.file for s in sources} | self._unread()

    def _unread(self) -> set[str]:
        return {p.file for p in self._done["intake"].problems}


def _exact(value: object) -> Any:
    """A stage as JSON; None when it would not come back as it was."""
    try:
        told = plain(value)
        return told if revived(type(value), json.loads(json.dumps(told))) == value else None
    except (TypeError, ValueError, KeyError):
        return None


def _hash_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable: {error.strerror}"


@contextmanager
def resumable(workspace: Path, out: Path, frames: Path, catalog: Catalog, settings: Settings, engine: str) -> Iterator[Stages]:
    """The stages of an audit of `workspace` into `out`, which is ours: kept when the audit does not come to its end, dropped when it does.

    Whatever stops it (a button, Ctrl-C, a failure) is raised on; a folder that cannot be written costs only the head start.
    """
    stages = Stages(workspace, out, frames, (settings, catalog.packs, engine), settings.register)
    try:
        yield stages
    except BaseException:
        try:
            stages.keep()
        except (AuditlibError, OSError):
            stages.drop()
        raise
    stages.drop()
