"""What a reconciliation hands back."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.specs import CheckSpec
from ..checks.outcome import Outcome
from ..words.records import Case, CheckResult, Match


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One reconciliation over all organisations."""

    outcome: Outcome
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class ReconciliationOutcome:
    """All reconciliations of a run."""

    cases: tuple[Case, ...]
    results: tuple[CheckResult, ...]
    matches: tuple[Match, ...]
    errors: tuple[str, ...]


def name_of(spec: CheckSpec) -> str:
    """left__right, as the file in expectations/reconciliations/ is called."""
    return str(spec.arguments.get("name") or "__".join(spec.ledgers))
