"""What can be said of a design without simulation: exact log-rank theory where it holds, Schoenfeld's elsewhere."""

from dataclasses import dataclass

import numpy as np

from residuum.trial.model.baseline import EXPONENTIAL
from residuum.trial.model.effect import average_hazard_ratio
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
    """Asymptotic figures of a design.

    Attributes
    ----------
    hazard_ratio : float
        Constant, or averaged over events to 5 years (`residuum.trial.model.effect.average_hazard_ratio`).
    power : float
        Of the log-rank test at that ratio and the planned events (Schoenfeld).
    power_exponential : float or None
        With constant hazards and uniform accrual: at the events expected at the looks.
    events_needed : tuple of float
        For power 0.8 and 0.9 (Schoenfeld); infinite without effect.
    patients_needed : tuple of float or None
        For the same, with constant hazards, uniform accrual and one look (Lachin-Foulkes).
    """

    hazard_ratio: float
    power: float
    power_exponential: float | None
    events_needed: tuple[float, ...]
    patients_needed: tuple[float, ...] | None


def derive_analytic(scenario: Scenario) -> Analytic:
    """Return the asymptotic figures of a scenario."""
    design, looks = scenario.design, scenario.looks
    trial = exponential_trial(scenario)
    ratio = average_hazard_ratio(scenario.hazards, HORIZON_YEARS) if trial is None else trial.hazard_ratio
    share = design.allocation[1] / sum(design.allocation)
    drift = -float(np.log(ratio))
    crossing = crossing_probabilities(looks.efficacy, looks.information * share * (1 - share), drift, looks.futility)
    effective = abs(drift) > INDISTINCT
    alpha = design.primary.alpha
    return Analytic(
        hazard_ratio=ratio,
        power=float(crossing.power[-1]),
        power_exponential=None if trial is None else _exponential_power(scenario, trial),
        events_needed=tuple(
            schoenfeld_events(ratio, alpha, power, share) if effective else float("inf") for power in POWERS
        ),
        patients_needed=_patients_needed(scenario, trial) if trial is not None and effective else None,
    )


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
    return float(log_rank_crossing(trial, patients, years, looks.efficacy, looks.futility).power[-1])


def _expected_year(trial: ExponentialTrial, patients: int, events: float) -> float:
    most = float(trial.expected_events(patients, np.inf).sum())
    return trial.expected_year(patients, events) if events < most else np.inf


def _patients_needed(scenario: Scenario, trial: ExponentialTrial) -> tuple[float, ...] | None:
    years = scenario.looks.years
    if years.size != 1:
        return None
    return tuple(lachin_foulkes_patients(trial, float(years[0]), scenario.design.primary.alpha, p) for p in POWERS)
