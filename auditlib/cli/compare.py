"""`auditlib compare OLD NEW --key K`: two versions of one register, as text or JSON.

Exit status: 0 no difference, 1 differences, 2 a wrong call or a file that cannot be read.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ..matching.compare import Comparison, Key, Note, Table, UnknownColumn, column_labels, compare_tables, find_column, number_of
from ..words.errors import AuditlibError, UnreadableFile
from ..words.messages import catalogue, say
from .console import LangOption

_SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
_AS_A_SPREADSHEET_SHOWS_NUMBERS = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_ROWS_NAMED = 20
_WIDEST = 36  # display columns to which a table column is padded; longer text is shown in full


def compare(
    old: Annotated[Path, typer.Argument(help="旧表 / the earlier version (csv, xlsx, xls)")],
    new: Annotated[Path, typer.Argument(help="新表 / the later version")],
    key: Annotated[list[str] | None, typer.Option("--key", help="对应两份表的列，逗号隔开，可重复 / key column(s), K[,K2…]")] = None,
    tolerance: Annotated[list[str] | None, typer.Option("--tolerance", help="允许差，如 金额=0.01，可重复 / C=0.01")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """比较同一台账的两个版本：新增、减少、改动的格。/ Compare two versions of one register.

    --json: {matched, added, removed, changed[], renamed_columns, duplicate_keys, …}. A key is a string, or a list
    of strings where --key names several columns.
    """
    language = lang
    tables = [read_table(path, language) for path in (old, new)]
    try:
        columns = _key_columns(key or [], tables, language)
        result = compare_tables(tables[0][0], tables[1][0], columns, _tolerances(tolerance or [], language))
    except UnknownColumn as error:
        refuse(_unknown(error, old, new, language))
    notes = [f"{path.name}: {note}" for path, (_, found) in zip((old, new), tables, strict=True) for note in found]
    notes += said(result.notes, language)
    if as_json:
        typer.echo(json.dumps(as_document(result, notes), ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(render(result, notes, language)))
    raise typer.Exit(int(result.has_differences))


def read_table(path: Path, language: str) -> tuple[Table, tuple[str, ...]]:
    """The table of a file and the reader's notes; ends the command with status 2 when it cannot be read."""
    from ..intake.text_table import read_text_table

    if not path.is_file():
        refuse(say("compare.error.no_file", language, file=shown(str(path))))
    try:
        text = read_text_table(path)
    except UnreadableFile as error:
        known = error.code in catalogue()
        refuse(say(error.code, language, file=path.name, sheet="", detail=error.detail) if known else f"{path.name}: {error}")
    except AuditlibError as error:
        refuse(f"{path.name}: {error}")
    numbers = _number_columns(text.headers, text.rows) if path.suffix.lower() in _SPREADSHEETS else frozenset()
    return Table(text.headers, text.rows, text.row_numbers, numbers), text.notes


def refuse(message: str) -> NoReturn:
    """Says on standard error why the call cannot be answered and ends with status 2."""
    typer.echo(message, err=True)
    raise typer.Exit(2)


def said(notes: Sequence[Note], language: str) -> list[str]:
    """Notes as sentences."""
    return [say(note.code, language, **dict(note.values)) for note in notes]


def as_document(result: Comparison, notes: Sequence[str]) -> dict[str, Any]:
    """The JSON of contract section 5, with the row numbers and the counts beside it.

    Keys are strings, lists of strings where the key has several columns.
    """
    one = len(result.key) == 1

    def plain(key: Key) -> str | list[str]:
        return key[0] if one else list(key)

    return {
        "key": list(result.key),
        "rows": {"old": result.rows_old, "new": result.rows_new},
        "matched": result.matched,
        "added": [plain(k) for k in result.added],
        "removed": [plain(k) for k in result.removed],
        "changed": [
            {"key": plain(c.key), "column": c.column, "old": c.old, "new": c.new, "old_row": c.old_row, "new_row": c.new_row}
            for c in result.changed
        ],
        "renamed_columns": [list(pair) for pair in result.renamed_columns],
        "columns_added": list(result.columns_added),
        "columns_removed": list(result.columns_removed),
        "duplicate_keys": [
            {"key": plain(d.key), "side": d.side, "old_rows": list(d.old_rows), "new_rows": list(d.new_rows), "differs": d.differs}
            for d in result.duplicate_keys
        ],
        "notes": list(notes),
    }


