"""The outline of a hot lesion by threshold, in a planar view or a volume."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Fault = Literal["no_background", "faint", "hotter", "wide", "border", "small", "off_mark"]
Mask = NDArray[np.bool_]

CONTRAST: Final = 5.0
"""Spreads by which the peak must exceed what is around it, so that noise has no outline."""
NOISE: Final = 2.0
"""Roots of the peak's counts that something hotter must exceed it by: summits of one flat lesion differ by less."""
RIM_MM: Final = 10.0
"""Width of what lies closely around an outline."""
SMALLEST: Final = {2: 3, 3: 4}
"""Pixels that an outline must have, by the number of axes."""
_SHELL: Final = 1.5
"""Outer over inner radius of the shell that is the background."""
_NORMAL: Final = 1.4826
"""Standard deviation over median absolute deviation, of a normal distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A lesion's outline, and how it was found.

    Attributes
    ----------
    mask : array of bool
        Of the shape of the counts; empty where there is no background, or the peak does not stand out from it.
    peak : tuple of int
        Index of the lesion's hottest pixel near the mark.
    threshold : float
        Counts from which on a pixel belongs to the lesion.
    fault : str or None
        Why the mask is not the outline of the lesion that was marked; the first that holds. `no_background`: the image
        ends before it. `faint`: the peak does not stand out. `hotter`: something hotter is connected, so the peak lies
        on its flank or cannot be told from it. `wide`: it goes on beyond the greatest radius. `border`: it touches
        the border of the image, so a part may be missing. `small`: it has too few pixels. `off_mark`: it does not hold
        the marked pixel.
    """

    mask: Mask
    peak: tuple[int, ...]
    threshold: float
    fault: Fault | None


def compute_outline(
    counts: NDArray[Any],
    at: tuple[float, ...],
    spacing_mm: tuple[float, ...],
    fraction: float = 0.5,
    search_mm: float = 10.0,
    radius_mm: float = 30.0,
) -> Outline:
    """Return the outline of the lesion at a mark, and why it is none.

    The peak is the highest local maximum (no neighbour is higher, corners included) within `search_mm` of the mark,
    or the highest pixel there if none is a maximum; of equal ones, the nearest. The background is the median of the
    shell from `radius_mm` to 1.5 `radius_mm` around the peak. The lesion is what is connected to the peak by faces,
    within `radius_mm` of it, at or above background + `fraction` (peak - background).

    The peak stands out if it exceeds the background by more than `CONTRAST` spreads (the root of the background, as
    counts have it, or 1.4826 median absolute deviations of the shell, or 1, whichever is greatest), and the median of
    the pixels within `RIM_MM` of the lesion by more than `CONTRAST` roots of it, or of 1. A pixel is hotter if it
    exceeds the peak by more than `NOISE` roots of the peak; it counts however far away it is connected.

    Parameters
    ----------
    counts : array, two or three axes
    at : tuple of float
        Index of the mark; need not be whole.
    spacing_mm : tuple of float
        Along each axis of `counts`.
    fraction : float
        Strictly between 0 and 1.
    search_mm, radius_mm : float
        Greatest distance of the peak from the mark, and of the lesion's pixels from the peak.

    Raises
    ------
    ValueError
        An argument is impossible, or the mark lies outside.

    Notes
    -----
    A uniform sphere blurred to 10 mm (FWHM), on 2 mm voxels without noise, comes out at fraction 0.5 with 1.4 times its
    volume at a radius of 5 mm, 0.7 to 0.8 at 7.5 to 15 mm, 0.9 from 20 mm on: what is small
    has the size of the blur. A cooler neighbour above the threshold is part of the outline: nothing tells it apart.
    """
    _check(counts, at, spacing_mm, fraction, search_mm, radius_mm)
    peak = _find_peak(counts, at, spacing_mm, search_mm)
    away = _distances_mm(counts.shape, peak, spacing_mm)
    shell = counts[(away > radius_mm) & (away <= _SHELL * radius_mm)].astype(float)
    height = float(counts[peak])
    if not shell.size:
        return Outline(np.zeros(counts.shape, bool), peak, height, "no_background")
    background = float(np.median(shell))
    threshold = background + fraction * (height - background)
    if height - background <= CONTRAST * max(_noise(background), _NORMAL * _deviation(shell, background)):
        return Outline(np.zeros(counts.shape, bool), peak, threshold, "faint")
    mask = _connected((counts >= threshold) & (away <= radius_mm), peak)
    fault = _find_fault(counts, mask, _connected(counts >= threshold, peak), peak, spacing_mm)
    return Outline(mask, peak, threshold, fault or (None if mask[_pixel(at, counts.shape)] else "off_mark"))


