"""`auditlib issues list` and `show`: what the register holds.

`list` ends with status 1 when it shows open issues, with 0 when all that it shows is done; `show` with 0; both with 2
on a wrong call.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from ...issues.closing import lacks
from ...issues.county import CountyRules
from ...issues.events import Event
from ...issues.issue import Issue
from ...issues.lists import Answerable, deadline_list, problem_list, responsibility_list
from ...issues.overview import Line, by_organisation, by_pressure
from ...issues.papers import Paper
from ...issues.refusal import Reason
from ...issues.standing import gone_told, state_told
from ...issues.telling import said
from ...words.messages import say
from ...words.records import Organisation
from ..console import aligned
from .call import (
    AsOfOption,
    JsonOption,
    LangOption,
    Language,
    OutOption,
    PlaceArgument,
    RegisterOption,
    catalog_of,
    chosen,
    day_of,
    event_json,
    issue_json,
    issues_app,
    json_text,
    one_of,
    opened_register,
    papers_json,
    papers_told,
    told,
)
from .clearance import clearance_text, what_remains


class Which(StrEnum):
    """The three lists."""

    problem = "problem"
    responsibility = "responsibility"
    deadline = "deadline"
    all = "all"


@issues_app.command("list")
@told
def list_issues(
    place: PlaceArgument = None,
    register: RegisterOption = None,
    out: OutOption = None,
    which: Annotated[Which | None, typer.Option("--list", help="三张清单。Which of the three lists.")] = None,
    org: Annotated[str | None, typer.Option("--org", help="单位代码，含下级。Organisation code, with those under it.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="状态，如 raised、closed。State.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=0, help="最多列多少件，0 为全部；默认 1000，JSON 默认全部。At most so many; 0 for all.")
    ] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """列出问题；有未销号的退出码为 1。List the issues; exit status 1 when open ones are among them."""
    day = day_of(as_of, lang)
    with opened_register(register, place, out) as opened:
        organisations, every = opened.organisations(), opened.overview(day)
        remains = what_remains(opened, every, organisations, org, catalog_of(place), (out, place), day, lang)
        lines = chosen(every, organisations, org, state, lang)
        asked = _Asked(which, lines, (0 if as_json else _LISTED_AT_ONCE) if limit is None else limit, opened.rules)
        issues = opened.these([line.issue_id for line in asked.some(by_organisation)], day)
        pressing = issues if asked.is_whole else opened.these([line.issue_id for line in asked.some(by_pressure)], day)
    if as_json:
        cut = {} if asked.is_whole else {"total": len(lines)}
        listed = {"issues": [issue_json(issue, lang) for issue in issues], **_lists_json(asked, issues, pressing, organisations)}
        typer.echo(json_text({**listed, **cut, "is_clear": not remains, "not_clear": list(remains)}))
    else:
        typer.echo("\n".join((_text(asked, issues, pressing, organisations, day, lang), clearance_text(remains, lang))))
    raise typer.Exit(1 if any(line.is_open for line in lines) else 0)


_LISTED_AT_ONCE = 1000  # more than anybody reads in a terminal


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """Which list of which issues, and how many of them at most (0: all)."""

    which: Which | None
    lines: Sequence[Line]
    limit: int
    rules: CountyRules

    def is_asked(self, name: str) -> bool:
        """Whether this one of the three lists is to be shown."""
        return self.which in (Which.all, Which(name))

    @property
    def is_whole(self) -> bool:
        return not self.limit or len(self.lines) <= self.limit

    def some(self, order: Callable[[Sequence[Line]], list[Line]]) -> list[Line]:
        """The first ones in this order, as many as are shown."""
        ordered = order(self.lines)
        return ordered if self.is_whole else ordered[: self.limit]


@issues_app.command("show")
@told
def show_issue(
    issue_id: Annotated[str, typer.Argument(metavar="ID", help="问题编号（或唯一的前几位）。Issue id, or a unique beginning of it.")],
    place: PlaceArgument = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """查看一件问题及其经过。Show one issue and all that happened to it."""
    day = day_of(as_of, lang)
    with opened_register(register, place, out) as opened:
        issue = one_of(opened.issues(day), issue_id, lang)
        events, rules, papers = opened.events(issue.issue_id), opened.rules, opened.also_shown(issue)
    missing = _lacking(issue, rules)
    if as_json:
        more = {"lacks": [reason.told(lang) for reason in missing], "also_shown": papers_json(papers, lang)}
        typer.echo(json_text({"issues": [{**issue_json(issue, lang), **more, "events": [event_json(event) for event in events]}]}))
    else:
        shown = (_card(issue, lang), *_gone(issue, lang), *_closing(missing, papers, lang), "", _time_line(events, rules, lang))
        typer.echo("\n".join(shown))


def _rows(
    asked: _Asked, issues: Sequence[Issue], pressing: Sequence[Issue], organisations: Sequence[Organisation]
) -> dict[str, Sequence[Any]]:
    """The rows of the lists asked for, by the list's name; `pressing` are those that the list of deadlines shows."""
    makers: dict[str, Callable[[], Sequence[Any]]] = {
        "problem": lambda: problem_list(issues, asked.rules.cards),
        "responsibility": lambda: responsibility_list(issues, asked.rules.cards, organisations),
        "deadline": lambda: deadline_list(pressing),
    }
    return {name: make() for name, make in makers.items() if asked.is_asked(name)}


