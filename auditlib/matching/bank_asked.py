"""Lines of the books and of the bank that wait for a person: pairs that others would explain as well, and what stayed open."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..words.records import Match
from .bank import GONE
from .reconciliation import ONE_SIDED

RECONCILIATION = "journal__bank_statement"  # as expectations/reconciliations/ names it
_CANDIDATES = 3
_OPEN = (ONE_SIDED, "in transit")


@dataclass(frozen=True, slots=True)
class NamedLines:
    """Lines that somebody named: whose they are, which stand in the books and which at the bank, and which the run does not know."""

    org_code: str
    book: tuple[str, ...]
    bank: tuple[str, ...]
    unknown: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (as named, the nearest names)


def bank_asked(matches: Iterable[Match]) -> tuple[Match, ...]:
    """What of a run waits for a person: decisions that lost their lines, then ties, then open lines, organisation by organisation."""
    waiting = [m for m in matches if m.reconciliation == RECONCILIATION and (m.how in (*_OPEN, GONE) or m.how.endswith("(tie)"))]
    return tuple(sorted(waiting, key=lambda m: (m.how != GONE, m.how in _OPEN, m.org_code, m.left, m.right)))


def lines_of_side(text: str) -> tuple[str, ...]:
    """The lines of one side of a match, one by one."""
    return tuple(part for line in text.replace("；", ";").split(";") if (part := line.strip()))


def named_lines(matches: Iterable[Match], names: Sequence[str]) -> NamedLines:
    """Where lines stand that somebody named, in any order; of organisations that have all of them the first.

    In: the matches of a run, the lines as these write them.
    """
    known: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for match in matches:
        if match.reconciliation == RECONCILIATION and match.how != GONE:
            known[match.org_code][0].update(lines_of_side(match.left))
            known[match.org_code][1].update(lines_of_side(match.right))
    best = min(sorted(known), key=lambda org: len(set(names) - known[org][0] - known[org][1]), default="")
    book, bank = known.get(best, (set(), set()))
    unknown = tuple(_nearest(names, book | bank, {n for n in names if n not in book and n not in bank}))
    return NamedLines(best, tuple(n for n in names if n in book), tuple(n for n in names if n in bank), unknown)


def _nearest(names: Sequence[str], known: set[str], lacking: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in names:
        if name in lacking:
            yield name, tuple(difflib.get_close_matches(name, sorted(known), n=_CANDIDATES, cutoff=0.3))
