import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from residuum.records.errors import CallError
from residuum.trial.theory import recursion
from residuum.trial.theory.boundaries import (
    OBRIEN_FLEMING,
    POCOCK,
    crossing_probabilities,
    futility_bounds,
    spending_bounds,
    wang_tsiatis_bounds,
)
from residuum.trial.theory.drift import fixed_drift, futility_drift, inflation_factor, power_drift
from residuum.trial.theory.spending import hwang_shih_decani_spending, obrien_fleming_spending, pocock_spending

THIRDS = np.array([1, 2, 3]) / 3
looks = st.lists(st.integers(1, 12), min_size=1, max_size=5).map(lambda steps: np.cumsum(steps) / np.sum(steps))
spendings = st.sampled_from([obrien_fleming_spending, pocock_spending])
alphas = st.sampled_from([0.005, 0.025, 0.1])


@pytest.mark.unit
@pytest.mark.parametrize("drift", [-1.0, 0.0, 2.8])
def test_one_look_is_a_normal_tail(drift):
    crossing = crossing_probabilities([1.96], [4.0], drift, [0.5])
    assert crossing.upper[0] == pytest.approx(ndtr(2 * drift - 1.96), rel=1e-12)
    assert crossing.lower[0] == pytest.approx(ndtr(0.5 - 2 * drift), rel=1e-12)
    assert crossing.expected_information == 4


@pytest.mark.unit
def test_a_look_without_bounds_changes_nothing():
    seen = crossing_probabilities([np.inf, 2.0], [0.5, 1.0], 2.5)
    assert seen.upper == pytest.approx([0, ndtr(0.5)], abs=1e-7)


@pytest.mark.unit
def test_bounds_that_meet_end_the_trial():
    ended = crossing_probabilities([1.0, 2.0], [0.5, 1.0], 1.0, [1.0, 0.0])
    assert ended.upper[0] + ended.lower[0] == pytest.approx(1)
    assert (ended.upper[1], ended.lower[1], ended.expected_information) == (0, 0, pytest.approx(0.5))


@pytest.mark.property
@settings(deadline=None, max_examples=25)
@given(looks, spendings, alphas)
def test_what_is_spent_is_crossed(information, spending, alpha):
    spent = spending(information, alpha)
    bounds = spending_bounds(information, spent)
    assert crossing_probabilities(bounds, information).power == pytest.approx(spent, abs=1e-9)


@pytest.mark.property
@settings(deadline=None, max_examples=20)
@given(looks, alphas, st.floats(-0.5, 0.5))
def test_the_wang_tsiatis_family_spends_alpha_and_falls(information, alpha, shape):
    bounds = wang_tsiatis_bounds(information, alpha, shape)
    assert crossing_probabilities(bounds, information).power[-1] == pytest.approx(alpha, abs=1e-9)
    assert np.all(np.diff(bounds) <= 0)
    assert bounds[-1] >= -ndtri(alpha) - 1e-9


@pytest.mark.property
@settings(deadline=None, max_examples=8)
@given(st.integers(1, 4), alphas)
def test_more_looks_need_a_higher_last_bound(count, alpha):
    for shape in (OBRIEN_FLEMING, POCOCK):
        fewer, more = (wang_tsiatis_bounds(np.arange(1, k + 1), alpha, shape)[-1] for k in (count, count + 1))
        assert more > fewer


@pytest.mark.property
@settings(deadline=None, max_examples=25)
@given(looks, spendings, st.floats(-1, 4), st.floats(0.05, 1))
def test_power_rises_with_the_drift(information, spending, drift, step):
    bounds = spending_bounds(information, spending(information, 0.025))
    weak, strong = (crossing_probabilities(bounds, information, d).power for d in (drift, drift + step))
    assert np.all(strong > weak)


@pytest.mark.property
@settings(deadline=None, max_examples=25)
@given(looks, st.floats(-3, 3), st.floats(0, 3), st.floats(0, 3))
def test_turned_round_the_bounds_change_places(information, drift, upper, lower):
    tops, bottoms = np.full(information.size, upper), np.full(information.size, -lower)
    one = crossing_probabilities(tops, information, drift, bottoms)
    other = crossing_probabilities(-bottoms, information, -drift, -tops)
    assert one.upper == pytest.approx(other.lower, abs=1e-12)
    assert one.lower == pytest.approx(other.upper, abs=1e-12)


@pytest.mark.property
@settings(deadline=None, max_examples=8)
@given(looks, st.floats(0.5, 500))
def test_the_unit_of_information_does_not_matter(information, unit):
    bounds = wang_tsiatis_bounds(information, 0.025, OBRIEN_FLEMING)
    assert wang_tsiatis_bounds(unit * information, 0.025, OBRIEN_FLEMING) == pytest.approx(bounds, abs=1e-8)
    shares = crossing_probabilities(bounds, information, 2.5)
    scaled = crossing_probabilities(bounds, unit * information, 2.5 / np.sqrt(unit))
    assert scaled.upper == pytest.approx(shares.upper, abs=1e-9)


