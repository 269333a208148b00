"""Two lists of movements without a common key: which line of one is which line of the other.

Lines can only meet when their amounts agree to the fen, signs included, singly or as a sum. In this order:

1. amount, and within the same day the text, then the day alone;
2. amount and text within the window of days;
3. amount within the window, where only one line of each side is left to choose from;
4. one line against 2 to `largest_group` lines of one day whose amounts add up to it, where only one such group
   exists; lines that have a candidate of their own amount take no part, and where more than MOST_SUMS groups add
   up it is chance: the line stays one-sided and a note says so;
5. the rest is one-sided; `suggestions.suggest` and `why_not.why_not` say what might be done about it.

Nothing is chosen in silence. Lines that nothing tells apart (same amount, day and text) are paired in the order
of their rows and marked as not certain. Lines that could meet in several ways that do differ are ambiguous: all
of them are named and none is paired. A pair is certain only when no other pairing would explain its lines as well:
each line has no other candidate within the window, or the texts tell the candidates apart; and a sum only when it
is the only one, of any number of lines, and none of its lines has a line of its own amount on the other side within the
window, whoever took that one. Texts that carry numbers of which none is the same (往来单位232, 往来单位253) speak of two
things: on another day, or in a sum, they make nothing certain.

Two texts are alike when they agree by at least TEXT_ALIKE (rapidfuzz, on text without blanks and punctuation),
and by TEXT_MARGIN more than either agrees with any other candidate; equal texts need no margin. A pair of the same
day whose texts have nothing in common gives way when the text of either stands on another candidate.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from .compare import Note
from .subset_sums import LARGEST, sums_to

if TYPE_CHECKING:
    import numpy as np

TEXT_ALIKE = 0.6
TEXT_MARGIN = 0.1
_TEXT_SAME, _TEXT_FOREIGN = 0.9, 0.3
LARGEST_CLUSTER = 1500  # different lines of one amount and window and side whose texts are compared
LARGEST_DAY = 400  # different amounts of one day among which sums are sought
_NUMBER = re.compile("[0-9]+")
MOST_SUMS = 10  # more groups than this that add up to one line are chance and no evidence


@dataclass(frozen=True, slots=True)
class Movement:
    """One line: its row as the file shows it, amount in fen, day, and what it says ('' for nothing)."""

    row: int
    amount: int
    date: dt.date
    text: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Rows that belong together; `how` they met, left minus right in fen, and whether others could not be told apart."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    how: str  # 'amount+date[+text]' | 'amount+window[+text]' | 'sum of N'
    difference: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Rows that could meet in more than one way: lines of one amount that could be exchanged, or several sums."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    solutions: int = 0  # how many sums lead to the line; 0 for lines that could be exchanged


@dataclass(frozen=True, slots=True)
class MovementMatches:
    """Every row of both lists stands in exactly one of the four."""

    pairs: tuple[Pair, ...]
    left_only: tuple[int, ...]
    right_only: tuple[int, ...]
    ambiguous: tuple[Ambiguous, ...]
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class _Group:
    """Lines of one side that nothing tells apart."""

    day: int
    text: str
    lines: list[Movement] = field(default_factory=list)


@dataclass(slots=True)
class _Cluster:
    """Groups of one amount that hang together, each within reach of another."""

    left: list[_Group]
    right: list[_Group]
    reach: int


def match_movements(
    left: Sequence[Movement], right: Sequence[Movement], *, window_days: int, largest_group: int = 4, silent_texts: Collection[str] = ()
) -> MovementMatches:
    """Which movements of two lists belong together.

    Rows must be unique within a side. `window_days` is how many days two lines may lie apart; `largest_group` (1 to
    4) how many lines of one day may stand for one line, 1 for none. `silent_texts` are texts that say how money moved
    and not whose it is (转账): they make nothing certain. Raises ValueError for values out of range.
    """
    if window_days < 0 or not 1 <= largest_group <= 4:
        raise ValueError(f"window_days {window_days} must be 0 or more, largest_group {largest_group} from 1 to 4")
    pairs: list[Pair] = []
    ambiguous: list[Ambiguous] = []
    alone: tuple[list[Movement], list[Movement]] = ([], [])
    notes: list[Note] = []
    for lefts, rights in _by_amount(left, right):
        pairs += _settle(lefts, rights, window_days, notes)
        unclear = _clusters(lefts, rights, window_days) if lefts and rights else []
        ambiguous += [Ambiguous(_rows(c.left), _rows(c.right)) for c in unclear]
        taken = {id(g) for c in unclear for g in (*c.left, *c.right)}
        for side, groups in zip(alone, (lefts, rights), strict=True):
            side += [line for g in groups if id(g) not in taken for line in g.lines]
    silent = frozenset(map(plain_text, silent_texts))
    pairs = _with_certainty(pairs, left, right, window_days, silent)
    wanted = {line.amount for side in alone for line in side} if largest_group > 1 and all(alone) else set()
    days = (_days_of_amounts(left, wanted), _days_of_amounts(right, wanted))
    summed, doubtful = _sums(*alone, window_days, largest_group, notes, days) if largest_group > 1 else ([], [])
    pairs += summed
    ambiguous += doubtful
    done_left = {row for match in (*pairs, *ambiguous) for row in match.left}
    done_right = {row for match in (*pairs, *ambiguous) for row in match.right}
    return MovementMatches(
        tuple(sorted(pairs, key=lambda p: (p.left, p.right))),
        tuple(sorted(line.row for line in left if line.row not in done_left)),
        tuple(sorted(line.row for line in right if line.row not in done_right)),
        tuple(sorted(ambiguous, key=lambda a: (a.left, a.right))),
        tuple(dict.fromkeys(notes)),
    )


def likeness(left: str, right: str) -> float:
    """How far two plain texts agree, 0 to 1: letter by letter, or nine tenths of how well one stands within the other."""
    if not left or not right:
        return 0.0
    if left == right:
        return 1.0
    from rapidfuzz import fuzz

    whole = fuzz.ratio(left, right)
    if whole >= 90 or min(len(left), len(right)) == 1:  # nine tenths of anything are not more
        return whole / 100
    return max(whole, 0.9 * fuzz.partial_ratio(left, right)) / 100


@lru_cache(maxsize=100_000)
def plain_text(text: str) -> str:
    """`text` without width, case, blanks and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN")


