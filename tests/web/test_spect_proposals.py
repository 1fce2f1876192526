"""Where earlier marks in a SPECT are expected on the SPECT of a case: carried by the CT of both, or why not."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from people import Person
from rooms import Room, Rooms
from small_room import PATIENTS, content, focal, scan_of

from residuum.records.schemas import TABLES
from residuum.steps.pictures import CaseImage, Picture
from residuum.steps.proposals import Proposals
from residuum.store.study import append_rows
from spect_ct_pairs import Pair, make_torso_pair

EARLY, LATER = (scan_of("PAT-ANNA", day) for day in PATIENTS["PAT-ANNA"][:2])
HU = (1.0, -1024.0)


@cache
def drawn() -> Pair:
    return make_torso_pair(5, size=0.8)


class Shown:
    """The CT of a drawn child behind the images of two scans."""

    def load(self, image: CaseImage) -> Picture:
        assert image.kind == "ct", "tracer does not steer"
        volume = drawn().before if image.image.startswith(EARLY) else drawn().after
        stored = np.clip(np.round(volume.values - HU[1]), 0, 4095).astype(np.uint16)
        return Picture(stored, HU, volume.spacing_mm, volume.placement)


@pytest.fixture
def room(sqlite_rooms: Rooms) -> Iterator[Room]:
    with sqlite_rooms.open(order="paired") as opened:
        opened.app.app.state.proposals = Proposals(Shown())  # type: ignore[arg-type, attr-defined]
        yield opened


def add_images(room: Room, scan: str, *kinds: str) -> None:
    """Give a scan images, as an import does."""
    rows = [
        {"image": f"{scan}-{kind}", "scan": scan, "kind": kind, "source": f"{place:02x}/{place:02x}{'0' * 62}.dcm"}
        for place, kind in enumerate(kinds, start=1 + 16 * (scan == LATER))
    ]
    frame = pl.DataFrame(rows, schema=TABLES["images"].schema)
    room.desk.write(lambda connection: append_rows(connection, "images", frame)).result()


def read_early(room: Room) -> Person:
    """Return a reader who has marked every site of the earlier SPECT, and one thing without a place."""
    anne = room.person("anne")
    marks = [
        focal(site, "spine_lumbar", image="spect", x_mm=place[0], y_mm=place[1], z_mm=place[2])
        for site, place in zip(drawn().sites, drawn().before_mm.tolist(), strict=True)
    ]
    saved = anne.save(room.cases("anne")[EARLY], 0, content(*marks, focal("nowhere", "femur_left")))
    assert saved.status == 200, saved
    return anne


def ask(room: Room, person: Person, on: str) -> Any:
    return person.get(f"/api/cases/{room.cases(person.name)[LATER]}/proposals?on={on}").json


@pytest.mark.unit
def test_marks_in_a_spect_are_proposed_where_their_bones_lie_now(room: Room) -> None:
    for scan in (EARLY, LATER):
        add_images(room, scan, "spect", "ct")
    anne = read_early(room)
    answer = ask(room, anne, "spect")
    assert answer["fault"] is None
    true = dict(zip(drawn().sites, drawn().after_mm, strict=True))
    places = {one["from_mark"]: (one["x_mm"], one["y_mm"], one["z_mm"]) for one in answer["proposals"]}
    assert len(places) > 0.5 * len(true)
    assert {(one["image"], one["view"]) for one in answer["proposals"]} == {("spect", None)}
    near = [
        np.linalg.norm(np.subtract(places[one["from_mark"]], true[one["from_mark"]])) <= one["error_mm"] + 0.1
        for one in answer["proposals"]
    ]
    assert np.mean(near) >= 0.9
    assert ask(room, anne, "planar")["fault"] == "no_views"


@pytest.mark.unit
def test_without_a_ct_or_a_spect_it_says_why(room: Room) -> None:
    add_images(room, EARLY, "spect", "ct")
    anne = read_early(room)
    assert ask(room, anne, "spect") == {"case": room.cases("anne")[LATER], "fault": None, "proposals": []}
    add_images(room, LATER, "spect")
    assert ask(room, anne, "spect")["fault"] == "no_ct"
    assert ask(room, room.person("bela"), "spect")["proposals"] == []
