"""Simulated images that are made when a case is opened: beside the answer, one at a time, telling of nobody else."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rooms import Room, Rooms
from small_room import SCANS

from residuum.records.schemas import TABLES
from residuum.steps import openings as module
from residuum.steps.check import check
from residuum.steps.databases import import_folder
from residuum.steps.desk import Desk
from residuum.steps.location import Location, locate
from residuum.steps.openings import Openings, ScanOpenings
from residuum.steps.planned_scans import plan_scans
from residuum.steps.scan_plans import write_plan
from residuum.store.database import Database
from residuum.store.study import append_rows, load_scans_with_images
from simulated_studies import write_simulated_study

pytestmark = pytest.mark.unit
PLANNED = frozenset(SCANS[:4])


class Noted(Openings):
    """Makes nothing, and notes what it was asked for."""

    def __init__(self) -> None:
        self.planned = PLANNED
        self.asked: list[str] = []

    def ask(self, scan: str) -> None:
        self.asked.append(scan)


@pytest.fixture
def room(sqlite_rooms: Rooms) -> Iterator[Room]:
    with sqlite_rooms.open(reveal="study") as opened:
        opened.desk.openings = Noted()
        yield opened


def add_image(room: Room, scan: str) -> None:
    row = {"image": f"{scan}-planar-anterior", "scan": scan, "kind": "planar"}
    frame = pl.DataFrame([row], schema=TABLES["images"].schema)
    room.desk.write(lambda connection: append_rows(connection, "images", frame)).result()


def shown(room: Room, account: str) -> dict[str, bool]:
    """Return by scan what the worklist says of its images."""
    cases = room.person(account).get("/api/worklist").json["cases"]
    scans = {number: scan for scan, number in room.cases(account).items()}
    return {scans[one["case"]]: one["images"] for one in cases}


def test_the_worklist_says_which_scans_have_images_or_get_them(room: Room) -> None:
    add_image(room, SCANS[6])
    assert {scan for scan, has in shown(room, "anne").items() if has} == {*PLANNED, SCANS[6]}


def test_a_case_that_is_opened_asks_for_its_images_unless_it_has_some(room: Room) -> None:
    noted: Any = room.desk.openings
    anne = room.person("anne")
    for scan in (SCANS[0], SCANS[5], SCANS[0]):
        answer = anne.get(f"/api/reads/{room.cases('anne')[scan]}")
        assert answer.json["images"] is (scan in PLANNED)
    assert noted.asked == [SCANS[0], SCANS[5], SCANS[0]]
    add_image(room, SCANS[0])
    assert anne.get(f"/api/reads/{room.cases('anne')[SCANS[0]]}").json["images"] is True
    assert len(noted.asked) == 3


def test_what_others_open_shows_nowhere(room: Room) -> None:
    anne, paths = room.person("anne"), ["/api/worklist", *(f"/api/reads/{n}" for n in room.cases("anne").values())]
    before = [anne.get(path) for path in paths]
    bela = room.person("bela")
    for scan in PLANNED:
        bela.get(f"/api/reads/{room.cases('bela')[scan]}")
        add_image(room, scan)  # as the process does that makes them
    bela.read_all()
    assert [anne.get(path) for path in paths] == before


@pytest.fixture
def location(tmp_path: Path) -> Location:
    (tmp_path / "study").mkdir()
    found = locate(str(tmp_path / "study"))
    write_plan(found.truth, {"S1": {}, "S2": {}, "S3": {}})
    return found


def test_planned_scans_are_made_one_at_a_time_and_once(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    running = threading.Semaphore(1)

    def make(self: ScanOpenings, scan: str) -> None:
        assert running.acquire(blocking=False)
        made.append(scan)
        running.release()

    monkeypatch.setattr(ScanOpenings, "_make", make)
    openings = ScanOpenings(location)
    assert openings.planned == {"S1", "S2", "S3"}
    for scan in ("S2", "S9", "S1", "S2"):
        openings.ask(scan)
    openings._waiting.put(None)
    openings._worker.join(timeout=10)
    assert made == ["S2", "S1"]


def test_the_process_is_told_through_its_input(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    told = location.truth / "told.json"
    (location.truth / "job.py").write_text(f"import sys; open({str(told)!r}, 'w').write(sys.stdin.read())")
    monkeypatch.setattr(module, "_JOB", "job")
    monkeypatch.setenv("PYTHONPATH", str(location.truth))
    openings = ScanOpenings(location)
    openings.ask("S3")
    openings._waiting.put(None)
    openings._worker.join(timeout=30)
    assert told.read_text() == f'{{"study": "{location.url}", "scan": "S3"}}'


def test_a_server_that_stops_stops_what_is_made(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    (location.truth / "job.py").write_text("import time; time.sleep(600)")
    monkeypatch.setattr(module, "_JOB", "job")
    monkeypatch.setenv("PYTHONPATH", str(location.truth))
    openings = ScanOpenings(location)
    openings.ask("S1")
    openings.ask("S2")
    openings.close()
    assert not openings._worker.is_alive()


def test_without_a_plan_nothing_is_planned(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    openings = ScanOpenings(locate(str(tmp_path / "study")))
    openings.ask("S1")
    openings.close()
    assert openings.planned == frozenset()


@pytest.mark.slow
def test_the_images_of_an_opened_case_come_in_beside_a_server_at_work(tmp_path: Path) -> None:
    folder = write_simulated_study(tmp_path / "study")
    plan_scans(folder, {"P1"})
    location = locate(str(folder))
    import_folder(folder, location.url)
    desk = Desk(Database(location.url), openings=ScanOpenings(location))
    try:
        desk.openings.ask("S2")
        for _ in range(600):
            desk.write(lambda connection: connection.exec_driver_sql("UPDATE study SET id = id")).result()
            if desk.read(load_scans_with_images).result():
                break
            time.sleep(0.1)
        assert desk.read(load_scans_with_images).result() == {"S2"}
    finally:
        desk.close()
    assert check(location.url).refused is False