def _lists_json(
    asked: _Asked, issues: Sequence[Issue], pressing: Sequence[Issue], organisations: Sequence[Organisation]
) -> dict[str, Any]:
    return {name: [dataclasses.asdict(row) for row in rows] for name, rows in _rows(asked, issues, pressing, organisations).items()}


# Text


def _text(
    asked: _Asked, issues: Sequence[Issue], pressing: Sequence[Issue], organisations: Sequence[Organisation], day: dt.date, lang: Language
) -> str:
    which, total = asked.which, len(asked.lines)

    def title(name: str) -> str:
        return say(f"issues.list.{name}", lang, count=total, as_of=day.isoformat())

    if which is None:
        parts = [_table(title("issues"), _ISSUE_COLUMNS, issues, lang)]
    else:
        listed = _rows(asked, issues, pressing, organisations)
        parts = [_table(title(name), _COLUMNS[name], rows, lang) for name, rows in listed.items()]
    if not asked.is_whole:
        parts.append(say("issues.list.cut", lang, shown=len(issues), count=total))
    if any(line.is_proposed and line.is_open for line in asked.lines) and which in (None, Which.deadline, Which.all):
        parts.append(say("issues.list.proposed", lang))
    still_open = sum(line.is_open for line in asked.lines)
    parts.append(say("issues.list.summary", lang, open=still_open, ended=total - still_open))
    return "\n\n".join(parts)


def _table(title: str, columns: Mapping[str, Callable[[Any, str], str]], rows: Sequence[Any], lang: Language) -> str:
    if not rows:
        return f"{title}\n{say('issues.none', lang)}"
    head = [say(f"issues.column.{column}", lang) for column in columns]
    return "\n".join((title, *aligned([head, *([cell(row, lang) for cell in columns.values()] for row in rows)])))


