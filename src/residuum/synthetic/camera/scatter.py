"""Photons that turned once or more in the body and still fall into the energy window."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.camera.attenuation import compute_linear_attenuation
from residuum.synthetic.camera.blurring import BlurredSum, Matrix, coarsen, refine
from residuum.synthetic.camera.collimators import FWHM_PER_SIGMA, Camera
from residuum.synthetic.camera.nuclide import PEAK_KEV, PEAK_YIELD, WINDOW_KEV
from residuum.synthetic.camera.projection import Spacing, Views, attenuate, check_input, compute_distances

RATIO_PER_MM: Final = (5.91e-3, -7.6e-7)
"""Counts of scatter for each unscattered one: the first times the depth in water plus the second times its square."""

NARROW_SHARE: Final = 0.353
NARROW_MM: Final = (5.21, 0.815)
BROAD_MM: Final = (19.92, 0.878)
"""Two Gaussians: standard deviation at a depth of 50 mm in water, and the power of the depth with which it grows.

These and `RATIO_PER_MM` are fitted once to a Monte Carlo of point sources 10 to 220 mm deep in water, a window of 143
to 175 keV and an energy resolution of 10 % (tests/synthetic/camera/monte_carlo.py prints the fit).
"""

_REFERENCE_MM: Final = 50.0
_COARSE: Final = 2
_DEPTHS_MM: Final = np.array([0, 5, 10, 20, 30, 40, 60, 80, 100, 125, 150, 180, 220, 260, 300], float)
"""Depths at which scatter is blurred; what lies between goes to both neighbours."""


def project_scatter(
    activity_bq: NDArray[np.float32],
    attenuation_per_mm: NDArray[np.float32],
    spacing_mm: Spacing,
    front_gap_mm: float,
    back_gap_mm: float,
    camera: Camera,
    matrix: Matrix | None = None,
) -> Views:
    """Return the rates of scattered photons in an anterior and a posterior view, counts per second and pixel.

    As in effective source scatter estimation (Frey and Tsui 1996), scatter is what leaves the body unscattered times a
    ratio, spread by a kernel; both depend on the depth in water that lies before the source. Photons come from where
    they turned last, so that none come from outside the body.

    Parameters and errors are those of `projection.project_planar`.

    Raises
    ------
    ValueError
        Also where the camera's window is not the one that the layer was fitted for.
    """
    check_input(activity_bq, attenuation_per_mm, spacing_mm, (front_gap_mm, back_gap_mm))
    if camera.window_kev != WINDOW_KEV:
        raise ValueError(f"window_kev is {camera.window_kev}; scatter is known for {WINDOW_KEV}")
    activity = coarsen(activity_bq, _COARSE) * np.float32(PEAK_YIELD * camera.efficiency)
    attenuation = coarsen(attenuation_per_mm, _COARSE) / np.float32(_COARSE**2)
    views = _Sorted(activity.shape), _Sorted(activity.shape)
    distances = compute_distances(activity.shape[1], spacing_mm[1], front_gap_mm, back_gap_mm)
    for depth, planes in attenuate(activity, attenuation, spacing_mm):
        for view, plane, distance in zip(views, planes, distances, strict=True):
            view.add(activity[:, depth], plane, float(distance[depth]))
    matrix = matrix or Matrix((activity_bq.shape[0], activity_bq.shape[2]))
    # Share of each coarse pixel that lies before the body.
    body = coarsen((attenuation_per_mm.max(axis=1, keepdims=True) > 0).astype(np.float32), _COARSE)[:, 0]
    body /= np.float32(_COARSE**2)
    pixel_mm = (spacing_mm[0] * _COARSE, spacing_mm[2] * _COARSE)
    front, back = (refine(view.blur(pixel_mm, camera) * body, _COARSE, (0, 0), matrix) for view in views)
    return front, back


class _Sorted:
    """Scatter of one view, sorted by the depth in water from which it comes.

    Parameters
    ----------
    shape : tuple of int
        Slices, depths, columns.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = (shape[0], shape[2])
        self._counts = np.zeros((len(_DEPTHS_MM), shape[0] * shape[2]))
        self._far = np.zeros(len(_DEPTHS_MM))

    def add(self, activity: NDArray[np.float32], leaving: NDArray[np.float32], distance_mm: float) -> None:
        """Add one plane: its activity, what of it leaves the body unscattered, its distance from the collimator."""
        pixels = np.flatnonzero(leaving)
        primary = leaving.ravel()[pixels].astype(float)
        water = compute_linear_attenuation("water", PEAK_KEV)
        depths_mm = np.clip(-np.log(primary / activity.ravel()[pixels]) / water, 0, _DEPTHS_MM[-1])
        scattered = primary * (RATIO_PER_MM[0] * depths_mm + RATIO_PER_MM[1] * depths_mm**2)
        place = np.interp(depths_mm, _DEPTHS_MM, np.arange(len(_DEPTHS_MM)))
        lower = np.minimum(place.astype(int), len(_DEPTHS_MM) - 2)
        for node, share in ((lower, lower + 1 - place), (lower + 1, place - lower)):
            # Within one plane each pixel occurs once.
            self._counts[node, pixels] += scattered * share
            self._far += np.bincount(node, scattered * share, len(self._far)) * distance_mm

    def blur(self, pixel_mm: tuple[float, float], camera: Camera) -> NDArray[np.float32]:
        """Return the image, each depth spread by its kernel and by the camera at the mean distance."""
        images = self._counts.reshape(-1, *self._shape).astype(np.float32)
        total = BlurredSum(self._shape, pixel_mm, 2 * compute_widths(_DEPTHS_MM[-1])[1])
        for image, far, depth_mm in zip(images, self._far, _DEPTHS_MM, strict=True):
            counts = float(image.sum())
            if counts > 0:
                spectrum = total.transform(image)
                blur_mm = camera.compute_resolution(far / counts) / FWHM_PER_SIGMA
                narrow, broad = (float(np.hypot(one, blur_mm)) for one in compute_widths(float(depth_mm)))
                total.add(spectrum, narrow, NARROW_SHARE)
                total.add(spectrum, broad, 1 - NARROW_SHARE)
        rows, columns = total.margin
        inner: NDArray[Any] = total.compute_image()[rows : rows + self._shape[0], columns : columns + self._shape[1]]
        return inner


def compute_widths(depth_mm: float) -> tuple[float, float]:
    """Return the standard deviations, mm, of the two Gaussians of scatter from a depth in water."""
    narrow, broad = (one * (depth_mm / _REFERENCE_MM) ** power for one, power in (NARROW_MM, BROAD_MM))
    return narrow, broad
