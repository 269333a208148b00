"""A county folder is read once: every file, every sheet, every row; typed ledgers go to Parquet, the rest is named."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..catalog.settings import Settings
from ..catalog.specs import Catalog
from ..words.errors import UnreadableFile, WorkspaceError
from ..words.folders import OUTPUT_MARKER, WORKBOOK
from ..words.messages import say
from ..words.records import ColumnUse, FileProblem, Organisation, Source
from .book_openings import BookOpening, agreed, openings_of_page
from .conform import Conformed, Conformer, ControlTotal, Surroundings, read_head
from .duplicates import Duplicates, counted_once, not_counted
from .forms import FormTable, Placed, form_sums, naming, write_forms
from .frames import FrameWriter
from .lost_zeros import restore_lost_zeros
from .mapping import FOLDER, load_mappings
from .opening_notes import broken_chain, differing_openings
from .owner import Resolver, folder_organisations
from .printed_records import is_whole
from .running_totals import PlacedMonth, held_against_months
from .sheet_notes import Note, cell_name, sheet_notes
from .sheets import CONVERT, RawSheet, fingerprint, is_ledger_file
from .tables import FoundTable, TableFinder

Progress = Callable[[str, int, int], None]  # what, done, of how many
SETTINGS_FILE = "audit.toml"
LARGEST_REGISTER = 16 * 2**20  # bytes of a file of a subfolder in which the county's register is looked for
# What an operating system, a spreadsheet program or this program itself leaves in a folder; anything else is read or named.
_LITTER_FILES = frozenset((".DS_Store", "Thumbs.db", "desktop.ini", "ehthumbs.db", ".directory", ".localized"))
_LITTER_FOLDERS = frozenset((
    "__MACOSX", "$RECYCLE.BIN", "System Volume Information", ".ipynb_checkpoints", ".git", ".Trashes", ".Spotlight-V100", ".fseventsd",
    ".TemporaryItems",
))  # fmt: skip
_LOCKS = ("~$", "._", ".~lock.", ".~")  # of Excel, macOS, LibreOffice and WPS


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in: typed ledgers in `frames`, untouched cells in `frames/raw`."""

    frames: Path
    organisations: tuple[Organisation, ...]
    sources: tuple[Source, ...]
    problems: tuple[FileProblem, ...]


@dataclass(frozen=True, slots=True)
class _Pages:
    """The account pages of a sheet, which are used where no list of vouchers came."""

    file: str
    digest: str
    found: FoundTable
    around: Surroundings


@dataclass
class _Gathering:
    """What one pass over the files fills."""

    duplicates: Duplicates
    sources: list[Source] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)
    forms: list[Placed] = field(default_factory=list)
    books: list[BookOpening] = field(default_factory=list)
    months: list[PlacedMonth] = field(default_factory=list)
    pages: list[_Pages] = field(default_factory=list)
    notes: dict[int, list[Note]] = field(default_factory=lambda: defaultdict(list))  # by source, as they are to be said

    def take(self, source: Source, notes: Iterable[Note]) -> None:
        self.sources.append(source)
        self.notes[source.source_id].extend(notes)


