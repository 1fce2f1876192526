"""Time and cause of every patient's first failure, by inverting the cumulative hazard."""

from functools import lru_cache
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from residuum.trial.model.baseline import EXPONENTIAL, years_at
from residuum.trial.model.hazards import Hazards
from residuum.trial.simulation.draws import Draws, Stream

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
    baseline = hazards.baseline
    start, after, switch = _speeds(hazards)
    if kinds.shape[0] == 1 and _constant(hazards):
        return draws.exponential(Stream.FAILURE, 1 / (baseline.rate * start[arms, kinds]))
    level = draws.exponential(Stream.FAILURE)
    if baseline.shared_cure > 0:
        level += np.log1p(-baseline.shared_cure)  # below 0 for the cured
    if baseline.frailty > 0:
        level /= draws.gamma(Stream.FRAILTY, 1 / baseline.frailty)
    _weigh(level, kinds, arms, start, after, switch)
    return years_at(baseline, level)


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
    toxic = draws.exponential(Stream.TOXICITY, 1 / hazards.toxicity_per_year) + hazards.delay_years
    first = hazards.irradiated[arms, kinds] & (toxic < years)
    years[first] = toxic[first]
    if causes is not None:
        causes[first] = DEATH


@lru_cache(maxsize=256)  # the same for every block of a scenario
def _speeds(hazards: Hazards) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return weights before and after the switch, and its operational time (infinite without); (2, kinds) each."""
    delay = hazards.delay
    before, after = hazards.before.sum(axis=2), hazards.after.sum(axis=2)
    switch = np.where(hazards.irradiated & (delay > 0), delay, np.inf)
    return np.where(hazards.irradiated & (delay <= 0), after, before), after, switch


@lru_cache(maxsize=256)
def _constant(hazards: Hazards) -> bool:
    """Return whether all hazards are constant and above 0: then no level need be inverted."""
    baseline, (start, _, switch) = hazards.baseline, _speeds(hazards)
    mixed = baseline.shared_cure > 0 or baseline.own_cure > 0 or baseline.frailty > 0
    return baseline.kind == EXPONENTIAL and not mixed and bool(start.all() and np.isinf(switch).all())


def _ratio(weights: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares, 0 for those whom irradiation leaves without any hazard."""
    return np.divide(weights, total, out=np.zeros(weights.shape), where=total > 0)


@njit(cache=True, nogil=True, error_model="numpy")
def _weigh(
    level: NDArray[np.float64],
    kinds: NDArray[np.uint8],
    arms: NDArray[np.uint8],
    start: NDArray[np.float64],
    after: NDArray[np.float64],
    switch: NDArray[np.float64],
) -> None:  # pragma: no cover  # compiled
    """Replace levels by operational times G: level = start min(G, switch) + after (G - switch)+; never below 0."""
    many_kinds, many_arms = kinds.shape[0] > 1, arms.shape[0] > 1
    to_switch = np.where(np.isinf(switch), np.inf, start * switch)
    less, more = 1.0 / start, 1.0 / after
    for row in range(level.shape[0]):
        kind_row, arm_row = kinds[row if many_kinds else 0], arms[row if many_arms else 0]
        for j in range(level.shape[1]):
            kind, arm, left = kind_row[j], arm_row[j], level[row, j]
            beyond = left - to_switch[arm, kind]
            early, late = left * less[arm, kind], switch[arm, kind] + beyond * more[arm, kind]
            operational = early if beyond <= 0.0 else late
            # chosen without branches: which patient is cured cannot be foreseen
            level[row, j] = np.inf if left <= 0.0 else operational


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
