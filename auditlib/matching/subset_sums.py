"""Which lines add up to an amount, and in how many ways. Exact, in fen; the work is bounded by counting, never by a clock.

Up to LARGEST candidates every group of every size is counted by meeting in the middle (Horowitz and Sahni 1974): all sums of
one half of the candidates, looked up among all sums of the other; where no amount is negative, sums beyond the target are left
out as soon as they arise, as nothing brings them back. Equal amounts are one amount that may be taken several
times, so ten equal instalments do not look like hundreds of solutions: `solutions` counts different sets of amounts,
`choices` the sets of lines behind them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LARGEST = 36  # candidates of which every group is counted; each half then has at most 2**18 sums
_LOOKED_AT = 100_000  # solutions among which the smallest are sought to be named


@dataclass(frozen=True, slots=True)
class Sums:
    """How a target can be made of some amounts, of two or more of them."""

    solutions: int  # different sets of amounts
    choices: int  # different sets of lines
    groups: tuple[tuple[int, ...], ...]  # some of the sets of amounts, the smallest sets first


@dataclass(frozen=True, slots=True)
class _Half:
    """All sums of some amounts, each with the number of lines taken and in how many ways these can be chosen."""

    values: tuple[int, ...]
    counts: tuple[int, ...]
    places: np.ndarray  # which lines are taken: a number with one digit an amount, the base of each its count and one
    sums: np.ndarray
    sizes: np.ndarray
    ways: np.ndarray

    def taken(self, index: int) -> Iterator[int]:
        """The amounts behind one of the sums."""
        place = int(self.places[index])
        for value, count in zip(reversed(self.values), reversed(self.counts), strict=True):
            place, times = divmod(place, count + 1)
            yield from [value] * times


def sums_to(amounts: Sequence[int], target: int, *, most: int = 10) -> Sums:
    """In how many ways two or more of `amounts` (fen, none of them 0) add up to `target`.

    At most `most` of the sets are named. Raises ValueError for more than LARGEST amounts: who asks must choose fewer.
    """
    import numpy as np

    if len(amounts) > LARGEST:
        raise ValueError(f"{len(amounts)} amounts are more than {LARGEST}, of which every group can be counted")
    left, right = _halves(Counter(amounts), target if min(amounts, default=0) > 0 else None)
    order = np.argsort(right.sums, kind="stable")
    held = right.sums[order]
    wanted = target - left.sums
    start, stop = (np.searchsorted(held, wanted, side) for side in ("left", "right"))
    until = np.concatenate([[0], np.cumsum(right.ways[order])])
    solutions, choices = int((stop - start).sum()), int((left.ways * (until[stop] - until[start])).sum())
    single = amounts.count(target) if target else 0
    groups = _named(left, right, order, start, stop, most + 1)
    named = tuple(g for g in groups if len(g) > 1)[:most]
    return Sums(solutions - (single > 0) - (target == 0), choices - single - (target == 0), named)


def _halves(amounts: Counter[int], limit: int | None) -> tuple[_Half, _Half]:
    """The amounts in two parts with about equally many sums; sums above `limit` are left out."""
    parts: tuple[dict[int, int], dict[int, int]] = ({}, {})
    sizes = [1, 1]
    for value, count in sorted(amounts.items(), key=lambda e: (-e[1], e[0])):
        side = sizes[1] < sizes[0]
        parts[side][value] = count
        sizes[side] *= count + 1
    return _half(parts[0], limit), _half(parts[1], limit)


def _half(amounts: dict[int, int], limit: int | None) -> _Half:
    import numpy as np

    places, sums, sizes, ways = (np.array([start], dtype=np.int64) for start in (0, 0, 0, 1))
    for value, count in amounts.items():
        times = np.arange(count + 1, dtype=np.int64)
        chosen = np.array([comb(count, k) for k in range(count + 1)], dtype=np.int64)
        places, sums = (places[:, None] * (count + 1) + times).ravel(), (sums[:, None] + value * times).ravel()
        sizes, ways = (sizes[:, None] + times).ravel(), (ways[:, None] * chosen).ravel()
        if limit is not None:
            within = sums <= limit
            places, sums, sizes, ways = places[within], sums[within], sizes[within], ways[within]
    return _Half(tuple(amounts), tuple(amounts.values()), places, sums, sizes, ways)


def _named(left: _Half, right: _Half, order: np.ndarray, start: np.ndarray, stop: np.ndarray, most: int) -> list[tuple[int, ...]]:
    """Up to `most` sets of amounts, those of few lines first, then by their amounts; of very many, the first _LOOKED_AT are looked at."""
    import numpy as np

    hits = np.flatnonzero(stop > start)
    hits = hits[np.argsort(left.sizes[hits], kind="stable")]
    counts = np.minimum((stop - start)[hits], _LOOKED_AT)
    kept = np.cumsum(counts) <= 2 * _LOOKED_AT
    hits, counts = hits[kept], counts[kept]
    lefts = np.repeat(hits, counts)
    rights = order[np.repeat(start[hits] - np.cumsum(counts) + counts, counts) + np.arange(len(lefts))]
    best = np.lexsort((rights, lefts, left.sizes[lefts] + right.sizes[rights]))[:most]
    found = [tuple(sorted((*left.taken(int(lefts[i])), *right.taken(int(rights[i]))))) for i in best]
    return sorted(found, key=lambda g: (len(g), g))
