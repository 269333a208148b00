"""The state of each issue and person beside its events, so that reading need not fold them all; evidence on PostgreSQL.

The rows themselves are made from the events by whoever called (see store.upgrade).
"""

from __future__ import annotations

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    import sqlalchemy as sa
    from alembic import op

    text = ("family", "org_code", "state", "facts")
    op.create_table(
        "auditlib_streams", sa.Column("stream", sa.Text, primary_key=True), sa.Column("version", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in text),
    )  # fmt: skip
    op.create_index("auditlib_streams_family", "auditlib_streams", ["family", "org_code"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "auditlib_files", sa.Column("sha256", sa.Text, primary_key=True), sa.Column("size", sa.Integer, nullable=False),
            sa.Column("content", sa.LargeBinary, nullable=False),
            sa.Column("added_by", sa.Text, nullable=False, server_default=sa.text("session_user")),
        )  # fmt: skip
    op.execute("UPDATE auditlib_schema SET version = 2")
