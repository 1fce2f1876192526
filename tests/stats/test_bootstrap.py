import tracemalloc
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residuum.records.errors import CallError
from residuum.stats import bootstrap
from residuum.stats.bootstrap import cluster_bootstrap

patients = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=20).map(
    lambda rows: tuple(map(list, zip(*rows, strict=True)))
)


@pytest.mark.unit
def test_the_same_seed_gives_the_same_interval():
    failed, sites = [1, 0, 2, 3, 0], [4, 1, 3, 3, 2]
    first = cluster_bootstrap(failed, sites, 500, 7)
    assert first == cluster_bootstrap(failed, sites, 500, np.random.default_rng(7))
    assert first != cluster_bootstrap(failed, sites, 500, 8)
    assert (first.n, first.value, first.replicates, first.undefined) == (5, 6 / 13, 500, 0)


@pytest.mark.unit
def test_memory_in_chunks_does_not_change_the_draws(monkeypatch):
    failed, sites = [1, 0, 2, 3, 0], [4, 1, 3, 3, 2]
    whole = cluster_bootstrap(failed, sites, 500, 7)
    monkeypatch.setattr(bootstrap, "DRAWS_AT_A_TIME", 12)
    assert cluster_bootstrap(failed, sites, 500, 7) == whole


@pytest.mark.unit
def test_many_patients_stay_within_memory():
    numerator, denominator = np.arange(4000), np.ones(4000)
    tracemalloc.start()
    result = cluster_bootstrap(numerator, denominator, 2000, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 2**20
    # The mean of 0..3999 has a standard error of 18.26.
    assert (result.high - result.low) / (2 * 1.96 * 18.26) == pytest.approx(1, abs=0.1)


@pytest.mark.unit
def test_patients_without_sites_leave_replicates_undefined():
    assert cluster_bootstrap([0, 0], [0, 0], 10, 1).undefined == 10
    assert cluster_bootstrap([], [], 10, 1).value is None
    some = cluster_bootstrap([0, 1], [0, 2], 4000, 1)
    assert some.undefined / 4000 == pytest.approx(1 / 4, abs=0.03)
    assert (some.value, some.low, some.high) == (0.5, 0.5, 0.5)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("numerator", "denominator", "replicates", "complaint"),
    [
        ([1, 2], [1], 10, "differ"),
        ([1, np.nan], [1, 1], 10, "missing"),
        ([1, 2], [1, -1], 10, "below 0"),
        ([1, 2], [1, 1], 0, "replicates 0"),
    ],
)
def test_unusable_calls_are_refused(numerator, denominator, replicates, complaint):
    with pytest.raises(CallError, match=complaint):
        cluster_bootstrap(numerator, denominator, replicates, 1)


@pytest.mark.property
@settings(deadline=None, max_examples=30)
@given(patients)
def test_limits_lie_among_the_patients(rows):
    ratios = np.divide(*rows)
    result = cluster_bootstrap(*rows, 200, 3)
    assert ratios.min() - 1e-12 <= result.low <= result.high <= ratios.max() + 1e-12


@pytest.mark.twin
def test_limits_agree_with_all_samples_enumerated():
    failed, sites = np.array([1, 0, 2, 3, 0]), np.array([4, 1, 3, 3, 2])
    every = [failed[list(draw)].sum() / sites[list(draw)].sum() for draw in product(range(5), repeat=5)]
    result = cluster_bootstrap(failed, sites, 20_000, 5, level=0.8)
    assert (result.low, result.high) == pytest.approx(np.quantile(every, (0.1, 0.9)), abs=0.02)
