"""A write-ahead log that is cut off or damaged: what opens is whole, anything else is refused in words."""

import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from busy_study import (
    Client,
    Server,
    checkpointed,
    copy_sqlite,
    fill,
    head_of,
    known_contents,
    new_seed,
    open_clients,
    setting,
    text_of,
    working,
    write_folder,
    wrong_reads,
)

from residuum.cli.failures import run
from residuum.records.errors import ResiduumError
from residuum.steps.auditing import verify_audit
from residuum.steps.image_names import ImageNames
from residuum.steps.location import locate
from residuum.steps.reading import describe_content
from residuum.store.database import Database
from residuum.store.readings import StoredRead, load_cases, load_read

pytestmark = pytest.mark.slow
Contents = dict[tuple[str, str, int], set[str]]


class Busy:
    """Copies of a busy study's database with a full -wal, taken when its server was killed."""

    def __init__(self, folder: Path, seed: int) -> None:
        study = write_folder(folder / "study")
        file = study / ".residuum" / "study.sqlite"
        self.url = f"sqlite:///{file}"
        fill(study, self.url)
        server = Server(str(study), folder / "server.log")
        server.start()
        clients = open_clients(server.port, "marks", seed)
        self.copies = {"plain": folder / "plain.sqlite", "checkpointed": folder / "checkpointed.sqlite"}
        self._work(server, clients)
        copy_sqlite(file, self.copies["plain"])
        self.head = head_of(self.url)
        copy_sqlite(self.copies["plain"], file)
        with checkpointed(file):
            copy_sqlite(file, self.copies["checkpointed"])
        self.contents: Contents = known_contents(clients)

    def _work(self, server: Server, clients: list[Client]) -> None:
        with working(clients):
            time.sleep(1.2)
            server.kill()


def damage(wal: Path, chance: random.Random) -> str:
    """Cut a file off somewhere or change a few of its bytes; return what was done."""
    size = live_bytes(wal)
    place = chance.randrange(size) if chance.random() < 0.95 else chance.randrange(32)
    if chance.random() < 0.5:
        with wal.open("r+b") as file:
            file.truncate(place)
        return "truncated"
    with wal.open("r+b") as file:
        for _ in range(chance.choice((1, 1, 8))):
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ (1 << chance.randrange(8))]))
            place = min(place + chance.randrange(1, 64), size - 1)
    return "flipped"


def live_bytes(wal: Path) -> int:
    """Return how much of a -wal is in use; what lies behind is left over from before its last restart."""
    content = wal.read_bytes()
    page, salts = int.from_bytes(content[8:12]), content[16:24]
    frames = range(32, len(content), page + 24)
    dead = (place for place in frames if content[place + 8 : place + 16] != salts)
    return next(dead, len(content))


def judge(file: Path, head: str, contents: Contents, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the study says of itself: whole, shorter, or refused; fail where it is neither."""
    code = run(["audit", "verify", str(file), "--head", head])
    said = "".join(capsys.readouterr())
    assert code in (0, 1, 2), said
    assert "Traceback" not in said
    if "Error: " in said:
        return "refused" if "restore a backup" in said else f"refused without a cure: {said}"
    if wrong := [*verify_audit(locate(str(file)), ()).faults, *wrong_rows(file, contents)]:
        assert code == 1, f"opens, is not whole, and nothing says so: {wrong[:2]}"
        kind = "damaged" if isinstance(wrong[0], str) else "reads of different ages"
        return f"not whole ({kind}), found with the head only"
    return "whole" if code == 0 else "shorter, found with the head"


def wrong_rows(file: Path, contents: Contents) -> list[object]:
    """Return what is wrong with a database, apart from being older."""
    database = Database(f"sqlite:///{file}")
    try:
        with database.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
            wrong: list[object] = [one for one in found if one != "ok"]
            return wrong or [*wrong_reads(connection), *unsent_reads(connection, contents)]
    except ResiduumError as error:  # as whoever touches the damaged part would be told
        return [str(error)]
    finally:
        database.close()


def unsent_reads(connection: sa.Connection, contents: Contents) -> list[object]:
    """Return the reads whose content nobody ever sent in this version."""
    unsent: list[object] = []
    for reader in ("reader_1", "reader_2"):
        for case in load_cases(connection, reader):
            stored = load_read(connection, case.read)
            if stored and _said(stored) not in contents[reader, case.case, stored.version]:
                unsent.append((case, stored))
    return unsent


def _said(stored: StoredRead) -> str:
    return text_of(describe_content(stored.content, {}, ImageNames([], hidden=False)))


@pytest.mark.parametrize("kind", ["plain", "checkpointed"])
def test_damaged_wal(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = new_seed()
    chance, busy = random.Random(f"{seed} {kind}"), Busy(tmp_path, seed)
    counts: Counter[str] = Counter()
    assert judge(fresh(busy, kind, tmp_path), busy.head, busy.contents, capsys) == "whole"
    for _ in range(setting("RESIDUUM_WALS", 40) // 2):
        file = fresh(busy, kind, tmp_path)
        wal = file.with_name(file.name + "-wal")
        how = damage(wal, chance)
        counts[f"{how}: {judge(file, busy.head, busy.contents, capsys)}"] += 1
    print(kind, dict(counts))
    assert not [what for what in counts if "without a cure" in what or "(damaged)" in what]
    if kind == "plain":
        assert not [what for what in counts if "not whole" in what]


def fresh(busy: Busy, kind: str, folder: Path) -> Path:
    """Return a new copy of the database."""
    shutil.rmtree(folder / "copy", ignore_errors=True)
    copy_sqlite(busy.copies[kind], folder / "copy" / "study.sqlite")
    return folder / "copy" / "study.sqlite"
