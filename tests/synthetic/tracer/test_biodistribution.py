"""Uptake and activity: totals, shares, levels, what lasts in a child, and lesions on top."""

from dataclasses import replace

import numpy as np
import pytest
from tracer_children import diffuse, focal, make_child

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.phantom.anatomy import ORGAN_CODE, Phantom
from residuum.synthetic.phantom.organs import ORGANS
from residuum.synthetic.tracer.biodistribution import (
    BONE,
    Uptake,
    compute_activity,
    compute_injected_mbq,
    draw_uptake,
)
from residuum.synthetic.tracer.lesions import add_lesions, find_voxels, measure_soft_tissue, plant_lesions

HALF_LIFE_HOURS = 13.2234  # Decay Data Evaluation Project, I-123
PLAIN = Uptake({organ: 1.0 for organ in (*ORGANS, BONE) if organ not in ("outside", "bladder")}, 0.0, 0.0, 1)


@pytest.mark.external
@pytest.mark.parametrize(("weight_kg", "mbq"), [(3.4, 37), (7.0, 37), (10.0, 52), (20.0, 104), (71.2, 370), (90, 370)])
def test_injected_activity_follows_the_consensus(weight_kg: float, mbq: float) -> None:
    # North American consensus: 5.2 MBq/kg, 37 to 370 MBq
    assert compute_injected_mbq(weight_kg) == pytest.approx(mbq, rel=0.002)


@pytest.mark.unit
@pytest.mark.parametrize(("delay_hours", "retained"), [(24.0, 0.5), (0.0, 1.0), (HALF_LIFE_HOURS, 0.3)])
def test_activity_sums_to_what_is_retained_and_not_decayed(delay_hours: float, retained: float) -> None:
    phantom = make_child(1.0)[1]
    activity = compute_activity(phantom, draw_uptake(1, 1), 100.0, delay_hours, retained)
    assert activity.dtype == np.float32
    expected = 100e6 * retained * 0.5 ** (delay_hours / HALF_LIFE_HOURS)
    assert activity.sum(dtype=float) == pytest.approx(expected, rel=1e-3)
    assert not activity[phantom.organ == 0].any()
    assert activity[phantom.organ > 0].min() > 0


@pytest.mark.unit
def test_even_uptake_is_even() -> None:
    phantom = make_child(1.0)[1]
    activity = compute_activity(phantom, PLAIN, 50.0)
    body = (phantom.organ > 0) & (phantom.organ != ORGAN_CODE["bladder"])
    np.testing.assert_allclose(activity[body], activity[body].mean(), rtol=1e-5)
    assert not activity[phantom.organ == ORGAN_CODE["bladder"]].any()


@pytest.mark.unit
def test_each_organ_has_its_concentration() -> None:
    phantom = make_child(5.0)[1]
    uptake = draw_uptake(3, 1)
    activity = compute_activity(phantom, uptake, 100.0)
    soft_tissue = measure_soft_tissue(activity, phantom)
    for organ in ORGANS[2:]:
        held = activity[phantom.organ == ORGAN_CODE[organ]]
        if organ == "bladder":
            present = 100e6 * 0.5 ** (24 / HALF_LIFE_HOURS)
            assert held.sum(dtype=float) == pytest.approx(uptake.bladder * present, rel=1e-3)
        elif organ != "bowel":
            np.testing.assert_allclose(held, uptake.relative[organ] * soft_tissue, rtol=1e-4)
    np.testing.assert_allclose(activity[phantom.region > 0], uptake.relative[BONE] * soft_tissue, rtol=1e-4)


@pytest.mark.unit
def test_the_colon_is_patchy() -> None:
    phantom = make_child(5.0)[1]
    bowel = phantom.organ == ORGAN_CODE["bowel"]
    uptake = replace(PLAIN, bowel=0.04)
    activity = compute_activity(phantom, uptake, 100.0)
    present = 100e6 * 0.5 ** (24 / HALF_LIFE_HOURS)
    content = activity[bowel].astype(float) - measure_soft_tissue(activity, phantom)
    assert content.sum() == pytest.approx(0.04 * present, rel=0.01)
    assert content.std() > 0.7 * content.mean()
    other = compute_activity(phantom, replace(uptake, patches_seed=2), 100.0)
    assert np.corrcoef(other[bowel], activity[bowel])[0, 1] < 0.5


