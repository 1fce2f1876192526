"""After a patient is forgotten, no byte that names the patient, or that was said of it, lies under the study folder."""

import json
import random
import shutil
import sqlite3
import subprocess
import time
import zlib
from contextlib import suppress
from copy import copy
from pathlib import Path

import pytest
import sqlalchemy as sa
from busy_study import (
    RESIDUUM,
    Client,
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

from residuum.records.errors import CallError
from residuum.steps.auditing import verify_audit
from residuum.steps.backups import backup, restore
from residuum.steps.erasure import forget
from residuum.steps.location import Location, locate
from residuum.store import audit
from residuum.store import database as database_module
from residuum.store.database import Database

pytestmark = pytest.mark.slow
PATIENT, OTHER = "QX002ZV", "QX003ZV"
REASON = "consent withdrawn"


class Read:
    """A study that was read for a while: its folder, its printed heads, and what was said of one patient."""

    def __init__(self, folder: Path) -> None:
        self.folder = write_folder(folder / "study")
        fill(self.folder, self.place.url)
        self.heads = [head_of(self.place.url)]
        with serving(str(self.folder), folder / "server.log") as server:
            clients = open_clients(server.port, "marks", new_seed())
            with working(clients):
                time.sleep(1)
        check_no_faults(clients)
        self.heads.append(head_of(self.place.url))
        self.said = said_of(self.place, clients, PATIENT)
        assert len(self.said) > 5

    @property
    def place(self) -> Location:
        """Where it lies."""
        return locate(str(self.folder))

    def copy(self, folder: Path) -> "Read":
        """Return the same study in another folder."""
        other = copy(self)
        other.folder = Path(shutil.copytree(self.folder, folder / "study"))
        return other

    def traces(self, *leave_out: str) -> list[str]:
        """Return the files under the study folder that hold a byte of the patient."""
        words = [PATIENT.encode(), *(word.encode() for word in self.said)]
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name not in leave_out]
        return sorted(path.name for path in files if any(word in path.read_bytes() for word in words))


def said_of(place: Location, clients: list[Client], patient: str) -> list[str]:
    """Return the comments, which are the sites of the marks as well, of every content ever stored for a patient."""
    database = Database(place.url)
    with database.reading() as connection:
        rows = connection.exec_driver_sql('SELECT reader, "case", scan FROM assignments').all()
    database.close()
    cases = {(reader, case) for reader, case, scan in rows if scan.startswith(patient)}
    said = []
    for client in clients:
        reader = f"reader_{int(client.name[-1]) % 2 + 1}"
        for (case, _), contents in client.sent.items():
            if (reader, case) in cases:
                said += [comment for text in contents if (comment := json.loads(text)["comment"])]
    return said


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return Read(tmp_path_factory.mktemp("read"))


@pytest.fixture
def read(read_once: Read, tmp_path: Path) -> Read:
    return read_once.copy(tmp_path)


def plain_payloads(url: str) -> list[bytes]:
    """Return what the audit trail says to who has no key."""
    database = Database(url)
    with database.reading() as connection:
        rows = connection.execute(sa.text("SELECT key_id, payload FROM audit")).all()
        keys = set(connection.exec_driver_sql("SELECT key_id FROM patient_keys").scalars())
        unreadable = [one for one in audit.load_entries(connection) if one.details is None]
    database.close()
    assert len(unreadable) == sum(row.key_id is not None and row.key_id not in keys for row in rows)
    return [zlib.decompress(row.payload) for row in rows if row.key_id is None]


