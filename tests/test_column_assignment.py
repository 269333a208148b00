"""Columns are given to fields by the best total score (Kuhn 1955): never worse than any other assignment."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as some

from auditlib.intake.assignment import best_pairs

SCORES = some.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0])
MATRICES = some.tuples(some.integers(1, 5), some.integers(1, 5)).flatmap(
    lambda shape: some.lists(some.lists(SCORES, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0])
)


def by_trying_all(gain: list[list[float]]) -> float:
    """The greatest total over every way to pair rows with columns."""
    wide = gain if len(gain) <= len(gain[0]) else [list(row) for row in zip(*gain, strict=True)]
    return max(sum(wide[r][c] for r, c in enumerate(chosen)) for chosen in permutations(range(len(wide[0])), len(wide)))


@given(MATRICES)
def test_no_other_assignment_scores_more(gain: list[list[float]]) -> None:
    pairs = best_pairs(gain)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs) == min(len(gain), len(gain[0]))
    assert abs(sum(gain[r][c] for r, c in pairs) - by_trying_all(gain)) < 1e-9


def test_a_column_gives_way_where_the_other_has_no_second_choice() -> None:
    """The greedy answer takes 0.9 and is left with 0.1; together 0.8 and 0.85 are more."""
    assert best_pairs([[0.9, 0.8], [0.85, 0.1]]) == [(0, 1), (1, 0)]


def test_nothing_is_assigned_to_nothing() -> None:
    assert best_pairs([]) == best_pairs([[]]) == []
