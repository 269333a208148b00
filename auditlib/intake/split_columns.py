"""One value written over several columns, as account books are printed: 年 | 月 | 日, 字 | 号, and a column for every digit of an amount.

The parts are put together in the first column of the value; the others are left without a header. The sheet that was read
stays as it is. What such columns are called is data, expectations/words/split_columns.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .digit_columns import DigitWords, amount_of
from .layout import PATH, Block, header_key, is_blank
from .sheets import RawSheet
from .values import raw_text, squeeze

Join = Callable[[list[str]], str]


@dataclass(frozen=True, slots=True)
class _Parts:
    first: int
    last: int
    header: str
    join: Join
    carries: bool = False  # a month stands once and holds for the days below it


def join_split_columns(sheet: RawSheet, block: Block, words: Mapping[str, Any]) -> tuple[RawSheet, Block]:
    """Sheet and block with values put together; both as given where no value is split. `words`: those of the catalog."""
    parts, types = words["split_columns"], words["common_columns"]["ignored"]["voucher_word"]["headers"]
    groups = [*_groups(block.headers, parts), *_voucher_words(sheet, block, types, parts["voucher"]["numbers"])]
    if not groups:
        return sheet, block
    headers, rows = list(block.headers), list(sheet.rows)
    width = len(headers)
    for r in (*block.data, *(r for r, _ in block.totals)):
        rows[r] = list(rows[r]) + [""] * (width - len(rows[r]))
    for group in groups:
        headers[group.first : group.last + 1] = [group.header] + [""] * (group.last - group.first)
        _put_together(rows, sorted((*block.data, *(r for r, _ in block.totals))), group, _written_across(sheet, group))
    return replace(sheet, rows=rows), replace(block, headers=tuple(headers))


def _written_across(sheet: RawSheet, group: _Parts) -> Container[int]:
    """The rows in which the cells of a group are merged into one that holds the whole value."""
    return {top for (top, left), (_, right) in sheet.merges if left == group.first and right == group.last}


def _put_together(rows: list[list[Any]], numbers: Sequence[int], group: _Parts, whole: Container[int]) -> None:
    month = ""
    for r in numbers:
        if r in whole:
            continue
        row = rows[r]
        parts = ["" if is_blank(c) else squeeze(raw_text(c)) for c in row[group.first : group.last + 1]]
        if group.carries:
            month = parts[-2] or month
            parts[-2] = month if parts[-1] else parts[-2]
        row[group.first : group.last + 1] = [group.join(parts) if any(parts) else ""] + [""] * (group.last - group.first)


# ---- which columns -------------------------------------------------------------------------------------------


def _groups(headers: Sequence[str], words: Mapping[str, Any]) -> Iterator[_Parts]:
    own = [header_key(h.split(PATH)[-1]) if h else "" for h in headers]
    above = [PATH.join(h.split(PATH)[:-1]) for h in headers]
    digits = DigitWords.of(words["digits"])
    j = 0
    while j < len(headers):
        found = _date(own, above, j, words["date"]) or _voucher(own, above, j, words["voucher"]) or _digits(own, above, j, digits)
        if found:
            yield found
            j = found.last
        j += 1


def _date(own: Sequence[str], above: Sequence[str], j: int, words: Mapping[str, Any]) -> _Parts | None:
    """年 | 月 | 日, or 月 | 日 under the year or under the name of the date."""
    names = list(own[j : j + 3])
    if names in words["with_year"]:
        return _Parts(j, j + 2, _date_header(above[j], words), lambda p: "-".join(p) if all(p) else _some_of(p))
    if names[:2] in words["without_year"] and above[j] == above[j + 1]:
        year = re.fullmatch(words["year"], squeeze(above[j].split(PATH)[-1])) if above[j] else None
        prefix = f"{year[1]}年" if year else ""
        return _Parts(
            j, j + 1, _date_header("" if year else above[j], words), lambda p: f"{prefix}{p[0]}月{p[1]}日" if all(p) else "".join(p), True
        )
    return None


def _some_of(parts: list[str]) -> str:
    """A date known to the month, or what stands there when it is no date."""
    year, month, day = parts
    return f"{year}年{month}月" if year and month and not day else " ".join(p for p in parts if p)


def _date_header(parent: str, words: Mapping[str, Any]) -> str:
    own = parent.split(PATH)[-1]
    return own if own and not re.search(r"\d", own) and not any(w in own for w in words["no_names"]) else str(words["header"])


def _voucher(own: Sequence[str], above: Sequence[str], j: int, words: Mapping[str, Any]) -> _Parts | None:
    """字 | 号, or 字 | 编号 under 凭证."""
    pair = list(own[j : j + 2])
    known = pair in words["parts"] or (words["under"] in above[j] and pair in words["parts_under"])
    if not known or above[j] != above[j + 1]:
        return None
    return _Parts(j, j + 1, words["header"], lambda p: "-".join(x for x in p if x))


def _voucher_words(sheet: RawSheet, block: Block, types: Sequence[str], numbers: Sequence[str]) -> Iterator[_Parts]:
    """凭证字 beside 凭证号: where an office counts 收, 付 and 转 apart, a number alone names no voucher."""
    keys = [header_key(h) for h in block.headers]
    for j, pair in enumerate(zip(keys, keys[1:], strict=False)):
        if pair[0] in types and pair[1] in numbers:
            words = {squeeze(raw_text(sheet.rows[r][j])) for r in block.data if j < len(sheet.rows[r])} - {""}
            if len(words) > 1:
                yield _Parts(j, j + 1, block.headers[j + 1], lambda p: "-".join(x for x in p if x))


def _digits(own: Sequence[str], above: Sequence[str], j: int, words: DigitWords) -> _Parts | None:
    names = words.run_from(own, above, j)
    return _Parts(j, j + len(names) - 1, above[j], lambda p: amount_of(p, names, words)) if names else None
