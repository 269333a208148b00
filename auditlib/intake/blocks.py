"""What the finding of tables hands on: blocks of rows, and the patterns that tell what a row is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .values import MOST_REMEMBERED, squeeze

Rows = Sequence[Sequence[Any]]
PATH = "›"  # joins the parts of a merged head; no office writes it in a header
LABEL_COLUMNS = 8  # columns in which the label of a total can stand
LONGEST = 40  # signs of such a label


@dataclass(frozen=True, slots=True)
class Block:
    """One table of a sheet; all row and column numbers are 0-based positions in the sheet."""

    header_rows: tuple[int, ...]
    headers: tuple[str, ...]  # one a column, the parts of a merged head joined by PATH
    preamble: tuple[int, ...]  # rows above the head that belong to it
    data: tuple[int, ...]
    totals: tuple[tuple[int, str], ...]  # row, label
    groups: tuple[int, ...]  # rows that only name a category
    footers: tuple[int, ...]
    skipped: tuple[int, ...]  # blank, repeated heads, rows of column numbers
    first_column: int = 0  # headers are '' left of it
    last_column: int | None = None  # the last column that is the block's own; None: to the end of the row
    is_part: bool = False  # the same columns stand again beside it: a total here covers all the parts
    labelled: tuple[tuple[int, str], ...] = ()  # data rows that bear the label of an opening balance; their columns tell what they are

    @property
    def span(self) -> tuple[int, int]:
        """First and last row of the block, title and footers included."""
        rows = (*self.preamble, *self.header_rows, *self.data, *(r for r, _ in self.totals), *self.groups, *self.footers)
        return min(rows), max(rows)


def moved_down(block: Block, n: int) -> Block:
    """A block found in a part of a sheet, with the row numbers of the sheet of which the part begins at row `n`."""
    if not n:
        return block
    plain, labelled = ("header_rows", "preamble", "data", "groups", "footers", "skipped"), ("totals", "labelled")
    rows = {name: tuple(r + n for r in getattr(block, name)) for name in plain}
    return replace(block, **rows, **{name: tuple((r + n, label) for r, label in getattr(block, name)) for name in labelled})


@dataclass(frozen=True, slots=True, eq=False)  # one for a catalog; texts are remembered by it
class RowWords:
    """The patterns of expectations/words/layout.yaml, each matched from the start of a folded text."""

    total: re.Pattern[str]
    carried: re.Pattern[str]
    opening: re.Pattern[str]
    footer: re.Pattern[str]
    column_numbers: re.Pattern[str]
    total_of_part: re.Pattern[str]
    signature: re.Pattern[str]
    summary_label: re.Pattern[str]
    count_label: re.Pattern[str]
    side_word: re.Pattern[str]
    unit_cell: re.Pattern[str]
    places_cell: re.Pattern[str]
    beside_digits: re.Pattern[str]
    page_marks: re.Pattern[str]
    table_name: re.Pattern[str]
    no_figure: re.Pattern[str]
    weak_no_figure: re.Pattern[str]
    note_above: re.Pattern[str]
    footnote: re.Pattern[str]
    unit_line: re.Pattern[str]
    total_in_publication: re.Pattern[str]
    total_when_first: re.Pattern[str]
    whole: re.Pattern[str]
    part_of_whole: re.Pattern[str]
    board: re.Pattern[str]
    _plain: set[Any] = field(default_factory=set)

    @staticmethod
    def of(words: Mapping[str, Any]) -> RowWords:
        """Raises KeyError when layout.yaml lacks one of the patterns, re.error when one is not well formed."""
        return RowWords(*(re.compile(words[n]) for n in RowWords.__slots__ if not n.startswith("_")))

    def unknown(self, cells: Sequence[Any]) -> list[str]:
        """The distinct texts of a column but for those that are remembered as no label of any row."""
        return [c for c in set(cells).difference(self._plain) if isinstance(c, str)]

    def remember(self, text: str) -> None:
        """Codes, dates and numbers are no labels in any table; offices repeat them sheet after sheet."""
        if len(self._plain) >= MOST_REMEMBERED:
            self._plain.clear()
        self._plain.add(text)

    def label(self, cell: Any) -> str:
        """The label of a total, carried or opening row that `cell` is, else ''."""
        if not isinstance(cell, str) or not 0 < len(cell) <= LONGEST:
            return ""
        text = squeeze(cell)
        return text if self.total.match(text) or self.carried.match(text) or self.opening.match(text) else ""

    def opening_label(self, cells: Sequence[Any]) -> str:
        """The label of an opening balance that stands in one of `cells`, else ''."""
        texts = (squeeze(c) for c in cells if isinstance(c, str) and 0 < len(c) <= LONGEST)
        return next((t for t in texts if self.opening.match(t)), "")

    def part_label(self, cell: Any) -> str:
        """The label of a total that names what it adds up (房屋小计, 三组合计), else ''; sure only as a row's first text."""
        if not isinstance(cell, str) or not 0 < len(cell) <= LONGEST:
            return ""
        text = squeeze(cell)
        return text if self.total_of_part.match(text) else ""

    def is_label(self, bare: str) -> bool:
        """Whether a text without blanks may be the label of a row that is not data."""
        patterns = (self.total, self.carried, self.opening, self.total_of_part)
        return len(bare) <= LONGEST and any(p.match(bare) for p in patterns)
