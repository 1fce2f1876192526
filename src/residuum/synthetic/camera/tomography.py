"""A SPECT: from activity in a body to the volume that a camera stores."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from residuum.synthetic.camera.collimators import FWHM_PER_SIGMA, Camera
from residuum.synthetic.camera.cubes import find_factors, merge, merge_grid, split, split_grid
from residuum.synthetic.camera.orbit import compute_orbit
from residuum.synthetic.camera.projections import FINER, Progress, acquire_projections
from residuum.synthetic.camera.reconstruction import reconstruct
from residuum.synthetic.camera.rotating_projection import RotatingCamera
from residuum.volumes.grid import Grid, Volume

Float = NDArray[np.float32]

VOXEL_MM: Final = 4.8
"""A matrix of 128 on the field of a usual camera."""
FINE_MM: Final = VOXEL_MM / FINER
_LARGEST: Final = np.iinfo(np.int16).max
_ACQUIRED: Final = 0.3
"""Share of the work that is done when the counts are there."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a SPECT is acquired and reconstructed.

    Attributes
    ----------
    stops : int
        Over a full turn, even: two heads face each other.
    seconds_per_stop : float
    circular : bool
        At one radius; otherwise the heads follow the body.
    iterations, subsets : int
        Of the reconstruction.
    filter_mm : float
        Full width at half maximum of the Gaussian that smooths its result.

    Raises
    ------
    ValueError
        One of them is impossible, or stops do not fall into subsets of one size.
    """

    stops: int = 60
    seconds_per_stop: float = 30.0
    circular: bool = False
    iterations: int = 4
    subsets: int = 10
    filter_mm: float = 8.0

    def __post_init__(self) -> None:
        if self.stops < 2 or self.stops % 2:
            raise ValueError(f"stops is {self.stops}, not an even number")
        if self.iterations < 1 or self.subsets < 1 or self.stops % self.subsets:
            raise ValueError(f"{self.iterations} iterations of {self.subsets} subsets of {self.stops} stops")
        if not (0 < self.seconds_per_stop < np.inf and 0 <= self.filter_mm < np.inf):
            raise ValueError(f"{self.seconds_per_stop} s at each stop, a filter of {self.filter_mm} mm")


def simulate_spect(
    activity_bq: NDArray[Any],
    attenuation_per_mm: NDArray[Any],
    grid: Grid,
    camera: Camera,
    protocol: Protocol,
    random: np.random.Generator | None,
    progress: Progress = lambda _: None,
) -> Volume:
    """Return the reconstructed SPECT of a body: Bq in each voxel, float32, cubes of 4.8 mm that cover the grid.

    Parameters
    ----------
    activity_bq : array (slices, rows, columns)
        In the slices that lie within the field of view.
    attenuation_per_mm : array of the same shape
        At 159 keV. Where it is zero in every slice there is no body: activity is neither seen nor found there.
    grid : Grid
        Of both: rows run to the back, columns to the patient's left, sides are whole multiples of 2.4 mm.
    camera : Camera
    protocol : Protocol
    random : numpy.random.Generator or None
        Draws the noise; None gives the expected counts.
    progress : callable

    Raises
    ------
    ValueError
        The grid is another one, shapes differ, or there is no body.

    Notes
    -----
    Counts and reconstruction share one model of the camera, and scatter is known: the result is as good as so many
    counts allow, and better than that of a real camera.
    """
    _check(activity_bq, attenuation_per_mm, grid)
    factors = find_factors(grid, FINE_MM)
    fine_activity, fine_attenuation = (
        _lay(split(one, factors)) for one in (activity_bq / np.prod(factors), attenuation_per_mm)
    )
    attenuation = merge(fine_attenuation, FINER) / np.float32(FINER**3)
    box = _find_box(attenuation)
    fine_box = tuple(slice(one.start * FINER, one.stop * FINER) for one in box)
    orbit = compute_orbit(np.any(attenuation[box] > 0, axis=2), VOXEL_MM, protocol.stops, circular=protocol.circular)
    rotating = RotatingCamera(attenuation[box], VOXEL_MM, camera, orbit)
    fine = RotatingCamera(fine_attenuation[fine_box], FINE_MM, camera, orbit)
    projections = acquire_projections(
        rotating,
        fine,
        fine_activity[fine_box],
        protocol.seconds_per_stop,
        random,
        lambda done: progress(_ACQUIRED * done),
    )
    found = np.zeros_like(attenuation)
    found[box] = reconstruct(
        rotating,
        projections,
        protocol.iterations,
        protocol.subsets,
        lambda done: progress(_ACQUIRED + (1 - _ACQUIRED) * done),
    )
    smooth = ndimage.gaussian_filter(found, protocol.filter_mm / FWHM_PER_SIGMA / VOXEL_MM, mode="constant")
    cubes = merge_grid(split_grid(grid, factors), FINER)
    return Volume(np.ascontiguousarray(np.moveaxis(smooth, 2, 0)), cubes.spacing_mm, cubes.placement)


def compute_stored(values: NDArray[Any]) -> NDArray[np.uint16]:
    """Return values as a camera stores them: scaled so that the largest is 32767, rounded, none below zero."""
    largest = float(values.max())
    scaled = values * (_LARGEST / largest if largest > 0 else 0.0)
    return np.round(np.maximum(scaled, 0)).astype(np.uint16)


def _check(activity_bq: NDArray[Any], attenuation_per_mm: NDArray[Any], grid: Grid) -> None:
    """Refuse what cannot be seen.

    Raises
    ------
    ValueError
        Rows and columns do not run to the back and to the left, shapes differ, or there is no body.
    """
    placed = grid.placement
    if (placed.row_direction, placed.column_direction) != ((1, 0, 0), (0, 1, 0)):
        raise ValueError(f"directions are {placed.row_direction} and {placed.column_direction}, not those of x and y")
    shapes = (activity_bq.shape, attenuation_per_mm.shape)
    if shapes != (grid.shape, grid.shape):
        raise ValueError(
            f"activity and attenuation have the shapes {shapes[0]} and {shapes[1]}, their grid {grid.shape}"
        )
    if not (attenuation_per_mm > 0).any():
        raise ValueError("attenuation_per_mm is zero everywhere: there is no body")


def _lay(values: Float) -> Float:
    """Return values as (rows, columns, slices), filled with zeros to even numbers: the axis then lies in the middle."""
    laid = np.moveaxis(values, 0, 2)
    return np.pad(laid, [(0, size % FINER) for size in laid.shape])


def _find_box(attenuation: Float) -> tuple[slice, slice]:
    """Return the rows and columns in which the body lies."""
    footprint: NDArray[np.bool_] = np.any(attenuation > 0, axis=2)
    rows, columns = (np.flatnonzero(footprint.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
