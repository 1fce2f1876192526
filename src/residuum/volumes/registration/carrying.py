"""How body parts of one figure map onto those of another, and how a place belongs to several parts."""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.volumes.registration import figure as body
from residuum.volumes.registration.figure import ARM_PARTS, LEG_PARTS, PARTS, Array, Figure, list_tubes, locate_joints

_BLEND_MM: Final = 6.0
"""Over which a place passes from one part to the next."""
_DEEP_MM: Final = 10.0
"""From which on a place lies in a part as well as any other."""
_NEARER: Final = 0.15
"""Share of the radii over which a place passes from a forearm to what it lies on, a leg or the trunk: it belongs to the
one in whose middle it lies, halfway between the two lies neither."""
_FOREARMS: Final = (ARM_PARTS[0][1], ARM_PARTS[1][1])
_FIRST_OF_LEGS: Final = LEG_PARTS[0][0]
_STRANGE_MM: Final = 15.0
"""Beyond the edge of the parts that a place may belong to from which on any part counts."""
EVERY_PART: Final = np.ones(PARTS, np.bool_)


@njit(cache=True, nogil=True, error_model="numpy")
def compute_frames(figure: Figure) -> Array:  # pragma: no cover  # compiled
    """Return frames of the parts (14, 2, 3): columns are a step along, a step across, and where the part begins.

    A step is the length, or the half-width, of the part: equal places of two figures have equal steps. The trunk begins
    in its middle, the head at the shoulders.
    """
    joints = locate_joints(figure)
    tubes = list_tubes(figure, joints)
    frames = np.empty((PARTS, 2, 3))
    half = np.exp(figure[body.TRUNK]) / 2
    for part in range(2):
        _frame(frames[part], joints[part], joints[part + 1], half, np.exp(figure[body.CHEST + part]))
        frames[part, :, 2] = joints[1]
    face = np.exp(figure[body.FACE])
    _frame(frames[2], joints[0], joints[3], np.exp(figure[body.HEAD]), -face)
    _frame(frames[3], joints[4], joints[0], _distance(joints[4], joints[0]), face)
    for tube in range(2, 12):
        limb = body.ARM_RADIUS if tube < 6 else body.LEG_RADIUS
        start, end = tubes[tube, 0:2], tubes[tube, 2:4]
        _frame(frames[tube + 2], start, end, _distance(start, end), np.exp(figure[limb]))
    return frames


