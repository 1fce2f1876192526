"""A transaction that leaves nothing."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from residuum.store.database import Database


class UndoneError(Exception):
    """Raised at the end of a transaction that is to leave nothing."""


@contextmanager
def undone(database: Database) -> Iterator[sa.Connection]:
    """Give a connection that may write; nothing of what it wrote stays."""
    with suppress(UndoneError), database.writing() as connection:
        yield connection
        raise UndoneError
