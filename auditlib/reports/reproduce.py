"""Whether an audit that was repeated left the same files: every input that changed and every output that differs, by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..words.errors import WorkspaceError
from ..words.messages import say
from .manifest import FILE, Manifest, Output, repeatable

_PARTS = ("inputs", "expectations", "packs", "parameters", "chosen")
_SETTINGS = ("county", "fiscal_year", "as_of", "language")
_LINES = (".csv", ".jsonl", ".html")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as the manifest has it."""

    part: str  # inputs | expectations | packs | parameters | chosen | settings | versions | outputs
    name: str
    kind: str  # changed | gone | new
    before: str = ""
    after: str = ""
    line: int = 0  # first line that differs, 1-based; 0 where both files are not at hand or have no lines


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came out of repeating an audit."""

    manifest_id: str
    repeated_id: str
    asked: tuple[Change, ...]  # files, expectations, limits that are no longer what they were
    versions: tuple[Change, ...]  # of programs: no fault of themselves, but the reason why an output may differ
    altered: tuple[Change, ...]  # files of the output folder that were changed or taken away after the audit
    differing: tuple[Change, ...]  # files that the repeated audit left otherwise, the register's part left aside
    compared: int  # files that were compared
    set_aside: tuple[str, ...]  # files that hold nothing but what the register tells: not compared

    @property
    def is_same(self) -> bool:
        return not (self.asked or self.altered or self.differing)


def reproduction(before: Manifest, after: Manifest, out: Path | None, repeated: Path) -> Reproduction:
    """Compares the manifest of an audit with that of its repetition in the folder `repeated`.

    `out` is the folder of the first audit where it is at hand: its files are held against the manifest, too. Without it
    only hashes are compared.
    """
    asked = [c for part in _PARTS for c in changes(part, getattr(before.question, part), getattr(after.question, part))]
    settings = [{name: str(getattr(m.question, name)) for name in _SETTINGS} for m in (before, after)]
    asked += changes("settings", *settings)
    first, second = ({o.file: o for o in m.outputs} for m in (before, after))
    return Reproduction(
        before.manifest_id, after.manifest_id, tuple(asked), changes("versions", before.versions, after.versions),
        () if out is None else _altered(first, out), tuple(_differing(first, second, out, repeated)),
        sum(bool(o.repeatable) for o in before.outputs), tuple(sorted(o.file for o in before.outputs if not o.repeatable)),
    )  # fmt: skip


def changes(part: str, before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Change, ...]:
    """What is otherwise in `after`, gone from it or new in it, by name."""
    found = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old != new:
            kind = "gone" if name not in after else "new" if name not in before else "changed"
            found.append(Change(part, name, kind, "" if old is None else str(old), "" if new is None else str(new)))
    return tuple(found)


def _altered(outputs: Mapping[str, Output], out: Path) -> tuple[Change, ...]:
    """Files that no longer are what the manifest says, whoever changed them."""
    now = {}
    for name in outputs:
        try:
            now[name] = hashlib.sha256((out / name).read_bytes()).hexdigest()
        except OSError:
            continue
    return changes("outputs", {name: o.sha256 for name, o in outputs.items()}, now)


def _differing(first: Mapping[str, Output], second: Mapping[str, Output], out: Path | None, repeated: Path) -> list[Change]:
    told = [{name: o.repeatable for name, o in outputs.items()} for outputs in (first, second)]
    found = []
    for change in changes("outputs", *told):
        line = _first_line(change.name, out, repeated) if out is not None and change.kind == "changed" else 0
        found.append(Change(change.part, change.name, change.kind, change.before, change.after, line))
    return found


def _first_line(name: str, out: Path, repeated: Path) -> int:
    if not name.endswith(_LINES):
        return 0
    try:
        texts = [repeatable(name, (folder / name).read_bytes()) or b"" for folder in (out, repeated)]
    except OSError:
        return 0
    old, new = (text.split(b"\n") for text in texts)
    pairs = enumerate(zip(old, new, strict=False), 1)
    return next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)) + 1 if len(old) != len(new) else 0)


def county_of(manifest: Manifest, place: Path, given: Path | None) -> Path:
    """The county folder to audit again: `given`, else one with the name that the manifest has, here or beside the results.

    Raises WorkspaceError, which says how to name it.
    """
    name, beside = Path(manifest.workspace).name, (place if place.is_dir() else place.parent).resolve()
    above = beside.parents
    found = [Path(name), *(p / name for p in above[:2]), *(p for p in above[:1] if p.name == name)]
    for folder in [given] if given else found:
        if folder.is_dir():
            return folder
    values = {"county": given or manifest.workspace, "manifest": FILE}
    raise WorkspaceError("\n".join(say("reports.reproduce.no_county", language, **values) for language in ("zh", "en")))
