"""Outlines of the pixels of a mask, each one closed line without holes, as structure sets want them."""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


def compute_contours(mask: npt.NDArray[np.bool_]) -> list[Points]:
    """Return the outlines of a mask (rows, columns), each an array of points (column, row) in pixels.

    Coordinates count from the centre of the first pixel. A line runs midway between pixels of the mask and others, so
    it surrounds exactly the centres of the mask. A line is closed without repeating its first point. Holes are joined
    to the line around them by a channel without width ("keyhole", PS3.3 C.8.8.6.3).
    """
    from contourpy import FillType, contour_generator

    # a frame of zeros closes lines at the border
    framed = np.pad(mask.astype(float), 1)
    found: Any = contour_generator(z=framed, fill_type=FillType.OuterOffset).filled(0.5, 2.0)
    return [
        _joined([points[first:last] - 1 for first, last in pairwise(bounds.tolist())])
        for points, bounds in zip(*found, strict=True)
    ]


def _joined(rings: list[Points]) -> Points:
    """Return one line from an outer ring and its holes (the last point of a ring is its first)."""
    line, *holes = (ring[:-1] for ring in rings)
    # from the left: the channel of a hole, straight to the left, cannot meet one that is not yet joined
    for hole in sorted(holes, key=lambda ring: ring[:, 0].min()):
        line = _with_hole(line, hole)
    return line


def _with_hole(line: Points, hole: Points) -> Points:
    start = int(hole[:, 0].argmin())
    around = np.concatenate([hole[start:], hole[: start + 1]])
    after, met = _first_to_the_left(line, hole[start])
    return np.concatenate([line[: after + 1], [met], around, [met], line[after + 1 :]])


def _first_to_the_left(line: Points, point: Points) -> tuple[int, Points]:
    """Return where a ray to the left first meets a line: the point before that place, and the place."""
    column, row = point
    ahead = np.roll(line, -1, axis=0)
    crossing = (line[:, 1] <= row) != (ahead[:, 1] <= row)
    part = np.divide(row - line[:, 1], ahead[:, 1] - line[:, 1], where=crossing, out=np.zeros(len(line)))
    met = np.where(crossing, line[:, 0] + part * (ahead[:, 0] - line[:, 0]), -np.inf)
    after = int(np.where(met <= column, met, -np.inf).argmax())
    return after, np.array([met[after], row])
