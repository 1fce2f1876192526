"""A study that many clients write to through the real server, and what each of them knows to be stored.

Every client has cases of its own and one request at a time, so that it knows exactly what may be stored: what was
acknowledged last, or the one change that was under way when the server died. Contents are never sent twice.
"""

import http.client
import json
import os
import random
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from argon2 import PasswordHasher

from residuum.records.vocabulary import MARK_REGIONS, SIOPEN_SEGMENTS
from residuum.steps.accounts import add_user
from residuum.steps.auditing import verify_audit
from residuum.steps.databases import import_folder
from residuum.steps.init import init
from residuum.steps.location import locate
from residuum.store import audit, passwords
from residuum.store.database import Database

RESIDUUM: Final = Path(sys.executable).with_name("residuum")
HOST: Final = "127.0.0.1"
PASSWORD: Final = "correct horse 42"
CLIENTS: Final = 4
TIMES: Final = ((0, "diagnosis"), (120, "post_induction"), (240, "post_consolidation"), (420, "end_of_treatment"))
NOTHING: Final[dict[str, Any]] = {
    "evaluable": True,
    "comment": None,
    "seconds": None,
    "marks": [],
    "grades": [],
    "cleared": [],
}
Stored = tuple[str, int, str]
"""State, version and content of a read."""


def setting(name: str, default: int) -> int:
    """Return a whole number from the environment."""
    return int(os.environ.get(name, default))


def new_seed() -> int:
    """Return the seed of this run and print it, so that a failure can be repeated: RESIDUUM_SEED."""
    seed = setting("RESIDUUM_SEED", secrets.randbelow(10**6))
    print(f"RESIDUUM_SEED={seed}")
    return seed


def write_folder(folder: Path, entry: str = "marks", patients: int = 6) -> Path:
    """Write a study that nobody has read."""
    init(folder)
    settings = folder / "study.toml"
    text = settings.read_text("utf-8").replace("synthetic = false", "synthetic = true")
    if entry == "grades":
        text = text.replace('entry = "marks"', 'entry = "grades"').replace('"region"', '"segment"')
    settings.write_text(text, "utf-8")
    names = [f"QX{number:03d}ZV" for number in range(1, patients + 1)]
    with (folder / "patients.csv").open("a") as file:
        file.writelines(f"{name},female,1200,2015,M,unknown,alive,2000\n" for name in names)
    with (folder / "scans.csv").open("a") as file:
        rows = [f"{name}-s{n},{name},{day},{time_},I123,\n" for name in names for n, (day, time_) in enumerate(TIMES)]
        file.writelines(rows)
    return folder


def fill(folder: Path, url: str) -> None:
    """Put a study into a database, with one account for each client."""
    import_folder(folder, url)
    before, passwords.HASHER = passwords.HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    try:
        _add_accounts(url)
    finally:
        passwords.HASHER = before


def _add_accounts(url: str) -> None:
    """Make an account for each client; a password that was hashed cheaply is cheap to check in the real server."""
    for number in range(CLIENTS):
        add_user(locate(url), f"client_{number}", "reader", f"reader_{number % 2 + 1}", PASSWORD)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