# ---- one to one ---------------------------------------------------------------------------------------------


def _by_amount(left: Sequence[Movement], right: Sequence[Movement]) -> Iterator[tuple[list[_Group], list[_Group]]]:
    """For each amount the groups of both sides, by day and first row."""
    found: dict[int, tuple[dict, dict]] = defaultdict(lambda: ({}, {}))
    for side, lines in enumerate((left, right)):
        for line in sorted(lines, key=_row_of):
            key = line.date.toordinal(), plain_text(line.text)
            groups = found[line.amount][side]
            group = groups.get(key)
            if group is None:
                group = groups[key] = _Group(*key)
            group.lines.append(line)
    for amount in sorted(found):
        sides = [sorted(groups.values(), key=_day_of) for groups in found[amount]]
        yield sides[0], sides[1]


def _row_of(line: Movement) -> int:
    return line.row


def _settle(lefts: list[_Group], rights: list[_Group], window: int, notes: list[Note]) -> list[Pair]:
    """Pairs within one amount; what was paired is taken out of the groups, and emptied groups out of the lists."""
    if len(lefts) == len(rights) == 1:  # most amounts stand once on each side: no choice is left
        return _settle_single(lefts, rights, window)
    pairs: list[Pair] = []
    met = True
    while met and lefts and rights:
        met = False
        for reach in sorted({0, window}):
            for cluster in _clusters(lefts, rights, reach):
                found = _by_text(cluster, notes)
                if not found and not (reach < window and _contradicted(cluster, lefts, rights, window)):
                    found = _only_choice(cluster)
                met = met or bool(found)
                pairs += found
            lefts[:] = [g for g in lefts if g.lines]
            rights[:] = [g for g in rights if g.lines]
    return pairs


def _settle_single(lefts: list[_Group], rights: list[_Group], window: int) -> list[Pair]:
    """As `_settle`, for one group on each side."""
    left, right = lefts[0], rights[0]
    if abs(left.day - right.day) > window:
        return []
    pairs = _join(left, right, "+text" if likeness(left.text, right.text) >= TEXT_ALIKE else "")
    lefts[:] = [g for g in lefts if g.lines]
    rights[:] = [g for g in rights if g.lines]
    return pairs


