"""责任树: who answers for which organisation at each level, no gap and no double; and who is next when a matter is late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..catalog.load import read_yaml
from ..catalog.places import expectations
from ..catalog.specs import Catalog
from ..words.errors import CatalogError
from ..words.records import Organisation
from .issue import Issue
from .policy import SEVERITIES, county_policy

LINES = ("行业监管", "属地管理", "村级自治")  # who may lead: county departments, township, the village itself
LEVEL_OF_LINE: Mapping[str, str] = MappingProxyType({"行业监管": "county", "属地管理": "township", "村级自治": "village"})


@dataclass(frozen=True, slots=True)
class Duty:
    """A person who answers for an organisation, and for those under it, on one line."""

    org_code: str
    line: str  # 行业监管 | 属地管理 | 村级自治
    person: str
    unit: str = ""  # the office of the person; '' for the organisation's own
    is_lead: bool = True  # the others help


@dataclass(frozen=True, slots=True)
class Answerable:
    """Unit and person that answer on one line; both '' where nobody is named."""

    line: str
    org_code: str
    unit: str
    person: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What is wrong in the tree; `code` is a key of the message catalogue: 'tree.gap.…'."""

    code: str
    org_code: str
    name: str
    line: str = ""
    people: tuple[str, ...] = ()


class Tree:
    """Organisations and the people who answer for them, indexed; built once, only read."""

    def __init__(self, organisations: Iterable[Organisation], duties: Iterable[Duty] = ()) -> None:
        self.organisations = {organisation.org_code: organisation for organisation in organisations}
        self.duties = tuple(duties)
        self._leads: dict[tuple[str, str], list[Duty]] = {}
        for duty in self.duties:
            if duty.is_lead:
                self._leads.setdefault((duty.org_code, duty.line), []).append(duty)

    def upwards(self, org_code: str) -> list[Organisation]:
        """The organisation and those above it, nearest first; ends where the line breaks or comes back to itself."""
        found: list[Organisation] = []
        seen: set[str] = set()
        while org_code in self.organisations and org_code not in seen:
            seen.add(org_code)
            found.append(self.organisations[org_code])
            org_code = found[-1].parent_code
        return found

    def answerable(self, line: str, org_code: str) -> Answerable:
        """Who answers for `org_code` on `line`: the nearest duty upwards, else the head of the nearest unit of the line's level."""
        above = self.upwards(org_code)
        for unit in above:
            for duty in self._leads.get((unit.org_code, line), ()):
                return Answerable(line, unit.org_code, duty.unit or unit.name, duty.person)
        for unit in above:
            if unit.level == LEVEL_OF_LINE[line]:
                return Answerable(line, unit.org_code, unit.name, unit.head)
        return Answerable(line, "", "", "")

    def gaps(self) -> tuple[Gap, ...]:
        """Everything that is wrong, by organisation: nobody answers, two lead, a parent that is unknown or a circle."""
        found = [gap for organisation in self.organisations.values() for gap in self._gaps_of(organisation)]
        found += [Gap("unknown_org", d.org_code, "", d.line, (d.person,)) for d in self.duties if d.org_code not in self.organisations]
        return tuple(sorted(found, key=lambda gap: (gap.org_code, gap.code, gap.line)))

    def _gaps_of(self, organisation: Organisation) -> Iterable[Gap]:
        code, name, parent = organisation.org_code, organisation.name, organisation.parent_code
        if parent and parent not in self.organisations:
            yield Gap("unknown_parent", code, name, people=(parent,))
        elif _comes_back(self.organisations, code):
            yield Gap("circle", code, name)
        for line in _lines_of(organisation.level):
            if not self.answerable(line, code).person:
                yield Gap("no_owner", code, name, line)
            leads = self._leads.get((code, line), [])
            if len({lead.person for lead in leads}) > 1:
                yield Gap("two_leads", code, name, line, tuple(sorted({lead.person for lead in leads})))


