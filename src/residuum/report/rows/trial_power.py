"""trial.*: operating characteristics of a design, simulated, with the analytic value where there is one."""

import numpy as np

from residuum.records.design import Bound
from residuum.report.numbers import Row
from residuum.stats.intervals import wilson
from residuum.trial.model.accrual import expected_patients
from residuum.trial.model.effect import (
    LATE_YEARS,
    efs_difference,
    expected_events,
    rmst_difference,
    window_hazard_ratios,
)
from residuum.trial.model.hazards import target_share
from residuum.trial.planning.analytic import HORIZON_YEARS, POWERS, Analytic
from residuum.trial.simulation.characteristics import Characteristics
from residuum.trial.simulation.scenario import Scenario

LEVEL = 0.95
SIMULATED = "simulated; Wilson interval of the Monte-Carlo error"
NULL = (
    "simulated without local effect and toxicity; irradiated targets are still read late (clearing_days), which alone "
    "can raise it"
)
GAIN_YEARS = (3.0, 5.0)


def power_rows(
    scenario: Scenario, simulated: Characteristics, null: Characteristics, analytic: Analytic, prefix: str
) -> list[Row]:
    """Return the rows of one bound.

    Parameters
    ----------
    scenario : Scenario
        Design and bound.
    simulated, null : Characteristics
        With the declared effect, and with none.
    analytic : Analytic
        Asymptotic figures.
    prefix : str
        ``trial``, ``trial.exclusive`` or ``trial.inclusive``.
    """
    return [
        *_power(simulated, null, analytic, prefix),
        *_looks(scenario, simulated, prefix),
        *_ending(simulated, prefix),
        *_effect(scenario, simulated, analytic, prefix),
        *_needed(scenario, simulated, analytic, prefix),
    ]


def prefix_of(bound: Bound | None) -> str:
    """Return how the names of the rows under a bound begin; without radiotherapy there is none."""
    return "trial" if bound is None else f"trial.{bound}"


def _chance(name: str, share: float, trials: int, method: str = SIMULATED) -> Row:
    low, high = wilson(round(share * trials), trials, LEVEL)
    return Row(name, share, "probability", low=low, high=high, level=LEVEL, method=method, n=trials)


def _power(simulated: Characteristics, null: Characteristics, analytic: Analytic, prefix: str) -> list[Row]:
    trials = simulated.replicates
    return [
        _chance(f"{prefix}.power", simulated.power, trials),
        *(_chance(f"{prefix}.power.look_{k}", p, trials) for k, p in enumerate(simulated.efficacy.tolist(), 1)),
        *(_chance(f"{prefix}.futility.look_{k}", p, trials) for k, p in enumerate(simulated.futility.tolist(), 1)),
        _chance(f"{prefix}.type_one_error", null.power, null.replicates, NULL),
        _perhaps(
            f"{prefix}.power.schoenfeld",
            analytic.power,
            "probability",
            "log-rank of EFS at the planned events and the average hazard ratio, recursive integration",
            analytic.reason,
        ),
        _perhaps(
            f"{prefix}.power.analytic",
            analytic.power_exponential,
            "probability",
            "log-rank at the events expected at the looks, constant hazards, recursive integration",
            "needs constant hazards, uniform accrual, a log-rank test of EFS and a hazard ratio taken as given",
        ),
    ]


def _perhaps(name: str, value: float | None, unit: str, method: str, reason: str | None) -> Row:
    """Return a row, or why there is no number."""
    if value is None or not np.isfinite(value):
        return Row(name, None, unit, reason=reason)
    return Row(name, value, unit, method=method)


def _looks(scenario: Scenario, simulated: Characteristics, prefix: str) -> list[Row]:
    looks, rows = scenario.looks, []
    for k in range(looks.count):
        futility = float(looks.futility[k])
        rows += [
            Row(f"{prefix}.events.look_{k + 1}", float(simulated.events[k]), "events", n=simulated.replicates),
            Row(f"{prefix}.time.look_{k + 1}", float(simulated.years[k]), "years", n=simulated.replicates),
            Row(f"{prefix}.made.look_{k + 1}", float(simulated.made[k]), "probability", n=simulated.replicates),
            _perhaps(
                f"{prefix}.bound.look_{k + 1}",
                float(looks.efficacy[k]),
                "z",
                "efficacy, one-sided",
                "no error is spent here",
            ),
        ]
        if np.isfinite(futility):
            rows.append(Row(f"{prefix}.futility_bound.look_{k + 1}", futility, "z", method="futility, not binding"))
    return rows


