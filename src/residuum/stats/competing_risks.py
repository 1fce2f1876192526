"""Cumulative incidence of competing first events: the Aalen-Johansen estimator with exact ties."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.errors import CallError
from residuum.stats.intervals import Limits, Transformation, limits_or_none, probability_limits
from residuum.stats.survival import at_risk_on, check_times, value_after


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeIncidence:
    """Cumulative incidences of competing causes.

    Attributes
    ----------
    causes : tuple
        Names of the causes, in the order of the columns.
    time_days : ndarray of shape (k,)
        Distinct days with an event of any cause, ascending.
    incidence : ndarray of shape (k, causes)
        Probability that the first event has come, and from that cause, just after each day.
    variance : ndarray of shape (k, causes)
        Of `incidence`, pointwise.
    survival : ndarray of shape (k,)
        Probability of no event of any cause.
    n_at_risk : ndarray of shape (k,), int
        Patients with time >= the day.
    n_events : ndarray of shape (k, causes), int
        First events on the day.
    observed_days : ndarray of shape (n,)
        Times of all patients, ascending.
    """

    causes: tuple[Hashable, ...]
    time_days: NDArray[np.float64]
    incidence: NDArray[np.float64]
    variance: NDArray[np.float64]
    survival: NDArray[np.float64]
    n_at_risk: NDArray[np.int64]
    n_events: NDArray[np.int64]
    observed_days: NDArray[np.float64]

    def value(self, cause: Hashable, day: float) -> float:
        """Incidence of `cause` just after `day`, carried on when nobody is left.

        Parameters
        ----------
        cause : hashable
            One of `causes`.
        day : float
            Days from the origin.

        Returns
        -------
        float

        Raises
        ------
        CallError
            `cause` is unknown.
        """
        return value_after(self.time_days, self.incidence[:, self._column(cause)], day, start=0.0)

    def standard_error(self, cause: Hashable, day: float) -> float:
        """Return the standard error of the incidence of `cause` just after `day`.

        Parameters
        ----------
        cause : hashable
            One of `causes`.
        day : float
            Days from the origin.

        Returns
        -------
        float

        Raises
        ------
        CallError
            `cause` is unknown.
        """
        return float(np.sqrt(value_after(self.time_days, self.variance[:, self._column(cause)], day, start=0.0)))

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

    def interval(
        self, cause: Hashable, day: float, level: float = 0.95, transformation: Transformation = "log-log"
    ) -> Limits:
        """Limits of the incidence of `cause` just after `day`.

        Parameters
        ----------
        cause : hashable
            One of `causes`.
        day : float
            Days from the origin.
        level : float
            Nominal coverage.
        transformation : {"log-log", "log", "plain"}
            Scale of the incidence itself (not of its complement), as R and Stata do.

        Returns
        -------
        (low, high) : float or None
            None where undefined: incidence 0, and for log-log also 1.

        Raises
        ------
        CallError
            `cause` is unknown.
        """
        low, high = self.band(cause, level, transformation)
        return limits_or_none(
            value_after(self.time_days, low, day, np.nan), value_after(self.time_days, high, day, np.nan)
        )

    def band(
        self, cause: Hashable, level: float = 0.95, transformation: Transformation = "log-log"
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pointwise limits of the incidence of `cause` just after each of `time_days`.

        Parameters
        ----------
        cause : hashable
            One of `causes`.
        level : float
            Nominal coverage.
        transformation : {"log-log", "log", "plain"}
            See `interval`.

        Returns
        -------
        low, high : ndarray of shape (k,)
            NaN where undefined.

        Raises
        ------
        CallError
            `cause` is unknown.
        """
        column = self._column(cause)
        return probability_limits(self.incidence[:, column], np.sqrt(self.variance[:, column]), level, transformation)

    def _column(self, cause: Hashable) -> int:
        if cause not in self.causes:
            raise CallError(f"cause {cause!r} is unknown; the causes are {', '.join(map(repr, self.causes))}")
        return self.causes.index(cause)