def _lines_of(level: str) -> tuple[str, ...]:
    """The lines on which somebody must answer for an organisation of `level`: nobody in a village answers for the county."""
    return {"county": LINES[:1], "township": LINES[:2]}.get(level, LINES)


def _comes_back(organisations: Mapping[str, Organisation], code: str) -> bool:
    seen, here = set(), organisations[code].parent_code
    while here in organisations and here not in seen:
        if here == code:
            return True
        seen.add(here)
        here = organisations[here].parent_code
    return False


# Escalation


@dataclass(frozen=True, slots=True)
class Rung:
    """From so many days overdue, by severity, a matter stands before this line."""

    line: str
    overdue_days: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Escalation:
    """Where an overdue matter stands: `rung` counts from 1; `next_in` are the days until the next one, None on the last."""

    issue_id: str
    overdue_days: int
    rung: int
    answerable: Answerable
    next_line: str
    next_in: int | None


@cache
def load_rungs(path: Path | None = None) -> tuple[Rung, ...]:
    """The ladder in `path`, or the shipped one. Raises CatalogError naming file, key and value."""
    path = path or expectations() / "issues" / "escalation.yaml"
    return rungs_of(read_yaml(path), path)


def county_rungs(catalog: Catalog) -> tuple[Rung, ...]:
    """The ladder of a county: the shipped one, or that of its packs. Raises CatalogError."""
    return rungs_of(*county_policy(catalog, "escalation"))


def rungs_of(raw: Any, path: Path) -> tuple[Rung, ...]:
    """The ladder that `raw` describes; `path` is named in errors. Raises CatalogError."""
    entries = raw.get("rungs") if isinstance(raw, dict) and set(raw) == {"rungs"} else None
    if not isinstance(entries, list) or not entries:
        raise CatalogError(f"{path}: needs exactly the key rungs, a list, the lowest first")
    rungs = tuple(_rung(path, n, entry) for n, entry in enumerate(entries))
    for lower, upper in zip(rungs, rungs[1:], strict=False):
        if any(upper.overdue_days[s] <= lower.overdue_days[s] for s in SEVERITIES):
            raise CatalogError(f"{path}: rungs: overdue_days must grow from {lower.line} to {upper.line} for every severity")
    return rungs


def _rung(path: Path, n: int, entry: Any) -> Rung:
    if not isinstance(entry, dict) or set(entry) != {"line", "overdue_days"} or entry["line"] not in LINES:
        raise CatalogError(f"{path}: rungs[{n}] = {entry!r}: needs line (candidates: {', '.join(LINES)}) and overdue_days")
    days = entry["overdue_days"]
    whole = isinstance(days, dict) and set(days) == set(SEVERITIES) and all(type(d) is int and d > 0 for d in days.values())
    if not whole:
        raise CatalogError(f"{path}: rungs[{n}].overdue_days = {days!r}: needs days above 0 for exactly {', '.join(SEVERITIES)}")
    return Rung(entry["line"], MappingProxyType(days))


def escalations(issues: Iterable[Issue], tree: Tree, rungs: Sequence[Rung]) -> tuple[Escalation, ...]:
    """The open issues that are overdue on their `as_of`, each before the highest line that its days have reached."""
    late = (issue for issue in issues if issue.is_open and issue.days_left < 0)
    found = (_escalation(issue, tree, rungs) for issue in late)
    return tuple(sorted((e for e in found if e is not None), key=lambda e: (-e.rung, -e.overdue_days, e.issue_id)))


def _escalation(issue: Issue, tree: Tree, rungs: Sequence[Rung]) -> Escalation | None:
    overdue = -issue.days_left
    reached = sum(overdue >= rung.overdue_days[issue.severity] for rung in rungs)
    if not reached:
        return None
    above = rungs[reached] if reached < len(rungs) else None
    return Escalation(
        issue.issue_id, overdue, reached, tree.answerable(rungs[reached - 1].line, issue.org_code),
        above.line if above else "", above.overdue_days[issue.severity] - overdue if above else None,
    )  # fmt: skip