def _clusters(lefts: list[_Group], rights: list[_Group], reach: int) -> list[_Cluster]:
    """The groups of both sides that hang together, days within reach; both lists come ordered by day."""
    days = [g.day for g in rights]
    found: list[_Cluster] = []
    end = 0  # first right-hand group that no cluster holds yet
    for group in lefts:
        start, stop = bisect_left(days, group.day - reach), bisect_right(days, group.day + reach)
        if start == stop:
            continue
        if found and start < end:
            found[-1].left.append(group)
            found[-1].right += rights[end:stop]
        else:
            found.append(_Cluster([group], rights[start:stop], reach))
        end = max(end, stop)
    return found


def _contradicted(cluster: _Cluster, lefts: list[_Group], rights: list[_Group], window: int) -> bool:
    """Whether texts of a day are foreign to each other, and one of them stands on another group of the window."""

    def elsewhere(one: _Group, own: _Group, groups: list[_Group]) -> bool:
        near = (g for g in _near(groups, one.day, window) if g is not own and g.lines and g.day != one.day)
        return any(likeness(one.text, other.text) >= _TEXT_SAME for other in near)

    if min(len(cluster.left), len(cluster.right)) > 1:
        return False  # too many to choose from anyway
    return any(
        a.text and b.text and likeness(a.text, b.text) < _TEXT_FOREIGN and (elsewhere(a, b, rights) or elsewhere(b, a, lefts))
        for a in cluster.left
        for b in cluster.right
    )


def _day_of(group: _Group) -> int:
    return group.day


def _by_text(cluster: _Cluster, notes: list[Note]) -> list[Pair]:
    pairs = [pair for left, right in list(_equal_texts(cluster)) for pair in _join(left, right, "+text")]
    lefts, rights = ([g for g in side if g.lines] for side in (cluster.left, cluster.right))
    if max(len(lefts), len(rights)) > LARGEST_CLUSTER:
        notes.append(Note("match.note.cluster", (("count", max(len(lefts), len(rights))),)))
        return pairs
    return pairs + [pair for left, right in _like_texts(lefts, rights, cluster.reach) for pair in _join(left, right, "+text")]


def _equal_texts(cluster: _Cluster) -> Iterator[tuple[_Group, _Group]]:
    """Groups of one text that have no other group of that text within reach to choose from."""
    left, right = _text_days(cluster.left), _text_days(cluster.right)
    for text, groups in left.items():
        for group in groups if text else ():
            others = _near(right.get(text, []), group.day, cluster.reach)
            if len(others) == 1 and len(_near(groups, others[0].day, cluster.reach)) == 1:
                yield group, others[0]


def _text_days(groups: Sequence[_Group]) -> dict[str, list[_Group]]:
    found: dict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        found[group.text].append(group)
    return found


def _near(groups: list[_Group], day: int, reach: int) -> list[_Group]:
    """Of groups ordered by day those within reach of `day`."""
    return groups[bisect_left(groups, day - reach, key=_day_of) : bisect_right(groups, day + reach, key=_day_of)]


def _like_texts(lefts: list[_Group], rights: list[_Group], reach: int) -> Iterator[tuple[_Group, _Group]]:
    """Groups that are alike, and clearly more so than any other two that either of them could join."""
    if len(lefts) == len(rights) == 1:  # most amounts stand once on each side
        if abs(lefts[0].day - rights[0].day) <= reach and likeness(lefts[0].text, rights[0].text) >= TEXT_ALIKE:
            yield lefts[0], rights[0]
        return
    import numpy as np

    score = _scores(lefts, rights, reach)
    while score.size and score.max() >= TEXT_ALIKE:
        best = score.argmax(axis=1)
        sure = []
        for i, j in enumerate(best):
            value = score[i, j]
            rivals = max(np.delete(score[i], j).max(initial=0), np.delete(score[:, j], i).max(initial=0))
            if value >= TEXT_ALIKE and value - rivals >= TEXT_MARGIN:
                sure.append((i, int(j)))
        if not sure:
            return
        for i, j in sure:
            yield lefts[i], rights[j]
            score[i, :] = score[:, j] = 0


