"""A SPECT by numbers: what a rotating camera sees, and what is reconstructed of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import integrate, ndimage
from tomographic_phantoms import PER_CUBE, WATER, ball, cylinder, make_grid, positions

from residuum.synthetic.camera.collimators import FWHM_PER_SIGMA, LEHR_GE, LEHR_SIEMENS, MEGP_GE, Camera
from residuum.synthetic.camera.cubes import find_factors, merge, merge_grid, split, split_grid
from residuum.synthetic.camera.nuclide import PEAK_YIELD
from residuum.synthetic.camera.orbit import Orbit, compute_orbit
from residuum.synthetic.camera.projection import project_planar
from residuum.synthetic.camera.projections import Projections, acquire_projections
from residuum.synthetic.camera.reconstruction import compute_log_likelihood, reconstruct
from residuum.synthetic.camera.rotating_projection import RotatingCamera
from residuum.synthetic.camera.tomography import VOXEL_MM, Protocol, compute_stored, simulate_spect
from residuum.volumes.grid import Grid, Volume
from residuum.volumes.placement import Placement

pytestmark = pytest.mark.unit

CAMERA = Camera(LEHR_SIEMENS)
SIZE = (25, 41, 12)
"""Rows, columns and slices of a small body of cubes."""


def ellipse(rows: float = 10.0, columns: float = 18.0) -> npt.NDArray[np.bool_]:
    """Return where an elliptical cylinder is in a volume of SIZE."""
    row, column, _ = np.mgrid[: SIZE[0], : SIZE[1], : SIZE[2]].astype(float)
    return np.asarray(((row - 12) / rows) ** 2 + ((column - 20) / columns) ** 2 <= 1)


def around(attenuation: npt.NDArray[Any], stops: int = 8, *, circular: bool = False) -> RotatingCamera:
    orbit = compute_orbit((attenuation > 0).any(axis=2), VOXEL_MM, stops, circular=circular)
    return RotatingCamera(attenuation, VOXEL_MM, CAMERA, orbit)


@pytest.fixture(scope="module")
def water() -> npt.NDArray[np.float32]:
    return (ellipse() * WATER).astype(np.float32)


def marked(row: int, column: int, depth: int) -> npt.NDArray[np.float32]:
    volume = np.zeros(SIZE, np.float32)
    volume[row, column, depth] = 1
    return volume


def test_follows_the_body_or_goes_in_a_circle() -> None:
    """The extent of an ellipse in a direction is the root of the sum of the squared half-axes times its parts."""
    footprint = ellipse().any(axis=2)
    orbit = compute_orbit(footprint, VOXEL_MM, 60, clearance_mm=25)
    expected = np.hypot(10 * np.cos(orbit.angles), 18 * np.sin(orbit.angles)) * VOXEL_MM + 25
    # Voxel centres lie up to a voxel within the ellipse.
    assert np.all((orbit.radii_mm <= expected + 1e-9) & (orbit.radii_mm > expected - VOXEL_MM))
    circle = compute_orbit(footprint, VOXEL_MM, 60, clearance_mm=25, circular=True)
    np.testing.assert_allclose(circle.radii_mm, 18 * VOXEL_MM + 25)
    np.testing.assert_allclose(np.diff(orbit.angles), np.radians(6))


@pytest.mark.parametrize("collimator", [LEHR_SIEMENS, MEGP_GE])
def test_front_and_back_are_the_planar_views(collimator: Any, water: npt.NDArray[np.float32]) -> None:
    """The planar projector blurs each plane at once in the Fourier domain, this one step by step."""
    camera, voxel_mm = Camera(collimator), 2.4
    # Their kernels have the same variance; what they make of single voxels differs.
    smooth = ndimage.gaussian_filter(np.random.default_rng(1).random(SIZE), 1)
    activity = (smooth * ellipse(9, 17)).astype(np.float32)
    orbit = compute_orbit(ellipse().any(axis=2), voxel_mm, 2)
    rotating = RotatingCamera(water, voxel_mm, camera, orbit)
    # Rows 2 to 22 hold the body.
    gaps = [radius - 10 * voxel_mm for radius in orbit.radii_mm]
    inside = [np.moveaxis(one, 2, 0)[:, 2:23] for one in (activity, water)]
    front, back = project_planar(*inside, (voxel_mm,) * 3, gaps[0], gaps[1], camera)
    wide = (rotating.image_shape[0] - SIZE[1]) // 2
    for stop, planar in ((0, front.T), (1, back.T[::-1])):
        seen = rotating.project(activity, stop)[wide:-wide] * (PEAK_YIELD * camera.efficiency)
        assert np.abs(seen - planar)[:, 1:-1].max() < 0.01 * planar.max()
        assert seen.sum() == pytest.approx(planar.sum(), rel=3e-3)


@pytest.mark.parametrize(
    ("stop", "across"),
    [(0, 8), (2, 4), (4, -8), (6, -4)],
    ids=["front", "patient's left", "back", "patient's right"],
)
def test_marker_is_seen_on_the_right_side(stop: int, across: int, water: npt.NDArray[np.float32]) -> None:
    """It lies 8 columns to the left and 4 rows behind the axis: from the left side, the back is on the right."""
    rotating = around(water)
    image = rotating.project(marked(16, 28, 3), stop)
    place = np.unravel_index(image.argmax(), image.shape)
    assert (place[0] - rotating.image_shape[0] // 2, place[1]) == (across, 3)


def test_attenuation_follows_the_way_to_the_skin(water: npt.NDArray[np.float32]) -> None:
    """A marker 4 rows before and 8 columns to the left of the axis, in water without blur at the edges of the image."""
    rotating = around(water)
    seen = [float(rotating.project(marked(8, 28, 6), stop).sum()) for stop in (0, 2, 4, 6)]
    body = ellipse()[:, :, 6]
    before = [body[:8, 28].sum(), body[8, 29:].sum(), body[9:, 28].sum(), body[8, :28].sum()]
    expected = np.exp(-WATER * VOXEL_MM * (np.array(before) + 0.5))
    np.testing.assert_allclose(seen, expected, rtol=3e-3)


@pytest.mark.parametrize("rows_behind", [-8, 0, 8])
def test_blur_has_the_width_of_the_formula(rows_behind: int) -> None:
    """The variance of the image of a point is that of the Gaussian of its distance, in both directions."""
    thin = (ellipse() * 1e-9).astype(np.float32)
    orbit = Orbit(np.zeros(1), np.array([150.0]))
    point = np.zeros((*SIZE[:2], 31), np.float32)
    point[12 + rows_behind, 20, 15] = 1
    image = RotatingCamera(np.repeat(thin[:, :, :1], 31, axis=2), VOXEL_MM, CAMERA, orbit).project(point, 0)
    expected = CAMERA.compute_resolution(150 + rows_behind * VOXEL_MM) / FWHM_PER_SIGMA
    for axis in (0, 1):
        profile = image.sum(axis=1 - axis)
        places = (np.arange(profile.size) - profile.argmax()) * VOXEL_MM
        assert np.sqrt((profile * places**2).sum() / profile.sum()) == pytest.approx(expected, rel=0.01)
    assert image.sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.property
def test_back_projection_is_the_transpose(water: npt.NDArray[np.float32]) -> None:
    rotating, random = around(water, 14), np.random.default_rng(2)
    volume, image = random.random(SIZE), random.random(rotating.image_shape)
    for stop in range(14):
        forth = float((rotating.project(volume, stop) * image).sum(dtype=float))
        back = float((rotating.back_project(image, stop) * volume).sum(dtype=float))
        assert forth == pytest.approx(back, rel=1e-6)


def test_turning_keeps_activity(water: npt.NDArray[np.float32]) -> None:
    rotating = around(water * np.float32(1e-9), 14)
    activity = (np.random.default_rng(3).random(SIZE) * ellipse()).astype(np.float32)
    activity[:, :, (0, 1, 2, -3, -2, -1)] = 0
    seen = [float(rotating.project(activity, stop).sum()) for stop in range(14)]
    np.testing.assert_allclose(seen, activity.sum(), rtol=5e-3)


def test_collimator_in_the_body_is_refused(water: npt.NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match=r"the body begins 3\.0 mm behind the collimator"):
        RotatingCamera(water, VOXEL_MM, CAMERA, Orbit(np.zeros(1), np.array([10 * VOXEL_MM - 3])))
    with pytest.raises(ValueError, match="around 0 voxels"):
        compute_orbit(np.zeros((3, 3), bool), VOXEL_MM, 8)


def acquire(
    attenuation: npt.NDArray[Any], activity: npt.NDArray[Any], random: np.random.Generator | None, stops: int = 30
) -> tuple[RotatingCamera, Projections]:
    """Return a camera and its counts of an activity that is the same in all parts of a voxel."""
    rotating = around(attenuation, stops)
    orbit = compute_orbit((attenuation > 0).any(axis=2), VOXEL_MM, stops)
    fine = RotatingCamera(split(attenuation, (2, 2, 2)), VOXEL_MM / 2, CAMERA, orbit)
    return rotating, acquire_projections(rotating, fine, split(activity / 8, (2, 2, 2)), 30.0, random)


def test_fine_voxels_give_the_same_counts(water: npt.NDArray[np.float32]) -> None:
    """Of an even activity; at its edges the fine voxels are sharper."""
    rotating, seen = acquire(water, ellipse() * 100.0, None, 6)
    assert seen.counts_per_bq == pytest.approx(0.8325 * CAMERA.efficiency * 30)
    for stop in range(6):
        coarse = rotating.project(ellipse() * 100.0, stop) * seen.counts_per_bq
        primary = seen.counts[stop] - seen.scatter[stop]
        assert primary[:, 3:-3].sum() == pytest.approx(coarse[:, 3:-3].sum(), rel=5e-3)
        assert np.abs(primary - coarse)[:, 3:-3].max() < 0.06 * coarse.max()


def test_scatter_lies_on_the_side_of_its_source(water: npt.NDArray[np.float32]) -> None:
    """A marker on the patient's left: on the right of what is seen from the front, on the left from the back."""
    rotating, seen = acquire(water, marked(16, 30, 6) * 1e6, None, 4)
    across = np.arange(rotating.image_shape[0]) - rotating.image_shape[0] // 2
    middles = [float((one.sum(axis=1) * across).sum() / one.sum()) for one in seen.scatter]
    # Stops: front, left, back, right.
    assert middles[0] > 3
    assert middles[2] < -3
    assert middles[1] > 0 > middles[3]
    shares = seen.scatter.sum(axis=(1, 2)) / seen.counts.sum(axis=(1, 2))
    # In rows and columns of water: 4 to the back, 6 to the left, 12 to the front, 26 to the right.
    assert shares[2] < shares[1] < shares[0] < shares[3]


