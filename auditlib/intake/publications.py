"""Tables of figures with heads that nobody knows: found by shape, as statistical offices publish them.

The body is told by its figures, the head by texts and years that stand above figures, the names of the rows by the
columns without figures. Derived rows (totals) are told by their labels and by adding up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from .below import is_column_numbers
from .blocks import Block, Rows, RowWords
from .cell_kinds import is_blank, is_number, shown
from .heads import header_paths
from .sums import rows_that_add_up
from .values import squeeze

BLANK, TEXT, FIGURE, YEAR, ABSENT, UNIT = range(6)  # kinds of cells; ABSENT: a sign that says why a figure is missing
WEAK = 6  # a sign that may be a missing figure, a rule under a head or a mark
LOOKED_AT = 60_000  # cells that are looked at to tell which columns hold figures
CELLS_AT_MOST = 2_000_000  # larger sheets are no publications, and looking at each cell would take too long
CANDIDATES = 40  # rows with figures that are tried as the first of the body
HEAD_AT_MOST = 10  # rows with texts in a head
LONGEST_SPANNING = 60  # signs of a header that stands above several columns
FIGURES_TO_A_NAME = 3  # columns of figures to each text of a row that only names a group
_DAY = re.compile(r"\d{2,4}[-./年]\d{1,2}[-./月]\d{1,2}日?(?!\d)").match
_TABLE_NUMBER = re.compile(r"(?i:table)\s?\d").match
_UNIT = re.compile(r"\([$£€¥]?(100|1,?000|10,?000|1,?000,?000|1,?000,?000,?000)\)$").match
# $1,234 \2: a figure with a currency before it or a footnote mark behind it
_MARKED = re.compile(r"[<>~±$€£]? ?([+-]?\(?\d[\d,]*(?:\.\d+)?\)?%?) ?(?:\\\d{1,2}|[*†‡]{1,2}|[rpe])?$").match
_ROUND = re.compile(r"(1[7-9]\d\d|20\d\d|2100)$").match


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a sheet looks like: the kinds of its cells, its columns of figures and its first row of figures."""

    kinds: list[list[int]]
    figures: frozenset[int]  # columns that hold figures
    first: int

    def has_figure(self, r: int) -> bool:
        return any(k in (FIGURE, YEAR, ABSENT, WEAK, UNIT) and j in self.figures for j, k in enumerate(self.kinds[r]))

    def speaks_above_figures(self, r: int) -> bool:
        return any(k != BLANK and j in self.figures for j, k in enumerate(self.kinds[r]))

    def only_names(self, r: int) -> bool:
        """Whether a row without figures names a group; in a list of few figures two texts are a record already."""
        filled = [j for j, k in enumerate(self.kinds[r]) if k != BLANK]
        if any(j in self.figures for j in filled):
            return False
        return len(filled) < 2 or len(self.figures) >= FIGURES_TO_A_NAME * len(filled)


def find_publication(rows: Rows, words: RowWords) -> Block | None:
    """The table of figures that a sheet holds, or None where figures do not make up at least half of its columns."""
    if sum(map(len, rows)) > CELLS_AT_MOST:
        return None
    margin = min((_first_filled(row) for row in rows if not all(map(is_blank, row))), default=0)
    rows = [row[margin:] for row in rows] if margin else rows
    shape = _shape_of(rows, words)
    head = _head(rows, shape, words) if shape else []
    if shape is None or not head:
        return None
    block = _sorted_body(rows, shape, head, words)
    return replace(block, headers=("",) * margin + block.headers)


def _first_filled(row: Sequence[Any]) -> int:
    return next(j for j, c in enumerate(row) if not is_blank(c))


# ---- kinds of cells ----------------------------------------------------------------------------------------


def _kind(cell: Any, words: RowWords, known: dict[Any, int]) -> int:
    if cell is None or cell == "":
        return BLANK
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return YEAR if 1700 <= cell <= 2100 and cell == int(cell) else FIGURE
    if not isinstance(cell, str):
        return TEXT
    key = cell[:64]
    if key not in known:
        known[key] = _kind_of_text(shown(key), words)
    return known[key]


