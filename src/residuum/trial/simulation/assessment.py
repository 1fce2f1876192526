"""When a failure is seen: at a visit, perhaps a later one, perhaps by mistake."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.records.design import Assessment
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.trial.model.hazards import Hazards
from residuum.trial.model.visits import visit_years
from residuum.trial.simulation.draws import Draws, Stream
from residuum.trial.simulation.failure import DEATH, ELSEWHERE, TARGET


def see(
    assessment: Assessment,
    hazards: Hazards,
    draws: Draws,
    kinds: NDArray[np.uint8],
    arms: NDArray[np.uint8],
    years: NDArray[np.float64],
    causes: NDArray[np.uint8],
) -> None:
    """Replace the years of failure by those at which it is seen; `causes` becomes ELSEWHERE for calls by mistake.

    Parameters
    ----------
    assessment : Assessment
        Of the design, at its central values.
    hazards, draws, kinds, arms
        As for `residuum.trial.simulation.failure.draw_failures`.
    years, causes : ndarray of shape (256, patients)
        Of the first failure; changed in place.
    """
    visible_from = np.zeros(hazards.irradiated.shape)
    visible_from[hazards.irradiated] = hazards.delay_years + assessment.clearing_days.central / DAYS_PER_YEAR
    sensitivity, mistaken = assessment.sensitivity.central, assessment.false_positive.central
    misses = _passed_over(draws, Stream.DETECTION, 1 - sensitivity) if sensitivity < 1 else np.zeros((1, 1))
    call = _passed_over(draws, Stream.FALSE_POSITIVE, 1 - mistaken) if mistaken > 0 else np.zeros((1, 1))
    _see(visit_years(assessment), kinds, arms, visible_from, misses, call, years, causes)


def _passed_over(draws: Draws, stream: Stream, chance: float) -> NDArray[np.float64]:
    """Return how many visits in a row pass by, each with this chance."""
    level = draws.exponential(stream)
    return np.full(level.shape, np.inf) if chance >= 1 else np.floor(level / -np.log(chance))


@njit(cache=True, nogil=True)
def _see(
    visits: NDArray[np.float64],
    kinds: NDArray[np.uint8],
    arms: NDArray[np.uint8],
    visible_from: NDArray[np.float64],
    misses: NDArray[np.float64],
    call: NDArray[np.float64],
    years: NDArray[np.float64],
    causes: NDArray[np.uint8],
) -> None:  # pragma: no cover  # compiled
    many_kinds, many_arms = kinds.shape[0] > 1, arms.shape[0] > 1
    missing, calling = misses.shape[0] > 1, call.shape[0] > 1
    for row in range(years.shape[0]):
        for j in range(years.shape[1]):
            kind, arm = kinds[row if many_kinds else 0, j], arms[row if many_arms else 0, j]
            seen = years[row, j]
            if causes[row, j] != DEATH:
                if causes[row, j] == TARGET:
                    seen = max(seen, visible_from[arm, kind])
                visit = float(np.searchsorted(visits, seen))
                if missing:
                    visit += misses[row, j]
                seen = visits[int(visit)] if visit < visits.size else np.inf
            if calling and call[row, j] < visits.size:
                mistake = visits[int(call[row, j])]
                if mistake < seen:
                    seen = mistake
                    causes[row, j] = ELSEWHERE
            years[row, j] = seen
