"""The drift that gives a design its power, and how much more information it takes than a single look would."""

import numpy as np
from numpy.typing import ArrayLike

from residuum.records.errors import CallError
from residuum.stats.normal import normal_quantile
from residuum.stats.roots import find_root
from residuum.trial.theory.boundaries import TOLERANCE, crossing_probabilities, futility_bounds


def fixed_drift(alpha: float, power: float) -> float:
    """Mean of Z that gives a single look its power, z(1 - alpha) + z(power).

    Parameters
    ----------
    alpha : float
        One-sided type I error, strictly between 0 and 1.
    power : float
        Strictly between `alpha` and 1.

    Returns
    -------
    float

    Raises
    ------
    CallError
        `alpha` or `power` is out of its range.
    """
    if not 0 < alpha < power < 1:
        raise CallError(
            f"alpha {alpha} and power {power} are not 0 < alpha < power < 1; give for example 0.025 and 0.8"
        )
    return float(normal_quantile(power) - normal_quantile(alpha))


def power_drift(upper: ArrayLike, information: ArrayLike, power: float) -> float:
    """Drift under which some upper bound is crossed with probability `power`, without stopping for futility.

    Parameters
    ----------
    upper : array_like of shape (k,)
        Bounds of Z.
    information : array_like of shape (k,)
        At the looks, ascending.
    power : float
        Strictly between the type I error of the bounds and 1.

    Returns
    -------
    float
        Mean of Z over the square root of information.

    Raises
    ------
    CallError
        `power` is out of its range, or `residuum.trial.theory.boundaries.crossing_probabilities` refuses.
    """

    def excess(drift: float) -> float:
        return float(crossing_probabilities(upper, information, drift).power[-1]) - power

    if not (excess(0.0) < 0 and power < 1):
        raise CallError(f"power {power} is not between the type I error of the bounds and 1; give for example 0.8")
    # At this drift one look reaches the power by itself; all looks together reach it with less.
    enough = float(np.min((np.asarray(upper) + normal_quantile(power)) / np.sqrt(information)))
    if enough == np.inf:
        raise CallError("upper holds no finite bound; spend some alpha at one look at least")
    return float(find_root(excess, 0.0, enough + TOLERANCE, tolerance=TOLERANCE))


def futility_drift(upper: ArrayLike, information: ArrayLike, spent: ArrayLike) -> float:
    """Drift under which beta is used up just when the lower bound meets the upper one at the last look.

    Parameters
    ----------
    upper : array_like of shape (k,)
        Efficacy bounds of Z.
    information : array_like of shape (k,)
        At the looks, ascending.
    spent : array_like of shape (k,)
        Cumulative beta at the looks.

    Returns
    -------
    float
        With the bounds that `boundaries.futility_bounds` gives for it, and kept, power is 1 - beta.

    Raises
    ------
    CallError
        See `residuum.trial.theory.boundaries.futility_bounds`.
    """
    bounds, beta = np.asarray(upper, dtype=np.float64), float(np.asarray(spent)[-1])

    def excess(drift: float) -> float:
        lower = futility_bounds(bounds, information, spent, drift)
        lower[-1] = bounds[-1]
        return float(crossing_probabilities(bounds, information, drift, lower).lower.sum()) - beta

    # Stopping for futility costs power: never less drift than without it.
    least = power_drift(bounds, information, 1 - beta)
    most = 2 * least
    while excess(most) > 0:
        most *= 2
    return float(find_root(excess, least - TOLERANCE, most, tolerance=TOLERANCE))


def inflation_factor(information: float, drift: float, alpha: float, power: float) -> float:
    """Information over that of the fixed design of the same error and power, information drift^2 / (z + z)^2.

    Parameters
    ----------
    information : float
        Of the last look: the inflation factor. `Crossing.expected_information`: the average sample number (ASN) ratio.
    drift : float
        For which the design has its `power`.
    alpha : float
        One-sided type I error.
    power : float
        Of both designs.

    Returns
    -------
    float

    Raises
    ------
    CallError
        See `fixed_drift`.

    References
    ----------
    Jennison C, Turnbull BW. Group sequential methods. Chapman and Hall/CRC, 2000, chapter 2.
    """
    return information * (drift / fixed_drift(alpha, power)) ** 2
