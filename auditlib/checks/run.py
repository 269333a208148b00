"""All checks of one run. A rule that fails to run stops no other, and is told as not run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..catalog.specs import CheckSpec
from ..words.collector import resting_collector
from ..words.errors import CatalogError
from ..words.messages import say
from ..words.records import Case, CheckResult
from .across import Check
from .charts import without_accounts, without_other_charts
from .frames import Frames
from .known import CHECKS
from .outcome import CheckOutcome, Outcome, merged, not_run, results
from .parameters import resolve
from .roles import NoAccounts
from .single import outcomes, run_suite
from .suites import Expectation, SuiteRun, expectations_of

Progress = Callable[[str], None]  # called with the name of the ledger or rule that is being checked


class _Tally:
    """What has come out so far."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.cases: list[Case] = []
        self.results: list[CheckResult] = []
        self.errors: list[str] = []

    def add(self, rule: str, ledger: str, outcome: Outcome) -> None:
        outcome = Outcome(merged(outcome.cases), outcome.looked, outcome.reasons)
        self.cases += outcome.cases
        self.results += results(rule, ledger, outcome, self.frames)

    def failed(self, rule: str, ledger: str, error: Exception) -> None:
        language = self.frames.settings.language
        label = self.frames.catalog.ledgers[ledger].label(language) if ledger in self.frames.catalog.ledgers else ledger
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
        told = say("checks.run_failed", language, rule=rule, ledger=label, error=f"{type(error).__name__}: {first_line}")
        self.errors.append(told)
        self.results += not_run(rule, ledger, told, self.frames)

    def outcome(self) -> CheckOutcome:
        ordered = sorted(self.results, key=lambda r: (r.rule, r.ledger, r.org_code))
        return CheckOutcome(merged(self.cases), tuple(ordered), tuple(self.errors))


def run_checks(frames: Frames, progress: Progress | None = None) -> CheckOutcome:
    """Every suite and every check of the catalogue on the typed ledgers of a run, and the second opinion on the suites.

    Out: cases (one for each breach), a result for every rule, ledger and organisation, and what went wrong on our side:
    rules that could not run, and counts on which Great Expectations disagrees.
    """
    from .oracle import disagreements

    tell = progress or (lambda name: None)
    outcome, runs = _run(frames, tell)
    told = []
    for run in runs:
        tell(f"Great Expectations: {run.ledger}")
        told += _guarded(disagreements, frames, run)
    return replace(outcome, errors=(*outcome.errors, *told))


def run_rules(frames: Frames, progress: Progress | None = None) -> CheckOutcome:
    """As `run_checks`, without the second opinion of Great Expectations: for a single file in CI, and for tests."""
    return _run(frames, progress or (lambda name: None))[0]


def _run(frames: Frames, progress: Progress) -> tuple[CheckOutcome, list[SuiteRun]]:
    tally, runs = _Tally(frames), []
    for ledger in sorted(frames.catalog.ledgers):
        if frames.catalog.ledgers[ledger].expectations:
            progress(ledger)
            with resting_collector():
                runs += _suites(frames, ledger, tally)
    for spec in frames.catalog.checks:
        progress(spec.rule)
        with resting_collector():
            _one_check(frames, spec, CHECKS, tally)
    return tally.outcome(), runs


def _guarded(second_opinion: Callable[[Frames, SuiteRun], tuple[str, ...]], frames: Frames, run: SuiteRun) -> Iterator[str]:
    try:
        yield from second_opinion(frames, run)
    except Exception as error:  # noqa: BLE001 - a second opinion that fails is told, and stops nothing
        rules = "/".join(sorted({e.rule for e in run.expectations}))
        yield say(
            "checks.run_failed", frames.settings.language, rule=rules, ledger=run.ledger, error=f"Great Expectations: {error}"
        )


def _suites(frames: Frames, ledger: str, tally: _Tally) -> list[SuiteRun]:
    """The suite of a ledger in one scan; when that fails, rule by rule, so that one bad rule takes none with it."""
    if not frames.has(ledger):
        for rule in sorted({str((e.get("meta") or {}).get("rule")) for e in frames.catalog.ledgers[ledger].expectations}):
            reason = say(
                "checks.no_ledger",
                frames.settings.language,
                ledger=frames.catalog.ledgers[ledger].label(frames.settings.language),
            )
            tally.add(rule, ledger, Outcome((), {}, {o.org_code: reason for o in frames.organisations}))
        return []
    try:
        run = run_suite(frames, ledger, expectations_of(frames, ledger))
        done = outcomes(frames, run)
    except Exception:  # noqa: BLE001 - whatever it was, it will show again in its own rule
        return _rule_by_rule(frames, ledger, tally)
    for rule, outcome in done.items():
        tally.add(rule, ledger, outcome)
    return [run]


def _rule_by_rule(frames: Frames, ledger: str, tally: _Tally) -> list[SuiteRun]:
    spec, runs = frames.catalog.ledgers[ledger], []
    for rule in sorted({str((e.get("meta") or {}).get("rule")) for e in spec.expectations}):
        only = tuple(e for e in spec.expectations if str((e.get("meta") or {}).get("rule")) == rule)
        try:
            mine: tuple[Expectation, ...] = expectations_of(_with_suite(frames, ledger, only), ledger)
            run = run_suite(frames, ledger, mine)
            tally.add(rule, ledger, outcomes(frames, run)[rule])
            runs.append(run)
        except Exception as error:  # noqa: BLE001
            tally.failed(rule, ledger, error)
    return runs


def _with_suite(frames: Frames, ledger: str, expectations: tuple[object, ...]) -> Frames:
    ledgers = {**frames.catalog.ledgers, ledger: replace(frames.catalog.ledgers[ledger], expectations=expectations)}
    return Frames(replace(frames.inputs, catalog=replace(frames.catalog, ledgers=ledgers)))


def _one_check(frames: Frames, spec: CheckSpec, known: dict[str, Check], tally: _Tally) -> None:
    ledger = spec.ledgers[0] if spec.ledgers else ""
    try:
        if spec.kernel not in known:
            raise CatalogError(f"checks: kernel '{spec.kernel}' is not known; candidates: {', '.join(sorted(known))}")
        absent = [x for x in spec.ledgers if not frames.has(x) and x not in spec.arguments.get("optional", ())]
        if absent:
            language = frames.settings.language
            reason = "; ".join(
                say("checks.no_ledger", language, ledger=frames.catalog.ledgers[x].label(language)) for x in absent
            )
            tally.add(spec.rule, ledger, Outcome((), {}, {o.org_code: reason for o in frames.organisations}))
            return
        spec = replace(spec, arguments=resolve(spec.arguments, frames.catalog, frames.settings))
        tally.add(spec.rule, ledger, without_other_charts(frames, spec, known[spec.kernel](frames, spec)))
    except NoAccounts as lacking:
        tally.add(spec.rule, ledger, without_accounts(frames, lacking))
    except Exception as error:  # noqa: BLE001 - told, and the others go on
        tally.failed(spec.rule, ledger, error)
