"""Where bones run: curves in the coordinates of body parts, and the candidate sites of lesions on them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from residuum.records.vocabulary import REGIONS
from second_generator.figure import SIDES
from second_generator.solids import Points, Solid, bend

Corner = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Bone:
    """One curve of a region: the part that carries it, its corners there, its half width in mm at five years."""

    region: str
    part: str
    corners: tuple[Corner, ...]
    radius_mm: float
    sites: tuple[float, ...]

    def curve(self, parts: dict[str, Solid]) -> Points:
        """Return points along it in world mm."""
        return bend(parts[self.part].place(self.corners))


# x grows to the patient's left (outwards in paired bones, which are mirrored for the right side), y to the feet,
# z to the front; in units of the part: see `solids`. Numbers after the width say where along the curve the sites lie.
_MIDLINE: Final = (
    (
        "skull_vault",
        "head",
        ((0, -0.35, 0.84), (0, -0.8, 0.5), (0, -0.95, -0.05), (0, -0.7, -0.6), (0, -0.2, -0.92)),
        7,
        (0.12, 0.5, 0.9),
    ),
    (
        "skull_vault",
        "head",
        ((-0.9, -0.15, 0), (-0.72, -0.6, 0), (0, -0.95, 0), (0.72, -0.6, 0), (0.9, -0.15, 0)),
        7,
        (0.05, 0.25, 0.75, 0.95),
    ),
    ("skull_base", "head", ((-0.62, 0.22, -0.2), (0, 0.12, 0.05), (0.62, 0.22, -0.2)), 7, (0.1, 0.5, 0.9)),
    ("skull_base", "head", ((0, 0.15, 0.1), (0, 0.25, -0.6)), 7, (0.9,)),
    (
        "face_orbit",
        "head",
        ((-0.6, 0.05, 0.6), (-0.36, -0.02, 0.78), (0, 0.15, 0.85), (0.36, -0.02, 0.78), (0.6, 0.05, 0.6)),
        6,
        (0.2, 0.8),
    ),
    (
        "face_orbit",
        "head",
        ((-0.62, 0.45, 0.05), (-0.4, 0.72, 0.45), (0, 0.82, 0.6), (0.4, 0.72, 0.45), (0.62, 0.45, 0.05)),
        6,
        (0.1, 0.5, 0.9),
    ),
    ("spine_cervical", "neck", ((0, 0.25, -0.3), (0, 0.95, -0.35)), 8, (0.25, 0.8)),
    ("spine_thoracic", "thorax", ((0, -0.85, -0.62), (0, -0.2, -0.76), (0, 0.62, -0.7)), 9, (0.08, 0.35, 0.6, 0.9)),
    ("spine_lumbar", "abdomen", ((0, -0.4, -0.6), (0, 0.2, -0.5), (0, 0.62, -0.6)), 11, (0.1, 0.5, 0.9)),
    ("sacrum", "pelvis", ((0, -0.28, -0.6), (0, 0.1, -0.78), (0, 0.38, -0.7)), 12, (0.1, 0.6)),
    ("sternum", "thorax", ((0, -0.62, 0.72), (0, -0.1, 0.9), (0, 0.22, 0.9)), 7, (0.1, 0.8)),
)
_PAIRED: Final = (
    *(
        (
            "ribs",
            "thorax",
            (
                (0.14, up, -0.72),
                (0.62, up + 0.06, -0.66),
                (0.9, up + 0.2, 0),
                (0.66, up + 0.32, 0.62),
                (0.3, up + 0.34, 0.85),
            ),
            4,
            where,
        )
        for up, where in (
            (-0.72, (0.2,)),
            (-0.52, (0.8,)),
            (-0.32, (0.45,)),
            (-0.12, (0.15, 0.7)),
            (0.08, (0.5,)),
            (0.28, (0.3,)),
            (0.48, (0.45,)),
        )
    ),
    ("clavicle", "shoulders", ((0.12, 0.1, 0.7), (0.5, -0.25, 0.6), (0.88, -0.3, 0.1)), 4, (0.1, 0.85)),
    ("scapula", "thorax", ((0.88, -0.72, -0.5), (0.72, -0.45, -0.74), (0.58, 0.0, -0.8)), 9, (0.1, 0.8)),
    (
        "pelvis",
        "pelvis",
        ((0.3, -0.3, -0.6), (0.68, -0.6, -0.2), (0.76, -0.42, 0.3), (0.56, 0.1, 0.1), (0.14, 0.42, 0.5)),
        9,
        (0.08, 0.4, 0.72, 0.97),
    ),
    ("pelvis", "pelvis", ((0.56, 0.1, 0.1), (0.42, 0.55, -0.45)), 8, (0.9,)),
    ("humerus", "upper_arm", ((-0.1, 0.0, 0), (0, 0.2, 0), (0, 1.0, 0)), 7, (0.04, 0.5, 0.93)),
    ("forearm", "forearm", ((0.3, 0.02, 0), (0.35, 0.5, 0), (0.35, 0.97, 0)), 5, (0.1, 0.9)),
    ("forearm", "forearm", ((-0.3, 0.0, 0), (-0.35, 0.95, 0)), 5, (0.5,)),
    ("hand", "hand", ((0.1, -0.8, 0), (0.1, 0, 0), (0.1, 0.6, 0)), 7, (0.05, 0.6)),
    ("femur", "thigh", ((-0.15, -0.02, 0), (0.3, 0.04, 0), (0.1, 0.3, 0), (0, 0.98, 0)), 9, (0.03, 0.45, 0.95)),
    ("leg", "leg", ((-0.1, 0.04, 0.1), (-0.1, 0.5, 0.2), (-0.1, 0.98, 0)), 8, (0.03, 0.5, 0.95)),
    ("foot", "foot", ((0, -0.7, -0.1), (0, 0, 0.1), (0, 0.8, 0)), 8, (0.1, 0.65)),
)


def _list_bones() -> tuple[Bone, ...]:
    bones = [Bone(*row) for row in _MIDLINE]
    for region, part, corners, radius, sites in _PAIRED:
        for side, sign in SIDES.items():
            mirrored = tuple((sign * x, y, z) for x, y, z in corners)
            limb = part if part in ("thorax", "shoulders", "pelvis") else f"{part}_{side}"
            bones.append(Bone(f"{region}_{side}", limb, mirrored, radius, sites))
    return tuple(bones)


BONES: Final = _list_bones()
SITE_BONES: Final[dict[str, tuple[Bone, float]]] = {
    f"{region}_{number}": pair
    for region in REGIONS
    for number, pair in enumerate(
        ((bone, where) for bone in BONES if bone.region == region for where in bone.sites), start=1
    )
}
"""The bone and the share of its curve at which each candidate site lies."""


def locate_all(parts: dict[str, Solid]) -> dict[str, Points]:
    """Return the world mm of every candidate site in a body."""
    curves = {bone: bone.curve(parts) for bone in BONES}
    return {name: _walk(curves[bone], where) for name, (bone, where) in SITE_BONES.items()}


def locate(name: str, parts: dict[str, Solid]) -> Points:
    """Return the world mm of a candidate site in a body."""
    bone, where = SITE_BONES[name]
    return _walk(bone.curve(parts), where)


def _walk(curve: Points, share: float) -> Points:
    steps = np.arange(len(curve))
    return np.array([np.interp(share * steps[-1], steps, one) for one in curve.T])
