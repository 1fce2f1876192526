"""Arm and kind of every patient of a block."""

from functools import lru_cache
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.trial.simulation.draws import BLOCK, Draws, Stream

# Entries of the table from which a search starts: so many that it nearly always ends there.
GUIDE: Final = 1024


def draw_kinds(probability: NDArray[np.float64], draws: Draws, patients: int) -> NDArray[np.uint8]:
    """Kind of each patient, shape (256, patients), or (1, patients) where there is one kind only.

    Parameters
    ----------
    probability : ndarray of shape (kinds,)
        Of each kind; they add to 1.
    draws : Draws
        Of the block.
    patients : int
        Columns.
    """
    if probability.size == 1:
        return np.zeros((1, patients), dtype=np.uint8)
    upper = np.cumsum(probability)
    upper[-1] = 1.0
    kinds = np.empty((BLOCK, patients), dtype=np.uint8)
    guide = np.searchsorted(upper, np.arange(GUIDE) / GUIDE, side="right")
    _find(draws.uniform(Stream.KIND), upper, guide, kinds)
    return kinds


def allocate(kinds: NDArray[np.uint8], stratum: NDArray[np.int64], allocation: tuple[int, int]) -> NDArray[np.uint8]:
    """Arm of each patient, 1 is experimental: in turn within each stratum, in the order of the columns.

    Parameters
    ----------
    kinds : ndarray of shape (r, patients)
        Result of `draw_kinds`.
    stratum : ndarray of shape (kinds,)
        Of each kind.
    allocation : tuple of int
        Control to experimental.

    Returns
    -------
    ndarray of shape (1, patients) or (256, patients)
        One row where all rows are the same.
    """
    if stratum.size == 1 or np.all(stratum == stratum[0]):
        return _turns(kinds.shape[1], allocation)
    arms = np.empty(kinds.shape, dtype=np.uint8)
    _take_turns(kinds, stratum, allocation[0], sum(allocation), arms)
    return arms


@lru_cache(maxsize=64)  # the same for every block of a scenario
def _turns(patients: int, allocation: tuple[int, int]) -> NDArray[np.uint8]:
    turn = np.arange(patients) % sum(allocation)
    return (turn >= allocation[0]).astype(np.uint8)[np.newaxis]


@njit(cache=True, nogil=True)
def _find(
    uniform: NDArray[np.float64], upper: NDArray[np.float64], guide: NDArray[np.int64], kinds: NDArray[np.uint8]
) -> None:  # pragma: no cover  # compiled
    """Find the first kind whose upper end exceeds the number, starting where the guide says."""
    for row in range(uniform.shape[0]):
        for j in range(uniform.shape[1]):
            kind = guide[int(uniform[row, j] * GUIDE)]
            while uniform[row, j] >= upper[kind]:
                kind += 1
            kinds[row, j] = kind


@njit(cache=True, nogil=True)
def _take_turns(
    kinds: NDArray[np.uint8], stratum: NDArray[np.int64], controls: int, block: int, arms: NDArray[np.uint8]
) -> None:  # pragma: no cover  # compiled
    turn = np.zeros(8, dtype=np.int64)
    for row in range(kinds.shape[0]):
        turn[:] = 0
        for j in range(kinds.shape[1]):
            group = stratum[kinds[row, j]]
            arms[row, j] = turn[group] >= controls
            turn[group] = (turn[group] + 1) % block
