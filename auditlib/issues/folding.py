"""Whether the kept state is what the events add up to, and, of a large register, its seals in the same walk, on every core.

`check` reads every event, seals it anew and folds it. Both need nothing of other streams, so that a large SQLite register is
walked stream by stream: what one stream adds up to is held against its kept state and let go, so that memory stays flat. Spans
of streams are drawn one by one by this process and by others of our own (`python -m auditlib.issues.folding FILE`), each of
which only reads and sees the events and their kept state as they stand together at one moment; a slow core draws fewer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.beside import cores, environment, python_of
from . import log, projection, schema
from .events import ISSUE, as_told
from .issue import is_unfounded
from .rows import plain_rows
from .verify import KEY_EVENTS, content_if_sealed

if TYPE_CHECKING:
    from sqlalchemy import Connection

WORTH_IT = 100_000  # events from which on further processes gain more than their start costs
MOST_PROCESSES = 8
SPANS = 64  # drawn one by one: enough that no core waits long for another, few enough that asking for them costs nothing
_COLUMNS = ("event_id", "issue_id", "version", "kind", "at", "actor", "payload")  # as in Told

# The index of streams only gives the order. All that is judged is taken from the table itself, as everybody else reads it.
_EVENTS_OF_SPAN = f"""
SELECT {", ".join(f'e."{name}"' for name in log.COLUMNS)} FROM {schema.EVENTS} AS i CROSS JOIN {schema.EVENTS} AS e ON e.seq = i.seq
WHERE {{bounds}} ORDER BY i.issue_id, i.version
"""
_KEPT_OF_SPAN = f"SELECT {', '.join(projection.KEPT)} FROM {schema.STREAMS} WHERE {{bounds}}"

Ask = Callable[[str], Iterable[Any]]  # a query -> its rows as plain tuples
_Fold = tuple[int, dict[str, Any]]  # version and facts of a stream


@dataclass(slots=True)
class Walked:
    """What a walk along the events of some streams showed. Where a seal or a version does not fit the walk ends."""

    events: int = 0
    is_sealed: bool = True  # ids, hashes and versions follow from what stands there; the links of the chain are not looked at
    has_keys: bool = False  # something is signed or about a key, so that signatures have to be looked at
    stale: list[str] = field(default_factory=list)  # streams whose kept state is not what their events add up to
    unfounded: list[str] = field(default_factory=list)  # issues called closed or a false alarm though no steps lead there
    evidence: list[tuple[str, str, str]] = field(default_factory=list)  # hash, issue and file name of what the events tell of


def added_up(connection: Connection) -> Walked:
    """What all events add up to, held against what is kept of their streams; seals and versions are not looked at."""
    from sqlalchemy import select

    table, found, added = schema.table(schema.EVENTS), dict[str, _Fold](), _adding()
    query = select(*(table.c[name] for name in _COLUMNS)).order_by(table.c.seq)
    for row in plain_rows(connection.execute(query)):
        known = found.get(row[1])
        found[row[1]] = row[2], added(projection.take, known and known[1], *row)
    walked = Walked(stale=list(projection.differing(projection.kept(connection), found)))
    for stream, (_, facts) in found.items():
        _take_note(stream, facts, walked)
    return walked


def _adding() -> Callable[..., dict[str, Any]]:
    """What adds an event, its payload still a text, to the facts of its stream."""
    from orjson import loads

    def added(
        take: projection.Take, facts: dict[str, Any] | None, event_id: str, stream: str, version: int, kind: str, at: str, actor: str,
        payload: str,
    ) -> dict[str, Any]:  # fmt: skip
        try:
            told = {} if payload == "{}" else loads(payload)
            return take(facts, as_told((event_id, stream, version, kind, at, actor, told)))
        except (KeyError, ValueError, TypeError, AttributeError):
            return {}  # sealed rightly, yet not what auditlib writes: shown as a state that does not fit

    return added


def asking(connection: Connection) -> Ask:
    return lambda query: plain_rows(connection.exec_driver_sql(query))


def walk(ask: Ask, spans: Iterable[int]) -> Walked:
    """Seals, versions, kept state and evidence of the streams in some spans (0 … `SPANS` - 1) of a SQLite register."""
    walked, added = Walked(), _adding()
    for span in spans:
        _walk_span(ask, span, added, walked)
        if not walked.is_sealed:
            break
    return walked


def _walk_span(ask: Ask, span: int, added: Callable[..., dict[str, Any]], walked: Walked) -> None:
    kept = {row[0]: row for row in ask(_KEPT_OF_SPAN.format(bounds=_bounds("stream", span)))}
    for stream, rows in groupby(ask(_EVENTS_OF_SPAN.format(bounds=_bounds("i.issue_id", span))), itemgetter(1)):
        fold = _along(stream, rows, added, walked)
        if fold is None:
            walked.is_sealed = False
            return
        if not projection.is_kept(kept.pop(stream, None), *fold):
            walked.stale.append(stream)
        _take_note(stream, fold[1], walked)
    walked.stale += kept  # no event tells of these


def _along(stream: str, rows: Iterable[Any], added: Callable[..., dict[str, Any]], walked: Walked) -> _Fold | None:
    """What the events of one stream add up to; None at the first whose seal or version does not fit."""
    facts, count, take = None, 0, projection.taking(stream)
    for row in rows:
        event_id, _, _, version, kind, at, actor, payload, _, _, signature = row
        count += 1
        if version != count or content_if_sealed(row) is None:
            return None
        facts = added(take, facts, event_id, stream, version, kind, at, actor, payload)
        if signature or kind in KEY_EVENTS:
            walked.has_keys = True
    walked.events += count
    assert facts is not None, "a group has at least one row"
    return count, facts


def _take_note(stream: str, facts: dict[str, Any], walked: Walked) -> None:
    if "evidence" in facts:
        walked.evidence += ((entry[1], stream, entry[4]) for entry in facts["evidence"])
    if is_unfounded(facts):
        walked.unfounded.append(stream)


def _bounds(stream: str, span: int) -> str:
    """Which streams stand in a span: from one issue id to another; whatever has no such id stands in the first or in the last."""
    start, end = (f"'{ISSUE}{256 * n // SPANS:02x}'" for n in (span, span + 1))
    bounds = [f"{stream} >= {start}"] if span > 0 else []
    bounds += [f"{stream} < {end}"] if span < SPANS - 1 else []
    return " AND ".join(bounds)


class Draw:
    """Each number below `SPANS` once, whoever asks: a pipe from which every process reads one byte at a time."""

    def __init__(self) -> None:
        self.descriptor, write = os.pipe()
        os.write(write, bytes(range(SPANS)))
        os.close(write)

    def __iter__(self) -> Iterator[int]:
        return _drawn(self.descriptor)

    def close(self) -> None:
        os.close(self.descriptor)


def _drawn(descriptor: int) -> Iterator[int]:
    while number := os.read(descriptor, 1):
        yield number[0]


class Beside:
    """The walk along spans of a SQLite register that another process draws, begun at once."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._process = subprocess.Popen(
            python_of(__name__, str(path.resolve())), env=environment(), stdin=descriptor,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
        )  # fmt: skip

    def found(self) -> Walked | None:
        """What the walk showed; None when the other process could not."""
        told, _ = self._process.communicate()
        if self._process.returncode:
            return None
        try:
            return Walked(*json.loads(told))
        except (ValueError, TypeError):  # what was started there is no Python of ours
            return None

    def stop(self) -> None:
        """Ends the other process, whether or not it is done."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


@contextmanager
def begun_beside(path: Path | None, events: int) -> Iterator[Callable[[Ask], tuple[Walked, ...] | None] | None]:
    """Starts the other processes and gives what walks along with them: the walks along all spans, or None where one of them could not.

    Itself None where a walk on every core is not worth the start of other processes, or where none can be started.
    """
    processes = min(cores(), MOST_PROCESSES)
    if path is None or events < WORTH_IT or processes < 2 or not sys.executable:
        yield None
        return
    others: list[Beside] = []
    try:
        with closing(Draw()) as draw:
            yield _all_of(draw, others) if _start(others, path, draw, processes - 1) else None
    finally:
        for other in others:
            other.stop()


def _start(others: list[Beside], path: Path, draw: Draw, count: int) -> bool:
    try:
        others += (Beside(path, draw.descriptor) for _ in range(count))
    except OSError:
        return False
    return True


def _all_of(draw: Draw, others: Sequence[Beside]) -> Callable[[Ask], tuple[Walked, ...] | None]:
    def walked(ask: Ask) -> tuple[Walked, ...] | None:
        found = [walk(ask, draw), *(other.found() for other in others)]
        whole = tuple(walked for walked in found if walked is not None)
        return whole if len(whole) == len(found) else None

    return walked


def main(path: str) -> None:
    """Draws spans from standard input and writes what `walk` found as one line of JSON."""
    from ..words.collector import resting_collector
    from . import store

    with resting_collector():
        found = walk(store.bare(Path(path)), _drawn(sys.stdin.fileno()))
    told = [found.events, found.is_sealed, found.has_keys, found.stale, found.unfounded, found.evidence]
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
