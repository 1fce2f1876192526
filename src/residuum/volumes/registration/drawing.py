"""What a camera sees of a figure, and how that changes with each of its numbers.

Soft tissue takes up about evenly, so counts follow the thickness of the body, less what is absorbed. They are cut just
above the body's median, so that organs and lesions weigh nothing; the root makes noise alike everywhere.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.volumes.registration import figure as body
from residuum.volumes.registration.descent import sum_forgiving
from residuum.volumes.registration.figure import Array, Figure, list_tubes, locate_joints
from residuum.volumes.registration.solids import FAST, SOLIDS, TRUNK_DEPTH, Canvas, draw_solid, list_moved

CEILING, FLOOR = 1.15, 0.05
"""Counts over those of the body's median at which images are cut, and what is added before the root is taken, so that
air does not weigh more than the body."""

_ABSORBED_PER_MM: Final = 0.011
"""Of both views together: 0.0148 in water at 159 keV, less what scatter brings back."""
_GROUPS: Final = np.array([0, 3, 5, 7, 10, 13])
"""First solid of each group, and the end: trunk, head and neck; left and right arm; left and right leg. Solids of one
group merge; those of different groups lie before each other, their thicknesses add up."""
_FORGIVEN: Final = 100.0
"""Square of the residual at which it saturates while limbs are searched."""
_MOVED: Final = list_moved()


class Drawing:
    """Room for drawings of one size."""

    def __init__(self, canvas: Canvas, shape: tuple[int, int]) -> None:
        self.canvas = canvas
        self.solids = np.zeros((SOLIDS, *shape))
        self.boxes = np.zeros((SOLIDS, 4), np.int64)
        self.thickness = np.zeros(shape)
        self.seen = np.zeros(shape)
        self._slopes = np.zeros((*shape, body.SIZE))
        self._moved = np.zeros((SOLIDS, *shape))
        self._around = np.zeros((SOLIDS, 4), np.int64)

    def draw(self, figure: Figure) -> Array:
        """Return what is seen of a figure (rows, columns); the array is used again by the next drawing."""
        _draw(figure, self.canvas, self.solids, self.boxes, self.thickness, self.seen)
        return self.seen

    def compute_slopes(self, figure: Figure) -> Array:
        """Return the derivatives (rows, columns, 36) of the last drawing, which was of this figure."""
        _differ(
            figure,
            self.canvas,
            self.solids,
            self.boxes,
            self.thickness,
            self.seen,
            _MOVED,
            self._moved,
            self._around,
            self._slopes,
        )
        return self._slopes


def draw_tissue(figure: Figure, canvas: Canvas, shape: tuple[int, int]) -> Array:
    """Return counts of soft tissue (rows, columns), in those of endless tissue."""
    drawing = Drawing(canvas, shape)
    drawing.draw(figure)
    return np.asarray(1 - np.exp(-_ABSORBED_PER_MM * drawing.thickness))


def find_limb_cost(
    image: Array, figure: Figure, numbers: NDArray[np.int64], tried: Array, group: int, drawing: Drawing, spread: float
) -> Array:
    """Return how badly an image is met by a limb (n,) of which some numbers are as tried.

    Parameters
    ----------
    image : array (rows, columns)
    figure : array (36,)
        As last drawn.
    numbers : array (k,)
        Which of the figure are tried.
    tried : array (n, k)
    group : int
        Of solids, that of the limb.
    drawing : Drawing
    spread : float
        Standard deviation of the image about the drawing.
    """
    rest = drawing.thickness.copy()
    _add_group(group, drawing.solids, drawing.boxes, rest, -1.0)
    costs = np.zeros(len(tried))
    _try_numbers(image, figure.copy(), numbers, tried, group, drawing.canvas, rest, spread, costs)
    return costs


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _try_numbers(
    image: Array,
    figure: Figure,
    numbers: NDArray[np.int64],
    tried: Array,
    group: int,
    canvas: Canvas,
    rest: Array,
    spread: float,
    costs: Array,
) -> None:  # pragma: no cover  # compiled
    solids, boxes = np.zeros((SOLIDS, *rest.shape)), np.zeros((SOLIDS, 4), np.int64)
    for one in range(tried.shape[0]):
        for other in range(numbers.size):
            figure[numbers[other]] = tried[one, other]
        joints = locate_joints(figure)
        tubes = list_tubes(figure, joints)
        for solid in range(_GROUPS[group], _GROUPS[group + 1]):
            draw_solid(solid, figure, joints, tubes, canvas, solids[solid], boxes[solid])
        whole = rest.copy()
        _add_group(group, solids, boxes, whole, 1.0)
        residuals = np.zeros_like(rest)
        gain = _compute_gain(figure)
        for row in range(rest.shape[0]):
            for column in range(rest.shape[1]):
                residuals[row, column] = (image[row, column] - _see(whole[row, column], gain)) / spread
        costs[one] = sum_forgiving(residuals, _FORGIVEN)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _compute_gain(figure: Figure) -> float:  # pragma: no cover  # compiled
    """Return the counts of endless tissue, where the trunk has `exp(figure[LEVEL])`."""
    depth = 2 * TRUNK_DEPTH * np.exp(figure[body.CHEST])
    return float(np.exp(figure[body.LEVEL]) / (1 - np.exp(-_ABSORBED_PER_MM * depth)))


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _see(thickness: float, gain: float) -> float:  # pragma: no cover  # compiled
    """Return the root of the counts of so much tissue."""
    if thickness <= 0:
        return float(np.sqrt(FLOOR))
    return float(np.sqrt(min(gain * (1 - np.exp(-_ABSORBED_PER_MM * thickness)), CEILING) + FLOOR))


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _draw(
    figure: Figure, canvas: Canvas, solids: Array, boxes: NDArray[np.int64], thickness: Array, seen: Array
) -> None:  # pragma: no cover  # compiled
    joints = locate_joints(figure)
    tubes = list_tubes(figure, joints)
    thickness[:] = 0.0
    for solid in range(SOLIDS):
        draw_solid(solid, figure, joints, tubes, canvas, solids[solid], boxes[solid])
    for group in range(_GROUPS.size - 1):
        _add_group(group, solids, boxes, thickness, 1.0)
    gain = _compute_gain(figure)
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            seen[row, column] = _see(thickness[row, column], gain)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _add_group(
    group: int, solids: Array, boxes: NDArray[np.int64], thickness: Array, sign: float
) -> None:  # pragma: no cover  # compiled
    """Add the thickness of a group of solids, the thickest of it at each pixel, or take it away (sign -1)."""
    area = np.array([thickness.shape[0], 0, thickness.shape[1], 0])
    for solid in range(_GROUPS[group], _GROUPS[group + 1]):
        _widen(area, boxes[solid])
    for row in range(area[0], area[1]):
        for column in range(area[2], area[3]):
            thickest = 0.0
            for solid in range(_GROUPS[group], _GROUPS[group + 1]):
                thickest = max(thickest, solids[solid, row, column])
            thickness[row, column] += sign * thickest


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _differ(
    figure: Figure,
    canvas: Canvas,
    solids: Array,
    boxes: NDArray[np.int64],
    thickness: Array,
    seen: Array,
    moves: NDArray[np.bool_],
    moved: Array,
    around: NDArray[np.int64],
    slopes: Array,
) -> None:  # pragma: no cover  # compiled
    """Write the change of what is seen per unit of each number; only what a number moves is drawn again."""
    other = figure.copy()
    changed = np.zeros_like(thickness)
    slopes[:] = 0.0
    for number in range(figure.size):
        other[number] += body.STEP[number]
        joints = locate_joints(other)
        tubes = list_tubes(other, joints)
        area = np.array([thickness.shape[0], 0, thickness.shape[1], 0])
        if number in (body.LEVEL, body.CHEST):
            area[0], area[1], area[2], area[3] = 0, thickness.shape[0], 0, thickness.shape[1]
        for group in range(_GROUPS.size - 1):
            _move_group(group, number, other, joints, tubes, canvas, solids, boxes, moves, moved, around, changed, area)
        gain = _compute_gain(other)
        for row in range(area[0], area[1]):
            for column in range(area[2], area[3]):
                now = _see(thickness[row, column] + changed[row, column], gain)
                slopes[row, column, number] = (now - seen[row, column]) / body.STEP[number]
                changed[row, column] = 0.0
        other[number] = figure[number]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _move_group(
    group: int,
    number: int,
    figure: Figure,
    joints: Array,
    tubes: Array,
    canvas: Canvas,
    solids: Array,
    boxes: NDArray[np.int64],
    moves: NDArray[np.bool_],
    moved: Array,
    around: NDArray[np.int64],
    changed: Array,
    area: NDArray[np.int64],
) -> None:  # pragma: no cover  # compiled
    """Add the change of a group's thickness, and widen the area that changed."""
    own = np.array([changed.shape[0], 0, changed.shape[1], 0])
    for solid in range(_GROUPS[group], _GROUPS[group + 1]):
        if moves[number, solid]:
            draw_solid(solid, figure, joints, tubes, canvas, moved[solid], around[solid])
            _widen(own, boxes[solid])
            _widen(own, around[solid])
    for row in range(own[0], own[1]):
        for column in range(own[2], own[3]):
            before, after = 0.0, 0.0
            for solid in range(_GROUPS[group], _GROUPS[group + 1]):
                old = solids[solid, row, column]
                new = moved[solid, row, column] if moves[number, solid] else old
                before, after = max(before, old), max(after, new)
            changed[row, column] += after - before
    _widen(area, own)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _widen(area: NDArray[np.int64], box: NDArray[np.int64]) -> None:  # pragma: no cover  # compiled
    if box[1] > box[0] and box[3] > box[2]:
        area[0], area[1] = min(area[0], box[0]), max(area[1], box[1])
        area[2], area[3] = min(area[2], box[2]), max(area[3], box[3])
