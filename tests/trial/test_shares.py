"""Posterior of f: small numbers as printed, bounds in order, unknown places."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.trial.planning.priors import latin_hypercube
from residuum.trial.planning.shares import PRIORS, FirstEvents, derive_share_posterior

counts = st.integers(0, 30)


@pytest.mark.external
@pytest.mark.parametrize(
    ("target", "median", "low", "high"), [(1, "0.06", "0.006", "0.22"), (3, "0.16", "0.05", "0.36")]
)
def test_small_numbers_as_printed(target: int, median: str, low: str, high: str) -> None:
    """Of 19 first events: Jeffreys' prior, median and equal-tailed interval."""
    found = derive_share_posterior(FirstEvents(target, 19 - target, 0, 0)).summary()
    printed = (median, low, high)
    assert tuple(f"{value:.{len(text) - 2}f}" for value, text in zip(found, printed, strict=True)) == printed


@pytest.mark.property
@given(target=counts, both=counts, elsewhere=counts, other=counts, unknown=counts, prior=st.sampled_from([*PRIORS]))
def test_exclusive_is_below_inclusive_draw_by_draw(
    target: int, both: int, elsewhere: int, other: int, unknown: int, prior: str
) -> None:
    uniform = latin_hypercube(np.random.default_rng(0), 200, 2)
    exclusive, inclusive = (
        derive_share_posterior(FirstEvents(at, rest, other, unknown), PRIORS[prior])
        for at, rest in ((target, both + elsewhere), (target + both, elsewhere))
    )
    (low, low_rest), (high, high_rest) = exclusive.draw(uniform), inclusive.draw(uniform)
    assert np.all(low <= high + 1e-12)
    assert np.all((low >= 0) & (high_rest >= 0) & (high + high_rest <= 1 + 1e-12) & (low + low_rest <= 1 + 1e-12))
    assert exclusive.quantile(0.5) <= inclusive.quantile(0.5) + 1e-6


@pytest.mark.property
@given(target=counts, elsewhere=counts, other=counts, unknown=st.integers(1, 20))
def test_missing_at_random_lies_between_the_extremes(target: int, elsewhere: int, other: int, unknown: int) -> None:
    events = FirstEvents(target, elsewhere, other, unknown)
    least, random, most = (
        derive_share_posterior(one).quantile(0.5) for one in (events.as_elsewhere(), events, events.as_target())
    )
    assert least - 1e-6 <= random <= most + 1e-6


@pytest.mark.unit
def test_unknown_places_against_the_grid() -> None:
    """The Dirichlet posterior with u events known only to be progressions, summed over a fine grid of its simplex."""
    events, (prior, rest) = FirstEvents(2, 5, 3, 4), PRIORS["flat"]
    share = (np.arange(1, 1200) / 1200)[:, np.newaxis]
    elsewhere = (np.arange(1, 1200) / 1200)[np.newaxis, :]
    other = 1 - share - elsewhere
    inside = other > 1e-9
    other = np.where(inside, other, 1.0)
    weight = share ** (events.target + prior - 1) * elsewhere ** (events.elsewhere + rest / 2 - 1)
    weight = weight * other ** (events.other + rest / 2 - 1) * (share + elsewhere) ** events.unknown * inside
    cumulative = np.cumsum(weight.sum(axis=1)) / weight.sum()
    posterior = derive_share_posterior(events, PRIORS["flat"])
    for probability in (0.025, 0.5, 0.975):
        assert posterior.quantile(probability) == pytest.approx(
            np.interp(probability, cumulative, share[:, 0]), abs=2e-3
        )


@pytest.mark.unit
@pytest.mark.parametrize("unknown", [0, 4])
def test_density_and_draws_follow_the_quantiles(unknown: int) -> None:
    posterior = derive_share_posterior(FirstEvents(3, 6, 1, unknown))
    share = (np.arange(4000) + 0.5) / 4000
    density = posterior.density(share)
    assert density.mean() == pytest.approx(1, abs=1e-4)
    assert np.interp(0.5, np.cumsum(density) / 4000, share) == pytest.approx(posterior.quantile(0.5), abs=5e-4)
    drawn = posterior.draw(latin_hypercube(np.random.default_rng(1), 100_000, 2))[0]
    assert np.quantile(drawn, (0.5, 0.025, 0.975)) == pytest.approx(posterior.summary(), abs=3e-3)
