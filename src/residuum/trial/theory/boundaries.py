"""Group-sequential boundaries of Z, and the probabilities of crossing them.

All errors are one-sided; an upper crossing is efficacy, a lower one futility. Information is in any unit (shares of
the planned total, events / 4): Z at information I is normal with mean drift sqrt(I). With shares, drift is the mean
of the final Z. A symmetric two-sided test at 2 alpha has the same bounds, less the probability of crossing both sides:
at two-sided 5 % and up to 20 looks they differ by less than 0.0001.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.errors import CallError
from residuum.stats.normal import normal_quantile
from residuum.stats.roots import find_root
from residuum.trial.theory.recursion import START, Ongoing

# Shapes of the Wang-Tsiatis family.
OBRIEN_FLEMING: Final = 0.0
POCOCK: Final = 0.5

# Of Z. A normal tail beyond it is below every number that double precision holds in full.
EXTREME: Final = 38.0
TOLERANCE: Final = 1e-10
# Looks closer than this, relative to the information reached, would fall between the points of the grid.
SMALLEST_STEP: Final = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """What happens at each look of a group-sequential trial.

    Attributes
    ----------
    information : ndarray of shape (k,)
        At each look.
    upper, lower : ndarray of shape (k,)
        Probability that the trial first crosses its upper (lower) bound at this look, and not before the other one.
    """

    information: NDArray[np.float64]
    upper: NDArray[np.float64]
    lower: NDArray[np.float64]

    @property
    def power(self) -> NDArray[np.float64]:
        """Probability of an upper crossing by each look, shape (k,); with drift 0 the type I error."""
        return np.cumsum(self.upper)

    @property
    def expected_information(self) -> float:
        """Mean information at the end of the trial; over that of the fixed design it is the ASN ratio."""
        stopped = (self.upper + self.lower)[:-1]
        return float(self.information[-1] - stopped @ (self.information[-1] - self.information[:-1]))


def crossing_probabilities(
    upper: ArrayLike, information: ArrayLike, drift: float = 0.0, lower: ArrayLike | None = None
) -> Crossing:
    """Probabilities of first crossing each bound at each look, by recursive numerical integration.

    Parameters
    ----------
    upper : array_like of shape (k,)
        Bounds of Z; infinite where a look has no such bound.
    information : array_like of shape (k,)
        At the looks, ascending by at least 0.1 % per look.
    drift : float
        Mean of Z over the square root of information.
    lower : array_like of shape (k,), optional
        None: the trial never stops below.

    Returns
    -------
    Crossing

    Raises
    ------
    CallError
        Lengths differ, a bound is missing or below the lower one, or `information` does not ascend.

    References
    ----------
    See `residuum.trial.theory.recursion.Ongoing`. R: ``gsDesign::gsProbability``, rpact
    ``getPowerAndAverageSampleNumber``.
    """
    looks = check_information(information)
    high = np.asarray(upper, dtype=np.float64)
    low = np.full(looks.size, -np.inf) if lower is None else np.asarray(lower, dtype=np.float64)
    if not (high.shape == low.shape == looks.shape and np.all(low <= high)):
        raise CallError(f"upper {high} and lower {low} need one bound per look ({looks.size}), none missing or crossed")
    trial, above, below = START, [], []
    for top, bottom, reached in zip(high.tolist(), low.tolist(), looks.tolist(), strict=True):
        above.append(trial.above(top, reached, drift))
        below.append(trial.below(bottom, reached, drift))
        trial = trial.after(bottom, top, reached, drift)
    return Crossing(looks, np.array(above), np.array(below))


def wang_tsiatis_bounds(information: ArrayLike, alpha: float, shape: float) -> NDArray[np.float64]:
    """Upper bounds c t^(shape - 1/2) at shares t of the last look's information, type I error alpha.

    Parameters
    ----------
    information : array_like of shape (k,)
        At the looks, ascending.
    alpha : float
        One-sided type I error, strictly between 0 and 1/2.
    shape : float
        At most 0.5: 0 is O'Brien-Fleming, 0.5 Pocock.

    Returns
    -------
    ndarray of shape (k,)

    Raises
    ------
    CallError
        `information` does not ascend, `alpha` is not within 0..1/2, or `shape` is above 0.5.

    References
    ----------
    Wang SK, Tsiatis AA. Biometrics 1987;43:193-199. O'Brien PC, Fleming TR. Biometrics 1979;35:549-556.
    Pocock SJ. Biometrika 1977;64:191-199. R: rpact ``getDesignGroupSequential(typeOfDesign = "WT")``.
    """
    looks = check_information(information)
    if not (0 < alpha < 0.5 and shape <= POCOCK):
        raise CallError(f"alpha {alpha} is not within 0..1/2, or shape {shape} above 0.5; give for example 0.025 and 0")
    form: NDArray[np.float64] = (looks / looks[-1]) ** (shape - 0.5)

    def excess(constant: float) -> float:
        return float(crossing_probabilities(constant * form, looks).power[-1]) - alpha

    # The last look alone may use all of alpha; with every bound at z(alpha / k) or above the sum stays below alpha.
    least, most = -normal_quantile(alpha), -normal_quantile(alpha / looks.size)
    constant: float = find_root(excess, least - TOLERANCE, most + TOLERANCE, tolerance=TOLERANCE)
    return constant * form


def spending_bounds(information: ArrayLike, spent: ArrayLike) -> NDArray[np.float64]:
    """Upper bounds whose type I error by each look is what has been spent, the lower bounds being ignored.

    Parameters
    ----------
    information : array_like of shape (k,)
        At the looks, ascending.
    spent : array_like of shape (k,)
        Cumulative alpha at the looks, from `residuum.trial.theory.spending`.

    Returns
    -------
    ndarray of shape (k,)
        Infinite where nothing is spent.

    Raises
    ------
    CallError
        Lengths differ, `information` does not ascend, or `spent` falls or leaves 0..1.

    References
    ----------
    Lan KKG, DeMets DL. Biometrika 1983;70:659-663.
    """
    looks = check_information(information)
    trial, bounds = START, []
    for reached, error in zip(looks.tolist(), _increments(spent, looks), strict=True):
        bounds.append(_upper_bound(trial, reached, error))
        trial = trial.after(-np.inf, bounds[-1], reached, 0.0)
    return np.array(bounds)


def futility_bounds(upper: ArrayLike, information: ArrayLike, spent: ArrayLike, drift: float) -> NDArray[np.float64]:
    """Lower bounds whose type II error under `drift` by each look is what has been spent.

    They are non-binding: the upper bounds keep their type I error whether or not a trial stops for futility.

    Parameters
    ----------
    upper : array_like of shape (k,)
        Efficacy bounds of Z.
    information : array_like of shape (k,)
        At the looks, ascending.
    spent : array_like of shape (k,)
        Cumulative beta at the looks, from `residuum.trial.theory.spending`.
    drift : float
        Of the alternative, for example from `residuum.trial.theory.drift.futility_drift`.

    Returns
    -------
    ndarray of shape (k,)
        Never above `upper`: where the alternative is so strong that less than the spent error is left below it.

    Raises
    ------
    CallError
        Lengths differ, `information` does not ascend, or `spent` falls or leaves 0..1.

    References
    ----------
    Pampallona S, Tsiatis AA, Kim K. Drug Inf J 2001;35:1113-1121. R: ``gsDesign(test.type = 4)``.
    """
    looks = check_information(information)
    trial, bounds = START, []
    tops = np.asarray(upper, dtype=np.float64).tolist()
    for reached, top, error in zip(looks.tolist(), tops, _increments(spent, looks), strict=True):
        bounds.append(min(top, _lower_bound(trial, reached, drift, error)))
        trial = trial.after(bounds[-1], top, reached, drift)
    return np.array(bounds)


def check_information(information: ArrayLike) -> NDArray[np.float64]:
    """Information at the looks as an array, once it is known to ascend.

    Parameters
    ----------
    information : array_like of shape (k,)
        At least one look.

    Returns
    -------
    ndarray of shape (k,)

    Raises
    ------
    CallError
        No look, a missing, infinite or non-positive value, or a step below 0.1 %.
    """
    looks = np.asarray(information, dtype=np.float64)
    ascending = looks.ndim == 1 and looks.size and np.all(np.isfinite(looks))
    if not (ascending and looks[0] > 0 and np.all(np.diff(looks) >= SMALLEST_STEP * looks[1:])):
        raise CallError(f"information {looks} is not above 0 and ascending by 0.1 % or more; leave a look out")
    return looks


def _increments(spent: ArrayLike, looks: NDArray[np.float64]) -> list[float]:
    cumulative = np.asarray(spent, dtype=np.float64)
    steps = np.diff(cumulative, prepend=0.0)
    if not (cumulative.shape == looks.shape and np.all(steps >= 0) and cumulative[-1] < 1):
        raise CallError(f"spent {cumulative} needs one value within 0..1 per look ({looks.size}), none falling")
    increments: list[float] = steps.tolist()
    return increments


def _upper_bound(trial: Ongoing, information: float, error: float) -> float:
    return _quantile(lambda z: trial.above(z, information, 0.0), error)


def _lower_bound(trial: Ongoing, information: float, drift: float, error: float) -> float:
    return -_quantile(lambda z: trial.below(-z, information, drift), error)


def _quantile(tail: Callable[[float], float], probability: float) -> float:
    """Give the z with `probability` in a tail that shrinks as z grows."""
    if tail(EXTREME) >= probability:
        return float("inf")
    if tail(-EXTREME) <= probability:
        return float("-inf")
    return float(find_root(lambda z: tail(z) - probability, -EXTREME, EXTREME, tolerance=TOLERANCE))
