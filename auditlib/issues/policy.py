"""The clock of an issue as a county sets it: expectations/issues/defaults.yaml, read and checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..catalog.load import read_yaml
from ..catalog.places import expectations
from ..words.errors import CatalogError

SEVERITIES = ("red", "orange", "yellow", "blue")
COLOURS = ("red", "orange", "yellow", "blue", "green")


@dataclass(frozen=True, slots=True)
class Shade:
    """A warning colour and its level: 4 is the worst, 0 says that all is in time."""

    colour: str
    level: int


@dataclass(frozen=True, slots=True)
class Band:
    """`shade` holds when at most `days_left_at_most` calendar days are left (negative: overdue)."""

    days_left_at_most: int
    shade: Shade


@dataclass(frozen=True, slots=True)
class Clock:
    """Days and colours; no state and no time of its own."""

    utc_offset_hours: int
    deadline_days: Mapping[str, int]  # severity -> calendar days
    bands: tuple[Band, ...]  # worst first
    in_time: Shade
    red_from_extensions: int
    closed_late: Shade

    def day_of(self, at: dt.datetime) -> dt.date:
        """The day that a clock in the county showed at `at`."""
        return at.astimezone(dt.timezone(dt.timedelta(hours=self.utc_offset_hours))).date()

    def proposed_deadline(self, raised_on: dt.date, severity: str) -> dt.date:
        return raised_on + dt.timedelta(days=self.deadline_days[severity])

    def open_shade(self, days_left: int, extensions: int) -> Shade:
        """Colour of an open issue."""
        if extensions >= self.red_from_extensions:
            return self.bands[0].shade
        return next((band.shade for band in self.bands if days_left <= band.days_left_at_most), self.in_time)

    def closed_shade(self, closed_on: dt.date, deadline: dt.date) -> Shade:
        """Colour of a closed issue: one that was made good late does not turn green."""
        return self.closed_late if closed_on > deadline else self.in_time


def _whole(path: Path, key: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise CatalogError(f"{path}: {key} = {value!r}: a whole number is needed")
    return value


def _shade(path: Path, key: str, entry: Any) -> Shade:
    if not isinstance(entry, dict) or entry.get("colour") not in COLOURS:
        raise CatalogError(f"{path}: {key} = {entry!r}: a colour is needed; candidates: {', '.join(COLOURS)}")
    level = _whole(path, f"{key}.level", entry.get("level"))
    if not 0 <= level <= 4:
        raise CatalogError(f"{path}: {key}.level = {level}: a level from 0 to 4 is needed")
    return Shade(entry["colour"], level)


def _bands(path: Path, entries: Any) -> tuple[Band, ...]:
    if not isinstance(entries, list) or not entries:
        raise CatalogError(f"{path}: bands = {entries!r}: a list of bands is needed, the worst first")
    shades = [_shade(path, f"bands[{n}]", entry) for n, entry in enumerate(entries)]
    days = [_whole(path, f"bands[{n}].days_left_at_most", entry.get("days_left_at_most")) for n, entry in enumerate(entries)]
    if days != sorted(set(days)):
        raise CatalogError(f"{path}: bands: days_left_at_most = {days}: must grow from band to band, the worst first")
    return tuple(Band(left, shade) for left, shade in zip(days, shades, strict=True))


def _deadline_days(path: Path, entries: Any) -> Mapping[str, int]:
    if not isinstance(entries, dict) or set(entries) != set(SEVERITIES):
        raise CatalogError(f"{path}: deadline_days = {entries!r}: needs exactly {', '.join(SEVERITIES)}")
    return MappingProxyType({name: _whole(path, f"deadline_days.{name}", days) for name, days in entries.items()})


@cache
def load_clock(path: Path | None = None) -> Clock:
    """The clock in `path`, or the shipped one. Raises CatalogError naming file, key and value."""
    path = path or expectations() / "issues" / "defaults.yaml"
    raw = read_yaml(path)
    needed = ("utc_offset_hours", "deadline_days", "bands", "in_time", "red_from_extensions", "closed_late")
    if not isinstance(raw, dict) or set(raw) != set(needed):
        raise CatalogError(f"{path}: needs exactly the keys {', '.join(needed)}")
    return Clock(
        _whole(path, "utc_offset_hours", raw["utc_offset_hours"]), _deadline_days(path, raw["deadline_days"]),
        _bands(path, raw["bands"]), _shade(path, "in_time", raw["in_time"]),
        _whole(path, "red_from_extensions", raw["red_from_extensions"]), _shade(path, "closed_late", raw["closed_late"]),
    )  # fmt: skip
