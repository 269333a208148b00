"""An issue as its events tell it. Nothing here is stored: every value is folded anew, overdue and colour from a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from .events import Event, Kind
from .policy import SEVERITIES, Clock


class State(StrEnum):
    """Where an issue stands."""

    RAISED = "raised"  # 待受理
    ACCEPTED = "accepted"  # 已受理
    ASSIGNED = "assigned"  # 已指派
    IN_HAND = "in_hand"  # 处置中
    HANDLED = "handled"  # 已处置
    REPORTED_BACK = "reported_back"  # 已反馈
    FOR_VERIFICATION = "for_verification"  # 待核查
    VERIFIED = "verified"  # 已核查
    RETURNED = "returned"  # 已退回
    REOPENED = "reopened"  # 重新打开
    TRANSFERRED = "transferred"  # 已移送
    CONTINUED = "continued"  # 持续整改
    CLOSED = "closed"  # 已销号
    DECLINED = "declined"  # 误报


ENDED = frozenset((State.CLOSED, State.DECLINED))

# The state after an event; kinds that stand not here leave the state as it is.
STATE_AFTER: Mapping[Kind, State] = MappingProxyType({
    Kind.RAISED: State.RAISED, Kind.ACCEPTED: State.ACCEPTED, Kind.ASSIGNED: State.ASSIGNED, Kind.STARTED: State.IN_HAND,
    Kind.HANDLED: State.HANDLED, Kind.REPORTED_BACK: State.REPORTED_BACK, Kind.PUT_FORWARD: State.FOR_VERIFICATION,
    Kind.VERIFIED: State.VERIFIED, Kind.CLOSED: State.CLOSED, Kind.RETURNED: State.RETURNED, Kind.REOPENED: State.REOPENED,
    Kind.DECLINED: State.DECLINED, Kind.TRANSFERRED: State.TRANSFERRED, Kind.CONTINUED: State.CONTINUED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FindingRef:
    """A finding that an issue is about, with what is needed to tell whether a later run looked for it."""

    finding_id: str
    rule: str
    org_code: str
    ledger: str
    fiscal_year: int | None  # the newest year in which it was found; None when the run did not say
    severity: str
    amount: Decimal | None  # 元
    line: str
    org_name: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One matter that is followed until it is done, as it stands on `as_of`."""

    issue_id: str
    version: int  # how many events it has
    state: State
    findings: tuple[FindingRef, ...]
    rule: str
    org_code: str
    org_name: str
    severity: str  # red | orange | yellow | blue
    title: str
    title_en: str
    amount: Decimal | None  # 元, involved
    basis: str
    records: tuple[str, ...]
    line: str  # 行业监管 | 属地管理 | 村级自治: who leads by the rule card
    assigned_to: str  # '' until assigned
    raised_on: dt.date
    accepted_on: dt.date | None
    assigned_on: dt.date | None
    reported_on: dt.date | None
    verified_on: dt.date | None
    closed_on: dt.date | None
    set_deadline: dt.date | None  # None until somebody set one
    deadline: dt.date  # the one set, else the one proposed by severity
    extensions: int
    reopened: int  # how often
    days_left: int  # to the deadline on as_of; negative: overdue
    colour: str  # red | orange | yellow | blue | green
    level: int  # 4 worst .. 0

    @property
    def finding_ids(self) -> tuple[str, ...]:
        return tuple(ref.finding_id for ref in self.findings)

    @property
    def owner(self) -> str:
        """Who answers for it: the one assigned, until then the line that the rule card names."""
        return self.assigned_to or self.line

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    def title_in(self, language: str) -> str:
        return self.title if language == "zh" else self.title_en or self.title


