"""`auditlib issues accept`, `assign`, … : the steps of an issue. Their options follow from expectations/issues/transitions.yaml."""

from __future__ import annotations

import datetime as dt
import inspect
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from ...catalog.specs import RuleCard
from ...issues.acts import Matter
from ...issues.closing import kinds_needed
from ...issues.events import Event, Kind
from ...issues.issue import Issue, State
from ...issues.refusal import Label
from ...issues.register import Register
from ...issues.sources import source_kind, source_kinds
from ...issues.transitions import Transition, field_label, load_transitions
from ...words.errors import RegisterError
from ...words.messages import say
from .call import (
    AsOption,
    AtOption,
    ExpectOption,
    JsonOption,
    KeyOption,
    LangOption,
    Language,
    OutOption,
    PlaceArgument,
    RegisterOption,
    event_json,
    issue_json,
    issues_app,
    json_text,
    key_of,
    one_of,
    opened_register,
    papers_json,
    papers_told,
    time_given,
    told,
    who,
)

# What people type -> the step. `decline` and `evidence` have commands of their own below.
COMMANDS: Mapping[str, Kind] = MappingProxyType({
    "accept": Kind.ACCEPTED, "assign": Kind.ASSIGNED, "start": Kind.STARTED, "handle": Kind.HANDLED, "report": Kind.REPORTED_BACK,
    "return": Kind.RETURNED, "verify": Kind.VERIFIED, "close": Kind.CLOSED, "follow-up": Kind.FOLLOWED_UP, "recheck": Kind.RECHECKED,
    "extend": Kind.EXTENDED, "transfer": Kind.TRANSFERRED, "continue": Kind.CONTINUED, "reopen": Kind.REOPENED, "join": Kind.JOINED,
    "money": Kind.MONEY,
})  # fmt: skip
IssueArgument = Annotated[str, typer.Argument(metavar="ID", help="问题编号（或唯一的前几位）。Issue id, or a unique beginning of it.")]


FieldOption = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="NAME=VALUE", help="本县另要求填写的项，可写多次。What the county asks for besides."),
]


def _further(given: Sequence[str] | None, lang: Language) -> dict[str, str]:
    """What a county's pack asks for besides the shipped fields. Raises RegisterError for one without a value."""
    told = {}
    for each in given or ():
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            raise RegisterError(say("issues.error.bad_field", lang, given=each))
        told[name.strip()] = value
    return told


def _both(name: str) -> str:
    label = field_label(name)
    return f"{label.told('zh')}。{label.told('en')}." if isinstance(label, Label) else label


def _option(name: str, form: str | tuple[str, ...]) -> inspect.Parameter:
    """A field of a step as an option. Its value is judged with the step, not here: one place says what is wrong."""
    words = f" [{'|'.join(form)}]" if isinstance(form, tuple) else ""
    note = typer.Option(f"--{name.replace('_', '-')}", help=_both(name) + words)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, note])


def _command(name: str, kind: Kind, step: Transition) -> None:
    """Puts the command for one kind of step on the app."""

    def run(
        issue_id: str, place: Path | None = None, register: str | None = None, out: Path | None = None, as_person: str | None = None,
        at: str | None = None, key: Path | None = None, expect: int | None = None, as_json: bool = False,
        lang: Language = Language.zh, field: list[str] | None = None, **what: Any,
    ) -> None:  # fmt: skip
        with opened_register(register, place, out) as opened:
            moment = time_given(at, lang)
            issue = one_of(opened.issues(_day(opened, moment)), issue_id, lang)
            event = opened.act(
                issue.issue_id, kind, by=who(as_person, lang), at=moment, expected_version=expect, signer=key_of(key, lang),
                **{**what, **_further(field, lang)},
            )  # fmt: skip
            _answer(opened, issue.issue_id, event, as_json, lang)

    common = {
        "issue_id": IssueArgument, "place": PlaceArgument, "register": RegisterOption, "out": OutOption, "as_person": AsOption,
        "at": AtOption, "key": KeyOption, "expect": ExpectOption, "as_json": JsonOption, "lang": LangOption, "field": FieldOption,
    }  # fmt: skip
    known = inspect.signature(run).parameters
    parameters = [known[n].replace(annotation=form) for n, form in common.items()]
    fields = [_option(each, form) for each, form in {**step.needs, **step.may}.items()]
    run.__doc__ = f"{say(f'issues.kind.{kind}', 'zh')}。{say(f'issues.does.{kind}', 'zh')} {say(f'issues.does.{kind}', 'en')}"
    wrapped = told(run)
    _describe(wrapped, parameters + fields)
    issues_app.command(name)(wrapped)


