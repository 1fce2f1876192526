"""Bootstrap over patients, so that the sites of one patient stay together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.errors import CallError
from residuum.stats.intervals import Limits, limits_or_none

# Draws held in memory at a time (8 MiB of indices).
DRAWS_AT_A_TIME = 2**20


@dataclass(frozen=True, slots=True)
class BootstrapInterval:
    """A ratio of sums with its percentile interval.

    Attributes
    ----------
    n : int
        Patients.
    value : float or None
        Sum of numerators over sum of denominators; None where the latter is 0.
    low, high : float or None
        Percentile limits; None where `value` is, or where no replicate has a denominator.
    replicates, undefined : int
        Replicates drawn, and those left out because every denominator drawn was 0.
    """

    n: int
    value: float | None
    low: float | None
    high: float | None
    replicates: int
    undefined: int


def cluster_bootstrap(
    numerator: ArrayLike,
    denominator: ArrayLike,
    replicates: int,
    seed: int | np.random.Generator,
    level: float = 0.95,
) -> BootstrapInterval:
    """Percentile interval of a ratio of sums over patients, patients being drawn with replacement.

    With a denominator of 1 for each patient it is the mean of the numerators; with the number of sites it is the
    pooled share of sites.

    Parameters
    ----------
    numerator, denominator : array_like of shape (n,)
        One entry per patient; denominators not below 0.
    replicates : int
        Number of bootstrap samples, at least 1.
    seed : int or numpy.random.Generator
        Source of the draws; the same seed gives the same interval.
    level : float
        Nominal coverage.

    Returns
    -------
    BootstrapInterval

    Raises
    ------
    CallError
        Lengths differ, an entry is missing, a denominator below 0, or `replicates` below 1.

    References
    ----------
    Field CA, Welsh AH. J R Stat Soc B 2007;69:369-390 (the cluster bootstrap).
    """
    top, bottom = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    _check_patients(top, bottom, replicates)
    if not bottom.sum() > 0:
        return BootstrapInterval(top.size, None, None, None, replicates, replicates)
    sums = _draw_sums(np.column_stack((top, bottom)), replicates, np.random.default_rng(seed))
    defined = sums[:, 1] > 0
    ratios = sums[defined, 0] / sums[defined, 1]
    tail = (1 - level) / 2
    low, high = np.quantile(ratios, (tail, 1 - tail)) if ratios.size else (np.nan, np.nan)
    return BootstrapInterval(
        top.size,
        float(top.sum() / bottom.sum()),
        *limits_or_none(low, high),
        replicates,
        int(replicates - ratios.size),
    )


def bootstrap_of_sums(
    rows: ArrayLike,
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    replicates: int,
    seed: int | np.random.Generator,
    level: float = 0.95,
) -> Limits:
    """Percentile limits of a statistic of column sums over patients, patients being drawn with replacement.

    Parameters
    ----------
    rows : array_like of shape (n, k)
        One row of summands per patient.
    statistic : callable
        Takes sums of shape (replicates, k), returns (replicates,); replicates that are not finite are left out.
    replicates : int
        Number of bootstrap samples.
    seed : int or numpy.random.Generator
        Source of the draws; the same seed gives the same limits.
    level : float
        Nominal coverage.

    Returns
    -------
    (low, high) : float or None
    """
    table = np.asarray(rows, dtype=np.float64)
    values = statistic(_draw_sums(table, replicates, np.random.default_rng(seed)))
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return None, None
    tail = (1 - level) / 2
    low, high = np.quantile(finite, (tail, 1 - tail))
    return float(low), float(high)


def bootstrap_icc(
    ratings: ArrayLike, patients: ArrayLike, replicates: int, seed: int | np.random.Generator, level: float = 0.95
) -> Limits:
    """Percentile limits of ICC(2,1) of two raters, the scans of one patient being drawn together.

    Parameters
    ----------
    ratings : array_like of shape (n, 2)
        One row per scan.
    patients : array_like of shape (n,)
        Patient of each scan.
    replicates, seed, level
        As in `bootstrap_of_sums`.

    Returns
    -------
    (low, high) : float or None

    Notes
    -----
    With two raters ICC(2,1) is a function of n and of five sums, so each replicate costs a few additions per patient.
    """
    pairs = np.asarray(ratings, dtype=np.float64)
    centred = pairs - pairs.mean()
    x, y = centred[:, 0], centred[:, 1]
    summands = np.column_stack((np.ones_like(x), x, y, x * x, y * y, x * y))
    _, patient = np.unique(np.asarray(patients), return_inverse=True)
    per_patient = np.zeros((int(patient.max()) + 1, summands.shape[1]))
    np.add.at(per_patient, patient, summands)
    return bootstrap_of_sums(per_patient, _icc_of_sums, replicates, seed, level)


def _icc_of_sums(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """ICC(2,1) of two raters from n and the sums of x, y, x^2, y^2 and xy (Shrout and Fleiss 1979)."""
    n, x, y, xx, yy, xy = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        grand = (x + y) ** 2 / (2 * n)
        of_subjects = (xx + yy + 2 * xy) / 2 - grand
        of_raters = (x * x + y * y) / n - grand
        residual = (xx + yy - grand - of_subjects - of_raters) / (n - 1)
        subjects = of_subjects / (n - 1)
        return np.asarray((subjects - residual) / (subjects + residual + 2 * (of_raters - residual) / n))


def _draw_sums(rows: NDArray[np.float64], replicates: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Column sums of each replicate, (replicates, columns), a bounded number of draws at a time."""
    n = rows.shape[0]
    sums = np.empty((replicates, rows.shape[1]))
    chunk = max(1, DRAWS_AT_A_TIME // n)
    for start in range(0, replicates, chunk):
        part = sums[start : start + chunk]
        drawn = generator.integers(n, size=(part.shape[0], n))
        for column in range(rows.shape[1]):
            part[:, column] = rows[drawn, column].sum(axis=1)
    return sums


def _check_patients(top: NDArray[np.float64], bottom: NDArray[np.float64], replicates: int) -> None:
    if top.ndim != 1 or top.shape != bottom.shape:
        raise CallError(f"numerator {top.shape} and denominator {bottom.shape} differ; one entry per patient")
    if not (np.isfinite(top).all() and np.isfinite(bottom).all() and (bottom >= 0).all()):
        raise CallError("numerator or denominator holds a missing number, or a denominator below 0")
    if replicates < 1:
        raise CallError(f"replicates {replicates} is below 1; use for example 2000")
