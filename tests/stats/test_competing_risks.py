from fractions import Fraction
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residuum.records.errors import CallError
from residuum.stats.competing_risks import aalen_johansen
from residuum.stats.survival import kaplan_meier

CAUSES = ("target", "elsewhere", "death")
cohorts = st.lists(st.tuples(st.integers(0, 12), st.sampled_from((None, *CAUSES))), min_size=1, max_size=40).map(
    lambda patients: tuple(map(list, zip(*patients, strict=True)))
)


def steps_twin(time, cause, wanted, day):
    """(at risk, events, events of the wanted cause, survival before, incidence after) of each event day."""
    survival, incidence, steps = Fraction(1), Fraction(0), []
    for step in sorted({t for t, c in zip(time, cause, strict=True) if c and t <= day}):
        n = sum(t >= step for t in time)
        d = sum(t == step and c is not None for t, c in zip(time, cause, strict=True))
        own = sum(t == step and c == wanted for t, c in zip(time, cause, strict=True))
        incidence += survival * Fraction(own, n)
        steps.append((n, d, own, survival, incidence))
        survival *= 1 - Fraction(d, n)
    return steps


def variance_twin(steps):
    """Dinse and Larson's sum, term by term."""
    total = Fraction(0)
    for n, d, own, before, incidence in steps:
        later = steps[-1][-1] - incidence
        if later:
            total += later**2 * Fraction(d, n * (n - d)) - 2 * later * before * Fraction(own, n**2)
        total += before**2 * Fraction(own * (n - own), n**3)
    return total


@pytest.mark.unit
def test_tied_causes_share_the_day():
    curve = aalen_johansen([5, 5, 5, 8], ["target", "death", None, "target"], CAUSES)
    assert curve.value("target", 5) == curve.value("death", 5) == pytest.approx(0.25)
    assert curve.value("target", 8) == pytest.approx(0.75)
    assert curve.value("target", 4.9) == curve.value("elsewhere", 1000) == 0
    assert curve.n_events.tolist() == [[1, 0, 1], [1, 0, 0]]
    assert [curve.at_risk(day) for day in (0, 5, 6, 9)] == [4, 4, 1, 0]


@pytest.mark.unit
def test_numbers_may_name_the_causes():
    named = aalen_johansen([1, 2, 3, 4], ["target", None, "death", None], CAUSES)
    numbered = aalen_johansen(np.array([1, 2, 3, 4]), np.array([1, 0, 3, 0]), (1, 2, 3))
    assert numbered.incidence.tolist() == named.incidence.tolist()


@pytest.mark.unit
def test_limits_are_none_where_the_incidence_is_zero_or_one():
    curve = aalen_johansen([1, 2, 3], ["target"] * 3, CAUSES)
    assert curve.interval("target", 0) == curve.interval("death", 3) == curve.interval("target", 3) == (None, None)
    low, high = curve.interval("target", 2)
    assert low < curve.value("target", 2) < high
    assert curve.interval("target", 3, transformation="plain") == pytest.approx((1, 1))
    assert curve.standard_error("target", 0) == 0


@pytest.mark.unit
def test_nobody_has_no_incidence():
    assert aalen_johansen([], [], CAUSES).value("death", 10) == 0


@pytest.mark.unit
def test_unknown_and_repeated_causes_are_refused():
    with pytest.raises(CallError, match="cause holds 'relapse'"):
        aalen_johansen([1], ["relapse"], CAUSES)
    with pytest.raises(CallError, match="cause 'relapse' is unknown"):
        aalen_johansen([1], ["death"], CAUSES).value("relapse", 1)
    with pytest.raises(CallError, match="one name"):
        aalen_johansen([1], ["death"], ("death", "death"))
    with pytest.raises(CallError, match="differ in length"):
        aalen_johansen([1, 2], ["death"], CAUSES)


@pytest.mark.unit
def test_large_registries_take_well_under_a_second():
    generator = np.random.default_rng(1)
    time, cause = generator.integers(0, 7000, 200_000), generator.integers(0, 4, 200_000)
    before = process_time()
    aalen_johansen(time, cause, (1, 2, 3))
    assert process_time() - before < 0.5


@pytest.mark.property
@settings(deadline=None)
@given(cohorts)
def test_incidences_and_survival_add_up_to_one(cohort):
    curve = aalen_johansen(*cohort, CAUSES)
    assert curve.incidence.sum(axis=1) + curve.survival == pytest.approx(np.ones(curve.time_days.size))
    assert (np.diff(curve.incidence, axis=0) >= 0).all()


@pytest.mark.property
@settings(deadline=None)
@given(cohorts)
def test_one_cause_is_one_minus_kaplan_meier(cohort):
    time, cause = cohort
    event = [name is not None for name in cause]
    curve, reference = aalen_johansen(time, [1 if e else 0 for e in event], (1,)), kaplan_meier(time, event)
    assert curve.incidence[:, 0] == pytest.approx(1 - reference.survival, abs=1e-12)
    inside = reference.survival > 0
    assert np.sqrt(curve.variance[inside, 0]) == pytest.approx(reference.standard_error[inside], abs=1e-7)


@pytest.mark.property
@settings(deadline=None)
@given(cohorts, st.randoms())
def test_the_order_of_patients_does_not_matter(cohort, shuffler):
    patients = list(zip(*cohort, strict=True))
    shuffler.shuffle(patients)
    shuffled = aalen_johansen(*zip(*patients, strict=True), CAUSES)
    assert shuffled.incidence.tolist() == aalen_johansen(*cohort, CAUSES).incidence.tolist()


@pytest.mark.twin
@settings(deadline=None)
@given(cohorts, st.sampled_from(CAUSES), st.integers(0, 13))
def test_incidence_and_variance_agree_with_their_twin(cohort, cause, day):
    curve, steps = aalen_johansen(*cohort, CAUSES), steps_twin(*cohort, cause, day)
    assert curve.value(cause, day) == pytest.approx(float(steps[-1][-1]) if steps else 0, abs=1e-12)
    assert curve.standard_error(cause, day) ** 2 == pytest.approx(float(variance_twin(steps)), abs=1e-12)
