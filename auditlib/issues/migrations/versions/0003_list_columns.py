"""What a list is ordered and counted by, in columns of its own: no state has to be read whole for it.

The rows themselves are made from the events by whoever called (see store.upgrade).
"""

from __future__ import annotations

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    import sqlalchemy as sa
    from alembic import op

    for name in ("severity", "rule", "raised_at", "deadline"):
        op.add_column("auditlib_streams", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE auditlib_schema SET version = 3")
