"""The issue register: an append-only, hash-chained log of events in SQLite or PostgreSQL.

One register may hold several counties and years. Everything that a run brings is written in one transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..words.errors import RegisterError
from ..words.messages import say
from ..words.records import CheckResult, Finding, Organisation
from . import schema, store
from .events import GENESIS, Draft, Event, Kind, Verification, canonical, seal_all, time_of, time_text
from .issue import Issue, fold_all
from .places import Place, is_ours, place_of
from .policy import Clock, load_clock
from .sweep import Run, Sweep, sweep, writable
from .verify import COLUMNS, verify_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run changed in the register; each field but the first names issues, sorted."""

    run_id: str
    raised: tuple[str, ...]
    seen: tuple[str, ...]  # known already and found again, changed ones among them
    changed: tuple[str, ...]  # seen again with another amount, severity, owner or year
    put_forward: tuple[str, ...]  # no longer found though looked for: for verification
    reopened: tuple[str, ...]
    head: str  # hash of the last event of the register after the run

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(getattr(self, name)) for name in ("raised", "seen", "changed", "put_forward", "reopened")}


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
    head: str


class Register:
    """An open register. Use it in a `with` statement, or call `close` when done."""

    def __init__(self, engine: Engine, place: Place, clock: Clock) -> None:
        self._engine, self._place, self._clock = engine, place, clock

    @classmethod
    def open(cls, url_or_path: str | Path, *, clock: Clock | None = None) -> Self:
        """The register at a path (SQLite) or an SQLAlchemy URL; made when there is none.

        Raises RegisterError for a file that is not a register (it stays untouched), one written by a newer auditlib,
        a folder that cannot be written, a network share, a database that does not answer.
        """
        place = place_of(url_or_path)
        if place.path is not None:
            is_ours(place.path)
        engine = store.connect(place)
        store.ensure_schema(engine, place)
        return cls(engine, place, clock or load_clock())

    @classmethod
    def open_existing(cls, url_or_path: str | Path, *, clock: Clock | None = None) -> Self:
        """As `open`, for commands that only read: raises RegisterError when there is no register yet."""
        place = place_of(url_or_path)
        if place.path is not None and not is_ours(place.path):
            raise RegisterError(say("issues.error.missing", path=place.path))
        engine = store.connect(place)
        store.check_version(engine, place)
        return cls(engine, place, clock or load_clock())

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def shown(self) -> str:
        """Where the register stands, without a password."""
        return self._place.shown

    def record_run(
        self, findings: Sequence[Finding], *, county: str, as_of: dt.date, at: dt.datetime, checks: Sequence[CheckResult],
        fiscal_year: int | None = None, workspace: str = "", manifest_hash: str = "", actor: str = "auditlib",
        organisations: Sequence[Organisation] = (),
    ) -> RunOutcome:  # fmt: skip
        """Takes the findings of one run into the register, in one transaction.

        `checks` says which rule looked at which organisation: only then is a finding that is gone put forward.
        `at` (aware) is when the run happened, `as_of` the day that it judged by, `fiscal_year` the year of its ledgers.
        `organisations` replace what the register knows of those organisations. Raises RegisterError, and ValueError
        when `at` has no time zone.
        """
        county, workspace = writable(county), writable(workspace)
        with store.writing(self._engine, self._place) as connection:
            run_no = _count(connection, schema.RUNS) + 1
            run = Run(_run_id(run_no, at, county, workspace, as_of), at, as_of, fiscal_year, county, actor)
            swept = sweep(self._folded(connection, as_of), findings, checks, run)
            head = append(connection, swept.drafts)
            _note_run(connection, run_no, run, swept, head, (workspace, manifest_hash, len({f.finding_id for f in findings})))
            _note_organisations(connection, organisations)
        return RunOutcome(run.run_id, swept.raised, swept.seen, swept.changed, swept.put_forward, swept.reopened, head)

    def events(self, issue_id: str | None = None) -> tuple[Event, ...]:
        """All events in the order of the register, or those of one issue. Raises RegisterError for one that cannot be read."""
        with store.reading(self._engine, self._place) as connection:
            return tuple(_event(self._place, row) for row in _rows(connection, issue_id))

    def issues(self, as_of: dt.date) -> tuple[Issue, ...]:
        """All issues as they stand now, their colour and days left as of `as_of`."""
        with store.reading(self._engine, self._place) as connection:
            return self._folded(connection, as_of)

    def runs(self) -> tuple[RunRecord, ...]:
        """The runs that were taken in, in their order."""
        from sqlalchemy import select

        table = schema.table(schema.RUNS)
        with store.reading(self._engine, self._place) as connection:
            rows = connection.execute(select(table).order_by(table.c.run_no)).mappings().all()
        return tuple(RunRecord(**{**row, "at": time_of(row["at"]), "as_of": dt.date.fromisoformat(row["as_of"])}) for row in rows)

    def organisations(self) -> tuple[Organisation, ...]:
        """The organisations as the newest run that knew them told, by code."""
        from sqlalchemy import select

        table = schema.table(schema.ORGANISATIONS)
        with store.reading(self._engine, self._place) as connection:
            return tuple(Organisation(**row) for row in connection.execute(select(table).order_by(table.c.org_code)).mappings())

    def head(self) -> str:
        """Hash of the last event: print it, and `verify` can tell later whether anything was rewritten or cut off."""
        with store.reading(self._engine, self._place) as connection:
            return _last(connection)[1]

    def verify(self, printed_head: str | None = None) -> Verification:
        """Goes along the whole chain and names the first event that does not fit.

        With `printed_head` (the head on an earlier report) also tells when the events up to it are no longer there.
        """
        from sqlalchemy import select

        with store.reading(self._engine, self._place) as connection:
            table = schema.table(schema.EVENTS)
            columns = (table.c[name] for name in COLUMNS)
            return verify_rows(connection.execute(select(*columns).order_by(table.c.seq)), printed_head)

    def _folded(self, connection: Connection, as_of: dt.date) -> tuple[Issue, ...]:
        events = (_event(self._place, row) for row in _rows(connection, None))
        return fold_all(events, clock=self._clock, as_of=as_of)


