"""The EFS of the eligible patients of a study: piecewise constant hazards with their posterior."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from residuum.records.vocabulary import DAYS_PER_YEAR

EDGES_YEARS: Final = (0.0, 1.0, 2.0, 3.0, 5.0)
"""Of the intervals in which the hazard is taken to be constant; the last one goes on."""
HORIZON_YEARS: Final = EDGES_YEARS[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """First events and time at risk in the intervals of `EDGES_YEARS`; what comes after the last edge is left out.

    Attributes
    ----------
    events : ndarray of shape (4,), int
        First events.
    years : ndarray of shape (4,)
        Person-years at risk.
    """

    events: NDArray[np.int64]
    years: NDArray[np.float64]

    def draw_hazards(self, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
        """Draws of the hazards per year.

        Each has the posterior Gamma(events + 1/2, years + 1/(2 h)), h the mean hazard of all intervals: a prior worth
        half an event at that hazard, so that an interval without follow-up is like the others.

        Parameters
        ----------
        uniform : ndarray of shape (draws, 4)
            Strictly between 0 and 1.

        Returns
        -------
        ndarray of shape (draws, 4)

        References
        ----------
        Ibrahim JG, Chen MH, Sinha D. Bayesian Survival Analysis, 2001, chapter 3 (piecewise exponential model).
        """
        from scipy.special import gammaincinv

        mean = (self.events.sum() + 0.5) / self.years.sum()
        return np.asarray(gammaincinv(self.events + 0.5, uniform) / (self.years + 0.5 / mean))


def count_exposure(first_failures: pl.DataFrame) -> Exposure:
    """Return first events and person-years by interval.

    Parameters
    ----------
    first_failures : DataFrame
        Result of `residuum.cohort.trial_view.derive_first_failures`. An event on an edge ends the interval before it.
    """
    time = first_failures["efs_time"].to_numpy() / DAYS_PER_YEAR
    failed = first_failures["first_failure"].is_not_null().to_numpy()
    interval = np.searchsorted(EDGES_YEARS[1:], time[failed])
    events = np.bincount(interval, minlength=len(EDGES_YEARS))[: len(EDGES_YEARS) - 1]
    return Exposure(events, _time_in_intervals(time, HORIZON_YEARS).sum(axis=0))


def cumulative_hazards(hazards: NDArray[np.float64], years: ArrayLike) -> NDArray[np.float64]:
    """Cumulative hazards at some times, the last hazard going on.

    Parameters
    ----------
    hazards : ndarray of shape (draws, 4)
        Per year, in the intervals of `EDGES_YEARS`.
    years : array_like of shape (k,)
        0 or above.

    Returns
    -------
    ndarray of shape (draws, k)
    """
    return hazards @ _time_in_intervals(years, np.inf).T


def _time_in_intervals(years: ArrayLike, last: float) -> NDArray[np.float64]:
    """Return the years spent in each interval by each time, shape (k, 4)."""
    time = np.asarray(years, dtype=np.float64)[:, np.newaxis]
    starts = np.array(EDGES_YEARS[:-1])
    return np.asarray(np.clip(time, starts, np.append(starts[1:], last)) - starts)
