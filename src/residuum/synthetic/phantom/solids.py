"""Solids of which a body is made, in the frame of a body part, and how they are painted into voxels."""

from dataclasses import dataclass, replace
from typing import Final

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.volumes.grid import Grid

Triple = tuple[float, float, float]
Positions = NDArray[np.float64]

_ELLIPSOID, _CYLINDER, _CAPSULE = 0, 1, 2
EVERYWHERE: Final = (-np.inf, np.inf, -np.inf, np.inf, -np.inf, np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Place of a body part: millimetres of the part from millimetres of the world and back.

    Attributes
    ----------
    origin_mm : array (3,)
        In the world: patient (LPS) millimetres.
    axes : array (3, 3)
        Unit vectors of the part's x, y, z as columns; a mirrored part has a determinant of -1.
    scale_mm : array (3,)
        What is 1 in normalised coordinates: the same place of a body at any age and in any pose.
    """

    origin_mm: Positions
    axes: Positions
    scale_mm: Positions

    def to_local(self, positions_mm: ArrayLike) -> Positions:
        """Return normalised coordinates of world positions, (n, 3)."""
        local: Positions = (np.asarray(positions_mm, float) - self.origin_mm) @ self.axes / self.scale_mm
        return local

    def to_world(self, local: ArrayLike) -> Positions:
        """Return world positions (mm) of normalised coordinates, (n, 3)."""
        world: Positions = (np.asarray(local, float) * self.scale_mm) @ self.axes.T + self.origin_mm
        return world


@dataclass(frozen=True, slots=True)
class Solid:
    """An ellipsoid, an elliptic cylinder along z or a tapered capsule, in millimetres of a body part.

    Attributes
    ----------
    shape : int
    numbers : tuple of float
        Eight numbers, what they are depends on the shape.
    wall_mm : float
        Thickness of the wall; 0 for a filled solid.
    within : tuple of float
        Lowest and highest x, y, z: the solid is cut off there.
    shear : float
        Every point is seen `shear` * y higher: ribs fall towards the front.
    """

    shape: int
    numbers: tuple[float, ...]
    wall_mm: float = 0.0
    within: tuple[float, ...] = EVERYWHERE
    shear: float = 0.0

    def cut(
        self,
        *,
        x: tuple[float, float] | None = None,
        y: tuple[float, float] | None = None,
        z: tuple[float, float] | None = None,
    ) -> "Solid":
        """Return what is left of it between the given limits."""
        low_high = [given or self.within[2 * axis : 2 * axis + 2] for axis, given in enumerate((x, y, z))]
        return replace(self, within=tuple(float(value) for pair in low_high for value in pair))

    def shell(self, wall_mm: float) -> "Solid":
        """Return its wall."""
        return replace(self, wall_mm=wall_mm)

    def box(self) -> tuple[Positions, Positions]:
        """Return the lowest and the highest x, y, z that it can reach."""
        low, high = _extent(self.shape, self.numbers)
        low, high = np.maximum(low, self.within[::2]), np.minimum(high, self.within[1::2])
        tilt = abs(self.shear) * max(abs(low[1]), abs(high[1]))
        lift = np.array([0, 0, tilt])
        return low - lift, high + lift


def ellipsoid(centre: Triple, half_axes: Triple) -> Solid:
    """Return an ellipsoid."""
    return Solid(_ELLIPSOID, (*centre, *half_axes, 0.0, 0.0))


def cylinder(centre: tuple[float, float], half_axes: tuple[float, float], bottom: float, top: float) -> Solid:
    """Return an elliptic cylinder along z."""
    return Solid(_CYLINDER, (*centre, (bottom + top) / 2, *half_axes, (top - bottom) / 2, 0.0, 0.0))


def capsule(start: Triple, end: Triple, start_radius: float, end_radius: float) -> Solid:
    """Return a rod with round ends whose radius changes evenly."""
    return Solid(_CAPSULE, (*start, *end, start_radius, end_radius))


def _extent(shape: int, numbers: tuple[float, ...]) -> tuple[Positions, Positions]:
    first, second = np.array(numbers[:3]), np.array(numbers[3:6])
    if shape == _CAPSULE:
        widest = max(numbers[6:])
        return np.minimum(first, second) - widest, np.maximum(first, second) + widest
    return first - second, first + second


def paint(target: NDArray[np.uint8], grid: Grid, frame: Frame, solid: Solid, value: int, *, inside: bool) -> None:
    """Write a value into the voxels whose centres lie in a solid.

    Parameters
    ----------
    target : array (slices, rows, columns)
        Changed in place.
    grid : Grid
        Slices from head to foot, rows from front to back, columns from right to left, along the axes of the world.
    inside : bool
        Whether only voxels that are not 0 yet are written.
    """
    low, high = _index_box(grid, frame, solid)
    if (low >= high).any():
        return
    first, steps = _first_and_steps(grid)
    numbers, within = np.array(solid.numbers), np.array(solid.within)
    _paint(
        target,
        first,
        steps,
        frame.axes,
        frame.origin_mm,
        solid.shape,
        numbers,
        solid.wall_mm,
        within,
        solid.shear,
        low,
        high,
        value,
        inside,
    )


def _first_and_steps(grid: Grid) -> tuple[Positions, Positions]:
    placed = grid.placement
    if placed.row_direction != (1, 0, 0) or placed.column_direction != (0, 1, 0) or not placed.step_mm[2] < 0:
        raise ValueError(f"placement is {placed}; slices from head to foot along the axes of the patient are wanted")
    steps = np.array([grid.spacing_mm[1], grid.spacing_mm[0], placed.step_mm[2]])
    return np.array(placed.origin_mm, float), steps


def _index_box(grid: Grid, frame: Frame, solid: Solid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and last + 1 (slice, row, column) that a solid can reach."""
    low, high = solid.box()
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    first, steps = _first_and_steps(grid)
    index = ((corners @ frame.axes.T + frame.origin_mm - first) / steps)[:, ::-1]
    least = np.clip(np.ceil(index.min(axis=0) - 1e-9), 0, grid.shape).astype(np.int64)
    most = np.clip(np.floor(index.max(axis=0) + 1e-9) + 1, 0, grid.shape).astype(np.int64)
    return least, most


@numba.njit(cache=True)
def _paint(  # type: ignore[no-untyped-def]
    target, first, steps, axes, origin, shape, numbers, wall, within, shear, low, high, value, inside
):
    point = np.empty(3)
    for k in range(low[0], high[0]):
        for j in range(low[1], high[1]):
            for i in range(low[2], high[2]):
                if inside and target[k, j, i] == 0:
                    continue
                dx = first[0] + i * steps[0] - origin[0]
                dy = first[1] + j * steps[1] - origin[1]
                dz = first[2] + k * steps[2] - origin[2]
                out = False
                for axis in range(3):
                    point[axis] = dx * axes[0, axis] + dy * axes[1, axis] + dz * axes[2, axis]
                point[2] += shear * point[1]
                for axis in range(3):
                    if point[axis] < within[2 * axis] or point[axis] > within[2 * axis + 1]:
                        out = True
                if out or not _holds(point, shape, numbers, 0.0):
                    continue
                if wall > 0 and _holds(point, shape, numbers, wall):
                    continue
                target[k, j, i] = value


@numba.njit(cache=True)
def _holds(point, shape, numbers, inset):  # type: ignore[no-untyped-def]
    """Return whether a point lies in a solid whose surface is moved inwards."""
    if shape == 2:
        along = 0.0
        length = 0.0
        for axis in range(3):
            one = numbers[3 + axis] - numbers[axis]
            along += (point[axis] - numbers[axis]) * one
            length += one * one
        share = min(max(along / length, 0.0), 1.0) if length > 0 else 0.0
        away = 0.0
        for axis in range(3):
            away += (point[axis] - numbers[axis] - share * (numbers[3 + axis] - numbers[axis])) ** 2
        radius = numbers[6] + share * (numbers[7] - numbers[6]) - inset
        return radius > 0 and away <= radius * radius
    across = ((point[0] - numbers[0]) / max(numbers[3] - inset, 1e-6)) ** 2
    across += ((point[1] - numbers[1]) / max(numbers[4] - inset, 1e-6)) ** 2
    if shape == 1:
        # A cylinder has no lid: its wall is open above and below.
        return across <= 1 and abs(point[2] - numbers[2]) <= numbers[5]
    return across + ((point[2] - numbers[2]) / max(numbers[5] - inset, 1e-6)) ** 2 <= 1
