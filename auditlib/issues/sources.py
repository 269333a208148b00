"""一个口子进: matters that no run found (complaints, hotline, inspections, other audits, requests for help), from lists.

A matter is known by its source and the number that the source gave it. A row that cannot be taken is refused with its
place and reason; the others are not held up by it.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..catalog.load import load_catalog, read_yaml
from ..catalog.places import expectations
from ..catalog.specs import Catalog
from ..intake.owner import Resolver
from ..intake.values import squeeze
from ..words.errors import CatalogError, RegisterError
from ..words.messages import say
from ..words.records import Organisation
from .acts import Matter
from .events import Event, Kind, time_text
from .forms import Form, FormColumn, FormRow, form_columns, read_form
from .issue import Issue
from .policy import SEVERITIES, Clock, county_policy
from .refusal import StepRefused
from .signing import Signer
from .sweep import amount_text
from .tree import LINES, Duty

if TYPE_CHECKING:
    from .register import Register

REQUEST = "request"


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A way in: its words, who leads until somebody assigns it, and how grave a matter is unless the list says so."""

    source: str
    zh: str
    en: str
    line: str
    severity: str


@dataclass(frozen=True, slots=True)
class Received:
    """One matter of a list: what it is, when its source received it, and where it stands in the list."""

    matter: Matter
    received_at: dt.datetime
    file: str
    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken; `text` in the reader's language comes from `told`."""

    file: str
    sheet: str
    row: int
    column: str
    code: str  # key of the message catalogue: 'forms.…'
    values: Mapping[str, str]

    def told(self, language: str) -> str:
        place = say("forms.place", language, file=self.file, sheet=self.sheet, row=self.row, column=self.column)
        values = dict(self.values)
        if "field" in values:
            values["field"] = say(f"forms.field.{values['field']}", language)
        return say("forms.refused", language, place=place.strip(), reason=say(f"forms.{self.code}", language, **values))


@dataclass(frozen=True, slots=True)
class Intake:
    """What a list holds: every row is a matter, known already, or refused."""

    new: tuple[Received, ...]
    known: tuple[Received, ...]  # the register has them, or they stand twice in the list
    differing: tuple[tuple[Received, str], ...]  # known, but told otherwise now: (as told now, id of the issue); nothing is changed
    refused: tuple[Refusal, ...]
    sheets_without_head: tuple[str, ...]
    columns_left: tuple[str, ...]


@cache
def _policy(path: Path) -> tuple[Mapping[str, SourceKind], tuple[FormColumn, ...]]:
    raw = read_yaml(path)
    if not isinstance(raw, dict) or set(raw) != {"sources", "columns"}:
        raise CatalogError(f"{path}: needs exactly the keys sources, columns")
    kinds = {}
    for name, entry in raw["sources"].items():
        if not isinstance(entry, dict) or set(entry) != {"zh", "en", "line", "severity"} or entry["line"] not in LINES:
            raise CatalogError(f"{path}: sources.{name} = {entry!r}: needs zh, en, severity and line; lines: {', '.join(LINES)}")
        if entry["severity"] not in SEVERITIES:
            raise CatalogError(f"{path}: sources.{name}.severity = {entry['severity']!r}: candidates: {', '.join(SEVERITIES)}")
        kinds[name] = SourceKind(name, str(entry["zh"]), str(entry["en"]), entry["line"], entry["severity"])
    columns = form_columns(raw["columns"], path)
    for word in {word for c in columns if c.field == "source" for word in c.words.values()} - set(kinds):
        raise CatalogError(f"{path}: columns.source.words: {word!r} is no source; candidates: {', '.join(kinds)}")
    return MappingProxyType(kinds), columns


def source_kinds(path: Path | None = None) -> Mapping[str, SourceKind]:
    """The ways in, by name. Raises CatalogError."""
    return _policy(path or expectations() / "issues" / "sources.yaml")[0]


def source_kind(source: str) -> SourceKind:
    """The way in of this name. Raises RegisterError with the candidates for an unknown one."""
    kinds = source_kinds()
    if source not in kinds:
        raise RegisterError.of("issues.sources.unknown", source=source, candidates=", ".join(kinds))
    return kinds[source]


