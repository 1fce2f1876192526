"""Operating characteristics of a design from its simulated trials."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from residuum.records.design import Design
from residuum.trial.simulation.scenario import Scenario
from residuum.trial.simulation.simulate import Replicates


@dataclass(frozen=True, slots=True, eq=False)
class Characteristics:
    """How a trial of this design behaves, k looks.

    Attributes
    ----------
    replicates : int
        Trials simulated.
    efficacy, futility : ndarray of shape (k,)
        Probability of having stopped for it by each look; the last efficacy is the power.
    made : ndarray of shape (k,)
        Probability that the look is made.
    events, years : ndarray of shape (k,)
        Expected events and calendar time of each look, whether or not the trial stopped before.
    expected_events, expected_patients, expected_years : float
        When the trial stops.
    duration_years : ndarray of shape (5,)
        Quantiles 0.05, 0.25, 0.5, 0.75, 0.95 of the calendar time at which it stops.
    done_in_time : float
        Probability that it stops by the declared number of years.
    short : float
        Probability that a last look is made for want of time, with fewer events than planned.
    estimated_hazard_ratio : float
        Geometric mean of Peto's estimates when the trial stops.
    """

    replicates: int
    efficacy: NDArray[np.float64]
    futility: NDArray[np.float64]
    made: NDArray[np.float64]
    events: NDArray[np.float64]
    years: NDArray[np.float64]
    expected_events: float
    expected_patients: float
    expected_years: float
    duration_years: NDArray[np.float64]
    done_in_time: float
    short: float
    estimated_hazard_ratio: float

    @property
    def power(self) -> float:
        """Probability of stopping for efficacy."""
        return float(self.efficacy[-1])


def derive_characteristics(scenario: Scenario, trials: Replicates) -> Characteristics:
    """Return the operating characteristics of simulated trials.

    Parameters
    ----------
    scenario : Scenario
        That was simulated.
    trials : Replicates
        Result of `residuum.trial.simulation.simulate.simulate`.
    """
    looks = np.arange(1, scenario.looks.count + 1)
    by_look = trials.look[:, np.newaxis] <= looks
    row, last = np.arange(len(trials)), trials.look.astype(np.int64) - 1
    stopped = trials.cut[row, last]
    events = trials.events[row, last]
    planned = scenario.looks.events
    short = events < planned[last] if planned.size else np.zeros(len(trials), dtype=np.bool_)
    return Characteristics(
        replicates=len(trials),
        efficacy=((trials.crossed == 1)[:, np.newaxis] & by_look).mean(axis=0),
        futility=((trials.crossed == -1)[:, np.newaxis] & by_look).mean(axis=0),
        made=(trials.look[:, np.newaxis] >= looks).mean(axis=0),
        events=trials.events.mean(axis=0),
        years=trials.cut.mean(axis=0),
        expected_events=float(events.mean()),
        expected_patients=float(trials.enrolled[row, last].mean()),
        expected_years=float(stopped.mean()),
        duration_years=np.quantile(stopped, [0.05, 0.25, 0.5, 0.75, 0.95]),
        done_in_time=float((stopped <= scenario.design.criteria.done_years).mean()),
        short=float(short.mean()),
        estimated_hazard_ratio=float(np.exp(trials.log_hazard_ratio.mean())),
    )


def without_effect(design: Design) -> Design:
    """Return the design in which the experimental treatment does nothing, good or bad.

    Parameters
    ----------
    design : Design
        Any.
    """
    nothing = {"central": 0.0, "low": None, "high": None}
    if design.effect is not None:
        ratio = design.effect.hazard_ratio.model_copy(update=nothing | {"central": 1.0})
        return design.model_copy(update={"effect": design.effect.model_copy(update={"hazard_ratio": ratio})})
    if design.radiotherapy is None:
        return design
    therapy = design.radiotherapy.model_copy(
        update={
            name: getattr(design.radiotherapy, name).model_copy(update=nothing)
            for name in ("local_effect", "toxicity_per_year")
        }
    )
    return design.model_copy(update={"radiotherapy": therapy})
