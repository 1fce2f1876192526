"""The figure of a scan: first from proportions and a search for arms and legs, then by descent."""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from residuum.volumes.registration import figure as body
from residuum.volumes.registration.descent import add_pixel, descend, fill_upper, sum_forgiving
from residuum.volumes.registration.drawing import CEILING, FLOOR, Drawing, find_limb_cost
from residuum.volumes.registration.figure import Array, Figure, compute_precision, expect_figure
from residuum.volumes.registration.preparation import STEP_MM, Scan
from residuum.volumes.registration.solids import Canvas

_MISFIT: Final = 0.12
"""Of roots of counts over those of soft tissue: how far a child is from the figure, noise aside."""
_ALIKE_MM: Final = 15.0
"""Over which misfits are alike: so many pixels are one independent observation."""
_COARSE, _FINE = (10.0, 100.0), (5.0, 25.0)
"""Blur of the figure's edges (mm), square of the residual at which it saturates."""
_STARTS: Final = ((-0.2, 0.15, -0.1), (-0.2, 0.3, -0.2), (-0.1, 0.05, 0.0), (0.05, 0.3, -0.2))
"""Arms that descent begins from: shoulders against those expected, angles; arms beside a narrow trunk look like a broad
one, and the other way round."""
_FIRST_STEPS, _MORE_STEPS, _FINE_STEPS = 10, 15, 12
_OUT: Final = np.array([0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.1, 1.5])
_BENT: Final = np.array([-1.0, -0.75, -0.5, -0.25, 0.0, 0.2])
_SPREAD: Final = np.array([-0.05, 0.05, 0.12, 0.2, 0.3])
_KNEE: Final = np.array([-0.12, 0.0, 0.1])
"""Angles that are tried, in radians."""
_TOES: Final = np.array([-0.3, 0.0, 0.3, 0.6, 0.9, 1.2, 1.5])
_FOOT: Final = np.array([0.05, 0.08, 0.11])
"""Directions of the toes that are tried, outwards from the line of the leg, and lengths of feet as seen, as shares of
the stature: a foot is 0.15 of it, and points to the ceiling in part."""
_OTHER_FEET: Final = 0.01
"""Share of the cost by which other feet must lower it: less is the same feet after more steps."""
_HOT, _NEAR_MM, _LITTLE, _THIN_MM = 1.5, 12.0, 0.1, 20.0
"""Limbs and head have fewer counts than so many times the body's median unless there is a lesion, which spoils what is
seen so far away, where its smoothed counts are not little; thickness of the trunk at its edge."""
_PRECISION: Final = compute_precision()


def fit_figure(scan: Scan) -> tuple[Figure, Array, float, Array]:
    """Return the figure of a scan, the matrix of second derivatives about it, its cost per mm of height, and trust."""
    expected = expect_figure(scan.height_mm, scan.vertex_mm)
    relative = scan.relative
    coarse = _Fit(_cut(ndimage.gaussian_filter(relative, 1.0)[::2, ::2]), scan, 2, expected, _COARSE)
    numbers = _fit_coarse(coarse, expected)
    fine = _Fit(_cut(relative), scan, 1, expected, _FINE)
    fine.drawing.draw(numbers)
    fine.trust = _find_trust(relative, fine.drawing)
    numbers, matrix = descend(fine, numbers, body.LONGEST_STEP, _FINE_STEPS)
    return numbers, matrix, fine.compute_cost(numbers) / scan.height_mm, fine.trust


def _fit_coarse(coarse: "_Fit", expected: Figure) -> Figure:
    """Return the best figure that is found from several starts, and from the best with other limbs."""
    found = [descend(coarse, start, body.LONGEST_STEP, _FIRST_STEPS)[0] for start in _list_starts(expected)]
    best = descend(coarse, min(found, key=coarse.compute_cost), body.LONGEST_STEP, _MORE_STEPS)[0]
    other = descend(coarse, coarse.search_angles(best), body.LONGEST_STEP, _FIRST_STEPS)[0]
    best = min(best, other, key=coarse.compute_cost)
    other = descend(coarse, coarse.search_feet(best), body.LONGEST_STEP, _FIRST_STEPS)[0]
    return other if coarse.compute_cost(other) < (1 - _OTHER_FEET) * coarse.compute_cost(best) else best


def _list_starts(expected: Figure) -> list[Figure]:
    starts = []
    for shoulders, out, bent in _STARTS:
        start = expected.copy()
        start[body.SHOULDERS] += shoulders
        for arm in body.ARMS:
            start[arm + body.OUT], start[arm + body.BENT] = out, bent
        starts.append(start)
    return starts


