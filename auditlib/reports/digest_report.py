"""The digest of one day, week or month: one report instead of a dozen, all of it from the register (M12).

What moved beside the period before, how it stands by colour, township and level of responsibility, what was done to which matter,
and what is late or due. Everything is as it was at the end of the period: later events do not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..issues.digest import Digest, Period, digest
from ..issues.events import Event, Kind
from ..issues.issue import Issue, State, fold_all
from ..issues.lists import beneath
from ..issues.register import Register
from ..issues.scores import county_formula
from ..issues.tree import LINES
from ..words.messages import say
from .blocks import cut, empty, heads, owner_name
from .description import Page, Section
from .digest_page import MOVED, figure_of, pressing, span, stands
from .figures import grouped
from .markup import Safe, join, paragraph, table, tag
from .masking import mask
from .output import write_output
from .register_state import RegisterState
from .render import render
from .results import Results
from .view import CountyView, view_of

FOLDER = "digests"
TOLD = (Kind.RAISED, Kind.CLOSED, Kind.RETURNED, Kind.REOPENED, Kind.DECLINED)


@dataclass(frozen=True, slots=True)
class DigestReport:
    """One period and the one before it, with the register as it was at its end."""

    period: Period
    now: Digest
    before: Digest
    ends_on: dt.date  # of the calendar; `now` ends earlier where the register goes no further
    events: tuple[Event, ...]  # of the period, of the matters told
    issues: tuple[Issue, ...]  # as they stood at the end of `now`
    register: Register
    codes: Collection[str] | None


def digest_report(
    register: Register, period: Period, *, on: dt.date | None, as_of: dt.date, codes: Collection[str] | None = None
) -> DigestReport:
    """The report of the `period` that holds `on` (None: the last day that the register or the audit knows).

    `codes` keeps the matters of these organisations. Raises RegisterError.
    """
    clock, events = register.clock, register.events()
    known = max([as_of, *(clock.day_of(event.at) for event in events[-1:])])
    start, ends_on = period.around(on or known)
    end = max(min(ends_on, known), start)
    earlier = period.around(start - dt.timedelta(days=1))
    every = fold_all((e for e in events if e.at <= clock.end_of(end)), clock=clock, as_of=end)
    issues = tuple(i for i in every if codes is None or i.org_code in codes)
    mine = {issue.issue_id for issue in issues}
    told = tuple(e for e in events if e.issue_id in mine and e.kind in TOLD and start <= clock.day_of(e.at) <= end)
    now = digest(events, clock=clock, start=start, end=end, codes=codes)
    before = digest(events, clock=clock, start=earlier[0], end=earlier[1], codes=codes)
    return DigestReport(period, now, before, ends_on, told, issues, register, codes)


def write_digest(results: Results, told: DigestReport, language: str) -> Path:
    """Writes the report to digests/<period>-<first day>.html of the output folder. Raises OutputError."""
    state = RegisterState(
        told.register.head(), told.now.end, told.issues, told.events, told.register.clock, county_formula(results.catalog)
    )
    view = view_of(results.run, results.catalog, told.issues, language, state)
    name = f"{told.period}-{told.now.start.isoformat()}"
    return write_output(results.out, f"{FOLDER}/{name}.html", render(report_page(view, told, state)))


def report_page(view: CountyView, told: DigestReport, state: RegisterState) -> Page:
    """The report as a page. Masked."""
    bodies = {
        "moved": (_t(view, "section.moved"), _moved(view, told)),
        "stands": (view.t("section.digest_stands"), stands(view, state, told.now)),
        "places": (view.t("section.digest_places"), _places(view, told)),
        "answers": (_t(view, "section.answers"), _answers(view, told)),
        "events": (_t(view, "section.events"), _events(view, told)),
        "pressing": (view.t("section.digest_pressing"), pressing(view, state)),
    }
    return Page(
        title=_t(view, f"title.{told.period}", county=view.run.county),
        subtitle=span(told.now),
        kind="sheet",
        language=view.language,
        fields=((view.t("cover.day"), told.now.end.isoformat()),),
        trail=(("../index.html", view.run.county), ("", span(told.now))),
        sections=tuple(Section(name, title, body) for name, (title, body) in bodies.items()),
        footer=view.t("footer.digest", day=told.now.end.isoformat()),
    )


def _t(view: CountyView, key: str, **values: object) -> str:
    return say(f"digest.report.{key}", view.language, **values)


def _moved(view: CountyView, told: DigestReport) -> Safe:
    both = (told.before, told.now)
    columns = [(view.t("column.moved"), "head")]
    columns += [
        (join((_t(view, f"column.{n}"), tag("small", span(d)))), "num") for n, d in zip(("before", "now"), both, strict=True)
    ]  # fmt: skip
    rows = [[say(f"digest.{name}", view.language), *(figure_of(d, name) for d in both)] for name in MOVED]
    shown = table(_t(view, "section.moved"), columns, rows)
    if told.now.end < told.ends_on:
        values = {"end": told.ends_on.isoformat(), "day": told.now.end.isoformat()}
        return join((shown, paragraph(_t(view, "not_over", **values), "note")))
    return shown


def _counted(told: DigestReport, issues: Sequence[Issue]) -> list[str]:
    """New, closed in the period; open, overdue at its end."""
    ended = {e.issue_id for e in told.events if e.kind is Kind.CLOSED}
    kept = [i for i in issues if i.state is not State.JOINED]
    still = [i for i in kept if i.is_open]
    new = sum(told.now.start <= i.raised_on <= told.now.end for i in kept)
    closed = sum(i.state is State.CLOSED and i.issue_id in ended for i in kept)
    counts = (new, closed, len(still), sum(i.days_left < 0 for i in still))
    return [grouped(n) for n in counts]


def _places(view: CountyView, told: DigestReport) -> Safe:
    places = sorted((o for o in view.organisations.values() if o.level == "township"), key=lambda o: o.org_code)
    codes = {place.org_code: beneath(place.org_code, view.organisations.values()) for place in places}
    rows = [[view.name(code), *_counted(told, [i for i in told.issues if i.org_code in mine])] for code, mine in codes.items()]
    outside = [i for i in told.issues if not any(i.org_code in mine for mine in codes.values())]
    if outside:
        rows.append([view.t("no_organisation"), *_counted(told, outside)])
    if not rows:
        return empty(view, "townships.none")
    return table(view.t("section.digest_places"), _heads(view, view.t("column.township")), rows)


def _heads(view: CountyView, first: str) -> list[tuple[str, str]]:
    names = [say(f"digest.{name}", view.language) for name in ("new", "closed", "open", "overdue")]
    return [(first, "head"), *((name, "num") for name in names)]


def _answers(view: CountyView, told: DigestReport) -> Safe:
    """The three levels of responsibility; every matter is led by exactly one."""
    rows = [[owner_name(view, line), *_counted(told, [i for i in told.issues if i.line == line])] for line in LINES]
    other = [i for i in told.issues if i.line not in LINES]
    if other:
        rows.append([view.t("lists.no_owner"), *_counted(told, other)])
    return table(_t(view, "section.answers"), _heads(view, _t(view, "column.line")), rows)


def _events(view: CountyView, told: DigestReport) -> Safe:
    """Every step of the period that began or ended a matter, in its order."""
    if not told.events:
        return paragraph(_t(view, "nothing"), "empty")
    by_id = {issue.issue_id: issue for issue in told.issues}
    rows = [_event(view, told, event, by_id[event.issue_id]) for event in told.events]
    kept, note = cut(view, rows, view.t("digest.command"))
    columns = [(_t(view, "column.on"), "nowrap"), (_t(view, "column.what"), "nowrap")]
    columns += heads(view, ("issue", "head"), ("organisation", ""), ("title", "wide"), ("owner", ""))
    return join((table(_t(view, "section.events"), columns, kept, "dense"), note))


def _event(view: CountyView, told: DigestReport, event: Event, issue: Issue) -> list[object]:
    day = told.register.clock.day_of(event.at).isoformat()
    texts = (issue.org_name or issue.org_code, issue.title_in(view.language), owner_name(view, issue.owner))
    return [day, _t(view, f"kind.{event.kind}"), issue.issue_id, *(mask(text, view.organisations) for text in texts)]
