"""`auditlib issues`: what the register holds.

`list` ends with status 1 when it shows open issues, with 0 when all that it shows is done; `show` with 0; both with 2
on a wrong call.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import functools
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ..issues.events import Event, time_text
from ..issues.issue import Issue, State
from ..issues.lists import Answerable, deadline_list, issues_of, problem_list, responsibility_list
from ..issues.places import locate_register
from ..issues.register import Register
from ..issues.sweep import amount_text
from ..words.errors import AuditlibError, RegisterError
from ..words.messages import say
from ..words.records import Organisation

issues_app = typer.Typer(
    help="问题台账：列出和查看问题。The issue register: list and show issues.", no_args_is_help=True, rich_markup_mode=None
)


class Language(StrEnum):
    zh = "zh"
    en = "en"


class Which(StrEnum):
    """The three lists."""

    problem = "problem"
    responsibility = "responsibility"
    deadline = "deadline"
    all = "all"


PlaceArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[WORKSPACE|DIR]", help="县工作区或输出文件夹。The county folder, or the output folder of an audit."),
]
RegisterOption = Annotated[
    str | None, typer.Option("--register", help="台账文件或数据库地址。The register: a file or an SQLAlchemy URL.")
]
OutOption = Annotated[Path | None, typer.Option("--out", help="审计输出文件夹。The output folder of an audit.")]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="按哪一天计算时限和颜色，默认今天。The day of clock and colours, default today.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON。One JSON document.")]
LangOption = Annotated[Language, typer.Option("--lang", help="语言。Language.")]


def _told(command: Callable[..., None]) -> Callable[..., None]:
    """What a person can put right ends a command with status 2 and its message on standard error."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except AuditlibError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from error

    return run


