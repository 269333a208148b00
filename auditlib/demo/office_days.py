"""Days on which a village office works."""

from __future__ import annotations

import calendar
import datetime as dt
import random

from .model import YEAR


def workday(rng: random.Random, month: int, first: int = 3, last: int = 26, year: int = YEAR) -> dt.date:
    """A weekday of the month between the days `first` (3 or later) and `last`, or the Friday before."""
    day = dt.date(year, month, rng.randint(first, last))
    return day - dt.timedelta(days=max(0, day.weekday() - 4))


def month_end(month: int, year: int = YEAR) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def plus_years(day: dt.date, years: int) -> dt.date:
    """The same day of a later year; `day` is never 29 February here."""
    return day.replace(year=day.year + years)


def days(n: int) -> dt.timedelta:
    return dt.timedelta(days=n)
