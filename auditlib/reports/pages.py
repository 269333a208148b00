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
from .digest_page import digest_page
from .markup import Safe, join, paragraph, tag
from .output import remove_stale, write_output
from .packs import pack_fields
from .register_state import RegisterState
from .render import render
from .scorecard import scores_page
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
    if view.register is not None:
        yield "scores.html", scores_page(view, view.register)
        yield "digest.html", digest_page(view, view.register)
    for code in books:
        yield view.book(code), book_page(view, code)
    for code in townships:
        yield view.township_page(code), township_page(view, code, books)
    yield "index.html", county_page(view, townships, books)


def _seal(view: CountyView) -> Safe:
    """The head of the register that the report rests on, in the command that looks for it."""
    if view.register is None:
        return Safe("")
    folder = view.t("seal.folder")
    return paragraph(join((view.t("seal.check"), " ", tag("code", f"auditlib issues check {folder} --head {view.register.head}"))), "seal")


def write_reports(
    run: AuditRun, catalog: Catalog, issues: Sequence[IssueLike], out: Path, language: str, register: RegisterState | None = None
) -> Path:
    """Writes index.html, townships/, organisations/, rules.html, scores.html and digest.html into `out`; returns index.html.

    `language` is zh or en. Without `register` there is neither score nor digest, and no head in the footers. Pages that an
    earlier run left for organisations that are gone are removed.
    Raises OutputError when a file of someone else stands in the way, ActiveContent on an error of ours.
    """
    view = view_of(run, catalog, issues, language, register)
    packs, seal = pack_fields(view), _seal(view)
    pages = ((relative, replace(page, fields=(*page.fields, *packs), seal=seal)) for relative, page in _pages(view))
    written = [relative for relative, page in pages if write_output(out, relative, render(page))]
    remove_stale(out, _FOLDERS, written)
    return out / "index.html"
