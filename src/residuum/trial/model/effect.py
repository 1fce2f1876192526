"""The effect that the hazards of a design have in a whole arm, computed without simulation.

The hazard ratio of two arms is a mixture's: it changes over time wherever patients differ, are cured, or are irradiated
late. So it is given window by window, and as an average weighted by events.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.design import Design
from residuum.records.errors import CallError
from residuum.trial.model.accrual import expected_patients
from residuum.trial.model.arms import CONTROL, EXPERIMENTAL, cumulative_hazard, event_free, jumps
from residuum.trial.model.hazards import Hazards
from residuum.trial.model.seen import seen_events

WINDOWS_YEARS: Final = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
"""Edges of the windows whose hazard ratios are given."""
LATE_YEARS: Final = 10.0
"""What is late: nearly every relapse has come by then."""
STEPS_PER_YEAR: Final = 64
NODES: Final = 8


def efs_difference(hazards: Hazards, years: ArrayLike) -> NDArray[np.float64]:
    """EFS of the experimental arm minus that of the control arm.

    Parameters
    ----------
    hazards : Hazards
        Of a design under one bound of f.
    years : array_like
        From randomisation; `LATE_YEARS` for the late difference.

    Returns
    -------
    ndarray
        Probabilities, of the shape of `years`; above 0 is benefit.
    """
    return event_free(hazards, EXPERIMENTAL, years) - event_free(hazards, CONTROL, years)


def window_hazard_ratios(hazards: Hazards, edges_years: ArrayLike = WINDOWS_YEARS) -> NDArray[np.float64]:
    """Ratio of the arms' cumulative hazards within each window.

    Parameters
    ----------
    hazards : Hazards
        Of a design under one bound of f.
    edges_years : array_like of shape (k + 1,)
        Of the windows, ascending.

    Returns
    -------
    ndarray of shape (k,)
        Experimental over control; NaN where neither arm has events in the window.

    Raises
    ------
    CallError
        The edges do not ascend from 0 or above.
    """
    edges = np.asarray(edges_years, dtype=np.float64)
    if not (edges.ndim == 1 and edges.size > 1 and edges[0] >= 0 and np.all(np.diff(edges) > 0)):
        raise CallError(f"edges_years {edges} do not ascend; give for example 0, 1, 2")
    control, experimental = (np.diff(cumulative_hazard(hazards, arm, edges)) for arm in (CONTROL, EXPERIMENTAL))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(experimental / control)


def average_hazard_ratio(hazards: Hazards, horizon_years: float) -> float:
    """Average hazard ratio to a horizon: the geometric mean, weighted by the events of both arms.

    exp(sum w ln HR / sum w) over windows of a 64th of a year, cut at the delay and at every change of the baseline. HR
    is the ratio of the cumulative hazards within the window, w the events expected in it in two arms of one size whom
    nobody leaves. Windows in which the control arm has no events are left out.

    Parameters
    ----------
    hazards : Hazards
        Of a design under one bound of f.
    horizon_years : float
        From randomisation, above 0.

    Returns
    -------
    float
        0 where the experimental arm has none of the events of a window; NaN where there are no events.

    References
    ----------
    Kalbfleisch JD, Prentice RL. Biometrika 1981;68:105-112 (average over time). Mukhopadhyay P, et al. Stat Biopharm
    Res 2020;12:479-490 (weighted by events). R: ``gsDesign2::ahr``, with its windows as wide as the enrolment allows.
    """
    time = _grid(hazards, horizon_years)
    return float(weighted_hazard_ratio(*(cumulative_hazard(hazards, arm, time) for arm in (CONTROL, EXPERIMENTAL))))


def weighted_hazard_ratio(control: NDArray[np.float64], experimental: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average hazard ratio of `average_hazard_ratio` from two cumulative hazards.

    Parameters
    ----------
    control, experimental : ndarray of shape (..., k)
        Cumulative hazards at the edges of the windows.

    Returns
    -------
    ndarray of shape (...)
        NaN where there are no events.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # rounding can make a hazard that hardly rises fall
        steps = np.diff(control, axis=-1), np.maximum(np.diff(experimental, axis=-1), 0.0)
        events = -np.diff(np.exp(-control) + np.exp(-experimental), axis=-1)
        counted = (events > 0) & (steps[0] > 0) & np.isfinite(steps[0]) & np.isfinite(steps[1])
        logarithm = np.where(counted, np.log(steps[1] / steps[0]), 0.0)
        weight = np.where(counted, events, 0.0)
        return np.asarray(np.exp((weight * logarithm).sum(axis=-1) / weight.sum(axis=-1)))


def rmst_difference(hazards: Hazards, horizon_years: float) -> float:
    """Years free of events that the experimental arm gains to a horizon: the area between the EFS curves.

    Parameters
    ----------
    hazards : Hazards
        Of a design under one bound of f.
    horizon_years : float
        From randomisation, above 0.

    Returns
    -------
    float
        Years; by Gauss-Legendre quadrature with 8 points in each window of `average_hazard_ratio`.
    """
    edges = _grid(hazards, horizon_years)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, np.newaxis] / 2
    time = edges[:-1, np.newaxis] + half * (nodes + 1)
    return float((efs_difference(hazards, time) * weights * half).sum())


def expected_events(design: Design, hazards: Hazards, years: ArrayLike) -> NDArray[np.float64]:
    """Events of the primary endpoint expected by calendar time, both arms together.

    Parameters
    ----------
    design : Design
        Accrual, allocation, dropout, assessment and endpoint.
    hazards : Hazards
        Of this design under one bound of f.
    years : array_like of shape (k,)
        Calendar time since the first centre opened, 0 or above.

    Returns
    -------
    ndarray of shape (k,)
        The sum over intervals of 1 / 256 year of patients expected `residuum.trial.model.accrual.expected_patients` by
        (year - on-study time) times the probability that an event is seen then; the error is below 0.0001 events per
        100 patients where hazards are bounded.

    Raises
    ------
    CallError
        A year is missing, infinite or below 0; accrual by centres without a rate.
    """
    calendar = np.atleast_1d(np.asarray(years, dtype=np.float64))
    if not np.all((calendar >= 0) & (calendar < np.inf)):
        raise CallError(f"years {calendar} are missing or not 0 or above; give calendar years of looks")
    total = np.zeros(calendar.shape)
    for arm in (CONTROL, EXPERIMENTAL):
        time, probability = seen_events(design, hazards, arm, float(calendar.max(initial=0.0)))
        share = design.allocation[arm] / sum(design.allocation)
        total += share * np.array([expected_patients(design.accrual, year - time) @ probability for year in calendar])
    return total


def _grid(hazards: Hazards, horizon_years: float) -> NDArray[np.float64]:
    """Return the edges of narrow windows to the horizon, with the times at which a hazard jumps."""
    if not 0 < horizon_years < np.inf:
        raise CallError(f"horizon_years {horizon_years} is not above 0; give for example 5")
    even = np.linspace(0, horizon_years, int(np.ceil(horizon_years * STEPS_PER_YEAR)) + 1)
    return np.union1d(even, [jump for jump in jumps(hazards) if jump < horizon_years])
