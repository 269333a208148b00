"""The head of a table by its words: which rows it is, and one text a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .blocks import PATH, Rows, RowWords
from .cell_kinds import CUT, is_blank, is_number, shown
from .values import fold, squeeze

HEAD_SEARCH = 60  # rows in which a first head is looked for
HEAD_HEIGHT = 3  # rows of a merged head
LEAST_PLACES = 4  # signs of a row that names the places of amounts
SURE_HITS, SURE_SHARE = 3, 0.6  # known texts that make a row a head beyond doubt
Merge = tuple[tuple[int, int], tuple[int, int]]  # first and last cell of a merged range, 0-based row and column
BETTER = 0.25  # by how much a later head must be surer than an earlier one
OWN_ROWS = 3  # rows below a head that make it a table of its own
Weigh = Callable[[str], float]  # how sure a text is a header that we know, 0 to 1
_DATE = re.compile(r"\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?").fullmatch
_LABELLED = re.compile(r"[^:：\d]{1,12}[:：]").match
_NO_TEXT = frozenset(("None", "nan", "NaN", "null", "NULL"))  # what programs write for an empty cell


def header_paths(rows: Rows, head: Sequence[int]) -> tuple[str, ...]:
    """One text a column from the rows of a head: a parent's text is carried over the columns it spans."""
    width = max((len(rows[r]) for r in head), default=0)
    levels = [[_part(c) for c in _padded(rows[r], width)] for r in head]
    below = [False] * width  # whether the column has a text in any lower row
    for level in reversed(levels):
        for j in range(1, width):
            if not level[j] and below[j] and level[j - 1] and below[j - 1]:
                level[j] = level[j - 1]
        below = [b or bool(text) for b, text in zip(below, level, strict=True)]
    return tuple(
        PATH.join(dict.fromkeys(" ".join(part.split()) for part in parts if part)) for parts in zip(*levels, strict=True)
    )


def head_spans(rows: Rows, head: Sequence[int], merges: Sequence[Merge] = ()) -> tuple[tuple[int, int], ...]:
    """First and last column (0-based) that the uppermost header over each column spans: 期初余额 over its 借方 and 贷方.

    A header spans the columns that its merged cell covers (`merges`: first and last cell of each), else those over which
    its text is carried because they have texts of their own below. A column with a plain header spans itself.
    """
    width = max((len(rows[r]) for r in head), default=0)
    found = [(j, j) for j in range(width)]
    if len(head) > 1:
        below = [any(not is_blank(_at(rows[r], j)) for r in head[1:]) for j in range(width)]
        top = [not is_blank(_at(rows[head[0]], j)) for j in range(width)]
        for j in range(1, width):
            if not top[j] and below[j] and below[j - 1] and (top[j - 1] or found[j - 1][0] < j - 1):
                first = found[j - 1][0]
                found[first : j + 1] = [(first, j)] * (j + 1 - first)
    for (row, first), (_, last) in merges:
        if row in head and last > first and not is_blank(_at(rows[row], first)):
            for j in range(first, min(last, width - 1) + 1):
                found[j] = (min(found[j][0], first), max(found[j][1], min(last, width - 1)))
    return tuple(found)


def _at(row: Sequence[Any], j: int) -> Any:
    return row[j] if j < len(row) else ""


def _part(cell: Any) -> str:
    if is_blank(cell):
        return ""
    text = fold(cell[:CUT]) if isinstance(cell, str) else str(cell)
    return "" if text in _NO_TEXT else text


def _padded(row: Sequence[Any], width: int) -> list[Any]:
    return list(row[:width]) + [""] * (width - len(row))


def weigh_path(path: str, weigh: Weigh) -> float:
    """How well a header path is known: as a whole, else by its last or its first part."""
    whole = weigh(path.replace(PATH, ""))
    if PATH not in path:
        return whole
    parts = path.split(PATH)
    return max(whole, 0.8 * weigh(parts[-1]), 0.7 * weigh(parts[0]))


def first_known_head(rows: Rows, weigh: Weigh, words: RowWords) -> tuple[int, ...] | None:
    """The first head of a sheet that our words know.

    The best head of all is taken where no row is sure, or where the first sure one has hardly a row of its own: then it
    is a line of labels and values (账号, 户名, 开户行 and what they are) above the table.
    """
    stop = min(len(rows), HEAD_SEARCH)
    best = known_head(rows, 0, stop, weigh, words)
    sure = next((r for r in range(stop) if _is_sure(rows[r], weigh)), None)
    if best is None or sure is None or sure >= best[0]:
        return best
    first = known_head(rows, sure, min(stop, sure + HEAD_HEIGHT), weigh, words)
    if first is None or first[-1] >= best[0]:
        return best
    between = sum(not all(map(is_blank, rows[r])) for r in range(first[-1] + 1, best[0]))
    return first if between >= OWN_ROWS else best


