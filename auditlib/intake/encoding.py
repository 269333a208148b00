"""Which encoding a text file is in. Nothing is declared anywhere, so the bytes decide."""

from __future__ import annotations

import codecs
import re
from functools import cache

from ..words.errors import UnreadableFile

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LEGACY = ("gb18030", "big5", "cp932")


def decode(data: bytes) -> str:
    """The text of `data`. Raises UnreadableFile('file.encoding') when no encoding fits."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _strict(data, name)
    wide = _wide(data)
    if wide:
        return _strict(data, wide)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(data)


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise UnreadableFile("file.encoding", name) from error


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: ASCII text leaves every other byte zero."""
    sample = data[:2000]
    if len(sample) < 4 or sample.count(0) * 10 <= len(sample):
        return None
    return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"


@cache
def _common_hanzi() -> frozenset[str]:
    """The 3,755 characters of GB 2312 level 1: what ordinary Chinese text is made of."""
    return frozenset(bytes((0xB0 + i // 94, 0xA1 + i % 94)).decode("gb2312", "ignore") for i in range(40 * 94)) - {""}


@cache
def _common_traditional() -> frozenset[str]:
    """The 5,401 characters of Big5 level 1 (0xA440 to 0xC67E), the common ones."""
    codes = (c for c in range(0xA440, 0xC67F) if 0x40 <= c & 0xFF < 0x7F or 0xA1 <= c & 0xFF < 0xFF)
    return frozenset(code.to_bytes(2, "big").decode("big5") for code in codes)


def _is_latin(data: bytes) -> bool:
    """Whether the text is Western: letters with an accent (0xC0 and above) stand one by one among many plain letters.

    In GBK each of them swallows the letter behind it and becomes a rare character outside GB 2312, whose own characters, the
    common ones and the punctuation among them, have two high bytes each; so one pair of a common character decides for GBK.
    A capital behind such a byte (K镕 would be KéF) speaks for GBK too.
    """
    runs = re.findall(b"[\x80-\xff]+", data)
    high = b"".join(runs)
    letters = len(re.findall(b"[A-Za-z]", data))
    if not high or min(high) < 0xC0 or letters < 3 * len(high) or sum(len(r) == 1 for r in runs) * 3 < len(runs):
        return False
    beside = len(re.findall(b"(?<=[A-Za-z])[\x80-\xff](?![A-Z])|[\x80-\xff](?=[a-z])", data))
    pairs = "".join(r.decode("gb18030", "ignore") for r in runs if len(r) > 1)
    return beside * 2 > len(runs) and not _common_hanzi() & set(pairs)


def _legacy(data: bytes) -> str:
    if _is_latin(data[:200_000]):
        return data.decode("cp1252", "replace")
    readings = []
    for rank, name in enumerate(_LEGACY):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        readings.append((_plausibility(text[:20_000], name), -rank, text))
    if readings:
        return max(readings)[2]
    text = data.decode("gb18030", "replace")  # a few damaged bytes must not lose the file
    if text.count("\ufffd") * 200 <= len(text):
        return text
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise UnreadableFile("file.encoding") from error


def _plausibility(text: str, name: str) -> float:
    """Share of the non-ASCII characters that ordinary text of that encoding would hold."""
    strange = [c for c in text if ord(c) > 127]
    if not strange:
        return 1.0
    kana = len(re.findall("[\u3041-\u30fa]", text)) + len(re.findall("[\uff66-\uff9f]", text)) * (-1)
    common = _common_hanzi()
    if name == "cp932":
        return (kana * 2 + sum(c in common for c in strange)) / (len(strange) * 2) if kana > 0 else 0.0
    if name == "big5":
        return sum(c in _common_traditional() or c in "，。：（）、" for c in strange) / len(strange) * 0.9
    return sum(c in common or c in "，。：；（）、“”－—￥〇" or 0xFF00 < ord(c) < 0xFF5F for c in strange) / len(strange)
