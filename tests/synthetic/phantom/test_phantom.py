"""The parametric child: sizes of the literature, sides, poses, and the same place at any age."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.phantom.anatomy import ORGAN_CODE, REGION_CODE, Anatomy, Phantom, cover, voxelise
from residuum.synthetic.phantom.growth import compute_body
from residuum.synthetic.phantom.pose import Pose, draw_pose
from residuum.synthetic.phantom.solids import Frame, Solid, capsule, cylinder, ellipsoid, paint

STATURE_MM = {1: 750, 5: 1090, 10: 1390, 15: 1680}
"""Reference children of ICRP 89, mean of the sexes."""
LIVER_G = {1: 330, 5: 570, 10: 830, 15: 1300}
"""ICRP 89."""
SKELETON_G = {1: 1170, 5: 2430, 10: 4500, 15: 7950}
"""ICRP 89, males."""


def child(age: float, pose: Pose | None = None) -> tuple[Anatomy, Phantom]:
    anatomy = Anatomy(compute_body(age), pose or Pose())
    return anatomy, voxelise(anatomy, cover(anatomy))


def litres(mask: np.ndarray, phantom: Phantom) -> float:
    rows, columns = phantom.grid.spacing_mm
    return float(mask.sum()) * rows * columns * -phantom.grid.placement.step_mm[2] / 1e6


@pytest.mark.external
@pytest.mark.parametrize("age", [1, 5, 10, 15])
def test_sizes_are_those_of_reference_children(age: int) -> None:
    body = compute_body(age)
    _, phantom = child(age)
    assert body.stature_mm == pytest.approx(STATURE_MM[age], rel=0.03)
    assert litres(phantom.organ > 0, phantom) == pytest.approx(body.weight_kg, rel=0.2)
    assert 1050 * litres(phantom.organ == ORGAN_CODE["liver"], phantom) == pytest.approx(LIVER_G[age], rel=0.35)
    assert 1400 * litres(phantom.region > 0, phantom) == pytest.approx(SKELETON_G[age], rel=0.35)


@pytest.mark.property
@pytest.mark.parametrize("age", [0.5, 1, 3, 7, 12, 16, 30])
def test_every_region_and_organ_is_there_in_any_pose(age: float) -> None:
    body = compute_body(age)
    anatomy, phantom = child(age, draw_pose(np.random.default_rng(int(10 * age)), body))
    sizes = np.bincount(phantom.region.ravel(), minlength=len(REGIONS) + 1)
    assert sizes.size == len(REGIONS) + 1
    assert sizes[1:].min() > 60
    assert set(np.unique(phantom.organ)) == set(ORGAN_CODE.values())
    # The skin cuts hardly anything off, and does not reach the edge of the grid.
    for region, code in REGION_CODE.items():
        whole = np.zeros(phantom.grid.shape, np.uint8)
        for bone in (bone for bone in anatomy.bones if bone.region == region):
            paint(whole, phantom.grid, anatomy.frames[bone.part], bone.solid, 1, inside=False)
        assert (phantom.organ[whole > 0] > 0).mean() > 0.95, (region, code)
    edges = [phantom.organ[index] for index in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1])]
    assert not any(edge.any() for edge in (*edges, phantom.organ[:, :, 0], phantom.organ[:, :, -1]))


@pytest.mark.unit
def test_sides_and_front_and_back() -> None:
    _, phantom = child(5)
    places = {
        region: phantom.grid.position_mm(*np.nonzero(phantom.region == code)).mean(axis=0)
        for region, code in REGION_CODE.items()
    }
    for region, (x, _, _) in places.items():
        if region.endswith("_left"):
            assert x > 10, region
        if region.endswith("_right"):
            assert x < -10, region
    front = [places[region][1] for region in ("sternum", "face_orbit", "clavicle_left")]
    back = [places[region][1] for region in ("spine_thoracic", "spine_lumbar", "sacrum", "scapula_left")]
    assert max(front) < -15 < 15 < min(back)
    order = [
        "skull_vault",
        "skull_base",
        "spine_cervical",
        "spine_thoracic",
        "spine_lumbar",
        "sacrum",
        "femur_left",
        "leg_left",
    ]
    heights = [places[region][2] for region in [*order, "foot_left"]]
    assert heights == sorted(heights, reverse=True)
    organs = {
        name: phantom.grid.position_mm(*np.nonzero(phantom.organ == ORGAN_CODE[name])).mean(axis=0)
        for name in ("liver", "heart", "spleen", "bladder", "stomach")
    }
    assert organs["liver"][0] < -15 < 10 < min(organs[name][0] for name in ("heart", "spleen", "stomach"))
    assert organs["bladder"][1] < 0
    assert organs["heart"][2] > organs["liver"][2] > organs["bladder"][2]


@pytest.mark.property
@settings(max_examples=30, deadline=None)
@given(st.floats(0.5, 18), st.integers(0, 10_000), st.sampled_from(REGIONS))
def test_normalised_coordinates_come_back(age: float, seed: int, region: str) -> None:
    rng = np.random.default_rng(seed)
    body = compute_body(age)
    frame = Anatomy(body, draw_pose(rng, body)).frame_of(region)
    local = rng.uniform(-1, 1, (5, 3))
    np.testing.assert_allclose(frame.to_local(frame.to_world(local)), local, atol=1e-9)
    np.testing.assert_allclose(frame.axes.T @ frame.axes, np.eye(3), atol=1e-12)
    assert np.sign(np.linalg.det(frame.axes)) in (-1, 1)


@pytest.mark.property
@pytest.mark.parametrize("seed", range(4))
def test_the_same_place_is_the_same_bone_at_another_age_in_another_pose(seed: int) -> None:
    """Centres of 40 voxels of each region of a 4-year-old lie in or beside that region of the child at 6."""
    rng = np.random.default_rng(seed)
    young, old = compute_body(4), compute_body(6)
    before, after = Anatomy(young, draw_pose(rng, young)), Anatomy(old, draw_pose(rng, old))
    first, second = voxelise(before, cover(before)), voxelise(after, cover(after))
    for region, code in REGION_CODE.items():
        index = rng.permutation(np.argwhere(first.region == code))[:40]
        positions = first.grid.position_mm(*index.T)
        carried = after.frame_of(region).to_world(before.frame_of(region).to_local(positions))
        there = second.grid.position_mm(*np.nonzero(second.region == code))
        away = np.linalg.norm(carried[:, None] - there[None], axis=2).min(axis=1)
        assert np.median(away) < 4, region
        assert away.max() < 15, region


@pytest.mark.unit
def test_a_pose_moves_what_it_names() -> None:
    body = compute_body(6)
    plain = Anatomy(body, Pose())
    turned = Anatomy(body, replace(Pose(), head_turn=30))
    assert turned.frames["head"].to_world([[0, -1, 0.5]])[0, 0] > 20  # the face to the patient's left
    arm = Anatomy(body, replace(Pose(), arm_out=(12, 30)))
    hand = [one.frames["hand_left"].to_world([[0, 0, 1]])[0, 0] for one in (plain, arm)]
    assert hand[1] > hand[0] + 80
    np.testing.assert_array_equal(plain.frames["hand_right"].origin_mm, arm.frames["hand_right"].origin_mm)
    toes = plain.frames["foot_left"].to_world([[0, 0, 0.7]])[0]
    heel = plain.frames["foot_left"].origin_mm
    assert toes[0] > heel[0] + 10  # outward
    assert toes[1] < heel[1] - 40  # upward
    moved = Anatomy(body, replace(Pose(), shift_mm=(12, -30)))
    for name, frame in plain.frames.items():
        np.testing.assert_allclose(moved.frames[name].origin_mm - frame.origin_mm, [12, 0, -30], atol=1e-9)


@pytest.mark.property
@pytest.mark.parametrize("age", [1, 5, 10, 15, 25])
def test_a_child_fits_the_field_of_view(age: float) -> None:
    body = compute_body(age)
    for seed in range(5):
        anatomy = Anatomy(body, draw_pose(np.random.default_rng(seed), body))
        phantom = voxelise(anatomy, cover(anatomy, 9.6, 9.6))
        columns = np.flatnonzero((phantom.organ > 0).any(axis=(0, 1)))
        assert np.abs(phantom.grid.position_mm(0, 0, columns)[:, 0]).max() < 128 * 2.4 - 5


@pytest.mark.twin
@pytest.mark.parametrize(
    "solid",
    [
        ellipsoid((3, -4, 5), (14, 9, 20)),
        ellipsoid((3, -4, 5), (14, 9, 20)).shell(4).cut(y=(-20, 0), z=(0, 40)),
        cylinder((2, 1), (12, 17), -15, 18).shell(5).cut(x=(-30, 4)),
        capsule((-10, 0, -20), (5, 8, 15), 9, 4),
        replace(cylinder((0, 0), (20, 15), -40, 40).cut(z=(-6, 6)), shear=-0.35),
    ],
)
def test_painting_agrees_with_the_definitions(solid: Solid) -> None:
    rng = np.random.default_rng(5)
    axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    frame = Frame(np.array([4.0, -3.0, 6.0]), axes, np.ones(3))
    anatomy = Anatomy(compute_body(1), Pose())
    whole = cover(anatomy, 2.4, 4.8)
    grid = replace(whole, shape=(60, 30, 60), placement=replace(whole.placement, origin_mm=(-70.0, -72.0, 71.0)))
    painted = np.zeros(grid.shape, np.uint8)
    paint(painted, grid, frame, solid, 7, inside=False)
    index = rng.permutation(np.indices(grid.shape).reshape(3, -1), axis=1)[:, :60_000]
    local = (grid.position_mm(*index) - frame.origin_mm) @ axes
    expected = np.array([_slow_holds(solid, point) for point in local])
    assert 40 < expected.sum() < expected.size / 3
    np.testing.assert_array_equal(painted[*index] == 7, expected)


def _slow_holds(solid: Solid, point: np.ndarray) -> bool:
    x, y, z = point
    z += solid.shear * y
    limits = solid.within
    cut = limits[0] <= x <= limits[1] and limits[2] <= y <= limits[3] and limits[4] <= z <= limits[5]
    hollow = solid.wall_mm > 0 and _slow_within(solid, (x, y, z), solid.wall_mm)
    return cut and _slow_within(solid, (x, y, z), 0) and not hollow


def _slow_within(solid: Solid, point: tuple[float, float, float], inset: float) -> bool:
    n, p = solid.numbers, np.array(point)
    if solid.shape == 2:
        # The nearest of many points of the axis.
        shares = np.linspace(0, 1, 501)
        axis = np.array(n[:3]) + shares[:, None] * (np.array(n[3:6]) - n[:3])
        away = np.linalg.norm(axis - p, axis=1)
        nearest = away.argmin()
        return bool(away[nearest] <= n[6] + shares[nearest] * (n[7] - n[6]) - inset)
    across = ((p[0] - n[0]) / (n[3] - inset)) ** 2 + ((p[1] - n[1]) / (n[4] - inset)) ** 2
    if solid.shape == 1:
        return bool(across <= 1 and abs(p[2] - n[2]) <= n[5])
    return bool(across + ((p[2] - n[2]) / (n[5] - inset)) ** 2 <= 1)


@pytest.mark.unit
@pytest.mark.parametrize("age", [-1, float("nan")])
def test_an_impossible_age_is_refused(age: float) -> None:
    with pytest.raises(ValueError, match="age_years is"):
        compute_body(age)


@pytest.mark.unit
def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(KeyError):
        Anatomy(compute_body(5), Pose()).frame_of("tail")
