"""The figures of two scans of one child, fitted to each other: one scan, warped by the figures, is to be the other."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.volumes.registration import figure as body
from residuum.volumes.registration.carrying import compute_frames, compute_maps, list_regions, weigh
from residuum.volumes.registration.descent import add_pixel, descend, fill_upper, sum_forgiving
from residuum.volumes.registration.figure import SIZE, Array, Figure
from residuum.volumes.registration.head_turn import measure_turn
from residuum.volumes.registration.preparation import STEP_MM, Scan

GAIN, GROWTH, NUMBERS = 2 * SIZE, 2 * SIZE + 1, 2 * SIZE + 2
"""Of what is fitted: both figures, the ratio of roots of counts, the logarithm of how much longer the child is."""

_CEILING, _FLOOR = 2.5, 0.05
"""Counts over those of the trunk at which images are cut, and what is added before the root is taken."""
_MISFIT: Final = 0.09
"""Of two scans of one child, noise aside."""
_ALIKE_MM: Final = 15.0
_FORGIVEN: Final = 5.0
_BEYOND_MM: Final = 30.0
"""Pixels farther from the body say nothing."""
_STEPS: Final = 14
_FIRST_FIGURE, _SECOND_FIGURE = 0.2, 0.05
"""Weight of the figures as they were fitted alone: what is wrong with both is wrong with them alike."""
_GROWS: Final = {
    body.TRUNK: (0.85, 0.005),
    body.CHEST: (0.8, 0.008),
    body.HIPS: (0.9, 0.008),
    body.HEAD: (0.4, 0.005),
    body.FACE: (0.3, 0.008),
    **{arm + part: (1.1, 0.007) for arm in body.ARMS for part in (body.UPPER, body.LOWER)},
    **{leg + part: (1.25, 0.012) for leg in body.LEGS for part in (body.UPPER, body.LOWER)},
    body.ARM_RADIUS: (0.8, 0.014),
    body.LEG_RADIUS: (0.8, 0.014),
    body.SHOULDERS: (0.9, 0.014),
}
"""Growth of a size as a share of that of the stature, 1 to 12 years (Cristy and Eckerman 1987, Snyder et al. 1977), and
the standard deviation about it of a child that does not grow: limbs that are lifted look shorter."""
_OWN_WAY: Final = 0.1
"""Standard deviation of those shares among children and ages."""
_SAME_POSE: Final = {arm + body.DROP: (0.0, 3.0) for arm in body.ARMS} | {
    leg + number: (0.0, spread)
    for leg in body.LEGS
    for number, spread in ((body.FOOT_DOWN, 20.0), (body.FOOT_OUT, 50.0))
}
_USUAL_GROWTH, _GROWTH_SPREAD = 0.03, 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The figure of a scan as fitted alone."""

    scan: Scan
    figure: Figure
    matrix: Array
    cost: float
    trust: Array


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Two figures fitted to each other.

    Attributes
    ----------
    before, after : array (36,)
    growth : float
        How many times longer the child is.
    turn : float
        Sine of the angle by which the face turned to the patient's left; NaN where one view is missing.
    covariance : array (74, 74)
        Of both figures, gain and growth, as far as the images tell.
    misfit : float
        Mean square of the residuals of the pixels of the body, in spreads.
    """

    before: Figure
    after: Figure
    growth: float
    turn: float
    covariance: Array
    misfit: float


def list_growths(growth: float) -> dict[int, tuple[float, float]]:
    """Return how each size grows as a share of the stature, and the standard deviation about that.

    Parameters
    ----------
    growth : float
        Logarithm of how many times longer the child is.
    """
    return {number: (share, float(np.hypot(spread, _OWN_WAY * growth))) for number, (share, spread) in _GROWS.items()}


def match(before: Fitted, after: Fitted) -> Match:
    """Return the figures of two scans of one child, fitted to each other."""
    numbers = np.concatenate([before.figure, after.figure, [1.0, _USUAL_GROWTH]])
    problem = _Pair(before, after)
    numbers, matrix = descend(problem, numbers, _LONGEST_STEP, _STEPS)
    first, second = numbers[:SIZE], numbers[SIZE : 2 * SIZE]
    return Match(
        first,
        second,
        float(np.exp(numbers[GROWTH])),
        measure_turn((before.scan.views, first), (after.scan.views, second)),
        np.asarray(np.linalg.inv(matrix), float),
        problem.compute_misfit(numbers),
    )


_LONGEST_STEP: Final = np.concatenate([body.LONGEST_STEP, body.LONGEST_STEP, [0.2, 0.1]])


class _Pair:
    """Both figures as a problem for `descend`."""

    def __init__(self, before: Fitted, after: Fitted) -> None:
        self.source, self.target = _cut(before), _cut(after)
        self.trusts = before.trust, after.trust
        self.grid = np.array([*before.scan.origin_mm, *after.scan.origin_mm, STEP_MM])
        self.spread = float(np.sqrt(_MISFIT**2 + before.scan.noise**2 + after.scan.noise**2))
        self.share = (STEP_MM / _ALIKE_MM) ** 2
        self.precision, self.centre = _expect(before, after)
        self.residuals = np.zeros(self.target.shape)

    def compute_cost(self, numbers: Array) -> float:
        away = numbers - self.centre
        _compare(self.source, self.target, self.trusts, self.grid, numbers, self.residuals)
        self.residuals /= self.spread
        return self.share * sum_forgiving(self.residuals, _FORGIVEN) + float(away @ self.precision @ away)

    def compute_normal(self, numbers: Array) -> tuple[Array, Array]:
        matrix, downward = _sum_normal(self.source, self.target, self.trusts, self.grid, numbers, self.spread)
        full = self.share * fill_upper(matrix) + self.precision
        return full, self.share * downward - self.precision @ (numbers - self.centre)

    def compute_misfit(self, numbers: Array) -> float:
        self.compute_cost(numbers)
        seen = self.residuals[self.residuals != 0]
        return float(np.mean(np.minimum(seen**2, _FORGIVEN))) if seen.size else np.inf


def _cut(one: Fitted) -> Array:
    relative = one.scan.relative * np.exp(-one.figure[body.LEVEL])
    return np.ascontiguousarray(np.sqrt(np.clip(relative, 0, _CEILING) + _FLOOR))


def _expect(before: Fitted, after: Fitted) -> tuple[Array, Array]:
    """Return the inverse covariance of the numbers before the images are compared, and their mean."""
    start = np.concatenate([before.figure, after.figure, [1.0, _USUAL_GROWTH]])
    precision = np.zeros((NUMBERS, NUMBERS))
    precision[:SIZE, :SIZE] = _FIRST_FIGURE * before.matrix
    precision[SIZE : 2 * SIZE, SIZE : 2 * SIZE] = _SECOND_FIGURE * after.matrix + np.diag(1e-3 / body.SPREAD**2)
    for level in (body.LEVEL, SIZE + body.LEVEL):
        precision[level, level] += 1e4
    precision[GAIN, GAIN] += 1.0
    moment = precision @ start
    for number, (share, spread) in (list_growths(_USUAL_GROWTH) | _SAME_POSE).items():
        tie = np.zeros(NUMBERS)
        tie[SIZE + number], tie[number], tie[GROWTH] = 1 / spread, -1 / spread, -share / spread
        precision += np.outer(tie, tie)
    precision[GROWTH, GROWTH] += 1 / _GROWTH_SPREAD**2
    moment[GROWTH] += _USUAL_GROWTH / _GROWTH_SPREAD**2
    return precision, np.linalg.solve(precision, moment)


@njit(cache=True, nogil=True, error_model="numpy")
def _sample(image: Array, column: float, row: float, sample: Array) -> bool:  # pragma: no cover  # compiled
    """Write value, slope along columns, slope along rows; False beyond the image."""
    left, top = int(np.floor(column)), int(np.floor(row))
    if left < 0 or top < 0 or top >= image.shape[0] - 1 or left >= image.shape[1] - 1:
        return False
    x, y = column - left, row - top
    a, b, c, d = image[top, left], image[top, left + 1], image[top + 1, left], image[top + 1, left + 1]
    sample[0] = (1 - y) * ((1 - x) * a + x * b) + y * ((1 - x) * c + x * d)
    sample[1] = (1 - y) * (b - a) + y * (d - c)
    sample[2] = (1 - x) * (c - a) + x * (d - b)
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _find_source(
    x: float, y: float, maps: Array, weights: Array, grid: Array, place: Array
) -> None:  # pragma: no cover  # compiled
    """Write column and row of the source image that a place of the target comes from."""
    place[:] = 0.0
    for part in range(maps.shape[0]):
        if weights[part] > 0:
            for axis in range(2):
                place[axis] += weights[part] * (maps[part, axis, 0] * x + maps[part, axis, 1] * y + maps[part, axis, 2])
    for axis in range(2):
        place[axis] = (place[axis] - grid[axis]) / grid[4]


@njit(cache=True, nogil=True, error_model="numpy")
def _compare(
    source: Array, target: Array, trusts: tuple[Array, Array], grid: Array, numbers: Array, residuals: Array
) -> None:  # pragma: no cover  # compiled
    """Write target minus warped source; 0 where nothing can be said."""
    after = numbers[SIZE : 2 * SIZE]
    maps = compute_maps(compute_frames(after), compute_frames(numbers[:SIZE]))
    regions, weights, place, sample = list_regions(after), np.empty(maps.shape[0]), np.empty(2), np.empty(3)
    for row in range(target.shape[0]):
        for column in range(target.shape[1]):
            residuals[row, column] = 0.0
            x, y = grid[2] + column * grid[4], grid[3] + row * grid[4]
            if weigh(x, y, regions, weights) < -_BEYOND_MM:
                continue
            _find_source(x, y, maps, weights, grid, place)
            if _sample(source, place[0], place[1], sample):
                trust = trusts[1][row, column] * trusts[0][int(place[1] + 0.5), int(place[0] + 0.5)]
                residuals[row, column] = trust * (target[row, column] - numbers[GAIN] * sample[0])


@njit(cache=True, nogil=True, error_model="numpy")
def differ_maps(numbers: Array, maps: Array) -> tuple[Array, NDArray[np.bool_]]:  # pragma: no cover  # compiled
    """Return the change of the maps per unit of each number of both figures, and which parts it moves."""
    before, after = numbers[:SIZE].copy(), numbers[SIZE : 2 * SIZE].copy()
    from_frames, to_frames = compute_frames(after), compute_frames(before)
    slopes = np.zeros((2 * SIZE, *maps.shape))
    moves = np.zeros((2 * SIZE, maps.shape[0]), np.bool_)
    for number in range(2 * SIZE):
        own = number % SIZE
        if own == body.LEVEL:
            continue
        step = 0.1 * body.STEP[own]
        if number < SIZE:
            before[own] += step
            moved = compute_maps(from_frames, compute_frames(before))
            before[own] = numbers[own]
        else:
            after[own] += step
            moved = compute_maps(compute_frames(after), to_frames)
            after[own] = numbers[number]
        slopes[number] = (moved - maps) / step
        for part in range(maps.shape[0]):
            moves[number, part] = np.abs(slopes[number, part]).max() > 0
    return slopes, moves


@njit(cache=True, nogil=True, error_model="numpy")
def _sum_normal(
    source: Array, target: Array, trusts: tuple[Array, Array], grid: Array, numbers: Array, spread: float
) -> tuple[Array, Array]:  # pragma: no cover  # compiled
    after = numbers[SIZE : 2 * SIZE]
    maps = compute_maps(compute_frames(after), compute_frames(numbers[:SIZE]))
    map_slopes, moves = differ_maps(numbers, maps)
    regions, weights, place, sample = list_regions(after), np.empty(maps.shape[0]), np.empty(2), np.empty(3)
    matrix, downward = np.zeros((NUMBERS, NUMBERS)), np.zeros(NUMBERS)
    active, slopes = np.zeros(NUMBERS, np.int64), np.zeros(NUMBERS)
    for row in range(target.shape[0]):
        for column in range(target.shape[1]):
            x, y = grid[2] + column * grid[4], grid[3] + row * grid[4]
            if weigh(x, y, regions, weights) < -_BEYOND_MM:
                continue
            _find_source(x, y, maps, weights, grid, place)
            if not _sample(source, place[0], place[1], sample):
                continue
            slopes[:] = 0.0
            slopes[GAIN] = sample[0] / spread
            gain = numbers[GAIN] / grid[4] / spread
            for part in range(maps.shape[0]):
                if weights[part] < 1e-3:
                    continue
                across, down = gain * weights[part] * sample[1], gain * weights[part] * sample[2]
                for number in range(2 * SIZE):
                    if moves[number, part]:
                        slope = map_slopes[number, part]
                        slopes[number] += across * (slope[0, 0] * x + slope[0, 1] * y + slope[0, 2])
                        slopes[number] += down * (slope[1, 0] * x + slope[1, 1] * y + slope[1, 2])
            residual = (target[row, column] - numbers[GAIN] * sample[0]) / spread
            trust = trusts[1][row, column] * trusts[0][int(place[1] + 0.5), int(place[0] + 0.5)]
            add_pixel(residual, slopes, trust, _FORGIVEN, matrix, downward, active)
    return matrix, downward
