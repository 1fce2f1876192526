"""What a number of events buys: intervals, detectable effects, borrowing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.records.design import Borrowing
from residuum.records.errors import CallError
from residuum.trial.planning.buy import borrow, detectable_hazard_ratio, interval_ratio
from residuum.trial.theory.sample_size import schoenfeld_events


@pytest.mark.external
@pytest.mark.parametrize(("ratio", "events"), [(0.5, 66), (0.7, 247), (0.8, 631)])
def test_printed_numbers_of_events_detect_the_printed_ratio(ratio: float, events: int) -> None:
    """Schoenfeld 1981: 80 % power at two-sided 5 %, 1:1; the events are rounded up."""
    assert detectable_hazard_ratio(events) == pytest.approx(ratio, abs=0.003)


@pytest.mark.property
@given(st.floats(5, 5000), st.floats(0.01, 0.2), st.floats(0.5, 0.95), st.floats(0.2, 0.8))
def test_detectable_ratio_is_the_inverse_of_schoenfeld(events: float, alpha: float, power: float, share: float) -> None:
    ratio = detectable_hazard_ratio(events, alpha, power, share)
    assert schoenfeld_events(ratio, alpha, power, share) == pytest.approx(events)


@pytest.mark.external
def test_interval_of_a_hazard_ratio_by_hand() -> None:
    """100 events, 1:1: the standard error of the log hazard ratio is 0.2, so the limits are e^0.784 apart."""
    assert interval_ratio(100) == pytest.approx(np.exp(2 * 1.959964 * 0.2))
    assert interval_ratio(100, 1 / 3) == pytest.approx(np.exp(2 * 1.959964 / np.sqrt(100 * 2 / 9)))
    with pytest.raises(CallError):
        interval_ratio(0)


@pytest.mark.external
def test_borrowing_by_hand() -> None:
    """20 outside events at weight 1/2 are worth 10: 10 controls' events become 20, with variance 15 / 400."""
    found = borrow(Borrowing(patients=40, events=20, weight=0.5), 10, 8, 0.6, 0.025)
    assert found.effective_events == 10
    believed, true = np.sqrt(1 / 8 + 1 / 20), np.sqrt(1 / 8 + 15 / 400)
    from scipy.stats import norm

    assert found.power == pytest.approx(norm.cdf((-np.log(0.6) - 1.959964 * believed) / true), abs=1e-6)
    assert found.power_without == pytest.approx(norm.cdf(-np.log(0.6) / np.sqrt(1 / 8 + 1 / 10) - 1.959964), abs=1e-6)
    assert found.type_one_error == pytest.approx(norm.cdf(-1.959964 * believed / true), abs=1e-6)
    drifting = norm.cdf((np.log(1.5) / 2 - 1.959964 * believed) / true)
    assert found.drifting[1.5] == pytest.approx(drifting, abs=1e-6)


@pytest.mark.external
def test_borrowing_against_simulated_log_hazards() -> None:
    generator, n = np.random.default_rng(3), 400_000
    control, experimental, outside, weight = 15, 12, 40, 0.3
    drift = np.log(1.25)
    own = generator.normal(0, 1 / np.sqrt(control), n)
    other = generator.normal(drift, 1 / np.sqrt(outside), n)
    treated = generator.normal(0, 1 / np.sqrt(experimental), n)
    worth = weight * outside
    pooled = (control * own + worth * other) / (control + worth)
    called = (pooled - treated) / np.sqrt(1 / experimental + 1 / (control + worth)) >= 1.959964
    found = borrow(Borrowing(patients=60, events=outside, weight=weight), control, experimental, 0.7, 0.025)
    assert found.drifting[1.25] == pytest.approx(called.mean(), abs=0.001)


@pytest.mark.property
def test_drift_has_a_price_and_no_weight_costs_nothing() -> None:
    found = borrow(Borrowing(patients=30, events=19, weight=0.3), 10, 9, 0.6, 0.025)
    assert found.type_one_error <= 0.025 < found.drifting[1.25] < found.drifting[1.5]
    assert found.power > found.power_without
    nothing = borrow(Borrowing(patients=30, events=19, weight=0.0), 10, 9, 0.6, 0.025)
    assert nothing.power == nothing.power_without
    assert list(nothing.drifting.values()) == pytest.approx([0.025] * 3)
    with pytest.raises(CallError):
        borrow(Borrowing(patients=30, events=19), 0, 9, 0.6, 0.025)
