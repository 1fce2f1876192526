"""The log-rank test on sorted keys: plain, with ties, stratified, and Fleming-Harrington weights.

Every function takes `keys` of shape (n, width), each row sorted (`cut`), and `enrolled` of shape (n,), the keys of a
row that hold a patient, and writes `score` and `variance` of shape (n,): expected minus observed events of the
experimental arm, and its hypergeometric variance. They walk from the last time to the first, because then the numbers
at risk only grow.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.trial.simulation.cut import ARM, EVENT, STRATUM_SHIFT, TIME_SHIFT


@njit(cache=True, nogil=True, fastmath={"reassoc", "nsz", "contract"}, error_model="numpy")
def log_rank_distinct(
    keys: NDArray[np.uint64], enrolled: NDArray[np.int64], score: NDArray[np.float64], variance: NDArray[np.float64]
) -> None:  # pragma: no cover  # compiled
    """Log-rank scores where no two times are equal."""
    width = keys.shape[1]
    share_of = 1.0 / np.arange(1, width + 2)
    at_risk = np.empty(width, dtype=np.float64)
    for row in range(keys.shape[0]):
        key, patients = keys[row], enrolled[row]
        experimental = np.int64(0)
        for i in range(patients - 1, -1, -1):
            experimental += np.int64(key[i] & np.uint64(ARM))
            at_risk[i] = experimental
        total, spread = 0.0, 0.0
        for i in range(patients):
            event = np.float64((key[i] & np.uint64(EVENT)) >> np.uint64(1))
            share = at_risk[i] * share_of[patients - 1 - i]
            total += event * (share - np.float64(key[i] & np.uint64(ARM)))
            spread += event * share * (1.0 - share)
        score[row], variance[row] = total, spread


@njit(cache=True, nogil=True, error_model="numpy")
def log_rank_tied(
    keys: NDArray[np.uint64], enrolled: NDArray[np.int64], score: NDArray[np.float64], variance: NDArray[np.float64]
) -> None:  # pragma: no cover  # compiled
    """Log-rank scores with equal times, summed over strata."""
    at_risk, experimental = np.zeros(8), np.zeros(8)
    events, of_experimental = np.zeros(8), np.zeros(8)
    for row in range(keys.shape[0]):
        key = keys[row]
        at_risk[:], experimental[:] = 0.0, 0.0
        total, spread = 0.0, 0.0
        i = enrolled[row] - 1
        while i >= 0:
            time = key[i] >> np.uint64(TIME_SHIFT)
            lowest, highest = np.int64(8), np.int64(-1)
            while i >= 0 and key[i] >> np.uint64(TIME_SHIFT) == time:
                stratum = np.int64((key[i] >> np.uint64(STRATUM_SHIFT)) & np.uint64(7))
                arm = np.float64(key[i] & np.uint64(ARM))
                at_risk[stratum] += 1.0
                experimental[stratum] += arm
                if key[i] & np.uint64(EVENT):
                    events[stratum] += 1.0
                    of_experimental[stratum] += arm
                    lowest, highest = min(lowest, stratum), max(highest, stratum)
                i -= 1
            for group in range(lowest, highest + 1):
                number, share = events[group], experimental[group] / at_risk[group]
                if number > 0.0:
                    total += number * share - of_experimental[group]
                    if at_risk[group] > 1.0:
                        left = (at_risk[group] - number) / (at_risk[group] - 1.0)
                        spread += number * share * (1.0 - share) * left
                    events[group], of_experimental[group] = 0.0, 0.0
        score[row], variance[row] = total, spread


@njit(cache=True, nogil=True, error_model="numpy")
def fleming_harrington(
    keys: NDArray[np.uint64],
    enrolled: NDArray[np.int64],
    rho: float,
    gamma: float,
    score: NDArray[np.float64],
    variance: NDArray[np.float64],
    covariance: NDArray[np.float64],
) -> None:  # pragma: no cover  # compiled
    """Weighted log-rank scores, weights S^rho (1 - S)^gamma just before each time, strata ignored.

    `covariance` receives that with the unweighted score, whose variance has the same terms without weights.
    """
    for row in range(keys.shape[0]):
        key, patients = keys[row], enrolled[row]
        experimental_at_risk = np.int64(0)
        for i in range(patients - 1, -1, -1):
            experimental_at_risk += np.int64(key[i] & np.uint64(ARM))
        total, spread, common, surviving = 0.0, 0.0, 0.0, 1.0
        i = 0
        while i < patients:
            at_risk, experimental = patients - i, experimental_at_risk
            time = key[i] >> np.uint64(TIME_SHIFT)
            events, of_experimental = 0, np.int64(0)
            while i < patients and key[i] >> np.uint64(TIME_SHIFT) == time:
                arm = np.int64(key[i] & np.uint64(ARM))
                experimental_at_risk -= arm
                if key[i] & np.uint64(EVENT):
                    events += 1
                    of_experimental += arm
                i += 1
            if events > 0:
                weight = surviving**rho * (1.0 - surviving) ** gamma
                share = experimental / at_risk
                total += weight * (events * share - of_experimental)
                if at_risk > 1:
                    term = events * share * (1.0 - share) * (at_risk - events) / (at_risk - 1.0)
                    spread += weight * weight * term
                    common += weight * term
                surviving *= 1.0 - events / at_risk
        score[row], variance[row], covariance[row] = total, spread, common
