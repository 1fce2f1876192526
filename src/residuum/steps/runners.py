"""Where simulated trials run: threads of this machine, or an existing Dask cluster. The results are the same."""

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from residuum.records.errors import CallError
from residuum.steps.cluster import Work, dask_runner
from residuum.steps.progress import Advance
from residuum.trial.simulation.simulate import Replicates, Runner, Task


def usable_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def open_runner(threads: int | None = None, scheduler: str | None = None) -> Iterator[Runner]:
    """Give a runner on threads of this machine or on a cluster.

    Parameters
    ----------
    threads : int, optional
        1 or more; all usable cores by default.
    scheduler : str, optional
        Address of a Dask scheduler, instead of threads.

    Raises
    ------
    CallError
        Both are given, `threads` is below 1, or the cluster cannot be used (`residuum.steps.cluster.dask_runner`).
    """
    if scheduler is not None and threads is not None:
        raise CallError("--threads and --scheduler exclude each other: the workers of a cluster have their own threads")
    if threads is not None and threads < 1:
        raise CallError(f"--threads {threads} is out of range; give at least 1")
    chosen = thread_runner(threads or usable_cores()) if scheduler is None else dask_runner(scheduler)
    with chosen as runner:
        yield runner


@contextmanager
def thread_runner(threads: int) -> Iterator[Runner]:
    """Give a runner on so many threads of this machine.

    Parameters
    ----------
    threads : int
        1 runs everything in the calling thread.
    """
    if threads == 1:
        yield map
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="trial") as pool:
        yield lambda work, tasks: pool.map(work, tasks)


def watched(runner: Runner, trials: int, advance: Advance) -> Runner:
    """Return the runner with progress: trials done, their rate, and the time left.

    Parameters
    ----------
    runner : callable
        Of `thread_runner` or a cluster.
    trials : int
        To be run in all.
    advance : callable
        Told after every task.
    """
    start, done = time.perf_counter(), 0

    def run(work: Work, tasks: Iterable[Task]) -> Iterator[Replicates]:
        nonlocal done
        for part in runner(work, tasks):
            done += len(part)
            rate = done / max(time.perf_counter() - start, 1e-9)
            left = max(trials - done, 0) / rate
            advance(f"{done:,} trials, {rate:,.0f} per second, {left:,.0f} s left", min(done / trials, 1.0))
            yield part

    return run
