"""Whoever can write to the database file can change the audit trail, but not unseen: a printed head tells."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from busy_study import write_folder
from sqlalchemy.exc import DatabaseError

from databases import KINDS, new_database
from residuum.records.errors import ResiduumError
from residuum.steps.auditing import verify_audit
from residuum.steps.databases import import_folder
from residuum.steps.location import locate
from residuum.store import audit
from residuum.store.database import Database
from residuum.store.tables import AUDIT

pytestmark = pytest.mark.unit
COLUMNS = [column.name for column in AUDIT.columns]
ENTRIES = 30
TRIGGERS = {True: ("audit_no_update", "audit_no_delete"), False: ("audit_append_only ON audit",)}
Tamper = Callable[[sa.Connection, int], None]


class UndoneError(Exception):
    """Ends a transaction without a commit."""


@pytest.fixture(scope="module", params=KINDS)
def study(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, list[str]]]:
    """A database with an audit trail and its heads, printed after every entry; every test leaves it as it was."""
    folder = tmp_path_factory.mktemp("tampering")
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    url = new_database(request.param, folder, server)
    import_folder(write_folder(folder / "study", patients=2), url)
    database, heads = Database(url), []
    for number in range(ENTRIES):
        with database.writing() as connection:
            who = audit.Who("somebody", "reader", "web", f"request {number}")
            patient = "QX001ZV" if number % 2 else None
            audit.append(connection, who, datetime.now(UTC), "read.save", patient=patient, number=number)
            heads.append(audit.head(connection))
    yield database, heads
    with database.reading() as connection:
        assert audit.verify(connection, heads).faults == ()
    database.close()


@contextmanager
def undone(database: Database) -> Iterator[sa.Connection]:
    """Give a connection on which the triggers are gone; nothing that is done on it stays."""
    with suppress(UndoneError), database.writing() as connection:
        for trigger in TRIGGERS[database.is_sqlite]:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        yield connection
        raise UndoneError


def edit_of(column: str) -> Tamper:
    """Return what changes one column of an entry."""

    def edit(connection: sa.Connection, n: int) -> None:
        old = connection.execute(sa.select(AUDIT.c[column]).where(AUDIT.c.n == n)).scalar()
        other = 10_000 if column == "n" else bytes(old[::-1]) if column == "payload" else f"{old}x"
        connection.execute(AUDIT.update().where(AUDIT.c.n == n).values({column: other}))

    return edit


def delete(connection: sa.Connection, n: int) -> None:
    connection.execute(AUDIT.delete().where(AUDIT.c.n == n))


def delete_and_close_up(connection: sa.Connection, n: int) -> None:
    delete(connection, n)
    rewrite_after(connection, n - 1)


def swap(connection: sa.Connection, n: int) -> None:
    for old, new in ((n, -1), (n + 1, n), (-1, n + 1)):
        connection.execute(AUDIT.update().where(AUDIT.c.n == old).values(n=new))


def cut_off(connection: sa.Connection, n: int) -> None:
    connection.execute(AUDIT.delete().where(AUDIT.c.n >= n))


def edit_and_rewrite(connection: sa.Connection, n: int) -> None:
    edit_of("account")(connection, n)
    rewrite_after(connection, n - 1)


def replace_all(connection: sa.Connection, n: int) -> None:
    """Write as many entries, of other content, in place of all that there were."""
    count = connection.execute(sa.select(sa.func.count()).select_from(AUDIT)).scalar_one()
    connection.execute(AUDIT.delete())
    for _ in range(count):
        audit.append(connection, audit.Who("mallory", "reader", "web"), datetime.now(UTC), "read.save")


def rewrite_after(connection: sa.Connection, n: int) -> None:
    """Number and link the entries after number `n` anew, with the program's own hashes: the chain is whole again."""
    rows = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.n)).mappings().all()
    kept = [dict(row) for row in rows if row["n"] <= n]
    previous = kept[-1]["hash"] if kept else audit.GENESIS
    connection.execute(AUDIT.delete().where(AUDIT.c.n > n))
    for number, row in enumerate((dict(row) for row in rows if row["n"] > n), start=n + 1):
        row |= {"n": number, "previous": previous}
        previous = row["hash"] = audit._hash(row)
        connection.execute(AUDIT.insert(), row)


BREAKS_THE_CHAIN: dict[str, Tamper] = {
    **{f"edit {name}": edit_of(name) for name in COLUMNS},
    "delete": delete,
    "swap": swap,
}
KEEPS_THE_CHAIN: dict[str, Tamper] = {
    "cut off": cut_off,
    "delete and rewrite": delete_and_close_up,
    "edit and rewrite": edit_and_rewrite,
    "replace all": replace_all,
}


def test_tampering_that_breaks_the_chain(study: tuple[Database, list[str]]) -> None:
    database, heads = study
    last = int(heads[-1].partition(":")[0])
    for name, tamper in BREAKS_THE_CHAIN.items():
        for place in (1, last // 2, last - 1):
            with undone(database) as connection:
                tamper(connection, place)
                assert audit.verify(connection).faults, (name, place)


def test_tampering_that_only_a_printed_head_shows(study: tuple[Database, list[str]]) -> None:
    database, heads = study
    last = int(heads[-1].partition(":")[0])
    for name, tamper in KEEPS_THE_CHAIN.items():
        for place in (1, last // 2, last - 1, last):
            with undone(database) as connection:
                tamper(connection, place)
                assert audit.verify(connection).faults == (), (name, place)
                assert audit.verify(connection, heads[-1:]).faults, (name, place)
                assert audit.verify(connection, heads).faults, (name, place)


def test_an_older_head_shows_what_was_done_before_it(study: tuple[Database, list[str]]) -> None:
    database, heads = study
    early = heads[:5]
    place = int(early[-1].partition(":")[0])
    with undone(database) as connection:
        edit_and_rewrite(connection, place - 1)
        assert audit.verify(connection, early[-1:]).faults
    with undone(database) as connection:
        edit_and_rewrite(connection, place + 1)
        assert audit.verify(connection, early).faults == ()


def test_every_printed_head_is_compared(study: tuple[Database, list[str]]) -> None:
    database, heads = study
    number, _, digest = heads[-1].partition(":")
    other = f"{number}:{digest[::-1]}"
    with database.reading() as connection:
        for printed in ([other], [other, heads[-1]], [heads[-1], other]):
            assert audit.verify(connection, printed).faults, printed


def test_the_database_refuses_to_change_the_audit_trail(study: tuple[Database, list[str]]) -> None:
    database, heads = study
    for tamper in (edit_of("account"), delete, cut_off):
        with pytest.raises((DatabaseError, ResiduumError), match="append-only"), database.writing() as connection:
            tamper(connection, 3)
    assert verify_audit(locate(str(database.url.render_as_string(hide_password=False))), (heads[-1],)).faults == ()