@issues_app.command("list")
@_told
def list_issues(
    place: PlaceArgument = None,
    register: RegisterOption = None,
    out: OutOption = None,
    which: Annotated[Which | None, typer.Option("--list", help="三张清单。Which of the three lists.")] = None,
    org: Annotated[str | None, typer.Option("--org", help="单位代码，含下级。Organisation code, with those under it.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="状态，如 raised、closed。State.")] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """列出问题；有未销号的退出码为 1。List the issues; exit status 1 when open ones are listed."""
    day = _day(as_of, lang)
    with Register.open_existing(_named(register, place, out)) as opened:
        organisations, every = opened.organisations(), opened.issues(day)
    issues = _chosen(every, organisations, org, state, lang)
    if as_json:
        typer.echo(_json({"issues": [_issue_json(issue, lang) for issue in issues], **_lists_json(which, issues, organisations)}))
    else:
        typer.echo(_text(which, issues, organisations, day, lang))
    raise typer.Exit(1 if any(issue.is_open for issue in issues) else 0)


@issues_app.command("show")
@_told
def show_issue(
    issue_id: Annotated[
        str, typer.Argument(metavar="ID", help="问题编号（或唯一的前几位）。Issue id, or a unique beginning of it.")
    ],
    place: PlaceArgument = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """查看一件问题及其经过。Show one issue and all that happened to it."""
    day = _day(as_of, lang)
    with Register.open_existing(_named(register, place, out)) as opened:
        issue = _one(opened.issues(day), issue_id, lang)
        events = opened.events(issue.issue_id)
    if as_json:
        typer.echo(_json({"issues": [{**_issue_json(issue, lang), "events": [_event_json(event) for event in events]}]}))
    else:
        typer.echo(_card(issue, events, lang))


# Which register, which day, which issues


def _named(register: str | None, place: Path | None, out: Path | None) -> str:
    """The register that the call means: the option, the one in the workspace's audit.toml, else register.db in the folder."""
    if register or place is None or not (place / "audit.toml").is_file():
        return locate_register(register, out=out or place)
    from ..catalog.load import load_catalog
    from ..catalog.settings import load_settings

    settings = load_settings(place, load_catalog(), today=dt.date.today())
    return locate_register(None, settings_register="" if out else settings.register, workspace=place, out=out or place)


def _day(text: str | None, lang: Language) -> dt.date:
    if text is None:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise RegisterError(say("issues.error.bad_date", lang, value=text)) from None


def _chosen(
    every: Sequence[Issue], organisations: Sequence[Organisation], org: str | None, state: str | None, lang: Language
) -> tuple[Issue, ...]:
    """The issues asked for. A code or state that nobody knows is an error: an empty list would read as "all done"."""
    chosen = tuple(every)
    if org is not None:
        known = sorted({o.org_code for o in organisations} | {issue.org_code for issue in every})
        if org not in known:
            raise RegisterError(say("issues.error.unknown_org", lang, org_code=org, candidates=_near(org, known, lang)))
        chosen = issues_of(chosen, org, organisations)
    if state is not None:
        states = [str(s) for s in State]
        if state not in states:
            raise RegisterError(say("issues.error.unknown_state", lang, state=state, candidates=", ".join(states)))
        chosen = tuple(issue for issue in chosen if issue.state == state)
    return chosen


def _one(every: Sequence[Issue], issue_id: str, lang: Language) -> Issue:
    fitting = [issue for issue in every if issue_id in (issue.issue_id, *issue.finding_ids)]
    fitting = fitting or [issue for issue in every if issue_id and issue.issue_id.startswith(issue_id)]
    if len(fitting) == 1:
        return fitting[0]
    known = [issue.issue_id for issue in fitting or every]
    raise RegisterError(say("issues.error.unknown_issue", lang, issue_id=issue_id, candidates=_near(issue_id, known, lang)))


def _near(wanted: str, known: Sequence[str], lang: Language) -> str:
    return ", ".join(difflib.get_close_matches(wanted, known, n=5, cutoff=0.5) or known[:5]) or say("issues.none", lang)


# JSON


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return amount_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return dict(value)


def _issue_json(issue: Issue, lang: Language) -> dict[str, Any]:
    return {
        "issue_id": issue.issue_id, "finding_ids": issue.finding_ids, "rule": issue.rule, "org_code": issue.org_code,
        "org_name": issue.org_name, "title": issue.title_in(lang), "severity": issue.severity, "state": issue.state,
        "owner": issue.owner, "raised_on": issue.raised_on, "deadline": issue.deadline,
        "is_proposed": issue.set_deadline is None, "days_left": issue.days_left, "colour": issue.colour, "amount": issue.amount,
    }  # fmt: skip


def _event_json(event: Event) -> dict[str, Any]:
    values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
    return {**values, "at": time_text(event.at), "payload": dict(event.payload)}


def _rows(which: Which | None, issues: Sequence[Issue], organisations: Sequence[Organisation]) -> dict[str, Sequence[Any]]:
    """The rows of the lists asked for, by the list's name."""
    if which is None:
        return {}
    from ..catalog.load import load_catalog

    cards = load_catalog().rules if which is not Which.deadline else {}
    makers: dict[str, Callable[[], Sequence[Any]]] = {
        "problem": lambda: problem_list(issues, cards),
        "responsibility": lambda: responsibility_list(issues, cards, organisations),
        "deadline": lambda: deadline_list(issues),
    }
    return {name: make() for name, make in makers.items() if which in (Which.all, Which(name))}


def _lists_json(which: Which | None, issues: Sequence[Issue], organisations: Sequence[Organisation]) -> dict[str, Any]:
    return {name: [dataclasses.asdict(row) for row in rows] for name, rows in _rows(which, issues, organisations).items()}


# Text


def _text(
    which: Which | None, issues: Sequence[Issue], organisations: Sequence[Organisation], day: dt.date, lang: Language
) -> str:
    if which is None:
        parts = [_table("issues", _ISSUE_COLUMNS, issues, day, lang)]
    else:
        parts = [_table(name, _COLUMNS[name], rows, day, lang) for name, rows in _rows(which, issues, organisations).items()]
    if any(issue.set_deadline is None and issue.is_open for issue in issues) and which in (None, Which.deadline, Which.all):
        parts.append(say("issues.list.proposed", lang))
    still_open = sum(issue.is_open for issue in issues)
    parts.append(say("issues.list.summary", lang, open=still_open, ended=len(issues) - still_open))
    return "\n\n".join(parts)


def _table(name: str, columns: Mapping[str, Callable[[Any, str], str]], rows: Sequence[Any], day: dt.date, lang: Language) -> str:
    title = say(f"issues.list.{name}", lang, count=len(rows), as_of=day.isoformat())
    if not rows:
        return f"{title}\n{say('issues.none', lang)}"
    head = [say(f"issues.column.{column}", lang) for column in columns]
    return "\n".join((title, *aligned([head, *([cell(row, lang) for cell in columns.values()] for row in rows)])))


def shown(text: str) -> str:
    """Ledger text for a terminal: one line, no control or direction characters that could redraw the screen."""
    kept = (
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if unicodedata.category(c) not in ("Cf", "Cs")
    )
    return " ".join("".join(kept).split())


def width(text: str) -> int:
    """Columns that `text` takes in a terminal: a Chinese character two."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of cells as lines with straight columns; the last column is left as long as it is."""
    clean = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*clean, strict=True)]
    return ["  ".join(c + " " * (w - width(c)) for c, w in zip(row, widths, strict=True)).rstrip() for row in clean]


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


_ISSUE_COLUMNS: Mapping[str, Callable[[Any, str], str]] = {
    "issue_id": lambda i, lang: i.issue_id,
    "org": lambda i, lang: i.org_name or i.org_code,
    "rule": lambda i, lang: i.rule,
    "severity": lambda i, lang: say(f"issues.colour.{i.severity}", lang),
    "state": lambda i, lang: say(f"issues.state.{i.state}", lang),
    "owner": lambda i, lang: _line(i.owner, lang),
    "deadline": lambda i, lang: _due(i.deadline, i.set_deadline is None),
    "colour": lambda i, lang: say(f"issues.colour.{i.colour}", lang),
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
        "state": lambda r, lang: say(f"issues.state.{r.state}", lang),
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
        "state": lambda r, lang: say(f"issues.state.{r.state}", lang),
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
        "colour": lambda r, lang: say(f"issues.colour.{r.colour}", lang),
        "verified_on": lambda r, lang: _date(r.verified_on),
        "closed_on": lambda r, lang: _date(r.closed_on),
        "state": lambda r, lang: say(f"issues.state.{r.state}", lang),
        "title": _title,
    },
}


def _card(issue: Issue, events: Sequence[Event], lang: Language) -> str:
    cells = {name: cell(issue, lang) for name, cell in _ISSUE_COLUMNS.items()}
    cells |= {"finding_ids": ", ".join(issue.finding_ids), "org_code": issue.org_code, "records": ";".join(issue.records)}
    cells |= {"basis": issue.basis, "raised_on": _date(issue.raised_on), "days_left": str(issue.days_left)}
    facts = aligned([say(f"issues.column.{name}", lang), value] for name, value in cells.items())
    head = [say(f"issues.column.{name}", lang) for name in ("no", "at", "kind", "actor", "hash")]
    told = [[str(e.seq), time_text(e.at)[:19], say(f"issues.kind.{e.kind}", lang), e.actor, e.hash[:16]] for e in events]
    return "\n".join((*facts, "", say("issues.list.events", lang), *aligned([head, *told])))
