"""Why a movement was not matched: the candidate that came nearest, and what stopped it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from .movements import Movement, MovementMatches, likeness, plain_text

NEAR_SHARE = 10  # two amounts are near when they lie within a tenth of the larger
ALIKE = 0.6  # likeness of two texts from which a line of another amount is still the same business
_LOOKED_AT = 24  # lines of the nearest amounts, up and down, among which a candidate is sought


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One line that stayed one-sided. `stopped_by`:

    day (the amount is there, `off` days away) · taken (the amount is there within the window, but belongs to another line) ·
    sign (the amount is there within the window, paid the other way) · amount (within the window, `off` fen more or less) ·
    nothing (nothing comes near) · refused (the two were paired, and a person said that they are not one).
    """

    side: str  # 'left' | 'right': where the line itself stands
    row: int
    nearest: int | None  # row of the candidate on the other side
    stopped_by: str
    off: int = 0


@dataclass(frozen=True, slots=True)
class _Other:
    """The other side, ordered for looking up."""

    of_amount: dict[int, list[Movement]]  # by day
    amounts: list[int]  # every line's, ascending
    lines: list[Movement]  # in that order
    taken: frozenset[int]


def why_not(matches: MovementMatches, left: Sequence[Movement], right: Sequence[Movement], window_days: int) -> tuple[WhyNot, ...]:
    """For every one-sided line of `matches` the nearest candidate of the other side and what stopped it, left lines first."""
    sides = (("left", left, right, matches.left_only), ("right", right, left, matches.right_only))
    found: list[WhyNot] = []
    for side, own, others, rows in sides:
        if not rows:
            continue
        taken = (row for m in (*matches.pairs, *matches.ambiguous) for row in (m.right if side == "left" else m.left))
        other, wanted = _ordered(others, taken), set(rows)
        found += [_reason(side, line, other, window_days) for line in sorted(own, key=lambda m: m.row) if line.row in wanted]
    return tuple(found)


def _ordered(lines: Sequence[Movement], taken: Iterable[int]) -> _Other:
    of_amount: dict[int, list[Movement]] = defaultdict(list)
    for line in sorted(lines, key=attrgetter("date", "row")):
        of_amount[line.amount].append(line)
    by_amount = sorted(lines, key=attrgetter("amount", "date", "row"))
    return _Other(dict(of_amount), [m.amount for m in by_amount], by_amount, frozenset(taken))


def _reason(side: str, line: Movement, other: _Other, window: int) -> WhyNot:
    same = _nearest_day(line, other.of_amount.get(line.amount, []), other.taken)
    if same is not None:
        apart = abs((same.date - line.date).days)
        return WhyNot(side, line.row, same.row, "day", apart) if apart > window else WhyNot(side, line.row, same.row, "taken")
    turned = _nearest_day(line, other.of_amount.get(-line.amount, []), other.taken)
    if turned is not None and abs((turned.date - line.date).days) <= window:
        return WhyNot(side, line.row, turned.row, "sign")
    close = min(_close(line, other, window), default=None)
    return WhyNot(side, line.row, close[2], "amount", close[3]) if close else WhyNot(side, line.row, None, "nothing")


def _nearest_day(line: Movement, candidates: list[Movement], taken: frozenset[int]) -> Movement | None:
    """The candidate of the nearest day, a free one before one that belongs to another line."""
    place = bisect_left(candidates, line.date, key=lambda m: m.date)
    near = candidates[max(place - _LOOKED_AT, 0) : place + _LOOKED_AT]
    return min(near, key=lambda m: (m.row in taken, abs((m.date - line.date).days), m.row), default=None)


def _close(line: Movement, other: _Other, window: int) -> Iterator[tuple[bool, int, int, int]]:
    """Free lines within the window of nearly the amount, or of the same business: (other text?, distance, row, difference)."""
    text = plain_text(line.text)
    place = bisect_left(other.amounts, line.amount)
    for m in other.lines[max(place - _LOOKED_AT, 0) : place + _LOOKED_AT]:
        if m.row in other.taken or (m.amount > 0) != (line.amount > 0) or abs((m.date - line.date).days) > window:
            continue
        off = m.amount - line.amount
        alike = likeness(text, plain_text(m.text)) >= ALIKE
        if alike or abs(off) * NEAR_SHARE <= max(abs(m.amount), abs(line.amount)):
            yield not alike, abs(off), m.row, off
