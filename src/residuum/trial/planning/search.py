"""The grid of a search: one trial of each size, follow-up and test, and which of them no other one beats."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.records.design import Design, Search
from residuum.records.errors import CallError
from residuum.trial.planning.available import chance_of_patients, year_of_patients
from residuum.trial.planning.variants import Variant

LATEST_YEAR: Final = 60.0
# Of alpha: a test whose type I error is clearly above it buys its power with errors.
TOLERATED: Final = 1.1
CLEAR: Final = 2.0


@dataclass(frozen=True, slots=True)
class Searched:
    """Simulated trials of a cell, with its effect and without.

    Attributes
    ----------
    successes, errors : tuple of int
        With and without effect, one for each alpha of the grid.
    trials : int
        Of which these are counted.
    enrolled, events : float
        Means by the analysis.
    """

    successes: tuple[int, ...]
    errors: tuple[int, ...]
    trials: int
    enrolled: float
    events: float

    def keeps(self, place: int, alpha: float) -> bool:
        """Whether the type I error is not more than a tenth above alpha, beyond the Monte-Carlo error."""
        share = self.errors[place] / self.trials
        return share - CLEAR * float(np.sqrt(share * (1 - share) / self.trials)) <= TOLERATED * alpha


@dataclass(frozen=True, slots=True)
class Cell:
    """A trial to simulate; alpha does not change it.

    Attributes
    ----------
    patients : int
        At most.
    follow_up_years : float
        From the expected end of accrual to the analysis.
    test : str
        Of the primary analysis.
    """

    patients: int
    follow_up_years: float
    test: str

    def label(self, alpha: float) -> str:
        """Return the group of its rows."""
        return f"n={self.patients},follow-up={self.follow_up_years:g},alpha={alpha:g},test={self.test}"


def grid(search: Search) -> Iterator[Cell]:
    """Yield the cells of a grid, patients varying slowest."""
    for patients in search.patients:
        for follow_up_years in search.follow_up_years:
            for test in search.tests:
                yield Cell(patients, follow_up_years, test)


def searched(design: Design) -> Search:
    """Return the grid of a design.

    Raises
    ------
    CallError
        It declares none.
    """
    if design.search is None:
        raise CallError(f"design {design.id} has no [search]; declare the grid, at least its patients")
    return design.search


def cell_year(design: Design, variant: Variant, cell: Cell) -> float:
    """Calendar year of a cell's analysis: expected end of accrual and follow-up, infinite where nobody comes."""
    return year_of_patients(variant.read(design).accrual, cell.patients) + cell.follow_up_years


def why_left_out(design: Design, variant: Variant, cell: Cell) -> str | None:
    """Return why a cell cannot be simulated, None where it can."""
    year = cell_year(design, variant, cell)
    if year > LATEST_YEAR:
        return f"so many children need more than {LATEST_YEAR:g} years"
    horizon = design.primary.horizon_years
    if cell.test in {"rmst", "milestone"} and (horizon is None or horizon >= year):
        return "the analysis comes before anybody is followed up to the horizon"
    if cell.patients < sum(design.allocation):
        return "fewer patients than one round of the allocation"
    return None


def cell_design(design: Design, variant: Variant, cell: Cell) -> Design:
    """Return the design of a cell: its patients at the declared rate, one analysis after the follow-up.

    Accrual stays open to the expected end, the year by which so many patients are expected; by centres fewer may have
    come by then, and nobody is enrolled beyond the number. The analysis is at a calendar year, follow-up later.

    Parameters
    ----------
    design : Design
        At its central values.
    variant : Variant
        Reading of its funnel.
    cell : Cell
        `why_left_out` has nothing against it.
    """
    one = variant.read(design)
    year = cell_year(design, variant, cell)
    accrual = one.accrual.model_copy(update={"patients": cell.patients, "years": year - cell.follow_up_years})
    primary = type(one.primary).model_validate(
        {
            "test": cell.test,
            "endpoint": one.primary.endpoint,
            "alpha": one.primary.alpha,
            "horizon_years": one.primary.horizon_years,
            "looks_years": (year,),
        }
    )
    return one.model_copy(update={"accrual": accrual, "primary": primary})


def chance_of_cell(design: Design, variant: Variant, cell: Cell) -> float:
    """Probability that a cell is done by the declared number of years.

    With centres the analysis is at a calendar year and the children who come by then are what they are. Even accrual
    with a funnel is done only if the funnel brings the children.
    """
    year = cell_year(design, variant, cell)
    if year > design.criteria.done_years:
        return 0.0
    accrual = variant.read(design).accrual
    if accrual.pattern == "centres":
        return 1.0
    return chance_of_patients(accrual, cell.patients, year - cell.follow_up_years)


def frontier(power: Sequence[float], years: Sequence[float]) -> NDArray[np.bool_]:
    """Mark the trials of which no other one has at least the power in at most the time, and more of either.

    Parameters
    ----------
    power, years : sequence of float
        One for each trial.

    Returns
    -------
    ndarray of bool
    """
    strength, time = np.asarray(power)[:, np.newaxis], np.asarray(years)[:, np.newaxis]
    no_worse = (strength <= strength.T) & (time >= time.T)
    better = (strength < strength.T) | (time > time.T)
    return np.asarray(~(no_worse & better).any(axis=1))
