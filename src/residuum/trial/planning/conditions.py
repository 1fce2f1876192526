"""What a verdict looks at beside the design as posed: ends of ranges, other readings, cells of the search, and need."""

from collections.abc import Iterator, Mapping

import numpy as np

from residuum.records.design import Design
from residuum.trial.model.accrual import expected_patients
from residuum.trial.model.effect import average_hazard_ratio
from residuum.trial.model.hazards import derive_hazards
from residuum.trial.planning.analytic import HORIZON_YEARS
from residuum.trial.planning.assurance import Assurance, Outcome
from residuum.trial.planning.available import available_design, events_by_arm
from residuum.trial.planning.inputs import Inputs
from residuum.trial.planning.movers import Ends
from residuum.trial.planning.search import Cell, cell_year, chance_of_cell
from residuum.trial.planning.variants import Variant
from residuum.trial.planning.verdict import BOUND_WORDS, INDISTINCT, READING_WORDS, Candidate, Need
from residuum.trial.theory.sample_size import schoenfeld_events


def candidates_of(
    design: Design,
    variant: Variant,
    others: Mapping[Variant, Assurance],
    inputs: Inputs,
    ends: Ends,
    cells: Mapping[tuple[Cell, float], float],
    cure: tuple[str, Outcome] | None = None,
) -> Iterator[Candidate]:
    """Yield what might be feasible instead of the design under one bound and reading.

    Parameters
    ----------
    design : Design
        At the central values.
    variant : Variant
        Bound and reading of the verdict.
    others : mapping of Variant to Assurance
        All bounds and readings.
    inputs : Inputs
        For the values at the ends.
    ends : mapping of (path, end) to Outcome
        Under this bound and reading.
    cells : mapping of (Cell, alpha) to float
        Power of the cells of the search under this bound and reading.
    cure : (str, Outcome), optional
        The other reading of the cure and what the design does under it.
    """
    for other, found in others.items():
        if other != variant:
            yield Candidate(_difference(variant, other), found.success.value, found.done.value)
    if cure is not None:
        yield Candidate(f"failure.cure read as {cure[0]}, inputs central", cure[1].power.value, cure[1].done.value)
    for (path, end), outcome in ends.items():
        value = (inputs.low if end == "low" else inputs.high)[inputs.paths.index(path)]
        words = f"{path} at {value:.3g}, the others central"
        yield Candidate(words, outcome.power.value, outcome.done.value)
    for (cell, alpha), power in cells.items():
        words = (
            f"{cell.patients} children, {cell.test} at one-sided {100 * alpha:g} %, analysis in year "
            f"{cell_year(design, variant, cell):.1f}, all inputs central"
        )
        yield Candidate(words, power, chance_of_cell(design, variant, cell))


def derive_need(design: Design, variant: Variant) -> Need:
    """Return events needed and available at the central values of a design."""
    hazards = derive_hazards(design, variant.simulated_bound)
    ratio = average_hazard_ratio(hazards, HORIZON_YEARS)
    known = bool(np.isfinite(ratio) and ratio > 0)
    share = design.allocation[1] / sum(design.allocation)
    one, years = available_design(variant.read(design)), design.criteria.done_years
    return Need(
        hazard_ratio=ratio if known else None,
        needed_events=schoenfeld_events(ratio, design.primary.alpha, 0.8, share)
        if known and ratio < 1 - INDISTINCT
        else None,
        available_events=sum(events_by_arm(one, hazards, years)),
        available_patients=float(expected_patients(one.accrual, years)),
    )


def _difference(variant: Variant, other: Variant) -> str:
    said = []
    if other.bound != variant.bound:
        said.append(BOUND_WORDS[other.bound_name])
    if other.reading != variant.reading:
        said.append(READING_WORDS[other.reading_name])
    return ", ".join(said)
