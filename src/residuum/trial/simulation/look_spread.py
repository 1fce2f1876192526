"""Where Z lies when a trial looks at it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.trial.simulation.simulate import Replicates

LEVELS: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class LookSpread:
    """Spread over the trials that make a look, k looks.

    Attributes
    ----------
    made : ndarray of shape (k,), int
        Trials that make the look: those that stopped before have no Z.
    z : ndarray of shape (3, k)
        Quantiles 0.05, 0.5, 0.95 of Z; NaN where nobody makes the look.
    events : ndarray of shape (k,)
        Median number of events then.
    """

    made: NDArray[np.int64]
    z: NDArray[np.float64]
    events: NDArray[np.float64]


def derive_look_spread(trials: Replicates) -> LookSpread:
    """Return where Z lies at every look.

    Parameters
    ----------
    trials : Replicates
        Result of `residuum.trial.simulation.simulate.simulate`.

    Returns
    -------
    LookSpread
    """
    looks = trials.z.shape[1]
    z, events = np.full((len(LEVELS), looks), np.nan), np.full(looks, np.nan)
    made = ~np.isnan(trials.z)
    for k in range(looks):
        if made[:, k].any():
            z[:, k] = np.quantile(trials.z[made[:, k], k], LEVELS)
            events[k] = np.median(trials.events[made[:, k], k])
    return LookSpread(made.sum(axis=0), z, events)