def _facts(values: dict[str, Any], event: Event) -> None:
    """Takes over what a run said of a finding (raised, seen, reopened); the first finding names the issue."""
    facts = event.payload
    amount = None if facts["amount"] is None else Decimal(facts["amount"])
    ref = FindingRef(
        facts["finding_id"], facts["rule"], facts["org_code"], facts["ledger"], facts["fiscal_year"], facts["severity"],
        amount, facts["owner"], facts["org_name"],
    )  # fmt: skip
    refs = {**{old.finding_id: old for old in values["findings"]}, ref.finding_id: ref}
    values["findings"] = tuple(refs.values())
    if values["findings"][0] is ref:
        values.update(
            rule=ref.rule, org_code=ref.org_code, org_name=ref.org_name, line=ref.line, title=facts["title_zh"],
            title_en=facts["title_en"], basis=facts["basis"], records=tuple(facts["records"]),
        )  # fmt: skip
    amounts = [each.amount for each in values["findings"] if each.amount is not None]
    values["amount"] = sum(amounts, Decimal(0)) if amounts else None
    values["severity"] = min((each.severity for each in values["findings"]), key=SEVERITIES.index)


def _reopened(values: dict[str, Any], event: Event) -> None:
    _facts(values, event)
    values.update(reopened=values["reopened"] + 1, verified_on=None, closed_on=None)


def _assigned(values: dict[str, Any], event: Event) -> None:
    values["assigned_to"] = event.payload.get("owner", values["assigned_to"])
    _deadline(values, event)


def _deadline(values: dict[str, Any], event: Event) -> None:
    if event.payload.get("deadline"):
        values["set_deadline"] = dt.date.fromisoformat(event.payload["deadline"])


def _extended(values: dict[str, Any], event: Event) -> None:
    _deadline(values, event)
    values["extensions"] += 1


def _nothing(values: dict[str, Any], event: Event) -> None:
    """The state says it all."""


_TAKE: Mapping[Kind, Callable[[dict[str, Any], Event], None]] = MappingProxyType({
    Kind.RAISED: _facts, Kind.SEEN: _facts, Kind.REOPENED: _reopened, Kind.ASSIGNED: _assigned,
    Kind.EXTENDED: _extended, Kind.RETURNED: _deadline, Kind.CONTINUED: _deadline,
})  # fmt: skip

_DAY_OF: Mapping[Kind, str] = MappingProxyType({
    Kind.ACCEPTED: "accepted_on", Kind.ASSIGNED: "assigned_on", Kind.REPORTED_BACK: "reported_on",
    Kind.VERIFIED: "verified_on", Kind.CLOSED: "closed_on",
})  # fmt: skip


def fold(events: Sequence[Event], *, clock: Clock, as_of: dt.date) -> Issue:
    """The issue that `events` (all of one issue, in order, the first one raised) tell, as it stands on `as_of`."""
    first = events[0]
    values: dict[str, Any] = {
        "findings": (), "assigned_to": "", "set_deadline": None, "extensions": 0, "reopened": 0,
        "raised_on": clock.day_of(first.at), **dict.fromkeys(_DAY_OF.values()),
    }  # fmt: skip
    state = State.RAISED
    for event in events:
        _TAKE.get(event.kind, _nothing)(values, event)
        state = STATE_AFTER.get(event.kind, state)
        if event.kind in _DAY_OF:
            values[_DAY_OF[event.kind]] = clock.day_of(event.at)
    return Issue(
        issue_id=first.issue_id, version=len(events), state=state, **values, **_by_the_clock(values, state, clock, as_of)
    )


def _by_the_clock(values: Mapping[str, Any], state: State, clock: Clock, as_of: dt.date) -> dict[str, Any]:
    deadline = values["set_deadline"] or clock.proposed_deadline(values["raised_on"], values["severity"])
    days_left = (deadline - as_of).days
    if state is State.DECLINED:
        shade = clock.in_time
    elif state is State.CLOSED:
        shade = clock.closed_shade(values["closed_on"], deadline)
    else:
        shade = clock.open_shade(days_left, values["extensions"])
    return {"deadline": deadline, "days_left": days_left, "colour": shade.colour, "level": shade.level}


def fold_all(events: Iterable[Event], *, clock: Clock, as_of: dt.date) -> tuple[Issue, ...]:
    """All issues of `events` (in the order of the register), by organisation, worst severity, rule and id."""
    by_issue: dict[str, list[Event]] = {}
    for event in events:
        by_issue.setdefault(event.issue_id, []).append(event)
    rank = {severity: place for place, severity in enumerate(SEVERITIES)}
    issues = (fold(own, clock=clock, as_of=as_of) for own in by_issue.values())
    return tuple(sorted(issues, key=lambda i: (i.org_code, rank[i.severity], i.rule, i.issue_id)))
