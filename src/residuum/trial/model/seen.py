"""When the first event of a patient of one arm is seen.

Causes, visits, misses, calls by mistake and dropout are those of docs/trial-model.md, without simulation.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.records.design import Assessment, Design
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.trial.model.arms import disease_hazard, jumps
from residuum.trial.model.hazards import Hazards
from residuum.trial.model.visits import visit_years

STEPS_PER_YEAR: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class Failing:
    """Probabilities that a patient of one arm fails in each narrow interval.

    Attributes
    ----------
    years : ndarray of shape (k,)
        Middle of each interval, from randomisation.
    cleared_late : ndarray of shape (k,)
        Target failures of the irradiated.
    target, elsewhere, death : ndarray of shape (k,)
        Target failures of the others, failures elsewhere, deaths and fatal toxicity.
    """

    years: NDArray[np.float64]
    cleared_late: NDArray[np.float64]
    target: NDArray[np.float64]
    elsewhere: NDArray[np.float64]
    death: NDArray[np.float64]


def seen_events(
    design: Design, hazards: Hazards, arm: int, until_years: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When the event of a patient of one arm is seen and counts.

    Parameters
    ----------
    design, hazards : Design, Hazards
        As of `residuum.trial.model.effect.expected_events`.
    arm : {0, 1}
        Control, experimental.
    until_years : float
        From randomisation; what is seen later is left out.

    Returns
    -------
    years, probability : ndarray of shape (k,)
        On-study time, and the probability that the event is seen then, before dropout.
    """
    failing = _failing(hazards, arm, until_years)
    at_target_only = design.primary.endpoint == "target_control"
    if design.assessment is not None:
        time, probability = _at_visits(design.assessment, hazards.delay_years, failing, until_years, at_target_only)
    else:
        target = failing.target + failing.cleared_late
        time, probability = failing.years, target if at_target_only else target + failing.elsewhere + failing.death
    staying = np.exp(-design.dropout.per_year.central * time)
    return time, probability * staying


def _failing(hazards: Hazards, arm: int, until_years: float) -> Failing:
    even = np.linspace(0, until_years, int(np.ceil(until_years * STEPS_PER_YEAR)) + 1)
    edges = np.union1d(even, [jump for jump in jumps(hazards) if jump < until_years])
    middle = (edges[1:] + edges[:-1]) / 2
    cure = hazards.baseline.shared_cure
    surviving = np.exp(-disease_hazard(hazards, arm, edges))
    # Of each kind in each interval, the disease alone; the cured never fail of it.
    failing = -(1 - cure) * np.diff(surviving, axis=0) * hazards.probability
    toxicity = hazards.irradiated[arm] * hazards.toxicity_per_year
    escaping = np.exp(-toxicity * np.maximum(edges - hazards.delay_years, 0.0)[:, np.newaxis])
    failing *= (escaping[1:] + escaping[:-1]) / 2
    whole = (cure + (1 - cure) * surviving) * escaping * hazards.probability
    fatal = np.maximum(-np.diff(whole, axis=0) - failing, 0.0)
    late = (middle > hazards.delay_years)[:, np.newaxis, np.newaxis]
    weights = np.where(late, hazards.after[arm], hazards.before[arm])
    total = weights.sum(axis=-1, keepdims=True)
    causes = failing[..., np.newaxis] * (weights / np.where(total > 0, total, 1.0))
    irradiated = hazards.irradiated[arm]
    return Failing(
        years=middle,
        cleared_late=causes[:, irradiated, 0].sum(axis=1),
        target=causes[:, ~irradiated, 0].sum(axis=1),
        elsewhere=causes[..., 1].sum(axis=1),
        death=causes[..., 2].sum(axis=1) + fatal.sum(axis=1),
    )


def _at_visits(
    assessment: Assessment, delay_years: float, failing: Failing, until_years: float, at_target_only: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    visits = visit_years(assessment)
    visits = visits[visits <= until_years]
    clear = delay_years + assessment.clearing_days.central / DAYS_PER_YEAR
    visible = np.maximum(failing.years, clear)
    sensitivity, mistake = assessment.sensitivity.central, assessment.false_positive.central
    target = _found(visits, failing.years, failing.target, sensitivity)
    target += _found(visits, visible, failing.cleared_late, sensitivity)
    unmistaken = (1 - mistake) ** np.arange(visits.size)
    if at_target_only:
        return visits, target * unmistaken
    found = target + _found(visits, failing.years, failing.elsewhere, sensitivity)
    before = np.searchsorted(visits, failing.years)
    dead = np.bincount(before, failing.death, minlength=visits.size + 1)[: visits.size].cumsum()
    mistaken = mistake * unmistaken * (1 - found.cumsum() - dead)
    return (
        np.concatenate([visits, failing.years]),
        np.concatenate([found * unmistaken + mistaken, failing.death * (1 - mistake) ** before]),
    )


def _found(
    visits: NDArray[np.float64], visible: NDArray[np.float64], probability: NDArray[np.float64], sensitivity: float
) -> NDArray[np.float64]:
    """Return the probability that a failure is found at each visit, the first from its being visible or a later one."""
    due = np.bincount(np.searchsorted(visits, visible), probability, minlength=visits.size + 1)[: visits.size]
    found, waiting = np.zeros(visits.size), 0.0
    for visit, coming in enumerate(due.tolist()):
        waiting += coming
        found[visit] = sensitivity * waiting
        waiting -= found[visit]
    return found
