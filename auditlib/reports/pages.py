"""All pages of an audit: county, townships, one book per village and group, and the rule cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..catalog.specs import Catalog
from ..words.records import AuditRun
from .book import book_page
from .cards import rules_page
from .county import county_page
from .coverage import keeps_ledgers
from .description import Page
from .output import remove_stale, write_output
from .packs import pack_fields
from .render import render
from .township import township_page
from .view import CountyView, IssueLike, view_of

_FOLDERS = ("townships", "organisations")


def books_of(view: CountyView) -> tuple[str, ...]:
    """Organisations that get a book: those that keep ledgers, and every other that has findings.

    A township whose only file holds the rows of its villages has none: the file stands in their books.
    """
    return tuple(code for code in sorted(view.organisations) if keeps_ledgers(view, code) or code in view.findings)


def _pages(view: CountyView) -> Iterator[tuple[str, Page]]:
    books = books_of(view)
    townships = sorted(o.org_code for o in view.organisations.values() if o.level == "township")
    yield "rules.html", rules_page(view)
    for code in books:
        yield view.book(code), book_page(view, code)
    for code in townships:
        yield view.township_page(code), township_page(view, code, books)
    yield "index.html", county_page(view, townships, books)


def write_reports(run: AuditRun, catalog: Catalog, issues: Sequence[IssueLike], out: Path, language: str) -> Path:
    """Writes index.html, townships/, organisations/ and rules.html into `out`; returns the path of index.html.

    `language` is zh or en. Pages that an earlier run left for organisations that are gone are removed.
    Raises OutputError when a file of someone else stands in the way, ActiveContent on an error of ours.
    """
    view = view_of(run, catalog, issues, language)
    packs = pack_fields(view)
    pages = ((relative, replace(page, fields=(*page.fields, *packs))) for relative, page in _pages(view))
    written = [relative for relative, page in pages if write_output(out, relative, render(page))]
    remove_stale(out, _FOLDERS, written)
    return out / "index.html"
