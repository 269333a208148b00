"""Engines and transactions: the one module that knows SQLite's and PostgreSQL's ways.

One writer at a time, whatever the number of processes: SQLite by BEGIN IMMEDIATE with a busy timeout (a plain BEGIN
loses writers to upgrade deadlocks), PostgreSQL by an advisory lock for the length of the transaction (without it
two writers read the same last event).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..words.errors import RegisterError
from . import log, projection, row_security, runs, schema
from .places import Place, is_ours, refuse_network_share

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from .transitions import Transitions

BUSY_SECONDS = 30
_MAPPED = 2**40  # the whole file: rows are read all over it. A file cut short meanwhile ends the process, so only those beside map it
CACHE_KIB = 128 * 1024  # the hashes of new events fall all over their indexes; with SQLite's own 2 MB each is read from the file again
_RUNS_SEALED = 6  # version of the schema from which on runs stand in the chain
_LOCK = 0x6175_6469_746C_6962  # "auditlib": key of the advisory lock


@contextmanager
def telling(place: Place) -> Iterator[None]:
    """Turns what the database says into a RegisterError that a person can act on."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except DBAPIError as error:
        raise _told(place, str(error.orig)) from error
    except SQLAlchemyError as error:
        raise RegisterError.of("issues.error.database", shown=place.shown, error=type(error).__name__) from error


def _told(place: Place, text: str) -> RegisterError:
    causes = {
        "database is locked": "issues.error.locked", "readonly": "issues.error.readonly", "is full": "issues.error.full",
        "unable to open": "issues.error.cannot_open", "malformed": "issues.error.damaged", "not a database": "issues.error.damaged",
        "permission denied": "issues.error.not_allowed", "row-level security": "issues.error.not_allowed",
    }  # fmt: skip
    key = next((key for words, key in causes.items() if words in text), "issues.error.database")
    return RegisterError.of(key, shown=place.shown, error=" ".join(text.split())[:300])


def connect(place: Place) -> Engine:
    """The engine for `place`; opens nothing yet but refuses what cannot work. Raises RegisterError."""
    return _sqlite(place) if place.path is not None else _postgresql(place)


