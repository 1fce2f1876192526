"""Activity from the counts of a rotating camera: ordered subsets of expectation maximisation."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.camera.projections import Progress, Projections
from residuum.synthetic.camera.rotating_projection import RotatingCamera

Float = NDArray[np.float32]

_LEAST: Final = np.float32(1e-6)
"""Counts and sensitivities below it are none, and are not divided by."""


def reconstruct(
    rotating: RotatingCamera,
    projections: Projections,
    iterations: int,
    subsets: int,
    progress: Progress = lambda _: None,
) -> Float:
    """Return the activity that explains the counts, in Bq for each voxel.

    Attenuation and the collimator's blur are those of the camera, scatter is taken as known (Hudson and Larkin 1994;
    Shepp and Vardi 1982).

    Parameters
    ----------
    rotating : RotatingCamera
    projections : Projections
    iterations : int
        How often all counts are used.
    subsets : int
        Into which the stops are parted, evenly around the body; the estimate is improved with each of them.
    progress : callable

    Returns
    -------
    array of float32 (rows, columns, slices)
        Zero outside the footprint of the body.
    """
    parts = [range(first, rotating.stops, subsets) for first in range(subsets)]
    ones = np.ones(rotating.image_shape, np.float32)
    sensitivities = [_add_up(rotating.back_project(ones, stop) for stop in part) for part in parts]
    estimate = _start(rotating, projections, sensitivities)
    steps = iterations * subsets
    for step in range(steps):
        part, sensitivity = parts[step % subsets], sensitivities[step % subsets]
        ratios = (_compare(rotating, projections, estimate, stop) for stop in part)
        back = _add_up(rotating.back_project(ratio, stop) for ratio, stop in zip(ratios, part, strict=True))
        estimate *= np.where(sensitivity > _LEAST, back / np.maximum(sensitivity, _LEAST), 0)
        progress((step + 1) / steps)
    return estimate


def compute_log_likelihood(rotating: RotatingCamera, projections: Projections, estimate: NDArray[Any]) -> float:
    """Return the logarithm of the probability of the counts, less what does not depend on the estimate."""
    total = 0.0
    for stop in range(rotating.stops):
        expected = np.maximum(_expect(rotating, projections, estimate, stop), _LEAST).astype(float)
        total += float((projections.counts[stop] * np.log(expected) - expected).sum())
    return total


def _start(rotating: RotatingCamera, projections: Projections, sensitivities: list[Float]) -> Float:
    """Return an even activity that gives all counts."""
    seen = sum(float(one.sum(dtype=float)) for one in sensitivities) * projections.counts_per_bq
    even = float(projections.counts.sum(dtype=float)) / max(seen, float(_LEAST))
    return np.broadcast_to(rotating.footprint[:, :, None] * np.float32(even), sensitivities[0].shape).copy()


def _expect(rotating: RotatingCamera, projections: Projections, estimate: NDArray[Any], stop: int) -> Float:
    seen = rotating.project(estimate, stop) * np.float32(projections.counts_per_bq)
    expected: Float = seen + projections.scatter[stop]
    return expected


def _compare(rotating: RotatingCamera, projections: Projections, estimate: NDArray[Any], stop: int) -> Float:
    """Return counts over expected counts."""
    ratio: Float = projections.counts[stop] / np.maximum(_expect(rotating, projections, estimate, stop), _LEAST)
    return ratio


def _add_up(volumes: Iterable[Float]) -> Float:
    first, *others = volumes
    for one in others:
        first += one
    return first
