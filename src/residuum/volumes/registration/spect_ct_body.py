"""The body in a CT, on a grid of 5 mm along the patient's axes: what steers a registration of SPECT/CT."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import SimpleITK as sitk  # noqa: N813
from numpy.typing import NDArray
from scipy import ndimage

from residuum.volumes.grid import Volume

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

STEP_MM: Final = 5.0
_LIMITS_HU: Final = (-300.0, 500.0)
_TISSUE_HU: Final = -150.0
"""Fat begins near -120; mattress and blanket are mostly air."""
_SOFTEST_HU: Final = 0.0
"""Less is drawn as so much: skin and lungs then weigh no more than the edges of bones."""
_MARROW_HU: Final = 130.0
_BONY: Final = (0.004, 0.35)
"""Share of the body's voxels that are bone; in a child's trunk 0.03 to 0.1, in a water phantom none."""
_LEAST_ML: Final = 800.0
"""A newborn's trunk holds about 1.5 litres."""
_HEART_OF_TRUNK: Final = 0.5
"""Share of half the trunk's depth that is rolled inside the body to leave the arms out: an arm's is about 0.3."""
_BAND: Final = 0.8
"""Share of half the trunk's width in which all counts as trunk: neck and spine."""
_MARGIN: Final = 4
"""Voxels of air around a body: skin is an edge only where its outer side is seen."""
_ENDS: Final = 12
"""Slices by which a body is thought to go on beyond the field of view, so that its cut is no surface."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A body on the grid; arrays run (z, y, x) and grow to the patient's head, back and left.

    Attributes
    ----------
    image : SimpleITK.Image of float32
        Shares of the way from soft tissue to what is drawn brightest, 0 to 1; table removed.
    tissue : SimpleITK.Image of float32
        Shares of the way from air to what is drawn brightest: skin, lungs and organs besides bones.
    kept : SimpleITK.Image of uint8
        1 in the field of view.
    steers : SimpleITK.Image of uint8
        1 in and around the trunk, where `kept`.
    inside, trunk : array of bool (z, y, x)
        The body with its lungs; the same without arms.
    """

    image: sitk.Image
    tissue: sitk.Image
    kept: sitk.Image
    steers: sitk.Image
    inside: Mask
    trunk: Mask


def find_ct_body(ct: Volume) -> Body | None:
    """Return the body of a CT (Hounsfield units), None where it shows no child: nothing, water, something small."""
    values, seen, like = _regrid(np.clip(ct.values, *_LIMITS_HU), ct)
    values[~seen] = _LIMITS_HU[0]
    # With the lungs filled, the chest wall is not taken for something thin, as tables are.
    solid = _largest(ndimage.binary_erosion(_fill(values > _TISSUE_HU), border_value=1) & seen)
    near = ndimage.binary_dilation(solid, iterations=2)
    body = near & (values > _TISSUE_HU)
    if not _is_large(body) or not _BONY[0] <= float((values[body] > _MARROW_HU).mean()) <= _BONY[1]:
        return None
    values = np.where(near, values, _LIMITS_HU[0])
    return _make_body(values, seen, _fill(body), like)


def make_image(values: NDArray[Any], like: sitk.Image) -> sitk.Image:
    """Return values (z, y, x) as an image on the grid of another; masks become bytes."""
    made = sitk.GetImageFromArray(values.astype(np.uint8 if values.dtype == bool else np.float32))
    made.CopyInformation(like)
    return made


def _regrid(values: NDArray[Any], volume: Volume) -> tuple[NDArray[np.float32], Mask, sitk.Image]:
    """Return values on the grid, where the field of view has them, and an image of that grid."""
    placed = volume.placement
    pitch = float(np.linalg.norm(placed.step_mm)) or STEP_MM
    normal = np.cross(placed.row_direction, placed.column_direction)
    step = np.asarray(placed.step_mm) / pitch if any(placed.step_mm) else normal
    image = sitk.GetImageFromArray(np.ascontiguousarray(values, np.float32))
    image.SetSpacing((volume.spacing_mm[1], volume.spacing_mm[0], pitch))
    image.SetOrigin(placed.origin_mm)
    image.SetDirection(np.column_stack([placed.row_direction, placed.column_direction, step]).ravel().tolist())
    image = sitk.BinShrink(image, [max(1, int(STEP_MM // one)) for one in image.GetSpacing()])
    last = np.array(image.GetSize()) - 1
    corners = [image.TransformIndexToPhysicalPoint((last * one).tolist()) for one in np.ndindex(2, 2, 2)]
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    count = ((high - low) // STEP_MM).astype(int) + 1
    like = sitk.Image(count.tolist(), sitk.sitkFloat32)
    like.SetSpacing([STEP_MM] * 3)
    like.SetOrigin(((low + high) / 2 - (count - 1) * STEP_MM / 2).tolist())
    drawn = sitk.GetArrayFromImage(sitk.Resample(image, like, sitk.Transform(), sitk.sitkLinear, float("nan")))
    return drawn, ~np.isnan(drawn), like


def _make_body(values: NDArray[Any], kept: Mask, inside: Mask, like: sitk.Image) -> Body:
    """Return the part of the grid that the body fills, with a margin of air."""
    where = tuple(
        slice(max(0, one.start - _MARGIN), one.stop + _MARGIN)
        for one in ndimage.find_objects(inside.astype(np.uint8))[0]
    )
    like, values, kept, inside = like[where[::-1]], values[where], kept[where], inside[where]
    trunk = _find_trunk(inside)
    steers = ndimage.binary_dilation(trunk, iterations=2) & kept
    bones, tissue = (
        make_image((np.maximum(values, low) - low) / (_LIMITS_HU[1] - low), like)
        for low in (_SOFTEST_HU, _LIMITS_HU[0])
    )
    return Body(bones, tissue, make_image(kept, like), make_image(steers, like), inside, trunk)


def _find_trunk(inside: Mask) -> Mask:
    """Return the body without arms: where a ball rolls that is too thick for them, and the middle for the neck."""
    depth = ndimage.distance_transform_edt(_lengthen(inside), sampling=STEP_MM)
    radius = _HEART_OF_TRUNK * float(np.quantile(depth.max(axis=(1, 2)), 0.75))
    core = depth > radius
    across = np.argwhere(core)[:, 2]
    middle = float(np.median(across))
    half = float(np.quantile(np.abs(across - middle), 0.98))
    band = np.abs(np.arange(inside.shape[2]) - middle) < _BAND * half
    rolled = ndimage.distance_transform_edt(~core, sampling=STEP_MM)[_ENDS:-_ENDS] < radius
    return np.asarray(inside & (rolled | band))


def _lengthen(mask: Mask) -> Mask:
    return np.pad(mask, ((_ENDS, _ENDS), (0, 0), (0, 0)), mode="edge")


def _fill(body: Mask) -> Mask:
    """Return the body with its lungs, slice by slice: a small child's chest wall has gaps on a coarse grid."""
    return np.stack([ndimage.binary_fill_holes(ndimage.binary_closing(one, iterations=2)) for one in body]) | body


def _largest(mask: Mask) -> Mask:
    labels, _ = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return np.asarray((labels == sizes.argmax()) & mask)


def _is_large(body: Mask) -> bool:
    return bool(body.sum() * (STEP_MM / 10) ** 3 >= _LEAST_ML)
