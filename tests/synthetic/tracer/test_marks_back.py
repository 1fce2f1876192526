"""Marks to lesions to marks: the same marks, and the same SIOPEN and Curie."""

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as how_hypothesis_runs
from hypothesis import strategies as st
from tracer_children import content, diffuse, focal, grade, make_child

from residuum.records.study import Study
from residuum.records.vocabulary import MARK_REGIONS, REGIONS, SOFT_TISSUE
from residuum.synthetic.tracer.lesions import derive_marks, plant_lesions
from residuum.synthetic.tracer.marks import Mark
from residuum.synthetic.tracer.spread import count_filled, measure_extent

LIMITS = st.sampled_from([0.01, 0.49, 0.5, 0.51, 0.95, 0.96, 1.0])
"""Beside and on the limits of the scores."""
EXTENTS = LIMITS | st.integers(1, 100).map(lambda hundredths: hundredths / 100)
QUICKLY = how_hypothesis_runs(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def marks(draw: st.DrawFn) -> Mark:
    pattern, extent = draw(st.sampled_from([("focal", None), ("diffuse", draw(EXTENTS))]))
    listed = MARK_REGIONS if pattern == "focal" else REGIONS
    return Mark(
        "1", tuple(draw(st.lists(st.sampled_from(listed), min_size=1, max_size=3, unique=True))), pattern, extent
    )


def come_back(planted: list[Mark], age_years: float, seed: int) -> bool:
    anatomy, phantom = make_child(age_years)
    lesions = plant_lesions(planted, phantom, anatomy, patient_seed=seed, scan_seed=seed)
    counted = derive_marks(lesions.labels, phantom)
    return content(counted) == content(planted) and grade(counted) == grade(planted)


@pytest.mark.property
@QUICKLY
@given(st.lists(marks(), max_size=8), st.integers(0, 10**6))
@example([], 0)
@example([diffuse(1.0, "hand_left"), *[focal("hand_left")] * 6], 0)
@example([diffuse(0.6, "spine_thoracic"), diffuse(0.7, "spine_thoracic"), diffuse(0.5, *REGIONS[4:6])], 0)
@example([focal("spine_lumbar", SOFT_TISSUE), focal(SOFT_TISSUE), diffuse(0.51, SOFT_TISSUE, "pelvis_left")], 0)
def test_any_marks_come_back(planted: list[Mark], seed: int) -> None:
    assert come_back(planted, 1.0, seed)


@pytest.mark.property
@pytest.mark.parametrize("age_years", [1.0, 5.0, 10.0, 15.0])
def test_a_child_full_of_lesions_comes_back(age_years: float) -> None:
    # more than any read of the demonstration: five foci and a diffuse lesion in every region
    foci = [focal(region) for region in MARK_REGIONS for _ in range(5)]
    fills = [diffuse(((7 * number + 50) % 100 + 1) / 100, region) for number, region in enumerate(REGIONS)]
    assert come_back([*fills, *foci], age_years, seed=3)


@pytest.mark.property
def test_every_hundredth_of_a_hundred_voxels_and_more_comes_back() -> None:
    extents = np.arange(1, 101) / 100
    for voxels in (*range(100, 400), 1001, 12_345, 600_001):
        assert [measure_extent([count_filled(extent, voxels)], [voxels]) for extent in extents] == extents.tolist()


@pytest.mark.property
@pytest.mark.parametrize("turn", range(8))
def test_extents_of_all_regions_come_back(turn: int) -> None:
    hundredths = [(13 * turn + 31 * number) % 100 + 1 for number in range(len(REGIONS))]
    assert come_back([diffuse(one / 100, region) for one, region in zip(hundredths, REGIONS, strict=True)], 1.0, turn)


@pytest.mark.property
@pytest.mark.slow
def test_marks_of_the_demonstration_come_back(demonstration: Study) -> None:
    reads = demonstration["marks"].group_by("scan", "reader", maintain_order=True).agg("regions", "pattern", "extent")
    assert reads.height > 500
    for number, row in enumerate(reads[:: reads.height // 80].iter_rows(named=True)):
        told = zip(row["regions"], row["pattern"], row["extent"], strict=True)
        planted = [Mark("1", tuple(regions.split(";")), pattern, extent) for regions, pattern, extent in told]
        assert come_back(planted, 1.0, number), row["scan"]
    assert reads.select(pl.col("regions").list.explode(keep_nulls=True, empty_as_null=True).n_unique()).item() == 30


@pytest.mark.unit
def test_marks_are_counted_from_voxels_not_from_the_table() -> None:
    anatomy, phantom = make_child(1.0)
    planted = [focal("femur_left"), diffuse(0.5, "leg_left")]
    labels = plant_lesions(planted, phantom, anatomy, patient_seed=1, scan_seed=1).labels.copy()
    femur, leg = (phantom.region == 1 + REGIONS.index(region) for region in ("femur_left", "leg_left"))
    labels[1][leg] = 2
    assert content(derive_marks(labels, phantom)) == content([planted[0], diffuse(1.0, "leg_left")])
    labels[0][femur | leg] = 1
    assert content(derive_marks(labels, phantom))[0] == content([focal("femur_left", "leg_left")])[0]
    labels[1][femur] = 1
    with pytest.raises(ValueError, match="label 1 occurs in two layers"):
        derive_marks(labels, phantom)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("regions", "pattern", "extent", "message"),
    [
        ((), "focal", None, r"mark 7: regions are \(\); name some of skull_vault"),
        (("tibia",), "focal", None, "mark 7: regions are"),
        (("sacrum",), "blurred", None, "mark 7: pattern is 'blurred', not one of focal, diffuse"),
        (("sacrum",), "focal", 0.2, "mark 7: extent is 0.2, but a focal mark has none"),
        (("sacrum",), "diffuse", None, "mark 7: extent is None, not above 0"),
        (("sacrum",), "diffuse", 0.0, "mark 7: extent is 0.0, not above 0"),
        (("sacrum",), "diffuse", 1.01, "mark 7: extent is 1.01, not above 0 and at most 1"),
        (("sacrum",), "diffuse", float("nan"), "mark 7: extent is nan"),
        (("sacrum",), "diffuse", 0.333, "mark 7: extent is 0.333; .* round it"),
        (("sacrum",), "diffuse", 0.1 + 0.2, r"mark 7: extent is 0\.30000000000000004; .* round it"),
    ],
)
def test_impossible_marks_are_refused(regions: tuple[str, ...], pattern: str, extent: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Mark("7", regions, pattern, extent)  # type: ignore[arg-type]


@pytest.mark.unit
def test_regions_of_a_mark_are_a_set() -> None:
    assert focal("sacrum", "spine_lumbar", "sacrum").regions == ("spine_lumbar", "sacrum")
