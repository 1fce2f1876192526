"""The camera: each photon leaves the body or not, passes the collimator beside its ray, is counted in a pixel."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from second_generator.solids import Points, Solid, bounds

ATTENUATION_PER_MM: Final = 0.0148
"""Water at 159 keV (NIST)."""
LUNG_DENSITY: Final = 0.28
_STEP_MM: Final = 5.0


@dataclass(frozen=True, slots=True)
class Camera:
    """Collimator, detector and matrix.

    Attributes
    ----------
    name : str
    hole_mm, hole_length_mm : float
        Diameter and effective length of the holes.
    intrinsic_mm : float
        Full width at half maximum of the crystal's resolution.
    shape : tuple of int
        Rows, columns.
    pixel_mm : float
    gap_mm : tuple of float
        From the body to the anterior, and through the table to the posterior detector.
    scattered, penetrated : float
        Shares of the counts.
    smoothed : bool
        The vendor's 3 x 3 binomial filter is applied to the counts.
    """

    name: str = "MEGP"
    hole_mm: float = 3.0
    hole_length_mm: float = 57.0
    intrinsic_mm: float = 4.2
    shape: tuple[int, int] = (1024, 256)
    pixel_mm: float = 2.21
    gap_mm: tuple[float, float] = (35.0, 30.0)
    scattered: float = 0.27
    penetrated: float = 0.08
    smoothed: bool = False

    @property
    def half_field_mm(self) -> float:
        """Half the width of the image."""
        return self.shape[1] * self.pixel_mm / 2


def draw_camera(rng: np.random.Generator) -> Camera:
    """Return one of the cameras that a hospital may have."""
    medium = rng.random() < 0.5
    fine = rng.random() < 0.6
    return Camera(
        name="MEGP" if medium else "ELEGP",
        hole_mm=3.0 if medium else 2.5,
        hole_length_mm=57.0 if medium else 39.0,
        intrinsic_mm=float(rng.uniform(3.6, 4.8)),
        shape=(1024, 256) if fine else (512, 128),
        pixel_mm=2.21 if fine else 4.6,
        gap_mm=(float(rng.uniform(15, 70)), float(rng.uniform(20, 40))),
        scattered=float(rng.uniform(0.18, 0.35)),
        penetrated=float(rng.uniform(0.03, 0.08) if medium else rng.uniform(0.08, 0.2)),
        smoothed=bool(rng.random() < 0.35),
    )


class Silhouette:
    """Front and back surface of a body, and of its lungs, on a coarse table of rays along z."""

    def __init__(self, parts: dict[str, Solid], lungs: list[Solid]) -> None:
        boxes = [bounds(one) for one in parts.values()]
        self.low = np.min([one[0] for one in boxes], axis=0) - _STEP_MM
        high = np.max([one[1] for one in boxes], axis=0) + _STEP_MM
        self.shape = tuple(np.ceil((high - self.low)[:2] / _STEP_MM).astype(int) + 1)
        self.body = self._surfaces(list(parts.values()))
        self.lungs = [self._surfaces([one]) for one in lungs]
        inside = self.body[0] > self.body[1]
        self.front_mm, self.back_mm = float(self.body[0][inside].max()), float(self.body[1][inside].min())

    def _surfaces(self, solids: list[Solid]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the greatest and least z of solids on each ray; rays that miss have the greatest below the least."""
        front, back = np.full(self.shape, -1e4), np.full(self.shape, 1e4)
        for one in solids:
            low, high = bounds(one)
            first = np.maximum(np.floor((low - self.low)[:2] / _STEP_MM).astype(int), 0)
            last = np.minimum(np.ceil((high - self.low)[:2] / _STEP_MM).astype(int) + 1, self.shape)
            depths = np.linspace(low[2], high[2], 48)
            columns, rows = (np.arange(a, b) for a, b in zip(first, last, strict=True))
            x, y, z = np.meshgrid(
                self.low[0] + columns * _STEP_MM, self.low[1] + rows * _STEP_MM, depths, indexing="ij"
            )
            inside = one.contains(np.stack([x, y, z], axis=-1).reshape(-1, 3)).reshape(x.shape)
            window = (slice(first[0], last[0]), slice(first[1], last[1]))
            front[window] = np.maximum(front[window], np.where(inside, z, -1e4).max(axis=2))
            back[window] = np.minimum(back[window], np.where(inside, z, 1e4).min(axis=2))
        return front, back

    def _cell(self, points: Points) -> tuple[NDArray[np.int64], ...]:
        index = np.rint((points[:, :2] - self.low[:2]) / _STEP_MM).astype(np.int64)
        return tuple(np.clip(index[:, axis], 0, self.shape[axis] - 1) for axis in range(2))

    def path_mm(self, points: Points, front: bool) -> NDArray[np.float64]:
        """Return the length of water that a photon meets from each point to the front or to the back."""
        cell = self._cell(points)
        z = points[:, 2]
        path = np.clip(self.body[0][cell] - z if front else z - self.body[1][cell], 0, None)
        for high, low in self.lungs:
            top, bottom = high[cell], low[cell]
            air = top - np.maximum(z, bottom) if front else np.minimum(z, top) - bottom
            path -= (1 - LUNG_DENSITY) * np.where(top > bottom, np.clip(air, 0, None), 0)
        return np.clip(path, 0, None)

    def thickness_mm(self, point: Points) -> float:
        """Return the thickness of the body along the ray through a point."""
        cell = self._cell(np.atleast_2d(point))
        return float(np.clip(self.body[0][cell] - self.body[1][cell], 15, None)[0])


def survives(points: Points, body: Silhouette, front: bool, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which photons leave the body towards the front or the back."""
    passes: NDArray[np.bool_] = rng.random(len(points)) < np.exp(-ATTENUATION_PER_MM * body.path_mm(points, front))
    return passes


def displace(points: Points, body: Silhouette, front: bool, camera: Camera, rng: np.random.Generator) -> Points:
    """Return where photons are counted (n, 2): blurred with distance, some scattered, some through the septa."""
    plane = body.front_mm + camera.gap_mm[0] if front else body.back_mm - camera.gap_mm[1]
    away = np.abs(plane - points[:, 2])[:, None]
    seen = points[:, :2].copy()
    # A hole lets through a triangle as wide at half height as the geometric resolution.
    geometric = camera.hole_mm * (camera.hole_length_mm + away) / camera.hole_length_mm
    seen += geometric * (rng.random(seen.shape) + rng.random(seen.shape) - 1)
    seen += rng.normal(0, camera.intrinsic_mm / 2.355, seen.shape)
    kind = rng.random(len(seen))
    scattered = kind < camera.scattered
    number = int(scattered.sum())
    angle = rng.uniform(0, 2 * np.pi, number)
    depth = body.path_mm(points[scattered], front)
    # Student's t with three degrees of freedom: most scatter stays near, some goes far.
    reach = (8 + 0.25 * depth) * np.abs(rng.standard_t(3, number))
    seen[scattered] += np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    wide = kind > 1 - camera.penetrated
    seen[wide] += rng.normal(0, 110, (int(wide.sum()), 2))
    return seen
