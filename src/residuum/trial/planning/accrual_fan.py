"""How many children have come by when: a fan of simulated accruals under one reading of the funnel."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.records.design import Design, Funnelling
from residuum.records.errors import CallError
from residuum.trial.model.accrual import patients_per_year
from residuum.trial.planning.available import as_centres
from residuum.trial.planning.variants import read_accrual
from residuum.trial.simulation.arrival import draw_arrivals
from residuum.trial.simulation.draws import BLOCK, Draws, Workspace, design_key

STEPS_PER_YEAR: Final = 4
LEVELS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
# Simulated accruals: enough for the ends of the 90 % band to be right within a child.
TRIALS: Final = 5120
MOST_PATIENTS: Final = 4000


@dataclass(frozen=True, slots=True, eq=False)
class AccrualFan:
    """Cumulative numbers of children randomised, at the central values of a design.

    Attributes
    ----------
    years : ndarray of shape (k,)
        Calendar time, quarter by quarter, from the opening of the first centre.
    quantiles : ndarray of shape (5, k)
        Of the number who have come, at 0.05, 0.25, 0.5, 0.75, 0.95; nobody is turned away.
    """

    years: NDArray[np.float64]
    quantiles: NDArray[np.float64]


def derive_accrual_fan(design: Design, reading: Funnelling | None, seed: int, *, trials: int = TRIALS) -> AccrualFan:
    """Simulate accrual until the declared time is over, with the random arrays of the trial's own arrivals.

    Parameters
    ----------
    design : Design
        Checked. Accrual is taken to stay open until `criteria.done_years`, or its own end where that is later.
    reading : {"evaluable", "stage_m"} or None
        Of the funnel; None without one.
    seed : int
        0 or above.
    trials : int
        Accruals simulated, rounded up to blocks of 256.

    Returns
    -------
    AccrualFan

    Raises
    ------
    CallError
        `trials` or `seed` is out of range.

    References
    ----------
    Anisimov VV, Fedorov VV. Stat Med 2007;26:4958-4975.
    """
    if trials < 1 or seed < 0:
        raise CallError(f"trials {trials} or seed {seed} is out of range; give at least 1 and at least 0")
    accrual = as_centres(read_accrual(design.accrual, reading))
    even = accrual.pattern == "uniform"
    horizon = accrual.years if even else max(accrual.years, design.criteria.done_years)
    columns = accrual.patients
    if not even:
        # Hardly any simulated accrual reaches beyond, so that the bands are not cut off.
        mean = patients_per_year(accrual) * horizon
        spread = np.sqrt(mean + mean**2 / (accrual.centres * accrual.shape.central))
        columns = int(np.clip(np.ceil(mean + 5 * spread), 2, MOST_PATIENTS))
    years = np.linspace(0, horizon, round(horizon * STEPS_PER_YEAR) + 1)
    wide = accrual.model_copy(update={"years": horizon, "patients": columns})
    key, workspace = design_key(design.id), Workspace()
    counts = [
        _counts(draw_arrivals(wide, Draws(key, seed, block, columns, columns, workspace)), years)
        for block in range(-(-trials // BLOCK))
    ]
    return AccrualFan(years, np.quantile(np.concatenate(counts), LEVELS, axis=0))


def _counts(arrivals: NDArray[np.float64], years: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many have arrived by each time, shape (256, times)."""
    return np.stack([(arrivals <= year).sum(axis=1) for year in years], axis=1)
