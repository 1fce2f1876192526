"""The second generator keeps its promises: sides, depth, growth, counts, places of lesions, no normal skeleton."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from residuum.records.vocabulary import REGIONS
from residuum.volumes.planar import PlanarView
from second_generator import Camera, Lesion, Pair, Pose, SecondScan, draw_child, draw_pose, make_pair, make_scan
from second_generator.camera import Silhouette
from second_generator.figure import build_figure
from second_generator.growth import TABLE
from second_generator.organs import list_sources
from second_generator.scan import expose, image_mm
from second_generator.skeleton import SITE_BONES, locate
from second_generator.solids import bounds

CLEAN = Camera(scattered=0.0, penetrated=0.0)


def around(view: PlanarView, x_mm: float, y_mm: float, radius_mm: float) -> tuple[NDArray[np.float64], ...]:
    """x, y and counts of the pixels around a place."""
    rows, columns = np.indices(view.counts.shape)
    x, y = columns * view.spacing_mm[1], rows * view.spacing_mm[0]
    near = np.hypot(x - x_mm, y - y_mm) <= radius_mm
    return x[near], y[near], view.counts[near].astype(float)


def added(lesion: Lesion | None, camera: Camera = CLEAN, pose: Pose | None = None, age: float = 5.0) -> SecondScan:
    lesions = [lesion] if lesion else []
    return make_scan(draw_child(3, age), age, pose or Pose(), lesions, 1e5, 7, camera)


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return [make_pair(seed, counts=(2e4, 2e4)) for seed in range(6)]


def test_the_same_seed_gives_the_same_bytes(pairs: list[Pair]) -> None:
    again = make_pair(2, counts=(2e4, 2e4))
    assert pairs[2].after.anterior.counts.tobytes() == again.after.anterior.counts.tobytes()
    assert pairs[2].before.posterior.counts.tobytes() == again.before.posterior.counts.tobytes()
    assert pairs[2].sites == again.sites
    assert pairs[2].after.sites == again.after.sites
    assert pairs[2].before.anterior.counts.tobytes() != pairs[3].before.anterior.counts.tobytes()


def test_every_region_has_two_sites_and_the_whole_body_lies_in_both_images(pairs: list[Pair]) -> None:
    for scan in (one for pair in pairs for one in (pair.before, pair.after)):
        regions = [site.region for site in scan.sites.values()]
        assert set(regions) == set(REGIONS)
        assert min(regions.count(region) for region in REGIONS) >= 2
        height, width = np.multiply(scan.anterior.counts.shape, scan.anterior.spacing_mm)
        for part in scan.parts.values():
            for edge in image_mm(np.array(bounds(part)), scan.camera):
                assert 0 < edge[0] < width
                assert 0 < edge[1] < height


def test_paired_sites_lie_on_their_side_of_both_images() -> None:
    scan = added(None)
    middle = scan.sites["spine_lumbar_2"]
    for name, site in scan.sites.items():
        if site.region.endswith(("_left", "_right")):
            side = site.region.rsplit("_", 1)[1]
            assert scan.anterior.patient_side(site.anterior[0], middle.anterior[0]) == side, name
            assert scan.posterior.patient_side(site.posterior[0], middle.posterior[0]) == side, name


def test_the_liver_is_on_the_right_of_the_patient() -> None:
    scan = added(None)
    middle = scan.sites["spine_thoracic_4"].anterior
    liver_y = middle[1]
    right = around(scan.anterior, middle[0] - 45, liver_y, 20)[2].sum()
    left = around(scan.anterior, middle[0] + 45, liver_y, 20)[2].sum()
    assert right > 2 * left
    mirrored = around(scan.posterior, scan.sites["spine_thoracic_4"].posterior[0] + 45, liver_y, 20)[2].sum()
    assert mirrored > 1.5 * left


@pytest.mark.parametrize(("site", "ratio_above"), [("sternum_1", 1.4), ("face_orbit_1", 1.4)])
def test_what_lies_in_front_is_seen_better_from_the_front(site: str, ratio_above: float) -> None:
    scan = added(Lesion(site, 10, 60))
    front = around(scan.anterior, *scan.sites[site].anterior, 25)[2].sum()
    back = around(scan.posterior, *scan.sites[site].posterior, 25)[2].sum()
    assert front > ratio_above * back


@pytest.mark.parametrize("site", ["sacrum_1", "spine_thoracic_3", "spine_lumbar_2"])
def test_what_lies_behind_is_seen_better_from_behind(site: str) -> None:
    scan = added(Lesion(site, 10, 60))
    front = around(scan.anterior, *scan.sites[site].anterior, 25)[2].sum()
    back = around(scan.posterior, *scan.sites[site].posterior, 25)[2].sum()
    assert back > 1.2 * front


def depths_mm(scan: SecondScan, point: NDArray[np.float64]) -> tuple[float, float]:
    """Water in front of a point and behind it, by small steps along its own ray."""
    steps = np.linspace(-200, 200, 4001)
    ray = np.column_stack([np.full_like(steps, point[0]), np.full_like(steps, point[1]), steps])
    inside = steps[np.any([one.contains(ray) for one in scan.parts.values()], axis=0)]
    return inside.max() - point[2], point[2] - inside.min()


@pytest.mark.parametrize("site", ["pelvis_left_2", "spine_lumbar_3", "femur_right_2", "skull_base_1", "leg_left_2"])
def test_views_of_a_marker_differ_by_the_attenuation_law(site: str) -> None:
    """ln(posterior / anterior) = mu (water in front - water behind), mu of 0.148 per cm: NIST, water at 159 keV."""
    scan = added(Lesion(site, 6, 5000))
    front = around(scan.anterior, *scan.sites[site].anterior, 20)[2].sum()
    back = around(scan.posterior, *scan.sites[site].posterior, 20)[2].sum()
    ahead, behind = depths_mm(scan, locate(site, scan.parts))
    assert np.log(back / front) == pytest.approx(0.0148 * (ahead - behind), abs=0.06)


@pytest.mark.parametrize(("hole_mm", "length_mm"), [(3.0, 57.0), (2.5, 39.0)])
def test_resolution_follows_the_collimator_formula(hole_mm: float, length_mm: float) -> None:
    """Variance of the image of a marker: of its own, of the crystal, and of d (L + z) / L, a triangle."""
    camera = replace(CLEAN, hole_mm=hole_mm, hole_length_mm=length_mm)
    scan = added(Lesion("femur_left_2", 4, 5000), camera)
    x, _, counts = around(scan.posterior, *scan.sites["femur_left_2"].posterior, 22)
    least = min(bounds(part)[0][2] for part in scan.parts.values())
    away = locate("femur_left_2", scan.parts)[2] - least + camera.gap_mm[1]
    geometric = hole_mm * (length_mm + away) / length_mm
    expected = (4 / 2.355) ** 2 + (4.2 / 2.355) ** 2 + geometric**2 / 6 + 2.21**2 / 12
    middle = np.average(x, weights=counts)
    assert np.average((x - middle) ** 2, weights=counts) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("bone", sorted({region.removesuffix("_left").removesuffix("_right") for region in REGIONS}))
def test_a_hot_lesion_lies_at_the_said_site_on_both_views(bone: str) -> None:
    pose = draw_pose(np.random.default_rng(5))
    sites = [name for name in SITE_BONES if name in {f"{bone}_2", f"{bone}_left_2", f"{bone}_right_2"}]
    scan = make_scan(draw_child(3, 4), 4, pose, [Lesion(site, 8, 3000) for site in sites], 2e4, 7, CLEAN)
    for site in sites:
        for view, place in ((scan.anterior, scan.sites[site].anterior), (scan.posterior, scan.sites[site].posterior)):
            x, y, counts = around(view, *place, 20)
            assert np.average(x, weights=counts) == pytest.approx(place[0], abs=1.0)
            assert np.average(y, weights=counts) == pytest.approx(place[1], abs=1.0)


def test_a_diffuse_lesion_fills_its_bone_and_no_other() -> None:
    normal, filled = added(None), added(Lesion("femur_left_2", 10, 4, diffuse=True))

    def gain(site: str) -> float:
        """Counts at a site, relative to the liver's, against those of the normal scan."""
        here, there = (around(one.anterior, *one.sites[site].anterior, 9)[2].sum() for one in (filled, normal))
        liver = [around(one.anterior, *one.sites["ribs_right_7"].anterior, 9)[2].sum() for one in (filled, normal)]
        return float((here / liver[0]) / (there / liver[1]))

    assert min(gain(f"femur_left_{number}") for number in (1, 2, 3)) > 2
    assert max(gain(f"femur_right_{number}") for number in (1, 2, 3)) < 1.3


