"""The sheets of a period written beside the results: HTML and Excel each, and an index that names who has none and why."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw

from ..issues.issue import Issue
from ..words.messages import say
from .description import Page, Section
from .figures import grouped
from .markup import Safe, bullets, join, link, pairs, paragraph, table, tag
from .output import remove_stale, write_output, written_before
from .publication import Board, Period, boards, publishers
from .publication_page import board_page
from .publication_standing import OBJECTION, Standing, standing_of
from .publication_workbook import board_workbook
from .render import render
from .results import Results
from .view import CountyView, view_of

FOLDER = "publication"
Printer = Callable[[Path, Path], Path]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What became of the publication of one organisation."""

    org_code: str
    name: str
    state: str  # made | draft | refused | missing | waiting: it could be made, and was not asked for
    reasons: tuple[str, ...]
    files: tuple[str, ...]  # relative to the output folder
    published_on: dt.date | None  # by its own register of disclosures
    objections: int
    open_objections: int


@dataclass(frozen=True, slots=True)
class Publication:
    """The publication of one period: the sheets that were asked for; `standing` and `index` are of all that have to publish."""

    period: Period
    sheets: tuple[Sheet, ...]
    standing: Standing
    index: Path


def publish(
    results: Results, period: Period, *, posted_on: dt.date, issues: Sequence[Issue] | None, language: str,
    chosen: Collection[str] | None = None, with_drafts: bool = False, printer: Printer | None = None,
) -> Publication:  # fmt: skip
    """Writes the sheets of `period` into the output folder and returns what became of each organisation.

    `issues` come from the register, None where there is none. A sheet that does not agree with the books is written only
    `with_drafts`, and then marked on every page; one of an earlier call is removed. With a `printer` (page, target: `print_pdf`)
    each sheet comes as PDF, too. Raises OutputError, WorkspaceError, and what the printer raises.
    """
    view = view_of(results.run, results.catalog, issues or (), language)
    codes, mine = publishers(view, None), publishers(view, chosen)
    made = {board.org_code: board for board in boards(results, view, codes, period, posted_on, issues)}
    shown = _published(results, period)
    sheets = []
    for code in codes:
        if code not in mine:
            files = _there(view, results.out, period, code)
        else:
            files = _write(made[code], view, results.out, printer) if code in made and (with_drafts or not made[code].reasons) else ()
        sheets.append(_sheet(view, code, made.get(code), files, shown.get(code), issues or (), period))
    days = int(Decimal(dict(results.run.parameters).get("objection_days", "7")))
    objections = [i for i in issues or () if i.org_code in codes and _is_of(i, period)]
    standing = standing_of(codes, shown.items(), objections, on=max(results.run.as_of, posted_on), days=days)
    _tidy(results.out, view, period, mine, sheets)
    page = _index(view, period, sheets, standing)
    asked = tuple(sheet for sheet in sheets if sheet.org_code in mine)
    return Publication(period, asked, standing, write_output(results.out, f"{FOLDER}/{period.name}/index.html", render(page)))


def _is_of(issue: Issue, period: Period) -> bool:
    """An objection that came after the period was over speaks of its publication."""
    return issue.source == OBJECTION and issue.raised_on > period.last


def _write(board: Board, view: CountyView, out: Path, printer: Printer | None) -> tuple[str, ...]:
    stem = f"{FOLDER}/{board.period.name}/{view.stems[board.org_code]}"
    write_output(out, f"{stem}.html", render(board_page(board, view)))
    write_output(out, f"{stem}.xlsx", board_workbook(board, view))
    if printer is None:
        return f"{stem}.html", f"{stem}.xlsx"
    with tempfile.TemporaryDirectory(prefix="auditlib-") as scratch:
        write_output(out, f"{stem}.pdf", printer(out / f"{stem}.html", Path(scratch) / "sheet.pdf").read_bytes())
    return f"{stem}.html", f"{stem}.xlsx", f"{stem}.pdf"


def _sheet(
    view: CountyView, code: str, board: Board | None, files: tuple[str, ...], shown: dt.date | None, issues: Iterable[Issue], period: Period
) -> Sheet:
    reasons = board.reasons if board else (say("publication.reason.nothing", view.language),)
    told = "draft" if board and board.reasons else "made"
    state = "missing" if board is None else told if files else "refused" if board.reasons else "waiting"
    against = [i for i in issues if i.org_code == code and _is_of(i, period)]
    return Sheet(code, view.name(code), state, reasons, files, shown, len(against), sum(i.is_open for i in against))


def _there(view: CountyView, out: Path, period: Period, code: str) -> tuple[str, ...]:
    """The files that an earlier call wrote for an organisation."""
    stem, before = f"{FOLDER}/{period.name}/{view.stems[code]}", written_before(out)
    return tuple(f"{stem}.{kind}" for kind in ("html", "xlsx", "pdf") if f"{stem}.{kind}" in before and (out / f"{stem}.{kind}").is_file())


