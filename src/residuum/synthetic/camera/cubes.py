"""Voxels of a phantom as cubes: split until they are cubes, merged until they are as large as a camera's pixels."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from residuum.volumes.grid import Grid
from residuum.volumes.placement import Placement, Vector

Float = NDArray[np.float32]
Factors = tuple[int, int, int]

_SAME: Final = 1e-6


def find_factors(grid: Grid, side_mm: float) -> Factors:
    """Return into how many parts slices, rows and columns of a grid are to be split to get cubes.

    Raises
    ------
    ValueError
        A side is no whole multiple of the cubes' side.
    """
    sides_mm = (float(np.linalg.norm(grid.placement.step_mm)), *grid.spacing_mm)
    factors = tuple(round(one / side_mm) for one in sides_mm)
    if min(factors) < 1 or not np.allclose(np.multiply(factors, side_mm), sides_mm, rtol=_SAME, atol=0):
        raise ValueError(f"voxels have the sides {sides_mm} mm, not whole multiples of {side_mm} mm")
    slices, rows, columns = factors
    return slices, rows, columns


def split(values: NDArray[Any], factors: Factors) -> Float:
    """Return values of voxels that are split; each part has the value of the whole."""
    for axis, factor in enumerate(factors):
        values = np.repeat(values, factor, axis=axis)
    result: Float = np.asarray(values, np.float32)
    return result


def merge(values: Float, factor: int, axes: Iterable[int] = (0, 1, 2)) -> Float:
    """Return sums over `factor` voxels along each axis; the last are filled with zeros."""
    for axis in axes:
        values = np.add.reduceat(values, np.arange(0, values.shape[axis], factor), axis=axis)
    return values


def split_grid(grid: Grid, factors: Factors) -> Grid:
    """Return the grid of split voxels."""
    shape = tuple(size * factor for size, factor in zip(grid.shape, factors, strict=True))
    return _change(grid, tuple(1 / factor for factor in factors), shape)


def merge_grid(grid: Grid, factor: int) -> Grid:
    """Return the grid of merged voxels."""
    return _change(grid, (float(factor),) * 3, tuple(-(-size // factor) for size in grid.shape))


def _change(grid: Grid, scale: tuple[float, ...], shape: tuple[int, ...]) -> Grid:
    """Return a grid of which voxels are scaled, the outer corner of the first one kept in place."""
    placed = grid.placement
    origin_mm = grid.position_mm(*((one - 1) / 2 for one in scale))
    step_mm = np.asarray(placed.step_mm) * scale[0]
    placement = Placement(_vector(origin_mm), placed.row_direction, placed.column_direction, _vector(step_mm))
    slices, rows, columns = shape
    return Grid((slices, rows, columns), (grid.spacing_mm[0] * scale[1], grid.spacing_mm[1] * scale[2]), placement)


def _vector(values: NDArray[Any]) -> Vector:
    x, y, z = (float(one) for one in values)
    return x, y, z
