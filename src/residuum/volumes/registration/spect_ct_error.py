"""How far from the truth a carried point of a SPECT/CT may be expected to lie."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import SimpleITK as sitk  # noqa: N813
from numpy.typing import NDArray
from scipy import ndimage

from residuum.volumes.registration.spect_ct_alignment import carry_points
from residuum.volumes.registration.spect_ct_body import STEP_MM, Array, Body

_LIMB_MM: Final = 5.0
"""Distance from the trunk at which a place surely belongs to a limb."""
_NEAR_VOXELS: Final = 3.0
"""Standard deviation of the neighbourhood in which images are compared."""
_FACTORS: Final = np.array([4.5, 1.3, 0.8, 100.0, 23.0])
"""Of the signs, which add up in squares to the expected error: fitted on drawn torsos for 95 of 100 places, with a
margin for arms that lie close to the trunk."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """From one body to the other.

    Attributes
    ----------
    source, target : Body
    affine, whole : SimpleITK.Transform
        Without and with what bends.
    unlike : array (z, y, x)
        Root mean square of the difference of both images around each voxel of the source.
    limb : array (z, y, x)
        0 in the trunk of the source to 1 in limbs.
    """

    source: Body
    target: Body
    affine: sitk.Transform
    whole: sitk.Transform
    unlike: NDArray[np.float32]
    limb: NDArray[np.float32]


def make_way(source: Body, target: Body, affine: sitk.Transform, whole: sitk.Transform) -> Way:
    """Return a way with what errors are expected from."""
    moved, kept = (
        sitk.GetArrayFromImage(sitk.Resample(image, source.image, whole, how))
        for image, how in ((target.image, sitk.sitkLinear), (target.kept, sitk.sitkNearestNeighbor))
    )
    used = (kept & sitk.GetArrayViewFromImage(source.kept)).astype(np.float32)
    squared = (moved - sitk.GetArrayViewFromImage(source.image)) ** 2 * used
    share = np.maximum(ndimage.gaussian_filter(used, _NEAR_VOXELS), 1e-3)
    unlike = np.sqrt(ndimage.gaussian_filter(squared, _NEAR_VOXELS) / share)
    away = ndimage.distance_transform_edt(~source.trunk, sampling=STEP_MM)
    return Way(source, target, affine, whole, unlike, np.clip(away / _LIMB_MM, 0, 1).astype(np.float32))


def list_signs(way: Way, back: Way, positions_mm: Array, carried_mm: Array) -> Array:
    """Return what errors are expected from (5, n): 1, way back (mm), bend (mm), difference of images, limb."""
    index = ((positions_mm - np.array(way.source.image.GetOrigin())) / STEP_MM).T[::-1]
    at = [ndimage.map_coordinates(one, index, order=1, mode="nearest") for one in (way.unlike, way.limb)]
    missed = np.linalg.norm(carry_points(back.whole, carried_mm) - positions_mm, axis=1)
    bent = np.linalg.norm(carry_points(way.affine, positions_mm) - carried_mm, axis=1)
    return np.array([np.ones(len(positions_mm)), missed, bent, *at])


def expect_error(way: Way, back: Way, positions_mm: Array, carried_mm: Array) -> Array:
    """Return the radius (n,) in mm that is to hold 95 of 100 true places.

    Parameters
    ----------
    way, back : Way
        There and back.
    positions_mm, carried_mm : array (n, 3)
        Points of the source, and where the way takes them.
    """
    signs = list_signs(way, back, positions_mm, carried_mm)
    return np.asarray(np.linalg.norm(signs * _FACTORS[:, np.newaxis], axis=0))