def _sqlite(place: Place) -> Engine:
    from sqlalchemy import URL, create_engine, event

    assert place.path is not None
    if not place.path.parent.is_dir():
        raise RegisterError.of("issues.error.no_folder", path=place.path, folder=place.path.parent)
    refuse_network_share(place.path)
    # One connection as long as the register is open (opening one costs more than a step does); when the last one
    # closes, SQLite folds its log back into the one file.
    url = URL.create("sqlite+pysqlite", database=str(place.path))
    engine = create_engine(url, pool_size=1, max_overflow=10, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None  # else the driver sends its own BEGIN, which is not IMMEDIATE
    dbapi_connection.execute("PRAGMA synchronous = FULL")
    dbapi_connection.execute("PRAGMA foreign_keys = ON")
    dbapi_connection.execute("PRAGMA trusted_schema = OFF")
    dbapi_connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")  # only what is used is taken


def _begin_sqlite(connection: Any) -> None:
    is_writing = connection.get_execution_options().get("auditlib_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def bare(path: Path) -> Callable[[str], Iterable[Any]]:
    """Asks a SQLite register, as it stands at one moment, by the driver alone: for a process that lives too short to load sqlalchemy."""
    import sqlite3

    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
    connection.execute("BEGIN")
    return connection.execute


def _postgresql(place: Place) -> Engine:
    from sqlalchemy import create_engine

    try:
        return create_engine(place.url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise RegisterError.of("issues.error.no_driver", shown=place.shown) from error


@contextmanager
def reading(engine: Engine, place: Place) -> Iterator[Connection]:
    """A transaction that sees one state of the register from its first to its last look."""
    with telling(place):
        options = {} if place.path is not None else {"isolation_level": "REPEATABLE READ"}
        with engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine, place: Place) -> Iterator[Connection]:
    """A transaction that no other writer shares: kept whole, or not at all when an error leaves it."""
    with telling(place), engine.connect().execution_options(auditlib_writing=True) as connection, connection.begin():
        if place.path is None:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        yield connection


def has_tables(connection: Connection) -> bool:
    from sqlalchemy import inspect

    return bool(inspect(connection).has_table(schema.SCHEMA))


def ensure_schema(engine: Engine, place: Place, transitions: Transitions) -> None:
    """Makes the tables where there are none. Raises RegisterError for a file of others or a register of another version."""
    with telling(place):
        if place.path is None:
            _ensure_postgresql(engine, place, transitions)
        elif not is_ours(place.path):
            _create_sqlite(engine, place)
        check_version(engine, place, transitions)
        if place.path is not None:
            _write_ahead(engine, place)


def _ensure_postgresql(engine: Engine, place: Place, transitions: Transitions) -> None:
    with reading(engine, place) as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if has_tables(connection):
            return
    if encoding != "UTF8":
        raise RegisterError.of("issues.error.encoding", shown=place.shown, encoding=encoding)
    with writing(engine, place) as connection:
        if not has_tables(connection):  # another process may have been faster
            schema.create(connection)
            row_security.secure(connection, transitions)


def _create_sqlite(engine: Engine, place: Place) -> None:
    with writing(engine, place) as connection:
        if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0:
            schema.create(connection)


def check_version(engine: Engine, place: Place, transitions: Transitions) -> None:
    """Brings an older register up to date. Raises RegisterError for one of a newer auditlib, or without its tables."""
    with reading(engine, place) as connection:
        if not has_tables(connection):
            raise RegisterError.of("issues.error.not_ours", path=place.shown)
        version = _version(connection)
    if version < schema.SCHEMA_VERSION:
        version = _upgrade(engine, place, version, transitions)
    if version != schema.SCHEMA_VERSION:
        raise RegisterError.of("issues.error.version", shown=place.shown, version=version, known=schema.SCHEMA_VERSION)


def _version(connection: Connection) -> int:
    from sqlalchemy import select

    return int(connection.execute(select(schema.table(schema.SCHEMA).c.version)).scalar_one())


def _upgrade(engine: Engine, place: Place, version: int, transitions: Transitions) -> int:
    """All steps in one transaction, after a copy of the file was put aside; returns the version reached."""
    from sqlalchemy import inspect

    from . import migrations

    if place.path is not None:
        copy_file(engine, place.path.with_name(f"{place.path.name}.v{version}"))
    with writing(engine, place) as connection:
        if _version(connection) == version:  # else another process was faster
            if not inspect(connection).has_table(schema.MIGRATIONS):
                schema.note_migration(connection, version)
            migrations.upgrade(connection)
            if place.path is None:
                row_security.secure(connection, transitions)
            if version < _RUNS_SEALED:
                runs.seal_earlier(connection)
            projection.rebuild(connection, log.told(connection, place))
        return _version(connection)


def copy_file(engine: Engine, target: Path) -> None:
    """A whole copy of a SQLite register at one moment, whoever is writing; never half of one under that name."""
    import os
    import sqlite3

    half = target.with_name(f"{target.name}.{os.getpid()}.part")
    source, copy = engine.raw_connection(), sqlite3.connect(half)
    try:
        source.driver_connection.backup(copy)  # type: ignore[union-attr]
        copy.close()
        half.replace(target)
    finally:
        copy.close()
        source.close()
        half.unlink(missing_ok=True)


def _write_ahead(engine: Engine, place: Place) -> None:
    """Readers and a writer side by side. The mode stays in the file, so it is set once."""
    import sqlite3

    raw = engine.raw_connection()
    try:
        mode = raw.cursor().execute("PRAGMA journal_mode").fetchone()[0]
        if mode != "wal":
            mode = raw.cursor().execute("PRAGMA journal_mode = WAL").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise _told(place, str(error)) from error
        mode = "wal"  # another process is just setting it
    finally:
        raw.close()
    if mode != "wal":
        raise RegisterError.of("issues.error.no_wal", path=place.shown)
