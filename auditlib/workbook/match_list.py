"""What two books made of each other, as tables: one line a pair or a lone line, and groups of lines that could be exchanged."""

from __future__ import annotations

from collections.abc import Sequence

from ..reports.figures import grouped, yuan
from ..reports.markup import Safe, join, table
from ..reports.match_groups import Item, group_cells, group_heads
from ..reports.reconciled import how_name, sides_of, title_of
from ..reports.view import CountyView
from ..words.messages import say
from ..words.records import Match


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
        (title_of(view, m.reconciliation), view.name(m.org_code), *sides_of(view, m), view.t(f"column.{m.state}"),
         how_name(view, m.how), yuan(m.difference))
        for m in matches
    ]  # fmt: skip
    return table(caption, heads, rows, "dense")


def _groups(view: CountyView, groups: Sequence[Item], caption: str, language: str) -> Safe:
    rows = [(title_of(view, g[0].reconciliation), view.name(g[0].org_code), *group_cells(view, g)) for g in groups]
    return table(caption, [*_where(language), *group_heads(view)], rows, "dense")
