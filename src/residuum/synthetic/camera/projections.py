"""Counts of a rotating camera at every stop: unscattered, scattered and penetrating photons, and their noise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.camera.cubes import merge
from residuum.synthetic.camera.nuclide import PEAK_YIELD
from residuum.synthetic.camera.penetration import project_penetration
from residuum.synthetic.camera.rotating_projection import RotatingCamera
from residuum.synthetic.camera.scatter import project_scatter

Float = NDArray[np.float32]
Progress = Callable[[float], None]
"""Takes the share of the work that is done, 0 to 1."""

FINER: Final = 2
"""Unscattered photons are followed in voxels so many times smaller than those of the reconstruction: a model that is
inverted on the very grid on which it was applied would do better than any camera."""


@dataclass(frozen=True, slots=True, eq=False)
class Projections:
    """Counts at every stop.

    Attributes
    ----------
    counts : array of float32 (stops, across, slices)
    scatter : array of the same shape
        Expected counts that are scattered or passed the septa.
    counts_per_bq : float
        That a voxel gives in each image if nothing lies before it.
    """

    counts: Float
    scatter: Float
    counts_per_bq: float


def acquire_projections(
    rotating: RotatingCamera,
    fine: RotatingCamera,
    activity_bq: Float,
    seconds_per_stop: float,
    random: np.random.Generator | None,
    progress: Progress = lambda _: None,
) -> Projections:
    """Return the counts of an activity at every stop, drawn from Poisson distributions.

    Parameters
    ----------
    rotating : RotatingCamera
        With the voxels of the reconstruction, and an even number of stops: scatter is computed for two heads that face
        each other.
    fine : RotatingCamera
        The same camera and orbit with voxels of half the side, in which unscattered photons are followed.
    activity_bq : array (rows, columns, slices)
        Of the fine voxels.
    seconds_per_stop : float
    random : numpy.random.Generator or None
        None gives the expected counts.
    progress : callable
    """
    counts_per_bq = PEAK_YIELD * rotating.camera.efficiency * seconds_per_stop
    expected = np.empty((rotating.stops, *rotating.image_shape), np.float32)
    scatter = np.empty_like(expected)
    coarse, half = merge(activity_bq, FINER), rotating.stops // 2
    for stop in range(half):
        for one, seen in zip((stop, stop + half), _compute_scatter(rotating, coarse, stop), strict=True):
            scatter[one] = seen * seconds_per_stop
            primary = _coarsen_image(fine.project(activity_bq, one), rotating.image_shape)
            expected[one] = primary * counts_per_bq + scatter[one]
        progress((stop + 1) / half)
    counts = expected if random is None else random.poisson(expected).astype(np.float32)
    return Projections(counts, scatter, counts_per_bq)


def _coarsen_image(image: Float, shape: tuple[int, int]) -> Float:
    """Return an image on pixels of twice the side; across, both have a pixel in their middle.

    Every second fine pixel lies across two coarse ones, which get half of its counts each.
    """
    middle = shape[0] // 2
    places = np.arange(image.shape[0]) - image.shape[0] // 2
    wide = np.zeros((2 * middle + 3, image.shape[1]), np.float32)
    for side in (0, 1):
        # An even place goes to its own pixel twice, an odd one to both neighbours.
        np.add.at(wide, np.clip((places + side) // 2 + middle + 1, 0, len(wide) - 1), image / 2)
    return merge(wide[1:-1], FINER, axes=(1,))


def _compute_scatter(rotating: RotatingCamera, activity_bq: NDArray[Any], stop: int) -> tuple[Float, Float]:
    """Return what scatter and penetration give per second at a stop and at the one opposite to it."""
    layers = [
        project(
            rotating.turn(activity_bq, stop),
            rotating.turn(rotating.attenuation_per_mm, stop),
            (rotating.voxel_mm,) * 3,
            *rotating.compute_gaps(stop),
            rotating.camera,
        )
        for project in (project_scatter, project_penetration)
    ]
    front, back = (scatter + haze for scatter, haze in zip(*layers, strict=True))
    # Both are seen from the front.
    return front.T, back.T[::-1]
