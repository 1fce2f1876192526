"""Simulated patients fail as the cumulative hazards say, and results do not depend on who computes them."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from random_design import random_design

from residuum.intake.design_file import read_design
from residuum.records.design import BOUNDS, Design
from residuum.steps.runners import thread_runner
from residuum.trial.model.arms import event_free
from residuum.trial.model.effect import average_hazard_ratio
from residuum.trial.model.hazards import derive_hazards, target_share
from residuum.trial.simulation.draws import BLOCK, Workspace
from residuum.trial.simulation.failure import draw_failures
from residuum.trial.simulation.patients import allocate, draw_kinds
from residuum.trial.simulation.scenario import Scenario, derive_scenario
from residuum.trial.simulation.simulate import Replicates, simulate

DESIGNS = Path(__file__).parents[2] / "examples" / "designs"
YEARS = np.array([0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0])


def failures(design: Design, scenario: Scenario, blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """Arms and years of failure of so many blocks, one patient each."""
    arms, years = [], []
    hazards = scenario.hazards
    for block in range(blocks):
        draws = scenario.draws(7, block, Workspace())
        kinds = draw_kinds(hazards.probability, draws, design.accrual.patients)
        arm = allocate(kinds, hazards.stratum, design.allocation)
        years.append(draw_failures(hazards, draws, kinds, arm).copy())
        arms.append(np.broadcast_to(arm, years[-1].shape))
    return np.concatenate(arms), np.concatenate(years)


@pytest.mark.property
@pytest.mark.parametrize("seed", range(24))
def test_the_event_free_share_is_that_of_the_cumulative_hazards(seed: int) -> None:
    design = random_design(seed)
    toxic = design.radiotherapy is not None and design.radiotherapy.toxicity_per_year.central > 0
    if toxic and design.radiotherapy is not None:  # added after the failure, and tested by the twin
        none = design.radiotherapy.toxicity_per_year.model_copy(update={"central": 0.0, "low": None, "high": None})
        design = design.model_copy(
            update={"radiotherapy": design.radiotherapy.model_copy(update={"toxicity_per_year": none})}
        )
    scenario = derive_scenario(design, BOUNDS[seed % 2])
    arms, years = failures(design, scenario, 12)
    for arm in (0, 1):
        of_arm = years[arms == arm]
        expected = event_free(scenario.hazards, arm, YEARS)
        error = np.sqrt(expected * (1 - expected) / of_arm.size)
        found = (of_arm[:, np.newaxis] > YEARS).mean(axis=0)
        assert np.all(np.abs(found - expected) <= 4.5 * error + 1e-12)


def simple(**radiotherapy: float) -> Design:
    """Constant hazards, f = 0.3 (0.5 inclusive), e = 0.6, no delay, everybody as allocated."""
    return Design.model_validate(
        {
            "format": 1,
            "id": "identity",
            "title": "identity",
            "accrual": {"patients": 200, "years": 2.0},
            "failure": {"hazard_per_year": 0.3, "shares": {"target_only": 0.3, "both": 0.2, "death": 0.1}},
            "radiotherapy": {"local_effect": 0.6, "crossover": 0.0, **radiotherapy},
            "primary": {"looks_years": [6.0]},
        }
    )


@pytest.mark.property
@pytest.mark.parametrize("bound", BOUNDS)
def test_the_hazard_ratio_is_one_minus_share_times_effect_where_hazards_are_constant(bound: str) -> None:
    design = simple()
    scenario = derive_scenario(design, bound)
    expected = 1 - target_share(design, bound) * 0.6
    assert average_hazard_ratio(scenario.hazards, 5.0) == pytest.approx(expected, abs=1e-12)
    arms, years = failures(design, scenario, 40)
    known = [np.minimum(years[arms == arm], 4.0) for arm in (0, 1)]
    rates = [(known[arm] < 4.0).sum() / known[arm].sum() for arm in (0, 1)]
    events = [(one < 4.0).sum() for one in known]
    assert np.log(rates[1] / rates[0]) == pytest.approx(np.log(expected), abs=4 * np.sqrt(sum(1 / np.array(events))))


@pytest.mark.property
@pytest.mark.parametrize(
    ("change", "least_gap"),
    [
        ({"crossover": 0.2}, 0.02),
        ({"compliance": 0.8}, 0.02),
        ({"delay_years": 0.5}, 0.02),
        ({"toxicity_per_year": 0.02}, 0.02),
    ],
)
def test_the_identity_has_a_gap_elsewhere(change: dict[str, float], least_gap: float) -> None:
    hazards = derive_hazards(simple(**change), "exclusive")
    assert average_hazard_ratio(hazards, 5.0) - (1 - 0.3 * 0.6) > least_gap


def same(one: Replicates, other: Replicates) -> bool:
    return all(
        np.array_equal(getattr(one, f.name), getattr(other, f.name), equal_nan=f.name == "z")
        for f in fields(Replicates)
    )


@pytest.mark.property
@pytest.mark.parametrize("name", ["s1_gs3", "residual_oligo_central"])
def test_threads_and_batches_change_nothing(name: str) -> None:
    scenario = derive_scenario(read_design(DESIGNS / f"{name}.toml"))
    alone = simulate(scenario, seed=3, replicates=9_000)
    for threads in (2, 3):
        with thread_runner(threads) as runner:
            assert same(alone, simulate(scenario, seed=3, replicates=9_000, runner=runner))
    fewer = simulate(scenario, seed=3, replicates=300)
    assert np.array_equal(fewer.cut, alone.cut[:300])


@pytest.mark.property
def test_fewer_patients_share_the_random_numbers_of_more() -> None:
    design = read_design(DESIGNS / "s1_fixed.toml")
    small = design.model_copy(update={"accrual": design.accrual.model_copy(update={"patients": 100})})
    large, shared = derive_scenario(design), derive_scenario(small, columns=300)
    _, years = failures(design, large, 1)
    _, fewer = failures(small, shared, 1)
    assert np.array_equal(fewer, years[:, :100])
    assert len(fewer) == BLOCK


@pytest.mark.property
def test_seeds_and_designs_have_random_numbers_of_their_own() -> None:
    design = read_design(DESIGNS / "s1_fixed.toml")
    other = design.model_copy(update={"id": "another"})
    first = simulate(derive_scenario(design), seed=1, replicates=256)
    assert not np.array_equal(first.z, simulate(derive_scenario(design), seed=2, replicates=256).z)
    assert not np.array_equal(first.z, simulate(derive_scenario(other), seed=1, replicates=256).z)
