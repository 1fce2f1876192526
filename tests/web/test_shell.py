"""What every answer carries, what is too large, and what the log keeps to itself."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from people import Answer, Person
from rooms import Rooms
from small_room import PATIENTS, SCANS, content, focal, password_of

import residuum.web.routes.reading as routes
from residuum.web.server import begin_log

HEADERS = {
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "cache-control",
}
LIMIT = 2 * 1024 * 1024


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Give the file of a log that is kept as the server keeps it."""
    logger = logging.getLogger("residuum.server")
    before = logger.propagate, logger.level, list(logger.handlers)
    begin_log(tmp_path / "log" / "server.log")
    yield tmp_path / "log" / "server.log"
    for handler in set(logger.handlers) - set(before[2]):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate, logger.level = before[0], before[1]


def fail(*_: object) -> None:
    raise ZeroDivisionError(SCANS[0])


def answers_of_every_kind(person: Person, monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
    """Return a good answer and one of every refusal that the shell or the application gives."""
    answers = [
        person.get("/healthz"),
        person.get("/"),
        person.get("/openapi.json"),
        person.get("/api/worklist"),
        person.save("0001", 0),
        person.save("0001", 0),
        person.save("0001", -1),
        person.get("/api/audit"),
        person.get("/nowhere"),
        person.get(f"/api/reads/{SCANS[0]}"),
        person.ask("PATCH", "/api/worklist"),
        person.room.visitor().get("/api/worklist"),
        person.ask("PUT", "/api/reads/0001", {}, headers={"origin": "https://evil.test"}),
        person.ask("PUT", "/api/reads/0001", {}, headers={"content-length": str(LIMIT + 1)}),
        person.ask("PUT", "/api/reads/0001", chunks=[b"{"]),
        *(person.room.visitor("zara").sign_in() for _ in range(8)),
    ]
    monkeypatch.setattr(routes, "show_read", fail)
    return [*answers, person.get("/api/reads/0001")]


@pytest.mark.unit
def test_every_answer_carries_the_headers_of_protection(sqlite_rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite_rooms.open() as room:
        answers = answers_of_every_kind(room.person("anne"), monkeypatch)
    assert {200, 401, 403, 404, 405, 409, 413, 422, 429, 500} == {answer.status for answer in answers}
    for answer in answers:
        named = [name.decode() for name, _ in answer.headers]
        assert set(named) >= HEADERS
        assert len(named) == len(set(named))
        assert answer.header("cache-control") == "no-store"
        assert "unsafe" not in (answer.header("content-security-policy") or "")


@pytest.mark.unit
def test_every_refusal_is_json_with_a_word_and_a_sentence(sqlite_rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite_rooms.open() as room:
        answers = answers_of_every_kind(room.person("anne"), monkeypatch)
    for answer in answers:
        if answer.status >= 400:
            assert answer.header("content-type") == "application/json"
            assert answer.json["error"]
            assert answer.json["message"]


@pytest.mark.unit
def test_a_fault_tells_nothing_of_itself(sqlite_rooms: Rooms, monkeypatch: pytest.MonkeyPatch, log_file: Path) -> None:
    monkeypatch.setattr(routes, "show_read", fail)
    with sqlite_rooms.open() as room:
        answer = room.person("anne").get("/api/reads/0001")
    assert answer.status == 500
    assert SCANS[0] not in answer.body.decode()
    written = log_file.read_text()
    assert "ZeroDivisionError" in written
    assert SCANS[0] not in written


@pytest.mark.unit
@pytest.mark.parametrize("path", ["/api/session", "/api/signatures"])
def test_a_body_over_the_limit_is_refused_before_it_is_read(sqlite_rooms: Rooms, path: str) -> None:
    with sqlite_rooms.open() as room:
        answer = room.person("anne").ask("POST", path, {}, headers={"content-length": str(LIMIT + 1)})
        assert (answer.status, answer.error) == (413, "too_large")


@pytest.mark.unit
@pytest.mark.parametrize("length", [None, "10"])
def test_a_body_that_hides_its_length_is_refused_as_well(sqlite_rooms: Rooms, length: str | None) -> None:
    chunks = [b'{"account":"', *([b"x" * 500_000] * 5), b'"}']
    with sqlite_rooms.open() as room:
        asked = room.person("anne").ask("POST", "/api/session", chunks=chunks, headers={"content-length": length})
        assert (asked.status, asked.error) == (413, "too_large")


@pytest.mark.unit
def test_the_largest_read_fits(sqlite_rooms: Rooms) -> None:
    marks = [focal("m" * 196 + f"{number:04d}", "femur_left", site="s" * 200) for number in range(200)]
    with sqlite_rooms.open() as room:
        assert room.person("anne").save("0001", 0, content(*marks, comment="c" * 10_000)).status == 200


@pytest.mark.unit
def test_the_log_names_no_patient_no_scan_no_value_and_no_password(
    rooms: Rooms, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "PLANTED"
    with rooms.open(order="paired") as room:
        anne, manager, boss = room.person("anne"), room.person("manager"), room.person("boss")
        for path in (f"/api/tables/{secret}", f"/{secret}", f"/api/reads/{secret}", f"/api/worklist?{secret}={secret}"):
            manager.get(path)
        said = content(focal(secret, "femur_left", site=secret), comment=secret)
        anne.read("0001", said)
        anne.save("0002", 0, {**said, secret: secret})
        anne.sign(("0001", 0), password=secret)
        anne.unlock("0001", 2, secret)
        anne.get(f"/api/identity/{next(iter(PATIENTS))}")
        manager.ask("POST", f"/api/scans/{SCANS[0]}/reads/{secret}/unlock", {"reason": secret})
        boss.ask("PATCH", f"/api/accounts/{secret}", {"version": 1, "password": secret * 2})
        room.visitor().sign_in(secret, secret)
        room.visitor().get("/api/session", headers={"cookie": f"__Host-residuum={secret}", "user-agent": secret})
        anne.ask("PUT", "/api/reads/0001", chunks=[f'{{"{secret}": '.encode()])
        answers_of_every_kind(anne, monkeypatch)
        tokens = [anne.cookie, anne.csrf, password_of("anne")]
    written = log_file.read_text()
    assert written.count("\n") > 20
    assert "/reads/{case} 200" in written
    for word in (secret, *SCANS, *PATIENTS, "anne", "manager", *filter(None, tokens)):
        assert word not in written
