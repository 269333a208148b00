"""The sheet for the notice board as a page: A4, large type, readable standing; 草稿 on every page of a draft."""

from __future__ import annotations

from decimal import Decimal

from ..words.messages import say
from .blocks import money
from .description import Page, Section
from .figures import grouped, yuan
from .markup import Safe, bullets, join, pairs, paragraph, tag
from .publication import Board
from .publication_tables import BoardSection, BoardTable, Line, sections_of, summary_of
from .view import CountyView

_RIGHT = frozenset(("money", "area", "count"))


def board_page(board: Board, view: CountyView) -> Page:
    """One sheet. A board with reasons against it becomes a draft, marked on every page."""
    sections = tuple(Section(s.name, s.title, _body(s)) for s in sections_of(board, view))
    first = Section("summary", _t(view, "section.summary"), _summary(board, view))
    last = Section("objection", _t(view, "section.objection"), _objection(board, view))
    period = board.period.told(view.language)
    return Page(
        title=_t(view, "title", name=board.name),
        subtitle=_t(view, "subtitle", county=view.run.county, period=period),
        kind="notice draft" if board.reasons else "notice",
        language=view.language,
        fields=(
            (_t(view, "cover.period"), f"{period}（{board.period.first} – {board.period.last}）"),
            (_t(view, "cover.posted"), board.objections.posted_on.isoformat()),
            (_t(view, "cover.until"), board.objections.last.isoformat()),
        ),
        trail=(("index.html", _t(view, "index.title", period=period)), ("", board.name)),
        sections=(first, *sections, last),
        footer=_t(view, "footer", as_of=view.run.as_of.isoformat()),
    )  # fmt: skip


def _t(view: CountyView, key: str, **values: object) -> str:
    return say(f"publication.{key}", view.language, **values)


def _summary(board: Board, view: CountyView) -> Safe:
    parts = [_draft(board, view)] if board.reasons else []
    told = ((_t(view, f"summary.{name}"), money(view, amount)) for name, amount in summary_of(board))
    boxes = [tag("div", tag("dt", label), tag("dd", amount), class_="figure") for label, amount in told]
    counted = _t(view, "counted", n=grouped(sum(t.state == "equal" for t in board.ties)), all=grouped(len(board.ties)))
    return join((*parts, tag("dl", *boxes, class_="figures"), paragraph(counted, "note"), paragraph(_t(view, "masked"), "note")))


def _draft(board: Board, view: CountyView) -> Safe:
    mark = tag("div", _t(view, "draft"), class_="draft-mark", aria_hidden="true")
    told = (paragraph(tag("strong", _t(view, "draft.why"))), bullets(board.reasons))
    return tag("div", mark, *told, class_="own-errors", role="note")


def _body(section: BoardSection) -> Safe:
    return join((*(board_table(t) for t in section.tables), *(paragraph(n, "note") for n in section.notes)))


def board_table(shown: BoardTable) -> Safe:
    """A table of values as HTML: amounts grouped; headings within it and totals in bold, over the empty cells beside them."""
    columns = [(title, _class_of(kind)) for title, kind in shown.columns]
    head = tag("tr", *(tag("th", title, scope="col", class_=kind) for title, kind in columns))
    kinds = [kind for _, kind in columns]
    body = [tag("tr", *_cells(line, kinds), class_=None if line.kind == "item" else line.kind) for line in shown.lines]
    inner = tag("table", tag("caption", shown.caption), tag("thead", head), tag("tbody", *body))
    return tag("div", inner, class_="scroll", role="group", tabindex="0", aria_label=shown.caption)


def _class_of(kind: str) -> str | None:
    return "num" if kind in _RIGHT else kind if kind != "text" else None


def _cells(line: Line, kinds: list[str | None]) -> list[Safe]:
    """The cells of a row; the first of a heading or total runs on over the empty ones after it."""
    texts = [cell_text(cell) for cell in line.cells]
    over = 1
    while line.kind != "item" and over < len(texts) and not texts[over]:
        over += 1
    first = tag("th", texts[0], scope="row", colspan=over) if over > 1 else tag("td", texts[0], class_=kinds[0])
    return [first, *(tag("td", text, class_=kind) for text, kind in list(zip(texts, kinds, strict=True))[over:])]


def cell_text(cell: object) -> str:
    """A value of a sheet as people read it; nothing is an empty cell."""
    if isinstance(cell, Decimal):
        return yuan(cell)
    return "" if cell is None else grouped(cell) if isinstance(cell, int) else str(cell)


def _objection(board: Board, view: CountyView) -> Safe:
    told, lang = board.objections, view.language
    dates = say("publication.objection.dates", lang, first=told.first.isoformat(), last=told.last.isoformat(), days=told.days)
    rows = [(_t(view, "objection.when"), dates), (_t(view, "objection.whom"), told.to)]
    rows.append((_t(view, "objection.how"), _t(view, "objection.how_told")))
    who = ("head", "finance", "supervisors", "posted_by")
    lines = [tag("div", tag("span", _t(view, f"sign.{name}")), tag("span", "", class_="line")) for name in who]
    return join((pairs(rows), tag("div", *lines, class_="signatures")))
