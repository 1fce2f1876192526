"""Voxels of a phantom by skeletal region, and of the soft tissue in which lesions lie."""

from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from residuum.records.vocabulary import REGIONS, SOFT_TISSUE
from residuum.synthetic.phantom.anatomy import ORGAN_CODE, REGION_CODE, Phantom

Indices = NDArray[np.int64]
Positions = NDArray[np.float64]

_BED: Final = (ORGAN_CODE["remainder"], ORGAN_CODE["adrenals"])
_TRUNK_BONES: Final = ("spine_thoracic", "spine_lumbar", "ribs_right", "ribs_left", "pelvis_right", "pelvis_left")
_REACH_MM: Final = 45.0
"""How far soft tissue is looked for around a place; nowhere in a body is it farther away."""


def is_soft_tissue(region: NDArray[np.uint8], organ: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which voxels a soft-tissue lesion may take: no bone, and no organ but the adrenals."""
    soft: NDArray[np.bool_] = (region == 0) & ((organ == _BED[0]) | (organ == _BED[1]))
    return soft


def measure_voxel(phantom: Phantom) -> Positions:
    """Return the size of a voxel along slices, rows and columns, in millimetres."""
    return np.array([np.linalg.norm(phantom.grid.placement.step_mm), *phantom.grid.spacing_mm])


class Tissues:
    """Voxels of a phantom by region, found once."""

    def __init__(self, phantom: Phantom) -> None:
        self.phantom = phantom
        bone = np.flatnonzero(phantom.region)
        codes = phantom.region.reshape(-1)[bone]
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=len(REGIONS) + 1))
        every = np.column_stack(np.unravel_index(bone[order], phantom.region.shape))
        self._voxels: dict[str, Indices] = {
            region: every[ends[code - 1] : ends[code]] for region, code in REGION_CODE.items()
        }

    def voxels(self, region: str) -> Indices:
        """Return (slice, row, column) of the voxels of a region, (n, 3), in the order of the volume.

        Those of `soft_tissue` are those of the trunk, from the first rib to the pelvis: of what else could a fraction
        of a child's soft tissue be meant.
        """
        return self._trunk if region == SOFT_TISSUE else self._voxels[region]

    @cached_property
    def _trunk(self) -> Indices:
        bones = np.concatenate([self._voxels[region] for region in _TRUNK_BONES])
        if not len(bones):
            return bones
        return self._soft_tissue(bones.min(axis=0), bones.max(axis=0) + 1)

    def near(self, region: str, position_mm: Positions) -> Indices:
        """Return the voxels of a region among which the nearest to a position is: of soft tissue those around it."""
        if region != SOFT_TISSUE:
            return self._voxels[region]
        middle = self.phantom.grid.index(position_mm)
        reach = np.ceil(_REACH_MM / self.voxel_mm)
        low = np.clip(np.floor(middle - reach), 0, None).astype(np.int64)
        return self._soft_tissue(low, np.clip(np.ceil(middle + reach) + 1, 0, None).astype(np.int64))

    def _soft_tissue(self, low: Indices, high: Indices) -> Indices:
        box = tuple(slice(first, last) for first, last in zip(low, high, strict=True))
        return np.argwhere(is_soft_tissue(self.phantom.region[box], self.phantom.organ[box])) + low

    @property
    def voxel_mm(self) -> Positions:
        """Size of a voxel along slices, rows and columns, in millimetres."""
        return measure_voxel(self.phantom)

    def position_mm(self, voxels: NDArray[Any]) -> Positions:
        """Return patient (LPS) millimetres of voxels, (n, 3)."""
        return self.phantom.grid.position_mm(*voxels.T)
