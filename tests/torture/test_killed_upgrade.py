"""`residuum upgrade` is killed at random moments: the database is at one revision or the other, with every row.

While there is but one revision, a throw-away migration stands in for the next.
"""

import json
import os
import random
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from busy_study import RESIDUUM, new_seed, setting

from databases import KINDS, new_database
from residuum.store import audit
from residuum.store.database import Database
from residuum.store.schema import MIGRATIONS, migrate
from residuum.store.tables import REVISION

pytestmark = pytest.mark.slow
OLDEST = "0001"
ROWS = setting("RESIDUUM_UPGRADE_ROWS", 600)
STAND_IN = '''
"""A stand-in for the next migration: a column filled in every row, a table, an index."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{last}"


def upgrade() -> None:
    op.add_column("marks", sa.Column("stand_in", sa.Text()))
    op.execute("UPDATE marks SET stand_in = mark || scan")
    op.create_table("stand_in", sa.Column("scan", sa.Text(), primary_key=True))
    op.execute("INSERT INTO stand_in SELECT scan FROM scans")
    op.create_index("stand_in_scan", "marks", ["stand_in"])
'''
RUNNER = """
import sys
from pathlib import Path
import residuum.store.tables as tables
tables.REVISION = "9999"
import residuum.store.schema as schema
schema.MIGRATIONS = Path({migrations!r})
from residuum.cli.failures import run
sys.exit(run(sys.argv[1:]))
"""


class Upgrade:
    """How the upgrade is run, and to which revision."""

    def __init__(self, folder: Path) -> None:
        self.command, self.revision = [str(RESIDUUM)], REVISION
        if REVISION == OLDEST:
            migrations, runner = folder / "migrations", folder / "runner.py"
            shutil.copytree(MIGRATIONS, migrations)
            (migrations / "versions" / "9999_stand_in.py").write_text(STAND_IN.format(last=REVISION))
            runner.write_text(RUNNER.format(migrations=str(migrations)))
            self.command, self.revision = [sys.executable, str(runner)], "9999"
        self.data = folder / "data"

    def start(self, url: str) -> "subprocess.Popen[str]":
        """Begin to upgrade a database."""
        environment = os.environ | {"RESIDUUM_DATA": str(self.data)}
        command = [*self.command, "upgrade", url, "--json"]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )

    def finish(self, url: str) -> dict[str, Any]:
        """Upgrade a database to the end and return what the command says."""
        with self.start(url) as process:
            said, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        return json.loads(said)


def fill_oldest(url: str) -> None:
    """Make a database of the oldest revision with rows in every table."""
    database = Database(url)
    with database.writing() as connection:
        migrate(connection, OLDEST)
        tables = sa.MetaData()
        tables.reflect(connection)
        for name, table in sorted(tables.tables.items(), key=lambda one: one[0] == "reads"):
            if name not in ("alembic_version", "audit", "study"):
                connection.execute(table.insert(), [made_row(table, n) for n in range(ROWS)])
        study = {"id": 1, "settings": "format = 1\n", "present": "[]", "unknown": "{}", "created_at": "2026-01-01"}
        connection.execute(tables.tables["study"].insert(), study)
        who = audit.Who("tester", "operator", "command")
        for n in range(50):
            audit.append(connection, who, datetime.now(UTC), "test", number=n)
    database.close()


def made_row(table: sa.Table, number: int) -> dict[str, Any]:
    """Return a row that is unlike every other of its table."""
    row = {}
    for column in table.columns:
        kind = column.type.python_type
        value = {str: f"{column.name} {number} " + "x" * 40, bytes: b"k%d" % number, bool: False}.get(kind, number)
        row[column.name] = "locked" if column.name == "state" else value
    return row


