import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residuum.records.errors import CallError
from residuum.trial.theory.expected_events import ExponentialTrial
from residuum.trial.theory.sample_size import (
    lachin_foulkes_patients,
    log_rank_crossing,
    schoenfeld_events,
    schoenfeld_patients,
)

trials = st.builds(
    ExponentialTrial,
    control_hazard_per_year=st.floats(0.05, 2),
    hazard_ratio=st.floats(0.3, 0.9),
    accrual_years=st.floats(0.5, 10),
    dropout_hazard_per_year=st.sampled_from([0.0, 0.05]),
    experimental_share=st.sampled_from([0.5, 2 / 3]),
)


@pytest.mark.property
@settings(deadline=None)
@given(trials, st.floats(0.1, 20))
def test_expected_events_are_the_integral_over_entry(trial, year):
    # A patient who entered at time a has the event by `year` with probability h / r (1 - e^(-r (year - a))).
    midpoints = (np.arange(20_000) + 0.5) / 20_000 * min(year, trial.accrual_years)
    for arm, hazard in enumerate((1.0, trial.hazard_ratio)):
        h = trial.control_hazard_per_year * hazard
        r = h + trial.dropout_hazard_per_year
        share = (1 - trial.experimental_share, trial.experimental_share)[arm]
        chance = np.mean(h / r * -np.expm1(-r * (year - midpoints))) * min(1, year / trial.accrual_years)
        assert trial.expected_events(300, year)[arm] == pytest.approx(300 * share * chance, rel=1e-6)


@pytest.mark.property
@settings(deadline=None)
@given(trials, st.floats(0.01, 0.99))
def test_the_expected_year_has_the_events(trial, share):
    events = share * trial.expected_events(200, 60).sum()
    year = trial.expected_year(200, events)
    assert trial.expected_events(200, year).sum() == pytest.approx(events, rel=1e-6)


@pytest.mark.unit
def test_events_start_at_none_and_end_with_everybody():
    trial = ExponentialTrial(0.3, 0.5, 4)
    assert trial.expected_events(100, 0).tolist() == [0, 0]
    assert trial.expected_events(100, [1, 2, np.inf]).shape == (3, 2)
    assert trial.expected_events(100, np.inf) == pytest.approx([50, 50])
    halved = ExponentialTrial(0.3, 1.0, 4, dropout_hazard_per_year=0.3)
    assert halved.expected_events(100, np.inf) == pytest.approx([25, 25])


@pytest.mark.property
@settings(deadline=None)
@given(trials, st.floats(2, 20))
def test_the_number_of_patients_has_the_power(trial, year):
    patients = schoenfeld_patients(trial, year, 0.025, 0.8)
    assert log_rank_crossing(trial, patients, year, [1.959963984540054]).power[-1] == pytest.approx(0.8, abs=1e-9)
    assert lachin_foulkes_patients(trial, year, 0.025, 0.9) > lachin_foulkes_patients(trial, year, 0.025, 0.8)


@pytest.mark.unit
def test_unequal_events_carry_less_information():
    trial = ExponentialTrial(0.27, 0.7, 5)
    null, alternative = (log_rank_crossing(trial, 300, [4, 8], [3, 2], None, kind) for kind in ("null", "alternative"))
    assert np.all(alternative.information < null.information)
    assert np.all(alternative.power < null.power)


@pytest.mark.unit
def test_futility_stops_trials_of_no_effect():
    trial = ExponentialTrial(0.27, 1.0, 5)
    crossing = log_rank_crossing(trial, 300, [4, 8], [3.0, 2.0], [0.0, 2.0])
    assert crossing.lower[0] == pytest.approx(0.5)
    assert crossing.power[-1] < 0.025


@pytest.mark.unit
@pytest.mark.parametrize(
    ("hazard_ratio", "eighty", "ninety"), [(0.5, 66, 88), (0.6, 121, 162), (0.7, 247, 331), (0.8, 631, 845)]
)
def test_events_of_the_usual_table(hazard_ratio, eighty, ninety):
    assert np.ceil(schoenfeld_events(hazard_ratio)) == eighty
    assert np.ceil(schoenfeld_events(hazard_ratio, power=0.9)) == ninety
    assert schoenfeld_events(1 / hazard_ratio) == pytest.approx(schoenfeld_events(hazard_ratio))


@pytest.mark.unit
@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((0, 0.7, 5), "control_hazard_per_year 0"),
        ((0.3, -1, 5), "hazard_ratio -1"),
        ((0.3, 0.7, np.nan), "accrual_years nan"),
        ((0.3, 0.7, 5, -0.1), "dropout_hazard_per_year -0.1"),
        ((0.3, 0.7, 5, 0, 1), "experimental_share 1"),
    ],
)
def test_impossible_trials_are_refused(values, named):
    with pytest.raises(CallError, match=named):
        ExponentialTrial(*values)


@pytest.mark.unit
def test_impossible_questions_are_refused():
    trial = ExponentialTrial(0.3, 0.7, 5)
    with pytest.raises(CallError, match="year"):
        trial.expected_events(100, [1, np.nan])
    for events in (0, 100):
        with pytest.raises(CallError, match="events"):
            trial.expected_year(100, events)
    for year in (schoenfeld_patients, lachin_foulkes_patients):
        with pytest.raises(CallError, match="year 0 has no events"):
            year(trial, 0)
    with pytest.raises(CallError, match="without events"):
        log_rank_crossing(trial, 300, [0, 8], [3, 2])
    with pytest.raises(CallError, match="hazard_ratio 1 "):
        schoenfeld_events(1)
    with pytest.raises(CallError, match="experimental_share 0 "):
        schoenfeld_events(0.7, experimental_share=0)
