"""`auditlib read`: what a file holds, any table, ledger or not."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from ..catalog.load import load_catalog
from ..catalog.packs import county_catalog
from ..catalog.specs import Catalog
from ..intake.describe import ColumnDescription, FileDescription, SheetDescription, describe_file
from ..intake.mapping import workspace_of
from ..words.errors import AuditlibError
from ..words.messages import say
from ..words.optional import left_out
from .console import WRONG, LangOption, columns, printable, refuse


def read(
    files: Annotated[list[Path], typer.Argument(help="文件 / files")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """说明文件里有什么：台账、表头、行数、合计、控制数、没看懂的。/ Say what a file holds. Exit 2 when one cannot be read."""
    with left_out("pandas"):  # which libraries load on sight, and a small file is read in less time
        described = [_described(path, lang) for path in files]
    if as_json:
        typer.echo(json.dumps({"files": [_document(d) for d, _ in described]}, ensure_ascii=False, indent=1))
    else:
        for d, catalog in described:
            typer.echo("\n".join(_shown(d, catalog, lang)))
    raise typer.Exit(0 if all(d.is_readable for d, _ in described) else WRONG)


def _described(path: Path, lang: str) -> tuple[FileDescription, Catalog]:
    """What the file holds, in the words of the county around it: its packs may know more ledgers and headers."""
    county = workspace_of(path)
    try:
        catalog = county_catalog(county) if county else load_catalog()
    except AuditlibError as error:
        refuse(str(error), lang)
    return describe_file(path, catalog, dt.date.today().year, lang), catalog


def _document(d: FileDescription) -> dict[str, Any]:
    """The JSON of contract section 5."""
    return {"file": d.file, "readable": d.is_readable, "sheets": [_sheet(s) for s in d.sheets], "notes": list(d.notes)}


def _sheet(s: SheetDescription) -> dict[str, Any]:
    return {
        "name": s.name, "ledger": s.ledger, "confidence": s.confidence, "header_rows": list(s.header_rows), "first_row": s.first_row,
        "last_row": s.last_row, "rows": s.rows, "total_rows": list(s.total_rows), "footer_rows": list(s.footer_rows),
        "columns": [
            {
                "column": c.column, "from": c.first, "to": c.last, "header": c.header, "field": c.field, "type": c.type,
                "sum": _number(c.sum), "blanks": c.blanks, "unreadable": c.failed,
            }
            for c in s.columns
        ],
        "table": s.table, "opening_rows": list(s.opening_rows), "hidden_rows": [list(r) for r in s.hidden_rows],
        "hidden_columns": [list(c) for c in s.hidden_columns], "comments": [{"cell": c, "text": t} for c, t in s.comments],
        "candidates": [{"ledger": n, "confidence": c} for n, c in s.candidates], "visible": s.is_visible, "notes": list(s.notes),
    }  # fmt: skip


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _shown(d: FileDescription, catalog: Catalog, language: str) -> list[str]:
    lines = [printable(d.file), *(f"  {n}" for n in d.notes)]
    for sheet in d.sheets:
        lines += [f"  {line}" for line in _sheet_lines(sheet, catalog, language)]
    return lines


def _sheet_lines(s: SheetDescription, catalog: Catalog, language: str) -> list[str]:
    name = f"【{printable(s.name)}】 " if s.name else ""
    if not s.header_rows:
        return [name + (s.notes[0] if s.notes else "")]
    ledger = catalog.ledgers[s.ledger].label(language) if s.ledger else say("read.unknown", language)
    head = "–".join(str(r) for r in dict.fromkeys((s.header_rows[0], s.header_rows[-1])))
    lines = [
        name
        + say(
            "read.rows",
            language,
            ledger=ledger,
            confidence=f"{s.confidence:.0%}",
            header=head,
            rows=s.rows,
            first=s.first_row,
            last=s.last_row,
        )
    ]
    if not s.ledger and s.candidates:
        near = ", ".join(f"{catalog.ledgers[n].label(language)} {c:.0%}" for n, c in s.candidates)
        lines.append(say("read.candidates", language, candidates=near))
    for key, rows in (("read.totals", s.total_rows), ("read.footers", s.footer_rows)):
        if rows:
            lines.append(say(key, language, rows=", ".join(map(str, rows))))
    lines += [f"! {n}" for n in s.notes]
    return lines + columns(_column_rows(s, catalog, language))


def _column_rows(s: SheetDescription, catalog: Catalog, language: str) -> list[tuple[str, ...]]:
    fields = catalog.ledgers[s.ledger].fields if s.ledger else {}
    rows = [tuple(say(f"read.header.{k}", language) for k in ("letter", "column", "field", "sum", "blanks", "failed"))]
    for c in s.columns:
        label = fields[c.field].label(language) if c.field in fields else _unused(c, s, language)
        total = f"{c.sum:,}" if c.sum is not None else ""
        rows.append((f"  {c.column}", printable(c.header), label, total, str(c.blanks or ""), str(c.failed or "")))
    return rows


def _unused(column: ColumnDescription, sheet: SheetDescription, language: str) -> str:
    """What is said of a column that no field takes: the look of its cells where the table is no ledger."""
    if not sheet.ledger:
        return column.type
    return say("read.known" if column.is_known else "read.unmapped", language)