def _describe(command: Callable[..., Any], parameters: list[inspect.Parameter]) -> None:
    """Tells Typer what the command takes."""
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del command.__wrapped__  # type: ignore[attr-defined]


def _day(register: Register, at: dt.datetime) -> dt.date:
    return register.clock.day_of(at)


def _answer(register: Register, issue_id: str, event: Event, as_json: bool, lang: Language) -> None:
    """How the issue stands now and what can come next."""
    issue = register.issue(issue_id, _day(register, event.at))
    assert issue is not None
    papers = register.also_shown(issue) if event.kind in (Kind.EVIDENCE, Kind.VERIFIED, Kind.CLOSED) else ()
    if as_json:
        shown = {"also_shown": papers_json(papers, lang)} if papers else {}
        typer.echo(json_text({"issues": [{**issue_json(issue, lang), "events": [event_json(event)], **shown}]}))
        return
    state = say(f"issues.state.{issue.state}", lang)
    values = {"issue_id": issue.issue_id, "state": state, "deadline": issue.deadline.isoformat(), "owner": issue.owner}
    kind = say(f"issues.kind.{event.kind}", lang)
    typer.echo(say("issues.step.done", lang, kind=kind, version=issue.version, **values))
    for line in papers_told(papers, lang):
        typer.echo(line)
    steps = register.rules.transitions.steps.values()
    after = [step.kind for step in steps if issue.state in step.sources and step.kind is not event.kind]
    typer.echo(say("issues.step.next", lang, steps=(say("issues.between", lang)).join(say(f"issues.kind.{kind}", lang) for kind in after)))


