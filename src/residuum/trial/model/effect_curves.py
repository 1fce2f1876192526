"""EFS of both arms over time, and their hazard ratio year by year, as curves to be drawn."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.trial.model.arms import CONTROL, EXPERIMENTAL, event_free
from residuum.trial.model.effect import LATE_YEARS, window_hazard_ratios
from residuum.trial.model.hazards import Hazards

STEPS_PER_YEAR: Final = 32
WINDOWS_YEARS: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0)


@dataclass(frozen=True, slots=True, eq=False)
class EffectCurves:
    """What a design says of two arms, under one bound of f.

    Attributes
    ----------
    years : ndarray of shape (k,)
        From randomisation to 10 years.
    control, experimental : ndarray of shape (k,)
        EFS.
    edges_years : ndarray of shape (w + 1,)
        Of the windows.
    hazard_ratios : ndarray of shape (w,)
        Experimental over control; NaN where neither arm has events.
    """

    years: NDArray[np.float64]
    control: NDArray[np.float64]
    experimental: NDArray[np.float64]
    edges_years: NDArray[np.float64]
    hazard_ratios: NDArray[np.float64]


def derive_effect_curves(hazards: Hazards) -> EffectCurves:
    """Return the curves of a design under one bound of f.

    Parameters
    ----------
    hazards : Hazards
        Of the design under the bound.

    Returns
    -------
    EffectCurves
    """
    years = np.linspace(0, LATE_YEARS, int(LATE_YEARS * STEPS_PER_YEAR) + 1)
    return EffectCurves(
        years=years,
        control=event_free(hazards, CONTROL, years),
        experimental=event_free(hazards, EXPERIMENTAL, years),
        edges_years=np.array(WINDOWS_YEARS),
        hazard_ratios=window_hazard_ratios(hazards, WINDOWS_YEARS),
    )
