"""Days counted as the county counts them: every day, or only those on which offices work.

Working days are those of the State Council's yearly notices, with 调休 (a Saturday that makes up for a holiday is one), as
chinesecalendar keeps them. The notice for a year appears late in the year before: beyond the last one that the library knows,
Monday to Friday count, and `years_without_calendar` names the years so that nobody takes the guess for the notice.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from enum import StrEnum
from functools import cache, lru_cache


class Counting(StrEnum):
    """How days are counted."""

    CALENDAR = "calendar"  # every day
    CALENDAR_ROLLED = "calendar_rolled"  # every day, but a last day without office goes to the next one with (民法典 第203条)
    WORKING = "working"  # only days on which offices work


@cache
def has_calendar(year: int) -> bool:
    """Whether the holidays of `year` are known."""
    import chinese_calendar

    try:
        chinese_calendar.is_workday(dt.date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def years_without_calendar(start: dt.date, end: dt.date) -> tuple[int, ...]:
    """The years from `start` to `end` whose holidays are not known and in which Monday to Friday count."""
    first, last = sorted((start.year, end.year))
    return tuple(year for year in range(first, last + 1) if not has_calendar(year))


@cache
def _working_days_of(year: int) -> tuple[int, ...]:
    """Ordinals of the working days of `year`."""
    import chinese_calendar

    days = (dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range((dt.date(year, 12, 31) - dt.date(year, 1, 1)).days + 1))
    if has_calendar(year):
        return tuple(day.toordinal() for day in days if chinese_calendar.is_workday(day))
    return tuple(day.toordinal() for day in days if day.weekday() < 5)


def is_working_day(day: dt.date) -> bool:
    return _up_to(day) != _up_to_before(day)


def _up_to(day: dt.date) -> int:
    return bisect_left(_working_days_of(day.year), day.toordinal() + 1)


def _up_to_before(day: dt.date) -> int:
    return bisect_left(_working_days_of(day.year), day.toordinal())


def working_days_between(start: dt.date, end: dt.date) -> int:
    """Working days after `start` up to and including `end`; negative when `end` comes first."""
    if end < start:
        return -working_days_between(end, start)
    whole = sum(len(_working_days_of(year)) for year in range(start.year, end.year))
    return whole + _up_to(end) - _up_to(start)


def after_working_days(start: dt.date, days: int) -> dt.date:
    """The day that is `days` working days after `start` (0: `start` itself)."""
    if days < 1:
        return start
    year, place = start.year, _up_to(start) + days
    while place > len(_working_days_of(year)):
        place -= len(_working_days_of(year))
        year += 1
    return dt.date.fromordinal(_working_days_of(year)[place - 1])


@lru_cache(maxsize=1 << 16)  # issues of a county share few days
def last_day(start: dt.date, days: int, counting: Counting) -> dt.date:
    """The last day of a term of `days` days that begins the day after `start`."""
    if counting is Counting.WORKING:
        return after_working_days(start, days)
    end = start + dt.timedelta(days=days)
    return end if counting is Counting.CALENDAR or is_working_day(end) else after_working_days(end, 1)


@lru_cache(maxsize=1 << 16)
def days_left(deadline: dt.date, as_of: dt.date, counting: Counting) -> int:
    """Days from `as_of` to `deadline`; below 0 when it has passed, also where no working day lies between."""
    if counting is not Counting.WORKING:
        return (deadline - as_of).days
    left = working_days_between(as_of, deadline)
    return min(left, -1) if as_of > deadline else left
