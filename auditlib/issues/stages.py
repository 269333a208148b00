"""The steps of an issue that have a term of their own: accept in so many days, answer a hotline within the hour.

Computed from the events at a moment; nothing of it is stored. The terms are data (expectations/issues/defaults.yaml).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from .events import Event
from .issue import happened_at
from .policy import Clock, Stage


@dataclass(frozen=True, slots=True)
class StageStanding:
    """How one step of one issue stands at a moment."""

    stage: str
    since: dt.datetime
    due_at: dt.datetime
    done_at: dt.datetime | None
    is_late: bool  # done late, or not done and the term is over
    guessed_years: tuple[int, ...]  # years whose holidays are not known: the term is a guess there

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


def source_of(events: Sequence[Event]) -> str:
    """Where a matter came from: 'audit' unless its first event names another source."""
    return str(events[0].payload.get("source") or "audit")


def stages_of(events: Sequence[Event], *, clock: Clock, at: dt.datetime) -> tuple[StageStanding, ...]:
    """The steps that `events` (all of one issue, in order) began, the newest time each, as they stand at `at`.

    Events after `at` do not count. Raises ValueError when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"at = {at.isoformat()}: a time with its time zone is needed")
    past = [event for event in events if event.at <= at]
    if not past:
        return ()
    source = source_of(past)
    mine = (stage for stage in clock.stages if not stage.sources or source in stage.sources)
    return tuple(standing for stage in mine if (standing := _standing(stage, past, clock, at)) is not None)


def _standing(stage: Stage, events: Sequence[Event], clock: Clock, at: dt.datetime) -> StageStanding | None:
    begun = [n for n, event in enumerate(events) if event.kind in stage.after]
    if not begun:
        return None
    since = happened_at(events[begun[-1]])
    done_at = next((event.at for event in events[begun[-1] + 1 :] if event.kind in stage.until), None)
    due_at = _due(stage, since, clock)
    guessed = clock.guessed_years(clock.day_of(since), clock.day_of(due_at)) if stage.days is not None else ()
    return StageStanding(stage.stage, since, due_at, done_at, (done_at or at) > due_at, guessed)


def _due(stage: Stage, since: dt.datetime, clock: Clock) -> dt.datetime:
    if stage.days is None:
        return since + dt.timedelta(hours=stage.hours or 0)
    return clock.end_of(clock.term(clock.day_of(since), stage.days))
