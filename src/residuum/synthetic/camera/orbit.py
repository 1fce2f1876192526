"""The way of a camera around the body."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

CLEARANCE_MM: Final = 20.0
"""Between the skin and the face of the collimator: as near as a careful technologist goes."""


@dataclass(frozen=True, slots=True, eq=False)
class Orbit:
    """Stops of a camera around an axis along the body.

    Attributes
    ----------
    angles : array (stops,)
        In radians, 0 in front of the patient, growing towards the patient's left: clockwise as seen from the feet.
    radii_mm : array (stops,)
        From the axis to the face of the collimator.
    """

    angles: NDArray[np.float64]
    radii_mm: NDArray[np.float64]


def compute_orbit(
    footprint: NDArray[np.bool_],
    voxel_mm: float,
    stops: int,
    *,
    circular: bool = False,
    clearance_mm: float = CLEARANCE_MM,
) -> Orbit:
    """Return evenly spaced stops over a full turn, as near to the body as it allows.

    Parameters
    ----------
    footprint : array of bool (rows, columns)
        Where the body is in any slice; the axis passes through the middle of the array.
    voxel_mm : float
    stops : int
    circular : bool
        At the same radius everywhere; otherwise the camera follows the body.
    clearance_mm : float
        Least distance from voxel centres to the collimator.

    Raises
    ------
    ValueError
        There is no body or no stop.
    """
    if stops < 1 or not footprint.any():
        raise ValueError(f"an orbit of {stops} stops around {int(footprint.sum())} voxels")
    angles = np.linspace(0, 2 * np.pi, stops, endpoint=False)
    depth, _ = compute_turned_places(footprint, angles)
    radii_mm = -depth.min(axis=1) * voxel_mm + clearance_mm
    return Orbit(angles, np.full_like(radii_mm, radii_mm.max()) if circular else radii_mm)


def compute_turned_places(
    footprint: NDArray[np.bool_], angles: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return depth and place across of each voxel of a footprint, in voxels from the axis, for every angle.

    Returns
    -------
    tuple of two arrays (stops, voxels)
        Depths grow away from the camera, places across to the right as seen by it with the head up.
    """
    rows, columns = np.nonzero(footprint)
    y, x = (found - (size - 1) / 2 for found, size in zip((rows, columns), footprint.shape, strict=True))
    cosine, sine = np.cos(angles)[:, None], np.sin(angles)[:, None]
    return y * cosine - x * sine, x * cosine + y * sine
