"""When patients come: evenly, or centre by centre with rates that differ (Poisson-gamma)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.records.design import Accrual, Funnel, Funnelling
from residuum.records.errors import CallError
from residuum.trial.draws import Draws, Stream


def funnel_per_year(funnel: Funnel, reading: Funnelling | None = None) -> float:
    """Patients randomised per year once every centre is open, at the central values.

    Parameters
    ----------
    funnel : Funnel
        Of the design.
    reading : {"evaluable", "stage_m"}, optional
        What the persistent are a share of; the design's own reading by default.
    """
    of = funnel.persistent_of if reading is None else reading
    shares = [funnel.stage_m, funnel.persistent, funnel.oligo, funnel.consent]
    if of == "evaluable":
        shares.append(funnel.evaluable)
    return float(funnel.enrolled_per_year.central * np.prod([share.central for share in shares]))


def patients_per_year(accrual: Accrual) -> float:
    """Patients expected per year with every centre open.

    Raises
    ------
    CallError
        Accrual by centres declares neither a rate nor a funnel.
    """
    if accrual.pattern == "uniform":
        return accrual.patients / accrual.years
    if accrual.per_year is not None:
        return accrual.per_year.central
    if accrual.funnel is None:
        raise CallError("accrual.per_year is missing; give it or [accrual.funnel]")
    return funnel_per_year(accrual.funnel)


def centre_openings(accrual: Accrual) -> NDArray[np.float64]:
    """Calendar years at which the centres open, shape (centres,)."""
    if accrual.centres == 1:
        return np.zeros(1)
    return np.linspace(0, accrual.opening_years, accrual.centres)


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
