"""Foci: balls within their regions that do not touch."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree
from tracer_children import diffuse, focal, make_child

from residuum.records.vocabulary import REGIONS, SOFT_TISSUE
from residuum.synthetic.phantom.anatomy import ORGAN_CODE, Phantom
from residuum.synthetic.tracer.lesions import Lesions, find_voxels, plant_lesions
from residuum.synthetic.tracer.marks import Mark

CORNERS = np.ones((3, 3, 3), bool)


def plant(marks: list[Mark], age_years: float = 1.0, patient: int = 1, scan: int = 1) -> tuple[Lesions, Phantom]:
    anatomy, phantom = make_child(age_years)
    return plant_lesions(marks, phantom, anatomy, patient, scan), phantom


def places_mm(labels: NDArray[np.uint16], phantom: Phantom) -> dict[int, NDArray[np.float64]]:
    return {
        label: phantom.grid.position_mm(*np.unravel_index(voxels, phantom.region.shape))
        for label, voxels in find_voxels(labels).items()
    }


@pytest.mark.property
@pytest.mark.parametrize("region", [*REGIONS, SOFT_TISSUE])
def test_six_foci_of_an_infant_stay_apart(region: str) -> None:
    lesions, phantom = plant([focal(region)] * 6)
    foci = lesions.labels[0]
    # seen without labels they are six pieces: none touches another, each hangs together
    assert ndimage.label(foci, CORNERS)[1] == 6
    allowed = (phantom.region == REGIONS.index(region) + 1) if region in REGIONS else phantom.region == 0
    assert allowed[foci > 0].all()


@pytest.mark.property
def test_foci_of_neighbouring_regions_stay_apart() -> None:
    foci = [focal(region) for region in ("spine_thoracic", "spine_lumbar", "ribs_left", SOFT_TISSUE)] * 8
    for seed in range(10):
        lesions, _ = plant(foci, patient=seed)
        assert ndimage.label(lesions.labels[0], CORNERS)[1] == len(foci)


@pytest.mark.unit
def test_too_many_foci_are_refused_with_a_cure() -> None:
    anatomy, phantom = make_child(1.0)
    many = [focal("hand_left", label=str(number)) for number in range(1, 200)]
    with pytest.raises(
        ValueError, match=r"mark \d+: hand_left has no voxel left that touches no other focus \(it has "
    ):
        plant_lesions(many, phantom, anatomy, 1, 1)
    empty = Phantom(phantom.grid, np.zeros_like(phantom.region), phantom.organ)
    with pytest.raises(ValueError, match=r"mark 1: hand_left has no voxel left .*it has 0 of 2\.4 x 4\.8 x 2\.4 mm"):
        plant_lesions(many[:1], empty, anatomy, 1, 1)


@pytest.mark.unit
def test_a_focus_in_a_large_bone_is_a_ball_of_the_size_drawn() -> None:
    checked = 0
    for seed in range(20):
        lesions, phantom = plant([focal("pelvis_left")], age_years=5.0, patient=seed)
        diameter = lesions.table[0].diameter_mm
        assert 4 <= diameter <= 40
        away = places_mm(lesions.labels, phantom)[1]
        reach = np.linalg.norm(away - away.mean(axis=0), axis=1).max()
        assert reach <= diameter / 2 + 7  # half a voxel and the part of the ball that lies beside the bone
        checked += reach > 0.6 * diameter / 2
    assert checked > 15


@pytest.mark.unit
def test_a_soft_tissue_lesion_takes_no_bone_and_no_organ() -> None:
    for seed in range(12):
        lesions, phantom = plant([focal(SOFT_TISSUE)] * 3, patient=seed)
        held = lesions.labels[0] > 0
        assert not phantom.region[held].any()
        assert set(np.unique(phantom.organ[held])) <= {ORGAN_CODE["remainder"], ORGAN_CODE["adrenals"]}


@pytest.mark.unit
def test_the_primary_lies_at_an_adrenal_or_beside_the_spine() -> None:
    anatomy, phantom = make_child(1.0)
    glands = phantom.grid.position_mm(*np.nonzero(phantom.organ == ORGAN_CODE["adrenals"]))
    spine = np.isin(phantom.region, [REGIONS.index(one) + 1 for one in ("spine_thoracic", "spine_lumbar")])
    spine_mm = phantom.grid.position_mm(*np.nonzero(spine))
    at_adrenal = 0
    for seed in range(40):
        lesions = plant_lesions([focal(SOFT_TISSUE)], phantom, anatomy, seed, 1)
        places = places_mm(lesions.labels, phantom)[1]
        gap = min(np.linalg.norm(glands - place, axis=1).min() for place in places)
        beside = min(np.linalg.norm(spine_mm - place, axis=1).min() for place in places)
        assert min(gap, beside) < 25
        at_adrenal += gap < 1
    assert 16 < at_adrenal < 38


def nearest_mm(phantom: Phantom, one: str, other: str) -> float:
    """Return how near two bones come to each other; soft tissue lies beside every bone."""
    if other == SOFT_TISSUE:
        return 2.4
    first, second = (
        phantom.grid.position_mm(*np.nonzero(phantom.region == 1 + REGIONS.index(region))) for region in (one, other)
    )
    return float(cKDTree(first).query(second)[0].min())


@pytest.mark.unit
@pytest.mark.parametrize(
    "regions",
    [("spine_thoracic", "spine_lumbar"), ("pelvis_right", "pelvis_left"), ("spine_lumbar", SOFT_TISSUE)],
)
def test_a_confluent_focus_lies_where_its_regions_meet(regions: tuple[str, str]) -> None:
    lesions, phantom = plant([focal(*regions)], age_years=5.0)
    places = places_mm(lesions.labels, phantom)[1]
    code = phantom.region[lesions.labels[0] > 0]
    first = places[code == REGIONS.index(regions[0]) + 1]
    second = places[code == (REGIONS.index(regions[1]) + 1 if regions[1] in REGIONS else 0)]
    apart = min(np.linalg.norm(second - place, axis=1).min() for place in first)
    assert apart <= nearest_mm(phantom, *regions) + 2.4 + 1e-6


@pytest.mark.unit
def test_distant_regions_share_one_focus_of_two_pieces() -> None:
    lesions, phantom = plant([focal("femur_left", "humerus_right")], age_years=5.0)
    assert set(np.unique(phantom.region[lesions.labels[0] > 0])) == {
        1 + REGIONS.index("femur_left"),
        1 + REGIONS.index("humerus_right"),
    }
    assert ndimage.label(lesions.labels[0], CORNERS)[1] == 2


@pytest.mark.unit
def test_two_confluent_foci_of_the_same_regions_do_not_touch() -> None:
    lesions, _ = plant([focal("spine_thoracic", "spine_lumbar")] * 2, age_years=5.0)
    one, other = (lesions.labels[0] == label for label in (1, 2))
    assert one.any()
    assert other.any()
    assert not (ndimage.binary_dilation(one, CORNERS) & other).any()


@pytest.mark.unit
def test_size_and_contrast_belong_to_the_child_and_change_a_little() -> None:
    tables = [plant([focal("femur_left")] * 3, age_years=5.0, patient=4, scan=scan)[0].table for scan in range(12)]
    others = [plant([focal("femur_left")] * 3, age_years=5.0, patient=seed)[0].table for seed in range(12)]
    for name in ("diameter_mm", "contrast"):
        within = [np.std([np.log(getattr(table[number], name)) for table in tables]) for number in range(3)]
        between = np.std([np.log(getattr(table[0], name)) for table in others])
        assert 0 < max(within) < 0.25
        assert max(within) < between
    assert all(2 <= lesion.contrast <= 90 for table in others for lesion in table)
    assert all(one == other for one, other in pairwise([plant([focal("sternum")])[0].table] * 2))


@pytest.mark.unit
def test_the_same_seeds_give_the_same_bytes() -> None:
    marks = [focal("femur_left"), diffuse(0.4, "pelvis_left"), focal(SOFT_TISSUE)]
    assert plant(marks)[0].labels.tobytes() == plant(marks)[0].labels.tobytes()
    assert plant(marks)[0].labels.tobytes() != plant(marks, patient=2)[0].labels.tobytes()


@pytest.mark.property
def test_foci_shrink_until_a_gap_is_left_between_them() -> None:
    for patient in range(6):
        lesions, phantom = plant([focal("femur_left")] * 8, age_years=5.0, patient=patient)
        voxels = list(places_mm(lesions.labels, phantom).values())
        for one, other in combinations(voxels, 2):
            gap = cKDTree(one).query(other)[0].min()
            apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
            # each reaches two fifths of the way at most
            assert gap > 0.2 * apart
