"""The most and the second most likely skeletal region at each place of the whole-body views of a scan.

Bones of an atlas are laid into the jointed figure that is fitted to the body. A place belongs to the bone that is next
to it, less so to one that the view hardly shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.records.vocabulary import PAIRED_REGIONS, REGIONS
from residuum.volumes.planar import PlanarView
from residuum.volumes.regions.atlas import BONES, PARTS, Bone
from residuum.volumes.registration.carrying import compute_frames, list_regions, weigh
from residuum.volumes.registration.faults import PlanarFault, find_fit_fault, find_scan_fault
from residuum.volumes.registration.figure import HEAD_PART, TRUNK, Array, Figure
from residuum.volumes.registration.figure import PARTS as PART_COUNT
from residuum.volumes.registration.fitting import fit_figure
from residuum.volumes.registration.preparation import Facing, Views, mirror_mm, prepare

REGION_FAULTS: Final[Mapping[str, str]] = {
    "no_body": "no whole body can be seen",
    "cut": "the body reaches beyond the first or last row",
    "upside_down": "the legs are above the head",
}
"""Faults of a registration that a single scan can have."""
STEP_MM: Final = 6.0
OUTSIDE: Final = 255
_BEYOND_MM: Final = 15.0
"""From the edge of the figure on, beyond which there is no body: blur, and what the figure does not follow."""
_SPREAD: Final = 0.045
"""Standard deviation of where bones lie about the atlas, in half-lengths of the trunk."""


@dataclass(frozen=True, slots=True, eq=False)
class RegionMap:
    """The regions of one view on a grid.

    Attributes
    ----------
    view : {"anterior", "posterior"}
    first, second : array (rows, columns) of uint8
        Indices in `REGIONS` at (column * `STEP_MM`, row * `STEP_MM`) of the view as stored; `OUTSIDE` where there is no
        body.
    """

    view: Facing
    first: NDArray[np.uint8]
    second: NDArray[np.uint8]


class _Laid(NamedTuple):
    """Bones in a figure, as arrays."""

    corners: Array
    starts: NDArray[np.int64]
    filled: NDArray[np.bool_]
    radii: Array
    regions: NDArray[np.int64]


def propose_regions(views: Views) -> tuple[RegionMap, ...] | PlanarFault:
    """Return the regions of each view of a whole-body scan, the anterior first, or a fault of `REGION_FAULTS`.

    Sides are those that the views say (`left_at`); one view is enough.

    Parameters
    ----------
    views : Views

    Notes
    -----
    Which bones lie before each other at a place is not known; of these, the one that the view shows best is proposed
    first.
    """
    scan = prepare(views)
    if scan is None:
        return "no_body"
    fault = find_scan_fault(scan)
    if fault is not None:
        return fault
    figure, _, cost, _ = fit_figure(scan)
    return find_fit_fault(cost) or tuple(_map_view(view, facing, figure) for facing, view in views.present.items())


def _map_view(view: PlanarView, facing: Facing, figure: Figure) -> RegionMap:
    sizes = zip(view.counts.shape, view.spacing_mm, strict=True)
    rows, columns = np.indices([int((count - 1) * spacing // STEP_MM) + 1 for count, spacing in sizes])
    points = mirror_mm(view, np.column_stack([columns.ravel(), rows.ravel()]) * STEP_MM)
    inside = np.flatnonzero(_measure_depths(points, list_regions(figure)) >= -_BEYOND_MM)
    weights = np.array([bone.front if facing == "anterior" else bone.back for _, _, bone in _list_sided()])
    spread = _SPREAD * float(np.exp(figure[TRUNK])) / 2
    ranked = np.full((2, rows.size), OUTSIDE, np.uint8)
    ranked[:, inside] = _rank(points[inside], *_lay(figure), weights, spread)
    return RegionMap(facing, *ranked.reshape(2, *rows.shape))


@cache
def _list_sided() -> tuple[tuple[int, int, Bone], ...]:
    """Return bones of both sides: number of the region, sign of the side (0 on the midline), the bone."""
    sided = []
    for bone in BONES:
        if bone.region in PAIRED_REGIONS:
            sided += [
                (REGIONS.index(f"{bone.region}_{side}"), sign, bone) for side, sign in (("left", 1), ("right", -1))
            ]
        else:
            sided.append((REGIONS.index(bone.region), 0, bone))
    return tuple(sided)


def _lay(figure: Figure) -> _Laid:
    """Return the atlas in a figure, in mm as seen from the front."""
    frames = _compute_frames(figure)
    corners, radii = [], []
    for _, sign, bone in _list_sided():
        frame = frames[PARTS[bone.part][sign < 0]]
        corners.append((np.array(bone.corners) * (1, sign or 1)) @ frame[:, :2].T + frame[:, 2])
        radii.append(bone.radius * float(np.linalg.norm(frame[:, 1])))
    return _Laid(
        np.concatenate(corners),
        np.cumsum([0, *map(len, corners)]),
        np.array([bone.filled for _, _, bone in _list_sided()]),
        np.array(radii),
        np.array([region for region, _, _ in _list_sided()]),
    )


def _compute_frames(figure: Figure) -> Array:
    """Return frames of the parts (14, 2, 3); that of the head begins at the vertex, in half-widths."""
    frames = compute_frames(figure)
    head = frames[HEAD_PART]
    head[:, 2] += head[:, 0]
    head[:, 0] *= -np.linalg.norm(head[:, 1]) / np.linalg.norm(head[:, 0])
    return frames


@njit(cache=True, nogil=True, error_model="numpy")
def _measure_depths(points: Array, regions: Array) -> Array:  # pragma: no cover  # compiled
    """Return how deep points lie in the figure (mm), negative outside."""
    depths, weights = np.empty(len(points)), np.empty(PART_COUNT)
    for number in range(len(points)):
        depths[number] = weigh(points[number, 0], points[number, 1], regions, weights)
    return depths


@njit(cache=True, nogil=True, error_model="numpy")
def _rank(
    points: Array,
    corners: Array,
    starts: NDArray[np.int64],
    filled: NDArray[np.bool_],
    radii: Array,
    regions: NDArray[np.int64],
    weights: Array,
    spread: float,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:  # pragma: no cover  # compiled
    """Return the two regions of the greatest weight at each point: that of the bone, less for its distance."""
    first, second = np.empty(len(points), np.uint8), np.empty(len(points), np.uint8)
    for number in range(len(points)):
        best, next_best, region, next_region = -np.inf, -np.inf, 0, 0
        for bone in range(len(radii)):
            own = corners[starts[bone] : starts[bone + 1]]
            away = max(0.0, _measure(points[number, 0], points[number, 1], own, filled[bone]) - radii[bone])
            weight = weights[bone] - 0.5 * (away / spread) ** 2
            if weight > best:
                if regions[bone] != region:
                    next_best, next_region = best, region
                best, region = weight, regions[bone]
            elif weight > next_best and regions[bone] != region:
                next_best, next_region = weight, regions[bone]
        first[number], second[number] = region, next_region
    return first, second


@njit(cache=True, nogil=True, error_model="numpy")
def _measure(x: float, y: float, corners: Array, filled: bool) -> float:  # pragma: no cover  # compiled
    """Return the distance of a point from a line, or from an area (0 inside)."""
    inside, least = False, np.inf
    count = len(corners)
    for end in range(0 if filled else 1, count):
        start = end - 1 if end else count - 1
        left, top = corners[start, 0], corners[start, 1]
        right, down = corners[end, 0] - left, corners[end, 1] - top
        share = min(1.0, max(0.0, ((x - left) * right + (y - top) * down) / (right * right + down * down)))
        away_x, away_y = x - left - share * right, y - top - share * down
        least = min(least, away_x * away_x + away_y * away_y)
        if filled and (top > y) != (top + down > y) and x < left + (y - top) / down * right:
            inside = not inside
    return 0.0 if inside else float(np.sqrt(least))
