"""The three lists of the issue register: what is wrong, who answers for it, and by when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .blocks import colour_mark, colour_of, cut, empty, heads, issue_state, money, owner_name, severity_mark, state_name, text_of
from .figures import grouped
from .findings import anchor
from .markup import Safe, join, link, paragraph, table, tag
from .view import CountyView, severity_rank


def in_order(issues: Sequence[Any]) -> list[Any]:
    """Issues worst first, then by deadline and number."""
    return sorted(issues, key=lambda i: (severity_rank(text_of(i.severity)), text_of(i.deadline) or "9999", str(i.issue_id)))


def _title(view: CountyView, issue: Any, here: frozenset[str]) -> Safe:
    told = getattr(issue, "title_in", None)
    shown = join((f"{text_of(issue.rule)} ", told(view.language) if told else issue.title))
    target = next((f for f in issue.finding_ids if f in here), None)
    return link(f"#{anchor(target)}", shown) if target else shown


def _problem(view: CountyView, issue: Any) -> list[object]:
    return [severity_mark(view, text_of(issue.severity)), money(view, issue.amount), issue_state(view, issue)]


def _responsibility(view: CountyView, issue: Any) -> list[object]:
    return [owner_name(view, text_of(issue.owner)) or view.t("lists.no_owner"), issue_state(view, issue)]


def _time_limit(view: CountyView, issue: Any) -> list[object]:
    return [text_of(issue.deadline) or view.t("lists.no_deadline"), colour_mark(*colour_of(view, issue))]


_LISTS = (
    ("problems", _problem, (("severity", ""), ("amount", "num"), ("state", "nowrap"))),
    ("owners", _responsibility, (("owner", ""), ("state", "nowrap"))),
    ("deadlines", _time_limit, (("deadline", "nowrap"), ("colour", "nowrap"))),
)


def three_lists(view: CountyView, issues: Sequence[Any], here: frozenset[str]) -> Safe:
    """问题清单, 责任清单 and 时限清单 of one organisation; `here` are the findings shown on the same page."""
    if not issues:
        return empty(view, "lists.none")
    kept, note = cut(view, in_order(issues), view.t("lists.register"))
    tables = []
    for name, cells, names in _LISTS:
        rows = [[i.issue_id, _title(view, i, here), *cells(view, i)] for i in kept]
        columns = heads(view, ("issue", "head"), ("title", "wide"), *names)
        tables.append(table(view.t(f"lists.{name}"), columns, rows, "listed"))
    return join((*tables, note))


def states_table(view: CountyView, issues: Sequence[Any]) -> Safe:
    """Where the issues stand: by state, how many, the money, and how many of each warning colour."""
    if not issues:
        return empty(view, "lists.none")
    states = sorted({text_of(i.state) for i in issues})
    rows = [_state_row(view, state_name(view, s), [i for i in issues if text_of(i.state) == s]) for s in states]
    rows.append(_state_row(view, tag("strong", view.t("total")), issues))
    columns = [
        (view.t("column.state"), "head"),
        (view.t("column.count"), "num"),
        (view.t("column.amount"), "num"),
        (view.t("column.colours"), ""),
    ]
    return join((table(view.t("caption.states"), columns, rows, "totals"), paragraph(view.t("lists.colours"), "note")))


def _state_row(view: CountyView, name: object, issues: Sequence[Any]) -> list[object]:
    counted = Counter(shade for i in issues if (shade := colour_of(view, i))[0])
    shades = sorted(counted, key=lambda s: (severity_rank(s[0]), s))
    marks = [join((colour_mark(*shade), f" {counted[shade]}")) for shade in shades]
    amounts = [i.amount for i in issues if i.amount is not None]
    return [name, grouped(len(issues)), money(view, sum(amounts) if amounts else None), join(marks, "  ")]