def _find_fault(
    counts: NDArray[Any], mask: Mask, unlimited: Mask, peak: tuple[int, ...], spacing_mm: tuple[float, ...]
) -> Fault | None:
    """Return why a mask is no outline; `unlimited` is what is connected to the peak at any distance."""
    height = float(counts[peak])
    if counts[unlimited].max() > height + NOISE * _noise(height):
        return "hotter"
    if (unlimited != mask).any():
        return "wide"
    if any(mask.take((0, -1), axis).any() for axis in range(mask.ndim)):
        return "border"
    around = _median_around(counts, mask, spacing_mm)
    if height - around <= CONTRAST * _noise(around):
        return "faint"
    return "small" if mask.sum() < SMALLEST[mask.ndim] else None


def _noise(level: float) -> float:
    """Return the spread of counts; never below 1, the step of counts, since a background may be 0 or less."""
    return math.sqrt(max(level, 1.0))


def _deviation(values: NDArray[np.float64], median: float) -> float:
    return float(np.median(np.abs(values - median)))


def _median_around(counts: NDArray[Any], mask: Mask, spacing_mm: tuple[float, ...]) -> float:
    """Return the median of what lies closely around a mask that does not touch the border."""
    # the neighbours at least, where pixels are larger than the rim
    width_mm = max(RIM_MM, *spacing_mm)
    margins = [int(np.ceil(width_mm / step)) for step in spacing_mm]
    found = zip(ndimage.find_objects(mask.astype(np.uint8))[0], margins, strict=True)
    near = tuple(slice(max(0, one.start - margin), one.stop + margin) for one, margin in found)
    away = ndimage.distance_transform_edt(~mask[near], sampling=spacing_mm)
    return float(np.median(counts[near][(away > 0) & (away <= width_mm)]))


def _connected(above: Mask, peak: tuple[int, ...]) -> Mask:
    labels, _ = ndimage.label(above)
    connected: Mask = labels == labels[peak]
    return connected


def _pixel(at: tuple[float, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the pixel that a mark lies on; the outer edges of the image belong to its outermost pixels."""
    return tuple(min(max(round(index), 0), length - 1) for index, length in zip(at, shape, strict=True))


def _check(
    counts: NDArray[Any],
    at: tuple[float, ...],
    spacing_mm: tuple[float, ...],
    fraction: float,
    search_mm: float,
    radius_mm: float,
) -> None:
    if counts.ndim not in (2, 3) or not np.isfinite(counts).all():
        raise ValueError(f"counts have the shape {counts.shape} or are no numbers; two or three axes are wanted")
    if len(spacing_mm) != counts.ndim or not all(0 < one < np.inf for one in spacing_mm):
        raise ValueError(f"spacing_mm is {spacing_mm}, not a length for each of {counts.ndim} axes")
    if len(at) != counts.ndim or not all(-0.5 <= i <= n - 0.5 for i, n in zip(at, counts.shape, strict=True)):
        raise ValueError(f"at is {at}, which is not inside an array of the shape {counts.shape}")
    if not 0 < fraction < 1:
        raise ValueError(f"fraction is {fraction}, not between 0 and 1")
    if not 0 <= search_mm < np.inf or not 0 < radius_mm < np.inf:
        raise ValueError(f"search_mm is {search_mm} and radius_mm {radius_mm}, not lengths")


def _find_peak(
    counts: NDArray[Any], at: tuple[float, ...], spacing_mm: tuple[float, ...], search_mm: float
) -> tuple[int, ...]:
    # One pixel more than the search, so that its outermost pixels have all their neighbours.
    box = _box(counts.shape, at, spacing_mm, search_mm + max(spacing_mm))
    cut = counts[box]
    away = _distances_mm(cut.shape, [index - one.start for index, one in zip(at, box, strict=True)], spacing_mm)
    # A mark between pixels has the nearest one, however short the search.
    allowed = (away <= search_mm) | (away == away.min())
    summits = allowed & (cut == ndimage.maximum_filter(cut, size=3, mode="nearest"))
    among = np.flatnonzero(summits if summits.any() else allowed)
    best = among[np.lexsort((away.flat[among], -cut.flat[among].astype(float)))[0]]
    return tuple(int(i) + one.start for i, one in zip(np.unravel_index(best, cut.shape), box, strict=True))


def _box(
    shape: tuple[int, ...], at: tuple[float, ...], spacing_mm: tuple[float, ...], radius_mm: float
) -> tuple[slice, ...]:
    """Return the smallest block of whole pixels around all that lies within a radius."""
    return tuple(
        slice(max(0, int(np.floor(index - radius_mm / step))), min(length, int(np.ceil(index + radius_mm / step)) + 1))
        for length, index, step in zip(shape, at, spacing_mm, strict=True)
    )


def _distances_mm(shape: tuple[int, ...], at: Sequence[float], spacing_mm: tuple[float, ...]) -> NDArray[np.float64]:
    axes = np.ogrid[tuple(slice(0, length) for length in shape)]
    squares = sum(((axis - index) * step) ** 2 for axis, index, step in zip(axes, at, spacing_mm, strict=True))
    distances: NDArray[np.float64] = np.sqrt(np.asarray(squares))
    return distances