def _amount(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _date(value: dt.date | None) -> str:
    return "" if value is None else value.isoformat()


def _line(line: str, lang: str) -> str:
    known = ("行业监管", "属地管理", "村级自治")
    return say(f"issues.line.{line}", lang) if line in known else line


def _answerable(value: Answerable) -> str:
    return " ".join(part for part in (value.unit, value.person) if part) or "-"


def _due(deadline: dt.date, is_proposed: bool) -> str:
    return f"{deadline.isoformat()}{'*' if is_proposed else ''}"


def _title(row: Any, lang: str) -> str:
    title: str = row.title if lang == "zh" else row.title_en or row.title
    return title


def _state(row: Any, lang: str) -> str:
    return state_told(say(f"issues.state.{row.state}", lang), row.gone, lang)


_ISSUE_COLUMNS: Mapping[str, Callable[[Any, str], str]] = {
    "issue_id": lambda i, lang: i.issue_id,
    "org": lambda i, lang: i.org_name or i.org_code,
    "rule": lambda i, lang: i.rule,
    "severity": lambda i, lang: say(f"issues.colour.{i.severity}", lang),
    "state": _state,
    "owner": lambda i, lang: _line(i.owner, lang),
    "deadline": lambda i, lang: _due(i.deadline, i.set_deadline is None),
    "colour": lambda i, lang: i.colour_zh if lang == "zh" else i.colour_en,
    "amount": lambda i, lang: _amount(i.amount),
    "title": _title,
}
_COLUMNS: Mapping[str, Mapping[str, Callable[[Any, str], str]]] = {
    "problem": {
        "no": lambda r, lang: str(r.no),
        "issue_id": lambda r, lang: r.issue_id,
        "org": lambda r, lang: r.org_name or r.org_code,
        "family": lambda r, lang: say(f"family.{r.family}", lang) if r.family else "",
        "type": lambda r, lang: f"{r.rule} {r.type_zh if lang == 'zh' else r.type_en}" if r.family else r.rule,
        "severity": lambda r, lang: say(f"issues.colour.{r.severity}", lang),
        "raised_on": lambda r, lang: _date(r.raised_on),
        "state": _state,
        "amount": lambda r, lang: _amount(r.amount),
        "title": _title,
        "basis": lambda r, lang: r.basis,
        "evidence": lambda r, lang: r.evidence_zh if lang == "zh" else r.evidence_en,
    },
    "responsibility": {
        "no": lambda r, lang: str(r.no),
        "issue_id": lambda r, lang: r.issue_id,
        "org": lambda r, lang: r.org_name or r.org_code,
        "lead": lambda r, lang: _line(r.lead, lang),
        "industry": lambda r, lang: _answerable(r.industry),
        "territory": lambda r, lang: _answerable(r.territory),
        "village": lambda r, lang: _answerable(r.village),
        "assigned_to": lambda r, lang: r.assigned_to,
        "state": _state,
        "title": _title,
    },
    "deadline": {
        "no": lambda r, lang: str(r.no),
        "issue_id": lambda r, lang: r.issue_id,
        "org": lambda r, lang: r.org_name or r.org_code,
        "raised_on": lambda r, lang: _date(r.raised_on),
        "assigned_on": lambda r, lang: _date(r.assigned_on),
        "deadline": lambda r, lang: _due(r.deadline, r.is_proposed),
        "extensions": lambda r, lang: str(r.extensions),
        "days_left": lambda r, lang: str(r.days_left),
        "colour": lambda r, lang: r.colour_zh if lang == "zh" else r.colour_en,
        "verified_on": lambda r, lang: _date(r.verified_on),
        "closed_on": lambda r, lang: _date(r.closed_on),
        "state": _state,
        "title": _title,
    },
}


def _card(issue: Issue, lang: Language) -> str:
    cells = {name: cell(issue, lang) for name, cell in _ISSUE_COLUMNS.items()}
    cells |= {"finding_ids": ", ".join(issue.finding_ids), "org_code": issue.org_code, "records": ";".join(issue.records)}
    cells |= {"basis": issue.basis, "raised_on": _date(issue.raised_on), "days_left": str(issue.days_left)}
    return "\n".join(aligned([say(f"issues.column.{name}", lang), value] for name, value in cells.items()))


def _gone(issue: Issue, lang: Language) -> list[str]:
    """Which records are no longer in the ledgers, where that is so."""
    return ["", say("issues.gone.note", lang, records=gone_told(issue.gone, lang))] if issue.gone else []


def _time_line(events: Sequence[Event], rules: CountyRules, lang: Language) -> str:
    head = [say(f"issues.column.{name}", lang) for name in ("no", "at", "kind", "actor", "hash", "said")]
    told = [
        [str(e.seq), e.at.astimezone(rules.clock.zone).strftime("%Y-%m-%d %H:%M"), say(f"issues.kind.{e.kind}", lang), e.actor,
         e.hash[:16], said(e, lang)]
        for e in events
    ]  # fmt: skip
    return "\n".join((say("issues.list.events", lang), *aligned([head, *told])))


def _lacking(issue: Issue, rules: CountyRules) -> tuple[Reason, ...]:
    """What closing still needs, for an issue that somebody has taken up."""
    return lacks(issue, rules.closing, rules.cards) if issue.is_open and issue.first_response_at is not None else ()


def _closing(missing: Sequence[Reason], papers: Sequence[Paper], lang: Language) -> list[str]:
    """What closing still needs, and which papers were shown elsewhere too."""
    needed = ["", say("issues.show.lacks", lang), *(f"- {reason.told(lang)}" for reason in missing)] if missing else []
    shown = papers_told(papers, lang)
    return [*needed, *(["", *shown] if shown else [])]
