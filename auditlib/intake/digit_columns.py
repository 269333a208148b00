"""An amount with a column for every digit (数字分栏), as vouchers and account pages are printed: 千 百 十 元 角 分 under one head.

What the digits, signs and strokes are called is data, expectations/words/split_columns.yaml. A group that does not spell one amount
(two digits in a cell, a letter, a gap) comes out as what stands there, place by place, and never as another amount.
Source: 会计基础工作规范 (财政部), article 52, on writing amounts: ¥ directly before the first digit, 0 or a stroke for 角 and 分.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class DigitWords:
    """What the columns of single digits are called and what stands in them beside digits."""

    places: str  # from the highest to the lowest, one sign each
    same: Mapping[str, str]  # another name of a place -> its sign in `places`
    least: int  # columns that make an amount
    cents: int  # places behind the yuan
    currency: frozenset[str]
    minus: frozenset[str]
    none: frozenset[str]  # what is written for no 角 and 分, or for no amount

    @staticmethod
    def of(words: Mapping[str, Any]) -> DigitWords:
        """Raises KeyError where `words` (split_columns.yaml, digits) lacks one of them."""
        signs = (frozenset(words[n]) for n in ("currency", "minus", "none"))
        return DigitWords(words["places"], words["same"], words["least"], words["cents"], *signs)

    def run_from(self, own: Sequence[str], above: Sequence[str], first: int) -> str:
        """The places of the columns from `first` on that make one amount, '' where they do not.

        `own` and `above`: the lowest and the upper part of each column's head. They are as many as fit the places of an amount from
        the right, with or without the last ones, those of 角 and 分.
        """
        names = ""
        for j in range(first, len(own)):
            place = self.same.get(own[j], own[j])
            if above[j] != above[first] or len(place) != 1 or place not in self.places or names.endswith(self.places[-1]):
                break
            names += place
        fits = self.places.endswith(names) or self.places[: -self.cents].endswith(names)
        return names if above[first] and len(names) >= self.least and fits else ""


def amount_of(parts: Sequence[str], names: str, words: DigitWords) -> str:
    """The amount that the digits in `parts` spell, in 元: ￥ 1 2 3 4 0 0 is 1234.00; '' where nothing is written.

    Cells before the first digit are empty, but for a currency sign and a minus; 角 and 分 may be empty or stroked out together.
    Anything else comes out as 百〔1〕十〔〕元〔34〕: where and what, and no amount.
    """
    bare = ["".join(c for c in p.removesuffix(".0") if c not in words.currency) for p in parts]  # 1.0 is how programs write a whole 1
    first = next((j for j, p in enumerate(bare) if p), len(bare))
    if all(not p or p in words.none for p in bare[first:]):
        return "-" if first < len(bare) else ""
    sign = "-" if bare[first][0] in words.minus else ""
    if sign:
        rest = bare[first][1:]
        bare[first] = rest
        first = first if rest else next((j for j in range(first + 1, len(bare)) if bare[j] or not parts[j]), len(bare))
    cents = words.cents if names.endswith(words.places[-1]) else 0
    tail = bare[len(bare) - cents :]
    if first < len(bare) - cents and all(not p or p in words.none for p in tail):
        bare[len(bare) - cents :] = ["0"] * cents
    digits = bare[first:]
    if not all(d in _DIGITS for d in digits):
        return "".join(f"{name}〔{part}〕" for name, part in list(zip(names, parts, strict=True))[_from(parts) :])
    whole, fraction = ("".join(digits[: len(digits) - cents]) or "0"), "".join(digits[len(digits) - cents :])
    return f"{sign}{whole}.{fraction.rjust(cents, '0')}" if cents else f"{sign}{whole}"


def _from(parts: Sequence[str]) -> int:
    return next((j for j, p in enumerate(parts) if p), 0)