def render(result: Comparison, notes: Sequence[str], language: str) -> Iterator[str]:
    """The result for people, line by line."""
    yield say("compare.rows", language, old=result.rows_old, new=result.rows_new, matched=result.matched)
    if not result.has_differences:
        yield say("compare.same", language)
    yield from _listed(say("compare.removed", language, count=len(result.removed)), map(_key_text, result.removed))
    yield from _listed(say("compare.added", language, count=len(result.added)), map(_key_text, result.added))
    yield from _changed(result, language)
    yield from _listed(say("compare.renamed", language), (f"{shown(a)} → {shown(b)}" for a, b in result.renamed_columns))
    yield from _listed(say("compare.columns_removed", language), map(shown, result.columns_removed))
    yield from _listed(say("compare.columns_added", language), map(shown, result.columns_added))
    twice = (
        say("compare.duplicate", language, key=_key_text(d.key), old=_rows_text(d.old_rows), new=_rows_text(d.new_rows))
        for d in result.duplicate_keys
    )
    yield from _listed(say("compare.duplicates", language, count=len(result.duplicate_keys)), twice)
    yield from _listed(say("compare.notes", language), map(shown, notes))


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines whose cells stand under each other, a Chinese character counting two columns."""
    widths = [min(_WIDEST, max(map(_width, column))) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip()


def shown(text: str) -> str:
    """Ledger text made safe for a terminal: control and direction characters as their codes."""
    return "".join(c if c.isprintable() or c == "\u3000" else f"\\u{ord(c):04x}" for c in text)


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _key_text(key: Key) -> str:
    return " | ".join(map(shown, key))


def _rows_text(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows[:_ROWS_NAMED])) + (f" … ({len(rows)})" if len(rows) > _ROWS_NAMED else "") if rows else "—"


def _listed(title: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", title, *(f"  {line}" for line in found))


def _changed(result: Comparison, language: str) -> Iterator[str]:
    if not result.changed:
        return
    heads = tuple(say(f"compare.head.{name}", language) for name in ("key", "column", "old", "new", "old_row", "new_row"))
    blank = say("compare.blank", language)
    cells = [
        (_key_text(c.key), shown(c.column), shown(c.old) or blank, shown(c.new) or blank, str(c.old_row), str(c.new_row))
        for c in result.changed
    ]
    rows = len({(c.old_row, c.new_row) for c in result.changed})
    yield from _listed(say("compare.changed", language, count=len(cells), rows=rows), aligned([heads, *cells]))


def _number_columns(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> frozenset[str]:
    """Columns of a spreadsheet whose filled cells all read as a spreadsheet writes numbers: no leading zeros."""
    found = set()
    for position, header in enumerate(headers):
        cells = {row[position].strip() for row in rows if position < len(row)} - {""}
        if cells and all(map(_AS_A_SPREADSHEET_SHOWS_NUMBERS.fullmatch, cells)):
            found.add(header)
    return frozenset(found)


def _key_columns(given: Sequence[str], tables: Sequence[tuple[Table, tuple[str, ...]]], language: str) -> list[str]:
    """The columns of --key: an item that is itself a header is taken whole, any other is cut at its commas."""
    labels = [column_labels(table.headers) for table, _ in tables]
    columns: list[str] = []
    for item in given:
        whole = any(find_column(side, item) is not None for side in labels)
        columns += [item] if whole else [part.strip() for part in re.split("[,，]", item) if part.strip()]
    if not columns:
        refuse(say("compare.error.no_key", language))
    return columns


def _tolerances(given: Sequence[str], language: str) -> dict[str, Decimal]:
    found = {}
    for item in given:
        column, _, text = item.rpartition("=")
        number = number_of(text)
        if not column.strip() or number is None or number < 0:
            refuse(say("compare.error.tolerance", language, given=shown(item)))
        found[column.strip()] = number
    return found


def _unknown(error: UnknownColumn, old: Path, new: Path, language: str) -> str:
    candidates = "、".join(map(shown, error.candidates)) if language == "zh" else ", ".join(map(shown, error.candidates))
    if not error.side:
        return say("compare.error.column_both", language, column=shown(error.column), candidates=candidates)
    file = old if error.side == "old" else new
    return say("compare.error.column", language, file=shown(file.name), column=shown(error.column), candidates=candidates)
