"""Where a remark stands, in the terms of tools that know files, lines and columns only."""

from __future__ import annotations

from urllib.parse import quote

from ...words.cells import column_index
from .remarks import Remark


def line_of(remark: Remark) -> int:
    """The row as a line, 1 where none is known."""
    return max(remark.row or 1, 1)


def column_of(remark: Remark) -> int | None:
    """The 1-based column, None where none is known."""
    return column_index(remark.column) + 1 if remark.column else None


def address(file: str) -> str:
    """A relative path as a URI reference (RFC 3986): everything but unreserved characters and '/' is percent-encoded."""
    return quote(file.encode("utf-8", "surrogateescape"), safe="/")
