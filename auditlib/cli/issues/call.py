"""What the commands on the register share: which register, which day, which issue, and how answers are written."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ...catalog.specs import Catalog
from ...issues.county import CountyRules, rules_of
from ...issues.events import Event, time_text
from ...issues.issue import Issue, State
from ...issues.lists import beneath
from ...issues.overview import Line
from ...issues.papers import Paper
from ...issues.places import locate_register
from ...issues.policy import Clock, county_clock
from ...issues.register import Register
from ...issues.signing import Signer, load_key
from ...issues.sweep import amount_text
from ...words.errors import RegisterError
from ...words.messages import say
from ...words.records import Organisation
from ..console import told as told  # the commands take it from here

issues_app = typer.Typer(
    help="问题台账：从受理到销号。The register of issues, from acceptance to closure.", no_args_is_help=True, rich_markup_mode=None
)


class Language(StrEnum):
    zh = "zh"
    en = "en"


_packs: ContextVar[tuple[str, ...]] = ContextVar("packs that the call names", default=())


@issues_app.callback()
def with_packs_named(
    pack: Annotated[
        list[str] | None,
        typer.Option("--pack", help="也按这个规则包判定：文件夹或名称，可多个。Judge by this county pack too: folder or name; repeatable."),
    ] = None,
) -> None:
    """问题台账：从受理到销号。The register of issues, from acceptance to closure."""
    from ..packs import named_here

    _packs.set(tuple(named_here(each) for each in pack or ()))


PlaceArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[WORKSPACE|DIR]", help="县工作区或输出文件夹。The county folder, or the output folder of an audit."),
]
RegisterOption = Annotated[str | None, typer.Option("--register", help="台账文件或数据库地址。The register: a file or an SQLAlchemy URL.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="审计输出文件夹。The output folder of an audit.")]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="按哪一天计算时限和颜色，默认今天。The day of clock and colours, default today.")
]
PlaceAfter = Annotated[Path | None, typer.Argument(metavar="[WORKSPACE|DIR]", help="县工作区或输出文件夹。The county or output folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON。One JSON document.")]
LangOption = Annotated[Language, typer.Option("--lang", help="语言。Language.")]


AsOption = Annotated[
    str | None,
    typer.Option("--as", envvar="AUDITLIB_AS", help="操作人，须在人员名单里。Who acts: a person of the register."),
]
AtOption = Annotated[str | None, typer.Option("--at", help="操作时间，如 2026-01-31T09:30，默认现在。When it happens, default now.")]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", envvar="AUDITLIB_KEY", help="签名密钥文件（登记过密钥的人必用）。The key file of who has a key."),
]
ExpectOption = Annotated[
    int | None,
    typer.Option("--expect", help="您看到的第几步；别人先动过就拒绝。The version that you saw: refused when it has moved on."),
]


# Which register, which day, which issues


def clock(place: Path | None) -> Clock:
    """The clock of the county whose folder is named, with its packs and those that the call names; else the shipped one."""
    return county_clock(catalog_of(place))


def catalog_of(place: Path | None, also: Sequence[str] = ()) -> Catalog:
    """The rules of the county whose folder is named, with its packs, those that the call names, and `also`."""
    from ...catalog.packs import county_catalog, in_order, with_packs

    named = (*_packs.get(), *also)
    return county_catalog(place, named) if place is not None else with_packs(in_order(named, Path()))


def named(register: str | None, place: Path | None, out: Path | None) -> str:
    """The register that the call means: the option, the one in the workspace's audit.toml, else register.db in the folder."""
    if register or place is None or not (place / "audit.toml").is_file():
        return locate_register(register, out=out or place)
    from ...catalog.packs import county_catalog
    from ...catalog.settings import load_settings

    settings = load_settings(place, county_catalog(place), today=dt.date.today())
    return locate_register(None, settings_register="" if out else settings.register, workspace=place, out=out or place)


def opened_register(register: str | None, place: Path | None, out: Path | None) -> Register:
    """The register that the call means, judged by the county's own clock and cards. Raises RegisterError when there is none."""
    return _as_last_audited(Register.open_existing(named(register, place, out), rules=_rules(place)), place)


def made_register(register: str | None, place: Path | None, out: Path | None) -> Register:
    """As `opened_register`; made when there is none."""
    return _as_last_audited(Register.open(named(register, place, out), rules=_rules(place)), place)


def _rules(place: Path | None) -> CountyRules | None:
    """Those of the county; None for the shipped ones, whose cards are then read only when they are asked for."""
    return None if place is None and not _packs.get() else rules_of(catalog_of(place))


