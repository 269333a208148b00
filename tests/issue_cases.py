"""Issues told by events in memory, for the tests of lists, clock, scores and digests."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import Any

from auditlib.issues.events import Event, Kind
from auditlib.issues.issue import Issue, fold_all
from auditlib.issues.policy import Clock, load_clock
from auditlib.words.records import Organisation

CHINA = dt.timezone(dt.timedelta(hours=8))
COUNTY, TOWNSHIP, VILLAGE, OTHER_VILLAGE, GROUP = "530323", "530323101", "530323101201", "530323101202", "53032310120101"
ORGANISATIONS = (
    Organisation(COUNTY, "青禾县", "county", "", "何局长"),
    Organisation(TOWNSHIP, "云岭镇", "township", COUNTY, "张镇长"),
    Organisation(VILLAGE, "上河村", "village", TOWNSHIP, "李主任"),
    Organisation(OTHER_VILLAGE, "下河村", "village", TOWNSHIP, "王主任"),
    Organisation(GROUP, "上河村一组", "group", VILLAGE, "赵组长"),
)
NAMES = {o.org_code: o.name for o in ORGANISATIONS}


def at(day: str, hour: int = 9, minute: int = 0) -> dt.datetime:
    """A moment on a clock in China."""
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour, minute), CHINA)


def raised(key: str, **other: Any) -> dict[str, Any]:
    """What the first event of an issue says."""
    return {
        "finding_id": f"F08-{key}", "rule": "F08", "severity": "orange", "org_code": VILLAGE, "org_name": "上河村", "ledger": "journal",
        "records": [key], "amount": "1200.00", "title_zh": f"凭证 {key} 大额现金支付", "title_en": f"voucher {key} paid in cash",
        "basis": "现金管理暂行条例 第5条", "owner": "属地管理", "fiscal_year": 2025, "run_id": "RUN-1",
    } | other  # fmt: skip


class Story:
    """Events of several issues, in the order in which they are told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._versions: dict[str, int] = {}

    def tell(self, key: str, kind: Kind, when: dt.datetime, actor: str = "核查员", **payload: Any) -> Story:
        issue_id = f"WT-{key}"
        version = self._versions[issue_id] = self._versions.get(issue_id, 0) + 1
        told = raised(key, **payload) if kind is Kind.RAISED else payload
        seq = len(self.events) + 1
        self.events.append(Event(f"EV-{seq}", issue_id, seq, version, kind, when.astimezone(dt.UTC), actor, MappingProxyType(told), "", ""))
        return self

    def issues(self, day: str, clock: Clock | None = None) -> tuple[Issue, ...]:
        return fold_all(self.events, clock=clock or load_clock(), as_of=dt.date.fromisoformat(day))

    def issue(self, key: str, day: str, clock: Clock | None = None) -> Issue:
        return next(i for i in self.issues(day, clock) if i.issue_id == f"WT-{key}")


def many(count: int, done: int, **other: Any) -> Story:
    """`count` matters accepted on 2026-01-05, the first `done` of them closed ten days later."""
    story = Story()
    steps = ((Kind.RAISED, at("2026-01-04")), (Kind.ACCEPTED, at("2026-01-05")), (Kind.CLOSED, at("2026-01-15")))
    for n in range(count):
        for kind, when in steps if n < done else steps[:2]:
            story.tell(str(n), kind, when, **other if kind is Kind.RAISED else {})
    return story
