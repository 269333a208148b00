"""`auditlib map FILE`: see what a file was taken for, and settle what was not recognised.

Exit status: 0 everything is understood, 1 something is still open, 2 a wrong call or a file that cannot be read.
"""

from __future__ import annotations

import datetime as dt
import json
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..catalog.load import load_catalog
from ..catalog.packs import county_catalog
from ..intake.mapping import FOLDER, TableMapping, document
from ..intake.settling import Choices, ColumnLook, Settling, TableLook, field_labels, workspace_of
from ..words.errors import AuditlibError, UnreadableFile
from ..words.messages import catalogue, say
from .console import FOUND, LangOption, columns, printable, refuse

_Pairs = tuple[tuple[str, str], ...]


def map_file(
    file: Annotated[Path, typer.Argument(help="文件 / the file")],
    workspace: Annotated[Path | None, typer.Option("--workspace", help="县文件夹；不写则往上找 audit.toml / the county's folder")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="工作表 / sheet")] = None,
    table: Annotated[int | None, typer.Option("--table", help="表内第几张表 / which table of the sheet, from 1")] = None,
    ledger: Annotated[str, typer.Option("--ledger", help="台账：contracts 或 合同台账 / ledger")] = "",
    column: Annotated[list[str] | None, typer.Option("--column", help="表头=栏目，可重复；不用写 表头=无 / header=field, header=-")] = None,
    unit: Annotated[list[str] | None, typer.Option("--unit", help="栏目=单位，如 annual_rent=万元，可重复 / field=unit")] = None,
    header_rows: Annotated[str, typer.Option("--header-rows", help="表头在第几行：3 或 3-4 / rows of the head")] = "",
    organisation: Annotated[str, typer.Option("--organisation", help="这个文件的行都属于哪个组织 / whose rows the file holds")] = "",
    ignore: Annotated[bool, typer.Option("--ignore", help="不是台账 / the sheet is no ledger")] = False,
    by: Annotated[str, typer.Option("--by", help="谁定的 / who says so")] = "",
    why: Annotated[str, typer.Option("--why", help="理由 / why")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """认不出的列和表由人定下来，以后照此读。/ Settle columns or sheets that were not recognised. Exit 0 all clear, 1 something is open.

    Without choices the file is only looked at. --json: {file, tables[], mapping}.
    """
    language = lang
    if ignore and (ledger or column or unit or organisation):
        refuse(say("map.ignore_alone", language), language)
    at = workspace or workspace_of(file)
    pairs = _pairs(column, "表头=栏目", language), _pairs(unit, "栏目=单位", language)
    try:
        settling = Settling(at, county_catalog(at) if at else load_catalog(), language)
        choices = Choices(ledger, *pairs, settling.rows_named(header_rows), organisation, ignore, by, why)
        mapping = settling.settle(file, sheet, table, choices, dt.date.today()) if choices.are_any else None
        looks = [x for x in settling.looks(file) if sheet is None or x.sheet == sheet]
    except UnreadableFile as error:
        refuse(_unreadable(error, file, language), language)
    except AuditlibError as error:
        refuse(str(error), language)
    if as_json:
        typer.echo(json.dumps(_document(file, looks, mapping), ensure_ascii=False, indent=1))
    else:
        _tell(file, at, looks, mapping, settling, language)
    raise typer.Exit(0 if looks and all(x.is_understood for x in looks if x.rows) else FOUND)


def _unreadable(error: UnreadableFile, file: Path, language: str) -> str:
    return say(error.code, language, file=file.name, sheet="", detail=error.detail) if error.code in catalogue() else str(error)


def _pairs(given: Sequence[str] | None, form: str, language: str) -> _Pairs:
    """header=field; the last '=' parts them, since a header may hold one."""
    found = []
    for text in given or ():
        left, mark, right = text.rpartition("=")
        if not mark or not left.strip() or not right.strip():
            refuse(say("map.bad_pair", language, value=text, form=form), language)
        found.append((left.strip(), right.strip()))
    return tuple(found)


# ---- for machines ------------------------------------------------------------------------------------------


def _document(file: Path, looks: Iterable[TableLook], mapping: TableMapping | None) -> dict[str, Any]:
    written = None if mapping is None else {"file": f"{FOLDER}/{mapping.name}.yaml", **document(mapping)}
    return {"file": str(file), "tables": [_table(x) for x in looks], "mapping": written}


def _table(x: TableLook) -> dict[str, Any]:
    return {
        "sheet": x.sheet, "table": x.table, "ledger": x.ledger, "confidence": x.confidence, "understood": x.is_understood,
        "set_aside": x.found.is_set_aside, "header_rows": list(x.header_rows), "rows": x.rows,
        "candidates": [{"ledger": n, "confidence": c} for n, c in x.candidates],
        "columns": [
            {
                "column": c.letter, "header": c.header, "field": c.field, "confidence": c.confidence,
                "candidates": [{"field": n, "score": s} for n, s in c.candidates],
            }
            for c in x.columns
        ],
        "mapping": f"{FOLDER}/{x.mapping.name}.yaml" if x.mapping else None,
        "notes": [say(key, "zh", **dict(values)) for key, values in x.notes],
    }  # fmt: skip


# ---- for people --------------------------------------------------------------------------------------------


def _tell(file: Path, at: Path | None, looks: Sequence[TableLook], mapping: TableMapping | None, settling: Settling, language: str) -> None:
    lines = [printable(str(file))]
    if not looks:
        lines.append(say("map.nothing", language, file=printable(file.name)))
        call = ["auditlib", "map", str(file), "--sheet", "?", "--header-rows", "?", "--ledger", "?", "--column", "?=?"]
        lines += [say("map.type_head", language), "  " + printable(shlex.join(call))]
    for look in looks:
        lines += ["", *_table_lines(look, settling, language)]
        if not look.is_understood and look.rows:
            lines += _to_type(look, file, settling, language)
    if mapping is not None and at is not None:
        lines += ["", say("map.saved", language, path=printable(str(at / FOLDER / f"{mapping.name}.yaml")), revision=mapping.revision)]
    left = sum(_open_things(x) for x in looks if x.rows)
    if left:
        lines += ["", say("map.left", language, n=left)]
    typer.echo("\n".join(lines))


def _open_things(look: TableLook) -> int:
    return 0 if look.is_understood else sum(not c.is_understood for c in look.columns) if look.ledger else 1


def _table_lines(look: TableLook, settling: Settling, language: str) -> list[str]:
    name = settling.catalog.ledgers[look.ledger].label(language) if look.ledger else say("read.unknown", language)
    place = f"【{printable(look.sheet)}】" if look.sheet else ""
    if look.found.is_set_aside:
        name = say("map.set_aside", language)
    head = "–".join(str(r) for r in dict.fromkeys((look.header_rows[0], look.header_rows[-1])))
    lines = [
        say(
            "map.head", language, place=place, table=look.table, ledger=name, confidence=f"{look.confidence:.0%}",
            header=head, rows=look.rows,
        )
    ]  # fmt: skip
    if not look.ledger and look.candidates:
        near = ", ".join(f"{settling.catalog.ledgers[n].label(language)} {c:.0%}" for n, c in look.candidates)
        lines.append(say("read.candidates", language, candidates=near))
    elif not look.ledger and not look.found.is_set_aside:
        every = ", ".join(f"{s.label(language)} {n}" for n, s in settling.catalog.ledgers.items())
        lines.append(say("map.ledgers", language, candidates=every))
    lines += [f"! {printable(say(key, language, **dict(values)))}" for key, values in look.notes]
    return lines if look.found.is_set_aside else lines + columns(_column_rows(look, settling, language))


def _column_rows(look: TableLook, settling: Settling, language: str) -> list[tuple[str, ...]]:
    labels = {n: zh if language == "zh" else en for n, (zh, en) in field_labels(settling.catalog, look.likely).items()}
    rows = [tuple(say(f"map.column.{k}", language) for k in ("letter", "header", "field", "confidence", "candidates", "sample"))]
    for c in look.columns:
        if not c.header and not c.sample:
            continue
        rows.append((
            c.letter, printable(c.header), _field_text(c, labels, language), f"{c.confidence:.0%}" if c.field else "",
            _others(c, labels, language), printable(" | ".join(c.sample)),
        ))  # fmt: skip
    return rows


def _field_text(c: ColumnLook, labels: dict[str, str], language: str) -> str:
    if c.field is None:
        return say("map.open", language) if c.header else ""
    return f"{labels.get(c.field, c.field)} {c.field}" if c.field else say("map.not_ours", language)


def _others(c: ColumnLook, labels: dict[str, str], language: str) -> str:
    """The runners-up; for a settled column only those that were named by its header."""
    others = [(n, s) for n, s in c.candidates if n != c.field and (s or c.field is None)][:3]
    if others and not any(s for _, s in others):
        return f"{say('map.by_shape', language)} " + ", ".join(f"{labels.get(n, n)} {n}" for n, _ in others)
    return ", ".join(f"{labels.get(n, n)} {n} {s:.0%}" for n, s in others)


def _to_type(look: TableLook, file: Path, settling: Settling, language: str) -> list[str]:
    """A command that settles what is open, with the best guesses filled in, to be corrected before it is sent."""
    where = ["--sheet", look.sheet] if look.sheet else []
    call = ["auditlib", "map", str(file), *where, *(["--table", str(look.table)] if look.table > 1 else [])]
    labels = field_labels(settling.catalog, look.likely)
    taken = {c.field for c in look.columns if c.field}
    wanted = [] if look.ledger else ["--ledger", look.likely or "?"]
    for c in look.columns:
        if c.is_understood:
            continue
        best = next((n for n, s in c.candidates if n not in taken and n in labels and (s or not look.ledger)), "")
        taken.add(best)
        wanted += ["--column", f"{c.key}={best or '?'}"]
    lines = [say("map.type", language), "  " + printable(shlex.join([*call, *wanted]))]
    return lines if look.ledger else [*lines, say("map.type_ignore", language), "  " + printable(shlex.join([*call, "--ignore"]))]
