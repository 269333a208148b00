"""The log of events in the database: rows to events and back, and the one way to add to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ..words.collector import resting_collector
from ..words.errors import RegisterError
from . import projection, schema
from .events import GENESIS, Draft, Event, Stored, Told, as_told, stored_all, unsealed
from .places import Place
from .rows import add_rows, plain_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

COLUMNS = Stored._fields  # the order in which the columns of an event are read and exported


def append(connection: Connection, drafts: Sequence[Draft]) -> str:
    """Seals `drafts` behind the last event in the (writing) transaction of `connection`; returns the new head.

    The database refuses a draft whose version its issue has already: the state that it was judged against is gone.
    """
    sealed = _append(connection, drafts)
    return sealed[-1].hash if sealed else last(connection)[1]


def append_all(connection: Connection, drafts: Sequence[Draft]) -> list[Event]:
    """As `append`; returns the sealed events."""
    return [unsealed(row) for row in _append(connection, drafts)]


def _append(connection: Connection, drafts: Sequence[Draft]) -> list[Stored]:
    """Writes sealed events and what they add up to."""
    with resting_collector():
        sealed = stored_all(drafts, *last(connection))
        if sealed:
            add_rows(connection, schema.EVENTS, COLUMNS, sealed)
            projection.apply(connection, map(told_of_row, sealed))
    return sealed


def event_of(place: Place, row: Any) -> Event:
    """The event in a row (`COLUMNS`). Raises RegisterError naming the place of one that cannot be read."""
    try:
        return unsealed(row)
    except (ValueError, TypeError) as error:
        raise RegisterError.of("issues.error.bad_event", shown=place.shown, seq=row[2], error=error) from error


def rows(connection: Connection, stream: str | None = None) -> Iterator[Any]:
    """The rows of all events in their order, or those of one stream."""
    from sqlalchemy import select

    table = schema.table(schema.EVENTS)
    query = select(*(table.c[name] for name in COLUMNS)).order_by(table.c.seq)
    return plain_rows(connection.execute(query if stream is None else query.where(table.c.issue_id == stream)))


def events(connection: Connection, place: Place, stream: str | None = None) -> Iterator[Event]:
    for row in rows(connection, stream):
        yield event_of(place, row)


def told(connection: Connection, place: Place) -> Iterator[Told]:
    """What all events say, in their order. Raises RegisterError naming the place of one that cannot be read."""
    for row in rows(connection):
        try:
            yield told_of_row(row)
        except (ValueError, TypeError) as error:
            raise RegisterError.of("issues.error.bad_event", shown=place.shown, seq=row[2], error=error) from error


def told_of_row(row: Any) -> Told:
    """What the event in a row (`COLUMNS`) says. Raises ValueError for a payload that is no JSON."""
    event_id, issue_id, _, version, kind, at, actor, payload, *_ = row
    return as_told((event_id, issue_id, version, kind, at, actor, {} if payload == "{}" else json.loads(payload)))


def last(connection: Connection) -> tuple[int, str]:
    """Number and hash of the last event; (0, GENESIS) when there is none."""
    if connection.dialect.name == "postgresql":  # who may not see the last event still has to add behind it
        found = connection.exec_driver_sql("SELECT seq, hash FROM auditlib_last()").first()
        return (found[0], found[1]) if found and found[0] else (0, GENESIS)
    row = connection.execute(_last()).first()
    return (row[0], row[1]) if row else (0, GENESIS)


@cache
def _last() -> Select[Any]:
    from sqlalchemy import select

    table = schema.table(schema.EVENTS)
    return select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)


def hash_at(connection: Connection, seq: int) -> str:
    """Hash of the event at place `seq`, also where it belongs to another village; GENESIS when there is none."""
    from sqlalchemy import select

    if connection.dialect.name == "postgresql":
        return str(connection.exec_driver_sql("SELECT auditlib_hash_at(%s)", (seq,)).scalar() or GENESIS)
    table = schema.table(schema.EVENTS)
    return str(connection.execute(select(table.c.hash).where(table.c.seq == seq)).scalar() or GENESIS)


def holds(connection: Connection, event_hash: str) -> bool:
    """Whether an event with this hash is there."""
    from sqlalchemy import select

    if connection.dialect.name == "postgresql":
        return bool(connection.exec_driver_sql("SELECT auditlib_holds(%s)", (event_hash,)).scalar())
    table = schema.table(schema.EVENTS)
    return connection.execute(select(table.c.seq).where(table.c.hash == event_hash).limit(1)).first() is not None
