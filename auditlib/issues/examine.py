"""`auditlib issues check`: everything about a register that can be looked at again, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..words.errors import RegisterError
from ..words.messages import say
from . import log, projection, row_security, schema
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
    told: dict[str, tuple[int, dict[str, Any]]] = {}
    chain = verify_rows(_folded_on_the_way(log.rows(connection), told), printed_head)
    is_read_to_the_end = chain.is_whole or chain.problem == "issues.chain.cut_off"
    stale = _stale(connection, told) if is_read_to_the_end else ()
    return Examination(chain, projection.counts(connection), stale, lost(files, _named(connection)))


def _folded_on_the_way(rows: Iterable[Any], told: dict[str, tuple[int, dict[str, Any]]]) -> Iterator[Any]:
    """`rows` as they are; what those that were found good add up to is gathered in `told`, in the same pass."""
    for row in rows:
        yield row  # comes back only when the row fits
        try:
            projection.fold_into(told, log.told_of_row(row))
        except (KeyError, ValueError, TypeError, AttributeError):
            told[row[1]] = (row[3], {})  # sealed rightly, yet not what auditlib writes: shown as a state that does not fit


def refuse_part(connection: Connection, place: Place) -> None:
    """Raises RegisterError for a login that sees only a part: it would take what it may not see for removed."""
    if place.path is None and not row_security.sees_all(connection, log.last(connection)[0]):
        raise RegisterError(say("issues.error.sees_part", shown=place.shown))


def _stale(connection: Connection, told: dict[str, tuple[int, dict[str, Any]]]) -> tuple[str, ...]:
    wrong = []
    for row in projection.rows(connection):
        stream = row["stream"]
        if stream not in told or dict(row) != projection.row_of(stream, *told.pop(stream)):
            wrong.append(stream)
    return tuple(sorted({*wrong, *told}))


def _named(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Evidence by the kept state: no event is folded twice for it. What is wrong there shows as stale."""
    from sqlalchemy import select

    table = schema.table(schema.STREAMS)
    query = select(table.c.stream).where(table.c.family == "issue", table.c.facts.contains('"evidence":', autoescape=True))
    for stream in connection.execute(query).scalars().all():
        found = projection.read(connection, stream)
        for entry in found[1].get("evidence", ()) if found else ():
            yield entry[1], stream, entry[4]
