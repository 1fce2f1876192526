"""One body laid on another by SimpleITK: sought in several sizes, laid on it by an affine map, bent to it."""

from typing import Any, Final

import numpy as np
import SimpleITK as sitk  # noqa: N813

from residuum.volumes.registration.spect_ct_body import STEP_MM, Array, Body, make_image

Signs = tuple[int, int, int]

_SIZES: Final = (0.72, 0.8, 0.89, 1.0, 1.12, 1.25, 1.4)
"""Of the later body over the earlier one; implausible ones are among them, so that they are seen and not hidden."""
_COARSE: Final = 3
"""Voxels of a body along the edge of one of the images in which it is sought."""
_LEAST_OVERLAP: Final = 0.35
"""Share of the smaller image; the likeness of less is chance."""
_LEVELS: Final = ((3, 8.0, 1.0), (2, 5.0, 0.6), (1, 3.0, 0.2))
"""Of the affine map: voxels along an edge, blur in mm, share of the voxels that is compared."""
_MESH_MM: Final = 80.0
"""Distance of the knots of the B-spline."""
_FIELD_MM: Final = ((2, 60, 12.0), (1, 10, 10.0))
"""Of the field laid over it: voxels along an edge, iterations, standard deviation of its smoothing in mm."""

_OUTLINE: Final = 0.3
"""By which a body is brighter than air, in shares of what is brightest."""

# Sums over voxels are split among so many threads, whatever the machine has: the same input gives the same bytes.
sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(2)


def search(
    before: Body, after: Body, signs: Signs = (1, 1, 1), sizes: tuple[float, ...] = _SIZES
) -> tuple[float, sitk.Transform]:
    """Return the best affine map of those that shift and enlarge the earlier body, after its correlation.

    Masked normalised cross-correlation by Fourier transforms (Padfield 2012, IEEE Trans Image Process 21:2706).

    Parameters
    ----------
    before, after : Body
    signs : tuple of int
        Of x, y, z; -1 where the body is turned or mirrored.
    sizes : tuple of float
        Of the later body over the earlier one.
    """
    still = _shrink(before)
    found = [_shift(still, after, size * np.array(signs, float)) for size in sizes]
    return max(found, key=lambda one: one[0])


def _shrink(body: Body) -> tuple[sitk.Image, sitk.Image]:
    factors = [_COARSE] * 3
    kept = sitk.BinShrink(sitk.Cast(body.kept, sitk.sitkFloat32), factors)
    return sitk.BinShrink(body.image, factors), sitk.Cast(kept > 0.5, sitk.sitkFloat32)


def _shift(still: tuple[sitk.Image, sitk.Image], after: Body, scales: Array) -> tuple[float, sitk.Transform]:
    """Return the highest correlation over all shifts of the later body, shrunk by scales, and the map."""
    moving = _shrink(after)
    step = STEP_MM * _COARSE
    last = np.array(moving[0].GetSize()) - 1
    middle = np.array(moving[0].TransformContinuousIndexToPhysicalPoint((last / 2).tolist()))
    count = np.floor(last / np.abs(scales)).astype(int) + 1
    first = middle - (count - 1) * step / 2
    grid = sitk.Image(count.tolist(), sitk.sitkFloat32)
    grid.SetSpacing([step] * 3)
    grid.SetOrigin(first.tolist())
    enlarge = _make_affine(np.diag(scales), np.zeros(3), middle)
    drawn = [
        sitk.Resample(image, grid, enlarge, how)
        for image, how in zip(moving, (sitk.sitkLinear, sitk.sitkNearestNeighbor), strict=True)
    ]
    # The filter knows no millimetres: all images have to begin at the same place.
    plain = [
        sitk.GetImageFromArray(sitk.GetArrayViewFromImage(one)) for one in (still[0], drawn[0], still[1], drawn[1])
    ]
    score = sitk.GetArrayViewFromImage(sitk.MaskedFFTNormalizedCorrelation(*plain, 0, _LEAST_OVERLAP))
    peak = np.unravel_index(int(score.argmax()), score.shape)
    offset = np.array(peak[::-1]) - (count - 1)
    shift = first - np.array(still[0].GetOrigin()) - step * offset
    return float(score[peak]), _make_affine(np.diag(scales), scales * shift, middle)


def _make_affine(matrix: Array, shift: Array, centre: Array) -> sitk.AffineTransform:
    made = sitk.AffineTransform(3)
    made.SetMatrix(matrix.ravel().tolist())
    made.SetCenter(centre.tolist())
    made.SetTranslation(shift.tolist())
    return made


