"""The manifest of an audit: what it was asked, by hashes; what it was made with; and the hash of every file that it wrote.

Two runs with the same manifest id asked the same of the same files, and must leave the same files, but for what the issue
register has told meanwhile. The id covers inputs, expectations, packs, parameters, settings and the day; not the versions of
the programs, nor the register, nor the outputs: these stand beside it.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..catalog.load import FOLDERS
from ..catalog.places import expectations
from ..catalog.program import program_hash
from ..catalog.settings import FILE as SETTINGS
from ..intake.mapping import FOLDER as MAPPINGS
from ..intake.sheets import fingerprint
from ..words.errors import OutputError, UnreadableFile, WorkspaceError
from ..words.messages import say
from ..words.records import AuditRun
from .markup import without_register
from .output import write_output

FILE = "manifest.json"
SHORT = 16  # characters of the id that stand on the pages
# files that tell what the register tells, or the run before: no input of this run
NOT_REPEATED = frozenset(("scores.html", "digest.html", "leader.html", "run_before.json"))
_FORMAT = 1
_READ = (*FOLDERS, "books", "forms", "issues")  # folders of expectations/ that an audit reads
_LIBRARIES = (
    "duckdb", "pyarrow", "pandas", "narwhals", "python-calamine", "great-expectations", "sqlalchemy", "nbconvert", "jinja2", "xlsxwriter",
    "chinesecalendar", "rapidfuzz", "scipy", "pyspark",
)  # fmt: skip
_OUTCOME = b',"outcome":{'


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: everything that an answer depends on. Hashes are SHA-256 in hexadecimal."""

    county: str
    fiscal_year: int
    as_of: str
    language: str
    inputs: Mapping[str, str]  # path in the county folder -> hash
    expectations: Mapping[str, str]  # path in expectations/ -> hash
    packs: Mapping[str, str]  # 'name version' -> hash
    parameters: Mapping[str, str]
    chosen: Mapping[str, Any]  # of these, the values that were set for this run alone

    @property
    def manifest_id(self) -> str:
        """SHA-256 over all that was asked, written in one way only."""
        return hashlib.sha256(_canonical(_asked(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Output:
    """A file that the audit wrote, relative to its folder."""

    file: str
    sha256: str
    repeatable: str  # hash of what a repeated audit must leave, without the register's part; '' where the register is all of it


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that manifest.json holds."""

    question: Question
    workspace: str  # name of the county folder, for people
    engine: str
    versions: Mapping[str, str]
    register_head: str
    outputs: tuple[Output, ...] = ()

    @property
    def manifest_id(self) -> str:
        return self.question.manifest_id


# ---- what was asked ----------------------------------------------------------------------------------------


def question_of(workspace: Path, run: AuditRun, chosen: Mapping[str, Any]) -> Question:
    """What `run` asked of the county folder `workspace`. A file that changed after it was read is hashed as it was read."""
    return Question(
        run.county, run.fiscal_year, run.as_of.isoformat(), run.language, _inputs(workspace, run), _expectations(),
        {f"{p.name} {p.version}": p.checksum for p in run.packs}, dict(run.parameters),
        {name: value if isinstance(value, int | float | str) else str(value) for name, value in sorted(chosen.items())},
    )  # fmt: skip


def _inputs(workspace: Path, run: AuditRun) -> dict[str, str]:
    """Ledger files, files that were passed over, the settings, and what people decided on columns and names."""
    read = {s.file: s.sha256 for s in run.sources if s.sha256}
    beside = {SETTINGS, *(p.file for p in run.problems), *(s.file for s in run.sources)} - read.keys()
    beside |= {p.relative_to(workspace).as_posix() for p in (workspace / MAPPINGS).rglob("*") if p.is_file()}
    return dict(sorted({**read, **_hashes(workspace, beside)}.items()))


def _hashes(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Hash of each of `names` that is a file there and can be read; '' for one that cannot."""
    found = {}
    for name in names:
        path = folder / name
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            continue
        try:
            found[name] = fingerprint(path)
        except (OSError, UnreadableFile):
            found[name] = ""
    return found


def _expectations() -> dict[str, str]:
    root = expectations()
    files = [*root.glob("*.yaml"), *(p for folder in _READ for p in (root / folder).glob("*.yaml"))]
    return dict(sorted((p.relative_to(root).as_posix(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files))


def _asked(question: Question) -> dict[str, Any]:
    return {name: _plain(getattr(question, name)) for name in Question.__dataclass_fields__}


def _plain(value: Any) -> Any:
    return dict(sorted(value.items())) if isinstance(value, Mapping) else value


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# ---- what it was made with, and what it left ---------------------------------------------------------------


def versions_used(engine: str) -> dict[str, str]:
    """Versions of this program (with the hash of its files), of Python, and of the libraries that results can depend on."""
    from .. import __version__

    found = {"auditlib": f"{__version__}+{program_hash()[:SHORT]}", "python": platform.python_version()}
    for name in _LIBRARIES:
        if name == "pyspark" and engine != "spark":
            continue
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def repeatable(relative: str, content: bytes) -> bytes | None:
    """What a repeated audit must leave of a file: without what the issue register told; None where that is all of it."""
    if relative in NOT_REPEATED:
        return None
    if relative.endswith(".html"):
        return without_register(content.decode("utf-8", "replace")).encode()
    if relative == "run.json":
        return content[: content.rfind(_OUTCOME)]
    return content


def output_of(folder: Path, relative: str) -> Output:
    """The hashes of one file of an output folder. Raises OSError."""
    content = (folder / relative).read_bytes()
    kept = repeatable(relative, content)
    sha256 = hashlib.sha256(content).hexdigest()
    return Output(relative, sha256, "" if kept is None else sha256 if kept == content else hashlib.sha256(kept).hexdigest())


def outputs_of(folder: Path, written: Collection[str]) -> tuple[Output, ...]:
    """The hashes of the files that were written into `folder`, by name; the manifest itself is none of them."""
    return tuple(output_of(folder, name) for name in sorted(set(written) - {FILE}) if (folder / name).is_file())


def write_manifest(manifest: Manifest, out: Path) -> Path:
    """Writes manifest.json into `out`. Raises OutputError."""
    document = {
        "format": _FORMAT, "manifest_id": manifest.manifest_id, "workspace": manifest.workspace, **_asked(manifest.question),
        "made_with": {"engine": manifest.engine, "versions": dict(manifest.versions)}, "register_head": manifest.register_head,
        "outputs": [{"file": o.file, "sha256": o.sha256, "repeatable": o.repeatable} for o in manifest.outputs],
    }  # fmt: skip
    return write_output(out, FILE, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def read_manifest(place: Path) -> Manifest:
    """The manifest at `place`, or in the output folder `place`.

    Raises WorkspaceError where there is none, where it cannot be read, or where its id does not fit what it says.
    """
    path = place / FILE if place.is_dir() else place
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        question = Question(**{name: raw[name] for name in Question.__dataclass_fields__})
        outputs = tuple(Output(o["file"], o["sha256"], o["repeatable"]) for o in raw["outputs"])
        made = raw["made_with"]
        manifest = Manifest(question, raw["workspace"], made["engine"], dict(made["versions"]), raw["register_head"], outputs)
        told = raw["manifest_id"]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _refused("none", place=path, detail=type(error).__name__) from error
    if told != manifest.manifest_id:
        raise _refused("altered", place=path, told=str(told)[:SHORT], found=manifest.manifest_id[:SHORT])
    return manifest


def printed_head(out: Path) -> str:
    """The head of the register that the report in `out` bears; '' where there is no report, or none that says."""
    try:
        head = json.loads((out / FILE).read_text(encoding="utf-8"))["register_head"]
    except (OSError, ValueError, TypeError, KeyError):
        return ""
    return head if isinstance(head, str) else ""


def renew_outputs(out: Path, written: Collection[str], register_head: str) -> Path | None:
    """After pages were written anew from the same results: the hashes of those `written` and the register's head in manifest.json.

    The hashes of all other files stay what they were: whoever altered one is found all the same. None where the folder has no
    manifest. Raises OutputError.
    """
    if not (out / FILE).is_file():
        return None
    try:
        manifest = read_manifest(out)
    except WorkspaceError as error:
        raise OutputError(str(error)) from error
    outputs = {o.file: o for o in (*manifest.outputs, *outputs_of(out, written))}
    head = register_head or manifest.register_head  # '' where the pages rest on no register
    return write_manifest(replace(manifest, register_head=head, outputs=tuple(outputs[n] for n in sorted(outputs))), out)


def _refused(key: str, **values: object) -> WorkspaceError:
    return WorkspaceError("\n".join(say(f"reports.manifest.{key}", language, **values) for language in ("zh", "en")))
