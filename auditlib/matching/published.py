"""What was published against what the books say, period by period and figure by figure."""

from __future__ import annotations

from ..catalog.specs import CheckSpec
from ..checks.frames import Frames
from ..checks.outcome import Outcome, applicable
from ..checks.parameters import number
from ..checks.payments import needs_of
from ..checks.publication import side_by_side
from ..checks.shown import yuan
from ..words.records import Match
from .reconciliation import KEY, ONE_SIDED, Reconciled, name_of


def published_and_booked(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Income, spending and money as published against the books; a figure that the books do not tell stands alone.

    Ledgers: disclosures, journal, trial balance.
    """
    looked, reasons = applicable(frames, needs_of(spec))
    tolerance = number("value_tolerance", frames.catalog, frames.settings)
    matches = []
    for org, row, booked in side_by_side(frames, spec.ledgers):
        if org not in looked:
            continue
        left = f"{row['period']} {row['item']}"
        if booked is None:
            matches.append(Match(name_of(spec), org, left, "", ONE_SIDED))
            continue
        off = row["amount"] - booked
        matches.append(Match(name_of(spec), org, left, left, KEY, yuan(off) if abs(off) > tolerance else None))
    return Reconciled(Outcome((), looked, reasons), tuple(matches))
