"""EFS of an arm and expected events, without simulation, against patients simulated one by one in plain Python."""

from __future__ import annotations

import math

import pytest

from residuum.records.design import BOUNDS, Bound, Design
from residuum.trial.model.arms import event_free
from residuum.trial.model.effect import expected_events
from residuum.trial.model.hazards import derive_hazards
from twins.random_design import random_design
from twins.trial_twin import draw, kind_of, kinds, patient, patients_of

SEEDS = range(12)
COLUMNS = 6
FARTHEST = 4.5
"""Standard errors; of some 200 comparisons none should lie farther."""

pytestmark = [pytest.mark.twin, pytest.mark.slow]


def without_visits(design: Design) -> Design:
    return design.model_copy(update={"assessment": None})


def failure_years(design: Design, bound: Bound, arm: int) -> list[float]:
    """Times to failure of some 1,500 patients of one arm."""
    drawn, found = draw(design, bound, 1, 0, COLUMNS), kinds(design)
    years = []
    for row in range(len(drawn["failure"])):
        for column in range(COLUMNS):
            one = {name: array[row][column] for name, array in drawn.items() if name != "centres"}
            kind = kind_of(found, one["kind"]) if "kind" in one else found[0]
            years.append(patient(design, bound, kind, arm, 0.0, one).seen)
    return years


@pytest.mark.parametrize("seed", SEEDS)
def test_efs_of_an_arm(seed: int) -> None:
    design = without_visits(random_design(seed))
    for bound in BOUNDS:
        hazards = derive_hazards(design, bound)
        for arm in (0, 1):
            years = failure_years(design, bound, arm)
            for year in (0.3, 1.0, 3.0, 7.0):
                expected = float(event_free(hazards, arm, year))
                error = math.sqrt(max(expected * (1 - expected), 1e-9) / len(years))
                observed = sum(time > year for time in years) / len(years)
                assert abs(observed - expected) < FARTHEST * error + 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_expected_events(seed: int) -> None:
    """With visits, misses, calls by mistake, clearing, dropout, centres and both endpoints, as the design has them."""
    design = random_design(seed)
    bound = BOUNDS[seed % 2]
    at_target = design.primary.endpoint == "target_control"
    drawn = draw(design, bound, 2, 0, design.accrual.patients)
    calendar = (0.5 * design.accrual.years, design.accrual.years, design.accrual.years + 2.0)
    counts: list[list[int]] = []
    for row in range(len(drawn["failure"])):
        patients = patients_of(design, bound, {name: array[row] for name, array in drawn.items()})
        events = [
            one.arrival + one.seen
            for one in patients
            if one.arrival < math.inf and one.seen <= one.dropout and (not at_target or one.cause == "target")
        ]
        counts.append([sum(time <= year for time in events) for year in calendar])
    expected = expected_events(design, derive_hazards(design, bound), calendar)
    for column, mean in enumerate(expected.tolist()):
        seen = [row[column] for row in counts]
        average = sum(seen) / len(seen)
        spread = math.sqrt(sum((one - average) ** 2 for one in seen) / (len(seen) - 1) / len(seen))
        assert abs(average - mean) < FARTHEST * spread + 0.01