class Server:
    """`residuum serve` as a process of its own."""

    def __init__(self, study: str, log: Path) -> None:
        self.study, self.port, self._log = study, free_port(), log

    def start(self) -> None:
        """Start it and wait until it answers; a start that fails is tried again."""
        for _ in range(3):
            with self._log.open("ab") as log:
                command = [str(RESIDUUM), "serve", self.study, "--port", str(self.port)]
                environment = os.environ | {"RESIDUUM_DATA": str(self._log.parent / "data")}
                self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
            if self._ready():
                return
        raise AssertionError(f"the server does not start:\n{self._log.read_text()[-3000:]}")

    def kill(self) -> None:
        """End it at once, in the midst of whatever it does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _ready(self) -> bool:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
                connection.request("GET", "/healthz")
                status = connection.getresponse().status
                connection.close()
                return status == 200
            time.sleep(0.02)
        return False


@contextmanager
def serving(study: str, log: Path) -> Iterator[Server]:
    """Give a running server, and kill it at the end."""
    server = Server(study, log)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@dataclass
class Client:
    """One who reads; a thread of its own while it works.

    `known` is what is stored of each case, `sent` every content that was ever sent for a case, by version; `flying`
    is what the case of a request without answer would be, or None for a request that changes no case.
    """

    name: str
    port: int
    entry: str
    chance: random.Random
    forgiven: tuple[int, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    known: dict[str, Stored] = field(default_factory=dict)
    sent: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    flying: tuple[str, Stored] | None = None
    acknowledged: int = 0
    landed: int = 0
    lost: int = 0
    stored_though_refused: int = 0
    refused: bool = False
    waits: int = 0
    faults: list[str] = field(default_factory=list)

    def connect(self) -> None:
        """Open a connection."""
        self.connection = http.client.HTTPConnection(HOST, self.port, timeout=30)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and answer."""
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status == 200 and (cookie := answer.getheader("Set-Cookie")):
            self.headers = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": json.loads(text)["csrf"]}
        is_json = answer.getheader("Content-Type") == "application/json"
        return answer.status, json.loads(text) if is_json else text

    def sign_in(self) -> int:
        """Begin a session beside those that there are."""
        before, self.headers = self.headers, {}
        try:
            status, _ = self.ask("POST", "/api/session", {"account": self.name, "password": PASSWORD})
        finally:
            self.headers = self.headers or before
        return status

    def take_cases(self, place: int, of: int) -> None:
        """Take every `of`-th case of the worklist."""
        cases = self.ask("GET", "/api/worklist")[1]["cases"]
        for case in cases[place::of]:
            self.known[case["case"]] = ("unread", 0, text_of(NOTHING))

    def work(self, stop: threading.Event) -> None:
        """Change one case after another until told to stop or until there is no answer."""
        with suppress(OSError, http.client.HTTPException):
            self.connect()
            while not stop.is_set() and self._change_or_note():
                pass
        self.connection.close()

    def _change_or_note(self) -> bool:
        """Return whether a change was made; a server without its database may refuse, and says so."""
        status, answer = self._change()
        if status == 429:  # kills in the midst of a password check count as failed attempts
            self.flying = None
            self.waits += 1
            return True
        self.refused = status in self.forgiven
        if status != 200 and not self.refused:
            self.faults.append(f"{self.name}: {status} {answer}")
        return status == 200

    def _change(self) -> tuple[int, Any]:
        if self.chance.random() < 0.01:
            return self.sign_in(), None
        case = self.chance.choice(list(self.known))
        state, version, content = self.known[case]
        if state == "locked":
            after = ("draft", version + 1, content)
            request = ("POST", f"/api/reads/{case}/unlock", {"version": version, "reason": "once more"})
        elif state == "draft" and self.chance.random() < 0.05:
            after = ("locked", version + 1, content)
            reads = [{"case": case, "version": version}]
            request = ("POST", "/api/signatures", {"password": PASSWORD, "reads": reads})
        else:
            made = self._content(case, version)
            after = ("draft", version + 1, text_of(made))
            request = ("PUT", f"/api/reads/{case}", made | {"version": version})
        self.flying = (case, after)
        self.sent.setdefault((case, after[1]), set()).add(after[2])
        status, answer = self.ask(*request)
        if status == 200:
            self.known[case], self.flying = after, None
            self.acknowledged += 1
        return status, answer

    def _content(self, case: str, version: int) -> dict[str, Any]:
        token = f"{self.name}.{case}.{version}.{self.chance.getrandbits(40):x}"
        made = NOTHING | {"comment": token, "seconds": round(self.chance.uniform(1, 900), 2)}
        if self.entry == "grades":
            grades = self.chance.choices(range(7), k=len(SIOPEN_SEGMENTS))
            made["grades"] = [
                {"system": "siopen", "segment": segment, "grade": grade}
                for segment, grade in zip(SIOPEN_SEGMENTS, grades, strict=True)
            ]
        else:
            made["marks"] = [make_mark(self.chance, token, n) for n in range(self.chance.randrange(13))]
        return made

    def check_after_restart(self) -> None:
        """Compare every case with what is known; only the change under way may be there or not, and then wholly."""
        self.connect()
        status, session = self.ask("GET", "/api/session")
        assert (status, session["account"]) == (200, self.name), "the session did not survive"
        for case, known in self.known.items():
            stored = self._stored(case)
            allowed = [known]
            if self.flying and self.flying[0] == case:
                allowed.append(self.flying[1])
                self.landed += stored == self.flying[1]
                self.lost += stored == known
                self.stored_though_refused += self.refused and stored == self.flying[1]
            assert stored in allowed, f"{self.name}, case {case}: {stored} is none of {allowed}"
            self.known[case] = stored
        self.flying, self.refused = None, False
        self.connection.close()

    def _stored(self, case: str) -> Stored:
        status, answer = self.ask("GET", f"/api/reads/{case}")
        assert status == 200, answer
        return answer["state"], answer["version"], text_of({name: answer[name] for name in NOTHING})


