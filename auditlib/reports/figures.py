"""Counts and money of a set of findings; every total on a page is made here, from the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..words.records import CheckResult, Finding
from .view import SEVERITIES


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of findings comes to; amounts in yuan."""

    by_severity: Mapping[str, int]
    involved: Decimal  # amounts of the F rules: money of the cases
    differences: Decimal  # amounts of the D rules: sums that do not agree

    @property
    def total(self) -> int:
        return sum(self.by_severity.values())

    @property
    def worst(self) -> str:
        """The worst severity that occurs, '' without findings."""
        return next((s for s in SEVERITIES if self.by_severity[s]), "")


def figures_of(findings: Iterable[Finding]) -> Figures:
    counts: Counter[str] = Counter()
    sums = {"F": Decimal(0), "D": Decimal(0)}
    for finding in findings:
        counts[finding.severity if finding.severity in SEVERITIES else SEVERITIES[-1]] += 1
        sums["D" if finding.rule.startswith("D") else "F"] += finding.amount or 0
    return Figures({s: counts[s] for s in SEVERITIES}, sums["F"], sums["D"])


def statuses(checks: Iterable[CheckResult]) -> Counter[str]:
    """How many checks went which way."""
    return Counter(check.status for check in checks)


def yuan(amount: Decimal | None) -> str:
    """An amount as people read it: 1,234.50; '' for none."""
    return "" if amount is None else f"{amount:,.2f}"


def grouped(number: int) -> str:
    return f"{number:,}"
