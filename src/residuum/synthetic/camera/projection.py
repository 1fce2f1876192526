"""Photons that reach a camera unscattered: attenuation and the collimator's blur, plane by plane."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.camera.blurring import BlurredSum, Matrix, place
from residuum.synthetic.camera.collimators import FWHM_PER_SIGMA, Camera
from residuum.synthetic.camera.nuclide import PEAK_YIELD

Views = tuple[NDArray[np.float32], NDArray[np.float32]]
Spacing = tuple[float, float, float]
Box = tuple[slice, slice, slice]


def project_planar(
    activity_bq: NDArray[np.float32],
    attenuation_per_mm: NDArray[np.float32],
    spacing_mm: Spacing,
    front_gap_mm: float,
    back_gap_mm: float,
    camera: Camera,
    matrix: Matrix | None = None,
) -> Views:
    """Return the rates of unscattered photons in an anterior and a posterior view, counts per second and pixel.

    Parameters
    ----------
    activity_bq : array (slices, depths, columns)
        Activity of each voxel; depths run from the front to the back.
    attenuation_per_mm : array of the same shape
        At 159 keV.
    spacing_mm : tuple of float
        Between slices, between depths and between columns.
    front_gap_mm, back_gap_mm : float
        From the collimator's face to the centres of the first and of the last plane.
    camera : Camera
    matrix : Matrix, optional
        Pixels of the views, of the size of the voxels; the grid itself by default. Counts that the camera's blur
        spreads beyond it are left out.

    Returns
    -------
    tuple of two arrays (rows, columns)
        Anterior and posterior, both as seen from the front.

    Raises
    ------
    ValueError
        Shapes differ, a length is impossible, or the activity is below zero.
    """
    check_input(activity_bq, attenuation_per_mm, spacing_mm, (front_gap_mm, back_gap_mm))
    matrix = matrix or Matrix((activity_bq.shape[0], activity_bq.shape[2]))
    box = find_box(activity_bq)
    if box is None:
        return np.zeros(matrix.shape, np.float32), np.zeros(matrix.shape, np.float32)
    distances = compute_distances(activity_bq.shape[1], spacing_mm[1], front_gap_mm, back_gap_mm)
    sigmas = [np.array([camera.compute_resolution(z) / FWHM_PER_SIGMA for z in one]) for one in distances]
    shape = (box[0].stop - box[0].start, box[2].stop - box[2].start)
    sums = [BlurredSum(shape, (spacing_mm[0], spacing_mm[2]), float(one[box[1]].max())) for one in sigmas]
    for depth, planes in attenuate(activity_bq[box[0], :, box[2]], attenuation_per_mm[box[0], :, box[2]], spacing_mm):
        for total, plane, sigma in zip(sums, planes, sigmas, strict=True):
            total.add(total.transform(plane), float(sigma[depth]), PEAK_YIELD * camera.efficiency)
    front, back = (
        place(
            one.compute_image(),
            (
                matrix.offset[0] + box[0].start - one.margin[0],
                matrix.offset[1] + box[2].start - one.margin[1],
            ),
            matrix.shape,
        )
        for one in sums
    )
    return front, back


def check_input(
    activity_bq: NDArray[Any], attenuation_per_mm: NDArray[Any], spacing_mm: Spacing, gaps_mm: tuple[float, float]
) -> None:
    """Refuse what cannot be projected.

    Raises
    ------
    ValueError
        Shapes differ, a length is impossible, or the activity is below zero or no number.
    """
    if activity_bq.ndim != 3 or activity_bq.shape != attenuation_per_mm.shape:
        raise ValueError(f"activity and attenuation have the shapes {activity_bq.shape}, {attenuation_per_mm.shape}")
    if not all(0 < one < np.inf for one in spacing_mm):
        raise ValueError(f"spacing_mm is {spacing_mm}, not three lengths")
    if not all(0 <= one < np.inf for one in gaps_mm):
        raise ValueError(f"gaps are {gaps_mm} mm: a collimator lies before or on the outermost plane")
    if activity_bq.size and not activity_bq.min() >= 0:
        raise ValueError(f"activity_bq is below zero or no number: {activity_bq.min()}")


def find_box(activity_bq: NDArray[Any]) -> Box | None:
    """Return the slices of the smallest box that holds all activity; None where there is none."""
    columns = activity_bq.max(axis=1)
    used = [columns.any(axis=1), activity_bq.any(axis=(0, 2)), columns.any(axis=0)]
    if not used[0].any():
        return None
    ranges = [np.flatnonzero(one)[[0, -1]] for one in used]
    slices, depths, across = (slice(int(first), int(last) + 1) for first, last in ranges)
    return slices, depths, across


def compute_distances(
    depths: int, step_mm: float, front_gap_mm: float, back_gap_mm: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the distances of planes from the face in front and from the face behind, mm."""
    from_first = np.arange(depths) * step_mm
    return front_gap_mm + from_first, back_gap_mm + from_first[::-1]


def attenuate(
    activity_bq: NDArray[np.float32], attenuation_per_mm: NDArray[np.float32], spacing_mm: Spacing
) -> Iterator[tuple[int, Views]]:
    """Give, for each depth with activity, what of it leaves the body to the front and to the back along the normal.

    A voxel's own material counts by half.

    Yields
    ------
    int
        Index of the depth.
    tuple of two arrays (slices, columns)
        Activity of that plane, attenuated to the front and to the back.
    """
    through = attenuation_per_mm.sum(axis=1) * np.float32(spacing_mm[1])
    passed = np.zeros_like(through)
    for depth in range(activity_bq.shape[1]):
        half = attenuation_per_mm[:, depth] * np.float32(spacing_mm[1] / 2)
        passed += half
        plane = activity_bq[:, depth]
        if plane.any():
            yield depth, (plane * np.exp(-passed), plane * np.exp(passed - through))
        passed += half
