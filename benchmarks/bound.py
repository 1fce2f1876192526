"""The steps that a log-rank trial of S1 cannot do without, each alone, as an engine of `benchmarks/trial.py`.

A block of 256 trials of 300 patients, small enough for the cache of a core; a job is one step on as many blocks as make
up the trials asked for. What a simulator does beside them (times, arms, censoring, packing) is not in the bound.
"""

from collections.abc import Callable

import numba
import numpy as np

from peers.serve import serve

TRIALS, PATIENTS = 256, 300


@numba.njit(error_model="numpy", fastmath=True)
def scan(keys, one_over, out):
    """Log-rank Z of rows of sorted keys, arm in bit 0 and event in bit 1, without a division per patient."""
    at_risk = np.empty(keys.shape[1])
    for row in range(keys.shape[0]):
        treated = keys.shape[1] // 2
        for k in range(keys.shape[1]):
            at_risk[k] = treated
            treated -= np.int64(keys[row, k]) & 1
        score, variance = 0.0, 0.0
        for k in range(keys.shape[1]):
            arm, event = float(np.int64(keys[row, k]) & 1), float((np.int64(keys[row, k]) >> 1) & 1)
            share = at_risk[k] * one_over[k]
            score += event * (share - arm)
            variance += event * share * (1 - share)
        out[row] = score / np.sqrt(variance)


def make_steps() -> dict[str, Callable[[], object]]:
    """Return what one block of each step does; a sort needs fresh keys, whose copying is measured too."""
    random = np.random.Generator(np.random.SFC64(1))
    uniform = 1 - random.random((TRIALS, PATIENTS))
    flags = random.integers(0, 4, (TRIALS, PATIENTS), dtype=np.uint64)
    keys = (uniform.view(np.uint64) & ~np.uint64(3)) | flags
    ordered, one_over = np.sort(keys, axis=1), 1 / np.arange(PATIENTS, 0, -1.0)
    floats, scratch, out = np.empty_like(uniform), np.empty_like(keys), np.empty(TRIALS)

    def sort() -> None:
        scratch[...] = keys
        scratch.sort(axis=1)

    return {
        "random": lambda: random.random(out=floats),
        "log": lambda: np.log(uniform, out=floats),
        "copy": lambda: np.copyto(scratch, keys),
        "sort": sort,
        "scan": lambda: scan(ordered, one_over, out),
    }


if __name__ == "__main__":
    steps = make_steps()

    def run(job: str, trials: int, _seed: int, _threads: int) -> float:
        for _ in range(trials // TRIALS):
            steps[job]()
        return 0.0

    serve("bound", f"NumPy {np.__version__}, Numba {numba.__version__}", run)