def test_counts_are_drawn_from_poisson_distributions(water: npt.NDArray[np.float32]) -> None:
    _, expected = acquire(water, ellipse() * 5e4, None, 4)
    _, drawn = acquire(water, ellipse() * 5e4, np.random.default_rng(4), 4)
    pixels = expected.counts > 5
    scaled = (drawn.counts - expected.counts)[pixels] / np.sqrt(expected.counts[pixels])
    # Mean 0 and variance 1, within four standard errors.
    assert abs(scaled.mean()) < 4 / np.sqrt(scaled.size)
    assert abs(scaled.var() - 1) < 4 * np.sqrt(2.2 / scaled.size)
    assert np.all(drawn.counts == np.round(drawn.counts))
    np.testing.assert_array_equal(drawn.scatter, expected.scatter)


def test_likelihood_grows(water: npt.NDArray[np.float32]) -> None:
    """Without subsets every iteration must raise it (Shepp and Vardi 1982); with them it rises faster."""
    activity = ellipse() * 2e4 + marked(8, 28, 6) * 2e6
    rotating, seen = acquire(water, activity, np.random.default_rng(5))
    plain = [compute_log_likelihood(rotating, seen, reconstruct(rotating, seen, n, 1)) for n in (1, 2, 3, 4)]
    assert np.all(np.diff(plain) > 0)
    ordered = [compute_log_likelihood(rotating, seen, reconstruct(rotating, seen, n, 5)) for n in (1, 2, 3)]
    assert np.all(np.diff(ordered) > 0)
    assert ordered[0] > plain[-1]
    assert np.all(reconstruct(rotating, seen, 1, 5) >= 0)


