"""What a trial report draws: accrual fans, EFS curves, and where Z lies at the looks."""

import numpy as np
import pytest

from residuum.records.design import Design
from residuum.records.errors import CallError
from residuum.trial.model.accrual import expected_patients
from residuum.trial.model.effect import average_hazard_ratio, efs_difference
from residuum.trial.model.effect_curves import derive_effect_curves
from residuum.trial.planning.accrual_fan import LEVELS, derive_accrual_fan
from residuum.trial.simulation.look_spread import derive_look_spread
from residuum.trial.simulation.scenario import derive_scenario
from residuum.trial.simulation.simulate import simulate

pytestmark = pytest.mark.unit
CENTRES = {
    "accrual": {"patients": 40, "pattern": "centres", "years": 6.0, "centres": 12, "per_year": 8.0},
    "failure": {"efs_at": [3.0, 0.45]},
    "effect": {"hazard_ratio": 0.6},
    "primary": {"looks_events": [10, 20], "latest_year": 9.0, "spending": {"efficacy": "obrien_fleming"}},
}
EVEN = CENTRES | {"accrual": {"patients": 60, "years": 5.0}, "primary": {"looks_years": [7.0]}}


def design_of(parts: dict[str, object]) -> Design:
    return Design.model_validate({"format": 1, "id": "stages", "title": "stages", **parts})


def test_a_fan_is_ordered_starts_at_nobody_and_never_falls() -> None:
    fan = derive_accrual_fan(design_of(CENTRES), None, 1)
    assert fan.quantiles.shape == (len(LEVELS), fan.years.size)
    assert (np.diff(fan.quantiles, axis=0) >= 0).all()
    assert (np.diff(fan.quantiles, axis=1) >= 0).all()
    assert (fan.quantiles[:, 0] == 0).all()


def test_a_fan_lies_around_what_is_expected_and_turns_nobody_away() -> None:
    design = design_of(CENTRES)
    fan = derive_accrual_fan(design, None, 1)
    assert fan.years[-1] == design.criteria.done_years
    open_long = design.accrual.model_copy(update={"years": 8.0, "patients": 4000})
    expected = expected_patients(open_long, fan.years)
    assert fan.quantiles[2, -1] == pytest.approx(expected[-1], abs=2)
    assert fan.quantiles[4, -1] > design.accrual.patients


def test_an_even_fan_ends_with_all_patients() -> None:
    fan = derive_accrual_fan(design_of(EVEN), None, 1)
    assert (fan.quantiles[:, -1] == 60).all()
    assert fan.years[-1] == 5.0


def test_a_fan_depends_on_the_seed_alone() -> None:
    one, same, other = (derive_accrual_fan(design_of(CENTRES), None, seed, trials=256) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.quantiles, same.quantiles)
    assert (one.quantiles != other.quantiles).any()
    with pytest.raises(CallError, match="trials 0"):
        derive_accrual_fan(design_of(CENTRES), None, 1, trials=0)


def test_curves_agree_with_the_effect() -> None:
    hazards = derive_scenario(design_of(EVEN)).hazards
    curves = derive_effect_curves(hazards)
    gain = float(np.interp(3.0, curves.years, curves.experimental - curves.control))
    assert gain == pytest.approx(float(efs_difference(hazards, 3.0)), abs=1e-12)
    np.testing.assert_allclose(curves.hazard_ratios, average_hazard_ratio(hazards, 5.0), rtol=1e-9)


def test_z_is_summarised_over_the_trials_that_make_the_look() -> None:
    trials = simulate(derive_scenario(design_of(CENTRES)), seed=1, replicates=1024)
    spread = derive_look_spread(trials)
    for k in range(2):
        seen = trials.z[~np.isnan(trials.z[:, k]), k]
        assert spread.made[k] == seen.size
        assert spread.z[1, k] == pytest.approx(float(np.median(seen)))
    assert spread.made[1] < spread.made[0] == 1024
