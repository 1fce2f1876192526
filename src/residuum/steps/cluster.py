"""Simulated trials on an existing Dask cluster: a few tasks at a time, lost ones sent again.

The results of a task depend on the task alone, so a task can be computed again by any worker. What could still make a
difference, other software or another kind of processor, is looked for in every answer.
"""

import asyncio
import hashlib
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from residuum.records.errors import CallError
from residuum.trial.simulation.scenario import Scenario
from residuum.trial.simulation.simulate import Replicates, Runner, Task

if TYPE_CHECKING:
    from distributed import Client, Future

Work = Callable[[Task], Replicates]
_Thing = TypeVar("_Thing")

# How long to wait for a scheduler, for the first worker, and for a lost connection to come back.
CONNECT_SECONDS: Final = 8.0
# How long the scheduler, once connected, may be too busy to answer.
ANSWER_SECONDS: Final = 60.0
# How long a run may be without any worker: time enough to replace them all.
NO_WORKER_SECONDS: Final = 300.0
POLL_SECONDS: Final = 2.0
# Tasks under way for each thread of the cluster: enough to hide the way there and back, few enough for any memory.
TASKS_PER_THREAD: Final = 4
# Times that the oldest task is sent again; each time Dask itself lets four workers die over it.
RESENDINGS: Final = 3

INSTALL: Final = "install it with: pip install 'residuum[cluster]'"
SAME_SOFTWARE: Final = "install the same versions on every machine and start the workers again"
RUN_AGAIN: Final = "no result is kept: start scheduler and workers and run again"


@contextmanager
def dask_runner(address: str) -> Iterator[Runner]:
    """Give a runner on the workers of an existing Dask cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as tcp://192.0.2.7:8786. Workers may come, go and die during a run.

    Raises
    ------
    CallError
        Dask is not installed; nothing answers at the address; the cluster has no worker, or one with other software
        than this machine. During a run also: workers differ in their digits, or the cluster is gone.
    """
    with _quiet():
        client = _connect(address)
        try:
            _check_workers(client, address)
            yield _Cluster(client, address).run
        finally:
            client.close()  # type: ignore[no-untyped-call]  # Dask has types for some functions only


def build() -> str:
    """Return what the results depend on besides the task: Residuum and its sources, NumPy, Numba."""
    import numba
    import numpy as np

    import residuum

    return f"residuum {residuum.__version__} (sources {_sources()}), numpy {np.__version__}, numba {numba.__version__}"


@cache
def _sources() -> str:
    """Return a digest of the sources, as they were when first asked for: a version number is not renewed by an edit."""
    digest = hashlib.sha256()
    for folder in ("records", "trial"):
        parts = {part.name: part for part in files("residuum").joinpath(folder).iterdir()}
        for name in sorted(name for name in parts if name.endswith(".py")):
            digest.update(parts[name].read_bytes())
    return digest.hexdigest()[:8]


# On the worker


@dataclass(frozen=True, slots=True, eq=False)
class _Probe:
    """A block that every worker simulates once: all its digits are alike only where processors are."""

    work: Work
    scenario: Scenario
    seed: int


class _Answer(NamedTuple):
    """The trials of a task, and whose they are."""

    trials: Replicates
    worker: str
    build: str
    digest: str


def _simulate(work: Work, scenario: Scenario, seed: int, first_block: int, blocks: int, probe: _Probe) -> _Answer:
    from distributed import get_worker

    trials = work(Task(scenario, seed, first_block, blocks))
    return _Answer(trials, get_worker().address, build(), _digest(probe))


@lru_cache(maxsize=16)
def _digest(probe: _Probe) -> str:
    trials = probe.work(Task(probe.scenario, probe.seed, 0, 1))
    digest = hashlib.sha256()
    for field in fields(trials):
        digest.update(getattr(trials, field.name).tobytes())
    return digest.hexdigest()


def _keep(thing: _Thing) -> _Thing:
    return thing


# On this machine


class _Shared(Generic[_Thing]):
    """What many tasks need, sent once: as a task that Dask can run again, since scattered data die with a worker."""

    def __init__(self, thing: _Thing) -> None:
        self.thing = thing
        self._there: Future[_Thing] | None = None

    def give(self, client: "Client") -> "Future[_Thing]":
        if self._there is None:
            self._there = client.submit(_keep, self.thing, pure=False)
        return self._there

    def lose(self) -> None:
        self._there = None


class _Sent(NamedTuple):
    task: Task
    answer: "Future[_Answer]"