def read_workspace(workspace: Path, frames: Path, catalog: Catalog, settings: Settings, progress: Progress | None = None) -> Intake:
    """Reads all ledgers under `workspace` into `frames` (a folder of our own).

    Files, sheets and rows that cannot be used are named in the result and never stop the rest.
    Raises WorkspaceError when the folder itself cannot be read or holds no ledger file, or when a mapping file is wrong.
    """
    gathering = _Gathering(Duplicates(catalog))
    paths = _ledger_files(workspace, gathering.problems, settings.register)
    if not paths:
        raise WorkspaceError(f"{workspace}: no ledger file (.xlsx .xls .ods .csv ...) in this folder; point at the county's folder")
    finder = TableFinder(catalog, load_mappings(workspace, catalog))
    register = _register(workspace, paths, finder, catalog, settings)
    organisations = register.organisations
    conformer = Conformer(catalog, register.resolver(catalog))
    writer = FrameWriter(frames, catalog)
    for done, path in enumerate(paths):
        if progress:
            progress(path.relative_to(workspace).as_posix(), done, len(paths))
        _read_file(workspace, path, finder, conformer, writer, settings, gathering)
    _read_pages(finder, conformer, writer, gathering)
    opened, unsettled = agreed(gathering.books)
    for one in opened:
        writer.add_opening(one.source_id, catalog.words["openings"]["day_books"]["ledger"], one.opening)
    unchecked = _hold_months_together(gathering, writer)
    writer.close()
    gathering.problems.extend(gathering.duplicates.problems())
    _hold_forms_together(gathering, frames, catalog.words)
    restored = restore_lost_zeros(frames, catalog)
    contradicted = differing_openings(frames, catalog.words["openings"])
    for told in (contradicted, unsettled, restored, unchecked):
        for source_id, notes in told.items():
            gathering.notes[source_id].extend(notes)
    sources = tuple(_with_notes(s, gathering.notes[s.source_id], settings.language) for s in gathering.sources)
    return Intake(frames, organisations, sources, tuple(gathering.problems))


def _with_notes(source: Source, notes: Sequence[Note], language: str) -> Source:
    return replace(source, notes=tuple(say(key, language, **dict(values)) for key, values in notes)) if notes else source


@dataclass(frozen=True, slots=True)
class County:
    """What is known before one file is read: the folder that its path starts from, the mappings and the register."""

    root: Path
    finder: TableFinder
    resolver: Resolver


def county_at(root: Path, catalog: Catalog, settings: Settings, unnamed: str = "") -> County:
    """The county of the folder `root`; rows that say nothing of whose they are get the code `unnamed`.
    Raises WorkspaceError when a mapping file is wrong."""
    finder = TableFinder(catalog, load_mappings(root, catalog))
    register = _register(root, _ledger_files(root, []), finder, catalog, settings)
    return County(root, finder, register.resolver(catalog, unnamed))


def read_one(path: Path, frames: Path, county: County, catalog: Catalog, settings: Settings) -> Intake:
    """One file under `county.root` into `frames`, as `read_workspace` reads it among the others; what other files hold is not known."""
    gathering = _Gathering(Duplicates(catalog))
    conformer = Conformer(catalog, county.resolver)
    writer = FrameWriter(frames, catalog)
    _read_file(county.root, path, county.finder, conformer, writer, settings, gathering)
    _read_pages(county.finder, conformer, writer, gathering)
    writer.close()
    problems = (*gathering.problems, *gathering.duplicates.problems())
    known = dict(county.resolver.organisations)
    if any(p.code == "sheet.no_organisation" for p in problems):
        known[county.resolver.unnamed] = Organisation(county.resolver.unnamed, "", "village")
    return Intake(frames, tuple(known.values()), tuple(gathering.sources), problems)


def files_in(folder: Path) -> tuple[list[Path], tuple[FileProblem, ...]]:
    """The files under `folder` that can hold ledgers, and what else stands there with the reason why it is passed over, by names
    relative to it. Raises WorkspaceError when the folder cannot be read."""
    passed_over: list[FileProblem] = []
    return _ledger_files(folder, passed_over), tuple(passed_over)


def ledger_files(workspace: Path) -> list[str]:
    """The files of a workspace that can hold ledgers, relative to it, in the order in which they are read."""
    return [_relative(workspace, p) for p in _ledger_files(workspace, [])]


def conformer_for(workspace: Path, catalog: Catalog, settings: Settings) -> Conformer:
    """A conformer with the county's own register. Raises WorkspaceError."""
    finder = TableFinder(catalog, load_mappings(workspace, catalog))
    return Conformer(catalog, _register(workspace, _ledger_files(workspace, []), finder, catalog, settings).resolver(catalog))


def surroundings_of(relative: Path, sheet: str, conformer: Conformer, settings: Settings) -> Surroundings:
    """What a sheet inherits from its place in the workspace."""
    place, named = conformer.resolver.from_path(relative.parts[:-1], relative.stem)
    return Surroundings(relative.name, sheet, place, named, settings.fiscal_year)