def test_no_byte_of_a_forgotten_patient_is_left(read: Read, tmp_path: Path) -> None:
    results = read.folder / ".residuum" / "analyses" / "1"
    results.mkdir(parents=True)
    (results / "numbers.json").write_text(json.dumps({"patients": [PATIENT]}))
    assert {"study.sqlite", "patients.csv", "scans.csv", "numbers.json"} <= set(read.traces())
    before = tmp_path / "before.zip"
    backup(read.place, before)
    command = [str(RESIDUUM), "forget", PATIENT, "--reason", REASON, "--yes", "--study", str(read.folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["cleared"], said["folder"], len(said["backups"])) == (True, "rewritten", 1)
    check_erased(read, [said["head"]])
    check_other_is_there(read)
    restore(before, read.place, replace=True)
    set_aside = [path.name for path in (read.folder / ".residuum").glob("study-before-restore-*")]
    assert set_aside
    check_erased(read, read.heads)
    check_other_is_there(read)


def check_erased(read: Read, heads: list[str]) -> None:
    """Nothing of the patient is left in any file or in any readable audit entry; the chain and its heads hold."""
    assert read.traces() == []
    payloads = plain_payloads(read.place.url)
    assert not [payload for payload in payloads if PATIENT.encode() in payload]
    assert verify_audit(read.place, (*read.heads, *heads)).faults == ()
    assert read.traces() == []


def check_other_is_there(read: Read) -> None:
    """The next patient is untouched."""
    with sqlite3.connect(read.folder / ".residuum" / "study.sqlite") as plain:
        assert plain.execute("SELECT count(*) FROM scans WHERE patient = ?", (OTHER,)).fetchone() == (4,)
        assert plain.execute("SELECT count(*) FROM patient_keys WHERE patient = ?", (OTHER,)).fetchone() == (1,)
        assert plain.execute("SELECT count(*) FROM reads WHERE scan LIKE ?", (f"{OTHER}%",)).fetchone()[0] > 0
    plain.close()


def test_forget_again_after_a_reader_was_in_the_way(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    patient_no_longer = [one.replace("busy_timeout = 20000", "busy_timeout = 300") for one in database_module._PRAGMAS]
    monkeypatch.setattr(database_module, "_PRAGMAS", patient_no_longer)
    keeper = sqlite3.connect(read.folder / ".residuum" / "study.sqlite", isolation_level=None)
    keeper.execute("BEGIN")
    keeper.execute("SELECT count(*) FROM scans").fetchone()
    try:
        assert not forget(read.place, PATIENT, REASON).cleared
    finally:
        keeper.close()
    assert forget(read.place, PATIENT, REASON).cleared
    check_erased(read, [])


def test_forget_while_the_server_runs(read: Read, tmp_path: Path) -> None:
    with serving(str(read.folder), tmp_path / "again.log"):
        erased = forget(read.place, PATIENT, REASON)
    if not erased.cleared:
        forget(read.place, PATIENT, REASON)
    check_erased(read, [erased.head])


def test_killed_forget(read: Read, tmp_path: Path) -> None:
    chance, before = random.Random(new_seed()), tmp_path / "before.zip"
    backup(read.place, before)
    for number in range(setting("RESIDUUM_FORGET_KILLS", 3)):
        other = read.copy(tmp_path / str(number))
        command = [str(RESIDUUM), "forget", PATIENT, "--reason", REASON, "--yes", "--study", str(other.folder)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            wait_for_writing(other, chance)
            process.kill()
        with suppress(CallError):  # it had finished: there is no such patient any more
            forget(other.place, PATIENT, REASON)
        check_erased(other, [])
        restore(before, other.place, replace=True)
        check_erased(other, [])


def wait_for_writing(read: Read, chance: random.Random) -> None:
    """Wait until the erasure has begun to write, and a little longer."""
    wal, deadline = read.folder / ".residuum" / "study.sqlite-wal", time.monotonic() + 20
    while not (wal.exists() and wal.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.06))


def test_a_training_scan_of_a_forgotten_patient(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "study")
    settings = folder / "study.toml"
    text = settings.read_text("utf-8")
    assert "training = []" in text
    settings.write_text(text.replace("training = []", f'training = ["{PATIENT}-s0", "{OTHER}-s0"]'), "utf-8")
    place = locate(str(folder))
    fill(folder, place.url)
    forget(place, PATIENT, REASON)
    left = [path.name for path in folder.rglob("*") if path.is_file() and PATIENT.encode() in path.read_bytes()]
    assert left == []
    assert not [payload for payload in plain_payloads(place.url) if PATIENT.encode() in payload]


def test_a_database_set_aside_before_the_erasure(read: Read, tmp_path: Path) -> None:
    before = tmp_path / "before.zip"
    backup(read.place, before)
    restore(before, read.place, replace=True)
    erased = forget(read.place, PATIENT, REASON)
    named = " ".join(map(str, (*erased.backups, *erased.copies)))
    assert [name for name in read.traces() if name not in named] == []
