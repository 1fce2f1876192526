"""Upper grey levels follow the body, neither what is hottest in it nor how much air is around it."""

import numpy as np
import pytest

from residuum.volumes.levels import compute_levels

pytestmark = pytest.mark.property


def body(rng: np.random.Generator, hot: float = 20.0, air: int = 0) -> np.ndarray:
    counts = np.zeros((200, 80))
    counts[20:180, 20:60] = 20
    counts[60:75, 25:40] = 20 * hot
    return np.pad(rng.poisson(counts), air)


def test_levels_rise_and_most_of_them_lie_below_what_is_hot() -> None:
    levels = compute_levels(body(np.random.default_rng(1)))
    assert list(levels) == sorted(set(levels))
    assert levels[1] < 60 < levels[-1]


def test_a_hotter_liver_and_more_air_change_the_low_levels_little() -> None:
    plain = compute_levels(body(np.random.default_rng(2)))
    hotter = compute_levels(body(np.random.default_rng(2), hot=100))
    wider = compute_levels(body(np.random.default_rng(2), air=100))
    assert hotter[1] == pytest.approx(plain[1], rel=0.15)
    assert wider[1] == pytest.approx(plain[1], rel=0.15)


@pytest.mark.parametrize("counts", [np.zeros((30, 20)), np.ones((1, 1)), np.full((3, 2), 7)])
def test_images_without_a_body_have_levels(counts: np.ndarray) -> None:
    levels = compute_levels(counts)
    assert all(np.isfinite(levels))
    assert list(levels) == sorted(set(levels))


def test_levels_follow_the_scale_of_the_counts() -> None:
    counts = body(np.random.default_rng(3)).astype(float)
    assert np.array(compute_levels(0.001 * counts)) == pytest.approx(0.001 * np.array(compute_levels(counts)), rel=0.02)
