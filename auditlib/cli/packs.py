"""`auditlib packs`: the county packs that can be used, and those that a county uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..catalog.documents import both
from ..catalog.load import load_catalog
from ..catalog.packs import Offer, county_catalog, in_order, offers, read_pack, with_packs
from ..catalog.settings import packs_named
from ..catalog.specs import Catalog
from ..issues.county import rules_of
from ..words.errors import AuditlibError, WorkspaceError
from ..words.messages import say
from ..words.records import PackUse
from .console import LangOption, columns, refuse


def packs(
    workspace: Annotated[Path | None, typer.Argument(help="县文件夹：看它用了哪些 / a county's folder: which it uses")] = None,
    pack: Annotated[list[str] | None, typer.Option("--pack", help="再看这个：文件夹或名称 / look at this one too: folder or name")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """列出规则包：可用的和在用的，含版本、发布单位和校验和。/ List county packs, offered and in use."""
    try:
        used = _used(workspace, [named_here(p) for p in pack or ()])
        offered, broken = _offered(workspace)
    except AuditlibError as error:
        refuse(str(error), lang)
    if as_json:
        document = {
            "in_use": [pack_json(p) for p in used],
            "available": [{**pack_json(use), "origin": o.origin, "folder": str(o.folder)} for o, use in offered],
            "broken": [{"name": o.name, "origin": o.origin, "folder": str(o.folder), "problem": told} for o, told in broken],
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    for line in _told(workspace, used, offered, broken, lang):
        typer.echo(line)


def _used(workspace: Path | None, also: list[str]) -> tuple[PackUse, ...]:
    """What is in use, laid over the shipped catalogue as an audit would: a pack that does not fit is refused here too."""
    if workspace is not None and not workspace.is_dir():
        raise WorkspaceError(both("packs.no_folder", folder=workspace))
    named = (*(packs_named(workspace) if workspace else ()), *also)
    catalog = with_packs(in_order(named, workspace or Path()))
    rules_of(catalog)  # one that asks less for closing is refused before any audit
    return catalog.packs


def _offered(workspace: Path | None) -> tuple[list[tuple[Offer, PackUse]], list[tuple[Offer, str]]]:
    good, broken = [], []
    for offer in offers(workspace):
        try:
            good.append((offer, read_pack(offer.folder).use))
        except AuditlibError as error:  # one broken pack must not hide the others
            broken.append((offer, str(error)))
    return good, broken


def _told(
    workspace: Path | None, used: tuple[PackUse, ...], offered: list[tuple[Offer, PackUse]], broken: list[tuple[Offer, str]], lang: str
) -> list[str]:
    lines = [say("packs.list.offered", lang)] if offered else [say("packs.list.none", lang)]
    rows = [
        (u.name, u.version, say(f"packs.origin.{o.origin}", lang), title_of(u, lang), authority_of(u, lang), u.checksum[:16])
        for o, u in offered
    ]
    lines += [f"  {line}" for line in columns(rows)]
    for offer, problem in broken:
        lines += [say("packs.list.broken", lang, folder=offer.folder), *(f"  {line}" for line in problem.splitlines())]
    if workspace or used:
        lines.append(say("packs.list.used", lang) if used else say("packs.list.unused", lang, folder=workspace))
    for use in used:
        lines.append(f"  {pack_line(use, lang)}")
        lines += [f"    {say(f'packs.change.{kind}', lang)} {text}" for kind, text in use.changes]
        lines.append(f"    SHA-256 {use.checksum}")
    return lines


def named_here(given: str) -> str:
    """A pack as the command line names it: a folder from where the command runs, else a name."""
    return str(Path(given).resolve()) if (Path(given) / "pack.yaml").is_file() else given


CountyOption = Annotated[Path | None, typer.Option("--county", help="县文件夹：用它的规则包 / a county's folder: with its packs")]
PackOption = Annotated[list[str] | None, typer.Option("--pack", help="连同这个规则包 / with this county pack")]


def catalog_asked(county: Path | None, pack: list[str] | None, lang: str) -> Catalog:
    """The catalogue with the packs of a county's folder and those named beside; the command ends with status 2 where they do not fit."""
    named = [named_here(p) for p in pack or ()]
    try:
        if county is not None and not county.is_dir():
            raise WorkspaceError(both("packs.no_folder", folder=county))
        return county_catalog(county, named) if county is not None else with_packs(in_order(named, Path())) if named else load_catalog()
    except AuditlibError as error:
        refuse(str(error), lang)


def title_of(use: PackUse, language: str) -> str:
    return use.title_zh if language == "zh" else use.title_en


def authority_of(use: PackUse, language: str) -> str:
    return use.authority_zh if language == "zh" else use.authority_en


def pack_line(use: PackUse, language: str) -> str:
    """Name, version, title and who issued it, on one line."""
    return say(
        "packs.line", language, name=use.name, version=use.version, title=title_of(use, language), authority=authority_of(use, language)
    )


def pack_json(use: PackUse) -> dict[str, Any]:
    """A pack in use, for programs."""
    return {
        "name": use.name, "version": use.version, "title": {"zh": use.title_zh, "en": use.title_en},
        "authority": {"zh": use.authority_zh, "en": use.authority_en}, "document": use.document, "county": use.county,
        "valid_from": use.valid_from.isoformat(), "valid_to": use.valid_to.isoformat() if use.valid_to else "",
        "checksum": use.checksum, "changes": [{"kind": kind, "what": text} for kind, text in use.changes],
    }  # fmt: skip
