"""整改通知书, 监察建议书: a letter of the register as a page to print (HTML) and to go on writing in (DOCX).

Wording is data (expectations/letters/*.yaml). Both forms are made of one description, laid out after GB/T 9704-2012; what
leaves the working papers is masked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog.load import read_yaml
from ..catalog.places import expectations
from ..issues.letters import Letter, LetterItem
from ..words.errors import CatalogError
from ..words.messages import say
from .masking import mask
from .paper import filled, office_template, printable, unknown_names
from .paper_docx import FANG, HEI, SONG, file_of, line, new_document, table, underlined
from .render import refuse_active_content

_KEYS = ("letter", "name", "number", "title", "to", "before", "matters", "after_title", "after", "sign", "reply_days")
_MAY_BE_EMPTY = "needs_matters"  # the one key that may be left out
_NAMES = ("number", "issuer", "to", "count", "amount", "reply_by", "sent_on", "year", "serial", "mark", "worst")
_HEADS = ("no", "org", "matter", "amount", "deadline", "evidence")


@dataclass(frozen=True, slots=True)
class Wording:
    """expectations/letters/<letter>.yaml as it was read."""

    letter: str
    name: Mapping[str, str]
    number: str
    title: str
    to: str
    before: tuple[str, ...]
    matters: str
    after_title: str
    after: tuple[str, ...]
    sign: tuple[str, ...]
    reply_days: int  # days from the letter until its answer is due, unless the letter itself says another day
    needs_matters: bool = True  # False: it may be sent where nothing is open


@dataclass(frozen=True, slots=True)
class LetterPage:
    """A letter before it is rendered: nothing but texts, masked."""

    issuer: str
    number: str
    title: str
    to: str
    before: tuple[str, ...]
    matters: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    after_title: str
    after: tuple[str, ...]
    sign: tuple[str, ...]
    trace: str


def wordings(folder: Path | None = None) -> tuple[str, ...]:
    """The letters that can be written, by name."""
    return tuple(sorted(path.stem for path in (folder or expectations() / "letters").glob("*.yaml")))


@cache
def load_wording(letter: str, folder: Path | None = None) -> Wording:
    """The wording of a letter. Raises CatalogError naming file, key, value and candidates."""
    folder = folder or expectations() / "letters"
    if letter not in wordings(folder):
        raise CatalogError(say("letters.no_kind", letter=letter, candidates=", ".join(wordings(folder))))
    path = folder / f"{letter}.yaml"
    raw = read_yaml(path)
    if not isinstance(raw, dict) or set(raw) - {_MAY_BE_EMPTY} != set(_KEYS) or raw["letter"] != letter:
        raise CatalogError(f"{path}: needs exactly the keys {', '.join(_KEYS)}, and letter: {letter}")
    texts = {key: _text(path, key, raw[key]) for key in ("number", "title", "to", "matters", "after_title")}
    lists = {}
    for key in ("before", "after", "sign"):
        if not isinstance(raw[key], list):
            raise CatalogError(f"{path}: {key} = {raw[key]!r}: a list of texts is needed")
        lists[key] = tuple(_text(path, f"{key}[{n}]", text) for n, text in enumerate(raw[key]))
    if not isinstance(raw["name"], dict) or set(raw["name"]) != {"zh", "en"}:
        raise CatalogError(f"{path}: name needs zh and en")
    if type(raw["reply_days"]) is not int or not 0 < raw["reply_days"] <= 366:
        raise CatalogError(f"{path}: reply_days = {raw['reply_days']!r}: a whole number of days from 1 to 366 is needed")
    needs_matters = raw.get(_MAY_BE_EMPTY, True) is not False
    return Wording(letter, raw["name"], **texts, **lists, reply_days=raw["reply_days"], needs_matters=needs_matters)


def _text(path: Path, key: str, text: Any) -> str:
    if not isinstance(text, str):
        raise CatalogError(f"{path}: {key} = {text!r}: a text is needed")
    for name in unknown_names(text, _NAMES):
        raise CatalogError(f"{path}: {key}: '{{{name}}}' is not known; candidates: {', '.join(_NAMES)}")
    return text


def chinese_date(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def written_date(day: dt.date, language: str) -> str:
    """A day in a running text: 2026年1月31日 (GB/T 9704-2012, 7.3.5.3), 2026-01-31 in English."""
    return chinese_date(day) if language == "zh" else day.isoformat()


def letter_number(letter: Letter, wording: Wording) -> str:
    """The number as it is printed: 青农经整改〔2026〕7号."""
    return filled(wording.number, {"mark": letter.mark, "year": str(letter.year), "serial": str(letter.serial)} | dict.fromkeys(
        set(_NAMES) - {"mark", "year", "serial"}, ""
    ))  # fmt: skip


def _amount(letter: Letter) -> str:
    """The sum, and how many matters it leaves out."""
    total = sum((item.amount for item in letter.items if item.amount is not None), Decimal(0))
    unsaid = sum(item.amount is None for item in letter.items)
    shown = f"{total:,.2f}"
    return say("letters.amount_unsaid", amount=shown, count=unsaid) if unsaid else say("letters.amount", amount=shown)


def letter_page(letter: Letter, wording: Wording, codes: Collection[str] = ()) -> LetterPage:
    """`letter` in the words of `wording`; numbers of people and accounts masked, but for the organisation `codes`."""
    values = {
        "number": letter_number(letter, wording), "issuer": letter.issuer, "to": letter.to, "count": str(len(letter.items)),
        "amount": _amount(letter), "reply_by": chinese_date(letter.reply_by), "sent_on": chinese_date(letter.sent_on),
        "year": str(letter.year), "serial": str(letter.serial), "mark": letter.mark,
        "worst": say(f"issues.colour.{letter.items[0].severity}") if letter.items else "",
    }  # fmt: skip

    def clean(text: str) -> str:
        return printable(mask(text, codes))

    def one(text: str) -> str:
        return clean(filled(text, values))

    def every(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one(text) for text in texts)

    rows = tuple(tuple(clean(cell) for cell in _row(no, item)) for no, item in enumerate(letter.items, 1))
    return LetterPage(
        clean(letter.issuer), one(wording.number), one(wording.title), one(wording.to), every(wording.before), one(wording.matters),
        say("letters.caption"), tuple(say(f"letters.column.{name}") for name in _HEADS), rows, one(wording.after_title),
        every(wording.after), every(wording.sign), letter.letter_id,
    )  # fmt: skip


def _row(no: int, item: LetterItem) -> tuple[str, ...]:
    matter = f"{item.title}（{item.basis}）" if item.basis else item.title
    amount = "" if item.amount is None else f"{item.amount:,.2f}"
    return str(no), item.org_name, f"{matter} [{item.issue_id}]", amount, item.deadline.isoformat(), item.evidence


def letter_html(page: LetterPage) -> str:
    """One self-contained file, without script or outside address. Raises ActiveContent."""
    text: str = office_template("letter").render(page=page)
    refuse_active_content(text)
    return text


# DOCX

_WIDTHS_MM = (9, 18, 60, 22, 23, 24)
_NUMBERS = (3,)


def letter_docx(page: LetterPage) -> bytes:
    """The same letter as a Word file that the office can go on with; the same letter is the same bytes."""
    from docx.shared import Mm

    document = new_document("document", author=page.issuer, title=f"{page.number} {page.title}", comments=page.trace)
    line(document, page.issuer, SONG, 26, align="center", colour=(0xCC, 0, 0))
    underlined(line(document, page.number, FANG, 16, align="center"))
    title = line(document, page.title, SONG, 22, align="center")
    title.paragraph_format.space_before = title.paragraph_format.space_after = Mm(8)
    line(document, page.to, FANG, 16)
    for text in page.before:
        line(document, text, FANG, 16, indent=2)
    line(document, page.matters, HEI, 16, indent=2)
    table(document, page.heads, page.rows, _WIDTHS_MM, _NUMBERS)
    line(document, page.after_title, HEI, 16, indent=2)
    for text in page.after:
        line(document, text, FANG, 16, indent=2)
    for text in page.sign:
        line(document, text, FANG, 16, align="right")
    line(document, page.trace, FANG, 9)
    return file_of(document)
