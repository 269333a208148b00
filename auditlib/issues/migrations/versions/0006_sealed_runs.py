"""A run says what it looked at; runs and evidence are found among the events by indexes of their own.

The runs that stand in the table are sealed by events, and the kept state is made anew, by whoever called (see store.upgrade).
"""

from __future__ import annotations

revision, down_revision = "0006", "0005"
_SHA256_OF = {
    "sqlite": """substr(payload, instr(payload, '"sha256":"') + 10, 64)""",
    "postgresql": """substr(payload, strpos(payload, '"sha256":"') + 10, 64)""",
}


def upgrade() -> None:
    import sqlalchemy as sa
    from alembic import op

    op.add_column("auditlib_runs", sa.Column("checks_hash", sa.Text, nullable=False, server_default=""))
    sha256 = _SHA256_OF[op.get_bind().dialect.name]
    op.execute("CREATE INDEX auditlib_events_runs ON auditlib_events (seq) WHERE kind = 'run_taken_in'")
    op.get_bind().exec_driver_sql(f"CREATE INDEX auditlib_events_papers ON auditlib_events ({sha256}) WHERE kind = 'evidence'")
    op.execute("UPDATE auditlib_schema SET version = 6")
