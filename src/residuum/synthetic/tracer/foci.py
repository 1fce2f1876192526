"""Focal lesions: ball-like pieces of their regions that do not touch each other."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from residuum.records.vocabulary import SOFT_TISSUE
from residuum.synthetic.phantom.anatomy import REGION_CODE, Anatomy
from residuum.synthetic.tracer.planned import Planned
from residuum.synthetic.tracer.starts import find_starts
from residuum.synthetic.tracer.tissues import Indices, Tissues, is_soft_tissue

_TOUCHING: Final = np.ones((3, 3, 3), bool)
_LARGEST_SHARE: Final = 0.15
"""Of a region's voxels that a focus may take: more would be no focus."""
_APART: Final = 0.4
"""Radius of a focus at most, as share of the distance to the next one: the rest is a gap between them."""


def plant_foci(
    labels: NDArray[np.uint16], lesions: Sequence[Planned], tissues: Tissues, anatomy: Anatomy, patient_seed: int
) -> None:
    """Write the labels of focal lesions into an empty volume; voxels of two lesions never touch, even by corners.

    All middles are found before the first focus grows, so that each keeps at least its middle.

    Raises
    ------
    ValueError
        A region has no room for one more focus.
    """
    middles = _find_middles(lesions, tissues, anatomy, patient_seed)
    for lesion, _, voxel in middles:
        labels[tuple(voxel)] = lesion.label
    places = tissues.position_mm(np.array([voxel for _, _, voxel in middles]).reshape(-1, 3))
    owners = np.array([lesion.label for lesion, _, _ in middles])
    for place, (lesion, region, voxel) in zip(places, middles, strict=True):
        away = np.linalg.norm(places[owners != lesion.label] - place, axis=1).min(initial=np.inf)
        _grow(labels, lesion.label, region, voxel, tissues, min(lesion.diameter_mm / 2, _APART * float(away)))


def _find_middles(
    lesions: Sequence[Planned], tissues: Tissues, anatomy: Anatomy, patient_seed: int
) -> list[tuple[Planned, str, Indices]]:
    """Return the middle of each lesion in each of its regions; those of two lesions do not touch."""
    closed = np.zeros(tissues.phantom.grid.shape, bool)
    middles = []
    for lesion in lesions:

        def keep(region: str, voxels: Indices, lesion: Planned = lesion) -> Indices:
            free: Indices = voxels[~closed[tuple(voxels.T)]]
            if not len(free):
                raise ValueError(_no_room(lesion, region, voxels, tissues))
            return free

        starts = find_starts(lesion, tissues, anatomy, patient_seed, keep)
        for region, voxel in starts.items():
            closed[tuple(slice(max(0, index - 1), index + 2) for index in voxel.tolist())] = True
            middles.append((lesion, region, voxel))
    return middles


def _no_room(lesion: Planned, region: str, voxels: Indices, tissues: Tissues) -> str:
    size = " x ".join(f"{one:g}" for one in tissues.voxel_mm)
    return (
        f"mark {lesion.mark.label}: {region} has no voxel left that touches no other focus (it has {len(voxels)} of "
        f"{size} mm); mark fewer foci there or take smaller voxels"
    )


def _grow(
    labels: NDArray[np.uint16], label: int, region: str, middle: Indices, tissues: Tissues, radius_mm: float
) -> None:
    """Write a label into the voxels of a region around a middle that are joined to it and touch no other label."""
    size = tissues.voxel_mm
    reach = np.floor(radius_mm / size).astype(int)
    low = np.clip(middle - reach - 1, 0, None)
    box = tuple(slice(first, last) for first, last in zip(low, middle + reach + 2, strict=True))
    around = labels[box]
    axes = np.ogrid[tuple(slice(0, length) for length in around.shape)]
    away = np.sqrt(sum(((axis - at) * one) ** 2 for axis, at, one in zip(axes, middle - low, size, strict=True)))
    mine = _is_tissue(region, box, tissues)
    nearest = np.sort(away[mine])
    most = nearest.size if region == SOFT_TISSUE else max(1, int(_LARGEST_SHARE * len(tissues.voxels(region))))
    mine &= away <= min(radius_mm, nearest[min(most, nearest.size) - 1])
    mine &= ~ndimage.binary_dilation((around != 0) & (around != label), _TOUCHING)
    pieces = ndimage.label(mine, _TOUCHING)[0]
    around[pieces == pieces[tuple(middle - low)]] = label


def _is_tissue(region: str, box: tuple[slice, ...], tissues: Tissues) -> NDArray[np.bool_]:
    phantom = tissues.phantom
    if region == SOFT_TISSUE:
        return is_soft_tissue(phantom.region[box], phantom.organ[box])
    mine: NDArray[np.bool_] = phantom.region[box] == REGION_CODE[region]
    return mine
