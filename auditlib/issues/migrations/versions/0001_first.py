"""The first schema: events, runs, organisations. Registers of it exist; there is nothing to do."""

from __future__ import annotations

revision, down_revision = "0001", None


def upgrade() -> None:
    """Nothing: a register without the table of migrations has this schema already."""
