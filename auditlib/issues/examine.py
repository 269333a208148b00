"""`auditlib issues check`: everything about a register that can be looked at again, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..words.errors import RegisterError
from . import folding, log, projection, row_security, runs, schema
from .events import GENESIS, Verification
from .evidence import EvidenceStore, Lost, lost
from .places import Place
from .rows import plain_rows
from .verify import are_signed_rightly, verify_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Events that do not hang on the one before them; the first hangs on what every register begins with.
_LOOSE = """
SELECT count(*) FROM auditlib_events e LEFT JOIN auditlib_events p ON p.seq = e.seq - 1
WHERE e.seq > 1 AND e.previous_hash IS NOT p.hash OR e.seq = 1 AND e.previous_hash IS NOT ?
"""
# Events that a key touches: signed, about keys, or by somebody who has (or ever had) one.
_OF_KEYS = """
SELECT {columns} FROM auditlib_events WHERE signature <> '' OR kind IN ('key_registered', 'key_revoked')
OR actor IN (SELECT substr(issue_id, 5) FROM auditlib_events WHERE kind = 'key_registered') ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Examination:
    """What a look at the whole register showed."""

    chain: Verification
    streams: int  # issues, people and draws
    stale: tuple[str, ...]  # those whose kept state is not what their events add up to; empty when the chain is broken
    lost: tuple[Lost, ...]  # evidence that is missing or altered
    altered: runs.Altered = field(default_factory=runs.Altered)  # runs and organisations that the chain tells otherwise
    unfounded: tuple[str, ...] = ()  # issues called closed or a false alarm though their steps do not lead there: written past auditlib

    @property
    def is_whole(self) -> bool:
        return self.chain.is_whole and not (self.stale or self.lost or self.altered.runs or self.altered.organisations or self.unfounded)


def examine(connection: Connection, place: Place, files: EvidenceStore, printed_head: str | None) -> Examination:
    """Chain, signatures, kept state, runs and evidence. Where the chain is broken what hangs on it is not judged. Raises RegisterError."""
    refuse_part(connection, place)
    found = _on_every_core(connection, place, files, printed_head) or _one_after_the_other(connection, files, printed_head)
    return replace(found, altered=runs.altered(connection)) if found.chain.is_whole else found


def _on_every_core(connection: Connection, place: Place, files: EvidenceStore, printed_head: str | None) -> Examination | None:
    """None where it is not worth it, or where an event does not fit, so that the first such event has to be named."""
    seq, head = log.last(connection)
    with folding.begun_beside(place.path, seq) as walk_with_others:
        if walk_with_others is None or not _is_linked(connection):  # looked at while the others start
            return None
        walks = walk_with_others(folding.asking(connection))
    if walks is None or not _is_whole(connection, walks, seq):
        return None
    is_there = printed_head in (None, GENESIS) or log.holds(connection, str(printed_head))
    chain = Verification(seq, head) if is_there else Verification(seq, head, seq + 1, "issues.chain.cut_off")
    return Examination(
        chain, projection.counts(connection), tuple(sorted(stream for walked in walks for stream in walked.stale)),
        lost(files, (named for walked in walks for named in walked.evidence)),
        unfounded=tuple(sorted(stream for walked in walks for stream in walked.unfounded)) if is_there else (),
    )  # fmt: skip


def _is_linked(connection: Connection) -> bool:
    """Whether every event hangs on the one before it."""
    return not connection.exec_driver_sql(_LOOSE, (GENESIS,)).scalar_one()


def _is_whole(connection: Connection, walks: Sequence[folding.Walked], seq: int) -> bool:
    """Whether every event was walked past, is sealed, and is signed where it must be."""
    if not all(walked.is_sealed for walked in walks) or sum(walked.events for walked in walks) < seq:
        return False
    if not any(walked.has_keys for walked in walks):
        return True
    of_keys = connection.exec_driver_sql(_OF_KEYS.format(columns=", ".join(f'"{name}"' for name in log.COLUMNS)))
    return are_signed_rightly(plain_rows(of_keys))


def _one_after_the_other(connection: Connection, files: EvidenceStore, printed_head: str | None) -> Examination:
    """All in one walk from the first event to the last: for small registers, for PostgreSQL, and to name the first bad event."""
    chain = verify_rows(log.rows(connection), printed_head)
    if not (chain.is_whole or chain.problem == "issues.chain.cut_off"):
        return Examination(chain, projection.counts(connection), (), lost(files, _named(connection)))
    walked = folding.added_up(connection)
    unfounded = tuple(sorted(walked.unfounded)) if chain.is_whole else ()
    return Examination(chain, projection.counts(connection), tuple(walked.stale), lost(files, walked.evidence), unfounded=unfounded)


def refuse_part(connection: Connection, place: Place) -> None:
    """Raises RegisterError for a login that sees only a part: it would take what it may not see for removed."""
    if place.path is None and not row_security.sees_all(connection, log.last(connection)[0]):
        raise RegisterError.of("issues.error.sees_part", shown=place.shown)


def _named(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Evidence by the kept state, where the events are not to be believed."""
    from sqlalchemy import select

    table = schema.table(schema.STREAMS)
    query = select(table.c.stream).where(table.c.family == "issue", table.c.facts.contains('"evidence":', autoescape=True))
    for stream in connection.execute(query).scalars().all():
        try:
            found = projection.read(connection, stream)
        except ValueError:  # no JSON
            continue
        for entry in found[1].get("evidence", ()) if found else ():
            yield entry[1], stream, entry[4]
