"""Reconciliations: how many pairs were made and how, what stayed one-sided, and the differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from ..words.records import Match
from .blocks import cut, empty, heads
from .figures import grouped, yuan
from .markup import Safe, join, table, tag
from .view import CountyView

_LISTED = 50


def title_of(view: CountyView, name: str) -> str:
    """A reconciliation in words; one that nobody has worded by the names of its two ledgers."""
    return view.term(f"reports.reconciliation.{name}", " ↔ ".join(view.ledger(side) for side in name.split("__")))


def how_name(view: CountyView, how: str) -> str:
    """How a pair was made, in words; a way that nobody has worded stands as it is."""
    if how.startswith("sum of "):
        return view.t("how_sum_of", n=how.removeprefix("sum of "))
    return view.term(f"reports.how.{how}", how)


def _is_open(match: Match) -> bool:
    return not match.left or not match.right or bool(match.difference)


def _open_rows(view: CountyView, matches: Sequence[Match]) -> Safe:
    rows = [[m.left or "—", m.right or "—", how_name(view, m.how), yuan(m.difference)] for m in matches]
    kept, note = cut(view, rows, "matches.csv", _LISTED)
    columns = heads(view, ("left", "head"), ("right", ""), ("how", ""), ("difference", "num"))
    return join((table(view.t("caption.open_items"), columns, kept, "dense"), note)) if rows else empty(view, "matches.all_agree")


def counts_table(view: CountyView, matches: Sequence[Match], caption: str) -> Safe:
    """One line a reconciliation: pairs, one-sided on either side, pairs that differ, sum of differences."""
    rows = []
    for name, group in groupby(sorted(matches, key=lambda m: m.reconciliation), key=lambda m: m.reconciliation):
        rows.append(_count_row(view, name, list(group)))
    names = (("reconciliation", "head"), ("pairs", "num"), ("left_only", "num"), ("right_only", "num"), ("differing", "num"))
    columns = [(view.t(f"column.{n}"), k) for n, k in (*names, ("difference_sum", "num"), ("how", "wide"))]
    return table(caption, columns, rows)


def _count_row(view: CountyView, name: str, matches: Sequence[Match]) -> list[object]:
    pairs = [m for m in matches if m.left and m.right]
    left, right = sum(not m.right for m in matches), sum(not m.left for m in matches)
    differing = [m for m in pairs if m.difference]
    ways = Counter(how_name(view, m.how) for m in pairs)
    shown = view.t("list").join(f"{how} {grouped(n)}" for how, n in sorted(ways.items(), key=lambda w: (-w[1], w[0])))
    total = sum((abs(m.difference) for m in differing if m.difference), start=Decimal(0))
    return [title_of(view, name), *(grouped(n) for n in (len(pairs), left, right, len(differing))), yuan(total), shown]


def reconciliations(view: CountyView, matches: Sequence[Match]) -> Safe:
    """All reconciliations of one organisation: counts first, then every item that did not agree."""
    if not matches:
        return empty(view, "matches.none")
    parts: list[Safe] = [counts_table(view, matches, view.t("caption.reconciliations"))]
    for name, group in groupby(sorted(matches, key=lambda m: m.reconciliation), key=lambda m: m.reconciliation):
        opened = [m for m in group if _is_open(m)]
        parts += [tag("h3", title_of(view, name)), _open_rows(view, opened)]
    return join(parts)
