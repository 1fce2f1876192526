"""A whole database copied into another, whichever kind either is; the form of every backup is SQLite."""

import os
import sqlite3
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from residuum.records.errors import InputError
from residuum.store.database import Database
from residuum.store.schema import migrate

_ROWS_AT_ONCE: Final = 5000
_VERSION_TABLE: Final = "alembic_version"


def copy_to_sqlite(source: Database, file: Path) -> None:
    """Write one unchanging state of a database into a new SQLite file, also while others write to the database."""
    if source.is_sqlite:
        with source.outside_transactions() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(file),))
        return
    target = Database(f"sqlite:///{file}")
    try:
        copy_rows(source, target)
    finally:
        target.close()


def copy_rows(source: Database, target: Database) -> None:
    """Copy every row of a database into an empty one, which is brought to the same revision first.

    Raises
    ------
    InputError
        The target holds a study.
    """
    if target.revision() is not None:
        raise InputError(f"{target.shown} holds a study already; name an empty database")
    revision = source.revision()
    assert revision is not None  # it was opened as a study
    with source.reading() as reading, target.writing() as writing:
        migrate(writing, revision)
        tables = sa.MetaData()
        tables.reflect(reading)
        # reads last: nothing may be added to a locked one
        for table in sorted(tables.tables.values(), key=lambda table: table.name == "reads"):
            if table.name != _VERSION_TABLE:
                _copy_table(reading, writing, table)


def rename_durably(part: Path, file: Path) -> None:
    """Rename a file such that after a loss of power there is either the whole of it or the one before."""
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    part.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def leave_wal(file: Path) -> None:
    """Put everything of an SQLite database that nobody uses into its one file, which then can be copied."""
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def check_integrity(file: Path) -> None:
    """Refuse an SQLite file that is damaged.

    Raises
    ------
    InputError
        It is no database, or SQLite finds a fault in it.
    """
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        raise InputError(f"{file} is damaged ({error}); restore a backup") from None
    if found != ["ok"]:
        raise InputError(f"{file} is damaged ({found[0]}); restore a backup")


def _copy_table(reading: sa.Connection, writing: sa.Connection, table: sa.Table) -> None:
    target = sa.Table(table.name, sa.MetaData(), autoload_with=writing)
    rows = reading.execution_options(yield_per=_ROWS_AT_ONCE).execute(sa.select(table))
    for part in rows.mappings().partitions():
        writing.execute(target.insert(), [dict(row) for row in part])
