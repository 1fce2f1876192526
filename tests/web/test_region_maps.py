"""Regions proposed for the views of a case: of its own images, computed once, and why there are none."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from rooms import Room, Rooms
from small_room import SCANS, Planned

from region_scans import RegionScan, make_second
from residuum.records.errors import RefusalError
from residuum.records.schemas import TABLES
from residuum.records.vocabulary import REGIONS
from residuum.steps import region_maps as module
from residuum.steps.pictures import CaseImage, Picture
from residuum.steps.region_maps import FAULTS, RegionMaps
from residuum.store.study import append_rows
from residuum.volumes.regions.proposals import OUTSIDE, STEP_MM, propose_regions
from residuum.volumes.registration.planar import Views

pytestmark = pytest.mark.unit
SCAN = SCANS[0]


class Shown:
    """The views of one drawn child behind every image; notes how often it was asked."""

    def __init__(self, views: Views) -> None:
        self.views, self.asked = views, 0
        self.refuses = False

    def load(self, image: CaseImage) -> Picture:
        self.asked += 1
        if self.refuses:
            raise RefusalError("image_unreadable", "the image cannot be read")
        view = self.views.present[image.view]  # type: ignore[index]
        return Picture(view.counts[None], (1.0, 0.0), view.spacing_mm, None)


@cache
def drawn() -> RegionScan:
    return make_second(100)


@pytest.fixture
def room(sqlite_rooms: Rooms) -> Iterator[Room]:
    with sqlite_rooms.open() as opened:
        yield opened


@pytest.fixture
def shown(room: Room) -> Shown:
    found = Shown(drawn().views)
    room.app.app.state.region_maps = RegionMaps(found)  # type: ignore[arg-type, attr-defined]
    return found


def add_images(room: Room, scan: str, **changes: Mapping[str, Any]) -> None:
    """Give a scan both views, as an import does; `changes` by view."""
    rows = []
    for number, (facing, view) in enumerate(drawn().views.present.items(), start=1):
        source = f"{SCANS.index(scan):02x}/{SCANS.index(scan):02x}{'0' * 62}.dcm#{number}"
        row = {"image": f"{scan}-{facing}", "scan": scan, "kind": "planar", "view": facing, "source": source}
        rows.append(row | {"left_at": view.left_at} | dict(changes.get(facing, {})))
    frame = pl.DataFrame(rows, schema=TABLES["images"].schema)
    room.desk.write(lambda connection: append_rows(connection, "images", frame)).result()


def ask(room: Room, scan: str = SCAN, account: str = "anne") -> Any:
    return room.person(account).get(f"/api/cases/{room.cases(account)[scan]}/regions")


def unpack(one: Mapping[str, Any], name: str) -> np.ndarray:
    return np.frombuffer(b64decode(one[name]), np.uint8).reshape(one["rows"], one["columns"])


def test_the_maps_are_those_of_the_views(room: Room, shown: Shown) -> None:
    add_images(room, SCAN)
    answer = ask(room)
    assert answer.status == 200
    assert answer.json["fault"] is None
    expected = propose_regions(shown.views)
    assert not isinstance(expected, str)
    assert [one["image"] for one in answer.json["maps"]] == ["planar-anterior", "planar-posterior"]
    for one, proposed in zip(answer.json["maps"], expected, strict=True):
        assert (one["step_mm"], tuple(one["regions"])) == (STEP_MM, REGIONS)
        np.testing.assert_array_equal(unpack(one, "first"), proposed.first)
        np.testing.assert_array_equal(unpack(one, "second"), proposed.second)


def test_places_are_those_of_the_stored_view(room: Room, shown: Shown) -> None:
    add_images(room, SCAN)
    maps = {one["image"].removeprefix("planar-"): one for one in ask(room).json["maps"]}
    said = []
    for lesion in drawn().lesions:
        column, row = (round(place / maps[lesion.view]["step_mm"]) for place in lesion.position_mm)
        codes = [unpack(maps[lesion.view], name)[row, column] for name in ("first", "second")]
        said.append(lesion.region in {REGIONS[code] for code in codes if code != OUTSIDE})
    assert np.mean(said) > 0.8


def test_the_answer_names_no_scan(room: Room, shown: Shown) -> None:
    add_images(room, SCAN)
    answer = ask(room)
    assert not [name for name in SCANS if name in str(answer.json)]


def test_maps_are_computed_once_for_all_readers_and_anew_for_other_images(room: Room, shown: Shown) -> None:
    add_images(room, SCAN)
    first, second = ask(room), ask(room, account="bela")
    assert first.json["maps"] == second.json["maps"]
    assert shown.asked == 2  # each view once
    add_images(room, SCANS[1])
    ask(room, SCANS[1])
    assert shown.asked == 4


def test_only_the_last_ones_are_kept(room: Room, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 1)
    for scan in SCANS[:2]:
        add_images(room, scan)
        ask(room, scan)
    ask(room, SCANS[1])
    assert shown.asked == 4
    ask(room, SCANS[0])
    assert shown.asked == 6


def test_a_case_without_images_says_so(room: Room, shown: Shown) -> None:
    assert ask(room).json == {"case": room.cases("anne")[SCAN], "fault": "no_views", "maps": []}


def test_images_that_are_being_made_are_waited_for(room: Room, shown: Shown) -> None:
    room.desk.openings = planned = Planned()
    assert (ask(room).json["fault"], planned.asked) == ("being_made", [SCAN])
    add_images(room, SCAN)
    answer = ask(room)
    assert (answer.json["fault"], len(answer.json["maps"])) == (None, 2)


def test_a_view_of_unknown_side_is_left_out(room: Room, shown: Shown) -> None:
    add_images(room, SCAN, anterior={"left_at": None})
    assert [one["image"] for one in ask(room).json["maps"]] == ["planar-posterior"]


def test_an_image_without_a_body_has_a_fault(room: Room, shown: Shown) -> None:
    empty = {facing: replace(view, counts=np.zeros_like(view.counts)) for facing, view in shown.views.present.items()}
    shown.views = Views(empty["anterior"], empty["posterior"])
    add_images(room, SCAN)
    assert ask(room).json["fault"] == "no_body"
    assert "no_body" in FAULTS


def test_an_image_that_cannot_be_read_is_refused_and_asked_for_again(room: Room, shown: Shown) -> None:
    add_images(room, SCAN)
    shown.refuses = True
    assert (ask(room).status, ask(room).error) == (409, "image_unreadable")
    shown.refuses = False
    assert ask(room).status == 200
