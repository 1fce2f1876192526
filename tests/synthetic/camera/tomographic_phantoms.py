"""Bodies of known shape and activity before a rotating camera, on the grid of a phantom."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from residuum.synthetic.camera.attenuation import compute_linear_attenuation
from residuum.synthetic.camera.nuclide import PEAK_KEV
from residuum.volumes.grid import Grid
from residuum.volumes.placement import Placement

Values = npt.NDArray[Any]
Place = tuple[float, float, float]

WATER: Final = compute_linear_attenuation("water", PEAK_KEV)
PER_CUBE: Final = 4
"""Voxels of 2.4 x 4.8 x 2.4 mm in a cube of 4.8 mm."""


def make_grid(slices: int, rows: int, columns: int) -> Grid:
    """Return a grid of 2.4 x 4.8 x 2.4 mm about x = y = 0, from z = 100 mm towards the feet."""
    first = (-(columns - 1) * 1.2, -(rows - 1) * 2.4, 100.0)
    return Grid((slices, rows, columns), (4.8, 2.4), Placement(first, (1, 0, 0), (0, 1, 0), (0, 0, -2.4)))


def positions(grid: Grid, parts: int = 1) -> list[tuple[Values, Values, Values]]:
    """Return x, y, z of the middles of voxels, or of `parts` cubed parts of each voxel."""
    steps = (np.arange(parts) + 0.5) / parts - 0.5
    index = np.ogrid[tuple(slice(0, size) for size in grid.shape)]
    found = []
    for shift in np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3):
        moved = grid.position_mm(*(one + by for one, by in zip(index, shift, strict=True)))
        found.append((moved[..., 0], moved[..., 1], moved[..., 2]))
    return found


def ball(grid: Grid, centre: Place, diameter_mm: float) -> Values:
    """Return the share of each voxel that lies within a ball."""
    share = np.zeros(grid.shape)
    parts = positions(grid, 4)
    for x, y, z in parts:
        share += (x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2 < (diameter_mm / 2) ** 2
    return share / len(parts)


def cylinder(grid: Grid, radius_mm: float) -> Values:
    """Return where a cylinder along the table is."""
    ((x, y, _),) = positions(grid)
    return np.asarray(x**2 + y**2 < radius_mm**2)
