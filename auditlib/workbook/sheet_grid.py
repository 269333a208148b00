"""A sheet as a grid that says of every row what it was taken for, in a word and a colour; and single cells as evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog.load import load_catalog
from ..catalog.packs import county_catalog
from ..intake.excerpt import CellExcerpt, cell_excerpt
from ..intake.layout import is_blank
from ..intake.settling import TableLook, field_labels
from ..intake.sheet_notes import sheet_notes
from ..intake.sheets import RawSheet
from ..intake.values import raw_text
from ..reports.findings import excerpt as cells_excerpt
from ..reports.markup import Safe, bullets, join, paragraph, tag
from ..reports.view import view_of
from ..words.cells import column_letters
from ..words.messages import say
from ..words.records import AuditRun, EvidenceCell, Finding
from .shown import Shown, framed

KINDS = ("title", "header", "data", "total", "opening", "group", "footer", "skipped", "quarantined", "aside")
FIRST, LAST = 200, 20  # rows of a long sheet that are shown
_COMMENT = 300  # characters of a comment shown
_WIDEST, _TEXT, _LONG = 60, 80, 20  # columns shown, characters of a cell shown, and those from which it is broken into lines


@cache
def _style() -> Safe:
    return Safe(f"<style>{(Path(__file__).parent / 'intake.css').read_text(encoding='utf-8')}</style>")


def grid_html(sheet: RawSheet, kinds: Sequence[str], look: TableLook | None, language: str = "zh") -> str:
    """The sheet's first and last rows with row numbers, column letters, the kind of each row, and what each column is read as."""
    widest = max(map(len, sheet.rows), default=0)
    width = min(widest, _WIDEST)
    caption = say("workbook.intake.caption", language, sheet=sheet.name or "—", rows=len(sheet.rows), columns=widest)
    head = _grid_head(sheet, width, look, language)
    hidden = {r for first, end in sheet.hidden_rows for r in range(first, min(end + 1, len(sheet.rows)))}
    body = [_grid_row(sheet, r, kinds[r], r in hidden, width, language) for r in range(min(FIRST, len(sheet.rows)))]
    if len(sheet.rows) > FIRST:
        last = range(max(FIRST, len(sheet.rows) - LAST), len(sheet.rows))
        if last[0] > FIRST:
            left_out = say("workbook.intake.cut", language, first=FIRST + 1, last=last[0])
            body.append(tag("tr", tag("td", left_out, colspan=width + 2, class_="k-cut")))
        body += [_grid_row(sheet, r, kinds[r], r in hidden, width, language) for r in last]
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_="sheet")
    wide = [paragraph(say("workbook.intake.wide", language, n=width), "note")] if widest > width else []
    unseen = [paragraph(say(key, language, **values), "note") for key, values in sheet_notes(sheet)]
    grid = tag("div", table, class_="grid", role="group", tabindex="0", aria_label=caption)
    return framed(_style(), legend(language), *unseen, grid, *wide)


def legend(language: str) -> Safe:
    """The kinds of rows, each in its colour with its word."""
    items = [tag("span", say(f"workbook.kind.{k}", language), class_=f"k-{k}") for k in KINDS]
    return bullets(items, "legend")


def _grid_head(sheet: RawSheet, width: int, look: TableLook | None, language: str) -> Safe:
    labels = field_labels(load_catalog(), look.ledger) if look and look.ledger else {}
    read = {c.letter: c for c in look.columns} if look and look.ledger else {}
    cells = []
    for j in range(width):
        letter = column_letters(j)
        c = read.get(letter)
        told = Safe("") if c is None or not c.key else tag("small", *_read_as(c.field, labels, language))
        mark = _hidden_mark(language) if any(a <= j <= b for a, b in sheet.hidden_columns) else Safe("")
        cells.append(tag("th", letter, mark, told, scope="col"))
    kind, number = say("workbook.intake.kind", language), say("workbook.intake.row", language)
    return tag("tr", tag("th", number, scope="col"), tag("th", kind, scope="col"), *cells)


def _read_as(field: str | None, labels: Mapping[str, tuple[str, str]], language: str) -> list[object]:
    if field is None:
        return [tag("span", "✗ " + say("workbook.intake.open", language), class_="open-column")]
    return [labels.get(field, (field, field))[language != "zh"] if field else say("workbook.intake.not_ours", language)]


def _hidden_mark(language: str) -> Safe:
    """A row or column that the sheet hides, in a word: a mark alone would not be read out."""
    return tag("small", say("workbook.intake.hidden", language), class_="unseen")


def _grid_row(sheet: RawSheet, r: int, kind: str, is_hidden: bool, width: int, language: str) -> Safe:
    row = sheet.rows[r]
    texts = [_text(row[j]) if j < len(row) else "" for j in range(width)]
    cells = [tag("td", text, _comment(sheet, r, j, language), class_="long" if len(text) > _LONG else None) for j, text in enumerate(texts)]
    word = tag("td", say(f"workbook.kind.{kind}", language), class_="kind")
    number = tag("th", str(r + 1), _hidden_mark(language) if is_hidden else Safe(""), scope="row")
    return tag("tr", number, word, *cells, class_=f"k-{kind}")


def _comment(sheet: RawSheet, r: int, j: int, language: str) -> Safe:
    """What a comment on the cell says, under what the cell says."""
    text = sheet.comments.get((r, j))
    if not text:
        return Safe("")
    cut = text if len(text) <= _COMMENT else text[: _COMMENT - 1] + "…"
    return tag("small", say("workbook.intake.comment", language, text=cut), class_="comment")


def _text(cell: Any) -> str:
    text = "" if is_blank(cell) else raw_text(cell)
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


# ---- a cell as evidence ------------------------------------------------------------------------------------


def excerpt(workspace: Path | str, file: str, sheet: str, row: int, columns: Sequence[str], language: str = "zh") -> Shown:
    """The cells of one row as they stand in the file, with their headers, for a working paper; the first one named is marked.

    In: file relative to the workspace, sheet ('' for a text file), 1-based row, column letters. Raises AuditlibError when the
    file, the sheet, the row or a column does not exist.
    """
    cells: list[EvidenceCell] = []
    told: CellExcerpt | None = None
    for letter in (c.strip().upper() for c in columns):
        if told is None or all(c.column != letter for c in told.columns):
            told = cell_excerpt(Path(workspace), file, sheet, row, letter, county_catalog(Path(workspace)), around=0, language=language)
        cells.append(_evidence(told, letter))
    return _as_evidence(tuple(cells), told.ledger if told else "", language)


def _evidence(told: CellExcerpt, letter: str) -> EvidenceCell:
    column = next(c for c in told.columns if c.column == letter)
    text = next(c.text for c in told.rows[0].cells if c.column == letter)
    return EvidenceCell(told.file, told.sheet, told.row, letter, column.header, column.field, text)


def _as_evidence(cells: tuple[EvidenceCell, ...], ledger: str, language: str) -> Shown:
    """The block that a finding's page shows, for cells that belong to no finding."""
    first = cells[0] if cells else EvidenceCell("", "", 0, "", "", "", "")
    at = (first.file, first.sheet, first.row, first.column)
    finding = Finding("", "", "", "", "", ledger, (), first.field, None, "", "", "", *at, "", "", "", "", cells)
    run = AuditRun("", "", 0, dt.date.min, language, (), (), (), (), (), (), ())
    place = " › ".join(p for p in (first.file, first.sheet, f"{first.column}{first.row}" if cells else "") if p)
    return Shown(framed(_style(), join([cells_excerpt(view_of(run, load_catalog(), (), language), finding)])), place)
