"""When patients come: evenly, or centre by centre with rates that differ (Poisson-gamma)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.records.design import Accrual
from residuum.trial.model.accrual import centre_openings, patients_per_year
from residuum.trial.simulation.draws import Draws, Stream


def draw_arrivals(accrual: Accrual, draws: Draws) -> NDArray[np.float64]:
    """Calendar years at which patients are randomised.

    Parameters
    ----------
    accrual : Accrual
        Of the design, at its central values.
    draws : Draws
        Of the block.

    Returns
    -------
    ndarray of shape (256, patients)
        Infinite for who is not enrolled by the end of accrual.

    References
    ----------
    Anisimov VV, Fedorov VV. Stat Med 2007;26:4958-4975.
    """
    if accrual.pattern == "uniform":
        arrival = draws.uniform(Stream.ARRIVAL)
        arrival *= accrual.years
        return arrival
    spread = draws.gamma(Stream.CENTRES, accrual.shape.central, accrual.centres)
    rates = spread * (patients_per_year(accrual) / accrual.centres)
    arrival = draws.exponential(Stream.ARRIVAL)
    _centre_arrivals(arrival, rates, centre_openings(accrual), accrual.years)
    return arrival


@njit(cache=True, nogil=True)
def _centre_arrivals(
    spacing: NDArray[np.float64], rates: NDArray[np.float64], openings: NDArray[np.float64], years: float
) -> None:  # pragma: no cover  # compiled
    """Replace standard exponential spacings by the arrivals of a Poisson process that speeds up at each opening."""
    for row in range(spacing.shape[0]):
        centre, rate, since, expected, reached = 0, 0.0, 0.0, 0.0, 0.0
        for j in range(spacing.shape[1]):
            reached += spacing[row, j]
            while centre < openings.size:
                at_opening = expected + rate * (openings[centre] - since)
                if rate > 0.0 and at_opening >= reached:
                    break
                expected, since = at_opening, openings[centre]
                rate += rates[row, centre]
                centre += 1
            time = since + (reached - expected) / rate if rate > 0.0 else np.inf
            spacing[row, j] = time if time <= years else np.inf
