"""The reachable effect: limits that every draw obeys, and agreement with the effect of a whole design."""

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest

from residuum.records.design import BOUNDS, Criteria, Quantity
from residuum.records.errors import CallError
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.trial.model.effect import average_hazard_ratio, efs_difference, rmst_difference
from residuum.trial.model.hazards import derive_hazards
from residuum.trial.planning.eligible import EDGES_YEARS, count_exposure
from residuum.trial.planning.reach import Irradiation, Reach, derive_reach, draw_uniform, irradiation_of, why_undefined
from residuum.trial.planning.shares import FirstEvents, count_first_events, derive_share_posterior
from trial.designs import design, irradiating

KINDS = (*["target_only"] * 3, *["both"] * 4, *["elsewhere_only"] * 9, "other", "unknown", "unclear", *[None] * 12)
FAILURES = pl.DataFrame(
    {
        "patient": [f"P{number:02}" for number in range(len(KINDS))],
        "efs_time": [60 + 83 * number for number in range(len(KINDS))],
        "first_failure": KINDS,
    }
)
UNIFORM = draw_uniform(np.random.default_rng(4), 300)


def reach(irradiation: Irradiation | None = None, year: float = 3.0) -> Reach:
    return derive_reach(FAILURES, irradiation or Irradiation(), Criteria(worthwhile_year=year), UNIFORM)


def known(value: float) -> Quantity:
    return Quantity(central=value)


@pytest.mark.property
def test_hazard_ratio_lies_between_1_minus_f_and_1() -> None:
    found = reach()
    for (bound, cure), effects in found.effects.items():
        assert np.all(effects.hazard_ratio <= 1 + 1e-9)
        assert np.all(effects.hazard_ratio >= 1 - found.shares[bound] - 1e-9)
        if cure == "cause_specific":
            expected = 1 - found.shares[bound] * found.local_effect
            assert effects.hazard_ratio == pytest.approx(expected, abs=1e-9)


@pytest.mark.property
@pytest.mark.parametrize("cure", ["cause_specific", "shared"])
@pytest.mark.parametrize("bound", BOUNDS)
def test_effects_grow_with_e(bound: str, cure: str) -> None:
    effects = [reach(Irradiation(known(e))).effects[bound, cure] for e in (0.0, 0.2, 0.5, 0.9)]  # type: ignore[index]
    assert effects[0].hazard_ratio == pytest.approx(1)
    assert effects[0].rmst_gain_years == pytest.approx(0, abs=1e-12)
    for less, more in pairwise(effects):
        # With the shared cure a strong effect crowds events just before 5 years, and their ratio is large.
        assert cure == "shared" or np.all(more.hazard_ratio < less.hazard_ratio)
        assert np.all(more.rmst_gain_years > less.rmst_gain_years)
        assert np.all(more.gains[3.0] > less.gains[3.0])


@pytest.mark.property
def test_the_inclusive_bound_reaches_more() -> None:
    effects = reach().effects
    for cure in ("cause_specific", "shared"):
        assert np.all(effects["inclusive", cure].hazard_ratio <= effects["exclusive", cure].hazard_ratio + 1e-12)
        assert np.all(effects["inclusive", cure].gains[3.0] >= effects["exclusive", cure].gains[3.0] - 1e-12)


@pytest.mark.unit
def test_a_shared_cure_leaves_nothing_at_the_end() -> None:
    effects = reach().effects["inclusive", "shared"]
    assert np.all(effects.gains[5.0] == 0)
    assert np.all(effects.gains[10.0] == 0)
    assert np.all(effects.gains[3.0] > 0)


