"""What the events add up to, kept beside them in the same transaction, so that reading does not fold them all anew.

One row a stream (an issue, a person, a draw) in `auditlib_streams`. It is never the truth: `rebuild` makes it again
from the events, and `auditlib issues check` compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from . import issue, people, schema
from .events import ISSUE, PERSON, Event, Told, told_of
from .rows import plain_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, Update

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
# JSONEncoder.encode makes its inner encoder anew for every value; where the interpreter has one in C, it is made once.
_encoded = (
    json.encoder.c_make_encoder(None, _CANONICAL.default, json.encoder.encode_basestring, None, ":", ",", True, False, True)  # type: ignore[attr-defined]
    if json.encoder.c_make_encoder  # type: ignore[attr-defined]
    else lambda facts, _: [_CANONICAL.encode(facts)]
)
KEPT = ("stream", "family", "version", "org_code", "state", "facts", *schema.LIST_COLUMNS)  # the columns of a kept stream
_CHUNK = 500  # streams asked for at once; SQLite takes 32,766 variables, PostgreSQL 65,535


def family_of(stream: str) -> str:
    return "issue" if stream.startswith(ISSUE) else "person" if stream.startswith(PERSON) else "other"


def take(facts: dict[str, Any] | None, event: Told) -> dict[str, Any]:
    """`facts` of a stream with what `event` adds."""
    if event.issue_id.startswith(ISSUE):
        return issue.take(facts, event)
    if event.issue_id.startswith(PERSON):
        return people.take(facts, event)
    return {**(facts or {}), "state": str(event.kind)}


def facts_text(facts: Mapping[str, Any]) -> str:
    """Facts as they are stored: the same facts are the same text."""
    return "".join(_encoded(facts, 0))


def row_of(stream: str, version: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    return dict(zip(KEPT, _row(stream, version, facts), strict=True))


def _row(stream: str, version: int, facts: Mapping[str, Any]) -> tuple[Any, ...]:
    get = facts.get
    listed = [get(name, "") for name in schema.LIST_COLUMNS]
    return stream, family_of(stream), version, get("org_code", ""), get("state", ""), facts_text(facts), *listed


def read(connection: Connection, stream: str) -> tuple[int, dict[str, Any]] | None:
    """Version and facts of one stream; None when there is none."""
    row = connection.execute(_one_stream(), {"asked": stream}).first()
    return (row[0], json.loads(row[1])) if row else None


@cache
def _one_stream() -> Select[Any]:
    """Made once: putting a statement together costs more than looking up one row."""
    from sqlalchemy import bindparam, select

    table = schema.table(schema.STREAMS)
    return select(table.c.version, table.c.facts).where(table.c.stream == bindparam("asked"))


def read_many(connection: Connection, streams: Sequence[str]) -> dict[str, tuple[int, dict[str, Any]]]:
    from sqlalchemy import select

    if len(streams) == 1:
        only = read(connection, streams[0])
        return {} if only is None else {streams[0]: only}
    table, found = schema.table(schema.STREAMS), {}
    for start in range(0, len(streams), _CHUNK):
        query = select(table.c.stream, table.c.version, table.c.facts).where(table.c.stream.in_(streams[start : start + _CHUNK]))
        found.update({row[0]: (row[1], json.loads(row[2])) for row in connection.execute(query)})
    return found


def read_family(
    connection: Connection, family: str, *, org_codes: Sequence[str] | None = None, state: str | None = None
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """All streams of a family, or only those of some organisations or in one state; in no order."""
    from sqlalchemy import select

    table = schema.table(schema.STREAMS)
    query = select(table.c.stream, table.c.version, table.c.facts).where(table.c.family == family)
    if org_codes is not None:
        query = query.where(table.c.org_code.in_(org_codes))
    if state is not None:
        query = query.where(table.c.state == state)
    loads = json.loads
    for stream, version, facts in connection.execute(query):
        yield stream, version, loads(facts)


def lines(connection: Connection) -> Iterator[tuple[str, str, str, str, str, str, str]]:
    """Of all issues id, organisation, state, severity, rule, moment of raising and deadline set ('' for none); in no order."""
    from sqlalchemy import select

    table = schema.table(schema.STREAMS)
    columns = (table.c[name] for name in ("stream", "org_code", "state", *schema.LIST_COLUMNS))
    yield from plain_rows(connection.execute(select(*columns).where(table.c.family == "issue")))


def kept(connection: Connection) -> Iterator[Any]:
    """The rows of all streams as they are kept (`KEPT`), in no order."""
    from sqlalchemy import select

    table = schema.table(schema.STREAMS)
    return plain_rows(connection.execute(select(*(table.c[name] for name in KEPT))))


def differing(rows: Iterable[Any], told: dict[str, tuple[int, dict[str, Any]]]) -> tuple[str, ...]:
    """The streams of `rows` (`KEPT`) that are not what `told` (see `folded`) makes of them, or that stand on one side only, sorted.

    `told` is used up.
    """
    wrong = [row[0] for row in rows if row[0] not in told or tuple(row) != _row(row[0], *told.pop(row[0]))]
    return tuple(sorted({*wrong, *told}))


def counts(connection: Connection, *families: str) -> int:
    """How many streams there are, of these families or of all."""
    from sqlalchemy import func, select

    table = schema.table(schema.STREAMS)
    query = select(func.count()).select_from(table)
    return int(connection.execute(query.where(table.c.family.in_(families)) if families else query).scalar_one())


def apply(connection: Connection, events: Iterable[Event]) -> None:
    """Takes `events` (in order, just appended) over, in the transaction that appended them."""
    from sqlalchemy import insert

    new: dict[str, list[Event]] = {}
    for event in events:
        new.setdefault(event.issue_id, []).append(event)
    known = read_many(connection, [stream for stream, own in new.items() if own[0].version > 1])
    made, changed = [], []
    for stream, own in new.items():
        facts = known[stream][1] if stream in known else None
        for event in own:
            facts = take(facts, told_of(event))
        assert facts is not None
        (changed if stream in known else made).append(row_of(stream, own[-1].version, facts))
    if made:
        connection.execute(insert(schema.table(schema.STREAMS)), made)
    if changed:
        connection.execute(_change(), [{f"b_{name}": value for name, value in row.items()} for row in changed])


@cache
def _change() -> Update:
    from sqlalchemy import bindparam, update

    table = schema.table(schema.STREAMS)
    return update(table).where(table.c.stream == bindparam("b_stream")).values({name: bindparam(f"b_{name}") for name in KEPT[1:]})


def folded(events: Iterable[Told]) -> dict[str, tuple[int, dict[str, Any]]]:
    """Version and facts of every stream of `events` (in their order)."""
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for event in events:
        fold_into(found, event)
    return found


def fold_into(found: dict[str, tuple[int, dict[str, Any]]], event: Told) -> None:
    known = found.get(event.issue_id)
    found[event.issue_id] = (event.version, take(known[1] if known else None, event))


def rebuild(connection: Connection, events: Iterable[Told]) -> int:
    """Throws the rows away and makes them again from `events`; returns how many there are."""
    from sqlalchemy import delete, insert

    table = schema.table(schema.STREAMS)
    rows = [row_of(stream, version, facts) for stream, (version, facts) in folded(events).items()]
    connection.execute(delete(table))
    for start in range(0, len(rows), 5000):
        connection.execute(insert(table), rows[start : start + 5000])
    return len(rows)
