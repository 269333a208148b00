"""Where the tables of a sheet are: head, data, totals, footers; row by row, nothing left out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from .values import fold, squeeze

Rows = Sequence[Sequence[Any]]
HEAD_SEARCH = 60  # rows in which a first head is looked for
PATH = "›"  # joins the parts of a merged head; no office writes it in a header
LABEL_COLUMNS = 8  # columns in which the label of a total can stand
_CODELIKE = re.compile(r"[^:：]*\d{2}[^:：]*$").match
_VARIANTS = str.maketrans("帐產資屬務額單價號證賬憑實際數應收間類別點狀態積畝", "账产资属务额单价号证账凭实际数应收间类别点状态积亩")
_UNIT_NOTE = re.compile(r"[(（\[【](单位[:：])?[^()（）\[\]【】]{0,8}(元|亩|顷|平方米|㎡|m2|m²|%|％|年|户|人|张)[)）\]】]$")


@dataclass(frozen=True, slots=True)
class Block:
    """One table of a sheet; all row numbers are 0-based positions in the sheet."""

    header_rows: tuple[int, ...]
    headers: tuple[str, ...]  # one a column, the parts of a merged head joined by PATH
    preamble: tuple[int, ...]  # rows above the head that belong to it
    data: tuple[int, ...]
    totals: tuple[tuple[int, str], ...]  # row, label
    groups: tuple[int, ...]  # rows that only name a category
    footers: tuple[int, ...]
    skipped: tuple[int, ...]  # blank, repeated heads, rows of column numbers


@dataclass(frozen=True, slots=True)
class RowWords:
    """The patterns of expectations/words/layout.yaml."""

    total: re.Pattern[str]
    carried: re.Pattern[str]
    opening: re.Pattern[str]
    footer: re.Pattern[str]
    column_numbers: re.Pattern[str]

    @staticmethod
    def of(words: Mapping[str, Any]) -> "RowWords":
        return RowWords(*(re.compile(words[n]) for n in ("total", "carried", "opening", "footer", "column_numbers")))

    def label(self, cell: Any) -> str:
        """The label of a total, carried or opening row that `cell` is, else ''."""
        if not isinstance(cell, str) or not 0 < len(cell) <= 40:
            return ""
        text = squeeze(cell)
        return text if self.total.match(text) or self.carried.match(text) or self.opening.match(text) else ""


@cache
def header_key(text: str) -> str:
    """A header as it is looked up: width and variants folded, blanks, units and marks off."""
    bare = squeeze(text).translate(_VARIANTS)
    bare = _UNIT_NOTE.sub("", bare)
    return bare.strip("*:：。、").replace("（", "(").replace("）", ")")


def is_number(cell: Any) -> bool:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return True
    return isinstance(cell, str) and bool(cell) and bool(re.fullmatch(r"[￥¥+\-(（△]?\s*\d[\d,]*(\.\d+)?[)）%]?\s*", fold(cell)))


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def find_blocks(rows: Rows, weigh: Callable[[str], float], words: RowWords) -> list[Block]:
    """The tables of a sheet, top to bottom. `weigh` says how sure a text is a header that we know (0 to 1)."""
    head = _known_head(rows, 0, min(len(rows), HEAD_SEARCH), weigh) or _plain_head(rows)
    blocks: list[Block] = []
    start = 0
    while head is not None:
        block, following = _walk(rows, start, head, weigh, words)
        blocks.append(block)
        start, head = following if following else (0, None)
    return blocks


# ---- the head ----------------------------------------------------------------------------------------------


def header_paths(rows: Rows, head: Sequence[int]) -> tuple[str, ...]:
    """One text a column from the rows of a head: a parent's text is carried over the columns it spans."""
    width = max((len(rows[r]) for r in head), default=0)
    levels = [[fold(c) if isinstance(c, str) else "" if is_blank(c) else str(c) for c in _padded(rows[r], width)] for r in head]
    for upper, lower in zip(levels, levels[1:], strict=False):
        for j in range(1, width):
            if not upper[j] and lower[j] and upper[j - 1] and lower[j - 1]:
                upper[j] = upper[j - 1]
    return tuple(PATH.join(dict.fromkeys(" ".join(part.split()) for part in parts if part)) for parts in zip(*levels, strict=True))


