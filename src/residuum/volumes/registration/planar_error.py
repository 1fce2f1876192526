"""How far from its true place a carried point is expected to lie on a planar view."""

from typing import Final

import numpy as np

from residuum.volumes.registration.carrying import compute_frames, compute_maps
from residuum.volumes.registration.figure import FACE, HEAD_PART, SIZE, Array, Figure
from residuum.volumes.registration.matching import differ_maps

_PLAIN_MM: Final = np.array([3.0, 3.2, 3.2, 3.0, *[3.0, 4.5] * 2, *[4.5, 5.5, 5.0] * 2])
"""Standard deviation of places by part, beside what follows: measured on drawn pairs."""
_TURN, _DEPTH, _TURN_UNKNOWN = 0.09, 0.4, 0.13
"""Standard deviation of how far a head turned (sine), of how deep a place of it lies in half-widths of the head, and of
how far it turned where only one view is there."""
_WITHIN_95: Final = 1.73
"""Radius that holds 95 % of a round normal distribution, over its root mean square."""


def expect_error(
    positions_mm: Array, source: Figure, target: Figure, covariance: Array, carried: Array, weights: Array, turn: float
) -> Array:
    """Return radii (n,) in mm within which 95 % of true places are expected.

    Parameters
    ----------
    positions_mm : array (n, 2)
        In the source, as seen from the front.
    source, target : array (36,)
    covariance : array (72, 72)
        Of target and source, in this order.
    carried : array (n, 14, 2)
        By each part of the body.
    weights : array (n, 14)
    turn : float
        Sine of the angle by which the head turned; NaN where it is not known.
    """
    variance = sum(compute_variances(positions_mm, source, target, covariance, carried, weights, turn))
    return np.asarray(_WITHIN_95 * np.sqrt(variance))


def compute_variances(
    positions_mm: Array, source: Figure, target: Figure, covariance: Array, carried: Array, weights: Array, turn: float
) -> tuple[Array, Array, Array, Array]:
    """Return the mean squares (n,) that add up: plain, of the figures, between parts, of a turned head."""
    maps = compute_maps(compute_frames(source), compute_frames(target))
    slopes, _ = differ_maps(np.concatenate([target, source]), maps)
    homogeneous = np.column_stack([positions_mm, np.ones(len(positions_mm))])
    moved = np.einsum("mkij,nj,nk->nim", slopes, homogeneous, weights)
    of_figures = np.einsum("nim,ml,nil->n", moved, covariance[: 2 * SIZE, : 2 * SIZE], moved)
    mean = np.einsum("nk,nki->ni", weights, carried)
    between = np.einsum("nk,nki->n", weights, (carried - mean[:, np.newaxis]) ** 2)
    unsure = _TURN_UNKNOWN if np.isnan(turn) else np.hypot(_TURN, _DEPTH * turn)
    aside = np.exp(target[FACE]) * unsure
    return weights @ _PLAIN_MM**2, of_figures, between, weights[:, HEAD_PART] * aside**2
