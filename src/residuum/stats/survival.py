"""Kaplan-Meier curves with their intervals, reverse Kaplan-Meier and the log-rank test.

On one day an event comes before a censoring: a patient censored on the day of an event was still at risk of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.errors import CallError
from residuum.stats.intervals import Limits, Transformation, limits_or_none, probability_limits

# Heights closer than this are the same (R: sqrt of the machine's precision).
SAME_HEIGHT = float(np.sqrt(np.finfo(np.float64).eps))


@dataclass(frozen=True, slots=True, eq=False)
class KaplanMeier:
    """A Kaplan-Meier curve.

    Attributes
    ----------
    time_days : ndarray of shape (k,)
        Distinct days with an event, ascending.
    survival : ndarray of shape (k,)
        Probability of no event just after each day.
    standard_error : ndarray of shape (k,)
        Greenwood's, on the probability scale; NaN where survival is 0.
    n_at_risk, n_events : ndarray of shape (k,), int
        Patients with time >= the day, and those with the event on it.
    observed_days : ndarray of shape (n,)
        Times of all patients, ascending.
    """

    time_days: NDArray[np.float64]
    survival: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    n_at_risk: NDArray[np.int64]
    n_events: NDArray[np.int64]
    observed_days: NDArray[np.float64]

    def value(self, day: float) -> float:
        """Survival just after `day`, carried on when nobody is left.

        Parameters
        ----------
        day : float
            Days from the origin.

        Returns
        -------
        float
        """
        return value_after(self.time_days, self.survival, day, start=1.0)

    def at_risk(self, day: float) -> int:
        """Patients with time >= `day`.

        Parameters
        ----------
        day : float
            Days from the origin.

        Returns
        -------
        int
        """
        return at_risk_on(self.observed_days, day)

    def interval(self, day: float, level: float = 0.95, transformation: Transformation = "log-log") -> Limits:
        """Limits of the survival just after `day`.

        Parameters
        ----------
        day : float
            Days from the origin.
        level : float
            Nominal coverage.
        transformation : {"log-log", "log", "plain"}
            See `residuum.stats.intervals.probability_limits`.

        Returns
        -------
        (low, high) : float or None
            None where undefined: survival exactly 0, and for log-log exactly 1.
        """
        low, high = self.band(level, transformation)
        start = np.nan if transformation == "log-log" else 1.0
        return limits_or_none(
            value_after(self.time_days, low, day, start), value_after(self.time_days, high, day, start)
        )

    def band(
        self, level: float = 0.95, transformation: Transformation = "log-log"
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pointwise limits just after each of `time_days`.

        Parameters
        ----------
        level : float
            Nominal coverage.
        transformation : {"log-log", "log", "plain"}
            See `residuum.stats.intervals.probability_limits`.

        Returns
        -------
        low, high : ndarray of shape (k,)
            NaN where undefined.
        """
        return probability_limits(self.survival, self.standard_error, level, transformation)

    def quantile(self, probability: float = 0.5) -> float | None:
        """First day on which survival has fallen to 1 - `probability`: the median for 0.5.

        Parameters
        ----------
        probability : float
            Share of patients with the event, between 0 and 1.

        Returns
        -------
        float or None
            Days; the middle of the step where survival stays exactly at that height up to the next event; None where
            it is never reached. R: the table that ``print(survfit(...))`` shows.
        """
        return _first_day_at(self.time_days, self.survival, 1 - probability)

    def quantile_interval(
        self, probability: float = 0.5, level: float = 0.95, transformation: Transformation = "log-log"
    ) -> Limits:
        """Limits of a quantile: the days on which the limits of the curve fall to 1 - `probability`.

        Parameters
        ----------
        probability : float
            Share of patients with the event, between 0 and 1.
        level : float
            Nominal coverage.
        transformation : {"log-log", "log", "plain"}
            That of the limits of the curve.

        Returns
        -------
        (low, high) : float or None
            Days; None where the limit never falls that far.

        References
        ----------
        Brookmeyer R, Crowley J. Biometrics 1982;38:29-41.
        """
        low, high = self.band(level, transformation)
        height = 1 - probability
        return _first_day_at(self.time_days, low, height), _first_day_at(self.time_days, high, height)

    def restricted_mean(self, until_days: float) -> tuple[float, float]:
        """Mean time without event up to `until_days`: the area under the curve.

        Parameters
        ----------
        until_days : float
            End of the area, in days; beyond the last patient the curve is carried on.

        Returns
        -------
        mean, standard_error : float
            Days.

        References
        ----------
        R survival 3.5-3, ``print(survfit(...), rmean = until_days)``.
        """
        inside = self.time_days <= until_days
        knots = np.concatenate(([0.0], self.time_days[inside], [until_days]))
        areas = np.diff(knots) * np.concatenate(([1.0], self.survival[inside]))
        after_each_event = areas[::-1].cumsum()[::-1][1:]
        n, d = self.n_at_risk[inside], self.n_events[inside]
        # When everybody at risk has the event no area is left, so that day adds nothing.
        greenwood = d / (n * np.maximum(n - d, 1))
        return float(areas.sum()), float(np.sqrt((after_each_event**2 * greenwood).sum()))


