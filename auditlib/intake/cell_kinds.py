"""What a single cell looks like: blank, number, header; long cells are looked at in their first 200 characters only."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from .values import fold, simplified, squeeze

CUT = 200  # characters of a cell that are looked at; no header, label or number of an office is longer
_UNIT_NOTE = re.compile(r"[(（\[【](单位[:：])?[^()（）\[\]【】]{0,8}(元|亩|顷|平方米|㎡|m2|m²|%|％|年|户|(?<!个)人|张)[)）\]】]$")
_NUMBER = re.compile(r"(-[￥¥]|[￥¥+\-(（△])?\s*\d[\d,]*(\.\d+)?([)）%]|万?元|亩)?\s*").fullmatch


def header_key(text: str) -> str:
    """A header as it is looked up: width and variants folded, blanks, units and marks off."""
    return _header_key(text if len(text) <= CUT else text[:CUT])


@lru_cache(maxsize=1 << 17)
def _header_key(text: str) -> str:
    bare = simplified(squeeze(text))
    bare = _UNIT_NOTE.sub("", bare)
    return bare.strip("*:：。、").replace("（", "(").replace("）", ")")


def is_number(cell: Any) -> bool:
    """Whether a cell is a number, typed or written as text with marks, brackets or separators."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return True
    return isinstance(cell, str) and 0 < len(cell) <= CUT and _is_number_text(cell)


@lru_cache(maxsize=1 << 15)
def _is_number_text(text: str) -> bool:
    return _NUMBER(fold(text)) is not None


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Any) -> str:
    """The first characters of a cell as text, width folded: 1990.0 -> '1990'."""
    if isinstance(cell, str):
        return fold(cell[:CUT])
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell)
