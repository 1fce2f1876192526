"""Time and cause of every patient's first failure, by inverting the cumulative hazard."""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.trial.baseline import EXPONENTIAL, Baseline, years_at
from residuum.trial.draws import Draws, Stream
from residuum.trial.hazards import Hazards

TARGET: Final = 0
ELSEWHERE: Final = 1
DEATH: Final = 2


def draw_failures(
    hazards: Hazards, draws: Draws, kinds: NDArray[np.uint8], arms: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Years from randomisation to the first failure, infinite for who never fails; fatal toxicity not yet included.

    Parameters
    ----------
    hazards : Hazards
        Of the design.
    draws : Draws
        Of the block.
    kinds, arms : ndarray of shape (1, patients) or (256, patients)
        Results of `draw_kinds` and `allocate`.

    Returns
    -------
    ndarray of shape (256, patients)
    """
    level = draws.exponential(Stream.FAILURE)
    baseline, delay = hazards.baseline, hazards.delay
    frailty = draws.gamma(Stream.FRAILTY, 1 / baseline.frailty) if baseline.frailty > 0 else np.ones((1, 1))
    before, after = hazards.before.sum(axis=2), hazards.after.sum(axis=2)
    switch = np.where(hazards.irradiated & (delay > 0), delay, np.inf)
    start = np.where(hazards.irradiated & (delay <= 0), after, before)
    if kinds.shape[0] == 1 and _constant(hazards):
        level /= baseline.rate * start[arms, kinds]  # the same as below, at a tenth of its cost
        return level
    _fail(level, frailty, kinds, arms, start, after, switch, -np.log1p(-baseline.shared_cure), baseline)
    return level


def draw_causes(
    hazards: Hazards,
    draws: Draws,
    kinds: NDArray[np.uint8],
    arms: NDArray[np.uint8],
    years: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """Cause of each failure: TARGET, ELSEWHERE or DEATH, shape (256, patients).

    Parameters
    ----------
    hazards, draws, kinds, arms
        As for `draw_failures`.
    years : ndarray of shape (256, patients)
        Result of `draw_failures`: the weights that hold then decide.
    """
    causes = np.empty(years.shape, dtype=np.uint8)
    cuts = [
        _ratio(np.cumsum(weights, axis=2)[..., :2], weights.sum(axis=2)[..., np.newaxis])
        for weights in (hazards.before, hazards.after)
    ]
    turns = np.where(hazards.irradiated, hazards.delay_years, np.inf)
    _decide(draws.uniform(Stream.CAUSE), kinds, arms, years, turns, cuts[0], cuts[1], causes)
    return causes


def add_toxicity(
    hazards: Hazards,
    draws: Draws,
    kinds: NDArray[np.uint8],
    arms: NDArray[np.uint8],
    years: NDArray[np.float64],
    causes: NDArray[np.uint8] | None,
) -> None:
    """Let fatal toxicity come first where it does: changes `years`, and `causes` to DEATH where given.

    Parameters
    ----------
    hazards, draws, kinds, arms
        As for `draw_failures`.
    years, causes : ndarray of shape (256, patients)
        Results of `draw_failures` and `draw_causes`.
    """
    toxic = draws.exponential(Stream.TOXICITY) / hazards.toxicity_per_year + hazards.delay_years
    first = hazards.irradiated[arms, kinds] & (toxic < years)
    years[first] = toxic[first]
    if causes is not None:
        causes[first] = DEATH


def _ratio(weights: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares, 0 for those whom irradiation leaves without any hazard."""
    return np.divide(weights, total, out=np.zeros(weights.shape), where=total > 0)


def _constant(hazards: Hazards) -> bool:
    baseline = hazards.baseline
    unmixed = baseline.shared_cure == baseline.own_cure == baseline.frailty == 0
    return baseline.kind == EXPONENTIAL and unmixed and not (hazards.irradiated.any() and hazards.delay_years > 0)


@njit(cache=True, nogil=True)
def _fail(
    level: NDArray[np.float64],
    frailty: NDArray[np.float64],
    kinds: NDArray[np.uint8],
    arms: NDArray[np.uint8],
    start: NDArray[np.float64],
    after: NDArray[np.float64],
    switch: NDArray[np.float64],
    cured_below: float,
    baseline: Baseline,
) -> None:  # pragma: no cover  # compiled
    """Replace standard exponential levels by years: level = frailty (start min(G, switch) + after (G - switch)+)."""
    many_kinds, many_arms, frail = kinds.shape[0] > 1, arms.shape[0] > 1, frailty.shape[0] > 1
    for row in range(level.shape[0]):
        kind_row, arm_row = kinds[row if many_kinds else 0], arms[row if many_arms else 0]
        for j in range(level.shape[1]):
            kind, arm = kind_row[j], arm_row[j]
            left = level[row, j] - cured_below
            if cured_below > 0.0 and left <= 0.0:
                level[row, j] = np.inf
                continue
            if frail:
                left /= frailty[row, j]
            to_switch = start[arm, kind] * switch[arm, kind]
            if left <= to_switch:
                operational = left / start[arm, kind]
            elif after[arm, kind] > 0.0:
                operational = switch[arm, kind] + (left - to_switch) / after[arm, kind]
            else:
                operational = np.inf
            level[row, j] = years_at(baseline, operational)


@njit(cache=True, nogil=True)
def _decide(
    uniform: NDArray[np.float64],
    kinds: NDArray[np.uint8],
    arms: NDArray[np.uint8],
    years: NDArray[np.float64],
    turns: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    causes: NDArray[np.uint8],
) -> None:  # pragma: no cover  # compiled
    many_kinds, many_arms = kinds.shape[0] > 1, arms.shape[0] > 1
    for row in range(years.shape[0]):
        kind_row, arm_row = kinds[row if many_kinds else 0], arms[row if many_arms else 0]
        for j in range(years.shape[1]):
            kind, arm = kind_row[j], arm_row[j]
            cut = after[arm, kind] if years[row, j] > turns[arm, kind] else before[arm, kind]
            causes[row, j] = TARGET if uniform[row, j] < cut[0] else (ELSEWHERE if uniform[row, j] < cut[1] else DEATH)