def _as_last_audited(opened: Register, place: Path | None) -> Register:
    """Judged also by the packs of the last audit that can be found by their names; without the others judging steps are refused."""
    from ...catalog.packs import offers

    runs = opened.runs()
    lacking = [name for name in (runs[-1].packs if runs else ()) if name not in opened.rules.packs]
    known = {offer.name for offer in offers(place)} if lacking else set()
    found = [name for name in lacking if name in known]
    return opened.judged_by(rules_of(catalog_of(place, found))) if found else opened


def day_of(text: str | None, lang: Language) -> dt.date:
    if text is None:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise RegisterError(say("issues.error.bad_date", lang, value=text)) from None


def chosen(
    every: Sequence[Line], organisations: Sequence[Organisation], org: str | None, state: str | None, lang: Language
) -> tuple[Line, ...]:
    """The issues asked for. A code or state that nobody knows is an error: an empty list would read as "all done"."""
    chosen = tuple(every)
    if org is not None:
        known = sorted({o.org_code for o in organisations} | {issue.org_code for issue in every})
        if org not in known:
            raise RegisterError(say("issues.error.unknown_org", lang, org_code=org, candidates=near(org, known, lang)))
        codes = beneath(org, organisations)
        chosen = tuple(issue for issue in chosen if issue.org_code in codes)
    if state is not None:
        states = [str(s) for s in State]
        if state not in states:
            raise RegisterError(say("issues.error.unknown_state", lang, state=state, candidates=", ".join(states)))
        chosen = tuple(issue for issue in chosen if issue.state == state)
    return chosen


def one_of(every: Sequence[Issue], issue_id: str, lang: Language) -> Issue:
    fitting = [issue for issue in every if issue_id in (issue.issue_id, *issue.finding_ids)]
    fitting = fitting or [issue for issue in every if issue_id and issue.issue_id.startswith(issue_id)]
    if len(fitting) == 1:
        return fitting[0]
    known = [issue.issue_id for issue in fitting or every]
    raise RegisterError(say("issues.error.unknown_issue", lang, issue_id=issue_id, candidates=near(issue_id, known, lang)))


def near(wanted: str, known: Sequence[str], lang: Language) -> str:
    return ", ".join(difflib.get_close_matches(wanted, known, n=5, cutoff=0.5) or known[:5]) or say("issues.none", lang)


# Who acts, when, with which key


def who(person: str | None, lang: Language) -> str:
    if not person:
        raise RegisterError(say("issues.error.no_person", lang))
    return person


def time_given(text: str | None, lang: Language) -> dt.datetime:
    """`text` as an aware time (without a zone: this computer's own), now when nothing was given.

    Raises RegisterError for one that is yet to come: until then nobody could take a step on the issue. A day is left for clocks and zones.
    """
    now = dt.datetime.now(dt.UTC)
    try:
        at = now if text is None else dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise RegisterError(say("issues.error.bad_time", lang, value=text)) from None
    if at > now + dt.timedelta(days=1):
        raise RegisterError(say("issues.error.time_ahead", lang, value=text, now=now.astimezone().isoformat(" ", "minutes")))
    return at


def key_of(path: Path | None, lang: Language) -> Signer | None:
    return None if path is None else load_key(path, passphrase(lang))


def passphrase(lang: Language) -> str:
    """From AUDITLIB_PASSPHRASE, else asked for without showing it; never an argument, which others could read."""
    import os

    return os.environ.get("AUDITLIB_PASSPHRASE") or str(typer.prompt(say("issues.key.ask", lang), hide_input=True, err=True))


# JSON


def json_text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, default=plain)


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return amount_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return dict(value)


def issue_json(issue: Issue, lang: Language) -> dict[str, Any]:
    return {
        "issue_id": issue.issue_id, "finding_ids": issue.finding_ids, "rule": issue.rule, "org_code": issue.org_code,
        "org_name": issue.org_name, "title": issue.title_in(lang), "severity": issue.severity, "state": issue.state,
        "owner": issue.owner, "raised_on": issue.raised_on, "deadline": issue.deadline,
        "is_proposed": issue.set_deadline is None, "days_left": issue.days_left, "colour": issue.colour, "amount": issue.amount,
        "gone": [each._asdict() for each in issue.gone],
    }  # fmt: skip


def papers_json(papers: Sequence[Paper], lang: Language) -> list[dict[str, Any]]:
    """Papers that were shown more than once, with where and by whom, and the same in a sentence."""
    return [{**dataclasses.asdict(paper), "said": [each.told(lang) for each in paper.told()]} for paper in papers]


def papers_told(papers: Sequence[Paper], lang: Language) -> list[str]:
    """As `papers_json`, in lines; nothing where each paper was shown once."""
    lines = [f"- {each.told(lang)}" for paper in papers for each in paper.told()]
    return [say("issues.show.papers", lang), *lines] if lines else []


def event_json(event: Event) -> dict[str, Any]:
    values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
    return {**values, "at": time_text(event.at), "payload": dict(event.payload)}