@dataclass(frozen=True, slots=True, eq=False)
class LogRank:
    """A log-rank test of equal hazards.

    Attributes
    ----------
    groups : tuple
        Names of the groups, ascending.
    n, observed, expected : ndarray of shape (groups,)
        Patients, events, and events expected under equal hazards.
    chi_squared, p : float or None
        Statistic and its upper tail probability; None where undefined (fewer than two groups at risk at an event,
        or nothing left to vary).
    degrees_of_freedom : int
        Groups with an expected event, less one.
    """

    groups: tuple[object, ...]
    n: NDArray[np.int64]
    observed: NDArray[np.int64]
    expected: NDArray[np.float64]
    chi_squared: float | None
    p: float | None
    degrees_of_freedom: int


def kaplan_meier(time_days: ArrayLike, event: ArrayLike) -> KaplanMeier:
    """Kaplan-Meier curve of the time to an event.

    Parameters
    ----------
    time_days : array_like of shape (n,)
        Days from the origin to the event or to the last contact; none below 0.
    event : array_like of shape (n,), bool
        True for an event, False for a censoring.

    Returns
    -------
    KaplanMeier

    Raises
    ------
    CallError
        Lengths differ, or a time is missing, infinite or below 0.

    References
    ----------
    Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481. R: ``survfit(Surv(time, event) ~ 1)``.
    """
    time, happened = check_times(time_days, event), np.asarray(event, dtype=bool)
    (at_risk,), (events,) = _risk_sets(time, happened, np.zeros(time.size, dtype=np.intp), groups=1)
    survival = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        standard_error = np.where(survival > 0, survival * np.sqrt(greenwood), np.nan)
    return KaplanMeier(
        time_days=np.unique(time[happened]),
        survival=survival,
        standard_error=standard_error,
        n_at_risk=at_risk,
        n_events=events,
        observed_days=np.sort(time),
    )


def reverse_kaplan_meier(time_days: ArrayLike, event: ArrayLike) -> KaplanMeier:
    """Curve of the follow-up had nobody had the event: censorings count as events and events as censorings.

    Its median is the median follow-up. As in R, a patient with the event on the day of a censoring is still counted
    at risk of that censoring.

    Parameters
    ----------
    time_days : array_like of shape (n,)
        Days from the origin to the event or to the last contact; none below 0.
    event : array_like of shape (n,), bool
        True for an event, False for a censoring.

    Returns
    -------
    KaplanMeier

    Raises
    ------
    CallError
        As `kaplan_meier`.

    References
    ----------
    Schemper M, Smith TL. Control Clin Trials 1996;17:343-346. R: ``survfit(Surv(time, 1 - event) ~ 1)``.
    """
    return kaplan_meier(time_days, ~np.asarray(event, dtype=bool))


def log_rank(time_days: ArrayLike, event: ArrayLike, group: ArrayLike) -> LogRank:
    """Log-rank test between two or more groups, with the hypergeometric variance for tied days.

    Parameters
    ----------
    time_days : array_like of shape (n,)
        Days from the origin to the event or to the last contact; none below 0.
    event : array_like of shape (n,), bool
        True for an event, False for a censoring.
    group : array_like of shape (n,)
        Name or number of each patient's group.

    Returns
    -------
    LogRank

    Raises
    ------
    CallError
        Lengths differ, or a time is missing, infinite or below 0.

    References
    ----------
    Peto R, Peto J. J R Stat Soc A 1972;135:185-207. R: ``survdiff(Surv(time, event) ~ group)``.
    """
    time = check_times(time_days, event, group)
    names, member = np.unique(np.asarray(group), return_inverse=True)
    at_risk, deaths = _risk_sets(time, np.asarray(event, dtype=bool), member, names.size)
    n, d = at_risk.sum(axis=0), deaths.sum(axis=0)
    share = at_risk / n
    observed, expected = deaths.sum(axis=1), share @ d
    spread = d * (n - d) / np.maximum(n - 1, 1)
    covariance = np.diag(share @ spread) - (share * spread) @ share.T
    chi_squared, freedom = _quadratic_form(observed - expected, covariance, expected > 0)
    return LogRank(
        groups=tuple(names.tolist()),
        n=np.bincount(member, minlength=names.size),
        observed=observed,
        expected=expected,
        chi_squared=chi_squared,
        p=_upper_tail(chi_squared, freedom),
        degrees_of_freedom=freedom,
    )


