"""A whole register as one zip, for backup, for another database, for another program.

    register.jsonl   one JSON document a line: first {"form": "auditlib-register/1", "head": …, "events": n}, then each
                     event, run and organisation as {"event": {…}}, {"run": {…}}, {"organisation": {…}}
    evidence/ab/cd…  the files of the evidence store, by their hash

Events stand as they are in the register, byte for byte, so that their chain verifies anywhere.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..words.errors import RegisterError
from . import log, projection, runs, schema
from .events import GENESIS
from .evidence import LARGEST, keep
from .refusal import Label
from .verify import verify_rows

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection

    from .register import Register

FORM = "auditlib-register/1"
_LISTING = "register.jsonl"
_LONGEST_LINE = 2**24  # characters of one line that are read


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What went into a backup or came out of it."""

    events: int
    runs: int
    organisations: int
    files: int
    head: str


def write_backup(register: Register, target: Path) -> Exchanged:
    """The register as one zip at `target`, whole or not at all. Raises RegisterError when it cannot be written."""
    half = target.with_name(f"{target.name}.part")
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
            told = _write(register, archive)
        half.replace(target)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise RegisterError.of("issues.key.unwritable", path=target, error=error.strerror) from error
    return told


def _write(register: Register, archive: zipfile.ZipFile) -> Exchanged:
    counts, hashes = {"event": 0, "run": 0, "organisation": 0}, set[str]()
    with register.reading() as connection, archive.open(_LISTING, "w", force_zip64=True) as listing:
        seq, head = log.last(connection)
        listing.write(_line({"form": FORM, "head": head, "events": seq}))
        for name, row in _told(connection):
            counts[name] += 1
            listing.write(_line({name: row}))
            if row.get("kind") == "evidence":
                hashes.add(json.loads(row["payload"])["sha256"])
    files = 0
    for sha256 in sorted(hashes):
        content = register.evidence(sha256)
        if content is not None:
            archive.writestr(f"evidence/{sha256[:2]}/{sha256[2:]}", content)
            files += 1
    return Exchanged(counts["event"], counts["run"], counts["organisation"], files, head)


def _told(connection: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    from sqlalchemy import select

    for row in log.rows(connection):
        yield "event", dict(zip(log.COLUMNS, row, strict=True))
    for name, table in (("run", schema.table(schema.RUNS)), ("organisation", schema.table(schema.ORGANISATIONS))):
        for each in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings():
            yield name, dict(each)


def _line(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8")


def read_backup(register: Register, source: Path, printed_head: str | None = None) -> Exchanged:
    """Takes a backup into a register that is still empty: the files first, then all events in one transaction.

    Whatever stops it, the register is still empty then, and the same call can be made again: a file that is there already is
    taken once.

    Raises RegisterError when the register holds events, when the file is no backup, when its chain does not verify (or
    does not hold `printed_head`), when its runs or organisations are not those that its events tell, and when a file of
    evidence is not what its name says. An export from before runs stood in the chain has them sealed now: its head moves on.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            documents = _documents(archive, source)
            rows, head = _whole(register, documents, source, printed_head)
            files = _files(register, archive, source)
            head = _take_in(register, documents, source) or head
            return Exchanged(len(rows), len(documents["run"]), len(documents["organisation"]), files, head)
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise RegisterError.of("issues.restore.no_backup", path=source, error=error) from error


def _documents(archive: zipfile.ZipFile, source: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"event": [], "run": [], "organisation": []}
    with archive.open(_LISTING) as listing:
        for number, line in enumerate(iter(lambda: listing.readline(_LONGEST_LINE), b""), 1):
            try:
                document = json.loads(line)
                if number == 1 and document.get("form") == FORM:
                    found["first"] = [document]
                    continue
                ((name, row),) = document.items()
                found[name].append(row)
            except (ValueError, KeyError, AttributeError) as error:
                raise RegisterError.of("issues.restore.bad_line", path=source, line=number) from error
    if "first" not in found:
        raise RegisterError.of("issues.restore.bad_line", path=source, line=1)
    return found


def _whole(
    register: Register, documents: dict[str, list[dict[str, Any]]], source: Path, printed_head: str | None
) -> tuple[list[Any], str]:
    """The events as they are stored, and their head. Raises RegisterError unless they are whole and the register is empty."""
    rows = [tuple(row.get(name) for name in log.COLUMNS) for row in documents["event"]]
    for head in (documents["first"][0].get("head"), printed_head):
        chain = verify_rows(rows, head)
        if not chain.is_whole:
            raise RegisterError.of("issues.restore.chain", path=source, seq=chain.bad_seq, problem=Label(chain.problem))
    with register.reading() as connection:
        _refuse_filled(connection, register)
    return rows, chain.head


def _refuse_filled(connection: Connection, register: Register) -> None:
    if log.last(connection)[1] != GENESIS:
        raise RegisterError.of("issues.restore.not_empty", shown=register.shown)


def _unsaid(column: Column[Any]) -> str | None:
    """What an export from before there was the column leaves open: its default; None, which is refused, for one without."""
    return None if column.server_default is None else ""


def _take_in(register: Register, documents: dict[str, list[dict[str, Any]]], source: Path) -> str:
    """Writes everything, or nothing when it does not fit together; returns the new head where runs had to be sealed, else ''."""
    from sqlalchemy import insert

    with register.writing() as connection:
        _refuse_filled(connection, register)
        for name, wanted in (("event", schema.EVENTS), ("run", schema.RUNS), ("organisation", schema.ORGANISATIONS)):
            table = schema.table(wanted)
            for start in range(0, len(documents[name]), 5000):
                part = documents[name][start : start + 5000]
                connection.execute(insert(table), [{c.name: row.get(c.name, _unsaid(c)) for c in table.columns} for row in part])
        projection.rebuild(connection, log.told(connection, register.place))
        if documents["run"] and runs.newest(connection) is None:
            runs.seal_earlier(connection)
            return log.last(connection)[1]
        _refuse_altered(runs.altered(connection), source)
        return ""


def _refuse_altered(found: runs.Altered, source: Path) -> None:
    if found.runs or found.organisations:
        named = {"runs": ", ".join(found.runs) or "-", "organisations": ", ".join(found.organisations) or "-"}
        raise RegisterError.of("issues.restore.altered", path=source, **named)


def _files(register: Register, archive: zipfile.ZipFile, source: Path) -> int:
    """The evidence of the archive; each is stored under the hash of what it really is, so a false name gains nothing."""
    names = [info for info in archive.infolist() if info.filename.startswith("evidence/") and not info.is_dir()]
    for info in names:
        if info.file_size > LARGEST:
            raise RegisterError.of("issues.evidence.size", name=info.filename, size=info.file_size, largest=LARGEST // 2**20)
        keep(register.files, archive.read(info), info.filename)
    return len(names)
