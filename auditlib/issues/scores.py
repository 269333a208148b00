"""量化考核: how an organisation does with its matters in a period, by a formula that is data and is shown with its inputs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

from ..catalog.load import read_yaml
from ..catalog.places import expectations
from ..catalog.specs import Catalog
from ..words.errors import CatalogError
from ..words.records import Organisation
from .digest import percent
from .issue import Issue, State
from .lists import beneath
from .policy import Clock, county_policy

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Share:
    """`part` matters of `whole`."""

    part: int
    whole: int

    @property
    def percent(self) -> Decimal | None:
        """Two places, halves up; None when there was nothing to measure."""
        return percent(self.part, self.whole)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a score is made of: matters of the period, as they stood at its end."""

    shares: Mapping[str, Share]  # by measure
    first_response_hours: Decimal | None  # median over those answered
    waiting: int  # matters that nobody has answered yet


@dataclass(frozen=True, slots=True)
class Measure:
    measure: str
    weight: int
    is_high_better: bool


@dataclass(frozen=True, slots=True)
class Grade:
    at_least: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Formula:
    """expectations/issues/scores.yaml as it was read."""

    population: str  # accepted | raised
    measures: tuple[Measure, ...]
    grades: tuple[Grade, ...]  # best first
    graded_from: int  # percent of all weights that must have been measured before a grade is given


@dataclass(frozen=True, slots=True)
class Part:
    """One measure of a card; `points` is None when there was nothing to measure."""

    measure: Measure
    share: Share
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """One organisation in one period; `score` is out of 100, None when nothing could be scored."""

    org_code: str
    name: str
    start: dt.date
    end: dt.date
    inputs: Inputs
    parts: tuple[Part, ...]
    weighed: int  # sum of the weights that could be scored; below the sum of all, the score was scaled up
    score: Decimal | None
    grade: Grade | None


# Measures


def _is_closed(issue: Issue) -> bool:
    return issue.state is State.CLOSED


def _is_due(issue: Issue, end: dt.date) -> bool:
    """Whether time can be judged: closed, or its last day is over."""
    return _is_closed(issue) or issue.deadline < end


def _counted(issues: Iterable[Issue]) -> list[Issue]:
    """A false alarm is nobody's merit or fault, and a joined matter counts where it went."""
    return [issue for issue in issues if issue.state not in (State.DECLINED, State.JOINED)]


def _on_time(issue: Issue) -> bool:
    return issue.closed_on is not None and _is_closed(issue) and issue.closed_on <= issue.deadline


def _response_due(issue: Issue, clock: Clock) -> dt.datetime | None:
    """Until when the first answer was due: the shortest term of those that begin when a matter is raised."""
    assert issue.raised_at is not None
    due = []
    for stage in clock.stages:
        if "raised" in stage.after and (not stage.sources or issue.source in stage.sources):
            hours = stage.hours is not None
            due.append(
                issue.raised_at + dt.timedelta(hours=stage.hours or 0)
                if hours
                else clock.end_of(clock.term(issue.raised_on, stage.days or 0))
            )
    return min(due, default=None)


def _answered_in_time(issues: Sequence[Issue], clock: Clock, end: dt.date) -> Share:
    due = [(issue, _response_due(issue, clock)) for issue in issues]
    judged = [(i, d) for i, d in due if d is not None and (i.first_response_at is not None or d <= clock.end_of(end))]
    return Share(sum(i.first_response_at is not None and i.first_response_at <= d for i, d in judged), len(judged))


_SHARES: Mapping[str, Callable[[Sequence[Issue], Clock, dt.date], Share]] = MappingProxyType({
    "closed": lambda issues, clock, end: Share(sum(map(_is_closed, issues)), len(issues)),
    "closed_on_time": lambda issues, clock, end: Share(
        sum(map(_on_time, issues)), sum(_is_due(issue, end) for issue in issues)
    ),
    "answered_in_time": _answered_in_time,
    "returned": lambda issues, clock, end: Share(
        sum(issue.returned > 0 for issue in issues),
        sum(bool(issue.reported_on or issue.handled_on or issue.returned) for issue in issues),
    ),
    "closed_falsely": lambda issues, clock, end: Share(
        sum(issue.false_closures > 0 for issue in issues), sum(_is_closed(issue) or issue.false_closures > 0 for issue in issues)
    ),
    "satisfied": lambda issues, clock, end: Share(
        sum(issue.satisfaction == "satisfied" for issue in issues), sum(bool(issue.satisfaction) for issue in issues)
    ),
})  # fmt: skip


def inputs_of(issues: Iterable[Issue], *, clock: Clock, end: dt.date) -> Inputs:
    """What is measured over `issues` as they stood at `end`."""
    counted = _counted(issues)
    answered = [
        (issue.first_response_at - issue.raised_at).total_seconds() / 3600
        for issue in counted
        if issue.first_response_at is not None and issue.raised_at is not None
    ]
    hours = Decimal(str(median(answered))).quantize(_CENT, ROUND_HALF_UP) if answered else None
    shares = {name: share(counted, clock, end) for name, share in _SHARES.items()}
    waiting = sum(issue.first_response_at is None for issue in counted)
    return Inputs(MappingProxyType(shares), hours, waiting)


