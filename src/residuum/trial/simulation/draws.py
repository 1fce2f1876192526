"""Random arrays of a block of 256 replicates, each from a stream of its own.

A stream is keyed by seed, design, block and the number of the array, so results do not depend on how blocks are spread
over threads, processes or machines, and scenarios that differ in one value share their random numbers.
"""

import hashlib
from enum import IntEnum
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

BLOCK: Final = 256


class Stream(IntEnum):
    """Numbers of the random arrays: part of every key, so they never change."""

    FAILURE = 0
    ARRIVAL = 1
    KIND = 2
    CAUSE = 3
    FRAILTY = 4
    DROPOUT = 5
    TOXICITY = 6
    DETECTION = 7
    FALSE_POSITIVE = 8
    CENTRES = 9


class Workspace:
    """Arrays used again by every block of a task: fresh memory would cost more than filling it."""

    def __init__(self) -> None:
        self._arrays: dict[tuple[str, tuple[int, ...]], NDArray[Any]] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: DTypeLike = np.float64) -> NDArray[Any]:
        """Return the array of this name and shape, holding whatever the last block left in it."""
        key = name, shape
        if key not in self._arrays:
            self._arrays[key] = np.empty(shape, dtype)
        return self._arrays[key]


class Draws:
    """The random arrays of one block, drawn when asked for; each stream once, since the next block writes over it.

    Parameters
    ----------
    key : int
        Of the design: `design_key`.
    seed : int
        Of the run; 0 or above.
    block : int
        Number of the block.
    columns : int
        Drawn in every row.
    used : int
        First columns returned; the others exist so that fewer patients have the same random numbers.
    workspace : Workspace
        Holds the arrays.
    """

    def __init__(self, key: int, seed: int, block: int, columns: int, used: int, workspace: Workspace) -> None:
        self.workspace = workspace
        self._entropy = (*_words(seed), *_words(key), *_words(block))
        self._columns, self._used = columns, used

    def uniform(self, stream: Stream) -> NDArray[np.float64]:
        """Return uniform numbers in [0, 1), shape (256, used)."""
        numbers = self.workspace.array(stream.name, (BLOCK, self._columns))
        self._generator(stream).random(out=numbers)
        return self._first(numbers)

    def exponential(self, stream: Stream, mean: float | NDArray[np.float64] = 1.0) -> NDArray[np.float64]:
        """Return exponential numbers -ln(1 - u) x mean of the uniform ones, shape (256, used)."""
        numbers = self.uniform(stream)
        np.subtract(1.0, numbers, out=numbers)
        np.log(numbers, out=numbers)
        numbers *= -mean
        return numbers

    def gamma(self, stream: Stream, shape: float, columns: int | None = None) -> NDArray[np.float64]:
        """Return gamma numbers of mean 1 and variance 1 / shape, as many columns as asked for or used."""
        generator = self._generator(stream)
        if columns is not None:
            return generator.standard_gamma(shape, (BLOCK, columns)) / shape
        return self._first(generator.standard_gamma(shape, (BLOCK, self._columns)) / shape)

    def _generator(self, stream: Stream) -> np.random.Generator:
        # the words that SeedSequence makes of the four numbers itself, in five times the time
        entropy = np.array((*self._entropy, stream), dtype=np.uint32)
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy)))

    def _first(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        return numbers if self._used == self._columns else np.ascontiguousarray(numbers[:, : self._used])


def _words(number: int) -> tuple[int, ...]:
    """Return a number as words of 32 bits, the lowest first."""
    words = [number & 0xFFFFFFFF]
    while number := number >> 32:
        words.append(number & 0xFFFFFFFF)
    return tuple(words)


@cache
def design_key(name: str) -> int:
    """Return the number by which a design's `id` keys its random arrays."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
