"""整改反馈表 as an Excel workbook: what a village clerk needs, to fill in and to send back.

Texts of ledgers stand as text and never as formula, whatever they begin with; numbers of people and accounts are masked;
the same form is the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..catalog.specs import RuleCard
from ..issues.issue import Issue
from ..issues.register import Register
from ..issues.return_form import (
    ANSWERS,
    FILLED,
    LOCKED,
    PROOF_FILLED,
    PROOF_LOCKED,
    ReturnForm,
    SentRow,
    hidden_rows,
    label,
    sent_row,
)  # fmt: skip
from ..words.errors import RegisterError
from ..words.messages import say
from .masking import mask

HIDDEN = "auditlib"
_MADE = dt.datetime(2000, 1, 1)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_000  # characters of a cell; Excel takes 32,767
_WIDTHS = {
    "no": 4, "issue_id": 15, "org": 9, "matter": 26, "amount": 10, "deadline": 10, "way": 20, "answer": 9, "told": 22, "done_on": 10,
    "recovered": 10, "booked": 10, "voucher_no": 8, "filled_by": 7,
}  # fmt: skip
_PROOF_WIDTHS = {"issue_id": 15, "matter": 40, "kind": 20, "files": 36, "dated": 11, "note": 18}
_GUIDE_LINES = 7
_HEAD_ROW = 2  # 0-based: title, one line of words, then the head


def return_form(
    register: Register, org_code: str, org_name: str, issues: Sequence[Issue], cards: Mapping[str, RuleCard], *,
    as_of: dt.date, codes: Collection[str] = (),
) -> ReturnForm:  # fmt: skip
    """The open ones of `issues` as they go out, the most pressing first; organisation `codes` stay readable.

    Raises RegisterError when none is open.
    """
    chosen = sorted((i for i in issues if i.is_open), key=lambda i: (i.deadline, i.org_code, i.issue_id))
    if not chosen:
        raise RegisterError.of("return_form.none", org=org_name)
    steps = register.rules.transitions
    rows = (sent_row(no, issue, cards, steps) for no, issue in enumerate(chosen, 1))
    cleaned = tuple(_cleaned(row, codes) for row in rows)
    return ReturnForm(register.identity(), register.head(), org_code, org_name, as_of, cleaned)


def _cleaned(row: SentRow, codes: Collection[str]) -> SentRow:
    def clean(cells: Mapping[str, str]) -> Mapping[str, str]:
        kept = ("issue_id", "deadline", "amount", "no")
        return MappingProxyType({
            name: text if name in kept else _UNPRINTABLE.sub("", mask(text, codes))[:_LONGEST] for name, text in cells.items()
        })  # fmt: skip

    return replace(row, cells=clean(row.cells), proofs=tuple(clean(proof) for proof in row.proofs))


def workbook(form: ReturnForm) -> bytes:
    """The form as an .xlsx file."""
    import xlsxwriter

    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(kept, options) as book:
        book.set_properties({"created": _MADE, "author": "", "comments": "", "title": label("sheet", "answers")})
        looks = _looks(book)
        _guide(book.add_worksheet(label("sheet", "guide")), looks)
        answers = book.add_worksheet(label("sheet", "answers"))
        _answers(answers, form, looks)
        _proofs(book.add_worksheet(label("sheet", "proofs")), form, looks)
        _hidden(book.add_worksheet(HIDDEN), form)
        answers.activate()
    return kept.getvalue()


def _looks(book: Any) -> Mapping[str, Any]:
    """Formats by name: locked is grey, to fill is white and open."""
    base = {"font_name": "宋体", "font_size": 10, "text_wrap": True, "valign": "top", "border": 1}
    free = {"locked": False, "bg_color": "#FFFFFF"}
    own: Mapping[str, Mapping[str, Any]] = {
        "title": {"font_name": "宋体", "bold": True, "font_size": 15, "align": "center"},
        "words": {"font_name": "宋体", "font_size": 11, "text_wrap": True, "valign": "top"},
        "head": {**base, "bold": True, "align": "center", "valign": "vcenter", "bg_color": "#D9E2EC"},
        "head_fill": {**base, "bold": True, "align": "center", "valign": "vcenter", "bg_color": "#FFF2CC"},
        "sent": {**base, "bg_color": "#F0F0F0"}, "sent_right": {**base, "bg_color": "#F0F0F0", "align": "right"},
        "wait": {**base, "bg_color": "#C8C8C8"}, "text": {**base, **free, "num_format": "@"},
        "date": {**base, **free, "num_format": "yyyy-mm-dd"}, "money": {**base, **free, "num_format": "#,##0.00"},
    }  # fmt: skip
    return {name: book.add_format(dict(look)) for name, look in own.items()}


def _paper(sheet: Any, last_column: int) -> None:
    """A4 on its side, one page wide, the head on every page, locked but easy to read."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD_ROW)
    sheet.set_footer("&C" + label("sheet", "answers") + "  " + say("return_form.page", page="&P", pages="&N"))
    sheet.print_area(0, 0, sheet.dim_rowmax, last_column)
    sheet.hide_gridlines(2)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "select_locked_cells": True})


