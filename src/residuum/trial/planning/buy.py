"""What a number of events can buy: width of an interval, detectable hazard ratio, and borrowing of outside controls."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from residuum.records.design import Borrowing
from residuum.records.errors import CallError

POWER: Final = 0.8
ALPHAS: Final = (0.025, 0.05, 0.10, 0.20)
"""One-sided type I errors at which the power of the available children is given."""
DRIFTS: Final = (1.1, 1.25, 1.5)
"""Hazard of outside controls over that of the trial's own, at which the price of borrowing is given."""


def interval_ratio(events: float, experimental_share: float = 0.5) -> float:
    """Upper over lower limit of the 95 % interval of a hazard ratio, exp(2 x 1.96 / sqrt(q (1 - q) d)).

    Parameters
    ----------
    events : float
        Of both arms, d; above 0.
    experimental_share : float
        q, of the patients.

    Raises
    ------
    CallError
        No events.

    References
    ----------
    Schoenfeld DA. Biometrika 1981;68:316-319 (variance of the log hazard ratio).
    """
    from scipy.special import ndtri

    return float(np.exp(2 * ndtri(0.975) / np.sqrt(_information(events, experimental_share))))


def detectable_hazard_ratio(
    events: float, alpha: float = 0.025, power: float = POWER, experimental_share: float = 0.5
) -> float:
    """Hazard ratio that a fixed log-rank test shows with some power; the inverse of Schoenfeld's number of events.

    Parameters
    ----------
    events : float
        Of both arms, d; above 0.
    alpha : float
        One-sided type I error.
    power : float
        Above `alpha`, below 1.
    experimental_share : float
        q, of the patients.

    Returns
    -------
    float
        Below 1; every smaller one is shown with more power.

    Raises
    ------
    CallError
        No events.

    References
    ----------
    Schoenfeld DA. Biometrika 1981;68:316-319.
    """
    from scipy.special import ndtri

    return float(np.exp(-(ndtri(power) - ndtri(alpha)) / np.sqrt(_information(events, experimental_share))))


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A log hazard ratio with controls borrowed from outside, and its operating characteristics.

    Attributes
    ----------
    power : float
        Probability that benefit is called, if outside controls are like the trial's own.
    power_without : float
        The same without borrowing.
    type_one_error : float
        Where irradiation does nothing and outside controls are like the trial's own.
    drifting : dict of float to float
        Where irradiation does nothing and the hazard of outside controls is this multiple of that of the trial's own.
    effective_events : float
        Events that the borrowed controls count as.
    """

    power: float
    power_without: float
    type_one_error: float
    drifting: dict[float, float]
    effective_events: float


def borrow(
    borrowing: Borrowing, control_events: float, experimental_events: float, hazard_ratio: float, alpha: float
) -> Borrowed:
    """Operating characteristics of a power prior on the log hazard of the controls, by normal approximation.

    The log hazard of each group has variance 1 / events. With weight a and e outside events the prior is worth a e
    events: the posterior of the controls is the mean of both estimates weighted by their events, with variance
    1 / (c + a e). Benefit is called where the posterior probability of a hazard ratio below 1 reaches 1 - alpha. The
    estimate's own variance is 1 / x + (c + a^2 e) / (c + a e)^2, and a drift d of the outside log hazard moves it by
    d a e / (c + a e).

    Parameters
    ----------
    borrowing : Borrowing
        Outside controls and the weight.
    control_events, experimental_events : float
        Expected in the trial, c and x; above 0.
    hazard_ratio : float
        For the power; the events are taken as those under it.
    alpha : float
        One-sided.

    Returns
    -------
    Borrowed

    Raises
    ------
    CallError
        No events in an arm.

    References
    ----------
    Ibrahim JG, Chen MH. Stat Sci 2000;15:46-60 (power prior).
    """
    from scipy.special import ndtr, ndtri

    if not (control_events > 0 and experimental_events > 0):
        raise CallError(f"events {control_events}, {experimental_events} must be above 0; wait longer")
    bound = -float(ndtri(alpha))

    def called(log_ratio: float, weight: float, log_drift: float = 0.0) -> float:
        borrowed = weight * borrowing.events
        whole = control_events + borrowed
        believed = 1 / experimental_events + 1 / whole
        true = 1 / experimental_events + (control_events + weight * borrowed) / whole**2
        mean = -log_ratio + log_drift * borrowed / whole
        return float(ndtr((mean - bound * np.sqrt(believed)) / np.sqrt(true)))

    effect, weight = float(np.log(hazard_ratio)), borrowing.weight
    return Borrowed(
        power=called(effect, weight),
        power_without=called(effect, 0.0),
        type_one_error=called(0.0, weight),
        drifting={drift: called(0.0, weight, float(np.log(drift))) for drift in DRIFTS},
        effective_events=weight * borrowing.events,
    )


def _information(events: float, share: float) -> float:
    if not (events > 0 and 0 < share < 1):
        raise CallError(f"events {events} or share {share} is out of range; give events above 0 and a share in 0..1")
    return events * share * (1 - share)
