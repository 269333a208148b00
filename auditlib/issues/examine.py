"""`auditlib issues check`: everything about a register that can be looked at again, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..words.errors import RegisterError
from ..words.messages import say
from . import folding, log, projection, row_security, schema
from .events import Verification
from .evidence import EvidenceStore, Lost, lost
from .places import Place
from .verify import verify_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Examination:
    """What a look at the whole register showed."""

    chain: Verification
    streams: int  # issues, people and draws
    stale: tuple[str, ...]  # those whose kept state is not what their events add up to; empty when the chain is broken
    lost: tuple[Lost, ...]  # evidence that is missing or altered

    @property
    def is_whole(self) -> bool:
        return self.chain.is_whole and not self.stale and not self.lost


def examine(connection: Connection, place: Place, files: EvidenceStore, printed_head: str | None) -> Examination:
    """Chain, signatures, kept state and evidence. Where the chain is broken the kept state is not judged. Raises RegisterError."""
    refuse_part(connection, place)
    other = folding.beside(place.path, log.last(connection)[0])
    try:
        chain = verify_rows(log.rows(connection), printed_head)
        is_read_to_the_end = chain.is_whole or chain.problem == "issues.chain.cut_off"
        stale = _stale(connection, other) if is_read_to_the_end else ()
    finally:
        if other is not None:
            other.stop()
    return Examination(chain, projection.counts(connection), stale, lost(files, _named(connection)))


def _stale(connection: Connection, other: folding.Beside | None) -> tuple[str, ...]:
    told = None if other is None else other.stale()
    return folding.stale(connection) if told is None else told


def refuse_part(connection: Connection, place: Place) -> None:
    """Raises RegisterError for a login that sees only a part: it would take what it may not see for removed."""
    if place.path is None and not row_security.sees_all(connection, log.last(connection)[0]):
        raise RegisterError(say("issues.error.sees_part", shown=place.shown))


def _named(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Evidence by the kept state: no event is folded twice for it. What is wrong there shows as stale."""
    from sqlalchemy import select

    table = schema.table(schema.STREAMS)
    query = select(table.c.stream).where(table.c.family == "issue", table.c.facts.contains('"evidence":', autoescape=True))
    for stream in connection.execute(query).scalars().all():
        found = projection.read(connection, stream)
        for entry in found[1].get("evidence", ()) if found else ():
            yield entry[1], stream, entry[4]
