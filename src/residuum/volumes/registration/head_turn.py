"""How far a head turned between two scans, and how deep a spot of it lies, from both views together.

What lies in front is brighter on the anterior view, what lies behind on the posterior one: the logarithm of their ratio
over twice the absorption is its depth. A head that turns brings one side forward, so the ratio changes across it; where
the glands and the jaw are, this is seen best.
"""

from typing import Final

import numpy as np
from scipy import ndimage

from residuum.volumes.planar import PlanarView
from residuum.volumes.registration import figure as body
from residuum.volumes.registration.carrying import compute_frames
from residuum.volumes.registration.figure import HEAD_PART, Array, Figure
from residuum.volumes.registration.preparation import Views, face_front

_ABSORBED_PER_MM: Final = 0.011
"""As in `drawing`."""
_WIDER: Final = 1.1
"""Half-widths of heads are as seen, wider for blur."""
_ALONG, _ACROSS = np.meshgrid(np.linspace(0.12, 0.5, 18), np.linspace(-0.95, 0.95, 39), indexing="ij")
"""Places of the lower half of the head, in its length and half-width."""
_SMOOTHING_MM: Final = 5.0
_BRIGHTEST, _ADDED, _FAINTEST = 6.0, 0.2, 0.2
"""Counts over the median at which views are cut, what is added before the logarithm, and the least weight."""
_OUTLIER: Final = 0.6
"""Change of the logarithm that weighs a quarter: lesions come and go on one side."""
_ROUNDS: Final = 8
_TURN_PER_SLOPE: Final = 1.35
"""Measured on drawn pairs: depths of blurred glands within tissue look smaller than they are."""
_SPOT_MM, _RING_MM = 4.0, 25.0
"""Smoothing about a spot, and where the tissue around it is seen."""
_DEEPEST: Final = 0.9
"""Of the half-width of the head."""
_DEPTH_GAIN: Final = 1.25
"""Measured as `_TURN_PER_SLOPE`."""
_DEPTH_ERROR, _FAINT = 0.3, 0.3
"""Standard deviation of depths so measured, in half-widths of the head; of a spot with so many times the counts of the
tissue around it, on both views together, it is 1.4 times as much."""


def measure_turn(before: tuple[Views, Figure], after: tuple[Views, Figure]) -> float:
    """Return the sine of the angle by which the face turned to the patient's left; NaN with one view."""
    if any(len(views.present) < 2 for views, _ in (before, after)):
        return np.nan
    (first, weights), (second, others) = (_compare_views(*one) for one in (before, after))
    slope = _fit_slope(_ACROSS.ravel(), second - first, weights * others)
    return float(-_TURN_PER_SLOPE * slope * _WIDER / (2 * _ABSORBED_PER_MM * np.exp(after[1][body.FACE])))


def _compare_views(views: Views, figure: Figure) -> tuple[Array, Array]:
    """Return the logarithm of anterior over posterior counts at places of the lower head, and their weights."""
    frame = compute_frames(figure)[HEAD_PART]
    places = np.stack([frame[axis, 0] * _ALONG + frame[axis, 1] * _ACROSS + frame[axis, 2] for axis in range(2)])
    counts = [_sample(view, places.reshape(2, -1), _SMOOTHING_MM) for view in views.present.values()]
    levels = [one / max(float(np.median(one)), 1e-9) for one in counts]
    front, behind = (np.log(np.clip(one, 0, _BRIGHTEST) + _ADDED) for one in levels)
    weights = np.clip(np.sum(levels, axis=0), _FAINTEST, 2 * _BRIGHTEST)
    return front - behind, weights


def _fit_slope(across: Array, changes: Array, weights: Array) -> float:
    """Return the slope of a line that outliers do not draw."""
    lines, own, slope = np.column_stack([np.ones_like(across), across]), weights, 0.0
    for _ in range(_ROUNDS):
        weighted = lines * own[:, np.newaxis]
        level, slope = np.linalg.solve(weighted.T @ lines, weighted.T @ changes)
        own = weights / (1 + ((changes - level - slope * across) / _OUTLIER) ** 2) ** 2
    return float(slope)


def measure_depths(views: Views, figure: Figure, positions_mm: Array, expected: tuple[Array, Array]) -> Array:
    """Return how far in front of the middle of the head spots lie (n,), mm: as expected where nothing stands out.

    Parameters
    ----------
    views : Views
    figure : array (36,)
    positions_mm : array (n, 2)
        As seen from the front.
    expected : tuple of array (n,)
        Mean and standard deviation before the images are looked at, half-widths of the head.
    """
    half_width = float(np.exp(figure[body.FACE])) / _WIDER
    mean, spread = (half_width * one for one in expected)
    if len(views.present) < 2:
        return np.asarray(mean)
    angles = np.arange(24) * (2 * np.pi / 24)
    around = _RING_MM * np.stack([np.cos(angles), np.sin(angles)])
    rings = (positions_mm.T[:, :, np.newaxis] + around[:, np.newaxis]).reshape(2, -1)
    levels, spots = [], []
    for view in views.present.values():
        level = np.median(_sample(view, rings, _SPOT_MM).reshape(-1, angles.size), axis=1)
        levels.append(level)
        spots.append(np.clip(_sample(view, positions_mm.T, _SPOT_MM) - level, 0, None))
    tissue = np.sqrt(levels[0] * levels[1]) + 1e-9
    front, behind = (np.log(spot / tissue + _ADDED) for spot in spots)
    seen = np.sum(spots, axis=0) / tissue
    frame = compute_frames(figure)[HEAD_PART]
    across = np.linalg.solve(frame[:, :2], (positions_mm - frame[:, 2]).T)[1]
    deepest = _DEEPEST * half_width
    depths = np.clip((front - behind) / (2 * _ABSORBED_PER_MM), -deepest, deepest)
    depths *= _DEPTH_GAIN * np.sqrt(np.clip(1 - across**2, 0.1, 1))
    error = _DEPTH_ERROR * half_width * (1 + (_FAINT / np.maximum(seen, 1e-9)) ** 2) ** 0.5
    return np.asarray((depths * spread**2 + mean * error**2) / (spread**2 + error**2))


def move_aside(depths_mm: Array, turn: float, weights: Array, figure: Figure) -> Array:
    """Return how a turned head moves spots aside (n, 2), as far as they belong to it (weights (n, 14)), mm.

    A head of which the turn is not known (NaN) moves nothing.
    """
    across = compute_frames(figure)[HEAD_PART, :, 1]
    return np.outer(weights[:, HEAD_PART] * depths_mm * np.nan_to_num(turn), across / np.linalg.norm(across))


def _sample(view: PlanarView, places_mm: Array, smoothing_mm: float) -> Array:
    """Return smoothed counts at places (2, n) as seen from the front."""
    spacing = np.array(view.spacing_mm)
    smooth = ndimage.gaussian_filter(face_front(view), smoothing_mm / spacing, truncate=3.0)
    return np.asarray(
        ndimage.map_coordinates(smooth, places_mm[::-1] / spacing[:, np.newaxis], order=1, mode="nearest")
    )
