"""What Alembic runs: the steps on the connection that the register gave, in its own transaction."""

from __future__ import annotations


def run() -> None:
    from alembic import context

    attributes = context.config.attributes
    context.configure(connection=attributes["connection"], version_table=attributes["version_table"], transactional_ddl=False)
    context.run_migrations()


run()