def _ledger_files(workspace: Path, problems: list[FileProblem], register: str = "") -> list[Path]:
    """All ledger files, county-wide ones first; every other file and closed or hidden folder is named as a problem.

    Left unnamed are only the settings, the mappings, our own outputs, the register, and what programs leave behind.
    """
    if not workspace.is_dir():
        raise WorkspaceError(f"{workspace}: no such folder")
    found: list[Path] = []

    def refused(error: OSError) -> None:
        problems.append(FileProblem(_relative(workspace, Path(error.filename or workspace)), "", "file.permission"))

    inside = workspace.resolve()
    own = (workspace / register).resolve() if register and "://" not in register else None
    for folder, folders, names in os.walk(workspace, onerror=refused):
        here = Path(folder)
        problems.extend(FileProblem(_relative(workspace, here / f), "", "folder.hidden") for f in sorted(folders) if _is_hidden_folder(f))
        folders[:] = sorted(f for f in folders if _is_walked(here / f, workspace))
        for name in sorted(names):
            path = here / name
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                problems.append(FileProblem(_relative(workspace, path), "", "file.link"))
            elif is_ledger_file(path):
                found.append(path)
            elif not _is_ours(path, workspace, own) and (reason := _passed_over(path)):
                problems.append(FileProblem(_relative(workspace, path), "", *reason))
    if not found and any(p.code == "file.permission" and p.file in ("", ".") for p in problems):
        raise WorkspaceError(f"{workspace}: no permission to read this folder")
    return sorted(found, key=lambda p: (len(p.relative_to(workspace).parts), p.relative_to(workspace).as_posix()))


def _is_hidden_folder(name: str) -> bool:
    return name.startswith(".") and name not in _LITTER_FOLDERS


def _is_walked(folder: Path, workspace: Path) -> bool:
    if folder.name.startswith(".") or folder.name in _LITTER_FOLDERS or folder == workspace / FOLDER:
        return False
    return not (folder / OUTPUT_MARKER).exists()


def _is_ours(path: Path, workspace: Path, register: Path | None) -> bool:
    if path == workspace / SETTINGS_FILE or (path.parent == workspace / WORKBOOK and path.suffix == ".ipynb"):
        return True
    return register is not None and path.resolve().parent == register.parent and path.name.startswith(register.name)  # and its -wal, -shm


def _passed_over(path: Path) -> tuple[str, str] | None:
    """Why a file is not read: code and detail of the message; None for what nobody need be told of."""
    suffix = path.suffix.lower()
    if path.name in _LITTER_FILES or path.name.startswith(_LOCKS):
        return None
    if path.name.startswith("."):
        return "file.hidden", ""
    return ("file.convert", CONVERT[suffix]) if suffix in CONVERT else ("file.foreign", path.suffix or path.name)


def _relative(workspace: Path, path: Path) -> str:
    try:
        return path.relative_to(workspace).as_posix()
    except ValueError:
        return path.name


# ---- the register of organisations -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Register:
    """The county's organisations and what else they are called by."""

    organisations: tuple[Organisation, ...]
    credit_codes: Mapping[str, str] = field(default_factory=dict)  # unified social credit code -> code of the organisation

    def resolver(self, catalog: Catalog, unnamed: str = "") -> Resolver:
        return Resolver(self.organisations, catalog.words["organisation_names"], unnamed, self.credit_codes)


def _register(workspace: Path, paths: Sequence[Path], finder: TableFinder, catalog: Catalog, settings: Settings) -> _Register:
    """The county's register: county-wide files, then files that are called so, and only where these hold none the files of subfolders,
    as exports of a platform lie (基础数据/单位信息.xlsx). The folders stand in where no file holds one."""
    shallow = [p for p in paths if len(p.relative_to(workspace).parts) == 1]
    titles = catalog.ledgers["organisations"].titles
    named = [p for p in paths if any(t in p.stem for t in titles) and p not in shallow]
    found: dict[str, tuple[Organisation, str]] = {}
    for path in (*shallow, *named):
        for o, credit_code in _organisations_of(path, finder, catalog, settings):
            found.setdefault(o.org_code, (o, credit_code))
    for path in () if found else (p for p in paths if p not in shallow and p not in named and _size(p) <= LARGEST_REGISTER):
        lines = list(_organisations_of(path, finder, catalog, settings))
        if sum(bool(o.parent_code) for o, _ in lines) >= 2:  # a list of a county's organisations, and no village's page about itself
            for o, credit_code in lines:
                found.setdefault(o.org_code, (o, credit_code))
    if found:
        return _Register(_with_parents([o for o, _ in found.values()], catalog), {c: o.org_code for o, c in found.values() if c})
    return _Register(tuple(folder_organisations([p.relative_to(workspace).parts[:-1] for p in paths], settings.county)))


