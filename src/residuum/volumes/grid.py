"""Volumes on grids of slices, rows and columns: from indices to patient millimetres and back, from grid to grid."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from residuum.volumes.placement import Placement, Vector

Positions = NDArray[np.float64]
Fault = Literal["duplicate", "missing", "uneven", "shifted"]

_STRAIGHT: Final = 1e-3
"""Error of a length of 1, or of a right angle, that the decimal strings of a header explain."""
_EVEN_MM, _EVEN_SHARE = 0.1, 0.01
"""Slices may lie off their even place by 0.1 mm, to which some cameras round positions, or by 1 % of the step."""
_EDGE: Final = 1e-3
"""Share of a voxel by which a position may lie beyond the outermost centres, for the same reason."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the voxels of a volume lie, without their values.

    Attributes
    ----------
    shape : tuple of int
        Slices, rows, columns.
    spacing_mm : tuple of float
        Between rows and between columns.
    placement : Placement
        Its step may have either sign along the normal, and be zero where there is one slice.

    Raises
    ------
    ValueError
        One of them is impossible, directions are not of length 1 or not at right angles, or the step does not follow
        the normal; the message names it and its value.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float]
    placement: Placement

    def __post_init__(self) -> None:
        if len(self.shape) != 3 or min(self.shape) < 1:
            raise ValueError(f"shape is {self.shape}, not slices, rows and columns")
        if len(self.spacing_mm) != 2 or not all(0 < one < np.inf for one in self.spacing_mm):
            raise ValueError(f"spacing_mm is {self.spacing_mm}, not two lengths")
        if not np.isfinite(self.placement.origin_mm).all():
            raise ValueError(f"origin_mm is {self.placement.origin_mm}")
        normal = _compute_normal(self.placement.row_direction, self.placement.column_direction)
        _check_step(self.placement.step_mm, normal, one_slice=self.shape[0] == 1)

    def position_mm(self, slice_index: ArrayLike, row: ArrayLike, column: ArrayLike) -> Positions:
        """Return patient (LPS) millimetres of voxels; indices may be fractions and arrays, (x, y, z) come last.

        DICOM PS3.3 C.7.6.2.1-1, with the step from slice to slice as its third column.
        """
        index = np.stack(np.broadcast_arrays(*(np.asarray(one, float) for one in (slice_index, row, column))), axis=-1)
        moved: Positions = index @ self._steps().T + np.asarray(self.placement.origin_mm)
        return moved

    def index(self, position_mm: ArrayLike) -> Positions:
        """Return (slice, row, column) of positions, not rounded; x, y, z of a position come last.

        Where the step is zero, the first is the distance from the plane in mm.
        """
        away = np.asarray(position_mm, float) - np.asarray(self.placement.origin_mm)
        found: Positions = away @ np.linalg.inv(self._steps()).T
        return found

    def _steps(self) -> Positions:
        """Return the matrix whose columns are the steps from slice to slice, row to row and column to column."""
        placed = self.placement
        along_rows, along_columns = np.asarray(placed.row_direction), np.asarray(placed.column_direction)
        step = np.asarray(placed.step_mm, float)
        if not step.any():
            step = np.cross(along_rows, along_columns)
        # The row index grows along the column direction, by the spacing between rows.
        return np.column_stack([step, along_columns * self.spacing_mm[0], along_rows * self.spacing_mm[1]])


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """Values on a grid.

    Attributes
    ----------
    values : array (slices, rows, columns)
    spacing_mm : tuple of float
        Between rows and between columns.
    placement : Placement

    Raises
    ------
    ValueError
        As for `Grid`.
    """

    values: NDArray[Any]
    spacing_mm: tuple[float, float]
    placement: Placement

    def __post_init__(self) -> None:
        if self.values.ndim != 3:
            raise ValueError(f"values have the shape {self.values.shape}, not slices, rows and columns")
        _ = self.grid

    @property
    def grid(self) -> Grid:
        """Where its voxels lie."""
        slices, rows, columns = self.values.shape
        return Grid((slices, rows, columns), self.spacing_mm, self.placement)

    def position_mm(self, slice_index: ArrayLike, row: ArrayLike, column: ArrayLike) -> Positions:
        """Return patient (LPS) millimetres of voxels, as `Grid.position_mm`."""
        return self.grid.position_mm(slice_index, row, column)

    def index(self, position_mm: ArrayLike) -> Positions:
        """Return (slice, row, column) of positions, as `Grid.index`."""
        return self.grid.index(position_mm)


def resample(volume: Volume, onto: Grid | Volume, outside: float = 0.0) -> Volume:
    """Return a volume on another grid of the same frame of reference: trilinear, float32.

    Parameters
    ----------
    volume : Volume
    onto : Grid or Volume
        Only where its voxels lie is used.
    outside : float
        Value of voxels that lie beyond the outermost voxel centres of `volume`; nothing is extrapolated.
    """
    target = onto.grid if isinstance(onto, Volume) else onto
    first = volume.index(target.position_mm(0, 0, 0))
    # One index step of the target in each direction, seen in indices of the volume.
    matrix = np.column_stack([volume.index(target.position_mm(*one)) - first for one in np.eye(3)])
    values = ndimage.affine_transform(
        volume.values, matrix, first, target.shape, output=np.dtype(np.float32), order=1, mode="nearest"
    )
    _blank_outside(values, matrix, first, volume.values.shape, outside)
    return Volume(values, target.spacing_mm, target.placement)


