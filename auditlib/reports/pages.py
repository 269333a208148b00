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
from .county_figures import CountyFigures
from .coverage import keeps_ledgers
from .description import Page
from .digest_page import digest_page
from .directory import directory_page
from .leader import leader_page
from .manifest import SHORT, renew_outputs
from .markup import Safe, from_register, join, paragraph, tag
from .output import remove_stale, write_output
from .packs import pack_fields
from .register_state import RegisterState
from .render import render
from .results import Results
from .scorecard import scores_page
from .township import township_page
from .view import CountyView, IssueLike, view_of
from .working_papers import FOLDER as PAPERS
from .working_papers import paper_pages

_FOLDERS = ("townships", "organisations", PAPERS)
_ON_REGISTER = frozenset(("lists", "issues", "clearance"))  # sections that say what the issue register tells


def books_of(view: CountyView) -> tuple[str, ...]:
    """Organisations that get a book: those that keep ledgers, and every other that has findings.

    A township whose only file holds the rows of its villages has none: the file stands in their books.
    """
    return tuple(code for code in sorted(view.organisations) if keeps_ledgers(view, code) or code in view.findings)


def _pages(view: CountyView) -> Iterator[tuple[str, Page]]:
    books = books_of(view)
    townships = sorted(o.org_code for o in view.organisations.values() if o.level == "township")
    yield "rules.html", rules_page(view)
    yield "leader.html", leader_page(view, townships, books)
    yield "directory.html", directory_page(view, books, townships)
    if view.register is not None:
        yield "scores.html", scores_page(view, view.register)
        yield "digest.html", digest_page(view, view.register)
    for code in books:
        yield view.book(code), book_page(view, code)
    for code in townships:
        yield view.township_page(code), township_page(view, code, books)
    yield from paper_pages(view, books)
    yield "index.html", county_page(view, townships, books)


def _seal(view: CountyView) -> Safe:
    """Manifest and head of the register that the report rests on, each in the command that checks it."""
    folder, parts = view.t("seal.folder"), []
    if view.run.manifest_id:
        told = view.t("seal.manifest", id=view.run.manifest_id[:SHORT])
        parts.append(paragraph(join((told, " ", tag("code", f"auditlib reproduce {folder}"))), "seal"))
    if view.register is not None:
        check = tag("code", f"auditlib issues check {folder} --head {view.register.head}")
        parts.append(from_register(paragraph(join((view.t("seal.check"), " ", check)), "seal")))
    return join(parts)


def _marked(page: Page) -> Page:
    """The page with its sections that rest on the register marked as such."""
    return replace(page, sections=tuple(replace(s, body=from_register(s.body)) if s.anchor in _ON_REGISTER else s for s in page.sections))


def write_reports(
    run: AuditRun, catalog: Catalog, issues: Sequence[IssueLike], out: Path, language: str, register: RegisterState | None = None,
    figures: CountyFigures | None = None,
) -> Path:  # fmt: skip
    """Writes every page of the site into `out`, as `_pages` names them; returns index.html.

    `language` is zh or en. Without `register` there is neither score nor digest, and no head in the footers; without `figures`
    the books show no balances and no ledgers in figures. Pages that an earlier run left for organisations that are gone are removed.
    Raises OutputError when a file of someone else stands in the way, ActiveContent on an error of ours.
    """
    view = view_of(run, catalog, issues, language, register, figures)
    packs, seal = pack_fields(view), _seal(view)
    pages = ((relative, replace(_marked(page), fields=(*page.fields, *packs), seal=seal)) for relative, page in _pages(view))
    written = [relative for relative, page in pages if write_output(out, relative, render(page))]
    remove_stale(out, _FOLDERS, written)
    return out / "index.html"


def one_page(name: str, results: Results, language: str, register: RegisterState | None = None) -> Path:
    """Writes one page of the site anew, as `write_reports` does, and its hash into the manifest; returns it. Raises OutputError."""
    view = view_of(results.run, results.catalog, register.issues if register else (), language, register)
    page = next(page for relative, page in _pages(view) if relative == name)
    dressed = replace(_marked(page), fields=(*page.fields, *pack_fields(view)), seal=_seal(view))
    path = write_output(results.out, name, render(dressed))
    renew_outputs(results.out, (name,), register.head if register else "")
    return path
