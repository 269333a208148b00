"""The main job: a county folder in, findings, matches, issues and reports out."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .catalog.load import load_catalog
from .catalog.packs import county_catalog, told_off
from .catalog.settings import Settings, load_settings, refuse_folder_of_counties
from .catalog.specs import Catalog
from .words.messages import say
from .words.records import AuditRun, CheckResult, FileProblem

if TYPE_CHECKING:
    from .intake.workspace import Intake
    from .issues.county import CountyRules
    from .issues.issue import Issue
    from .issues.register import RunOutcome
    from .reports.register_state import RegisterState
    from .reports.unfinished import Stages


@dataclass(frozen=True, slots=True)
class Step:
    """Where an audit stands, for a progress bar."""

    stage: str  # key of the catalogue: audit.stage.<stage>
    detail: str
    done: int
    total: int  # 0 when not known


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit leaves: the run, what the register made of it, and where the report is."""

    run: AuditRun
    issues: tuple[Issue, ...]
    register: str
    outcome: RunOutcome
    index: Path
    catalog: Catalog = field(default_factory=load_catalog, repr=False)  # what was expected, county packs included
    lost_head: str = ""  # the head that the report before bears, where the register does not hold it: an older or another one


def run_audit(
    workspace: Path, out: Path, *, today: dt.date, at: dt.datetime, register: str | None = None, as_of: dt.date | None = None,
    engine: str = "duckdb", progress: Progress | None = None, packs: Sequence[str] = (), chosen: Mapping[str, Any] | None = None,
    language: str | None = None,
) -> Audit:  # fmt: skip
    """Audits the county in `workspace` and writes findings, sources, matches, pages and the issue register into `out`.

    `today` stands in for an `as_of` that nobody gave, `at` (aware) is when the run happened; neither comes from a clock
    here. `engine` is duckdb or spark; `packs` are county packs beside those that audit.toml names; `chosen` are parameters and
    a fiscal_year that stand in the place of those in audit.toml for this run, and are noted in it; `language` (zh | en) is that
    of the pages, where it is not to be the county's. Raises an AuditlibError when the folder, the settings, a pack, the output
    folder or the register cannot be used; whatever can be audited is audited.
    """
    from .issues.county import rules_of
    from .issues.places import locate_register
    from .reports.kept_ledgers import keep_ledgers
    from .reports.kept_run import keep_run
    from .reports.manifest import Manifest, outputs_of, printed_head, question_of, versions_used, write_manifest
    from .reports.output import noted_outputs, prepare_output
    from .reports.unfinished import resumable

    told = progress or (lambda step: None)
    refuse_folder_of_counties(workspace)
    catalog = county_catalog(workspace, packs)
    rules = rules_of(catalog)  # now: a pack that asks too little for closing must not cost an audit
    settings = load_settings(workspace, catalog, today=today, as_of=as_of, chosen=chosen, language=language)
    prepare_output(out)
    place = locate_register(register, settings_register=settings.register, workspace=workspace, out=out)
    printed = printed_head(out)
    with noted_outputs() as written:
        with (
            tempfile.TemporaryDirectory(prefix="auditlib-") as scratch,
            resumable(workspace, out, Path(scratch), catalog, settings, engine) as stages,
        ):
            run = _examine(workspace, Path(scratch), catalog, settings, engine, told, stages)
            told(Step("register", "", 0, 1))  # the last moment to stop
            keep_ledgers(Path(scratch), out)
        question = question_of(workspace, run, chosen or {})
        run = replace(run, manifest_id=question.manifest_id)
        outcome, issues, state, is_held = _register(run, catalog, rules, place, at, printed, out)
        told(Step("reports", "", 0, 1))
        index = _report(run, catalog, issues, state, out)
        keep_run(run, outcome, out)
    outputs = outputs_of(out, written)
    write_manifest(Manifest(question, run.workspace, engine, versions_used(engine), state.head, outputs), out)
    told(Step("done", "", 1, 1))
    return Audit(run, issues, place, outcome, index, catalog, "" if is_held else printed)


