"""Bank lines that could be exchanged for one another: of one amount, near in days, and paired only by their order.

Such lines are laid out as a group, these of the books against those of the bank, and not as pairs: every way to pair them
explains the same balances. A line that stays over is part of its group, because which one stays over is chance as well.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from .bank_lines import Account, Paired, Row

Line = tuple[str, int]  # ('book' | 'bank', row_id)
_Placed = tuple[dt.date, bool, int]  # a line by its day: (day, whether of the bank, row_id)


def exchangeable(account: Account, paired: Paired, window_days: int) -> dict[Line, str]:
    """Line -> its group, '<account> <number of the group>', numbered by the first line of the books; other lines are absent.

    Of `paired` come the pairs of one line each that are marked as a tie, and the lines that met nothing. Two lines of the two
    sides hang together when their amounts are one and their days lie at most `window_days` apart. A group holds a tie and
    at least three lines: two lines alone cannot be exchanged.
    """
    tied = [(left[0], right[0]) for left, right, how in paired.pairs if len(left) == len(right) == 1 and how.endswith("(tie)")]
    if not tied:
        return {}
    books, banks = {i for i, _ in tied}, {j for _, j in tied}
    amounts = {account.book[i]["flow"] for i in books}  # a pair of one line each is of one amount
    by_amount: dict[int, list[_Placed]] = defaultdict(list)
    for is_bank, rows, lines in ((False, account.book, (*books, *paired.book_only)), (True, account.bank, (*banks, *paired.bank_only))):
        _add(by_amount, amounts, rows, lines, is_bank)
    groups = [
        group for alike in by_amount.values() if len(alike) > 2
        for group in _hanging_together(sorted(alike), window_days)
        if len(group) > 2 and any(row in (banks if is_bank else books) for _, is_bank, row in group)
    ]  # fmt: skip
    groups.sort()
    return {
        ("bank" if is_bank else "book", row): f"{account.account_no} {number}"
        for number, group in enumerate(groups, 1) for _, is_bank, row in group
    }  # fmt: skip


def _add(
    by_amount: dict[int, list[_Placed]], amounts: set[int], rows: Mapping[int, Row], lines: Iterable[int], is_bank: bool
) -> None:  # fmt: skip
    for row_id in lines:
        row = rows[row_id]
        if row["flow"] in amounts:
            by_amount[row["flow"]].append((row["date"], is_bank, row_id))


def _hanging_together(alike: Sequence[_Placed], window_days: int) -> Iterable[list[_Placed]]:
    """Lines of one amount, in order of their days, in groups; each line joins those of the other side that are still within reach."""
    if (alike[-1][0] - alike[0][0]).days <= window_days and len({is_bank for _, is_bank, _ in alike}) == 2:
        return [list(alike)]
    group_of = list(range(len(alike)))  # the first line of the group that a line belongs to, through others
    near: tuple[list[int], list[int]] = ([], [])  # of each side one line a group, the latest of it
    for place, (day, is_bank, _) in enumerate(alike):
        within = [o for o in near[not is_bank] if (day - alike[o][0]).days <= window_days]
        for other in within:
            one, two = sorted((_first(group_of, other), _first(group_of, place)))
            group_of[two] = one
        near[not is_bank][:] = within[-1:]  # those that met are one group now, and its latest line reaches farthest
        near[is_bank].append(place)
    found: dict[int, list[_Placed]] = defaultdict(list)
    for place, line in enumerate(alike):
        found[_first(group_of, place)].append(line)
    return found.values()


def _first(group_of: list[int], place: int) -> int:
    while group_of[place] != place:
        group_of[place] = group_of[group_of[place]]
        place = group_of[place]
    return place
