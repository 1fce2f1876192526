"""When a trial looks at its data, and the bounds it compares Z with."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.design import Design
from residuum.records.errors import CallError, InputError
from residuum.stats.normal import normal_quantile
from residuum.trial.model.effect import expected_events
from residuum.trial.model.hazards import Hazards
from residuum.trial.theory.boundaries import SMALLEST_STEP, futility_bounds, spending_bounds
from residuum.trial.theory.drift import futility_drift
from residuum.trial.theory.spending import (
    hwang_shih_decani_spending,
    obrien_fleming_spending,
    pocock_spending,
    power_family_spending,
)

# Points at which the bound of a forced last look is computed.
FORCED_POINTS: Final = 9


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The looks of a design.

    Attributes
    ----------
    events : ndarray of shape (k,), int
        At each look; empty where looks are at calendar years.
    years : ndarray of shape (k,)
        Calendar years of the looks; empty where looks are at events.
    latest_year : float
        The last look is made then anyway; infinite without.
    information : ndarray of shape (k,)
        Planned events.
    efficacy, futility : ndarray of shape (k,)
        Bounds of Z; futility is -inf where there is none.
    forced_events, forced_bounds : ndarray of shape (k, 9)
        Efficacy bound of a last look forced after 0, 1, ... looks, by its events.
    """

    events: NDArray[np.int64]
    years: NDArray[np.float64]
    latest_year: float
    information: NDArray[np.float64]
    efficacy: NDArray[np.float64]
    futility: NDArray[np.float64]
    forced_events: NDArray[np.float64]
    forced_bounds: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Number of looks."""
        return self.information.size

    def forced_bound(self, looks_before: int, events: ArrayLike) -> NDArray[np.float64]:
        """Efficacy bound of a last look made for want of time, which spends all that is left.

        Parameters
        ----------
        looks_before : int
            Looks already made.
        events : array_like
            Seen by then.
        """
        seen = np.asarray(events, dtype=np.float64)
        return np.asarray(np.interp(seen, self.forced_events[looks_before], self.forced_bounds[looks_before]))


def derive_looks(design: Design, hazards: Hazards) -> Looks:
    """Return the looks of a design with their bounds.

    Raises
    ------
    InputError
        Looks at calendar years of which one expects no more events than the one before.
    CallError
        The spending cannot be turned into bounds.
    """
    primary = design.primary
    events = np.array(primary.looks_events, dtype=np.int64)
    years = np.array(primary.looks_years, dtype=np.float64)
    information = events.astype(np.float64) if events.size else expected_events(design, hazards, years)
    latest = np.inf if primary.latest_year is None else primary.latest_year
    if information.size == 1:
        return _single(events, years, latest, information, -normal_quantile(primary.alpha))
    if np.any(np.diff(information, prepend=0.0) <= SMALLEST_STEP * information):
        raise InputError(
            f"the looks at {primary.looks_years} years expect {np.round(information, 2)} events: each needs "
            "more than the one before; leave out or move those in primary.looks_years that add none"
        )
    spent = _spent(design, information)
    efficacy = spending_bounds(information, spent)
    forced_events = _forced_events(information)
    return Looks(
        events,
        years,
        latest,
        information,
        efficacy,
        _futility(design, information, efficacy),
        forced_events,
        _forced_bounds(information, spent, forced_events, needed=np.isfinite(latest)),
    )


def spend(kind: str | None, fraction: ArrayLike, error: float, parameter: float | None) -> NDArray[np.float64]:
    """Error spent by a fraction of the information under a named spending function.

    Raises
    ------
    CallError
        The function is unknown, or its parameter is missing.
    """
    if kind == "obrien_fleming":
        return obrien_fleming_spending(fraction, error)
    if kind == "pocock":
        return pocock_spending(fraction, error)
    if kind == "hwang_shih_decani" and parameter is not None:
        return hwang_shih_decani_spending(fraction, error, parameter)
    if kind == "power" and parameter is not None:
        return power_family_spending(fraction, error, parameter)
    raise CallError(f"spending function {kind!r} with parameter {parameter} is not known; see primary.spending")


def _single(
    events: NDArray[np.int64], years: NDArray[np.float64], latest: float, information: NDArray[np.float64], z: float
) -> Looks:
    return Looks(
        events=events,
        years=years,
        latest_year=latest,
        information=information,
        efficacy=np.array([z]),
        futility=np.array([-np.inf]),
        forced_events=_forced_events(information),
        forced_bounds=np.full((1, FORCED_POINTS), z),  # one test needs no correction, however many events it has
    )


def _spent(design: Design, information: NDArray[np.float64]) -> NDArray[np.float64]:
    spending = design.primary.spending
    if spending.spent is not None:
        return np.array(spending.spent)
    fraction = information / information[-1]
    return spend(spending.efficacy, fraction, design.primary.alpha, spending.efficacy_parameter)


def _futility(design: Design, information: NDArray[np.float64], efficacy: NDArray[np.float64]) -> NDArray[np.float64]:
    spending = design.primary.spending
    if spending.futility is None:
        return np.full(information.size, -np.inf)
    beta = spend(spending.futility, information / information[-1], spending.beta, spending.futility_parameter)
    bounds = futility_bounds(efficacy, information, beta, futility_drift(efficacy, information, beta))
    bounds[-1] = -np.inf  # at the last look nothing is left to stop for
    return bounds


def _forced_events(information: NDArray[np.float64]) -> NDArray[np.float64]:
    before = np.concatenate([[0.0], information[:-1]])
    return np.linspace(before, information[-1], FORCED_POINTS + 1, axis=1)[:, 1:]


def _forced_bounds(
    information: NDArray[np.float64],
    spent: NDArray[np.float64],
    forced_events: NDArray[np.float64],
    *,
    needed: bool,
) -> NDArray[np.float64]:
    if not needed:
        return np.full(forced_events.shape, np.nan)
    bounds = [
        [spending_bounds([*information[:made], events], [*spent[:made], spent[-1]])[-1] for events in row]
        for made, row in enumerate(forced_events)
    ]
    return np.array(bounds)
