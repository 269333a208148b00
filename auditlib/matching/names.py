"""Names as people write them: the same, alike, or different; and what a person decided about two of them.

Two names are the same when they agree after width, case, blanks, brackets, punctuation, traditional forms and words that
only say what kind of body it is (村委会, 有限公司; expectations/words/matching.yaml) are taken away. They are alike when
letters or sounds come near; that is a suggestion for a person, never a match. The answer is kept and used in later runs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ..intake.values import simplified
from ..words.numerals import chinese_integer

SAME, SUGGESTED, DIFFERENT = "same", "suggested", "different"
NEAR = 0.75  # share of letters or of syllables that must agree
_SHORT = 3  # names up to this long are near only when one letter differs and the sound is the same
_BRACKETS = {"（": "(", "【": "(", "［": "(", "[": "(", "〔": "(", "）": ")", "】": ")", "］": ")", "]": ")", "〕": ")"}


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two names compare. `how` says by what: 'exact' | 'form' | 'kind' | 'aside' | 'decided' | 'sound' | 'letters' | ''."""

    status: str  # SAME | SUGGESTED | DIFFERENT
    how: str
    score: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said about two names."""

    names: tuple[str, str]  # folded, in order
    same: bool
    by: str
    on: str  # yyyy-mm-dd
    why: str = ""


Decisions = Mapping[tuple[str, str], Decision]


def folded(name: str) -> str:
    """`name` without width, case, blanks and punctuation, in simplified letters; what stands in brackets is kept."""
    text = "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if unicodedata.category(c)[0] in "LN")
    return simplified(text)


def core(name: str, words: Mapping[str, Sequence[str]]) -> str:
    """What names the body: without what stands in brackets and without the parts that only say its kind; never empty."""
    bare = folded(_without_brackets(name)) or folded(name)
    for part in sorted(words["generic_name_parts"], key=lambda w: (-len(w), w)):
        if bare.endswith(part) and len(bare) > len(part) + 1:
            return bare[: -len(part)]
    return bare


def _without_brackets(name: str) -> str:
    text = "".join(_BRACKETS.get(c, c) for c in name)
    while "(" in text and ")" in text[text.index("(") :]:
        start = text.index("(")
        text = text[:start] + text[text.index(")", start) + 1 :]
    return text


def key_of(one: str, other: str) -> tuple[str, str]:
    """The two names as a decision about them is kept: folded, in order."""
    first, second = sorted((folded(one), folded(other)))
    return first, second


def compare_names(one: str, other: str, words: Mapping[str, Sequence[str]], decisions: Decisions | None = None) -> Likeness:
    """Whether two names are of one body or person. A decision of a person stands above everything but equal names."""
    if one == other:
        return Likeness(SAME, "exact", 1.0)
    a, b = folded(one), folded(other)
    if not a or not b:
        return Likeness(DIFFERENT, "", 0.0)
    if a == b:
        return Likeness(SAME, "form", 1.0)
    decided = (decisions or {}).get(key_of(one, other))
    if decided is not None:
        return Likeness(SAME if decided.same else DIFFERENT, "decided", float(decided.same))
    if core(one, words) == core(other, words):
        return Likeness(SAME if _one_kind(a, b, words) else SUGGESTED, "kind" if _one_kind(a, b, words) else "aside", 1.0)
    return _near(core(one, words), core(other, words))


def _one_kind(a: str, b: str, words: Mapping[str, Sequence[str]]) -> bool:
    """Whether the names do not say two kinds: 红星砖厂有限公司 is 红星砖厂; the committee of a village is not its co-operative."""
    kinds = [next((p for p in sorted(words["generic_name_parts"], key=len, reverse=True) if n.endswith(p)), "") for n in (a, b)]
    return not all(kinds) or kinds[0] == kinds[1]


def _near(a: str, b: str) -> Likeness:
    from rapidfuzz import fuzz

    if _numbers(a) != _numbers(b):  # 一组 and 二组 are near in letters and two bodies
        return Likeness(DIFFERENT, "", 0.0)
    letters = fuzz.ratio(a, b) / 100
    sounds, sounds_other = syllables(a), syllables(b)
    sound = fuzz.ratio(sounds, sounds_other) / 100
    if max(len(a), len(b)) <= _SHORT:  # 张伟 and 张玮 sound alike; 张伟 and 李伟 do not
        return Likeness(SUGGESTED, "sound", sound) if sounds == sounds_other else Likeness(DIFFERENT, "", max(letters, sound))
    if letters >= NEAR or sound >= NEAR:
        return Likeness(SUGGESTED, "letters" if letters >= sound else "sound", max(letters, sound))
    return Likeness(DIFFERENT, "", max(letters, sound))


def _numbers(text: str) -> list[int | None]:
    """The numbers in a name, however they are written: 3组 and 三组 are one group."""
    return [int(n) if n.isdigit() else chinese_integer(n) for n in re.findall(r"\d+|[〇零一二三四五六七八九十百]+", text)]


@cache
def syllables(text: str) -> tuple[str, ...]:
    """The sounds of a text without tones, a syllable a Chinese letter; other letters stand for themselves."""
    from pypinyin import lazy_pinyin

    return tuple(s for part in lazy_pinyin(text) for s in ([part] if any("\u3400" <= c <= "\u9fff" for c in text) else part))