def _padded(row: Sequence[Any], width: int) -> list[Any]:
    return list(row[:width]) + [""] * (width - len(row))


def weigh_path(path: str, weigh: Callable[[str], float]) -> float:
    """How well a header path is known: as a whole, else by its last or its first part."""
    whole = weigh(path.replace(PATH, ""))
    if PATH not in path:
        return whole
    first, last = path.split(PATH)[0], path.split(PATH)[-1]
    return max(whole, 0.8 * weigh(last), 0.7 * weigh(first))


def _known_head(rows: Rows, start: int, stop: int, weigh: Callable[[str], float]) -> tuple[int, ...] | None:
    best: tuple[float, tuple[int, ...]] | None = None
    for r in range(start, stop):
        if not _may_be_head(rows[r]):
            continue
        for height in (1, 2, 3):
            head = tuple(range(r, r + height))
            if head[-1] >= len(rows) or not all(_may_be_head(rows[k]) for k in head):
                break
            score = _head_score(rows, head, weigh)
            if score is not None and (best is None or score > best[0] + 0.25):
                best = (score, head)
    return best[1] if best else None


def _may_be_head(row: Sequence[Any]) -> bool:
    filled = [c for c in row if not is_blank(c)]
    return bool(filled) and sum(isinstance(c, str) and not is_number(c) for c in filled) >= 0.7 * len(filled)


def _head_score(rows: Rows, head: tuple[int, ...], weigh: Callable[[str], float]) -> float | None:
    paths = [p for p in header_paths(rows, head) if p]
    known = [weigh_path(p, weigh) for p in paths]
    hits = sum(k > 0 for k in known)
    if hits < 2 or hits < 0.4 * len(paths):
        return None
    return sum(known) - 0.3 * (len(head) - 1) - 0.05 * (len(paths) - hits)