def _find_trust(relative: Array, drawing: Drawing) -> Array:
    """Return how far counts outside the trunk are those of tissue (1), not of something hot nearby (0)."""
    outside = drawing.solids[0] < _THIN_MM
    hot = np.clip(relative - _HOT, 0, None) * outside
    near = ndimage.gaussian_filter(hot, _NEAR_MM / STEP_MM)
    return np.asarray(1 / (1 + (near / _LITTLE) ** 2))


def _cut(relative: Array) -> Array:
    return np.sqrt(np.clip(relative, 0, CEILING) + FLOOR)


class _Fit:
    """The figure of an image as a problem for `descend`."""

    def __init__(self, image: Array, scan: Scan, coarser: int, expected: Figure, how: tuple[float, float]) -> None:
        self.image, self.expected = np.ascontiguousarray(image), expected
        canvas = Canvas(scan.origin_mm[0], scan.origin_mm[1], coarser * STEP_MM, how[0])
        self.drawing = Drawing(canvas, image.shape)
        self.spread = float(np.hypot(_MISFIT, scan.noise / coarser))
        self.trust = np.ones(image.shape)
        self.height_mm = scan.height_mm
        self.forgiven, self.share = how[1], (coarser * STEP_MM / _ALIKE_MM) ** 2

    def compute_cost(self, numbers: Figure) -> float:
        residuals = (self.image - self.drawing.draw(numbers)) * (self.trust / self.spread)
        away = numbers - self.expected
        return self.share * sum_forgiving(residuals, self.forgiven) + float(away @ _PRECISION @ away)

    def compute_normal(self, numbers: Figure) -> tuple[Array, Array]:
        residuals = (self.image - self.drawing.draw(numbers)) / self.spread
        slopes = self.drawing.compute_slopes(numbers)
        matrix, downward = _sum_normal(residuals, slopes, self.trust, self.forgiven)
        weight = self.share / self.spread
        matrix = weight / self.spread * fill_upper(matrix) + _PRECISION
        return matrix, weight * downward - _PRECISION @ (numbers - self.expected)

    def search_angles(self, numbers: Figure) -> Figure:
        """Return the figure with the best of the angles that are tried, limb by limb."""
        found = numbers.copy()
        limbs = [(leg, _SPREAD, _KNEE, 3) for leg in body.LEGS] + [(arm, _OUT, _BENT, 1) for arm in body.ARMS]
        for number, (limb, outs, bents, group) in enumerate(limbs):
            tried = np.stack(np.meshgrid(outs, bents, indexing="ij"), axis=-1).reshape(-1, 2)
            self._take_best(found, np.array([limb + body.OUT, limb + body.BENT]), tried, group + number % 2)
        return found

    def search_feet(self, numbers: Figure) -> Figure:
        """Return the figure with the best of the feet that are tried, one after the other."""
        found = numbers.copy()
        lengths = _FOOT * self.height_mm
        tried = np.column_stack([np.outer(np.cos(_TOES), lengths).ravel(), np.outer(np.sin(_TOES), lengths).ravel()])
        for number, leg in enumerate(body.LEGS):
            self._take_best(found, np.array([leg + body.FOOT_DOWN, leg + body.FOOT_OUT]), tried, 3 + number)
        return found

    def _take_best(self, figure: Figure, numbers: NDArray[np.int64], tried: Array, group: int) -> None:
        """Write those of the tried numbers (n, k) of a limb to a figure that fit best."""
        self.drawing.draw(figure)
        costs = self.share * find_limb_cost(self.image, figure, numbers, tried, group, self.drawing, self.spread)
        costs += np.sum(((tried - self.expected[numbers]) / body.SPREAD[numbers]) ** 2, axis=1)
        figure[numbers] = tried[costs.argmin()]


@njit(cache=True, nogil=True)
def _sum_normal(
    residuals: Array, slopes: Array, trust: Array, forgiven: float
) -> tuple[Array, Array]:  # pragma: no cover  # compiled
    numbers = slopes.shape[2]
    matrix, downward, active = np.zeros((numbers, numbers)), np.zeros(numbers), np.zeros(numbers, np.int64)
    for row in range(residuals.shape[0]):
        for column in range(residuals.shape[1]):
            add_pixel(
                residuals[row, column], slopes[row, column], trust[row, column], forgiven, matrix, downward, active
            )
    return matrix, downward
