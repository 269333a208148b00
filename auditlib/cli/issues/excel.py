"""`auditlib issues export`, `import`: the return form goes out to a village and comes back filled in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from ...issues.returned import Returned, RowOutcome, take_back
from ...words.errors import OutputError
from ...words.messages import say
from ..console import shown
from .bodies import issues_for, reading
from .call import (
    AsOfOption,
    AsOption,
    AtOption,
    JsonOption,
    KeyOption,
    LangOption,
    Language,
    PlaceAfter,
    PlaceArgument,
    RegisterOption,
    catalog_of,
    clock,
    day_of,
    issues_app,
    json_text,
    key_of,
    opened_register,
    time_given,
    told,
    who,
)


def write_new(path: Path, data: bytes, lang: Language) -> None:
    """Writes a file that was not there. Raises OutputError: what a clerk has filled in is never written over."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise OutputError(say("issues.file.exists", lang, path=path)) from None
    except OSError as error:
        raise OutputError(say("issues.file.unwritable", lang, path=path, error=error.strerror)) from error


@issues_app.command("export")
@told
def export(
    place: PlaceArgument = None,
    for_body: Annotated[str, typer.Option("--for", help="单位代码或名称（含下级），或部门名称。An organisation or a department.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个 .xlsx 文件。The .xlsx file to write.")] = None,
    register: RegisterOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """把未销号的问题做成整改反馈表发给村里填写。Write the open issues as a form for the village to fill in."""
    from ...reports.issue_workbook import return_form, workbook

    day = day_of(as_of, lang)
    with opened_register(register, place, None) as opened:
        organisations, every = opened.organisations(), opened.issues(day)
        code, name, issues = issues_for(every, organisations, for_body, lang)
        codes = frozenset(o.org_code for o in organisations)
        form = return_form(opened, code, name, issues, catalog_of(place).rules, as_of=day, codes=codes)
    target = out or Path(say("return_form.file", lang, org=_plain(name), as_of=day.isoformat()))
    write_new(target, workbook(form), lang)
    to_fill = sum(row.is_to_fill for row in form.rows)
    if as_json:
        typer.echo(json_text({"file": str(target), "org_code": code, "issues": [r.issue_id for r in form.rows], "to_fill": to_fill}))
    else:
        typer.echo(say("return_form.written", lang, file=target, count=len(form.rows), to_fill=to_fill))


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name)[:60]


@issues_app.command("import")
@told
def import_form(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="填好的整改反馈表。The form filled in.")],
    place: PlaceAfter = None,
    evidence: Annotated[Path | None, typer.Option("--evidence", help="佐证文件所在的文件夹。The folder with the files it names.")] = None,
    register: RegisterOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """收回填好的整改反馈表，逐行收下或退回；有退回的退出码为 1。Take a form back, row by row; exit status 1 when rows are refused."""
    county = clock(place)
    with opened_register(register, place, None) as opened, reading(file, lang):
        found = take_back(
            opened, file, evidence=evidence, by=who(as_person, lang), at=time_given(at, lang), clock=county, signer=key_of(key, lang)
        )
    typer.echo(json_text(_json_of(found, lang)) if as_json else _text_of(found, lang))
    raise typer.Exit(1 if found.count("refused") else 0)


def _json_of(found: Returned, lang: Language) -> dict[str, object]:
    return {
        "file": found.file, "unused_files": list(found.unused_files), "counts": dict(Counter(row.outcome for row in found.rows)),
        "rows": [
            {"sheet": r.sheet, "row": r.row, "issue_id": r.issue_id, "outcome": r.outcome, "steps": [str(kind) for kind in r.steps],
             "reasons": [why.told(lang) for why in r.why]}
            for r in found.rows
        ],
    }  # fmt: skip


def _text_of(found: Returned, lang: Language) -> str:
    lines = [_line(row, lang) for row in found.rows if row.outcome != "empty"]
    counts = {name: found.count(name) for name in ("taken", "known", "empty", "refused")}
    lines.append(say("returned.summary", lang, file=found.file, **counts))
    if found.unused_files:
        lines.append(say("returned.unused", lang, files="、".join(map(shown, found.unused_files))))
    return "\n".join(lines)


def _line(row: RowOutcome, lang: Language) -> str:
    told_why = "".join(why.told(lang) for why in row.why)
    if row.steps:
        told_why = say("issues.between", lang).join(say(f"issues.kind.{kind}", lang) for kind in row.steps)
    outcome = say(f"returned.outcome.{row.outcome}", lang)
    line = say("returned.line", lang, sheet=row.sheet, row=row.row, issue_id=row.issue_id, outcome=outcome)
    line = say("returned.line_why", lang, line=line, why=told_why) if told_why else line
    return "\n".join(shown(part) for part in line.split("\n"))
