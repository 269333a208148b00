"""The rows under a known head: data, totals, categories, footers, and what is passed over; no row is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any

from .blocks import LABEL_COLUMNS, PATH, Block, Rows, RowWords
from .cell_kinds import CUT, header_key, is_blank, is_number, shown
from .heads import Weigh, header_paths, next_head
from .values import fold, squeeze

_LETTERS = "甲乙丙丁戊己庚辛"
FIRST_STRETCH = 32  # rows looked through at once; the stretches grow so that many small tables cost no more than a long one
SEQUENCE_HEADERS = frozenset(("序号", "行次", "序", "NO.", "No.", "NO", "No"))
TITLE_DEPTH = 16  # rows that the title of a further table can take
LINES_OF_TITLE = 4  # from a title that stands once more to the head below it
LONGEST_TEXT = 60  # signs of a text that can make its row anything but data
LONGEST_LABEL = 24  # signs of a header, a total's label or a signature's, blanks left out
Following = tuple[int, tuple[int, ...]] | None  # where the next table's preamble begins, and its head
_CODELIKE = re.compile(r"[^:：]*\d{2}[^:：]*$").match
_SIGNED = re.compile(r"[^:：]{1,12}[:：]").match
_FIELD_NAME, _CHINESE = re.compile(r"[A-Za-z][A-Za-z0-9_.]*$").match, re.compile(r"[\u4e00-\u9fff]").search
_COUNTED = re.compile(r"[\d一二三四五六七八九十]+").sub  # what differs between 2025年第一季度 and 2025年第二季度
_LINE_NUMBER = re.compile(r"[1-9]\d{0,2}$").match
_PLAIN_ORDINAL = re.compile(r"[(]?(\d{1,2})[)]?(?:=|$)").match  # 4 and 4=2-3


@dataclass(slots=True)
class _Sorted:
    """What the rows of one table have been found to be."""

    data: list[int] = field(default_factory=list)
    totals: dict[int, str] = field(default_factory=dict)
    labelled: dict[int, str] = field(default_factory=dict)  # data rows that may be openings
    other: dict[int, str] = field(default_factory=dict)  # row -> group | footer | skip

    def rows_of(self, kind: str) -> list[int]:
        return [r for r, k in self.other.items() if k == kind]


def walk(rows: Rows, start: int, head: tuple[int, ...], weigh: Weigh, words: RowWords) -> tuple[Block, Following]:
    """Sorts the rows under a head until the next, different head or the next table with the same one."""
    reader = _Reader(rows, head, weigh, words)
    found = _Sorted(other={r: "skip" for r in range(head[0], head[-1] + 1) if r not in head})
    above = _title_marks(rows, range(start, head[0]), words)
    r = head[-1] + 1
    while r < len(rows):
        if (suspect := reader.next_suspect(r)) > r:
            found.data.extend(range(r, suspect))
            r = suspect
            continue
        another = next_head(rows, r, reader.headers, weigh, words)
        if another is None:
            reader.sort(r, found)
            r += 1
            continue
        kind, other_head = another
        title = _same_title(rows, head[-1] + 1, r, above, words)
        title = _title_above(rows, r, found, words) if title is None else title
        found = _above(found, title)
        if kind == "other":
            return _block(head, reader.headers, start, _without(found, title)), (title, other_head)
        marks = _title_marks(rows, range(title, r), words)
        if marks - above:
            return _block(head, reader.headers, start, _without(found, title)), (title, tuple(r + h - head[0] for h in head))
        end = min(r + head[-1] - head[0] + 1, len(rows))
        found.other.update(dict.fromkeys(range(title, end), "skip"))
        reader.after_head = True
        r = end
    return _block(head, reader.headers, start, found), None


def _block(head: tuple[int, ...], headers: tuple[str, ...], start: int, found: _Sorted) -> Block:
    last = found.data[-1] if found.data else head[-1]
    groups = found.rows_of("group")
    footers = tuple(sorted(found.rows_of("footer") + [g for g in groups if g >= last]))
    return Block(
        head, headers, tuple(range(start, head[0])), tuple(found.data), tuple(found.totals.items()),
        tuple(g for g in groups if g < last), footers, tuple(sorted(found.rows_of("skip"))), labelled=tuple(found.labelled.items()),
    )  # fmt: skip


# ---- the title of the next table ---------------------------------------------------------------------------


def _title_above(rows: Rows, r: int, found: _Sorted, words: RowWords) -> int:
    """The first row of what stands above a further head and belongs to it.

    Signatures and notes stay with the table above, but for those that stand in the middle of the new title.
    """
    chunk_start, start, highest = r, r, max(r - TITLE_DEPTH, 0)
    while chunk_start > highest and found.other.get(chunk_start - 1) in ("group", "footer", "skip"):
        chunk_end = chunk_start
        while chunk_start > highest and found.other.get(chunk_start - 1) in ("group", "footer"):
            chunk_start -= 1
        own = chunk_start
        while own < chunk_end and _is_signature(rows[own], words):
            own += 1
        if own < chunk_end or start == r:
            start = own
        if own > chunk_start:
            break
        while chunk_start > highest and found.other.get(chunk_start - 1) == "skip":
            chunk_start -= 1
            start = chunk_start
    return start


def _same_title(rows: Rows, start: int, r: int, above: set[str], words: RowWords) -> int | None:
    """The row from `start` to `r` in which the title of the table stands once more, None where there is none."""
    for k in range(max(r - LINES_OF_TITLE, start), r):
        filled = [c for c in rows[k] if not is_blank(c)]
        if len(filled) == 1 and {_COUNTED("#", m) for m in _title_marks(rows, range(k, k + 1), words)} & {_COUNTED("#", m) for m in above}:
            return k
    return None


def _above(found: _Sorted, title: int) -> _Sorted:
    """What was found without lines of the title that looked like data: 单位：新寨村 | 2025年3月5日 | 第3号."""
    if not found.data or found.data[-1] < title:
        return found
    lines = [r for r in found.data if r >= title]
    kept = {r: label for r, label in found.labelled.items() if r < title}
    return _Sorted([r for r in found.data if r < title], found.totals, kept, {**found.other, **dict.fromkeys(lines, "group")})


def _is_signature(row: Sequence[Any], words: RowWords) -> bool:
    text = next((shown(c) for c in row if not is_blank(c)), "")
    return bool(words.footer.match(text) or words.signature.match(squeeze(text)))


def _title_marks(rows: Rows, above: range, words: RowWords) -> set[str]:
    """The texts of title rows without what differs from page to page."""
    texts = (squeeze(shown(c)) for r in above[-12:] for c in rows[r] if not is_blank(c))
    return {mark for t in texts if (mark := words.page_marks.sub("", t))}


def _without(found: _Sorted, title: int) -> _Sorted:
    """What was found, but for the group and footer rows that are the next table's title."""
    kept = {r: k for r, k in found.other.items() if r < title or k == "skip"}
    return _Sorted(found.data, found.totals, found.labelled, kept)


