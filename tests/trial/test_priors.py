"""Quantiles of beliefs, and the uniform numbers behind all draws."""

import math

import numpy as np
import pytest

from residuum.records.design import Quantity
from residuum.trial.planning.priors import LOCAL_EFFECT, latin_hypercube, local_effect_from_control, quantile

pytestmark = pytest.mark.unit
EVEN = (np.arange(20_000) + 0.5) / 20_000


def test_pert_has_its_mean_and_stays_within() -> None:
    drawn = quantile(LOCAL_EFFECT, EVEN)
    assert drawn.mean() == pytest.approx((0 + 4 * 0.4 + 0.7) / 6, abs=1e-5)
    assert drawn.min() > 0
    assert drawn.max() < 0.7
    counts, edges = np.histogram(drawn, 35, (0, 0.7))
    assert edges[counts.argmax()] == pytest.approx(0.4, abs=0.021)


def test_uniform_and_log_normal() -> None:
    flat = Quantity(central=0.3, low=0.2, high=0.6, distribution="uniform")
    assert quantile(flat, [0.25, 0.5]) == pytest.approx([0.3, 0.4])
    skewed = Quantity(central=2.0, low=1.0, high=4.0, distribution="log_normal")
    assert quantile(skewed, [0.025, 0.5, 0.975]) == pytest.approx([1, 2, 4])


def test_what_is_known_does_not_vary() -> None:
    assert quantile(Quantity(central=0.4), EVEN[:3]).tolist() == [0.4] * 3


@pytest.mark.parametrize(("without", "effect"), [(0.37, 0.60), (0.50, 0.42), (0.60, 0.22), (0.67, 0.0)])
def test_local_effect_as_tabulated(without: float, effect: float) -> None:
    """67 % 5-year control with irradiation against so much without."""
    assert round(1 - math.log(0.67) / math.log(without), 2) == effect


def test_derived_local_effect_is_never_below_0() -> None:
    drawn = local_effect_from_control(EVEN, EVEN[::-1])
    assert drawn.min() == 0
    assert drawn.max() < 1
    assert float(local_effect_from_control(0.5, 0.5)) == pytest.approx(0.42, abs=0.02)


def test_latin_hypercube_fills_every_stratum_once() -> None:
    uniform = latin_hypercube(np.random.default_rng(7), 500, 3)
    assert np.all(np.sort((uniform * 500).astype(int), axis=0) == np.arange(500)[:, np.newaxis])
    assert np.array_equal(uniform, latin_hypercube(np.random.default_rng(7), 500, 3))
    assert uniform.min() > 0
    assert uniform.max() < 1
