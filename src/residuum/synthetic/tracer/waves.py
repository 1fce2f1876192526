"""Smooth random fields."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_WAVES: Final = 10


def draw_field(
    rng: np.random.Generator, positions_mm: NDArray[np.float64], wave_mm: tuple[float, float]
) -> NDArray[np.float64]:
    """Return a random field of mean 0 and standard deviation 1 at positions (n, 3): a sum of plane waves.

    The same random state gives the same field wherever it is asked for.

    Parameters
    ----------
    rng : numpy.random.Generator
    positions_mm : array (n, 3)
    wave_mm : tuple of float
        Shortest and longest wave.
    """
    directions = rng.normal(size=(_WAVES, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    waves = 2 * np.pi * directions / rng.uniform(*wave_mm, size=(_WAVES, 1))
    phases = rng.uniform(0, 2 * np.pi, _WAVES)
    field: NDArray[np.float64] = np.cos(positions_mm @ waves.T + phases).sum(axis=1) / np.sqrt(_WAVES / 2)
    return field
