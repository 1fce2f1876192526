"""One server for an SQLite study at a time; what must not happen beside a server is refused while one runs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from residuum.records.errors import CallError
from residuum.steps.location import Location

_FILE: Final = "serving.lock"


@contextmanager
def alone(location: Location) -> Iterator[None]:
    """Hold the lock of a study: of its file, or in its PostgreSQL database.

    Raises
    ------
    CallError
        A server, or another command that needs the study for itself, is running.
    """
    if location.database_file is None:
        from residuum.store.database import Database

        database = Database(location.url)
        try:
            with database.alone():
                yield
        finally:
            database.close()
        return
    location.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (location.data / _FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CallError(f"process {file.read().strip()} works on this study; stop it first") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
