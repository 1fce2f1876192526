"""Backups taken while readers write: each of them restores to a whole study, the same in either kind of database."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from busy_study import (
    Client,
    check_database,
    check_no_faults,
    fill,
    known_contents,
    new_seed,
    open_clients,
    row_hashes,
    serving,
    setting,
    text_of,
    working,
    write_folder,
)

from databases import KINDS, new_database
from residuum.steps.backups import backup, restore
from residuum.steps.image_names import ImageNames
from residuum.steps.location import locate
from residuum.steps.reading import describe_content
from residuum.store import audit
from residuum.store.database import Database
from residuum.store.readings import load_cases, load_read

pytestmark = pytest.mark.slow


@pytest.fixture(params=KINDS)
def served_url(request: pytest.FixtureRequest, tmp_path: Path, postgresql_server: str) -> str:
    return new_database(request.param, tmp_path, postgresql_server)


def check_contents(url: str, clients: list[Client]) -> int:
    """Every read is one that was sent, wholly; return how many reads there are."""
    contents, reads = known_contents(clients), 0
    database = Database(url)
    with database.reading() as connection:
        for reader in ("reader_1", "reader_2"):
            for case in load_cases(connection, reader):
                stored = load_read(connection, case.read)
                if stored:
                    said = text_of(describe_content(stored.content, {}, ImageNames([], hidden=False)))
                    assert said in contents[reader, case.case, stored.version]
                    reads += 1
    database.close()
    return reads


def without_restore(url: str) -> dict[str, list[str]]:
    """Return every row but the entry that says that the backup was restored."""
    rows = row_hashes(url)
    entries = [row for row in rows["audit"] if "'action', 'restore'" not in row]
    assert len(entries) == len(rows["audit"]) - 1
    return rows | {"audit": entries}


def test_backups_under_load(
    served_url: str, tmp_path: Path, postgresql_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = new_seed()
    monkeypatch.setenv("RESIDUUM_DATA", str(tmp_path / "data"))
    fill(write_folder(tmp_path / "study"), served_url)
    files = [tmp_path / f"backup_{number}.zip" for number in range(setting("RESIDUUM_BACKUPS", 4) // 2)]
    made: list[Any] = []
    with serving(served_url, tmp_path / "server.log") as server:
        clients = open_clients(server.port, "marks", seed)
        with working(clients):
            time.sleep(0.5)
            for file in files:
                made.append(backup(locate(served_url), file))
                time.sleep(0.1)
        check_no_faults(clients)
    heads = [one.manifest["audit_head"] for one in made]
    assert [one.manifest["audit_faults"] for one in made] == [[]] * len(files)
    reads = [check_one(file, heads[:n], tmp_path, postgresql_server, clients) for n, file in enumerate(files, start=1)]
    print({"acknowledged": sum(one.acknowledged for one in clients), "reads in each": reads})
    check_database(served_url, heads)
    assert reads[-1] > 10


def check_one(file: Path, heads: list[str], folder: Path, postgresql_server: str, clients: list[Client]) -> int:
    """Restore a backup into both kinds of database, check and compare them; return its reads."""
    urls = {kind: new_database(kind, folder, postgresql_server) for kind in KINDS}
    for url in urls.values():
        assert restore(file, locate(url)).manifest["audit_head"] == heads[-1]
        check_database(url, heads)
    assert without_restore(urls["sqlite"]) == without_restore(urls["postgresql"])
    return check_contents(urls["sqlite"], clients)


def test_a_backup_does_not_stop_the_writers(tmp_path: Path) -> None:
    seed, study = new_seed(), write_folder(tmp_path / "study")
    url = f"sqlite:///{tmp_path / 'study.sqlite'}"
    fill(study, url)
    with serving(url, tmp_path / "server.log") as server:
        clients = open_clients(server.port, "marks", seed)
        with working(clients), ThreadPoolExecutor(2) as two:
            time.sleep(0.3)
            before = sum(client.acknowledged for client in clients)
            list(two.map(lambda n: backup(locate(url), tmp_path / f"{n}.zip"), range(4)))
            assert sum(client.acknowledged for client in clients) > before
        check_no_faults(clients)
    database = Database(url)
    with database.reading() as connection:
        assert [one.action for one in audit.load_entries(connection)].count("backup") == 4
    database.close()