def _plain_head(rows: Rows) -> tuple[int, ...] | None:
    """The head of a table whose columns mean nothing to us: the first full row of texts above fuller data."""
    counts = [sum(not is_blank(c) for c in r) for r in rows[: HEAD_SEARCH * 4]]
    wide = [n for n in counts if n >= 2]
    if not wide:
        return None
    usual = sorted(wide)[len(wide) // 2]
    for r, n in enumerate(counts[:HEAD_SEARCH]):
        if n >= max(2, 0.6 * usual) and _may_be_head(rows[r]) and any(m >= 2 for m in counts[r + 1 : r + 4]):
            texts = [c for c in rows[r] if isinstance(c, str) and c.strip()]
            if len({squeeze(t) for t in texts}) >= 0.8 * len(texts):
                return (r,)
    return None


# ---- below the head ----------------------------------------------------------------------------------------


def _walk(rows: Rows, start: int, head: tuple[int, ...], weigh: Callable[[str], float], words: RowWords) -> tuple[Block, Any]:
    """Sorts the rows under a head until the next, different head; returns the block and (row, head) of that one."""
    headers = header_paths(rows, head)
    first = head[-1] + 1
    suspects = _suspects(rows, first, headers, weigh, words)
    kinds: dict[str, list[Any]] = {k: [] for k in ("data", "total", "group", "footer", "skip")}
    sequence = {j for j, h in enumerate(headers) if header_key(h) in ("序号", "行次", "序")}
    r = first
    while r < len(rows):
        if r not in suspects:
            kinds["data"].append(r)
        else:
            another = _next_head(rows, r, headers, weigh)
            if another == "repeated":
                kinds["skip"].extend(range(r, r + len(head)))
                r += len(head)
                continue
            if another is not None:
                preamble_from = _preamble_from(rows, r, kinds)
                return _block(head, headers, start, kinds), (preamble_from, another)
            kind, value = _row_kind(rows[r], sequence, words, r == first)
            kinds[kind].append((r, value) if kind == "total" else r)
        r += 1
    return _block(head, headers, start, kinds), None


def _preamble_from(rows: Rows, r: int, kinds: dict[str, list[Any]]) -> int:
    """Group and footer rows right above a new head are its title."""
    start = r
    while start - 1 in kinds["group"] or start - 1 in kinds["footer"] or start - 1 in kinds["skip"]:
        start -= 1
        for kind in ("group", "footer"):
            if start in kinds[kind]:
                kinds[kind].remove(start)
    return start


def _block(head: tuple[int, ...], headers: tuple[str, ...], start: int, kinds: dict[str, list[Any]]) -> Block:
    last = kinds["data"][-1] if kinds["data"] else head[-1]
    groups = tuple(g for g in kinds["group"] if g < last)
    footers = tuple(sorted(kinds["footer"] + [g for g in kinds["group"] if g >= last]))
    return Block(
        head, headers, tuple(range(start, head[0])), tuple(kinds["data"]), tuple(kinds["total"]), groups, footers, tuple(kinds["skip"])
    )


def _suspects(rows: Rows, first: int, headers: Sequence[str], weigh: Callable[[str], float], words: RowWords) -> set[int]:
    """Rows that may be anything but data; found column-wise so that a long table costs little."""
    body = rows[first:]
    found = {first} if body else set()
    width = len(headers)
    limit = max(2, width // 3)
    for i, row in enumerate(body):
        if len(row) - row.count("") <= limit:
            found.add(first + i)
    marks = {squeeze(h) for h in headers if h}
    for column in _first_columns(body):
        odd = {t for t in _wordy(column) if words.label(t) or squeeze(t) in marks or weigh(t) > 0 or words.footer.match(fold(t))}
        if odd:
            found.update(first + i for i, c in enumerate(column) if isinstance(c, str) and c in odd)
    return found


def _first_columns(body: Rows) -> Iterator[Sequence[Any]]:
    """The columns in which the label of a row can stand."""
    if len(set(map(len, body))) == 1 and len(body[0]) <= 1024:
        yield from islice(zip(*body, strict=False), LABEL_COLUMNS)
        return
    for j in range(min(LABEL_COLUMNS, max(map(len, body), default=0))):
        yield [row[j] if j < len(row) else "" for row in body]


def _wordy(column: Sequence[Any]) -> list[str]:
    """The distinct short texts of a column that have words in them; codes, dates and numbers cannot be labels."""
    return [c for c in set(column) if isinstance(c, str) and c and len(c) <= 60 and not _CODELIKE(c)]


def _next_head(rows: Rows, r: int, headers: Sequence[str], weigh: Callable[[str], float]) -> Any:
    """'repeated' where the same head stands again, the rows of a different head, or None."""
    cells = [squeeze(c) for c in rows[r] if isinstance(c, str) and c.strip()]
    if len(cells) < 2 or not _may_be_head(rows[r]):
        return None
    own = {squeeze(part) for h in headers for part in h.split(PATH)}
    if sum(c in own for c in cells) >= max(2, 0.8 * len(cells)):
        return "repeated"
    known = sum(weigh(c) > 0 for c in cells)
    if known >= 3 and known >= 0.6 * len(cells):
        return _known_head(rows, r, r + 1, weigh)
    return None


def _row_kind(row: Sequence[Any], sequence: set[int], words: RowWords, is_first: bool) -> tuple[str, Any]:
    filled = [(j, c) for j, c in enumerate(row) if not is_blank(c)]
    if not filled or all(j in sequence and is_number(c) for j, c in filled):
        return "skip", None
    texts = [c for _, c in filled if isinstance(c, str) and not is_number(c)]
    for _, cell in filled[:LABEL_COLUMNS]:
        label = words.label(cell)
        if label and len(texts) <= 3:
            return "total", label
    if is_first and len(filled) >= 2 and all(words.column_numbers.match(squeeze(_shown(c))) for _, c in filled):
        return "skip", None
    if texts and len(filled) <= 4 and words.footer.match(fold(texts[0])):
        return "footer", None
    signed = [t for t in texts if re.match(r"^[^:：]{1,12}[:：]", fold(t))]
    if len(texts) == len(filled) and len(signed) * 2 > len(filled):
        return "footer", None
    if len(filled) == 1:
        return ("group", None) if texts else ("data", None)
    return "data", None


def _shown(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)
