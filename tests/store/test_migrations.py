"""The migrations make exactly the tables that the code works with."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from residuum.store.database import Database
from residuum.store.schema import MIGRATIONS, migrate
from residuum.store.tables import REVISION, metadata


@pytest.mark.unit
def test_migrations_make_the_tables_of_the_code(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        migrate(connection)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert database.revision() == REVISION == ScriptDirectory(str(MIGRATIONS)).get_current_head()
    database.close()
