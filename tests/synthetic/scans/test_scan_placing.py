"""Where marks are put on simulated images: exactly at lesions, near them, or somewhere in their region."""

from typing import Any

import numpy as np
import pytest

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.scans.placing import Shown, place_marks
from residuum.synthetic.scans.truth import TrueLesion, TrueView, Truth
from residuum.volumes.grid import Grid
from residuum.volumes.placement import Placement

pytestmark = pytest.mark.unit

PIXEL_MM = 2.0
SHAPE = (100, 80)
FRONT, BACK = -30.0, 30.0
SHOWN = Shown({"anterior": "A", "posterior": "P"})
BED = Grid((20, 40, 40), (4.0, 4.0), Placement((-80.0, -80.0, 0.0), (1, 0, 0), (0, 1, 0), (0, 0, -4.0)))


def lesion(label: int, mark: str, region: str, pattern: str, depth: float, at: tuple[float, float]) -> TrueLesion:
    x, y = at
    planar = {"anterior": (x, y), "posterior": ((SHAPE[1] - 1) * PIXEL_MM - x, y)}
    extent = 0.5 if pattern == "diffuse" else None
    return TrueLesion(label, mark, (region,), pattern, extent, 1, 5.0, 10, (x - 80, depth, -y), planar)


def truth(*lesions: TrueLesion, regions: dict[str, tuple[slice, slice]] | None = None) -> Truth:
    """Return a truth in which each lesion is seen on 3 x 3 pixels around its centre, and regions on rectangles."""
    nearest = np.zeros(SHAPE, np.uint8)
    for name, place in (regions or {}).items():
        nearest[place] = 1 + REGIONS.index(name)
    masks = np.zeros((len(lesions), *SHAPE), bool)
    for mask, one in zip(masks, lesions, strict=True):
        column, row = (round(value / PIXEL_MM) for value in one.planar_mm["anterior"])
        mask[row - 1 : row + 2, column - 1 : column + 2] = True
    seen = np.zeros(SHAPE, np.uint32)
    front = TrueView(seen, nearest, np.packbits(masks, axis=-1))
    back = TrueView(seen, np.ascontiguousarray(nearest[:, ::-1]), np.packbits(masks[:, :, ::-1], axis=-1))
    return Truth({"anterior": front, "posterior": back}, lesions, PIXEL_MM)


def mark(reader: str, name: str, region: str, pattern: str = "focal", seen_on: str | None = None) -> dict[str, Any]:
    return {"scan": "S", "reader": reader, "mark": name, "regions": region, "pattern": pattern, "seen_on": seen_on}


def test_the_read_that_counts_lies_exactly_at_its_lesions() -> None:
    found = truth(
        lesion(1, "a", "sternum", "focal", FRONT, (60, 40)), lesion(2, "b", "spine_lumbar", "focal", BACK, (70, 90))
    )
    marks = [mark("consensus", "b", "spine_lumbar"), mark("consensus", "a", "sternum")]
    assert place_marks(marks, found, "consensus", SHOWN) == {
        ("consensus", "a"): {"image": "A", "view": "anterior", "x_mm": 60.0, "y_mm": 40.0},
        ("consensus", "b"): {"image": "P", "view": "posterior", "x_mm": 88.0, "y_mm": 90.0},
    }


@pytest.mark.parametrize(
    ("seen_on", "depth", "image"),
    [
        (None, FRONT, "A"),
        (None, BACK, "P"),
        ("planar_ant;planar_post", FRONT, "A"),
        ("planar_ant;planar_post", BACK, "P"),
        ("planar_post", FRONT, "P"),
        ("planar_ant", BACK, "A"),
        ("planar_ant;spect", BACK, "A"),
        ("spot", BACK, None),
        ("spect", BACK, None),
    ],
)
def test_a_mark_lies_on_the_nearer_view_of_those_on_which_it_was_seen(
    seen_on: str | None, depth: float, image: str | None
) -> None:
    found = truth(lesion(1, "a", "sternum", "focal", depth, (60, 40)))
    placed = place_marks([mark("consensus", "a", "sternum", seen_on=seen_on)], found, "consensus", SHOWN)
    assert [one["image"] for one in placed.values()] == ([image] if image else [])


def test_marks_seen_on_spect_alone_lie_on_it_where_there_is_one() -> None:
    found = truth(
        lesion(1, "a", "sternum", "focal", FRONT, (60, 40)), lesion(2, "b", "foot_left", "focal", FRONT, (60, 190))
    )
    marks = [mark("consensus", "a", "sternum", seen_on="spect"), mark("consensus", "b", "foot_left", seen_on="spect")]
    assert place_marks(marks, found, "consensus", Shown(SHOWN.views, "T", BED)) == {
        ("consensus", "a"): {"image": "T", "x_mm": -20.0, "y_mm": -30.0, "z_mm": -40.0}
    }  # the foot lies beyond the bed


