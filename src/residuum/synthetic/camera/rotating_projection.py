"""What a rotating camera sees of a volume at each of its stops, and the way back: attenuation and collimator blur."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.camera.collimators import FWHM_PER_SIGMA, Camera
from residuum.synthetic.camera.orbit import Orbit, compute_turned_places
from residuum.synthetic.camera.rotation_loops import attenuate_turned, collect, spread, turn, turn_back

Float = NDArray[np.float32]

_REACH: Final = 2**0.5
"""Voxels that a turned voxel reaches in depth at most: its corner."""
_TAIL_SIGMAS: Final = 3.0
"""Room for blur around the body. Counts that it carries beyond the slices are not seen, as beyond a crystal's edge."""


class RotatingCamera:
    """A camera on its orbit around a body: shares of emitted photons that reach the crystal unscattered.

    Efficiency, yield and time are left to the caller: a voxel of 1 without attenuation gives 1 in every image. Volumes
    are (rows, columns, slices): rows run to the back, columns to the patient's left.

    Parameters
    ----------
    attenuation_per_mm : array (rows, columns, slices)
        At 159 keV, on a grid of cubes.
    voxel_mm : float
    camera : Camera
    orbit : Orbit
        Around the middle of rows and columns.

    Attributes
    ----------
    attenuation_per_mm, voxel_mm, camera
    footprint : array of bool (rows, columns)
        Where the body is in any slice. What lies outside is neither seen nor filled.
    image_shape : tuple of int
        Places across and slices.

    Raises
    ------
    ValueError
        The collimator would touch the body.
    """

    def __init__(self, attenuation_per_mm: NDArray[Any], voxel_mm: float, camera: Camera, orbit: Orbit) -> None:
        self.attenuation_per_mm = np.ascontiguousarray(attenuation_per_mm, np.float32)
        self.voxel_mm, self.camera = voxel_mm, camera
        self.footprint: NDArray[np.bool_] = np.any(attenuation_per_mm > 0, axis=2)
        self._losses = 1 - np.exp(-self.attenuation_per_mm * np.float32(voxel_mm / 2))
        self._radii_mm = orbit.radii_mm
        self._angles = [(float(np.cos(one)), float(np.sin(one))) for one in orbit.angles]
        depths, across = compute_turned_places(self.footprint, orbit.angles)
        nearest_mm, farthest_mm = (orbit.radii_mm + one(depths, axis=1) * voxel_mm for one in (np.min, np.max))
        if nearest_mm.min() < 0:
            behind_mm = -float(nearest_mm.min())
            raise ValueError(f"radii_mm are too small: the body begins {behind_mm:.1f} mm behind the collimator")
        tail = _TAIL_SIGMAS * camera.compute_resolution(float(farthest_mm.max())) / FWHM_PER_SIGMA / voxel_mm
        self._make_room(float(np.abs(depths).max()), float(np.abs(across).max()), int(np.ceil(tail)))
        first, last = np.ceil(depths.min(axis=1) - _REACH), np.floor(depths.max(axis=1) + _REACH)
        self._depths = [
            (int(low), int(high) + 1) for low, high in zip(first + self._axis, last + self._axis, strict=True)
        ]
        from_axis_mm = (np.arange(len(self._turned)) - self._axis) * voxel_mm
        self._variances = [
            _compute_steps(radius + from_axis_mm, first, voxel_mm, camera)
            for radius, (first, _) in zip(orbit.radii_mm, self._depths, strict=True)
        ]

    @property
    def stops(self) -> int:
        """Return how many stops the orbit has."""
        return len(self._angles)

    def project(self, volume: NDArray[Any], stop: int) -> Float:
        """Return the image of a volume at one stop.

        Parameters
        ----------
        volume : array (rows, columns, slices)
        stop : int

        Returns
        -------
        array of float32 (across, slices)
            Across runs to the right as seen by the camera, the head up: at stop 0 to the patient's left.
        """
        self._turn_losses(stop)
        seen = np.ascontiguousarray(volume * self.footprint[:, :, None], np.float32)
        turn(seen, self._turned, *self._angles[stop], self._depths[stop])
        attenuate_turned(self._turned, self._turned_losses, self._room, self._depths[stop])
        collect(self._turned, self._variances[stop], self._image, self._room, self._depths[stop])
        image: Float = self._image[:, self._inner].copy()
        return image

    def back_project(self, image: NDArray[Any], stop: int) -> Float:
        """Return the volume to which an image at one stop leads back: the transpose of `project`.

        Parameters
        ----------
        image : array (across, slices)
        stop : int

        Returns
        -------
        array of float32 (rows, columns, slices)
        """
        self._turn_losses(stop)
        self._image[:] = 0
        self._image[:, self._inner] = image
        spread(self._image, self._variances[stop], self._turned, self._room, self._depths[stop])
        attenuate_turned(self._turned, self._turned_losses, self._room, self._depths[stop])
        volume = np.zeros_like(self._losses)
        turn_back(self._turned, volume, *self._angles[stop], self._depths[stop])
        back: Float = volume * self.footprint[:, :, None]
        return back

    def turn(self, volume: NDArray[Any], stop: int) -> Float:
        """Return a volume as it lies before the camera at one stop.

        Returns
        -------
        array of float32 (slices, depths, across)
            Depths grow away from the camera; they are those that the body has at this stop.
        """
        turn(np.ascontiguousarray(volume, np.float32), self._turned, *self._angles[stop], self._depths[stop])
        turned: Float = np.moveaxis(self._turned[slice(*self._depths[stop]), :, self._inner], 2, 0).copy()
        return turned

    def compute_gaps(self, stop: int) -> tuple[float, float]:
        """Return what lies between the collimator and the first depth of `turn`, and behind the last one, mm.

        Behind the last one stands the head at the opposite stop; there must be an even number of stops.
        """
        first, last = self._depths[stop]
        opposite_mm = self._radii_mm[(stop + self.stops // 2) % self.stops]
        before, behind = (
            float(radius + depth * self.voxel_mm)
            for radius, depth in ((self._radii_mm[stop], first - self._axis), (opposite_mm, self._axis - (last - 1)))
        )
        # The first depth may hold the outermost edges of voxels only, and lie within the collimator.
        return max(before, 0.0), max(behind, 0.0)

    def _turn_losses(self, stop: int) -> None:
        turn(self._losses, self._turned_losses, *self._angles[stop], self._depths[stop])

    def _make_room(self, deepest: float, widest: float, tail: int) -> None:
        """Set arrays to work in, with a voxel on the axis, and room for blur across and beyond the slices."""
        self._axis = int(np.ceil(deepest + _REACH))
        wide, slices = 2 * (int(np.ceil(widest + _REACH)) + tail) + 1, self._losses.shape[2]
        self._inner = slice(tail, tail + slices)
        shape = (2 * self._axis + 1, wide, slices + 2 * tail)
        self._turned, self._turned_losses = np.zeros((2, *shape), np.float32)
        self._image, self._room = np.zeros((2, *shape[1:]), np.float32)
        self.image_shape = (wide, slices)


def _compute_steps(distances_mm: NDArray[Any], first: int, voxel_mm: float, camera: Camera) -> Float:
    """Return the variance, squared voxels, that the blur gains from the depth before; at the first one all of it."""
    widths = np.array([camera.compute_resolution(max(one, 0.0)) for one in distances_mm])
    variances = (widths / FWHM_PER_SIGMA / voxel_mm) ** 2
    steps = np.diff(variances, prepend=0.0)
    steps[first] = variances[first]
    result: Float = steps.astype(np.float32)
    return result