def test_a_normal_scan_shows_no_skeleton() -> None:
    """Shafts against the same limb some centimetres away from them, where the limb is as thick but holds no bone."""
    contrast = []
    for seed in range(2):
        scan = make_scan(draw_child(seed, 9), 9, Pose(), [], 4e5, seed)
        rows, columns = np.indices(scan.anterior.counts.shape)
        for bone in ("femur_left_2", "femur_right_2", "leg_left_2", "leg_right_2"):
            x, y = scan.sites[bone].anterior
            away = np.abs(columns * 2.21 - x)
            band = np.abs(rows * 2.21 - y) < 25
            counts = scan.anterior.counts
            contrast.append(counts[band & (away < 5)].mean() / counts[band & (away > 8) & (away < 14)].mean())
    assert np.mean(contrast) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("counts", [1.2e5, 5e5])
def test_counts_are_those_asked_for(counts: float) -> None:
    scan = make_scan(draw_child(1, 6), 6, Pose(), [], counts, 1)
    assert scan.anterior.counts.sum() + scan.posterior.counts.sum() == pytest.approx(2 * counts, rel=0.03)


def test_noise_is_that_of_poisson() -> None:
    """Squared differences of two exposures of one child sum up to its counts."""
    child, camera = draw_child(1, 6), replace(CLEAN, shape=(512, 128), pixel_mm=4.6)
    parts = build_figure(child.sizes(6), Pose(), camera.half_field_mm)
    sources = list_sources(child, parts, 1.0, np.random.default_rng(1))
    body = Silhouette(parts, [])
    first, second = (
        expose(sources, body, camera, 4e4, np.random.default_rng(seed))[0].astype(float) for seed in (2, 3)
    )
    assert ((first - second) ** 2).sum() / (first + second).sum() == pytest.approx(1, abs=0.08)


