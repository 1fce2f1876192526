"""Simulated trials: a block of 256 at a time, blocks shared out and put together again in their order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from residuum.records.errors import CallError
from residuum.trial.simulation.arrival import draw_arrivals
from residuum.trial.simulation.assessment import see
from residuum.trial.simulation.cut import count_events, event_cuts, fill_keys, low_bits, settle
from residuum.trial.simulation.draws import BLOCK, Draws, Stream, Workspace
from residuum.trial.simulation.failure import TARGET, add_toxicity, draw_causes, draw_failures
from residuum.trial.simulation.patients import allocate, draw_kinds
from residuum.trial.simulation.primary import compute_z
from residuum.trial.simulation.scenario import Scenario

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

    def part(self, rows: slice) -> "Replicates":
        """Return some of the trials, sharing memory."""
        return Replicates(*(getattr(self, name)[rows] for name in COLUMNS))


EVERY_ONE = np.ones(BLOCK, dtype=np.bool_)
COLUMNS = tuple(field.name for field in fields(Replicates))


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
        From `residuum.trial.simulation.scenario.derive_scenario`.
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
    trials, done = _blank(replicates, scenario.looks.count), 0
    for part in runner(run_task, tasks):
        rows = slice(done, min(done + len(part), replicates))
        for name in COLUMNS:
            getattr(trials, name)[rows] = getattr(part, name)[: rows.stop - done]
        done = rows.stop
    return trials


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
    workspace = Workspace()
    trials = _blank(task.blocks * BLOCK, task.scenario.looks.count)
    for k in range(task.blocks):
        rows = slice(k * BLOCK, (k + 1) * BLOCK)
        _simulate_block(task.scenario, task.seed, task.first_block + k, workspace, trials.part(rows))
    return trials


def _blank(trials: int, looks: int) -> Replicates:
    return Replicates(
        look=np.full(trials, looks, dtype=np.int8),
        crossed=np.zeros(trials, dtype=np.int8),
        cut=np.empty((trials, looks)),
        events=np.empty((trials, looks), dtype=np.int32),
        enrolled=np.zeros((trials, looks), dtype=np.int32),
        z=np.full((trials, looks), np.nan),
        log_hazard_ratio=np.empty(trials),
    )


def merge(parts: Iterable[Replicates], replicates: int | None = None) -> Replicates:
    """Return parts put together in their order, the first `replicates` of them."""
    whole = list(parts)
    return Replicates(*(np.concatenate([getattr(part, name) for part in whole])[:replicates] for name in COLUMNS))


def _simulate_block(scenario: Scenario, seed: int, block: int, workspace: Workspace, trials: Replicates) -> None:
    """Simulate one block of 256 trials and write them into `trials`."""
    draws = scenario.draws(seed, block, workspace)
    design, hazards, looks = scenario.design, scenario.hazards, scenario.looks
    kinds = draw_kinds(hazards.probability, draws, design.accrual.patients)
    arms = allocate(kinds, hazards.stratum, design.allocation)
    arrival = draw_arrivals(design.accrual, draws)
    seen, event = _draw_seen(scenario, draws, kinds, arms)
    low = low_bits(arms, kinds, hazards.stratum if scenario.stratified else None, event)
    forced = np.zeros(trials.cut.shape, dtype=np.bool_)
    if looks.events.size:
        calendar = np.add(arrival, seen, out=workspace.array("calendar", seen.shape))
        if event is not None:
            calendar[~event] = np.inf
        calendar.sort(axis=1)
        event_cuts(calendar, looks.events, looks.latest_year, trials.cut, forced, trials.events)
    else:
        trials.cut[:] = looks.years
        count_events(seen, arrival, low, looks.years, trials.events)
    _look(scenario, _Data(seen, arrival, low, forced, workspace.array("keys", seen.shape, np.uint64)), trials)


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
        dropout = draws.exponential(Stream.DROPOUT, 1 / leaving)
        stays = seen <= dropout
        event = stays if event is None else event & stays
        np.minimum(seen, dropout, out=seen)
    return seen, event


class _Data(NamedTuple):
    """What a block's patients went through, the looks made early, and room for keys."""

    seen: NDArray[np.float64]
    arrival: NDArray[np.float64]
    low: NDArray[np.uint8]
    forced: NDArray[np.bool_]
    keys: NDArray[np.uint64]


def _look(scenario: Scenario, data: _Data, trials: Replicates) -> None:
    """Make the looks one after the other, each only in the trials that still run."""
    looks = scenario.looks
    may_be_forced = looks.events.size > 0 and np.isfinite(looks.latest_year)
    live, patients = np.arange(BLOCK), np.empty(BLOCK, dtype=np.int64)
    for k in range(looks.count):
        running = live.size
        fill_keys(data.seen, data.arrival, data.low, trials.cut[:, k], live, data.keys, patients)
        keys = data.keys[:running, : max(int(patients[:running].max()), 1)]
        keys.sort(axis=1)
        z, estimate = compute_z(scenario.design.primary, keys, patients[:running], tied=scenario.tied)
        last = data.forced[:, k] if k < looks.count - 1 else EVERY_ONE
        bounds = np.full(running, looks.efficacy[k])
        if may_be_forced and (forced := data.forced[live, k]).any():
            bounds[forced] = looks.forced_bound(k, trials.events[live, k][forced])
        going_on = settle(
            live, z, estimate, patients, last, bounds, looks.futility[k], k, trials.look, trials.crossed,
            trials.z, trials.log_hazard_ratio, trials.enrolled,
        )  # fmt: skip
        live = live[:going_on]
        if going_on == 0:
            return
