"""Two ledgers that share a key: what stands in both, in one only, what differs, and keys that stand more than once.

A key that stands more than once on either side is one group with all its lines: which of them is which cannot be told, so
they are neither paired in order nor multiplied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalog.specs import CheckSpec
from ..checks.frames import Frames
from ..checks.outcome import Outcome, applicable
from ..checks.shown import plain
from ..words.messages import say
from ..words.records import Match
from .reconciliation import DUPLICATE, KEY, ONE_SIDED, WITHIN, Reconciled, name_of

Row = Mapping[str, Any]
_PARTS = 10_000  # a share as the parameters hold it


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of the left line and the same figure of the right line, and how far they may lie apart."""

    left: str
    right: str
    tolerance: int = 0  # in the units of the column
    share: int = 0  # of the right figure, in ten-thousandths
    scale: int = 2

    def differs(self, row: Row, other: Row) -> int:
        """Left minus right where that is more than allowed; 0 also where one of them is not known."""
        one, two = row[self.left], other[self.right]
        if one is None or two is None:
            return 0
        off = one - two
        return off if abs(off) > max(self.tolerance, self.share * abs(two) / _PARTS) else 0

    def is_off(self, row: Row, other: Row) -> bool:
        """Whether the figures differ at all."""
        return None not in (row[self.left], other[self.right]) and row[self.left] != other[self.right]


def keyed(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Ledgers left and right by their key, organisation by organisation; only organisations that have both.

    Arguments: key [left, right], compare [{left, right, tolerance, share}], left_not_blank [fields] (lines of the left that take
    part; without it all do), right_in_left (only right lines that the left asks for; what else stands there is another matter).
    """
    a, (left, right) = spec.arguments, spec.ledgers
    own, other = a["key"]
    compared = [_compared(frames, left, c) for c in a.get("compare", ())]
    needs = {left: [own, *[c.left for c in compared]], right: [other, *[c.right for c in compared]]}
    looked, reasons = applicable(frames, needs)
    lefts = _lines(frames, left, [own, *[c.left for c in compared]], a.get("left_not_blank") or ())
    rights = _lines(frames, right, [other, *[c.right for c in compared]], ())
    matches: list[Match] = []
    sides = {}
    for org in sorted(looked):
        mine, theirs = lefts.get(org, []), rights.get(org, [])
        if a.get("right_in_left"):
            asked = {row[own] for row in mine}
            theirs = [row for row in theirs if row[other] in asked]
        sides[org] = (len(mine), len(theirs))
        matches += meet(name_of(spec), org, (mine, own), (theirs, other), compared, frames.settings.language)
    return Reconciled(Outcome((), looked, reasons), tuple(matches), sides=sides)


def _compared(frames: Frames, ledger: str, entry: Mapping[str, Any]) -> Compared:
    scale = frames.catalog.ledgers[ledger].fields[entry["left"]].scale
    return Compared(entry["left"], entry["right"], int(entry.get("tolerance", 0)), int(entry.get("share", 0)), scale)


def _lines(frames: Frames, ledger: str, fields: Sequence[str], filled: Sequence[str]) -> dict[str, list[Row]]:
    columns = dict.fromkeys(("row_id", "sheet_row", "org_code", *fields, *filled))
    found: dict[str, list[Row]] = defaultdict(list)
    for row in frames.records(frames.rows(ledger).select(*columns)):
        if all(row[f] is not None for f in filled):
            found[row["org_code"] or ""].append(row)
    return found


def meet(
    name: str, org: str, left: tuple[Iterable[Row], str], right: tuple[Iterable[Row], str], compared: Sequence[Compared], language: str
) -> Iterator[Match]:  # fmt: skip
    """The matches of one organisation: (lines, their key) of either side; lines without a key stand alone."""
    lefts, rights = _by_key(*left, language), _by_key(*right, language)
    for key in sorted(lefts.keys() | rights.keys()):
        mine, theirs = lefts.get(key, []), rights.get(key, [])
        shown = key[1]
        if len(mine) > 1 or len(theirs) > 1:
            yield Match(name, org, _times(shown, mine), _times(shown, theirs), DUPLICATE, None, len(mine), len(theirs))
        elif not mine or not theirs:
            yield Match(name, org, shown if mine else "", shown if theirs else "", ONE_SIDED)
        else:
            yield _pair(name, org, shown, mine[0], theirs[0], compared)


def _pair(name: str, org: str, shown: str, row: Row, other: Row, compared: Sequence[Compared]) -> Match:
    from decimal import Decimal

    for c in compared:
        if off := c.differs(row, other):
            return Match(name, org, shown, shown, KEY, Decimal(plain(off, c.scale)))
    return Match(name, org, shown, shown, WITHIN if any(c.is_off(row, other) for c in compared) else KEY)


def _by_key(rows: Iterable[Row], key: str, language: str) -> dict[tuple[bool, str], list[Row]]:
    found: dict[tuple[bool, str], list[Row]] = defaultdict(list)
    for row in rows:
        value = row[key]
        name = str(value) if value is not None else f"{say('checks.no_row_key', language, row=row['sheet_row'])} ({row['row_id']})"
        found[value is None, name].append(row)
    return found


def _times(shown: str, rows: Sequence[Row]) -> str:
    return "" if not rows else shown if len(rows) == 1 else f"{shown} ×{len(rows)}"