def _is_sure(row: Sequence[Any], weigh: Weigh) -> bool:
    if not may_be_head(row):
        return False
    filled = [c for c in row if not is_blank(c)]
    known = sum(isinstance(c, str) and weigh(c) > 0 for c in filled)
    return known >= SURE_HITS and known >= SURE_SHARE * len(filled)


def known_head(rows: Rows, start: int, stop: int, weigh: Weigh, words: RowWords) -> tuple[int, ...] | None:
    """The best known head that begins in rows[start:stop]; its parts may be one blank row apart."""
    best: tuple[float, tuple[int, ...]] | None = None
    widest = max(map(len, rows[start : stop + 2 * HEAD_HEIGHT]), default=0)
    for r in range(start, stop):
        if best is not None and widest <= best[0] + BETTER:  # no head has more headers than columns
            break
        for head in _heads_from(rows, r):
            if best is not None and _most_headers(rows, head) <= best[0] + BETTER:
                continue
            score = _head_score(rows, head, weigh)
            if score is not None and (best is None or score > best[0] + BETTER):
                best = (score, head)
    return _with_row_of_units(rows, _with_parts_below(rows, _with_groups_above(rows, best[1], start, weigh)), words) if best else None


def _most_headers(rows: Rows, head: tuple[int, ...]) -> int:
    """No head scores more than 1 for each of its headers, and it has no more of them than filled cells."""
    return sum(len(rows[r]) - rows[r].count("") for r in head)


def _with_groups_above(rows: Rows, head: tuple[int, ...], start: int, weigh: Weigh) -> tuple[int, ...]:
    """The head with the row above it where that tells apart headers that stand twice: 账面数 › 原值 and 核实数 › 原值.

    Cells merged downwards fill the lower row, so that it may look like the whole head.
    """
    r, own = head[0] - 1, header_paths(rows, head)
    if r >= start and len(head) < HEAD_HEIGHT and _is_merged_into(rows[r], rows[head[0]]):
        return (r, *head)
    doubled = [j for j, h in enumerate(own) if h and own.count(h) > 1]
    if not doubled or r < start or len(head) >= HEAD_HEIGHT or not may_be_head(rows[r]):
        return head
    paths = header_paths(rows, (r, *head))
    told = [paths[j] for j in doubled if PATH in paths[j] and weigh(paths[j].replace(PATH, "")) > 0]
    return (r, *head) if len(set(told)) > len({own[j] for j in doubled}) and 2 * len(told) >= len(doubled) else head


def _with_parts_below(rows: Rows, head: tuple[int, ...]) -> tuple[int, ...]:
    """The head with the row below it where that only says the parts of its headers: 总面积 and 承包到户 under 面积, 月 and 日 under 2025年.

    The cells of the other columns are merged down into that row, or stand empty in it.
    """
    below = head[-1] + 1
    if below >= len(rows) or len(head) >= HEAD_HEIGHT or not may_be_head(rows[below]):
        return head
    above, row = rows[head[-1]], rows[below]
    return (*head, below) if _is_merged_into(above, row) or _is_of_parts(above, row) else head


def _is_of_parts(above: Sequence[Any], row: Sequence[Any]) -> bool:
    """Whether all that a row says are texts under the first column of a header and under the nameless ones right of it, which it spans."""
    filled = [j for j, c in enumerate(row) if not is_blank(c)]
    texts = {row[j].strip() if isinstance(row[j], str) and not is_number(row[j]) else "" for j in filled}
    if len(filled) < 2 or "" in texts or len(texts) < 2:
        return False
    spanned = {j for j in filled if is_blank(_at(above, j)) and j - 1 in filled}
    return bool(spanned) and all(j in spanned or j + 1 in spanned for j in filled)


def _is_merged_into(above: Sequence[Any], row: Sequence[Any]) -> bool:
    """Whether most cells of a row stand again below it and others do not: 编号 is merged downwards, 账面数 is over 原值 and 净值."""
    told = [(c, _at(row, j)) for j, c in enumerate(above) if not is_blank(c)]
    same = sum(a == b for a, b in told)
    return 2 <= same < len(told) and 2 * same >= len(told) and may_be_head(above)


def _heads_from(rows: Rows, r: int) -> Iterator[tuple[int, ...]]:
    head: tuple[int, ...] = ()
    while r < len(rows) and len(head) < HEAD_HEIGHT and may_be_head(rows[r]) and not (head and any(map(_is_datum, rows[r]))):
        head = (*head, r)
        yield head
        r += 1
        if r < len(rows) and all(map(is_blank, rows[r])):
            r += 1


