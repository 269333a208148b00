"""Tables that stand side by side in one sheet: the columns of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .below import SEQUENCE_HEADERS
from .blocks import PATH, Block, Rows, RowWords
from .cell_kinds import header_key, is_blank, shown
from .heads import Weigh, header_paths, weigh_path
from .values import squeeze

LOOKED_AT = 200  # rows in which a separating column must be empty
Span = tuple[int, int]  # first and last column of a part


def side_columns(rows: Rows, start: int, head: Sequence[int], weigh: Weigh, words: RowWords) -> tuple[list[Span], bool]:
    """The column spans of tables beside each other, and whether they are parts of one table; no spans for a single table.

    Parts of one table repeat the same headers (序号 姓名 份额 | 序号 姓名 份额). Different tables are told by an empty
    column between them and a title, a sequence number or several headers that each has for itself.
    """
    headers = header_paths(rows, head)
    columns = [j for j, h in enumerate(headers) if h]
    keys = [header_key(headers[j]) for j in columns]
    period = _period(keys)
    if period and any(weigh_path(headers[j], weigh) > 0 for j in columns[:period]):
        chunks = [columns[i : i + period] for i in range(0, len(columns), period)]
        return [(c[0], c[-1]) for c in chunks], True
    if boards := _boards(headers, columns, words):
        return boards, False
    spans = _between_gaps(rows, head, headers, columns)
    if len(spans) < 2 or not all(sum(weigh_path(h, weigh) > 0 for h in headers[a : b + 1] if h) >= 2 for a, b in spans):
        return [], False
    if _share_headers(headers, spans) or _have_titles(rows, start, head[0], spans, words):
        return spans, False
    return [], False


def _period(keys: Sequence[str]) -> int:
    """After how many headers they all repeat; 0 where they do not."""
    for n in range(2, len(keys) // 2 + 1):
        if len(keys) % n == 0 and all(k == keys[i % n] for i, k in enumerate(keys)) and len(set(keys[:n])) == n:
            return n
    return 0


def _boards(headers: Sequence[str], columns: Sequence[int], words: RowWords) -> list[Span]:
    """债权 over the left columns and 债务 over the right ones, nothing beside them; [] where the head says nothing of the kind."""
    over = [headers[j].split(PATH)[0] if PATH in headers[j] else "" for j in columns]
    names = list(dict.fromkeys(over))
    if len(names) < 2 or not all(words.board.match(squeeze(n)) for n in names):
        return []
    spans = [(columns[over.index(n)], columns[len(over) - 1 - over[::-1].index(n)]) for n in names]
    return spans if all(a[1] < b[0] for a, b in zip(spans, spans[1:], strict=False)) else []


def _between_gaps(rows: Rows, head: Sequence[int], headers: Sequence[str], columns: Sequence[int]) -> list[Span]:
    looked = rows[head[0] : head[-1] + LOOKED_AT]
    spans: list[Span] = []
    begin = columns[0] if columns else 0
    for j, k in zip(columns, columns[1:], strict=False):
        if k - j > 1 and any(all(g >= len(row) or is_blank(row[g]) for row in looked) for g in range(j + 1, k)):
            spans.append((begin, j))
            begin = k
    return [*spans, (begin, columns[-1])] if columns else []


def _share_headers(headers: Sequence[str], spans: Sequence[Span]) -> bool:
    """Whether every part has a sequence number of its own, or two headers that the first part has too."""
    sets = [{header_key(h) for h in headers[a : b + 1] if h} for a, b in spans]
    return all(s & SEQUENCE_HEADERS for s in sets) or all(len(s & sets[0]) >= 2 for s in sets[1:])


def _have_titles(rows: Rows, start: int, first: int, spans: Sequence[Span], words: RowWords) -> bool:
    for row in rows[start:first]:
        own = [[squeeze(shown(c)) for c in row[a : b + 1] if not is_blank(c)] for a, b in spans]
        if all(len(texts) == 1 and words.table_name.match(texts[0]) for texts in own):
            return True
    return False


def cut_out(rows: Rows, span: Span, end: int) -> Rows:
    """The part of the first `end` rows that lies in the columns of `span`; row positions stay."""
    return [row[span[0] : span[1] + 1] for row in rows[:end]]


def placed(block: Block, span: Span, is_part: bool) -> Block:
    """A block found in cut-out columns, with the column numbers of the sheet."""
    headers = ("",) * span[0] + block.headers
    return replace(block, headers=headers, first_column=span[0], last_column=span[1], is_part=is_part)
