"""A server with something in it: a small study on a real database, accounts of every role, reads and an analysis.

Sessions are written straight into the database, so that none of them ends for good when a case signs somebody out,
changes a password or disables an account: `Server.mend` puts all of that back.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

import sqlalchemy as sa
from schemathesis.python.asgi import get_client

from residuum.intake.folder import write_study
from residuum.records.study import Study
from residuum.steps.databases import import_folder
from residuum.steps.desk import Desk
from residuum.steps.management import new_account
from residuum.store.accounts import Account, load_account, save_account, save_session
from residuum.store.database import Database
from residuum.store.passwords import hash_password
from residuum.store.tables import ASSIGNMENTS, ATTEMPTS, MARKS, READS, SCANS, SESSIONS
from residuum.web.app import make_server_app
from residuum.web.gate import COOKIE, CSRF_HEADER
from small_studies import Scan, by, child, study

PASSWORD: Final = "seven quiet owls"
TIMEPOINTS: Final = ("diagnosis", "post_induction", "post_consolidation")
READING: Final[Mapping[str, Mapping[str, Any]]] = {
    "marks": {"order": "blinded", "reveal": "scan"},
    "grades": {"order": "paired", "reveal": "study"},
}
"""How the study is read, by what is recorded."""


@dataclass(frozen=True)
class Person:
    """Somebody with a session, or nobody."""

    role: str | None
    account: str = ""
    reader: str | None = None

    @property
    def cookies(self) -> dict[str, str]:
        return {COOKIE: f"session-of-{self.account}"} if self.role else {}

    @property
    def headers(self) -> dict[str, str]:
        return {CSRF_HEADER: f"csrf-of-{self.account}"} if self.role else {}


NOBODY: Final = Person(None)
PEOPLE: Final = (
    Person("reader", "anne", "anne"),
    Person("reader", "bela", "bela"),
    Person("adjudicator", "judge", "consensus"),
    Person("data_manager", "manager"),
    Person("statistician", "counter"),
    Person("administrator", "boss"),
    Person("auditor", "watcher"),
)
MANAGER: Final = PEOPLE[3]
SPARE: Final = ("spare-1", "spare-2", "spare-3")
"""Accounts that only the cases use."""


def unread_study(entry: str) -> Study:
    """Return four children with nine scans that nobody has read."""
    days = ((0, 200, 400), (0, 210), (0, 190, 380), (0,))
    children = [
        child(f"PAT-{n}", *(Scan(point, day, by()) for point, day in zip(TIMEPOINTS, given, strict=False)))
        for n, given in enumerate(days, start=1)
    ]
    made = study(*children, readers=("anne", "bela"), entry=entry)
    reading = made.settings.reading.model_copy(update=READING[entry])
    settings = made.settings.model_copy(update={"reading": reading, "title": "Study of the schema tests"})
    return Study(settings, made.rules, made.tables)


def finding(entry: str, number: int) -> dict[str, Any]:
    """Return the content of a read; some numbers are negative scans."""
    if number % 4 == 3:
        return {"evaluable": number % 8 != 3, "marks": [], "grades": []}
    if entry == "grades":
        return {"grades": [{"system": "siopen", "segment": "spine", "grade": 1 + number % 6}]}
    focal = {"mark": "1", "regions": ["femur_left"], "pattern": "focal", "seen_on": ["planar_ant"], "site": "A"}
    diffuse = {"mark": "2", "regions": ["spine_lumbar", "sacrum"], "pattern": "diffuse", "extent": 0.5}
    return {"marks": [focal, diffuse][: 1 + number % 2]}


@dataclass
class Server:
    """The application in this process, on a database that holds the study."""

    entry: str
    url: str
    data: Path
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        write_study(unread_study(self.entry), self.data / "study")
        import_folder(self.data / "study", self.url)
        self.desk = Desk(Database(self.url))
        self.app = make_server_app(self.desk, self.data)
        self._hash = hash_password(PASSWORD, "anybody")
        self.desk.write(self._add_accounts).result()
        self.mend()
        self.mend_reads()
        self.analyse()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.app.app.state.analyses.close()  # type: ignore[attr-defined]  # the shell's application
        self.desk.close()

    def ask(self, person: Person, method: str, path: str, body: object = None) -> Any:
        """Return the answer to a request that is no case."""
        with get_client(self.app) as client:
            return client.request(method, path, json=body, headers=person.headers, cookies=person.cookies)

    def mend(self) -> None:
        """Put accounts, passwords and sessions back; forget failed attempts to sign in."""
        self.desk.write(self._mend).result()

    def mend_reads(self, finished: bool = False) -> None:
        """Let every reader have unread, draft and locked cases; or all of them locked."""
        for reader in PEOPLE[:2]:
            self._read(reader, finished or (self.entry == "marks" and reader.account == "bela"))
        self._read(PEOPLE[2], finished=False)

    def analyse(self) -> None:
        """Run one analysis to its end."""
        asked = self.ask(MANAGER, "POST", "/api/analyses")
        assert asked.status_code == 202, asked.text
        path, limit = f"/api/analyses/{asked.json()['id']}", time.monotonic() + 120
        while (state := self.ask(MANAGER, "GET", path).json())["state"] in ("queued", "running"):
            assert time.monotonic() < limit, state
            time.sleep(0.1)
        assert state["state"] == "done", state

    def ask_analyses(self, count: int) -> None:
        """Let some analyses wait or run."""
        for _ in range(count):
            self.ask(MANAGER, "POST", "/api/analyses")

    def rows(self, statement: sa.Select[Any]) -> list[dict[str, Any]]:
        """Return rows as they are at the moment."""
        found = self.desk.read(lambda connection: connection.execute(statement).mappings().all()).result()
        return [dict(row) for row in found]

    def cases(self, reader: str | None, states: Sequence[str] = ("unread", "draft", "locked")) -> list[dict[str, Any]]:
        """Return cases of a reader (of all where it is None) with scan, patient, state and version."""
        same = sa.and_(*(ASSIGNMENTS.c[name] == READS.c[name] for name in ("scan", "reader", "occasion")))
        state, version = sa.func.coalesce(READS.c.state, "unread"), sa.func.coalesce(READS.c.version, 0)
        columns = (ASSIGNMENTS.c.case, ASSIGNMENTS.c.scan, ASSIGNMENTS.c.reader, ASSIGNMENTS.c.occasion)
        query = (
            sa.select(*columns, SCANS.c.patient, state.label("state"), version.label("version"))
            .select_from(ASSIGNMENTS.join(SCANS, SCANS.c.scan == ASSIGNMENTS.c.scan).outerjoin(READS, same))
            .where(state.in_(states), sa.true() if reader is None else ASSIGNMENTS.c.reader == reader)
            .order_by(ASSIGNMENTS.c.reader, ASSIGNMENTS.c.position)
        )
        return self.rows(query)

    def marks(self, reader: str | None, patient: str) -> list[dict[str, Any]]:
        """Return the marks of a reader on the scans of a patient, with their case numbers."""
        numbers = {one["scan"]: one["case"] for one in self.cases(reader) if one["patient"] == patient}
        chosen = MARKS.c.reader == reader, MARKS.c.occasion == "main", MARKS.c.scan.in_(list(numbers))
        found = self.rows(sa.select(MARKS.c.scan, MARKS.c.mark).where(*chosen))
        return [{"case": numbers[one["scan"]], "mark": one["mark"]} for one in found]

    def _add_accounts(self, connection: sa.Connection) -> None:
        for person in PEOPLE:
            new_account(connection, person.account, person.role, None, self._hash, "2026-03-02")  # type: ignore[arg-type]
        for name in SPARE:
            new_account(connection, name, "auditor", None, self._hash, "2026-03-02")

    def _mend(self, connection: sa.Connection) -> None:
        connection.execute(SESSIONS.delete())
        connection.execute(ATTEMPTS.delete())
        for person in PEOPLE:
            old = load_account(connection, person.account)
            assert isinstance(old, Account)
            right = {"role": person.role, "reader": person.reader, "password": self._hash, "disabled": False}
            save_account(connection, replace(old, **right, subject=None))  # type: ignore[arg-type]
            token, csrf = person.cookies[COOKIE], person.headers[CSRF_HEADER]
            save_session(connection, token, person.account, csrf, self.desk.clock().timestamp())

    def _read(self, reader: Person, finished: bool) -> None:
        self.ask(reader, "GET", "/api/worklist")
        for place, case in enumerate(self.cases(reader.reader)):
            wanted = "locked" if finished or place % 3 == 2 else ("draft", case["state"])[place % 3 == 0]
            if wanted != "locked" and case["state"] == "locked" and place % 3 == 1:
                self._unlock(case)
            elif wanted in ("draft", "locked") and case["state"] != "locked":
                self._save(reader, case, place, wanted)

    def _unlock(self, case: Mapping[str, Any]) -> None:
        path = f"/api/scans/{case['scan']}/reads/{case['reader']}/unlock"
        self.ask(MANAGER, "POST", path, {"reason": "for the next case", "occasion": case["occasion"]})

    def _save(self, reader: Person, case: Mapping[str, Any], place: int, wanted: str) -> None:
        path, version = f"/api/reads/{case['case']}", case["version"]
        if case["state"] == "unread":
            number = place + (reader.account == "bela")  # so that some reads differ
            body = {"version": version, **finding(self.entry, number)}
            version = self.ask(reader, "PUT", path, body).json()["version"]
        if wanted == "locked":
            signing = {"case": case["case"], "version": version}
            self.ask(reader, "POST", "/api/signatures", {"password": PASSWORD, "reads": [signing]})
