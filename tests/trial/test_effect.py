"""The effect of a design without simulation: where 1 - f e holds, where it does not, and printed numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.records.errors import CallError
from residuum.trial.model.accrual import expected_patients
from residuum.trial.model.arms import CONTROL, EXPERIMENTAL, cumulative_hazard, event_free
from residuum.trial.model.effect import (
    average_hazard_ratio,
    efs_difference,
    expected_events,
    rmst_difference,
    window_hazard_ratios,
)
from residuum.trial.model.hazards import Hazards, derive_hazards
from residuum.trial.theory.expected_events import ExponentialTrial
from trial.designs import design, irradiating

shares = st.floats(0.0, 1.0)


def hazards_of(f: float, e: float, failure: dict[str, object] | None = None, **therapy: object) -> Hazards:
    return derive_hazards(irradiating(f, e, failure, **therapy), "exclusive")


@pytest.mark.external
def test_shared_cure_makes_a_delay_of_the_effect() -> None:
    """A cured third, exponential uncured with median 14 months, f 0.3, e 0.6: printed 0.83, 0.85, 0.89, 0.98, 1.14.

    These are the windows of 0-6 and 6-12 months, 1-2, 2-3 and 3-5 years; the fourth is 0.9749, printed as 0.98.
    """
    cured = {"hazard_per_year": None, "median_years": 14 / 12, "cured": 0.33, "cure": "shared"}
    hazards = hazards_of(0.3, 0.6, cured)
    found = window_hazard_ratios(hazards, (0, 0.5, 1, 2, 3, 5))
    assert found == pytest.approx([0.83, 0.85, 0.89, 0.98, 1.14], abs=0.0052)
    assert found == pytest.approx([0.82804, 0.84846, 0.89155, 0.97491, 1.14077], abs=5e-6)
    assert float(efs_difference(hazards, 100.0)) == pytest.approx(0, abs=1e-9)


@pytest.mark.external
def test_expected_events_of_the_benchmark() -> None:
    """gsDesign2: 206.8825 events at year 8; 69, 138 and 207 at 3.6349, 5.4861 and 8.0058 years."""
    trial = design(effect={"hazard_ratio": 0.7})
    found = expected_events(trial, derive_hazards(trial, "exclusive"), (3.6349, 5.4861, 8.0058, 8.0))
    assert found == pytest.approx([69, 138, 207, 206.8825], abs=0.002)


@pytest.mark.property
@given(f=shares, e=st.floats(0.0, 0.99), rate=st.floats(0.01, 3.0), horizon=st.floats(0.1, 20.0))
def test_identity_where_hazards_are_constant(f: float, e: float, rate: float, horizon: float) -> None:
    hazards = hazards_of(f, e, {"hazard_per_year": rate})
    expected = 1 - f * e
    assert window_hazard_ratios(hazards) == pytest.approx(expected, abs=1e-12)
    assert average_hazard_ratio(hazards, horizon) == pytest.approx(expected, abs=1e-12)


@pytest.mark.property
@given(
    f=shares,
    e=shares,
    cured=st.sampled_from([0.0, 0.3]),
    cure=st.sampled_from(["shared", "cause_specific"]),
    frailty=st.sampled_from([0.0, 0.5, 1.0]),
    delay=st.sampled_from([0.0, 0.4]),
    crossover=st.sampled_from([0.0, 0.2]),
)
def test_the_effect_is_smaller_wherever_the_identity_fails(
    f: float, e: float, cured: float, cure: str, frailty: float, delay: float, crossover: float
) -> None:
    failure = {"cured": cured, "cure": cure, "frailty_variance": frailty}
    hazards = hazards_of(f, e, failure, delay_years=delay, crossover=crossover)
    assert average_hazard_ratio(hazards, 5) >= 1 - f * e - 1e-9
    assert np.all(efs_difference(hazards, [0, 1, 3, 5, 10]) >= -1e-12)
    assert rmst_difference(hazards, 5) >= -1e-12


@pytest.mark.unit
def test_own_cure_keeps_proportional_hazards() -> None:
    hazards = hazards_of(0.4, 0.5, {"cured": 0.3, "cure": "cause_specific"})
    assert window_hazard_ratios(hazards) == pytest.approx(0.8, abs=1e-9)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("failure", "therapy"),
    [({"frailty_variance": 1.0}, {}), ({"cured": 0.33}, {}), ({}, {"delay_years": 0.5}), ({}, {"crossover": 0.1})],
    ids=["frailty", "shared cure", "delay", "crossover"],
)
def test_the_gap_to_the_identity_is_there(failure: dict[str, object], therapy: dict[str, object]) -> None:
    assert average_hazard_ratio(hazards_of(0.3, 0.6, failure, **therapy), 5) > 0.82 + 0.005


@pytest.mark.unit
def test_average_of_a_delayed_effect() -> None:
    """ln HR is 0 before the delay and ln 0.7 after it: weighted by the events of both arms after it."""
    hazards = hazards_of(0.5, 0.6, delay_years=0.7)
    late = sum(float(event_free(hazards, arm, 0.7) - event_free(hazards, arm, 5.0)) for arm in (0, 1))
    whole = sum(float(1 - event_free(hazards, arm, 5.0)) for arm in (0, 1))
    assert average_hazard_ratio(hazards, 5) == pytest.approx(math.exp(math.log(0.7) * late / whole), abs=1e-12)


@pytest.mark.unit
def test_frailty_is_the_laplace_transform() -> None:
    """With variance 1 and everybody irradiated at once the arm's EFS is 1 / (1 + x)."""
    hazards = hazards_of(0.5, 0.4, {"frailty_variance": 1.0})
    conditional = 0.8 * math.expm1(0.3 * 2)
    assert float(event_free(hazards, EXPERIMENTAL, 2.0)) == pytest.approx(1 / (1 + conditional))
    assert float(event_free(hazards, CONTROL, 2.0)) == pytest.approx(math.exp(-0.6))


