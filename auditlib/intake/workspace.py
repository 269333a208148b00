"""A county folder is read once: every file, every sheet, every row; typed ledgers go to Parquet, the rest is named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.settings import Settings
from ..catalog.specs import Catalog
from ..words.errors import UnreadableFile, WorkspaceError
from ..words.folders import OUTPUT_MARKER
from ..words.messages import say
from ..words.records import ColumnUse, FileProblem, Organisation, Source
from .conform import Conformed, Conformer, Surroundings
from .duplicates import Duplicates, not_counted
from .frames import FrameWriter
from .mapping import load_mappings
from .owner import Resolver, folder_organisations
from .sheets import CONVERT, fingerprint, is_ledger_file
from .tables import FoundTable, TableFinder

if TYPE_CHECKING:
    pass

Progress = Callable[[str, int, int], None]  # what, done, of how many
_NOT_OURS = ("audit.toml",)


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in: typed ledgers in `frames`, untouched cells in `frames/raw`."""

    frames: Path
    organisations: tuple[Organisation, ...]
    sources: tuple[Source, ...]
    problems: tuple[FileProblem, ...]


@dataclass
class _Gathering:
    """What one pass over the files fills."""

    duplicates: Duplicates
    sources: list[Source] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)


def read_workspace(workspace: Path, frames: Path, catalog: Catalog, settings: Settings, progress: Progress | None = None) -> Intake:
    """Reads all ledgers under `workspace` into `frames` (a folder of our own).

    Files, sheets and rows that cannot be used are named in the result and never stop the rest.
    Raises WorkspaceError when the folder itself cannot be read or holds no ledger file, or when a mapping file is wrong.
    """
    gathering = _Gathering(Duplicates(catalog))
    paths = _ledger_files(workspace, gathering.problems)
    if not paths:
        raise WorkspaceError(f"{workspace}: no ledger file (.xlsx .xls .ods .csv ...) in this folder; point at the county's folder")
    finder = TableFinder(catalog, load_mappings(workspace, catalog))
    organisations = _register(workspace, paths, finder, catalog, settings)
    conformer = Conformer(catalog, Resolver(organisations, catalog.words["organisation_names"]))
    writer = FrameWriter(frames, catalog)
    for done, path in enumerate(paths):
        if progress:
            progress(path.relative_to(workspace).as_posix(), done, len(paths))
        _read_file(workspace, path, finder, conformer, writer, settings, gathering)
    writer.close()
    gathering.problems.extend(gathering.duplicates.problems())
    return Intake(frames, tuple(organisations), tuple(gathering.sources), tuple(gathering.problems))


def ledger_files(workspace: Path) -> list[str]:
    """The files of a workspace that can hold ledgers, relative to it, in the order in which they are read."""
    return [_relative(workspace, p) for p in _ledger_files(workspace, [])]


def conformer_for(workspace: Path, catalog: Catalog, settings: Settings) -> Conformer:
    """A conformer with the county's own register. Raises WorkspaceError."""
    finder = TableFinder(catalog, load_mappings(workspace, catalog))
    organisations = _register(workspace, _ledger_files(workspace, []), finder, catalog, settings)
    return Conformer(catalog, Resolver(organisations, catalog.words["organisation_names"]))


def surroundings_of(relative: Path, sheet: str, conformer: Conformer, settings: Settings) -> Surroundings:
    """What a sheet inherits from its place in the workspace."""
    place, named = conformer.resolver.from_path(relative.parts[:-1], relative.stem)
    return Surroundings(relative.name, sheet, place, named, settings.fiscal_year)


def _ledger_files(workspace: Path, problems: list[FileProblem]) -> list[Path]:
    """All ledger files, county-wide ones first; other files and closed folders are named as problems."""
    if not workspace.is_dir():
        raise WorkspaceError(f"{workspace}: no such folder")
    found: list[Path] = []

    def refused(error: OSError) -> None:
        problems.append(FileProblem(_relative(workspace, Path(error.filename or workspace)), "", "file.permission"))

    inside = workspace.resolve()
    for folder, folders, names in os.walk(workspace, onerror=refused):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and not (Path(folder) / f / OUTPUT_MARKER).exists())
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                problems.append(FileProblem(_relative(workspace, path), "", "file.link"))
            elif is_ledger_file(path) and name not in _NOT_OURS:
                found.append(path)
            elif path.suffix.lower() in CONVERT:
                problems.append(FileProblem(_relative(workspace, path), "", "file.convert", CONVERT[path.suffix.lower()]))
            elif name not in _NOT_OURS and not name.startswith((".", "~$")) and path.suffix.lower() not in (".md", ".yaml", ".yml", ".ipynb"):
                problems.append(FileProblem(_relative(workspace, path), "", "file.foreign", path.suffix or name))
    if not found and any(p.code == "file.permission" and p.file in ("", ".") for p in problems):
        raise WorkspaceError(f"{workspace}: no permission to read this folder")
    return sorted(found, key=lambda p: (len(p.relative_to(workspace).parts), p.relative_to(workspace).as_posix()))


