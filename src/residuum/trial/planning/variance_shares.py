"""How much of the variance of an outcome each input explains alone, from draws that are there anyway."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.errors import CallError

DRAWS_PER_BIN: Final = 25
MOST_BINS: Final = 40
# Groups of draws of which one is left out at a time for the standard error.
GROUPS: Final = 10
# Standard errors of the variance seen: where less is left once the noise is taken off, nothing is shared out.
LEAST_SIGNAL: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class VarianceShares:
    """First-order shares of variance, k inputs.

    Attributes
    ----------
    variance : float
        Of the outcome over the draws, its noise taken off.
    shares, errors : ndarray of shape (k,)
        Var E(outcome | input) / Var(outcome) and its standard error. The estimate is not cut off at 0, so that it has
        no bias: an input that does nothing has a share about 0 on either side.
    """

    variance: float
    shares: NDArray[np.float64]
    errors: NDArray[np.float64]


def first_order_shares(
    inputs: NDArray[np.float64], outcome: NDArray[np.float64], noise: ArrayLike = 0.0
) -> VarianceShares | None:
    """First-order shares from given draws: means of the outcome in bins of each input.

    Draws are put into bins of one size by the rank of an input. The variance between the bins is the one of the one-way
    analysis of variance, (mean square between - mean square within) / draws per bin x (b - 1) / b for b bins: the mean
    square within takes off the noise of the outcome, and what bins of finite size would show of an input that does
    nothing.

    Parameters
    ----------
    inputs : ndarray of shape (draws, k)
        Drawn independently of each other; else a share also counts what an input tells about the others.
    outcome : ndarray of shape (draws,)
        For example the share of successes of each draw.
    noise : float or ndarray of shape (draws,)
        Variance of each outcome about its expectation; for r trials with share p, p (1 - p) / (r - 1).

    Returns
    -------
    VarianceShares or None
        None where the outcome varies no more than its noise.

    Raises
    ------
    CallError
        Fewer draws than two bins need.

    References
    ----------
    Plischke E, Borgonovo E, Smith CL. Eur J Oper Res 2013;226:536-550 (given data). Searle SR, Casella G, McCulloch
    CE. Variance Components, 1992, chapter 3 (analysis of variance).
    """
    draws = outcome.size
    if draws < 2 * DRAWS_PER_BIN:
        raise CallError(f"draws {draws} are too few for shares of variance; give at least {2 * DRAWS_PER_BIN}")
    noises = np.broadcast_to(np.asarray(noise, dtype=np.float64), outcome.shape)
    seen = float(outcome.var(ddof=1))
    variance = seen - float(noises.mean())
    if seen == 0 or variance <= LEAST_SIGNAL * seen * np.sqrt(2 / (draws - 1)) * bool(noises.any()):
        return None
    shares = _shares(inputs, outcome, noises)
    group = np.arange(draws) % GROUPS
    without = np.array(
        [_shares(inputs[keep], outcome[keep], noises[keep]) for keep in group != np.arange(GROUPS)[:, np.newaxis]]
    )
    errors = np.sqrt((GROUPS - 1) / GROUPS * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    return VarianceShares(variance, shares, errors)


def binomial_noise(successes: ArrayLike, trials: int) -> NDArray[np.float64]:
    """Unbiased variance of a share of successes.

    Parameters
    ----------
    successes : array_like
        Out of `trials`, 2 or more.
    """
    share = np.asarray(successes, dtype=np.float64) / trials
    return np.asarray(share * (1 - share) / (trials - 1))


def _shares(
    inputs: NDArray[np.float64], outcome: NDArray[np.float64], noise: NDArray[np.float64]
) -> NDArray[np.float64]:
    variance = outcome.var(ddof=1) - noise.mean()
    between = [_between(column, outcome) for column in inputs.T]
    return np.asarray(np.array(between) / variance) if variance > 0 else np.zeros(inputs.shape[1])


def _between(column: NDArray[np.float64], outcome: NDArray[np.float64]) -> float:
    """Variance component between bins of one input."""
    draws = outcome.size
    bins = min(max(draws // DRAWS_PER_BIN, 2), MOST_BINS)
    place = np.empty(draws, dtype=np.int64)
    place[np.argsort(column, kind="stable")] = np.arange(draws) * bins // draws
    size = np.bincount(place, minlength=bins)
    sums = np.bincount(place, outcome, minlength=bins)
    squares = ((outcome - (sums / size)[place]) ** 2).sum()
    mean_within = squares / (draws - bins)
    mean_between = (size * (sums / size - outcome.mean()) ** 2).sum() / (bins - 1)
    usual = (draws - (size**2).sum() / draws) / (bins - 1)
    # The bins are all there are, not a sample of bins: their variance has the divisor `bins`.
    return float((mean_between - mean_within) / usual * (bins - 1) / bins)