def _published(results: Results, period: Period) -> dict[str, dt.date]:
    """Organisation -> the first day on which, by its own register, it published the period."""
    with results.ledgers() as frames:
        if not frames.has("disclosures"):
            return {}
        rows = frames.rows("disclosures").filter((nw.col("period") == period.name) & ~nw.col("published_on").is_null())
        found: dict[str, dt.date] = {}
        for row in frames.records(rows.select("row_id", "org_code", "published_on"), ["org_code", "published_on"]):
            found.setdefault(row["org_code"], row["published_on"])
        return found


def _tidy(out: Path, view: CountyView, period: Period, codes: Sequence[str], sheets: Sequence[Sheet]) -> None:
    """Sheets of these organisations and this period that an earlier call wrote and this one refused do not stay."""
    mine = {f"{FOLDER}/{period.name}/{view.stems[code]}.{kind}" for code in codes for kind in ("html", "xlsx", "pdf")}
    kept = {file for sheet in sheets for file in sheet.files}
    remove_stale(out, (FOLDER,), [r for r in written_before(out) if r not in mine or r in kept])


def _t(view: CountyView, key: str, **values: object) -> str:
    return say(f"publication.{key}", view.language, **values)


def _index(view: CountyView, period: Period, sheets: Sequence[Sheet], standing: Standing) -> Page:
    told = period.told(view.language)
    refused = [s for s in sheets if s.state not in ("made", "waiting")]
    bodies = [("state", _state(view, sheets, standing)), ("sheets", _sheets(view, sheets)), ("refused", _refused(view, refused))]
    return Page(
        title=_t(view, "index.title", period=told),
        subtitle=_t(view, "subtitle", county=view.run.county, period=told),
        kind="sheet",
        language=view.language,
        fields=((_t(view, "cover.period"), told), (view.t("cover.as_of"), view.run.as_of.isoformat())),
        trail=(("../../index.html", view.run.county), ("", _t(view, "index.title", period=told))),
        sections=tuple(Section(name, _t(view, f"index.{name}"), body) for name, body in bodies),
        footer=view.t("footer.masked", as_of=view.run.as_of.isoformat()),
    )


def _state(view: CountyView, sheets: Sequence[Sheet], standing: Standing) -> Safe:
    counts = {state: sum(s.state == state for s in sheets) for state in ("made", "draft", "refused", "missing", "waiting")}
    verdict = "final" if standing.is_final else "not_final"
    rows: list[tuple[Any, Any]] = [(_t(view, "index.due"), grouped(standing.due))]
    rows += [(_t(view, f"state.{state}"), grouped(n)) for state, n in counts.items()]
    share = "—" if standing.percent is None else f"{standing.percent}%"
    rows.append((_t(view, "index.published"), f"{grouped(len(standing.published))} / {grouped(standing.due)} = {share}"))
    rows.append((_t(view, "index.objections"), f"{grouped(standing.objections)} / {grouped(standing.open_objections)}"))
    box = tag("div", paragraph(_t(view, f"index.{verdict}"), "headline"), class_="clearance clear" if standing.is_final else "clearance")
    return join((box, pairs(rows), paragraph(_t(view, "index.read_over"), "note")))


def _sheets(view: CountyView, sheets: Sequence[Sheet]) -> Safe:
    rows = [[s.name, view.name(view.township_of.get(s.org_code, "")) if view.township_of.get(s.org_code) else "—",
             tag("span", _t(view, f"state.{s.state}"), class_=f"mark {'green' if s.state == 'made' else 'orange'}"), _links(view, s),
             s.published_on.isoformat() if s.published_on else "—", f"{s.objections} / {s.open_objections}"] for s in sheets]  # fmt: skip
    columns = [(view.t("column.organisation"), "head"), (view.t("column.township"), "nowrap"), (_t(view, "index.column.state"), "nowrap")]
    columns += [(_t(view, f"index.column.{name}"), "nowrap") for name in ("files", "published", "objections")]
    return table(_t(view, "index.sheets"), columns, rows)


def _links(view: CountyView, sheet: Sheet) -> Safe:
    kinds = {"html": "index.html_file", "xlsx": "index.xlsx_file", "pdf": "index.pdf_file"}
    return join((link(f.rpartition("/")[2], _t(view, kinds[f.rpartition(".")[2]])) for f in sheet.files), " · ") or Safe("—")


def _refused(view: CountyView, sheets: Sequence[Sheet]) -> Safe:
    if not sheets:
        return paragraph(_t(view, "index.all_made"), "empty")
    return join(tag("div", tag("h3", s.name), bullets(s.reasons)) for s in sheets)