def _relative(workspace: Path, path: Path) -> str:
    try:
        return path.relative_to(workspace).as_posix()
    except ValueError:
        return path.name


# ---- the register of organisations -------------------------------------------------------------------------


def _register(workspace: Path, paths: Sequence[Path], finder: TableFinder, catalog: Catalog, settings: Settings) -> list[Organisation]:
    """The county's register, from county-wide files first; the folders stand in where no file holds one."""
    shallow = [p for p in paths if len(p.relative_to(workspace).parts) == 1]
    titles = catalog.ledgers["organisations"].titles
    named = [p for p in paths if any(t in p.stem for t in titles) and p not in shallow]
    organisations: dict[str, Organisation] = {}
    for path in (*shallow, *named):
        for o in _organisations_of(path, workspace, finder, catalog, settings):
            organisations.setdefault(o.org_code, o)
    if organisations:
        return list(organisations.values())
    return folder_organisations([p.relative_to(workspace).parts[:-1] for p in paths], settings.county)


def _organisations_of(path: Path, workspace: Path, finder: TableFinder, catalog: Catalog, settings: Settings) -> Iterator[Organisation]:
    try:
        sheets = list(finder.sheets(path))
    except UnreadableFile:
        return  # named when the file's turn comes
    plain = Conformer(catalog, Resolver((), catalog.words["organisation_names"]))
    for sheet in sheets:
        for found in finder.tables(sheet, path.name):
            if found.recognition.ledger == "organisations":
                around = Surroundings(path.name, sheet.name, "", "", settings.fiscal_year)
                yield from _organisation_rows(plain.conform(found.sheet, found.block, found.recognition, around))


def _organisation_rows(table: Conformed) -> Iterator[Organisation]:
    names = ("org_code", "org_name", "level", "parent_code", "head", "accountant", "cashier", "member_count", "households")
    lists = [table.columns[n].to_pylist() for n in names]
    for code, name, level, parent, *rest in zip(*lists, strict=True):
        if code and name:
            head, accountant, cashier, members, households = rest
            yield Organisation(code, name, level or _level_of(code), parent or "", head or "", accountant or "", cashier or "", members, households)


def _level_of(code: str) -> str:
    """The level that the length of an area code tells where no column does: 6 county, 9 township, 12 village."""
    digits = code.rstrip("0")
    return "county" if len(digits) <= 6 else "township" if len(digits) <= 9 else "village" if len(code) <= 12 else "group"


# ---- one file ----------------------------------------------------------------------------------------------


def _read_file(
    workspace: Path, path: Path, finder: TableFinder, conformer: Conformer, writer: FrameWriter, settings: Settings, gathering: _Gathering
) -> None:
    relative = path.relative_to(workspace)
    try:
        digest = fingerprint(path)
        place, named = conformer.resolver.from_path(relative.parts[:-1], relative.stem)
        for sheet in finder.sheets(path):
            around = Surroundings(relative.name, sheet.name, place, named, settings.fiscal_year)
            _read_sheet(sheet, relative.as_posix(), digest, around, finder, conformer, writer, gathering)
    except UnreadableFile as error:
        gathering.problems.append(FileProblem(relative.as_posix(), "", error.code, error.detail))
        if not any(s.file == relative.as_posix() for s in gathering.sources):
            gathering.sources.append(_nothing(len(gathering.sources), relative.as_posix(), "", ""))


