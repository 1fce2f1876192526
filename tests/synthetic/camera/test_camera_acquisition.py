"""Stored views: counts and noise, scale, sides, place in the matrix, motion."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from residuum.synthetic.camera.blurring import Matrix
from residuum.synthetic.camera.collimators import LEHR_SIEMENS, Camera
from residuum.synthetic.camera.planar import Acquisition, Motion, acquire, compute_rates
from residuum.synthetic.camera.projection import project_planar
from residuum.volumes.planar import PlanarView, compute_geometric_mean

LEHR = Camera(LEHR_SIEMENS)
SPACING = (2.4, 4.8, 2.4)


def make_phantom(places: dict[tuple[int, int, int], float], shape: tuple[int, int, int]) -> list[NDArray[np.float32]]:
    activity = np.zeros(shape, np.float32)
    for place, value in places.items():
        activity[place] = value
    return [activity, np.full(shape, 0.0148, np.float32)]


def acquire_quietly(phantom: list[NDArray[np.float32]], offset: tuple[int, int] = (100, 90), **options: Any) -> Any:
    acquisition = Acquisition(**({"noise": False} | options))
    return acquire(*phantom, SPACING, (30, 30), LEHR, acquisition, offset, np.random.default_rng(1))


@pytest.mark.unit
def test_each_row_is_seen_for_eight_minutes_at_five_centimetres_a_minute() -> None:
    assert Acquisition().dwell_s == pytest.approx(480)
    assert Acquisition(speed_cm_per_min=10, field_mm=500).dwell_s == pytest.approx(300)


@pytest.mark.unit
@pytest.mark.parametrize("options", [{"speed_cm_per_min": 0}, {"field_mm": -1}, {"field_mm": float("inf")}])
def test_impossible_acquisitions_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="cm/min"):
        Acquisition(**options)  # type: ignore[arg-type]


@pytest.mark.unit
def test_views_hold_all_layers_for_the_time_of_a_row() -> None:
    phantom = make_phantom({(10, 8, 12): 2e6, (30, 2, 20): 1e6}, (40, 12, 40))
    rates = compute_rates(*phantom, SPACING, 30, 30, LEHR)
    stored = acquire_quietly(phantom)
    for view, rate, across in zip(stored, rates, (slice(90, 130), slice(256 - 130, 256 - 90)), strict=True):
        assert view.shape == (1024, 256)
        assert view.dtype == np.uint16
        inner = view[100:140, across]
        expected = rate if across.start == 90 else rate[:, ::-1]
        assert inner == pytest.approx(expected * 480, abs=0.51)
    assert rates[0].sum() > project_planar(*phantom, SPACING, 30, 30, LEHR)[0].sum()


@pytest.mark.unit
def test_the_posterior_view_is_stored_as_seen_from_the_back() -> None:
    # A marker on the left (high columns) in front near the head, one on the right behind near the feet.
    phantom = make_phantom({(10, 1, 50): 5e6, (70, 18, 12): 5e6}, (80, 20, 60))
    anterior, posterior = acquire_quietly(phantom, (200, 100))
    assert np.unravel_index(anterior.argmax(), anterior.shape) == (210, 150)
    assert np.unravel_index(posterior.argmax(), posterior.shape) == (270, 255 - 112)
    views = (
        PlanarView(anterior, (2.4, 2.4), "anterior", "right"),
        PlanarView(posterior, (2.4, 2.4), "posterior", "left"),
    )
    assert views[0].patient_side(150 * 2.4, 130 * 2.4) == "left"
    assert views[1].patient_side((255 - 112) * 2.4, (255 - 130) * 2.4) == "right"
    mean = compute_geometric_mean(*views).counts
    for row, column in ((210, 150), (270, 112)):
        near = mean[row - 5 : row + 6, column - 5 : column + 6]
        assert np.unravel_index(near.argmax(), near.shape) == (5, 5)


@pytest.mark.property
def test_noise_is_poisson() -> None:
    phantom = make_phantom({(4, 2, 4): 3e5, (8, 1, 10): 8e4}, (12, 4, 14))
    expected = [one[96:116, 86:110].astype(float) * 480 for one in compute_rates_in_matrix(phantom)]
    random = np.random.default_rng(20)
    drawn = []
    for _ in range(40):
        front, back = acquire(*phantom, SPACING, (30, 30), LEHR, Acquisition(), (100, 90), random)
        drawn.append((front[96:116, 86:110], back[:, ::-1][96:116, 86:110]))
    for view, mean in enumerate(expected):
        counts = np.array([one[view] for one in drawn], float)
        used = mean > 0.5
        # Sum of squares over the true mean: chi-square with as many degrees of freedom as there are draws.
        chi_square = float(((counts - mean) ** 2 / mean)[:, used].sum())
        freedom = len(drawn) * int(used.sum())
        # Poisson counts have a fourth moment of 3 m^2 + m: the variance of a term is 2 + 1 / m.
        spread = np.sqrt(len(drawn) * (2 + 1 / mean[used]).sum())
        assert abs(chi_square - freedom) < 4 * spread
        total = counts.sum()
        assert abs(total - len(drawn) * mean.sum()) < 4 * np.sqrt(total)
    pairs = np.array([[one[0].sum(), one[1].sum()] for one in drawn], float)
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.5


def compute_rates_in_matrix(phantom: list[NDArray[np.float32]]) -> Any:
    return compute_rates(*phantom, SPACING, 30, 30, LEHR, Matrix((1024, 256), (100, 90)))


@pytest.mark.unit
def test_the_same_seed_gives_the_same_counts() -> None:
    phantom = make_phantom({(4, 2, 4): 3e5}, (12, 4, 14))
    first, again, other = (
        acquire(*phantom, SPACING, (30, 30), LEHR, Acquisition(), (100, 90), np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not any(np.array_equal(*pair) for pair in zip(first, other, strict=True))


@pytest.mark.external
def test_a_child_of_20_kg_gives_the_counts_of_a_real_scan() -> None:
    # 104 MBq, half of it left in the body after 24 h: 15 MBq; a trunk, a head and legs of water, 20 kg.
    slices = np.arange(460)[:, None, None]
    depths = ((np.arange(32) - 15.5) * 4.8)[None, :, None]
    columns = ((np.arange(100) - 49.5) * 2.4)[None, None, :]
    half_width = np.select([slices < 80, slices < 95, slices < 265], [70, 38, 112], 0)
    half_depth = np.select([slices < 80, slices < 95, slices < 265], [80, 38, 73], 1)
    body = (columns / np.maximum(half_width, 1)) ** 2 + (depths / half_depth) ** 2 <= 1
    body |= (slices >= 265) & ((np.abs(columns) - 50) ** 2 + depths**2 <= 43**2)
    assert body.sum() * 2.4 * 2.4 * 4.8 / 1e6 == pytest.approx(20, abs=2)
    activity = body.astype(np.float32) * np.float32(15e6 / body.sum())
    attenuation = body * np.float32(0.0148)
    unscattered = project_planar(activity, attenuation, SPACING, 30, 30, LEHR)[0].sum()
    assert unscattered == pytest.approx(670, rel=0.25)
    views = acquire(activity, attenuation, SPACING, (30, 30), LEHR, Acquisition(), (100, 70), np.random.default_rng(1))
    for view in views:
        assert 1.5e5 < view.sum() < 6e5


@pytest.mark.unit
@pytest.mark.parametrize("offset", [(-1, 90), (1024 - 12, 90), (100, -5), (100, 256 - 9)])
def test_a_body_that_does_not_fit_is_refused(offset: tuple[int, int]) -> None:
    phantom = make_phantom({(0, 1, 4): 1e5, (12, 1, 9): 1e5}, (13, 3, 14))
    with pytest.raises(ValueError, match="offset is"):
        acquire_quietly(phantom, offset)


@pytest.mark.unit
def test_empty_borders_of_the_grid_may_lie_beyond_the_matrix() -> None:
    phantom = make_phantom({(6, 1, 7): 1e6}, (13, 3, 14))
    inside = acquire_quietly(phantom, (500, 120))[0]
    beyond = acquire_quietly(phantom, (-6, 120))[0]
    assert beyond[:20].astype(float) == pytest.approx(inside[506:526].astype(float), abs=1)


@pytest.mark.unit
def test_more_counts_than_can_be_stored_are_refused() -> None:
    with pytest.raises(ValueError, match="65535"):
        acquire_quietly(make_phantom({(6, 1, 7): 1e10}, (13, 3, 14)))


@pytest.mark.unit
def test_voxels_must_have_the_size_of_pixels() -> None:
    with pytest.raises(ValueError, match="spacing_mm is"):
        acquire(
            *make_phantom({}, (3, 3, 3)),
            (2.4, 4.8, 2.5),
            (30, 30),
            LEHR,
            Acquisition(),
            (0, 0),
            np.random.default_rng(1),
        )


def find_centre(view: NDArray[np.uint16], rows: slice) -> tuple[float, float]:
    """Mean row and column of the counts of a point within some rows."""
    counts = view[rows].astype(float)
    counts[counts < counts.max() / 5] = 0
    row, column = np.indices(counts.shape)
    return rows.start + (row * counts).sum() / counts.sum(), (column * counts).sum() / counts.sum()


@pytest.mark.unit
def test_a_patient_who_moves_is_shifted_in_the_rows_to_come() -> None:
    # Points at rows 100, 300 and 500; the camera's middle is at row 300 when the patient moves 12 mm and 7.2 mm.
    phantom = make_phantom({(0, 1, 20): 2e6, (200, 1, 20): 2e6, (400, 1, 20): 2e6}, (401, 3, 40))
    motion = (Motion(300, (12.0, 7.2)),)
    anterior, posterior = acquire_quietly(phantom, (100, 90), motion=motion)
    still = acquire_quietly(phantom, (100, 90))[0]
    assert find_centre(anterior, slice(80, 120)) == pytest.approx(find_centre(still, slice(80, 120)), abs=0.01)
    assert find_centre(anterior, slice(480, 520)) == pytest.approx((503, 115), abs=0.1)
    # Seen from the back, a shift to the left goes to the left of the image.
    assert find_centre(posterior, slice(480, 520)) == pytest.approx((503, 255 - 115), abs=0.1)
    # In the middle of the field half of the time is spent before and half after.
    first, second = anterior[300, 110].astype(float), anterior[303, 115].astype(float)
    assert first / still[300, 110] == pytest.approx(0.5, abs=0.03)
    assert second / still[300, 110] == pytest.approx(0.5, abs=0.03)
    assert anterior.sum() == pytest.approx(float(still.sum()), rel=0.02)
