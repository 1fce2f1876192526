"""Median and range of a small sample, always with its size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from residuum.records.errors import CallError


@dataclass(frozen=True, slots=True)
class Summary:
    """Size, median and range of a sample.

    Attributes
    ----------
    n : int
        Number of values.
    median, minimum, maximum : float or None
        In the unit of the values; None where `n` is 0.
    """

    n: int
    median: float | None
    minimum: float | None
    maximum: float | None


def summarise(values: ArrayLike) -> Summary:
    """Size, median and range of `values`; the median of an even number is the mean of the two in the middle.

    Parameters
    ----------
    values : array_like of shape (n,)
        Any unit.

    Returns
    -------
    Summary

    Raises
    ------
    CallError
        A value is missing (NaN) or infinite.
    """
    sample = np.asarray(values, dtype=np.float64)
    if not np.isfinite(sample).all():
        raise CallError("values hold a missing or infinite number; leave such patients out and say so")
    if sample.size == 0:
        return Summary(0, None, None, None)
    return Summary(sample.size, float(np.median(sample)), float(sample.min()), float(sample.max()))
