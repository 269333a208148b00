"""Headers that mean the same: 签约时间 and 签约日期, 盘点人签名 and 盘点人员, 承包人/承租人 and each of the two.

What may stand for what is data, expectations/words/headers.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

LEAST = 2  # signs; a shorter form says nothing
_BRACKETS = re.compile(r"\(([^()]*)\)")


class HeaderForms:
    """Brings a folded header to one form for all that mean the same."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self._alike = _replacements(words["alike"], "")
        self._at_end = _replacements(words["alike_at_end"], "$")
        self._dropped = re.compile(f"^(?:{_any(words['dropped_at_start'])})[:：]?|(?:{_any(words['dropped_at_end'])})$")
        self._between = re.compile(_any(words["alternatives"]))

    def form(self, key: str) -> str:
        """The one form of a header, '' where too little is left to tell."""
        bare = _BRACKETS.sub("", key)
        while (rest := self._dropped.sub("", bare)) != bare and len(rest) >= LEAST:
            bare = rest
        for pattern, first in (*self._alike, *self._at_end):
            bare = pattern.sub(first, bare)
        return bare if len(bare) >= LEAST else ""

    def readings(self, key: str) -> tuple[tuple[str, ...], ...]:
        """The ways in which a header can be read, surest first; each is one form, or several that must all mean the same."""
        ways = [self.form(key)]
        if "(" in key:  # 承包(租赁)人: 承包人 was the first, 承包租赁人 and 租赁人 are the others
            ways += [self.form(key.replace("(", "").replace(")", "")), self.form(re.sub(r"[^()]+\(([^()]+)\)", r"\1", key))]
        parts = [p for p in self._between.split(key) if p]
        several = [tuple(self.form(p) for p in _completed(parts))] if len(parts) > 1 else []
        return tuple(w for w in dict.fromkeys([*((w,) for w in ways), *several]) if all(w))


def _completed(parts: Sequence[str]) -> list[str]:
    """收/付方名称 says 收方名称 and 付方名称: the end of the last part holds for a part of one sign."""
    return [p + parts[-1][1:] if len(p) == 1 and len(parts[-1]) > 1 else p for p in parts]


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) or r"(?!)"


def _replacements(groups: Sequence[Sequence[str]], end: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(f"(?:{_any(group)}){end}"), group[0]) for group in groups)
