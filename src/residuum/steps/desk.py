"""The desk at which a server works on a database: many readers, one writer, several writes to a commit."""

import queue
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from residuum.steps.openings import Openings
from residuum.store.database import Database

Result = TypeVar("Result")
Job = Callable[[sa.Connection], Result]
READERS: Final = 4
LARGEST_BATCH: Final = 64


def utc_now() -> datetime:
    """Return the time of the server in UTC."""
    return datetime.now(UTC)


def random_token() -> str:
    """Return a new random token of 256 bits."""
    return secrets.token_urlsafe(32)


@dataclass(slots=True)
class _Pending:
    job: Job[Any]
    future: "Future[Any]" = field(default_factory=Future)
    error: BaseException | None = None
    result: Any = None


class Desk:
    """Runs jobs on a database; a write is answered only after its commit is durable.

    Writes that wait together share one commit, each within a savepoint of its own: one that fails takes none with it.

    Parameters
    ----------
    database : Database
        Where the jobs work.
    clock, tokens : callable, optional
        Time and random tokens; tests give their own.
    openings : Openings, optional
        What happens beside the answer when a case is opened; by default nothing. It ends with the desk.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = utc_now,
        tokens: Callable[[], str] = random_token,
        openings: Openings | None = None,
    ) -> None:
        self.database, self.clock, self.tokens = database, clock, tokens
        self.openings = openings or Openings()
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._waiting: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="writer", daemon=True)
        self._writer.start()

    def read(self, job: Job[Result]) -> "Future[Result]":
        """Run a job that only reads, beside others."""
        return self._readers.submit(self._read, job)

    def write(self, job: Job[Result]) -> "Future[Result]":
        """Run a job that writes, after those before it."""
        pending = _Pending(job)
        self._waiting.put(pending)
        return pending.future

    def close(self) -> None:
        """Finish what is waiting and stop."""
        self.openings.close()
        self._waiting.put(None)
        self._writer.join()
        self._readers.shutdown()
        self.database.close()

    def _read(self, job: Job[Result]) -> Result:
        with self.database.reading() as connection:
            return job(connection)

    def _write_all(self) -> None:
        going_on = True
        while going_on:
            batch = [self._waiting.get()]
            while len(batch) < LARGEST_BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            going_on = None not in batch
            self._commit([pending for pending in batch if pending is not None])

    def _commit(self, batch: list[_Pending]) -> None:
        started = [pending for pending in batch if pending.future.set_running_or_notify_cancel()]
        if not started:
            return
        try:
            with self.database.writing() as connection:
                for pending in started:
                    self._run(connection, pending)
        except Exception as error:  # the database went away: nothing of the batch is acknowledged
            for pending in started:
                pending.error = pending.error or self.database.lost(error)
        for pending in started:
            if pending.error is not None:
                pending.future.set_exception(pending.error)
            else:
                pending.future.set_result(pending.result)

    def _run(self, connection: sa.Connection, pending: _Pending) -> None:
        connection.exec_driver_sql("SAVEPOINT job")
        try:
            pending.result = pending.job(connection)
        except Exception as error:
            pending.error = self.database.explained(error)
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
        connection.exec_driver_sql("RELEASE SAVEPOINT job")
