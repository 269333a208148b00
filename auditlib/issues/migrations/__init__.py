"""How the schema of a register moves on, by Alembic: one step a version, never changed once it was released."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..schema import MIGRATIONS

if TYPE_CHECKING:
    from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Takes every step that the register has not taken, in the transaction of `connection`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = MIGRATIONS
    command.upgrade(config, "head")
