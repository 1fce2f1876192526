"""Unscattered photons: attenuation, blur, efficiency, sides, against formulas and against a slow twin."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage, optimize, special

from residuum.synthetic.camera.blurring import Matrix
from residuum.synthetic.camera.collimators import COLLIMATORS, LEHR_SIEMENS, MEGP_GE, Camera, Collimator
from residuum.synthetic.camera.projection import project_planar
from residuum.volumes.planar import PlanarView, compute_geometric_mean

LEHR = Camera(LEHR_SIEMENS)
WATER = 0.0148
PER_BQ = 0.8325 * 0.8 * LEHR_SIEMENS.efficiency


def slab(shape: tuple[int, int, int], per_mm: float = WATER) -> NDArray[np.float32]:
    return np.full(shape, per_mm, np.float32)


def point(shape: tuple[int, int, int], at: tuple[int, int, int], activity: float = 1e6) -> NDArray[np.float32]:
    values = np.zeros(shape, np.float32)
    values[at] = activity
    return values


@pytest.mark.external
@pytest.mark.parametrize("depth", [0, 3, 10, 19])
def test_a_point_in_a_slab_is_attenuated_by_the_formula_to_both_sides(depth: int) -> None:
    shape, step = (41, 20, 41), 5.0
    front, back = project_planar(point(shape, (20, depth, 20)), slab(shape), (4, step, 4), 30, 30, LEHR)
    before, behind = (depth + 0.5) * step, (20 - depth - 0.5) * step
    assert front.sum() == pytest.approx(1e6 * PER_BQ * np.exp(-WATER * before), rel=1e-4)
    assert back.sum() == pytest.approx(1e6 * PER_BQ * np.exp(-WATER * behind), rel=1e-4)


@pytest.mark.external
def test_a_uniform_slab_gives_the_integral_over_its_depth() -> None:
    # activity / mm times (1 - exp(-mu T)) / mu; steps of 2 mm approach it.
    shape = (3, 60, 3)
    front, back = project_planar(slab(shape, 2.0), slab(shape), (500, 2.0, 500), 30, 30, LEHR)
    expected = PER_BQ * 1.0 * (1 - np.exp(-WATER * 120)) / WATER
    assert front == pytest.approx(expected, rel=1e-3)
    assert back == pytest.approx(expected, rel=1e-3)


@pytest.mark.external
def test_the_geometric_mean_of_a_point_does_not_depend_on_its_depth() -> None:
    # Rates far below one count: the geometric mean needs no whole numbers.
    shape = (41, 30, 41)
    sums = []
    for depth in (0, 7, 15, 29):
        front, back = project_planar(point(shape, (20, depth, 20)), slab(shape), (4, 5, 4), 30, 30, LEHR)
        views = [
            PlanarView(np.array([[one.sum()]]), (1, 1), view, "right")
            for one, view in ((front, "anterior"), (back, "posterior"))
        ]
        sums.append(compute_geometric_mean(*views).counts.item())  # type: ignore[arg-type]
    assert sums == pytest.approx([1e6 * PER_BQ * np.exp(-WATER * 150 / 2)] * 4, rel=1e-4)


@pytest.mark.unit
def test_only_what_lies_on_the_way_attenuates() -> None:
    shape = (9, 6, 9)
    around = slab(shape)
    around[:, 2:4, :] = 0
    front, back = project_planar(point(shape, (4, 3, 4)), around, (20, 10, 20), 30, 30, LEHR)
    assert front.sum() == pytest.approx(1e6 * PER_BQ * np.exp(-WATER * 20), rel=1e-4)
    assert back.sum() == pytest.approx(1e6 * PER_BQ * np.exp(-WATER * 20), rel=1e-4)
    beside = slab(shape)
    beside[:, :, 4] = 0
    front, _ = project_planar(point(shape, (4, 3, 4)), beside, (20, 10, 20), 30, 30, LEHR)
    assert front.sum() == pytest.approx(1e6 * PER_BQ, rel=1e-4)


def measure_width(profile: NDArray[Any], pixel_mm: float) -> float:
    """Full width at half maximum of a Gaussian fitted to a profile."""
    places = (np.arange(len(profile)) - len(profile) // 2) * pixel_mm

    def miss(parameters: NDArray[Any]) -> NDArray[Any]:
        height, sigma = parameters
        return np.asarray(height * np.exp(-((places / sigma) ** 2) / 2) - profile / profile.max())

    return float(abs(optimize.least_squares(miss, [1, 4]).x[1]) * np.sqrt(8 * np.log(2)))


@pytest.mark.external
@pytest.mark.parametrize("collimator", COLLIMATORS, ids=lambda one: one.name)
@pytest.mark.parametrize("distance_mm", [50, 100, 150])
def test_the_width_of_a_point_is_that_of_collimator_and_crystal(collimator: Collimator, distance_mm: float) -> None:
    shape = (61, 3, 61)
    front, back = project_planar(
        point(shape, (30, 1, 30)), slab(shape, 0), (1.2, 10, 2.4), distance_mm - 10, 300, Camera(collimator)
    )
    effective = collimator.length_mm - 2 / 1.983
    expected = np.hypot(collimator.hole_mm * (effective + distance_mm) / effective, 3.8)
    assert measure_width(front.sum(axis=1), 1.2) == pytest.approx(expected, rel=2e-3)
    assert measure_width(front.sum(axis=0), 2.4) == pytest.approx(expected, rel=2e-3)
    further = np.hypot(collimator.hole_mm * (effective + 310) / effective, 3.8)
    assert measure_width(back.sum(axis=0), 2.4) == pytest.approx(further, rel=2e-3)


@pytest.mark.external
@pytest.mark.parametrize("collimator", COLLIMATORS, ids=lambda one: one.name)
@pytest.mark.parametrize("gap_mm", [0, 50, 250])
def test_efficiency_in_air_does_not_depend_on_distance(collimator: Collimator, gap_mm: float) -> None:
    shape = (61, 1, 61)
    front, _ = project_planar(point(shape, (30, 0, 30)), slab(shape, 0), (2.4, 4.8, 2.4), gap_mm, 0, Camera(collimator))
    effective = collimator.length_mm - 2 / 1.983
    open_share = (collimator.hole_mm / (collimator.hole_mm + collimator.septum_mm)) ** 2
    expected = 1e6 * 0.8325 * 0.8 * (0.26 * collimator.hole_mm / effective) ** 2 * open_share
    assert front.sum() == pytest.approx(expected, rel=1e-3)


@pytest.mark.external
@pytest.mark.parametrize("radius_mm", [4, 8, 14])
def test_a_sphere_s_peak_is_lost_to_blur_as_the_formula_says(radius_mm: float) -> None:
    # Blurred by a Gaussian, the middle of the projection of a sphere keeps 1 - (root 2 s / R) D(R / (root 2 s)) of its
    # height 2 R c, D being Dawson's integral: the integral of the chords times the Gaussian, in closed form.
    pixel, fine = 1.0, 3
    size = 45
    places = (np.arange(size * fine) - (size * fine - 1) / 2) * pixel / fine
    inside = places[:, None, None] ** 2 + places[:, None] ** 2 + places**2 <= radius_mm**2
    sphere = inside.reshape(size, fine, size, fine, size, fine).mean(axis=(1, 3, 5)).astype(np.float32)
    front, _ = project_planar(sphere, slab((size,) * 3, 0), (pixel,) * 3, 78, 78, Camera(LEHR_SIEMENS))
    sigma = LEHR.compute_resolution(100) / np.sqrt(8 * np.log(2))
    ratio = radius_mm / (np.sqrt(2) * sigma)
    recovery = 1 - special.dawsn(ratio) / ratio
    assert front[size // 2, size // 2] / (2 * radius_mm * PER_BQ) == pytest.approx(recovery, rel=0.02)


def project_slowly(
    activity: NDArray[Any],
    attenuation: NDArray[Any],
    spacing_mm: tuple[float, float, float],
    gap_mm: float,
    camera: Camera,
) -> NDArray[Any]:
    """One view of a camera before the first plane: each voxel by itself, each plane blurred in space."""
    slices, depths, columns = activity.shape
    total = np.zeros((slices, columns))
    for depth in range(depths):
        plane = np.zeros((slices, columns))
        for row in range(slices):
            for column in range(columns):
                way = attenuation[row, :depth, column].sum() + attenuation[row, depth, column] / 2
                plane[row, column] = activity[row, depth, column] * np.exp(-way * spacing_mm[1])
        distance = gap_mm + depth * spacing_mm[1]
        effective = camera.collimator.length_mm - 2 / 1.98307
        width = np.hypot(camera.collimator.hole_mm * (1 + distance / effective), camera.intrinsic_mm)
        sigmas = [width / 2.354820045 / one for one in (spacing_mm[0], spacing_mm[2])]
        total += ndimage.gaussian_filter(plane, sigmas, mode="constant", truncate=7)
    return total * 0.8325 * 0.8 * camera.collimator.efficiency


@pytest.mark.twin
@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 9), st.integers(1, 6), st.integers(1, 9)),
    spacing_mm=st.tuples(*[st.sampled_from([1.2, 2.4, 4.8])] * 3),
    gaps_mm=st.tuples(*[st.floats(0, 150)] * 2),
    collimator=st.sampled_from(COLLIMATORS),
)
def test_it_agrees_with_the_slow_twin(
    seed: int,
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    gaps_mm: tuple[float, float],
    collimator: Collimator,
) -> None:
    random = np.random.default_rng(seed)
    activity = (random.random(shape) * (random.random(shape) < 0.4) * 1e6).astype(np.float32)
    attenuation = (random.random(shape) * 0.03).astype(np.float32)
    camera = Camera(collimator)
    front, back = project_planar(activity, attenuation, spacing_mm, *gaps_mm, camera)
    expected = (
        project_slowly(activity, attenuation, spacing_mm, gaps_mm[0], camera),
        project_slowly(activity[:, ::-1], attenuation[:, ::-1], spacing_mm, gaps_mm[1], camera),
    )
    # The transform leaves out what lies beyond 4.5 standard deviations, and counts in single precision.
    scale = max(one.max() for one in expected)
    assert front == pytest.approx(expected[0], abs=1e-4 * scale + 1e-12)
    assert back == pytest.approx(expected[1], abs=1e-4 * scale + 1e-12)


@pytest.mark.property
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(1e-3, 1e3))
def test_rates_are_linear_in_activity_and_never_negative(seed: int, factor: float) -> None:
    random = np.random.default_rng(seed)
    shape = (8, 4, 7)
    one, other = (random.random((2, *shape)) * (random.random((2, *shape)) < 0.3) * 1e5).astype(np.float32)
    attenuation = (random.random(shape) * 0.03).astype(np.float32)
    arguments = (attenuation, (2.4, 4.8, 2.4), 20.0, 30.0, LEHR)
    for whole, first, second in zip(
        project_planar(one + np.float32(factor) * other, *arguments),
        project_planar(one, *arguments),
        project_planar(other, *arguments),
        strict=True,
    ):
        assert whole.min() >= 0
        assert whole == pytest.approx(first + factor * second, rel=1e-4, abs=1e-5 * float(whole.max()) + 1e-12)


@pytest.mark.property
@settings(max_examples=15)
@given(
    at=st.tuples(st.integers(0, 11), st.integers(0, 3), st.integers(0, 9)),
    offset=st.tuples(st.integers(30, 60), st.integers(30, 60)),
)
def test_blur_keeps_counts_where_the_matrix_is_large_enough(at: tuple[int, int, int], offset: tuple[int, int]) -> None:
    shape = (12, 4, 10)
    matrix = Matrix((120, 110), offset)
    for view in project_planar(point(shape, at), slab(shape, 0), (2.4, 4.8, 2.4), 60, 60, Camera(MEGP_GE), matrix):
        assert view.sum() == pytest.approx(1e6 * 0.8325 * 0.8 * MEGP_GE.efficiency, rel=1e-4)
        assert np.unravel_index(view.argmax(), view.shape) == (at[0] + offset[0], at[2] + offset[1])


@pytest.mark.unit
def test_a_larger_matrix_shows_the_same_counts() -> None:
    random = np.random.default_rng(3)
    activity = random.random((20, 3, 15)).astype(np.float32)
    arguments = (activity, slab((20, 3, 15)), (2.4, 4.8, 2.4), 20.0, 30.0, LEHR)
    for small, large in zip(
        project_planar(*arguments), project_planar(*arguments, Matrix((60, 40), (7, 11))), strict=True
    ):
        assert large[7:27, 11:26] == pytest.approx(small, rel=1e-6)


@pytest.mark.unit
def test_each_marker_appears_on_its_side_and_in_its_view() -> None:
    # The patient's left lies at high columns, the front at low depths, the head at low slices.
    shape = (60, 20, 40)
    activity = np.zeros(shape, np.float32)
    activity[10, 1, 30] = 1e6
    activity[45, 18, 8] = 1e6
    front, back = project_planar(activity, slab(shape), (2.4, 10, 2.4), 30, 30, LEHR)
    assert np.unravel_index(front.argmax(), front.shape) == (10, 30)
    assert np.unravel_index(back.argmax(), back.shape) == (45, 8)
    assert front[10, 30] > 5 * front[45, 8]
    assert back[45, 8] > 5 * back[10, 30]


@pytest.mark.unit
def test_no_activity_gives_empty_views() -> None:
    shape = (3, 2, 4)
    for view in project_planar(slab(shape, 0), slab(shape), (2.4, 4.8, 2.4), 1, 1, LEHR):
        assert view.shape == (3, 4)
        assert not view.any()


@pytest.mark.unit
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"attenuation_per_mm": slab((3, 2, 5))}, "shapes"),
        ({"spacing_mm": (2.4, 0, 2.4)}, "spacing_mm"),
        ({"front_gap_mm": -1}, "gaps"),
        ({"back_gap_mm": float("nan")}, "gaps"),
        ({"activity_bq": slab((3, 2, 4), -1)}, "activity_bq"),
        ({"activity_bq": slab((3, 2, 4), float("nan"))}, "activity_bq"),
    ],
)
def test_impossible_input_is_refused(changes: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "activity_bq": slab((3, 2, 4)),
        "attenuation_per_mm": slab((3, 2, 4)),
        "spacing_mm": (2.4, 4.8, 2.4),
        "front_gap_mm": 10,
        "back_gap_mm": 10,
        "camera": LEHR,
    }
    with pytest.raises(ValueError, match=message):
        project_planar(**(arguments | changes))
