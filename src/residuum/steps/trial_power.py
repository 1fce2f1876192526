"""A design file in; its operating characteristics out."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from residuum import DISCLAIMER, PLANNING_FOOTER, __version__
from residuum.intake.design_file import read_design
from residuum.records.design import Design
from residuum.report.numbers import Numbers, Row
from residuum.report.rows.trial_power import power_rows, prefix_of
from residuum.steps.progress import Advance
from residuum.steps.runners import open_runner, watched
from residuum.trial.planning.analytic import derive_analytic
from residuum.trial.planning.variants import bounds_of
from residuum.trial.simulation.characteristics import Characteristics, derive_characteristics, without_effect
from residuum.trial.simulation.scenario import Scenario, derive_scenario
from residuum.trial.simulation.simulate import Runner, simulate


@dataclass(frozen=True, slots=True)
class PowerResult:
    """Numbers of a design, and what they were made from."""

    design: Design
    numbers: Numbers
    about: dict[str, Any]

    def json(self) -> str:
        """Return the numbers as text, in the form of numbers.json."""
        return self.numbers.json(self.about)


@dataclass(slots=True)
class _Clock:
    """Trials simulated, and the seconds that took: of all cores together, or of the wall where a cluster works."""

    now: Callable[[], float]
    trials: int = 0
    seconds: float = 0.0


def trial_power(
    path: Path,
    *,
    replicates: int = 10_000,
    seed: int = 1,
    threads: int | None = None,
    scheduler: str | None = None,
    advance: Advance = lambda _doing, _share: None,
) -> PowerResult:
    """Simulate a design under every bound, with its effect and without.

    Parameters
    ----------
    path : Path
        The design file.
    replicates : int
        Trials simulated for each bound, and again without effect.
    seed : int
        0 or above.
    threads : int, optional
        All usable cores by default.
    scheduler : str, optional
        Address of a Dask cluster, instead of threads.
    advance : callable
        Told what is being done and the share done.

    Raises
    ------
    InputError
        The design is refused.
    CallError
        A number is out of range, or the cluster cannot be reached.
    """
    design = read_design(path)
    clock = _Clock(time.perf_counter if scheduler else time.process_time)
    with open_runner(threads, scheduler) as runner:
        told = watched(runner, 2 * replicates * len(bounds_of(design)), advance)
        rows = list(_all_rows(design, replicates, seed, told, clock))
    rows.append(
        Row(
            "trial.rate",
            clock.trials / max(clock.seconds, 1e-9),
            "trials per second",
            method="per cluster" if scheduler else "per core: per second of processor time",
            n=clock.trials,
        )
    )
    return PowerResult(design, Numbers(rows), describe_design(path, design, seed, replicates))


def describe_design(path: Path, design: Design, seed: int, replicates: int) -> dict[str, Any]:
    """Return what the numbers of a design were made from."""
    return {
        "format": 1,
        "residuum": __version__,
        "design": {
            "id": design.id,
            "title": design.title,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "values": design.model_dump(mode="json"),
        },
        "seed": seed,
        "replicates": replicates,
        "disclaimer": DISCLAIMER,
        "footer": PLANNING_FOOTER,
    }


def _all_rows(design: Design, replicates: int, seed: int, runner: Runner, clock: _Clock) -> Iterator[Row]:
    """Give the rows of the design's own bound first, without a bound in their names; then those of each bound."""
    bounds = sorted(bounds_of(design), key=lambda bound: bound != design.failure.bound)
    for bound in bounds:
        scenario = derive_scenario(design, bound or "exclusive")
        null = derive_scenario(without_effect(design), scenario.bound, looks=scenario.looks)
        simulated, untreated = (_timed(one, replicates, seed, runner, clock) for one in (scenario, null))
        analytic = derive_analytic(scenario)
        own = (None,) if bound == design.failure.bound else ()
        for name in (*own, bound):
            yield from power_rows(scenario, simulated, untreated, analytic, prefix_of(name))


def _timed(scenario: Scenario, replicates: int, seed: int, runner: Runner, clock: _Clock) -> Characteristics:
    simulate(scenario, seed=seed, replicates=1)  # loads the compiled functions, which is not to be timed
    start = clock.now()
    trials = simulate(scenario, seed=seed, replicates=replicates, runner=runner)
    clock.seconds += clock.now() - start
    clock.trials += replicates
    return derive_characteristics(scenario, trials)
