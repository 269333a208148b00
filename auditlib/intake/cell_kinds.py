"""What a single cell looks like: blank, number, header; long cells are looked at in their first 200 characters only."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from .values import fold, squeeze

CUT = 200  # characters of a cell that are looked at; no header, label or number of an office is longer
_VARIANTS = str.maketrans(
    "帐產資屬務額單價號證賬憑實際數應收間類別點狀態積畝", "账产资属务额单价号证账凭实际数应收间类别点状态积亩"
)
_UNIT_NOTE = re.compile(r"[(（\[【](单位[:：])?[^()（）\[\]【】]{0,8}(元|亩|顷|平方米|㎡|m2|m²|%|％|年|户|人|张)[)）\]】]$")
_NUMBER = re.compile(r"[￥¥+\-(（△]?\s*\d[\d,]*(\.\d+)?[)）%]?\s*").fullmatch


def header_key(text: str) -> str:
    """A header as it is looked up: width and variants folded, blanks, units and marks off."""
    return _header_key(text if len(text) <= CUT else text[:CUT])


@lru_cache(maxsize=1 << 17)
def _header_key(text: str) -> str:
    bare = squeeze(text).translate(_VARIANTS)
    bare = _UNIT_NOTE.sub("", bare)
    return bare.strip("*:：。、").replace("（", "(").replace("）", ")")


def is_number(cell: Any) -> bool:
    """Whether a cell is a number, typed or written as text with marks, brackets or separators."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return True
    return isinstance(cell, str) and 0 < len(cell) <= CUT and _NUMBER(fold(cell)) is not None


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Any) -> str:
    """The first characters of a cell as text, width folded: 1990.0 -> '1990'."""
    if isinstance(cell, str):
        return fold(cell[:CUT])
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell)
