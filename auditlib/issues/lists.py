"""The three lists of the register, as frozen rows: 问题清单, 责任清单, 时限清单; their sums, and whether they are cleared 清零.

All three are projections of the same issues: nothing is kept for them, every issue given stands once in each, and a
closed one says so. Rendering is somebody else's work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..catalog.specs import RuleCard
from ..words.collector import resting_collector
from ..words.records import CheckResult, Organisation
from .issue import Issue, State
from .standing import Gone
from .tree import LINES, Answerable, Duty, Tree


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
    gone: tuple[Gone, ...] = ()  # records that are no longer in the ledgers, here and below: see Issue.gone


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
    gone: tuple[Gone, ...] = ()


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
    colour_zh: str  # what the place calls the level
    colour_en: str
    gone: tuple[Gone, ...] = ()


def beneath(org_code: str, organisations: Iterable[Organisation]) -> frozenset[str]:
    """`org_code` and every organisation under it: a township with its villages and their groups."""
    children: dict[str, list[str]] = {}
    for organisation in organisations:
        children.setdefault(organisation.parent_code, []).append(organisation.org_code)
    return frozenset(tree_of(org_code, children))


def tree_of(org_code: str, children: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """`org_code` and all codes under it, each level after the one above; `children` by the code that they stand under."""
    found = {org_code: None}
    level = [org_code]
    while level:
        level = [child for code in level for child in children.get(code, ()) if child not in found]
        found |= dict.fromkeys(level)
    return tuple(found)


def issues_of(issues: Iterable[Issue], org_code: str, organisations: Iterable[Organisation]) -> tuple[Issue, ...]:
    """The issues of an organisation and of those under it, in their order."""
    codes = beneath(org_code, organisations)
    return tuple(issue for issue in issues if issue.org_code in codes)


def issues_of_body(issues: Iterable[Issue], body: str) -> tuple[Issue, ...]:
    """The issues of a department: those that were given to it, and those that its line leads as long as nobody was named."""
    return tuple(issue for issue in issues if issue.owner == body)


def problem_list(issues: Sequence[Issue], cards: Mapping[str, RuleCard]) -> tuple[ProblemRow, ...]:
    """问题清单 of `issues`; `cards` by rule id (a rule without one keeps its id)."""
    with resting_collector():
        return tuple([_problem(no, issue, cards.get(issue.rule)) for no, issue in enumerate(issues, 1)])


def _problem(no: int, issue: Issue, card: RuleCard | None) -> ProblemRow:
    name = card.name if card else {"zh": issue.rule, "en": issue.rule}
    evidence = card.evidence if card else {"zh": "", "en": ""}
    return ProblemRow(
        no, issue.issue_id, issue.org_code, issue.org_name, issue.rule, card.family if card else "", name["zh"], name["en"],
        issue.title, issue.title_en, issue.amount, issue.basis, evidence["zh"], evidence["en"], issue.records,
        issue.severity, issue.state, issue.raised_on, issue.gone,
    )  # fmt: skip


def responsibility_list(
    issues: Sequence[Issue], cards: Mapping[str, RuleCard], organisations: Sequence[Organisation], duties: Sequence[Duty] = ()
) -> tuple[ResponsibilityRow, ...]:
    """责任清单 of `issues`: the lead by the rule card, units and people by `duties`, else heads by the register of organisations."""
    tree = Tree(organisations, duties)
    answerable = {code: [tree.answerable(line, code) for line in LINES] for code in {issue.org_code for issue in issues}}
    with resting_collector():
        return tuple([_responsibility(no, i, cards.get(i.rule), answerable[i.org_code]) for no, i in enumerate(issues, 1)])


def _responsibility(no: int, issue: Issue, card: RuleCard | None, answerable: Sequence[Answerable]) -> ResponsibilityRow:
    industry, territory, village = answerable
    return ResponsibilityRow(
        no, issue.issue_id, issue.org_code, issue.org_name, issue.title, issue.title_en, issue.line, issue.assigned_to,
        industry, territory, village, card.helpers if card else (), issue.state, issue.gone,
    )  # fmt: skip


def deadline_list(issues: Sequence[Issue]) -> tuple[DeadlineRow, ...]:
    """时限清单 of `issues`, the most pressing first: open before closed, then by days left."""
    with resting_collector():
        ordered = sorted(issues, key=lambda i: (not i.is_open, i.days_left, i.org_code, i.issue_id))
        return tuple([_deadline(no, issue) for no, issue in enumerate(ordered, 1)])


def _deadline(no: int, issue: Issue) -> DeadlineRow:
    return DeadlineRow(
        no, issue.issue_id, issue.org_code, issue.org_name, issue.title, issue.title_en, issue.raised_on, issue.accepted_on,
        issue.assigned_on, issue.deadline, issue.set_deadline is None, issue.extensions, issue.reported_on,
        issue.verified_on, issue.closed_on, issue.state, issue.days_left, issue.colour, issue.level, issue.colour_zh, issue.colour_en,
        issue.gone,
    )  # fmt: skip


# Sums and 清零


@dataclass(frozen=True, slots=True)
class ListSums:
    """Counts and money (元) over the issues of a list. A joined issue is counted with the one that it went into."""

    issues: int
    open: int
    overdue: int  # open ones past their deadline
    closed: int
    declined: int
    involved: Decimal
    recovered: Decimal
    booked: Decimal
    loss_avoided: Decimal
    without_amount: int  # issues of which nobody has said an amount: the sum leaves them out


def sums_of(issues: Iterable[Issue]) -> ListSums:
    """Sums over `issues`; money as the events tell it."""
    kept = [issue for issue in issues if issue.state is not State.JOINED]
    still_open = [issue for issue in kept if issue.is_open]
    nought = Decimal(0)
    return ListSums(
        len(kept), len(still_open), sum(issue.days_left < 0 for issue in still_open),
        sum(issue.state is State.CLOSED for issue in kept), sum(issue.state is State.DECLINED for issue in kept),
        sum((issue.amount or nought for issue in kept), nought), sum((issue.recovered for issue in kept), nought),
        sum((issue.booked for issue in kept), nought), sum((issue.loss_avoided for issue in kept), nought),
        sum(issue.amount is None for issue in kept),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clearance:
    """Whether 清零 may be written, with the coverage that it rests on; `reasons` say why not (keys 'lists.not_clear.…')."""

    org_code: str
    is_clear: bool
    reasons: tuple[str, ...]
    open: int
    ran: int  # checks that ran
    could_not_run: int
    organisations: int  # villages and groups
    unchecked: tuple[str, ...]  # those of them of which no check ran at all


def clearance(
    issues: Iterable[Issue], org_code: str, organisations: Sequence[Organisation], checks: Sequence[CheckResult] | None
) -> Clearance:
    """Whether `org_code` with those beneath it is cleared: nothing open, and everything that had to be looked at was.

    `checks` are those of the newest run; None when they are not known, and then nothing is ever called cleared.
    """
    codes = beneath(org_code, organisations)
    still_open = sum(issue.is_open for issue in issues if issue.org_code in codes)
    mine = [check for check in checks or () if check.org_code in codes]
    ran = [check for check in mine if check.status in ("passed", "found")]
    failed = sum(check.status == "could_not_run" for check in mine)
    seen = {check.org_code for check in ran}
    keepers = [o.org_code for o in organisations if o.org_code in codes and o.level in ("village", "group")]
    unchecked = tuple(sorted(code for code in keepers if code not in seen))
    held = {
        "open": still_open > 0, "coverage_unknown": checks is None, "could_not_run": failed > 0, "unchecked": bool(unchecked),
        "nothing_ran": checks is not None and not ran,
    }  # fmt: skip
    reasons = tuple(reason for reason, holds in held.items() if holds)
    return Clearance(org_code, not reasons, reasons, still_open, len(ran), failed, len(keepers), unchecked)
