"""A reading room within the test: a small study in a real database, the whole application, and people who ask it.

Nothing here waits for a clock or draws a random number: time stands still until a test moves it, and every session
gets its tokens from the one who asks. What somebody is answered can therefore be compared byte by byte.
"""

import asyncio
import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

import sqlalchemy as sa
from argon2 import PasswordHasher
from people import Answer, Person
from small_room import ACCOUNTS, ADDRESS, BEGIN, password_of, small_study

from databases import new_database
from residuum.intake.folder import write_study
from residuum.steps.databases import import_folder
from residuum.steps.desk import Desk
from residuum.steps.management import new_account
from residuum.store import passwords
from residuum.store.database import Database
from residuum.store.tables import metadata
from residuum.web.app import make_server_app

_NUMBERS: Final = itertools.count(1)


@dataclass
class Clock:
    """Time that stands still until it is moved."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Tokens:
    """Tokens that depend on who asks and how often they did, and on nobody else."""

    asking: str = ""
    given: dict[str, int] = field(default_factory=dict)

    def __call__(self) -> str:
        number = self.given[self.asking] = self.given.get(self.asking, 0) + 1
        return hashlib.sha256(f"{self.asking} {number}".encode()).hexdigest()[:43]


class Room:
    """The application on a database, and the people in front of it."""

    def __init__(self, url: str, data: Path) -> None:
        self.url, self.clock, self.tokens = url, Clock(), Tokens()
        self.desk = Desk(Database(url), self.clock, self.tokens)
        self.app = make_server_app(self.desk, data)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()
        self.app.app.state.analyses.close()  # type: ignore[attr-defined]
        self.desk.close()

    def visitor(self, name: str = "nobody", address: str = ADDRESS) -> "Person":
        """Return somebody who has not signed in."""
        return Person(self, name, address)

    def person(self, account: str, address: str = ADDRESS) -> "Person":
        """Return somebody who has signed in to an account."""
        someone = self.visitor(account, address)
        answer = someone.sign_in()
        assert answer.status == 200, answer
        return someone

    def exchange(self, name: str, scope: dict[str, Any], chunks: Iterable[bytes]) -> Answer:
        """Return the answer of the application to one request."""
        self.tokens.asking = name
        answer = self._runner.run(_exchange(self.app, scope, chunks))
        self.desk.write(lambda _: None).result()  # what was written after the answer is there before the next request
        return answer

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return every row of a table, in the order of its key."""
        found = metadata.tables[table]
        with self.desk.database.reading() as connection:
            return [dict(row) for row in connection.execute(sa.select(found).order_by(*found.primary_key)).mappings()]

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Return every row of every table."""
        return {table: self.rows(table) for table in metadata.tables}

    def cases(self, reader: str, occasion: str = "main") -> dict[str, str]:
        """Return the numbers of a reader's cases by scan."""
        rows = self.rows("assignments")
        return {row["scan"]: row["case"] for row in rows if (row["reader"], row["occasion"]) == (reader, occasion)}

    def locked(self, reader: str, occasion: str = "main") -> set[str]:
        """Return the scans whose read a reader has locked."""
        rows = self.rows("reads")
        return {
            row["scan"]
            for row in rows
            if (row["reader"], row["occasion"], row["state"]) == (reader, occasion, "locked")
        }

    def raw(self, statement: str, *, undo: bool = False) -> None:
        """Run SQL on the database, past everything that this project wrote around it."""
        with suppress(_UndoneError), self.desk.database.writing() as connection:
            connection.exec_driver_sql(statement)
            if undo:
                raise _UndoneError


class _UndoneError(Exception):
    """Ends a transaction of which nothing stays."""


class Rooms:
    """Rooms on one kind of database; a study is imported once, its copies are opened again and again."""

    def __init__(self, kind: str, folder: Path, server: str) -> None:
        self.kind, self._folder, self._server = kind, folder, server
        self._made: dict[str, str] = {}
        self._open: list[str] = []

    def open(self, prepare: Callable[[Room], None] | None = None, **reading: Any) -> Room:
        """Return a room of its own on a study with such reading settings, after what `prepare` does in it."""
        url = self._copy(self._template(prepare, reading))
        self._open.append(url)
        return self._room(url)

    def clear(self) -> None:
        """Drop the databases of the rooms that were opened; they are closed by now."""
        while self._open:
            url = self._open.pop()
            if self.kind == "sqlite":
                Path(url.removeprefix("sqlite:///")).unlink()
            else:
                _on_server(self._server, f"DROP DATABASE {sa.make_url(url).database}")

    def _room(self, url: str) -> Room:
        return Room(url, self._folder / f"data_{Path(str(sa.make_url(url).database)).stem}")

    def _template(self, prepare: Callable[[Room], None] | None, reading: Mapping[str, Any]) -> str:
        key = f"{prepare.__module__}.{prepare.__qualname__}" if prepare else ""
        key += json.dumps(reading, sort_keys=True)
        if key not in self._made:
            url = self._import(reading) if prepare is None else self._copy(self._template(None, reading))
            if prepare is not None:
                with self._room(url) as room:
                    prepare(room)
                    room.raw("DELETE FROM sessions")  # their tokens are those of whoever comes next
            self._made[key] = url
        return self._made[key]

    def _import(self, reading: Mapping[str, Any]) -> str:
        url = new_database(self.kind, self._folder, self._server)
        folder = self._folder / f"folder_{len(self._made)}"
        write_study(small_study(**reading), folder)
        import_folder(folder, url)
        database = Database(url)
        with database.writing() as connection:
            readers = small_study(**reading).settings.reading.readers
            for name, role in ACCOUNTS.items():
                if role != "reader" or name in readers:
                    hashed = passwords.hash_password(password_of(name), name)
                    new_account(connection, name, role, None, hashed, BEGIN.isoformat())  # type: ignore[arg-type]
        database.close()
        return url

    def _copy(self, url: str) -> str:
        if self.kind == "sqlite":
            made = new_database("sqlite", self._folder, "")
            shutil.copyfile(url.removeprefix("sqlite:///"), made.removeprefix("sqlite:///"))
            return made
        template = sa.make_url(url)
        name = f"room_{next(_NUMBERS)}"
        _on_server(self._server, f"CREATE DATABASE {name} TEMPLATE {template.database}")
        return template.set(database=name).render_as_string(hide_password=False)


def cheap_passwords() -> PasswordHasher:
    """Return a hasher that costs next to nothing."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def _on_server(server: str, statement: str) -> None:
    engine = sa.create_engine(sa.make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


async def _exchange(app: Any, scope: dict[str, Any], chunks: Iterable[bytes]) -> Answer:
    waiting, sent = list(chunks), []

    async def receive() -> dict[str, Any]:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}
        await asyncio.sleep(0.3)  # a browser that has sent everything, listens for a while and goes
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send), 30)
    start = next(message for message in sent if message["type"] == "http.response.start")
    headers = tuple((bytes(name), bytes(value)) for name, value in start["headers"])
    return Answer(start["status"], headers, b"".join(one.get("body", b"") for one in sent[1:]))
