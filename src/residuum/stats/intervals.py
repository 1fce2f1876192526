"""Confidence limits of one probability: exact and Wilson for counts, transformed for estimated curves."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from residuum.records.errors import CallError
from residuum.stats.normal import normal_quantile

Limits: TypeAlias = tuple[float | None, float | None]
Transformation: TypeAlias = Literal["log-log", "log", "plain"]


def clopper_pearson(count: int, total: int, level: float = 0.95) -> Limits:
    """Exact (Clopper-Pearson) limits of a proportion.

    Parameters
    ----------
    count, total : int
        `count` of `total` patients.
    level : float
        Coverage, at least; strictly between 0 and 1.

    Returns
    -------
    (low, high) : float or None
        Proportions between 0 and 1; both None where `total` is 0.

    Raises
    ------
    CallError
        `count` is not within 0..`total`, or `level` not within 0..1.

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413. R: ``binom.test``.
    """
    from scipy.special import betaincinv

    _check_count(count, total)
    tail = _tail(level)
    if total == 0:
        return None, None
    low = 0.0 if count == 0 else float(betaincinv(count, total - count + 1, tail))
    # The upper limit is that of the complement: small probabilities keep their digits.
    high = 1.0 if count == total else 1.0 - float(betaincinv(total - count, count + 1, tail))
    return low, high


def wilson(count: int, total: int, level: float = 0.95) -> Limits:
    """Score (Wilson) limits of a proportion, without continuity correction.

    Parameters
    ----------
    count, total : int
        `count` of `total` patients.
    level : float
        Nominal coverage, strictly between 0 and 1.

    Returns
    -------
    (low, high) : float or None
        Proportions between 0 and 1; both None where `total` is 0.

    Raises
    ------
    CallError
        `count` is not within 0..`total`, or `level` not within 0..1.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212. R: ``prop.test(correct = FALSE)``.
    """
    _check_count(count, total)
    z = two_sided_z(level)
    if total == 0:
        return None, None
    share = count / total
    centre = share + z**2 / (2 * total)
    half = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    scale = 1 + z**2 / total
    low = 0.0 if count == 0 else float((centre - half) / scale)
    high = 1.0 if count == total else float((centre + half) / scale)
    return low, high


def two_sided_z(level: float) -> float:
    """Give the normal quantile that leaves (1 - level) / 2 above it, for example 1.959964 for 0.95.

    Parameters
    ----------
    level : float
        Coverage, strictly between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    CallError
        `level` is not within 0..1.
    """
    return -float(normal_quantile(_tail(level)))


def probability_limits(
    estimate: NDArray[np.float64],
    standard_error: NDArray[np.float64],
    level: float = 0.95,
    transformation: Transformation = "log-log",
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pointwise limits of estimated probabilities (survival, cumulative incidence).

    Parameters
    ----------
    estimate, standard_error : ndarray of shape (k,)
        Probabilities with their standard errors on the probability scale.
    level : float
        Nominal coverage, strictly between 0 and 1.
    transformation : {"log-log", "log", "plain"}
        Scale on which the limits are symmetric: log(-log(p)), log(p), p.

    Returns
    -------
    low, high : ndarray of shape (k,)
        NaN where undefined: at 0, and for log-log also at 1.

    References
    ----------
    R survival 3.5-3, ``survfit_confint``; Borgan O, Liestol K. Scand J Stat 1990;17:35-41.
    """
    z = two_sided_z(level)
    # Sums of increments reach 0 and 1 only up to rounding; a transformed scale would blow that up.
    defined = (estimate > 1e-12) & ((estimate < 1 - 1e-12) | (transformation != "log-log"))
    p = np.where(defined, estimate, np.nan)
    if transformation == "plain":
        low, high = p - z * standard_error, p + z * standard_error
    elif transformation == "log":
        low, high = p * np.exp(-z * standard_error / p), p * np.exp(z * standard_error / p)
    else:
        shift = z * standard_error / (p * np.log(p))
        low, high = p ** np.exp(-shift), p ** np.exp(shift)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def limits_or_none(low: float, high: float) -> Limits:
    """Limits with None in place of NaN.

    Parameters
    ----------
    low, high : float
        NaN where undefined.

    Returns
    -------
    (low, high) : float or None
    """
    return (None if np.isnan(low) else float(low)), (None if np.isnan(high) else float(high))


def _check_count(count: int, total: int) -> None:
    if not 0 <= count <= total:
        raise CallError(f"count {count} is not within 0..{total}; give a count of patients among a total")


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise CallError(f"level {level} is not strictly between 0 and 1; give for example 0.95")
    return (1 - level) / 2
