"""Scatter against a Monte Carlo, penetrating photons against formulas, and the coarse grids on which both are made."""

import math

import monte_carlo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from residuum.synthetic.camera.blurring import BlurredSum, Matrix, coarsen, refine
from residuum.synthetic.camera.collimators import COLLIMATORS, LEHR_SIEMENS, MEGP_GE, Camera, Collimator
from residuum.synthetic.camera.penetration import project_penetration
from residuum.synthetic.camera.projection import project_planar
from residuum.synthetic.camera.scatter import project_scatter

LEHR = Camera(LEHR_SIEMENS)
NARROW_BEAM = 0.014766
"""Attenuation of water at 159 keV, per mm: with coherent scattering."""
PIXEL, STEP = 4.8, 5.0


@pytest.mark.external
def test_the_monte_carlo_s_cross_section_is_that_of_the_tables() -> None:
    # XCOM, water at 150 keV: incoherent 0.1475, photoelectric 2.76e-4 cm2/g; electrons that are bound scatter less.
    assert monte_carlo.compton_per_mm(150.0) * 10 == pytest.approx(0.1475, rel=1e-2)
    assert monte_carlo.photoelectric_per_mm(150.0) * 10 == pytest.approx(2.76e-4)


@pytest.mark.external
def test_the_monte_carlo_draws_angles_as_klein_and_nishina_say() -> None:
    cosines = np.linspace(-1, 1, 20_001)
    density = np.array([monte_carlo.klein_nishina(159.0, one) for one in cosines])
    drawn = np.array([monte_carlo.draw_cosine(159.0) for _ in range(20_000)])
    expected = (density * cosines).sum() / density.sum()
    assert drawn.mean() == pytest.approx(expected, abs=4 * drawn.std() / math.sqrt(len(drawn)))
    # The total cross-section is the integral of the differential one.
    whole = density.mean() * 2 * 2 * math.pi * monte_carlo.ELECTRONS_PER_MM3
    assert monte_carlo.compton_per_mm(159.0) == pytest.approx(whole, rel=1e-3)


def draw_starts(half_x: float, half_y: float, thickness: float, photons: int, seed: int) -> NDArray[np.float64]:
    low, high = np.array([[-half_x, -half_y, 0.0], [half_x, half_y, thickness]])
    return np.random.default_rng(seed).uniform(low, high, (photons, 3))


def make_box(half_x: float, half_y: float, thickness: float) -> NDArray[np.bool_]:
    centres = (np.arange(120) - 59.5) * PIXEL
    plane = (np.abs(centres) < half_y)[:, None] & (np.abs(centres) < half_x)
    return np.repeat(plane[:, None, :], round(thickness / STEP), axis=1)


@pytest.mark.twin
@pytest.mark.parametrize(
    ("body", "source", "thickness"),
    [
        ((math.inf, math.inf), (48.0, 48.0), 130.0),
        ((62.4, math.inf), (62.4, 48.0), 110.0),
        ((33.6, math.inf), (33.6, 48.0), 70.0),
        ((62.4, 62.4), (4.8, 4.8), 110.0),
    ],
    ids=["slab", "trunk", "thigh", "small source"],
)
def test_scatter_agrees_with_the_monte_carlo(
    body: tuple[float, float], source: tuple[float, float], thickness: float
) -> None:
    starts = draw_starts(*source, thickness, 200_000, seed=7)
    expected = monte_carlo.simulate(starts, thickness, body, half_field_mm=60 * PIXEL, pixel_mm=PIXEL, seed=8)
    activity = make_box(*source, thickness).astype(np.float32)
    attenuation = make_box(*body, thickness) * np.float32(NARROW_BEAM)
    arguments = (activity, attenuation, (PIXEL, STEP, PIXEL), 30.0, 30.0, LEHR)
    unscattered, scattered = project_planar(*arguments)[0], project_scatter(*arguments)[0]
    ratio = monte_carlo.compute_ratio(expected, starts[:, 2], NARROW_BEAM)
    assert scattered.sum() / unscattered.sum() == pytest.approx(ratio, rel=0.08)
    # Shares of scatter within bands 19 mm wide across the body.
    found, wanted = (one.sum(axis=0).reshape(-1, 4).sum(axis=1) / one.sum() for one in (scattered, expected.image))
    assert np.abs(found - wanted).max() < 0.05
    assert np.abs(np.cumsum(found) - np.cumsum(wanted)).max() < 0.03


