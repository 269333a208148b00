"""A sheet as a grid that says of every row what it was taken for, in a word and a colour; and single cells as evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog.load import load_catalog
from ..intake.layout import is_blank
from ..intake.settling import Settling, TableLook, field_labels
from ..intake.sheets import RawSheet, read_sheets
from ..intake.values import raw_text
from ..reports.findings import excerpt as cells_excerpt
from ..reports.markup import Safe, bullets, join, paragraph, tag
from ..reports.view import view_of
from ..words.cells import column_letters
from ..words.errors import AuditlibError, UnreadableFile
from ..words.messages import catalogue, say
from ..words.records import AuditRun, EvidenceCell, Finding
from .shown import Shown, framed

KINDS = ("title", "header", "data", "total", "group", "footer", "skipped", "quarantined", "aside")
FIRST, LAST = 200, 20  # rows of a long sheet that are shown
_WIDEST, _TEXT, _LONG = 60, 80, 20  # columns shown, characters of a cell shown, and those from which it is broken into lines


@cache
def _style() -> Safe:
    return Safe(f"<style>{(Path(__file__).parent / 'intake.css').read_text(encoding='utf-8')}</style>")


def grid_html(sheet: RawSheet, kinds: Sequence[str], look: TableLook | None, language: str = "zh") -> str:
    """The sheet's first and last rows with row numbers, column letters, the kind of each row, and what each column is read as."""
    widest = max(map(len, sheet.rows), default=0)
    width = min(widest, _WIDEST)
    caption = say("workbook.intake.caption", language, sheet=sheet.name or "—", rows=len(sheet.rows), columns=widest)
    head = _grid_head(width, look, language)
    body = [_grid_row(r, sheet.rows[r], kinds[r], width, language) for r in range(min(FIRST, len(sheet.rows)))]
    if len(sheet.rows) > FIRST:
        last = range(max(FIRST, len(sheet.rows) - LAST), len(sheet.rows))
        if last[0] > FIRST:
            left_out = say("workbook.intake.cut", language, first=FIRST + 1, last=last[0])
            body.append(tag("tr", tag("td", left_out, colspan=width + 2, class_="k-cut")))
        body += [_grid_row(r, sheet.rows[r], kinds[r], width, language) for r in last]
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_="sheet")
    wide = [paragraph(say("workbook.intake.wide", language, n=width), "note")] if widest > width else []
    return framed(_style(), legend(language), tag("div", table, class_="grid", role="group", tabindex="0", aria_label=caption), *wide)


def legend(language: str) -> Safe:
    """The kinds of rows, each in its colour with its word."""
    items = [tag("span", say(f"workbook.kind.{k}", language), class_=f"k-{k}") for k in KINDS]
    return bullets(items, "legend")


def _grid_head(width: int, look: TableLook | None, language: str) -> Safe:
    labels = field_labels(load_catalog(), look.ledger) if look and look.ledger else {}
    read = {c.letter: c for c in look.columns} if look and look.ledger else {}
    cells = []
    for j in range(width):
        letter = column_letters(j)
        c = read.get(letter)
        told = Safe("") if c is None or not c.key else tag("small", *_read_as(c.field, labels, language))
        cells.append(tag("th", letter, told, scope="col"))
    kind, number = say("workbook.intake.kind", language), say("workbook.intake.row", language)
    return tag("tr", tag("th", number, scope="col"), tag("th", kind, scope="col"), *cells)


def _read_as(field: str | None, labels: Mapping[str, tuple[str, str]], language: str) -> list[object]:
    if field is None:
        return [tag("span", "✗ " + say("workbook.intake.open", language), class_="open-column")]
    return [labels.get(field, (field, field))[language != "zh"] if field else say("workbook.intake.not_ours", language)]


def _grid_row(r: int, row: Sequence[Any], kind: str, width: int, language: str) -> Safe:
    texts = [_text(row[j]) if j < len(row) else "" for j in range(width)]
    cells = [tag("td", text, class_="long" if len(text) > _LONG else None) for text in texts]
    word = tag("td", say(f"workbook.kind.{kind}", language), class_="kind")
    return tag("tr", tag("th", str(r + 1), scope="row"), word, *cells, class_=f"k-{kind}")


def _text(cell: Any) -> str:
    text = "" if is_blank(cell) else raw_text(cell)
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


# ---- a cell as evidence ------------------------------------------------------------------------------------


def excerpt(workspace: Path | str, file: str, sheet: str, row: int, columns: Sequence[str], language: str = "zh") -> Shown:
    """The cells of one row as they stand in the file, with their headers, for a working paper; the first one named is marked.

    In: file relative to the workspace, sheet ('' for a text file), 1-based row, column letters. Raises AuditlibError when the
    file, the sheet, the row or a column does not exist.
    """
    root = Path(workspace)
    path = root / file
    if not path.resolve().is_relative_to(root.resolve()):
        raise AuditlibError(say("workbook.excerpt.outside", language, file=file))
    here = _sheet_of(path, file, sheet, language)
    if not 1 <= row <= len(here.rows):
        raise AuditlibError(say("workbook.excerpt.row", language, file=file, sheet=sheet, row=row, last=len(here.rows)))
    look = _table_at(root, path, here, row)
    cells = tuple(_cell(here, look, file, row, letter.strip().upper(), language) for letter in columns)
    return _as_evidence(cells, look.ledger if look else "", language)


def _sheet_of(path: Path, file: str, sheet: str, language: str) -> RawSheet:
    try:
        sheets = list(read_sheets(path))
    except UnreadableFile as error:
        known = error.code in catalogue()
        raise AuditlibError(say(error.code, language, file=file, sheet=sheet, detail=error.detail) if known else str(error)) from error
    for one in sheets:
        if one.name == sheet:
            return one
    raise AuditlibError(say("mapping.settle.sheet", language, file=file, sheet=sheet, candidates=", ".join(s.name for s in sheets)))


def _table_at(root: Path, path: Path, sheet: RawSheet, row: int) -> TableLook | None:
    """The last table whose head stands above the row."""
    above = [x for x in Settling(root, load_catalog()).looks(path, [sheet]) if x.header_rows[-1] < row]
    return above[-1] if above else None


def _cell(sheet: RawSheet, look: TableLook | None, file: str, row: int, letter: str, language: str) -> EvidenceCell:
    cells = sheet.rows[row - 1]
    index = next((j for j in range(max(map(len, sheet.rows))) if column_letters(j) == letter), None)
    if index is None:
        raise AuditlibError(say("workbook.excerpt.column", language, file=file, sheet=sheet.name, column=letter))
    column = next((c for c in look.columns if c.letter == letter), None) if look else None
    raw = raw_text(cells[index]) if index < len(cells) else ""
    return EvidenceCell(file, sheet.name, row, letter, column.header if column else "", (column.field if column else "") or "", raw)


def _as_evidence(cells: tuple[EvidenceCell, ...], ledger: str, language: str) -> Shown:
    """The block that a finding's page shows, for cells that belong to no finding."""
    first = cells[0] if cells else EvidenceCell("", "", 0, "", "", "", "")
    at = (first.file, first.sheet, first.row, first.column)
    finding = Finding("", "", "", "", "", ledger, (), first.field, None, "", "", "", *at, "", "", "", "", cells)
    run = AuditRun("", "", 0, dt.date.min, language, (), (), (), (), (), (), ())
    place = " › ".join(p for p in (first.file, first.sheet, f"{first.column}{first.row}" if cells else "") if p)
    return Shown(framed(_style(), join([cells_excerpt(view_of(run, load_catalog(), (), language), finding)])), place)
