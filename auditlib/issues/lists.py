"""The three lists of the register, as frozen rows: 问题清单, 责任清单, 时限清单.

All three are projections of the same issues: nothing is kept for them, every issue given stands once in each, and a
closed one says so. Rendering is somebody else's work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..catalog.specs import RuleCard
from ..words.records import Organisation
from .issue import Issue, State

LINES = ("行业监管", "属地管理", "村级自治")  # who may lead: county departments, township, the village itself
_LEVEL_OF_LINE = {"行业监管": "county", "属地管理": "township", "村级自治": "village"}


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """问题清单: what is wrong, where, how bad, by which law, and what will show that it is put right."""

    no: int
    issue_id: str
    org_code: str
    org_name: str
    rule: str
    family: str  # handover | inventory | contracts | funds; '' for a rule without card
    type_zh: str  # name of the problem type
    type_en: str
    title: str
    title_en: str
    amount: Decimal | None  # 元
    basis: str
    evidence_zh: str  # what closing will need
    evidence_en: str
    records: tuple[str, ...]
    severity: str
    state: State
    raised_on: dt.date


@dataclass(frozen=True, slots=True)
class Answerable:
    """Unit and person that answer on one line; both '' where the register of organisations names none."""

    line: str
    org_code: str
    unit: str
    person: str


@dataclass(frozen=True, slots=True)
class ResponsibilityRow:
    """责任清单: one lead, the others help; each line with its unit and person."""

    no: int
    issue_id: str
    org_code: str
    org_name: str
    title: str
    title_en: str
    lead: str  # the line that leads
    assigned_to: str  # the person or unit it was given to, '' until then
    industry: Answerable  # 行业监管
    territory: Answerable  # 属地管理
    village: Answerable  # 村级自治
    helpers: tuple[str, ...]
    state: State


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """时限清单: every date of an issue, and how it stands on the day of the list."""

    no: int
    issue_id: str
    org_code: str
    org_name: str
    title: str
    title_en: str
    raised_on: dt.date
    accepted_on: dt.date | None
    assigned_on: dt.date | None
    deadline: dt.date
    is_proposed: bool  # nobody has set a deadline yet: this one follows from the severity
    extensions: int
    reported_on: dt.date | None
    verified_on: dt.date | None
    closed_on: dt.date | None
    state: State
    days_left: int  # negative: overdue
    colour: str
    level: int


def beneath(org_code: str, organisations: Iterable[Organisation]) -> frozenset[str]:
    """`org_code` and every organisation under it: a township with its villages and their groups."""
    children: dict[str, list[str]] = {}
    for organisation in organisations:
        children.setdefault(organisation.parent_code, []).append(organisation.org_code)
    found, waiting = {org_code}, [org_code]
    while waiting:
        new = [code for code in children.get(waiting.pop(), ()) if code not in found]
        found.update(new)
        waiting.extend(new)
    return frozenset(found)


def issues_of(issues: Iterable[Issue], org_code: str, organisations: Iterable[Organisation]) -> tuple[Issue, ...]:
    """The issues of an organisation and of those under it, in their order."""
    codes = beneath(org_code, organisations)
    return tuple(issue for issue in issues if issue.org_code in codes)


def problem_list(issues: Sequence[Issue], cards: Mapping[str, RuleCard]) -> tuple[ProblemRow, ...]:
    """问题清单 of `issues`; `cards` by rule id (a rule without one keeps its id)."""
    return tuple(_problem(no, issue, cards.get(issue.rule)) for no, issue in enumerate(issues, 1))


def _problem(no: int, issue: Issue, card: RuleCard | None) -> ProblemRow:
    name = card.name if card else {"zh": issue.rule, "en": issue.rule}
    evidence = card.evidence if card else {"zh": "", "en": ""}
    return ProblemRow(
        no, issue.issue_id, issue.org_code, issue.org_name, issue.rule, card.family if card else "", name["zh"], name["en"],
        issue.title, issue.title_en, issue.amount, issue.basis, evidence["zh"], evidence["en"], issue.records,
        issue.severity, issue.state, issue.raised_on,
    )  # fmt: skip


def responsibility_list(
    issues: Sequence[Issue], cards: Mapping[str, RuleCard], organisations: Sequence[Organisation]
) -> tuple[ResponsibilityRow, ...]:
    """责任清单 of `issues`: the lead by the rule card, units and heads by the register of organisations."""
    by_code = {organisation.org_code: organisation for organisation in organisations}
    return tuple(_responsibility(no, issue, cards.get(issue.rule), by_code) for no, issue in enumerate(issues, 1))


def _responsibility(no: int, issue: Issue, card: RuleCard | None, by_code: Mapping[str, Organisation]) -> ResponsibilityRow:
    industry, territory, village = (_answerable(line, issue.org_code, by_code) for line in LINES)
    return ResponsibilityRow(
        no, issue.issue_id, issue.org_code, issue.org_name, issue.title, issue.title_en, issue.line, issue.assigned_to,
        industry, territory, village, card.helpers if card else (), issue.state,
    )  # fmt: skip


def _answerable(line: str, org_code: str, by_code: Mapping[str, Organisation]) -> Answerable:
    """The nearest organisation of the line's level, from `org_code` upwards (of a group: its village)."""
    seen: set[str] = set()
    level, code = _LEVEL_OF_LINE[line], org_code
    while code in by_code and code not in seen:
        seen.add(code)
        unit = by_code[code]
        if unit.level == level:
            return Answerable(line, code, unit.name, unit.head)
        code = unit.parent_code
    return Answerable(line, "", "", "")


def deadline_list(issues: Sequence[Issue]) -> tuple[DeadlineRow, ...]:
    """时限清单 of `issues`, the most pressing first: open before closed, then by days left."""
    ordered = sorted(issues, key=lambda i: (not i.is_open, i.days_left, i.org_code, i.issue_id))
    return tuple(_deadline(no, issue) for no, issue in enumerate(ordered, 1))


def _deadline(no: int, issue: Issue) -> DeadlineRow:
    return DeadlineRow(
        no, issue.issue_id, issue.org_code, issue.org_name, issue.title, issue.title_en, issue.raised_on, issue.accepted_on,
        issue.assigned_on, issue.deadline, issue.set_deadline is None, issue.extensions, issue.reported_on,
        issue.verified_on, issue.closed_on, issue.state, issue.days_left, issue.colour, issue.level,
    )  # fmt: skip
