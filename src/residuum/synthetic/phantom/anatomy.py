"""A child in a pose, and its voxels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.phantom.growth import Body
from residuum.synthetic.phantom.organs import ORGANS, Organ, compute_organs, compute_skin
from residuum.synthetic.phantom.pose import Pose, compute_frames
from residuum.synthetic.phantom.skeleton import Bone, compute_skeleton
from residuum.synthetic.phantom.solids import Frame, paint
from residuum.volumes.grid import Grid
from residuum.volumes.placement import Placement

REGION_CODE: Final = {region: number for number, region in enumerate(REGIONS, start=1)}
"""Code of a skeletal region in a phantom; 0 is no bone."""
ORGAN_CODE: Final = {organ: number for number, organ in enumerate(ORGANS)}

_PARTS: Final = {"humerus": "upper_arm", "femur": "thigh", "leg": "shank"}
_TRUNK: Final = frozenset({"ribs", "clavicle", "scapula", "pelvis"})
_HEAD: Final = frozenset({"skull_vault", "skull_base", "face_orbit"})


@dataclass(frozen=True, slots=True, eq=False)
class Phantom:
    """Voxels of a child.

    Attributes
    ----------
    grid : Grid
    region : array (slices, rows, columns) of uint8
        `REGION_CODE` of bone, else 0.
    organ : array (slices, rows, columns) of uint8
        `ORGAN_CODE`: 0 outside the body, 1 for bone.
    """

    grid: Grid
    region: NDArray[np.uint8]
    organ: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A child in a pose: frames of its parts, and what lies in them.

    Parameters
    ----------
    body : Body
    pose : Pose
    """

    body: Body
    pose: Pose
    frames: Mapping[str, Frame] = field(init=False)
    bones: tuple[Bone, ...] = field(init=False)
    organs: tuple[Organ, ...] = field(init=False)
    skin: tuple[Organ, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "frames", compute_frames(self.body, self.pose))
        object.__setattr__(self, "bones", tuple(compute_skeleton(self.body)))
        object.__setattr__(self, "organs", tuple(compute_organs(self.body)))
        object.__setattr__(self, "skin", tuple(compute_skin(self.body)))

    def frame_of(self, region: str) -> Frame:
        """Return the frame of the body part in which a skeletal region lies.

        Raises
        ------
        KeyError
            There is no such region.
        """
        name, _, side = region.rpartition("_")
        if region in _HEAD:
            return self.frames["head"]
        if side not in ("right", "left") or name in _TRUNK:
            REGION_CODE[region]
            return self.frames["trunk"]
        return self.frames[f"{_PARTS.get(name, name)}_{side}"]

    def bounds_mm(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the lowest and highest x, y, z that the skin can reach."""
        corners = []
        for organ in self.skin:
            low, high = organ.solid.box()
            frame = self.frames[organ.part]
            box = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
            corners.append(box @ frame.axes.T + frame.origin_mm)
        every = np.concatenate(corners)
        return every.min(axis=0), every.max(axis=0)


def cover(anatomy: Anatomy, pixel_mm: float = 2.4, depth_mm: float = 4.8) -> Grid:
    """Return a grid that holds a whole body with two voxels of air around it.

    Parameters
    ----------
    pixel_mm : float
        From slice to slice and between columns.
    depth_mm : float
        Between rows, front to back.
    """
    low, high = anatomy.bounds_mm()
    steps = np.array([pixel_mm, depth_mm, pixel_mm])
    first = np.floor(low / steps).astype(int) - 2
    last = np.ceil(high / steps).astype(int) + 2
    columns, rows, slices = (int(count) for count in last - first + 1)
    origin = (float(first[0] * steps[0]), float(first[1] * steps[1]), float(last[2] * steps[2]))
    return Grid((slices, rows, columns), (depth_mm, pixel_mm), _supine(origin, pixel_mm))


def _supine(origin_mm: tuple[float, float, float], step_mm: float) -> Placement:
    return Placement(origin_mm, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -step_mm))


def voxelise(anatomy: Anatomy, grid: Grid) -> Phantom:
    """Return the voxels of a child whose centres lie in its skin, organs and bones; the skin ends all of them."""
    organ, region = np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, np.uint8)
    for one in anatomy.skin:
        paint(organ, grid, anatomy.frames[one.part], one.solid, ORGAN_CODE[one.name], inside=False)
    for one in anatomy.organs:
        paint(organ, grid, anatomy.frames[one.part], one.solid, ORGAN_CODE[one.name], inside=True)
    for bone in anatomy.bones:
        paint(region, grid, anatomy.frames[bone.part], bone.solid, REGION_CODE[bone.region], inside=False)
    region[organ == 0] = 0
    organ[region > 0] = ORGAN_CODE["remainder"]
    return Phantom(grid, region, organ)
