"""EFS of a whole arm, computed without simulation: a mixture over the kinds of patient and their frailty."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.trial.model.baseline import PIECEWISE, operational_time
from residuum.trial.model.hazards import Hazards

CONTROL: Final = 0
EXPERIMENTAL: Final = 1


def cumulative_hazard(hazards: Hazards, arm: int, years: ArrayLike) -> NDArray[np.float64]:
    """Cumulative hazard of the first event in a whole arm, -ln EFS.

    A kind of patient with weights A before and B after the delay D has the operational time x = A G(min(t, D)) +
    B (G(t) - G(min(t, D))), survives it with probability (1 + v x)^(-1 / v) (e^-x without frailty, variance v), is
    among the cured p or not, and escapes toxicity with e^(-toxicity (t - D)). The arm is the mixture of the kinds.

    Parameters
    ----------
    hazards : Hazards
        Of a design under one bound of f.
    arm : {0, 1}
        Control, experimental.
    years : array_like
        From randomisation, 0 or above.

    Returns
    -------
    ndarray
        Of the shape of `years`; infinite where EFS is 0.

    References
    ----------
    Hougaard P. Biometrika 1986;73:387-396 (the Laplace transform of the gamma frailty).
    """
    time = np.asarray(years, dtype=np.float64)
    cure = hazards.baseline.shared_cure
    disease = disease_hazard(hazards, arm, time)
    if cure > 0:
        disease = -np.logaddexp(np.log(cure), np.log1p(-cure) - disease)
    later = np.maximum(time - hazards.delay_years, 0.0)[..., np.newaxis]
    total = disease + hazards.irradiated[arm] * hazards.toxicity_per_year * later
    # One kind of patient is summed without logarithms, so that constant hazards keep every digit.
    if hazards.probability.size == 1:
        return np.asarray(total[..., 0])
    return -np.asarray(np.logaddexp.reduce(np.log(hazards.probability) - total, axis=-1))


def disease_hazard(hazards: Hazards, arm: int, years: ArrayLike) -> NDArray[np.float64]:
    """Cumulative hazard of the uncured of each kind, toxicity apart.

    Parameters
    ----------
    hazards, arm, years
        As of `cumulative_hazard`.

    Returns
    -------
    ndarray of shape (..., kinds)
        One more axis than `years`.
    """
    time = np.asarray(years, dtype=np.float64)
    first = operational_time(hazards.baseline, np.minimum(time, hazards.delay_years))[..., np.newaxis]
    with np.errstate(invalid="ignore"):
        then = operational_time(hazards.baseline, time)[..., np.newaxis] - first
    before, after = hazards.before[arm].sum(axis=-1), hazards.after[arm].sum(axis=-1)
    with np.errstate(invalid="ignore"):
        conditional = before * first + np.where(after > 0, after * then, 0.0)
    variance = hazards.baseline.frailty
    return np.asarray(np.log1p(variance * conditional) / variance if variance > 0 else conditional)


def event_free(hazards: Hazards, arm: int, years: ArrayLike) -> NDArray[np.float64]:
    """EFS of a whole arm.

    Parameters
    ----------
    hazards, arm, years
        As of `cumulative_hazard`.

    Returns
    -------
    ndarray
        Probabilities, of the shape of `years`.
    """
    return np.exp(-cumulative_hazard(hazards, arm, years))


def jumps(hazards: Hazards) -> list[float]:
    """Return the years at which a hazard may jump: the delay, and the starts of a piecewise baseline."""
    starts = hazards.baseline.starts.tolist() if hazards.baseline.kind == PIECEWISE else []
    return [hazards.delay_years, *starts]
