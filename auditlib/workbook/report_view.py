"""The report page: choose a report, read it as text, write all reports anew with the issues as they stand now, print one as PDF."""

from __future__ import annotations

import os
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..audit import Audit
from ..reports.county_figures import kept_figures
from ..reports.manifest import renew_outputs
from ..reports.markup import Safe, paragraph, tag
from ..reports.output import noted_outputs, written_before
from ..reports.pages import write_reports
from ..reports.printed import find_browser, print_pdf
from ..reports.register_state import RegisterState, register_state
from ..words.errors import AuditlibError, PrintError
from ..words.messages import say
from .last_audit import last_audit
from .shown import framed, text_of

if TYPE_CHECKING:
    from ipywidgets import VBox

PREVIEW = 3000  # characters of a report that are shown as text
_STYLE = {"description_width": "7em"}
_SILENT = frozenset(("style", "script", "head", "title"))
_BREAKS = frozenset(("p", "tr", "li", "h1", "h2", "h3", "h4", "h5", "caption", "dt", "div", "section", "article"))


class ReportView:
    """The report page; show it as the last line of a cell.

    In: county folder and output folder (None: as `last_audit` finds them) and the language. Nothing is audited; `write`
    renders the last audit once more, with the issues of the register as they stand. Raises NotAudited without an audit.
    """

    def __init__(self, workspace: Path | str | None = None, out: Path | str | None = None, *, language: str = "zh") -> None:
        self.language = language
        self._places = (workspace, out)
        self.audit: Audit = last_audit(workspace, out, language=language)
        self._make_widgets()
        self._offer()

    @property
    def out(self) -> Path:
        return self.audit.index.parent

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.report.{key}", self.language, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.box._repr_mimebundle_(**kwargs)

    def _make_widgets(self) -> None:
        import ipywidgets as w

        self.report = w.Dropdown(description=self._say("choose"), style=_STYLE, layout=w.Layout(width="640px"))
        self.write = w.Button(description=self._say("write"), button_style="primary")
        self.pdf = w.Button(description=self._say("pdf"), disabled=find_browser() is None)
        self.link, self.message, self.preview = w.HTML(), w.HTML(), w.HTML()
        self.report.observe(lambda _: self._show(), "value")
        self.write.on_click(lambda _: self._write())
        self.pdf.on_click(lambda _: self._print())
        parts = [self.report, w.HBox([self.write, self.pdf]), self.message, self.link, self.preview]
        self.box: VBox = w.VBox(parts)
        if find_browser() is None:
            self._tell(self._say("no_chromium"), "note")

    # ---- what can be chosen

    def _offer(self) -> None:
        """The pages that were written: the county first, then townships, then the books by name."""
        kept = self.report.value
        names = {o.org_code: o.name for o in self.audit.run.organisations}
        pages = [p for p in sorted(written_before(self.out)) if p.endswith(".html") and (self.out / p).is_file()]
        ordered = sorted(pages, key=lambda p: (p != "index.html", not p.startswith("townships/"), p))
        self.report.options = [(self._named(page, names), page) for page in ordered]
        self.report.index = ordered.index(kept) if kept in ordered else 0 if ordered else None
        self._show()

    def _named(self, page: str, names: dict[str, str]) -> str:
        if page == "index.html":
            return self._say("county", name=self.audit.run.county)
        stem = Path(page).stem
        if page.startswith("townships/"):
            return self._say("township", name=names.get(stem, stem))
        return self._say("book", name=f"{names[stem]} {stem}") if stem in names else page

    def _show(self) -> None:
        if not self.report.value:
            return
        path = self.out / self.report.value
        told = _text(path.read_text(encoding="utf-8"))
        cut = self._say("cut", shown=PREVIEW, n=len(told)) if len(told) > PREVIEW else ""
        self.link.value = framed(_way_to(path, self._say("open")))
        self.preview.value = framed(*([paragraph(cut, "cut")] if cut else []), tag("pre", told[:PREVIEW], tabindex="0"))

    # ---- what is written

    def _write(self) -> None:
        """All pages anew from the last audit and the register of now."""
        try:
            self.audit = last_audit(*self._places, language=self.language)
            state = self._state()
            with noted_outputs() as written:
                run, catalog = self.audit.run, self.audit.catalog
                write_reports(run, catalog, self.audit.issues, self.out, self.language, state, kept_figures(run, catalog, self.out))
            renew_outputs(self.out, written, state.head)
        except AuditlibError as error:
            self._tell(text_of(error, self.language), "unrun")
            return
        self._offer()
        open_ones = sum(issue.is_open for issue in self.audit.issues)
        self._tell(self._say("written", n=len(self.report.options), issues=len(self.audit.issues), open=open_ones), "note")

    def _state(self) -> RegisterState:
        """What the register says now: the head for the footers, scores and digest."""
        from ..issues.county import rules_of
        from ..issues.register import Register
        from ..issues.scores import county_formula

        catalog = self.audit.catalog
        with Register.open_existing(self.audit.register, rules=rules_of(catalog)) as register:
            return register_state(register, county_formula(catalog), self.audit.run.as_of)

    def _print(self) -> None:
        """The chosen report as a PDF beside it."""
        if not self.report.value:
            return
        path = self.out / self.report.value
        try:
            target = print_pdf(path, path.with_suffix(".pdf"))
        except PrintError as error:
            self._tell(text_of(error, self.language), "unrun")
            return
        self.message.value = framed(tag("div", _way_to(target, self._say("open_pdf")), role="status"))

    def _tell(self, text: str, kind: str) -> None:
        self.message.value = framed(tag("div", *(paragraph(line, kind) for line in text.splitlines()), role="status"))


def _way_to(path: Path, text: str) -> Safe:
    """A link from the notebook's folder, and the path for those who open it elsewhere."""
    try:
        relative = os.path.relpath(path, Path.cwd()).replace(os.sep, "/")
    except ValueError:  # another drive
        relative = ""
    anchor = tag("a", text, href=quote(relative), target="_blank") if relative else Safe("")
    return tag("p", anchor, " ", tag("code", path))


class _Reader(HTMLParser):
    """The text of a report, a line an element."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, element: str, attributes: Any) -> None:
        self._silent += element in _SILENT
        if element in _BREAKS:
            self.parts.append("\n")
        elif element in ("td", "th", "dd"):
            self.parts.append("  ")

    def handle_endtag(self, element: str) -> None:
        self._silent -= element in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(" ".join(data.split()))


def _text(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    lines = (line.strip() for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)
