"""The data of a look: what is known at a calendar time, as sorted keys.

A key is an on-study time as 64-bit float, its low bits replaced by arm (1), event (2) and stratum (4 and up): sorting
keys sorts patients by time, and nothing else is carried along. Five bits of 52 leave times exact to 1e-14.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

ARM: Final = 1
EVENT: Final = 2
STRATUM_SHIFT: Final = 2
TIME_SHIFT: Final = 5


@njit(cache=True, nogil=True)
def event_cuts(
    calendar: NDArray[np.float64],
    planned: NDArray[np.int64],
    latest_year: float,
    cut: NDArray[np.float64],
    forced: NDArray[np.bool_],
    events: NDArray[np.int32],
) -> None:  # pragma: no cover  # compiled
    """Write the calendar time of each event-driven look, whether it had to be made early, and its events.

    Parameters
    ----------
    calendar : ndarray of shape (r, patients)
        Calendar time of each event, infinite without one; each row sorted.
    planned : ndarray of shape (k,)
        Events at each look.
    latest_year : float
        Infinite without.
    cut, forced, events : ndarray of shape (r, k)
        Written; several events may fall on the calendar time of a look.
    """
    patients = calendar.shape[1]
    for row in range(calendar.shape[0]):
        times = calendar[row]
        for k in range(planned.size):
            wanted = times[planned[k] - 1]
            cut[row, k] = min(wanted, latest_year)
            forced[row, k] = wanted > latest_year
            count = 0 if forced[row, k] else planned[k]
            while count < patients and times[count] <= cut[row, k]:
                count += 1
            events[row, k] = count


@njit(cache=True, nogil=True)
def count_events(
    seen: NDArray[np.float64],
    arrival: NDArray[np.float64],
    low: NDArray[np.uint8],
    years: NDArray[np.float64],
    events: NDArray[np.int32],
) -> None:  # pragma: no cover  # compiled
    """Write how many events looks at calendar years have.

    Parameters
    ----------
    seen, arrival, low
        As of `fill_keys`.
    years : ndarray of shape (k,)
        Of the looks.
    events : ndarray of shape (r, k)
        Written.
    """
    for row in range(seen.shape[0]):
        time, start, bits = seen[row], arrival[row], low[row if low.shape[0] > 1 else 0]
        for k in range(years.size):
            count = 0
            for j in range(time.size):
                count += (start[j] + time[j] <= years[k]) & (bits[j] >> 1)
            events[row, k] = count


def low_bits(
    arms: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    stratum: NDArray[np.int64] | None,
    event: NDArray[np.bool_] | None,
) -> NDArray[np.uint8]:
    """Arm, event and stratum of each patient as the low bits of a key.

    Parameters
    ----------
    arms, kinds : ndarray of shape (1, patients) or (256, patients)
        Of each patient.
    stratum : ndarray of shape (kinds,), optional
        Of each kind; without it nobody is told apart.
    event : ndarray of shape (256, patients), optional
        Whether what is seen counts as event; always by default.
    """
    bits = arms | np.uint8(EVENT) if event is None else arms | (event.view(np.uint8) << 1)
    if stratum is not None:
        bits = bits | (stratum[kinds] << STRATUM_SHIFT)
    return np.ascontiguousarray(bits, dtype=np.uint8)


@njit(cache=True, nogil=True)
def fill_keys(
    seen: NDArray[np.float64],
    arrival: NDArray[np.float64],
    low: NDArray[np.uint8],
    cut: NDArray[np.float64],
    live: NDArray[np.int64],
    keys: NDArray[np.uint64],
    enrolled: NDArray[np.int64],
) -> None:  # pragma: no cover  # compiled
    """Write the keys of the live trials, one row each, those who are not enrolled at the end.

    Parameters
    ----------
    seen, arrival : ndarray of shape (r, patients)
        On-study time of the event or of censoring before any cut, and calendar time of randomisation, in years.
    low : ndarray of shape (1, patients) or (r, patients)
        Result of `low_bits`.
    cut : ndarray of shape (r,)
        Calendar time of the look.
    live : ndarray of shape (n,)
        Rows to write.
    keys : ndarray of shape (>= n, patients)
        Written; not yet sorted.
    enrolled : ndarray of shape (>= n,)
        Written: keys that hold a patient.
    """
    many = low.shape[0] > 1
    flags = np.uint64((1 << TIME_SHIFT) - 1)
    no_event = ~np.uint64(EVENT)
    for place in range(live.size):
        row = live[place]
        key, times, low_row = keys[place], keys[place].view(np.float64), low[row if many else 0]
        if arrival[row].max() < cut[row]:  # nobody to leave out: the same as below, without branches
            enrolled[place] = seen.shape[1]
            for j in range(seen.shape[1]):
                known = arrival[row, j] + seen[row, j] <= cut[row]
                times[j] = seen[row, j] if known else cut[row] - arrival[row, j]
                bits = np.uint64(low_row[j])
                key[j] = (key[j] & ~flags) | (bits if known else bits & no_event)
            continue
        count = 0
        for j in range(seen.shape[1]):
            since = cut[row] - arrival[row, j]
            if since > 0.0:
                known = arrival[row, j] + seen[row, j] <= cut[row]
                bits = np.uint64(low_row[j])
                times[count] = seen[row, j] if known else since
                key[count] = (key[count] & ~flags) | (bits if known else bits & no_event)
                count += 1
        enrolled[place] = count
        for j in range(count, seen.shape[1]):
            key[j] = ~np.uint64(0)


@njit(cache=True, nogil=True)
def settle(
    live: NDArray[np.int64],
    z: NDArray[np.float64],
    estimate: NDArray[np.float64],
    patients: NDArray[np.int64],
    last: NDArray[np.bool_],
    efficacy: NDArray[np.float64],
    futility: float,
    k: int,
    look: NDArray[np.int8],
    crossed: NDArray[np.int8],
    all_z: NDArray[np.float64],
    log_hazard_ratio: NDArray[np.float64],
    enrolled: NDArray[np.int32],
) -> int:  # pragma: no cover  # compiled
    """Write down look k of the live trials, and return how many go on; they are moved to the front of `live`.

    Parameters
    ----------
    live, z, estimate, patients, efficacy : ndarray of shape (n,) or longer
        Row of each live trial, its Z, estimate, patients and efficacy bound.
    last : ndarray of shape (r,)
        Trials for which this is the last look whatever it finds.
    futility : float
        Bound of Z, not used at a last look.
    k : int
        From 0.
    look, crossed, log_hazard_ratio : ndarray of shape (r,)
        Written, as of `residuum.trial.simulation.simulate.Replicates`.
    all_z, enrolled : ndarray of shape (r, looks)
        Written.
    """
    going_on = 0
    for place in range(live.size):
        row = live[place]
        all_z[row, k], log_hazard_ratio[row], enrolled[row, k] = z[place], estimate[place], patients[place]
        if z[place] >= efficacy[place]:
            crossed[row] = 1
        elif z[place] <= futility and not last[row]:
            crossed[row] = -1
        if crossed[row] != 0 or last[row]:
            look[row] = k + 1
        else:
            live[going_on] = row
            going_on += 1
    return going_on