def _kind_of_text(text: str, words: RowWords) -> int:
    if not text:
        return BLANK
    if words.no_figure.match(text):
        return ABSENT
    if words.weak_no_figure.match(text):
        return WEAK
    if _UNIT(text):
        return UNIT
    marked = _MARKED(text)
    if marked or is_number(text):
        return YEAR if _ROUND((marked[1] if marked else text).removesuffix(".0")) else FIGURE
    return TEXT


def _shape_of(rows: Rows, words: RowWords) -> _Shape | None:
    known: dict[Any, int] = {}
    kinds = [[_kind(c, words, known) for c in row] for row in rows]
    first = _first_figures(rows, kinds, words)
    if first is None:
        return None
    columns = _figure_columns(kinds, first)
    used = {j for row in kinds[first : first + 200] for j, k in enumerate(row) if k != BLANK}
    if not columns or len(columns) < 0.5 * len(used - {0}):
        return None
    return _Shape(kinds, columns, _before_years(kinds, columns, first))


def _figure_columns(kinds: Sequence[Sequence[int]], first: int) -> frozenset[int]:
    """The columns, but for the first, in which at least half of the filled cells below `first` are figures."""
    width = max(map(len, kinds), default=0)
    looked = max(40, LOOKED_AT // max(width, 1))
    filled, figures = [0] * width, [0] * width
    for row in islice(kinds, first, first + looked):
        for j, k in enumerate(row):
            filled[j] += k != BLANK
            figures[j] += k in (FIGURE, YEAR, ABSENT, WEAK)
    return frozenset(j for j in range(1, width) if filled[j] and figures[j] >= 0.5 * filled[j])


# ---- the first row of figures ------------------------------------------------------------------------------


def _first_figures(rows: Rows, kinds: Sequence[Sequence[int]], words: RowWords) -> int | None:
    """The first row that holds figures of the body; years, units and column numbers of a head are none."""
    for r in islice((r for r, row in enumerate(kinds) if _holds_figures(row)), CANDIDATES):
        if not (_is_numbering(rows[r], words) or _is_scale(rows[r], kinds[r]) or _is_above_a_head(kinds, r)):
            return r
    return None


def _holds_figures(row: Sequence[int]) -> bool:
    figures = sum(k == FIGURE for k in row[1:])
    return figures >= 1 or sum(k == ABSENT for k in row[1:]) >= 2


def _is_numbering(row: Sequence[Any], words: RowWords) -> bool:
    return is_column_numbers([shown(c) for c in row if not is_blank(c)], words)


def _is_above_a_head(kinds: Sequence[Sequence[int]], r: int) -> bool:
    """Whether a single figure is part of a title: below it a head of texts still comes, and fuller rows."""
    own = sum(k in (FIGURE, ABSENT) for k in kinds[r])
    below = [k for k in kinds[r + 1 : r + 13] if any(k)]
    for i, row in enumerate(below):
        if any(k == FIGURE for k in row[1:]):
            return False
        if sum(k in (TEXT, YEAR) for k in row[1:]) >= 2:
            rest = [sum(k == FIGURE for k in later) for later in below[i + 1 :]]
            return bool(rest) and max(rest) >= 2 * own
    return False


def _is_scale(row: Sequence[Any], kinds: Sequence[int]) -> bool:
    """Numbers that head columns (ages, sizes): whole, rising, and no name before them."""
    texts = [shown(c) for c, k in zip(row, kinds, strict=True) if k == FIGURE]
    if kinds[0] != BLANK or len(texts) < 3 or not all(t.replace(",", "").removesuffix(".0").isdigit() for t in texts):
        return False
    numbers = [int(t.replace(",", "").removesuffix(".0")) for t in texts]
    return all(a < b for a, b in zip(numbers, numbers[1:], strict=False))


def _before_years(kinds: Sequence[Sequence[int]], figures: frozenset[int], first: int) -> int:
    """The first row where figures that look like years (1,850 persons) are meant as figures: named, and under a full head."""
    while True:
        r = next((k for k in range(first - 1, -1, -1) if any(kinds[k])), -1)
        if r < 0 or kinds[r][0] != TEXT:
            return first
        told = {j for j, k in enumerate(kinds[r]) if k != BLANK and j in figures}
        meant = {kinds[r][j] for j in told}
        headed = {j for row in kinds[:r] for j, k in enumerate(row) if k in (TEXT, YEAR)}
        if YEAR not in meant or not meant <= {YEAR, ABSENT, WEAK} or not told <= headed or not _names_first_column(kinds[:r]):
            return first
        first = r


def _names_first_column(above: Sequence[Sequence[int]]) -> bool:
    return any(row[0] == TEXT and any(row[1:]) for row in above if row)


# ---- the head ----------------------------------------------------------------------------------------------


def _head(rows: Rows, shape: _Shape, words: RowWords) -> list[int]:
    """The rows of the head: above the first figures, below titles and notes; without names of groups."""
    above = _below_notes(rows, [r for r in range(shape.first) if any(shape.kinds[r])], shape, words)
    top = next((i for i, r in enumerate(above) if _begins_head(rows[r], shape.kinds[r], above[:i], words)), None)
    if top is None:
        return []
    stub = above[top - 1] if top > 0 and _names_the_rows(rows, above[top - 1], above[top], words) else None
    is_right_above = stub is not None and above[top] - stub == 1 and shape.kinds[above[top]][0] == BLANK
    head = [stub] if is_right_above and stub is not None else []
    named = {0} if head else set()  # columns that have a text in the head
    for r in above[top:]:
        filled = {j for j, k in enumerate(shape.kinds[r]) if k != BLANK}
        if not (shape.speaks_above_figures(r) or not filled <= named or 0 not in filled or _names_units(rows[r], words)):
            if shape.only_names(r):
                continue
            break
        head.append(r)
        named |= filled
    if 0 not in named and stub is not None:
        head.insert(0, stub)
    return head if len(head) <= HEAD_AT_MOST else []


def _below_notes(rows: Rows, above: list[int], shape: _Shape, words: RowWords) -> list[int]:
    """Titles end with the last 'See notes' that stands alone above fuller rows; [in percent] may be a unit of the head."""
    fuller = max((r for r in above if sum(k != BLANK for k in shape.kinds[r]) > 1), default=-1)
    notes = (r for r in above if r < fuller and sum(k != BLANK for k in shape.kinds[r]) == 1)
    texts = {r: next(shown(c) for c in rows[r] if not is_blank(c)) for r in notes}
    last = max((r for r, t in texts.items() if words.note_above.match(t) and not t.startswith("[")), default=-1)
    return [r for r in above if r >= last]


def _begins_head(row: Sequence[Any], kinds: Sequence[int], above: Sequence[int], words: RowWords) -> bool:
    filled = [j for j, k in enumerate(kinds) if k != BLANK]
    texts = [shown(row[j]) for j in filled]
    if all(words.note_above.match(t) or ":" in t or words.unit_line.match(t) for t in texts) or texts[0].endswith(":"):
        return False
    if len(filled) > 1:
        return _TABLE_NUMBER(texts[0]) is None
    if words.table_name.match(squeeze(texts[0])):
        return False
    is_title = not above and (not texts[0].isascii() or len(texts[0]) > LONGEST_SPANNING)
    return filled[0] > 0 and not is_title


def _names_units(row: Sequence[Any], words: RowWords) -> bool:
    text = next((shown(c) for c in row if not is_blank(c)), "")
    return words.unit_line.match(text) is not None


def _names_the_rows(rows: Rows, r: int, head: int, words: RowWords) -> bool:
    """Whether a lone text over the first column, right above the head, is the header of that column."""
    text = next((shown(c) for c in rows[r] if not is_blank(c)), "")
    if len(text) > 60 or words.note_above.match(text) or words.table_name.match(text) or is_blank(rows[r][0]):
        return False
    return head - r == 1 or any(words.note_above.match(shown(rows[k][0])) for k in range(r) if rows[k])


# ---- the body ----------------------------------------------------------------------------------------------


def _sorted_body(rows: Rows, shape: _Shape, head: Sequence[int], words: RowWords) -> Block:
    kinds = {r: "group" if any(shape.kinds[r]) else "skip" for r in range(head[0], head[-1]) if r not in head}
    last = _last_figures(rows, shape, words)
    kinds |= {r: _row_kind(rows, r, last, shape, words) for r in range(head[-1] + 1, len(rows))}
    body = [r for r, k in kinds.items() if k == "data"]
    totals = _totals(rows, shape, [r for r in body if shape.has_figure(r)], words)

    def of(kind: str) -> tuple[int, ...]:
        return tuple(r for r, k in kinds.items() if k == kind)

    return Block(
        tuple(head), header_paths(rows, head), tuple(range(head[0])), tuple(r for r in body if r not in totals),
        tuple((r, totals[r]) for r in body if r in totals), of("group"), of("footer"), of("skip"),
    )  # fmt: skip


def _row_kind(rows: Rows, r: int, last: int, shape: _Shape, words: RowWords) -> str:
    if not any(shape.kinds[r]) or (_is_inner_head(shape, r) and not _has_days(rows[r])):
        return "skip"
    if shape.has_figure(r) and r <= last:
        return "data"
    if words.footnote.match(_label(rows[r], shape)):
        return "footer"
    if r > last:
        return "footer" if shape.only_names(r) or not all(any(k) for k in shape.kinds[last:r]) else "data"
    return "group" if shape.only_names(r) else "data"


def _is_inner_head(shape: _Shape, r: int) -> bool:
    """Texts or years above all the figures once more, in the middle of the table."""
    row = shape.kinds[r]
    here = [row[j] for j in shape.figures if j < len(row) and row[j] != BLANK]
    return len(here) >= 2 and len(here) >= 0.8 * len(shape.figures) and all(k in (TEXT, UNIT) for k in here)


def _has_days(row: Sequence[Any]) -> bool:
    """公开日期 | 2025年4月10日 | 2025年7月8日: when each column was published; no head of columns consists of days."""
    texts = [squeeze(shown(c)) for c in row[1:] if not is_blank(c)]
    return bool(texts) and all(map(_DAY, texts))


def _last_figures(rows: Rows, shape: _Shape, words: RowWords) -> int:
    """The last row of figures; a footnote with a stray number is none."""
    for r in range(len(rows) - 1, shape.first, -1):
        if shape.has_figure(r) and not words.footnote.match(_label(rows[r], shape)):
            return r
    return shape.first


def _label(row: Sequence[Any], shape: _Shape) -> str:
    """The name of a row: its first text outside the columns of figures."""
    return next((shown(c) for j, c in enumerate(row) if j not in shape.figures and not is_blank(c)), "")


# ---- derived rows ------------------------------------------------------------------------------------------


def _totals(rows: Rows, shape: _Shape, body: Sequence[int], words: RowWords) -> dict[int, str]:
    labels = {r: _bare(_label(rows[r], shape)) for r in body}
    found = {r: t for r, t in labels.items() if _says_total(r, t, labels, body, words)}
    summed = rows_that_add_up([rows[r] for r in body], sorted(shape.figures))
    return found | {body[i]: labels[body[i]] for i in summed}


def _bare(label: str) -> str:
    """A label without footnote marks, dotted leaders and a unit in brackets."""
    text = re.sub(r"\s*(\\\d{1,2}|\(\\?\d{1,2}\))", "", label)
    return re.sub(r"[\s.:…]+$", "", re.sub(r"\s*\([^()]{1,30}\)\s*$", "", text))


def _says_total(r: int, label: str, labels: dict[int, str], body: Sequence[int], words: RowWords) -> bool:
    if words.total_in_publication.match(label):
        return True
    if r != body[0]:
        return False
    if words.total_when_first.match(label):
        return True
    return words.whole.match(label) is not None and any(words.part_of_whole.match(labels[k]) for k in body[1:13])
