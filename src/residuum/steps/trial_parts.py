"""The parts of the sweeps about a design: draws of its inputs, ends of its ranges, cells of its grid, its children."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from residuum.records.design import Design
from residuum.steps.sweep import Part
from residuum.trial.model.hazards import derive_hazards, target_share
from residuum.trial.planning.assurance import ENDS, count_outcomes
from residuum.trial.planning.available import available_scenario
from residuum.trial.planning.buy import ALPHAS
from residuum.trial.planning.inputs import Inputs
from residuum.trial.planning.search import Cell, Searched, cell_design
from residuum.trial.planning.variants import Variant, other_cure
from residuum.trial.simulation.characteristics import without_effect
from residuum.trial.simulation.draws import BLOCK
from residuum.trial.simulation.looks import Looks, derive_looks
from residuum.trial.simulation.scenario import Scenario, derive_scenario
from residuum.trial.simulation.simulate import Replicates, Task, merge

DRAWS_PER_PART: Final = 32
END_TRIALS: Final = 8192
CURE: Final = "failure.cure"
# Short tasks, so that every core has some of each part.
BLOCKS_PER_TASK: Final = 4


def draw_parts(design: Design, variant: Variant, inputs: Inputs, seed: int) -> Iterator[Part]:
    """Yield the parts of an assurance: draw d is simulated with block d, under every bound and reading alike.

    The bounds of Z are those of the design as declared: a trial is planned before anybody knows.
    """
    looks = planned_looks(design, variant)
    for first in range(0, len(inputs), DRAWS_PER_PART):
        yield _draw_part(design, variant, inputs, seed, looks, range(first, min(first + DRAWS_PER_PART, len(inputs))))


def _draw_part(design: Design, variant: Variant, inputs: Inputs, seed: int, looks: Looks, draws: range) -> Part:
    def tasks() -> list[Task]:
        designs = ((draw, variant.read(inputs.design_at(design, draw))) for draw in draws)
        return [
            Task(derive_scenario(one, variant.simulated_bound, looks=looks), seed, first_block=draw, blocks=1)
            for draw, one in designs
        ]

    def summarise(found: list[Replicates]) -> dict[str, Any]:
        successes, done = zip(*(count_outcomes(design, one) for one in found), strict=True)
        return {"successes": successes, "done": done}

    return Part(draws_key(variant, draws.start), BLOCK * len(draws), tasks, summarise)


def end_parts(design: Design, variant: Variant, inputs: Inputs, seed: int) -> Iterator[Part]:
    """Yield the parts of a sensitivity analysis: the central values, the other cure, and both ends of each range."""
    looks = planned_looks(design, variant)
    central = inputs.central_design(design)
    yield _designs_part(ends_key(variant, None), variant, [central], looks, seed)
    other = other_cure(central)
    if other is not None:
        yield _designs_part(ends_key(variant, CURE), variant, [other[1]], looks, seed)
    for path in inputs.paths:
        both = [inputs.end_design(design, path, end) for end in ENDS]
        yield _designs_part(ends_key(variant, path), variant, both, looks, seed)


def _designs_part(key: str, variant: Variant, designs: Sequence[Design], looks: Looks, seed: int) -> Part:
    def tasks() -> list[Task]:
        scenarios = (derive_scenario(variant.read(one), variant.simulated_bound, looks=looks) for one in designs)
        return [task for scenario in scenarios for task in short_tasks(scenario, seed, END_TRIALS)]

    def summarise(found: list[Replicates]) -> dict[str, Any]:
        each = len(found) // len(designs)
        counts = [
            count_outcomes(one, merge(found[k * each : (k + 1) * each], END_TRIALS)) for k, one in enumerate(designs)
        ]
        return {"counts": counts, "trials": END_TRIALS}

    return Part(key, END_TRIALS * len(designs), tasks, summarise)


def cell_part(
    design: Design, variant: Variant, cell: Cell, alphas: Sequence[float], columns: int, seed: int, trials: int
) -> Part:
    """Return the part of one cell of a grid, with its effect and without.

    All cells draw `columns` patients, so they share their random numbers.
    """

    def tasks() -> list[Task]:
        one = cell_design(design, variant, cell)
        effective = derive_scenario(one, variant.simulated_bound, columns=columns)
        null = derive_scenario(without_effect(one), variant.simulated_bound, columns=columns, looks=effective.looks)
        return [*short_tasks(effective, seed, trials), *short_tasks(null, seed, trials)]

    def summarise(found: list[Replicates]) -> dict[str, Any]:
        half = len(found) // 2
        effective, null = merge(found[:half], trials), merge(found[half:], trials)
        means = {"enrolled": float(effective.enrolled[:, 0].mean()), "events": float(effective.events[:, 0].mean())}
        return means | {"successes": _above(effective, alphas), "errors": _above(null, alphas)}

    return Part(cell_key(variant, cell), 2 * trials, tasks, summarise)


def read_cell(part: Mapping[str, Any] | None, trials: int) -> Searched | None:
    """Return a simulated cell from what was kept of it, None where it was not simulated."""
    if part is None:
        return None
    return Searched(tuple(part["successes"]), tuple(part["errors"]), trials, part["enrolled"], part["events"])


def buy_parts(design: Design, variant: Variant, seed: int, trials: int) -> Iterator[Part]:
    """Yield the parts of what the available children can buy: all events, and target-site control where it can be."""
    for endpoint in endpoints_of(design, variant):
        scenario = available_scenario(design, variant, endpoint)
        yield _buy_part(buy_key(variant, endpoint), scenario, seed, trials)


def endpoints_of(design: Design, variant: Variant) -> tuple[str, ...]:
    """Return the endpoints that the available children can be analysed by."""
    placed = design.radiotherapy is not None and target_share(design, variant.simulated_bound) > 0
    return ("efs", "target_control") if placed else ("efs",)


def _buy_part(key: str, scenario: Scenario, seed: int, trials: int) -> Part:
    def summarise(found: list[Replicates]) -> dict[str, Any]:
        whole = merge(found, trials)
        events = float(whole.events[:, 0].mean())
        return {"successes": _above(whole, ALPHAS), "events": events, "trials": trials}

    return Part(key, trials, lambda: short_tasks(scenario, seed, trials), summarise)


def planned_looks(design: Design, variant: Variant) -> Looks:
    """Return the looks of the design as declared, at its central values."""
    one = variant.read(design)
    return derive_looks(one, derive_hazards(one, variant.simulated_bound))


def short_tasks(scenario: Scenario, seed: int, trials: int) -> list[Task]:
    """Return the tasks of so many trials, a few blocks each."""
    blocks = -(-trials // BLOCK)
    return [
        Task(scenario, seed, first, min(BLOCKS_PER_TASK, blocks - first)) for first in range(0, blocks, BLOCKS_PER_TASK)
    ]


def draws_key(variant: Variant, first: int) -> str:
    """Return the key of the part that starts at a draw."""
    return f"draws/{variant.group}/{first}"


def ends_key(variant: Variant, path: str | None) -> str:
    """Return the key of both ends of an input, of the central values for None."""
    return f"ends/{variant.group}/{path or 'central'}"


def cell_key(variant: Variant, cell: Cell) -> str:
    """Return the key of a cell."""
    return f"cell/{variant.group}/{cell.patients}/{cell.follow_up_years!r}/{cell.test}"


def buy_key(variant: Variant, endpoint: str) -> str:
    """Return the key of an endpoint of the available children."""
    return f"buy/{variant.group}/{endpoint}"


def _above(trials: Replicates, alphas: Sequence[float]) -> list[int]:
    from scipy.special import ndtri

    return [int((trials.z[:, 0] >= -ndtri(alpha)).sum()) for alpha in alphas]
