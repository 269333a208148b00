"""A file's tables with what each was recognised as: the step shared by `read`, `compare` and the audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog.specs import Catalog
from .conform import table_columns
from .layout import Block, RowWords, find_blocks, header_key
from .mapping import NO_MAPPINGS, Mappings, Place, TableMapping, notes_of, recognition_by
from .recognise import SAMPLE, Recognition, Vocabulary, recognise
from .sheets import RawSheet, read_sheets
from .values import fold, raw_text


@dataclass(frozen=True, slots=True)
class FoundTable:
    sheet: RawSheet
    block: Block
    recognition: Recognition
    mapping: TableMapping | None = None  # the person's answer that was followed
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = ()  # message key and values

    @property
    def is_set_aside(self) -> bool:
        """A person said that this is no ledger."""
        return self.mapping is not None and self.mapping.ignore


class TableFinder:
    """Finds and recognises tables with one catalog's vocabulary and what a person settled for one workspace."""

    def __init__(self, catalog: Catalog, mappings: Mappings = NO_MAPPINGS) -> None:
        self.catalog, self.vocabulary, self.mappings = catalog, Vocabulary(catalog), mappings
        self._words = RowWords.of(catalog.words["layout"])

    def sheets(self, path: Path) -> Iterator[RawSheet]:
        """The raw sheets of a file. Raises UnreadableFile."""
        return read_sheets(path)

    def tables(self, sheet: RawSheet, file_name: str) -> list[FoundTable]:
        """The tables of a sheet that hold anything below their head, recognised."""
        return [self._found(sheet, b, file_name) for b in self._blocks(sheet)]

    # ---- where they are

    def _blocks(self, sheet: RawSheet) -> list[Block]:
        told = self.mappings.head_texts
        weigh = self.vocabulary.weigh
        blocks = find_blocks(sheet.rows, (lambda t: weigh(t) or float(header_key(t) in told)) if told else weigh, self._words)
        for mapping in self.mappings.entries:
            if mapping.header_rows:
                blocks = self._with_head(sheet, blocks, mapping)
        return blocks

    def _with_head(self, sheet: RawSheet, blocks: list[Block], mapping: TableMapping) -> list[Block]:
        """The blocks with the head at which a person pointed, where the sheet has it and it was not found."""
        head = mapping.head_in(sheet.rows)
        if not head or any(b.header_rows == head for b in blocks):
            return blocks
        texts = mapping.head_texts
        found = find_blocks(sheet.rows, lambda t: float(header_key(t) in texts), self._words)
        above = [b for b in blocks if max((*b.header_rows, *b.data), default=0) < head[0]]
        return [*above, *(b for b in found if b.header_rows == head)] if any(b.header_rows == head for b in found) else blocks

    # ---- what they are

    def _found(self, sheet: RawSheet, block: Block, file_name: str) -> FoundTable:
        span = slice(block.first_column, None if block.last_column is None else block.last_column + 1)
        above = " ".join(fold(raw_text(c)) for r in block.preamble[-8:] for c in sheet.rows[r][span] if isinstance(c, str) and len(c) < 60)
        if self.mappings.entries:
            fits = self.mappings.fits(block.headers, Place(file_name, sheet.name, above))
            if len(fits) == 1:
                settled = recognition_by(fits[0], block.headers, self.vocabulary)
                return FoundTable(sheet, block, settled, fits[0].mapping, notes_of(fits))
            return FoundTable(sheet, block, self._recognise(sheet, block, above, file_name), None, notes_of(fits))
        return FoundTable(sheet, block, self._recognise(sheet, block, above, file_name))

    def _recognise(self, sheet: RawSheet, block: Block, above: str, file_name: str) -> Recognition:
        samples = table_columns(sheet, block.data[:SAMPLE], len(block.headers))
        return recognise(self.vocabulary, self.catalog, block.headers, samples, [above, sheet.name, Path(file_name).stem])
