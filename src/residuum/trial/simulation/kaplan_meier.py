"""Differences of two Kaplan-Meier curves on sorted keys: at a milestone, and of the areas under them (RMST)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.trial.simulation.cut import ARM, EVENT, TIME_SHIFT


@njit(cache=True, nogil=True, error_model="numpy")
def curve_differences(
    keys: NDArray[np.uint64],
    enrolled: NDArray[np.int64],
    horizon_years: float,
    areas: bool,
    difference: NDArray[np.float64],
    variance: NDArray[np.float64],
) -> None:  # pragma: no cover  # compiled
    """Write experimental minus control survival at the horizon (or area up to it), and its Greenwood variance.

    Parameters
    ----------
    keys : ndarray of shape (n, width)
        Each row sorted (`residuum.trial.simulation.cut`).
    enrolled : ndarray of shape (n,)
        Keys of a row that hold a patient.
    horizon_years : float
        Of the milestone, or of the restricted mean.
    areas : bool
        Restricted mean survival time instead of survival.
    difference, variance : ndarray of shape (n,)
        Written.
    """
    width = keys.shape[1]
    steps, hazards = np.empty(width), np.empty(width)
    flags = np.uint64((1 << TIME_SHIFT) - 1)
    instant = np.full(1, horizon_years)
    instant_key = instant.view(np.uint64)
    last_key = instant_key[0] | flags
    for row in range(keys.shape[0]):
        key, patients = keys[row], enrolled[row]
        result, spread = 0.0, 0.0
        for arm in range(2):
            at_risk = np.int64(0)
            for i in range(patients):
                at_risk += np.int64(np.int64(key[i] & np.uint64(ARM)) == arm)
            surviving, area, since, greenwood, count = 1.0, 0.0, 0.0, 0.0, 0
            i = 0
            while i < patients and key[i] <= last_key:
                time = key[i] >> np.uint64(TIME_SHIFT)
                instant_key[0] = key[i] & ~flags  # the time without its low bits
                now = instant[0]
                events, leaving = np.int64(0), 0
                while i < patients and key[i] >> np.uint64(TIME_SHIFT) == time:
                    if np.int64(key[i] & np.uint64(ARM)) == arm:
                        leaving += 1
                        events += np.int64((key[i] & np.uint64(EVENT)) >> np.uint64(1))
                    i += 1
                if events > 0:
                    area += surviving * (now - since)
                    since = now
                    surviving *= 1.0 - events / at_risk
                    # once everybody at risk fails, survival stays 0 and nothing more is uncertain
                    hazard = events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
                    steps[count], hazards[count] = area, hazard
                    greenwood += hazard
                    count += 1
                at_risk -= leaving
            area += surviving * (horizon_years - since)
            sign = 1.0 if arm == 1 else -1.0
            if areas:
                result += sign * area
                for i in range(count):
                    spread += (area - steps[i]) ** 2 * hazards[i]
            else:
                result += sign * surviving
                spread += surviving * surviving * greenwood
        difference[row], variance[row] = result, spread
