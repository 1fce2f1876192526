from fractions import Fraction
from itertools import pairwise
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residuum.records.errors import CallError
from residuum.stats.survival import kaplan_meier, log_rank, reverse_kaplan_meier

cohorts = st.lists(st.tuples(st.integers(0, 15), st.booleans()), min_size=1, max_size=40).map(
    lambda patients: tuple(map(list, zip(*patients, strict=True)))
)
grouped = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 2)), min_size=1, max_size=30).map(
    lambda patients: tuple(map(list, zip(*patients, strict=True)))
)


def survival_twin(time, event, day):
    """Product over the days with an event, one patient at a time, in fractions."""
    survival = Fraction(1)
    for step in sorted({t for t, e in zip(time, event, strict=True) if e and t <= day}):
        at_risk = sum(t >= step for t in time)
        events = sum(t == step and e for t, e in zip(time, event, strict=True))
        survival *= 1 - Fraction(events, at_risk)
    return survival


def greenwood_twin(time, event, day):
    total = Fraction(0)
    for step in sorted({t for t, e in zip(time, event, strict=True) if e and t <= day}):
        at_risk = sum(t >= step for t in time)
        events = sum(t == step and e for t, e in zip(time, event, strict=True))
        total += Fraction(events, at_risk * (at_risk - events))
    return survival_twin(time, event, day) ** 2 * total


def log_rank_twin(time, event, group):
    """Observed, expected and covariance by explicit risk sets, in fractions."""
    names = sorted(set(group))
    rows = list(zip(time, event, group, strict=True))
    expected = dict.fromkeys(names, Fraction(0))
    covariance = {(a, b): Fraction(0) for a in names for b in names}
    for day in sorted({t for t, e, _ in rows if e}):
        n = sum(t >= day for t in time)
        d = sum(t == day and e for t, e, _ in rows)
        share = {name: Fraction(sum(t >= day and g == name for t, _, g in rows), n) for name in names}
        for a in names:
            expected[a] += d * share[a]
            for b in names:
                if n > 1:
                    spread = Fraction(d * (n - d), n - 1)
                    covariance[a, b] += spread * share[a] * ((a == b) - share[b])
    observed = {name: sum(e and g == name for _, e, g in rows) for name in names}
    return observed, expected, covariance


@pytest.mark.unit
def test_events_come_before_censorings_of_their_day():
    curve = kaplan_meier([5, 5, 8], [True, False, True])
    assert curve.time_days.tolist() == [5, 8]
    assert curve.n_at_risk.tolist() == [3, 1]
    assert curve.n_events.tolist() == [1, 1]
    assert curve.survival == pytest.approx([2 / 3, 0])


@pytest.mark.unit
def test_values_hold_just_after_the_day_and_are_carried_on():
    curve = kaplan_meier([2, 4, 4, 6], [True, True, False, False])
    assert [curve.value(day) for day in (0, 1.99, 2, 4, 1000)] == pytest.approx([1, 1, 0.75, 0.5, 0.5])
    assert [curve.at_risk(day) for day in (0, 2, 2.5, 4, 6, 6.1)] == [4, 4, 3, 3, 1, 0]


@pytest.mark.unit
def test_log_log_limits_are_none_at_one_and_zero():
    curve = kaplan_meier([2, 4], [True, True])
    assert curve.interval(1) == curve.interval(4) == (None, None)
    assert None not in curve.interval(2)
    assert curve.interval(1, transformation="plain") == (1, 1)
    assert np.isnan(curve.standard_error[-1])


@pytest.mark.unit
def test_nobody_gives_an_empty_curve():
    curve = kaplan_meier([], [])
    assert (curve.value(10), curve.at_risk(0), curve.interval(10)) == (1, 0, (None, None))
    assert (curve.quantile(), curve.quantile_interval(), curve.restricted_mean(10)) == (None, (None, None), (10, 0))


@pytest.mark.unit
def test_median_is_the_middle_of_a_step_at_one_half():
    assert kaplan_meier([1, 2, 3, 4], [True] * 4).quantile() == 2.5
    assert kaplan_meier([1, 2, 3, 4], [True, True, False, False]).quantile() == 2
    assert kaplan_meier([1, 2, 3, 4], [True, False, False, False]).quantile() is None


@pytest.mark.unit
def test_reverse_curve_follows_the_censorings():
    curve = reverse_kaplan_meier([100, 200, 300], [True, False, False])
    assert curve.time_days.tolist() == [200, 300]
    assert curve.quantile() == 250


@pytest.mark.unit
@pytest.mark.parametrize("time", [[1, -1], [1, np.nan], [1, np.inf]])
def test_unusable_times_are_refused(time):
    with pytest.raises(CallError, match="time_days holds"):
        kaplan_meier(time, [True, True])


@pytest.mark.unit
def test_different_lengths_are_refused():
    with pytest.raises(CallError, match="differ in length"):
        kaplan_meier([1, 2], [True])
    with pytest.raises(CallError, match="differ in length"):
        log_rank([1, 2], [True, False], ["a"])


@pytest.mark.unit
@pytest.mark.parametrize(
    ("time", "event", "group", "freedom"),
    [
        ([], [], [], 0),
        ([1, 2], [False, False], ["a", "b"], 0),
        ([1, 2], [True, True], ["a", "a"], 0),
        ([1, 5], [False, True], ["a", "b"], 0),
        ([1, 1], [True, True], ["a", "b"], 1),
    ],
    ids=["nobody", "no event", "one group", "one group at risk", "all on one day"],
)
def test_log_rank_is_none_where_undefined(time, event, group, freedom):
    test = log_rank(time, event, group)
    assert (test.chi_squared, test.p, test.degrees_of_freedom) == (None, None, freedom)


