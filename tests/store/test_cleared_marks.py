"""What a read says is gone: kept by an upgrade, a backup and a restore, and fixed while the read is locked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import KINDS, new_database
from residuum.records.read_content import ClearedMark, ReadContent
from residuum.store.copies import copy_rows, copy_to_sqlite
from residuum.store.database import Database
from residuum.store.readings import Case, StoredRead, load_read, save_read, sign_read
from residuum.store.schema import migrate

pytestmark = pytest.mark.unit

CASE = Case("anne", "0002", 2, "s1", "main", "P1", 100, "post_induction")
CLEARED = (ClearedMark(from_scan="s0", mark="2"), ClearedMark(from_scan="s0", mark='1 "é"'))
UNREAD = StoredRead("unread", 0, ReadContent(), None, None, None)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def lock(connection: sa.Connection) -> None:
    """Sign a read that says of two marks that they are gone."""
    save_read(connection, CASE, ReadContent(cleared=CLEARED), 1, UNREAD)
    sign_read(connection, CASE.read, 2, "anne", "2026-01-01T00:00:00+00:00", "0" * 64)


def stored(database: Database) -> tuple[str, tuple[ClearedMark, ...]]:
    """Return state and cleared marks of the read."""
    with database.reading() as connection:
        read = load_read(connection, CASE.read)
    assert read is not None
    return read.state, read.content.cleared


def check_fixed(database: Database) -> None:
    """Fail unless the database itself refuses that a locked read says something else."""
    with pytest.raises(sa.exc.DBAPIError, match="the read is locked"), database.writing() as connection:
        connection.exec_driver_sql("UPDATE reads SET cleared = '[]'")


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of another empty database."""
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    return new_database(request.param, tmp_path, server)


def test_a_backup_and_its_restore_keep_it_in_its_order(database_url: str, empty_url: str, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite"
    with opened(database_url) as database:
        with database.writing() as connection:
            migrate(connection)
            lock(connection)
        copy_to_sqlite(database, backup)
    with opened(f"sqlite:///{backup}") as source, opened(empty_url) as restored:
        copy_rows(source, restored)
        assert stored(source) == stored(restored) == ("locked", CLEARED)
        check_fixed(restored)


def test_an_upgrade_leaves_locked_reads_locked_with_nothing_gone(database_url: str) -> None:
    with opened(database_url) as database:
        with database.writing() as connection:
            migrate(connection, "0003")
            connection.exec_driver_sql(
                "INSERT INTO reads (scan, reader, occasion, state, evaluable) "
                "VALUES ('s1', 'anne', 'main', 'locked', 'yes')"
            )
        with database.writing() as connection:
            migrate(connection)
        assert stored(database) == ("locked", ())
        check_fixed(database)


def test_a_draft_says_something_else_with_the_next_save(database_url: str) -> None:
    with opened(database_url) as database:
        for version, cleared in ((1, CLEARED), (2, CLEARED[:1]), (3, ()), (4, CLEARED[::-1])):
            with database.writing() as connection:
                if version == 1:
                    migrate(connection)
                before = load_read(connection, CASE.read) or UNREAD
                save_read(connection, CASE, ReadContent(cleared=cleared), version, before)
            assert stored(database) == ("draft", cleared)