@pytest.mark.unit
@pytest.mark.parametrize("bound", BOUNDS)
def test_draws_are_the_effect_of_a_design_with_their_values(bound: Any) -> None:
    therapy = {
        "local_effect": 0.5,
        "delay_years": 0.37,
        "compliance": 0.9,
        "crossover": 0.15,
        "seeded_elsewhere": 0.2,
        "toxicity_per_year": 0.01,
    }
    found = reach(irradiation_of(irradiating(0.3, 0.5, **therapy)), year=4.0)
    target, elsewhere = derive_share_posterior(count_first_events(FAILURES, bound)).draw(UNIFORM[:, :2])
    for draw in (0, 17, 123):
        shares = {"target_only": float(target[draw]), "death": float(1 - target[draw] - elsewhere[draw])}
        baseline = {
            "baseline": "piecewise",
            "from_years": EDGES_YEARS[:-1],
            "hazards_per_year": tuple(found.hazards[draw].tolist()),
            "shares": shares,
        }
        hazards = derive_hazards(design(failure=baseline, radiotherapy=therapy), "exclusive")
        effects = found.effects[bound, "cause_specific"]
        assert effects.hazard_ratio[draw] == pytest.approx(average_hazard_ratio(hazards, 5), abs=2e-4)
        assert effects.rmst_gain_years[draw] == pytest.approx(rmst_difference(hazards, 5), abs=1e-4)
        for year in (3.0, 4.0, 5.0, 10.0):
            assert effects.gains[year][draw] == pytest.approx(float(efs_difference(hazards, year)), abs=1e-12)


@pytest.mark.unit
def test_counts_under_each_bound() -> None:
    assert count_first_events(FAILURES, "exclusive") == FirstEvents(target=3, elsewhere=13, other=1, unknown=2)
    assert count_first_events(FAILURES, "inclusive") == FirstEvents(target=7, elsewhere=9, other=1, unknown=2)


@pytest.mark.unit
def test_exposure_counted_patient_by_patient() -> None:
    exposure = count_exposure(FAILURES)
    for k, (start, end) in enumerate(pairwise(EDGES_YEARS)):
        events, years = 0, 0.0
        for _, days, kind in FAILURES.iter_rows():
            time = days / DAYS_PER_YEAR
            years += max(0.0, min(time, end) - start)
            events += kind is not None and start < time <= end
        assert (exposure.events[k], exposure.years[k]) == (events, pytest.approx(years))


@pytest.mark.unit
def test_hazards_follow_their_gamma_posterior() -> None:
    exposure = count_exposure(FAILURES)
    drawn = exposure.draw_hazards(draw_uniform(np.random.default_rng(2), 20_000)[:, :4])
    mean = (exposure.events.sum() + 0.5) / exposure.years.sum()
    assert drawn.mean(axis=0) == pytest.approx((exposure.events + 0.5) / (exposure.years + 0.5 / mean), rel=0.01)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("failures", "reason"),
    [
        (FAILURES.clear(), "nobody is oligo at the landmark"),
        (FAILURES.with_columns(efs_time=pl.lit(0)), "nobody is followed beyond the landmark"),
        (FAILURES.with_columns(first_failure=pl.lit(None, pl.String)), "no eligible patient has had an event"),
        (FAILURES.with_columns(first_failure=pl.lit("unknown")), "no first event is of known place"),
    ],
)
def test_what_is_not_defined_says_why(failures: pl.DataFrame, reason: str) -> None:
    assert why_undefined(failures) == reason
    with pytest.raises(CallError, match=reason):
        derive_reach(failures, Irradiation(), Criteria(), UNIFORM)


@pytest.mark.unit
@pytest.mark.parametrize("kind", ["target_only", "elsewhere_only", "other"])
@pytest.mark.parametrize("day", [1, 3000])
def test_one_event_gives_finite_draws(kind: str, day: int) -> None:
    one = FAILURES.head(1).with_columns(efs_time=pl.lit(day), first_failure=pl.lit(kind))
    for effects in derive_reach(one, Irradiation(local_effect=None), Criteria(), UNIFORM).effects.values():
        assert np.isfinite(effects.hazard_ratio).all()
        assert np.isfinite(effects.rmst_gain_years).all()
        assert all(np.isfinite(gain).all() for gain in effects.gains.values())


@pytest.mark.unit
def test_a_design_with_a_ratio_taken_as_given_is_refused() -> None:
    with pytest.raises(CallError, match="radiotherapy"):
        irradiation_of(design(effect={"hazard_ratio": 0.7}))