def _scores(lefts: list[_Group], rights: list[_Group], reach: int) -> np.ndarray:
    """`likeness` of every two groups within reach, 0 for others."""
    import numpy as np
    from rapidfuzz import fuzz
    from rapidfuzz.process import cdist

    a, b = [g.text for g in lefts], [g.text for g in rights]
    if not any(a) or not any(b):
        return np.zeros((0, 0))
    long = np.minimum.outer([len(t) for t in a], [len(t) for t in b])
    whole, within = cdist(a, b, scorer=fuzz.ratio), cdist(a, b, scorer=fuzz.partial_ratio)
    score = np.maximum(whole, np.where(long > 1, 0.9 * within, 0)) / 100
    near = np.abs(np.subtract.outer([g.day for g in lefts], [g.day for g in rights])) <= reach
    return np.where(near & (long > 0), score, 0.0)


def _only_choice(cluster: _Cluster) -> list[Pair]:
    """Pairs where one side is a single group, so that nothing tells its lines apart, and no choice is left."""
    if min(len(cluster.left), len(cluster.right)) > 1:
        return []
    left, right = (sum(len(g.lines) for g in side) for side in (cluster.left, cluster.right))
    if left != right and max(len(cluster.left), len(cluster.right)) > 1:
        return []
    return [pair for a in cluster.left for b in cluster.right for pair in _join(a, b, "")]


def _join(left: _Group, right: _Group, by: str) -> list[Pair]:
    """The lines of two groups paired in the order of their rows and taken out of the groups; certainty is judged at the end."""
    how = ("amount+date" if left.day == right.day else "amount+window") + by
    count = min(len(left.lines), len(right.lines))
    pairs = [Pair((a.row,), (b.row,), how, 0, False) for a, b in zip(left.lines[:count], right.lines[:count], strict=True)]
    del left.lines[:count], right.lines[:count]
    return pairs


def _rows(groups: Iterable[_Group]) -> tuple[int, ...]:
    return tuple(sorted(line.row for group in groups for line in group.lines))


# ---- certainty ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """A line as certainty sees it."""

    row: int
    day: int
    text: str


@dataclass(frozen=True, slots=True)
class _Free:
    """Lines of one amount that no certain pair has taken, by day."""

    lines: list[_Told]
    days: list[int]

    def near(self, day: int, window: int) -> tuple[int, int]:
        """Where the lines within the window of a day begin and end."""
        return bisect_left(self.days, day - window), bisect_right(self.days, day + window)


def _with_certainty(
    pairs: Sequence[Pair], left: Sequence[Movement], right: Sequence[Movement], window: int, silent: frozenset[str]
) -> list[Pair]:
    """The one-to-one pairs, certain where no other line of the amount would do as well."""
    amounts = {m.row: m.amount for m in left}
    by_amount: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in pairs:
        by_amount[amounts[pair.left[0]]].append((pair.left[0], pair.right[0]))
    lines = tuple(_told(side, by_amount, silent) for side in (left, right))
    sure: set[tuple[int, int]] = set()
    for amount, mine in by_amount.items():
        sure |= _sure(mine, lines[0][amount], lines[1][amount], window)
    return [Pair(p.left, p.right, p.how, p.difference, True) if (p.left[0], p.right[0]) in sure else p for p in pairs]


def _told(side: Iterable[Movement], amounts: Collection[int], silent: frozenset[str]) -> dict[int, list[_Told]]:
    """The lines of some amounts; of texts that say nothing of whose money it was nothing is left."""
    found: dict[int, list[_Told]] = defaultdict(list)
    for m in side:
        if m.amount in amounts:
            text = plain_text(m.text)
            found[m.amount].append(_Told(m.row, m.date.toordinal(), "" if text in silent else text))
    return found


