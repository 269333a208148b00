"""Where the tables of a sheet are: head, data, totals, footers; row by row, nothing left out.

A head that our words know comes first (`heads`, `below`, `sides`). Where there is none, a table of figures is found by its
shape (`publications`), and a table of texts by its first full row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .below import Following, walk
from .blocks import PATH, Block, Rows, RowWords, moved_down
from .cell_kinds import header_key, is_blank, is_number
from .heads import Weigh, first_known_head, header_paths, plain_head, weigh_path
from .publications import find_publication
from .sides import cut_out, placed, side_columns
from .stacked import cuts

__all__ = ["PATH", "Block", "RowWords", "find_blocks", "header_key", "header_paths", "is_blank", "is_number", "weigh_path"]
WIDEST = 4096  # columns that are looked at; no office's table is wider, and a hostile sheet may be


def find_blocks(rows: Rows, weigh: Weigh, words: RowWords) -> list[Block]:
    """The tables of a sheet, top to bottom, left to right. `weigh` says how sure a text is a header that we know (0 to 1)."""
    if max(map(len, rows), default=0) > WIDEST:
        rows = [row if len(row) <= WIDEST else row[:WIDEST] for row in rows]
    edges = [0, *cuts(rows, weigh, words), len(rows)]
    parts = [(a, rows[a:b]) for a, b in zip(edges, edges[1:], strict=False)]
    return [moved_down(block, a) for a, part in parts for block in _blocks_of(part, weigh, words)]


def block_under(rows: Rows, start: int, head: tuple[int, ...], weigh: Weigh, words: RowWords) -> Block:
    """The table under a head at which a person pointed, whatever its words are; its title may begin at row `start`."""
    return walk(rows, start, head, weigh, words)[0]


def _blocks_of(rows: Rows, weigh: Weigh, words: RowWords) -> list[Block]:
    """The tables of a part of a sheet in which our words know all heads, or that is one table."""
    head = first_known_head(rows, weigh, words)
    if head is None and (publication := find_publication(rows, words)) is not None:
        return [publication]
    head = head or plain_head(rows)
    if head is None:
        return []
    return [side for block, end in _stacked(rows, 0, head, weigh, words) for side in _sides(rows, block, end, weigh, words)]


def _stacked(rows: Rows, start: int, head: tuple[int, ...], weigh: Weigh, words: RowWords) -> Iterator[tuple[Block, int]]:
    """The tables one under another, each with the row after its last."""
    following: Following = (start, head)
    while following is not None:
        start, head = following
        block, following = walk(rows, start, head, weigh, words)
        yield block, following[0] if following else len(rows)


def _sides(rows: Rows, block: Block, end: int, weigh: Weigh, words: RowWords) -> Iterator[Block]:
    """The tables that stand side by side in the rows of `block`; `block` itself where there is only one."""
    start = block.preamble[0] if block.preamble else block.header_rows[0]
    spans, is_part = side_columns(rows, start, block.header_rows, weigh, words)
    if not spans:
        yield block
    told: set[int] = set()  # a total row under all the parts of one table is one row
    for span in spans:
        for side, _ in _stacked(cut_out(rows, span, end), start, block.header_rows, weigh, words):
            part = placed(side, span, is_part)
            yield _without_totals(part, told) if is_part else part
            told.update(r for r, _ in part.totals)


def _without_totals(part: Block, told: set[int]) -> Block:
    twice = {r for r, _ in part.totals} & told
    rest = tuple(t for t in part.totals if t[0] not in twice)
    return replace(part, totals=rest, skipped=tuple(sorted({*part.skipped, *twice}))) if twice else part
