"""Reconciliations: how many pairs were made and how, what stayed one-sided, and the differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from ..matching.reconciliation import SUM
from ..words.records import BankReconciliation, Match
from .bank_statement import bank_statements
from .blocks import cut, empty, heads
from .figures import grouped, yuan
from .markup import Safe, escape, join, link, paragraph, table, tag
from .match_groups import alone_and_groups, group_cells, group_heads
from .view import CountyView

_LISTED = 50


def title_of(view: CountyView, name: str) -> str:
    """A reconciliation in words; one that nobody has worded by the names of its two ledgers."""
    return view.term(f"reports.reconciliation.{name}", " ↔ ".join(view.ledger(side) for side in name.split("__")))


def sides_of(view: CountyView, match: Match) -> tuple[str, str]:
    """What either side shows to a reader, — where a side has nothing; a whole column compared by its total stands by its label."""
    left = match.left
    if match.how == SUM:
        left = view.field(match.reconciliation.partition("__")[0], left)
    return left or "—", match.right or "—"


def how_name(view: CountyView, how: str) -> str:
    """How a pair was made, in words; a way that nobody has worded stands as it is."""
    if how.endswith(" (tie)"):
        return how_name(view, how.removesuffix(" (tie)")) + view.t("how_tie")
    for start, key in (("sum of ", "how_sum_of"), ("instalment in ", "how_instalment_in")):
        if how.startswith(start):
            return view.t(key, n=how.removeprefix(start))
    return view.term(f"reports.how.{how}", how)


def _titled(view: CountyView, name: str) -> Safe:
    """A reconciliation with the way to its working paper, from the page of an organisation."""
    paper = view.paper(name)
    see = tag("a", view.t("paper.see"), href=f"../{paper}", class_="paper") if paper else ""
    return join((title_of(view, name), " ", see))


def _is_open(match: Match) -> bool:
    return match.state != "matched"


def _open_rows(view: CountyView, matches: Sequence[Match], where: str) -> Safe:
    """Pairs and lone lines in one table; lines that could be exchanged in another, as groups."""
    alone, groups = alone_and_groups(matches)
    parts: list[object] = []
    if alone:
        kept, note = cut(view, [[*sides_of(view, m), how_name(view, m.how), yuan(m.difference)] for m in alone], where, _LISTED)
        columns = heads(view, ("left", "head"), ("right", ""), ("how", ""), ("difference", "num"))
        parts += [table(view.t("caption.open_items"), columns, kept, "dense"), note]
    if groups:
        rows, note = cut(view, [group_cells(view, g) for g in groups], where, _LISTED)
        parts += [table(view.t("caption.groups", n=grouped(len(groups))), group_heads(view), rows, "dense"), note]
    return join(parts)


STATES = ("matched", "differing", "left_only", "right_only", "ambiguous")


def counts_table(view: CountyView, matches: Sequence[Match], caption: str) -> Safe:
    """One line a reconciliation: the lines of either side, and how many of them were matched, differ, stand alone or are unclear.

    Of each side the parts add up to its lines; where a part holds other numbers of lines on the two sides, both are shown.
    """
    rows = []
    for name, group in groupby(sorted(matches, key=lambda m: m.reconciliation), key=lambda m: m.reconciliation):
        rows.append(_count_row(view, name, list(group)))
    names = (("reconciliation", "head"), ("lines_left", "num"), ("lines_right", "num"), *((state, "num") for state in STATES))
    columns = [(view.t(f"column.{n}"), k) for n, k in (*names, ("difference_sum", "num"), ("how", "wide"))]
    return table(caption, columns, rows)


def totals(matches: Sequence[Match]) -> dict[str, tuple[int, int]]:
    """State -> lines of the left and of the right side that are in it; every line is in exactly one."""
    counts = {state: [0, 0] for state in STATES}
    for match in matches:
        for side, n in enumerate(match.lines):
            counts[match.state][side] += n
    return {state: (left, right) for state, (left, right) in counts.items()}


def _count_row(view: CountyView, name: str, matches: Sequence[Match]) -> list[object]:
    by_state = totals(matches)
    sides = [sum(counts[side] for counts in by_state.values()) for side in (0, 1)]
    one_sided = {"left_only": 0, "right_only": 1}
    cells = [grouped(c[one_sided[s]]) if s in one_sided else _both(c) for s, c in by_state.items()]
    ways = Counter(how_name(view, m.how) for m in matches if m.left and m.right)
    shown = view.t("list").join(f"{how} {grouped(n)}" for how, n in sorted(ways.items(), key=lambda w: (-w[1], w[0])))
    total = sum((abs(m.difference) for m in matches if m.state == "differing" and m.difference), start=Decimal(0))
    return [title_of(view, name), *map(grouped, sides), *cells, yuan(total), shown]


def _both(counts: tuple[int, int]) -> str:
    return grouped(counts[0]) if counts[0] == counts[1] else f"{grouped(counts[0])} / {grouped(counts[1])}"


def reconciliations(view: CountyView, matches: Sequence[Match], statements: Sequence[BankReconciliation] = (), where: str = "") -> Safe:
    """All reconciliations of one organisation: counts first, then every item that did not agree, then the bank statements.

    `where` is the file of the output folder that holds every match; without it nothing leads there.
    """
    if not matches:
        return empty(view, "matches.none")
    everything = join((view.t("matches.adds_up"), *((" ", link(f"../{where}", view.t("matches.all_rows"))) if where else ())))
    parts: list[Safe] = [counts_table(view, matches, view.t("caption.reconciliations")), paragraph(everything, "note")]
    agreeing = []
    for name, group in groupby(sorted(matches, key=lambda m: m.reconciliation), key=lambda m: m.reconciliation):
        if opened := [m for m in group if _is_open(m)]:
            parts += [tag("h3", _titled(view, name)), _open_rows(view, opened, where or "matches.csv")]
        else:
            agreeing.append(name)
    if agreeing:
        named = join((_titled(view, name) for name in agreeing), view.t("list"))
        parts.append(paragraph(Safe(escape(view.t("matches.agree", names="\n")).replace("\n", named))))
    return join((*parts, bank_statements(view, statements)))
