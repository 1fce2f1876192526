"""Where earlier marks are expected on a case: on the same view, once for a pair of scans, or why not."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from people import Person
from rooms import Room, Rooms
from small_room import PATIENTS, SCANS, Planned, content, focal, scan_of

from phantom_pairs import Pair, make_pair
from residuum.records.errors import RefusalError
from residuum.records.schemas import TABLES
from residuum.steps import proposals as module
from residuum.steps.pictures import CaseImage, Picture
from residuum.steps.proposals import FAULTS, Proposals
from residuum.store.study import append_rows
from residuum.volumes.planar import PlanarView
from residuum.volumes.registration.planar import PLANAR_FAULTS
from residuum.volumes.registration.spect_ct import SPECT_FAULTS

pytestmark = pytest.mark.unit

EARLY, LATER, LAST = (scan_of("PAT-ANNA", day) for day in PATIENTS["PAT-ANNA"])
VIEWS = ("anterior", "posterior")


class Shown:
    """The views of a drawn child behind the images of two scans."""

    def __init__(self, pair: Pair) -> None:
        self.scans: dict[str, Any] = {EARLY: pair.before, LATER: pair.after, LAST: pair.after}
        self.refuses = False

    def load(self, image: CaseImage) -> Picture:
        if self.refuses:
            raise RefusalError("image_unreadable", "the image cannot be read")
        view: PlanarView = getattr(self.scans[image.image.rpartition("-")[0]], str(image.view))
        return Picture(view.counts[None], (1.0, 0.0), view.spacing_mm, None)


@cache
def drawn() -> Pair:
    return make_pair(1)


@pytest.fixture
def room(sqlite_rooms: Rooms) -> Iterator[Room]:
    with sqlite_rooms.open(order="paired") as opened:
        yield opened


@pytest.fixture
def shown(room: Room) -> Shown:
    found = Shown(drawn())
    room.app.app.state.proposals = Proposals(found)  # type: ignore[arg-type, attr-defined]
    return found


def add_images(room: Room, *scans: str, views: tuple[str, ...] = VIEWS, **changes: Mapping[str, Any]) -> None:
    """Give scans their views, as an import does; `changes` by view."""
    rows = []
    for scan in scans:
        sides = drawn().before if scan == EARLY else drawn().after
        for facing in views:
            source = f"{SCANS.index(scan):02x}/{SCANS.index(scan):02x}{'0' * 62}.dcm#{VIEWS.index(facing) + 1}"
            row = {"image": f"{scan}-{facing}", "scan": scan, "kind": "planar", "view": facing, "source": source}
            rows.append(row | {"left_at": getattr(sides, facing).left_at} | dict(changes.get(facing, {})))
    frame = pl.DataFrame(rows, schema=TABLES["images"].schema)
    room.desk.write(lambda connection: append_rows(connection, "images", frame)).result()


def places() -> dict[str, dict[str, Any]]:
    """Return the true places of the lesions of the earlier scan, one mark for each view, by the name of the mark."""
    return {
        f"{name} {facing}": {
            "image": f"planar-{facing}",
            "view": facing,
            "x_mm": getattr(site, facing)[0],
            "y_mm": getattr(site, facing)[1],
        }
        for name, site in drawn().before.sites.items()
        for facing in VIEWS
    }


def read_early(room: Room, *more: dict[str, Any]) -> Person:
    """Return a reader who has marked the earlier scan at the true places."""
    anne = room.person("anne")
    marks = [focal(name, name.split()[0], **place) for name, place in places().items()]
    saved = anne.save(room.cases("anne")[EARLY], 0, content(*marks, *more))
    assert saved.status == 200, saved
    return anne


def ask(room: Room, person: Person, scan: str = LATER) -> Any:
    return person.get(f"/api/cases/{room.cases(person.name)[scan]}/proposals")


def test_a_mark_is_proposed_near_its_place_on_the_same_view(room: Room, shown: Shown) -> None:
    add_images(room, EARLY, LATER)
    answer = ask(room, read_early(room)).json
    assert (answer["case"], answer["fault"]) == (room.cases("anne")[LATER], None)
    assert {one["from_mark"] for one in answer["proposals"]} == set(places())
    assert {one["from_case"] for one in answer["proposals"]} == {room.cases("anne")[EARLY]}
    near = []
    for one in answer["proposals"]:
        name, facing = one["from_mark"].split()
        assert (one["view"], one["image"]) == (facing, f"planar-{facing}")
        true = getattr(drawn().after.sites[name], facing)
        near.append(np.hypot(one["x_mm"] - true[0], one["y_mm"] - true[1]) <= one["error_mm"])
    assert np.mean(near) > 0.8


def test_the_region_of_a_mark_says_what_it_is_carried_with(room: Room, shown: Shown) -> None:
    """On a head that turned, what lies in front moves aside more than what lies in the middle."""
    add_images(room, EARLY, LATER)
    shoulders = [drawn().before.sites[f"humerus_{side}"].anterior[0] for side in ("left", "right")]
    middle_of_face = {"x_mm": sum(shoulders) / 2, "y_mm": 890.0}
    place = {"image": "planar-anterior", "view": "anterior", **middle_of_face}
    regions = ("face_orbit", "skull_base", "hand_left")
    answer = ask(room, read_early(room, *(focal(f"on {one}", one, **place) for one in regions))).json
    found = {one["from_mark"]: one["x_mm"] for one in answer["proposals"]}
    in_front, in_the_middle, not_believed = (found[f"on {one}"] for one in regions)
    assert in_front != in_the_middle
    assert min(in_front, in_the_middle) - 20 < not_believed < max(in_front, in_the_middle) + 20


def test_where_a_view_is_missing_the_other_one_is_taken(room: Room, shown: Shown) -> None:
    add_images(room, EARLY)
    add_images(room, LATER, views=("posterior",))
    proposed = ask(room, read_early(room)).json["proposals"]
    assert {(one["view"], one["image"]) for one in proposed} == {("posterior", "planar-posterior")}
    true = {name: site.posterior for name, site in drawn().after.sites.items()}
    off = [np.hypot(*np.subtract((one["x_mm"], one["y_mm"]), true[one["from_mark"].split()[0]])) for one in proposed]
    assert np.median(off) < 15


def test_a_mark_without_a_place_on_a_view_has_no_row(room: Room, shown: Shown) -> None:
    add_images(room, EARLY, LATER)
    anne = read_early(room, focal("nowhere", "femur_left"), focal("outside", "femur_left", **outside()))
    names = {one["from_mark"] for one in ask(room, anne).json["proposals"]}
    assert names == set(places())


def outside() -> dict[str, Any]:
    return {"image": "planar-anterior", "view": "anterior", "x_mm": 2.0, "y_mm": 2.0}


def test_a_first_scan_has_no_proposals(room: Room, shown: Shown) -> None:
    add_images(room, EARLY, LATER)
    case = room.cases("anne")[EARLY]
    assert ask(room, read_early(room), EARLY).json == {"case": case, "fault": None, "proposals": []}


def test_another_reader_sees_nothing_of_these_marks(room: Room, shown: Shown) -> None:
    add_images(room, EARLY, LATER)
    read_early(room)
    assert ask(room, room.person("bela")).json["proposals"] == []


def test_a_pair_is_registered_once_and_only_the_last_ones_are_kept(
    room: Room, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    register = module.register_planar
    monkeypatch.setattr(module, "register_planar", lambda *views: asked.append(views) or register(*views))
    monkeypatch.setattr(module, "_KEPT", 1)
    add_images(room, EARLY, LATER, LAST)
    anne = read_early(room)
    first = ask(room, anne).json
    assert (ask(room, anne).json, len(asked)) == (first, 1)
    ask(room, anne, LAST)
    ask(room, anne)
    assert len(asked) == 3


def test_in_blinded_order_nothing_is_proposed(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        assert (ask(room, room.person("anne")).status, ask(room, room.person("anne")).error) == (403, "blinded")


def test_without_images_or_with_a_fault_the_answer_says_why(room: Room, shown: Shown) -> None:
    add_images(room, EARLY)
    anne = read_early(room)
    assert ask(room, anne).json["fault"] == "no_views"
    add_images(room, LATER)
    empty = {facing: replace(view, counts=np.zeros_like(view.counts)) for facing, view in _views(LATER).items()}
    shown.scans[LATER] = replace(drawn().after, **empty)
    assert ask(room, anne).json == {"case": room.cases("anne")[LATER], "fault": "no_body", "proposals": []}
    assert set(FAULTS) == {"being_made", "no_views", *PLANAR_FAULTS, *SPECT_FAULTS}


def _views(scan: str) -> dict[str, PlanarView]:
    sides = drawn().before if scan == EARLY else drawn().after
    return {facing: getattr(sides, facing) for facing in VIEWS}


def test_a_view_of_unknown_side_proposes_nothing(room: Room, shown: Shown) -> None:
    add_images(room, EARLY)
    add_images(room, LATER, views=("anterior",), anterior={"left_at": None})
    assert ask(room, read_early(room)).json["fault"] == "no_views"


def test_images_that_are_being_made_are_waited_for(room: Room, shown: Shown) -> None:
    add_images(room, EARLY)
    anne = read_early(room)
    room.desk.openings = planned = Planned()
    assert ask(room, anne).json["fault"] == "being_made"
    assert set(planned.asked) == {LATER}
    add_images(room, LATER)
    assert ask(room, anne).json["fault"] is None


def test_an_image_that_cannot_be_read_is_refused(room: Room, shown: Shown) -> None:
    add_images(room, EARLY, LATER)
    shown.refuses = True
    answer = ask(room, read_early(room))
    assert (answer.status, answer.error) == (409, "image_unreadable")
