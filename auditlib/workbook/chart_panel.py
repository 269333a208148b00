"""Charts on a page: one at a time, each number a button that opens its rows in the list below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..reports.markup import join, paragraph, table, tag
from ..words.messages import say
from .charts import Cell, Chart
from .shown import framed

if TYPE_CHECKING:
    from ipywidgets import VBox

_HERE = Path(__file__).parent


class ChartPanel:
    """A choice of charts and the one that is chosen.

    In: what to call with the cell that was opened, None for "list all" again, and the language. `show` lays out other charts;
    what was chosen stays chosen where there still is such a chart. `opened` is the open cell.
    """

    def __init__(self, open_rows: Callable[[Cell | None], None], *, language: str = "zh") -> None:
        import ipywidgets as w

        self.language = language
        self.charts: tuple[Chart, ...] = ()
        self.opened: Cell | None = None
        self._open_rows, self._is_filling = open_rows, False
        self.which = w.Dropdown(
            description=self._say("which"), style={"description_width": "7em"}, layout=w.Layout(width="520px", max_width="100%")
        )
        self.picture = _chart_class()(hint=self._say("hint"))
        self.told = w.HTML()
        self.everything = w.Button(description=self._say("everything"), layout=w.Layout(display="none", width="auto"))
        self.which.observe(lambda _: self._on_which(), "value")
        self.picture.observe(lambda _: self._on_cell(), "chosen")
        self.everything.on_click(lambda _: self.close())
        self.box: VBox = w.VBox([self.which, self.picture, w.HBox([self.told, self.everything])])

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.charts.{key}", self.language, **values)

    def show(self, charts: Sequence[Chart]) -> None:
        """Lays out `charts` in the place of what stood here; the cell that is open stays open while it has rows."""
        kept, opened = self.which.value, self.opened
        self.charts = tuple(charts)
        names = [c.name for c in self.charts]
        self._is_filling = True
        self.which.options = [(c.title, c.name) for c in self.charts]
        self.which.value = kept if kept in names else (names[0] if names else None)
        self._is_filling = False
        self._forget()
        self._draw()
        if opened is not None and (at := _place_of(self.chart, opened.name)):
            self._is_filling, self.picture.chosen = True, at
            self._is_filling = False
            self._tell(_cell_at(self.chart, at))

    def close(self) -> None:
        """Opens all rows again."""
        self._forget()
        self._open_rows(None)

    @property
    def chart(self) -> Chart | None:
        """The chart that is chosen."""
        return next((c for c in self.charts if c.name == self.which.value), None)

    def _on_which(self) -> None:
        if not self._is_filling:
            was_open = self.opened is not None
            self._forget()
            self._draw()
            if was_open:
                self._open_rows(None)

    def _forget(self) -> None:
        self.opened, self.told.value, self.everything.layout.display = None, "", "none"
        self._is_filling, self.picture.chosen = True, ""
        self._is_filling = False

    def _draw(self) -> None:
        if self.chart is not None:
            self.picture.chart = _plain(self.chart)

    def _on_cell(self) -> None:
        cell = _cell_at(self.chart, self.picture.chosen)
        if self._is_filling or cell is None:  # the page may send anything
            return
        self._tell(cell)
        self._open_rows(cell)

    def _tell(self, cell: Cell | None) -> None:
        if cell is not None:
            self.opened = cell
            self.told.value = framed(tag("p", self._say("only", name=cell.name, n=len(cell.ids)), role="status"))
            self.everything.layout.display = ""

    @property
    def static(self) -> str:
        """The charts as escaped tables, for a page that has no widgets."""
        return framed(*(join((tag("h4", c.title), paragraph(c.told, "note"), _table(c))) for c in self.charts))


def _place_of(chart: Chart | None, name: str) -> str:
    """Where a cell of this name with rows stands, '' where there is none."""
    cells = ((r, c, cell) for r, line in enumerate(chart.lines if chart else ()) for c, cell in enumerate(line.cells))
    return next((f"{r},{c}" for r, c, cell in cells if cell.name == name and cell.ids), "")


def _cell_at(chart: Chart | None, at: str) -> Cell | None:
    """The cell at 'row,column' that has rows; None for whatever else the page sends."""
    parts = at.split(",")
    if chart is None or len(parts) != 2 or not all(p.isascii() and p.isdecimal() for p in parts):
        return None
    row, column = map(int, parts)
    if row >= len(chart.lines) or column >= len(chart.lines[row].cells):
        return None
    cell = chart.lines[row].cells[column]
    return cell if cell.ids else None


def _plain(chart: Chart) -> dict[str, Any]:
    """A chart as JSON; the ids stay here, only how many there are goes to the page."""
    def told_of(cell: Cell) -> dict[str, Any]:
        return {"text": cell.text, "share": round(cell.share, 4), "name": cell.name, "many": len(cell.ids)}

    lines = [{"label": line.label, "cells": [told_of(c) for c in line.cells]} for line in chart.lines]
    told = {name: getattr(chart, name) for name in ("name", "form", "title", "told", "corner")}
    return told | {"heads": list(chart.heads), "hints": list(chart.hints), "lines": lines}


def _table(chart: Chart) -> object:
    heads = [(chart.corner, "head"), *((head, "num") for head in chart.heads)]
    return table(chart.title, heads, [[line.label, *(c.text for c in line.cells)] for line in chart.lines], "dense")


@cache
def _chart_class() -> Any:
    import anywidget
    import traitlets as t

    class ChartPicture(anywidget.AnyWidget):
        _esm, _css = (_HERE / "chart.js").read_text(encoding="utf-8"), (_HERE / "chart.css").read_text(encoding="utf-8")
        chart = t.Dict({"form": "bars", "title": "", "told": "", "corner": "", "heads": [], "hints": [], "lines": []}).tag(sync=True)
        chosen, hint = t.Unicode("").tag(sync=True), t.Unicode("").tag(sync=True)

    return ChartPicture
