"""Upper grey levels for a planar view, from the body: what is hottest must not set how everything else is seen."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_PERCENTILES: Final = (90.0, 95.0, 97.5, 99.0, 99.5, 99.8, 99.95)
_BODY_SHARE: Final = 0.15
"""Of the counts of soft tissue, from which on a pixel belongs to the body."""
_BLOCK: Final = 4
"""Rows and columns that are averaged before the body is found: single counts are noise."""


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
    rising = np.maximum.accumulate(np.maximum(levels, 1.0))
    return tuple(round(float(one), 2) for one in rising + 0.01 * np.arange(rising.size))


def _find_body(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the pixels with more than a share of what the middle pixel with counts has."""
    rows, columns = (max(1, size // _BLOCK) * min(_BLOCK, size) for size in values.shape)
    steps = min(_BLOCK, values.shape[0]), min(_BLOCK, values.shape[1])
    blocks = values[:rows, :columns].reshape(rows // steps[0], steps[0], columns // steps[1], steps[1]).mean((1, 3))
    above = blocks[blocks > blocks.mean()]
    typical = float(np.median(above)) if above.size else 0.0
    found = np.zeros(values.shape, bool)
    mask = np.repeat(np.repeat(blocks > _BODY_SHARE * typical, steps[0], 0), steps[1], 1)
    found[:rows, :columns] = mask
    return found