def read_matters(
    path: Path, *, source: str, organisations: Sequence[Organisation], issues: Iterable[Issue], clock: Clock, at: dt.datetime
) -> Intake:
    """The matters of the list at `path`; `issues` are those that the register holds already.

    `source` counts for rows that name none themselves ('' : each row must); `at` for those without a time, and nothing
    may have been received after it. Raises UnreadableFile, RegisterError for an unknown source or a file without a list.
    """
    kinds, columns = _policy(expectations() / "issues" / "sources.yaml")
    if source:
        source_kind(source)
    form = read_form(path, columns, clock.zone)
    _refuse_no_list(path, form, columns)
    resolver = Resolver(organisations, load_catalog().words["organisation_names"])
    read = [_matter(row, source, kinds, resolver, at) for row in form.rows]
    refused = tuple(r for r in read if isinstance(r, Refusal))
    return _sorted_out([m for m in read if isinstance(m, Received)], refused, issues, form)


def _refuse_no_list(path: Path, form: Form, columns: Sequence[FormColumn]) -> None:
    if form.rows or not form.sheets_without_head:
        return
    needed = "; ".join(" / ".join(c.headers[:4]) for c in columns if c.is_needed)
    raise RegisterError.of("forms.no_list", file=path.name, sheets=", ".join(form.sheets_without_head), needed=needed)


def _matter(
    row: FormRow, source: str, kinds: Mapping[str, SourceKind], resolver: Resolver, at: dt.datetime
) -> Received | Refusal:
    if row.problems:
        first = row.problems[0]
        return refusal(row, first.column, first.code, field=first.field, value=first.raw)
    told = row.values
    named = told.get("source") or source
    if not named:
        return refusal(row, "", "no_source", candidates=", ".join(kinds))
    code = resolver.resolve(told["org"]) or resolver.mentioned(told["org"])
    if code is None:
        return refusal(row, "", "unknown_org", value=told["org"], candidates=near_names(told["org"], resolver.organisations.values()))
    received_at = told.get("received_at", at)
    if received_at > at:
        return refusal(row, "", "ahead", value=received_at.strftime("%Y-%m-%d %H:%M"))
    kind, amount = kinds[named], told.get("amount")
    more = {"received_at": time_text(received_at), "asked_by": told.get("asked_by", ""), "file": row.file, "row": str(row.row)}
    matter = Matter(
        title=told["title"], org_code=code, severity=told.get("severity", kind.severity), source=named,
        source_no=squeeze(told["number"]), org_name=resolver.organisations[code].name, amount=amount_text(amount),
        basis=told.get("basis", ""), line=kind.line, records=(told["number"],), more=tuple((k, v) for k, v in more.items() if v),
    )  # fmt: skip
    return Received(matter, received_at, row.file, row.sheet, row.row)


def refusal(row: FormRow, column: str, code: str, **values: str) -> Refusal:
    return Refusal(row.file, row.sheet, row.row, column, code, MappingProxyType(values))


def near_names(text: str, organisations: Iterable[Organisation]) -> str:
    """Up to five organisations whose name or code is near `text`; the first ones where none is."""
    known = [f"{o.name} {o.org_code}" for o in organisations]
    return "、".join(difflib.get_close_matches(text, known, n=5, cutoff=0.2) or known[:5]) or say("issues.none")


def _sorted_out(read: Sequence[Received], refused: tuple[Refusal, ...], issues: Iterable[Issue], form: Form) -> Intake:
    held = {(issue.source, issue.source_no): (issue.issue_id, *_told_by(issue)) for issue in issues if issue.source_no}
    new: list[Received] = []
    known, differing = [], []
    for one in read:
        key, told = (one.matter.source, one.matter.source_no), (one.matter.org_code, one.matter.title, one.matter.amount)
        if key not in held:
            held[key] = ("", *told)
            new.append(one)
            continue
        known.append(one)
        if held[key][1:] != told:
            differing.append((one, held[key][0]))
    return Intake(tuple(new), tuple(known), tuple(differing), refused, form.sheets_without_head, form.columns_left)


