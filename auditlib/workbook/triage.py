"""The findings page: the grid of all findings, and beside the chosen one everything that is needed to accept it or not.

A finding is a fact of the run; what a person makes of it happens to its issue in the register, through the card of the issue:
accept, join, ask for it to be declined (a second person confirms), each written at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..audit import Audit
from ..intake.excerpt import CellExcerpt, cell_excerpt
from ..issues.issue import Issue
from ..reports.figures import yuan
from ..reports.findings import basis_list, excerpt, place, told_sum
from ..reports.kept_run import run_before
from ..reports.markup import Safe, bullets, join, pairs, paragraph, table, tag, unbroken
from ..reports.view import CountyView, reading_order
from ..words.errors import AuditlibError, UnreadableFile
from ..words.messages import say
from ..words.records import Finding
from .acting import ActingBar
from .chart_panel import ChartPanel
from .charts import Cell, before_and_after, compared, townships_by_type
from .county_register import county_register, utc_now
from .finding_list import finding_columns, finding_frame
from .frames import view_for
from .grid import Pager, paging_grid
from .issue_card import IssueCard
from .shown import framed, unlinked

if TYPE_CHECKING:
    from ipywidgets import VBox

_AROUND = 2  # rows of the sheet above and below
_MOST_COLUMNS = 14  # of the sheet
_MOST_OTHERS = 20


class TriageView:
    """The findings of an audit; show it as the last line of a cell.

    In: the audit (whole or cut to a village), county folder and output folder (None: as `last_audit` finds them), the language,
    and the moment (tests set it). `grid` is the list, `finding` the chosen one, `card` the card of its issue, `charts` what
    narrows the list to the rows of one bar or cell: `shown` are the findings that are listed.
    """

    def __init__(
        self, audit: Audit, workspace: Path | str | None = None, out: Path | str | None = None, *, language: str = "zh",
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:  # fmt: skip
        import ipywidgets as w

        self.language, self.audit = language, audit
        self.findings = sorted(audit.run.findings, key=reading_order)  # worst first; a row of the grid is a place in it
        self.shown = self.findings
        self.finding: Finding | None = None
        self._view = view_for(audit, language)
        self._register = county_register(workspace, out)
        self._now = now
        self.acting = ActingBar(self._register.county, self._register.out, language=language)
        self._issues = self._read_issues()
        self.card = IssueCard(
            self._register, lambda: self.acting.person, self._on_step, now=now, signer=lambda: self.acting.signer, language=language
        )
        self._columns = finding_columns(language, self._say("column.state"))
        self.grid = paging_grid(self._frame(), self._columns, self._say("title"), language=language)
        self.charts = ChartPanel(self._only, language=language)
        self._gone = self._draw_charts()
        self.detail = w.HTML(framed(paragraph(self._say("none"), "empty")))
        self.grid.observe(lambda _: self._show(), "chosen")
        self.acting.who.observe(lambda _: self._show(), "value")
        self.card.box.layout.display = "none"
        self.box: VBox = w.VBox([self.acting.box, self.charts.box, self.grid, self.detail, self.card.box])

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.triage.{key}", self.language, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        made = self.box._repr_mimebundle_(**kwargs)
        bundle, meta = made if isinstance(made, tuple) else (made, {})
        return {**(bundle or {}), "text/html": self.grid.static}, meta

    # ---- the list

    def _frame(self) -> Any:
        return finding_frame(self._view, self.shown, self._state)

    def _draw_charts(self) -> dict[str, Finding]:
        """Lays out the charts; what comes back are the findings of the run before that are found no more, by id."""
        before = run_before(self._register.out, self.audit.run.workspace)
        parts = compared(self.audit, before)
        self.charts.show((townships_by_type(self.audit, self.language), before_and_after(self.audit, before, self.language)))
        return {f.finding_id: f for part in ("gone", "not_looked") for f in parts[part]}

    def _only(self, cell: Cell | None) -> None:
        """Lists the findings of one cell of a chart, all of this audit for None."""
        found = {**self._gone, **{f.finding_id: f for f in self.findings}}
        self.shown = self.findings if cell is None else sorted((found[i] for i in cell.ids), key=reading_order)
        self.grid.chosen = ""
        self.grid.take(Pager(self._frame(), self._columns))

    def _state(self, finding: Finding) -> str:
        issue = self._issues.get(finding.finding_id)
        return say(f"issues.state.{issue.state}", self.language) if issue else ""

    def _read_issues(self) -> dict[str, Issue]:
        """Finding -> its issue, as the register has it now."""
        with self._register.opened() as register:
            every = register.issues(register.clock.day_of(self._now()))
        return {finding: issue for issue in every for finding in issue.finding_ids}

    def _on_step(self) -> None:
        """A step was written: the list shows the new states under the same filters."""
        self._issues = self._read_issues()
        self.grid.take(Pager(self._frame(), self._columns))

    # ---- the chosen one

    def _show(self) -> None:
        chosen = self.grid.chosen
        if not (chosen.isascii() and chosen.isdecimal()) or int(chosen) >= len(self.shown):  # the page may send anything
            return
        self.finding = self.shown[int(chosen)]
        self.detail.value = framed(*(unlinked(p) for p in self._parts(self.finding)))
        issue = self._issues.get(self.finding.finding_id)
        self.card.box.layout.display = "" if issue else "none"
        if issue:
            self.card.show(issue.issue_id)

    def _parts(self, f: Finding) -> list[Safe]:
        view = self._view
        heading = tag("h4", f"{f.rule} {view.rule_name(f.rule)}")
        facts = [
            (view.t("place"), place(view, f)), (view.t("records"), view.t("list").join(f.records)),
            (view.t("expected"), told_sum(f, f.expected)), (view.t("actual"), told_sum(f, f.actual)),
            (view.t("amount"), yuan(f.amount)), (view.t("finding_basis"), f.basis),
        ]  # fmt: skip
        parts = [heading, paragraph(view.message(f)), pairs([(k, v) for k, v in facts if v]), excerpt(view, f), self._around(f)]
        parts += [self._card(view, f), tag("h5", self._say("others")), self._others(f)]
        return parts if f.finding_id in self._issues else [*parts, paragraph(self._say("no_issue"), "unrun")]

    def _card(self, view: CountyView, f: Finding) -> Safe:
        card = view.card(f.rule)
        if card is None:
            return Safe("")
        told = [(self._say("why"), card.why[self.language]), (self._say("mistakes"), card.false_alarms[self.language])]
        return tag("details", tag("summary", self._say("rule")), pairs(told), basis_list(view, card), class_="law", open="open")

    def _around(self, f: Finding) -> Safe:
        """The rows of the sheet above and below, read from the file as it is now."""
        if not f.source_file or not f.row or not f.column:
            return Safe("")
        catalog = self._register.catalog
        try:
            found = cell_excerpt(
                self._register.county, f.source_file, f.sheet, f.row, f.column, catalog, around=_AROUND, language=self.language
            )
        except (AuditlibError, UnreadableFile, OSError) as error:
            return paragraph(self._say("no_place", reason=error), "note")
        return _sheet(found, f, self._say("place"), self._view.t("column.row"))

    def _others(self, f: Finding) -> Safe:
        """Findings of the same record, or of the same row of the same sheet."""
        records, at = set(f.records), (f.source_file, f.sheet, f.row)
        same = [
            g for g in self.findings
            if g is not f and g.org_code == f.org_code
            and ((g.ledger == f.ledger and records & set(g.records)) or (f.row and (g.source_file, g.sheet, g.row) == at))
        ]  # fmt: skip
        if not same:
            return paragraph(self._say("no_others"), "empty")
        return bullets([f"{g.rule} {self._view.message(g)}" for g in same[:_MOST_OTHERS]])


def _sheet(found: CellExcerpt, f: Finding, caption: str, row_head: str) -> Safe:
    """The columns around the cell; the cell itself is marked."""
    at = next((i for i, c in enumerate(found.columns) if c.column == f.column), 0)
    start = max(0, min(at - _MOST_COLUMNS // 2, len(found.columns) - _MOST_COLUMNS))
    kept = found.columns[start : start + _MOST_COLUMNS]
    heads = [(row_head, "head"), *((join((tag("small", c.column), c.header)), "") for c in kept)]
    rows = []
    for row in found.rows:
        texts = {c.column: unbroken(c.text) for c in row.cells}
        marked = f.column if row.row == f.row else ""
        cells = [tag("mark", texts.get(c.column, "")) if c.column == marked else texts.get(c.column, "") for c in kept]
        rows.append([str(row.row), *cells])
    return table(caption, heads, rows, "dense")