def test_children_grow_by_the_curve() -> None:
    child = draw_child(2, 3)
    statures = [child.sizes(age)["stature"] for age in (1, 2, 5, 10, 15)]
    assert all(later > earlier for earlier, later in pairwise(statures))
    assert statures[-1] / statures[0] == pytest.approx(1660 / 750)
    heads = [child.sizes(age)["head_height"] / child.sizes(age)["stature"] for age in (1, 5, 15)]
    assert 0.19 < heads[0] < 0.25
    assert 0.11 < heads[2] < 0.15
    assert heads[0] > heads[1] > heads[2]
    assert len({len(row) for row in TABLE.values()}) == 1


def test_pairs_are_as_asked(pairs: list[Pair]) -> None:
    for pair in pairs:
        assert 1 <= pair.months <= 24
        assert pair.after.age_years - pair.before.age_years == pytest.approx(pair.months / 12)
        statures = [pair.before.child.sizes(one.age_years)["stature"] for one in (pair.before, pair.after)]
        assert 1 < statures[1] / statures[0] <= 1.15
        first = [one.site for one in pair.before.lesions if one.site != "primary"]
        later = {one.site for one in pair.after.lesions}
        assert 3 <= len(first) <= 20
        assert 1 <= len({SITE_BONES[name][0].region for name in first}) <= 12
        assert set(pair.sites) == {*first, *pair.new}
        assert set(pair.vanished) == set(first) - later
        assert 0.3 <= len(pair.vanished) / len(first) <= 1
        assert pair.before.pose != pair.after.pose


def test_smoothing_keeps_counts_and_lowers_noise() -> None:
    plain = added(None, Camera())
    smooth = added(None, replace(Camera(), smoothed=True))
    assert smooth.anterior.counts.sum() == pytest.approx(plain.anterior.counts.sum(), rel=0.05)
    assert (
        np.abs(np.diff(smooth.anterior.counts.astype(float), axis=0)).sum()
        < 0.6 * np.abs(np.diff(plain.anterior.counts.astype(float), axis=0)).sum()
    )
