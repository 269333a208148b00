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
from ..catalog.specs import Catalog
from ..words.errors import CatalogError
from .working_days import Counting, days_left, last_day, years_without_calendar

SEVERITIES = ("red", "orange", "yellow", "blue")
COLOURS = ("red", "orange", "yellow", "blue", "green")
WORST = 4
_KEYS = (
    "utc_offset_hours", "counting", "deadline_days", "bands", "red_from_extensions", "closed_late_level", "raise_level", "scheme",
    "schemes", "stages",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shade:
    """A warning level, 4 the worst and 0 for all in time, with its colour and the words of the place."""

    colour: str
    level: int
    zh: str = ""
    en: str = ""

    def word(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Band:
    """`level` holds when at most `days_left_at_most` days are left (negative: overdue)."""

    days_left_at_most: int
    level: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A step with a term of its own: so many days or hours from an `after` event to the next `until` event."""

    stage: str
    after: frozenset[str]
    until: frozenset[str]
    days: int | None
    hours: int | None
    sources: frozenset[str]  # empty: matters of every source


@dataclass(frozen=True, slots=True)
class Clock:
    """Days and colours; no state and no time of its own."""

    utc_offset_hours: int
    counting: Counting
    deadline_days: Mapping[str, int]  # severity -> days
    bands: tuple[Band, ...]  # worst first
    red_from_extensions: int
    closed_late_level: int
    raise_level: Mapping[str, int]  # returned | reopened -> levels each time
    shades: Mapping[int, Shade]  # by level
    stages: tuple[Stage, ...]

    @property
    def in_time(self) -> Shade:
        return self.shades[0]

    @property
    def closed_late(self) -> Shade:
        return self.shades[self.closed_late_level]

    @property
    def zone(self) -> dt.timezone:
        """The county's own time."""
        return dt.timezone(dt.timedelta(hours=self.utc_offset_hours))

    def day_of(self, at: dt.datetime) -> dt.date:
        """The day that a clock in the county showed at `at`."""
        return at.astimezone(self.zone).date()

    def end_of(self, day: dt.date) -> dt.datetime:
        """The last moment of `day` in the county."""
        return dt.datetime.combine(day, dt.time.max, self.zone)

    def term(self, start: dt.date, days: int) -> dt.date:
        """The last day of a term of `days` days after `start`, counted as the county counts."""
        return last_day(start, days, self.counting)

    def proposed_deadline(self, raised_on: dt.date, severity: str) -> dt.date:
        return self.term(raised_on, self.deadline_days[severity])

    def days_left(self, deadline: dt.date, as_of: dt.date) -> int:
        """Days to the deadline, counted as the county counts; negative: overdue."""
        return days_left(deadline, as_of, self.counting)

    def guessed_years(self, start: dt.date, end: dt.date) -> tuple[int, ...]:
        """Years of the span whose holidays are not known though the county's count needs them."""
        return () if self.counting is Counting.CALENDAR else years_without_calendar(start, end)

    def open_shade(self, days_left: int, extensions: int, returned: int = 0, reopened: int = 0) -> Shade:
        """Colour of an open issue: by its days, made worse by each time it was sent back or opened again."""
        if extensions >= self.red_from_extensions:
            return self.shades[WORST]
        level = next((band.level for band in self.bands if days_left <= band.days_left_at_most), 0)
        worse = returned * self.raise_level["returned"] + reopened * self.raise_level["reopened"]
        return self.shades[min(WORST, level + worse)]

    def closed_shade(self, closed_on: dt.date, deadline: dt.date) -> Shade:
        """Colour of a closed issue: one that was made good late does not turn green."""
        return self.closed_late if closed_on > deadline else self.in_time

    def word(self, level: int, language: str) -> str:
        """What the place calls `level`."""
        return self.shades[level].word(language)


def _whole(path: Path, key: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise CatalogError(f"{path}: {key} = {value!r}: a whole number is needed")
    return value


def _level(path: Path, key: str, value: Any) -> int:
    if not 0 <= _whole(path, key, value) <= WORST:
        raise CatalogError(f"{path}: {key} = {value}: a level from 0 to {WORST} is needed")
    return int(value)


def _mapping(path: Path, key: str, value: Any, needed: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, dict) or set(value) != set(needed):
        raise CatalogError(f"{path}: {key} = {value!r}: needs exactly {', '.join(needed)}")
    return value


def _bands(path: Path, entries: Any) -> tuple[Band, ...]:
    if not isinstance(entries, list) or not entries:
        raise CatalogError(f"{path}: bands = {entries!r}: a list of bands is needed, the worst first")
    bands = []
    for n, entry in enumerate(entries):
        given = _mapping(path, f"bands[{n}]", entry, ("level", "days_left_at_most"))
        level = _level(path, f"bands[{n}].level", given["level"])
        bands.append(Band(_whole(path, f"bands[{n}].days_left_at_most", given["days_left_at_most"]), level))
    days = [band.days_left_at_most for band in bands]
    if days != sorted(set(days)):
        raise CatalogError(f"{path}: bands: days_left_at_most = {days}: must grow from band to band, the worst first")
    return tuple(bands)


def _numbers(path: Path, key: str, entries: Any, needed: tuple[str, ...]) -> Mapping[str, int]:
    given = _mapping(path, key, entries, needed)
    return MappingProxyType({name: _whole(path, f"{key}.{name}", given[name]) for name in needed})


def _shade(path: Path, key: str, level: int, entry: Any) -> Shade:
    given = _mapping(path, key, entry, ("colour", "zh", "en"))
    if given["colour"] not in COLOURS:
        raise CatalogError(f"{path}: {key}.colour = {given['colour']!r}: not known; candidates: {', '.join(COLOURS)}")
    return Shade(given["colour"], level, str(given["zh"]), str(given["en"]))


def _shades(path: Path, scheme: Any, schemes: Any) -> Mapping[int, Shade]:
    if not isinstance(schemes, dict) or scheme not in schemes:
        raise CatalogError(f"{path}: scheme = {scheme!r}: not known; candidates: {', '.join(map(str, schemes or ()))}")
    entries = schemes[scheme]
    if not isinstance(entries, dict) or set(entries) != set(range(WORST + 1)):
        raise CatalogError(f"{path}: schemes.{scheme}: needs exactly the levels 0 to {WORST}")
    return MappingProxyType({level: _shade(path, f"schemes.{scheme}.{level}", level, entries[level]) for level in range(WORST + 1)})


def _stage(path: Path, n: int, entry: Any) -> Stage:
    where = f"stages[{n}]"
    needed = {"stage", "after", "until"}
    if not isinstance(entry, dict) or not needed <= set(entry) <= needed | {"days", "hours", "sources"}:
        raise CatalogError(f"{path}: {where} = {entry!r}: needs stage, after, until, days or hours, and perhaps sources")
    if ("days" in entry) == ("hours" in entry):
        raise CatalogError(f"{path}: {where}: write either days or hours")
    term = {unit: _whole(path, f"{where}.{unit}", entry[unit]) if unit in entry else None for unit in ("days", "hours")}
    lists = {}
    for key in ("after", "until", "sources"):
        if not isinstance(entry.get(key, []), list):
            raise CatalogError(f"{path}: {where}.{key} = {entry[key]!r}: a list is needed")
        lists[key] = frozenset(map(str, entry.get(key, [])))
    return Stage(str(entry["stage"]), lists["after"], lists["until"], term["days"], term["hours"], lists["sources"])


def _counting(path: Path, value: Any) -> Counting:
    try:
        return Counting(value)
    except ValueError:
        raise CatalogError(f"{path}: counting = {value!r}: not known; candidates: {', '.join(Counting)}") from None


def _stages(path: Path, entries: Any) -> tuple[Stage, ...]:
    if not isinstance(entries, list):
        raise CatalogError(f"{path}: stages = {entries!r}: a list is needed")
    return tuple(_stage(path, n, entry) for n, entry in enumerate(entries))


@cache
def load_clock(path: Path | None = None) -> Clock:
    """The shipped clock, with what `path` (a county's own file) sets otherwise. Raises CatalogError naming file, key and value."""
    shipped = expectations() / "issues" / "defaults.yaml"
    raw = read_yaml(path or shipped)
    if not isinstance(raw, dict) or not set(raw) <= set(_KEYS):
        strange = sorted(map(str, set(raw) - set(_KEYS))) if isinstance(raw, dict) else [repr(raw)]
        raise CatalogError(f"{path or shipped}: {', '.join(strange)}: not known; the keys are {', '.join(_KEYS)}")
    return clock_of(raw if path is None else {**read_yaml(shipped), **raw}, path or shipped)


def clock_of(raw: Mapping[str, Any], path: Path) -> Clock:
    """The clock that the keys of `raw` describe; `path` is named in errors. Raises CatalogError."""
    if set(raw) != set(_KEYS):
        raise CatalogError(f"{path}: needs exactly the keys {', '.join(_KEYS)}")
    return Clock(
        _whole(path, "utc_offset_hours", raw["utc_offset_hours"]), _counting(path, raw["counting"]),
        _numbers(path, "deadline_days", raw["deadline_days"], SEVERITIES), _bands(path, raw["bands"]),
        _whole(path, "red_from_extensions", raw["red_from_extensions"]),
        _level(path, "closed_late_level", raw["closed_late_level"]),
        _numbers(path, "raise_level", raw["raise_level"], ("returned", "reopened")),
        _shades(path, raw["scheme"], raw["schemes"]), _stages(path, raw["stages"]),
    )  # fmt: skip


def county_policy(catalog: Catalog, name: str) -> tuple[Any, Path]:
    """expectations/issues/<name>.yaml with what the county's packs set otherwise, tables key by key; and where it was read."""
    shipped = expectations() / "issues" / f"{name}.yaml"
    changed = catalog.issue_policy.get(name)
    if not changed:
        return read_yaml(shipped), shipped
    return _overlaid(read_yaml(shipped), changed), Path(" + ".join((shipped.name, *(p.name for p in catalog.packs))))


def county_clock(catalog: Catalog) -> Clock:
    """The clock of a county: the shipped one with what its packs set otherwise, tables key by key. Raises CatalogError."""
    return clock_of(*county_policy(catalog, "defaults")) if catalog.issue_policy.get("defaults") else load_clock()


def _overlaid(base: Any, changed: Any) -> Any:
    if not isinstance(base, Mapping) or not isinstance(changed, Mapping):
        return changed
    return {**base, **{name: _overlaid(base.get(name), value) for name, value in changed.items()}}
