"""A database that cannot be used says which one, why and what to do; a password is shown nowhere."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from residuum.records.errors import CallError, InputError
from residuum.store.database import Database
from residuum.store.schema import migrate
from residuum.store.tables import REVISION

pytestmark = pytest.mark.unit
SECRET = "s3cret-passw0rd"


def fail_after(_done: object) -> None:
    """Fail once something was done."""
    raise ZeroDivisionError


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database."""
    made = Database(database_url)
    yield made
    made.close()


@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense", "://x", "mysql://h/x", "nonsense://", "oracle+oracledb://h", "postgresql://h:abc/x"),
        *("sqlite://", "sqlite:///", "sqlite:///:memory:"),
    ],
)
def test_what_is_no_usable_url_is_refused(url: str) -> None:
    with pytest.raises(CallError):
        Database(url)


@pytest.mark.parametrize("url", [f"mysql://ada:{SECRET}@h/x", f"postgresql://ada:{SECRET}@h:port/x"])
def test_a_refused_url_shows_no_password(url: str) -> None:
    with pytest.raises(CallError) as refused:
        Database(url)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url", [f"postgresql://ada:{SECRET}@127.0.0.1:9/x", f"postgresql://ada@127.0.0.1:9/x?password={SECRET}"]
)
def test_a_server_that_does_not_run_is_named_without_the_password(url: str) -> None:
    database = Database(url)
    for use in (database.reading, database.writing):
        with pytest.raises(CallError) as refused, use():
            pytest.fail("there is no server")
        said = str(refused.value)
        assert "ada" in said
        assert "127.0.0.1" in said
        assert "refused" in said
        assert SECRET not in said
    assert SECRET not in database.shown
    database.close()


def test_a_database_or_account_that_the_server_does_not_know_is_named(postgresql_server: str) -> None:
    for changed, named in (
        ({"database": "nosuch"}, "nosuch"),
        ({"username": "stranger", "password": SECRET}, "stranger"),
    ):
        url = sa.make_url(postgresql_server).set(**changed)
        database = Database(url.render_as_string(hide_password=False))
        with pytest.raises(CallError, match=f'"{named}" does not exist') as refused:
            database.check_revision()
        assert SECRET not in str(refused.value)
        database.close()


def test_an_empty_database_holds_no_study(database: Database) -> None:
    assert database.revision() is None
    with pytest.raises(InputError, match="holds no study; make one with: residuum import"):
        database.check_revision()
    database.close()


@pytest.mark.parametrize(
    ("revision", "cure"), [("9999", "use a newer Residuum"), ("0000", "residuum upgrade"), (REVISION, None)]
)
def test_a_database_of_another_version_is_refused_with_the_cure(
    database: Database, revision: str, cure: str | None
) -> None:
    with database.writing() as connection:
        migrate(connection)
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    if cure is None:
        database.check_revision()
    else:
        with pytest.raises(InputError, match=cure) as refused:
            database.check_revision()
        assert revision in str(refused.value)
    database.close()


@pytest.mark.parametrize("versions", ["CREATE TABLE alembic_version (other TEXT)", None])
def test_a_database_of_another_program_is_refused(database: Database, versions: str | None) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(versions or "CREATE TABLE alembic_version (version_num VARCHAR(32))")
        if versions is None:
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('ae1027a6acf')")
    with pytest.raises((InputError, CallError)) as refused:
        database.check_revision()
    assert "newer version" not in str(refused.value)
    database.close()


def test_a_block_that_fails_writes_nothing(database: Database) -> None:
    with database.writing() as connection:
        migrate(connection)
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        fail_after(connection.exec_driver_sql("INSERT INTO identities VALUES ('r', 'P1', 1)"))
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM identities").scalar() == 0
    database.close()


def test_a_migration_that_fails_leaves_no_table(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        fail_after(migrate(connection))
    with database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == []
    database.close()


def test_a_reader_sees_one_unchanging_state_while_others_write(database: Database, database_url: str) -> None:
    other = Database(database_url)
    with database.writing() as connection:
        migrate(connection)
    count = "SELECT count(*) FROM identities"
    with database.reading() as reading:
        assert reading.exec_driver_sql(count).scalar() == 0
        with other.writing() as writing:
            writing.exec_driver_sql("INSERT INTO identities VALUES ('r', 'P1', 1)")
        assert reading.exec_driver_sql(count).scalar() == 0
    with database.reading() as reading:
        assert reading.exec_driver_sql(count).scalar() == 1
    other.close()


def test_statements_that_no_transaction_may_hold_run_outside_of_one(database: Database) -> None:
    with database.writing() as connection:
        migrate(connection)
    with database.outside_transactions() as connection:
        connection.exec_driver_sql("VACUUM")
    with database.reading() as connection:  # and the connection is as before, should the pool give it out again
        connection.exec_driver_sql("SELECT count(*) FROM audit")
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        fail_after(connection.exec_driver_sql("INSERT INTO identities VALUES ('r', 'P1', 1)"))
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM identities").scalar() == 0
    database.close()


@pytest.mark.parametrize("damage", ["text", "middle", "cut"])
def test_a_damaged_file_is_named_with_the_cure(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "study.sqlite"
    database = Database(f"sqlite:///{file}")
    with database.writing() as connection:
        migrate(connection)
    database.close()
    whole = file.read_bytes()
    damaged = {
        "text": b"no database " * 500,
        "middle": whole[:4096] + b"\x5a" * (len(whole) - 4096),
        "cut": whole[:6000],
    }
    file.write_bytes(damaged[damage])
    database = Database(f"sqlite:///{file}")
    with pytest.raises(InputError, match=r"study.sqlite is damaged .*; restore a backup"):
        database.check_revision()
    database.close()


def test_a_file_that_somebody_else_holds_is_said_to_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from residuum.store import database as module

    monkeypatch.setattr(module, "_PRAGMAS", ("PRAGMA busy_timeout = 50", *module._PRAGMAS[1:]))
    file = tmp_path / "study.sqlite"
    database = Database(f"sqlite:///{file}")
    with database.writing() as connection:
        migrate(connection)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(CallError, match=r"study.sqlite cannot be used: database is locked"), database.writing():
        pytest.fail("somebody else writes")
    with database.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM audit")
    holder.rollback()
    holder.close()
    database.close()
