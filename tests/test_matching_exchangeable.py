"""Bank lines that could be exchanged are laid out as groups, not as pairs.

Judge: the definition itself, tried out on every pair of lines: a book line and a bank line hang together when amount and
window allow them to meet, and a group is what hangs together directly or through others.
"""

from __future__ import annotations

import datetime as dt
import random
from itertools import product

import pytest

from auditlib.matching.bank_lines import Account, Paired
from auditlib.matching.exchangeable import Line, exchangeable

DAY = dt.date(2025, 3, 1)
TIE = "amount+window (tie)"


def account(book: dict[int, tuple[int, int]], bank: dict[int, tuple[int, int]]) -> Account:
    """Lines by number: (days after the first of March, fen)."""
    sides = ({n: {"date": DAY + dt.timedelta(days=d), "flow": f} for n, (d, f) in side.items()} for side in (book, bank))
    return Account("990401101201", "6228", *sides)


def groups(found: dict[Line, str]) -> set[frozenset[Line]]:
    return {frozenset(line for line, group in found.items() if group == name) for name in set(found.values())}


def test_two_payments_of_one_amount_in_one_week_are_a_group_of_four_lines() -> None:
    of = account({1: (0, -5000), 2: (2, -5000)}, {1: (1, -5000), 2: (3, -5000)})
    found = exchangeable(of, Paired([((1,), (1,), TIE), ((2,), (2,), TIE)]), 5)
    assert groups(found) == {frozenset({("book", 1), ("book", 2), ("bank", 1), ("bank", 2)})}


def test_the_line_that_stays_over_belongs_to_the_group() -> None:
    of = account({1: (0, 700), 2: (1, 700), 3: (2, 700)}, {1: (1, 700), 2: (2, 700)})
    found = exchangeable(of, Paired([((1,), (1,), TIE), ((2,), (2,), TIE)], book_only=[3]), 5)
    assert len(found) == 5 and found["book", 3] == found["bank", 1]


def test_other_amounts_other_weeks_and_sure_pairs_stay_out_of_it() -> None:
    of = account({1: (0, 700), 2: (1, 700), 3: (60, 700), 4: (1, 800), 5: (1, 700)}, {1: (1, 700), 2: (2, 700), 3: (60, 700), 5: (1, 700)})
    pairs = [((1,), (1,), TIE), ((2,), (2,), TIE), ((3,), (3,), TIE), ((5,), (5,), "amount+date+text")]
    found = exchangeable(of, Paired(pairs, book_only=[4]), 5)
    assert set(found) == {("book", 1), ("book", 2), ("bank", 1), ("bank", 2)}


def test_where_every_pair_is_sure_there_is_no_group() -> None:
    of = account({1: (0, 700), 2: (0, 700)}, {1: (0, 700), 2: (0, 700)})
    assert exchangeable(of, Paired([((1,), (1,), "amount+date+text")], [2], [2]), 5) == {}


@pytest.mark.parametrize("seed", range(40))
def test_the_groups_are_those_of_the_definition(seed: int) -> None:
    draw = random.Random(seed)
    sides = [{n: (draw.randrange(30), draw.choice((500, -500))) for n in range(draw.randrange(1, 14))} for _ in range(2)]
    of, window = account(*sides), draw.randrange(5)
    tied = [((n,), (n,), TIE) for n in range(min(map(len, sides))) if sides[0][n][1] == sides[1][n][1] and draw.random() < 0.6]
    kept = {left[0] for left, _, _ in tied}
    paired = Paired(tied, *([n for n in side if n not in kept] for side in sides))
    assert groups(exchangeable(of, paired, window)) == _by_definition(of, kept, window)


def _by_definition(of: Account, tied: set[int], window: int) -> set[frozenset[Line]]:
    group = {(side, n): {(side, n)} for side, rows in (("book", of.book), ("bank", of.bank)) for n in rows}
    for i, j in product(of.book, of.bank):
        a, b = of.book[i], of.bank[j]
        if a["flow"] == b["flow"] and abs((a["date"] - b["date"]).days) <= window:
            both = group["book", i] | group["bank", j]
            group.update(dict.fromkeys(both, both))
    return {frozenset(g) for g in group.values() if len(g) > 2 and any(n in tied for _, n in g)}
