"""`auditlib issues check`, `rebuild`, `recheck-draw`, `backup`, `restore`: the register itself."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from ...issues import exchange
from ...issues.examine import Examination
from ...issues.register import Register
from ...words.messages import say
from .call import (
    AsOption,
    AtOption,
    JsonOption,
    KeyOption,
    LangOption,
    Language,
    OutOption,
    PlaceAfter,
    PlaceArgument,
    RegisterOption,
    issues_app,
    json_text,
    key_of,
    made_register,
    named,
    opened_register,
    time_given,
    told,
    who,
)


@issues_app.command("check")
@told
def check(
    place: PlaceArgument = None,
    head: Annotated[str | None, typer.Option("--head", help="以前报告上印的链头，可看出末尾被删或重写。A head printed earlier.")] = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """检查台账有没有被改动：链、签名、状态、审计记录、佐证；有问题退出码为 1。Look at it all; exit status 1 when something does not fit."""
    with Register.open_existing(named(register, place, out)) as opened:
        found = opened.check(head)
    typer.echo(json_text(_json_of(found, lang)) if as_json else _text_of(found, lang))
    raise typer.Exit(0 if found.is_whole else 1)


def _json_of(found: Examination, lang: Language) -> dict[str, object]:
    chain = found.chain
    return {
        "is_whole": found.is_whole, "events": chain.events, "head": chain.head, "bad_seq": chain.bad_seq,
        "problem": say(chain.problem, lang) if chain.problem else "", "streams": found.streams, "stale": list(found.stale),
        "evidence": [{**dataclasses.asdict(lost), "problem": say(lost.problem, lang)} for lost in found.lost],
        "unfounded": list(found.unfounded),
        "altered_runs": list(found.altered.runs), "altered_organisations": list(found.altered.organisations),
    }  # fmt: skip


def _text_of(found: Examination, lang: Language) -> str:
    chain = found.chain
    lines = [say("issues.check.whole" if found.is_whole else "issues.check.broken", lang, events=chain.events, streams=found.streams)]
    if chain.problem:
        lines.append(say("issues.check.first", lang, seq=chain.bad_seq, problem=say(chain.problem, lang)))
    if found.stale:
        lines.append(say("issues.check.stale", lang, count=len(found.stale), streams=", ".join(found.stale[:10])))
    lines += [
        say("issues.check.lost", lang, issue_id=lost.issue_id, name=lost.name, sha256=lost.sha256[:16], problem=say(lost.problem, lang))
        for lost in found.lost
    ]
    for name, wrong in (("runs", found.altered.runs), ("organisations", found.altered.organisations)):
        if wrong:
            lines.append(say(f"issues.check.{name}", lang, count=len(wrong), names=", ".join(wrong[:10])))
    if found.unfounded:
        lines.append(say("issues.check.unfounded", lang, count=len(found.unfounded), issues=", ".join(found.unfounded[:10])))
    return "\n".join((*lines, say("issues.check.head", lang, head=chain.head)))


@issues_app.command("rebuild")
@told
def rebuild(
    place: PlaceArgument = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """按事件重算每件问题的状态；事件本身不变。Make the kept state anew from the events, which stay as they are."""
    with Register.open_existing(named(register, place, out)) as opened:
        count = opened.rebuild()
    typer.echo(json_text({"streams": count}) if as_json else say("issues.rebuilt", lang, count=count))


@issues_app.command("draw")
@told
def draw(
    place: PlaceArgument = None,
    seed: Annotated[str, typer.Option("--seed", help="事先公开的种子，如某期开奖号码。A seed made public before.")] = "",
    register: RegisterOption = None,
    out: OutOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """从已销号的问题里按种子抽取复核；谁都可以重抽验证。Draw closed issues for a second look; anybody can draw them again."""
    with opened_register(register, place, out) as opened:
        drawn = opened.draw_rechecks(seed, by=who(as_person, lang), at=time_given(at, lang), signer=key_of(key, lang))
    typer.echo(json_text({"seed": seed, "drawn": list(drawn)}) if as_json else "\n".join(drawn))


@issues_app.command("backup")
@told
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE.zip", help="备份写到哪里。Where the backup goes.")],
    place: PlaceAfter = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """备份整个台账和佐证（一个 zip，里面是逐行 JSON）。The whole register with its evidence, as JSON Lines in one zip."""
    with Register.open_existing(named(register, place, out)) as opened:
        told_by = exchange.write_backup(opened, target)
    values = dataclasses.asdict(told_by)
    typer.echo(json_text(values) if as_json else say("issues.backup.done", lang, path=target, **values))


@issues_app.command("restore")
@told
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE.zip", help="备份文件。The backup.")],
    place: PlaceAfter = None,
    head: Annotated[str | None, typer.Option("--head", help="报告上印的链头。A head printed on a report.")] = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """从备份恢复到一个新的、空的台账；链对不上就拒绝。Restore into a new, empty register; refused when the chain does not fit."""
    with made_register(register, place, out) as opened:
        told_by = exchange.read_backup(opened, source, head)
    values = dataclasses.asdict(told_by)
    typer.echo(json_text(values) if as_json else say("issues.restore.done", lang, path=source, **values))
