"""Why two planar scans are not registered: what is checked before and after."""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
from scipy import ndimage

from residuum.volumes.registration import figure as body
from residuum.volumes.registration.carrying import compute_frames
from residuum.volumes.registration.figure import Array, Figure
from residuum.volumes.registration.matching import Match, list_growths
from residuum.volumes.registration.preparation import STEP_MM, Scan, face_front

PlanarFault = Literal["no_body", "cut", "upside_down", "unlike", "mirrored"]
PLANAR_FAULTS: Final[Mapping[PlanarFault, str]] = {
    "no_body": "no whole body can be seen in one of the scans",
    "cut": "the body reaches beyond the first or last row of one of the scans",
    "upside_down": "the legs are above the head in one of the scans",
    "unlike": "the bodies differ by more than growth and pose",
    "mirrored": "the sides of one of the scans are wrong: they show each other's mirror image",
}

_HEIGHTS_MM: Final = (450.0, 2100.0)
_TALL: Final = 1.75
"""A whole body is at least so many times as high as it is wide."""
_COST: Final = 3.0
"""Of the figure of a scan, per mm of height; 0.2 to 1.7 in drawn children."""
_CUT: Final = 0.30
"""Level of the outermost rows in the columns of the body there, from which on the body reaches beyond them: at most
0.28 in whole drawn children, 0.31 and more in those cut 3 or 6 cm from an end."""
_END_MM: Final = 24.0
_HALF: Final = 0.505
"""Middle of the body's area from the vertex, as a share of its height: 0.45 to 0.50, or 0.51 to 0.55 upside down."""
_GROWTHS: Final = (0.95, 1.30)
"""How many times longer a child may be: less is an error of measurement, more is another child."""
_ONE_STRAIN: Final = 9.0
"""Square at which one change saturates: arms against the trunk make both look thicker or thinner."""
_STRAIN: Final = 3.0
"""Mean square of the changes of proportions, in the spreads of one child; at most 2.8 in drawn pairs, above 3 in a
sixth of the pairs of two children of one size."""
_MISFIT: Final = 1.6
"""Mean square of the residuals; at most 1.0 in drawn pairs."""
_OPPOSITE: Final = -0.1
"""Correlation of what differs between the halves of the trunk: median 0.9, below 0.4 in 2 % and never below -0.1 in 320
drawn pairs; -0.8, above -0.1 in 2 %, where one of the two is mirrored."""
_DARK, _BRIGHT = 1.0, 10.0
"""Counts over those of the trunk at which they are cut: heart and liver are to be seen, tissue and the hottest
spots are not."""
_ALONG, _ACROSS = np.linspace(-1.0, 0.9, 60), np.linspace(-0.95, 0.95, 39)


def find_scan_fault(scan: Scan) -> PlanarFault | None:
    """Return why a scan cannot be registered, before its figure is known."""
    columns = np.flatnonzero(scan.body.any(axis=0))
    if not _HEIGHTS_MM[0] < scan.height_mm < _HEIGHTS_MM[1]:
        return "no_body"
    if _is_cut(scan):
        return "cut"
    if scan.height_mm < _TALL * np.ptp(columns) * STEP_MM:
        return "no_body"
    area = scan.body.sum(axis=1)
    rows = np.flatnonzero(area)
    middle = float((rows * area[rows]).sum() / area.sum() - rows[0]) / max(float(np.ptp(rows)), 1.0)
    return "upside_down" if middle > _HALF else None


def _is_cut(scan: Scan) -> bool:
    """Return whether the first or last rows that were scanned show the body; rows beyond may be stored as zeros."""
    counts = np.sum([face_front(view) for view in scan.views.present.values()], axis=0)
    scanned = np.flatnonzero(counts.any(axis=1)) * scan.views.one.spacing_mm[0] - scan.origin_mm[1]
    rows = np.flatnonzero(scan.body.any(axis=1))
    near = round(_END_MM / STEP_MM)
    top = scan.body[rows[:near]].any(axis=0), max(0, int(np.ceil(scanned[0] / STEP_MM)))
    bottom = scan.body[rows[-near:]].any(axis=0), min(len(scan.relative) - 1, int(scanned[-1] / STEP_MM))
    # The window ends a margin beyond the body where the scan goes on.
    return any(float(scan.relative[row, inside].mean()) > _CUT for inside, row in (top, bottom))


def find_fit_fault(cost: float) -> PlanarFault | None:
    """Return why a scan cannot be registered, from the cost of its figure."""
    return "no_body" if cost > _COST else None


def find_match_fault(before: Scan, after: Scan, match: Match) -> PlanarFault | None:
    """Return why two scans cannot be registered, once they are fitted to each other."""
    strain = _compute_strain(match)
    if not _GROWTHS[0] < match.growth < _GROWTHS[1] or strain > _STRAIN or match.misfit > _MISFIT:
        return "unlike"
    return "mirrored" if _compare_sides(before, after, match) < _OPPOSITE else None


def _compute_strain(match: Match) -> float:
    """Return the mean square of changes of proportions, in spreads."""
    growth = float(np.log(match.growth))
    grown = list_growths(growth)
    numbers = np.array(list(grown))
    shares, spreads = np.array(list(grown.values())).T
    change = match.after[numbers] - match.before[numbers] - shares * growth
    return float(np.mean(np.minimum((change / spreads) ** 2, _ONE_STRAIN)))


def _compare_sides(before: Scan, after: Scan, match: Match) -> float:
    """Return the correlation of what differs between left and right of the trunk."""
    uneven = [_list_unevenness(before, match.before), _list_unevenness(after, match.after)]
    correlation: Array = np.asarray(np.corrcoef(uneven))
    return float(correlation[0, 1])


def _list_unevenness(scan: Scan, figure: Figure) -> Array:
    along, across = np.meshgrid(_ALONG, _ACROSS, indexing="ij")
    frames = compute_frames(figure)[(along > 0).astype(int)]
    x, y = (frames[..., axis, 0] * along + frames[..., axis, 1] * across + frames[..., axis, 2] for axis in range(2))
    places = [(y - scan.origin_mm[1]) / STEP_MM, (x - scan.origin_mm[0]) / STEP_MM]
    relative = scan.relative * np.exp(-figure[body.LEVEL])
    counts = np.asarray(ndimage.map_coordinates(relative, places, order=1, mode="nearest"))
    seen = np.log(np.clip(counts, _DARK, _BRIGHT))
    return np.asarray(seen - np.flip(seen, axis=1)).ravel()
