"""Where else a paper was shown: the same file (by its SHA-256) as evidence of several issues, or of several kinds for one; the same
voucher for money of several issues of one organisation.

That refuses nothing: one bank slip can settle two matters. But whoever verifies or closes is told, with the other issues and with
who handed it in there, and the event says that it was told. A file that was saved anew has another hash and is another file here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import projection, schema
from .closing import evidence_label
from .events import Kind
from .issue import MONEY, Issue
from .people import alike
from .refusal import Label, Reason

if TYPE_CHECKING:
    from sqlalchemy import Connection

# The kind is written out, and the hash as the index has it: only so does the index serve.
_SQLITE = f"""
SELECT issue_id, at, actor FROM auditlib_events WHERE kind = 'evidence' AND {schema.SHA256_OF["sqlite"]} = ? ORDER BY seq
"""
_POSTGRESQL = "SELECT issue_id, at, actor FROM auditlib_shown(%s)"  # also of issues that this login does not see


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another issue for which the file was handed in."""

    issue_id: str
    at: str  # as the register writes a time
    actor: str
    org_name: str = ""  # '' where the login may not see the issue
    state: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A file of an issue that was shown more than once, or a voucher on which money of several issues rests."""

    sha256: str  # '' for a voucher
    name: str  # as it came for this issue; the number of a voucher
    kinds: tuple[str, ...]  # as what it was shown for this issue
    others: tuple[Elsewhere, ...]

    def told(self) -> tuple[Reason, ...]:
        """What the verifier has to know of it, a sentence each."""
        told = []
        if len(self.kinds) > 1:
            kinds = tuple(evidence_label(kind) for kind in self.kinds)
            told.append(_sentence("several_kinds", name=self.name, kinds=kinds))
        if self.others:
            key = "also_shown" if self.sha256 else "also_told"
            told.append(_sentence(key, name=self.name, others=tuple(map(_other, self.others))))
        return tuple(told)


def _sentence(key: str, /, **values: Any) -> Reason:
    return Reason(f"issues.paper.{key}", values)


def _other(other: Elsewhere) -> Reason:
    if not other.state:
        return _sentence("out_of_sight", issue_id=other.issue_id, person=other.actor, on=other.at[:10])
    state = Label(f"issues.state.{other.state}")
    return _sentence("other", issue_id=other.issue_id, org=other.org_name, state=state, person=other.actor, on=other.at[:10])


def also_shown(connection: Connection, issue: Issue) -> tuple[Paper, ...]:
    """The files of `issue` that stand (see closing.kinds_shown) and were shown for other issues, or for it as several kinds; then its
    vouchers on which money of other issues of the organisation rests.
    """
    standing: dict[str, list[Any]] = {}
    for ref in issue.papers:
        standing.setdefault(ref.sha256, []).append(ref)
    found = []
    for sha256, refs in standing.items():
        kinds = tuple(dict.fromkeys(ref.kind for ref in refs))
        others = tuple(_others(connection, sha256, issue.issue_id))
        if others or len(kinds) > 1:
            found.append(Paper(sha256, refs[-1].name, kinds, others))
    return (*found, *_vouchers(connection, issue))


def is_same_paper(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether money of two events rests on one paper: the same file, or a number that reads the same and is of the same month where
    both tell it (numbers begin anew every month). What the money is called is left out.
    """
    if one.get("paper") and one.get("paper") == other.get("paper"):
        return True
    months = {told["booked_on"][:7] for told in (one, other) if told.get("booked_on")}
    number = alike(one.get("voucher_no", ""))
    return bool(number) and number == alike(other.get("voucher_no", "")) and len(months) < 2


def _vouchers(connection: Connection, issue: Issue) -> Iterator[Paper]:
    told = list(_money_of(connection, issue.org_code)) if any(getattr(issue, name) for name in MONEY) else []
    seen = set[str]()
    for issue_id, _, _, mine in told:
        number = alike(mine.get("voucher_no", ""))
        if issue_id != issue.issue_id or not number or number in seen:
            continue
        seen.add(number)
        elsewhere = {other: (at, actor) for other, at, actor, payload in told if other != issue_id and is_same_paper(mine, payload)}
        if elsewhere:
            others = tuple(_elsewhere(connection, other, at, actor) for other, (at, actor) in elsewhere.items())
            yield Paper("", mine["voucher_no"], (Kind.MONEY.value,), others)


def _money_of(connection: Connection, org_code: str) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Issue, time, author and payload of each part of money told for the issues of an organisation, in the order of the register."""
    from sqlalchemy import select

    events, streams = schema.table(schema.EVENTS), schema.table(schema.STREAMS)
    columns = (events.c.issue_id, events.c.at, events.c.actor, events.c.payload)
    query = select(*columns).join(streams, streams.c.stream == events.c.issue_id).order_by(events.c.seq)
    rows = connection.execute(query.where(streams.c.org_code == org_code, streams.c.family == "issue", events.c.kind == Kind.MONEY.value))
    yield from ((issue_id, at, actor, json.loads(payload)) for issue_id, at, actor, payload in rows)


def _others(connection: Connection, sha256: str, issue_id: str) -> Iterator[Elsewhere]:
    """Each other issue once, by the first time that the file was shown for it."""
    query = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    seen = {issue_id}
    for other, at, actor in connection.exec_driver_sql(query, (sha256,)).all():
        if other in seen:
            continue
        seen.add(other)
        yield _elsewhere(connection, other, at, actor)


def _elsewhere(connection: Connection, issue_id: str, at: str, actor: str) -> Elsewhere:
    known = projection.read(connection, issue_id)
    facts = known[1] if known else {}
    return Elsewhere(issue_id, at, actor, facts.get("org_name", "") or facts.get("org_code", ""), facts.get("state", ""))