@pytest.mark.unit
def test_a_group_never_at_risk_costs_no_degree_of_freedom():
    time, event, group = [3, 4, 5, 6, 1], [True, True, True, False, False], ["a", "b", "a", "b", "c"]
    with_it, without_it = log_rank(time, event, group), log_rank(time[:4], event[:4], group[:4])
    assert with_it.groups == ("a", "b", "c")
    assert with_it.degrees_of_freedom == 1
    assert with_it.chi_squared == pytest.approx(without_it.chi_squared)


@pytest.mark.unit
def test_small_probabilities_keep_their_digits():
    time = np.concatenate((np.arange(100), np.arange(100) + 200))
    assert 0 < log_rank(time, np.ones(200, dtype=bool), np.repeat([0, 1], 100)).p < 1e-30


@pytest.mark.unit
def test_large_registries_take_well_under_a_second():
    generator = np.random.default_rng(1)
    time, event = generator.integers(0, 7000, 200_000), generator.random(200_000) < 0.4
    group = generator.integers(0, 2, 200_000)
    kaplan_meier(time[:2], event[:2])
    before = process_time()
    kaplan_meier(time, event).band()
    log_rank(time, event, group)
    assert process_time() - before < 0.5


@pytest.mark.property
@settings(deadline=None)
@given(cohorts)
def test_curves_fall_and_limits_enclose_them(cohort):
    curve = kaplan_meier(*cohort)
    assert all(early > late for early, late in pairwise([1.0, *curve.survival]))
    for transformation in ("log-log", "log", "plain"):
        low, high = curve.band(0.95, transformation)
        defined = ~np.isnan(low)
        assert (low[defined] <= curve.survival[defined]).all()
        assert (curve.survival[defined] <= high[defined]).all()


@pytest.mark.property
@settings(deadline=None)
@given(cohorts, st.randoms())
def test_the_order_of_patients_does_not_matter(cohort, shuffler):
    patients = list(zip(*cohort, strict=True))
    shuffler.shuffle(patients)
    first, second = kaplan_meier(*cohort), kaplan_meier(*zip(*patients, strict=True))
    assert first.survival.tolist() == second.survival.tolist()
    assert first.observed_days.tolist() == second.observed_days.tolist()


@pytest.mark.property
@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.integers(0, 20))
def test_without_censoring_survival_is_the_share_still_event_free(time, day):
    assert kaplan_meier(time, [True] * len(time)).value(day) == pytest.approx(sum(t > day for t in time) / len(time))


@pytest.mark.property
@settings(deadline=None)
@given(cohorts, st.floats(0.05, 0.95))
def test_quantiles_are_where_the_curve_crosses(cohort, probability):
    curve = kaplan_meier(*cohort)
    day = curve.quantile(probability)
    if day is None:
        assert curve.value(np.inf) > 1 - probability
    else:
        assert curve.value(day) <= 1 - probability + 1e-7
        assert curve.value(curve.time_days[curve.time_days <= day][-1] - 0.5) > 1 - probability - 1e-7


@pytest.mark.property
@settings(deadline=None)
@given(grouped)
def test_observed_and_expected_add_up_to_the_events(cohort):
    test = log_rank(*cohort)
    assert test.observed.sum() == sum(cohort[1])
    assert test.expected.sum() == pytest.approx(sum(cohort[1]))
    assert test.n.sum() == len(cohort[0])


@pytest.mark.property
@settings(deadline=None)
@given(grouped, st.permutations([0, 1, 2]))
def test_names_of_groups_do_not_matter(cohort, names):
    time, event, group = cohort
    renamed = log_rank(time, event, [names[member] for member in group])
    chi_squared = log_rank(time, event, group).chi_squared
    assert renamed.chi_squared == (None if chi_squared is None else pytest.approx(chi_squared, rel=1e-6, abs=1e-9))


@pytest.mark.twin
@settings(deadline=None)
@given(cohorts, st.integers(0, 16))
def test_curve_agrees_with_its_twin(cohort, day):
    curve = kaplan_meier(*cohort)
    survival = survival_twin(*cohort, day)
    assert curve.value(day) == pytest.approx(float(survival), abs=1e-12)
    assert curve.at_risk(day) == sum(time >= day for time in cohort[0])
    steps = np.flatnonzero(curve.time_days <= day)
    if steps.size and survival > 0:
        variance = float(greenwood_twin(*cohort, day))
        assert curve.standard_error[steps[-1]] ** 2 == pytest.approx(variance, rel=1e-9)


@pytest.mark.twin
@settings(deadline=None)
@given(cohorts, st.integers(0, 20))
def test_restricted_mean_adds_up_whole_days(cohort, until):
    mean, _ = kaplan_meier(*cohort).restricted_mean(until)
    assert mean == pytest.approx(float(sum(survival_twin(*cohort, day) for day in range(until))), abs=1e-9)


@pytest.mark.twin
@settings(deadline=None)
@given(grouped)
def test_log_rank_agrees_with_its_twin(cohort):
    test = log_rank(*cohort)
    observed, expected, covariance = log_rank_twin(*cohort)
    assert test.groups == tuple(sorted(observed))
    assert test.observed.tolist() == [observed[name] for name in test.groups]
    assert test.expected == pytest.approx([float(expected[name]) for name in test.groups], abs=1e-12)
    if len(observed) == 2 and (variance := covariance[test.groups[0], test.groups[0]]) > 0:
        difference = observed[test.groups[0]] - expected[test.groups[0]]
        assert test.chi_squared == pytest.approx(float(difference**2 / variance), rel=1e-9, abs=1e-12)
