"""A lesion outlined around a mark, at a part of the way from its background to its peak."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import label

SHELL = 1.5
"""The background lies between the radius and this many times it."""


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline.

    Attributes
    ----------
    mask : ndarray of bool
        Shape of the counts.
    peak : tuple of int
        Index of the highest count near the mark.
    threshold : float
        Counts from which on a pixel belongs to the lesion.
    limited : bool
        Whether it reaches the largest radius, so that it does not stand out from its surroundings.
    """

    mask: npt.NDArray[np.bool_]
    peak: tuple[int, ...]
    threshold: float
    limited: bool


def compute_outline(
    counts: npt.NDArray[Any],
    at: tuple[int, ...],
    spacing_mm: tuple[float, ...],
    fraction: float = 0.5,
    search_mm: float = 10.0,
    radius_mm: float = 40.0,
) -> Outline:
    """Return the connected pixels around the peak near `at` that exceed the threshold.

    Parameters
    ----------
    counts : ndarray
        Two or three axes.
    at : tuple of int
        Index of the mark.
    spacing_mm : tuple of float
        Along each axis.
    fraction : float
        Of the way from background to peak, where the threshold lies.
    search_mm, radius_mm : float
        How far the peak may lie from the mark, and the lesion may reach from the peak.
    """
    near = _distance_mm(counts.shape, at, spacing_mm) <= search_mm
    peak = tuple(int(one) for one in np.unravel_index(np.argmax(np.where(near, counts, -np.inf)), counts.shape))
    distance = _distance_mm(counts.shape, peak, spacing_mm)
    shell = (distance > radius_mm) & (distance <= SHELL * radius_mm)
    background = float(np.median(counts[shell])) if shell.any() else 0.0
    threshold = background + fraction * (float(counts[peak]) - background)
    parts, _ = label((counts >= threshold) & (distance <= radius_mm))
    mask = (parts == parts[peak]) & (parts > 0)
    limited = bool(distance[mask].max(initial=0.0) > radius_mm - max(spacing_mm))
    return Outline(mask, peak, threshold, limited)


def _distance_mm(
    shape: tuple[int, ...], at: tuple[int, ...], spacing_mm: tuple[float, ...]
) -> npt.NDArray[np.float64]:
    offsets = [(np.arange(size) - place) * step for size, place, step in zip(shape, at, spacing_mm, strict=True)]
    squares = np.meshgrid(*(one**2 for one in offsets), indexing="ij", sparse=True)
    distance: npt.NDArray[np.float64] = np.sqrt(sum(squares))
    return distance