def _with_parents(organisations: Sequence[Organisation], catalog: Catalog) -> tuple[Organisation, ...]:
    """The register with the codes of parents that it gives by name (上级单位: 云溪镇)."""
    known = Resolver(organisations, catalog.words["organisation_names"])
    return tuple(
        replace(o, parent_code=code)
        if o.parent_code and o.parent_code not in known.organisations and (code := known.resolve(o.parent_code)) and code != o.org_code
        else o
        for o in organisations
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # named when the file's turn comes


def _organisations_of(path: Path, finder: TableFinder, catalog: Catalog, settings: Settings) -> Iterator[tuple[Organisation, str]]:
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


def _organisation_rows(table: Conformed) -> Iterator[tuple[Organisation, str]]:
    """Each line of a register with its credit code."""
    names = ("org_code", "org_name", "level", "parent_code", "credit_code", "head", "accountant", "cashier", "member_count", "households")
    lists = [table.columns[n].to_pylist() for n in names]
    for code, name, level, parent, credit_code, *rest in zip(*lists, strict=True):
        if code and name:
            head, accountant, cashier, members, households = rest
            level = level if level in _LEVELS else _level_of(code)
            one = Organisation(code, name, level, parent or "", head or "", accountant or "", cashier or "", members, households)
            yield one, credit_code or ""


_LEVELS = frozenset(("county", "township", "village", "group"))


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
    sheet: Any,
    file: str,
    digest: str,
    around: Surroundings,
    finder: TableFinder,
    conformer: Conformer,
    writer: FrameWriter,
    gathering: _Gathering,
) -> None:
    try:
        tables = finder.tables(sheet, file)
        gathering.pages.extend(_Pages(file, digest, t, around) for t in tables if t.apart)
        known = [t for t in tables if t.recognition.ledger and not t.apart]
        kept = [t for t in tables if t.recognition.form and not t.recognition.ledger]
        unknown = [t for t in tables if not t.recognition.ledger and not t.recognition.form]
        open_ones = [t for t in unknown if t.block.data and not t.is_set_aside]
        if not (known or kept or open_ones or any(t.apart for t in tables)):
            gathering.take(_unrecognised(len(gathering.sources), file, digest, sheet, unknown), _notes_unrecognised(sheet, unknown))
        for found in open_ones:
            gathering.take(_unrecognised(len(gathering.sources), file, digest, sheet, [found]), _notes_unrecognised(sheet, [found]))
            if detail := _candidates([found], finder.catalog):
                gathering.problems.append(FileProblem(file, sheet.name, "sheet.unrecognised", detail))
        for found in kept:
            _keep_form(file, digest, found, conformer, around, finder, gathering)
        for found in known:
            _take(file, digest, found, conform_found(found, conformer, around), conformer, writer, finder, gathering)
    except Exception as error:  # one sheet that we cannot read must not stop the county; it is named and nothing is lost
        if os.environ.get("AUDITLIB_DEBUG"):
            raise
        gathering.problems.append(FileProblem(file, sheet.name, "sheet.failed", f"{type(error).__name__}: {error}"[:200]))
        gathering.sources.append(_nothing(len(gathering.sources), file, digest, sheet.name))


