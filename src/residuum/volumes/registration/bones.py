"""What the region of a marked point says: which parts of the figure its bone lies in, and how deep in the head."""

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.volumes.registration.figure import (
    ARM_PARTS,
    CHEST_PART,
    HEAD_PART,
    HIPS_PART,
    LEG_PARTS,
    NECK_PART,
    PARTS,
    Array,
)


def _list_parts() -> dict[str, tuple[int, ...]]:
    """Return the parts in which bones of each region lie, and those that pass into these at a joint."""
    head, trunk = (HEAD_PART, NECK_PART), (NECK_PART, CHEST_PART, HIPS_PART)
    found: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(("skull_vault", "skull_base", "face_orbit"), head),
        "spine_cervical": (*head, CHEST_PART),
        **dict.fromkeys(("spine_thoracic", "sternum", "ribs_left", "ribs_right"), trunk),
        **dict.fromkeys(("spine_lumbar", "sacrum"), (CHEST_PART, HIPS_PART)),
    }
    for side, (upper, fore), (thigh, shank, foot) in zip(("left", "right"), ARM_PARTS, LEG_PARTS, strict=True):
        girdle, arm, leg = (NECK_PART, CHEST_PART, upper), (upper, fore), (thigh, shank)
        of_side = {
            "clavicle": girdle,
            "scapula": girdle,
            "humerus": (CHEST_PART, *arm),
            "forearm": arm,
            "hand": arm,
            "pelvis": (CHEST_PART, HIPS_PART, thigh),
            "femur": (HIPS_PART, *leg),
            "leg": (*leg, foot),
            "foot": (shank, foot),
        }
        found |= {f"{region}_{side}": parts for region, parts in of_side.items()}
    return found


_PARTS: Final[Mapping[str, tuple[int, ...]]] = _list_parts()
_DEPTHS: Final[Mapping[str, tuple[float, float]]] = {"face_orbit": (0.6, 0.3), "skull_base": (0.0, 0.35)}
_ANY_DEPTH: Final = (0.0, 0.65)
"""Mean and standard deviation of how far in front of the middle of the head bones lie, in half-widths of the head: face
and orbits in front, the skull base in the middle, the vault all around."""


def find_parts(regions: Collection[str]) -> NDArray[np.bool_]:
    """Return which parts (14,) a point may belong to; all where a region is not known or not one of bones."""
    allowed = np.zeros(PARTS, np.bool_)
    for region in regions:
        allowed[list(_PARTS.get(region, range(PARTS)))] = True
    return allowed if allowed.any() else ~allowed


def expect_depths(regions: Collection[Collection[str]]) -> tuple[Array, Array]:
    """Return how far in front of the middle of the head points are expected to lie, and the standard deviation (n,).

    Both in half-widths of the head.
    """
    found = np.array([_DEPTHS.get(next(iter(one)), _ANY_DEPTH) if len(one) == 1 else _ANY_DEPTH for one in regions])
    mean, spread = found.reshape(-1, 2).T
    return mean, spread
