"""Where else a paper was shown: the same file (by its SHA-256) as evidence of several issues, or of several kinds for one.

That refuses nothing: one bank slip can settle two matters. But whoever verifies or closes is told, with the other issues and with
who handed it in there, and the event says that it was told. A file that was saved anew has another hash and is another file here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import projection, schema
from .closing import evidence_label
from .issue import Issue
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
    """A file of an issue that was shown more than once."""

    sha256: str
    name: str  # as it came for this issue
    kinds: tuple[str, ...]  # as what it was shown for this issue
    others: tuple[Elsewhere, ...]

    def told(self) -> tuple[Reason, ...]:
        """What the verifier has to know of it, a sentence each."""
        told = []
        if len(self.kinds) > 1:
            kinds = tuple(evidence_label(kind) for kind in self.kinds)
            told.append(_sentence("several_kinds", name=self.name, kinds=kinds))
        if self.others:
            told.append(_sentence("also_shown", name=self.name, others=tuple(map(_other, self.others))))
        return tuple(told)


def _sentence(key: str, /, **values: Any) -> Reason:
    return Reason(f"issues.paper.{key}", values)


def _other(other: Elsewhere) -> Reason:
    if not other.state:
        return _sentence("out_of_sight", issue_id=other.issue_id, person=other.actor, on=other.at[:10])
    state = Label(f"issues.state.{other.state}")
    return _sentence("other", issue_id=other.issue_id, org=other.org_name, state=state, person=other.actor, on=other.at[:10])


def also_shown(connection: Connection, issue: Issue) -> tuple[Paper, ...]:
    """The files of `issue` that stand (see closing.kinds_shown) and were shown for other issues, or for it as several kinds."""
    standing: dict[str, list[Any]] = {}
    for ref in issue.evidence:
        if ref.version > issue.evidence_from:
            standing.setdefault(ref.sha256, []).append(ref)
    found = []
    for sha256, refs in standing.items():
        kinds = tuple(dict.fromkeys(ref.kind for ref in refs))
        others = tuple(_others(connection, sha256, issue.issue_id))
        if others or len(kinds) > 1:
            found.append(Paper(sha256, refs[-1].name, kinds, others))
    return tuple(found)


def _others(connection: Connection, sha256: str, issue_id: str) -> Iterator[Elsewhere]:
    """Each other issue once, by the first time that the file was shown for it."""
    query = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    seen = {issue_id}
    for other, at, actor in connection.exec_driver_sql(query, (sha256,)).all():
        if other in seen:
            continue
        seen.add(other)
        known = projection.read(connection, other)
        facts = known[1] if known else {}
        yield Elsewhere(other, at, actor, facts.get("org_name", "") or facts.get("org_code", ""), facts.get("state", ""))
