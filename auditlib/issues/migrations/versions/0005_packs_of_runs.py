"""A run says by which county packs it judged, and findings by which parameters and among how many rows: the kept state with them.

The rows of the kept state are made from the events by whoever called (see store.upgrade).
"""

from __future__ import annotations

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    import sqlalchemy as sa
    from alembic import op

    op.add_column("auditlib_runs", sa.Column("packs", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE auditlib_schema SET version = 5")
