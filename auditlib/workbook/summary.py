"""What came of an audit on one screen: verdict and money first, then who, then what could not be read, then the report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..audit import Audit
from ..reports.blocks import family_table, problems_table, verdict
from ..reports.coverage import unrecognised
from ..reports.figures import grouped
from ..reports.lists import states_table
from ..reports.markup import Safe, bullets, escape, paragraph, tag
from ..reports.rollup import ranking
from ..reports.view import CountyView
from ..words.messages import say
from .frames import view_for
from .shown import Shown, framed, unlinked

if TYPE_CHECKING:
    from ipywidgets import HTML


def summary_html(audit: Audit, language: str | None = None) -> str:
    """The summary as HTML; all text of ledgers, folders and settings in it is escaped.

    Takes a whole audit or one cut to a village. `language` is zh or en, that of the run when None.
    """
    view = view_for(audit, language or audit.run.language)
    run = audit.run
    unread = len(run.problems) + len(unrecognised(view))
    parts = [
        tag("h2", _title(view)), paragraph(_scope(view), "note"), _own_errors(view),
        verdict(view, run.findings, run.checks, unread), family_table(view, run.findings),
        tag("h3", view.t("section.ranking")), ranking(view, tuple(view.organisations), "", "findings.csv"),
        tag("h3", view.t("section.issues")), states_table(view, audit.issues),
        tag("h3", view.t("section.problems")), problems_table(view, run.problems, "index.html"),
        paragraph(say("audit.summary.report", view.language, path=audit.index), "note"),
    ]  # fmt: skip
    return framed(*(unlinked(p) for p in parts))


def summary_table(audit: Audit, language: str | None = None) -> HTML:
    """The summary as a widget."""
    from ipywidgets import HTML

    return HTML(value=summary_html(audit, language))


def report_link(audit: Audit, language: str | None = None) -> Shown:
    """The way to the report: a link from the notebook's folder, and the path for those who open it elsewhere."""
    spoken = language or audit.run.language
    try:
        relative = os.path.relpath(audit.index, Path.cwd()).replace(os.sep, "/")
    except ValueError:  # another drive
        relative = ""
    anchor = tag("a", say("workbook.open_report", spoken), href=quote(relative), target="_blank") if relative else Safe("")
    return Shown(framed(tag("p", anchor, " ", tag("code", audit.index))), str(audit.index))


def _title(view: CountyView) -> str:
    run = view.run
    return say("audit.summary.county", view.language, county=run.county, year=run.fiscal_year, as_of=run.as_of)


def _scope(view: CountyView) -> str:
    read = [s for s in view.run.sources if s.ledger]
    return say(
        "audit.summary.read", view.language, files=grouped(len({s.file for s in view.run.sources})), sheets=grouped(len(read)),
        rows=grouped(sum(s.rows_read for s in read)), organisations=grouped(len(view.run.organisations)),
    )  # fmt: skip


def _own_errors(view: CountyView) -> Safe:
    """Failures of this program stand before the verdict: what they hide looks like assurance."""
    if not view.run.errors:
        return Safe("")
    told = paragraph(say("audit.summary.errors", view.language, n=len(view.run.errors)))
    return tag("div", told, bullets(escape(e) for e in view.run.errors), class_="own-errors", role="alert")