def _sure(pairs: Sequence[tuple[int, int]], lefts: list[_Told], rights: list[_Told], window: int) -> set[tuple[int, int]]:
    """Rows of the pairs of one amount that are certain; what is certain takes its lines from what others could be."""
    if len(lefts) == len(rights) == 1:
        return {(lefts[0].row, rights[0].row)} if _is_sure_alone(lefts[0], rights[0]) else set()
    free = _free(sorted(lefts, key=_day_told)), _free(sorted(rights, key=_day_told))
    of_row = ({t.row: t for t in lefts}, {t.row: t for t in rights})
    open_pairs = [(of_row[0][i], of_row[1][j]) for i, j in pairs]
    is_sure = _is_sure if max(len(lefts), len(rights)) <= LARGEST_CLUSTER else _is_without_rivals
    sure: set[tuple[int, int]] = set()
    met = True
    while met and open_pairs:
        found = {(a.row, b.row) for a, b in open_pairs if is_sure(a, b, free, window)}
        met = bool(found) and is_sure is _is_sure
        sure |= found
        free = _without(free[0], {i for i, _ in found}), _without(free[1], {j for _, j in found})
        open_pairs = [pair for pair in open_pairs if (pair[0].row, pair[1].row) not in found]
    return sure


def _day_told(line: _Told) -> int:
    return line.day


def _free(lines: list[_Told]) -> _Free:
    return _Free(lines, [line.day for line in lines])


def _without(free: _Free, rows: set[int]) -> _Free:
    return _free([line for line in free.lines if line.row not in rows]) if rows else free


def _is_without_rivals(a: _Told, b: _Told, free: tuple[_Free, _Free], window: int) -> bool:
    """Whether neither line of a pair has another line within the window that it could meet."""
    return all(stop - start == 1 for start, stop in (free[1].near(a.day, window), free[0].near(b.day, window)))


def _is_sure(a: _Told, b: _Told, free: tuple[_Free, _Free], window: int) -> bool:
    """Whether no other line that either of the two could meet would do as well."""
    theirs, ours = free[1].near(a.day, window), free[0].near(b.day, window)
    if theirs[1] - theirs[0] == ours[1] - ours[0] == 1:
        return _is_sure_alone(a, b)
    alike = likeness(a.text, b.text)
    if alike < TEXT_ALIKE:
        return False
    foreign = min(TEXT_ALIKE, alike - TEXT_MARGIN)  # a rival that says nothing is not told apart by what it says
    for one, partner, near in ((a, b, free[1].lines[slice(*theirs)]), (b, a, free[0].lines[slice(*ours)])):
        for other in near:  # most often the first of them does as well
            if other is not partner and (not other.text or likeness(one.text, other.text) >= foreign):
                return False
    return True


def _is_sure_alone(a: _Told, b: _Told) -> bool:
    """Of two lines with nothing else to be; on another day and with texts that have nothing in common it may still be chance."""
    if a.day == b.day:
        return True
    alike = not (a.text and b.text) or likeness(a.text, b.text) >= _TEXT_FOREIGN
    return alike and not _other_numbers(a.text, b.text)


def _other_numbers(one: str, other: str) -> bool:
    """Whether both texts carry numbers, and no number stands in both."""
    first = _NUMBER.findall(one)
    return bool(first) and bool(second := _NUMBER.findall(other)) and not set(first) & set(second)


