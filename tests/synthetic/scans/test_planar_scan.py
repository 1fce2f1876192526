"""Whole planar scans: what is seen, where, and what is not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.camera.planar import PIXEL_MM, Acquisition, Motion
from residuum.synthetic.phantom.anatomy import REGION_CODE
from residuum.synthetic.scans.children import ScannedChild, compute_seed
from residuum.synthetic.scans.planar_scan import PlanarScan, PlannedScan, make_planar_scan, pose_child, scan_planar
from residuum.synthetic.scans.truth import derive_truth
from residuum.synthetic.tracer.marks import Mark
from residuum.volumes.laterality import find_liver, find_midline

CHILD = ScannedChild("T001", "female", 4 * 365)


def scan(child: ScannedChild = CHILD, name: str = "T001-1", **said: object) -> PlanarScan:
    return make_planar_scan(child, PlannedScan(name, 0, **said))  # type: ignore[arg-type]


@pytest.mark.unit
def test_the_same_words_give_the_same_counts() -> None:
    first, second = scan(), scan()
    np.testing.assert_array_equal(first.anterior.counts, second.anterior.counts)
    np.testing.assert_array_equal(first.posterior.counts, second.posterior.counts)
    assert (scan(name="T001-2").anterior.counts != first.anterior.counts).any()


@pytest.mark.unit
def test_seeds_are_the_same_on_every_machine() -> None:
    assert compute_seed("T001", "body") == 1_117_909_426_458_974_658  # sha256sum of "phantom|T001|body", first 8 bytes
    assert compute_seed("a", "b") != compute_seed("ab") != compute_seed("b", "a")


@pytest.mark.unit
@pytest.mark.parametrize("years", [1, 5, 10, 15])
def test_counts_and_sides_of_a_normal_scan(years: int) -> None:
    found = scan(ScannedChild(f"N{years}", "male", years * 365), f"N{years}-1")
    for view, liver in ((found.anterior, "left"), (found.posterior, "right")):
        assert 1.2e5 < view.counts.sum() < 2e6
        assert find_liver(view.counts) in (liver, None)
        midline = find_midline(view.counts)
        assert midline is not None
        assert abs(midline - 127.5) < 15
    assert (found.anterior.left_at, found.posterior.left_at) == ("right", "left")


@pytest.mark.property
@pytest.mark.parametrize("years", [1, 5, 10, 15])
def test_a_normal_scan_shows_no_skeleton(years: int) -> None:
    """Bone holds no more than soft tissue in any region, and making all bone soft tissue changes the image little."""
    child = ScannedChild(f"N{years}", "male", years * 365)
    quiet = Acquisition(noise=False)
    posed = pose_child(child, PlannedScan(f"N{years}-1", 0, extras=()))
    phantom = posed.phantom
    bone = phantom.region > 0
    soft = float(np.median(posed.activity_bq[(phantom.organ == 1) & ~bone]))
    for code in REGION_CODE.values():
        assert 0.75 < float(posed.activity_bq[phantom.region == code].mean()) / soft <= 1.001
    with_bone = scan_planar(posed, quiet, np.random.default_rng(1)).anterior.counts.astype(float)
    filled = posed.activity_bq.copy()
    filled[bone] = soft
    without = scan_planar(replace(posed, activity_bq=filled), quiet, np.random.default_rng(1)).anterior.counts
    smooth = [ndimage.gaussian_filter(one.astype(float), 2) for one in (with_bone, without)]
    body = smooth[1] > 0.2 * np.median(smooth[1][smooth[1] > 0.5])
    change = np.abs(smooth[0] / np.maximum(smooth[1], 1e-9) - 1)[body]
    assert np.percentile(change, 99.5) < 0.12


@pytest.mark.unit
@pytest.mark.parametrize("region", ["femur_left", "humerus_right", "skull_vault", "leg_right", "pelvis_left"])
def test_a_lesion_is_seen_where_the_truth_says(region: str) -> None:
    mark = Mark("1", (region,), "focal")
    planned = PlannedScan("T001-7", 0, (mark,), extras=())
    posed = pose_child(CHILD, planned)
    found = scan_planar(posed, Acquisition(noise=False), np.random.default_rng(0))
    none = pose_child(CHILD, replace(planned, marks=()))
    empty = scan_planar(none, Acquisition(noise=False), np.random.default_rng(0))
    truth = derive_truth(posed.phantom, posed.lesions, found.offset)
    for name in ("anterior", "posterior"):
        view = getattr(found, name)
        extra = view.counts.astype(float) - getattr(empty, name).counts
        row, column = ndimage.center_of_mass(np.clip(ndimage.gaussian_filter(extra, 1), 0.5, None) - 0.5)
        x, y = view.position_mm(row, column)
        expected = truth.lesions[0].planar_mm[name]
        assert np.hypot(x - expected[0], y - expected[1]) < 5
        mask = truth.views[name].lesion_mask(1)
        at = view.pixel(*expected)
        assert mask[round(at[0]) - 3 : round(at[0]) + 4, round(at[1]) - 3 : round(at[1]) + 4].any()


@pytest.mark.unit
def test_region_map_of_both_views() -> None:
    found = scan()
    truth = derive_truth(found.posed.phantom, found.posed.lesions, found.offset)
    front, back = truth.views["anterior"], truth.views["posterior"]
    np.testing.assert_array_equal(front.regions, back.regions[:, ::-1])
    code = {region: index + 1 for index, region in enumerate(REGIONS)}
    chest = np.argwhere(front.nearest == code["sternum"]).mean(axis=0)
    assert abs(chest[1] - 127.5) < 12
    # What lies before the spine in front lies behind it from the back.
    over = front.nearest == code["sternum"]
    assert (back.nearest[:, ::-1][over] == code["spine_thoracic"]).mean() > 0.6
    assert np.argwhere(front.nearest == code["hand_left"]).mean(axis=0)[1] > 150
    assert np.argwhere(back.nearest == code["hand_left"]).mean(axis=0)[1] < 106


@pytest.mark.unit
def test_motion_shifts_what_is_scanned_later() -> None:
    posed = pose_child(CHILD, PlannedScan("T001-1", 0, extras=()))
    still = scan_planar(posed, Acquisition(noise=False), np.random.default_rng(0))
    moved = Acquisition(noise=False, motion=(Motion(500, (24.0, 0.0)),))
    after = scan_planar(posed, moved, np.random.default_rng(0))
    first, second = still.anterior.counts.astype(float), after.anterior.counts.astype(float)
    columns = np.arange(256)
    shift = [(one[600:].sum(axis=0) @ columns) / one[600:].sum() for one in (first, second)]
    assert (shift[1] - shift[0]) * PIXEL_MM == pytest.approx(24, abs=1)
    head = [(one[:400].sum(axis=0) @ columns) / one[:400].sum() for one in (first, second)]
    assert head[1] == pytest.approx(head[0], abs=0.05)


@pytest.mark.unit
def test_a_child_grows_and_stays_itself() -> None:
    first, later = CHILD.compute_body(0), CHILD.compute_body(730)
    assert 1.05 < later.stature_mm / first.stature_mm < 1.15
    small, tall = (ScannedChild(name, "male", 1500).compute_body(0).stature_mm for name in ("A", "B"))
    assert small != tall
