"""Whether the kept state is what the events add up to; of a large register worked out in a process of its own.

`check` looks along the chain and folds the events: two long walks that need nothing of each other, so that on two cores
they go side by side. The other process (`python -m auditlib.issues.folding FILE`) only reads, and sees the events and the
kept state as they stand together at one moment.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import projection, schema
from .events import Told
from .rows import plain_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

WORTH_IT = 100_000  # events from which on a second process gains more than its start costs
_COLUMNS = ("event_id", "issue_id", "version", "kind", "at", "actor", "payload")  # as in Told


def stale(connection: Connection) -> tuple[str, ...]:
    """The streams whose kept state is not what their events add up to, sorted. The chain is not looked at."""
    return projection.differing(connection, _folded(connection))


def _folded(connection: Connection) -> dict[str, tuple[int, dict[str, Any]]]:
    from sqlalchemy import select

    table, found, take = schema.table(schema.EVENTS), dict[str, tuple[int, dict[str, Any]]](), projection.take
    query = select(*(table.c[name] for name in _COLUMNS)).order_by(table.c.seq)
    for event_id, stream, version, kind, at, actor, payload in plain_rows(connection.execute(query)):
        try:
            told = {} if payload == "{}" else json.loads(payload)
            known = found.get(stream)
            found[stream] = version, take(None if known is None else known[1], Told(event_id, stream, version, kind, at, actor, told))
        except (KeyError, ValueError, TypeError, AttributeError):
            found[stream] = (version, {})  # sealed rightly, yet not what auditlib writes: shown as a state that does not fit
    return found


class Beside:
    """`stale` of a SQLite register, begun at once in another process."""

    def __init__(self, path: Path) -> None:
        # -P: nothing that lies in the folder in which somebody works is taken for a module
        command = [sys.executable, "-P", "-m", __name__, str(path.resolve())]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry), "PYTHONIOENCODING": "utf-8"}
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )

    def stale(self) -> tuple[str, ...] | None:
        """What `stale` tells; None when the other process could not."""
        told, _ = self._process.communicate()
        return tuple(json.loads(told)) if self._process.returncode == 0 else None

    def stop(self) -> None:
        """Ends the other process, whether or not it is done."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


def beside(path: Path | None, events: int) -> Beside | None:
    """The other process where it is worth its start; None where it is not, or where none can be started."""
    if path is None or events < WORTH_IT or (os.cpu_count() or 1) < 2 or not sys.executable:
        return None
    try:
        return Beside(path)
    except OSError:
        return None


def main(path: str) -> None:
    """Writes the streams that do not fit as one line of JSON."""
    from . import store
    from .places import place_of

    gc.disable()  # many small values that all stay until the end
    place = place_of(path)
    with store.reading(store.connect(place), place) as connection:
        found = stale(connection)
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    os._exit(0)  # all is said; taking a million values apart one by one would only cost time


if __name__ == "__main__":
    main(sys.argv[1])
