"""What the reports take from the register: its head, and what score cards and digest are made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ..issues.digest import Period
from ..issues.events import RUN, Event
from ..issues.issue import Issue
from ..issues.policy import Clock
from ..issues.register import Register, RunRecord
from ..issues.scores import Formula


@dataclass(frozen=True, slots=True)
class RegisterState:
    """The register as it stood when the report was written."""

    head: str  # hash of the last event
    day: dt.date  # the day on which scores and digest look back
    issues: tuple[Issue, ...]  # as they stand on `day`
    events: tuple[Event, ...]  # those of the month of `day` and of its week
    clock: Clock
    formula: Formula
    runs: tuple[RunRecord, ...] = ()  # the last two: this one, and the one before it first


def register_state(register: Register, formula: Formula, as_of: dt.date) -> RegisterState:
    """Reads `register` for the reports of an audit as of `as_of`.

    Looked back from is the day of the last event, or `as_of` where that is later: what people did after the cut-off date
    of the books belongs into the score and the digest. Raises RegisterError.
    """
    clock, events = register.clock, [event for event in register.events() if not event.issue_id.startswith(RUN)]
    day = max([as_of, *(clock.day_of(event.at) for event in events[-1:])])
    start = min(period.around(day)[0] for period in Period)
    recent = tuple(event for event in events if clock.day_of(event.at) >= start)
    return RegisterState(register.head(), day, register.issues(day), recent, clock, formula, register.runs()[-2:])