def lay(
    before: Body, after: Body, start: sitk.Transform, *, finely: bool = True, by_tissue: bool = False
) -> tuple[sitk.AffineTransform, float]:
    """Return the affine map from the earlier to the later body, refined, and the correlation of the two images.

    Parameters
    ----------
    before, after : Body
    start : SimpleITK.Transform
        Affine.
    finely : bool
        Otherwise at the coarsest step alone.
    by_tissue : bool
        By skin, lungs and organs besides the bones.
    """
    given = sitk.AffineTransform(start)
    # About the middle of the trunk turns and shifts do not mix.
    middle = np.argwhere(before.trunk).mean(axis=0)[::-1]
    centre = np.array(before.image.TransformContinuousIndexToPhysicalPoint(middle.tolist()))
    shift = np.array(given.TransformPoint(centre.tolist())) - centre
    affine = _make_affine(np.array(given.GetMatrix()).reshape(3, 3), shift, centre)
    method = _start(after)
    method.SetMetricAsCorrelation()
    method.SetMetricFixedMask(before.steers)
    method.SetOptimizerAsRegularStepGradientDescent(4.0, 1e-2, 60, relaxationFactor=0.6)
    method.SetOptimizerScalesFromPhysicalShift()
    levels = _LEVELS if finely else _LEVELS[:1]
    method.SetShrinkFactorsPerLevel([factor for factor, _, _ in levels])
    method.SetSmoothingSigmasPerLevel([blur for _, blur, _ in levels])
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentagePerLevel([share for _, _, share in levels], seed=1)
    method.SetInitialTransform(affine, inPlace=True)
    images = (before.tissue, after.tissue) if by_tissue else (before.image, after.image)
    method.Execute(*images)
    return affine, -method.GetMetricValue()


def _start(after: Body) -> sitk.ImageRegistrationMethod:
    method = sitk.ImageRegistrationMethod()
    method.SetMetricMovingMask(after.kept)
    method.SetInterpolator(sitk.sitkLinear)
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    return method


def bend(before: Body, after: Body, affine: sitk.Transform) -> sitk.Transform:
    """Return the whole map from the earlier to the later body: affine, a coarse B-spline, and a smooth field over it.

    The B-spline moves what lies far off, such as a spine by a vertebra; the field (symmetric forces, Vercauteren 2009,
    NeuroImage 45:S61) follows what is near, such as arms. Where a field of view ends, neither image pulls.
    """
    whole = sitk.CompositeTransform([affine, _bend_coarsely(before, after, affine)])
    still = _draw_outline(before)
    moved = sitk.Resample(_draw_outline(after), still, whole, sitk.sitkLinear)
    both = sitk.Resample(after.kept, still, whole, sitk.sitkNearestNeighbor) * before.kept
    both = sitk.Cast(both, sitk.sitkFloat32)
    moved = moved * both + still * (1 - both)
    field = None
    for factor, iterations, smooth_mm in _FIELD_MM:
        images = [sitk.BinShrink(one, [factor] * 3) for one in (still, moved)]
        method = sitk.FastSymmetricForcesDemonsRegistrationFilter()
        method.SetNumberOfIterations(iterations)
        method.SetSmoothDisplacementField(True)
        method.SetStandardDeviations(smooth_mm / STEP_MM / factor)
        method.SetMaximumUpdateStepLength(1.0)
        if field is not None:
            images.append(sitk.Resample(field, images[0], sitk.Transform(), sitk.sitkLinear, 0.0))
        field = method.Execute(*images)
    return sitk.CompositeTransform([whole, sitk.DisplacementFieldTransform(sitk.Cast(field, sitk.sitkVectorFloat64))])


def _draw_outline(body: Body) -> sitk.Image:
    """Return the image of a body, all of it brighter than air: skin shows where an arm lies."""
    return body.image + _OUTLINE * sitk.Cast(make_image(body.inside, body.image), sitk.sitkFloat32)


def _bend_coarsely(before: Body, after: Body, affine: sitk.Transform) -> sitk.Transform:
    knots = np.maximum(1, np.round(np.array(before.image.GetSize()) * STEP_MM / _MESH_MM)).astype(int)
    spline = sitk.BSplineTransformInitializer(before.image, knots.tolist())
    method = _start(after)
    method.SetMetricAsMeanSquares()
    method.SetMetricFixedMask(before.steers)
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentage(0.3, seed=1)
    method.SetOptimizerAsLBFGSB(1e-9, 15, maximumNumberOfFunctionEvaluations=20)
    method.SetShrinkFactorsPerLevel([2])
    method.SetSmoothingSigmasPerLevel([5.0])
    method.SetMovingInitialTransform(affine)
    method.SetInitialTransform(spline, inPlace=True)
    method.Execute(before.image, after.image)
    return spline


def carry_points(whole: Any, positions_mm: Array) -> Array:
    """Return where a map takes positions (n, 3) in mm."""
    return np.array([whole.TransformPoint(one) for one in positions_mm.tolist()]).reshape(-1, 3)
