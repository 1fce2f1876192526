"""Simulated trials: a block of 256 at a time, blocks shared out and put together again in their order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from residuum.records.errors import CallError
from residuum.trial.arrival import draw_arrivals
from residuum.trial.assessment import see
from residuum.trial.cut import count_events, event_cuts, fill_keys, low_bits
from residuum.trial.draws import BLOCK, Draws, Stream, Workspace
from residuum.trial.failure import TARGET, add_toxicity, draw_causes, draw_failures
from residuum.trial.patients import allocate, draw_kinds
from residuum.trial.primary import compute_z
from residuum.trial.scenario import Scenario

# Blocks of one task: long enough to hide what a task costs, short enough to share out and to show progress.
BLOCKS_PER_TASK = 16


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """Simulated trials, one row each, k looks.

    Attributes
    ----------
    look : ndarray of shape (n,), int
        At which the trial stopped, from 1.
    crossed : ndarray of shape (n,), int
        1 efficacy, -1 futility, 0 neither.
    cut : ndarray of shape (n, k)
        Calendar year of each look, those after stopping included.
    events, enrolled : ndarray of shape (n, k), int
        By each look; those after stopping included for `events`, 0 for `enrolled`.
    z : ndarray of shape (n, k)
        NaN for looks that were not made.
    log_hazard_ratio : ndarray of shape (n,)
        Peto's estimate when the trial stopped.
    """

    look: NDArray[np.int8]
    crossed: NDArray[np.int8]
    cut: NDArray[np.float64]
    events: NDArray[np.int32]
    enrolled: NDArray[np.int32]
    z: NDArray[np.float64]
    log_hazard_ratio: NDArray[np.float64]

    def __len__(self) -> int:
        return self.look.size


@dataclass(frozen=True, slots=True)
class Task:
    """Blocks of one scenario to simulate."""

    scenario: Scenario
    seed: int
    first_block: int
    blocks: int


Runner = Callable[[Callable[[Task], Replicates], Iterable[Task]], Iterator[Replicates]]
"""Runs tasks anywhere and gives their results in the order of the tasks."""


def simulate(scenario: Scenario, *, seed: int, replicates: int, runner: Runner = map) -> Replicates:
    """Simulate trials of a scenario.

    Parameters
    ----------
    scenario : Scenario
        From `residuum.trial.scenario.derive_scenario`.
    seed : int
        0 or above; with the design's id it decides every random number.
    replicates : int
        Trials, 1 or more.
    runner : callable
        Shares out the tasks; the result does not depend on it.

    Raises
    ------
    CallError
        `seed` or `replicates` is out of range.
    """
    tasks = split(scenario, seed, replicates)
    return merge(runner(run_task, tasks), replicates)


def split(scenario: Scenario, seed: int, replicates: int) -> list[Task]:
    """Return the tasks of a run, in order."""
    if replicates < 1 or seed < 0:
        raise CallError(f"replicates {replicates} or seed {seed} is out of range; give at least 1 and at least 0")
    blocks = -(-replicates // BLOCK)
    return [
        Task(scenario, seed, first, min(BLOCKS_PER_TASK, blocks - first)) for first in range(0, blocks, BLOCKS_PER_TASK)
    ]


def run_task(task: Task) -> Replicates:
    """Simulate the blocks of a task."""
    blocks = range(task.first_block, task.first_block + task.blocks)
    workspace = Workspace()
    return merge(simulate_block(task.scenario, task.seed, block, workspace) for block in blocks)


def merge(parts: Iterable[Replicates], replicates: int | None = None) -> Replicates:
    """Return parts put together in their order, the first `replicates` of them."""
    whole = list(parts)
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in whole])[:replicates]
        for field in fields(Replicates)
    }
    return Replicates(**columns)


def simulate_block(scenario: Scenario, seed: int, block: int, workspace: Workspace) -> Replicates:
    """Simulate one block of 256 trials.

    Parameters
    ----------
    scenario : Scenario
        What to simulate.
    seed, block : int
        Key of the random numbers.
    workspace : Workspace
        Of the task.
    """
    draws = scenario.draws(seed, block, workspace)
    design, hazards = scenario.design, scenario.hazards
    kinds = draw_kinds(hazards.probability, draws, design.accrual.patients)
    arms = allocate(kinds, hazards.stratum, design.allocation)
    arrival = draw_arrivals(design.accrual, draws)
    seen, event = _draw_seen(scenario, draws, kinds, arms)
    stratified = design.primary.test == "stratified_log_rank"
    low = low_bits(arms, kinds, hazards.stratum * stratified, event)
    calendar = np.add(arrival, seen, out=workspace.array("calendar", seen.shape))
    if event is not None:
        calendar[~event] = np.inf
    cut, forced = _cuts(scenario, calendar)
    keys = workspace.array("keys", seen.shape, np.uint64)
    return _look(scenario, _Data(seen, arrival, low, calendar, cut, forced), keys)


def _draw_seen(
    scenario: Scenario, draws: Draws, kinds: NDArray[np.uint8], arms: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
    """Return on-study years of event or censoring before any look, and whether it is an event (None: always)."""
    design, hazards = scenario.design, scenario.hazards
    at_target = design.primary.endpoint == "target_control"
    seen = draw_failures(hazards, draws, kinds, arms)
    causes = None
    if at_target or design.assessment is not None:
        causes = draw_causes(hazards, draws, kinds, arms, seen)
    if hazards.toxicity_per_year > 0:
        add_toxicity(hazards, draws, kinds, arms, seen, causes)
    if design.assessment is not None and causes is not None:
        see(design.assessment, hazards, draws, kinds, arms, seen, causes)
    event: NDArray[np.bool_] | None = np.equal(causes, TARGET) if at_target and causes is not None else None
    leaving = design.dropout.per_year.central
    if leaving > 0:
        dropout = draws.exponential(Stream.DROPOUT) / leaving
        stays = seen <= dropout
        event = stays if event is None else event & stays
        np.minimum(seen, dropout, out=seen)
    return seen, event


def _cuts(scenario: Scenario, calendar: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    looks = scenario.looks
    if looks.events.size:
        return event_cuts(calendar, looks.events, looks.latest_year)
    shape = (len(calendar), looks.count)
    return np.tile(looks.years, (shape[0], 1)), np.zeros(shape, dtype=np.bool_)


class _Data(NamedTuple):
    """What a block's patients went through, and when it is looked at."""

    seen: NDArray[np.float64]
    arrival: NDArray[np.float64]
    low: NDArray[np.uint8]
    calendar: NDArray[np.float64]
    cut: NDArray[np.float64]
    forced: NDArray[np.bool_]