@njit(cache=True, nogil=True, error_model="numpy")
def _distance(start: Array, end: Array) -> float:  # pragma: no cover  # compiled
    return float(np.sqrt((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2))


@njit(cache=True, nogil=True, error_model="numpy")
def _frame(frame: Array, start: Array, end: Array, along: float, across: float) -> None:  # pragma: no cover  # compiled
    length = _distance(start, end)
    x, y = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    frame[0, 0], frame[1, 0] = along * x, along * y
    frame[0, 1], frame[1, 1] = across * y, -across * x
    frame[0, 2], frame[1, 2] = start[0], start[1]


@njit(cache=True, nogil=True, error_model="numpy")
def compute_maps(source: Array, target: Array) -> Array:  # pragma: no cover  # compiled
    """Return affine maps (14, 2, 3) that take places of the source's frames to those of the target's."""
    maps = np.empty(source.shape)
    for part in range(source.shape[0]):
        a, b, c, d = source[part, 0, 0], source[part, 0, 1], source[part, 1, 0], source[part, 1, 1]
        area = a * d - b * c
        for axis in range(2):
            along, across = target[part, axis, 0], target[part, axis, 1]
            maps[part, axis, 0] = (along * d - across * c) / area
            maps[part, axis, 1] = (across * a - along * b) / area
            maps[part, axis, 2] = (
                target[part, axis, 2]
                - maps[part, axis, 0] * source[part, 0, 2]
                - maps[part, axis, 1] * source[part, 1, 2]
            )
    return maps


@njit(cache=True, nogil=True, error_model="numpy")
def list_regions(figure: Figure) -> Array:  # pragma: no cover  # compiled
    """Return where the parts lie, for `weigh` (14, 6): x, y of both ends, and the radii there."""
    joints = locate_joints(figure)
    regions = np.empty((PARTS, 6))
    for part in range(2):
        regions[part, 0:2], regions[part, 2:4] = joints[part], joints[part + 1]
        regions[part, 4:6] = np.exp(figure[body.CHEST + part])
    regions[2:] = list_tubes(figure, joints)[:, :6]
    return regions


@njit(cache=True, nogil=True, error_model="numpy")
def weigh(
    x: float, y: float, regions: Array, weights: Array, allowed: NDArray[np.bool_] = EVERY_PART
) -> float:  # pragma: no cover  # compiled
    """Write how much of a place belongs to each part (they sum to 1) and return how deep it lies in the body (mm).

    Only parts that are `allowed` count.
    """
    deepest, in_forearm, in_other = -1e9, 0.0, 0.0
    for part in range(regions.shape[0]):
        if not allowed[part]:
            weights[part] = -1e9
            continue
        left, down = x - regions[part, 0], y - regions[part, 1]
        along_x, along_y = regions[part, 2] - regions[part, 0], regions[part, 3] - regions[part, 1]
        square = along_x * along_x + along_y * along_y + 1e-9
        share = (left * along_x + down * along_y) / square
        if part < 2:
            length = np.sqrt(square)
            weights[part] = regions[part, 4] - abs(left * along_y - down * along_x) / length
            beyond = share * length if part == 0 else (1 - share) * length
            weights[part] = min(weights[part], beyond + 0.06 * length)
            weights[part] += length * min(0.0, 1 - share if part == 0 else share)
            in_other = max(in_other, weights[part] / regions[part, 4])
        else:
            share = min(1.0, max(0.0, share))
            away = np.sqrt((left - share * along_x) ** 2 + (down - share * along_y) ** 2)
            radius = regions[part, 4] + (regions[part, 5] - regions[part, 4]) * share
            weights[part] = radius - away
            if part in _FOREARMS:
                in_forearm = max(in_forearm, 1 - away / radius)
            elif part >= _FIRST_OF_LEGS:
                in_other = max(in_other, 1 - away / radius)
        deepest = max(deepest, weights[part])
    total = 0.0
    for part in range(regions.shape[0]):
        below = (min(weights[part], _DEEP_MM) - min(deepest, _DEEP_MM)) / _BLEND_MM
        if in_forearm > 0 and in_other > 0 and (part in _FOREARMS or part < 2 or part >= _FIRST_OF_LEGS):
            own = in_forearm if part in _FOREARMS else in_other
            below += (own - max(in_forearm, in_other)) / _NEARER
        weights[part] = np.exp(below) if below > -5 else 0.0
        total += weights[part]
    for part in range(regions.shape[0]):
        weights[part] /= total
    return deepest


def carry(
    positions_mm: Array, source: Figure, target: Figure, allowed: NDArray[np.bool_]
) -> tuple[Array, Array, Array]:
    """Return where places of one figure lie in another, their weights, and how deep they lie in the body.

    Parameters
    ----------
    positions_mm : array (n, 2)
    source, target : array (36,)
    allowed : array of bool (n, 14)
        Parts that each place may belong to; any, where it lies far from these.

    Returns
    -------
    carried : array (n, 14, 2)
        By each part; the sum weighted with the second array is the place.
    weights : array (n, 14)
    depths : array (n,)
        mm within the edge of the body, negative outside.
    """
    regions = list_regions(source)
    maps = compute_maps(compute_frames(source), compute_frames(target))
    weights, depths = np.zeros((len(positions_mm), PARTS)), np.zeros(len(positions_mm))
    for number, (x, y) in enumerate(positions_mm.tolist()):
        depths[number] = weigh(x, y, regions, weights[number], allowed[number])
        if depths[number] < -_STRANGE_MM:
            depths[number] = weigh(x, y, regions, weights[number], EVERY_PART)
    carried = np.einsum("kij,nj->nki", maps[:, :, :2], positions_mm) + maps[:, :, 2]
    return carried, weights, depths
