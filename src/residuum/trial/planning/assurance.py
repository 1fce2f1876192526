"""Assurance: the probability of success averaged over what a design leaves open, and what moves it."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from residuum.records.design import Design
from residuum.trial.model.effect import average_hazard_ratio, efs_difference
from residuum.trial.model.hazards import derive_hazards
from residuum.trial.planning.analytic import HORIZON_YEARS
from residuum.trial.planning.available import chance_of_patients
from residuum.trial.planning.inputs import Inputs
from residuum.trial.planning.variance_shares import DRAWS_PER_BIN, VarianceShares, binomial_noise, first_order_shares
from residuum.trial.planning.variants import Variant
from residuum.trial.simulation.draws import BLOCK
from residuum.trial.simulation.simulate import Replicates

End: TypeAlias = Literal["low", "high"]
ENDS: Final[tuple[End, ...]] = ("low", "high")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A probability with the Monte-Carlo standard error of its estimate."""

    value: float
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Simulated trials of every draw of the inputs, a block of 256 each.

    Attributes
    ----------
    successes : ndarray of shape (draws,), int
        Stopped for efficacy.
    done : ndarray of shape (draws,), int
        Stopped within the declared years.
    """

    successes: NDArray[np.int64]
    done: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Assurance:
    """Averages over the draws under one bound and reading.

    Attributes
    ----------
    variant : Variant
        Bound and reading.
    success : Estimate
        The assurance.
    worthwhile : Estimate
        The gain in EFS is as large as the criteria want.
    both : Estimate
        Success, and worthwhile.
    done : Estimate
        Stopped within the declared years; for even accrual with a funnel, and the funnel brings the children.
    shares : VarianceShares or None
        Of the variance of the probability of success; None without inputs, with few draws, or where it hardly varies.
    """

    variant: Variant
    success: Estimate
    worthwhile: Estimate
    both: Estimate
    done: Estimate
    shares: VarianceShares | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A design at fixed values of its inputs.

    Attributes
    ----------
    power, done : Estimate
        Success, and done in time.
    hazard_ratio : float or None
        Average to 5 years; None without events.
    gain : float
        EFS difference at the year of the criteria.
    """

    power: Estimate
    done: Estimate
    hazard_ratio: float | None
    gain: float


def count_outcomes(design: Design, trials: Replicates) -> tuple[int, int]:
    """Return how many simulated trials succeeded, and how many stopped within the declared years."""
    stopped = trials.cut[np.arange(len(trials)), trials.look.astype(np.int64) - 1]
    return int((trials.crossed == 1).sum()), int((stopped <= design.criteria.done_years).sum())


def worthwhile_gain(design: Design, variant: Variant) -> float:
    """EFS difference at the year of the criteria, at the central values of a design."""
    hazards = derive_hazards(design, variant.simulated_bound)
    return float(efs_difference(hazards, design.criteria.worthwhile_year))


def promise_kept(design: Design, variant: Variant) -> float:
    """Probability that the children come who are promised: below 1 only for even accrual with a funnel."""
    accrual = variant.read(design).accrual
    if accrual.pattern == "centres":
        return 1.0  # who does not come is missing in the simulation already
    return chance_of_patients(accrual, accrual.patients, accrual.years)


def derive_assurance(
    variant: Variant,
    inputs: Inputs,
    tally: Tally,
    worthwhile: NDArray[np.bool_],
    promises: NDArray[np.float64],
) -> Assurance:
    """Return the averages of simulated trials over the draws of the inputs.

    Parameters
    ----------
    variant : Variant
        That was simulated.
    inputs : Inputs
        The draws.
    tally : Tally
        Trials of every draw.
    worthwhile : ndarray of shape (draws,)
        Whether `worthwhile_gain` reaches what the criteria want.
    promises : ndarray of shape (draws,)
        `promise_kept`.
    """
    success = tally.successes / BLOCK
    enough = success.size >= 2 * DRAWS_PER_BIN and bool(inputs.paths)
    noise = binomial_noise(tally.successes, BLOCK)
    return Assurance(
        variant=variant,
        success=average(success),
        worthwhile=average(worthwhile.astype(np.float64)),
        both=average(success * worthwhile),
        done=average(tally.done / BLOCK * promises),
        shares=first_order_shares(inputs.values, success, noise) if enough else None,
    )


def derive_outcome(design: Design, variant: Variant, successes: int, done: int, trials: int) -> Outcome:
    """Return what a design does at fixed values.

    Parameters
    ----------
    design : Design
        At these values.
    variant : Variant
        That was simulated.
    successes, done, trials : int
        Of its simulated trials.
    """
    hazards = derive_hazards(design, variant.simulated_bound)
    ratio = average_hazard_ratio(hazards, HORIZON_YEARS)
    kept = promise_kept(design, variant)
    in_time = proportion(done, trials)
    return Outcome(
        power=proportion(successes, trials),
        done=Estimate(in_time.value * kept, in_time.error * kept),
        hazard_ratio=ratio if np.isfinite(ratio) and ratio > 0 else None,
        gain=worthwhile_gain(design, variant),
    )


def average(values: NDArray[np.float64]) -> Estimate:
    """Return the mean of independent draws with its standard error."""
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size)))


def proportion(successes: int, trials: int) -> Estimate:
    """Return a share of simulated trials with its standard error."""
    share = successes / trials
    return Estimate(share, float(np.sqrt(share * (1 - share) / trials)))
