"""The order in which something that spreads from voxel to voxel reaches them."""

import heapq

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def compute_order(
    voxels: NDArray[np.int64], cost: NDArray[np.float64], start: int
) -> NDArray[np.int64]:  # pragma: no cover  # compiled
    """Return the numbers of voxels in the order in which a flood reaches them.

    Of all voxels beside the flooded ones, corners included, the one of least cost is next: what is flooded hangs
    together. Where a piece of bone is full the flood goes on at the cheapest voxel of the others.

    Parameters
    ----------
    voxels : array (n, 3)
        Slice, row and column.
    cost : array (n,)
    start : int
        Number of the first voxel.

    Returns
    -------
    array (n,) of int64
    """
    count = len(voxels)
    # One voxel of margin on all sides, so that neighbours need no check.
    low = np.array([voxels[:, axis].min() - 1 for axis in range(3)])
    shape = np.array([voxels[:, axis].max() + 2 - low[axis] for axis in range(3)])
    number_at = np.full((shape[0], shape[1], shape[2]), -1, np.int64)
    for number in range(count):
        i, j, k = voxels[number] - low
        number_at[i, j, k] = number
    cheapest = np.argsort(cost)
    seen, order = np.zeros(count, np.bool_), np.empty(count, np.int64)
    seen[start] = True
    edge = [(cost[start], start)]
    done, looked = 0, 0
    while done < count:
        if len(edge) == 0:
            while seen[cheapest[looked]]:
                looked += 1
            island = cheapest[looked]
            seen[island] = True
            edge.append((cost[island], island))
        number = heapq.heappop(edge)[1]
        order[done] = number
        done += 1
        i, j, k = voxels[number] - low
        for a in range(-1, 2):
            for b in range(-1, 2):
                for c in range(-1, 2):
                    other = number_at[i + a, j + b, k + c]
                    if other >= 0 and not seen[other]:
                        seen[other] = True
                        heapq.heappush(edge, (cost[other], other))
    return order