def _ending(simulated: Characteristics, prefix: str) -> list[Row]:
    low, _, median, _, high = simulated.duration_years.tolist()
    trials = simulated.replicates
    return [
        Row(f"{prefix}.events", simulated.expected_events, "events", method="mean when the trial stops", n=trials),
        Row(f"{prefix}.patients", simulated.expected_patients, "patients", method="mean when it stops", n=trials),
        Row(
            f"{prefix}.duration",
            simulated.expected_years,
            "years",
            low=low,
            high=high,
            level=0.9,
            median=median,
            method="mean calendar time when the trial stops; limits hold 90 % of the trials",
            n=trials,
        ),
        _chance(f"{prefix}.done_in_time", simulated.done_in_time, trials),
        _chance(f"{prefix}.short", simulated.short, trials, "last look made for want of time, at fewer events"),
    ]


def _effect(scenario: Scenario, simulated: Characteristics, analytic: Analytic, prefix: str) -> list[Row]:
    hazards = scenario.hazards
    gains = efs_difference(hazards, [*GAIN_YEARS, LATE_YEARS]).tolist()
    windows = window_hazard_ratios(hazards, (0.0, 1.0, 2.0, 3.0, 5.0, 10.0)).tolist()
    names = ("0_1", "1_2", "2_3", "3_5", "5_10")
    method = f"of EFS: events-weighted geometric mean to {HORIZON_YEARS:g} years, computed"
    rows = [
        _perhaps(f"{prefix}.hazard_ratio", analytic.hazard_ratio, "ratio", method, analytic.reason),
        Row(
            f"{prefix}.hazard_ratio.estimated",
            simulated.estimated_hazard_ratio,
            "ratio",
            method="geometric mean of Peto's estimates when the trials stop",
            n=simulated.replicates,
        ),
        *(
            _perhaps(
                f"{prefix}.hazard_ratio.years_{name}", value, "ratio", "of EFS, computed", "no events in this window"
            )
            for name, value in zip(names, windows, strict=True)
        ),
        *(
            Row(f"{prefix}.efs_gain.{year:g}y", gain, "probability", method="computed")
            for year, gain in zip((*GAIN_YEARS, LATE_YEARS), gains, strict=True)
        ),
        Row(f"{prefix}.rmst_gain.5y", rmst_difference(hazards, HORIZON_YEARS), "years", method="computed"),
    ]
    if scenario.design.radiotherapy is not None:
        rows.append(Row(f"{prefix}.share", target_share(scenario.design, scenario.bound), "proportion", method="f"))
    return rows


def _needed(scenario: Scenario, simulated: Characteristics, analytic: Analytic, prefix: str) -> list[Row]:
    rows = []
    for k, power in enumerate(POWERS):
        percent = round(100 * power)
        events = None if analytic.events_needed is None else analytic.events_needed[k]
        method = "a single log-rank test of EFS at the average hazard ratio (Schoenfeld)"
        rows.append(_perhaps(f"{prefix}.needed.events.power_{percent}", events, "events", method, analytic.reason))
        rows.append(_needed_patients(f"{prefix}.needed.patients.power_{percent}", scenario, simulated, analytic, k))
    return rows


def _needed_patients(name: str, scenario: Scenario, simulated: Characteristics, analytic: Analytic, k: int) -> Row:
    if analytic.patients_needed is not None:
        return Row(name, analytic.patients_needed[k], "patients", method="a single log-rank test (Lachin-Foulkes)")
    end = float(simulated.years[-1])  # when the last look is made, on average
    if analytic.events_needed is None or not np.isfinite(end):
        return Row(name, None, "patients", reason=analytic.reason or "the events may never come")
    expected = float(expected_events(scenario.design, scenario.hazards, [end])[0])
    enrolled = float(expected_patients(scenario.design.accrual, end))
    per_event = enrolled / expected if expected > 0 else np.inf
    method = "events needed x patients per event by the expected year of the last look"
    return _perhaps(name, analytic.events_needed[k] * per_event, "patients", method, "no event is expected")
