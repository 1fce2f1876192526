"""A jointed figure of a body as the camera sees it: 36 numbers, its joints, and how body parts map onto each other.

Positions are millimetres as seen from the front: x to the patient's left, y to the feet. A figure is an array of
`SIZE` numbers, named by the constants below: places in mm, angles in radians, lengths and radii as logarithms of mm.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Figure = NDArray[np.float64]
Array = NDArray[np.float64]

X, Y, TILT, BEND, TRUNK, CHEST, HIPS, NOD, HEAD, FACE = range(10)
"""Middle of the trunk; turn of its upper half, and of its lower half against it; its length from the shoulders to the
crotch; half-widths of chest and hips; tilt of the head against the trunk; from the shoulders to the vertex; half-width
of the head."""
ARMS: Final = (10, 15)
OUT, BENT, UPPER, LOWER, DROP = range(5)
"""Of the left and the right arm: angle away from the trunk, of the forearm against it, lengths of upper arm and of
forearm with hand, how far below the shoulder line the joint lies (mm). Angles of the right are mirrored."""
LEGS: Final = (20, 26)
FOOT_DOWN, FOOT_OUT = 4, 5
"""Of the left and the right leg, beside those of an arm (thigh, leg): where the toes lie, along and across (mm)."""
ARM_RADIUS, LEG_RADIUS, LEVEL, SHOULDERS, SIZE = 32, 33, 34, 35, 36
"""Radii of an upper arm and of a leg below the knee; counts of the trunk above the median of the body; half the
distance between the shoulder joints."""

PARTS: Final = 14
CHEST_PART, HIPS_PART, HEAD_PART, NECK_PART = range(4)
ARM_PARTS: Final = ((4, 5), (6, 7))
LEG_PARTS: Final = ((8, 9, 10), (11, 12, 13))
"""Parts: upper and lower trunk, head, neck; left and right, upper arm and forearm; left and right, thigh, leg, foot."""

_STATURE: Final = (515, 744, 1090, 1386, 1640, 1760)
_SIZES: Final = {
    TRUNK: (216, 300, 395, 495, 620, 690),
    CHEST: (55, 76, 95, 115, 140, 155),
    HIPS: (55, 75, 96, 119, 148, 165),
    HEAD: (131, 172, 213, 234, 270, 280),
    FACE: (50, 66, 75, 79, 84, 86),
    ARM_RADIUS: (15, 20, 27, 33, 38, 40),
    LEG_RADIUS: (23, 30, 42, 52, 60, 64),
}
"""Millimetres by stature, newborn to adult: Cristy and Eckerman 1987 and Snyder et al. 1977, rounded to what both have
in common. Half-widths of heads are as seen, a tenth wider for blur and scatter."""
_SHARES: Final = {UPPER: 0.186, LOWER: 0.24}
"""Of the stature: Drillis and Contini 1966; a hand ends in a round of its own radius."""
_THIGH, _SHANK = 0.235, 0.212

SPREAD: Final = np.array(
    [1e3, 1e3, 0.3, 0.1, 0.15, 0.08, 0.08, 0.25, 0.12, 0.12]
    + [0.4, 0.3, 0.10, 0.10, 12.0] * 2
    + [0.2, 0.2, 0.10, 0.10, 25.0, 40.0] * 2
    + [0.2, 0.2, 0.15, 0.2]
)
"""Standard deviation of each number about `expect_figure`."""
STEP: Final = np.array(
    [1, 1, 0.01, 0.01, 0.005, 0.01, 0.01, 0.02, 0.01, 0.01]
    + [0.02, 0.02, 0.01, 0.01, 1.0] * 2
    + [0.02, 0.02, 0.01, 0.01, 2.0, 2.0] * 2
    + [0.02, 0.02, 0.01, 0.01]
)
"""Over which derivatives are taken: about a millimetre."""
LONGEST_STEP: Final = np.array(
    [40, 40, 0.2, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2]
    + [0.5, 0.5, 0.15, 0.15, 10] * 2
    + [0.3, 0.3, 0.15, 0.15, 30, 30] * 2
    + [0.3, 0.3, 0.2, 0.2]
)
"""By which a number may change at once."""
_TIES: Final = (
    *((ARMS[0] + part, ARMS[1] + part, spread) for part, spread in ((UPPER, 0.03), (LOWER, 0.04))),
    *((LEGS[0] + part, LEGS[1] + part, 0.015) for part in (UPPER, LOWER)),
    *((arm + UPPER, arm + LOWER, 0.06) for arm in ARMS),
    *((leg + UPPER, leg + LOWER, 0.05) for leg in LEGS),
    *((TRUNK, leg + UPPER, 0.1) for leg in LEGS),
    (CHEST, HIPS, 0.1),
    (ARM_RADIUS, LEG_RADIUS, 0.15),
    (SHOULDERS, CHEST, 0.08),
)
"""Numbers that depart together from what is expected, and the standard deviation of their difference: left and right
limbs are equally long, a child with long thighs has long legs."""


def expect_figure(height_mm: float, vertex_mm: tuple[float, float]) -> Figure:
    """Return the figure of a child of usual proportions who lies straight.

    Parameters
    ----------
    height_mm : float
        From the vertex to the toes.
    vertex_mm : tuple of float
        x of the middle of the body, y of the vertex.
    """
    figure = np.zeros(SIZE)
    for number, sizes in _SIZES.items():
        figure[number] = np.log(np.interp(height_mm, _STATURE, sizes))
    figure[X], figure[LEVEL] = vertex_mm[0], 0.4
    figure[Y] = vertex_mm[1] + np.exp(figure[HEAD]) + np.exp(figure[TRUNK]) / 2
    figure[SHOULDERS] = figure[CHEST] + 0.07
    upper, lower = (np.log(share * height_mm) for share in _SHARES.values())
    for arm in ARMS:
        figure[arm : arm + 5] = 0.3, -0.2, upper, lower, 0.0
    thigh, shank = np.log(_THIGH * height_mm), np.log(_SHANK * height_mm)
    for leg in LEGS:
        figure[leg : leg + 6] = 0.1, -0.03, thigh, shank, 0.065 * height_mm, 0.045 * height_mm
    return figure


def compute_precision() -> Array:
    """Return the inverse covariance (36, 36) of figures about the expected one."""
    precision = np.diag(1 / SPREAD**2)
    for one, other, spread in _TIES:
        difference = np.zeros(SIZE)
        difference[one], difference[other] = 1 / spread, -1 / spread
        precision += np.outer(difference, difference)
    return precision


@njit(cache=True, nogil=True)
def locate_joints(figure: Figure) -> Array:  # pragma: no cover  # compiled
    """Return joints (19, 2).

    Upper end, middle and lower end of the trunk, middle of the skull and of the face; shoulder, elbow, fingers left and
    right; hip, knee, ankle, toes left and right.
    """
    joints = np.empty((19, 2))
    tilt, low = figure[TILT], figure[TILT] + figure[BEND]
    half = np.exp(figure[TRUNK]) / 2
    joints[0, 0], joints[0, 1] = figure[X] + np.sin(tilt) * half, figure[Y] - np.cos(tilt) * half
    joints[1, 0], joints[1, 1] = figure[X], figure[Y]
    joints[2, 0], joints[2, 1] = figure[X] - np.sin(low) * half, figure[Y] + np.cos(low) * half
    head, face, nod = np.exp(figure[HEAD]), np.exp(figure[FACE]), tilt + figure[NOD]
    for number, back in ((3, 1.0), (4, 1.5)):
        joints[number, 0] = joints[0, 0] + np.sin(nod) * (head - back * face)
        joints[number, 1] = joints[0, 1] - np.cos(nod) * (head - back * face)
    for side in range(2):
        sign = 1.0 - 2.0 * side
        arm = ARMS[side]
        down, away = 0.12 * half + figure[arm + DROP], np.exp(figure[SHOULDERS])
        _hang(figure, arm, joints, 5 + 3 * side, 0, tilt, sign, down, away)
        leg = LEGS[side]
        _hang(figure, leg, joints, 11 + 4 * side, 2, low, sign, -0.20 * half, 0.5 * np.exp(figure[HIPS]))
        angle = figure[leg + OUT] + figure[leg + BENT]
        x = sign * np.cos(low) * np.sin(angle) - np.sin(low) * np.cos(angle)
        y = np.cos(low) * np.cos(angle) + sign * np.sin(low) * np.sin(angle)
        ankle, toes = joints[13 + 4 * side], joints[14 + 4 * side]
        toes[0] = ankle[0] + figure[leg + FOOT_DOWN] * x + figure[leg + FOOT_OUT] * sign * y
        toes[1] = ankle[1] + figure[leg + FOOT_DOWN] * y - figure[leg + FOOT_OUT] * sign * x
    return joints


@njit(cache=True, nogil=True)
def _hang(
    figure: Figure,
    limb: int,
    joints: Array,
    first: int,
    root: int,
    turn: float,
    sign: float,
    down: float,
    away: float,
) -> None:  # pragma: no cover  # compiled
    """Write the three joints of a limb that hangs at an end of the trunk."""
    cosine, sine = np.cos(turn), np.sin(turn)
    joints[first, 0] = joints[root, 0] + sign * cosine * away - sine * down
    joints[first, 1] = joints[root, 1] + sign * sine * away + cosine * down
    angle = figure[limb + OUT]
    for part in range(2):
        length = np.exp(figure[limb + UPPER + part])
        joints[first + part + 1, 0] = joints[first + part, 0] + length * (
            -sine * np.cos(angle) + sign * cosine * np.sin(angle)
        )
        joints[first + part + 1, 1] = joints[first + part, 1] + length * (
            cosine * np.cos(angle) + sign * sine * np.sin(angle)
        )
        angle += figure[limb + BENT]


@njit(cache=True, nogil=True)
def list_tubes(figure: Figure, joints: Array) -> Array:  # pragma: no cover  # compiled
    """Return head, neck, ten parts of limbs as tubes (12, 7): x, y of both ends, their radii, depth over width."""
    tubes = np.empty((12, 7))
    face, arm, leg = np.exp(figure[FACE]), np.exp(figure[ARM_RADIUS]), np.exp(figure[LEG_RADIUS])
    _lay(tubes[0], joints[3], joints[4], face, 0.8 * face, 1.2)
    _lay(tubes[1], joints[4], joints[0], 0.55 * face, 0.6 * face, 0.9)
    for side in range(2):
        first = 5 + 3 * side
        _lay(tubes[2 + 2 * side], joints[first], joints[first + 1], arm, 0.85 * arm, 1.0)
        _lay(tubes[3 + 2 * side], joints[first + 1], joints[first + 2], 0.85 * arm, 0.5 * arm, 1.0)
        first = 11 + 4 * side
        _lay(tubes[6 + 3 * side], joints[first], joints[first + 1], 1.3 * leg, 0.95 * leg, 1.0)
        _lay(tubes[7 + 3 * side], joints[first + 1], joints[first + 2], 0.9 * leg, 0.6 * leg, 1.0)
        _lay(tubes[8 + 3 * side], joints[first + 2], joints[first + 3], 0.65 * leg, 0.55 * leg, 1.3)
    return tubes


@njit(cache=True, nogil=True)
def _lay(
    tube: Array, start: Array, end: Array, first: float, last: float, depth: float
) -> None:  # pragma: no cover  # compiled
    tube[0:2], tube[2:4] = start, end
    tube[4], tube[5], tube[6] = first, last, depth
