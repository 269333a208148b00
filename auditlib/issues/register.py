"""The issue register: an append-only, hash-chained log of events in SQLite or PostgreSQL.

One register may hold several counties and years. Everything that a run brings is written in one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..words.collector import resting_collector
from ..words.errors import RegisterError
from ..words.records import CheckResult, Finding, Organisation
from . import acts, log, projection, row_security, runs, schema, store
from .acts import By, Matter
from .county import CountyRules, shipped_rules
from .events import Event, Kind, Verification
from .evidence import EvidenceStore, Stored, keep, store_of
from .examine import Examination, examine, refuse_part
from .issue import Issue, Known, Reader, State, in_order, known_of
from .log import append
from .overview import Line, by_organisation, line_of
from .papers import Paper, also_shown
from .people import PROGRAM, Person
from .places import Place, is_ours, place_of
from .policy import Clock
from .runs import COUNTS, RunRecord, checks_hash
from .signing import Signer
from .standing import Rows
from .sweep import Ledgers, Run, sweep, writable
from .verify import verify_rows

_T = TypeVar("_T")

__all__ = ["Register", "RunOutcome", "RunRecord", "append"]

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
        return {name: len(getattr(self, name)) for name in COUNTS}


class Register:
    """An open register. Use it in a `with` statement, or call `close` when done."""

    def __init__(self, engine: Engine, place: Place, rules: CountyRules) -> None:
        self._engine, self._place, self._rules, self._clock = engine, place, rules, rules.clock
        self._files = store_of(engine, place)

    @classmethod
    def open(cls, url_or_path: str | Path, *, rules: CountyRules | None = None) -> Self:
        """The register at a path (SQLite) or an SQLAlchemy URL; made when there is none.

        By `rules` it judges: those of the county, packs included (`county.rules_of`); without them by the shipped ones. Raises
        RegisterError for a file that is not a register (it stays untouched), one written by a newer auditlib, a folder that cannot
        be written, a network share, a database that does not answer.
        """
        place = place_of(url_or_path)
        if place.path is not None:
            is_ours(place.path)
        engine = store.connect(place)
        judged_by = rules or shipped_rules()
        store.ensure_schema(engine, place, judged_by.transitions)
        return cls(engine, place, judged_by)

    @classmethod
    def open_existing(cls, url_or_path: str | Path, *, rules: CountyRules | None = None) -> Self:
        """As `open`, for commands that only read: raises RegisterError when there is no register yet."""
        place = place_of(url_or_path)
        if place.path is not None and not is_ours(place.path):
            raise RegisterError.of("issues.error.missing", path=place.path)
        engine = store.connect(place)
        judged_by = rules or shipped_rules()
        store.check_version(engine, place, judged_by.transitions)
        return cls(engine, place, judged_by)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def rules(self) -> CountyRules:
        """By what it judges."""
        return self._rules

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def place(self) -> Place:
        return self._place

    @property
    def files(self) -> EvidenceStore:
        return self._files

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one state of the register from its first to its last look."""
        return store.reading(self._engine, self._place)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that no other writer shares."""
        return store.writing(self._engine, self._place)

    @property
    def shown(self) -> str:
        """Where the register stands, without a password."""
        return self._place.shown

    def record_run(
        self, findings: Sequence[Finding], *, county: str, as_of: dt.date, at: dt.datetime, checks: Sequence[CheckResult],
        fiscal_year: int | None = None, workspace: str = "", manifest_hash: str = "", actor: str = PROGRAM,
        organisations: Sequence[Organisation] = (), parameters: Iterable[tuple[str, str]] = (), rows: Rows | None = None,
    ) -> RunOutcome:  # fmt: skip
        """Takes the findings of one run into the register, in one transaction.

        `checks` says which rule looked at which organisation: only then is a finding that is gone put forward.
        `at` (aware) is when the run happened, `as_of` the day that it judged by, `fiscal_year` the year of its ledgers.
        `organisations` replace what the register knows of those organisations. `parameters` (name, value) are those by which
        the rules judged: what is no longer found by other ones is not put forward. `rows` are the ledgers that were read: with
        them a record that was taken out is told from one that was put right. Raises RegisterError, and ValueError when `at` has
        no time zone.
        """
        county, workspace = writable(county), writable(workspace)
        with resting_collector(), store.writing(self._engine, self._place) as connection:
            run_no = runs.next_number(connection)
            run_id = runs.run_id_of(run_no, at, county, workspace, as_of)
            run = Run(run_id, at, as_of, fiscal_year, county, actor, self._measures(parameters))
            swept = sweep(self._known(connection), findings, checks, run, None if rows is None else self._ledgers(rows))
            found = len({f.finding_id for f in findings})
            read = runs.Read(workspace, manifest_hash, found, self._rules.packs, checks_hash(checks))
            head = runs.take_in(connection, run_no, run, swept, read, organisations)
        return RunOutcome(run.run_id, swept.raised, swept.seen, swept.changed, swept.put_forward, swept.reopened, head)

    def _ledgers(self, rows: Rows) -> Ledgers:
        cards = self._rules.cards
        return Ledgers(rows, lambda rule: cards[rule].ledgers if rule in cards else (), self._rules.closing.number_may_go)

    def _measures(self, parameters: Iterable[tuple[str, str]]) -> dict[str, dict[str, str]]:
        """The parameters that each rule judges by."""
        values = dict(parameters)
        cards = self._rules.cards if values else {}
        return {rule: {name: values[name] for name in sorted(card.parameters) if name in values} for rule, card in cards.items()}

    # Steps that people take

    def act(
        self, issue_id: str, kind: Kind | str, /, *, by: str, at: dt.datetime, expected_version: int | None = None,
        signer: Signer | None = None, **what: Any,
    ) -> Event:  # fmt: skip
        """One step on an issue, by the person `by` at `at` (aware); `what` is what transitions.yaml asks for with it.

        With `expected_version` (the version that the person saw) a step on an issue that has moved on since raises
        Conflict, which tells what changed and by whom. Raises StepRefused with every reason that stands against it.
        """
        return self._on_desk(lambda desk: acts.act(desk, issue_id, Kind(kind), By(by, at, signer), what, expected_version))

    def raise_matter(self, matter: Matter, *, by: str, at: dt.datetime, signer: Signer | None = None) -> tuple[str, Event | None]:
        """An issue that no run found. Returns its id; no event when that source and number are in the register already."""
        return self._on_desk(lambda desk: acts.raise_matter(desk, matter, By(by, at, signer)))

    def hand_in(
        self, issue_id: str, content: bytes, *, kind: str, dated: dt.date | str, name: str, by: str, at: dt.datetime,
        received: dt.date | str | None = None, note: str = "", expected_version: int | None = None, signer: Signer | None = None,
    ) -> Event:  # fmt: skip
        """A file as evidence of an issue: into the store first, then told as an event.

        `dated` is the date of the paper itself, `received` the day on which it came (that of `at` unless said). Raises
        RegisterError for a file that the store does not take, StepRefused as `act` does.
        """
        stored = keep(self._files, content, name)
        shown = writable(name.replace("\\", "/").rsplit("/", 1)[-1])
        return self.act(
            issue_id, Kind.EVIDENCE, by=by, at=at, expected_version=expected_version, signer=signer, kind=kind, dated=dated,
            received=received or self._clock.day_of(at), name=shown, sha256=stored.sha256, size=stored.size, type=stored.type, note=note,
        )  # fmt: skip

    def keep_file(self, content: bytes, name: str) -> Stored:
        """A file into the evidence store, before the event that names it. Raises RegisterError for one that is not taken."""
        return keep(self._files, content, name)

    def evidence(self, sha256: str) -> bytes | None:
        """The content of a file in the evidence store, None when it is not there."""
        return self._files.read(sha256)

    def people(self) -> tuple[Person, ...]:
        """Everybody who is or was known to the register, by id."""
        with store.reading(self._engine, self._place) as connection:
            return acts.people(self._desk(connection))

    def add_person(
        self, person_id: str, *, name: str, role: str, org_code: str = "", login: str = "", by: str, at: dt.datetime,
        signer: Signer | None = None,
    ) -> Event:  # fmt: skip
        """Adds a person, or changes one. The first person adds himself, as lead; then only a lead adds others."""
        told = {"name": name, "role": role, "org_code": org_code, "login": login}
        return self._on_desk(lambda desk: acts.add_person(desk, person_id, told, By(by, at, signer)))

    def remove_person(self, person_id: str, *, by: str, at: dt.datetime, signer: Signer | None = None) -> Event:
        """Notes that a person left."""
        return self._on_desk(lambda desk: acts.remove_person(desk, person_id, By(by, at, signer)))

    def register_key(
        self, person_id: str, new: Signer, *, by: str, at: dt.datetime, signer: Signer | None = None
    ) -> Event:
        """The public half of `new` as a key of the person; from now on the person's steps must be signed."""
        return self._on_desk(lambda desk: acts.register_key(desk, person_id, new, By(by, at, signer)))

    def revoke_key(self, person_id: str, key_id: str, *, by: str, at: dt.datetime, signer: Signer | None = None) -> Event:
        """A lead takes a key out of force."""
        return self._on_desk(lambda desk: acts.revoke_key(desk, person_id, key_id, By(by, at, signer)))

    def draw_rechecks(self, seed: str, *, by: str, at: dt.datetime, signer: Signer | None = None) -> tuple[str, ...]:
        """Draws closed issues for a second look and records seed and draw; returns the issues drawn."""
        event = self._on_desk(lambda desk: acts.draw_rechecks(desk, seed, By(by, at, signer)))
        return tuple(event.payload["drawn"])

    def together(self, step: Callable[[acts.Desk], _T]) -> _T:
        """Several steps, judged and written in one transaction: all of them, or none when one is refused."""
        return self._on_desk(step)

    def _on_desk(self, step: Callable[[acts.Desk], _T]) -> _T:
        with store.writing(self._engine, self._place) as connection:
            return step(self._desk(connection))

    def _desk(self, connection: Connection) -> acts.Desk:
        rules = self._rules
        return acts.Desk(
            connection, self._place, rules.clock, rules.transitions, rules.closing, self._files, lambda: rules.cards, rules.packs
        )

    def judged_by(self, rules: CountyRules) -> Register:
        """This register, with other rules to judge by; both are one connection."""
        return Register(self._engine, self._place, rules)

    # Reading

    def events(self, issue_id: str | None = None) -> tuple[Event, ...]:
        """All events in the order of the register, or those of one issue (or person: see events.PERSON).

        Raises RegisterError for one that cannot be read.
        """
        with store.reading(self._engine, self._place) as connection:
            return tuple(log.events(connection, self._place, issue_id))

    def issues(
        self, as_of: dt.date, *, org_codes: Sequence[str] | None = None, state: State | None = None
    ) -> tuple[Issue, ...]:
        """All issues as they stand now (or those of some organisations, or in one state); colour and days left as of `as_of`."""
        with store.reading(self._engine, self._place) as connection:
            return self._read(connection, as_of, org_codes, state)

    def overview(self, as_of: dt.date) -> tuple[Line, ...]:
        """All issues in short, in the order of `issues`: to count them and to choose which ones to read whole."""
        days_left = Reader(self._clock, as_of).days_left
        with store.reading(self._engine, self._place) as connection, resting_collector():
            try:
                return tuple(by_organisation(
                    line_of(issue_id, org_code, state, severity, rule, deadline, days_left(raised_at, severity, deadline))
                    for issue_id, org_code, state, severity, rule, raised_at, deadline in projection.lines(connection)
                ))  # fmt: skip
            except (KeyError, ValueError, TypeError) as error:
                raise RegisterError.of("issues.error.bad_state", shown=self.shown, error=error) from error

    def these(self, issue_ids: Sequence[str], as_of: dt.date) -> tuple[Issue, ...]:
        """The issues of these ids, in this order; an id that is not in the register is left out."""
        read = Reader(self._clock, as_of).issue
        with store.reading(self._engine, self._place) as connection:
            found = projection.read_many(connection, issue_ids)
        return tuple(read(issue_id, *found[issue_id]) for issue_id in issue_ids if issue_id in found)

    def issue(self, issue_id: str, as_of: dt.date) -> Issue | None:
        """One issue, or None when there is none of that id."""
        with store.reading(self._engine, self._place) as connection:
            found = projection.read(connection, issue_id)
            return Reader(self._clock, as_of).issue(issue_id, *found) if found and projection.family_of(issue_id) == "issue" else None

    def runs(self) -> tuple[RunRecord, ...]:
        """The runs that were taken in, in their order."""
        with store.reading(self._engine, self._place) as connection:
            return runs.records(connection)

    def organisations(self) -> tuple[Organisation, ...]:
        """The organisations as the newest run that knew them told, by code."""
        from sqlalchemy import select

        table = schema.table(schema.ORGANISATIONS)
        with store.reading(self._engine, self._place) as connection:
            return tuple(Organisation(**row) for row in connection.execute(select(table).order_by(table.c.org_code)).mappings())

    def head(self) -> str:
        """Hash of the last event: print it, and `verify` can tell later whether anything was rewritten or cut off."""
        with store.reading(self._engine, self._place) as connection:
            return log.last(connection)[1]

    def identity(self) -> str:
        """Which register it is, whatever its file is called: the hash of its first event; GENESIS for an empty one."""
        with store.reading(self._engine, self._place) as connection:
            return log.hash_at(connection, 1)

    def also_shown(self, issue: Issue) -> tuple[Paper, ...]:
        """The papers of `issue` that were shown for other issues too, or as several kinds of evidence: for whoever verifies."""
        with store.reading(self._engine, self._place) as connection:
            return also_shown(connection, issue)

    def holds(self, event_hash: str) -> bool:
        """Whether an event with this hash stands in the register."""
        with store.reading(self._engine, self._place) as connection:
            return log.holds(connection, event_hash)

    def verify(self, printed_head: str | None = None) -> Verification:
        """Goes along the whole chain and names the first event that does not fit.

        With `printed_head` (the head on an earlier report) also tells when the events up to it are no longer there.
        """
        with store.reading(self._engine, self._place) as connection:
            refuse_part(connection, self._place)
            return verify_rows(log.rows(connection), printed_head)

    def check(self, printed_head: str | None = None) -> Examination:
        """As `verify`, and whether the kept state is what the events add up to, and all evidence is there unaltered."""
        with store.reading(self._engine, self._place) as connection, resting_collector():
            return examine(connection, self._place, self._files, printed_head)

    def rebuild(self) -> int:
        """Makes what the events add up to anew from the events; returns how many issues and people that are.

        On PostgreSQL what each login may do is written anew too, by the table of steps that the register judges by.
        """
        with store.writing(self._engine, self._place) as connection:
            if self._place.path is None:
                row_security.secure(connection, self._rules.transitions)
            runs.rebuild(connection)
            return projection.rebuild(connection, log.told(connection, self._place))

    def _read(
        self, connection: Connection, as_of: dt.date, org_codes: Sequence[str] | None = None, state: State | None = None
    ) -> tuple[Issue, ...]:
        read = Reader(self._clock, as_of).issue
        rows = projection.read_family(connection, "issue", org_codes=org_codes, state=state)
        return in_order(self._read_with(read, rows))

    def _known(self, connection: Connection) -> list[Known]:
        return sorted(self._read_with(known_of, projection.read_family(connection, "issue")), key=lambda known: known.issue_id)

    def _read_with(self, read: Callable[[str, int, Mapping[str, Any]], _T], rows: Iterable[tuple[str, int, dict[str, Any]]]) -> list[_T]:
        with resting_collector():
            try:
                return [read(*row) for row in rows]
            except (KeyError, ValueError, TypeError) as error:
                raise RegisterError.of("issues.error.bad_state", shown=self.shown, error=error) from error
