"""A simulated CT by numbers: tissues, noise, and attenuation that agrees with that of the gamma camera."""

import numpy as np
import pytest

from residuum.synthetic.camera.attenuation import compute_attenuation
from residuum.synthetic.camera.computed_tomography import NOISE_HU, compute_hounsfield
from residuum.synthetic.phantom.organs import ORGANS

pytestmark = pytest.mark.unit

TISSUES = {"outside": -1000, "remainder": 40, "lungs": -750, "liver": 60, "bladder": 5}


def blocks() -> tuple[np.ndarray, np.ndarray]:
    """Return labels of slices that are all of one tissue; the last is bone within soft tissue."""
    organ = np.stack([np.full((64, 64), ORGANS.index(name), np.uint8) for name in (*TISSUES, "remainder")])
    region = np.zeros_like(organ)
    region[-1] = 9
    return region, organ


def test_tissues_have_their_values() -> None:
    found = compute_hounsfield(*blocks(), (2.0, 2.0), None)
    assert found.dtype == np.int16
    assert [one.min() for one in found] == [one.max() for one in found] == [*TISSUES.values(), 450]


def test_noise_has_its_standard_deviation() -> None:
    """In every tissue and whatever the size of pixels, although it is smooth."""
    region, organ = (np.repeat(one, 4, axis=0) for one in blocks())
    for pixel_mm in (0.8, 1.2, 2.4):
        noise = compute_hounsfield(region, organ, (pixel_mm, pixel_mm), np.random.default_rng(1)) - compute_hounsfield(
            region, organ, (pixel_mm, pixel_mm), None
        )
        body = noise[4:]
        assert body.std() == pytest.approx(NOISE_HU, rel=0.04)
        assert abs(body.mean()) < 0.7
        beside = np.corrcoef(body[:, :, 1:].ravel(), body[:, :, :-1].ravel())[0, 1]
        # Of noise blurred by s the correlation at a distance d is exp(-d^2 / 4 s^2).
        assert beside == pytest.approx(np.exp(-((pixel_mm / 1.2) ** 2) / 4), abs=0.05 if pixel_mm < 2 else 0.15)


def test_air_does_not_leave_the_range() -> None:
    noisy = compute_hounsfield(*blocks(), (0.3, 0.3), np.random.default_rng(2))
    assert noisy.min() == -1024


def test_edges_are_where_labels_change() -> None:
    organ = np.ones((1, 8, 64), np.uint8)
    organ[:, :, :32] = 0
    edge = compute_hounsfield(np.zeros_like(organ), organ, (2.4, 2.4), None)[0, 4].astype(float)
    middle = np.interp(-480, edge, np.arange(64))
    assert middle == pytest.approx(31.5, abs=0.01)


def test_agrees_with_the_attenuation_of_the_camera() -> None:
    """A line to water and one beyond it, as CT is turned into attenuation for SPECT: within 6 % of water at 159 keV."""
    region, organ = blocks()
    hounsfield = compute_hounsfield(region, organ, (2.0, 2.0), None)[:, 32, 32].astype(float)
    camera = compute_attenuation(region, organ, 159.0)[:, 32, 32]
    water = 0.01482
    # Above water, calcium raises CT about twice as much as attenuation at 159 keV.
    converted = water * (1 + np.where(hounsfield > 0, 0.8, 1.0) * hounsfield / 1000)
    np.testing.assert_allclose(converted[[0, 1, 2, 3, 4]], camera[[0, 1, 2, 3, 4]], atol=0.06 * water)
    assert converted[-1] == pytest.approx(camera[-1], abs=0.06 * water)


def test_same_seed_gives_same_values() -> None:
    one, again = (compute_hounsfield(*blocks(), (2.0, 2.0), np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, again)


def test_different_shapes_are_refused() -> None:
    region, organ = blocks()
    with pytest.raises(ValueError, match="shapes"):
        compute_hounsfield(region[1:], organ, (2.0, 2.0), None)
