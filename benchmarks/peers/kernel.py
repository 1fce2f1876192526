"""Residuum's own simulator as an engine of `benchmarks/trial.py`; a job is the path of a design file."""

from functools import cache
from pathlib import Path

from peers.serve import serve
from residuum import __version__
from residuum.intake.design_file import read_design
from residuum.steps.runners import thread_runner
from residuum.trial.simulation.scenario import derive_scenario
from residuum.trial.simulation.simulate import simulate


@cache
def _scenario(path: str):
    return derive_scenario(read_design(Path(path)), "exclusive")


def run(path: str, trials: int, seed: int, threads: int) -> float:
    """Simulate and return the share of trials that crossed the efficacy bound."""
    with thread_runner(threads) as runner:
        result = simulate(_scenario(path), seed=seed, replicates=trials, runner=runner)
    return float((result.crossed == 1).mean())


if __name__ == "__main__":
    serve("Residuum", __version__, run)