@issues_app.command("raise")
@told
def raise_issue(
    place: PlaceArgument = None,
    title: Annotated[str, typer.Option("--title", help="问题是什么。What is wrong.")] = "",
    org: Annotated[str, typer.Option("--org", help="单位代码。Organisation code.")] = "",
    severity: Annotated[
        str | None, typer.Option("--severity", help="严重程度，默认按来源。Severity, by the source unless said [red|orange|yellow|blue].")
    ] = None,
    source: Annotated[str, typer.Option("--source", help=f"来源：{'、'.join(source_kinds())}。Where it comes from.")] = "hand",
    source_no: Annotated[str, typer.Option("--source-no", help="来源的编号；同号只登记一次。Its number at the source.")] = "",
    amount: Annotated[str | None, typer.Option("--amount", help="涉及金额（元）。Amount involved, in yuan.")] = None,
    rule: Annotated[str, typer.Option("--rule", help="问题类型编号，如 F35。Rule id where it is of a known type.")] = "",
    basis: Annotated[str, typer.Option("--basis", help="依据。Basis.")] = "",
    line: Annotated[
        str | None, typer.Option("--line", help="牵头：行业监管、属地管理、村级自治，默认按来源。Who leads, by the source unless said.")
    ] = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """提出一件审计没有查出的问题（举报、热线、巡查、手工登记）。Enter an issue that no audit found."""
    kind = source_kind(source)
    matter = Matter(
        title, org, severity or kind.severity, source, source_no, rule=rule, amount=amount, basis=basis, line=line or kind.line
    )
    with opened_register(register, place, out) as opened:
        issue_id, event = opened.raise_matter(matter, by=who(as_person, lang), at=time_given(at, lang), signer=key_of(key, lang))
        if event is None:
            event = opened.events(issue_id)[0]
            typer.echo(say("issues.step.known", lang, issue_id=issue_id), err=True)
        _answer(opened, issue_id, event, as_json, lang)


@issues_app.command("decline")
@told
def decline(
    issue_id: IssueArgument,
    place: PlaceArgument = None,
    reason: Annotated[str | None, typer.Option("--reason", help="为什么是误报。Why it is a false alarm.")] = None,
    covers: Annotated[
        int | None, typer.Option("--covers", help="第二人：并案的一共几件。Second person: how many matters, where some were joined.")
    ] = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    expect: ExpectOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """误报：第一人提请并写明理由，第二人再执行一次即为确认。A false alarm: one person asks, a second one confirms."""
    with opened_register(register, place, out) as opened:
        moment = time_given(at, lang)
        issue = one_of(opened.issues(_day(opened, moment)), issue_id, lang)
        is_second = issue.state is State.DECLINE_ASKED
        kind, what = (Kind.DECLINED, {"note": reason, "covers": covers}) if is_second else (Kind.DECLINE_ASKED, {"reason": reason})
        version = issue.version if expect is None else expect
        event = opened.act(
            issue.issue_id, kind, by=who(as_person, lang), at=moment, expected_version=version, signer=key_of(key, lang), **what
        )
        _answer(opened, issue.issue_id, event, as_json, lang)


@issues_app.command("evidence")
@told
def evidence(
    issue_id: IssueArgument,
    place: PlaceArgument = None,
    file: Annotated[Path | None, typer.Option("--file", help="佐证文件。The file.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="佐证种类；不写则列出要哪些。Without it: what is needed.")] = None,
    dated: Annotated[str, typer.Option("--dated", help="佐证本身的日期。The date of the paper.")] = "",
    received: Annotated[str | None, typer.Option("--received", help="收到日期，默认操作当天。When it was received.")] = None,
    note: Annotated[str, typer.Option("--note", help="说明。A note.")] = "",
    sha256: Annotated[str | None, typer.Option("--get", help="按校验值取出，写到 --file。Take a file out, to --file.")] = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    expect: ExpectOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """提交一份佐证文件（按内容存，不会被执行）。Hand in a file as evidence; it is kept by its content and never run."""
    with opened_register(register, place, out) as opened:
        moment = time_given(at, lang)
        issue = one_of(opened.issues(_day(opened, moment)), issue_id, lang)
        if sha256 is not None:
            _take_out(opened, issue, sha256, file, lang)
        elif file is None or kind is None:
            typer.echo(_wanted(issue, opened.rules.cards, lang))
        else:
            event = opened.hand_in(
                issue.issue_id, _content(file, lang), kind=kind, dated=dated, received=received, name=file.name, note=note,
                by=who(as_person, lang), at=moment, expected_version=expect, signer=key_of(key, lang),
            )  # fmt: skip
            _answer(opened, issue.issue_id, event, as_json, lang)


def _content(file: Path, lang: Language) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise RegisterError(say("issues.error.cannot_read", lang, path=file, error=error.strerror)) from error


def _take_out(register: Register, issue: Issue, sha256: str, file: Path | None, lang: Language) -> None:
    ref = next((ref for ref in issue.evidence if ref.sha256.startswith(sha256)), None)
    content = register.evidence(ref.sha256) if ref and sha256 else None
    if ref is None or content is None:
        raise RegisterError(say("issues.refused.not_in_store", lang, sha256=sha256))
    target = file or Path(f"{ref.sha256[:16]}{mimetypes.guess_extension(mimetypes.guess_type(ref.name)[0] or '') or '.bin'}")
    try:
        with target.open("xb") as stream:
            stream.write(content)
    except OSError as error:
        raise RegisterError(say("issues.file.unwritable", lang, path=target, error=error.strerror)) from error
    typer.echo(str(target))


def _wanted(issue: Issue, cards: Mapping[str, RuleCard], lang: Language) -> str:
    """The kinds of evidence that closing asks for, those that are there marked."""
    from ...issues.closing import evidence_label, kinds_shown

    lines = [
        f"[{'x' if kind in kinds_shown(issue) else ' '}] {evidence_label(kind).told(lang)}" for kind in kinds_needed(issue, cards)
    ]
    return "\n".join((say("issues.step.wanted", lang, issue_id=issue.issue_id), *lines))


for _name, _kind in COMMANDS.items():
    _command(_name, _kind, load_transitions().steps[_kind])
