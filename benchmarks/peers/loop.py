"""S1 as a loop over a Python library's log-rank test, the way one writes it without a trial simulator.

Patients are drawn for 256 trials at once, so that next to all of the time is the library's. An upper tail of chi-square
stands for the one-sided test: a significant harm is as good as impossible here.

usage: python -m peers.loop {statsmodels|lifelines}
"""

import importlib.metadata
import math
import sys
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from peers.serve import serve

Floats = NDArray[np.float64]
Test = Callable[[Floats, NDArray[np.bool_], NDArray[np.int64]], float]

PATIENTS, YEARS, ANALYSIS = 300, 5.0, 8.0
HAZARD, RATIO = -math.log(0.45) / 3, 0.7
EVENTS, BOUNDS = (69, 138, 207), (3.710303, 2.511427, 1.993048)
ARM = np.arange(PATIENTS) % 2


def statsmodels_test() -> Test:
    """Return chi-square of `survdiff`."""
    from statsmodels.duration.survfunc import survdiff

    return lambda time, event, arm: survdiff(time, event, arm)[0]


def lifelines_test() -> Test:
    """Return chi-square of `logrank_test`."""
    from lifelines.statistics import logrank_test

    def test(time: Floats, event: NDArray[np.bool_], arm: NDArray[np.int64]) -> float:
        one = arm == 1
        return logrank_test(time[one], time[~one], event[one], event[~one]).test_statistic

    return test


def trials(number: int, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield arrival and time to failure of every patient, trial by trial."""
    random = np.random.default_rng(seed)
    hazard = HAZARD * np.where(ARM == 1, RATIO, 1.0)
    for start in range(0, number, 256):
        rows = min(256, number - start)
        arrival = random.random((rows, PATIENTS)) * YEARS
        yield from zip(arrival, random.standard_exponential((rows, PATIENTS)) / hazard, strict=True)


def fixed(test: Test, number: int, seed: int) -> float:
    """Return the power of the log-rank test at calendar year 8."""
    crossed = 0
    for arrival, failure in trials(number, seed):
        follow_up = ANALYSIS - arrival
        crossed += test(np.minimum(failure, follow_up), failure <= follow_up, ARM) > 1.959964**2
    return crossed / number


def gs3(test: Test, number: int, seed: int) -> float:
    """Return the power of three looks; a trial that crosses is not looked at again."""
    crossed = 0
    for arrival, failure in trials(number, seed):
        calendar = np.sort(arrival + failure)
        for events, bound in zip(EVENTS, BOUNDS, strict=True):
            look = calendar[events - 1]
            enrolled = arrival < look
            time, follow_up = failure[enrolled], look - arrival[enrolled]
            if test(np.minimum(time, follow_up), time <= follow_up, ARM[enrolled]) > bound**2:
                crossed += 1
                break
    return crossed / number


if __name__ == "__main__":
    library = sys.argv[1]
    chi_square = {"statsmodels": statsmodels_test, "lifelines": lifelines_test}[library]()
    jobs = {"fixed": fixed, "gs3": gs3}
    serve(library, importlib.metadata.version(library), lambda job, n, seed, _: jobs[job](chi_square, n, seed))
