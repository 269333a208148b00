"""整改通知书, 监察建议书: a letter of the register as a page to print (HTML) and to go on writing in (DOCX).

Wording is data (expectations/letters/*.yaml). Both forms are made of one description, laid out after GB/T 9704-2012; what
leaves the working papers is masked.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
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
from .markup import escape
from .masking import mask
from .render import refuse_active_content

_KEYS = ("letter", "name", "number", "title", "to", "before", "matters", "after_title", "after", "sign")
_NAMES = ("number", "issuer", "to", "count", "amount", "reply_by", "sent_on", "year", "serial", "mark", "worst")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # what XML cannot hold
_TEMPLATES = Path(__file__).parent / "templates" / "letter"
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
    if not isinstance(raw, dict) or set(raw) != set(_KEYS) or raw["letter"] != letter:
        raise CatalogError(f"{path}: needs exactly the keys {', '.join(_KEYS)}, and letter: {letter}")
    texts = {key: _text(path, key, raw[key]) for key in ("number", "title", "to", "matters", "after_title")}
    lists = {}
    for key in ("before", "after", "sign"):
        if not isinstance(raw[key], list):
            raise CatalogError(f"{path}: {key} = {raw[key]!r}: a list of texts is needed")
        lists[key] = tuple(_text(path, f"{key}[{n}]", text) for n, text in enumerate(raw[key]))
    if not isinstance(raw["name"], dict) or set(raw["name"]) != {"zh", "en"}:
        raise CatalogError(f"{path}: name needs zh and en")
    return Wording(letter, raw["name"], **texts, **lists)


def _text(path: Path, key: str, text: Any) -> str:
    if not isinstance(text, str):
        raise CatalogError(f"{path}: {key} = {text!r}: a text is needed")
    for name in _PLACEHOLDER.findall(text):
        if name not in _NAMES:
            raise CatalogError(f"{path}: {key}: '{{{name}}}' is not known; candidates: {', '.join(_NAMES)}")
    return text


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Names in braces replaced once; what comes in is never read as a name again."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def chinese_date(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def letter_number(letter: Letter, wording: Wording) -> str:
    """The number as it is printed: 青农经整改〔2026〕7号."""
    return _filled(wording.number, {"mark": letter.mark, "year": str(letter.year), "serial": str(letter.serial)} | dict.fromkeys(
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
        "worst": say(f"issues.colour.{letter.items[0].severity}"),
    }  # fmt: skip

    def clean(text: str) -> str:
        return _UNPRINTABLE.sub("", mask(text, codes))

    def one(text: str) -> str:
        return clean(_filled(text, values))

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


@cache
def _template() -> Any:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, finalize=escape)
    return environment.get_template("letter.html.j2")


def letter_html(page: LetterPage) -> str:
    """One self-contained file, without script or outside address. Raises ActiveContent."""
    text: str = _template().render(page=page)
    refuse_active_content(text)
    return text


# DOCX

_SONG, _FANG, _HEI = "方正小标宋简体", "仿宋_GB2312", "黑体"
_WIDTHS_MM = (9, 18, 60, 22, 23, 24)


def letter_docx(page: LetterPage) -> bytes:
    """The same letter as a Word file that the office can go on with; the same letter is the same bytes."""
    from docx import Document
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = page.issuer[:255], f"{page.number} {page.title}"[:255], page.trace
    properties.created = properties.modified = dt.datetime(2000, 1, 1)
    _line(document, page.issuer, _SONG, 26, align="center", colour=(0xCC, 0, 0))
    _underlined(_line(document, page.number, _FANG, 16, align="center"))
    title = _line(document, page.title, _SONG, 22, align="center")
    title.paragraph_format.space_before = title.paragraph_format.space_after = Mm(8)
    _line(document, page.to, _FANG, 16)
    for text in page.before:
        _line(document, text, _FANG, 16, indent=2)
    _line(document, page.matters, _HEI, 16, indent=2)
    _matters(document, page)
    _line(document, page.after_title, _HEI, 16, indent=2)
    for text in page.after:
        _line(document, text, _FANG, 16, indent=2)
    for text in page.sign:
        _line(document, text, _FANG, 16, align="right")
    _line(document, page.trace, _FANG, 9)
    kept = io.BytesIO()
    document.save(kept)
    return _without_clock(kept.getvalue())


def _line(document: Any, text: str, font: str, size: int, *, align: str = "left", indent: int = 0, colour: Any = None) -> Any:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    _laid_out(paragraph, align, Pt(28) if size <= 16 else None, Pt(size * indent) if indent else None)
    _run(paragraph, text, font, size, colour)
    return paragraph


def _underlined(paragraph: Any) -> None:
    """The red line under the number."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    border, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "6"), ("color", "CC0000")):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    paragraph._p.get_or_add_pPr().append(border)


def _laid_out(paragraph: Any, align: str, spacing: Any, indent: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    form = paragraph.paragraph_format
    form.alignment = WD_ALIGN_PARAGRAPH[align.upper()]
    form.space_before = form.space_after = Pt(0)
    form.line_spacing, form.first_line_indent = spacing, indent


def _run(paragraph: Any, text: str, font: str, size: float, colour: Any = None) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = RGBColor(*colour)


def _matters(document: Any, page: LetterPage) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    table = document.add_table(rows=0, cols=len(page.heads), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, _WIDTHS_MM, strict=True):
        column.width = Mm(width)
    for row in (page.heads, *page.rows):
        cells = table.add_row().cells
        for cell, text, width, place in zip(cells, row, _WIDTHS_MM, range(len(row)), strict=True):
            cell.width = Mm(width)
            _laid_out(cell.paragraphs[0], "right" if place == 3 and row is not page.heads else "left", Pt(15), None)
            _run(cell.paragraphs[0], text, _HEI if row is page.heads else _FANG, 10.5)
    head = table.rows[0]._tr.get_or_add_trPr()
    head.append(OxmlElement("w:tblHeader"))  # stands again on every page


def _without_clock(data: bytes) -> bytes:
    """The package with one fixed time on all its parts."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return kept.getvalue()