def may_be_head(row: Sequence[Any]) -> bool:
    empty = row.count("")
    if list(map(type, row)).count(str) - empty < 0.7 * (len(row) - empty - row.count(None)):  # blanks among the texts take from both
        return False
    filled = [c for c in row if not is_blank(c)]
    if not filled or sum(isinstance(c, str) and not is_number(c) for c in filled) < 0.7 * len(filled):
        return False
    return not _is_label_and_value(row)


def _is_label_and_value(row: Sequence[Any]) -> bool:
    """科目： | 102 银行存款: a label with its colon, and directly right of it the only other text."""
    (j, label), *rest = ((j, c) for j, c in enumerate(row) if not is_blank(c))
    is_label = isinstance(label, str) and fold(label[:CUT]).rstrip().endswith(":")
    return is_label and len(rest) == 1 and rest[0][0] == j + 1


def _is_datum(cell: Any) -> bool:
    """Whether a cell can only be data: a day, or a number that is neither a year nor the number of a column."""
    if isinstance(cell, str):
        return len(cell) <= 20 and _DATE(cell.strip()) is not None
    return is_number(cell) and not (float(cell).is_integer() and (0 <= cell < 100 or 1900 <= cell <= 2100))


def _head_score(rows: Rows, head: tuple[int, ...], weigh: Weigh) -> float | None:
    paths = [p for p in header_paths(rows, head) if p]
    known = [weigh_path(p, weigh) for p in paths]
    hits = sum(k > 0 for k in known)
    if hits < 2 or hits < 0.4 * len(paths):
        return None
    return sum(known) - 0.3 * (len(head) - 1) - 0.05 * (len(paths) - hits)


def _with_row_of_units(rows: Rows, head: tuple[int, ...], words: RowWords) -> tuple[int, ...]:
    """（元）, （亩） and the like under the headers belong to them, and so do the places of an amount: 千 百 十 元 角 分."""
    below = head[-1] + 1
    if below >= len(rows):
        return head
    texts = [shown(c) for c in rows[below] if not is_blank(c)]
    is_units = bool(texts) and all(words.unit_cell.match(squeeze(t)) for t in texts)
    return (*head, below) if is_units or _are_places(texts, words) else head


def _are_places(texts: Sequence[str], words: RowWords) -> bool:
    bare = [squeeze(t) for t in texts]
    return sum(map(len, bare)) >= LEAST_PLACES and all(words.places_cell.match(t) for t in bare)


def next_head(rows: Rows, r: int, headers: Sequence[str], weigh: Weigh, words: RowWords) -> tuple[str, tuple[int, ...]] | None:
    """('repeated', ()) where the same head stands again, ('other', its rows) for a different known one, or None."""
    cells = [squeeze(c[:CUT]) for c in rows[r] if isinstance(c, str) and c.strip()]
    if len(cells) < 2 or not may_be_head(rows[r]):
        return None
    if 2 * sum(_LABELLED(fold(c)) is not None for c in cells) > len(cells):  # 审批人： 经办人： are to be signed, whatever their words
        return None
    own = {squeeze(part) for h in headers for part in h.split(PATH)}
    if sum(c in own for c in cells) >= max(2, 0.8 * len(cells)):
        return "repeated", ()
    known = sum(weigh(c) > 0 for c in cells)
    if known < 2 or known < 0.4 * len(cells):
        return None
    head = known_head(rows, r, r + 1, weigh, words)
    if head is None:
        return None
    paths = [p for p in header_paths(rows, head) if p]
    hits = sum(weigh_path(p, weigh) > 0 for p in paths)
    return ("other", head) if hits >= SURE_HITS and hits >= SURE_SHARE * len(paths) else None


def plain_head(rows: Rows) -> tuple[int, ...] | None:
    """The head of a table of texts whose columns mean nothing to us: the first full row of texts above fuller data."""
    counts = [sum(not is_blank(c) for c in r) for r in rows[: HEAD_SEARCH * 4]]
    wide = [n for n in counts if n >= 2]
    if not wide:
        return None
    usual = sorted(wide)[len(wide) // 2]
    for r, n in enumerate(counts[:HEAD_SEARCH]):
        if n >= max(2, 0.6 * usual) and may_be_head(rows[r]) and any(m >= 2 for m in counts[r + 1 : r + 4]):
            texts = [c for c in rows[r] if isinstance(c, str) and c.strip()]
            if len({squeeze(t[:CUT]) for t in texts}) >= 0.8 * len(texts):
                return (r,)
    return None
