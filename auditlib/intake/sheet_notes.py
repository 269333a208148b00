"""What must be said of a sheet because its cells do not show it: that it is hidden, in whole or in part, and where comments stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..words.cells import column_letters
from .lost_cells import Cell, Span
from .sheets import RawSheet

_LISTED = 12  # places that a note names; all of them stand in the JSON of `auditlib read` and in the grid
Note = tuple[str, Mapping[str, Any]]  # message key and values
EVERY_ROW: Span = (0, 2**31)


def sheet_notes(sheet: RawSheet, rows: Span = EVERY_ROW) -> tuple[Note, ...]:
    """Message keys and values for the part of the sheet between two rows (0-based, both included).

    Hidden rows and columns are read like all others. Comments are named by their cells only: what they say stays with the
    sheet, since notes travel further than working papers.
    """
    notes: list[Note] = [] if sheet.is_visible else [("note.hidden_sheet", {})]
    hidden = [span for s in sheet.hidden_rows if (span := _within(s, rows))]
    if hidden:
        notes.append(("note.hidden_rows", {"rows": _listed(row_span(s) for s in hidden)}))
    if sheet.is_hiding_unseen:
        notes.append(("note.hidden_unseen", {}))
    width = max(map(len, sheet.rows), default=0)
    columns = [span for s in sheet.hidden_columns if (span := _within(s, (0, width - 1)))]
    if columns:
        notes.append(("note.hidden_columns", {"columns": _listed(column_span(s) for s in columns)}))
    commented = sorted(cell for cell in sheet.comments if rows[0] <= cell[0] <= rows[1])
    if commented:
        notes.append(("note.comments", {"n": len(commented), "cells": _listed(map(cell_name, commented))}))
    return tuple(notes)


def cell_name(cell: Cell) -> str:
    """The cell as a spreadsheet names it: (4, 2) -> 'C5'."""
    return f"{column_letters(cell[1])}{cell[0] + 1}"


def row_span(span: Span) -> str:
    return "–".join(str(n + 1) for n in dict.fromkeys(span))


def column_span(span: Span) -> str:
    return "–".join(column_letters(n) for n in dict.fromkeys(span))


def _within(span: Span, bounds: Span) -> Span | None:
    first, last = max(span[0], bounds[0]), min(span[1], bounds[1])
    return (first, last) if first <= last else None


def _listed(texts: Iterable[str]) -> str:
    every = list(texts)
    return ", ".join(every[:_LISTED]) + (f" … ({len(every)})" if len(every) > _LISTED else "")
