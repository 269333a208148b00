"""What a reconciliation hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..catalog.specs import CheckSpec
from ..checks.outcome import Outcome
from ..words.records import BankReconciliation, Case, CheckResult, Match

ONE_SIDED, KEY, WITHIN, DUPLICATE, SUM = "unmatched", "key", "within tolerance", "duplicate", "sum"

@dataclass(frozen=True, slots=True)
class Reconciled:
    """One reconciliation over all organisations.

    `sides` says how many lines stand on the left and on the right of an organisation, counted from the ledgers and not from
    the matches: `missing_lines` compares the two.
    """

    outcome: Outcome
    matches: tuple[Match, ...] = ()
    statements: tuple[BankReconciliation, ...] = ()
    sides: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReconciliationOutcome:
    """All reconciliations of a run."""

    cases: tuple[Case, ...]
    results: tuple[CheckResult, ...]
    matches: tuple[Match, ...]
    errors: tuple[str, ...]
    statements: tuple[BankReconciliation, ...] = ()


def name_of(spec: CheckSpec) -> str:
    """left__right, as the file in expectations/reconciliations/ is called."""
    return str(spec.arguments.get("name") or "__".join(spec.ledgers))


def missing_lines(done: Reconciled) -> tuple[str, ...]:
    """Organisations of which the matches do not account for every line of both sides; there must be none."""
    told: dict[str, list[int]] = {}
    for match in done.matches:
        sums = told.setdefault(match.org_code, [0, 0])
        for side, count in enumerate(match.lines):
            sums[side] += count
    return tuple(sorted(org for org, counted in done.sides.items() if tuple(told.get(org, (0, 0))) != counted))