@pytest.mark.property
def test_a_normal_skeleton_is_never_brighter_than_soft_tissue() -> None:
    levels = [draw_uptake(seed, 1).relative[BONE] for seed in range(500)]
    assert max(levels) <= 1.0
    assert min(levels) > 0.75


@pytest.mark.unit
def test_children_differ_more_than_scans_of_a_child() -> None:
    def level(patient: int, scan: int, organ: str) -> float:
        return float(np.log(draw_uptake(patient, scan).relative[organ]))

    for organ in ("liver", "heart", "salivary_glands", "spleen"):
        between = np.std([level(patient, 1, organ) for patient in range(300)])
        within = np.std([level(1, scan, organ) for scan in range(300)])
        assert 0.25 < between < 0.55  # coefficients of variation of 30 to 50 %
        assert 0.08 < within < 0.16
    assert draw_uptake(5, 2) == draw_uptake(5, 2)


@pytest.mark.external
def test_brown_fat_is_seen_on_one_scan_in_eight() -> None:
    # Okuyama 2003: 32 of 266 scans; 99 % of 2,000 scans lie within 0.019 of it
    seen = [draw_uptake(seed % 500, seed).relative["brown_fat"] > 2 for seed in range(2000)]
    assert np.mean(seen) == pytest.approx(32 / 266, abs=0.02)


@pytest.mark.unit
def test_bladder_and_colon_stay_within_their_ranges() -> None:
    drawn = [draw_uptake(1, scan) for scan in range(500)]
    bladder, bowel = (np.array([getattr(one, name) for one in drawn]) for name in ("bladder", "bowel"))
    assert 0.002 <= bladder.min() < 0.004
    assert 0.05 < bladder.max() <= 0.10
    assert 0.002 <= bowel.min() < 0.004
    assert 0.048 < bowel.max() <= 0.05


@pytest.mark.unit
def test_impossible_activities_are_refused() -> None:
    phantom = make_child(1.0)[1]
    with pytest.raises(ValueError, match=r"retained is 0\.05: above 0\.090, held by urine and colon, to 1"):
        compute_activity(phantom, replace(PLAIN, bladder=0.05, bowel=0.04), 50.0, retained=0.05)
    with pytest.raises(ValueError, match=r"retained is 1\.1"):
        compute_activity(phantom, PLAIN, 50.0, retained=1.1)
    without = Phantom(phantom.grid, phantom.region, np.where(phantom.organ == ORGAN_CODE["bladder"], 1, phantom.organ))
    with pytest.raises(ValueError, match="the phantom has no bladder"):
        compute_activity(without, replace(PLAIN, bladder=0.05), 50.0)


@pytest.mark.unit
def test_lesions_have_their_contrast_to_soft_tissue_and_the_hottest_counts() -> None:
    anatomy, phantom = make_child(1.0)
    activity = compute_activity(phantom, draw_uptake(1, 1), 50.0)
    before = activity.copy()
    marks = [focal("femur_left"), diffuse(1.0, "femur_left"), diffuse(0.5, "leg_left")]
    lesions = plant_lesions(marks, phantom, anatomy, 1, 1)
    with_lesions = add_lesions(activity, lesions, phantom)
    np.testing.assert_array_equal(activity, before)
    levels = with_lesions.reshape(-1) / measure_soft_tissue(activity, phantom)
    voxels, contrasts = find_voxels(lesions.labels), [lesion.contrast for lesion in lesions.table]
    np.testing.assert_allclose(levels[voxels[1]], max(contrasts[:2]), rtol=1e-5)
    np.testing.assert_allclose(levels[voxels[3]], contrasts[2], rtol=1e-5)
    femur = np.setdiff1d(voxels[2], voxels[1])
    np.testing.assert_allclose(levels[femur], contrasts[1], rtol=1e-5)
    held = (lesions.labels > 0).any(axis=0)
    np.testing.assert_array_equal(with_lesions[~held], activity[~held])


@pytest.mark.unit
def test_a_faint_lesion_never_lowers_the_activity() -> None:
    anatomy, phantom = make_child(1.0)
    lesions = plant_lesions([focal("femur_left")], phantom, anatomy, 1, 1)
    faint = replace(lesions, table=tuple(replace(one, contrast=0.1) for one in lesions.table))
    activity = compute_activity(phantom, draw_uptake(1, 1), 50.0)
    np.testing.assert_array_equal(add_lesions(activity, faint, phantom), activity)
    assert phantom.region[lesions.labels[0] > 0].tolist().count(1 + REGIONS.index("femur_left")) > 0
