"""First-order shares of variance against functions whose shares are known."""

import numpy as np
import pytest

from residuum.records.errors import CallError
from residuum.trial.planning.variance_shares import binomial_noise, first_order_shares


@pytest.mark.external
def test_ishigami() -> None:
    """S = 0.3139, 0.4424, 0 for a = 7, b = 0.1 (Saltelli A, et al. Global Sensitivity Analysis, 2008)."""
    x = np.random.default_rng(1).uniform(-np.pi, np.pi, (20_000, 3))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = first_order_shares(x, y)
    assert found is not None
    assert found.shares == pytest.approx([0.3139, 0.4424, 0.0], abs=0.015)


@pytest.mark.external
@pytest.mark.parametrize("seed", [2, 3])
def test_linear_model_seen_through_binomial_noise(seed: int) -> None:
    """For p = 0.5 + sum of c x the shares are c^2 / sum c^2; noise must not lower them."""
    generator = np.random.default_rng(seed)
    weights = np.array([0.2, 0.1, 0.05, 0.0])
    x = generator.uniform(-1, 1, (4000, 4))
    p = 0.5 + x @ weights
    successes = generator.binomial(64, p)
    noise = binomial_noise(successes, 64)
    assert noise.mean() == pytest.approx((p * (1 - p)).mean() / 64, rel=0.02)
    found = first_order_shares(x, successes / 64, noise)
    assert found is not None
    assert found.shares == pytest.approx(weights**2 / (weights**2).sum(), abs=0.04)
    assert np.all(np.abs(found.shares - weights**2 / (weights**2).sum()) < 4 * found.errors + 0.005)
    assert found.variance == pytest.approx((weights**2).sum() / 3, rel=0.06)
    blunt = first_order_shares(x, successes / 64)
    assert blunt is not None
    assert blunt.shares[0] < found.shares[0] - 0.02


@pytest.mark.property
def test_inputs_that_do_nothing_have_shares_about_zero_and_the_sum_stays_at_one() -> None:
    totals, idle = [], []
    for seed in range(40):
        generator = np.random.default_rng(seed)
        x = generator.uniform(size=(500, 6))
        y = generator.binomial(256, 0.1 + 0.5 * x[:, 0] + 0.3 * x[:, 1])
        found = first_order_shares(x, y / 256, binomial_noise(y, 256))
        assert found is not None
        totals.append(found.shares.sum())
        idle.append(found.shares[2:].mean())
    assert np.mean(idle) == pytest.approx(0, abs=0.01)
    assert np.mean(totals) == pytest.approx(1, abs=0.03)


@pytest.mark.unit
def test_nothing_is_shared_out_where_there_is_only_noise() -> None:
    generator = np.random.default_rng(5)
    x, y = generator.uniform(size=(500, 2)), generator.binomial(256, 0.03, 500)
    assert first_order_shares(x, y / 256, binomial_noise(y, 256)) is None
    assert first_order_shares(x, np.full(500, 0.5)) is None


@pytest.mark.unit
def test_few_draws_are_refused() -> None:
    with pytest.raises(CallError, match="too few"):
        first_order_shares(np.zeros((10, 1)), np.arange(10.0))
