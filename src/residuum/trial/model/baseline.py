"""Time to failure of a patient of average weight: cumulative hazards and their inverses."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.design import Failure
from residuum.records.errors import CallError

EXPONENTIAL: Final = 0
WEIBULL: Final = 1
PIECEWISE: Final = 2
LN2: Final = float(np.log(2))
# Beyond any level that a random number can give, and finite when raised to the power 10.
LARGE: Final = 1e30


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """The latent time of a patient of average weight.

    Attributes
    ----------
    kind : int
        EXPONENTIAL, WEIBULL or PIECEWISE.
    rate, shape : float
        Hazard per year (exponential); scale in 1 / years and shape (Weibull): the cumulative hazard is (rate t)^shape.
    starts, sums, hazards : ndarray of shape (k,)
        Start of each interval in years, cumulative hazard there, and the hazard per year in it (piecewise).
    shared_cure, own_cure : float
        Share that never fails; each cause's hazard fades to the same end. At most one of them is above 0.
    frailty : float
        Variance of the gamma frailty.
    """

    kind: int
    rate: float
    shape: float
    starts: NDArray[np.float64]
    sums: NDArray[np.float64]
    hazards: NDArray[np.float64]
    shared_cure: float
    own_cure: float
    frailty: float


def derive_baseline(failure: Failure) -> Baseline:
    """Return the baseline that a design declares, at the central values of its ranges."""
    rate, shape = 0.0, 1.0
    starts, hazards = np.zeros(1), np.zeros(1)
    if failure.baseline == "exponential":
        kind, rate = EXPONENTIAL, _constant_hazard(failure)
    elif failure.baseline == "weibull":
        kind, shape = WEIBULL, failure.shape.central
        rate = LN2 ** (1 / shape) / _declared(failure.median_years, "failure.median_years")
    else:
        kind = PIECEWISE
        starts = np.array(failure.from_years)
        hazards = np.array([hazard.central for hazard in failure.hazards_per_year])
    sums = np.concatenate([[0.0], np.cumsum(hazards[:-1] * np.diff(starts))])
    cured, shared = failure.cured.central, failure.cure == "shared"
    return Baseline(
        kind=kind,
        rate=rate,
        shape=shape,
        starts=starts,
        sums=sums,
        hazards=hazards,
        shared_cure=cured if shared else 0.0,
        own_cure=0.0 if shared else cured,
        frailty=failure.frailty_variance.central,
    )


def _constant_hazard(failure: Failure) -> float:
    if failure.efs_at is not None:
        year, efs = failure.efs_at
        return float(-np.log(efs) / year)
    if failure.median_years is not None:
        return LN2 / failure.median_years.central
    return _declared(failure.hazard_per_year, "failure.hazard_per_year")


def _declared(quantity: object, name: str) -> float:
    central = getattr(quantity, "central", None)
    if central is None:
        raise CallError(f"{name} is missing; check the design with residuum.intake.design_file.read_design")
    return float(central)


def operational_time(baseline: Baseline, years: ArrayLike) -> NDArray[np.float64]:
    """Cumulative hazard G(t) of an average uncured patient without treatment, given a frailty of 1.

    Parameters
    ----------
    baseline : Baseline
        Of the design.
    years : array_like
        From randomisation, 0 or above; infinity is allowed.

    Returns
    -------
    ndarray
        Of the shape of `years`.
    """
    time = np.asarray(years, dtype=np.float64)
    if baseline.kind == PIECEWISE:
        interval = np.searchsorted(baseline.starts, time, side="right") - 1
        hazard = baseline.hazards[interval]
        with np.errstate(invalid="ignore"):
            latent = baseline.sums[interval] + np.where(hazard > 0, hazard * (time - baseline.starts[interval]), 0.0)
    else:
        latent = (baseline.rate * time) ** baseline.shape
    if baseline.own_cure > 0:
        latent = -np.log(baseline.own_cure + (1 - baseline.own_cure) * np.exp(-latent))
    if baseline.frailty > 0:
        with np.errstate(over="ignore"):  # beyond every level that is ever drawn
            latent = np.expm1(baseline.frailty * latent) / baseline.frailty
    return np.asarray(latent, dtype=np.float64)


def years_at(baseline: Baseline, operational: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the times at which operational times are reached, the inverse of `operational_time`.

    Parameters
    ----------
    baseline : Baseline
        Of the design.
    operational : ndarray
        0 or above, infinity included; overwritten with the result.

    Returns
    -------
    ndarray
        Years from randomisation, infinite where it is never reached.
    """
    level = operational
    if baseline.frailty > 0:
        level *= baseline.frailty
        np.log1p(level, out=level)
        level /= baseline.frailty
    if baseline.own_cure > 0:
        _latent(baseline.own_cure, level)
    if baseline.kind == PIECEWISE:
        return _piecewise_years(baseline, level)
    if baseline.shape != 1:
        _raise_to(1 / baseline.shape, level)
    level /= baseline.rate
    return level


def _raise_to(power: float, level: NDArray[np.float64]) -> None:
    """Raise levels to a power; infinities are set aside meanwhile, since they slow the whole array down."""
    finite = np.isfinite(level)
    np.minimum(level, LARGE, out=level)
    np.power(level, power, out=level)
    with np.errstate(divide="ignore"):
        level /= finite


def _latent(cured: float, level: NDArray[np.float64]) -> None:
    """Replace cumulative hazards that end at -ln(cured) by those of the uncured, infinite from there on."""
    np.exp(np.negative(level, out=level), out=level)
    level -= cured
    level /= 1 - cured
    np.maximum(level, 0.0, out=level)
    with np.errstate(divide="ignore"):
        np.log(level, out=level)
    np.negative(level, out=level)


def _piecewise_years(baseline: Baseline, level: NDArray[np.float64]) -> NDArray[np.float64]:
    interval = np.searchsorted(baseline.sums, level, side="right") - 1
    hazard = baseline.hazards[interval]
    level -= baseline.sums[interval]
    years = np.full(level.shape, np.inf)
    np.divide(level, hazard, out=years, where=hazard > 0)
    years += baseline.starts[interval]
    return years
