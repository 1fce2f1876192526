"""The solids of a figure, drawn as thickness of tissue along the line of sight.

Images have a pixel at (row, column) of which x = x0 + column * step, y = y0 + row * step.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.volumes.registration import figure as body
from residuum.volumes.registration.figure import Array, Figure

FAST: Final = {"nsz", "arcp", "contract", "reassoc"}
"""Freedom in rounding that the compiler has; the same input still gives the same bytes."""
SOLIDS: Final = 13
"""Trunk, then the tubes of `list_tubes`."""
TRUNK_DEPTH: Final = 0.66
"""Half-depth over half-width (Cristy and Eckerman 1987)."""
_ALONG: Final = np.array([-0.08, 0.0, 0.06, 0.3, 0.55, 0.8, 0.95, 1.03])
_AS_CHEST: Final = np.array([0.30, 0.70, 0.95, 1.0, 0.45, 0.0, 0.0, 0.0])
_AS_HIPS: Final = np.array([0.0, 0.0, 0.0, 0.0, 0.48, 0.98, 0.9, 0.75])
"""Half-width of the trunk along it (0 shoulders, 1 crotch), as shares of those of chest and hips."""
_REACH: Final = 4.0
"""Blurs beyond the edge at which a solid ends."""


class Canvas(NamedTuple):
    """Where an image lies, and how blurred it is (mm)."""

    x0_mm: float
    y0_mm: float
    step_mm: float
    blur_mm: float


def list_moved() -> NDArray[np.bool_]:
    """Return which solids (columns) each number of a figure (rows) moves or shapes."""
    moved = np.zeros((body.SIZE, SOLIDS), bool)
    moved[[body.X, body.Y, body.TILT, body.TRUNK]] = True
    moved[body.BEND, 0] = moved[body.CHEST, 0] = moved[body.HIPS, 0] = True
    moved[[body.BEND, body.HIPS, body.LEG_RADIUS], 7:] = True
    moved[[body.NOD, body.HEAD, body.FACE], 1:3] = True
    moved[[body.SHOULDERS, body.ARM_RADIUS], 3:7] = True
    for side, (arm, leg) in enumerate(zip(body.ARMS, body.LEGS, strict=True)):
        upper, thigh = 3 + 2 * side, 7 + 3 * side
        moved[arm : arm + 5, upper : upper + 2] = True
        moved[leg : leg + 6, thigh : thigh + 3] = True
        moved[[arm + body.BENT, arm + body.LOWER], upper] = False
        moved[[leg + body.BENT, leg + body.LOWER], thigh] = False
        moved[leg + body.FOOT_DOWN : leg + 6, thigh : thigh + 2] = False
    return moved


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _box(
    box: NDArray[np.int64], low: Array, high: Array, canvas: Canvas, shape: tuple[int, int]
) -> None:  # pragma: no cover  # compiled
    """Write first row, row after the last, first column, column after the last, within the image."""
    box[0] = max(0, int(np.ceil((low[1] - canvas.y0_mm) / canvas.step_mm)))
    box[1] = min(shape[0], int(np.floor((high[1] - canvas.y0_mm) / canvas.step_mm)) + 1)
    box[2] = max(0, int(np.ceil((low[0] - canvas.x0_mm) / canvas.step_mm)))
    box[3] = min(shape[1], int(np.floor((high[0] - canvas.x0_mm) / canvas.step_mm)) + 1)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _thickness(inside: float, radius: float, blur: float) -> float:  # pragma: no cover  # compiled
    """Return the thickness of a round solid so far within its edge, which is softened over the blur."""
    share = inside / blur
    soft = min(radius, inside if share > 5 else blur * np.log(1 + np.exp(share)))
    return float(2 * soft * np.sqrt((2 * radius - soft) / (soft + 0.5 * blur)))


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _draw_tube(
    tube: Array, canvas: Canvas, image: Array, box: NDArray[np.int64]
) -> None:  # pragma: no cover  # compiled
    margin = max(tube[4], tube[5]) + _REACH * canvas.blur_mm
    _box(box, np.minimum(tube[0:2], tube[2:4]) - margin, np.maximum(tube[0:2], tube[2:4]) + margin, canvas, image.shape)
    x, y = tube[2] - tube[0], tube[3] - tube[1]
    square = x * x + y * y + 1e-9
    for row in range(box[0], box[1]):
        down = canvas.y0_mm + row * canvas.step_mm - tube[1]
        for column in range(box[2], box[3]):
            left = canvas.x0_mm + column * canvas.step_mm - tube[0]
            along = min(1.0, max(0.0, (left * x + down * y) / square))
            radius = tube[4] + (tube[5] - tube[4]) * along
            inside = radius - np.sqrt((left - along * x) ** 2 + (down - along * y) ** 2)
            image[row, column] = 0.0
            if inside > -_REACH * canvas.blur_mm:
                image[row, column] = tube[6] * _thickness(inside, radius, canvas.blur_mm)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _half_width(along: float, chest: float, hips: float) -> float:  # pragma: no cover  # compiled
    last = 1
    while along > _ALONG[last]:
        last += 1
    share = (along - _ALONG[last - 1]) / (_ALONG[last] - _ALONG[last - 1])
    start = chest * _AS_CHEST[last - 1] + hips * _AS_HIPS[last - 1]
    return float(start + share * (chest * _AS_CHEST[last] + hips * _AS_HIPS[last] - start))


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _draw_trunk(
    figure: Figure, joints: Array, canvas: Canvas, image: Array, box: NDArray[np.int64]
) -> None:  # pragma: no cover  # compiled
    chest, hips, length = np.exp(figure[body.CHEST]), np.exp(figure[body.HIPS]), np.exp(figure[body.TRUNK])
    margin = max(chest, hips) + 25
    _box(box, np.minimum(joints[0], joints[2]) - margin, np.maximum(joints[0], joints[2]) + margin, canvas, image.shape)
    upper, lower = (joints[1] - joints[0]) * 2 / length, (joints[2] - joints[1]) * 2 / length
    for row in range(box[0], box[1]):
        y = canvas.y0_mm + row * canvas.step_mm - joints[1, 1]
        for column in range(box[2], box[3]):
            x = canvas.x0_mm + column * canvas.step_mm - joints[1, 0]
            axis = upper if x * (upper[0] + lower[0]) + y * (upper[1] + lower[1]) < 0 else lower
            along = 0.5 + (x * axis[0] + y * axis[1]) / length
            image[row, column] = 0.0
            if along < _ALONG[0] or along > _ALONG[-1]:
                continue
            radius = _half_width(along, chest, hips)
            inside = min(radius - abs(x * axis[1] - y * axis[0]), (along + 0.05) * length, (1.02 - along) * length)
            if inside > -_REACH * canvas.blur_mm:
                image[row, column] = TRUNK_DEPTH * chest / radius * _thickness(inside, radius, canvas.blur_mm)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def draw_solid(
    solid: int, figure: Figure, joints: Array, tubes: Array, canvas: Canvas, image: Array, box: NDArray[np.int64]
) -> None:  # pragma: no cover  # compiled
    """Write the thickness (mm) of one solid over what was drawn before.

    The box holds the rows and columns that are not zero: first, after the last, first, after the last.
    """
    image[box[0] : box[1], box[2] : box[3]] = 0.0
    if solid == 0:
        _draw_trunk(figure, joints, canvas, image, box)
    else:
        _draw_tube(tubes[solid - 1], canvas, image, box)
