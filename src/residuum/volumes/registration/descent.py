"""Least squares that outliers do not draw: residuals beyond a few spreads weigh ever less (Geman and McClure 1987)."""

from typing import Final, Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

_FIRST_DAMPING, _LEAST_DAMPING = 1e-2, 1e-4
_TRIES: Final = 5
_ENOUGH: Final = 3e-4
"""Share of the cost by which a step must lower it for another to be worth its time."""


class Problem(Protocol):
    """Something to be fitted by an array of numbers."""

    def compute_cost(self, numbers: Array) -> float:
        """Return what is to be made small."""

    def compute_normal(self, numbers: Array) -> tuple[Array, Array]:
        """Return the matrix of second derivatives (half of them, Gauss-Newton) and the downward slope."""


def descend(problem: Problem, start: Array, longest: Array, steps: int) -> tuple[Array, Array]:
    """Return numbers of a low cost near the start, and the matrix of second derivatives at the last step before.

    Parameters
    ----------
    problem : Problem
    start : array (n,)
    longest : array (n,)
        By which a number may change at once.
    steps : int
        At most.
    """
    numbers, cost, damping = start, problem.compute_cost(start), _FIRST_DAMPING
    matrix, downward = problem.compute_normal(numbers)
    for left in range(steps - 1, -1, -1):
        found = _step(problem, numbers, cost, (matrix, downward), damping, longest)
        if found is None:
            break
        numbers, before, (cost, damping) = found[0], cost, found[1:]
        if left == 0 or before - cost < _ENOUGH * cost:
            break
        matrix, downward = problem.compute_normal(numbers)
    return numbers, matrix


def _step(
    problem: Problem, numbers: Array, cost: float, normal: tuple[Array, Array], damping: float, longest: Array
) -> tuple[Array, float, float] | None:
    """Return better numbers, their cost and the next damping, None where there are none."""
    matrix, downward = normal
    for _ in range(_TRIES):
        step = np.linalg.solve(matrix + damping * np.diag(np.diag(matrix)), downward)
        tried = numbers + np.clip(step, -longest, longest)
        lower = problem.compute_cost(tried)
        if lower < cost:
            return tried, lower, max(damping / 5, _LEAST_DAMPING)
        damping *= 6
    return None


@njit(cache=True, nogil=True, error_model="numpy")
def sum_forgiving(residuals: Array, forgiven: float) -> float:  # pragma: no cover  # compiled
    """Return the sum of squares, each of which saturates at `forgiven`."""
    total = 0.0
    for residual in residuals.flat:
        square = residual * residual
        total += square / (1 + square / forgiven)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def add_pixel(
    residual: float,
    slopes: Array,
    trust: float,
    forgiven: float,
    matrix: Array,
    downward: Array,
    active: NDArray[np.int64],
) -> None:  # pragma: no cover  # compiled
    """Add one residual, whose model has these slopes, to the lower half of a matrix and to the downward slope.

    Trust is a share by which the residual and its slopes are made smaller first.
    """
    count = 0
    for number in range(slopes.size):
        if slopes[number] != 0:
            active[count] = number
            count += 1
    weight = (trust / (1 + (trust * residual) ** 2 / forgiven)) ** 2
    for one in range(count):
        slope = weight * slopes[active[one]]
        downward[active[one]] += slope * residual
        for other in range(one + 1):
            matrix[active[one], active[other]] += slope * slopes[active[other]]


def fill_upper(matrix: Array) -> Array:
    """Return a matrix whose upper half mirrors its lower half."""
    return matrix + np.tril(matrix, -1).T
