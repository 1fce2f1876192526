"""Upper grey levels for a planar view, from the body: what is hottest must not set how everything else is seen."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_PERCENTILES: Final = (90.0, 95.0, 97.5, 99.0, 99.5, 99.8, 99.95)
_BLOCK: Final = 4
"""Rows and columns that are averaged before the body is found: single counts are noise."""
_CLASSES: Final = 64
_SPREAD: Final = 10.0
"""How far the logarithm spreads counts below the mean of the image."""
_APART: Final = 1e-3
"""Relative distance of levels that would be one."""


def compute_levels(counts: NDArray[Any]) -> tuple[float, ...]:
    """Return seven rising upper levels: percentiles of the pixels of the body.

    Liver, bladder and heart are a few hundredths of the body's pixels, so lower levels saturate them, as readers of
    mIBG scans do.

    Parameters
    ----------
    counts : array (rows, columns)
        Of a planar view; at least one pixel.
    """
    values = counts.astype(float)
    body = values[_find_body(values)]
    levels = np.percentile(body if body.size else values, _PERCENTILES)
    rising = np.maximum.accumulate(levels) * (1 + _APART * np.arange(levels.size))
    if not rising[0] > 0:
        rising = np.maximum(rising, max(float(rising[-1]), 1.0) * (1 + _APART * np.arange(levels.size)))
    return tuple(float(f"{one:.5g}") for one in rising)


def _find_body(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the pixels of blocks that are no air: the upper of two classes of their counts, on a logarithmic scale."""
    steps = tuple(min(_BLOCK, size) for size in values.shape)
    rows, columns = (size // step * step for size, step in zip(values.shape, steps, strict=True))
    blocks = values[:rows, :columns].reshape(rows // steps[0], steps[0], columns // steps[1], steps[1]).mean((1, 3))
    found = np.zeros(values.shape, bool)
    relative = np.log1p(np.clip(blocks / (np.abs(blocks).mean() or 1.0), 0, None) * _SPREAD)
    above = relative > _part(relative)
    found[:rows, :columns] = np.repeat(np.repeat(above, steps[0], 0), steps[1], 1)
    return found


def _part(values: NDArray[np.float64]) -> float:
    """Return the value that parts others best into two classes (Otsu 1979)."""
    counts, edges = np.histogram(values, _CLASSES)
    middles = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts), counts.sum()
    sums = np.cumsum(counts * middles)
    above = total - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = np.where((below > 0) & (above > 0), (sums * total - sums[-1] * below) ** 2 / (below * above), 0.0)
    return float(edges[1 + int(np.argmax(between))])
