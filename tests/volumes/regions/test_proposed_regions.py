"""Regions proposed from positions: how often the true one, and what must hold whatever the atlas says."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from region_scans import RegionScan, make_first, make_second
from residuum.records.vocabulary import PAIRED_REGIONS, REGIONS
from residuum.volumes.planar import PlanarView
from residuum.volumes.regions.atlas import BONES, PARTS
from residuum.volumes.regions.proposals import OUTSIDE, STEP_MM, RegionMap, propose_regions
from residuum.volumes.registration.preparation import Views, mirror_mm

SWAPPED = np.arange(256, dtype=np.uint8)
for _region in PAIRED_REGIONS:
    _left, _right = REGIONS.index(f"{_region}_left"), REGIONS.index(f"{_region}_right")
    SWAPPED[_left], SWAPPED[_right] = _right, _left


@cache
def scan(seed: int = 100) -> RegionScan:
    return make_second(seed)


def propose(views: Views) -> dict[str, RegionMap]:
    found = propose_regions(views)
    assert not isinstance(found, str), found
    return {one.view: one for one in found}


@cache
def proposed() -> dict[str, RegionMap]:
    return propose(scan().views)


def change(views: Views, alter: Callable[[PlanarView], PlanarView]) -> Views:
    return Views(*(None if view is None else alter(view) for view in (views.anterior, views.posterior)))


def agree(one: np.ndarray, other: np.ndarray) -> float:
    """Return the share of equal places, of those where either says that there is a body."""
    inside = (one != OUTSIDE) | (other != OUTSIDE)
    return float(np.mean((one == other)[inside]))


def rank(found: dict[str, RegionMap], view: str, position_mm: tuple[float, float], region: str) -> int:
    """Return whether a region is proposed first (1), second (2) or not (3) at a position."""
    column, row = (round(place / STEP_MM) for place in position_mm)
    said = [int(found[view].first[row, column]), int(found[view].second[row, column])]
    number = REGIONS.index(region)
    return said.index(number) + 1 if number in said else 3


@pytest.mark.unit
@pytest.mark.slow
@pytest.mark.parametrize("make", [make_first, make_second])
def test_the_region_of_most_lesions_is_proposed(make: Callable[[int], RegionScan]) -> None:
    ranks = []
    for seed in range(100, 112):
        drawn = make(seed)
        found = propose(drawn.views)
        ranks += [rank(found, one.view, one.position_mm, one.region) for one in drawn.lesions]
    assert len(ranks) > 60
    assert np.mean(np.array(ranks) == 1) > 0.80
    assert np.mean(np.array(ranks) <= 2) > 0.92


@pytest.mark.unit
def test_every_region_has_bones_in_a_part() -> None:
    named = {bone.region for bone in BONES}
    sided = {f"{name}_{side}" for name in named & set(PAIRED_REGIONS) for side in ("left", "right")}
    assert (named - set(PAIRED_REGIONS)) | sided == set(REGIONS)
    assert {bone.part for bone in BONES} <= set(PARTS)


@pytest.mark.unit
def test_maps_cover_the_views_and_name_two_regions() -> None:
    views = scan().views
    assert list(proposed()) == ["anterior", "posterior"]
    for facing, found in proposed().items():
        view = views.present[facing]  # type: ignore[index]
        last = (np.array(found.first.shape) - 1) * STEP_MM
        end = (np.array(view.counts.shape) - 1) * view.spacing_mm
        assert ((last <= end) & (end < last + STEP_MM)).all()
        inside = found.first != OUTSIDE
        assert 0.05 < inside.mean() < 0.6
        np.testing.assert_array_equal(inside, found.second != OUTSIDE)
        assert (found.first != found.second)[inside].all()
        assert max(found.first[inside].max(), found.second[inside].max()) < len(REGIONS)


@pytest.mark.unit
def test_each_view_names_what_it_shows() -> None:
    front, back = (np.bincount(proposed()[view].first.ravel(), minlength=256) for view in ("anterior", "posterior"))
    seen = {name: (front[number], back[number]) for number, name in enumerate(REGIONS)}
    for name in ("sternum", "face_orbit", "clavicle_left", "clavicle_right"):
        assert seen[name][0] > 3 * seen[name][1]
    for name in ("spine_thoracic", "scapula_left", "scapula_right"):
        assert seen[name][1] > 3 * seen[name][0]
    for name in ("skull_vault", "spine_lumbar", "sacrum", "pelvis_left", "femur_right", "foot_left"):
        assert min(seen[name]) > 0


@pytest.mark.unit
def test_regions_of_the_left_lie_at_the_patients_left() -> None:
    for facing, found in proposed().items():
        view = scan().views.present[facing]  # type: ignore[index]
        middle = np.argwhere(np.isin(found.first, [REGIONS.index("skull_vault")])).mean(axis=0)[1]
        for name in ("humerus", "femur"):
            left, right = (
                np.argwhere(found.first == REGIONS.index(f"{name}_{side}"))[:, 1].mean() for side in ("left", "right")
            )
            assert (right < middle < left) == (view.left_at == "right")
            assert (left < middle < right) == (view.left_at == "left")


@pytest.mark.property
def test_other_sides_swap_left_and_right() -> None:
    other = {"left": "right", "right": "left"}
    found = propose(change(scan().views, lambda view: replace(view, left_at=other[view.left_at])))
    for view, one in found.items():
        assert agree(SWAPPED[one.first], proposed()[view].first) > 0.85


@pytest.mark.property
def test_how_a_view_is_stored_does_not_matter() -> None:
    other = {"left": "right", "right": "left"}
    stored = change(
        scan().views, lambda view: replace(view, counts=view.counts[:, ::-1].copy(), left_at=other[view.left_at])
    )
    found = propose(stored)
    for lesion in scan().lesions:
        view = scan().views.present[lesion.view]
        width = (view.counts.shape[1] - 1) * view.spacing_mm[1]
        x, y = lesion.position_mm
        same = rank(proposed(), lesion.view, (x, y), lesion.region)
        assert rank(found, lesion.view, (width - x, y), lesion.region) == same


@pytest.mark.property
@pytest.mark.parametrize("scale", [0.85, 1.15])
def test_a_larger_child_has_the_same_regions(scale: float) -> None:
    views = scan().views
    larger = change(
        views, lambda view: replace(view, spacing_mm=(scale * view.spacing_mm[0], scale * view.spacing_mm[1]))
    )
    found = propose(larger)
    for facing, one in proposed().items():
        rows, columns = (np.rint(index * scale).astype(int) for index in np.indices(one.first.shape))
        shape = found[facing].first.shape
        scaled = found[facing].first[rows.clip(0, shape[0] - 1), columns.clip(0, shape[1] - 1)]
        inside = (one.first != OUTSIDE) & (scaled != OUTSIDE)
        assert np.mean((one.first == scaled)[inside]) > 0.9


@pytest.mark.unit
@pytest.mark.parametrize("facing", ["anterior", "posterior"])
def test_one_view_is_enough(facing: str) -> None:
    views = scan().views
    found = propose(Views(**{"anterior": None, "posterior": None, facing: getattr(views, facing)}))
    assert list(found) == [facing]
    assert agree(found[facing].first, proposed()[facing].first) > 0.85


@pytest.mark.unit
def test_the_same_scan_gives_the_same_maps() -> None:
    again = propose(scan().views)
    for view, one in proposed().items():
        np.testing.assert_array_equal(one.first, again[view].first)
        np.testing.assert_array_equal(one.second, again[view].second)


def noise(view: PlanarView) -> PlanarView:
    return replace(view, counts=np.random.default_rng(3).poisson(2.0, view.counts.shape).astype(np.uint16))


def turned(view: PlanarView) -> PlanarView:
    return replace(view, counts=view.counts[::-1].copy())


def shortened(view: PlanarView) -> PlanarView:
    rows = np.flatnonzero(scan().views.one.counts.any(axis=1))
    return replace(view, counts=view.counts[: round(0.2 * rows[0] + 0.8 * rows[-1])].copy())


@pytest.mark.unit
@pytest.mark.parametrize(("alter", "fault"), [(noise, "no_body"), (turned, "upside_down"), (shortened, "cut")])
def test_faults_are_told(alter: Callable[[PlanarView], PlanarView], fault: str) -> None:
    assert propose_regions(change(scan().views, alter)) == fault


@pytest.mark.unit
def test_positions_of_both_views_name_one_side() -> None:
    views = scan().views
    for region in ("hand_left", "foot_right"):
        places = [
            mirror_mm(views.present[facing], np.argwhere(found.first == REGIONS.index(region))[:, ::-1] * STEP_MM)
            for facing, found in proposed().items()  # type: ignore[index]
        ]
        front, back = (place.mean(axis=0) for place in places)
        np.testing.assert_allclose(front, back, atol=STEP_MM)