def columns_of(url: str) -> dict[str, list[str]]:
    """Return the columns of every table but those of the migrations' own."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    inspector = sa.inspect(engine)
    names = [name for name in inspector.get_table_names() if name != "alembic_version"]
    found = {name: sorted(column["name"] for column in inspector.get_columns(name)) for name in names}
    engine.dispose()
    return found


def rows_of(url: str, columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the rows of the tables of the old revision, in its columns."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    found = {}
    with engine.connect() as connection:
        for name, of in columns.items():
            table = sa.table(name, *map(sa.column, of))
            found[name] = sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
    engine.dispose()
    return found


@contextmanager
def copies_of(kind: str, folder: Path, server: str) -> Iterator[Any]:
    """Give a function that makes one more database of the oldest revision with many rows."""
    numbers, template = count(1), new_database(kind, folder, server)
    fill_oldest(template)
    if kind == "sqlite":
        file = Path(template.removeprefix("sqlite:///"))
        with sqlite3.connect(file) as plain:
            plain.execute("PRAGMA journal_mode = DELETE")

        def copy() -> str:
            target = folder / f"copy_{next(numbers)}" / "study.sqlite"
            target.parent.mkdir()
            return f"sqlite:///{shutil.copyfile(file, target)}"

        yield copy
        return
    engine = sa.create_engine(sa.make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")

    def copy_on_server() -> str:
        name, source = f"copy_{secrets.token_hex(6)}", sa.make_url(template).database
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {source}")
        return sa.make_url(template).set(database=name).render_as_string(hide_password=False)

    yield copy_on_server
    engine.dispose()


def check_rows(url: str, before: dict[str, list[str]], columns: dict[str, list[str]], *, upgraded: bool) -> None:
    """Every row of before is there; an upgrade has added one entry to the audit trail."""
    after = rows_of(url, columns)
    new_entries = [row for row in after.pop("audit") if row not in set(before["audit"])]
    assert len(new_entries) == upgraded
    assert after == {name: rows for name, rows in before.items() if name != "audit"}
    database = Database(url)
    with database.reading() as connection:
        assert audit.verify(connection).faults == ()
        if database.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
    database.close()


def good_backups(folder: Path) -> int:
    """Return how many backups there are; each of them is whole."""
    found = list(folder.glob("backups/*.zip"))
    for file in found:
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            assert json.loads(archive.read("manifest.json"))["revision"] == OLDEST
    return len(found)


def revision_of(url: str) -> str | None:
    """Return the revision of a database."""
    database = Database(url)
    try:
        return database.revision()
    finally:
        database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_killed_upgrade(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else ""
    chance, upgrade, counts = random.Random(f"{new_seed()} {kind}"), Upgrade(tmp_path), Counter[str]()
    with copies_of(kind, tmp_path, server) as copy:
        url = copy()
        columns, began = columns_of(url), time.monotonic()
        before = rows_of(url, columns)
        assert upgrade.finish(url)["after"] == upgrade.revision
        check_rows(url, before, columns, upgraded=True)
        for number in range(setting("RESIDUUM_UPGRADE_KILLS", 4) // 2):
            shutil.rmtree(upgrade.data, ignore_errors=True)
            url = copy()
            pattern = (".backup-*", "*.zip")[number % 2]
            process = upgrade.start(url)
            wait_for(data_of(upgrade, url) / "backups", pattern, process)
            time.sleep(chance.choice((0.005, 0.03, 0.15)) * chance.random())
            process.kill()
            process.communicate()
            counts[check_killed(upgrade, url, before, columns)] += 1
    print(kind, dict(counts), f"{time.monotonic() - began:.0f} s")


def wait_for(folder: Path, pattern: str, process: "subprocess.Popen[str]") -> None:
    """Wait until a folder holds something of a name: the backup has begun (`.backup-*`) or the migration (`*.zip`)."""
    while process.poll() is None and not (folder.is_dir() and any(folder.glob(pattern))):
        time.sleep(0.002)


def data_of(upgrade: Upgrade, url: str) -> Path:
    """Return the folder for what lies beside a database."""
    return Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite") else upgrade.data


def check_killed(upgrade: Upgrade, url: str, before: dict[str, list[str]], columns: dict[str, list[str]]) -> str:
    """Check a database whose upgrade was killed, upgrade it again, and return where it stood."""
    data = data_of(upgrade, url)
    stood = revision_of(url)
    assert stood in (OLDEST, upgrade.revision)
    upgraded, backups = stood == upgrade.revision, good_backups(data)
    assert backups or not upgraded
    check_rows(url, before, columns, upgraded=upgraded)
    assert upgrade.finish(url)["after"] == upgrade.revision
    check_rows(url, before, columns, upgraded=True)
    assert good_backups(data) >= 1
    left = "with a left-over" if list(data.glob("backups/.backup-*")) else "clean"
    return f"{'new' if upgraded else 'old'}, backups {backups}, {left}"


def test_one_changed_row_is_seen(tmp_path: Path) -> None:
    url = new_database("sqlite", tmp_path, "")
    fill_oldest(url)
    columns = columns_of(url)
    before = rows_of(url, columns)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as plain:
        plain.execute("UPDATE scans SET day = day + 1 WHERE scan LIKE '%17 %'")
    assert rows_of(url, columns) != before
