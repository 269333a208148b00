"""All reconciliations of one run. One that fails stops no other, and is told as not run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..catalog.specs import CheckSpec
from ..checks.charts import of_other_chart, without_accounts, without_other_charts
from ..checks.frames import Frames
from ..checks.outcome import Outcome, merged, not_run, results
from ..checks.parameters import resolve
from ..checks.roles import NoAccounts
from ..words.collector import resting_collector
from ..words.errors import CatalogError
from ..words.messages import say
from ..words.records import BankReconciliation, Case, CheckResult, Match
from .assets import count_beyond_register, register_and_books, register_and_count
from .bank import book_and_bank
from .books import journal_and_balances, opening_and_prior_closing, village_and_agency
from .contracts import instalments
from .counterparties import claims_and_debts
from .handover import handed_and_booked, handed_and_received
from .keyed import keyed
from .members import roster_and_distribution
from .published import published_and_booked
from .reconciliation import Reconciled, ReconciliationOutcome, missing_lines, name_of
from .roll_back import count_rolled_back
from .subledgers import ledger_and_books

Kernel = Callable[[Frames, CheckSpec], Reconciled]
# These only show what agrees and what does not; what of it is a finding, and whether the rule was kept, is for the check of the
# same rule to say: a parcel that only one side has is no breach of the rule on areas.
SHOWN: dict[str, Kernel] = {
    "keyed": keyed,
    "instalments": instalments,
    "handed_and_received": handed_and_received,
    "handed_and_booked": handed_and_booked,
    "ledger_and_books": ledger_and_books,
    "published_and_booked": published_and_booked,
    "roster_and_distribution": roster_and_distribution,
    "claims_and_debts": claims_and_debts,
    "count_rolled_back": count_rolled_back,
}
RECONCILIATIONS: dict[str, Kernel] = SHOWN | {
    "book_and_bank": book_and_bank,
    "register_and_count": register_and_count,
    "count_beyond_register": count_beyond_register,
    "register_and_books": register_and_books,
    "journal_and_balances": journal_and_balances,
    "opening_and_prior_closing": opening_and_prior_closing,
    "village_and_agency": village_and_agency,
}


def run_reconciliations(frames: Frames, progress: Callable[[str], None] | None = None) -> ReconciliationOutcome:
    """Every reconciliation of the catalogue on the typed ledgers of a run.

    Out: cases, a result for every rule and organisation, every pair and one-sided item, and what could not be run.
    """
    cases: list[Case] = []
    told: list[CheckResult] = []
    matches: list[Match] = []
    errors: list[str] = []
    statements: list[BankReconciliation] = []
    for spec in frames.catalog.reconciliations:
        if progress:
            progress(spec.rule)
        try:
            with resting_collector():
                done = _of_the_chart(frames, spec, _one(frames, spec))
        except Exception as error:  # noqa: BLE001 - told, and the others go on
            errors.append(_failure(frames, spec, error))
            told += not_run(spec.rule, spec.ledgers[0], errors[-1], frames)
            continue
        outcome = Outcome(merged(done.outcome.cases), done.outcome.looked, done.outcome.reasons)
        cases += outcome.cases
        matches += done.matches
        statements += done.statements
        errors += [say("reconciled.lines_lost", frames.settings.language, name=name_of(spec), org=org) for org in missing_lines(done)]
        if spec.kernel not in SHOWN:
            told += results(spec.rule, spec.ledgers[0], outcome, frames)
    matches.sort(key=lambda m: (m.reconciliation, m.org_code, m.left, m.right, m.how))
    told.sort(key=lambda r: (r.rule, r.ledger, r.org_code))
    return ReconciliationOutcome(merged(cases), tuple(told), tuple(matches), tuple(errors), tuple(statements))


def _one(frames: Frames, spec: CheckSpec) -> Reconciled:
    if spec.kernel not in RECONCILIATIONS:
        raise CatalogError(
            f"reconciliations: kernel '{spec.kernel}' is not known; candidates: {', '.join(sorted(RECONCILIATIONS))}"
        )
    language = frames.settings.language
    absent = [x for x in spec.ledgers if not frames.has(x) and x not in spec.arguments.get("optional", ())]
    if absent:
        reason = "; ".join(say("checks.no_ledger", language, ledger=frames.catalog.ledgers[x].label(language)) for x in absent)
        return Reconciled(Outcome((), {}, {o.org_code: reason for o in frames.organisations}))
    try:
        resolved = replace(spec, arguments=resolve(spec.arguments, frames.catalog, frames.settings))
        return RECONCILIATIONS[spec.kernel](frames, resolved)
    except NoAccounts as lacking:
        return Reconciled(without_accounts(frames, lacking))


def _of_the_chart(frames: Frames, spec: CheckSpec, done: Reconciled) -> Reconciled:
    """Without the organisations whose account numbers mean something else, where the reconciliation goes by these."""
    outcome = without_other_charts(frames, spec, done.outcome)
    if outcome is done.outcome:
        return done
    gone = of_other_chart(frames)
    return Reconciled(
        outcome,
        tuple(m for m in done.matches if m.org_code not in gone),
        tuple(s for s in done.statements if s.org_code not in gone),
        {org: n for org, n in done.sides.items() if org not in gone},
    )


def _failure(frames: Frames, spec: CheckSpec, error: Exception) -> str:
    language = frames.settings.language
    label = frames.catalog.ledgers[spec.ledgers[0]].label(language)
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return say("checks.run_failed", language, rule=spec.rule, ledger=label, error=f"{type(error).__name__}: {first_line}")
