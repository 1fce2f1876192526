"""Solids from which points are drawn: superellipsoids, tapered capsules, and tubes along curves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

Points = NDArray[np.float64]
Weight = Callable[[Points], NDArray[np.float64]]


def turn(degrees: float, axis: int) -> Points:
    """Return the matrix that turns about the axis 0 (x), 1 (y) or 2 (z)."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    first, second = [(1, 2), (2, 0), (0, 1)][axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = c
    matrix[first, second], matrix[second, first] = -s, s
    return matrix


class Solid(Protocol):
    """What every solid can do. Local coordinates are those of the body part: the same place at any size and pose."""

    def place(self, local: ArrayLike) -> Points:
        """Return the world millimetres of local coordinates (n, 3)."""
        ...

    def contains(self, points: Points) -> NDArray[np.bool_]:
        """Return which world points lie inside."""
        ...

    def box(self) -> tuple[Points, Points, Points]:
        """Return centre, axes (columns) and half lengths of a box around it."""
        ...


def _raise(length: Points, power: float) -> Points:
    """Return |length|^power; the powers in use need no logarithm."""
    raised: Points = length**2 if power == 2 else length**2 * np.sqrt(np.abs(length))
    return raised


@dataclass(frozen=True, slots=True)
class SuperEllipsoid:
    """|x/a|^n + |y/b|^n + |z/c|^n <= 1 in its own axes, wider towards +y by `taper`; local coordinates are -1 to 1.

    The power n is 2 or 2.5.
    """

    centre: Points
    axes: Points
    half: tuple[float, float, float]
    power: float = 2.0
    taper: float = 0.0

    def place(self, local: ArrayLike) -> Points:
        own = np.atleast_2d(np.asarray(local, float))
        wide = 1 + self.taper * own[:, 1]
        scaled = own * self.half * np.stack([wide, np.ones_like(wide), wide], axis=1)
        return self.centre + scaled @ self.axes.T

    def contains(self, points: Points) -> NDArray[np.bool_]:
        x, y, z = (((points - self.centre) @ self.axes) / self.half).T
        wide = np.maximum(1 + self.taper * y, 0.05) if self.taper else 1.0
        total = _raise(y, self.power) + _raise(x / wide, self.power) + _raise(z / wide, self.power)
        inside: NDArray[np.bool_] = total <= 1
        return inside

    def box(self) -> tuple[Points, Points, Points]:
        wide = 1 + abs(self.taper)
        return self.centre, self.axes, np.asarray(self.half) * (wide, 1, wide)


@dataclass(frozen=True, slots=True)
class Capsule:
    """A rounded cone along y of its frame; local y is 0 at the start and 1 at the end, x and z are in radii."""

    start: Points
    axes: Points
    length: float
    radii: tuple[float, float]

    def place(self, local: ArrayLike) -> Points:
        own = np.atleast_2d(np.asarray(local, float))
        radius = self._radius(own[:, 1])
        scaled = np.stack([own[:, 0] * radius, own[:, 1] * self.length, own[:, 2] * radius], axis=1)
        return self.start + scaled @ self.axes.T

    def contains(self, points: Points) -> NDArray[np.bool_]:
        x, y, z = ((points - self.start) @ self.axes).T
        along = np.clip(y / self.length, 0, 1)
        inside: NDArray[np.bool_] = x**2 + z**2 + (y - along * self.length) ** 2 <= self._radius(along) ** 2
        return inside

    def box(self) -> tuple[Points, Points, Points]:
        most = max(self.radii)
        centre = self.start + self.axes[:, 1] * self.length / 2
        return centre, self.axes, np.array([most, self.length / 2 + most, most])

    def _radius(self, along: Points) -> Points:
        radius: Points = self.radii[0] + (self.radii[1] - self.radii[0]) * np.clip(along, 0, 1)
        return radius


def bounds(solid: Solid) -> tuple[Points, Points]:
    """Return the least and greatest x, y, z of a box around a solid."""
    centre, axes, half = solid.box()
    reach = np.abs(axes) @ half
    return centre - reach, centre + reach


def filled(solid: Solid, weight: Weight | None = None) -> tuple[float, float]:
    """Return the share of its box that a solid fills, and the volume in mm³, from 20 by 20 by 20 points."""
    centre, axes, half = solid.box()
    steps = (np.arange(20) + 0.5) / 10 - 1
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    points = centre + (cube * half) @ axes.T
    points = points[solid.contains(points)]
    kept = weight(points).sum() if weight else len(points)
    share = float(kept) / len(cube)
    return share, share * 8 * float(half.prod())


@dataclass(frozen=True, slots=True)
class Filled:
    """A solid from which points are drawn evenly, or as a weight between 0 and 1 says."""

    solid: Solid
    share: float
    volume_mm3: float
    weight: Weight | None = None

    @classmethod
    def of(cls, solid: Solid, weight: Weight | None = None) -> "Filled":
        """Return it with its volume measured."""
        return cls(solid, *filled(solid, weight), weight)

    def draw(self, number: int, rng: np.random.Generator) -> Points:
        """Return `number` points."""
        found: list[Points] = [np.zeros((0, 3))]
        # What is hidden altogether has no volume, and nobody draws from it.
        missing = number if self.share else 0
        while missing > 0:
            found.append(self._try(int(missing / self.share * 1.03) + 16, rng)[:missing])
            missing -= len(found[-1])
        return np.concatenate(found)

    def _try(self, number: int, rng: np.random.Generator) -> Points:
        centre, axes, half = self.solid.box()
        points: Points = centre + (rng.uniform(-1, 1, (number, 3)) * half) @ axes.T
        points = points[self.solid.contains(points)]
        return points[rng.random(len(points)) < self.weight(points)] if self.weight else points


def bend(corners: Points, number: int = 33) -> Points:
    """Return points of a smooth curve through corners, evenly spaced along it."""
    knots = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    fine = PchipInterpolator(knots, corners)(np.linspace(0, knots[-1], 4 * number))
    walked = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    even = np.linspace(0, walked[-1], number)
    return np.stack([np.interp(even, walked, fine[:, axis]) for axis in range(3)], axis=1)


def draw_along(curve: Points, radius_mm: float, number: int, rng: np.random.Generator) -> Points:
    """Return points drawn evenly from a tube around an evenly spaced curve."""
    place = rng.uniform(0, len(curve) - 1, number)
    low = np.minimum(place.astype(int), len(curve) - 2)
    share = (place - low)[:, None]
    ball = rng.normal(size=(number, 3))
    ball *= (radius_mm * rng.random(number) ** (1 / 3) / np.linalg.norm(ball, axis=1))[:, None]
    points: Points = curve[low] * (1 - share) + curve[low + 1] * share + ball
    return points
