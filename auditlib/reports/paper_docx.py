"""Papers as Word files that an office can go on with; the same paper is the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Collection, Sequence
from typing import Any

from .paper import Grid, PageBreak, Paper, Paragraph, SignLine

SONG, FANG, HEI = "方正小标宋简体", "仿宋_GB2312", "黑体"
_MARGINS_MM = {"document": (37, 35, 28, 26), "portrait": (20, 18, 20, 20), "landscape": (18, 16, 18, 18)}  # top, bottom, left, right
_A4_MM = (210, 297)
_SIZES = {"document": (16, 22), "portrait": (12, 18), "landscape": (12, 18)}  # points of text and title


def new_document(layout: str, *, author: str, title: str, comments: str) -> Any:
    """An empty A4 document. Its properties hold no clock."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    width, height = reversed(_A4_MM) if layout == "landscape" else _A4_MM
    section.orientation = WD_ORIENT.LANDSCAPE if layout == "landscape" else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    top, bottom, left, right = map(Mm, _MARGINS_MM[layout])
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = top, bottom, left, right
    properties = document.core_properties
    properties.author, properties.title, properties.comments = author[:255], title[:255], comments[:255]
    properties.created = properties.modified = dt.datetime(2000, 1, 1)
    return document


def width_mm(layout: str) -> int:
    """The width between the margins."""
    _, _, left, right = _MARGINS_MM[layout]
    return (_A4_MM[1] if layout == "landscape" else _A4_MM[0]) - left - right


def file_of(document: Any) -> bytes:
    """The document as bytes, with one fixed time on all parts of its package."""
    kept = io.BytesIO()
    document.save(kept)
    fixed = io.BytesIO()
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def line(document: Any, text: str, font: str, size: int, *, align: str = "left", indent: int = 0, colour: Any = None) -> Any:
    """One paragraph; `indent` in characters, `size` in points."""
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    _laid_out(paragraph, align, Pt(28) if size == 16 else Pt(size * 1.5) if size < 16 else None, Pt(size * indent) if indent else None)
    _run(paragraph, text, font, size, colour)
    return paragraph


def _laid_out(paragraph: Any, align: str, spacing: Any, indent: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    form = paragraph.paragraph_format
    form.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
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


def table(
    document: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], numbers: Collection[int]
) -> None:
    """A table with its heads on every page; `widths` in millimetres, the columns `numbers` stand right."""
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    grid = document.add_table(rows=0, cols=len(heads), style="Table Grid")
    grid.autofit = False
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Mm(width)
    for row in (heads, *rows):
        cells = grid.add_row().cells
        for place, (cell, text, width) in enumerate(zip(cells, row, widths, strict=True)):
            cell.width = Mm(width)
            _laid_out(cell.paragraphs[0], "right" if place in numbers and row is not heads else "left", Pt(15), None)
            _run(cell.paragraphs[0], text, HEI if row is heads else FANG, 10.5)
    head = grid.rows[0]._tr.get_or_add_trPr()
    head.append(OxmlElement("w:tblHeader"))  # stands again on every page


def underlined(paragraph: Any) -> None:
    """A red line under a paragraph."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    border, below = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "6"), ("color", "CC0000")):
        below.set(qn(f"w:{name}"), value)
    border.append(below)
    paragraph._p.get_or_add_pPr().append(border)


# ---- a whole paper ---------------------------------------------------------------------------------------------


def paper_docx(paper: Paper) -> bytes:
    """The paper as a Word file."""
    document = new_document(paper.layout, author=paper.issuer, title=paper.title, comments=paper.trace)
    text, title = _SIZES[paper.layout]
    _title(document, paper.title, title)
    for block in paper.blocks:
        _BLOCKS[type(block)](document, block, paper, text)
    line(document, paper.trace, FANG, 9)
    return file_of(document)


def _title(document: Any, text: str, size: int) -> None:
    from docx.shared import Mm

    title = line(document, text, SONG, size, align="center")
    title.paragraph_format.space_after = Mm(4)


def _paragraph(document: Any, block: Paragraph, paper: Paper, size: int) -> None:
    kinds = {
        "heading": (HEI, size, "left", 0), "text": (FANG, size, "left", 2 if paper.layout == "document" else 0),
        "right": (FANG, size, "right", 0), "centre": (FANG, size, "center", 0), "note": (FANG, 9, "left", 0),
    }  # fmt: skip
    font, points, align, indent = kinds[block.kind]
    line(document, block.text, font, points, align=align, indent=indent)


def _grid(document: Any, block: Grid, paper: Paper, size: int) -> None:
    if block.caption:
        line(document, block.caption, HEI, 10)
    unit = width_mm(paper.layout) / sum(block.widths)
    table(document, block.heads, block.rows, [width * unit for width in block.widths], block.numbers)


def _sign_line(document: Any, block: SignLine, paper: Paper, size: int) -> None:
    from docx.shared import Mm

    signed = line(document, "　　".join(f"{who}____________" for who in block.who), FANG, size)
    signed.paragraph_format.space_before = Mm(6)


def _page_break(document: Any, block: PageBreak, paper: Paper, size: int) -> None:
    document.add_page_break()


_BLOCKS: dict[type, Callable[[Any, Any, Paper, int], None]] = {
    Paragraph: _paragraph, Grid: _grid, SignLine: _sign_line, PageBreak: _page_break,
}  # fmt: skip
