"""The cells of a search as they stand in the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from residuum.records.design import Bound, Funnelling
from residuum.report.numbers import Numbers
from residuum.report.trial_findings import Findings, bound_name, reading_name

POWER: Final = "trial.search"


@dataclass(frozen=True, slots=True)
class GridCell:
    """One simulated trial of a search.

    Attributes
    ----------
    patients : int
        At most.
    follow_up_years, alpha, test : float, float, str
        As declared.
    power, low, high : float
        Simulated, with the interval of its Monte-Carlo error.
    year : float
        Calendar year of the analysis.
    on_frontier : bool
        No other one is as strong as early.
    keeps_alpha : bool
        Its simulated type I error is not clearly above alpha.
    """

    patients: int
    follow_up_years: float
    alpha: float
    test: str
    power: float
    low: float
    high: float
    year: float
    on_frontier: bool
    keeps_alpha: bool


def grid_cells(findings: Findings, bound: Bound | None, reading: Funnelling | None) -> list[GridCell]:
    """Return the cells that could be simulated under one bound and reading, in the order of the grid."""
    mode = f"{bound_name(bound)}.{reading_name(reading)}"
    groups = [row.group for row in findings.numbers.named(POWER) if row.name == POWER and row.mode == mode]
    cells = (_cell(findings.numbers, group, mode) for group in groups if group is not None)
    return [cell for cell in cells if cell is not None]


def alphas(cells: Sequence[GridCell]) -> list[float]:
    """Return the type I errors of the cells, smallest first."""
    return sorted({cell.alpha for cell in cells})


def _cell(numbers: Numbers, group: str, mode: str) -> GridCell | None:
    power, year, frontier = (numbers.get(name, group, mode) for name in (POWER, f"{POWER}.years", f"{POWER}.frontier"))
    if power is None or power.value is None or year is None or year.value is None or frontier is None:
        return None
    named = dict(part.split("=") for part in group.split(","))
    return GridCell(
        patients=int(named["n"]),
        follow_up_years=float(named["follow-up"]),
        alpha=float(named["alpha"]),
        test=named["test"],
        power=power.value,
        low=power.value if power.low is None else power.low,
        high=power.value if power.high is None else power.high,
        year=year.value,
        on_frontier=bool(frontier.value),
        keeps_alpha=frontier.value is not None,
    )
