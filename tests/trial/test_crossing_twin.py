"""Crossing probabilities against simulated Brownian paths: nothing but sums of normal increments."""

import numpy as np
import pytest

from residuum.trial.theory.boundaries import crossing_probabilities

PATHS = 4_000_000
AT_A_TIME = 250_000


def simulate(upper, lower, information, drift, seed):
    """Share of paths that first cross each bound at each look."""
    draw = np.random.default_rng(seed)
    steps = np.diff(information, prepend=0.0)
    above, below = np.zeros(len(information)), np.zeros(len(information))
    for _ in range(PATHS // AT_A_TIME):
        score, going = np.zeros(AT_A_TIME), np.ones(AT_A_TIME, dtype=bool)
        for look, step in enumerate(steps):
            score += drift * step + np.sqrt(step) * draw.standard_normal(AT_A_TIME)
            z = score / np.sqrt(information[look])
            up, down = going & (z > upper[look]), going & (z < lower[look])
            above[look] += up.sum()
            below[look] += down.sum()
            going &= ~(up | down)
    return above / PATHS, below / PATHS


@pytest.mark.twin
@pytest.mark.slow
@pytest.mark.parametrize("drift", [0.0, 1.4, 2.8])
@pytest.mark.parametrize(
    ("upper", "lower", "information"),
    [
        ([3.710303, 2.511427, 1.993048], [-np.inf] * 3, [1 / 3, 2 / 3, 1.0]),
        ([2.2, np.inf, 2.1, 2.0], [-1.0, 0.3, 0.4, 2.0], [0.2, 0.55, 0.6, 1.0]),
    ],
)
def test_crossing_probabilities_are_the_shares_of_simulated_paths(upper, lower, information, drift):
    above, below = simulate(upper, lower, np.array(information), drift, 20_26)
    found = crossing_probabilities(upper, information, drift, lower)
    for ours, share in ((found.upper, above), (found.lower, below)):
        error = np.sqrt(np.maximum(ours * (1 - ours), 1e-6) / PATHS)
        assert np.all(np.abs(ours - share) < 4.5 * error)
