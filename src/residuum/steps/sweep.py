"""A long sweep of simulations in parts: each part is kept once it is finished, and never simulated twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from residuum.steps.checkpoints import Checkpoints
from residuum.steps.progress import Advance
from residuum.steps.runners import watched
from residuum.trial.simulation.simulate import Replicates, Runner, Task, run_task


@dataclass(frozen=True, slots=True)
class Part:
    """Some tasks whose result is kept together.

    Attributes
    ----------
    key : str
        What it is, unique in the sweep.
    trials : int
        Simulated by it.
    tasks : callable
        Gives the tasks when the part's turn comes.
    summarise : callable
        Makes what is kept, plain JSON values, from the results of the tasks in their order.
    """

    key: str
    trials: int
    tasks: Callable[[], list[Task]]
    summarise: Callable[[list[Replicates]], dict[str, Any]]


def run_parts(parts: Sequence[Part], runner: Runner, checkpoints: Checkpoints, advance: Advance) -> dict[str, Any]:
    """Run the parts that are not finished yet and return what every part gives, by key.

    Parameters
    ----------
    parts : sequence of Part
        In the order in which they run.
    runner : callable
        Threads or a cluster.
    checkpoints : Checkpoints
        Finished parts.
    advance : callable
        Told trials done, their rate and the time left.
    """
    left = [part for part in parts if part.key not in checkpoints.done]
    told = watched(runner, sum(part.trials for part in left), advance)
    for part in left:
        checkpoints.add(part.key, part.summarise(list(told(run_task, part.tasks()))))
    return {part.key: checkpoints.done[part.key] for part in parts}
