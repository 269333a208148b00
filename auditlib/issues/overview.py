"""All issues in short: enough to order, count and choose by, so that a list of some reads only those whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .issue import ENDED
from .policy import SEVERITIES


class Line(NamedTuple):
    """One issue as it stands on a day."""

    issue_id: str
    org_code: str
    state: str
    severity: str
    rule: str
    is_open: bool
    is_proposed: bool  # nobody has set a deadline yet
    days_left: int  # negative: overdue


_ENDED = frozenset(map(str, ENDED))
_RANK = {severity: place for place, severity in enumerate(SEVERITIES)}


def line_of(issue_id: str, org_code: str, state: str, severity: str, rule: str, deadline: str, days_left: int) -> Line:
    return Line(issue_id, org_code, state, severity, rule, state not in _ENDED, not deadline, days_left)


def by_organisation(lines: Iterable[Line]) -> list[Line]:
    """By organisation, worst severity, rule and id: the order of `issue.in_order`."""
    return sorted(lines, key=lambda line: (line.org_code, _RANK[line.severity], line.rule, line.issue_id))


def by_pressure(lines: Iterable[Line]) -> list[Line]:
    """The most pressing first: the order of `lists.deadline_list`."""
    return sorted(lines, key=lambda line: (not line.is_open, line.days_left, line.org_code, line.issue_id))
