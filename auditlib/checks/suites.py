"""A ledger's suite as data: its expectations with parameters resolved, and what running them gave.

The `meta` of an expectation says how a failing row reads:
    rule                 the rule it tests
    field                the field to point at (else the first field that the expectation reads)
    key, records         columns of the case's identity and of the records shown (else the ledger's key)
    expected, actual     columns, or plain text after '='
    amount               a column, or two columns whose difference it is (money only)
    period, variant      a column; a wording of the rule card
    left_out, because    a derived column: organisations of which it holds on every row are not judged, for that reason (a message)
    by_numbers           the expectation knows accounts by their number in the chart of collectives
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..kernels.derive import base_fields
from ..kernels.suite import columns_of
from ..words.errors import CatalogError
from .frames import Frames
from .parameters import resolve


@dataclass(frozen=True, slots=True)
class Expectation:
    """An expectation with its parameters resolved, and what it reads."""

    position: int
    entry: Mapping[str, Any]
    columns: tuple[str, ...]
    fields: frozenset[str]  # the fields behind the columns

    @property
    def rule(self) -> str:
        return str(self.entry["meta"]["rule"])

    @property
    def type(self) -> str:
        return str(self.entry["type"])


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """What one ledger's suite gave: failing rows by expectation, for the cases and for the second opinion."""

    ledger: str
    expectations: tuple[Expectation, ...]
    failing: Mapping[int, Sequence[Mapping[str, Any]]]  # position -> rows


def expectations_of(frames: Frames, ledger: str) -> tuple[Expectation, ...]:
    """The ledger's suite, resolved. Raises CatalogError for an expectation without a rule or with an unknown parameter."""
    spec, found = frames.catalog.ledgers[ledger], []
    for position, raw in enumerate(spec.expectations):
        if not (raw.get("meta") or {}).get("rule"):
            raise CatalogError(f"ledgers/{ledger}.yaml: expectations[{position}].meta.rule is missing")
        entry = resolve(raw, frames.catalog, frames.settings)
        columns = columns_of(entry)
        fields = frozenset().union(*[base_fields(spec, c) for c in columns])
        found.append(Expectation(position, entry, columns, fields))
    return tuple(found)
