"""The share f of first events that began at a target: its posterior under each bound, small numbers and unknowns."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from residuum.cohort.trial_view import BOUNDS, OTHER
from residuum.records.design import Bound
from residuum.stats.roots import find_root

PRIORS: Final = {"jeffreys": (0.5, 0.5), "flat": (1.0, 1.0), "sceptical": (0.5, 4.5)}
"""Events that each prior is worth, at a target and not. The sceptical one expects f = 0.1, as five events would say."""
UNKNOWN: Final = ("unclear", "unknown")
LEVEL: Final = 0.95
# Points at which the distribution of a product of two betas is integrated; the error of a quantile is below 0.0001.
POINTS: Final = 4096
TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class FirstEvents:
    """First EFS events by where they were, under one bound of f.

    Attributes
    ----------
    target, elsewhere : int
        Progressions that count as target failures under the bound, and those that do not.
    other : int
        Deaths and second malignancies.
    unknown : int
        Progressions whose place is unclear or unknown.
    """

    target: int
    elsewhere: int
    other: int
    unknown: int

    @property
    def known(self) -> int:
        """Events that say something about f."""
        return self.target + self.elsewhere + self.other

    @property
    def total(self) -> int:
        """All first events."""
        return self.known + self.unknown

    def as_target(self) -> "FirstEvents":
        """Return the largest f that the unknown allow: all of them at a target."""
        return replace(self, target=self.target + self.unknown, unknown=0)

    def as_elsewhere(self) -> "FirstEvents":
        """Return the smallest f that the unknown allow: none of them at a target."""
        return replace(self, elsewhere=self.elsewhere + self.unknown, unknown=0)


def count_first_events(first_failures: pl.DataFrame, bound: Bound) -> FirstEvents:
    """Return the first events under one bound of f.

    Parameters
    ----------
    first_failures : DataFrame
        Result of `residuum.cohort.trial_view.derive_first_failures`, or its rows up to a day.
    bound : {"exclusive", "inclusive"}
        Whether progressions at a target and elsewhere count as elsewhere, or as begun at the target.
    """
    counts = dict(first_failures["first_failure"].drop_nulls().value_counts().rows())
    target = sum(counts.get(name, 0) for name in BOUNDS[bound])
    unknown = sum(counts.get(name, 0) for name in UNKNOWN)
    other = counts.get(OTHER, 0)
    return FirstEvents(target, sum(counts.values()) - target - unknown - other, other, unknown)


@dataclass(frozen=True, slots=True)
class SharePosterior:
    """Posterior of f as the product of two independent betas, each given by its two shapes.

    Attributes
    ----------
    progression : (float, float)
        Share of the first events that are progressions.
    at_target : (float, float)
        Share of the progressions that are at a target.
    exact : bool
        No event is unknown: then f itself is a beta with shapes `at_target[0]` and the sum of the others.
    """

    progression: tuple[float, float]
    at_target: tuple[float, float]
    exact: bool

    def draw(self, uniform: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Draws of f and of the share of progressions elsewhere, from uniform numbers.

        Parameters
        ----------
        uniform : ndarray of shape (draws, 2)
            Strictly between 0 and 1. The same numbers under both bounds keep the exclusive f below the inclusive one.

        Returns
        -------
        target, elsewhere : ndarray of shape (draws,)
            What is left to 1 is death and second malignancy.
        """
        from scipy.special import betaincinv

        progression = betaincinv(*self.progression, uniform[:, 0])
        target = progression * betaincinv(*self.at_target, uniform[:, 1])
        return target, progression - target

    def quantile(self, probability: float) -> float:
        """Quantile of f.

        Parameters
        ----------
        probability : float
            Strictly between 0 and 1.

        Returns
        -------
        float
        """
        from scipy.special import betainc, betaincinv

        start, rest = self.at_target
        if self.exact:
            return float(betaincinv(start, rest + self.progression[1], probability))
        progression = betaincinv(*self.progression, (np.arange(POINTS) + 0.5) / POINTS)

        def excess(share: float) -> float:
            return float(betainc(start, rest, np.minimum(share / progression, 1.0)).mean()) - probability

        return find_root(excess, 0.0, 1.0, TOLERANCE)

    def density(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability density of f.

        Parameters
        ----------
        share : ndarray of shape (k,)
            Strictly between 0 and 1.

        Returns
        -------
        ndarray of shape (k,)
        """
        from scipy.special import betaincinv

        start, rest = self.at_target
        if self.exact:
            return _beta_density(share, start, rest + self.progression[1])
        progression = betaincinv(*self.progression, (np.arange(POINTS) + 0.5) / POINTS)
        return np.asarray((_beta_density(share[:, np.newaxis] / progression, start, rest) / progression).mean(axis=1))

    def summary(self) -> tuple[float, float, float]:
        """Return the median and the equal-tailed 95 % interval of f."""
        tail = (1 - LEVEL) / 2
        return self.quantile(0.5), self.quantile(tail), self.quantile(1 - tail)


def derive_share_posterior(events: FirstEvents, prior: tuple[float, float] = PRIORS["jeffreys"]) -> SharePosterior:
    """Posterior of f from counts of first events.

    The prior is a Dirichlet with weight t at a target, and o / 2 each for progressions elsewhere and other events, so
    that f alone has the prior Beta(t, o): with (1/2, 1/2) Jeffreys' for a share, however many kinds of other events are
    told apart. Unknown progressions are taken to be missing at random: they say that a progression came, not where.
    Then f = X Y with X ~ Beta(t + o / 2 + all progressions, o / 2 + other) and Y ~ Beta(t + target, o / 2 + elsewhere);
    without unknown ones this is Beta(t + target, o + elsewhere + other).

    Parameters
    ----------
    events : FirstEvents
        Under one bound.
    prior : (float, float)
        t and o, a value of `PRIORS`.

    Returns
    -------
    SharePosterior

    References
    ----------
    Jeffreys H. Proc R Soc Lond A 1946;186:453-461. Little RJA, Rubin DB. Statistical Analysis with Missing Data, 2002,
    chapter 13 (partially classified counts).
    """
    target, half = prior[0], prior[1] / 2
    progressions = events.target + events.elsewhere + events.unknown
    return SharePosterior(
        progression=(target + half + progressions, half + events.other),
        at_target=(target + events.target, half + events.elsewhere),
        exact=events.unknown == 0,
    )


def _beta_density(share: NDArray[np.float64], first: float, second: float) -> NDArray[np.float64]:
    from scipy.special import betaln, xlog1py, xlogy

    inside = np.minimum(share, 1.0)
    logarithm = xlogy(first - 1, inside) + xlog1py(second - 1, -inside) - betaln(first, second)
    return np.where(share < 1, np.exp(logarithm), 0.0)
