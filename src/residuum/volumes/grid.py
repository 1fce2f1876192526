"""Volumes in patient space: indices to millimetres and back, slices in order, one volume on the grid of another."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.ndimage import affine_transform

from residuum.volumes.placement import Placement, Vector

Points = npt.NDArray[np.float64]
UNIT_TOLERANCE = 1e-3
EVEN_TOLERANCE_MM = 0.1
SAME_PLACE_MM = 0.01


@dataclass(frozen=True, slots=True)
class Volume:
    """Values on a regular grid in a patient.

    Attributes
    ----------
    values : ndarray
        (slices, rows, columns).
    spacing_mm : tuple of float
        Between rows and between columns.
    placement : Placement
    """

    values: npt.NDArray[Any]
    spacing_mm: tuple[float, float]
    placement: Placement

    def __post_init__(self) -> None:
        if self.values.ndim != 3:
            raise ValueError(f"values have {self.values.ndim} axes instead of slices, rows and columns")
        if not all(np.isfinite(one) and one > 0 for one in self.spacing_mm):
            raise ValueError(f"spacing_mm {self.spacing_mm} is not positive")
        across, down = np.array(self.placement.row_direction), np.array(self.placement.column_direction)
        lengths = np.linalg.norm([across, down], axis=1)
        if not np.allclose(lengths, 1, atol=UNIT_TOLERANCE) or abs(across @ down) > UNIT_TOLERANCE:
            raise ValueError("row_direction and column_direction are no orthogonal unit vectors")

    @property
    def axes_mm(self) -> Points:
        """Return the steps (3, 3) in patient millimetres, one column for each of slice, row and column index.

        A single slice is as thick as its pixels are apart.
        """
        across, down = np.array(self.placement.row_direction), np.array(self.placement.column_direction)
        step = np.array(self.placement.step_mm, float)
        if not step.any():
            step = np.cross(across, down) * self.spacing_mm[0]
        return np.column_stack([step, down * self.spacing_mm[0], across * self.spacing_mm[1]])

    def position_mm(self, index: npt.ArrayLike) -> Points:
        """Return patient (LPS) millimetres of indices (..., 3) given as slice, row, column."""
        found: Points = np.asarray(index, float) @ self.axes_mm.T + np.array(self.placement.origin_mm)
        return found

    def index(self, position_mm: npt.ArrayLike) -> Points:
        """Return indices (..., 3) as slice, row, column of patient (LPS) millimetres."""
        offset = np.asarray(position_mm, float) - np.array(self.placement.origin_mm)
        found: Points = np.linalg.solve(self.axes_mm, offset[..., None])[..., 0]
        return found


@dataclass(frozen=True, slots=True)
class SliceOrder:
    """Slices in their order in the patient.

    Attributes
    ----------
    order : tuple of int
        Indices of the slices as given.
    placement : Placement
        Of the slices in this order.
    fault : {"uneven", "duplicate"} or None
    """

    order: tuple[int, ...]
    placement: Placement
    fault: Literal["uneven", "duplicate"] | None


def resample(volume: Volume, onto: Volume, outside: float = 0.0) -> Volume:
    """Return a volume on the grid of another, by linear interpolation through patient millimetres.

    Parameters
    ----------
    volume, onto : Volume
        In one frame of reference; of `onto` only the grid counts.
    outside : float
        Value where the volume does not reach.
    """
    to_index = np.linalg.solve(volume.axes_mm, onto.axes_mm)
    values = affine_transform(
        volume.values.astype(np.float32),
        to_index,
        offset=volume.index(onto.placement.origin_mm),
        output_shape=onto.values.shape,
        order=1,
        cval=outside,
    )
    return Volume(values, onto.spacing_mm, onto.placement)


def order_slices(origins_mm: list[Vector], row_direction: Vector, column_direction: Vector) -> SliceOrder:
    """Return separate parallel slices in their order along the normal, with what is wrong with their distances.

    Parameters
    ----------
    origins_mm : list of tuple of float
        Centre of the top-left pixel of each slice.
    row_direction, column_direction : tuple of float
        Unit vectors, the same for all.
    """
    normal = np.cross(row_direction, column_direction)
    points = np.array(origins_mm, float)
    heights = points @ normal
    order = tuple(int(one) for one in np.argsort(heights, kind="stable"))
    steps = np.diff(heights[list(order)])
    first = _vector(points[order[0]])
    if len(steps) == 0:
        return SliceOrder(order, Placement(first, row_direction, column_direction, (0.0, 0.0, 0.0)), None)
    mean = (points[order[-1]] - points[order[0]]) / len(steps)
    placement = Placement(first, row_direction, column_direction, _vector(mean))
    if (steps < SAME_PLACE_MM).any():
        return SliceOrder(order, placement, "duplicate")
    uneven = np.ptp(steps) > EVEN_TOLERANCE_MM or np.linalg.norm(np.cross(mean, normal)) > EVEN_TOLERANCE_MM
    return SliceOrder(order, placement, "uneven" if uneven else None)


def _vector(values: Points) -> Vector:
    x, y, z = values.tolist()
    return x, y, z
