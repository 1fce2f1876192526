"""The primary test of a look: Z of every trial from its sorted keys."""

import numpy as np
from numpy.typing import NDArray

from residuum.records.design import Primary
from residuum.trial.simulation.kaplan_meier import curve_differences
from residuum.trial.simulation.log_rank import fleming_harrington, log_rank_distinct, log_rank_tied


def compute_z(
    primary: Primary, keys: NDArray[np.uint64], enrolled: NDArray[np.int64], *, tied: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Z of the primary test, positive where the experimental arm is better, and Peto's estimate of ln(HR).

    Parameters
    ----------
    primary : Primary
        Of the design.
    keys : ndarray of shape (n, width)
        Each row sorted (`residuum.trial.simulation.cut`); without strata unless the test is stratified.
    enrolled : ndarray of shape (n,)
        Keys of a row that hold a patient.
    tied : bool
        Whether times may be equal.

    Returns
    -------
    z, log_hazard_ratio : ndarray of shape (n,)
        0 where the variance is 0.

    References
    ----------
    Peto R, Peto J. J R Stat Soc A 1972;135:185-207. Fleming TR, Harrington DP. Counting Processes, 1991.
    Lee SH. Comput Stat Data Anal 2007;51:6557-6564 (max_combo).
    """
    score, variance = np.empty((2, len(keys)))
    (log_rank_tied if tied else log_rank_distinct)(keys, enrolled, score, variance)
    estimate = -_ratio(score, variance)
    if primary.test in {"log_rank", "stratified_log_rank"}:
        return _ratio(score, np.sqrt(variance)), estimate
    if primary.test == "weighted_log_rank":
        return _weighted(keys, enrolled, primary.rho, primary.gamma)[0], estimate
    if primary.test == "max_combo":
        return _max_combo(keys, enrolled, score, variance), estimate
    horizon = primary.horizon_years if primary.horizon_years is not None else np.inf
    curve_differences(keys, enrolled, horizon, primary.test == "rmst", score, variance)
    return _ratio(score, np.sqrt(variance)), estimate


def _weighted(
    keys: NDArray[np.uint64], enrolled: NDArray[np.int64], rho: float, gamma: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    score, variance, covariance = np.empty((3, len(keys)))
    fleming_harrington(keys, enrolled, rho, gamma, score, variance, covariance)
    return _ratio(score, np.sqrt(variance)), variance, covariance


def _max_combo(
    keys: NDArray[np.uint64], enrolled: NDArray[np.int64], score: NDArray[np.float64], variance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the normal number with the upper tail of the larger of Z(0, 0) and Z(0, 1)."""
    from scipy.special import ndtr, ndtri, owens_t

    late, late_variance, covariance = _weighted(keys, enrolled, 0.0, 1.0)
    product = np.sqrt(variance * late_variance)
    correlation = np.clip(_ratio(covariance, product), -1.0, 1.0)
    largest = np.maximum(_ratio(score, np.sqrt(variance)), late)
    with np.errstate(divide="ignore"):
        slope = np.sqrt((1 - correlation) / (1 + correlation))
    z: NDArray[np.float64] = -ndtri(ndtr(-largest) + 2 * owens_t(largest, slope))
    return np.where(product > 0, z, 0.0)


def _ratio(numerator: NDArray[np.float64], denominator: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(numerator, denominator, out=np.zeros(numerator.size), where=denominator > 0)
