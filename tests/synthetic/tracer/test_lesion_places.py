"""The same number of the same region lies at the same anatomical place in all scans of a child."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tracer_children import diffuse, focal, make_child

from residuum.records.vocabulary import MARK_REGIONS, REGIONS, SOFT_TISSUE
from residuum.synthetic.phantom.anatomy import Anatomy, Phantom
from residuum.synthetic.tracer.lesions import find_voxels, plant_lesions
from residuum.synthetic.tracer.marks import Mark
from residuum.synthetic.tracer.places import draw_places, frame_of, measure


def find_centres(marks: list[Mark], child: tuple[Anatomy, Phantom], patient: int, scan: int = 1) -> NDArray[np.float64]:
    """Return centres of lesions in world millimetres, (lesions, 3)."""
    anatomy, phantom = child
    voxels = find_voxels(plant_lesions(marks, phantom, anatomy, patient, scan).labels)
    index = [np.mean(np.unravel_index(voxels[label], phantom.region.shape), axis=1) for label in voxels]
    return phantom.grid.position_mm(*np.transpose(index))


def as_of_ten_years(marks: list[Mark], child: tuple[Anatomy, Phantom], patient: int, scan: int) -> NDArray[np.float64]:
    """Return centres of lesions in millimetres of the body part of a ten-year-old."""
    centres = find_centres(marks, child, patient, scan)
    frames = [frame_of(child[0], mark.regions[0]) for mark in marks]
    local = [frame.to_local(centre[None])[0] for frame, centre in zip(frames, centres, strict=True)]
    return np.array([measure(mark.regions[0], one) for mark, one in zip(marks, local, strict=True)])


@pytest.mark.property
@pytest.mark.parametrize(("age_years", "pose"), [(1.0, 3), (5.0, 4), (5.0, 5), (10.0, 6)])
def test_places_last_through_growth_and_poses(age_years: float, pose: int) -> None:
    marks = [focal(region) for region in MARK_REGIONS for _ in range(2)]
    for patient in (1, 2):
        first = as_of_ten_years(marks, make_child(3.0, 2), patient, scan=1)
        later = as_of_ten_years(marks, make_child(age_years, pose), patient, scan=2)
        away = np.linalg.norm(later - first, axis=1)
        # two voxels of 2.4 x 4.8 x 2.4 mm, which are up to 2.3 times as long in an infant
        assert np.median(away) < 5
        assert away.max() < 20


@pytest.mark.unit
def test_places_move_with_the_body() -> None:
    marks = [focal("hand_left"), focal("spine_lumbar")]
    near, far = (find_centres(marks, make_child(age, None), 1) for age in (1.0, 10.0))
    # heights are from the lower end of the trunk, which is 307 and 508 mm high: the lumbar spine at 0.3 to 0.5 of it
    assert 0.3 < near[1, 2] / 307 < 0.5
    assert 0.3 < far[1, 2] / 508 < 0.5
    assert near[1, 2] / 307 == pytest.approx(far[1, 2] / 508, abs=0.02)
    assert far[0, 0] - near[0, 0] > 40


@pytest.mark.unit
@pytest.mark.parametrize("region", ["femur_left", SOFT_TISSUE])
def test_more_lesions_begin_with_the_same_places(region: str) -> None:
    many = draw_places(7, region, 6)
    assert many.shape == (6, 3)
    for count in range(6):
        np.testing.assert_array_equal(draw_places(7, region, count), many[:count])
    assert not np.array_equal(draw_places(8, region, 6), many)


@pytest.mark.unit
def test_left_and_right_have_places_of_their_own() -> None:
    places = [measure("femur_left", draw_places(1, f"femur_{side}", 1)) for side in ("left", "right")]
    assert np.linalg.norm(places[0] - places[1]) > 1


@pytest.mark.unit
def test_foci_that_vanish_leave_the_others_where_they_were() -> None:
    child = make_child(5.0)
    every = find_centres([focal("femur_left")] * 3 + [focal("pelvis_left")] * 2, child, 3)
    fewer = find_centres([focal("femur_left")] * 2, child, 3)
    assert np.linalg.norm(every[:2] - fewer, axis=1).max() < 5


@pytest.mark.property
def test_foci_of_a_region_are_spread_over_it() -> None:
    for region in REGIONS:
        apart = []
        for patient in range(6):
            places = measure(region, draw_places(patient, region, 3))
            apart.append(np.linalg.norm(places[1] - places[0]))
        # of a dozen places the farthest: more than a third of what the bone holds in length
        bone = measure(region, draw_places(99, region, 40))
        assert np.median(apart) > 0.35 * np.linalg.norm(np.ptp(bone, axis=0))


@pytest.mark.unit
def test_a_diffuse_lesion_that_becomes_a_focus_keeps_its_place() -> None:
    anatomy, phantom = make_child(5.0)
    for patient in range(6):
        spread = plant_lesions([diffuse(0.4, "femur_left")], phantom, anatomy, patient, 1).labels[1] > 0
        focus = plant_lesions([focal("femur_left")], phantom, anatomy, patient, 2).labels[0] > 0
        assert np.count_nonzero(spread & focus) > 0.6 * np.count_nonzero(focus)


@pytest.mark.unit
def test_a_focus_beside_a_diffuse_lesion_has_the_next_place() -> None:
    child = make_child(5.0)
    alone = find_centres([focal("femur_left")] * 2, child, 3)
    beside = find_centres([focal("femur_left"), diffuse(0.1, "femur_left")], child, 3)
    assert np.linalg.norm(beside[0] - alone[1]) < 5