@pytest.mark.property
@settings(deadline=None, max_examples=10)
@given(looks, st.sampled_from([-4.0, -2.0, 1.0]), st.sampled_from([0.1, 0.2]))
def test_futility_spends_beta_and_does_not_bind(information, gamma, beta):
    upper = spending_bounds(information, obrien_fleming_spending(information, 0.025))
    spent = hwang_shih_decani_spending(information, beta, gamma)
    drift = futility_drift(upper, information, spent)
    lower = futility_bounds(upper, information, spent, drift)
    kept = crossing_probabilities(upper, information, drift, lower)
    assert np.cumsum(kept.lower) == pytest.approx(spent, abs=1e-7)
    assert kept.power[-1] == pytest.approx(1 - beta, abs=1e-7)
    assert lower[-1] == pytest.approx(upper[-1], abs=1e-6)
    assert crossing_probabilities(upper, information, 0.0, lower).power[-1] <= 0.025 + 1e-9


@pytest.mark.unit
def test_futility_never_lies_above_efficacy():
    upper = spending_bounds(THIRDS, pocock_spending(THIRDS, 0.025))
    lower = futility_bounds(upper, THIRDS, [0.1, 0.15, 0.2], 8.0)
    assert lower.tolist() == upper.tolist()


@pytest.mark.unit
def test_nothing_spent_is_no_bound():
    assert spending_bounds(THIRDS, [0, 0.01, 0.01]).tolist() == [np.inf, pytest.approx(-ndtri(0.01)), np.inf]
    lower = futility_bounds([np.inf, np.inf, 2.0], THIRDS, [0, 0, 0.1], 3.0)
    assert lower[:2].tolist() == [-np.inf, -np.inf]


@pytest.mark.property
@settings(deadline=None, max_examples=20)
@given(looks, st.sampled_from([0.5, 0.8, 0.95]))
def test_the_drift_gives_the_power_and_costs_information(information, power):
    bounds = wang_tsiatis_bounds(information, 0.025, POCOCK)
    drift = power_drift(bounds, information, power)
    assert crossing_probabilities(bounds, information, drift).power[-1] == pytest.approx(power, abs=1e-9)
    assert inflation_factor(information[-1], drift, 0.025, power) >= 1 - 1e-8


@pytest.mark.unit
@pytest.mark.parametrize("step", [0.1, 0.01, 0.001])
def test_a_finer_grid_gives_the_same(monkeypatch, step):
    information = np.array([0.5, 0.5 / (1 - step), 1.0])
    found = crossing_probabilities([2.2, 2.1, 2.05], information, 2.5).upper
    monkeypatch.setattr(recursion, "GRID_FINENESS", 256)
    exact = crossing_probabilities([2.2, 2.1, 2.05], information, 2.5).upper
    assert found == pytest.approx(exact, abs=1e-7 if step == 0.1 else 2e-5)


@pytest.mark.unit
@pytest.mark.parametrize("information", [[], [0, 1], [1, 1], [1, 0.5], [1, 1.0005], [np.nan], [1, np.inf], [[1, 2]]])
def test_information_that_does_not_ascend_is_refused(information):
    with pytest.raises(CallError, match="ascending"):
        wang_tsiatis_bounds(information, 0.025, POCOCK)


@pytest.mark.unit
@pytest.mark.parametrize("upper", [[2.0], [2.0, np.nan], [2.0, -1.0]])
def test_bounds_that_do_not_fit_are_refused(upper):
    with pytest.raises(CallError, match="one bound per look"):
        crossing_probabilities(upper, [0.5, 1.0], 0.0, [0.0, 0.0])


@pytest.mark.unit
@pytest.mark.parametrize("spent", [[0.01], [0.02, 0.01], [-0.1, 0.1], [0.5, 1.0], [np.nan, 0.1]])
def test_spending_that_falls_is_refused(spent):
    with pytest.raises(CallError, match="none falling"):
        spending_bounds([0.5, 1.0], spent)
    with pytest.raises(CallError, match="none falling"):
        futility_bounds([3.0, 2.0], [0.5, 1.0], spent, 3.0)


@pytest.mark.unit
@pytest.mark.parametrize(("alpha", "shape"), [(0, 0), (0.5, 0), (0.025, 0.6)])
def test_other_families_are_refused(alpha, shape):
    with pytest.raises(CallError, match="give for example"):
        wang_tsiatis_bounds(THIRDS, alpha, shape)


@pytest.mark.unit
def test_powers_that_no_drift_gives_are_refused():
    for power in (0.02, 1.0):
        with pytest.raises(CallError, match="power"):
            power_drift([1.959964], [1.0], power)
    with pytest.raises(CallError, match="no finite bound"):
        power_drift([np.inf], [1.0], 0.8)
    with pytest.raises(CallError, match=r"alpha 0\.9"):
        fixed_drift(0.9, 0.8)
