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


def event_cuts(
    calendar: NDArray[np.float64], events: NDArray[np.int64], latest_year: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Calendar time of each event-driven look, and whether it had to be made early.

    Parameters
    ----------
    calendar : ndarray of shape (r, patients)
        Calendar time of each event, infinite without one; sorted in place.
    events : ndarray of shape (k,)
        At each look.
    latest_year : float
        Infinite without.

    Returns
    -------
    cuts : ndarray of shape (r, k)
        At most `latest_year`.
    forced : ndarray of shape (r, k), bool
    """
    calendar.sort(axis=1)
    wanted = calendar[:, events - 1]
    return np.minimum(wanted, latest_year), wanted > latest_year


@njit(cache=True, nogil=True)
def count_events(
    calendar: NDArray[np.float64], cut: NDArray[np.float64], events: NDArray[np.int32]
) -> None:  # pragma: no cover  # compiled
    """Write how many events each look has.

    Parameters
    ----------
    calendar : ndarray of shape (r, patients)
        Calendar time of each event, infinite without one.
    cut : ndarray of shape (r, k)
        Of each look.
    events : ndarray of shape (r, k)
        Written.
    """
    for row in range(calendar.shape[0]):
        for k in range(cut.shape[1]):
            count = 0
            for j in range(calendar.shape[1]):
                count += calendar[row, j] <= cut[row, k]
            events[row, k] = count


def low_bits(
    arms: NDArray[np.uint8], kinds: NDArray[np.uint8], stratum: NDArray[np.int64], event: NDArray[np.bool_] | None
) -> NDArray[np.uint8]:
    """Arm, event and stratum of each patient as the low bits of a key.

    Parameters
    ----------
    arms, kinds : ndarray of shape (1, patients) or (256, patients)
        Of each patient.
    stratum : ndarray of shape (kinds,)
        Of each kind.
    event : ndarray of shape (256, patients), optional
        Whether what is seen counts as event; always by default.
    """
    bits = arms + (EVENT if event is None else event.astype(np.uint8) * EVENT)
    if stratum.any():
        bits = bits + (stratum[kinds] << STRATUM_SHIFT)
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
