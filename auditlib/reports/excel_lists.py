"""lists.xlsx: every list of an audit as a sheet that can be filtered, sorted and printed. A working paper: data in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..issues.issue import Issue
from ..issues.lists import DeadlineRow, ProblemRow, ResponsibilityRow, deadline_list, problem_list, responsibility_list
from ..issues.tree import Answerable
from ..words.messages import say
from ..words.records import BankReconciliation, Finding, Source
from .blocks import issue_state, owner_name, tell
from .excel_workbook import Cell, Column, Cover, ExcelList, workbook
from .manifest import SHORT
from .output import write_output
from .reconciled import how_name, sides_of, title_of
from .register_state import RegisterState
from .scorecard import score_cards
from .view import CountyView, reading_order

FILE = "lists.xlsx"
_FINDINGS = (
    ("severity", "text"), ("rule", "text"), ("rule_name", "text"), ("org_name", "text"), ("message", "wide"), ("amount", "money"),
    ("source_file", "text"), ("sheet", "text"), ("row", "whole"), ("column", "text"), ("basis", "wide"), ("records", "wide"),
    ("ledger", "text"), ("field", "text"), ("expected", "wide"), ("actual", "wide"), ("period", "text"), ("owner", "text"),
    ("org_code", "text"), ("finding_id", "text"),
)  # fmt: skip
_SOURCES = (
    ("file", "wide"), ("sheet", "text"), ("ledger", "text"), ("org_name", "text"), ("org_code", "text"), ("header_row", "whole"),
    ("rows_read", "whole"), ("rows_total", "whole"), ("rows_quarantined", "whole"), ("unmapped", "wide"), ("confidence", "share"),
    ("notes", "wide"), ("sha256", "text"),
)  # fmt: skip
_ASIDE = (
    ("file", "wide"), ("sheet", "text"), ("ledger", "text"), ("org_name", "text"), ("row", "whole"), ("reason", "wide"), ("text", "wide"),
)  # fmt: skip
_MATCHES = (
    ("reconciliation", "text"), ("org_name", "text"), ("org_code", "text"), ("left", "wide"), ("right", "wide"), ("state", "text"),
    ("how", "text"), ("difference", "money"),
)  # fmt: skip
_MONTHS = (
    ("org_name", "text"), ("account_no", "text"), ("ends_on", "date"), ("bank_balance", "money"), ("book_in", "money"),
    ("book_out", "money"), ("adjusted_bank", "money"), ("book_balance", "money"), ("bank_in", "money"), ("bank_out", "money"),
    ("adjusted_book", "money"), ("brought_forward", "money"), ("unexplained", "money"), ("open_items", "whole"),
)  # fmt: skip
_ITEMS = (
    ("org_name", "text"), ("account_no", "text"), ("ends_on", "date"), ("side", "text"), ("on", "date"), ("name", "text"),
    ("text", "wide"), ("amount", "money"), ("days", "whole"), ("cleared_on", "date"), ("nearest", "text"),
)  # fmt: skip
_PROBLEMS = (
    ("no", "whole"), ("issue_id", "text"), ("org", "text"), ("family", "text"), ("type", "text"), ("title", "wide"), ("amount", "money"),
    ("severity", "text"), ("state", "text"), ("raised_on", "date"), ("records", "wide"), ("basis", "wide"), ("evidence", "wide"),
    ("org_code", "text"),
)  # fmt: skip
_OWNERS = (
    ("no", "whole"), ("issue_id", "text"), ("org", "text"), ("title", "wide"), ("lead", "text"), ("industry", "wide"),
    ("territory", "wide"), ("village", "wide"), ("assigned_to", "text"), ("state", "text"),
)  # fmt: skip
_DEADLINES = (
    ("no", "whole"), ("issue_id", "text"), ("org", "text"), ("title", "wide"), ("deadline", "date"), ("days_left", "whole"),
    ("colour", "text"), ("state", "text"), ("raised_on", "date"), ("accepted_on", "date"), ("assigned_on", "date"),
    ("extensions", "whole"), ("reported_on", "date"), ("verified_on", "date"), ("closed_on", "date"),
)  # fmt: skip


def write_lists(view: CountyView, issues: Sequence[Issue], out: Path) -> tuple[Path, int, int]:
    """Writes lists.xlsx into `out`; returns its path, the number of lists and of their rows.

    `issues` are those of the register that `view.register` tells of; without it there are neither the three lists nor scores.
    Raises OutputError.
    """
    lists = lists_of(view, issues)
    content = workbook(_cover(view), lists, view.language)
    return write_output(out, FILE, content), len(lists), sum(len(one.rows) for one in lists)


def lists_of(view: CountyView, issues: Sequence[Issue]) -> list[ExcelList]:
    """Every list with all its rows, in the order in which they are read."""
    run, state = view.run, view.register
    found = [_list(view, "findings", _FINDINGS, [_finding(view, f) for f in sorted(run.findings, key=reading_order)], "findings.csv")]
    if state is not None:
        found += _three_lists(view, issues)
    sources = [_source(view, s) for s in sorted(run.sources, key=lambda s: (s.file, s.source_id))]
    found += [
        _list(view, "sources", _SOURCES, sources, "sources.csv"),
        _list(view, "set_aside", _ASIDE, list(_aside(view)), "run.json"),
        _list(view, "matches", _MATCHES, list(_matches(view)), "matches.csv"),
    ]
    if state is not None:
        found.append(_scores(view, state))
    months, items = [_month(view, s) for s in run.statements], [row for s in run.statements for row in _items(view, s)]
    found.append(_list(view, "bank_months", _MONTHS, months, "bank_reconciliation.csv"))
    return [*found, _list(view, "bank_items", _ITEMS, items, "bank_open_items.csv")]


def _list(
    view: CountyView, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Cell]], where: str, area: str = "excel"
) -> ExcelList:
    titles = tuple(Column(say(f"{area}.column.{column}", view.language), kind) for column, kind in columns)
    return ExcelList(say(f"excel.sheet.{name}", view.language), titles, rows, where)


def _cover(view: CountyView) -> Cover:
    run = view.run
    told = {"county": run.county, "year": str(run.fiscal_year), "as_of": run.as_of.isoformat(), "manifest": run.manifest_id}
    if view.register is not None:
        told["register"] = view.register.head
    facts = tuple((say(f"excel.about.{name}", view.language), value) for name, value in told.items() if value)
    notes = [say("excel.about.full", view.language)]
    notes += [] if view.register is not None else [say("excel.about.no_register", view.language)]
    title = say("excel.title", view.language, county=run.county, year=run.fiscal_year)
    return Cover(title, say("excel.sheet.about", view.language), facts, tuple(notes), f"{title} {run.manifest_id[:SHORT]}")


# ---- rows --------------------------------------------------------------------------------------------------


def _finding(view: CountyView, f: Finding) -> list[Cell]:
    records = view.t("list").join(f.records)
    return [
        view.term(f"severity.{f.severity}", f.severity), f.rule, view.rule_name(f.rule), f.org_name or view.name(f.org_code),
        view.message(f), f.amount, f.source_file, f.sheet, f.row, f.column, f.basis, records, view.ledger(f.ledger),
        view.field(f.ledger, f.field), f.expected, f.actual, f.period, owner_name(view, f.owner), f.org_code, f.finding_id,
    ]  # fmt: skip


def _source(view: CountyView, s: Source) -> list[Cell]:
    notes = view.t("list").join(tell(view, n, file=s.file, sheet=s.sheet) for n in s.notes)
    return [
        s.file, s.sheet, view.ledger(s.ledger), view.name(s.org_code) if s.org_code else "", s.org_code,
        s.header_rows[0] if s.header_rows else None, s.rows_read, s.rows_total, s.rows_quarantined,
        view.t("list").join(s.unmapped_columns),
        s.confidence, notes, s.sha256,
    ]  # fmt: skip


def _aside(view: CountyView) -> Iterator[list[Cell]]:
    for s in view.run.sources:
        organisation = view.name(s.org_code) if s.org_code else ""
        for r in s.set_aside:
            yield [s.file, s.sheet, view.ledger(s.ledger), organisation, r.row, tell(view, r.reason), r.text]


def _matches(view: CountyView) -> Iterator[list[Cell]]:
    titles = {name: title_of(view, name) for name in {m.reconciliation for m in view.run.matches}}
    for m in view.run.matches:
        state = view.t(f"column.{m.state}")
        yield [titles[m.reconciliation], view.name(m.org_code), m.org_code, *sides_of(view, m), state, how_name(view, m.how), m.difference]


def _month(view: CountyView, s: BankReconciliation) -> list[Cell]:
    return [
        view.name(s.org_code), s.account_no, s.ends_on, s.bank_balance, s.book_in, s.book_out, s.adjusted_bank, s.book_balance, s.bank_in,
        s.bank_out, s.adjusted_book, s.brought_forward, s.difference, len(s.items),
    ]  # fmt: skip


def _items(view: CountyView, s: BankReconciliation) -> Iterator[list[Cell]]:
    for i in s.items:
        side = view.t(f"bank.side.{i.side}")
        yield [view.name(s.org_code), s.account_no, s.ends_on, side, i.on, i.name, i.text, i.amount, i.days, i.cleared_on, i.nearest]


def _three_lists(view: CountyView, issues: Sequence[Issue]) -> list[ExcelList]:
    problems = [_problem(view, r) for r in problem_list(issues, view.catalog.rules)]
    owners = [_owner(view, r) for r in responsibility_list(issues, view.catalog.rules, view.run.organisations)]
    deadlines = [_deadline(view, r) for r in deadline_list(issues)]
    kinds = (("problems", _PROBLEMS, problems), ("owners", _OWNERS, owners), ("deadlines", _DEADLINES, deadlines))
    return [_list(view, name, columns, rows, "register.db", "issues") for name, columns, rows in kinds]


def _title(view: CountyView, row: ProblemRow | ResponsibilityRow | DeadlineRow) -> str:
    return row.title if view.language == "zh" else row.title_en or row.title


def _problem(view: CountyView, r: ProblemRow) -> list[Cell]:
    is_zh = view.language == "zh"
    return [
        r.no, r.issue_id, r.org_name or r.org_code, view.family_name(r.family) if r.family else "",
        f"{r.rule} {r.type_zh if is_zh else r.type_en}",
        _title(view, r), r.amount, view.term(f"severity.{r.severity}", r.severity), issue_state(view, r), r.raised_on,
        view.t("list").join(r.records), r.basis, r.evidence_zh if is_zh else r.evidence_en, r.org_code,
    ]  # fmt: skip


def _answerable(value: Answerable) -> str:
    return " ".join(part for part in (value.unit, value.person) if part)


def _owner(view: CountyView, r: ResponsibilityRow) -> list[Cell]:
    lines = (_answerable(line) for line in (r.industry, r.territory, r.village))
    name = r.org_name or r.org_code
    return [r.no, r.issue_id, name, _title(view, r), owner_name(view, r.lead), *lines, r.assigned_to, issue_state(view, r)]


def _deadline(view: CountyView, r: DeadlineRow) -> list[Cell]:
    colour = r.colour_zh if view.language == "zh" else r.colour_en
    return [
        r.no, r.issue_id, r.org_name or r.org_code, _title(view, r), r.deadline, r.days_left, colour, issue_state(view, r),
        r.raised_on,
        r.accepted_on, r.assigned_on, r.extensions, r.reported_on, r.verified_on, r.closed_on,
    ]  # fmt: skip


def _scores(view: CountyView, state: RegisterState) -> ExcelList:
    """Score cards with a column of points for each measure of the county's formula."""
    measures = [Column(say(f"scores.measure.{m.measure}", view.language), "number") for m in state.formula.measures]
    rows: list[list[Cell]] = []
    for card in score_cards(view, state):
        grade = (card.grade.zh if view.language == "zh" else card.grade.en) if card.grade else ""
        level = view.term(f"level.{view.organisations[card.org_code].level}")
        hours = card.inputs.first_response_hours
        rows.append([card.name, card.org_code, level, card.score, grade, *(p.points for p in card.parts), hours, card.inputs.waiting])
    before = [("org_name", "text"), ("org_code", "text"), ("level", "text"), ("score", "number"), ("grade", "text")]
    named = _list(view, "scores", [*before, ("first_response", "number"), ("waiting", "whole")], (), "scores.html")
    return ExcelList(named.name, (*named.columns[: len(before)], *measures, *named.columns[len(before) :]), rows, named.where)
