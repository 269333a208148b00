"""Rows as the driver takes and makes them: where hundreds of thousands are written or read, each needs no names of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult

_MARKS = {"qmark": "?", "pyformat": "%s"}  # how SQLite's and PostgreSQL's drivers name a value that is handed over apart


def plain_rows(result: CursorResult[Any]) -> Iterator[Any]:
    """The rows of `result` as plain tuples, in their order. Raises sqlalchemy's DatabaseError, as `result` itself would."""
    from sqlalchemy.exc import DatabaseError

    cursor, driver = result.cursor, result.dialect.loaded_dbapi
    try:
        yield from cursor  # type: ignore[misc]
    except driver.Error as error:
        raise DatabaseError(None, None, error) from error
    finally:
        result.close()


def add_rows(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Writes `rows` (values in the order of `columns`) into `table`. Raises sqlalchemy's DBAPIError."""
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join([_MARKS[connection.dialect.paramstyle]] * len(columns))
    _run(connection, f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def change_rows(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Writes `rows` over those that have the same value in the first of `columns`. Raises sqlalchemy's DBAPIError."""
    mark = _MARKS[connection.dialect.paramstyle]
    changed = ", ".join(f'"{name}" = {mark}' for name in columns[1:])
    _run(connection, f'UPDATE {table} SET {changed} WHERE "{columns[0]}" = {mark}', [(*row[1:], row[0]) for row in rows])


def _run(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        connection.exec_driver_sql(statement, [tuple(row) for row in rows])