def _told_by(issue: Issue) -> tuple[str, str, str | None]:
    return issue.org_code, issue.title, amount_text(issue.findings[0].amount)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list: ids of the issues made, and rows that the register refused."""

    raised: tuple[str, ...]
    refused: tuple[Refusal, ...]


def take_in(register: Register, intake: Intake, *, by: str, at: dt.datetime, signer: Signer | None = None) -> Taken:
    """Makes an issue of each new matter, each in a transaction of its own: a row that is refused stops no other."""
    raised, refused = [], list(intake.refused)
    for one in intake.new:
        try:
            issue_id, event = register.raise_matter(one.matter, by=by, at=at, signer=signer)
        except StepRefused as error:
            refused.append(Refusal(one.file, one.sheet, one.row, "", "register", MappingProxyType({"reason": str(error)})))
            continue
        raised += [issue_id] if event is not None else []
    return Taken(tuple(raised), tuple(refused))


# Who answers, from a list


@dataclass(frozen=True, slots=True)
class DutyList:
    """The duties of a list, and the rows that were refused."""

    duties: tuple[Duty, ...]
    refused: tuple[Refusal, ...]


def _duty_columns(catalog: Catalog) -> tuple[FormColumn, ...]:
    """The columns of 责任人名单; headings and words of a county's packs stand beside those that are shipped."""
    shipped = read_yaml(expectations() / "issues" / "duties.yaml")["columns"]
    raw, where = county_policy(catalog, "duties")
    columns = {name: {**entry, "headers": _joined(shipped, name, "headers", entry)} for name, entry in raw["columns"].items()}
    for name, entry in columns.items():
        if "words" in entry:
            known = shipped.get(name, {}).get("words", {})
            entry["words"] = {word: list(dict.fromkeys((*known.get(word, ()), *told))) for word, told in entry["words"].items()}
    return form_columns(columns, where)


def _joined(shipped: Mapping[str, Any], name: str, part: str, entry: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys((*shipped.get(name, {}).get(part, ()), *entry.get(part, ()))))


def read_duties(path: Path, organisations: Sequence[Organisation], clock: Clock, catalog: Catalog | None = None) -> DutyList:
    """责任人名单 at `path`, by the county's `catalog`.

    Raises UnreadableFile, RegisterError for a file without such a list, CatalogError.
    """
    columns = _duty_columns(catalog or load_catalog())
    form = read_form(path, columns, clock.zone)
    _refuse_no_list(path, form, columns)
    resolver = Resolver(organisations, load_catalog().words["organisation_names"])
    duties, refused = [], []
    for row in form.rows:
        code = None if row.problems else resolver.resolve(row.values["org"])
        if row.problems:
            first = row.problems[0]
            refused.append(refusal(row, first.column, first.code, field=first.field, value=first.raw))
        elif code is None:
            near = near_names(row.values["org"], organisations)
            refused.append(refusal(row, "", "unknown_org", value=row.values["org"], candidates=near))
        else:
            told = row.values
            duties.append(Duty(code, told["line"], told["person"], told.get("unit", ""), told.get("role", "lead") == "lead"))
    return DutyList(tuple(duties), tuple(refused))


# 点单—接单—买单


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """A village's request for help: who asked, who took it, what it cost, when it was done."""

    issue_id: str
    number: str
    org_code: str
    org_name: str
    title: str
    asked_by: str
    asked_on: dt.date
    taker: str  # '' while nobody has taken it
    cost: Decimal  # 元, paid so far
    done_on: dt.date | None

    @property
    def is_waiting(self) -> bool:
        return not self.taker and self.done_on is None


def help_requests(issues: Iterable[Issue], events: Iterable[Event]) -> tuple[HelpRequest, ...]:
    """Every request of `issues`, the waiting ones first; costs and who asked as `events` tell."""
    mine = {issue.issue_id: issue for issue in issues if issue.source == REQUEST}
    asked: dict[str, str] = {}
    costs: dict[str, Decimal] = {}
    for event in (e for e in events if e.issue_id in mine):
        if event.kind is Kind.RAISED:
            asked[event.issue_id] = event.payload.get("told", {}).get("asked_by", "") or event.actor
        if event.payload.get("cost"):
            costs[event.issue_id] = costs.get(event.issue_id, Decimal(0)) + Decimal(event.payload["cost"])
    found = (
        HelpRequest(
            i.issue_id, i.source_no, i.org_code, i.org_name, i.title, asked.get(i.issue_id, ""), i.raised_on, i.assigned_to,
            costs.get(i.issue_id, Decimal(0)), i.closed_on,
        )
        for i in mine.values()
    )  # fmt: skip
    return tuple(sorted(found, key=lambda r: (not r.is_waiting, r.asked_on, r.issue_id)))