@pytest.mark.unit
@pytest.mark.parametrize("depth", [4, 8, 13])
def test_scatter_spreads_by_the_kernel_of_its_depth(depth: int) -> None:
    activity = np.zeros((161, 16, 161), np.float32)
    activity[80, depth, 80] = 1e6
    attenuation = np.full(activity.shape, NARROW_BEAM, np.float32)
    arguments = (activity, attenuation, (2.4, STEP, 2.4), 30.0, 30.0, LEHR)
    front, _ = project_scatter(*arguments)
    before = (depth + 0.5) * STEP
    narrow, broad = 5.21 * (before / 50) ** 0.815, 19.92 * (before / 50) ** 0.878
    camera = LEHR.compute_resolution(30 + depth * STEP) / math.sqrt(8 * math.log(2))
    # Straight lines between pixels of 4.8 mm widen the image by their own variance, 4.8^2 / 6.
    variance = 0.353 * narrow**2 + 0.647 * broad**2 + camera**2 + 4.8**2 / 6
    places = (np.arange(161) - 80.5) * 2.4
    assert (front.sum(axis=0) * places**2).sum() / front.sum() == pytest.approx(variance, rel=0.03)
    ratio = 5.91e-3 * before - 7.6e-7 * before**2
    assert front.sum() == pytest.approx(ratio * project_planar(*arguments)[0].sum(), rel=2e-3)


@pytest.mark.unit
def test_scatter_seen_from_behind_is_that_of_the_phantom_turned_round() -> None:
    random = np.random.default_rng(5)
    activity = random.random((20, 8, 14)).astype(np.float32)
    attenuation = random.random((20, 8, 14)).astype(np.float32) * np.float32(0.02)
    arguments = ((2.4, 10.0, 2.4), 20.0, 20.0, LEHR)
    for project in (project_planar, project_scatter, project_penetration):
        front, back = project(activity, attenuation, *arguments)
        turned_front, turned_back = project(activity[:, ::-1], attenuation[:, ::-1], *arguments)
        assert turned_back == pytest.approx(front, rel=1e-4)
        assert turned_front == pytest.approx(back, rel=1e-4)


@pytest.mark.unit
def test_no_scatter_without_water_before_the_source_and_none_from_the_air() -> None:
    activity = np.zeros((40, 10, 40), np.float32)
    activity[20, 0, 20] = 1e6
    attenuation = np.zeros_like(activity)
    attenuation[:, 1:, 10:30] = NARROW_BEAM
    front, back = project_scatter(activity, attenuation, (2.4, 10.0, 2.4), 30, 30, LEHR)
    assert front.max() < 1e-6 * back.max()
    # The grid of the layer is two pixels coarse.
    assert not back[:, :8].any()
    assert not back[:, 32:].any()
    assert back[:, 10:30].sum() > 0.95 * back.sum() > 0


@pytest.mark.unit
def test_scatter_is_known_for_one_window_only() -> None:
    volume = np.zeros((2, 2, 2), np.float32)
    with pytest.raises(ValueError, match="window_kev is"):
        project_scatter(volume, volume, (1, 1, 1), 0, 0, Camera(LEHR_SIEMENS, window_kev=(126, 154)))


@pytest.mark.external
@pytest.mark.parametrize("collimator", COLLIMATORS, ids=lambda one: one.name)
def test_penetrating_counts_and_their_width(collimator: Collimator) -> None:
    camera = Camera(collimator)
    activity = np.zeros((16, 12, 16), np.float32)
    activity[8, 4, 8] = 1e9
    attenuation = np.full(activity.shape, NARROW_BEAM, np.float32)
    matrix = Matrix((700, 700), (340, 340))
    front, back = project_penetration(activity, attenuation, (2.4, 10, 2.4), 30, 50, camera, matrix)
    for view, before, gap in ((front, 45, 70), (back, 75, 120)):
        # NIST, water at 529 keV: 0.009454 per mm.
        assert view.sum() == pytest.approx(
            1e9 * 0.026 * camera.collimator.penetration * math.exp(-0.009454 * before), rel=2e-3
        )
        # Column 8 lies in the coarse one of columns 8 to 15.
        places = (np.arange(700) - 340 - 11.5) * 2.4
        mean = (view.sum(axis=0) * places).sum() / view.sum()
        sigma = math.sqrt((view.sum(axis=0) * (places - mean) ** 2).sum() / view.sum())
        # Straight lines between pixels of 19.2 mm widen the haze a little.
        expected = math.hypot(
            (gap + camera.collimator.length_mm) * camera.collimator.penetration_slope, 19.2 / math.sqrt(6)
        )
        assert sigma == pytest.approx(expected, rel=0.02)
        assert mean == pytest.approx(0, abs=0.05)


