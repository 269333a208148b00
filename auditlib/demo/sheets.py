"""Ledgers onto sheets and statements: cells typed as an office types them, never a formula out of text.

Every function that writes gives back where each row came to stand: {id(row): 1-based row number}.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from .layouts import COUNTY_SHEETS, Sheet, Style
from .model import Body, Row

_MADE = dt.datetime(2026, 1, 9, 9, 30)
_TOP = (("opening_debit", "期初余额"), ("debit", "本期发生额"), ("closing_debit", "期末余额"))
Cell = str | int | float | dt.date | None
Places = dict[int, int]


@cache
def field_types(ledger: str) -> Mapping[str, str]:
    """The type of every field of a ledger, as expectations/ledgers/ gives it; the organisation's columns are text."""
    from ..catalog.load import load_catalog

    spec = load_catalog().ledgers[ledger.removesuffix("_prior")]
    return {"org_code": "code", "org_name": "text"} | {f.name: f.type for f in spec.fields.values()}


class Workbook:
    """One .xlsx file, the same bytes for the same content."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        options = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(str(path), options)
        self.book.set_properties({"created": _MADE, "author": "", "comments": ""})
        self.plain = self.book.add_format({"font_name": "宋体", "font_size": 10})
        self.heading = self.book.add_format({"font_name": "黑体", "font_size": 14, "align": "center"})
        self.header = self.book.add_format(
            {"font_name": "宋体", "font_size": 10, "bold": True, "border": 1, "align": "center", "valign": "vcenter"}
        )
        self.day = self.book.add_format({"font_name": "宋体", "font_size": 10, "num_format": "yyyy-mm-dd"})
        self.money = self.book.add_format({"font_name": "宋体", "font_size": 10, "num_format": "#,##0.00"})
        self.rate = self.book.add_format({"font_name": "宋体", "font_size": 10, "num_format": "0%"})

    def close(self) -> None:
        self.book.close()

    def put(self, sheet: Any, row: int, column: int, value: Cell, kind: str = "") -> None:
        """One cell, 0-based; text stays text."""
        if value is None:
            return
        if isinstance(value, dt.date):
            sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), self.day)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, self.plain)
        else:
            sheet.write_number(row, column, value, {"money": self.money, "ratio": self.rate}.get(kind, self.plain))


def cell(value: Any, kind: str, field: str, sheet: Sheet, style: Style) -> Cell:
    """A value of the model as the office would type it; text in a number's place (a planted defect) stays text."""
    if value is None or isinstance(value, str) and kind != "account_code":
        return value
    if kind == "money":
        return (
            None
            if not value and not style.zero and field != "balance"
            else float(Decimal(value) / (1_000_000 if sheet.unit == "万元" else 100))
        )
    if kind == "date":
        return _date(value, sheet.dates)
    if kind == "boolean":
        yes, no = style.held if field in ("original_held", "minutes_held") else ("是", "否")
        return yes if value else no
    if kind == "account_code":
        return int(value) if style.codes_as_numbers else str(value)
    if kind == "ratio":
        return float(Decimal(value) / 100)
    if kind == "area":
        return float((value * 2000 / 3).quantize(Decimal("0.01")) if sheet.square_metres else value)
    return value if isinstance(value, int) else float(value)


def _date(value: dt.date, manner: str) -> Cell:
    if manner == "dot":
        return f"{value.year}.{value.month}.{value.day}"
    if manner == "han":
        return f"{value.year}年{value.month}月{value.day}日"
    return value.isoformat() if manner == "iso" else value


def write_cover(book: Workbook, body: Body) -> None:
    sheet = book.book.add_worksheet("封面")
    for row, text in ((3, body.name), (6, "农村集体资金资产资源台账"), (9, "2025年度")):
        sheet.write_string(row, 1, text, book.heading)
    sheet.set_column(1, 1, 60)


def write_ledger(book: Workbook, sheet: Sheet, ledger: str, style: Style, rows: Sequence[Row], body: Body | None) -> Places:
    """One sheet: head lines, header, rows, total row and footer. The total row's number stands under id 0."""
    paper = book.book.add_worksheet(sheet.name)
    types = field_types(ledger)
    top = _write_head(book, paper, sheet, style, body)
    first = _write_header(book, paper, sheet, top)
    places: Places = {}
    for n, row in enumerate(rows, first):
        places[id(row)] = n + 1
        for column, (field, _) in enumerate(sheet.columns):
            kind = types[field]
            book.put(paper, n, column, cell(row.get(field), kind, field, sheet, style), kind)
    last = first + len(rows)
    if sheet.sums:
        _write_total(book, paper, sheet, ledger, style, rows, body, last)
        places[0] = last + 1
    if body:
        names = {
            "head": body.head.name,
            "accountant": body.accountant.name,
            "cashier": body.cashier.name,
            "reviewer": body.reviewer,
        }
        paper.write_string(last + 1 + bool(sheet.sums), 0, style.footer.format(**names), book.plain)
    paper.set_column(0, len(sheet.columns) - 1, 14)
    return places