@pytest.mark.unit
def test_rmst_difference_of_constant_hazards() -> None:
    def area(rate: float) -> float:
        return (1 - math.exp(-5 * rate)) / rate

    assert rmst_difference(hazards_of(0.5, 0.5), 5) == pytest.approx(area(0.225) - area(0.3), abs=1e-12)


@pytest.mark.unit
def test_toxicity_falls_on_the_cured_too() -> None:
    hazards = hazards_of(0.0, 0.0, {"cured": 0.5}, toxicity_per_year=0.1)
    assert float(event_free(hazards, EXPERIMENTAL, 200.0)) == pytest.approx(0.5 * math.exp(-20))
    assert np.isfinite(cumulative_hazard(hazards, CONTROL, [0, 1, 1e6])).all()


@pytest.mark.unit
def test_expected_events_agree_with_the_closed_form() -> None:
    trial = design(effect={"hazard_ratio": 0.6}, allocation=(2, 1), dropout={"per_year": 0.1})
    closed = ExponentialTrial(-math.log(0.45) / 3, 0.6, 5.0, 0.1, 1 / 3)
    years = (0.0, 1.0, 4.5, 7.0, 20.0)
    found = expected_events(trial, derive_hazards(trial, "exclusive"), years)
    assert found == pytest.approx(closed.expected_events(300, years).sum(axis=1), abs=3e-4)


@pytest.mark.unit
def test_expected_patients_by_centre() -> None:
    accrual = {"patients": 60, "years": 4.0, "pattern": "centres", "centres": 7, "opening_years": 2.0, "per_year": 20.0}
    declared = design(accrual=accrual).accrual
    generator, years = np.random.default_rng(3), np.array([0.5, 1.0, 2.0, 3.0, 4.0])
    rates = generator.standard_gamma(1.2, (200_000, 7)) / 1.2 * 20 / 7
    come = [generator.poisson(rates @ np.maximum(year - np.linspace(0, 2, 7), 0)) for year in years]
    simulated = np.array([np.minimum(number, 60).mean() for number in come])
    assert expected_patients(declared, years) == pytest.approx(simulated, abs=0.15)
    assert expected_patients(declared, [-1.0, 0.0]) == pytest.approx([0, 0])
    assert expected_patients(declared, 9.0) == pytest.approx(expected_patients(declared, 4.0))


@pytest.mark.unit
@pytest.mark.parametrize("edges", [(0.0,), (1.0, 0.5), (-1.0, 1.0)])
def test_edges_ascend(edges: tuple[float, ...]) -> None:
    with pytest.raises(CallError, match="ascend"):
        window_hazard_ratios(hazards_of(0.3, 0.5), edges)


@pytest.mark.unit
def test_horizon_and_years_are_refused_below_0() -> None:
    hazards = hazards_of(0.3, 0.5)
    with pytest.raises(CallError, match="horizon_years"):
        average_hazard_ratio(hazards, 0)
    with pytest.raises(CallError, match="years"):
        expected_events(design(), hazards, [-1.0])
