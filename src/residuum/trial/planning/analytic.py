"""What can be said of a design without simulation: exact log-rank theory where it holds, Schoenfeld's elsewhere."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from residuum.trial.model.baseline import EXPONENTIAL
from residuum.trial.model.effect import average_hazard_ratio
from residuum.trial.simulation.looks import Looks
from residuum.trial.simulation.scenario import Scenario
from residuum.trial.theory.boundaries import crossing_probabilities
from residuum.trial.theory.expected_events import ExponentialTrial
from residuum.trial.theory.sample_size import lachin_foulkes_patients, log_rank_crossing, schoenfeld_events

POWERS = (0.8, 0.9)
HORIZON_YEARS = 5.0
# Closer to 1 a hazard ratio needs more events than there are children.
INDISTINCT = 1e-6


@dataclass(frozen=True, slots=True)
class Analytic:
    """Asymptotic figures of a design, None where they do not exist.

    Attributes
    ----------
    hazard_ratio : float or None
        Of EFS: constant, or averaged over events to 5 years (`residuum.trial.model.effect.average_hazard_ratio`).
    power : float or None
        Of the log-rank test at that ratio and the planned events (Schoenfeld).
    power_exponential : float or None
        With constant hazards and uniform accrual: at the events expected at the looks.
    events_needed : tuple of float or None
        By a single log-rank test, for power 0.8 and 0.9 (Schoenfeld).
    patients_needed : tuple of float or None
        For the same, with constant hazards, uniform accrual and one look at a year (Lachin-Foulkes).
    reason : str or None
        Why there is no `power`, or no `events_needed`.
    """

    hazard_ratio: float | None
    power: float | None
    power_exponential: float | None
    events_needed: tuple[float, ...] | None
    patients_needed: tuple[float, ...] | None
    reason: str | None


def derive_analytic(scenario: Scenario) -> Analytic:
    """Return the asymptotic figures of a scenario."""
    design, looks = scenario.design, scenario.looks
    trial = exponential_trial(scenario)
    ratio = average_hazard_ratio(scenario.hazards, HORIZON_YEARS) if trial is None else trial.hazard_ratio
    without = _without_power(scenario, ratio)
    worse = "the experimental arm is not better: no number shows that it is" if ratio >= 1 - INDISTINCT else None
    needed = without is None and worse is None
    share, alpha = design.allocation[1] / sum(design.allocation), design.primary.alpha
    return Analytic(
        hazard_ratio=ratio if np.isfinite(ratio) and ratio > 0 else None,
        power=None if without else _power(looks, looks.information * share * (1 - share), ratio),
        power_exponential=None if trial is None or without else _exponential_power(scenario, trial),
        events_needed=tuple(schoenfeld_events(ratio, alpha, power, share) for power in POWERS) if needed else None,
        patients_needed=_patients_needed(scenario, trial) if needed and trial is not None else None,
        reason=without or worse,
    )


def _without_power(scenario: Scenario, ratio: float) -> str | None:
    """Return why a log-rank test of EFS at an average hazard ratio says nothing of this design, None where it does."""
    if scenario.design.primary.endpoint == "target_control":
        return "computed for EFS only; the endpoint is target control"
    if not np.isfinite(ratio):
        return f"nobody can fail within {HORIZON_YEARS:g} years"
    if ratio <= 0:
        return "nobody fails in the experimental arm: the hazard ratio is 0"
    return None if scenario.looks.information[0] > 0 else "no event is expected by the first look"


def _power(looks: Looks, information: NDArray[np.float64], ratio: float) -> float:
    crossing = crossing_probabilities(looks.efficacy, information, -float(np.log(ratio)), looks.futility)
    return min(float(crossing.power[-1]), 1.0)  # the integration may end 1e-8 above it


def exponential_trial(scenario: Scenario) -> ExponentialTrial | None:
    """Return the scenario as a trial with constant hazards, None where it is not one."""
    design, baseline = scenario.design, scenario.hazards.baseline
    plain = (
        design.effect is not None
        and baseline.kind == EXPONENTIAL
        and baseline.shared_cure == baseline.own_cure == baseline.frailty == 0
        and len(design.profiles) == 1
        and design.accrual.pattern == "uniform"
        and design.assessment is None
        and design.primary.test == "log_rank"
    )
    if not plain or design.effect is None:
        return None
    return ExponentialTrial(
        control_hazard_per_year=baseline.rate,
        hazard_ratio=design.effect.hazard_ratio.central,
        accrual_years=design.accrual.years,
        dropout_hazard_per_year=design.dropout.per_year.central,
        experimental_share=design.allocation[1] / sum(design.allocation),
    )


def _exponential_power(scenario: Scenario, trial: ExponentialTrial) -> float:
    patients, looks = scenario.design.accrual.patients, scenario.looks
    years = [
        min(_expected_year(trial, patients, events), looks.latest_year) for events in looks.events
    ] or looks.years.tolist()
    return min(float(log_rank_crossing(trial, patients, years, looks.efficacy, looks.futility).power[-1]), 1.0)


def _expected_year(trial: ExponentialTrial, patients: int, events: float) -> float:
    most = float(trial.expected_events(patients, np.inf).sum())
    return trial.expected_year(patients, events) if events < most else np.inf


def _patients_needed(scenario: Scenario, trial: ExponentialTrial) -> tuple[float, ...] | None:
    years = scenario.looks.years
    if years.size != 1:
        return None
    return tuple(lachin_foulkes_patients(trial, float(years[0]), scenario.design.primary.alpha, p) for p in POWERS)