# ---- one to many --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Proposal:
    """One line of a side and the lines of the other that could stand for it."""

    single_is_left: bool
    single: Movement
    members: tuple[Movement, ...]
    kind: str  # 'sure' | 'in order' | 'unclear' | 'many'
    solutions: int = 1

    def claims(self) -> list[tuple[bool, int]]:
        return [(self.single_is_left, self.single.row), *((not self.single_is_left, m.row) for m in self.members)]

    def sides(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        rows = tuple(sorted(m.row for m in self.members))
        return ((self.single.row,), rows) if self.single_is_left else (rows, (self.single.row,))


_AmountDays = dict[int, list[int]]  # amount -> the days of its lines, in order


def _days_of_amounts(lines: Iterable[Movement], wanted: Collection[int]) -> _AmountDays:
    found: _AmountDays = defaultdict(list)
    for line in lines if wanted else ():
        if line.amount in wanted:
            found[line.amount].append(line.date.toordinal())
    return {amount: sorted(days) for amount, days in found.items()}


def _sums(
    left: list[Movement], right: list[Movement], window: int, largest: int, notes: list[Note], amounts: tuple[_AmountDays, _AmountDays]
) -> tuple[list[Pair], list[Ambiguous]]:
    """Sure groups are taken round by round, as what is taken can make others sure; what stays open is ambiguous.

    `amounts`: of all lines of the left and of the right, those already paired among them.
    """
    free = {True: {m.row: m for m in left}, False: {m.row: m for m in right}}
    open_lines = [(True, row) for row in free[True]] + [(False, row) for row in free[False]]
    pairs: list[Pair] = []
    days = days_at_start = {side: _days(free[side].values(), notes) for side in free}
    while True:
        proposals = []
        for side, row in open_lines:
            if row in free[side] and (found := _propose(side, free[side][row], days[not side], window, largest)):
                proposals.append(found)
        whole = [p for p in proposals if p.kind in ("sure", "in order")]
        claimed = Counter(claim for p in whole for claim in p.claims())
        sure = [p for p in whole if all(claimed[c] == 1 for c in p.claims())]
        if not sure:
            notes += _chance_notes(proposals)
            return pairs, _merged([p for p in proposals if p.kind != "many"])
        for proposal in sure:
            ours, theirs = proposal.sides()
            alone = proposal.kind == "sure" and _is_no_chance(proposal, amounts, window)
            alone = alone and _only_sum(proposal, days_at_start[not proposal.single_is_left], window, largest)
            pairs.append(Pair(ours, theirs, f"sum of {len(proposal.members)}", 0, alone))
            for side, row in proposal.claims():
                del free[side][row]
        open_lines = [(p.single_is_left, p.single.row) for p in proposals]
        days = {side: _days(free[side].values(), notes) for side in free}


@dataclass(frozen=True, slots=True)
class _Day:
    """The free lines of one day and sign by amount, and all sums of two of its amounts in order."""

    members: dict[int, list[Movement]]
    amounts: np.ndarray
    first: np.ndarray  # index of the smaller amount of each pair
    second: np.ndarray
    sums: np.ndarray


def _days(lines: Iterable[Movement], notes: list[Note]) -> dict[tuple[int, bool], _Day]:
    found: dict[tuple[int, bool], dict[int, list[Movement]]] = defaultdict(lambda: defaultdict(list))
    for line in sorted(lines, key=lambda m: m.row):
        if line.amount:
            found[line.date.toordinal(), line.amount > 0][abs(line.amount)].append(line)
    days = {}
    for key, members in found.items():
        if len(members) > LARGEST_DAY:
            notes.append(Note("match.note.day", (("date", dt.date.fromordinal(key[0]).isoformat()), ("count", len(members)))))
        else:
            days[key] = _day(members)
    return days


def _day(members: dict[int, list[Movement]]) -> _Day:
    import numpy as np

    amounts = np.array(sorted(members), dtype=np.int64)
    first, second = np.triu_indices(len(amounts))
    sums = amounts[first] + amounts[second]
    order = np.argsort(sums, kind="stable")
    return _Day(members, amounts, first[order], second[order], sums[order])


def _propose(side: bool, single: Movement, days: dict[tuple[int, bool], _Day], window: int, largest: int) -> _Proposal | None:
    """The group that stands for `single`: of its own day if there is any, else of the days around it."""
    own = single.date.toordinal()
    around = [day for off in range(1, window + 1) for day in (own - off, own + off)]
    for reach in ([own], around):
        near = [days[day, single.amount > 0] for day in reach if (day, single.amount > 0) in days]
        groups = [(day, amounts) for day in near for amounts in _sums_to(day, abs(single.amount), largest)]
        if len(groups) == 1 and (chosen := _choose(*groups[0])):
            return _Proposal(side, single, *chosen)
        if groups:
            members = {m.row: m for day, amounts in groups for a in amounts for m in day.members[a]}
            kind = "unclear" if len(groups) <= MOST_SUMS else "many"
            return _Proposal(side, single, tuple(members[row] for row in sorted(members)), kind, max(2, len(groups)))
    return None


def _only_sum(proposal: _Proposal, days: dict[tuple[int, bool], _Day], window: int, largest: int) -> bool:
    """Whether nothing else adds up to the line: on the day of the group no group of any size, on the others none of the usual size."""
    own, amount = proposal.members[0].date.toordinal(), abs(proposal.single.amount)
    first = proposal.single.date.toordinal()
    for day in range(first - window, first + window + 1):
        lines = days.get((day, proposal.single.amount > 0))
        if lines is not None and day != own and _sums_to(lines, amount, largest):
            return False
        if lines is not None and day == own:
            smaller = [value for value, held in lines.members.items() if value < amount for _ in held]
            if len(smaller) > LARGEST or sums_to(smaller, amount).solutions != 1:
                return False
    return True


def _is_no_chance(proposal: _Proposal, amounts: tuple[_AmountDays, _AmountDays], window: int) -> bool:
    """Whether no line of the sum has a line of its own amount on the other side, and some text of it does not speak of another thing."""
    ours, theirs = amounts if proposal.single_is_left else amounts[::-1]
    sides = [(theirs, proposal.single), *((ours, member) for member in proposal.members)]
    if any(_has_near(days.get(line.amount, ()), line.date.toordinal(), window) for days, line in sides):
        return False
    return not all(_other_numbers(proposal.single.text, member.text) for member in proposal.members)


def _has_near(days: Sequence[int], day: int, window: int) -> bool:
    return bisect_left(days, day - window) < bisect_right(days, day + window)


def _choose(day: _Day, amounts: tuple[int, ...]) -> tuple[tuple[Movement, ...], str] | None:
    """The lines for these amounts; None when lines of one amount that do differ would have to be chosen from."""
    members: list[Movement] = []
    kind = "sure"
    for amount, count in Counter(amounts).items():
        lines = day.members[amount]
        if count < len(lines):
            if len({plain_text(line.text) for line in lines}) > 1:
                return None
            kind = "in order"
        members += lines[:count]
    return tuple(members), kind


def _sums_to(day: _Day, target: int, largest: int) -> list[tuple[int, ...]]:
    """Amounts of the day, 2 to `largest`, that add up to `target`, each group once, as often as lines are there."""
    if not len(day.amounts) or target < 2 * day.amounts[0] or target > largest * day.amounts[-1]:
        return []
    found: dict[tuple[int, ...], None] = {}
    for indices in _index_groups(day, target, largest):
        group = tuple(int(day.amounts[i]) for i in indices)
        if all(len(day.members[amount]) >= count for amount, count in Counter(group).items()):
            found[group] = None
            if len(found) > MOST_SUMS:
                break
    return list(found)


def _index_groups(day: _Day, target: int, largest: int) -> Iterator[tuple[int, ...]]:
    """Ascending index groups with the sum `target`: pairs, one and a pair, a pair and a pair."""
    import numpy as np

    for place in range(np.searchsorted(day.sums, target, "left"), np.searchsorted(day.sums, target, "right")):
        yield int(day.first[place]), int(day.second[place])
    heads: list[tuple[np.ndarray, ...]] = []
    if largest >= 3:
        heads.append((np.arange(len(day.amounts)), day.amounts))
    if largest >= 4:
        heads.append((day.first, day.second, day.sums))
    for *indices, sums in heads:
        start, stop = (np.searchsorted(day.sums, target - sums, side) for side in ("left", "right"))
        for head in np.flatnonzero(stop > start):
            for place in range(start[head], stop[head]):
                if indices[-1][head] <= day.first[place]:
                    yield (*(int(i[head]) for i in indices), int(day.first[place]), int(day.second[place]))


def _chance_notes(proposals: Sequence[_Proposal]) -> list[Note]:
    notes = []
    for is_left, code in ((True, "match.note.chance_left"), (False, "match.note.chance_right")):
        rows = sorted(p.single.row for p in proposals if p.kind == "many" and p.single_is_left is is_left)
        if rows:
            notes.append(Note(code, (("rows", ", ".join(map(str, rows))), ("most", MOST_SUMS))))
    return notes


def _merged(proposals: Sequence[_Proposal]) -> list[Ambiguous]:
    """Proposals that share a line become one ambiguous case; it says how many sums there are in all."""
    cases: list[tuple[set[tuple[bool, int]], int]] = []
    for proposal in proposals:
        case, solutions = set(proposal.claims()), proposal.solutions
        for other in [c for c in cases if c[0] & case]:
            case |= other[0]
            solutions += other[1]
            cases.remove(other)
        cases.append((case, solutions))
    return [Ambiguous(*(tuple(sorted(r for s, r in case if s is side)) for side in (True, False)), n) for case, n in cases]
