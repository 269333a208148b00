"""The tables of the register, one schema for SQLite and PostgreSQL.

Every table is named `auditlib_…`, so that a register can share a PostgreSQL database with others. Events are never
changed or removed: triggers refuse it, and the chain of hashes shows it where somebody went round them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table

SCHEMA_VERSION = 6  # the newest of migrations/versions
APPLICATION_ID = 0x41554C31  # "AUL1" in the header of the SQLite file: by it we know our own files without opening them
EVENTS, RUNS, ORGANISATIONS, SCHEMA = "auditlib_events", "auditlib_runs", "auditlib_organisations", "auditlib_schema"
STREAMS = "auditlib_streams"  # what the events of each issue and person add up to; made again from them at will
LIST_COLUMNS = ("severity", "rule", "raised_at", "deadline")  # of a stream that is an issue; else empty
FILES = "auditlib_files"  # evidence on PostgreSQL; beside a SQLite register it lies in a folder
MIGRATIONS = "auditlib_migrations"  # which steps of migrations/ were taken

_SQLITE_GUARD = """
CREATE TRIGGER auditlib_events_no_{verb} BEFORE {verb} ON auditlib_events
BEGIN SELECT RAISE(ABORT, 'events of the register are never changed'); END
"""
_POSTGRESQL_GUARD = (
    """
    CREATE FUNCTION auditlib_events_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'events of the register are never changed'; END $$
    """,
    """
    CREATE TRIGGER auditlib_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON auditlib_events
    FOR EACH STATEMENT EXECUTE FUNCTION auditlib_events_refuse()
    """,
)

# Few events are runs; evidence is asked for by what the file is. The index of another kind of event costs nothing.
_INDEXES = (
    "CREATE INDEX auditlib_events_runs ON auditlib_events (seq) WHERE kind = 'run_taken_in'",
    "CREATE INDEX auditlib_events_papers ON auditlib_events ({sha256}) WHERE kind = 'evidence'",
)
# What the hash is in the payload of such an event: its canonical form puts the key so, and a text that held the same has other quotes.
SHA256_OF = {
    "sqlite": """substr(payload, instr(payload, '"sha256":"') + 10, 64)""",
    "postgresql": """substr(payload, strpos(payload, '"sha256":"') + 10, 64)""",
}


def _events(metadata: MetaData) -> None:
    from sqlalchemy import Column, Integer, Table, Text, UniqueConstraint

    Table(
        EVENTS, metadata,
        Column("seq", Integer, primary_key=True, autoincrement=False),
        Column("event_id", Text, nullable=False, unique=True),
        Column("issue_id", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("kind", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("payload", Text, nullable=False),  # canonical JSON; no JSONB, which would write it anew
        Column("previous_hash", Text, nullable=False, unique=True),
        Column("hash", Text, nullable=False, unique=True),
        Column("signature", Text, nullable=False),
        UniqueConstraint("issue_id", "version"),
    )  # fmt: skip


def _runs(metadata: MetaData) -> None:
    from sqlalchemy import Column, Integer, Table, Text

    counts = ("findings", "raised", "seen", "changed", "put_forward", "reopened")
    Table(
        RUNS, metadata,
        Column("run_no", Integer, primary_key=True, autoincrement=False),
        Column("run_id", Text, nullable=False, unique=True),
        Column("at", Text, nullable=False),
        Column("as_of", Text, nullable=False),
        Column("fiscal_year", Integer),
        Column("county", Text, nullable=False),
        Column("workspace", Text, nullable=False),
        Column("manifest_hash", Text, nullable=False),
        *(Column(name, Integer, nullable=False) for name in counts),
        Column("head", Text, nullable=False),  # hash of the last event when the run was done
        Column("packs", Text, nullable=False, server_default=""),  # names of the county packs by which it judged, one a line
        Column("checks_hash", Text, nullable=False, server_default=""),  # of what it looked at (see runs)
    )  # fmt: skip


def _organisations(metadata: MetaData) -> None:
    from sqlalchemy import Column, Table, Text

    names = ("name", "level", "parent_code", "head", "accountant", "cashier")
    Table(ORGANISATIONS, metadata, Column("org_code", Text, primary_key=True), *(Column(n, Text, nullable=False) for n in names))


def _streams(metadata: MetaData) -> None:
    from sqlalchemy import Column, Index, Integer, Table, Text

    Table(
        STREAMS, metadata,
        Column("stream", Text, primary_key=True),
        Column("family", Text, nullable=False),  # issue | person | other
        Column("version", Integer, nullable=False),
        Column("org_code", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("facts", Text, nullable=False),
        *(Column(name, Text, nullable=False, server_default="") for name in LIST_COLUMNS),
        Index("auditlib_streams_family", "family", "org_code"),
    )  # fmt: skip


def _files(metadata: MetaData) -> None:
    from sqlalchemy import Column, Integer, LargeBinary, Table, Text, text

    Table(
        FILES, metadata, Column("sha256", Text, primary_key=True), Column("size", Integer, nullable=False),
        Column("content", LargeBinary, nullable=False), Column("added_by", Text, nullable=False, server_default=text("session_user")),
        info={"only": "postgresql"},
    )  # fmt: skip


@cache
def metadata() -> MetaData:
    from sqlalchemy import Column, Integer, MetaData, Table

    tables = MetaData()
    Table(SCHEMA, tables, Column("version", Integer, primary_key=True, autoincrement=False))
    _events(tables)
    _runs(tables)
    _organisations(tables)
    _streams(tables)
    _files(tables)
    return tables


def table(name: str) -> Table:
    return metadata().tables[name]


def tables_of(dialect: str) -> list[Table]:
    return [each for each in metadata().sorted_tables if each.info.get("only", dialect) == dialect]


def create(connection: Any) -> None:
    """All tables, guards and the version of the schema, in the transaction of `connection`."""
    from sqlalchemy import insert

    dialect = connection.dialect.name
    if dialect == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    metadata().create_all(connection, tables=tables_of(dialect), checkfirst=False)
    for statement in (*_guards(dialect), *indexes(dialect)):
        connection.exec_driver_sql(statement)
    connection.execute(insert(table(SCHEMA)).values(version=SCHEMA_VERSION))
    note_migration(connection)


def _guards(dialect: str) -> tuple[str, ...]:
    if dialect == "sqlite":
        return tuple(_SQLITE_GUARD.format(verb=verb) for verb in ("UPDATE", "DELETE"))
    return _POSTGRESQL_GUARD


def indexes(dialect: str) -> tuple[str, ...]:
    """What makes the indexes that are written by hand."""
    return tuple(statement.format(sha256=SHA256_OF[dialect]) for statement in _INDEXES)


def note_migration(connection: Any, version: int = SCHEMA_VERSION) -> None:
    """Says in Alembic's own table that the register stands at `version`."""
    connection.exec_driver_sql(f"CREATE TABLE {MIGRATIONS} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.exec_driver_sql(f"INSERT INTO {MIGRATIONS} VALUES ('{version:04}')")
