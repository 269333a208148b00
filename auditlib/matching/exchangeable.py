"""Bank lines that could be exchanged for one another: of one amount, near in days, and paired only by their order.

Such lines are laid out as a group, these of the books against those of the bank, and not as pairs: every way to pair them
explains the same balances. A line that stays over is part of its group, because which one stays over is chance as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from .bank_lines import Account, Paired, Row

Line = tuple[str, int]  # ('book' | 'bank', row_id)


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
    free: list[Line] = [*(("book", i) for i in (*books, *paired.book_only)), *(("bank", j) for j in (*banks, *paired.bank_only))]
    in_ties = {*(("book", i) for i in books), *(("bank", j) for j in banks)}
    groups = [g for g in _hanging_together(account, free, window_days) if len(g) > 2 and not in_ties.isdisjoint(g)]
    groups.sort(key=lambda g: min((_row(account, line)["date"], line[0] == "bank", line[1]) for line in g))
    return {line: f"{account.account_no} {number}" for number, group in enumerate(groups, 1) for line in group}


def _row(account: Account, line: Line) -> Row:
    return (account.book if line[0] == "book" else account.bank)[line[1]]


def _hanging_together(account: Account, lines: Collection[Line], window_days: int) -> Iterator[set[Line]]:
    """Lines of one amount in order of their days; each joins those of the other side that are still within reach."""
    by_amount: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_amount[_row(account, line)["flow"]].append(line)
    for alike in by_amount.values():
        alike.sort(key=lambda line: (_row(account, line)["date"], line))
        yield from _chains(account, alike, window_days)


def _chains(account: Account, alike: Collection[Line], window_days: int) -> list[set[Line]]:
    group_of: dict[Line, set[Line]] = {}
    near: dict[str, list[Line]] = {"book": [], "bank": []}  # of each side one line a group, the latest of it
    for line in alike:
        day, other = _row(account, line)["date"], "bank" if line[0] == "book" else "book"
        within = [o for o in near[other] if (day - _row(account, o)["date"]).days <= window_days]
        met = {id(group): group for group in (group_of[o] for o in within)}
        own = max(met.values(), key=len, default=set())
        own.add(line)
        for added in (group for group in met.values() if group is not own):
            own |= added
            group_of.update(dict.fromkeys(added, own))
        group_of[line] = own
        near[other] = within[-1:]  # those that met are one group now, and its latest line reaches farthest
        near[line[0]].append(line)
    return list({id(g): g for g in group_of.values()}.values())
