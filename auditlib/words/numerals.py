"""Chinese numerals, which stand in dates, amounts, group names and sheet titles alike."""

from __future__ import annotations

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {c: i for i, c in enumerate("〇壹贰叁肆伍陆柒捌玖")}
_DIGITS |= {"两": 2, "○": 0, "貳": 2, "參": 3, "陸": 6, "Ｏ": 0}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
NUMERALS = frozenset(_DIGITS) | frozenset(_UNITS) | frozenset(_BIG)


def chinese_integer(text: str) -> int | None:
    """`text` as an integer: 二十三 -> 23, 二〇二五 -> 2025, 壹万贰仟 -> 12000; None when it is no numeral, and for 一千二, which people
    say for 1200 and which stands for 1002 by its signs."""
    if not text or any(c not in NUMERALS for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    if len(text) > 1 and _DIGITS.get(text[-1]) and (_UNITS.get(text[-2], 0) >= 100 or text[-2] in _BIG):
        return None
    total = section = digit = 0
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _UNITS:
            section += (digit or 1) * _UNITS[c]
            digit = 0
        else:
            total = (total + section + digit) * _BIG[c] if c in "亿億" else total + (section + digit) * _BIG[c]
            section = digit = 0
    return total + section + digit
