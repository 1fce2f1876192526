"""Compiled loops of a rotating camera: turning a volume, attenuation on the way to the camera, and growing blur.

Volumes are (rows, columns, slices), turned ones (depths, across, slices) with the first depth nearest to the camera:
slices lie beside each other in memory, and everything is done to all of them at once. Each loop that collects counts
has another one that is its exact transpose, which brings them back.
"""

import math
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float32]

_MOST: Final = 0.5
"""Variance, in squared pixels, that one passage of three weights may add: with more, waves turn over."""


@njit(cache=True, nogil=True)
def turn(
    volume: Float, turned: Float, cosine: float, sine: float, depths: tuple[int, int]
) -> None:  # pragma: no cover  # compiled
    """Write a volume as it lies before the camera, interpolated between four voxels; zero outside.

    Parameters
    ----------
    volume : array (rows, columns, slices)
    turned : array (depths, across, slices)
        Is written, within `depths`; it may have more slices, as many at either end.
    cosine, sine : float
        Of the angle of the camera: 0 in front, then to the patient's left.
    depths : tuple of int
        First, and the one after the last.
    """
    rows, columns, slices = volume.shape
    middle_row, middle_column = (rows - 1) / 2, (columns - 1) / 2
    margin = (turned.shape[2] - slices) // 2
    middle_depth, middle_across = (turned.shape[0] - 1) / 2, (turned.shape[1] - 1) / 2
    for depth in range(depths[0], depths[1]):
        for across in range(turned.shape[1]):
            u, s = across - middle_across, depth - middle_depth
            x, y = middle_column + u * cosine - s * sine, middle_row + u * sine + s * cosine
            column, row = math.floor(x), math.floor(y)
            right, below = np.float32(x - column), np.float32(y - row)
            target = turned[depth, across]
            target[:] = 0
            for down in range(2):
                for along in range(2):
                    if 0 <= row + down < rows and 0 <= column + along < columns:
                        weight = (below if down else 1 - below) * (right if along else 1 - right)
                        source = volume[row + down, column + along]
                        for one in range(slices):
                            target[margin + one] += weight * source[one]


@njit(cache=True, nogil=True)
def turn_back(
    turned: Float, volume: Float, cosine: float, sine: float, depths: tuple[int, int]
) -> None:  # pragma: no cover  # compiled
    """Add what lies before the camera to a volume: the transpose of `turn`."""
    rows, columns, slices = volume.shape
    middle_row, middle_column = (rows - 1) / 2, (columns - 1) / 2
    margin = (turned.shape[2] - slices) // 2
    middle_depth, middle_across = (turned.shape[0] - 1) / 2, (turned.shape[1] - 1) / 2
    for depth in range(depths[0], depths[1]):
        for across in range(turned.shape[1]):
            u, s = across - middle_across, depth - middle_depth
            x, y = middle_column + u * cosine - s * sine, middle_row + u * sine + s * cosine
            column, row = math.floor(x), math.floor(y)
            right, below = np.float32(x - column), np.float32(y - row)
            source = turned[depth, across]
            for down in range(2):
                for along in range(2):
                    if 0 <= row + down < rows and 0 <= column + along < columns:
                        weight = (below if down else 1 - below) * (right if along else 1 - right)
                        target = volume[row + down, column + along]
                        for one in range(slices):
                            target[one] += weight * source[margin + one]


@njit(cache=True, nogil=True)
def attenuate_turned(
    turned: Float, losses: Float, passed: Float, depths: tuple[int, int]
) -> None:  # pragma: no cover  # compiled
    """Multiply every voxel by the share that leaves the body towards the camera; its own transpose.

    Parameters
    ----------
    turned : array (depths, across, slices)
        Is changed.
    losses : array (depths, across, slices)
        Share that half a voxel stops.
    passed : array (across, slices)
        Room to work in.
    depths : tuple of int
    """
    passed[:] = 1
    for depth in range(depths[0], depths[1]):
        for across in range(turned.shape[1]):
            loss, way, plane = losses[depth, across], passed[across], turned[depth, across]
            for one in range(plane.size):
                way[one] *= 1 - loss[one]
                plane[one] *= way[one]
                way[one] *= 1 - loss[one]


@njit(cache=True, nogil=True)
def collect(
    turned: Float, variances: Float, image: Float, room: Float, depths: tuple[int, int]
) -> None:  # pragma: no cover  # compiled
    """Write the sum of all depths, each blurred for its distance.

    Parameters
    ----------
    turned : array (depths, across, slices)
    variances : array (depths,)
        Of the blur that is added from the depth before, or before the camera, squared pixels.
    image : array (across, slices)
        Is written.
    room : array (across, slices)
        Room to work in.
    depths : tuple of int
    """
    image[:] = 0
    for depth in range(depths[1] - 1, depths[0] - 1, -1):
        for across in range(image.shape[0]):
            target, source = image[across], turned[depth, across]
            for one in range(target.size):
                target[one] += source[one]
        blur(image, variances[depth], room)


@njit(cache=True, nogil=True)
def spread(
    image: Float, variances: Float, turned: Float, room: Float, depths: tuple[int, int]
) -> None:  # pragma: no cover  # compiled
    """Write an image into all depths, blurred for each distance: the transpose of `collect`; the image is changed."""
    for depth in range(depths[0], depths[1]):
        blur(image, variances[depth], room)
        turned[depth] = image


@njit(cache=True, nogil=True)
def blur(image: Float, variance: float, room: Float) -> None:  # pragma: no cover  # compiled
    """Blur an image by a Gaussian of small variance, squared pixels; what leaves the image is lost.

    Weights of v/2, 1 - v and v/2 have the variance v exactly; many passages make a Gaussian.
    """
    passages = math.ceil(variance / _MOST)
    for _ in range(passages):
        side = np.float32(variance / passages / 2)
        middle = np.float32(1 - 2 * side)
        last = image.shape[0] - 1
        for across in range(last + 1):
            target, source = room[across], image[across]
            before, after = image[max(across - 1, 0)], image[min(across + 1, last)]
            first_side, last_side = side if across > 0 else np.float32(0), side if across < last else np.float32(0)
            for one in range(source.size):
                target[one] = middle * source[one] + first_side * before[one] + last_side * after[one]
        for across in range(last + 1):
            target, source = image[across], room[across]
            for one in range(1, source.size - 1):
                target[one] = middle * source[one] + side * (source[one - 1] + source[one + 1])
            target[0] = middle * source[0] + (side * source[1] if source.size > 1 else np.float32(0))
            target[-1] = middle * source[-1] + (side * source[-2] if source.size > 1 else np.float32(0))
