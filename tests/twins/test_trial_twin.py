"""The product's simulator and its slow twin, written from docs/trial-model.md alone, agree trial by trial."""

import math
import os
from typing import Any

import pytest
from random_design import options, random_design
from trial_twin import BLOCK, TwinTrial, as_one_test, twin_trial

from residuum.records.design import BOUNDS, Bound, Design
from residuum.records.errors import InputError
from residuum.trial.simulation.scenario import derive_scenario
from residuum.trial.simulation.simulate import simulate

FAST, ALL = 60, int(os.environ.get("RESIDUUM_TRIAL_TWIN_SEEDS", "120"))
ROWS = (0, 101, 255, 256, 300, 511)
CROSSED = {"efficacy": 1, "futility": -1, "none": 0}


def close(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=1e-7, abs_tol=1e-7)


def trial_differences(product: Any, replicate: int, twin: TwinTrial) -> list[str]:
    """What differs in one replicate, number by number."""
    z = list(twin.z)
    if not math.isnan(twin.correlation):  # the product gives the Z that one test with that p-value would have
        z[-1] = as_one_test(z[-1], twin.correlation)
    pairs = {
        "look": (int(product.look[replicate]), twin.look),
        "crossed": (int(product.crossed[replicate]), CROSSED[twin.crossed]),
    }
    for look in range(twin.look):
        pairs[f"cut {look}"] = (float(product.cut[replicate, look]), twin.cuts[look])
        pairs[f"events {look}"] = (int(product.events[replicate, look]), twin.events[look])
        pairs[f"enrolled {look}"] = (int(product.enrolled[replicate, look]), twin.enrolled[look])
        pairs[f"z {look}"] = (float(product.z[replicate, look]), z[look])
    for look in range(twin.look, product.z.shape[1]):
        pairs[f"z {look}"] = (float(product.z[replicate, look]), math.nan)
    pairs["log hazard ratio"] = (float(product.log_hazard_ratio[replicate]), math.log(twin.hazard_ratio))
    found = []
    for name, (mine, its) in pairs.items():
        same = mine == its if isinstance(its, int) else close(mine, its)
        if not same:
            found.append(f"replicate {replicate}, {name}: product {mine}, twin {its}")
    return found


def differing(
    design: Design, bound: Bound, seed: int, *, simulated: Design | None = None, columns: int | None = None
) -> list[str]:
    """Differences over some rows of two blocks; `simulated` is what the product is given instead of the design."""
    scenario = derive_scenario(simulated or design, bound, columns=columns)
    product = simulate(scenario, seed=seed, replicates=2 * BLOCK)
    looks, found = scenario.looks, []
    for replicate in ROWS:
        block, row = divmod(replicate, BLOCK)
        twin = twin_trial(design, bound, seed, block, row, looks.efficacy, looks.futility, looks.forced_bound, columns)
        found += trial_differences(product, replicate, twin)
    return found


@pytest.mark.twin
@pytest.mark.parametrize(
    "seed", [seed if seed < FAST else pytest.param(seed, marks=pytest.mark.slow) for seed in range(ALL)]
)
def test_the_twin_agrees(seed: int) -> None:
    design = random_design(seed)
    try:
        found = differing(design, BOUNDS[seed // 6 % 2], 1000 + seed)
    except InputError as refused:
        if "primary.looks_years" not in str(refused):
            raise
        pytest.skip("its looks add no events to those before, and it is refused")
    assert found == [], ", ".join(options(design))


@pytest.mark.twin
@pytest.mark.parametrize("seed", [1, 2, 6])
def test_the_twin_agrees_on_the_first_columns(seed: int) -> None:
    design = random_design(seed)
    assert differing(design, "exclusive", seed, columns=design.accrual.patients + 7) == []


@pytest.mark.twin
def test_the_comparison_names_what_differs() -> None:
    design = random_design(0)
    another = design.model_copy(update={"allocation": (1, 3)})
    found = differing(design, "exclusive", 1000, simulated=another)
    assert found[0].startswith("replicate 0, ")
    assert ": product " in found[0]