def _take(
    file: str, digest: str, found: FoundTable, table: Conformed, conformer: Conformer, writer: FrameWriter, finder: TableFinder,
    gathering: _Gathering,
) -> None:  # fmt: skip
    """A typed ledger: written, unless it came before."""
    gathering.problems.extend(_unnamed(file, found.sheet.name, table, conformer.resolver.unnamed))
    source = _source(len(gathering.sources), file, digest, found, table)
    notes = _notes(found, table, finder.catalog.words["openings"])
    if form := _form_of(found, finder):
        gathering.forms.append(Placed(source.source_id, source.org_code, form))
        notes = (*_form_notes(form), *notes)
    twin = gathering.duplicates.twin_of(source, table)
    if twin is None:
        repeated = gathering.duplicates.repeated(source) if table.rows else {}
        source, table, notes = counted_once(source, table, notes, repeated)
        writer.add(source, table)
        if table.month and table.org_code:
            gathering.months.append(PlacedMonth(source.source_id, file, table.ledger, table.org_code, table.month))
    gathering.take(*((source, notes) if twin is None else not_counted(source, notes, twin)))


def _read_pages(finder: TableFinder, conformer: Conformer, writer: FrameWriter, gathering: _Gathering) -> None:
    """Account pages, after all else: they are the vouchers of an organisation that sent no list of them, where none of them is missing;
    else each is kept by itself."""
    listed = gathering.duplicates.organisations_with("journal")
    for page in gathering.pages:
        table = conform_found(page.found, conformer, page.around)
        if not set(table.org_codes) & listed and _is_whole(table):
            _take(page.file, page.digest, page.found, table, conformer, writer, finder, gathering)
            continue
        for found in page.found.apart:
            if found.recognition.form and not found.recognition.ledger:
                _keep_form(page.file, page.digest, found, conformer, page.around, finder, gathering)
            elif found.recognition.ledger:
                _take(page.file, page.digest, found, conform_found(found, conformer, page.around), conformer, writer, finder, gathering)
            else:
                unknown = _unrecognised(len(gathering.sources), page.file, page.digest, found.sheet, [found])
                gathering.take(unknown, _notes_unrecognised(found.sheet, [found]))


def _is_whole(table: Conformed) -> bool:
    day, number, debit, credit = (table.columns[n].to_pylist() for n in ("date", "voucher_no", "debit", "credit"))
    return is_whole(list(zip(map(str, day), map(str, number), strict=True)), debit, credit)


def _unnamed(file: str, sheet: str, table: Conformed, code: str) -> Iterator[FileProblem]:
    """The rows of a table that stand under the code `code` of those who say nothing of whose they are."""
    if code and (n := table.org_codes.count(code)):
        yield FileProblem(file, sheet, "sheet.no_organisation", str(n))


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


def _form_of(found: FoundTable, finder: TableFinder) -> FormTable | None:
    """What a table says as a printed form; None for any other table."""
    if not found.recognition.form:
        return None
    head = read_head(found.sheet, found.block).texts
    return finder.forms.read(found.recognition.form, found.sheet, found.block, head, finder.catalog.words)


def _form_notes(form: FormTable) -> tuple[Note, ...]:
    named = {"number": form.form.number, "name": form.form.zh}
    return ((naming(form.form), named), *form.notes)


def _keep_form(
    file: str, digest: str, found: FoundTable, conformer: Conformer, around: Surroundings, finder: TableFinder, gathering: _Gathering
) -> None:
    """A form that no ledger takes: named, kept and added up."""
    form, source_id, org = _form_of(found, finder), len(gathering.sources), conformer.owner_of(found.sheet, found.block, around)
    header, data, uses = found.block.header_rows, found.block.data, found.recognition.columns
    if form:
        gathering.forms.append(Placed(source_id, org, form))
    gathering.books.extend(openings_of_page(found, source_id, conformer, around, finder))
    rows = (*header, *data, *(r for r, _ in found.block.totals))
    source = Source(
        source_id, file, digest, found.sheet.name, "", found.recognition.confidence, org, tuple(r + 1 for r in header),
        (data[0] if data else header[-1]) + 1, max(rows) + 1, len(data), len(found.block.totals), 0, uses,
    )  # fmt: skip
    gathering.take(source, _form_notes(form) if form else ())