def aalen_johansen(
    time_days: ArrayLike, cause: Sequence[Hashable | None] | NDArray[np.generic], causes: Sequence[Hashable]
) -> CumulativeIncidence:
    """Cumulative incidence of each cause of the first event; ties on one day are exact, never broken.

    Parameters
    ----------
    time_days : array_like of shape (n,)
        Days from the origin to the first event or to the last contact; none below 0.
    cause : sequence of length n
        Cause of each patient's first event; None or 0 for a censoring, which comes after the events of its day.
    causes : sequence
        All causes, in the order wanted; one that nobody has keeps incidence 0.

    Returns
    -------
    CumulativeIncidence
        With the variance of Aalen and Johansen for tied (multinomial) increments. It equals the infinitesimal
        jackknife that R's ``survfit`` gives for competing risks.

    Raises
    ------
    CallError
        Lengths differ, a time is missing, infinite or below 0, a cause is not among `causes`, or two causes share a
        name.

    References
    ----------
    Aalen OO, Johansen S. Scand J Stat 1978;5:141-150. Dinse GE, Larson MG. Biometrika 1986;73:379-386.
    R: ``survfit(Surv(time, factor(cause)) ~ 1)``.
    """
    code = _codes(cause, causes)
    time = check_times(time_days, code)
    days, place = np.unique(time, return_inverse=True)
    shape = (days.size, len(causes) + 1)
    leaving = np.bincount(place * shape[1] + code, minlength=days.size * shape[1]).reshape(shape)
    with_event = leaving[:, 1:].any(axis=1)
    at_risk = leaving.sum(axis=1)[::-1].cumsum()[::-1][with_event]
    events = leaving[with_event, 1:]
    survival = np.cumprod(1 - events.sum(axis=1) / at_risk)
    before = np.concatenate(([1.0], survival[:-1]))[: survival.size]
    incidence = np.cumsum((before / at_risk)[:, np.newaxis] * events, axis=0)
    return CumulativeIncidence(
        causes=tuple(causes),
        time_days=days[with_event],
        incidence=incidence,
        variance=_variance(incidence, before, at_risk, events),
        survival=survival,
        n_at_risk=at_risk,
        n_events=events,
        observed_days=np.sort(time),
    )


def _codes(cause: Sequence[Hashable | None] | NDArray[np.generic], causes: Sequence[Hashable]) -> NDArray[np.int64]:
    number: dict[Hashable | None, int] = {None: 0, 0: 0} | {name: place for place, name in enumerate(causes, start=1)}
    if len(number) < len(causes) + 2:
        raise CallError(f"causes {causes!r} hold a name twice, or None or 0; give each cause one name")
    labels = cause.tolist() if isinstance(cause, np.ndarray) else cause
    unknown = [label for label in labels if label not in number]
    if unknown:
        raise CallError(f"cause holds {unknown[0]!r}; the causes are {', '.join(map(repr, causes))}, None or 0")
    return np.fromiter((number[label] for label in labels), dtype=np.int64, count=len(labels))


def _variance(
    incidence: NDArray[np.float64],
    before: NDArray[np.float64],
    at_risk: NDArray[np.int64],
    events: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Sum over the days u up to t of the variance that day u adds to the incidence at t, squares multiplied out."""
    n, d = at_risk[:, np.newaxis], events.sum(axis=1, keepdims=True)
    # Once everybody at risk has had an event, the incidence moves no more and the day adds nothing to later ones.
    hazard = d / (n * np.maximum(n - d, 1))
    step = before[:, np.newaxis]
    later = incidence**2 * hazard.cumsum(axis=0)
    later += -2 * incidence * (incidence * hazard).cumsum(axis=0) + (incidence**2 * hazard).cumsum(axis=0)
    own = (step**2 * events * (n - events) / n.astype(np.float64) ** 3).cumsum(axis=0)
    shared = step * events / n.astype(np.float64) ** 2
    crossed = incidence * shared.cumsum(axis=0) - (incidence * shared).cumsum(axis=0)
    total: NDArray[np.float64] = np.maximum(later + own - 2 * crossed, 0.0)
    return total
