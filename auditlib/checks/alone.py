"""What one file alone can show: that it can be read, which ledgers it holds, and the rules that read one ledger only.

Each file is looked at by itself, whatever else is given beside it, so a result never depends on how files are batched.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..catalog.packs import county_catalog, told_off
from ..catalog.settings import Settings, load_settings
from ..catalog.specs import Catalog, CheckSpec, LedgerSpec
from ..engine import open_engine
from ..intake.frames import RawCells
from ..intake.mapping import workspace_of
from ..intake.standalone import SENDER, lone_county, told_by_self
from ..intake.tables import TableFinder
from ..intake.workspace import County, Intake, county_at, read_one
from ..kernels.suite import columns_of
from ..words.records import CheckResult, FileProblem, Finding, Source
from .findings import FramePlaces, settle
from .frames import Frames, RunInputs
from .run import run_rules


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller fixed. `today` stands in for an `as_of` that neither caller nor county gives."""

    today: dt.date
    as_of: dt.date | None = None
    fiscal_year: int | None = None
    language: str | None = None  # of reasons and our own failures; the county's where nobody asks


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A rule on a ledger of the file that was not run, and why."""

    rule: str
    ledger: str
    why: str  # other_ledgers | needs_all_files | needs_register
    others: tuple[str, ...] = ()  # the ledgers that the rule reads beside


@dataclass(frozen=True, slots=True)
class FileCheck:
    """One file, as far as it can be judged alone."""

    file: str  # as the caller calls it, '/' as separator
    sha256: str  # '' when the file could not be opened
    is_readable: bool
    sources: tuple[Source, ...]
    problems: tuple[FileProblem, ...]
    findings: tuple[Finding, ...]  # red first; `source_file` is `file`
    checks: tuple[CheckResult, ...]  # for the organisations of the file
    not_checked: tuple[NotChecked, ...]
    errors: tuple[str, ...]  # our own failures
    as_of: dt.date
    as_of_from: str  # asked | county | today
    fiscal_year: int
    year_from: str  # asked | county | name | column | dates | guess
    catalog: Catalog = field(repr=False)  # what was expected, the packs of the county around included

    @property
    def ledgers(self) -> tuple[str, ...]:
        return tuple(sorted({s.ledger for s in self.sources if s.ledger}))


def check_files(
    paths: Sequence[Path], *, today: dt.date, as_of: dt.date | None = None, fiscal_year: int | None = None, language: str | None = None
) -> tuple[FileCheck, ...]:
    """What each of `paths` (files) shows alone, in the order given. Raises WorkspaceError as `FileChecker.check` does."""
    from ..catalog.load import load_catalog

    checker = FileChecker(load_catalog(), Asked(today, as_of, fiscal_year, language))
    return tuple(checker.check(path, path.as_posix()) for path in paths)


class FileChecker:
    """Checks files one by one; a county around several of them is read once."""

    def __init__(self, catalog: Catalog, asked: Asked) -> None:
        self._catalog, self._asked = catalog, asked
        self._counties: dict[Path, tuple[County, Settings, Catalog]] = {}

    @cached_property
    def _alone(self) -> TableFinder:
        """For files of no county; made when the first one comes, because its vocabulary takes longer than a small file."""
        return TableFinder(self._catalog)

    def check(self, path: Path, shown: str) -> FileCheck:
        """The file at `path`, called `shown` in what comes out.

        A file inside a county folder (one with an audit.toml or mappings) is read with its register, mappings and settings;
        what the other ledger files hold is not looked at. Raises WorkspaceError when these settings or mappings are wrong.
        """
        whole = path.resolve()
        root = workspace_of(whole)
        told = told_by_self(whole, self._alone) if root is None or not (root / "audit.toml").is_file() else None
        county, settings, catalog = self._county(root) if root else (None, self._settings(whole.parent, self._catalog), self._catalog)
        settings, year_from = self._year(settings, told.fiscal_year if told else None, told.year_from if told else "county")
        if county is None:
            county = lone_county(whole, told or told_by_self(whole, self._alone), self._alone)
        with tempfile.TemporaryDirectory(prefix="auditlib-") as scratch:
            intake = read_one(whole, Path(scratch), county, catalog, settings)
            found = _examine(intake, catalog, settings, is_registered=root is not None)
        return FileCheck(
            shown, next((s.sha256 for s in intake.sources if s.sha256), ""), not any(p.code.startswith("file.") for p in intake.problems),
            tuple(replace(s, file=shown) for s in intake.sources), tuple(replace(p, file=shown) for p in _problems(intake)),
            tuple(_shown(f, shown) for f in found.findings), found.checks, found.not_checked, found.errors,
            settings.as_of, self._as_of_from(settings), settings.fiscal_year, year_from, catalog,
        )  # fmt: skip

    def _county(self, root: Path) -> tuple[County, Settings, Catalog]:
        if root not in self._counties:
            own = county_catalog(root)
            catalog = own if own.packs else self._catalog
            settings = self._settings(root, catalog)
            self._counties[root] = county_at(root, catalog, settings, SENDER), settings, catalog
        return self._counties[root]

    def _settings(self, folder: Path, catalog: Catalog) -> Settings:
        settings = load_settings(folder, catalog, today=self._asked.today, as_of=self._asked.as_of)
        return replace(settings, language=self._asked.language or settings.language)

    def _year(self, settings: Settings, told: int | None, told_from: str) -> tuple[Settings, str]:
        if self._asked.fiscal_year is not None:
            return replace(settings, fiscal_year=self._asked.fiscal_year), "asked"
        if told_from == "county":
            return settings, "county"
        return (settings, "guess") if told is None else (replace(settings, fiscal_year=told), told_from)

    def _as_of_from(self, settings: Settings) -> str:
        return "asked" if self._asked.as_of else "today" if settings.as_of == self._asked.today else "county"


def _shown(finding: Finding, file: str) -> Finding:
    """The finding as the caller knows the file; the stand-in for an organisation that nobody named is shown as none."""
    code = "" if finding.org_code == SENDER else finding.org_code
    return replace(finding, source_file=file, org_code=code, org_name="" if not code else finding.org_name, cells=())


def _problems(intake: Intake) -> tuple[FileProblem, ...]:
    """What intake could not use; a file in which it found no ledger, and nothing else to say, says that."""
    if intake.problems or any(s.ledger for s in intake.sources):
        return intake.problems
    return (FileProblem("", "", "file.without_ledger"),)


# ---- the rules ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Examined:
    findings: tuple[Finding, ...]
    checks: tuple[CheckResult, ...]
    not_checked: tuple[NotChecked, ...]
    errors: tuple[str, ...]


def _examine(intake: Intake, catalog: Catalog, settings: Settings, *, is_registered: bool) -> _Examined:
    held = frozenset(s.ledger for s in intake.sources if s.ledger and s.rows_read)
    chosen = _chosen(catalog, held, is_registered=is_registered)
    engine = open_engine("duckdb")
    try:
        frames = Frames(RunInputs(intake.frames, chosen.catalog, settings, intake.organisations, intake.sources, engine))
        outcome = run_rules(frames)
        here = {org for ledger in held for org in frames.presence(ledger)}
    finally:
        engine.close()
    raw = RawCells(intake.frames, intake.sources)
    findings = settle(outcome.cases, catalog, settings, intake.organisations, intake.sources, raw, FramePlaces(intake.frames))
    ran = tuple(r for r in outcome.results if r.org_code in here and (r.ledger in held or r.status == "found"))
    owners = [o for o in intake.organisations if o.org_code in here]
    checks = tuple(r for r in told_off(ran, catalog, owners, settings.language) if r.ledger in held or r in ran)
    return _Examined(findings, checks, chosen.left_out, outcome.errors)


@dataclass(frozen=True, slots=True)
class _Chosen:
    catalog: Catalog  # with the rules that one file can show and no others
    left_out: tuple[NotChecked, ...]


def _chosen(catalog: Catalog, held: Collection[str], *, is_registered: bool) -> _Chosen:
    """The rules that read one of the ledgers `held` and nothing else, and those that read more."""
    left_out: list[NotChecked] = []
    ledgers: dict[str, LedgerSpec] = {}
    for name, spec in catalog.ledgers.items():
        kept = tuple(e for e in spec.expectations if name in held and not _looked_up(spec, e, catalog.ledgers))
        ledgers[name] = replace(spec, expectations=kept)
        if name in held:
            looked_up = ((e, _looked_up(spec, e, catalog.ledgers)) for e in spec.expectations)
            left_out += [NotChecked(_rule(e), name, "other_ledgers", others) for e, others in looked_up if others]
    checks = []
    for check in catalog.checks:
        read = _read_by(check, catalog)
        why = "other_ledgers" if len(read) > 1 else _why_not(check, catalog.words["single_files"], is_registered=is_registered)
        mine = [x for x in check.ledgers if x in held]
        if not why and (mine or not check.ledgers):
            checks.append(check)
        else:
            left_out += [NotChecked(check.rule, x, why, _beside(x, read)) for x in (mine if check.ledgers else sorted(held))]
    for check in catalog.reconciliations:
        left_out += [NotChecked(check.rule, x, "other_ledgers", _beside(x, check.ledgers)) for x in check.ledgers if x in held]
    narrowed = replace(catalog, ledgers=ledgers, checks=tuple(checks), reconciliations=())
    return _Chosen(narrowed, tuple(sorted(dict.fromkeys(left_out), key=lambda n: (n.ledger, n.rule, n.why, n.others))))


def _read_by(check: CheckSpec, catalog: Catalog) -> tuple[str, ...]:
    """The ledgers that a check reads, those among them that only its arguments name: as `targets: {contracts: contract_no}`, or by a
    derived column (`left_out: own_books`) that looks into another ledger."""
    named = (str(key) for value in check.arguments.values() if isinstance(value, Mapping) for key in value if key in catalog.ledgers)
    columns = [value for value in check.arguments.values() if isinstance(value, str)]
    behind = (other for ledger in check.ledgers for c in columns for other in _behind(catalog.ledgers[ledger], c, catalog.ledgers))
    return tuple(dict.fromkeys((*check.ledgers, *named, *behind)))


def _beside(ledger: str, read: Sequence[str]) -> tuple[str, ...]:
    return tuple(x for x in read if x != ledger)


def _why_not(check: CheckSpec, needs: Mapping[str, Collection[str]], *, is_registered: bool) -> str:
    if check.kernel in needs["needs_all_files"]:
        return "needs_all_files"
    return "needs_register" if check.kernel in needs["needs_register"] and not is_registered else ""


def _rule(expectation: Mapping[str, Any]) -> str:
    return str((expectation.get("meta") or {}).get("rule"))


def _looked_up(spec: LedgerSpec, expectation: Mapping[str, Any], ledgers: Collection[str]) -> tuple[str, ...]:
    """The other ledgers to which the derived columns of an expectation look (`lookup: resources`, `also_in: trial_balance`)."""
    found = {other for column in columns_of(expectation) for other in _behind(spec, column, ledgers)}
    return tuple(sorted(found - {spec.name}))


def _behind(spec: LedgerSpec, column: str, ledgers: Collection[str]) -> Iterator[str]:
    if column in spec.fields or column not in spec.derived:
        return
    for value in spec.derived[column].values():
        for part in value if isinstance(value, (list, tuple)) else (value,):
            name = str(part).removeprefix("-")
            if name in spec.derived and name != column:
                yield from _behind(spec, name, ledgers)
            elif name in ledgers and name not in spec.fields:
                yield name
