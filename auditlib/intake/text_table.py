"""One table of a file as plain text, for comparing and pairing: no ledger, no types, nothing left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalog.load import load_catalog
from ..words.cells import column_letters
from ..words.errors import UnreadableFile
from ..words.messages import say
from .conform import table_columns
from .tables import FoundTable, TableFinder
from .values import raw_text


@dataclass(frozen=True, slots=True)
class TextTable:
    """Headers, rows of cell texts, and the 1-based row numbers as the file shows them."""

    headers: tuple[str, ...]
    rows: list[tuple[str, ...]]
    row_numbers: list[int]
    notes: tuple[str, ...]


def read_text_table(path: Path, sheet: str | None = None) -> TextTable:
    """The longest table of `path`, or of its sheet `sheet`; other tables are named in the notes.

    Raises UnreadableFile: the file cannot be read, has no such sheet ('sheet.missing') or no table ('sheet.no_table').
    """
    finder = TableFinder(load_catalog())
    found: list[FoundTable] = []
    names = []
    for raw in finder.sheets(path):
        names.append(raw.name)
        if sheet is None or raw.name.strip() == sheet.strip():
            found.extend(finder.tables(raw, path.name))
    if sheet is not None and sheet.strip() not in [n.strip() for n in names]:
        raise UnreadableFile("sheet.missing", f"{sheet}: {', '.join(names)}")
    if not found:
        raise UnreadableFile("sheet.no_table", sheet or "")
    best = max(found, key=lambda t: len(t.block.data))
    others = [say("note.other_table", sheet=t.sheet.name, n=len(t.block.data)) for t in found if t is not best]
    return _text(best, tuple(others))


def _text(found: FoundTable, notes: tuple[str, ...]) -> TextTable:
    headers = _headers(found.block.headers)
    columns = table_columns(found.sheet, found.block.data, len(headers))
    texts = [[raw_text(c) for c in column] for column in columns]
    return TextTable(headers, list(zip(*texts, strict=True)), [r + 1 for r in found.block.data], notes)


def _headers(headers: Sequence[str]) -> tuple[str, ...]:
    """Headers made unique: a nameless column by its letters, a repeated one by its letters too."""
    return tuple(h if h and h not in headers[:i] else f"{h}[{column_letters(i)}]" for i, h in enumerate(headers))
