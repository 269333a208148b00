"""A choice that is written with words around it that say nothing: 集体自用 is 自用, 闲置未用 is 闲置, 死亡成员 is 死亡.

Which words say nothing is data, expectations/words/values.yaml; whatever else stands beside a known word (部分闲置, 拟出租) makes it
another value, which is left as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

Values = tuple[tuple[str, tuple[str, ...]], ...]  # canonical value, how it is written


@lru_cache(maxsize=1 << 12)
def meant(text: str, values: Values, before: tuple[str, ...], behind: tuple[str, ...]) -> str | None:
    """The one value that `text` writes with `before` and `behind` it only words that say nothing; None for none or for several."""
    found = {value for value, pattern in _patterns(values, before, behind) if pattern.fullmatch(text)}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1 << 8)
def _patterns(values: Values, before: tuple[str, ...], behind: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """One spelling or several of the same value in a row; a single sign (√, 1) is none of them."""
    told = [(value, [w for w in (value, *spellings) if len(w) > 1]) for value, spellings in values]
    return tuple((v, re.compile(f"{_any(before)}*{_any(words)}+{_any(behind)}*")) for v, words in told if words)


def _any(words: Sequence[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"
