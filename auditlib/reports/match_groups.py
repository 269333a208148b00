"""Lines of two books that could be exchanged for one another, laid out as groups: no pair of them is claimed.

Amounts within a group are the same and the days near, so that every way to pair the lines explains the same balances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ..words.records import Match
from .figures import grouped
from .markup import Safe, bullets
from .view import CountyView

LINES = 20  # lines of one side of a group that are listed; what is left out is said

Item = tuple[Match, ...]  # one match, or all of a group


def items_of(wanted: Iterable[Match], every: Iterable[Match]) -> tuple[Item, ...]:
    """`wanted` in their order, each alone; one that belongs to a group brings all of its group out of `every`, once."""
    groups: dict[tuple[str, str, str], list[Match]] = defaultdict(list)
    for match in every:
        if match.group:
            groups[_group(match)].append(match)
    found: dict[object, Item] = {}
    for number, match in enumerate(wanted):
        if match.group:
            found.setdefault(_group(match), tuple(groups[_group(match)]))
        else:
            found[number] = (match,)
    return tuple(found.values())


def _group(match: Match) -> tuple[str, str, str]:
    return match.reconciliation, match.org_code, match.group


def alone_and_groups(wanted: Iterable[Match]) -> tuple[list[Match], list[Item]]:
    """The matches that stand for themselves, and the groups, both in their order."""
    items = items_of(every := list(wanted), every)
    return [i[0] for i in items if not i[0].group], [i for i in items if i[0].group]


def group_heads(view: CountyView) -> list[tuple[str, str]]:
    """The heads of what `group_cells` gives."""
    return [*((view.t(f"column.{side}"), "wide") for side in ("left", "right")), (view.t("column.comes_out"), "wide")]


def group_cells(view: CountyView, group: Item) -> tuple[Safe, Safe, str]:
    """The lines of either side, and what they come to together."""
    left, right = ([line for m in group if (line := getattr(m, side))] for side in ("left", "right"))
    return _lines(view, left), _lines(view, right), _comes_out(view, len(left), len(right))


def _lines(view: CountyView, lines: Sequence[str]) -> Safe:
    left_out = len(lines) - LINES
    told = [view.t("group_more", n=grouped(left_out))] if left_out > 0 else []
    return bullets([*sorted(lines)[:LINES], *told])


def _comes_out(view: CountyView, left: int, right: int) -> str:
    key = "group_even" if left == right else "group_left_over" if left > right else "group_right_over"
    return view.t(key, left=grouped(left), right=grouped(right), over=grouped(abs(left - right)))
