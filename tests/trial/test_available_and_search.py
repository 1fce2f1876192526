"""Children available, and the cells of a search."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.intake.design_file import read_design
from residuum.records.design import Design
from residuum.records.errors import CallError
from residuum.trial.model.effect import expected_events
from residuum.trial.model.hazards import derive_hazards
from residuum.trial.planning.available import (
    available_design,
    chance_of_patients,
    draw_available,
    events_by_arm,
    summarise_available,
    year_of_patients,
)
from residuum.trial.planning.inputs import draw_inputs
from residuum.trial.planning.search import (
    Cell,
    Searched,
    cell_design,
    cell_year,
    chance_of_cell,
    frontier,
    grid,
    searched,
    why_left_out,
)
from residuum.trial.planning.variants import Variant, derive_variants
from residuum.trial.simulation.scenario import derive_scenario
from residuum.trial.simulation.simulate import simulate
from trial.designs import design

CENTRES = {
    "patients": 60,
    "years": 8.0,
    "pattern": "centres",
    "per_year": 9.0,
    "centres": 12,
    "opening_years": 3.0,
    "shape": 1.5,
}
CENTRAL = Path(__file__).parents[2] / "examples" / "designs" / "residual_oligo_central.toml"
DECLARED = Variant(None, None)


def by_centres(**accrual: object) -> Design:
    return design(accrual=CENTRES | accrual, effect={"hazard_ratio": 0.6}, search={"patients": (20, 40)})


@pytest.mark.external
def test_available_children_have_the_mean_and_variance_of_poisson_gamma_accrual() -> None:
    """Anisimov and Fedorov 2007: mean sum m_c, variance sum m_c + sum m_c^2 / shape, m_c = rate x open time."""
    one, generator = by_centres(), np.random.default_rng(4)
    numbers = draw_available(one, draw_inputs(one, generator, 100_000), 8.0, generator)
    expected = 9 / 12 * (8 - np.linspace(0, 3, 12))
    assert numbers.mean() == pytest.approx(expected.sum(), rel=0.005)
    assert numbers.var() == pytest.approx(expected.sum() + (expected**2).sum() / 1.5, rel=0.02)
    found = summarise_available(numbers)
    assert found.low < found.median <= found.mean < found.high


@pytest.mark.unit
@pytest.mark.parametrize("patients", [45, 58, 75])
def test_chance_of_patients_is_that_of_the_draws(patients: int) -> None:
    one, generator = by_centres(), np.random.default_rng(5)
    numbers = draw_available(one, draw_inputs(one, generator, 100_000), 8.0, generator)
    assert chance_of_patients(one.accrual, patients, 8.0) == pytest.approx((numbers >= patients).mean(), abs=0.01)


@pytest.mark.unit
def test_even_accrual_without_a_funnel_is_a_promise() -> None:
    even = design(effect={"hazard_ratio": 0.6})
    assert chance_of_patients(even.accrual, 300, 5.0) == 1
    numbers = draw_available(even, draw_inputs(even, np.random.default_rng(1), 3), 4.0, np.random.default_rng(1))
    assert numbers.tolist() == [240, 240, 240]
    assert available_design(even).accrual.patients == 300
    assert chance_of_patients(by_centres(per_year=0.001).accrual, 60, 8.0) < 1e-6


@pytest.mark.unit
def test_a_funnel_that_cannot_bring_the_children_shows() -> None:
    central = read_design(CENTRAL)
    stage_m, evaluable = (Variant("exclusive", reading).read(central).accrual for reading in ("stage_m", "evaluable"))
    assert chance_of_patients(stage_m, 60, 8.0) > chance_of_patients(evaluable, 60, 8.0)
    assert [variant.group for variant in derive_variants(central)] == [
        "exclusive.evaluable",
        "exclusive.stage_m",
        "inclusive.evaluable",
        "inclusive.stage_m",
    ]


@pytest.mark.unit
def test_events_by_arm_add_to_those_of_the_trial() -> None:
    one = read_design(CENTRAL)
    hazards = derive_hazards(one, "inclusive")
    control, experimental = events_by_arm(one, hazards, 8.0)
    assert control + experimental == pytest.approx(float(expected_events(one, hazards, [8.0])[0]))
    assert control > experimental


@pytest.mark.unit
def test_year_of_patients_is_when_they_are_expected() -> None:
    openings, accrual = np.linspace(0, 3, 12), by_centres().accrual
    for patients in (3, 10, 40, 100):
        year = year_of_patients(accrual, patients)
        assert 9 / 12 * np.maximum(year - openings, 0).sum() == pytest.approx(patients, rel=0.02)
    assert year_of_patients(design(effect={"hazard_ratio": 0.6}).accrual, 60) == 1


@pytest.mark.unit
def test_a_cell_is_one_look_after_the_follow_up() -> None:
    one = by_centres()
    cell = Cell(40, 2.0, "log_rank")
    trial = cell_design(one, DECLARED, cell)
    assert trial.primary.looks_years == (cell_year(one, DECLARED, cell),)
    assert trial.primary.looks_years[0] == pytest.approx(trial.accrual.years + 2)
    assert trial.accrual.patients == 40
    found = simulate(derive_scenario(trial, columns=60), seed=1, replicates=2048)
    assert found.enrolled.mean() == pytest.approx(36, abs=2)  # at most 40, and 40 expected if nobody were turned away
    assert next(grid(searched(one))) == Cell(20, 1.0, "log_rank")
    with pytest.raises(CallError, match=r"\[search\]"):
        searched(design(effect={"hazard_ratio": 0.6}))


@pytest.mark.unit
def test_cells_that_cannot_be_simulated_have_a_reason() -> None:
    one = by_centres()
    assert "60 years" in (why_left_out(one, DECLARED, Cell(1000, 1.0, "log_rank")) or "")
    assert "horizon" in (why_left_out(one, DECLARED, Cell(40, 1.0, "rmst")) or "")
    assert why_left_out(one, DECLARED, Cell(40, 1.0, "log_rank")) is None
    assert chance_of_cell(one, DECLARED, Cell(1000, 1.0, "log_rank")) == 0
    assert chance_of_cell(one, DECLARED, Cell(20, 1.0, "log_rank")) == 1
    nobody = by_centres(
        per_year=None,
        funnel=dict.fromkeys(("enrolled_per_year", "stage_m", "evaluable", "persistent", "oligo"), 0.5)
        | {"consent": 0.0},
    )
    assert why_left_out(nobody, Variant(None, "evaluable"), Cell(20, 1.0, "log_rank")) is not None


@pytest.mark.property
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=30))
def test_the_frontier_holds_exactly_what_nothing_beats(cells: list[tuple[int, int]]) -> None:
    kept = frontier([power for power, _ in cells], [year for _, year in cells])
    for (power, year), unbeaten in zip(cells, kept, strict=True):
        beaten = any(p >= power and y <= year and (p, y) != (power, year) for p, y in cells)
        assert unbeaten == (not beaten)
    assert kept.any()


@pytest.mark.unit
def test_a_cell_keeps_its_alpha_unless_the_excess_is_clear() -> None:
    assert Searched((0,), (260,), 10_000, 1.0, 1.0).keeps(0, 0.025)
    assert not Searched((0,), (400,), 10_000, 1.0, 1.0).keeps(0, 0.025)
    assert Searched((0,), (4,), 100, 1.0, 1.0).keeps(0, 0.025)
