"""What two books made of each other, as tables: one line a pair or a lone line, and groups of lines that could be exchanged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ..reports.figures import grouped, yuan
from ..reports.markup import Safe, bullets, join, table
from ..reports.reconciled import how_name, title_of
from ..reports.view import CountyView
from ..words.messages import say
from ..words.records import Match

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


def item_tables(view: CountyView, items: Sequence[Item], caption: str, language: str) -> Safe:
    """Pairs and lone lines in one table under `caption`, groups in a second one, left lines beside right lines."""
    alone, groups = [i[0] for i in items if not i[0].group], [i for i in items if i[0].group]
    tables = []
    if alone:
        tables.append(_pairs(view, alone, caption, language))
        caption = ""
    if groups:
        told = say("workbook.reconcile.groups", language, n=grouped(len(groups)))
        tables.append(_groups(view, groups, f"{caption} · {told}" if caption else told, language))
    return join(tables)


def _where(language: str) -> list[tuple[str, str]]:
    return [(say(f"workbook.reconcile.column.{h}", language), "") for h in ("reconciliation", "org")]


def _pairs(view: CountyView, matches: Sequence[Match], caption: str, language: str) -> Safe:
    heads = [*_where(language), *((view.t(f"column.{h}"), "wide") for h in ("left", "right"))]
    heads += [(say("workbook.reconcile.column.state", language), ""), (view.t("column.how"), "wide"), (view.t("column.difference"), "num")]
    rows = [
        (title_of(view, m.reconciliation), view.name(m.org_code), m.left or "—", m.right or "—", view.t(f"column.{m.state}"),
         how_name(view, m.how), yuan(m.difference))
        for m in matches
    ]  # fmt: skip
    return table(caption, heads, rows, "dense")


def _groups(view: CountyView, groups: Sequence[Item], caption: str, language: str) -> Safe:
    heads = [*_where(language), *((view.t(f"column.{h}"), "wide") for h in ("left", "right"))]
    heads.append((say("workbook.reconcile.column.comes_out", language), "wide"))
    rows = []
    for group in groups:
        sides = [[line for m in group if (line := getattr(m, side))] for side in ("left", "right")]
        where = title_of(view, group[0].reconciliation), view.name(group[0].org_code)
        rows.append((*where, *(_lines(side, language) for side in sides), _comes_out(*map(len, sides), language)))
    return table(caption, heads, rows, "dense")


def _lines(lines: Sequence[str], language: str) -> Safe:
    left_out = len(lines) - LINES
    told = [say("workbook.reconcile.more_lines", language, n=grouped(left_out))] if left_out > 0 else []
    return bullets([*sorted(lines)[:LINES], *told])


def _comes_out(left: int, right: int, language: str) -> str:
    key = "even" if left == right else "left_over" if left > right else "right_over"
    values = {"left": grouped(left), "right": grouped(right), "over": grouped(abs(left - right))}
    return say(f"workbook.reconcile.group_{key}", language, **values)