def _read_sheet(
    sheet: Any, file: str, digest: str, around: Surroundings, finder: TableFinder, conformer: Conformer, writer: FrameWriter, gathering: _Gathering
) -> None:
    try:
        tables = finder.tables(sheet, file)
        known = [t for t in tables if t.recognition.ledger]
        unknown = [t for t in tables if not t.recognition.ledger]
        if not known or any(t.block.data and not t.is_set_aside for t in unknown):
            gathering.sources.append(_unrecognised(len(gathering.sources), file, digest, sheet, unknown))
            detail = _candidates([t for t in unknown if not t.is_set_aside], finder.catalog)
            if detail:
                gathering.problems.append(FileProblem(file, sheet.name, "sheet.unrecognised", detail))
        for found in known:
            table = conform_found(found, conformer, around)
            source = _source(len(gathering.sources), file, digest, found, table)
            twin = gathering.duplicates.twin_of(source, table)
            if twin is None:
                writer.add(source, table)
            gathering.sources.append(source if twin is None else not_counted(source, twin))
    except Exception as error:  # one sheet that we cannot read must not stop the county; it is named and nothing is lost
        if os.environ.get("AUDITLIB_DEBUG"):
            raise
        gathering.problems.append(FileProblem(file, sheet.name, "sheet.failed", f"{type(error).__name__}: {error}"[:200]))
        gathering.sources.append(_nothing(len(gathering.sources), file, digest, sheet.name))


def conform_found(found: FoundTable, conformer: Conformer, around: Surroundings) -> Conformed:
    """The typed table; where a person said whose rows they all are, that stands above title, column and folder."""
    said = found.mapping.organisation if found.mapping else ""
    if not said:
        return conformer.conform(found.sheet, found.block, found.recognition, around)
    code = conformer.resolver.resolve(said, around.folder_org) or conformer.resolver.mentioned(said, around.folder_org)
    if not code:
        table = conformer.conform(found.sheet, found.block, found.recognition, around)
        return replace(table, notes=(*table.notes, ("mapping.organisation_unknown", (("organisation", said),))))
    table = conformer.conform(found.sheet, found.block, found.recognition, replace(around, file_org=code))
    return replace(table, org_codes=(code,) * len(table.rows), org_code=code, attributions=())


def _source(source_id: int, file: str, digest: str, found: FoundTable, table: Conformed) -> Source:
    block = found.block
    notes = [say(key, "zh", **dict(values)) for key, values in (*found.notes, *table.notes)]
    if not found.sheet.is_visible:
        notes.append(say("note.hidden_sheet"))
    if block.groups:
        notes.append(say("note.group_rows", n=len(block.groups)))
    rows = (*block.header_rows, *block.data, *(r for r, _ in block.totals))
    return Source(
        source_id, file, digest, found.sheet.name, table.ledger, found.recognition.confidence, table.org_code,
        tuple(r + 1 for r in block.header_rows), (block.data[0] if block.data else block.header_rows[-1]) + 1, max(rows) + 1,
        len(table.rows), len(block.totals), len(table.quarantined), table.uses, tuple(notes),
    )  # fmt: skip


def _nothing(source_id: int, file: str, digest: str, sheet: str) -> Source:
    return Source(source_id, file, digest, sheet, "", 0.0, "", (), 0, 0, 0, 0, 0, ())


def _unrecognised(source_id: int, file: str, digest: str, sheet: Any, tables: Sequence[FoundTable]) -> Source:
    if not tables:
        return _nothing(source_id, file, digest, sheet.name)
    best = max(tables, key=lambda t: len(t.block.data))
    uses = best.recognition.columns if best.is_set_aside else tuple(ColumnUse(i, h, None, 0.0) for i, h in enumerate(best.block.headers))
    notes = tuple(say(key, "zh", **dict(values)) for t in tables for key, values in t.notes)
    header = tuple(r + 1 for r in best.block.header_rows)
    last = max((*best.block.data, *best.block.header_rows)) + 1
    return Source(source_id, file, digest, sheet.name, "", best.recognition.confidence, "", header, header[-1] + 1, last, 0, 0, 0, uses, notes)


def _candidates(tables: Sequence[FoundTable], catalog: Catalog) -> str:
    """The ledgers that a table with data may be, as '合同台账 40%, 资源台账 12%'; '' when there is no data at all."""
    with_data = [t for t in tables if len(t.block.data) >= 1 and len([h for h in t.block.headers if h]) >= 2]
    guesses = [g for t in with_data for g in t.recognition.candidates[:3]]
    if not with_data:
        return ""
    return ", ".join(f"{catalog.ledgers[g.ledger].zh} {g.score:.0%}" for g in guesses[:3]) or "—"
