"""The rows of a query as the driver makes them: where hundreds of thousands are read, each needs no names of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import CursorResult

_AT_ONCE = 1000


def plain_rows(result: CursorResult[Any]) -> Iterator[Any]:
    """The rows of `result` as plain tuples, in their order. Raises sqlalchemy's DatabaseError, as `result` itself would."""
    from sqlalchemy.exc import DatabaseError

    cursor, driver = result.cursor, result.dialect.loaded_dbapi
    try:
        while part := cursor.fetchmany(_AT_ONCE):
            yield from part
    except driver.Error as error:
        raise DatabaseError(None, None, error) from error
    finally:
        result.close()