def _write_head(book: Workbook, paper: Any, sheet: Sheet, style: Style, body: Body | None) -> int:
    last = len(sheet.columns) - 1
    for row, line in enumerate(sheet.head):
        if line == "title":
            paper.merge_range(row, 0, row, last, "", book.heading)
            paper.write_string(row, 0, sheet.title, book.heading)
        elif line == "org" and body:
            paper.write_string(row, 0, style.org_head.format(name=body.name, township=body.township), book.plain)
        if sheet.unit and line == ("unit" if "unit" in sheet.head else "org"):
            paper.write_string(row, last, f"单位：{sheet.unit}" if sheet.unit == "元" else f"金额单位：{sheet.unit}", book.plain)
    return len(sheet.head)


def _write_header(book: Workbook, paper: Any, sheet: Sheet, top: int) -> int:
    """The header in one row, or in two with the balance columns in pairs; gives the row where data begin."""
    pairs = dict(_TOP) if sheet.two_rows else {}
    under = False
    for column, (field, header) in enumerate(sheet.columns):
        if field in pairs:
            paper.merge_range(top, column, top, column + 1, "", book.header)
            paper.write_string(top, column, pairs[field], book.header)
            under = True
        if under:
            paper.write_string(top + 1, column, header, book.header)
        elif sheet.two_rows:
            paper.merge_range(top, column, top + 1, column, "", book.header)
            paper.write_string(top, column, header, book.header)
        else:
            paper.write_string(top, column, header, book.header)
    return top + 1 + sheet.two_rows


def total_of(rows: Sequence[Row], ledger: str, field: str) -> int | Decimal:
    """What a total row shows: the column's sum; of a trial balance the first-level accounts only."""
    chosen = [r for r in rows if "account_code" not in r or ledger == "journal" or len(r["account_code"]) == 3]
    total: int | Decimal = sum((r[field] for r in chosen if r.get(field) is not None and not isinstance(r[field], str)), 0)
    return total


def _write_total(
    book: Workbook, paper: Any, sheet: Sheet, ledger: str, style: Style, rows: Sequence[Row], body: Body | None, at: int
) -> None:
    paper.write_string(at, 0, style.total, book.plain)
    types = field_types(ledger)
    for column, (field, _) in enumerate(sheet.columns):
        if field in sheet.sums:
            value = total_of(rows, ledger, field) + (body.totals_off.get((ledger, field), 0) if body else 0)
            if types[field] == "area" and sheet.square_metres:
                shown = sum((Decimal(str(cell(r[field], "area", field, sheet, style))) for r in rows), Decimal(0))
                book.put(paper, at, column, float(shown))
            else:
                book.put(paper, at, column, cell(value, types[field], field, sheet, style), types[field])


def write_statement(path: Path, sheet: Sheet, style: Style, body: Body, rows: Sequence[Row]) -> Places:
    """A bank's export: account and holder above the table, amounts as text."""
    import csv
    import io

    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    head = [[sheet.title], ["户名", body.name, "账号", body.account_no], []]
    out.writerows(head)
    out.writerow([h for _, h in sheet.columns])
    places: Places = {}
    for n, row in enumerate(rows, len(head) + 2):
        places[id(row)] = n
        out.writerow([_statement_cell(row, field, sheet) for field, _ in sheet.columns])
    path.write_bytes(text.getvalue().encode(style.encoding))
    return places


def _statement_cell(row: Row, field: str, sheet: Sheet) -> str:
    if field == "amount":
        return _yuan(row["paid_in"] or row["paid_out"])
    if field == "direction":
        return "收" if row["paid_in"] else "付"
    value = row[field]
    if field in ("paid_in", "paid_out", "balance"):
        return (
            "" if value is None else f"{Decimal(value) / 100:,.2f}" if ("paid_in", "收入金额") in sheet.columns else _yuan(value)
        )
    return "" if value is None else str(value)


def _yuan(fen: int) -> str:
    return f"{Decimal(fen) / 100:.2f}"


def county_sheet(ledger: str) -> Sheet:
    return COUNTY_SHEETS[ledger]