def _look(scenario: Scenario, data: _Data, keys: NDArray[np.uint64]) -> Replicates:
    """Make the looks one after the other, each only in the trials that still run."""
    primary, count = scenario.design.primary, scenario.looks.count
    tied = scenario.design.assessment is not None or primary.test == "stratified_log_rank"
    rows = len(data.seen)
    look, crossed = np.full(rows, count, dtype=np.int8), np.zeros(rows, dtype=np.int8)
    enrolled, z = np.zeros((rows, count), dtype=np.int32), np.full((rows, count), np.nan)
    estimate, patients = np.empty(rows), np.empty(rows, dtype=np.int64)
    events = np.empty((rows, count), dtype=np.int32)
    count_events(data.calendar, data.cut, events)
    live = np.arange(rows)
    for k in range(count):
        running = live.size
        fill_keys(data.seen, data.arrival, data.low, data.cut[:, k], live, keys, patients)
        sorted_keys = keys[:running, : max(int(patients[:running].max()), 1)]
        sorted_keys.sort(axis=1)
        z[live, k], estimate[live] = compute_z(primary, sorted_keys, patients[:running], tied=tied)
        enrolled[live, k] = patients[:running]
        forced = data.forced[live, k]
        crossed[live] = _decide(scenario, k, z[live, k], events[live, k], forced)
        last = forced | (crossed[live] != 0)
        look[live[last]] = k + 1
        live = live[~last]
        if live.size == 0:
            break
    return Replicates(look, crossed, data.cut, events, enrolled, z, estimate)


def _decide(
    scenario: Scenario, k: int, z: NDArray[np.float64], events: NDArray[np.int32], forced: NDArray[np.bool_]
) -> NDArray[np.int8]:
    looks = scenario.looks
    efficacy = np.full(z.size, looks.efficacy[k])
    if forced.any():
        efficacy[forced] = looks.forced_bound(k, events[forced])
    decided = np.zeros(z.size, dtype=np.int8)
    decided[(z <= looks.futility[k]) & ~forced] = -1
    decided[z >= efficacy] = 1
    return decided
