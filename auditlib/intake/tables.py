"""A file's tables with what each was recognised as: the step shared by `read`, `compare` and the audit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..catalog.forms import load_forms
from ..catalog.specs import Catalog
from ..words.records import ColumnUse
from .cards import find_cards
from .conform import table_columns
from .forms import FormFinder, recognition_of
from .layout import Block, RowWords, block_under, find_blocks, header_key
from .mapping import NO_MAPPINGS, Mappings, Place, TableMapping, notes_of, recognition_by
from .openings import set_apart
from .printed_records import Joined, joined_records
from .recognise import SAMPLE, Guess, Recognition, recognise, vocabulary_of
from .sheets import XML, RawSheet, read_sheets
from .split_columns import join_split_columns
from .values import fold, raw_text, squeeze
from .wide import find_spread, with_figures

SPREAD = 0.85  # how sure a publication with its months side by side is one


@dataclass(frozen=True, slots=True)
class FoundTable:
    sheet: RawSheet
    block: Block
    recognition: Recognition
    mapping: TableMapping | None = None  # the person's answer that was followed
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = ()  # message key and values
    openings: tuple[int, ...] = ()  # of the block's totals the rows that are opening balances
    is_basic_data: bool = False  # records of an export that explain its codes
    is_published: bool = False  # income and spending published line by line: the books say it, and the bank
    apart: tuple[FoundTable, ...] = ()  # pages of account books, which together say what a list of vouchers would

    @property
    def is_set_aside(self) -> bool:
        """A person or the standard of the format said that this is no ledger."""
        return self.is_basic_data or self.is_published or (self.mapping is not None and self.mapping.ignore)


class TableFinder:
    """Finds and recognises tables with one catalog's vocabulary and what a person settled for one workspace."""

    def __init__(self, catalog: Catalog, mappings: Mappings = NO_MAPPINGS) -> None:
        self._dictionary = re.compile(catalog.words["layout"]["dictionary"])
        self._exports = catalog.words["accounting_exports"]
        self.forms, self._words = FormFinder(load_forms()), RowWords.of(catalog.words["layout"])
        self.catalog, self.vocabulary, self.mappings = catalog, vocabulary_of(catalog, self.forms.head_words(self._words.total)), mappings

    def sheets(self, path: Path) -> Iterator[RawSheet]:
        """The raw sheets of a file. Raises UnreadableFile."""
        return self._told_about(read_sheets(path)) if path.suffix.lower() in XML else read_sheets(path)

    def _told_about(self, sheets: Iterable[RawSheet]) -> Iterator[RawSheet]:
        """The tables of an export with what the one record that describes the books says of all of them."""
        every = list(sheets)
        books = [s for s in every if s.name in self._exports["about"] and s.head_rows]
        lines = [row for s in books for row in s.rows[1:]]
        about = tuple((label, value) for label, value in zip(books[0].rows[0], lines[0], strict=True) if value) if len(lines) == 1 else ()
        return (replace(s, about=about) for s in every)

    def tables(self, sheet: RawSheet, file_name: str) -> list[FoundTable]:
        """The tables of a sheet that hold anything below their head, recognised."""
        if sheet.head_rows and sheet.name in self._exports["basic_data"]:
            return [self._basic_data(sheet)]
        if cards := find_cards(sheet, self.catalog.words, self.vocabulary.fields, self.vocabulary.knows):
            found = self._found(*cards, file_name)
            return [replace(found, notes=(*found.notes, ("note.cards", {"n": len(found.block.data)})))]
        joined = joined_records(sheet, self._blocks(sheet), self.catalog.words, self.vocabulary.fields)
        return [found for one in joined for found in self._tables_of(one, file_name)]

    def _tables_of(self, one: Joined, file_name: str) -> Iterator[FoundTable]:
        """The table; pages that are no ledger together, each for itself."""
        whole, *apart = (self._found(*join_split_columns(s, b, self.catalog.words), file_name) for s, b in one.tables)
        if apart and not whole.recognition.ledger:
            yield from apart
        else:
            told = (("note.account_pages" if apart else "note.printed_vouchers", {"n": one.count}),) if one.count else ()
            yield replace(whole, apart=tuple(apart), notes=(*whole.notes, *told))

    def _basic_data(self, sheet: RawSheet) -> FoundTable:
        block = block_under(sheet.rows, 0, sheet.head_rows, self.vocabulary.weigh, self._words)
        columns = tuple(ColumnUse(i, h, "", 1.0) for i, h in enumerate(block.headers))
        return FoundTable(sheet, block, Recognition("", 0.0, columns, ()), notes=(("note.basic_data", {}),), is_basic_data=True)

    # ---- where they are

    def _blocks(self, sheet: RawSheet) -> list[Block]:
        if sheet.head_rows:
            return [block_under(sheet.rows, 0, sheet.head_rows, self.vocabulary.weigh, self._words)]
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
        start = max((b.span[1] + 1 for b in above), default=0)
        by_words = [b for b in found if b.header_rows == head]
        return [*above, *(by_words or [block_under(sheet.rows, min(start, head[0]), head, self.vocabulary.weigh, self._words)])]

    def table_under(self, sheet: RawSheet, head: tuple[int, ...], file_name: str) -> FoundTable:
        """The table under the head in these 0-based rows of a sheet in which none was found."""
        return self._found(sheet, block_under(sheet.rows, 0, head, self.vocabulary.weigh, self._words), file_name)

    # ---- what they are

    def _found(self, sheet: RawSheet, block: Block, file_name: str) -> FoundTable:
        """The table with what it is; the rows that its columns show to be opening balances are no data."""
        found = self._identified(sheet, block, file_name)
        told, words = found.recognition, self.catalog.words["openings"]
        item = next((u.index for u in told.columns if u.field == "item"), None)
        if told.ledger == self.catalog.words["publications"]["ledger"] and item is not None:
            block = with_figures(block, sheet.rows, item, self.catalog.words["publications"]["sums"])
        block = set_apart(block, sheet.rows, told.columns, told.ledger, words)
        openings = tuple(r for r, label in block.totals if self._words.opening.match(label))
        return replace(found, block=block, openings=openings)

    def _identified(self, sheet: RawSheet, block: Block, file_name: str) -> FoundTable:
        span = slice(block.first_column, None if block.last_column is None else block.last_column + 1)
        above = " ".join(fold(raw_text(c)) for r in block.preamble[-8:] for c in sheet.rows[r][span] if isinstance(c, str) and len(c) < 60)
        if self.mappings.entries:
            fits = self.mappings.fits(block.headers, Place(file_name, sheet.name, above))
            if len(fits) == 1:
                settled = recognition_by(fits[0], block.headers, self.vocabulary)
                return FoundTable(sheet, block, settled, fits[0].mapping, notes_of(fits))
            return FoundTable(sheet, block, self._recognise(sheet, block, above, file_name), None, notes_of(fits))
        told = self._recognise(sheet, block, above, file_name)
        if self._is_publication(told, (above, sheet.name)):
            columns = tuple(replace(u, field="") for u in told.columns)
            return FoundTable(sheet, block, Recognition("", 0.0, columns, ()), notes=(("note.publication_lines", {}),), is_published=True)
        return FoundTable(sheet, block, told)

    def _is_publication(self, told: Recognition, titles: Sequence[str]) -> bool:
        """Whether a table that reads like a statement is the village's own publication of what came in and went out."""
        words = self.catalog.words["publications"]
        if told.ledger != words["lines"]["ledger"] or {u.field for u in told.columns} & set(words["lines"]["with"]):
            return False
        return any(mark in squeeze(t) for t in titles for mark in words["marks"])

    def _recognise(self, sheet: RawSheet, block: Block, above: str, file_name: str) -> Recognition:
        titles = [above, sheet.name, Path(file_name).stem]
        if form := self.forms.find(block.headers, titles):
            return recognition_of(form, block.headers, self.vocabulary)
        if self._dictionary.match(squeeze(sheet.name)):
            return Recognition("", 0.0, tuple(ColumnUse(i, h, None, 0.0) for i, h in enumerate(block.headers)), ())
        samples = table_columns(sheet, block.data[:SAMPLE], len(block.headers))
        if spread := find_spread(self.catalog, block.headers, samples, titles, self.vocabulary.ignored):
            columns = spread.uses(block.headers, self.vocabulary.ignored)
            return Recognition(spread.ledger, SPREAD, columns, (Guess(spread.ledger, SPREAD, columns),), spread=spread)
        return recognise(self.vocabulary, block.headers, samples, titles)
