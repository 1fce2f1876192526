"""A whole-body acquisition: from activity in a phantom to the counts that a camera stores."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from residuum.synthetic.camera.blurring import Matrix
from residuum.synthetic.camera.collimators import Camera
from residuum.synthetic.camera.penetration import project_penetration
from residuum.synthetic.camera.projection import Spacing, Views, project_planar
from residuum.synthetic.camera.scatter import project_scatter

MATRIX_SHAPE: Final = (1024, 256)
PIXEL_MM: Final = 2.4

_SAME: Final = 1e-6
_LARGEST: Final = np.iinfo(np.uint16).max


@dataclass(frozen=True)
class Motion:
    """A patient who moves once, along the table, while the camera travels from head to foot.

    Attributes
    ----------
    row : int
        Row of the matrix under the middle of the field of view at that moment. Rows that the camera has left stay,
        rows to come are shifted, and those within the field are a mixture of both.
    shift_mm : tuple of float
        To the patient's left and towards the feet: x and y of an image seen from the front.
    """

    row: int
    shift_mm: tuple[float, float]


@dataclass(frozen=True)
class Acquisition:
    """How a whole body is scanned.

    Attributes
    ----------
    speed_cm_per_min : float
    field_mm : float
        Length of the field of view along the table.
    motion : tuple of Motion
        In any order; shifts add up.
    noise : bool
        Without, counts are the expected ones, rounded.

    Raises
    ------
    ValueError
        Speed or field is not above zero.
    """

    speed_cm_per_min: float = 5.0
    field_mm: float = 400.0
    motion: tuple[Motion, ...] = field(default=())
    noise: bool = True

    def __post_init__(self) -> None:
        if not (0 < self.speed_cm_per_min < np.inf and 0 < self.field_mm < np.inf):
            raise ValueError(f"speed is {self.speed_cm_per_min} cm/min, field {self.field_mm} mm")

    @property
    def dwell_s(self) -> float:
        """Seconds for which each row lies within the field of view."""
        return self.field_mm / (self.speed_cm_per_min * 10 / 60)


def compute_rates(
    activity_bq: NDArray[np.float32],
    attenuation_per_mm: NDArray[np.float32],
    spacing_mm: Spacing,
    front_gap_mm: float,
    back_gap_mm: float,
    camera: Camera,
    matrix: Matrix | None = None,
) -> Views:
    """Return all counts per second and pixel of both views: unscattered, scattered and penetrating photons.

    Parameters and errors are those of `projection.project_planar` and `scatter.project_scatter`.
    """
    layers = [
        project(activity_bq, attenuation_per_mm, spacing_mm, front_gap_mm, back_gap_mm, camera, matrix)
        for project in (project_planar, project_scatter, project_penetration)
    ]
    front, back = (primary + scatter + haze for primary, scatter, haze in zip(*layers, strict=True))
    return front, back


def acquire(
    activity_bq: NDArray[np.float32],
    attenuation_per_mm: NDArray[np.float32],
    spacing_mm: Spacing,
    gaps_mm: tuple[float, float],
    camera: Camera,
    acquisition: Acquisition,
    offset: tuple[int, int],
    random: np.random.Generator,
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Return the counts of an anterior and a posterior view as a camera stores them, 1024 x 256 pixels of 2.4 mm.

    Parameters
    ----------
    activity_bq, attenuation_per_mm : array (slices, depths, columns)
        As for `projection.project_planar`, of voxels of 2.4 mm along slices and columns.
    spacing_mm : tuple of float
    gaps_mm : tuple of float
        From the faces in front and behind to the centres of the first and the last plane.
    camera : Camera
    acquisition : Acquisition
    offset : tuple of int
        Row and column of the matrix under the grid's first slice and first column, in the view from the front.
    random : numpy.random.Generator
        Draws the noise, nothing else.

    Returns
    -------
    tuple of two arrays of uint16 (1024, 256)
        Anterior, seen from the front, and posterior, seen from the back.

    Raises
    ------
    ValueError
        Voxels do not have the size of pixels, a voxel with activity lies outside the matrix, or a pixel holds more than
        65535 counts.
    """
    if not np.allclose((spacing_mm[0], spacing_mm[2]), PIXEL_MM, rtol=_SAME, atol=0):
        raise ValueError(f"spacing_mm is {spacing_mm}: pixels are {PIXEL_MM} mm, slices and columns must be too")
    _check_fit(activity_bq, offset)
    matrix = Matrix(MATRIX_SHAPE, offset)
    rates = compute_rates(activity_bq, attenuation_per_mm, spacing_mm, *gaps_mm, camera, matrix)
    front, back = (_count(_move(one, acquisition), acquisition, random) for one in rates)
    return front, np.ascontiguousarray(back[:, ::-1])


def _check_fit(activity_bq: NDArray[np.float32], offset: tuple[int, int]) -> None:
    seen = activity_bq.max(axis=1) > 0
    for name, first, size, used in zip(
        ("rows", "columns"), offset, MATRIX_SHAPE, (seen.any(axis=1), seen.any(axis=0)), strict=True
    ):
        places = np.flatnonzero(used) + first
        if places.size and not (places[0] >= 0 and places[-1] < size):
            raise ValueError(f"offset is {offset}: activity lies in {name} {places[0]} to {places[-1]} of {size}")


def _move(rates: NDArray[np.float32], acquisition: Acquisition) -> NDArray[np.float32]:
    """Return rates averaged over the time in which each row is seen, before and after the patient moved."""
    rows_in_field = acquisition.field_mm / PIXEL_MM
    rows = np.arange(len(rates))
    moved = rates
    for one in acquisition.motion:
        after = np.clip((rows - one.row) / rows_in_field + 0.5, 0, 1)[:, None].astype(np.float32)
        shift = (one.shift_mm[1] / PIXEL_MM, one.shift_mm[0] / PIXEL_MM)
        moved = moved * (1 - after) + ndimage.shift(moved, shift, order=1) * after
    return moved


def _count(rates: NDArray[np.float32], acquisition: Acquisition, random: np.random.Generator) -> NDArray[np.uint16]:
    expected = rates.astype(float) * acquisition.dwell_s
    counts = random.poisson(expected) if acquisition.noise else np.round(expected)
    if counts.max() > _LARGEST:
        raise ValueError(f"a pixel holds {counts.max():.0f} counts, {_LARGEST} can be stored")
    return counts.astype(np.uint16)
