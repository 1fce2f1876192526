"""Diffuse lesions: exact shares, in one piece, nested, and layered where they overlap."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from tracer_children import content, diffuse, focal, make_child

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.phantom.anatomy import Phantom, cover, voxelise
from residuum.synthetic.tracer.flood import compute_order
from residuum.synthetic.tracer.lesions import derive_marks, plant_lesions
from residuum.synthetic.tracer.spread import measure_extent

CORNERS = np.ones((3, 3, 3), bool)


def spread(extent: float, *regions: str, age_years: float = 5.0, patient: int = 1) -> tuple[NDArray[np.bool_], Phantom]:
    anatomy, phantom = make_child(age_years)
    lesions = plant_lesions([diffuse(extent, *regions)], phantom, anatomy, patient, 1)
    assert not lesions.labels[0].any()
    return lesions.labels[1] > 0, phantom


@pytest.mark.unit
@pytest.mark.parametrize("extent", [0.01, 0.37, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("regions", [("femur_left",), ("spine_thoracic", "spine_lumbar"), ("hand_right", "foot_left")])
def test_each_region_is_filled_by_its_extent(extent: float, regions: tuple[str, ...]) -> None:
    filled, phantom = spread(extent, *regions, age_years=1.0)
    for region in REGIONS:
        bone = phantom.region == 1 + REGIONS.index(region)
        wanted = int(np.floor(extent * np.count_nonzero(bone) + 0.5)) if region in regions else 0
        assert np.count_nonzero(filled & bone) == wanted


@pytest.mark.property
@pytest.mark.parametrize("region", REGIONS)
def test_a_spread_hangs_together_as_far_as_its_bone(region: str) -> None:
    bone = make_child(5.0)[1].region == 1 + REGIONS.index(region)
    pieces, _ = ndimage.label(bone, CORNERS)
    for extent in (0.2, 0.6):
        filled, _ = spread(extent, region)
        found = ndimage.label(filled, CORNERS)[1]
        touched = np.unique(pieces[filled])
        assert found == len(touched)
        # all pieces of bone but the last one are full
        full = [np.count_nonzero(filled & (pieces == one)) == np.count_nonzero(pieces == one) for one in touched]
        assert full.count(False) <= 1


@pytest.mark.property
def test_a_smaller_extent_is_a_part_of_a_larger_one() -> None:
    for patient, region in enumerate(REGIONS):
        small, _ = spread(0.3, region, patient=patient)
        large, _ = spread(0.7, region, patient=patient)
        assert not (small & ~large).any()


@pytest.mark.unit
def test_a_confluent_spread_crosses_the_joint_of_its_regions() -> None:
    filled, phantom = spread(0.3, "spine_thoracic", "spine_lumbar")
    upper, lower = (filled & (phantom.region == 1 + REGIONS.index(one)) for one in ("spine_thoracic", "spine_lumbar"))
    assert (ndimage.binary_dilation(upper, CORNERS) & lower).any()
    assert ndimage.label(filled, CORNERS)[1] == 1


@pytest.mark.unit
def test_lesions_over_each_other_keep_all_their_voxels() -> None:
    anatomy, phantom = make_child(1.0)
    marks = [
        focal("femur_left"),
        diffuse(1.0, "femur_left"),
        diffuse(0.8, "femur_left", "leg_left"),
        diffuse(0.5, "femur_right"),
    ]
    lesions = plant_lesions(marks, phantom, anatomy, 1, 1)
    # foci; all of the left femur and half of the right one; what overlaps the former
    assert [np.unique(layer).tolist() for layer in lesions.labels] == [[0, 1], [0, 2, 4], [0, 3]]
    assert (lesions.labels[1][lesions.labels[0] == 1] == 2).all()
    assert content(derive_marks(lesions.labels, phantom)) == content(marks)


@pytest.mark.unit
def test_an_extent_that_voxels_cannot_show_is_refused_with_a_cure() -> None:
    anatomy, _ = make_child(1.0)
    coarse = voxelise(anatomy, cover(anatomy, 9.6, 9.6))
    bone = np.count_nonzero(coarse.region == 1 + REGIONS.index("clavicle_left"))
    assert 1 < bone < 20
    message = rf"mark 1: an extent of 0\.03 cannot be shown .*'clavicle_left': {bone}.*take smaller voxels"
    with pytest.raises(ValueError, match=message):
        plant_lesions([diffuse(0.03, "clavicle_left")], coarse, anatomy, 1, 1)
    assert plant_lesions([diffuse(1.0, "clavicle_left")], coarse, anatomy, 1, 1).labels.any()
    empty = Phantom(coarse.grid, np.zeros_like(coarse.region), coarse.organ)
    with pytest.raises(ValueError, match="'clavicle_left': 0"):
        plant_lesions([diffuse(1.0, "clavicle_left")], empty, anatomy, 1, 1)


@pytest.mark.unit
def test_extents_are_measured_over_all_regions_in_hundredths() -> None:
    assert measure_extent([30], [100]) == 0.3
    assert measure_extent([1, 2], [100, 500]) == 0.01  # 0.5 % is rounded up
    assert measure_extent([500, 0], [500, 500]) == 0.5


@pytest.mark.unit
def test_a_flood_takes_the_cheapest_neighbour_and_then_the_next_island() -> None:
    # along a row: 0-1-2-3, a gap, 5-6; the flood begins at 1 and must cross dear voxel 2 to reach cheap voxel 3
    row = np.array([0, 1, 2, 3, 5, 6])
    voxels = np.column_stack([np.zeros(6, np.int64), np.zeros(6, np.int64), row])
    cost = np.array([5.0, 0.0, 4.0, 1.0, 3.0, 2.0])
    assert compute_order(voxels, cost, 1).tolist() == [1, 2, 3, 0, 5, 4]
    assert compute_order.py_func(voxels, cost, 1).tolist() == [1, 2, 3, 0, 5, 4]