def _hold_months_together(gathering: _Gathering, writer: FrameWriter) -> dict[int, list[Note]]:
    """Enters the running totals of months as totals that were added up; notes on those that the months before do not tell."""
    held, notes = held_against_months(gathering.months)
    for h in held:
        total = ControlTotal(h.running.row, h.running.label, h.running.field, h.running.stated, h.computed, h.month.org_code)
        writer.add_total(h.month.source_id, h.month.ledger, total)
    return notes


def _hold_forms_together(gathering: _Gathering, frames: Path, words: Mapping[str, Any]) -> None:
    """Notes where one form of an organisation does not agree with another, and the figures of all forms as one table."""
    placed: list[Placed] = []
    for form in gathering.forms:  # one that an organisation sent twice counts once
        if not any(form.org_code == p.org_code != "" and form.table.says_the_same(p.table) for p in placed):
            placed.append(form)
    for source_id, notes in form_sums(placed, words["layout"]["line_ordinal"]).items():
        gathering.notes[source_id].extend(notes)
    write_forms(placed, frames)


def _source(source_id: int, file: str, digest: str, found: FoundTable, table: Conformed) -> Source:
    block = found.block
    rows = (*block.header_rows, *block.data, *(r for r, _ in block.totals))
    return Source(
        source_id, file, digest, found.sheet.name, table.ledger, found.recognition.confidence, table.org_code,
        tuple(r + 1 for r in block.header_rows), (block.data[0] if block.data else block.header_rows[-1]) + 1, max(rows) + 1,
        len(table.rows), len(block.totals), len(table.quarantined), table.uses, set_aside=table.set_aside, elsewhere=_elsewhere(found),
    )  # fmt: skip


def _elsewhere(found: FoundTable) -> tuple[tuple[str, str], ...]:
    """Where the values of the table stand that are not where they were read."""
    return tuple(sorted((cell_name(read), cell_name(at) if at else "") for read, at in found.sheet.origins.items()))


def _notes(found: FoundTable, table: Conformed, words: Mapping[str, Any]) -> tuple[Note, ...]:
    block = found.block
    counted = (("note.openings", len(table.openings)), ("note.group_rows", len(block.groups)))
    return (
        *found.notes, *table.notes, *sheet_notes(found.sheet, block.span), *broken_chain(table, words),
        *((key, {"n": n}) for key, n in counted if n),
    )  # fmt: skip


def _nothing(source_id: int, file: str, digest: str, sheet: str) -> Source:
    return Source(source_id, file, digest, sheet, "", 0.0, "", (), 0, 0, 0, 0, 0, ())


def _unrecognised(source_id: int, file: str, digest: str, sheet: Any, tables: Sequence[FoundTable]) -> Source:
    if not tables:
        return _nothing(source_id, file, digest, sheet.name)
    best = max(tables, key=lambda t: len(t.block.data))
    uses = best.recognition.columns if best.is_set_aside else tuple(ColumnUse(i, h, None, 0.0) for i, h in enumerate(best.block.headers))
    header = tuple(r + 1 for r in best.block.header_rows)
    last = max((*best.block.data, *best.block.header_rows)) + 1
    return Source(source_id, file, digest, sheet.name, "", best.recognition.confidence, "", header, header[-1] + 1, last, 0, 0, 0, uses)


def _notes_unrecognised(sheet: RawSheet, tables: Sequence[FoundTable]) -> tuple[Note, ...]:
    if not tables:
        return sheet_notes(sheet)
    return tuple(n for t in tables for n in (*t.notes, *sheet_notes(sheet, t.block.span)))


def _candidates(tables: Sequence[FoundTable], catalog: Catalog) -> str:
    """The ledgers that a table with data may be, as '合同台账 40%, 资源台账 12%'; '' when there is no data at all."""
    with_data = [t for t in tables if len(t.block.data) >= 1 and len([h for h in t.block.headers if h]) >= 2]
    guesses = [g for t in with_data for g in t.recognition.candidates[:3]]
    if not with_data:
        return ""
    return ", ".join(f"{catalog.ledgers[g.ledger].zh} {g.score:.0%}" for g in guesses[:3]) or "—"
