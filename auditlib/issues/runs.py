"""The runs of a register, each sealed by an event of its own in the chain, with what it looked at and by which measure.

Steps that judge and 清零 rest on a run: by which packs it judged, which checks it made, which ledgers it read. The table of runs is
there to be read quickly; what it and the table of organisations say is held against the events by `altered`, and made anew by
`rebuild`. A run that repeats the last one sealed (the same ledgers, day, packs and checks, and nothing new about any issue or
organisation) writes no event, so that a repeated audit leaves chain and printed head as they were: it is a line in the table only, and
must say what the one that it repeats says.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..words.records import CheckResult, Organisation
from . import log, schema
from .events import RUN, Draft, Kind, canonical, time_of, time_text
from .people import PROGRAM
from .sweep import Run, Sweep, writable
from .verify import content_if_sealed

if TYPE_CHECKING:
    from sqlalchemy import Connection

COUNTS = ("raised", "seen", "changed", "put_forward", "reopened")
ORGANISATION = ("org_code", "name", "level", "parent_code", "head", "accountant", "cashier")
# What two runs have in common of which one repeats the other.
_REPEATED = ("as_of", "fiscal_year", "county", "workspace", "manifest_hash", "findings", "packs", "checks_hash")
_TOLD = ("run_no", *_REPEATED, *COUNTS)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A line of the table of runs."""

    run_no: int
    run_id: str
    at: dt.datetime
    as_of: dt.date
    fiscal_year: int | None
    county: str
    workspace: str
    manifest_hash: str
    findings: int
    raised: int
    seen: int
    changed: int
    put_forward: int
    reopened: int
    head: str  # hash of the last event when the run was done
    packs: tuple[str, ...] = ()  # names of the county packs by which it judged
    checks_hash: str = ""  # see `checks_hash`; '' where it was not told


@dataclass(frozen=True, slots=True)
class Read:
    """What a run read: names and hashes, the texts as every database takes them."""

    workspace: str
    manifest_hash: str
    findings: int
    packs: tuple[str, ...]
    checks_hash: str


def run_id_of(run_no: int, at: dt.datetime, county: str, workspace: str, as_of: dt.date) -> str:
    told = canonical([run_no, time_text(at), county, workspace, as_of.isoformat()])
    return f"{RUN}{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def checks_hash(checks: Iterable[CheckResult]) -> str:
    """SHA-256 over rule, organisation, ledger, outcome and population of every check, sorted: what a run looked at."""
    lines = sorted(f"{c.rule}\t{c.org_code}\t{c.ledger}\t{c.status}\t{c.population}" for c in checks)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


# Writing


def next_number(connection: Connection) -> int:
    from sqlalchemy import func, select

    return int(connection.execute(select(func.coalesce(func.max(schema.table(schema.RUNS).c.run_no), 0))).scalar_one()) + 1


def take_in(connection: Connection, run_no: int, run: Run, swept: Sweep, read: Read, organisations: Sequence[Organisation]) -> str:
    """Writes what a run brings: its events, its seal, its line, the organisations that it knows otherwise; returns the new head."""
    new = _new_organisations(connection, organisations)
    row = _row(run_no, run, swept, read)
    drafts = list(swept.drafts)
    if drafts or new or not _is_repeat(row, newest(connection)):
        drafts.append(_seal(run.run_id, run.actor, run.at, {**_payload(row, new), "events": len(swept.drafts)}))
    head = log.append(connection, drafts)
    _write(connection, [{**row, "head": head}])
    _write_organisations(connection, new)
    return head


def _row(run_no: int, run: Run, swept: Sweep, read: Read) -> dict[str, Any]:
    """The line of a run but for its head."""
    return {
        "run_no": run_no, "run_id": run.run_id, "at": time_text(run.at), "as_of": run.as_of.isoformat(), "fiscal_year": run.fiscal_year,
        "county": run.county, "workspace": read.workspace, "manifest_hash": read.manifest_hash, "findings": read.findings,
        "packs": "\n".join(read.packs), "checks_hash": read.checks_hash, **{name: len(getattr(swept, name)) for name in COUNTS},
    }  # fmt: skip


