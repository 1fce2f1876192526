"""From where a lesion grows: one voxel in each of its regions."""

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from residuum.records.vocabulary import SOFT_TISSUE
from residuum.synthetic.phantom.anatomy import Anatomy
from residuum.synthetic.tracer.places import draw_places, frame_of
from residuum.synthetic.tracer.planned import Planned
from residuum.synthetic.tracer.tissues import Indices, Positions, Tissues

Keep = Callable[[str, Indices], Indices]
"""From the voxels of a region those in which a lesion may begin."""


def find_starts(
    lesion: Planned, tissues: Tissues, anatomy: Anatomy, patient_seed: int, keep: Keep
) -> dict[str, Indices]:
    """Return the voxel (slice, row, column) from which a lesion grows in each of its regions.

    In one region it is the nearest to the place drawn for this child, region and number; in several bones the one
    nearest to another of them; in soft tissue beside bone the nearest to the start in bone.
    """
    bones = [region for region in lesion.mark.regions if region != SOFT_TISSUE]
    if len(bones) > 1:
        allowed = {region: keep(region, tissues.voxels(region)) for region in bones}
        found = {region: _find_facing(region, allowed, tissues) for region in bones}
    else:
        first = lesion.mark.regions[0]
        local = draw_places(patient_seed, first, lesion.number)[-1:]
        found = {first: _find_nearest(first, frame_of(anatomy, first).to_world(local)[0], tissues, keep)}
    if bones and SOFT_TISSUE in lesion.mark.regions:
        beside = tissues.position_mm(found[bones[0]][None])[0]
        found[SOFT_TISSUE] = _find_nearest(SOFT_TISSUE, beside, tissues, keep)
    return found


def _find_nearest(region: str, position_mm: Positions, tissues: Tissues, keep: Keep) -> Indices:
    allowed = keep(region, tissues.near(region, position_mm))
    away = np.linalg.norm(tissues.position_mm(allowed) - position_mm, axis=1)
    return np.asarray(allowed[int(np.argmin(away))])


def _find_facing(region: str, allowed: dict[str, Indices], tissues: Tissues) -> Indices:
    """Return the voxel of a region that is nearest to another one: of several the middle one."""
    mine = tissues.position_mm(allowed[region])
    others = [tissues.position_mm(voxels) for other, voxels in allowed.items() if other != region]
    away = np.stack([np.asarray(cKDTree(other).query(mine)[0]) for other in others]).min(axis=0)
    near = np.flatnonzero(away <= away.min() + tissues.voxel_mm.min())
    return np.asarray(allowed[region][near[_find_middle(mine[near])]])


def _find_middle(positions: Positions) -> int:
    return int(np.argmin(np.linalg.norm(positions - positions.mean(axis=0), axis=1)))
