"""Which closed issues are looked at once more. Anybody with the seed and the list of issues draws the same ones.

Every issue gets the number  sha256( auditlib-draw/1 ⏎ seed ⏎ issue_id ); the share with the smallest numbers is drawn.
Nobody can choose them, as long as the seed is fixed in public before (the numbers of a lottery draw, say).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from .events import DRAW, Draft, Kind


def drawn(issue_ids: Iterable[str], seed: str, percent: int) -> tuple[str, ...]:
    """`percent` of the issues (rounded up), sorted by id. Raises ValueError for a seed of more than one line or none."""
    if not seed.strip() or "\n" in seed or "\r" in seed:
        raise ValueError(f"seed = {seed!r}: one line of text is needed")
    known = sorted(set(issue_ids))
    count = -(-len(known) * percent // 100)
    ranked = sorted(known, key=lambda each: hashlib.sha256(f"auditlib-draw/1\n{seed}\n{each}".encode()).hexdigest())
    return tuple(sorted(ranked[:count]))


def draft_of(seed: str, closed: Iterable[str], percent: int, actor: str, at: dt.datetime) -> Draft:
    """The event that records a draw: seed, share, the issues drawn from (as count and hash) and those drawn."""
    known = sorted(set(closed))
    stream = DRAW + hashlib.sha256(seed.encode()).hexdigest()[:12]
    payload = {
        "seed": seed, "percent": percent, "closed": len(known), "closed_hash": hashlib.sha256("\n".join(known).encode()).hexdigest(),
        "drawn": list(drawn(known, seed, percent)),
    }  # fmt: skip
    return Draft(stream, 1, Kind.DRAWN, at, actor, payload)