# ---- one row -----------------------------------------------------------------------------------------------


class _Reader:
    """Tells what a row under one head is; rows that cannot be anything but data are found column-wise, and cheaply."""

    def __init__(self, rows: Rows, head: tuple[int, ...], weigh: Weigh, words: RowWords) -> None:
        self.rows, self.weigh, self.words = rows, weigh, words
        self.headers = header_paths(rows, head)
        self.after_head = True  # no data since the head, or since the head was repeated
        self._is_wide = sum(map(bool, self.headers)) > 1  # in a list of one column a single text is a row like any other
        self._marks = {squeeze(part) for h in self.headers for part in h.split(PATH) if part}
        self._first = next((j for j, h in enumerate(self.headers) if h), 0)
        self._sequence = {j for j, h in enumerate(self.headers) if header_key(h) in SEQUENCE_HEADERS}
        self._named = slice(min(self._sequence, default=0) + 1, min(self._sequence, default=0) + 3)  # where a record is named
        self._suspects: list[int] = []  # in falling order
        self._looked, self._stretch = head[-1] + 1, FIRST_STRETCH

    def next_suspect(self, r: int) -> int:
        """The first row from `r` on that may be anything but data, or the end of what was looked at; asked for in rising order."""
        while r >= self._looked:
            stop = min(self._looked + self._stretch, len(self.rows))
            self._suspects = sorted(self._look(self._looked, stop), reverse=True)
            self._looked, self._stretch = stop, self._stretch * 4
        if self.after_head:
            return r
        while self._suspects and self._suspects[-1] < r:
            self._suspects.pop()
        return self._suspects[-1] if self._suspects else self._looked

    def _look(self, first: int, stop: int) -> set[int]:
        body = self.rows[first:stop]
        found: set[int] = set()
        limit = max(2, len(self.headers) // 3)
        columns = list(_first_columns(body))
        if sum("" not in column for column in columns) <= limit:  # else every row has more cells than that
            found.update(first + i for i, row in enumerate(body) if len(row) - row.count("") <= limit)
        if self._sequence:
            found.update(first + i for i, row in enumerate(body) if all(map(is_blank, row[self._named])))
        for column in columns:
            odd = {t for t in self.words.unknown(column) if self._may_be_label(t)}
            if odd:
                found.update(first + i for i, c in enumerate(column) if isinstance(c, str) and c in odd)
        return found

    def _may_be_label(self, text: str) -> bool:
        """Whether a text can make its row anything but data; called for every distinct text of the first columns."""
        kind = _label_kind(text, self.words)
        if kind == _NEVER:
            self.words.remember(text)
        if kind != _PERHAPS:
            return kind == _SURELY
        bare = squeeze(text)
        return bare in self._marks or (len(bare) <= LONGEST_LABEL and self.weigh(text) > 0)

    def sort(self, r: int, found: _Sorted) -> None:
        """Enters row `r` where it belongs."""
        kind, label = self._kind(self.rows[r])
        if kind == "data" and r - 1 in found.totals and self._is_other_side(self.rows[r - 1], self.rows[r]):
            kind, label = "total", found.totals[r - 1]
        if kind == "data":
            found.data.append(r)
            self.after_head = False
            if opening := self.words.opening_label(self.rows[r][:LABEL_COLUMNS]):
                found.labelled[r] = opening
        elif kind == "total":
            found.totals[r] = label
            self.after_head = False
        else:
            found.other[r] = kind

    def _is_other_side(self, above: Sequence[Any], row: Sequence[Any]) -> bool:
        """Whether a row under a total says nothing but a side and its amount, each under one of the total's own."""
        filled = [(j, c) for j, c in enumerate(row) if not is_blank(c)]
        if len(filled) != 2 or not all(j < len(above) and not is_blank(above[j]) for j, _ in filled):
            return False
        (_, side), (_, amount) = filled
        return isinstance(side, str) and self.words.side_word.match(squeeze(side)) is not None and is_number(amount)

    def _kind(self, row: Sequence[Any]) -> tuple[str, str]:
        words = self.words
        filled = [(j, c) for j, c in enumerate(row) if not is_blank(c)]
        if not filled or self._is_numbered_blank(filled):
            return "skip", ""
        texts = [c for _, c in filled if isinstance(c, str) and not is_number(c) and not words.beside_digits.match(c)]
        if _is_summary(filled, words):
            return "footer", ""
        if label := self._total_label(filled, texts):
            return "total", label
        if self.after_head and (is_column_numbers([shown(c) for _, c in filled], words) or self._is_field_names(texts, len(filled))):
            return "skip", ""
        if texts and len(filled) <= 4 and words.footer.match(fold(texts[0][:CUT])):
            return "footer", ""
        if len(texts) == len(filled) and (_mostly_signed(texts) or self._is_signed_by_labels(texts)) or _is_labels_and_values(filled):
            return "footer", ""
        if len(filled) == 1:
            return ("group", "") if texts and self._is_wide else ("data", "")
        return "data", ""

    def _is_field_names(self, texts: Sequence[str], n: int) -> bool:
        """A row of a program's own names of the columns (ORG_CODE, orgName) under the Chinese head that people read."""
        if not (3 <= len(texts) == n == len(set(texts))) or 2 * n < sum(map(bool, self.headers)):
            return False
        return all(map(_FIELD_NAME, texts)) and any(_CHINESE(h) for h in self.headers)

    def _is_numbered_blank(self, filled: Sequence[tuple[int, Any]]) -> bool:
        """Only the printed number of the line, and noughts that formulas left; without a column for it, it stands in the first one."""
        if not self._sequence and len(filled) == 1 and self._is_wide:
            (j, cell) = filled[0]
            return j == self._first and _LINE_NUMBER(shown(cell)) is not None
        if not self._sequence or not all(is_number(c) for _, c in filled):
            return False
        return all(j in self._sequence or c in (0, "0", "0.00") for j, c in filled) and any(
            j in self._sequence for j, _ in filled
        )

    def _total_label(self, filled: Sequence[tuple[int, Any]], texts: Sequence[Any]) -> str:
        if len(texts) > 3:
            return ""
        for _, cell in filled[:LABEL_COLUMNS]:
            if label := self.words.label(cell):
                return label
        if len(filled) > len(texts) and texts:
            at = next(i for i, (_, c) in enumerate(filled) if c is texts[0])
            if at == 0 or len(texts) == 1:
                return self.words.part_label(texts[0])
        return ""

    def _is_signed_by_labels(self, texts: Sequence[str]) -> bool:
        """审核人 | 张三 | 填表人 | 李四: labels in cells of their own, names beside them."""
        labels = sum(self.words.signature.match(squeeze(t[:CUT])) is not None for t in texts)
        return labels >= 2 and labels * 2 >= len(texts)


def _is_labels_and_values(filled: Sequence[tuple[int, Any]]) -> bool:
    """审批： | 张三 | 制单： | 李四 | 日期： | 45660: every cell is a label with a colon or stands behind one."""
    labels = [isinstance(c, str) and fold(c).rstrip().endswith(":") for _, c in filled]
    return sum(labels) >= 2 and labels[0] and all(a or b for a, b in zip(labels, labels[1:], strict=False))


def _is_summary(filled: Sequence[tuple[int, Any]], words: RowWords) -> bool:
    """借方笔数 | 1 | 贷方笔数 | 1: labels and figures in turns, which stand under no header of the table."""
    labels, figures = filled[::2], filled[1::2]
    if len(labels) != len(figures) or not all(is_number(c) for _, c in figures):
        return False
    texts = [squeeze(c[:CUT]) if isinstance(c, str) and not is_number(c) else "" for _, c in labels]
    is_count = len(texts) == 1 and words.count_label.match(texts[0]) is not None
    return (is_count or len(texts) > 1) and all(map(words.summary_label.match, texts))


def _mostly_signed(texts: Sequence[str]) -> bool:
    return sum(_SIGNED(fold(t[:CUT])) is not None for t in texts) * 2 > len(texts)


def is_column_numbers(texts: Sequence[str], words: RowWords) -> bool:
    """A row of column numbers: 甲 乙 1 2 3=1+2, 栏次 1 2 3, ① ② ③; plain numbers must count on one by one."""
    bare = [squeeze(t) for t in texts]
    if sum(t not in ("-", "—") for t in bare) < 2 or not all(words.column_numbers.match(t) for t in bare):
        return False
    letters = "".join(t for t in bare if t in _LETTERS)
    plain = [int(m[1]) for t in bare if (m := _PLAIN_ORDINAL(t))]
    if not _LETTERS.startswith(letters) or any(b - a != 1 for a, b in zip(plain, plain[1:], strict=False)):
        return False
    if not plain:
        return len(bare) > 1
    first = next(i for i, t in enumerate(bare) if _PLAIN_ORDINAL(t))
    return all(t not in _LETTERS for t in bare[first:]) and plain[0] <= first + 1 and (len(plain) >= 3 or len(plain) < len(bare))


_NEVER, _PERHAPS, _SURELY = range(3)


@lru_cache(maxsize=1 << 16)
def _label_kind(text: str, words: RowWords) -> int:
    """Whether a text of the first columns is the label of a row that is not data: a long list repeats the same few.

    Codes, dates and numbers are none; a short text may be one where it is a header too.
    """
    if not text or len(text) > LONGEST_TEXT or _CODELIKE(text):
        return _NEVER
    bare = squeeze(text)
    if words.footer.match(bare) or _SIGNED(bare) or words.is_label(bare) or words.summary_label.match(bare):
        return _SURELY
    return _SURELY if len(bare) <= LONGEST_LABEL and words.signature.match(bare) else _PERHAPS


# ---- columns -----------------------------------------------------------------------------------------------


def _first_columns(body: Rows) -> Iterator[Sequence[Any]]:
    """The columns in which the label of a row can stand."""
    if len(set(map(len, body))) == 1:
        yield from (list(map(itemgetter(j), body)) for j in range(min(LABEL_COLUMNS, len(body[0]))))
        return
    for j in range(min(LABEL_COLUMNS, max(map(len, body), default=0))):
        yield [row[j] if j < len(row) else "" for row in body]
