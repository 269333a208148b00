"""A grid for ten rows or a million: Python sorts, filters and pages, the browser holds one page and sets it as text.

`paging_grid` makes the widget; the class stands inside a function because its base class is a heavy library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..reports.markup import table
from ..words.messages import say
from .shown import framed

if TYPE_CHECKING:
    import pandas as pd

PAGE = 20  # rows on one page
_LONGEST = 300  # characters of a cell that are sent to the page
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the frame: its name there, its title, how it stands ('' | 'num'), and how a value reads."""

    name: str
    label: str
    kind: str = ""
    text: Callable[[Any], str] = str


class Pager:
    """The rows of a frame in the order and choice of a query; what the browser sends is checked here.

    A query is {sort, desc, page, size, filters}; unknown columns, strange values and pages that do not exist are put right.
    Filters look for a text in what the cell reads as, without regard to case; amounts are sorted as amounts.
    """

    def __init__(self, frame: pd.DataFrame, columns: Sequence[Column]) -> None:
        self._frame, self._columns = frame, {c.name: c for c in columns}
        self._key: object = None
        self._order: Any = None
        self._texts: dict[str, Any] = {}

    def checked(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """`query` with nothing in it but what this table knows."""
        wanted = query.get("filters")
        filters = {c: t for c, t in wanted.items() if c in self._columns and isinstance(t, str) and t} if isinstance(wanted, dict) else {}
        sort, page, size = query.get("sort"), query.get("page"), query.get("size")
        known = isinstance(sort, str) and sort in self._columns
        return {
            "sort": sort if known else "", "desc": bool(query.get("desc")) and known,
            "page": page if isinstance(page, int) and not isinstance(page, bool) and page > 0 else 0,
            "size": size if size in (10, PAGE, 50, 100) else PAGE, "filters": filters,
        }  # fmt: skip

    def page(self, query: Mapping[str, Any]) -> tuple[dict[str, Any], int, list[dict[str, Any]]]:
        """The query as it was taken, how many rows fit it, and the rows of its page as {id, cells}."""
        query = self.checked(query)
        order = self._ordered(query)
        last = max((len(order) - 1) // query["size"], 0)
        query["page"] = min(query["page"], last)
        start = query["page"] * query["size"]
        return query, len(order), [self._row(i) for i in order[start : start + query["size"]].tolist()]

    def _row(self, place: int) -> dict[str, Any]:
        values = self._frame.iloc[place]
        return {"id": str(place), "cells": [_cut(c.text(values[c.name])) for c in self._columns.values()]}

    def _ordered(self, query: Mapping[str, Any]) -> Any:
        """Positions of the rows that fit, in order; kept until the choice changes, so that turning a page costs nothing."""
        import numpy as np
        import pyarrow.compute as pc

        key = (query["sort"], query["desc"], tuple(sorted(query["filters"].items())))
        if key != self._key:
            fits = np.ones(len(self._frame), dtype=bool)
            for name, text in query["filters"].items():
                fits &= pc.match_substring(self._read_as(name), text, ignore_case=True).to_numpy(zero_copy_only=False)
            order = np.flatnonzero(fits)
            self._key, self._order = key, self._sorted(order, query["sort"], query["desc"]) if query["sort"] else order
        return self._order

    def _read_as(self, name: str) -> Any:
        """What every cell of a column reads as, worded once."""
        import pyarrow as pa

        if name not in self._texts:
            word = self._columns[name].text
            self._texts[name] = pa.array([word(v) for v in self._frame[name]], type=pa.large_string())
        return self._texts[name]

    def _sorted(self, order: Any, name: str, descending: bool) -> Any:
        """Blanks last either way; equal values stay in the order of the frame."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._columns[name].kind == "num":
            values = pa.array(self._frame[name].iloc[order].astype(float), from_pandas=True)
        else:
            texts = self._read_as(name).take(pa.array(order))
            values = pc.if_else(pc.equal(texts, ""), pa.scalar(None, type=texts.type), texts)
        keys = [("", "descending" if descending else "ascending")]
        return order[pc.sort_indices(pa.table({"": values}), sort_keys=keys).to_numpy()]  # stable, nulls at the end


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def paging_grid(frame: pd.DataFrame, columns: Sequence[Column], title: str, *, language: str = "zh", sort: str = "") -> Any:
    """A widget over `frame`; its `chosen` is the position of the chosen row as text, '' while none is.

    Its `query` can be set from Python as from the page. Where there is no JavaScript its current page is a static table.
    """
    return _grid_class()(Pager(frame, columns), columns, title, language, sort)


@cache
def _grid_class() -> Any:
    import anywidget
    import traitlets as t

    class PagingGrid(anywidget.AnyWidget):
        _esm, _css = (_HERE / "grid.js").read_text(encoding="utf-8"), (_HERE / "grid.css").read_text(encoding="utf-8")
        words, columns = t.Dict().tag(sync=True), t.List().tag(sync=True)
        rows, total = t.List().tag(sync=True), t.Int(0).tag(sync=True)
        query, chosen = t.Dict().tag(sync=True), t.Unicode("").tag(sync=True)

        def __init__(self, pager: Pager, columns: Sequence[Column], title: str, language: str, sort: str) -> None:
            self._pager = pager
            words = {name: say(f"workbook.grid.{name}", language) for name in ("back", "on", "filter")}
            words |= {"status": say("workbook.grid.status", language, n="{n}", page="{page}", pages="{pages}"), "title": title}
            named = [{"name": c.name, "label": c.label, "kind": c.kind} for c in columns]
            super().__init__(words=words, columns=named, query=pager.checked({"sort": sort}))
            self.observe(lambda _: self._refresh(), "query")
            self._refresh()

        def _refresh(self) -> None:
            query, total, rows = self._pager.page(self.query)
            with self.hold_sync():
                self.query, self.total, self.rows = query, total, rows

        def take(self, pager: Pager) -> None:
            """Other rows under the same columns; the choice and the filters stay."""
            self._pager = pager
            self._refresh()

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            made = super()._repr_mimebundle_(**kwargs)
            bundle, meta = made if isinstance(made, tuple) else (made, {})
            return {**(bundle or {}), "text/html": self.static}, meta

        @property
        def static(self) -> str:
            """The current page as an escaped table."""
            heads = [(c["label"], c["kind"]) for c in self.columns]
            return framed(table(f"{self.words['title']} · {self.total}", heads, [r["cells"] for r in self.rows], "dense"))

    return PagingGrid