def _payload(row: Mapping[str, Any], organisations: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {**{name: row[name] for name in _TOLD}, "organisations": [list(each) for each in organisations]}


def _seal(run_id: str, actor: str, at: dt.datetime, payload: Mapping[str, Any]) -> Draft:
    return Draft(run_id, 1, Kind.RUN_TAKEN_IN, at, actor, payload)


def _is_repeat(row: Mapping[str, Any], sealed: Mapping[str, Any] | None) -> bool:
    return sealed is not None and all(row[name] == sealed.get(name) for name in _REPEATED)


def _write(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    from sqlalchemy import insert

    connection.execute(insert(schema.table(schema.RUNS)), [dict(row) for row in rows])


def _organisations(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The organisations as their table has them, by code."""
    from sqlalchemy import select

    table = schema.table(schema.ORGANISATIONS)
    query = select(*(table.c[name] for name in ORGANISATION)).order_by(table.c.org_code)
    return {row[0]: tuple(row) for row in connection.execute(query)}


def _new_organisations(connection: Connection, organisations: Sequence[Organisation]) -> list[tuple[str, ...]]:
    """Those that the register does not know, or knows otherwise."""
    told = {row[0]: row for row in (tuple(writable(getattr(o, name)) for name in ORGANISATION) for o in organisations)}
    known = _organisations(connection) if told else {}
    return [row for code, row in told.items() if known.get(code) != row]


def _write_organisations(connection: Connection, rows: Sequence[Sequence[str]]) -> None:
    from sqlalchemy import bindparam, delete, insert

    if rows:
        table = schema.table(schema.ORGANISATIONS)
        connection.execute(delete(table).where(table.c.org_code == bindparam("code")), [{"code": row[0]} for row in rows])
        connection.execute(insert(table), [dict(zip(ORGANISATION, row, strict=True)) for row in rows])


def seal_earlier(connection: Connection) -> None:
    """Seals the runs of a register of before runs stood in the chain, as they stand now; the last one with the organisations."""
    drafts = []
    rows = [row for row in _rows(connection) if next(iter(log.rows(connection, row["run_id"])), None) is None]
    for place, row in enumerate(rows, 1):
        known = tuple(_organisations(connection).values()) if place == len(rows) else ()
        told = {**_payload(row, known), "is_sealed_later": True}
        drafts.append(_seal(row["run_id"], PROGRAM, time_of(row["at"]), told))
    log.append(connection, drafts)


# Reading


def records(connection: Connection) -> tuple[RunRecord, ...]:
    """The runs that were taken in, in their order."""
    return tuple(
        RunRecord(**{
            **row, "at": time_of(row["at"]), "as_of": dt.date.fromisoformat(row["as_of"]), "packs": tuple(row["packs"].splitlines()),
        })
        for row in _rows(connection)
    )  # fmt: skip


def _rows(connection: Connection) -> list[dict[str, Any]]:
    from sqlalchemy import select

    table = schema.table(schema.RUNS)
    return [dict(row) for row in connection.execute(select(table).order_by(table.c.run_no)).mappings()]


def newest(connection: Connection, counties: Iterable[str] = ()) -> dict[str, Any] | None:
    """What the seal of the last run says (or of the last one of `counties`), read from the chain; None where there is none."""
    wanted = frozenset(counties)
    for row in _seals(connection):
        told = _told(row)
        if told is not None and (not wanted or told["county"] in wanted):
            return told
    return None


def _seals(connection: Connection) -> Iterator[Any]:
    """The events that seal runs (`log.COLUMNS`), the newest first."""
    columns = ", ".join(f'"{name}"' for name in log.COLUMNS)
    # The kind is written out: only so does the index on these events serve.
    result = connection.exec_driver_sql(f"SELECT {columns} FROM auditlib_events WHERE kind = 'run_taken_in' ORDER BY seq DESC")
    try:
        yield from result
    finally:
        result.close()


def _told(row: Any) -> dict[str, Any] | None:
    """The payload of an event in `row`; None for one whose content is not what was sealed."""
    return dict(log.told_of_row(row).payload) if content_if_sealed(row) is not None else None


def brought(connection: Connection, run_id: str, seq: int) -> bool:
    """Whether the run `run_id`, as its seal in the chain and its line in the table say, brought the event at place `seq`."""
    if not run_id.startswith(RUN):
        return False
    row = next(iter(log.rows(connection, run_id)), None)
    told = None if row is None else _told(row)
    line = next((each for each in _rows(connection) if each["run_id"] == run_id), None)
    if row is None or told is None or line is None or not _is_as_sealed(line, told):
        return False
    return bool(told.get("is_sealed_later")) or row[2] - int(told.get("events", 0)) <= seq < row[2]


def _is_as_sealed(line: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    return all(line[name] == told.get(name) for name in _TOLD)


@dataclass(frozen=True, slots=True)
class Altered:
    """What the tables beside the chain say otherwise than the chain: run ids, and codes of organisations; sorted."""

    runs: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()


def altered(connection: Connection) -> Altered:
    """Holds the tables of runs and organisations against what the events say; that the chain is whole is not looked at here."""
    sealed = {row[1]: {**told, "at": row[5]} for row in _seals(connection) if (told := _told(row)) is not None}
    wrong, last, left, number = set[str](), None, set(sealed), 0
    for row in _rows(connection):
        told = sealed.get(row["run_id"])
        is_right = _is_repeat(row, last) if told is None else _is_as_sealed(row, told) and row["at"] == told.get("at")
        if not is_right or row["run_no"] != number + 1 or not log.holds(connection, row["head"]):
            wrong.add(row["run_id"])
        left.discard(row["run_id"])
        last, number = told or last, row["run_no"]
    known, told_of = _organisations(connection), _organisations_of(sealed.values())
    codes = {code for code in {*known, *told_of} if known.get(code) != told_of.get(code)}
    return Altered(tuple(sorted(wrong | left)), tuple(sorted(codes)))


def _organisations_of(sealed: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The organisations as the seals tell them, by code: the newest run that knew one counts."""
    return {
        row[0]: tuple(row) for told in sorted(sealed, key=lambda told: int(told["run_no"])) for row in told.get("organisations", ())
    }  # fmt: skip


def rebuild(connection: Connection) -> None:
    """Makes the tables of runs and organisations anew from the chain; a repeat stays a line, as the run says that it repeats."""
    from sqlalchemy import delete

    seals = [(row, told) for row in _seals(connection) if (told := _told(row)) is not None]
    sealed = {
        told["run_no"]: {"run_id": row[1], "at": row[5], "head": row[9], **{name: told[name] for name in _TOLD}} for row, told in seals
    }  # fmt: skip
    repeats, known = {}, {line["run_id"] for line in sealed.values()}
    for line in _rows(connection):
        before = max((number for number in sealed if number < line["run_no"]), default=None)
        if line["run_id"] not in known and before is not None:
            head = line["head"] if log.holds(connection, line["head"]) else sealed[before]["head"]
            repeats[line["run_no"]] = {**line, **{name: sealed[before][name] for name in _REPEATED}, "head": head}
    for table in (schema.RUNS, schema.ORGANISATIONS):
        connection.execute(delete(schema.table(table)))
    if lines := {**repeats, **sealed}:
        _write(connection, list(lines.values()))
    _write_organisations(connection, list(_organisations_of(told for _, told in seals).values()))
