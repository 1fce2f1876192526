"""Events and patients that a log-rank test needs, and the power that it has: asymptotic, proportional hazards."""

from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.errors import CallError
from residuum.stats.normal import normal_quantile
from residuum.trial.theory.boundaries import Crossing, crossing_probabilities
from residuum.trial.theory.drift import fixed_drift
from residuum.trial.theory.expected_events import ExponentialTrial

Information: TypeAlias = Literal["null", "alternative"]


def schoenfeld_events(
    hazard_ratio: float, alpha: float = 0.025, power: float = 0.8, experimental_share: float = 0.5
) -> float:
    """Events that a fixed log-rank test needs, (z(1 - alpha) + z(power))^2 / (q (1 - q) ln(HR)^2).

    Parameters
    ----------
    hazard_ratio : float
        Experimental over control; above 0, not 1.
    alpha : float
        One-sided type I error.
    power : float
        Strictly between `alpha` and 1.
    experimental_share : float
        Of the patients, q.

    Returns
    -------
    float
        Not rounded.

    Raises
    ------
    CallError
        A value is out of its range.

    References
    ----------
    Schoenfeld DA. Biometrika 1981;68:316-319. R: rpact ``getSampleSizeSurvival``.
    """
    if not 0 < experimental_share < 1:
        raise CallError(f"experimental_share {experimental_share} is not between 0 and 1; give 0.5 for 1:1")
    effect = _log_hazard_ratio(hazard_ratio)
    return (fixed_drift(alpha, power) / effect) ** 2 / (experimental_share * (1 - experimental_share))


def schoenfeld_patients(trial: ExponentialTrial, year: float, alpha: float = 0.025, power: float = 0.8) -> float:
    """Patients of whom Schoenfeld's number of events is expected by the calendar year of the analysis.

    Parameters
    ----------
    trial : ExponentialTrial
        Hazards, accrual, dropout.
    year : float
        Of the analysis: accrual and follow-up together.
    alpha : float
        One-sided type I error.
    power : float
        Strictly between `alpha` and 1.

    Returns
    -------
    float
        Both arms, not rounded.

    Raises
    ------
    CallError
        A value is out of its range.

    References
    ----------
    See `schoenfeld_events`.
    """
    events = schoenfeld_events(trial.hazard_ratio, alpha, power, trial.experimental_share)
    return events / float(_events_per_patient(trial, year).sum())


def lachin_foulkes_patients(trial: ExponentialTrial, year: float, alpha: float = 0.025, power: float = 0.8) -> float:
    """Patients needed when the variance of ln(HR) is taken from the events of each arm, under each hypothesis.

    n = ((z(1 - alpha) sqrt(1/a + 1/b) + z(power) sqrt(1/c + 1/d)) / ln(HR))^2 with c, d the expected events of the
    arms per planned patient, and a, b those if both arms had the mean hazard.

    Parameters
    ----------
    trial : ExponentialTrial
        Hazards, accrual, dropout.
    year : float
        Of the analysis: accrual and follow-up together.
    alpha : float
        One-sided type I error.
    power : float
        Strictly between `alpha` and 1.

    Returns
    -------
    float
        Both arms, not rounded.

    Raises
    ------
    CallError
        A value is out of its range.

    References
    ----------
    Lachin JM, Foulkes MA. Biometrics 1986;42:507-519. R: ``gsDesign::nSurv(method = "LachinFoulkes")``.
    """
    fixed_drift(alpha, power)
    effect = _log_hazard_ratio(trial.hazard_ratio)
    share = trial.experimental_share
    mean = trial.control_hazard_per_year * (1 - share + share * trial.hazard_ratio)
    alike = replace(trial, control_hazard_per_year=mean, hazard_ratio=1.0)
    null, alternative = (np.sqrt((1 / _events_per_patient(one, year)).sum()) for one in (alike, trial))
    return float(((normal_quantile(power) * alternative - normal_quantile(alpha) * null) / effect) ** 2)


def log_rank_crossing(
    trial: ExponentialTrial,
    patients: float,
    years: ArrayLike,
    upper: ArrayLike,
    lower: ArrayLike | None = None,
    information: Information = "null",
) -> Crossing:
    """Crossing probabilities of a log-rank test with looks at calendar times; one look is a fixed design.

    Parameters
    ----------
    trial : ExponentialTrial
        The truth assumed; a hazard ratio below 1 is benefit, towards the upper bounds.
    patients : float
        Of both arms.
    years : array_like of shape (k,)
        Of the looks; for event-driven looks `ExponentialTrial.expected_year` of each number of events.
    upper : array_like of shape (k,)
        Efficacy bounds of Z.
    lower : array_like of shape (k,), optional
        Futility bounds of Z.
    information : {"null", "alternative"}
        About ln(HR): expected events times q (1 - q) (Schoenfeld), or 1 / (1 / control + 1 / experimental events),
        which is smaller because events leave the arms unequally.

    Returns
    -------
    Crossing

    Raises
    ------
    CallError
        A year is missing or not above 0, or `residuum.trial.theory.boundaries.crossing_probabilities` refuses.

    References
    ----------
    Schoenfeld DA. Biometrika 1981;68:316-319 (null). R: ``gsDesign2::gs_info_ahr``, columns info0 and info.
    """
    events = trial.expected_events(patients, np.atleast_1d(np.asarray(years, dtype=np.float64)))
    if not np.all(events > 0):
        raise CallError(f"years {years!r} hold a look without events; look later than the first patient")
    share = trial.experimental_share
    amount = events.sum(axis=1) * share * (1 - share) if information == "null" else 1 / (1 / events).sum(axis=1)
    return crossing_probabilities(upper, amount, -np.log(trial.hazard_ratio), lower)


def _log_hazard_ratio(hazard_ratio: float) -> float:
    if not (0 < hazard_ratio < np.inf and hazard_ratio != 1):
        raise CallError(f"hazard_ratio {hazard_ratio} is not above 0 and other than 1; no number of events shows it")
    return float(np.log(hazard_ratio))


def _events_per_patient(trial: ExponentialTrial, year: float) -> NDArray[np.float64]:
    events = trial.expected_events(1, year)
    if not np.all(events > 0):
        raise CallError(f"year {year} has no events yet; analyse later than the first patient")
    return events
