"""The sheet for the notice board as an Excel workbook to print: one worksheet a section, no formulas, the same bytes each time."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..words.messages import say
from .publication import Board
from .publication_page import cell_text
from .publication_tables import BoardSection, BoardTable, sections_of, summary_of
from .view import CountyView

_MADE = dt.datetime(2000, 1, 1)
_WIDTHS = {"text": 22, "wide": 36, "nowrap": 14, "money": 15, "area": 11, "count": 8}
_FORMATS = {"money": "#,##0.00", "area": "#,##0.00", "count": "#,##0"}
_LONGEST = 32_000  # characters of a cell; Excel takes 32,767


def board_workbook(board: Board, view: CountyView) -> bytes:
    """The workbook: what stands on top, then every section; headers and footers name organisation, period and draft."""
    import xlsxwriter

    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(kept, options) as book:
        title = say("publication.title", view.language, name=board.name)
        book.set_properties({"created": _MADE, "author": "", "comments": "", "title": title})
        looks = _looks(book)
        _front(book.add_worksheet(say("publication.section.summary", view.language)[:31]), board, view, looks)
        for section in sections_of(board, view):
            _sheet(book.add_worksheet(section.title.replace("/", " ")[:31]), section, board, view, looks)
    return kept.getvalue()


def _looks(book: Any) -> Mapping[str, Any]:
    cell = {"font_name": "宋体", "font_size": 11, "text_wrap": True, "valign": "vcenter", "border": 1}
    bold = {"item": {}, "group": {"bold": True, "bg_color": "#EEF0F0"}, "total": {"bold": True, "bg_color": "#F6F7F6"}}
    found = {
        "title": book.add_format({"font_name": "宋体", "bold": True, "font_size": 16}),
        "caption": book.add_format({"font_name": "宋体", "bold": True, "font_size": 12}),
        "note": book.add_format({"font_name": "宋体", "font_size": 10, "text_wrap": True, "valign": "top"}),
        "head": book.add_format({**cell, "bold": True, "align": "center", "bg_color": "#D9E2EC"}),
    }
    for kind in _WIDTHS:
        for line, more in bold.items():
            number = {"num_format": _FORMATS[kind], "align": "right"} if kind in _FORMATS else {"num_format": "@"}
            found[f"{line} {kind}"] = book.add_format({**cell, **more, **number})
    return found


def _paper(sheet: Any, board: Board, view: CountyView) -> None:
    """A4 on its side, one page wide; 草稿 in the header of every page of a draft."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    draft = say("publication.draft", view.language) if board.reasons else ""
    name = f"{board.name} {board.period.told(view.language)}".replace("&", "&&")
    sheet.set_header(f"&L{name[:120]}&R{draft}")
    sheet.set_footer("&C" + say("reports.page_number", view.language, page="&P", pages="&N"))
    sheet.hide_gridlines(2)


def _front(sheet: Any, board: Board, view: CountyView, looks: Mapping[str, Any]) -> None:
    lang, told = view.language, board.objections
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 70)
    _text(sheet, 0, 0, say("publication.title", lang, name=board.name), looks["title"])
    rows: list[tuple[str, object]] = [(say("publication.cover.period", lang), board.period.told(lang))]
    rows += [(say(f"publication.summary.{name}", lang), amount) for name, amount in summary_of(board)]
    dates = say("publication.objection.dates", lang, first=told.first.isoformat(), last=told.last.isoformat(), days=told.days)
    rows += [(say("publication.cover.posted", lang), told.posted_on.isoformat()), (say("publication.objection.when", lang), dates)]
    rows += [(say("publication.objection.whom", lang), told.to), (say("publication.cover.masked", lang), say("publication.masked", lang))]
    rows += [(say("publication.draft.why", lang), reason) for reason in board.reasons]
    rows += [(say(f"publication.sign.{name}", lang), "") for name in ("head", "finance", "supervisors", "posted_by")]
    for at, (label, value) in enumerate(rows, 2):
        _text(sheet, at, 0, label, looks["group text"])
        _cell(sheet, at, 1, value, "money" if isinstance(value, Decimal) else "wide", "item", looks)
    _paper(sheet, board, view)


def _sheet(sheet: Any, section: BoardSection, board: Board, view: CountyView, looks: Mapping[str, Any]) -> None:
    kinds = max((table.columns for table in section.tables), key=len, default=(("", "wide"),))
    for column, (_, kind) in enumerate(kinds):
        sheet.set_column(column, column, _WIDTHS[kind])
    _text(sheet, 0, 0, section.title, looks["title"])
    at = 2
    if section.tables:
        sheet.repeat_rows(at + 1)
        sheet.freeze_panes(at + 2, 0)
    for table in section.tables:
        at = _table(sheet, at, table, looks)
    for note in section.notes:
        sheet.merge_range(at, 0, at, max(len(kinds) - 1, 1), "", looks["note"])
        _text(sheet, at, 0, note, looks["note"])
        sheet.set_row(at, 30)
        at += 1
    _paper(sheet, board, view)


def _table(sheet: Any, at: int, table: BoardTable, looks: Mapping[str, Any]) -> int:
    """Writes the table from row `at`; returns the row after it and a blank one."""
    _text(sheet, at, 0, table.caption, looks["caption"])
    for column, (title, _) in enumerate(table.columns):
        _text(sheet, at + 1, column, title, looks["head"])
    for row, line in enumerate(table.lines, at + 2):
        for column, ((_, kind), cell) in enumerate(zip(table.columns, line.cells, strict=True)):
            _cell(sheet, row, column, cell, kind, line.kind, looks)
    return at + 3 + len(table.lines)


def _cell(sheet: Any, row: int, column: int, cell: object, kind: str, line: str, looks: Mapping[str, Any]) -> None:
    look = looks[f"{line} {kind}"]
    if isinstance(cell, Decimal | int):
        sheet.write_number(row, column, cell, look)
    else:
        _text(sheet, row, column, cell_text(cell), look)


def _text(sheet: Any, row: int, column: int, text: str, look: Any) -> None:
    """Text stays text: no formula, no link, and no character that a spreadsheet cannot hold."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text)[:_LONGEST]
    if clean:
        sheet.write_string(row, column, clean, look)
    else:
        sheet.write_blank(row, column, None, look)