def test_activity_is_found_where_attenuation_is_known(water: npt.NDArray[np.float32]) -> None:
    """All of it, in Bq; without knowledge of attenuation far less, and least in the middle."""
    rotating, seen = acquire(water, ellipse() * 100.0, None)
    found = reconstruct(rotating, seen, 4, 5)[:, :, 3:-3]
    assert found.sum() == pytest.approx(100.0 * ellipse()[:, :, 3:-3].sum(), rel=0.01)
    blind = RotatingCamera(water * np.float32(1e-9), VOXEL_MM, CAMERA, compute_orbit(rotating.footprint, VOXEL_MM, 30))
    wrong = reconstruct(blind, seen, 4, 5)
    middle, edge = wrong[11:14, 19:22, 6].mean(), wrong[11:14, 4:6, 6].mean()
    assert middle < 0.7 * edge < 50


@pytest.fixture(scope="module")
def even() -> tuple[Grid, npt.NDArray[np.bool_], Volume]:
    """A cylinder of 20 cm with even activity, without noise."""
    grid = make_grid(24, 44, 88)
    body = cylinder(grid, 100)
    return grid, body, simulate_spect(body * 25.0, body * WATER, grid, Camera(LEHR_GE), Protocol(), None)


def test_cylinder_is_flat(even: tuple[Grid, npt.NDArray[np.bool_], Volume]) -> None:
    _, _, found = even
    ((x, y, _),) = positions(found.grid)
    inner = found.values[3:-3]
    away = np.hypot(x, y)[3:-3]
    rings = [float(inner[(away >= start) & (away < start + 15)].mean()) for start in range(0, 75, 15)]
    np.testing.assert_allclose(rings, 25 * PER_CUBE, rtol=0.02)