def _examine(
    workspace: Path, frames: Path, catalog: Catalog, settings: Settings, engine_name: str, told: Progress, stages: Stages
) -> AuditRun:
    from .checks.findings import FramePlaces, settle
    from .checks.frames import Frames, RunInputs
    from .checks.outcome import CheckOutcome
    from .checks.run import run_checks
    from .engine import open_engine
    from .intake.frames import RawCells
    from .intake.workspace import read_workspace
    from .matching.bank_decisions import read_bank_decisions
    from .matching.name_decisions import read_decisions
    from .matching.reconciliation import ReconciliationOutcome
    from .matching.run import run_reconciliations

    engine = open_engine(engine_name)  # first: a wrong name or a missing extra must not cost a reading
    try:
        intake = stages.intake(
            lambda: read_workspace(
                workspace, frames, catalog, settings, lambda what, done, total: told(Step("intake", what, done, total))
            )
        )
        decided = (read_decisions(workspace), read_bank_decisions(workspace))
        ledgers = Frames(RunInputs(frames, catalog, settings, intake.organisations, intake.sources, engine, *decided))
        checked = stages.outcome("checks", CheckOutcome, lambda: run_checks(ledgers, lambda name: told(Step("checks", name, 0, 0))))
        reconciled = stages.outcome(
            "matching", ReconciliationOutcome,
            lambda: run_reconciliations(ledgers, lambda name: told(Step("matching", name, 0, 0))),
        )  # fmt: skip
    finally:
        engine.close()
    told(Step("findings", "", 0, 1))
    raw = RawCells(frames, intake.sources)
    findings = settle(
        (*checked.cases, *reconciled.cases), catalog, settings, intake.organisations, intake.sources, raw, FramePlaces(frames)
    )
    results = told_off((*checked.results, *reconciled.results), catalog, intake.organisations, settings.language)
    run = _run(workspace, settings, intake, findings, results, reconciled.matches, (*checked.errors, *reconciled.errors))
    return replace(run, packs=catalog.packs, statements=reconciled.statements)


def _run(workspace: Path, settings: Settings, intake: Intake, findings, checks: tuple[CheckResult, ...], matches, errors) -> AuditRun:  # type: ignore[no-untyped-def]
    notes = tuple(
        FileProblem("audit.toml", "", n) if n == "settings.missing" else FileProblem("audit.toml", "", "settings.note", n)
        for n in settings.notes
    )
    return AuditRun(
        settings.county, workspace.resolve().name, settings.fiscal_year, settings.as_of, settings.language, intake.organisations,
        intake.sources,
        notes + intake.problems, findings, tuple(sorted(checks, key=lambda c: (c.rule, c.ledger, c.org_code))), matches,
        tuple((n, str(v)) for n, v in settings.parameters.items()), errors,
    )  # fmt: skip


def _register(
    run: AuditRun, catalog: Catalog, rules: CountyRules, place: str, at: dt.datetime, printed: str, out: Path
) -> tuple[RunOutcome, tuple[Issue, ...], RegisterState, bool]:
    from .issues.register import Register
    from .issues.scores import county_formula
    from .issues.standing import LedgerRows
    from .reports.kept_ledgers import FOLDER
    from .reports.register_state import register_state

    with Register.open(place, rules=rules) as register:
        is_held = not printed or register.holds(printed)
        outcome = register.record_run(
            run.findings, county=run.county, as_of=run.as_of, at=at, checks=run.checks, fiscal_year=run.fiscal_year,
            workspace=run.workspace, manifest_hash=run.manifest_id, organisations=run.organisations,
            parameters=run.parameters, rows=LedgerRows(out / FOLDER, catalog),
        )  # fmt: skip
        return outcome, register.issues(run.as_of), register_state(register, county_formula(catalog), run.as_of), is_held


def _report(run: AuditRun, catalog: Catalog, issues: tuple[Issue, ...], state: RegisterState, out: Path) -> Path:
    from .reports.bank_statement import write_bank_statements
    from .reports.county_figures import kept_figures
    from .reports.ledger_rows import write_ledger_rows
    from .reports.pages import write_reports
    from .reports.tables import write_findings, write_matches, write_sources

    write_findings(run, out)
    write_sources(run, out)
    write_matches(run, out)
    write_bank_statements(run, out)
    write_ledger_rows(run, catalog, out, run.language)
    return write_reports(run, catalog, issues, out, run.language, state, kept_figures(run, catalog, out))


def problem_text(problem: FileProblem, language: str) -> str:
    """A file problem as a sentence that says what to do."""
    return say(problem.code, language, file=problem.file, sheet=problem.sheet, detail=problem.detail)
