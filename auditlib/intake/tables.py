"""A file's tables with what each was recognised as: the step shared by `read`, `compare` and the audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..catalog.specs import Catalog
from .conform import table_columns
from .layout import Block, RowWords, find_blocks
from .recognise import SAMPLE, Recognition, Vocabulary, recognise
from .sheets import RawSheet, read_sheets
from .values import fold, raw_text


@dataclass(frozen=True, slots=True)
class FoundTable:
    sheet: RawSheet
    block: Block
    recognition: Recognition


class TableFinder:
    """Finds and recognises tables with one catalog's vocabulary."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog, self.vocabulary = catalog, Vocabulary(catalog)
        self._words = RowWords.of(catalog.words["layout"])

    def sheets(self, path: Path) -> Iterator[RawSheet]:
        """The raw sheets of a file. Raises UnreadableFile."""
        return read_sheets(path)

    def tables(self, sheet: RawSheet, file_name: str) -> list[FoundTable]:
        """The tables of a sheet that hold anything below their head, recognised."""
        blocks = find_blocks(sheet.rows, self.vocabulary.weigh, self._words)
        return [FoundTable(sheet, b, self._recognise(sheet, b, file_name)) for b in blocks]

    def _recognise(self, sheet: RawSheet, block: Block, file_name: str) -> Recognition:
        samples = table_columns(sheet, block.data[:SAMPLE], len(block.headers))
        above = " ".join(fold(raw_text(c)) for r in block.preamble[-8:] for c in sheet.rows[r] if isinstance(c, str) and len(c) < 60)
        return recognise(self.vocabulary, self.catalog, block.headers, samples, [above, sheet.name, Path(file_name).stem])
