"""The charts of an audit on the start page, with the rows of the cell that is open in a grid below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..audit import Audit
from ..reports.kept_run import run_before
from ..reports.markup import paragraph
from ..reports.view import reading_order
from ..words.messages import say
from .chart_panel import ChartPanel
from .charts import COMPARED, Cell, before_and_after, compared, townships_by_type
from .finding_list import finding_columns, finding_frame
from .frames import view_for
from .grid import Pager, paging_grid
from .shown import framed

if TYPE_CHECKING:
    from ipywidgets import VBox


class FindingCharts:
    """Townships by type, and before and after; show it as the last line of a cell. `show` takes another audit, None for none."""

    def __init__(self, audit: Audit | None = None, *, language: str = "zh") -> None:
        import ipywidgets as w

        self.language, self.audit = language, audit
        self._standing: dict[str, str] = {}
        self.panel = ChartPanel(lambda cell: self._open(cell), language=language)
        self._columns = finding_columns(language, say("workbook.charts.compared", language))
        self.grid: Any = None  # made when the first cell is opened: the page opens sooner
        self.none = w.HTML(framed(paragraph(say("workbook.not_yet", language), "empty")))
        self.box: VBox = w.VBox([self.none, self.panel.box])
        self.show(audit)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = self.box._repr_mimebundle_(**kwargs)
        static = self.panel.static if self.audit else self.none.value
        return {**shown, "text/html": static} if isinstance(shown, dict) else shown

    def show(self, audit: Audit | None) -> None:
        """Draws another audit beside the run before it."""
        self.audit = audit
        for part, is_there in ((self.none, audit is None), (self.panel.box, audit is not None)):
            part.layout.display = "" if is_there else "none"
        self._list(())
        if audit is None:
            return
        before = run_before(audit.index.parent, audit.run.workspace)
        parts = compared(audit, before)
        self._findings = {f.finding_id: f for part in COMPARED for f in parts[part]}
        words = {part: say(f"workbook.charts.compared.{part}", self.language) for part in COMPARED}
        self._standing = {f.finding_id: words[part] if before else "" for part in COMPARED for f in parts[part]}
        charts = (townships_by_type(audit, self.language), before_and_after(audit, before, self.language))
        self.panel.show(charts)
        self._open(self.panel.opened)

    def _open(self, cell: Cell | None) -> None:
        """The rows of a cell in the grid; without a cell no grid: the list of all findings stands elsewhere on the page."""
        if cell is None or self.audit is None:
            self._list(())
            return
        found = sorted((self._findings[i] for i in cell.ids), key=reading_order)
        frame = finding_frame(view_for(self.audit, self.language), found, lambda f: self._standing[f.finding_id])
        if self.grid is None:
            self.grid = paging_grid(frame, self._columns, say("workbook.charts.rows", self.language), language=self.language)
        else:
            self.grid.take(Pager(frame, self._columns))
        self._list((self.grid,))

    def _list(self, grids: tuple[Any, ...]) -> None:
        """What stands below the chart."""
        self.box.children = (self.none, self.panel.box, *grids)
