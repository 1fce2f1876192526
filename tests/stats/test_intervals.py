import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residuum.records.errors import CallError
from residuum.stats.intervals import clopper_pearson, limits_or_none, probability_limits, two_sided_z, wilson

counts = st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


def tail_at_least(count: int, total: int, share: float) -> float:
    """P(X >= count) for a binomial X, in exact arithmetic."""
    p = Fraction(share)
    return float(sum(math.comb(total, k) * p**k * (1 - p) ** (total - k) for k in range(count, total + 1)))


@pytest.mark.unit
@pytest.mark.parametrize("interval", [clopper_pearson, wilson])
def test_nobody_has_no_limits(interval):
    assert interval(0, 0) == (None, None)


@pytest.mark.unit
@pytest.mark.parametrize("interval", [clopper_pearson, wilson])
def test_none_and_all_reach_the_ends(interval):
    assert interval(0, 7)[0] == 0
    assert interval(7, 7)[1] == 1


@pytest.mark.unit
def test_none_of_ten_follows_the_closed_form():
    assert clopper_pearson(0, 10)[1] == pytest.approx(1 - 0.025 ** (1 / 10), rel=1e-14)


@pytest.mark.unit
@pytest.mark.parametrize("interval", [clopper_pearson, wilson])
@pytest.mark.parametrize(("count", "total"), [(-1, 5), (6, 5), (1, 0)])
def test_impossible_counts_are_refused(interval, count, total):
    with pytest.raises(CallError, match=f"count {count} "):
        interval(count, total)


@pytest.mark.unit
@pytest.mark.parametrize("level", [0, 1, 95])
def test_impossible_levels_are_refused(level):
    with pytest.raises(CallError, match=f"level {level} "):
        two_sided_z(level)


@pytest.mark.property
@settings(deadline=None)
@given(counts, levels)
def test_limits_contain_the_proportion(count, level):
    for interval in (clopper_pearson, wilson):
        low, high = interval(*count, level)
        assert 0 <= low <= count[0] / count[1] <= high <= 1


@pytest.mark.property
@settings(deadline=None)
@given(counts, levels)
def test_limits_mirror_when_events_and_non_events_are_exchanged(count, level):
    for interval in (clopper_pearson, wilson):
        low, high = interval(*count, level)
        assert interval(count[1] - count[0], count[1], level) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.property
@settings(deadline=None, max_examples=40)
@given(st.integers(2, 60).flatmap(lambda total: st.tuples(st.integers(1, total - 1), st.just(total))), levels)
def test_exact_limits_invert_the_binomial_tails(count, level):
    low, high = clopper_pearson(*count, level)
    assert tail_at_least(*count, low) == pytest.approx((1 - level) / 2, rel=1e-9)
    assert 1 - tail_at_least(count[0] + 1, count[1], high) == pytest.approx((1 - level) / 2, rel=1e-9)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("transformation", "defined"),
    [("log-log", [False, True, False]), ("log", [False, True, True]), ("plain", [False, True, True])],
)
def test_limits_of_a_curve_are_undefined_at_its_ends(transformation, defined):
    low, high = probability_limits(np.array([0.0, 0.4, 1.0]), np.array([np.nan, 0.3, 0.0]), 0.95, transformation)
    assert np.isfinite(low).tolist() == np.isfinite(high).tolist() == defined
    assert (low[1] >= 0, low[1] < 0.4 < high[1], high[1] <= 1) == (True, True, True)


@pytest.mark.unit
def test_missing_limits_become_none():
    assert limits_or_none(np.nan, 0.5) == (None, 0.5)
    assert limits_or_none(0.5, np.nan) == (0.5, None)
