"""What the events add up to, kept beside them in the same transaction, so that reading does not fold them all anew.

One row a stream (an issue, a person, a draw) in `auditlib_streams`. It is never the truth: `rebuild` makes it again
from the events, and `auditlib issues check` compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from . import issue, people, schema
from .events import ISSUE, PERSON, Told, text_of
from .rows import add_rows, change_rows, plain_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

KEPT = ("stream", "family", "version", "org_code", "state", "facts", *schema.LIST_COLUMNS)  # the columns of a kept stream
_scan = json.JSONDecoder().scan_once  # a text that holds one JSON value and nothing else: no blanks to look for
_CHUNK = 500  # streams asked for at once; SQLite takes 32,766 variables, PostgreSQL 65,535


def family_of(stream: str) -> str:
    return "issue" if stream.startswith(ISSUE) else "person" if stream.startswith(PERSON) else "other"


Take = Callable[[dict[str, Any] | None, Told], dict[str, Any]]  # facts of a stream (None before the first event) and what an event adds


def taking(stream: str) -> Take:
    """What folds the events of `stream`."""
    return issue.take if stream.startswith(ISSUE) else people.take if stream.startswith(PERSON) else _take_other


def _take_other(facts: dict[str, Any] | None, event: Told) -> dict[str, Any]:
    return {**(facts or {}), "state": str(event.kind)}


def take(facts: dict[str, Any] | None, event: Told) -> dict[str, Any]:
    """`facts` of a stream with what `event` adds."""
    return taking(event.issue_id)(facts, event)


def _row(stream: str, version: int, facts: Mapping[str, Any]) -> tuple[Any, ...]:
    get = facts.get
    listed = [get(name, "") for name in schema.LIST_COLUMNS]
    return stream, family_of(stream), version, get("org_code", ""), get("state", ""), text_of(facts), *listed


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
        found.update({row[0]: (row[1], json.loads(row[2])) for row in plain_rows(connection.execute(query))})
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
    for stream, version, facts in plain_rows(connection.execute(query)):
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
    """The streams of `rows` (`KEPT`) that are not what `told` (see `folded`) makes of them, or that stand on one side only, sorted."""
    names, wrong = [], []
    for row in rows:
        names.append(row[0])
        known = told.get(row[0])
        if known is None or not is_kept(row, *known):
            wrong.append(row[0])
    return tuple(sorted({*wrong, *(told.keys() - names)}))


def is_kept(row: Sequence[Any] | None, version: int, facts: Mapping[str, Any]) -> bool:
    """Whether a kept row (`KEPT`; None: there is none) says what `facts` say."""
    if row is None:
        return False
    stream, family, own_version, org_code, state, text, *listed = row
    get = facts.get
    listing = (family_of(stream), version, get("org_code", ""), get("state", ""))
    if (family, own_version, org_code, state) != listing or listed != [get(name, "") for name in schema.LIST_COLUMNS]:
        return False
    return _is_text_of(text, facts)


def _is_text_of(text: Any, facts: Mapping[str, Any]) -> bool:
    """Whether `text` is `facts` written down. They are written once more, which takes a third of reading the text;
    only a text that comes out otherwise is read."""
    import orjson

    try:
        if orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode() == text:
            return True
    except TypeError:  # a number beyond 64 bits
        pass
    try:
        told, end = _scan(text, 0)
    except (ValueError, TypeError, StopIteration, RecursionError):  # no JSON, or not even a text
        return False
    return end == len(text) and bool(told == facts)


def counts(connection: Connection, *families: str) -> int:
    """How many streams there are, of these families or of all."""
    from sqlalchemy import func, select

    table = schema.table(schema.STREAMS)
    query = select(func.count()).select_from(table)
    return int(connection.execute(query.where(table.c.family.in_(families)) if families else query).scalar_one())


def apply(connection: Connection, events: Iterable[Told]) -> None:
    """Takes `events` (in order, just appended) over, in the transaction that appended them."""
    new: dict[str, list[Told]] = {}
    for event in events:
        new.setdefault(event.issue_id, []).append(event)
    known = read_many(connection, [stream for stream, own in new.items() if own[0].version > 1])
    made, changed = [], []
    for stream, own in new.items():
        facts = known[stream][1] if stream in known else None
        for event in own:
            facts = take(facts, event)
        assert facts is not None
        (changed if stream in known else made).append(_row(stream, own[-1].version, facts))
    add_rows(connection, schema.STREAMS, KEPT, made)
    change_rows(connection, schema.STREAMS, KEPT, changed)


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
    from sqlalchemy import delete

    rows = [_row(stream, version, facts) for stream, (version, facts) in folded(events).items()]
    connection.execute(delete(schema.table(schema.STREAMS)))
    add_rows(connection, schema.STREAMS, KEPT, rows)
    return len(rows)
