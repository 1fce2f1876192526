"""A database opened by its URL: SQLite with one writer that waits its turn, or PostgreSQL."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from residuum.records.errors import CallError, InputError
from residuum.store.tables import REVISION

_PRAGMAS: Final = (
    "PRAGMA busy_timeout = 20000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA trusted_schema = OFF",
)
_TABLES_OF_OTHERS: Final = ("42P01", "42703")  # PostgreSQL: no such table, no such column
SERVER_LOCK: Final = 5_266_317_860
WRITER_LOCK: Final = SERVER_LOCK + 1
"""Key of the advisory lock under which every writer of a PostgreSQL database works."""


class Database:
    """A study's database; `reading` and `writing` give a connection within one transaction.

    Parameters
    ----------
    url : str
        ``sqlite:///PATH`` or ``postgresql://...``.

    Raises
    ------
    CallError
        The URL is none, or its database cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url)
        self._snapshots = self._engine
        if not self.is_sqlite:
            self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def shown(self) -> str:
        """Return the URL without its password."""
        return show_url(self.url)

    @property
    def path(self) -> Path | None:
        """Return the file of an SQLite database, None for PostgreSQL."""
        return Path(str(self.url.database)) if self.is_sqlite else None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one unchanging state."""
        with self._told(), self._snapshots.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give the only connection that may write; what it wrote is durable when the block ends without an error."""
        with self._told(), self._engine.connect() as plain:
            connection = plain.execution_options(writing=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
                yield connection

    @contextmanager
    def outside_transactions(self) -> Iterator[sa.Connection]:
        """Give a connection for the few statements that no transaction may hold (VACUUM, checkpoints)."""
        with self._told(), self._engine.connect() as plain:
            yield plain.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock under which one server at a time works with a PostgreSQL database.

        Raises
        ------
        CallError
            Somebody else holds it.
        """
        with self.outside_transactions() as connection:
            if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({SERVER_LOCK})").scalar():
                raise CallError(f"a server or another command works on {self.shown}; stop it first")
            try:
                yield
            finally:  # the connection itself lives on in its pool
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({SERVER_LOCK})")

    def revision(self) -> str | None:
        """Return the migration that the database is at, None where it holds no study."""
        with self.reading() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return _stored_revision(connection)

    def holds_study(self, connection: sa.Connection) -> bool:
        """Return whether there is a study of this version.

        Raises
        ------
        InputError
            It is of another version.
        """
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        self._check(_stored_revision(connection))
        return True

    def check_revision(self) -> None:
        """Refuse a database that this version of Residuum does not work with.

        Raises
        ------
        InputError
            It holds no study, an older one or a newer one.
        """
        self._check(self.revision())

    def _check(self, found: str | None) -> None:
        if found is None:
            raise InputError(f"{self.shown} holds no study; make one with: residuum import FOLDER {self.shown}")
        if len(found) != len(REVISION) or not found.isdecimal():
            raise InputError(f"{self.shown} is the database of another program; name another one")
        if found < REVISION:
            raise InputError(
                f"{self.shown} is at version {found} of the database, this Residuum works with {REVISION}. "
                "Run `residuum upgrade STUDY`; it writes a backup first"
            )
        if found > REVISION:
            raise InputError(f"{self.shown} is at the newer version {found} of the database; use a newer Residuum")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def explained(self, error: Exception) -> Exception:
        """Return an error that names the database and the cure in place of what the database says; others as it is."""
        if not isinstance(error, sa.exc.DatabaseError):
            return error
        reason = _reason(error)
        if "malformed" in reason or "not a database" in reason:
            return InputError(f"{self.shown} is damaged ({reason}); restore a backup")
        if getattr(error.orig, "sqlstate", None) in _TABLES_OF_OTHERS:
            return InputError(f"{self.shown} holds no study of Residuum ({reason})")
        if isinstance(error, sa.exc.OperationalError):
            return CallError(f"the database {self.shown} cannot be used: {reason}")
        return error

    def lost(self, error: Exception) -> Exception:
        """Return the error of work whose transaction the database did not finish."""
        explained = self.explained(error)
        if isinstance(explained, sa.exc.SQLAlchemyError):
            return CallError(f"the database {self.shown} went away before the work was done")
        return explained

    def check_integrity(self) -> None:
        """Look through the whole file of an SQLite database; PostgreSQL looks after its own.

        Raises
        ------
        InputError
            It is damaged.
        """
        if self.is_sqlite:
            with self.reading() as connection:
                found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
            if found != "ok":
                raise InputError(f"{self.shown} is damaged ({found}); restore a backup")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DatabaseError as error:
            raise self.explained(error) from error


def _stored_revision(connection: sa.Connection) -> str | None:
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def hash_token(token: str) -> str:
    """Return the SHA-256 under which a token is stored; the token itself never is."""
    return hashlib.sha256(token.encode()).hexdigest()


def show_url(url: str | URL) -> str:
    """Return a database URL without its password, wherever in it that stands."""
    parsed = make_url(url)
    query = {name: "***" if "pass" in name else value for name, value in parsed.query.items()}
    shown = parsed.set(drivername=parsed.get_backend_name(), query=query)
    return shown.render_as_string(hide_password=True)


def _reason(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise CallError("that is no database URL; write sqlite:///PATH or postgresql://HOST/NAME") from None
    if parsed.get_backend_name() == "sqlite":
        if parsed.drivername != "sqlite" or parsed.query or parsed.database in (None, "", ":memory:"):
            raise CallError("an SQLite database is named by its file alone: sqlite:///PATH")
        return parsed
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise CallError(f"the database {parsed.render_as_string()} is not supported; SQLite and PostgreSQL are")


def _sqlite_engine(url: URL) -> sa.Engine:
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is said below, never by the driver
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")

    return engine


def _postgresql_engine(url: URL) -> sa.Engine:
    try:
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=0)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise CallError("PostgreSQL needs one more package: pip install 'residuum[postgresql]'") from None
