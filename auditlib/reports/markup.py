"""HTML built from values: whatever is not already `Safe` is escaped, here and nowhere else.

Ledger text is hostile. It reaches a page only through `escape`, which turns markup into text and makes
invisible characters visible, so that a name cannot pose as another.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_BIDI = (0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xFEFF)
_CONTROL = (*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
_VISIBLE = dict.fromkeys(_CONTROL, "�") | {code: f"[U+{code:04X}]" for code in _BIDI}
_VOID = frozenset(("br", "hr", "col", "meta"))
_DAY = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})")
_STARTS, _ENDS = "<!--register-->", "<!--/register-->"  # ledger text cannot write a comment: it is escaped
_FROM_REGISTER = re.compile(f"{_STARTS}.*?{_ENDS}", re.DOTALL)


class Safe(str):
    """HTML that this package wrote; only `escape` and `tag` make it."""

    __slots__ = ()


def escape(value: object) -> Safe:
    """`value` as HTML text; Safe passes unchanged, None becomes nothing."""
    if isinstance(value, Safe):
        return value
    return Safe("") if value is None else _escaped(str(value))


@lru_cache(maxsize=20_000)
def _escaped(text: str) -> Safe:
    """Pages say the same few words again and again."""
    return Safe(html.escape(text.translate(_VISIBLE), quote=True))


def join(parts: Iterable[object], between: str = "") -> Safe:
    """All parts, each escaped, with escaped `between`."""
    return Safe(escape(between).join(escape(part) for part in parts))


def _attributes(given: dict[str, object]) -> str:
    shown = ((name.rstrip("_").replace("_", "-"), value) for name, value in given.items() if value is not None)
    return "".join(f' {name}="{escape(str(value))}"' for name, value in shown)


def tag(element: str, /, *children: object, **attributes: object) -> Safe:
    """One element. `class_="x"` and `aria_label="y"` give class="x" and aria-label="y"; None leaves it out."""
    opening = f"<{element}{_attributes(attributes)}>"
    return Safe(opening if element in _VOID else f"{opening}{join(children)}</{element}>")


def link(target: str, text: object) -> Safe:
    """A link inside the output folder; `target` is a relative path or #anchor made by this package."""
    return tag("a", text, href=target)


def from_register(part: object) -> Safe:
    """A part of a page that rests on the issue register, marked: an audit that is repeated later finds it otherwise."""
    inner = escape(part).replace(_STARTS, "").replace(_ENDS, "")  # marks do not stand inside each other
    return Safe(f"{_STARTS}{inner}{_ENDS}")


def without_register(page: str) -> str:
    """A page without the parts that `from_register` marked."""
    return _FROM_REGISTER.sub("", page)


def unbroken(text: str) -> Safe:
    """Text of a cell; a day in it stays in one piece, for a narrow column would break it at its hyphens."""
    return join(tag("span", part, class_="nowrap") if _DAY.fullmatch(part) else part for part in _DAY.split(text))


def _cell(kind: str, value: object) -> Safe:
    if kind == "head":
        return tag("th", value, scope="row")
    return tag("td", value, class_=kind or None)


def table(caption: object, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]], kind: str = "") -> Safe:
    """A table with caption and scopes inside a group that scrolls on narrow screens.

    `columns` are (title, kind): kind 'head' is the row's header, 'num' stands right, any other is a class.
    """
    head = tag("tr", *(tag("th", title, scope="col", class_=k if k != "head" and k else None) for title, k in columns))
    body = [tag("tr", *(_cell(k, value) for (_, k), value in zip(columns, row, strict=True))) for row in rows]
    inner = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_=kind or None)
    return tag("div", inner, class_="scroll", role="group", tabindex="0", aria_label=caption)


def pairs(items: Iterable[tuple[object, object]], kind: str = "facts") -> Safe:
    """A list of terms and their values."""
    return tag("dl", *(tag("div", tag("dt", term), tag("dd", value)) for term, value in items), class_=kind)


def bullets(items: Iterable[object], kind: str | None = None) -> Safe:
    return tag("ul", *(tag("li", item) for item in items), class_=kind)


def paragraph(text: object, kind: str | None = None) -> Safe:
    return tag("p", text, class_=kind)
