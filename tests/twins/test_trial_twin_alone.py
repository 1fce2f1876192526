"""The slow twin of the trial simulator by itself: against R, against sums by hand, and against its own model."""

import math
import random
from typing import Any

import numpy as np
import pytest
from random_design import options, random_design
from trial_twin import (
    BLOCK,
    NEVER,
    Observation,
    TwinTrial,
    arms,
    arrivals,
    baseline,
    control_hazard,
    critical_value,
    curve_z,
    draw,
    failure_time,
    kinds,
    max_combo,
    milestone,
    peto,
    rank_terms,
    rank_z,
    restricted_mean,
    seen_at_visits,
    stratified_z,
    twin_trial,
    visits,
    weights,
)

from residuum.records.design import Assessment, Design, Failure
from residuum.records.design_checks import check_design

# survival::aml: weeks, relapse, maintained
AML = [(9, 1, 1), (13, 1, 1), (13, 0, 1), (18, 1, 1), (23, 1, 1), (28, 0, 1), (31, 1, 1), (34, 1, 1), (45, 0, 1)]
AML += [(48, 1, 1), (161, 0, 1), (5, 1, 0), (5, 1, 0), (8, 1, 0), (8, 1, 0), (12, 1, 0), (16, 0, 0), (23, 1, 0)]
AML += [(27, 1, 0), (30, 1, 0), (33, 1, 0), (43, 1, 0), (45, 1, 0)]
# Freireich 1963, weeks in remission; minus: censored
MERCAPTOPURINE = [6, 6, 6, 7, 10, 13, 16, 22, 23, -6, -9, -10, -11, -17, -19, -20, -25, -32, -32, -34, -35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


@pytest.fixture
def aml() -> list[Observation]:
    """Every other patient is in stratum 1."""
    return [Observation(float(time), event == 1, arm, i % 2) for i, (time, event, arm) in enumerate(AML)]


@pytest.fixture
def freireich() -> list[Observation]:
    rows = [Observation(float(abs(time)), time > 0, 1, 0) for time in MERCAPTOPURINE]
    return rows + [Observation(float(time), True, 0, 0) for time in PLACEBO]


def one_arm(rows: list[Observation], arm: int) -> list[Observation]:
    return [row for row in rows if row.arm == arm]


@pytest.mark.external
def test_log_rank(freireich: list[Observation], aml: list[Observation]) -> None:
    # survdiff() of R package survival 3.5-3
    assert rank_z(freireich) ** 2 == pytest.approx(16.792941, abs=1e-6)
    assert rank_z(freireich) > 0
    assert rank_z(aml) ** 2 == pytest.approx(3.39638869898, rel=1e-11)
    assert rank_z(aml, rho=1.0) ** 2 == pytest.approx(2.77927954475, rel=1e-11)
    assert stratified_z(aml) ** 2 == pytest.approx(2.7207593732655, rel=1e-11)
    assert peto(aml, stratified=True) != peto(aml)
    assert math.log(peto(aml)) == pytest.approx((7 - 10.6893359923007) / 4.0075507459387, rel=1e-12)


@pytest.mark.external
def test_kaplan_meier(aml: list[Observation]) -> None:
    # summary(survfit(Surv(time, status) ~ x, aml), times = 24), and summary(..., rmean = 30)$table
    for arm, survival, error in ((1, 0.61363636363636, 0.15263233102731), (0, 0.48611111111111, 0.14813006255348)):
        estimate, variance = milestone(one_arm(aml, arm), 24)
        assert (estimate, math.sqrt(variance)) == pytest.approx((survival, error), rel=1e-11)
    for arm, mean, error in ((1, 24.602272727273, 2.3131493773191), (0, 19.694444444444, 3.0541979307177)):
        estimate, variance = restricted_mean(one_arm(aml, arm), 30)
        assert (estimate, math.sqrt(variance)) == pytest.approx((mean, error), rel=1e-11)
    expected = (24.602272727273 - 19.694444444444) / math.hypot(2.3131493773191, 3.0541979307177)
    assert curve_z(aml, restricted_mean, 30) == pytest.approx(expected, rel=1e-10)


@pytest.mark.external
@pytest.mark.parametrize(
    ("correlation", "expected"),
    [(0.0, 2.23896437565), (0.5, 2.21213509298), (0.8, 2.15243569002), (0.95, 2.07088089519)],
)
def test_critical_value(correlation: float, expected: float) -> None:
    # uniroot() of mvtnorm::pmvnorm(upper = c(c, c), corr = matrix(c(1, r, r, 1), 2), algorithm = TVPACK()) - 0.975
    assert critical_value(correlation, 0.025) == pytest.approx(expected, abs=1e-10)
    assert critical_value(1.0, 0.025) == pytest.approx(1.959963984540054, abs=1e-9)


@pytest.mark.unit
def test_late_weights_by_hand() -> None:
    # 2 + 2 patients; events at 1 (control), 2 (experimental), 3 (control)
    rows = [Observation(t, True, arm, 0) for t, arm in ((1.0, 0), (2.0, 1), (3.0, 0))] + [Observation(4.0, False, 1, 0)]
    assert rank_terms(rows) == [(-1 / 2, 1 / 4, 1.0), (1 - 2 / 3, pytest.approx(2 / 9), 0.75), (-1 / 2, 1 / 4, 0.5)]
    late = -(0.25 * (1 / 3) + 0.5 * (-1 / 2)) / math.sqrt(0.25**2 * 2 / 9 + 0.5**2 / 4)
    assert rank_z(rows, 0.0, 1.0) == pytest.approx(late)
    shared = 0.25 * 2 / 9 + 0.5 / 4
    correlation = shared / math.sqrt((1 / 4 + 2 / 9 + 1 / 4) * (0.25**2 * 2 / 9 + 0.5**2 / 4))
    plain = (1 / 2 - 1 / 3 + 1 / 2) / math.sqrt(1 / 4 + 2 / 9 + 1 / 4)
    assert max_combo(rows) == pytest.approx((max(plain, late), correlation))
    assert rank_z(rows[:1]) == 0
    assert peto(rows[:1]) == 1


# ---------------------------------------------------------------- model


def failure(**keys: Any) -> Failure:
    return Failure.model_validate(keys)


FAILURES = {
    "exponential": failure(efs_at=(3.0, 0.45)),
    "weibull": failure(baseline="weibull", median_years=1.5, shape=0.7),
    "piecewise": failure(baseline="piecewise", from_years=(0.0, 1.0, 2.0), hazards_per_year=(0.2, 0.8, 0.3)),
    "shared": failure(median_years=1.0, cured=0.3),
    "cause_specific": failure(median_years=1.0, cured=0.3, cure="cause_specific"),
}


@pytest.mark.unit
def test_baselines_by_hand() -> None:
    assert math.exp(-baseline(FAILURES["exponential"], 3.0)) == pytest.approx(0.45)
    assert math.exp(-baseline(FAILURES["weibull"], 1.5)) == pytest.approx(0.5)
    assert baseline(FAILURES["piecewise"], 4.0) == pytest.approx(0.2 + 0.8 + 0.6)


@pytest.mark.property
@pytest.mark.parametrize("variance", [0.0, 0.4, 2.0])
@pytest.mark.parametrize("name", FAILURES)
def test_efs_of_controls(name: str, variance: float) -> None:
    model = Failure.model_validate(FAILURES[name].model_dump(exclude_none=True) | {"frailty_variance": variance})
    generator = np.random.default_rng(7)
    number = 3000
    frailties = generator.standard_gamma(1 / variance, number) * variance if variance else np.ones(number)
    uniforms = (np.arange(number) + 0.5) / number
    even = (0.3, 0.6, 0.1)
    times = [
        failure_time(model, u, z, even, even, None) for u, z in zip(uniforms.tolist(), frailties.tolist(), strict=True)
    ]
    for year in (0.5, 1.0, 3.0, 6.0):
        expected = math.exp(-control_hazard(model, year))
        if name == "shared":
            expected = 0.3 + 0.7 * expected
        free = sum(time > year for time in times) / number
        assert free == pytest.approx(expected, abs=0.001 if variance == 0 else 0.03)


@pytest.mark.unit
def test_a_delayed_effect_by_hand() -> None:
    model = failure(hazard_per_year=0.5)
    before, after = (0.5, 0.4, 0.1), (0.0, 0.4, 0.1)
    # 0.5 x (1 x 0.25 + 0.5 x (T - 0.25)) = ln 2
    expected = 0.25 + (math.log(2) / 0.5 - 0.25) / 0.5
    assert failure_time(model, 0.5, 1.0, before, after, 0.25) == pytest.approx(expected, rel=1e-14)
    assert failure_time(model, 0.05, 1.0, before, after, 0.25) == pytest.approx(-math.log(0.95) / 0.5, rel=1e-14)
    assert failure_time(model, 0.5, 1.0, before, (0.0, 0.0, 0.0), 0.25) == NEVER


@pytest.mark.unit
def test_visits_by_hand() -> None:
    plan = Assessment(every_months=(5.0, 12.0), until_years=(1.0, 3.5))
    assert visits(plan)[:6] == pytest.approx((5 / 12, 10 / 12, 2, 3, 4.5, 5.5))
    assert visits(Assessment(every_months=(0.7,), until_years=(0.7,)))[11:13] == (0.7, pytest.approx(0.7 * 13 / 12))
    assert visits(Assessment(every_months=(3.0,), until_years=(1.0,)))[-1] == 60


@pytest.mark.unit
def test_what_visits_see() -> None:
    plain = Assessment(every_months=(3.0,), until_years=(2.0,))
    unsure = Assessment.model_validate({**plain.model_dump(), "sensitivity": 0.5, "false_positive": 0.2})
    assert seen_at_visits(plain, 0.6, "target", 0.6, 0.0, 0.0) == (0.75, "target")
    assert seen_at_visits(plain, 0.5, "target", 0.5, 0.0, 0.0) == (0.5, "target")
    assert seen_at_visits(plain, 0.1, "target", 0.8, 0.0, 0.0) == (1.0, "target")
    assert seen_at_visits(plain, 0.6, "death", 0.6, 0.0, 0.0) == (0.6, "death")
    assert seen_at_visits(plain, 60.1, "elsewhere", 60.1, 0.0, 0.0) == (NEVER, "none")
    # 1 - 0.6 = 0.4 lies between 1/2 and 1/4: missed once; 1 - 0.99 lies between 0.8^20 and 0.8^21
    assert seen_at_visits(unsure, 0.6, "target", 0.6, 0.6, 0.99) == (1.0, "target")
    assert seen_at_visits(unsure, NEVER, "none", NEVER, 0.6, 0.99) == (5.25, "elsewhere")
    assert seen_at_visits(unsure, 0.6, "target", 0.6, 0.6, 0.1) == (0.25, "elsewhere")
    # the mistake would be made at the visit that finds the failure: it is no mistake
    assert seen_at_visits(unsure, 0.1, "target", 0.1, 0.1, 0.1) == (0.25, "target")


def design(**keys: Any) -> Design:
    given: dict[str, Any] = {
        "format": 1,
        "id": "s1",
        "title": "S1",
        "accrual": {"patients": 300, "years": 5.0},
        "failure": {"efs_at": (3.0, 0.45)},
        "effect": {"hazard_ratio": 0.7},
        "primary": {"looks_events": (69, 138, 207)},
    }
    return Design.model_validate(given | keys)


def central_trial(of: Design, replicate: int, seed: int = 1, **keys: Any) -> TwinTrial:
    """The trial with flat bounds at every look."""
    looks = len(of.primary.looks_events or of.primary.looks_years)
    bounds = (2.0,) * looks, (-1.0,) * looks
    block, row = divmod(replicate, BLOCK)
    return twin_trial(of, "exclusive", seed, block, row, *bounds, lambda looks, events: 2.0, **keys)


@pytest.mark.unit
def test_arms_and_kinds_by_hand() -> None:
    profiles = ({"name": "few", "share": 0.5}, {"name": "many", "share": 0.5, "targets": 3, "cleared": 1, "risk": 3.0})
    shares = {"target_only": 0.4, "both": 0.2, "death": 0.1}
    therapy = {"local_effect": 0.5, "compliance": 0.75, "crossover": 0.25}
    made = design(
        profiles=profiles,
        allocation=(2, 1),
        effect=None,
        radiotherapy=therapy,
        failure={"median_years": 1.0, "shares": shares},
    )
    assert arms(made, [0, 1, 0, 0, 1, 1, 0]) == [0, 0, 0, 1, 0, 1, 0]
    found = kinds(made)
    assert [kind.answers for kind in found[:4]] == [(False, False), (False, True), (True, False), (True, True)]
    assert [kind.probability for kind in found] == [0.09375, 0.28125, 0.03125, 0.09375] * 2
    assert weights(made, "exclusive", made.profiles[1], 1) == pytest.approx((1.5 * 0.4 * 1.5, 1.5 * 0.5, 0.15))
    assert weights(made, "inclusive", made.profiles[1], 1) == pytest.approx((1.5 * 0.6 * 1.5, 1.5 * 0.3, 0.15))


@pytest.mark.unit
def test_arrivals_by_hand() -> None:
    accrual = {"patients": 3, "years": 2.0, "pattern": "centres", "centres": 2, "opening_years": 1.0, "per_year": 2.0}
    made = design(accrual=accrual, primary={"looks_years": (3.0,)})
    # rates 1 and 2; M(t) = t up to year 1, then 1 + 3 (t - 1), 4 at the end
    uniforms = [1 - math.exp(-0.4), 1 - math.exp(-1.1), 1 - math.exp(-2.6)]
    assert arrivals(made, uniforms, [1.0, 2.0]) == [pytest.approx(0.4), pytest.approx(1 + 0.5 / 3), NEVER]


@pytest.mark.unit
def test_a_scenario_uses_the_first_columns() -> None:
    small = design(accrual={"patients": 4, "years": 1.0}, primary={"looks_years": (2.0,)})
    wide = draw(small, "exclusive", 1, 0, 7)
    trial = central_trial(small, 3, columns=7)
    assert trial.arrival == wide["arrival"][3][:4]
    assert sorted(wide) == ["arrival", "failure"]


@pytest.mark.property
@pytest.mark.slow
def test_power_of_a_group_sequential_trial() -> None:
    # gsDesign2 expects 0.7198 (tests/trial/test_published_designs.py)
    s1, bounds = design(), (3.7103, 2.5114, 1.9930)
    wins = looks = 0
    for row in range(200):
        trial = twin_trial(s1, "exclusive", 5, 0, row, bounds, (-math.inf,) * 3, lambda looks, events: math.nan)
        wins += trial.crossed == "efficacy"
        looks += trial.look
        assert trial.events == [69, 138, 207]
    assert wins / 200 == pytest.approx(0.7198, abs=0.1)
    assert 2 < looks / 200 < 3


# ---------------------------------------------------------------- random designs


@pytest.mark.property
def test_random_designs_span_the_model() -> None:
    counted: dict[str, int] = {}
    for seed in range(60):
        made = random_design(seed)
        assert made == random_design(seed)
        assert check_design(made) == []
        for name in options(made):
            counted[name] = counted.get(name, 0) + 1
    assert len(counted) == 33
    assert min(counted.values()) >= 4


@pytest.mark.property
def test_random_trials_end_in_every_way() -> None:
    ends: set[str] = set()
    forced = 0
    for seed in range(48):
        made = random_design(seed)
        trial = central_trial(made, seed)
        ends.add(trial.crossed)
        forced += trial.cuts[-1] == made.primary.latest_year
        assert trial.events == sorted(trial.events)
        assert trial.cuts == sorted(trial.cuts)
        for planned, events in zip(made.primary.looks_events, trial.events, strict=False):
            assert events == planned or (events < planned and events == trial.events[-1])
    assert ends == {"efficacy", "futility", "none"}
    assert forced >= 8


CHANGES = {
    ("accrual", "opening_years"): 0.9,
    ("accrual", "shape"): 3.0,
    ("failure", "cured"): 0.23,
    ("failure", "cure"): "shared",
    ("failure", "frailty_variance"): 0.77,
    ("failure", "target_power"): 2.0,
    ("failure", "cleared_power"): 1.3,
    ("failure", "shape"): 1.3,
    ("radiotherapy", "local_effect"): 0.47,
    ("radiotherapy", "delay_years"): 0.37,
    ("radiotherapy", "compliance"): 0.8,
    ("radiotherapy", "crossover"): 0.5,
    ("radiotherapy", "seeded_elsewhere"): 0.7,
    ("radiotherapy", "toxicity_per_year"): 0.6,
    ("dropout", "per_year"): 0.7,
    ("assessment", "every_months"): None,
    ("assessment", "sensitivity"): 0.7,
    ("assessment", "false_positive"): 0.08,
    ("assessment", "clearing_days"): 200.0,
    ("primary", "rho"): 0.3,
    ("primary", "gamma"): 0.6,
    ("primary", "horizon_years"): 0.8,
}


def changed(of: Design, part: str, name: str, value: object) -> Design | None:
    """The design with one key set; None where it lacks that part."""
    given = of.model_dump(exclude_none=True)
    if part not in given:
        return None
    if name == "every_months":
        value = tuple(months + 0.5 for months in given[part][name])
    return Design.model_validate(given | {part: given[part] | {name: value}})


def looks_in_years(of: Design) -> Design:
    """The same at fixed years, so that the looks do not move."""
    given = of.model_dump(exclude_none=True)
    looks = len(of.primary.looks_events or of.primary.looks_years)
    given["primary"].pop("latest_year", None)
    years = {"looks_years": tuple(2.0 + look for look in range(looks)), "looks_events": ()}
    return Design.model_validate(given | {"primary": given["primary"] | years})


@pytest.mark.property
@pytest.mark.slow
@pytest.mark.parametrize(("part", "name"), CHANGES)
def test_every_quantity_is_felt(part: str, name: str) -> None:
    felt = 0
    for seed in random.Random(3).sample(range(60), 30):
        of = random_design(seed)
        another = changed(of, part, name, CHANGES[part, name])
        if another is not None and another != of:
            pair = [looks_in_years(one) for one in (of, another)]
            felt += central_trial(pair[0], 0).z != central_trial(pair[1], 0).z
        if felt >= 2:
            return
    raise AssertionError(f"{part}.{name} changes {felt} designs")