class _Cluster:
    """The cluster as a run sees it."""

    def __init__(self, client: "Client", address: str) -> None:
        self._client, self._address = client, address
        self._probe: _Shared[_Probe] | None = None
        self._scenario: _Shared[Scenario] | None = None
        self._first: _Answer | None = None
        # The first task goes alone: its worker fills Numba's cache, and the others find it filled.
        self._width = 1
        self._asked = -math.inf
        self._alone_since: float | None = None

    def run(self, work: Work, tasks: Iterable[Task]) -> Iterator[Replicates]:
        """Yield the results of tasks in their order."""
        left = iter(tasks)
        window: deque[_Sent] = deque()
        try:
            while True:
                window.extend(self._send(work, task) for task in islice(left, max(self._width - len(window), 0)))
                if not window:
                    return
                answer = self._oldest(work, window)
                self._check(answer)
                self._look()
                yield answer.trials
        finally:
            with suppress(OSError, RuntimeError):  # the cluster may be gone, which is said elsewhere
                self._client.cancel([sent.answer for sent in window])  # type: ignore[no-untyped-call]  # as above

    def _send(self, work: Work, task: Task) -> _Sent:
        if self._probe is None:
            self._probe = _Shared(_Probe(work, task.scenario, task.seed))
        scenario, probe = self._give(task.scenario), self._probe.give(self._client)
        rest = task.seed, task.first_block, task.blocks
        return _Sent(task, self._client.submit(_simulate, work, scenario, *rest, probe, pure=False))

    def _give(self, scenario: Scenario) -> "Scenario | Future[Scenario]":
        """Return a scenario itself the first time, then where the workers have it: in a sweep most serve one task."""
        if self._scenario is None or self._scenario.thing is not scenario:
            self._scenario = _Shared(scenario)
            return scenario
        return self._scenario.give(self._client)

    def _oldest(self, work: Work, window: deque[_Sent]) -> _Answer:
        """Take the oldest task off the window and return its answer; lost tasks are sent again."""
        from distributed import KilledWorker

        for _ in range(1 + RESENDINGS):
            try:
                answer = self._wait(window[0].answer)
            except (KilledWorker, CancelledError):
                self._send_again(work, window)
            else:
                window.popleft()
                return answer
        raise CallError(
            f"the workers of {self._address} die over the same task again and again; read their logs, "
            "give each more memory or fewer threads, and run again"
        )

    def _wait(self, future: "Future[_Answer]") -> _Answer:
        while True:
            try:
                answer: _Answer = future.result(timeout=POLL_SECONDS)
            except TimeoutError:
                self._look()
            else:
                return answer

    def _send_again(self, work: Work, window: deque[_Sent]) -> None:
        """Send again whatever in the window is lost, and what the tasks share, which may be lost as well."""
        self._look()
        for shared in (self._probe, self._scenario):
            if shared is not None:
                shared.lose()
        for place, sent in enumerate(window):
            if sent.answer.status not in ("pending", "finished"):
                window[place] = self._send(work, sent.task)

    def _look(self) -> None:
        """Look every few seconds at the cluster: is it there, and how many threads has it."""
        now = time.monotonic()
        if self._client.status not in ("running", "connecting"):
            raise CallError(f"the Dask cluster at {self._address} is gone; {RUN_AGAIN}")
        if now - self._asked < POLL_SECONDS or self._client.status == "connecting":
            return
        self._asked = now
        threads = _count_threads(self._client, self._address)
        if threads:
            self._width, self._alone_since = TASKS_PER_THREAD * threads, None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > NO_WORKER_SECONDS:
            raise CallError(
                f"the Dask cluster at {self._address} has had no worker for {NO_WORKER_SECONDS:g} seconds; {RUN_AGAIN}"
            )

    def _check(self, answer: _Answer) -> None:
        """Refuse an answer by other software or with other digits: workers may have joined since the start."""
        _check_build(answer.worker, answer.build)
        if self._first is None:
            self._first = answer
        elif answer.digest != self._first.digest:
            raise CallError(
                f"workers {self._first.worker} and {answer.worker} differ in the last digits, as different kinds of "
                "processor do; use workers on machines of one kind, so that the same call gives the same numbers"
            )


def _connect(address: str) -> "Client":
    try:
        from distributed import Client
    except ImportError as error:
        raise CallError(f"--scheduler needs Dask ({error}); {INSTALL}") from None
    try:
        # in a thread, since the caller may have an event loop of its own
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, _greet(address)).result()
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]  # as above
    except Exception as error:  # whatever listens there may answer anything
        raise CallError(
            f"no Dask scheduler answers at {address!r} ({_first_line(error)}); give the address that `dask scheduler` "
            "prints, such as tcp://192.0.2.7:8786, and check that this machine reaches it"
        ) from None


async def _greet(address: str) -> None:
    """Raise unless a scheduler answers in time: Dask's client waits for ever where something else listens."""
    from distributed.comm.core import connect
    from distributed.core import send_recv
    from distributed.security import Security

    secrets = Security().get_connection_args("client")  # type: ignore[no-untyped-call]  # as above
    async with asyncio.timeout(CONNECT_SECONDS):
        comm = await connect(address, timeout=CONNECT_SECONDS, **secrets)  # type: ignore[no-untyped-call]  # as above
        try:
            found = await send_recv(comm, op="identity")
        finally:
            comm.abort()
    if found["type"] != "Scheduler":
        raise ValueError(f"a {found['type'].lower()} is there")


def _first_line(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing within {CONNECT_SECONDS:g} seconds"
    return (str(error).splitlines() or [type(error).__name__])[0]


def _check_workers(client: "Client", address: str) -> None:
    """Refuse a cluster without workers, or with a worker whose software differs."""
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        raise CallError(f"the cluster at {address} has no worker; start one: dask worker {address}") from None
    for worker, found in client.run(build, on_error="return").items():
        if isinstance(found, str):
            _check_build(worker, found)
        elif not isinstance(found, OSError):  # which is a worker that has just died
            raise CallError(f"worker {worker} cannot run Residuum ({_first_line(found)}); {SAME_SOFTWARE}")


def _check_build(worker: str, found: str) -> None:
    if found != build():
        raise CallError(f"worker {worker} has {found}, but this machine has {build()}; {SAME_SOFTWARE}")


def _count_threads(client: "Client", address: str) -> int:
    try:
        threads = client.nthreads(callback_timeout=ANSWER_SECONDS)  # type: ignore[no-untyped-call]  # as above
        return sum(threads.values())
    except TimeoutError:
        raise CallError(f"the Dask scheduler at {address} does not answer; {RUN_AGAIN}") from None
    except OSError:
        return 0  # the connection has just been lost: the client tries to restore it


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's log of lost connections off standard error; what matters is said by the error raised."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado.application")]
    with suppress(ImportError):
        import distributed  # noqa: F401  # sets the levels, which would undo ours
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