def check_times(time_days: ArrayLike, *alongside: ArrayLike) -> NDArray[np.float64]:
    """Give times as an array, once they are usable.

    Parameters
    ----------
    time_days : array_like of shape (n,)
        Days from the origin.
    *alongside : array_like of shape (n,)
        Whatever must have one entry for each time.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    CallError
        Lengths differ, or a time is missing, infinite or below 0.
    """
    time = np.asarray(time_days, dtype=np.float64)
    lengths = {time.size, *(np.asarray(other).size for other in alongside)}
    if len(lengths) > 1:
        raise CallError(f"time_days and what goes with it differ in length: {sorted(lengths)}; one entry per patient")
    unusable = time[~(np.isfinite(time) & (time >= 0))]
    if unusable.size:
        raise CallError(f"time_days holds {unusable[0]}; times are days from the origin, known and not below 0")
    return time


def value_after(time_days: NDArray[np.float64], heights: NDArray[np.float64], day: float, start: float) -> float:
    """Height of a step function just after `day`.

    Parameters
    ----------
    time_days, heights : ndarray of shape (k,)
        Days of the steps, ascending, and the height just after each.
    day : float
        Days from the origin.
    start : float
        Height before the first step.

    Returns
    -------
    float
    """
    steps = int(np.searchsorted(time_days, day, side="right"))
    return float(heights[steps - 1]) if steps else start


def at_risk_on(observed_days: NDArray[np.float64], day: float) -> int:
    """Patients with time >= `day`.

    Parameters
    ----------
    observed_days : ndarray of shape (n,)
        Times of all patients, ascending.
    day : float
        Days from the origin.

    Returns
    -------
    int
    """
    return int(observed_days.size - np.searchsorted(observed_days, day, side="left"))


def _first_day_at(time_days: NDArray[np.float64], curve: NDArray[np.float64], height: float) -> float | None:
    reached = np.flatnonzero(curve < height + SAME_HEIGHT)
    if reached.size == 0:
        return None
    first = reached[0]
    lower = reached[curve[reached] < curve[first]]
    if abs(curve[first] - height) < SAME_HEIGHT and lower.size:
        return float(time_days[first] + time_days[lower[0]]) / 2
    return float(time_days[first])


def _risk_sets(
    time: NDArray[np.float64], event: NDArray[np.bool_], member: NDArray[np.intp], groups: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Patients at risk and events, (groups, days), on the days with an event."""
    days, place = np.unique(time, return_inverse=True)
    cell, shape = member * days.size + place, (groups, days.size)
    leaving = np.bincount(cell, minlength=groups * days.size).reshape(shape)
    deaths = np.bincount(cell[event], minlength=groups * days.size).reshape(shape)
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    with_event = deaths.any(axis=0)
    return at_risk[:, with_event], deaths[:, with_event]


def _quadratic_form(
    difference: NDArray[np.float64], covariance: NDArray[np.float64], expected: NDArray[np.bool_]
) -> tuple[float | None, int]:
    """Chi-squared of the groups with an expected event, and its degrees of freedom."""
    # The differences add up to 0, so one group is left out; any may be.
    tested = np.flatnonzero(expected)[1:]
    if tested.size == 0 or not covariance.trace() > 0:
        return None, tested.size
    rest = difference[tested]
    return float(rest @ np.linalg.solve(covariance[np.ix_(tested, tested)], rest)), tested.size


def _upper_tail(chi_squared: float | None, freedom: int) -> float | None:
    from scipy.special import chdtrc

    return None if chi_squared is None else float(chdtrc(freedom, chi_squared))
