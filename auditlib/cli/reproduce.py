"""`auditlib reproduce`: the audit of a manifest once more, and whether it comes out the same."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..audit import run_audit
from ..words.errors import AuditlibError
from ..words.messages import say
from .console import FOUND, Bar, LangOption, printable, refuse
from .packs import named_here

if TYPE_CHECKING:
    from ..reports.manifest import Manifest
    from ..reports.reproduce import Change, Reproduction

_SHOWN = 40  # lines of one kind on the screen; --json has all


def reproduce(
    place: Annotated[
        Path, typer.Argument(metavar="OUT|MANIFEST", help="审计输出文件夹或 manifest.json / results of an audit, or its manifest")
    ],
    county: Annotated[
        Path | None, typer.Option("--county", help="县文件夹 / the county's folder, where it is not found by its name")
    ] = None,
    pack: Annotated[
        list[str] | None,
        typer.Option("--pack", help="当时用的、不在县里的规则包：文件夹 / a pack that was used from elsewhere; repeatable"),
    ] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="duckdb | spark；默认同当时 / default: as then")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """按清单重做审计并核对：0 一致，1 有变化或不同，2 调用有误。/ Repeat an audit: exit 0 same, 1 changed or different, 2 wrong call."""
    try:
        done = _repeated(place, county, [named_here(p) for p in pack or ()], engine, lang)
    except AuditlibError as error:
        refuse(str(error), lang)
    if as_json:
        typer.echo(json.dumps({"is_same": done.is_same, **dataclasses.asdict(done)}, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(printable(line) for line in report(done, lang)))
    raise typer.Exit(0 if done.is_same else FOUND)


def _repeated(place: Path, county: Path | None, packs: Sequence[str], engine: str | None, lang: str) -> Reproduction:
    from ..reports.manifest import read_manifest
    from ..reports.reproduce import county_of, reproduction

    manifest = read_manifest(place)
    folder = county_of(manifest, place, county)
    asked = manifest.question
    told = {"id": manifest.manifest_id[:16], "county": printable(str(folder)), "as_of": asked.as_of}
    typer.echo(say("reports.reproduce.start", lang, **told), err=True)
    day = dt.date.fromisoformat(asked.as_of)
    with tempfile.TemporaryDirectory(prefix="auditlib-again-") as scratch:
        again = Path(scratch) / "out"
        run_audit(
            folder,
            again,
            today=day,
            as_of=day,
            at=dt.datetime.combine(day, dt.time(), dt.UTC),
            register=str(Path(scratch) / "register.db"),
            engine=engine or manifest.engine,
            progress=Bar(lang),
            packs=_beside(manifest, folder, packs),
            chosen=dict(asked.chosen),
            language=asked.language,
        )
        return reproduction(manifest, read_manifest(again), place if place.is_dir() else place.parent, again)


def _beside(manifest: Manifest, county: Path, given: Sequence[str]) -> list[str]:
    """The packs to name beside those of audit.toml: those given, and those of then that the county's folder does not name."""
    from ..catalog.packs import county_catalog

    known = {p.name for p in county_catalog(county, given).packs}
    return [*given, *(name for label in manifest.question.packs if (name := label.split(" ")[0]) not in known)]


def report(done: Reproduction, lang: str) -> list[str]:
    """What came out, line by line: first whether it is the same, then every name."""
    lines = [say(f"reports.reproduce.{'same' if done.is_same else 'not_same'}", lang, n=done.compared)]
    groups: dict[str, list[Change]] = {}
    for change in done.asked:
        groups.setdefault(change.part, []).append(change)
    named: list[tuple[str, Sequence[Any]]] = [*groups.items(), ("altered", done.altered), ("differing", done.differing)]
    for part, changes in (*named, ("versions", done.versions)):
        lines += _listed(part, changes, lang)
    if done.set_aside:
        lines.append(say("reports.reproduce.not_compared", lang, files=", ".join(done.set_aside)))
    return lines if done.is_same else [*lines, say("reports.reproduce.todo", lang)]


def _listed(part: str, changes: Sequence[Change], lang: str) -> list[str]:
    if not changes:
        return []
    lines = [_line(change, lang) for change in changes[:_SHOWN]]
    if len(changes) > _SHOWN:
        lines.append(say("reports.cut", lang, shown=_SHOWN, all=len(changes), where="--json"))
    return [say(f"reports.reproduce.part.{part}", lang, n=len(changes)), *(f"  - {line}" for line in lines)]


def _line(change: Change, lang: str) -> str:
    """Name and kind; of short values both, of hashes none."""
    is_value = change.part in ("parameters", "chosen", "settings", "versions")
    values = f" {change.before or '—'} → {change.after or '—'}" if is_value else ""
    line = say("reports.reproduce.line", lang, n=change.line) if change.line else ""
    return f"{change.name} {say(f'reports.reproduce.kind.{change.kind}', lang)}{values}{line}"
