"""Make the tables of a database, or bring older ones up to date, in one transaction: all of it or nothing."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from residuum.store.tables import REVISION

MIGRATIONS: Final = Path(__file__).with_name("migrations")


def migrate(connection: sa.Connection, revision: str = REVISION) -> None:
    """Run every migration up to a revision within the transaction of `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
