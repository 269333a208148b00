"""Whether a publication is complete and final: who had to publish, who did and when, and whether every objection is settled.

水富二溪村 put the data of all 129 houses up to be judged by all: 129 of 129 in 25 days, no objection left. A list is final only
when everything that was due is published, the days to object are over, and no objection is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..issues.digest import percent
from ..issues.issue import Issue

OBJECTION = "objection"  # the source under which expectations/issues/sources.yaml knows an objection


@dataclass(frozen=True, slots=True)
class Standing:
    """How a publication stands on one day."""

    due: int
    published: Mapping[str, dt.date]  # what was due and is published -> its first day
    missing: tuple[str, ...]
    objections: int
    open_objections: int
    open_until: dt.date | None  # the last day on which somebody may object to something published; None: nothing is published
    on: dt.date

    @property
    def percent(self) -> Decimal | None:
        return percent(len(self.published), self.due)

    @property
    def days(self) -> int:
        """From the first to the last publication, both counted; 0 where nothing is published."""
        days = self.published.values()
        return (max(days) - min(days)).days + 1 if days else 0

    @property
    def is_final(self) -> bool:
        """Everything published, the days to object over, and every objection settled; an empty list is never final."""
        over = self.open_until is not None and self.open_until < self.on
        return bool(self.due) and not self.missing and not self.open_objections and over


def standing_of(
    due: Collection[str], shown: Iterable[tuple[str, dt.date]], objections: Iterable[Issue], *, on: dt.date, days: int
) -> Standing:
    """How it stands on `on`: `shown` are (what, day) of every publication, of which the first counts; `days` may be objected."""
    first: dict[str, dt.date] = {}
    for what, day in shown:
        if what in due and day <= on:
            first[what] = min(day, first.get(what, day))
    told = [issue for issue in objections if issue.source == OBJECTION and issue.raised_on <= on]
    until = max(first.values()) + dt.timedelta(days=days) if first else None
    missing = tuple(sorted(set(due) - set(first)))
    return Standing(len(due), dict(sorted(first.items())), missing, len(told), sum(i.is_open for i in told), until, on)
