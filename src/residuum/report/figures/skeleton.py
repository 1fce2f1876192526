"""A schematic child's skeleton, seen from the front, as polygons of the 28 regions.

The patient's right lies on the viewer's left (negative x). One unit is about a head's width; y grows upwards, 0 is
the ground. Everything is drawn for the patient's left and mirrored for the right.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Polygon = NDArray[np.float64]
HEIGHT: Final = 5.0
HALF_WIDTH: Final = 1.35

_LIMBS: Final = {
    # region: bones as (start, end, half-width of shaft, half-width of start, half-width of end)
    "humerus": (((0.66, 3.42), (0.86, 2.62), 0.048, 0.1, 0.09),),
    "forearm": (((0.9, 2.55), (1.1, 1.93), 0.03, 0.045, 0.05), ((0.82, 2.53), (1.0, 1.91), 0.028, 0.05, 0.04)),
    "femur": (((0.36, 2.0), (0.31, 1.14), 0.062, 0.11, 0.12),),
    "leg": (((0.28, 1.08), (0.27, 0.3), 0.052, 0.11, 0.075), ((0.39, 1.02), (0.37, 0.3), 0.025, 0.04, 0.04)),
}
# Where the number of each region is printed, and how it is aligned.
_LABELS: Final = {
    "clavicle": (0.36, 3.7, "center"),
    "scapula": (0.56, 3.27, "center"),
    "ribs": (0.33, 2.78, "center"),
    "humerus": (0.88, 3.05, "left"),
    "forearm": (1.12, 2.28, "left"),
    "hand": (1.27, 1.72, "left"),
    "pelvis": (0.31, 2.2, "center"),
    "femur": (0.46, 1.6, "left"),
    "leg": (0.46, 0.7, "left"),
    "foot": (0.55, 0.16, "left"),
}
_MIDLINE_LABELS: Final = {
    "skull_vault": (0.0, 4.74, "center"),
    "skull_base": (0.0, 4.385, "center"),
    "face_orbit": (0.0, 4.1, "center"),
    "spine_cervical": (0.1, 3.8, "left"),
    "sternum": (0.0, 3.36, "center"),
    "spine_thoracic": (0.0, 2.92, "center"),
    "spine_lumbar": (0.14, 2.52, "left"),
    "sacrum": (0.0, 2.13, "center"),
}


@cache
def skeleton() -> dict[str, list[Polygon]]:
    """Return the polygons of each of the 28 regions, each of shape (k, 2)."""
    regions = dict(_midline())
    for name, polygons in _left_half().items():
        regions[f"{name}_left"] = polygons
        regions[f"{name}_right"] = [polygon * (-1, 1) for polygon in polygons]
    return regions


@cache
def label_places() -> dict[str, tuple[float, float, str]]:
    """Return for each region where its number goes: x, y, horizontal alignment."""
    mirrored = {"left": "right", "center": "center"}
    places = dict(_MIDLINE_LABELS)
    for name, (x, y, align) in _LABELS.items():
        places[f"{name}_left"] = (x, y, align)
        places[f"{name}_right"] = (-x, y, mirrored[align])
    return places


def _left_half() -> dict[str, list[Polygon]]:
    limbs = {name: [_bone(*bone) for bone in bones] for name, bones in _LIMBS.items()}
    return limbs | {
        "clavicle": [_ribbon(_curve((0.07, 3.53), (0.3, 3.66), (0.62, 3.56)), 0.034)],
        "scapula": [_rounded(np.array([(0.42, 3.46), (0.68, 3.5), (0.66, 3.36), (0.55, 3.0), (0.44, 3.14)]))],
        "ribs": [_rib(place) for place in range(8)],
        "pelvis": [_ilium(), _ribbon(_curve((0.24, 1.99), (0.22, 1.78), (0.05, 1.86)), 0.045)],
        "hand": _hand(),
        "foot": _foot(),
    }


def _midline() -> dict[str, list[Polygon]]:
    vault = _arc((0.0, 4.52), (0.47, 0.46), 0, 180)
    base = _rounded(np.array([(-0.47, 4.5), (0.47, 4.5), (0.43, 4.33), (0.34, 4.27), (-0.34, 4.27), (-0.43, 4.33)]))
    face = _rounded(np.array([(-0.35, 4.25), (0.35, 4.25), (0.31, 4.06), (0.16, 3.9), (-0.16, 3.9), (-0.31, 4.06)]))
    sacrum = _rounded(np.array([(-0.15, 2.28), (0.15, 2.28), (0.06, 1.94), (-0.06, 1.94)]))
    manubrium = _rounded(
        np.array([(-0.1, 3.54), (0.1, 3.54), (0.06, 3.4), (0.045, 3.02), (-0.045, 3.02), (-0.06, 3.4)])
    )
    return {
        "skull_vault": [vault],
        "skull_base": [base],
        "face_orbit": [face],
        "spine_cervical": _vertebrae(3.87, 3.61, 3, 0.075),
        "spine_thoracic": _vertebrae(3.58, 2.72, 8, 0.09),
        "spine_lumbar": _vertebrae(2.69, 2.31, 4, 0.11),
        "sacrum": [sacrum],
        "sternum": [manubrium],
    }


def _curve(start: tuple[float, float], pull: tuple[float, float], end: tuple[float, float]) -> Polygon:
    """Return points of a quadratic curve."""
    t = np.linspace(0, 1, 9)[:, np.newaxis]
    first, second, third = (np.asarray(point) for point in (start, pull, end))
    points: Polygon = (1 - t) ** 2 * first + 2 * t * (1 - t) * second + t**2 * third
    return points


def _ribbon(line: Polygon, half_width: float | NDArray[np.float64]) -> Polygon:
    """Return the outline of a band around a line, with round ends."""
    along = np.gradient(line, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    width = np.broadcast_to(half_width, len(line))
    offset = normal * width[:, np.newaxis]
    caps = [_cap(line[end], side * normal[end], width[end]) for end, side in ((-1, 1), (0, -1))]
    return np.concatenate([line + offset, caps[0], (line - offset)[::-1], caps[1]])


def _cap(centre: Polygon, towards: Polygon, radius: float) -> Polygon:
    """Return a half circle that starts in direction `towards` and turns clockwise."""
    start = np.arctan2(towards[1], towards[0])
    angle = np.linspace(start, start - np.pi, 6)
    return centre + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _bone(
    start: tuple[float, float], end: tuple[float, float], shaft: float, start_width: float, end_width: float
) -> Polygon:
    """Return a long bone: a shaft that widens towards both ends."""
    t = np.linspace(0, 1, 24)
    line = np.stack([np.interp(t, [0, 1], [start[axis], end[axis]]) for axis in (0, 1)], axis=1)
    width = (
        shaft
        + (start_width - shaft) * np.exp(-((t / 0.13) ** 2))
        + (end_width - shaft) * np.exp(-(((1 - t) / 0.13) ** 2))
    )
    return _ribbon(line, width)


def _rib(place: int) -> Polygon:
    """Return one of eight ribs, from the spine round the side towards the sternum."""
    top = 3.5 - 0.105 * place
    reach = (0.36, 0.46, 0.53, 0.57, 0.59, 0.6, 0.59, 0.55)[place]
    front = (0.09, 0.085, 0.08, 0.08, 0.1, 0.15, 0.22, 0.36)[place]
    angle = np.linspace(np.pi / 2, -np.pi / 2, 24)
    x = 0.09 + (reach - 0.09) * np.abs(np.cos(angle)) ** 0.75
    y = top - 0.1 + 0.1 * np.sin(angle) - 0.05 * np.cos(angle)
    keep = (angle > 0) | (x > front)
    return _ribbon(np.stack([x, y], axis=1)[keep], 0.021)


def _ilium() -> Polygon:
    wing = [
        (0.15, 2.28),
        (0.3, 2.4),
        (0.48, 2.36),
        (0.53, 2.22),
        (0.42, 2.06),
        (0.38, 1.93),
        (0.26, 1.92),
        (0.16, 2.04),
    ]
    return _rounded(np.array(wing))


def _hand() -> list[Polygon]:
    palm = _rounded(np.array([(1.02, 1.86), (1.14, 1.88), (1.2, 1.7), (1.08, 1.66)]))
    tips = ((1.06, 1.46), (1.14, 1.43), (1.21, 1.46), (1.27, 1.54))
    roots = ((1.09, 1.65), (1.13, 1.65), (1.17, 1.66), (1.2, 1.69))
    fingers = [_ribbon(_curve(root, root, tip), 0.02) for root, tip in zip(roots, tips, strict=True)]
    thumb = _ribbon(_curve((1.04, 1.8), (0.97, 1.74), (0.96, 1.62)), 0.022)
    return [palm, *fingers, thumb]


def _foot() -> list[Polygon]:
    heel = _rounded(np.array([(0.22, 0.24), (0.36, 0.24), (0.4, 0.12), (0.24, 0.1)]))
    roots = ((0.27, 0.1), (0.32, 0.1), (0.37, 0.11))
    tips = ((0.3, 0.01), (0.38, 0.01), (0.46, 0.03))
    return [heel, *(_ribbon(_curve(root, root, tip), 0.028) for root, tip in zip(roots, tips, strict=True))]


def _vertebrae(top: float, bottom: float, count: int, half_width: float) -> list[Polygon]:
    step = (top - bottom) / count
    return [
        _rounded(
            np.array([(-half_width, y), (half_width, y), (half_width, y - 0.78 * step), (-half_width, y - 0.78 * step)])
        )
        for y in np.linspace(top, bottom, count, endpoint=False)
    ]


def _arc(centre: tuple[float, float], radii: tuple[float, float], start: float, stop: float) -> Polygon:
    angle = np.radians(np.linspace(start, stop, 40))
    return np.stack([centre[0] + radii[0] * np.cos(angle), centre[1] + radii[1] * np.sin(angle)], axis=1)


def _rounded(corners: Polygon) -> Polygon:
    """Return a closed shape with its corners cut round (two rounds of Chaikin's corner cutting)."""
    points = corners.astype(float)
    for _ in range(2):
        following = np.roll(points, -1, axis=0)
        cut = np.stack([0.82 * points + 0.18 * following, 0.18 * points + 0.82 * following], axis=1)
        points = cut.reshape(-1, 2)
    return points
