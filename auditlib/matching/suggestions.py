"""What a person might look at among lines that stayed one-sided: weaker than a match, and never counted as one.

Looked for, in this order, each line suggested once:
1. several lines of both sides with one text within the window, of which the sums agree;
2. all lines of a day against all lines of a day within the window, of which the sums agree;
3. one line against lines of several days within the window, any number of them, which add up to it.

Every suggestion says how many other sums there are. The work is bounded by counts: sums are sought among the LARGEST
candidates that lie nearest in days, and for MOST_LINES lines of a side.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .movements import Movement, MovementMatches, plain_text
from .subset_sums import LARGEST, sums_to

MOST_SUMS = 10  # more sums than this that add up to one line are chance
MOST_LINES = 500  # one-sided lines of a side for which sums over several days are sought
_Lines = list[Movement]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Rows that might belong together. `how`: 'same text' | 'days' | 'sum over days'."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    how: str
    solutions: int  # in how many ways the sum can be made; 1 where these are the only lines


def suggest(matches: MovementMatches, left: Sequence[Movement], right: Sequence[Movement], window_days: int) -> tuple[Suggestion, ...]:
    """Suggestions for the one-sided lines of `matches`; the lines stay one-sided."""
    if not matches.left_only or not matches.right_only:
        return ()
    free = (_open(left, matches.left_only), _open(right, matches.right_only))
    found: list[Suggestion] = []
    for pick in (_same_text, _days, _over_days):
        taken: tuple[set[int], set[int]] = (set(), set())
        for suggestion in pick(free[0], free[1], window_days):
            if not (taken[0] & set(suggestion.left) or taken[1] & set(suggestion.right)):
                found.append(suggestion)
                taken[0].update(suggestion.left)
                taken[1].update(suggestion.right)
        free = ([m for m in free[0] if m.row not in taken[0]], [m for m in free[1] if m.row not in taken[1]])
    return tuple(sorted(found, key=lambda s: (s.left, s.right)))


def _open(lines: Sequence[Movement], rows: Sequence[int]) -> _Lines:
    wanted = set(rows)
    return sorted((m for m in lines if m.row in wanted and m.amount), key=lambda m: (m.date, m.row))


def _rows(lines: Sequence[Movement]) -> tuple[int, ...]:
    return tuple(sorted(m.row for m in lines))


def _gathered(lines: Sequence[Movement], key: Callable[[Movement], object]) -> dict[object, _Lines]:
    found: dict[object, _Lines] = defaultdict(list)
    for line in lines:
        found[key(line)].append(line)
    return found


def _same_text(left: _Lines, right: _Lines, window: int) -> Iterator[Suggestion]:
    lefts, rights = (_gathered(side, lambda m: (m.amount > 0, plain_text(m.text))) for side in (left, right))
    for key, mine in lefts.items():
        theirs = rights.get(key, [])
        if not key[1] or not theirs or len(mine) + len(theirs) < 3:  # type: ignore[index]
            continue
        days = [m.date.toordinal() for m in (*mine, *theirs)]
        if max(days) - min(days) <= window and sum(m.amount for m in mine) == sum(m.amount for m in theirs):
            yield Suggestion(_rows(mine), _rows(theirs), "same text", 1)


def _days(left: _Lines, right: _Lines, window: int) -> Iterator[Suggestion]:
    lefts, rights = (_gathered(side, lambda m: (m.amount > 0, m.date.toordinal())) for side in (left, right))
    totals = {key: sum(m.amount for m in lines) for key, lines in rights.items()}
    for (inward, day), mine in lefts.items():  # type: ignore[misc]
        near = [(inward, day + off) for off in sorted(range(-window, window + 1), key=lambda n: (abs(n), n))]
        fits = [key for key in near if totals.get(key) == sum(m.amount for m in mine) and len(mine) + len(rights[key]) > 2]
        if fits:
            yield Suggestion(_rows(mine), _rows(rights[fits[0]]), "days", len(fits))


def _over_days(left: _Lines, right: _Lines, window: int) -> Iterator[Suggestion]:
    for single_is_left, ones, others in ((True, left, right), (False, right, left)):
        days = [m.date.toordinal() for m in others]
        for line in sorted(ones, key=lambda m: (-abs(m.amount), m.row))[:MOST_LINES]:
            day = line.date.toordinal()
            near = others[bisect_left(days, day - window) : bisect_right(days, day + window)]
            near = [m for m in near if (m.amount > 0) == (line.amount > 0) and abs(m.amount) < abs(line.amount)]
            near = sorted(near, key=lambda m: (abs(m.date.toordinal() - day), m.row))[:LARGEST]
            if len(near) < 2 or sum(abs(m.amount) for m in near) < abs(line.amount):
                continue
            sums = sums_to([abs(m.amount) for m in near], abs(line.amount), most=1)
            if sums.groups and sums.solutions <= MOST_SUMS:
                rows = _first_lines(near, sums.groups[0])
                sides = ((line.row,), rows) if single_is_left else (rows, (line.row,))
                yield Suggestion(*sides, "sum over days", sums.choices if sums.choices > 1 else 1)


def _first_lines(lines: _Lines, amounts: tuple[int, ...]) -> tuple[int, ...]:
    """Rows of the nearest lines of these amounts."""
    wanted, rows = Counter(amounts), []
    for line in lines:
        if wanted[abs(line.amount)]:
            wanted[abs(line.amount)] -= 1
            rows.append(line.row)
    return tuple(sorted(rows))