def append(connection: Connection, drafts: Sequence[Draft]) -> str:
    """Seals `drafts` behind the last event in the (writing) transaction of `connection`; returns the new head.

    The database refuses a draft whose version its issue has already: the state that it was judged against is gone.
    """
    from sqlalchemy import insert

    seq, head = _last(connection)
    sealed = seal_all(drafts, seq, head)
    if sealed:
        connection.execute(insert(schema.table(schema.EVENTS)), [_row(event) for event in sealed])
        head = sealed[-1].hash
    return head


def _row(event: Event) -> dict[str, Any]:
    names = ("event_id", "issue_id", "seq", "version", "actor", "previous_hash", "hash", "signature")
    plain = {name: getattr(event, name) for name in names}
    return {**plain, "kind": str(event.kind), "at": time_text(event.at), "payload": canonical(event.payload)}


def _event(place: Place, row: Any) -> Event:
    try:
        values = {**row, "kind": Kind(row["kind"]), "at": time_of(row["at"])}
        return Event(**{**values, "payload": MappingProxyType(json.loads(row["payload"]))})
    except (ValueError, TypeError) as error:
        raise RegisterError(say("issues.error.bad_event", shown=place.shown, seq=row["seq"], error=error)) from error


def _rows(connection: Connection, issue_id: str | None) -> Iterable[Any]:
    from sqlalchemy import select

    table = schema.table(schema.EVENTS)
    query = select(table).order_by(table.c.seq)
    return connection.execute(query if issue_id is None else query.where(table.c.issue_id == issue_id)).mappings()


def _last(connection: Connection) -> tuple[int, str]:
    from sqlalchemy import select

    table = schema.table(schema.EVENTS)
    row = connection.execute(select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)).first()
    return (row[0], row[1]) if row else (0, GENESIS)


def _count(connection: Connection, name: str) -> int:
    from sqlalchemy import func, select

    return int(connection.execute(select(func.count()).select_from(schema.table(name))).scalar_one())


def _run_id(run_no: int, at: dt.datetime, county: str, workspace: str, as_of: dt.date) -> str:
    told = canonical([run_no, time_text(at), county, workspace, as_of.isoformat()])
    return f"RUN-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def _note_run(connection: Connection, run_no: int, run: Run, swept: Sweep, head: str, told: tuple[str, str, int]) -> None:
    from sqlalchemy import insert

    workspace, manifest_hash, findings = told
    counts = {name: len(getattr(swept, name)) for name in ("raised", "seen", "changed", "put_forward", "reopened")}
    connection.execute(insert(schema.table(schema.RUNS)).values(
        run_no=run_no, run_id=run.run_id, at=time_text(run.at), as_of=run.as_of.isoformat(), fiscal_year=run.fiscal_year,
        county=run.county, workspace=workspace, manifest_hash=manifest_hash, findings=findings, head=head, **counts,
    ))  # fmt: skip


def _note_organisations(connection: Connection, organisations: Sequence[Organisation]) -> None:
    from sqlalchemy import bindparam, delete, insert

    names = ("org_code", "name", "level", "parent_code", "head", "accountant", "cashier")
    rows = list({o.org_code: {name: writable(getattr(o, name)) for name in names} for o in organisations}.values())
    if rows:
        table = schema.table(schema.ORGANISATIONS)
        connection.execute(delete(table).where(table.c.org_code == bindparam("code")), [{"code": r["org_code"]} for r in rows])
        connection.execute(insert(table), rows)
