"""Spending functions: how much of an error probability may be used up by a share of the planned information.

They serve alpha (efficacy) and beta (futility) alike. Past the planned information nothing is left to spend.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.errors import CallError
from residuum.stats.normal import normal_cdf, normal_quantile


def obrien_fleming_spending(fraction: ArrayLike, error: float) -> NDArray[np.float64]:
    """Error spent by the Lan-DeMets function of O'Brien-Fleming type, 2 - 2 Phi(z_(error/2) / sqrt(t)).

    Parameters
    ----------
    fraction : array_like of shape (k,)
        Information over planned information, t; none below 0.
    error : float
        One-sided error to spend in all, strictly between 0 and 1.

    Returns
    -------
    ndarray of shape (k,)
        Cumulative error spent.

    Raises
    ------
    CallError
        A fraction is missing or below 0, or `error` not within 0..1.

    References
    ----------
    Lan KKG, DeMets DL. Biometrika 1983;70:659-663. R: ``gsDesign::sfLDOF``; rpact ``asOF``.
    """
    time = _information_time(fraction, error)
    with np.errstate(divide="ignore"):
        spent: NDArray[np.float64] = 2 * normal_cdf(normal_quantile(error / 2) / np.sqrt(time))
    return spent


def pocock_spending(fraction: ArrayLike, error: float) -> NDArray[np.float64]:
    """Error spent by the Lan-DeMets function of Pocock type, error ln(1 + (e - 1) t).

    Parameters
    ----------
    fraction : array_like of shape (k,)
        Information over planned information, t; none below 0.
    error : float
        One-sided error to spend in all, strictly between 0 and 1.

    Returns
    -------
    ndarray of shape (k,)
        Cumulative error spent.

    Raises
    ------
    CallError
        A fraction is missing or below 0, or `error` not within 0..1.

    References
    ----------
    Lan KKG, DeMets DL. Biometrika 1983;70:659-663. R: ``gsDesign::sfLDPocock``; rpact ``asP``.
    """
    return error * np.log1p((np.e - 1) * _information_time(fraction, error))


def hwang_shih_decani_spending(fraction: ArrayLike, error: float, gamma: float) -> NDArray[np.float64]:
    """Error spent by the gamma family, error (1 - e^(-gamma t)) / (1 - e^(-gamma)), or error t for gamma 0.

    Parameters
    ----------
    fraction : array_like of shape (k,)
        Information over planned information, t; none below 0.
    error : float
        One-sided error to spend in all, strictly between 0 and 1.
    gamma : float
        -4 is close to O'Brien-Fleming, 1 to Pocock; larger spends earlier.

    Returns
    -------
    ndarray of shape (k,)
        Cumulative error spent.

    Raises
    ------
    CallError
        A fraction is missing or below 0, or `error` not within 0..1.

    References
    ----------
    Hwang IK, Shih WJ, DeCani JS. Stat Med 1990;9:1439-1445. R: ``gsDesign::sfHSD``; rpact ``asHSD``.
    """
    time = _information_time(fraction, error)
    if gamma == 0:
        return error * time
    spent: NDArray[np.float64] = error * np.expm1(-gamma * time) / np.expm1(-gamma)
    return spent


def power_family_spending(fraction: ArrayLike, error: float, rho: float) -> NDArray[np.float64]:
    """Error spent by the power family, error t^rho.

    Parameters
    ----------
    fraction : array_like of shape (k,)
        Information over planned information, t; none below 0.
    error : float
        One-sided error to spend in all, strictly between 0 and 1.
    rho : float
        Above 0; 3 is close to O'Brien-Fleming, 1 to Pocock; larger spends later.

    Returns
    -------
    ndarray of shape (k,)
        Cumulative error spent.

    Raises
    ------
    CallError
        A fraction is missing or below 0, `error` not within 0..1, or `rho` not above 0.

    References
    ----------
    Kim K, DeMets DL. Biometrika 1987;74:149-154. R: ``gsDesign::sfPower``; rpact ``asKD``.
    """
    if not rho > 0:
        raise CallError(f"rho {rho} is not above 0; give for example 3")
    return error * _information_time(fraction, error) ** rho


def _information_time(fraction: ArrayLike, error: float) -> NDArray[np.float64]:
    if not 0 < error < 1:
        raise CallError(f"error {error} is not strictly between 0 and 1; give for example 0.025")
    time = np.asarray(fraction, dtype=np.float64)
    if not np.all(time >= 0):
        raise CallError("fraction holds a missing value or one below 0; give information over planned information")
    return np.minimum(time, 1.0)
