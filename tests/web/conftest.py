"""Rooms for the tests of the server: cheap passwords, studies that are imported once."""

from collections.abc import Iterator

import pytest
from rooms import Rooms, cheap_passwords

from databases import KINDS
from residuum.store import passwords


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Let the hash of a password cost next to nothing; what it costs in truth is a matter of the store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", cheap_passwords())
        passwords._nobody.cache_clear()
        yield
    passwords._nobody.cache_clear()


def _make(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rooms:
    server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else ""
    return Rooms(kind, tmp_path_factory.mktemp(f"rooms_{kind}"), server)


@pytest.fixture(scope="session", params=KINDS)
def _rooms_of_kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rooms:
    return _make(request.param, request, tmp_path_factory)


@pytest.fixture
def rooms(_rooms_of_kind: Rooms) -> Iterator[Rooms]:
    """Rooms on either kind of database; a test that asks for them runs on both."""
    yield _rooms_of_kind
    _rooms_of_kind.clear()


@pytest.fixture(scope="session")
def _sqlite_rooms(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rooms:
    return _make("sqlite", request, tmp_path_factory)


@pytest.fixture
def sqlite_rooms(_sqlite_rooms: Rooms) -> Iterator[Rooms]:
    """Rooms on SQLite, for what no database decides."""
    yield _sqlite_rooms
    _sqlite_rooms.clear()


@pytest.fixture(scope="session")
def _postgresql_rooms(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rooms:
    return _make("postgresql", request, tmp_path_factory)


@pytest.fixture
def postgresql_rooms(_postgresql_rooms: Rooms) -> Iterator[Rooms]:
    """Rooms on PostgreSQL, for the slow half of what a fast test does on SQLite."""
    yield _postgresql_rooms
    _postgresql_rooms.clear()
