"""Whether the kept state is what the events add up to, and, of a large register, its seals in the same walk, on every core.

`check` reads every event, seals it anew and folds it. Both need nothing of other streams, so that the streams of a large SQLite
register are shared out: each part is walked by a process of its own (`python -m auditlib.issues.folding FILE PART PARTS`), which
only reads and sees its events and their kept state as they stand together at one moment.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.beside import cores, environment, python_of
from . import log, projection, schema
from .events import ISSUE, as_told
from .rows import plain_rows
from .verify import KEY_EVENTS, content_if_sealed

if TYPE_CHECKING:
    from sqlalchemy import Connection

WORTH_IT = 100_000  # events from which on further processes gain more than their start costs
MOST_PARTS = 8
_COLUMNS = ("event_id", "issue_id", "version", "kind", "at", "actor", "payload")  # as in Told

Ask = Callable[[str], Iterable[Any]]  # a query -> its rows as plain tuples
_Folded = dict[str, tuple[int, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Part:
    """What a walk along the events of some streams showed. Where a seal does not fit the walk ends there."""

    events: int
    is_sealed: bool  # ids, hashes and versions follow from what stands there; the links of the chain are not looked at
    has_keys: bool  # something is signed or about a key, so that signatures have to be looked at
    stale: tuple[str, ...]  # streams whose kept state is not what their events add up to, sorted
    evidence: tuple[tuple[str, str, str], ...]  # hash, issue and file name of the evidence that the events tell of


def stale(connection: Connection) -> tuple[str, ...]:
    """The streams whose kept state is not what their events add up to, sorted. The chain is not looked at."""
    from orjson import loads
    from sqlalchemy import select

    table, found = schema.table(schema.EVENTS), _Folded()
    query = select(*(table.c[name] for name in _COLUMNS)).order_by(table.c.seq)
    for event_id, stream, version, kind, at, actor, payload in plain_rows(connection.execute(query)):
        known = found.get(stream)
        found[stream] = version, _folded(loads, known and known[1], event_id, stream, version, kind, at, actor, payload)
    return projection.differing(projection.kept(connection), found)


def _folded(
    loads: Callable[[str], Any], facts: dict[str, Any] | None, event_id: str, stream: str, version: int, kind: str, at: str, actor: str,
    payload: str,
) -> dict[str, Any]:
    """`facts` with what an event adds whose payload is still a text."""
    try:
        told = {} if payload == "{}" else loads(payload)
        return projection.take(facts, as_told((event_id, stream, version, kind, at, actor, told)))
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}  # sealed rightly, yet not what auditlib writes: shown as a state that does not fit


def asking(connection: Connection) -> Ask:
    return lambda query: plain_rows(connection.exec_driver_sql(query))


def walk(ask: Ask, part: int, parts: int) -> Part:
    """Seals, versions, kept state and evidence of the streams of one part of a SQLite register."""
    return _judged(ask, part, parts, _along(ask, part, parts))


@dataclass(slots=True)
class _Walked:
    """The events of some streams, added up as far as their seals fit."""

    found: _Folded = field(default_factory=dict)
    events: int = 0
    is_sealed: bool = True
    has_keys: bool = False


def _along(ask: Ask, part: int, parts: int) -> _Walked:
    """The events of one part; the walk ends at the first whose seal or version does not fit."""
    from orjson import loads

    walked = _Walked()
    found, events, has_keys = walked.found, 0, False
    for row in _of_part(ask, schema.EVENTS, log.COLUMNS, "issue_id", (part, parts)):
        event_id, stream, _, version, kind, at, actor, payload, _, _, signature = row
        known = found.get(stream)
        if content_if_sealed(row) is None or version != (1 if known is None else known[0] + 1):
            walked.is_sealed = False
            break
        found[stream] = version, _folded(loads, None if known is None else known[1], event_id, stream, version, kind, at, actor, payload)
        has_keys = has_keys or signature != "" or kind in KEY_EVENTS
        events += 1
    walked.events, walked.has_keys = events, has_keys
    return walked


def _judged(ask: Ask, part: int, parts: int, walked: _Walked) -> Part:
    """What the events of one part showed, held against what is kept of their streams."""
    if not walked.is_sealed:
        return Part(walked.events, False, True, (), ())
    evidence = tuple(
        (entry[1], stream, entry[4]) for stream, (_, facts) in walked.found.items() if "evidence" in facts for entry in facts["evidence"]
    )  # fmt: skip
    kept = _of_part(ask, schema.STREAMS, projection.KEPT, "stream", (part, parts))
    return Part(walked.events, True, walked.has_keys, projection.differing(kept, walked.found), evidence)


def _of_part(ask: Ask, table: str, columns: Sequence[str], stream: str, part: tuple[int, int]) -> Any:
    """Rows of the streams from one issue id to another; whatever has no such id goes to the first or to the last part."""
    names, order = ", ".join(f'"{name}"' for name in columns), " ORDER BY seq" if table == schema.EVENTS else ""
    number, parts = part
    start, end = (f"{ISSUE}{'0123456789abcdef'[16 * n // parts]}" if 0 < n < parts else None for n in (number, number + 1))
    bounds = [f"{stream} >= '{start}'"] if start else []
    bounds += [f"{stream} < '{end}'"] if end else []
    chosen = " AND ".join(bounds) if end else f"({' AND '.join(bounds) or '1'} OR {stream} IS NULL)"
    return ask(f"SELECT {names} FROM {table} WHERE {chosen}{order}")


class Beside:
    """The walk along one part of a SQLite register, begun at once in another process."""

    def __init__(self, path: Path, part: int, parts: int) -> None:
        self._process = subprocess.Popen(
            python_of(__name__, str(path.resolve()), str(part), str(parts)), env=environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
        )  # fmt: skip

    def found(self) -> Part | None:
        """What the walk showed; None when the other process could not."""
        told, _ = self._process.communicate()
        if self._process.returncode:
            return None
        try:
            events, is_sealed, has_keys, stale, evidence = json.loads(told)
        except ValueError:  # what was started there is no Python of ours
            return None
        return Part(events, is_sealed, has_keys, tuple(stale), tuple((sha256, stream, name) for sha256, stream, name in evidence))

    def stop(self) -> None:
        """Ends the other process, whether or not it is done."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


def walk_on_every_core(connection: Connection, path: Path | None, events: int) -> tuple[Part, ...] | None:
    """The walks along all parts; None where it is not worth the start of other processes, or where one of them could not."""
    parts = min(cores(), MOST_PARTS)
    if path is None or events < WORTH_IT or parts < 2 or not sys.executable:
        return None
    others: list[Beside] = []
    try:
        others += (Beside(path, part, parts) for part in range(1, parts))
        found = [walk(asking(connection), 0, parts), *(other.found() for other in others)]
    except OSError:
        return None
    finally:
        for other in others:
            other.stop()
    whole = tuple(part for part in found if part is not None)
    return whole if len(whole) == parts else None


def main(path: str, part: str, parts: str) -> None:
    """Writes what `walk` found as one line of JSON."""
    from . import store

    gc.disable()  # many small values that all stay until the end
    ask, place = store.bare(Path(path)), (int(part), int(parts))
    walked = _along(ask, *place)  # a name that holds it until the end: to take it apart first would be for nothing
    found = _judged(ask, *place, walked)
    sys.stdout.write(json.dumps([found.events, found.is_sealed, found.has_keys, found.stale, found.evidence]))
    sys.stdout.flush()
    os._exit(0)  # all is said; taking a million values apart one by one would only cost time


if __name__ == "__main__":
    main(*sys.argv[1:4])