def _guide(sheet: Any, looks: Mapping[str, Any]) -> None:
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, label("sheet", "guide"), looks["title"])
    for n in range(1, _GUIDE_LINES + 1):
        sheet.set_row(n, 36)
        sheet.write_string(n, 0, label("guide", str(n)), looks["words"])
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.protect("")


def _head(
    sheet: Any, title: str, part: str, locked: Sequence[str], filled: Sequence[str], widths: Mapping[str, int], looks: Mapping[str, Any]
) -> None:
    names = (*locked, *filled)
    sheet.merge_range(0, 0, 0, len(names) - 1, "", looks["title"])
    sheet.write_string(0, 0, title, looks["title"])
    sheet.set_row(0, 26)
    sheet.set_row(_HEAD_ROW, 32)
    for column, name in enumerate(names):
        sheet.set_column(column, column, widths[name])
        sheet.write_string(_HEAD_ROW, column, label(part, name), looks["head" if name in locked else "head_fill"])
    sheet.freeze_panes(_HEAD_ROW + 1, 2)


def _answers(sheet: Any, form: ReturnForm, looks: Mapping[str, Any]) -> None:
    title = say("return_form.title", org=form.org_name, as_of=form.as_of.isoformat(), count=len(form.rows))
    _head(sheet, title, "column", LOCKED, FILLED, _WIDTHS, looks)
    for at, row in enumerate(form.rows, _HEAD_ROW + 1):
        sheet.set_row(at, _height(row))
        for column, name in enumerate(LOCKED):
            sheet.write_string(at, column, row.cells[name], looks["sent_right" if name in ("amount", "no") else "sent"])
        for column, name in enumerate(FILLED, len(LOCKED)):
            look = {"done_on": "date", "recovered": "money", "booked": "money"}.get(name, "text")
            sheet.write_blank(at, column, None, looks[look if row.is_to_fill else "wait"])
    _offered(sheet, _HEAD_ROW + 1, _HEAD_ROW + len(form.rows), len(LOCKED))
    _paper(sheet, len(LOCKED) + len(FILLED) - 1)


def _height(row: SentRow) -> float:
    """Points that the longest wrapped cell needs; Excel does not grow rows of locked sheets by itself."""
    lines = max(-(-2 * len(row.cells[name]) // _WIDTHS[name]) for name in ("matter", "way", "org"))
    return float(min(400, 14 * max(3, lines) + 4))


def _offered(sheet: Any, first: int, last: int, start: int) -> None:
    """Drop-down list, dates and amounts, each with words on what to write."""
    place = {name: start + n for n, name in enumerate(FILLED)}
    words = [label("answer", name) for name in ANSWERS]
    sheet.data_validation(first, place["answer"], last, place["answer"], {
        "validate": "list", "source": words, "error_title": label("column", "answer"), "error_message": label("error", "answer"),
    })  # fmt: skip
    _dates(sheet, first, last, place["done_on"], label("column", "done_on"))
    for name in ("recovered", "booked"):
        sheet.data_validation(first, place[name], last, place[name], {
            "validate": "decimal", "criteria": ">", "value": 0, "error_title": label("column", name)[:32],
            "error_message": label("error", "amount"),
        })  # fmt: skip


def _dates(sheet: Any, first: int, last: int, column: int, title: str) -> None:
    sheet.data_validation(first, column, last, column, {
        "validate": "date", "criteria": ">", "value": dt.date(1990, 1, 1), "error_title": title, "error_message": label("error", "date"),
    })  # fmt: skip


def _proofs(sheet: Any, form: ReturnForm, looks: Mapping[str, Any]) -> None:
    _head(sheet, say("return_form.proof_title", org=form.org_name), "proof", PROOF_LOCKED, PROOF_FILLED, _PROOF_WIDTHS, looks)
    at = _HEAD_ROW
    for row in form.rows:
        for proof in row.proofs:
            at += 1
            sheet.set_row(at, float(min(200, 14 * max(2, -(-2 * len(proof["matter"]) // _PROOF_WIDTHS["matter"])) + 4)))
            for column, name in enumerate(PROOF_LOCKED):
                sheet.write_string(at, column, proof[name], looks["sent"])
            for column, name in enumerate(PROOF_FILLED, len(PROOF_LOCKED)):
                sheet.write_blank(at, column, None, looks[("date" if name == "dated" else "text") if row.is_to_fill else "wait"])
    if at > _HEAD_ROW:
        _dates(sheet, _HEAD_ROW + 1, at, len(PROOF_LOCKED) + PROOF_FILLED.index("dated"), label("proof", "dated"))
    _paper(sheet, len(PROOF_LOCKED) + len(PROOF_FILLED) - 1)


def _hidden(sheet: Any, form: ReturnForm) -> None:
    for at, row in enumerate(hidden_rows(form)):
        for column, text in enumerate(row):
            sheet.write_string(at, column, text)
    sheet.protect("")
    sheet.very_hidden()