DIAMETERS = (10, 13, 17, 22, 28, 37)
CONTRAST = 8


@pytest.fixture(scope="module")
def recoveries(even: tuple[Grid, npt.NDArray[np.bool_], Volume]) -> list[float]:
    """Mean recovery of contrast in spheres of the NEMA phantom's sizes around the axis of a warm cylinder."""
    grid, body, background = even
    turns = np.arange(len(DIAMETERS)) * np.pi / 3
    centres = [(57 * float(np.cos(turn)), 57 * float(np.sin(turn)), 72.0) for turn in turns]
    shares = [ball(grid, centre, size) for centre, size in zip(centres, DIAMETERS, strict=True)]
    hot = body * 25.0 * (1 + (CONTRAST - 1) * sum(shares))
    found = simulate_spect(hot, body * WATER, grid, Camera(LEHR_GE), Protocol(), None)
    gained = (found.values - background.values) / (25 * PER_CUBE * (CONTRAST - 1))
    inside = [merge(one.astype(np.float32), 2, (0, 2)) / PER_CUBE for one in shares]
    return [float((gained * one).sum() / one.sum()) for one in inside]


def compute_mean_recovery(diameter_mm: float, width_mm: float) -> float:
    """Return the mean of a sphere after a Gaussian blur: two points in it stay together with the chord density."""
    sigma = width_mm / FWHM_PER_SIGMA

    def both(distance: float) -> float:
        overlap = 1 - 1.5 * distance / diameter_mm + 0.5 * (distance / diameter_mm) ** 3
        gaussian = np.exp(-((distance / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi)) ** 3
        return float(4 * np.pi * distance**2 * gaussian * overlap)

    return float(integrate.quad(both, 0, diameter_mm, epsrel=1e-6)[0])


def test_recovery_grows_with_the_sphere(recoveries: list[float]) -> None:
    """As for Gaussians of 9 to 12 mm: the filter alone has 8 mm, the collimator without recovery 10 and more."""
    assert np.all(np.diff(recoveries) > 0)
    for diameter, found in zip(DIAMETERS, recoveries, strict=True):
        assert compute_mean_recovery(diameter, 12) < found < compute_mean_recovery(diameter, 9)


def test_hot_sphere_is_found_where_it_is() -> None:
    """Off all three axes, in an oblong body; slices, rows and columns of the phantom differ in size, and are odd."""
    grid = make_grid(33, 31, 77)
    ((x, y, _),) = positions(grid)
    body = (x / 85) ** 2 + (y / 60) ** 2 < 1
    centre = (41.0, -23.0, 71.0)
    share = ball(grid, centre, 16)
    reports: list[float] = []
    found = simulate_spect(
        body * 1.0 + 200 * share, body * WATER, grid, Camera(LEHR_GE), Protocol(stops=30), None, reports.append
    )
    assert found.grid == merge_grid(split_grid(grid, (1, 2, 1)), 2)
    ((x, y, z),) = positions(found.grid)
    near = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2 < 25**2
    above = np.where(near, found.values - np.median(found.values[near]), 0)
    middle = [float((above * one).sum() / above.sum()) for one in (x, y, z)]
    np.testing.assert_allclose(middle, centre, atol=0.8)
    assert reports == sorted(reports)
    assert reports[-1] == 1.0


def test_same_seed_gives_same_volume() -> None:
    grid = make_grid(12, 20, 40)
    body = cylinder(grid, 40)

    def simulate(seed: int) -> npt.NDArray[Any]:
        short = Protocol(stops=12, iterations=1, subsets=3)
        return simulate_spect(body * 500.0, body * WATER, grid, CAMERA, short, np.random.default_rng(seed)).values

    np.testing.assert_array_equal(simulate(1), simulate(1))
    assert np.abs(simulate(1) - simulate(2)).max() > 0


def test_stored_values_fill_half_of_sixteen_bits() -> None:
    np.testing.assert_array_equal(compute_stored(np.array([-1e-3, 0, 1.5, 3])), [0, 0, 16384, 32767])
    assert compute_stored(np.zeros(3)).dtype == np.uint16


def test_cubes_keep_place_and_sum() -> None:
    """Voxels of 2.4 x 4.8 x 7.2 mm are split into cubes of 2.4 mm, and merged into cubes of 4.8 mm."""
    placed = Placement((10.0, -5.0, 80.0), (1, 0, 0), (0, 1, 0), (0, 0, -2.4))
    grid = Grid((5, 3, 2), (4.8, 7.2), placed)
    factors = find_factors(grid, 2.4)
    assert factors == (1, 2, 3)
    fine = split_grid(grid, factors)
    assert fine.shape == (5, 6, 6)
    np.testing.assert_allclose(fine.position_mm(4, [0, 1], [2, 3]), [[12.4, -6.2, 70.4], [14.8, -3.8, 70.4]])
    values = np.random.default_rng(6).random(grid.shape)
    parts = split(values, factors)
    assert parts[4, 5, 3] == np.float32(values[4, 2, 1])
    coarse = merge_grid(fine, 2)
    assert coarse.shape == merge(parts, 2).shape == (3, 3, 3)
    # The middle of eight cubes, of which the last four are missing.
    np.testing.assert_allclose(coarse.position_mm(0, 0, 0), fine.position_mm(0.5, 0.5, 0.5))
    assert merge(parts, 2)[0, 1, 2] == pytest.approx(parts[:2, 2:4, 4:].sum())
    assert merge(parts, 2).sum() == pytest.approx(values.sum() * 6)
    with pytest.raises(ValueError, match=r"not whole multiples of 2\.4 mm"):
        find_factors(Grid((5, 3, 2), (4.8, 5.0), placed), 2.4)


@pytest.mark.parametrize(
    "wrong",
    [{"stops": 15}, {"subsets": 7}, {"iterations": 0}, {"seconds_per_stop": 0.0}, {"filter_mm": -1.0}],
)
def test_impossible_protocol_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"stops is|subsets of|s at each stop"):
        replace(Protocol(), **wrong)


def test_impossible_bodies_are_refused() -> None:
    grid, random = make_grid(4, 4, 4), np.random.default_rng(1)
    ones = np.ones(grid.shape)
    with pytest.raises(ValueError, match="there is no body"):
        simulate_spect(ones, 0 * ones, grid, CAMERA, Protocol(), random)
    with pytest.raises(ValueError, match="their grid"):
        simulate_spect(ones[1:], ones[1:], grid, CAMERA, Protocol(), random)
    turned = Grid(grid.shape, grid.spacing_mm, Placement((0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 0, 2.4)))
    with pytest.raises(ValueError, match="not those of x and y"):
        simulate_spect(ones, ones, turned, CAMERA, Protocol(), random)