def test_other_readers_point_a_few_millimetres_beside() -> None:
    one = lesion(1, "a", "sternum", "focal", FRONT, (80, 100))
    away = []
    for number in range(200):
        scan = mark("reader_1", "7", "sternum") | {"scan": f"S{number}"}
        (at,) = place_marks([scan], truth(one), "consensus", SHOWN).values()
        assert place_marks([scan], truth(one), "consensus", SHOWN) == {("reader_1", "7"): at}
        away.append((at["x_mm"] - 80, at["y_mm"] - 100))
    assert np.abs(away).max() <= 6
    assert np.abs(np.mean(away, axis=0)).max() < 0.6
    assert 2 < np.std(away) < 3


def test_every_lesion_is_met_once_by_a_reader() -> None:
    places = [(40.0, 40.0), (80.0, 40.0), (120.0, 40.0)]
    found = truth(*(lesion(1 + n, "abc"[n], "skull_vault", "focal", FRONT, at) for n, at in enumerate(places)))
    marks = [mark("reader_1", str(number), "skull_vault") for number in range(3)]
    placed = place_marks(marks, found, "consensus", SHOWN)
    for (x, y), at in zip(places, placed.values(), strict=True):
        assert abs(at["x_mm"] - x) <= 6
        assert abs(at["y_mm"] - y) <= 6


def test_a_diffuse_mark_means_no_focus() -> None:
    regions = {"skull_vault": (slice(80, 90), slice(60, 70))}
    found = truth(lesion(1, "a", "skull_vault", "focal", FRONT, (40, 40)), regions=regions)
    placed = place_marks([mark("reader_1", "1", "skull_vault", "diffuse")], found, "consensus", SHOWN)
    (at,) = placed.values()
    assert at["y_mm"] >= 160


def test_a_mark_of_several_regions_means_the_lesion_of_the_same_ones_in_any_order() -> None:
    one = lesion(1, "a", "spine_thoracic", "diffuse", BACK, (80, 60))
    both = TrueLesion(
        **{name: getattr(one, name) for name in one.__slots__} | {"regions": ("spine_thoracic", "sacrum")}
    )
    placed = place_marks([mark("consensus", "a", "sacrum;spine_thoracic", "diffuse")], truth(both), "consensus", SHOWN)
    assert placed["consensus", "a"]["y_mm"] == 60.0


@pytest.mark.parametrize("view", ["anterior", "posterior"])
def test_marks_without_a_lesion_lie_in_their_region(view: str) -> None:
    regions = {"femur_left": (slice(70, 90), slice(50, 60))}
    seen_on = {"anterior": "planar_ant", "posterior": "planar_post"}[view]
    for number in range(20):
        imagined = mark("reader_2", str(number), "femur_left", seen_on=seen_on)
        (at,) = place_marks([imagined], truth(regions=regions), "consensus", SHOWN).values()
        column, row = at["x_mm"] / PIXEL_MM, at["y_mm"] / PIXEL_MM
        assert at["view"] == view
        assert 70 <= row < 90
        assert 50 <= (column if view == "anterior" else SHAPE[1] - 1 - column) < 60


def test_soft_tissue_that_is_not_there_lies_beside_the_lumbar_spine() -> None:
    found = truth(regions={"spine_lumbar": (slice(50, 60), slice(38, 42))})
    sides = set()
    for number in range(20):
        (at,) = place_marks([mark("reader_2", str(number), "soft_tissue")], found, "consensus", SHOWN).values()
        away = at["x_mm"] - 79
        assert 20 < abs(away) < 50
        sides.add(np.sign(away))
    assert sides == {-1, 1}


def test_what_lies_beyond_the_image_gets_no_place() -> None:
    beyond = lesion(1, "a", "foot_left", "focal", FRONT, (80, 100))
    beyond = TrueLesion(
        **{name: getattr(beyond, name) for name in beyond.__slots__} | {"planar_mm": {"anterior": (80.0, 300.0)}}
    )
    empty = truth(lesion(1, "a", "foot_left", "focal", FRONT, (80, 100)))
    cut = np.zeros((1, SHAPE[0], SHAPE[1] // 8), np.uint8)
    views = {name: TrueView(view.regions, view.nearest, cut) for name, view in empty.views.items()}
    marks = [mark("consensus", "a", "foot_left", seen_on="planar_ant"), mark("reader_1", "1", "hand_left")]
    assert place_marks(marks, Truth(views, (beyond,), PIXEL_MM), "consensus", SHOWN) == {}


def test_a_centre_that_lies_beside_a_lesion_gives_way_to_the_nearest_pixel_on_it() -> None:
    ring = lesion(1, "a", "skull_vault", "diffuse", FRONT, (80, 80))
    masks = np.zeros((1, *SHAPE), bool)
    masks[0, 40, 52:56] = masks[0, 40, 20:22] = True
    found = truth(ring)
    view = TrueView(found.views["anterior"].regions, found.views["anterior"].nearest, np.packbits(masks, axis=-1))
    hollow = Truth({"anterior": view, "posterior": view}, (ring,), PIXEL_MM)
    placed = place_marks([mark("consensus", "a", "skull_vault", "diffuse")], hollow, "consensus", SHOWN)
    assert (placed["consensus", "a"]["x_mm"], placed["consensus", "a"]["y_mm"]) == (104.0, 80.0)
