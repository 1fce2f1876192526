"""The low-dose CT of a SPECT/CT: Hounsfield units of a phantom's voxels, with noise."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from residuum.synthetic.phantom.organs import ORGANS

AIR_HU: Final = -1000
BONE_HU: Final = 450
"""A child's bone with its marrow: trabecular bone has 200 to 400, the thin cortex about 1000."""
SOFT_HU: Final = 40
ORGANS_HU: Final = {"outside": AIR_HU, "lungs": -750, "liver": 60, "spleen": 50, "bladder": 5, "brain": 35}
"""Without contrast, as textbooks of radiology state them; all other organs are soft tissue. A child's lungs are denser
than an adult's."""

NOISE_HU: Final = 25.0
"""Standard deviation in soft tissue of slices of some 16 mAs."""
_BLUR_MM: Final = 1.2
"""Standard deviation of the blur of a smooth kernel, of edges as of noise."""
_LIMITS_HU: Final = (-1024, 3071)


def compute_hounsfield(
    region: NDArray[np.uint8],
    organ: NDArray[np.uint8],
    spacing_mm: tuple[float, float],
    random: np.random.Generator | None,
) -> NDArray[np.int16]:
    """Return the CT of a phantom.

    Parameters
    ----------
    region : array of uint8 (slices, rows, columns)
        Above 0 in bone.
    organ : array of uint8, of the same shape
        Index in `phantom.organs.ORGANS`.
    spacing_mm : tuple of float
        Between rows and between columns.
    random : numpy.random.Generator or None
        Draws the noise, which is the same in air and in the body; None: there is none.

    Returns
    -------
    array of int16, of the same shape
        Hounsfield units, -1024 to 3071.

    Raises
    ------
    ValueError
        The shapes differ.
    """
    if region.shape != organ.shape:
        raise ValueError(f"region and organ have the shapes {region.shape} and {organ.shape}")
    by_organ = np.array([ORGANS_HU.get(name, SOFT_HU) for name in ORGANS], np.float32)
    values = by_organ[organ]
    values[region > 0] = BONE_HU
    sigma = (0.0, *(_BLUR_MM / one for one in spacing_mm))
    values = ndimage.gaussian_filter(values, sigma, mode="nearest")
    if random is not None:
        values += _draw_noise(values.shape, sigma, random)
    return np.clip(np.round(values), *_LIMITS_HU).astype(np.int16)


def _draw_noise(shape: tuple[int, ...], sigma: tuple[float, ...], random: np.random.Generator) -> NDArray[Any]:
    """Return noise of a known standard deviation, as smooth as the kernel makes it."""
    noise = random.standard_normal(shape, np.float32)
    smooth = ndimage.gaussian_filter(noise, sigma, mode="wrap")
    # What a Gaussian leaves of white noise: the root of the sum of its squared weights.
    impulse = np.zeros((1, *(65 for _ in sigma[1:])))
    impulse[(0, *(32 for _ in sigma[1:]))] = 1
    kept = np.sqrt((ndimage.gaussian_filter(impulse, sigma) ** 2).sum())
    result: NDArray[Any] = smooth * np.float32(NOISE_HU / kept)
    return result
