"""`auditlib issues people …`: who may do what, and with which key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...issues.events import Event
from ...issues.people import Person
from ...issues.register import Register
from ...issues.signing import load_key, make_key
from ...words.messages import say
from ..console import aligned
from .call import (
    AsOption,
    AtOption,
    JsonOption,
    KeyOption,
    LangOption,
    Language,
    OutOption,
    PlaceAfter,
    RegisterOption,
    event_json,
    issues_app,
    json_text,
    key_of,
    made_register,
    named,
    opened_register,
    passphrase,
    time_given,
    told,
    who,
)

people_app = typer.Typer(help="人员、角色和密钥。People, roles and keys.", no_args_is_help=True, rich_markup_mode=None)
issues_app.add_typer(people_app, name="people")

PersonArgument = Annotated[str, typer.Argument(metavar="PERSON", help="姓名或工号，在台账里唯一。A name or staff number, unique here.")]
FolderOption = Annotated[Path | None, typer.Option("--in", help="县工作区或输出文件夹。The county or output folder.")]


@people_app.command("list")
@told
def list_people(
    place: PlaceAfter = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """列出人员。List the people."""
    where = named(register, place, out)
    with Register.open_existing(where) as opened:
        people = opened.people()
    if as_json:
        typer.echo(json_text({"people": [_person_json(person) for person in people]}))
        return
    head = [say(f"issues.person.{name}", lang) for name in ("id", "name", "role", "org", "keys", "active", "added_by")]
    rows = [
        [p.person_id, p.name, say(f"issues.role.{p.role}", lang), p.org_code, ", ".join(p.keys), _duty(p, lang), p.added_by] for p in people
    ]
    typer.echo("\n".join(aligned([head, *rows])))
    typer.echo(say("issues.people.database" if "://" in where else "issues.people.file", lang), err=True)


def _duty(person: Person, lang: Language) -> str:
    return say("issues.person.on_duty" if person.is_active else "issues.person.gone", lang)


def _person_json(person: Person) -> dict[str, object]:
    return {
        "person": person.person_id, "name": person.name, "role": person.role, "org_code": person.org_code, "login": person.login,
        "keys": dict(person.keys), "is_active": person.is_active, "added_by": person.added_by,
    }  # fmt: skip


def _said(event: Event, person: str, as_json: bool, lang: Language) -> None:
    text = say("issues.people.done", lang, kind=say(f"issues.kind.{event.kind}", lang), person=person)
    typer.echo(json_text({"events": [event_json(event)]}) if as_json else text)


@people_app.command("add")
@told
def add(
    person: PersonArgument,
    role: Annotated[str, typer.Option("--role", help="角色。Role [lead|auditor|township|village|department|reader].")],
    place: FolderOption = None,
    name: Annotated[str, typer.Option("--name", help="姓名，默认同工号。Name.")] = "",
    org: Annotated[str, typer.Option("--org", help="单位代码，管它和下级；不写管全部。Scope: this and all beneath.")] = "",
    login: Annotated[str, typer.Option("--login", help="PostgreSQL 登录名。Database role on PostgreSQL.")] = "",
    register: RegisterOption = None,
    out: OutOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """登记或变更一个人；第一个人登记自己为组长。Add or change a person; the first adds himself as lead."""
    with made_register(register, place, out) as opened:
        event = opened.add_person(
            person, name=name or person, role=role, org_code=org, login=login, by=who(as_person, lang), at=time_given(at, lang),
            signer=key_of(key, lang),
        )  # fmt: skip
    _said(event, person, as_json, lang)


@people_app.command("leave")
@told
def leave(
    person: PersonArgument,
    place: FolderOption = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """登记离任；以前做过的都留着。Note that a person left; what was done stays."""
    with opened_register(register, place, out) as opened:
        event = opened.remove_person(person, by=who(as_person, lang), at=time_given(at, lang), signer=key_of(key, lang))
    _said(event, person, as_json, lang)


@people_app.command("key")
@told
def key_command(
    person: PersonArgument,
    file: Annotated[Path, typer.Option("--file", help="密钥文件；没有就新建，放在台账之外。The key file; made when there is none.")],
    place: FolderOption = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """登记签名密钥：以后这个人的每一步都要签名。Register a signing key: from then on every step of the person is signed."""
    with opened_register(register, place, out) as opened:
        new = load_key(file, passphrase(lang)) if file.exists() else make_key(file, passphrase(lang))
        event = opened.register_key(person, new, by=who(as_person, lang), at=time_given(at, lang), signer=key_of(key, lang))
    _said(event, person, as_json, lang)


@people_app.command("revoke")
@told
def revoke(
    person: PersonArgument,
    key_id: Annotated[str, typer.Option("--key-id", help="要注销的密钥编号（people list 可见）。The key id.")],
    place: FolderOption = None,
    register: RegisterOption = None,
    out: OutOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """注销丢失的密钥，由组长签名。Take a lost key out of force; a lead signs."""
    with opened_register(register, place, out) as opened:
        event = opened.revoke_key(person, key_id, by=who(as_person, lang), at=time_given(at, lang), signer=key_of(key, lang))
    _said(event, person, as_json, lang)
