"""The tables of the register, one schema for SQLite and PostgreSQL.

Every table is named `auditlib_…`, so that a register can share a PostgreSQL database with others. Events are never
changed or removed: triggers refuse it, and the chain of hashes shows it where somebody went round them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table

SCHEMA_VERSION = 1
APPLICATION_ID = 0x41554C31  # "AUL1" in the header of the SQLite file: by it we know our own files without opening them
EVENTS, RUNS, ORGANISATIONS, SCHEMA = "auditlib_events", "auditlib_runs", "auditlib_organisations", "auditlib_schema"

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
    )  # fmt: skip


def _organisations(metadata: MetaData) -> None:
    from sqlalchemy import Column, Table, Text

    names = ("name", "level", "parent_code", "head", "accountant", "cashier")
    Table(ORGANISATIONS, metadata, Column("org_code", Text, primary_key=True), *(Column(n, Text, nullable=False) for n in names))


@cache
def metadata() -> MetaData:
    from sqlalchemy import Column, Integer, MetaData, Table

    tables = MetaData()
    Table(SCHEMA, tables, Column("version", Integer, primary_key=True, autoincrement=False))
    _events(tables)
    _runs(tables)
    _organisations(tables)
    return tables


def table(name: str) -> Table:
    return metadata().tables[name]


def create(connection: Any) -> None:
    """All tables, guards and the version of the schema, in the transaction of `connection`."""
    from sqlalchemy import insert

    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    metadata().create_all(connection, checkfirst=False)
    if connection.dialect.name == "sqlite":
        guards = tuple(_SQLITE_GUARD.format(verb=verb) for verb in ("UPDATE", "DELETE"))
    else:
        guards = _POSTGRESQL_GUARD
    for guard in guards:
        connection.exec_driver_sql(guard)
    connection.execute(insert(table(SCHEMA)).values(version=SCHEMA_VERSION))
