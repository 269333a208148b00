"""Chinese in a printed PDF that can be searched and copied as it was written.

Fonts draw 目 and the radical U+2F6C with one glyph, and the browser writes the first of the two into its table of characters:
who searches for 目 then finds nothing. Here the tables are set right: radicals become the characters that they stand for
(Unicode: EquivalentUnifiedIdeograph.txt). Nothing that is seen changes.
"""

from __future__ import annotations

import re
import unicodedata
import zlib

# radicals of U+2E80 to U+2EF3 for which NFKC has no character, by the character that shares their glyph
_SUPPLEMENT = dict(zip(
    (0x2E9D, 0x2EA0, 0x2EC4, 0x2EC5, 0x2EC6, 0x2EC9, 0x2ECB, 0x2ED1, 0x2ED3, 0x2ED4, 0x2ED8, 0x2ED9, 0x2EDA, 0x2EDB, 0x2EDC, 0x2EDD, 0x2EE2,
     0x2EE3, 0x2EE4, 0x2EE5, 0x2EE6, 0x2EE7, 0x2EE8, 0x2EE9, 0x2EEA, 0x2EEC, 0x2EEE, 0x2EF0, 0x2EF2),
    "月民西见角贝车長长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙亀", strict=True,
))  # fmt: skip
_STREAM = re.compile(rb"/Length \d+(.*?>>\s*stream\r?\n)(.*)(\r?\nendstream\s+endobj\s*)\Z", re.DOTALL)
_CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_CHAR = re.compile(rb"(<[0-9A-Fa-f]+>\s*)<([0-9A-Fa-f]{4})>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]{4})>")
_XREF = re.compile(rb"xref\n0 (\d+)\n((?:\d{10} \d{5} [fn] ?\r?\n)+)(trailer.*?startxref\n)\d+(\n%%EOF\s*)\Z", re.DOTALL)


def written(code: int) -> int:
    """The character that a radical stands for; any other character itself."""
    if not 0x2E80 <= code <= 0x2FDF:
        return code
    shown = unicodedata.normalize("NFKC", chr(code))
    return ord(_SUPPLEMENT.get(code, shown)[0])


def searchable(pdf: bytes) -> bytes:
    """`pdf` with its tables of characters set right; as it is where it is not built the way the browser builds it."""
    table = _XREF.search(pdf)
    if table is None:
        return pdf
    lines = table[2].splitlines()
    places = {n: int(line[:10]) for n, line in enumerate(lines) if line[17:18] == b"n"}
    order = sorted(places, key=places.__getitem__)
    ends = [*(places[n] for n in order[1:]), table.start()]
    made, moved = [pdf[: places[order[0]]]], dict[int, int]()
    at = len(made[0])
    for n, end in zip(order, ends, strict=True):
        part = _mended(pdf[places[n] : end])
        moved[n], at = at, at + len(part)
        made.append(part)
    entries = b"".join(b"%010d %s\n" % (moved[n], line[11:18]) if n in moved else line + b"\n" for n, line in enumerate(lines))
    entries = b"".join(entry[:18].ljust(19) + b"\n" for entry in entries.splitlines())
    return b"".join((*made, b"xref\n0 ", table[1], b"\n", entries, table[3], b"%d" % at, table[4]))


def _mended(part: bytes) -> bytes:
    """One object; a table of characters with radicals is written anew."""
    found = _STREAM.search(part) if b"/FlateDecode" in part[:200] else None
    if found is None:
        return part
    try:
        text = zlib.decompress(found[2])
    except zlib.error:
        return part
    if b"begincmap" not in text:
        return part
    told = _RANGES.sub(lambda m: _RANGE.sub(_range, m[0]), _CHARS.sub(lambda m: _CHAR.sub(_char, m[0]), text))
    content = zlib.compress(told, 9)
    return part if told == text else part[: found.start()] + b"/Length %d" % len(content) + found[1] + content + found[3]


def _char(match: re.Match[bytes]) -> bytes:
    return match[1] + b"<%04X>" % written(int(match[2], 16))


def _range(match: re.Match[bytes]) -> bytes:
    first, last, start = (int(part, 16) for part in match.groups())
    codes = [written(start + n) for n in range(last - first + 1)]
    if codes == list(range(start, start + len(codes))):
        return match[0]
    return b"<%s> <%s> [%s]" % (match[1], match[2], b" ".join(b"<%04X>" % c for c in codes))
