"""Kaplan-Meier and weighted kappa against statsmodels, on random data with ties and rare grades."""

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight, survdiff
from statsmodels.stats.inter_rater import cohens_kappa

from residuum.stats.agreement import weighted_kappa
from residuum.stats.survival import kaplan_meier, log_rank

pytestmark = pytest.mark.external


@pytest.mark.parametrize("seed", range(25))
def test_kaplan_meier_and_log_rank(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 200))
    time, event = rng.integers(0, 40, n), rng.random(n) < rng.uniform(0.2, 0.9)
    event[np.argmax(time)] = False  # the peer's standard error is not defined where survival is 0
    ours, peer = kaplan_meier(time, event), SurvfuncRight(time, event)
    np.testing.assert_array_equal(ours.time_days, peer.surv_times)
    np.testing.assert_array_equal(ours.n_at_risk, peer.n_risk)
    np.testing.assert_array_equal(ours.n_events, peer.n_events)
    np.testing.assert_allclose(ours.survival, peer.surv_prob, rtol=1e-12)
    np.testing.assert_allclose(ours.standard_error[ours.survival > 0], peer.surv_prob_se[ours.survival > 0], rtol=1e-10)
    group = rng.integers(0, 2, n)
    test = log_rank(time, event, group)
    if test.chi_squared is not None:
        chi_squared, p = survdiff(time, event, group)
        np.testing.assert_allclose((test.chi_squared, test.p), (chi_squared, p), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("weights", ["quadratic", "linear"])
def test_weighted_kappa(seed: int, weights: str) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 7, 60)
    second = np.clip(first + rng.integers(-2, 3, 60), 0, 6)
    table = np.zeros((7, 7), dtype=int)
    np.add.at(table, (first, second), 1)
    expected = cohens_kappa(table, wt=weights, return_results=False)
    assert weighted_kappa(first, second, range(7), weights) == pytest.approx(expected, rel=1e-12)
