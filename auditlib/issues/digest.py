"""日晨会、周复盘: what came in, what was done and what is late in a day, a week or a month, from the same events."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType

from .events import Event, Kind
from .issue import Issue, State, fold_all
from .policy import Clock


class Period(StrEnum):
    """How long a digest looks back."""

    DAILY = "daily"
    WEEKLY = "weekly"  # Monday to Sunday
    MONTHLY = "monthly"

    def around(self, day: dt.date) -> tuple[dt.date, dt.date]:
        """First and last day of the period that holds `day`."""
        if self is Period.DAILY:
            return day, day
        if self is Period.WEEKLY:
            monday = day - dt.timedelta(days=day.weekday())
            return monday, monday + dt.timedelta(days=6)
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(frozen=True, slots=True)
class Digest:
    """Figures of one period; the last block is how things stood at its end."""

    start: dt.date
    end: dt.date
    new: int
    closed: int  # closed in the period and not opened again in it
    declined: int
    reopened: int  # times
    returned: int  # times
    recovered: Decimal  # 元
    total: int  # ever raised; joined ones left out
    settled: int  # closed or declined
    open: int
    overdue: int
    by_level: Mapping[int, int]  # open ones by warning level
    by_state: Mapping[str, int]

    @property
    def settled_percent(self) -> Decimal | None:
        """Settled of all, in percent with two places; None when there was nothing."""
        return percent(self.settled, self.total)


def percent(part: int, whole: int) -> Decimal | None:
    """`part` of `whole` in percent, two places, halves up; None of nothing."""
    if not whole:
        return None
    return (Decimal(100) * part / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def digest(
    events: Iterable[Event], *, clock: Clock, start: dt.date, end: dt.date, codes: Collection[str] | None = None
) -> Digest:
    """The figures from `start` to `end`, as they were at the end of that day: later events do not count.

    `codes` keeps the issues of these organisations only (`beneath` in lists gives them); None keeps all.
    Raises ValueError when `end` lies before `start`.
    """
    if end < start:
        raise ValueError(f"the period ends on {end}, before it starts on {start}")
    limit = clock.end_of(end)
    past = [event for event in events if event.at <= limit]
    issues = fold_all(past, clock=clock, as_of=end)
    return figures_of_period([i for i in issues if codes is None or i.org_code in codes], past, clock, start, end)


def figures_of_period(every: Iterable[Issue], events: Iterable[Event], clock: Clock, start: dt.date, end: dt.date) -> Digest:
    """The figures over `every` issue as it stood at `end`; `events` (of any issues) are all those from `start` to `end`, or more."""
    issues = [issue for issue in every if issue.state is not State.JOINED]
    mine = {issue.issue_id for issue in issues}
    inside = [e for e in events if e.issue_id in mine and start <= clock.day_of(e.at) <= end]
    told = Counter(event.kind for event in inside)
    still_open = [issue for issue in issues if issue.is_open]
    ended = {kind: {e.issue_id for e in inside if e.kind is kind} for kind in (Kind.CLOSED, Kind.DECLINED)}
    recovered = (Decimal(e.payload["amount"]) for e in inside if e.kind is Kind.MONEY and e.payload["what"] == "recovered")
    return Digest(
        start=start, end=end, new=sum(start <= issue.raised_on <= end for issue in issues),
        closed=sum(i.issue_id in ended[Kind.CLOSED] and i.state is State.CLOSED for i in issues),
        declined=sum(i.issue_id in ended[Kind.DECLINED] and i.state is State.DECLINED for i in issues),
        reopened=told[Kind.REOPENED], returned=told[Kind.RETURNED], recovered=sum(recovered, Decimal(0)),
        total=len(issues), settled=len(issues) - len(still_open), open=len(still_open),
        overdue=sum(issue.days_left < 0 for issue in still_open),
        by_level=MappingProxyType({level: sum(i.level == level for i in still_open) for level in sorted(clock.shades, reverse=True)}),
        by_state=MappingProxyType(dict(sorted(Counter(str(i.state) for i in issues).items()))),
    )  # fmt: skip
