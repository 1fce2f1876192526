"""Many planes, each blurred by its own Gaussian, added up: the heavy part of a projection, in the Fourier domain."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Spectrum = NDArray[np.complex64]

_TAIL_SIGMAS: Final = 4.5
"""Beyond this a Gaussian in the plane holds 4e-5 of its counts."""


@dataclass(frozen=True)
class Matrix:
    """Pixels of an image, and where a phantom's grid lies in it.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns.
    offset : tuple of int
        Row and column of the pixel under the first slice and the first column of the grid.
    """

    shape: tuple[int, int]
    offset: tuple[int, int] = (0, 0)


class BlurredSum:
    """A sum of planes of one shape, each blurred by a Gaussian of its own.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the planes.
    pixel_mm : tuple of float
        Between rows and between columns.
    widest_mm : float
        Largest standard deviation that will be added; the sum is larger than the planes by what it spreads.
    """

    def __init__(self, shape: tuple[int, int], pixel_mm: tuple[float, float], widest_mm: float) -> None:
        margins = [int(np.ceil(_TAIL_SIGMAS * widest_mm / one)) for one in pixel_mm]
        self.margin = (margins[0], margins[1])
        self._shape = shape
        self._padded = tuple(fft.next_fast_len(n + 2 * m, real=True) for n, m in zip(shape, margins, strict=True))
        rows, columns = self._padded
        self._frequencies = (fft.fftfreq(rows, pixel_mm[0]), fft.rfftfreq(columns, pixel_mm[1]))
        self._pixel_mm = pixel_mm
        self._sum: Spectrum = np.zeros((rows, columns // 2 + 1), np.complex64)

    def transform(self, plane: NDArray[np.float32]) -> Spectrum:
        """Return the spectrum of a plane, which may be added several times."""
        spectrum: Spectrum = fft.rfft2(plane, self._padded)
        return spectrum

    def add(self, spectrum: Spectrum, sigma_mm: float, weight: float = 1.0) -> None:
        """Add a plane, given by its spectrum, blurred by a Gaussian and times a weight."""
        rows, columns = (
            _compute_transfer(one, pixel, sigma_mm)
            for one, pixel in zip(self._frequencies, self._pixel_mm, strict=True)
        )
        blurred = spectrum * (weight * rows)[:, None]
        blurred *= columns
        self._sum += blurred

    def compute_image(self) -> NDArray[np.float32]:
        """Return the sum, not below zero, larger than a plane by `margin` on each side."""
        whole: NDArray[np.float32] = fft.irfft2(self._sum, self._padded)
        # The spread to rows and columns before the first lies at the end of the periodic image.
        rolled = np.roll(whole, self.margin, (0, 1))
        rows, columns = (n + 2 * m for n, m in zip(self._shape, self.margin, strict=True))
        image: NDArray[np.float32] = np.maximum(rolled[:rows, :columns], 0)
        return image


def _compute_transfer(frequencies: NDArray[Any], pixel_mm: float, sigma_mm: float) -> NDArray[np.float32]:
    """Return the transfer of a Gaussian sampled at the pixels, with a sum of 1: its weights are never below zero."""
    bands = frequencies + np.arange(-2, 3)[:, None] / pixel_mm
    transfer = np.exp(-2 * (np.pi * sigma_mm * bands) ** 2).sum(axis=0)
    result: NDArray[np.float32] = (transfer / transfer[0]).astype(np.float32)
    return result


def place(image: NDArray[np.float32], first: tuple[int, int], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return an image in a matrix of zeros; what lies beyond the matrix is left out.

    Parameters
    ----------
    image : array (rows, columns)
    first : tuple of int
        Row and column of its first pixel in the matrix, below zero where it begins before.
    shape : tuple of int
        Rows and columns of the matrix.
    """
    matrix = np.zeros(shape, np.float32)
    target, source = [], []
    for start, size, limit in zip(first, image.shape, shape, strict=True):
        low, high = max(start, 0), max(min(start + size, limit), max(start, 0))
        target.append(slice(low, high))
        source.append(slice(low - start, high - start))
    matrix[tuple(target)] = image[tuple(source)]
    return matrix


def coarsen(volume: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Return sums over squares of pixels in the first and the last axis; the last squares are filled with zeros.

    Parameters
    ----------
    volume : array (slices, depths, columns)
    factor : int
        Pixels along each side of a square.
    """
    rows = volume[::factor].copy()
    for shift in range(1, factor):
        part = volume[shift::factor]
        rows[: len(part)] += part
    squares = rows[..., ::factor].copy()
    for shift in range(1, factor):
        part = rows[..., shift::factor]
        squares[..., : part.shape[2]] += part
    return squares


def refine(image: NDArray[np.float32], factor: int, first: tuple[float, float], matrix: Matrix) -> NDArray[np.float32]:
    """Return a coarse image on the pixels of a matrix, interpolated along straight lines; counts are kept.

    Parameters
    ----------
    image : array (rows, columns)
        Counts of squares of `factor` by `factor` pixels.
    factor : int
    first : tuple of int
        Row and column, in the phantom's grid, of the first fine pixel of the first coarse one.
    matrix : Matrix
        What lies beyond it is left out.
    """
    for axis in (0, 1):
        pixels = np.arange(matrix.shape[axis]) - matrix.offset[axis] - first[axis]
        image = _interpolate(image, (pixels - (factor - 1) / 2) / factor, axis) / np.float32(factor)
    return image


def _interpolate(image: NDArray[np.float32], index: NDArray[Any], axis: int) -> NDArray[np.float32]:
    """Return an image at fractional indices along one axis, zero from one pixel beyond its ends."""
    padding = [(1, 1) if one == axis else (0, 0) for one in (0, 1)]
    padded = np.pad(image, padding)
    index = np.clip(index + 1, 0, padded.shape[axis] - 1)
    lower = np.minimum(index.astype(int), padded.shape[axis] - 2)
    upper_share = np.expand_dims((index - lower).astype(np.float32), 1 - axis)
    below, above = np.take(padded, lower, axis), np.take(padded, lower + 1, axis)
    result: NDArray[np.float32] = below + (above - below) * upper_share
    return result