@pytest.mark.unit
def test_shares_of_the_layers_in_a_child_s_trunk() -> None:
    # Trunk of a child of five years: 230 mm wide, 150 mm thick, uniform activity.
    centres = (np.arange(60) - 29.5) * 4.0
    depths = (np.arange(30) - 14.5) * 5.0
    trunk = (centres[None, None, :] / 115) ** 2 + (depths[None, :, None] / 75) ** 2 <= 1
    activity = np.repeat(trunk, 100, axis=0).astype(np.float32)
    shares = {}
    for collimator in (LEHR_SIEMENS, MEGP_GE):
        layers = [
            project(activity, activity * np.float32(NARROW_BEAM), (4.0, 5.0, 4.0), 30, 30, Camera(collimator))[0].sum()
            for project in (project_planar, project_scatter, project_penetration)
        ]
        shares[collimator.name] = np.array(layers) / sum(layers)
    unscattered, scatter, haze = shares[LEHR_SIEMENS.name]
    assert 0.15 < scatter / (unscattered + scatter) < 0.35
    assert 0.18 < haze < 0.28
    _, scatter, haze = shares[MEGP_GE.name]
    assert 0.15 < scatter < 0.35
    assert haze < 0.01


@pytest.mark.property
@settings(max_examples=25)
@given(
    shape=st.tuples(st.integers(1, 13), st.integers(1, 3), st.integers(1, 13)),
    factor=st.integers(1, 8),
    seed=st.integers(0, 2**32 - 1),
)
def test_coarse_grids_keep_counts_and_places(shape: tuple[int, int, int], factor: int, seed: int) -> None:
    volume = np.random.default_rng(seed).random(shape).astype(np.float32)
    coarse = coarsen(volume, factor)
    assert coarse.shape == (-(-shape[0] // factor), shape[1], -(-shape[2] // factor))
    assert coarse.sum(axis=(0, 2)) == pytest.approx(volume.sum(axis=(0, 2)), rel=1e-4)
    assert coarse[0, 0, 0] == pytest.approx(volume[:factor, 0, :factor].sum(), rel=1e-4)
    fine = refine(coarse.sum(axis=1), factor, (0, 0), Matrix((60, 70), (20, 25)))
    assert fine.sum() == pytest.approx(volume.sum(), rel=1e-4)
    rows, columns = np.arange(60) - 20, np.arange(70) - 25
    centres = [(np.arange(n) + 0.5) * factor - 0.5 for n in (coarse.shape[0], coarse.shape[2])]
    plane = coarse.sum(axis=1)
    assert (fine.sum(axis=1) * rows).sum() == pytest.approx((plane.sum(axis=1) * centres[0]).sum(), rel=1e-3, abs=1e-2)
    assert (fine.sum(axis=0) * columns).sum() == pytest.approx(
        (plane.sum(axis=0) * centres[1]).sum(), rel=1e-3, abs=1e-2
    )


@pytest.mark.unit
def test_a_linear_slope_stays_one_on_the_fine_grid() -> None:
    coarse = np.add.outer(np.arange(6), 2 * np.arange(5)).astype(np.float32)
    fine = refine(coarse, 2, (0, 0), Matrix((12, 10)))
    rows, columns = np.ogrid[:12, :10]
    expected = ((rows - 0.5) / 2 + 2 * (columns - 0.5) / 2) / 4
    assert fine[1:-1, 1:-1] == pytest.approx(expected[1:-1, 1:-1], abs=1e-5)


@pytest.mark.unit
def test_planes_add_up_with_their_weights_and_widths() -> None:
    plane = np.zeros((9, 11), np.float32)
    plane[4, 5] = 1
    total = BlurredSum((9, 11), (2.0, 3.0), 4.0)
    spectrum = total.transform(plane)
    total.add(spectrum, 2.5, 0.25)
    total.add(spectrum, 4.0, 0.75)
    image = total.compute_image()
    assert image.shape == (9 + 2 * total.margin[0], 11 + 2 * total.margin[1])
    row, column = np.array([4, 5]) + total.margin
    expected = sum(
        weight * math.exp(-((2.0 / sigma) ** 2 + (3.0 / sigma) ** 2) / 2) * 6 / (2 * math.pi * sigma**2)
        for weight, sigma in ((0.25, 2.5), (0.75, 4.0))
    )
    assert image[row + 1, column - 1] == pytest.approx(expected, rel=1e-3)
    assert image.sum() == pytest.approx(1, rel=1e-4)