def _blank_outside(
    values: NDArray[Any], matrix: Positions, first: Positions, shape: tuple[int, ...], outside: float
) -> None:
    """Write `outside` where the index of the source lies beyond it, slice by slice: indices of all would fill memory.

    SciPy's own `cval` blanks voxels that lie beyond an edge by rounding alone.
    """
    rows, columns = np.ogrid[: values.shape[1], : values.shape[2]]
    for number, one in enumerate(values):
        for axis, length in enumerate(shape):
            start = first[axis] + matrix[axis, 0] * number
            index = start + matrix[axis, 1] * rows + matrix[axis, 2] * columns
            one[(index < -_EDGE) | (index > length - 1 + _EDGE)] = outside


@dataclass(frozen=True, slots=True)
class SliceOrder:
    """Order and place of slices that came one by one.

    Attributes
    ----------
    order : tuple of int
        Indices of the given slices, sorted along the normal; those at one place stay in the given order.
    spacing_mm : float
        Usual distance from slice to slice (median), 0 for one slice.
    placement : Placement or None
        Of the volume stacked in this order, None where there is a fault.
    fault : {"duplicate", "missing", "uneven", "shifted"} or None
        `duplicate`: two lie at one place. `missing`: distances are whole multiples of the usual one. `uneven`: they
        differ otherwise. `shifted`: slices lie beside, not above each other (a tilted gantry).
    """

    order: tuple[int, ...]
    spacing_mm: float
    placement: Placement | None
    fault: Fault | None


def order_slices(origins_mm: ArrayLike, row_direction: Vector, column_direction: Vector) -> SliceOrder:
    """Return the order of slices along their normal, and whether they make a volume.

    Parameters
    ----------
    origins_mm : array (slices, 3)
        Centre of the top-left pixel of each slice, in patient (LPS) millimetres of one frame of reference.
    row_direction, column_direction : tuple of float
        Common to all slices.

    Raises
    ------
    ValueError
        There is no slice, an origin is not three numbers, or the directions are not of length 1 at right angles.
    """
    origins = np.asarray(origins_mm, float)
    if origins.ndim != 2 or not len(origins) or origins.shape[1] != 3 or not np.isfinite(origins).all():
        raise ValueError(f"origins_mm have the shape {origins.shape} or are no numbers; slices by 3 are wanted")
    normal = _compute_normal(row_direction, column_direction)
    heights = origins @ normal
    order = np.argsort(heights, kind="stable")
    gaps = np.diff(heights[order])
    spacing = float(np.median(gaps)) if gaps.size else 0.0
    fault = _find_fault(origins[order], normal, gaps)
    placement = None
    if fault is None:
        step = (heights[order[-1]] - heights[order[0]]) / max(gaps.size, 1) * normal
        placement = Placement(_vector(origins[order[0]]), row_direction, column_direction, _vector(step))
    return SliceOrder(tuple(order.tolist()), spacing, placement, fault)


def _find_fault(origins: Positions, normal: Positions, gaps: Positions) -> Fault | None:
    if not gaps.size:
        return None
    if gaps.min() <= _EVEN_MM:
        return "duplicate"
    usual = float(np.median(gaps))
    tolerance = max(_EVEN_MM, _EVEN_SHARE * usual)
    heights = (origins - origins[0]) @ normal
    beside = origins - origins[0] - np.outer(heights, normal)
    if np.linalg.norm(beside, axis=1).max() > tolerance:
        return "shifted"
    if np.abs(heights - np.linspace(0, heights[-1], len(heights))).max() <= tolerance:
        return None
    multiples = np.round(gaps / usual)
    whole = multiples.max() > 1 and np.abs(gaps - multiples * usual).max() <= tolerance
    return "missing" if whole else "uneven"


def _vector(values: Positions) -> Vector:
    x, y, z = values.tolist()
    return x, y, z


def _compute_normal(row_direction: Vector, column_direction: Vector) -> Positions:
    """Return the normal of a slice: the cross product of its row and column directions.

    Raises
    ------
    ValueError
        They are not of length 1, or not at right angles.
    """
    rows, columns = np.asarray(row_direction, float), np.asarray(column_direction, float)
    for name, one in (("row_direction", rows), ("column_direction", columns)):
        if one.shape != (3,) or not abs(np.linalg.norm(one) - 1) <= _STRAIGHT:
            raise ValueError(f"{name} is {tuple(one.tolist())}, not of length 1")
    if not abs(rows @ columns) <= _STRAIGHT:
        raise ValueError(f"row_direction {row_direction} and column_direction {column_direction} are not perpendicular")
    return np.cross(rows, columns)


def _check_step(step_mm: Vector, normal: Positions, *, one_slice: bool) -> None:
    step = np.asarray(step_mm, float)
    length = np.linalg.norm(step)
    if not np.isfinite(length) or (length == 0 and not one_slice):
        raise ValueError(f"step_mm is {step_mm}, no distance between slices")
    if not np.linalg.norm(np.cross(step, normal)) <= _STRAIGHT * length:
        raise ValueError(f"step_mm is {step_mm}, not along the normal {tuple(normal.tolist())}")
