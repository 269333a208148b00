"""Tables one under another that no ledger claims: where one ends and the next, with a head of its own, begins.

Tables whose heads our words know are parted by `below.walk`. The others have only their shape to tell them by, so a cut needs
evidence: a blank row, then a line of texts that is a head because of what stands under it or above it. In doubt there is no cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .blocks import Rows, RowWords
from .cell_kinds import CUT, is_blank, is_number, shown
from .heads import HEAD_HEIGHT, OWN_ROWS, SURE_HITS, SURE_SHARE, Weigh
from .values import squeeze

TITLE_ROWS = 3  # single texts above a head that are its title
LONGEST_HEADER = 40  # signs
LOOKED_AT = 50  # rows under a head
Filled = list[tuple[int, Any]]  # column and cell


@dataclass(frozen=True, slots=True)
class _Start:
    """A table that may begin at row `first`."""

    first: int  # its title, else its head
    is_known: bool  # our words know its head
    is_sure: bool  # and so many of its words that the table above ends at it anyway
    has_figures: bool  # numbers under a text of the head
    is_titled: bool  # a title that names a table stands above it
    rows: int  # rows under the head until the next blank one, LOOKED_AT at most


def cuts(rows: Rows, weigh: Weigh, words: RowWords) -> list[int]:
    """The rows at which a further table begins, in rising order; [] for a sheet of one table."""
    places = _after_blanks(rows)
    starts = [s for r in places if (s := _start(rows, r, weigh, words)) is not None] if len(places) > 1 else []
    found: list[int] = []
    before = starts[0] if starts else None
    for start in starts[1:]:
        assert before is not None
        if _is_cut(before, start):
            found.append(start.first)
        if _is_cut(before, start) or start.is_known:
            before = start
    return found


def _is_cut(before: _Start, start: _Start) -> bool:
    titled_in_part_known = before.is_known and start.is_titled and not start.is_sure
    if start.is_known and not titled_in_part_known:  # parted elsewhere; what stands above one may be its own title lines
        return not before.is_known and before.has_figures and before.rows >= OWN_ROWS
    if before.is_known:  # a row of texts may as well be data of the known table
        return start.is_titled
    return start.is_titled or start.has_figures


def _after_blanks(rows: Rows) -> list[int]:
    """The first row of the sheet that is filled, and every filled row under a blank one."""
    firsts = [row[0] if row else "" for row in rows]  # most rows are told by their first cell alone
    white = {c for c in set(firsts) if is_blank(c)}
    blank = {r for r, c in enumerate(firsts) if c in white and all(map(is_blank, rows[r]))} if white else set()
    return [r for r in sorted({0, *(b + 1 for b in blank)}) if r < len(rows) and r not in blank]


def _start(rows: Rows, r: int, weigh: Weigh, words: RowWords) -> _Start | None:
    first, titles = r, []
    while r < len(rows) and len(filled := _filled(rows[r])) == 1 and r - first < TITLE_ROWS:
        titles.append(squeeze(shown(filled[0][1])))
        r += 1
    if r >= len(rows):
        return None
    head = _filled(rows[r])
    texts = [squeeze(c[:CUT]) for _, c in head if isinstance(c, str) and not is_number(c)]
    if len(texts) < 2 or len(texts) < len(head) or len(set(texts)) < len(texts):
        return None
    if any(len(t) > LONGEST_HEADER or "：" in t or ":" in t for t in texts):
        return None
    known = sum(weigh(t) > 0 for t in texts)
    body = _body(rows, r + 1)
    if not body or not any(len(line) >= 2 for line in body[:HEAD_HEIGHT]):
        return None
    columns = {j for j, _ in head}
    if sum(j in columns for line in body for j, _ in line) < 0.9 * sum(map(len, body)):
        return None  # the head does not stand over what is under it
    figures = any(_all_numbers([c for line in body for k, c in line if k == j]) for j in columns)
    is_titled = any(words.table_name.match(t) for t in titles)
    is_known, is_sure = (known >= hits and known >= share * len(texts) for hits, share in ((2, 0.4), (SURE_HITS, SURE_SHARE)))
    return _Start(first, is_known, is_sure, figures, is_titled, len(body))


def _body(rows: Rows, r: int) -> list[Filled]:
    """The first rows under a head until a blank one: enough to tell what its columns hold."""
    found = []
    while r < len(rows) and len(found) < LOOKED_AT and (filled := _filled(rows[r])):
        found.append(filled)
        r += 1
    return found


def _filled(row: Sequence[Any]) -> Filled:
    return [(j, c) for j, c in enumerate(row) if not is_blank(c)]


def _all_numbers(cells: Sequence[Any]) -> bool:
    return bool(cells) and all(map(is_number, cells))