# The formula


def _refuse(path: Path, key: str, value: Any, needed: str) -> CatalogError:
    return CatalogError(f"{path}: {key} = {value!r}: {needed}")


def _measure(path: Path, n: int, entry: Any) -> Measure:
    if not isinstance(entry, dict) or set(entry) != {"measure", "weight", "better"}:
        raise _refuse(path, f"measures[{n}]", entry, "needs exactly measure, weight, better")
    if entry["measure"] not in _SHARES:
        raise _refuse(path, f"measures[{n}].measure", entry["measure"], f"not known; candidates: {', '.join(_SHARES)}")
    if type(entry["weight"]) is not int or entry["weight"] < 1:
        raise _refuse(path, f"measures[{n}].weight", entry["weight"], "a whole number above 0 is needed")
    if entry["better"] not in ("high", "low"):
        raise _refuse(path, f"measures[{n}].better", entry["better"], "high or low")
    return Measure(entry["measure"], entry["weight"], entry["better"] == "high")


def _grade(path: Path, n: int, entry: Any) -> Grade:
    if not isinstance(entry, dict) or set(entry) != {"at_least", "zh", "en"} or type(entry["at_least"]) is not int:
        raise _refuse(path, f"grades[{n}]", entry, "needs at_least (a whole number), zh, en")
    return Grade(entry["at_least"], str(entry["zh"]), str(entry["en"]))


@cache
def load_formula(path: Path | None = None) -> Formula:
    """The formula in `path`, or the shipped one. Raises CatalogError naming file, key and value."""
    path = path or expectations() / "issues" / "scores.yaml"
    return formula_of(read_yaml(path), path)


def county_formula(catalog: Catalog) -> Formula:
    """The formula of a county: the shipped one with what its packs set otherwise. Raises CatalogError."""
    return formula_of(*county_policy(catalog, "scores"))


def formula_of(raw: Any, path: Path) -> Formula:
    """The formula that `raw` describes; `path` is named in errors. Raises CatalogError."""
    if not isinstance(raw, dict) or set(raw) != {"population", "measures", "grades", "graded_from"}:
        raise CatalogError(f"{path}: needs exactly the keys population, measures, grades, graded_from")
    if raw["population"] not in ("accepted", "raised"):
        raise _refuse(path, "population", raw["population"], "accepted or raised")
    if not isinstance(raw["measures"], list) or not isinstance(raw["grades"], list):
        raise CatalogError(f"{path}: measures and grades are lists")
    measures = tuple(_measure(path, n, entry) for n, entry in enumerate(raw["measures"]))
    grades = tuple(_grade(path, n, entry) for n, entry in enumerate(raw["grades"]))
    if [g.at_least for g in grades] != sorted({g.at_least for g in grades}, reverse=True) or not grades or grades[-1].at_least != 0:
        raise CatalogError(f"{path}: grades: at_least must fall from grade to grade, down to 0")
    if len({m.measure for m in measures}) != len(measures) or not measures:
        raise CatalogError(f"{path}: measures: at least one, and each stands once")
    graded_from = raw["graded_from"]
    if not isinstance(graded_from, int) or isinstance(graded_from, bool) or not 0 <= graded_from <= 100:
        raise _refuse(path, "graded_from", graded_from, "a whole number from 0 to 100 is needed")
    return Formula(raw["population"], measures, grades, graded_from)


# The card


def in_population(issue: Issue, formula: Formula, start: dt.date, end: dt.date) -> bool:
    """Whether a matter counts in the period: accepted (or raised, as the formula says) in it."""
    day = issue.accepted_on if formula.population == "accepted" else issue.raised_on
    return day is not None and start <= day <= end


def score_card(
    issues: Sequence[Issue], organisation: Organisation, organisations: Sequence[Organisation], *,
    formula: Formula, clock: Clock, start: dt.date, end: dt.date,
) -> ScoreCard:  # fmt: skip
    """The card of `organisation` with those beneath it, from `start` to `end`; `issues` as they stood at `end`."""
    codes = beneath(organisation.org_code, organisations)
    mine = [i for i in issues if i.org_code in codes and in_population(i, formula, start, end)]
    inputs = inputs_of(mine, clock=clock, end=end)
    parts = tuple(_part(measure, inputs.shares[measure.measure]) for measure in formula.measures)
    weighed = sum(part.measure.weight for part in parts if part.points is not None)
    points = sum((part.points for part in parts if part.points is not None), Decimal(0))
    score = (points * 100 / weighed).quantize(_CENT, ROUND_HALF_UP) if weighed else None
    is_graded = score is not None and weighed * 100 >= formula.graded_from * sum(m.weight for m in formula.measures)
    grade = next((g for g in formula.grades if is_graded and score is not None and score >= g.at_least), None)
    return ScoreCard(organisation.org_code, organisation.name, start, end, inputs, parts, weighed, score, grade)


def _part(measure: Measure, share: Share) -> Part:
    if not share.whole:
        return Part(measure, share, None)
    good = share.part if measure.is_high_better else share.whole - share.part
    return Part(measure, share, (Decimal(measure.weight) * good / share.whole).quantize(_CENT, ROUND_HALF_UP))
