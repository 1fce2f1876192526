"""How many patients are expected by when."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.design import Accrual, Funnel, Funnelling
from residuum.records.errors import CallError


def funnel_per_year(funnel: Funnel, reading: Funnelling | None = None) -> float:
    """Patients randomised per year once every centre is open, at the central values.

    Parameters
    ----------
    funnel : Funnel
        Of the design.
    reading : {"evaluable", "stage_m"}, optional
        What the persistent are a share of; the design's own reading by default.
    """
    of = funnel.persistent_of if reading is None else reading
    shares = [funnel.stage_m, funnel.persistent, funnel.oligo, funnel.consent]
    if of == "evaluable":
        shares.append(funnel.evaluable)
    return float(funnel.enrolled_per_year.central * np.prod([share.central for share in shares]))


def patients_per_year(accrual: Accrual) -> float:
    """Patients expected per year with every centre open.

    Raises
    ------
    CallError
        Accrual by centres declares neither a rate nor a funnel.
    """
    if accrual.pattern == "uniform":
        return accrual.patients / accrual.years
    if accrual.per_year is not None:
        return accrual.per_year.central
    if accrual.funnel is None:
        raise CallError("accrual.per_year is missing; give it or [accrual.funnel]")
    return funnel_per_year(accrual.funnel)


def centre_openings(accrual: Accrual) -> NDArray[np.float64]:
    """Calendar years at which the centres open, shape (centres,)."""
    if accrual.centres == 1:
        return np.zeros(1)
    return np.linspace(0, accrual.opening_years, accrual.centres)


def expected_patients(accrual: Accrual, years: ArrayLike) -> NDArray[np.float64]:
    """Patients expected to have been randomised by a calendar time, both arms together.

    Uniform accrual is a straight line to `patients` at the end of `years`. With centres the number that would come by
    t is Poisson given the rates; with gamma rates it is negative binomial once every centre is open, and is taken as
    the negative binomial of the same mean and variance before. Of it, those are expected that `patients` allows:
    the mean of min(number, patients).

    Parameters
    ----------
    accrual : Accrual
        Of a design.
    years : array_like
        Since the first centre opened; 0 below 0.

    Returns
    -------
    ndarray
        Of the shape of `years`.

    Raises
    ------
    CallError
        Accrual by centres without a rate.

    References
    ----------
    Anisimov VV, Fedorov VV. Stat Med 2007;26:4958-4975.
    """
    time = np.clip(np.asarray(years, dtype=np.float64), 0.0, accrual.years)
    if accrual.pattern == "uniform":
        return np.asarray(accrual.patients * time / accrual.years)
    open_years = np.maximum(time[..., np.newaxis] - centre_openings(accrual), 0.0)
    per_centre = patients_per_year(accrual) / accrual.centres * open_years
    mean = per_centre.sum(axis=-1)
    variance = (per_centre**2).sum(axis=-1) / accrual.shape.central
    return _mean_at_most(accrual.patients, mean, variance)


def _mean_at_most(most: int, mean: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of min(X, most), X being Poisson with a gamma rate of this mean and variance.

    x P(X = x) is the mean times P(X' = x - 1), X' with one more in the gamma's shape.
    """
    from scipy.special import betainc

    some = mean > 0
    rate = np.where(some, mean, 1.0)
    shape = rate**2 / np.where(some, variance, 1.0)
    arriving = rate / (rate + shape)
    fewer = 1 - betainc(most - 1, shape + 1, arriving)  # P(X' <= most - 2)
    enough = betainc(most, shape, arriving)  # P(X >= most)
    return np.asarray(np.where(some, rate * fewer + most * enough, 0.0))
