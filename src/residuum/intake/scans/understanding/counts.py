"""Counts of frames, and signs that pixel values are no counts."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.attributes import contradiction, number
from residuum.intake.scans.understanding.facts import Frame

FEWEST: Final = 1e5
"""A view of a child has 150,000 to 600,000 counts."""
INVERTED_FROM: Final = 0.7
"""Share of the range of values above which a background is no background: of counts it lies near the least value."""
_LARGEST: Final = 1e9
_BORDER: Final = 0.03
Pixels = npt.NDArray[Any]


def read_scale(dataset: Dataset) -> tuple[float, float]:
    """Return rescale slope and intercept, 1 and 0 where nothing says them.

    Raises
    ------
    ScanError
        `scan.contradiction`: with that slope more counts would be smaller values, or they are no counts at all.
    """
    slope, intercept = number(dataset, "RescaleSlope"), number(dataset, "RescaleIntercept")
    if slope is not None and not 0 < slope <= _LARGEST:
        raise contradiction("RescaleSlope")
    if abs(intercept or 0.0) > _LARGEST:
        raise contradiction("RescaleIntercept")
    return 1.0 if slope is None else slope, intercept or 0.0


def compute_counts(pixels: Pixels, scale: tuple[float, float]) -> float:
    """Return the sum of the rescaled values of a frame or volume."""
    slope, intercept = scale
    return float(pixels.sum(dtype=np.float64) * slope + intercept * pixels.size)


def is_inverted(frame: Pixels) -> bool:
    """Return whether the border of a frame is far brighter than what it surrounds.

    Its median lies in the upper part of the range of values and above the median of the middle, as in a screenshot of
    dark activity on white. A body that fills the whole frame lies low, since its hottest organ sets the range; a frame
    of a few pixels surrounds nothing.
    """
    rows, columns = (max(1, round(_BORDER * size)) for size in frame.shape)
    inner = np.zeros(frame.shape, dtype=bool)
    inner[rows:-rows, columns:-columns] = True
    if not inner.any():
        return False
    least, most = float(frame.min()), float(frame.max())
    border = float(np.median(frame[~inner]))
    height, width = frame.shape
    middle = frame[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return border - least > INVERTED_FROM * (most - least) and border >= float(np.median(middle))


def has_low_counts(frames: Iterable[Frame]) -> bool:
    """Return whether a frontal view in a photopeak, or one that may be such a view, holds fewer than 100,000 counts."""
    return any(frame.counts < FEWEST and frame.view != "other" and frame.window != "other" for frame in frames)