def make_mark(chance: random.Random, token: str, number: int) -> dict[str, Any]:
    """Return a mark that says in `site` which save it belongs to."""
    diffuse = chance.random() < 0.5
    return {
        "mark": f"m{number}",
        "regions": chance.sample(MARK_REGIONS, 2 if diffuse else 1),
        "pattern": "diffuse" if diffuse else "focal",
        "extent": round(chance.uniform(0.01, 1), 3) if diffuse else None,
        "seen_on": chance.sample(("planar_ant", "planar_post", "spect"), chance.randrange(4)),
        "confidence": None,
        "site": token,
        "from_case": None,
        "from_mark": None,
        "image": None,
        "view": None,
        "x_mm": round(chance.uniform(-300, 300), 3),
        "y_mm": round(chance.uniform(-300, 300), 3),
        "z_mm": None,
    }


def text_of(content: dict[str, Any]) -> str:
    """Return a content as text, the same for the same content."""
    return json.dumps(content, sort_keys=True)


def open_clients(port: int, entry: str, seed: int, forgiven: tuple[int, ...] = ()) -> list[Client]:
    """Return clients that are signed in and share the cases of their reader; what they may be refused with."""
    clients = []
    for number in range(CLIENTS):
        client = Client(f"client_{number}", port, entry, random.Random(f"{seed} {number}"), forgiven)
        client.connect()
        assert client.sign_in() == 200
        client.take_cases(number // 2, CLIENTS // 2)
        client.connection.close()
        clients.append(client)
    return clients


@contextmanager
def working(clients: list[Client]) -> Iterator[None]:
    """Let the clients work during the block; at its end they finish what they do."""
    stop = threading.Event()
    threads = [threading.Thread(target=client.work, args=(stop,)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def check_no_faults(clients: list[Client]) -> None:
    """Fail where an answer was anything but good."""
    faults = [fault for client in clients for fault in client.faults]
    assert not faults, faults[:3]


def head_of(url: str) -> str:
    """Return the head of the audit trail as it stands, as reports print it."""
    database = Database(url)
    try:
        with database.reading() as connection:
            return audit.head(connection)
    finally:
        database.close()


def check_database(url: str, heads: list[str]) -> None:
    """Check a database that nobody uses: whole file, whole chain, printed heads, reads as the audit trail says."""
    found = verify_audit(locate(url), tuple(heads))
    assert found.faults == ()
    database = Database(url)
    try:
        with database.reading() as connection:
            if database.is_sqlite:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
            assert wrong_reads(connection) == []
    finally:
        database.close()


def wrong_reads(connection: sa.Connection) -> list[Any]:
    """Return marks and grades without a read, and reads whose version is not that of their last audit entry."""
    for table in ("marks", "grades"):
        statement = (
            f"SELECT c.scan FROM {table} c LEFT JOIN reads r ON r.scan = c.scan AND r.reader = c.reader "
            "AND r.occasion = c.occasion WHERE r.scan IS NULL"
        )
        if orphans := connection.exec_driver_sql(statement).scalars().all():
            return [table, *orphans]
    said = {}
    for entry in audit.load_entries(connection):
        if entry.action in ("read.save", "read.sign", "read.unlock") and entry.details:
            key = entry.details["scan"], entry.details["reader"], entry.details["occasion"]
            said[key] = entry.details["version"]
    rows = connection.exec_driver_sql("SELECT scan, reader, occasion, version FROM reads").all()
    stored = {tuple(row[:3]): row[3] for row in rows}
    return sorted(said.items() ^ stored.items())


def copy_sqlite(file: Path, target: Path) -> None:
    """Copy a database file that nobody uses, with its -wal."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for ending in ("", "-wal"):
        source = file.with_name(file.name + ending)
        if source.exists():
            target.with_name(target.name + ending).write_bytes(source.read_bytes())


def row_hashes(url: str, leave_out: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return every row of every table as sorted text, the same from either kind of database."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg") if "postgres" in url else url)
    found = {}
    with engine.connect() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        for name, table in tables.tables.items():
            if name not in leave_out:
                rows = connection.execute(sa.select(table)).mappings()
                found[name] = sorted(repr(sorted((key, _plain(value)) for key, value in row.items())) for row in rows)
    engine.dispose()
    return found


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else bytes(value) if isinstance(value, memoryview) else value


def known_contents(clients: list[Client]) -> dict[tuple[str, str, int], set[str]]:
    """Return every content that was ever sent, by reader, case and version."""
    found: dict[tuple[str, str, int], set[str]] = {}
    for client in clients:
        reader = f"reader_{int(client.name[-1]) % 2 + 1}"
        for (case, version), contents in client.sent.items():
            found[reader, case, version] = contents
    return found


@contextmanager
def checkpointed(file: Path) -> Iterator[None]:
    """Copy what lies in the -wal into the database, as writers do now and then; during the block both are there."""
    keeper = sqlite3.connect(file)
    assert keeper.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[0] == 0
    try:
        yield
    finally:
        keeper.close()
