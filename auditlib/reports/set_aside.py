"""Rows that could not be used, on the page: one by one with their reason, and named beside every total that they could change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..intake.set_aside import VOIDED
from ..words.records import Source
from .blocks import cut, empty, heads, tell
from .figures import grouped
from .markup import Safe, join, link, paragraph, table
from .masking import mask
from .view import CountyView

ANCHOR = "set_aside"
_SHOWN = 100  # rows on one page: a book stays light
_NAMED = 8


def rows_in_doubt(sources: Iterable[Source]) -> int:
    """Rows that were set aside and could belong to a total; a voided voucher was never posted and changes none."""
    return sum(source.rows_quarantined - sum(row.reason == VOIDED for row in source.set_aside) for source in sources)


def set_aside_note(view: CountyView, sources: Sequence[Source], anchor: str = f"#{ANCHOR}") -> Safe:
    """The sentence that stands with a total: how many rows of which ledgers are not in it. Nothing where there are none."""
    lost = rows_in_doubt(sources)
    if not lost:
        return Safe("")
    ledgers = dict.fromkeys(view.ledger(s.ledger) for s in sources if s.ledger and rows_in_doubt([s]))
    named = view.t("list").join(list(ledgers)[:_NAMED]) + (view.t("and_more", n=len(ledgers) - _NAMED) if len(ledgers) > _NAMED else "")
    told = view.t("set_aside.note", n=grouped(lost), ledgers=named)
    return paragraph(join((told, link(anchor, view.t("set_aside.see")))), "unrun")


def set_aside_table(view: CountyView, sources: Sequence[Source]) -> Safe:
    """Every row set aside with its place, reason and text, in full: for the working paper."""
    return _table(view, sources, lambda text: text)


def masked_set_aside(view: CountyView, sources: Sequence[Source]) -> Safe:
    """The same for a page that travels."""
    return _table(view, sources, lambda text: mask(text, view.organisations))


def _table(view: CountyView, sources: Sequence[Source], shown: Callable[[str], str]) -> Safe:
    rows = [
        [shown(s.file), shown(s.sheet) or "—", view.ledger(s.ledger), str(r.row), tell(view, r.reason), shown(r.text)]
        for s in sources
        for r in s.set_aside
    ]
    if not rows:
        return empty(view, "set_aside.none")
    kept, note = cut(view, rows, view.t("set_aside.where"), _SHOWN)
    names = (("file", "head"), ("sheet", ""), ("ledger", ""), ("row", "num"), ("reason", ""), ("row_text", "wide"))
    caption = view.t("caption.set_aside", n=grouped(len(rows)))
    return join((table(caption, heads(view, *names), kept, "dense"), note))
