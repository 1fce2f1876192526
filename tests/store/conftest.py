"""A database with its tables, made once for each kind; a test works in a transaction that is undone."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from undone import undone

from databases import KINDS, new_database
from residuum.store.database import Database
from residuum.store.schema import migrate


@pytest.fixture(scope="session", params=KINDS)
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with empty tables; change it only within `undone`."""
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    database = Database(new_database(request.param, tmp_path_factory.mktemp("migrated"), server))
    with database.writing() as connection:
        migrate(connection)
    yield database
    database.close()


@pytest.fixture
def connection(migrated: Database) -> Iterator[sa.Connection]:
    """A connection to a database with empty tables, within a transaction that is undone."""
    with undone(migrated) as made:
        yield made
