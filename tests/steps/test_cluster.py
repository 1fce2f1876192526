"""Simulated trials on a Dask cluster: real processes, on loopback addresses only, some of them killed."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path

import distributed
import numpy as np
import pytest

import residuum
from residuum.records.design import Design
from residuum.records.errors import CallError
from residuum.steps import cluster
from residuum.steps.cluster import TASKS_PER_THREAD, Work, dask_runner
from residuum.steps.runners import open_runner, thread_runner
from residuum.trial.simulation.scenario import Scenario, derive_scenario
from residuum.trial.simulation.simulate import Replicates, Runner, Task, run_task, simulate, split

DESIGNS = Path(residuum.__file__).parents[2] / "examples" / "designs"
# Not whole tasks: the last one is shorter, and its last block is cut.
REPLICATES = 30_100
LONG = 300_100
LIMIT_SECONDS = 180
CONNECT_SECONDS = 90
"""A loaded machine has let a scheduler wait for half a minute."""


class LocalCluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self._folder, self._environment = folder, os.environ | (environment or {})
        self.address = "tcp://127.0.0.1:0"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{time.monotonic_ns()}.log").open("wb") as log:
            command = (sys.executable, "-m", "dask", *arguments)
            return subprocess.Popen(command, stdout=log, stderr=log, env=self._environment, cwd=self._folder)

    def start_scheduler(self) -> None:
        """Start one at a port of its own choice, or again at the one it had, and wait until it listens."""
        said, port = self._folder / f"{time.monotonic_ns()}.json", self.address.rpartition(":")[2]
        options = ("--host", "127.0.0.1", "--port", port, "--no-dashboard", "--scheduler-file", str(said))
        self.scheduler = self._start("scheduler", *options)
        while not said.exists() or not said.read_text("utf-8").rstrip().endswith("}"):
            assert self.scheduler.poll() is None, "the scheduler did not start"
            time.sleep(0.05)
        self.address = str(json.loads(said.read_text("utf-8"))["address"])

    def add_workers(self, number: int, *options: str, threads: int = 1) -> None:
        common = ("--host", "127.0.0.1", "--no-nanny", "--no-dashboard", "--nthreads", str(threads))
        self.workers += [self._start("worker", self.address, *common, *options) for _ in range(number)]

    def wait_for(self, workers: int) -> None:
        with distributed.Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=CONNECT_SECONDS)

    def wait_for_scheduler(self) -> None:
        distributed.Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False).close()

    def kill_workers(self, number: int) -> None:
        for worker in self.workers[:number]:
            worker.kill()
            worker.wait()
        del self.workers[:number]

    def kill_scheduler(self) -> None:
        self.scheduler.kill()
        self.scheduler.wait()

    def close(self) -> None:
        self.kill_workers(len(self.workers))
        self.kill_scheduler()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[LocalCluster]:
    started = LocalCluster(tmp_path)
    yield started
    started.close()


@pytest.fixture(autouse=True)
def _time_limit() -> Iterator[None]:
    """Turn a hang into a failure."""

    def stop(_number: int, _frame: object) -> None:
        raise AssertionError(f"not done within {LIMIT_SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def scenario_of(name: str) -> Scenario:
    return derive_scenario(Design.model_validate(tomllib.loads((DESIGNS / f"{name}.toml").read_text("utf-8"))))


@pytest.fixture(scope="module")
def three_looks() -> Scenario:
    return scenario_of("s1_gs3")


@pytest.fixture(scope="module")
def expected(three_looks: Scenario) -> Replicates:
    return simulate(three_looks, seed=7, replicates=LONG)


def assert_same(one: Replicates, other: Replicates) -> None:
    for field in fields(Replicates):
        first, second = getattr(one, field.name), getattr(other, field.name)
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second, strict=True)


def then(runner: Runner, after: int, act: Callable[[], None]) -> Runner:
    """Do something in the middle of a run: after so many results."""

    def run(work: Work, tasks: Iterable[Task]) -> Iterator[Replicates]:
        for number, part in enumerate(runner(work, tasks), start=1):
            if number == after:
                act()
            yield part

    return run


# The same numbers everywhere


@pytest.mark.slow
def test_threads_and_workers_give_the_same_trials(dask: LocalCluster) -> None:
    scenarios = [scenario_of(path.stem) for path in sorted(DESIGNS.glob("*.toml"))]
    assert len(scenarios) >= 5
    serial = [simulate(scenario, seed=3, replicates=REPLICATES) for scenario in scenarios]
    for threads in (1, 2, 3):
        with thread_runner(threads) as runner:
            for scenario, alone in zip(scenarios, serial, strict=True):
                assert_same(simulate(scenario, seed=3, replicates=REPLICATES, runner=runner), alone)
    for workers in (1, 3):
        dask.add_workers(workers - len(dask.workers), threads=workers)
        dask.wait_for(workers)
        with dask_runner(dask.address) as runner:
            for scenario, alone in zip(scenarios, serial, strict=True):
                assert_same(simulate(scenario, seed=3, replicates=REPLICATES, runner=runner), alone)


@pytest.mark.slow
def test_scenarios_may_alternate(dask: LocalCluster, three_looks: Scenario) -> None:
    other = scenario_of("s1_fixed")
    dask.add_workers(1, threads=2)
    tasks = [task for pair in zip(split(three_looks, 5, 20_000), split(other, 5, 20_000), strict=True) for task in pair]
    with dask_runner(dask.address) as runner:
        for part, task in zip(runner(run_task, tasks), tasks, strict=True):
            assert_same(part, run_task(task))


@pytest.mark.slow
def test_workers_that_compile_at_the_same_time_do_no_harm(
    tmp_path: Path, three_looks: Scenario, expected: Replicates
) -> None:
    started = LocalCluster(tmp_path, {"NUMBA_CACHE_DIR": str(tmp_path / "numba")})
    try:
        started.add_workers(3)
        started.wait_for(3)
        with distributed.Client(started.address, set_as_default=False) as client:
            everywhere = client.run(run_task, Task(three_looks, 7, 0, 1))
        assert len(everywhere) == 3
        for trials in everywhere.values():
            assert_same(trials, run_task(Task(three_looks, 7, 0, 1)))
        with dask_runner(started.address) as runner:
            assert_same(simulate(three_looks, seed=7, replicates=LONG, runner=runner), expected)
        assert list((tmp_path / "numba").rglob("*.nbi"))
    finally:
        started.close()


# What a run costs the cluster


@pytest.mark.slow
def test_few_tasks_are_under_way_and_the_scenario_is_sent_once(
    dask: LocalCluster, three_looks: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    dask.add_workers(1, threads=2)
    sent: list[tuple[object, ...]] = []
    submit = distributed.Client.submit

    def noted(client: distributed.Client, work: object, *arguments: object, **options: object) -> object:
        sent.append(arguments)
        return submit(client, work, *arguments, **options)

    monkeypatch.setattr(distributed.Client, "submit", noted)
    tasks = split(three_looks, 1, LONG)
    taken = 0

    def give() -> Iterator[Task]:
        nonlocal taken
        for task in tasks:
            taken += 1
            yield task

    with dask_runner(dask.address) as runner:
        ahead = [taken - got for got, _ in enumerate(runner(run_task, give()), start=1)]
    assert ahead[0] == 0
    assert max(ahead) <= TASKS_PER_THREAD * 2
    # beside the tasks the probe and the scenario; this with the first task, and once for all others
    assert len(sent) == len(tasks) + 2
    assert sum(three_looks in arguments for arguments in sent) == 2


# What dies


@pytest.mark.slow
def test_a_worker_killed_in_mid_run_loses_nothing(
    dask: LocalCluster, three_looks: Scenario, expected: Replicates
) -> None:
    dask.add_workers(3)
    dask.wait_for(3)
    with dask_runner(dask.address) as runner:
        broken = then(runner, 10, partial(dask.kill_workers, 1))
        assert_same(simulate(three_looks, seed=7, replicates=LONG, runner=broken), expected)


@pytest.mark.slow
def test_all_workers_may_die_and_be_replaced(dask: LocalCluster, three_looks: Scenario, expected: Replicates) -> None:
    dask.add_workers(2)
    dask.wait_for(2)

    def replace() -> None:
        dask.kill_workers(2)
        dask.add_workers(2)

    with dask_runner(dask.address) as runner:
        broken = then(runner, 10, replace)
        assert_same(simulate(three_looks, seed=7, replicates=LONG, runner=broken), expected)


@pytest.mark.slow
def test_a_run_without_workers_ends_with_an_error(
    dask: LocalCluster, three_looks: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "NO_WORKER_SECONDS", 5)
    dask.add_workers(1)
    with dask_runner(dask.address) as runner:
        broken = then(runner, 10, partial(dask.kill_workers, 1))
        with pytest.raises(CallError, match="has had no worker for 5 seconds"):
            simulate(three_looks, seed=7, replicates=LONG, runner=broken)


@pytest.mark.slow
def test_a_killed_scheduler_ends_the_run_with_an_error(dask: LocalCluster, three_looks: Scenario) -> None:
    dask.add_workers(1)
    start = time.monotonic()
    with dask_runner(dask.address) as runner:
        broken = then(runner, 10, dask.kill_scheduler)
        with pytest.raises(CallError, match=f"the Dask cluster at {re.escape(dask.address)} is gone"):
            simulate(three_looks, seed=7, replicates=LONG, runner=broken)
    assert time.monotonic() - start < 45


@pytest.mark.slow
def test_a_whole_cluster_may_be_replaced(dask: LocalCluster, three_looks: Scenario, expected: Replicates) -> None:
    dask.add_workers(1)

    def replace() -> None:
        dask.kill_scheduler()
        dask.kill_workers(1)
        dask.start_scheduler()
        dask.add_workers(1)

    with dask_runner(dask.address) as runner:
        assert_same(simulate(three_looks, seed=7, replicates=LONG, runner=then(runner, 10, replace)), expected)


@pytest.mark.slow
def test_a_task_that_kills_every_worker_is_given_up(
    dask: LocalCluster, three_looks: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask gives a task up after four workers; here the fifth and all later ones would die too."""
    monkeypatch.setattr(cluster, "RESENDINGS", 0)
    dask.add_workers(1)
    # a lambda, since the workers cannot import this file
    deadly: Work = lambda task: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore  # noqa: E731
    stop = threading.Event()

    def replace_the_dead() -> None:
        while not stop.wait(0.1):
            if dask.workers[0].poll() is not None:
                del dask.workers[0]
                dask.add_workers(1)

    keeper = threading.Thread(target=replace_the_dead)
    keeper.start()
    try:
        with dask_runner(dask.address) as runner, pytest.raises(CallError, match="die over the same task"):
            list(runner(deadly, split(three_looks, 1, 1)))
    finally:
        stop.set()
        keeper.join()


INTERRUPTED = """
import sys
address, folder, name = sys.argv[1:]
sys.path.append(folder)
from residuum.steps.cluster import dask_runner
from residuum.trial.simulation.simulate import run_task, split
scenario_of = __import__(name).scenario_of
with dask_runner(address) as runner:
    for part in runner(run_task, split(scenario_of("s1_gs3"), 1, 100_000_000)):
        print(len(part), flush=True)
"""


@pytest.mark.slow
def test_an_interrupt_takes_the_tasks_back(dask: LocalCluster) -> None:
    dask.add_workers(1)
    command = (sys.executable, "-c", INTERRUPTED, dask.address, str(Path(__file__).parent), Path(__file__).stem)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        try:
            assert [run.stdout.readline() for _ in range(5)] == ["4096\n"] * 5
            run.send_signal(signal.SIGINT)
            _, said = run.communicate(timeout=30)
        finally:
            run.kill()
    assert run.returncode == -signal.SIGINT
    assert said.rstrip().endswith("KeyboardInterrupt")
    with distributed.Client(dask.address, set_as_default=False) as client:
        for _ in range(50):
            left = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
            if not left:
                break
            time.sleep(0.1)
        assert left == 0


# What is refused


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preload", "message"),
    [
        ("import residuum\nresiduum.__version__ = '99.1'", "worker tcp://.* has residuum 99.1 .*; install the same"),
        ("import numba\nnumba.__version__ = '0.1'", "worker tcp://.* numba 0.1, but this machine has residuum"),
        ("import sys\nsys.modules['residuum'] = None", "worker tcp://.* cannot run Residuum"),
    ],
)
def test_other_software_on_a_worker_is_refused(dask: LocalCluster, tmp_path: Path, preload: str, message: str) -> None:
    (tmp_path / "preload.py").write_text(preload, "utf-8")
    dask.add_workers(1, "--preload", str(tmp_path / "preload.py"))
    dask.add_workers(1)
    dask.wait_for(2)
    with pytest.raises(CallError, match=message), dask_runner(dask.address):
        pass


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preload", "message"),
    [
        ("import residuum\nresiduum.__version__ = '99.1'", "worker tcp://.* has residuum 99.1"),
        ("from residuum.steps import cluster\ncluster._digest = lambda probe: 'other'", "differ in the last digits"),
    ],
)
def test_a_worker_that_joins_later_is_refused_as_well(
    dask: LocalCluster, tmp_path: Path, three_looks: Scenario, preload: str, message: str
) -> None:
    (tmp_path / "preload.py").write_text(preload, "utf-8")
    dask.add_workers(1)

    def join() -> None:
        dask.add_workers(1, "--preload", str(tmp_path / "preload.py"))
        dask.wait_for(2)

    with dask_runner(dask.address) as runner, pytest.raises(CallError, match=message):
        simulate(three_looks, seed=7, replicates=LONG, runner=then(runner, 3, join))


@pytest.mark.slow
def test_a_worker_without_residuum_that_joins_later_takes_nothing_away(
    dask: LocalCluster, tmp_path: Path, three_looks: Scenario, expected: Replicates
) -> None:
    (tmp_path / "preload.py").write_text("import sys\nsys.modules['residuum'] = None", "utf-8")
    dask.add_workers(1)

    def join() -> None:
        dask.add_workers(1, "--preload", str(tmp_path / "preload.py"))
        dask.wait_for(2)

    with dask_runner(dask.address) as runner:
        assert_same(simulate(three_looks, seed=7, replicates=LONG, runner=then(runner, 3, join)), expected)


@pytest.mark.slow
def test_a_cluster_without_workers_is_refused(dask: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    dask.wait_for_scheduler()
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2)
    with (
        pytest.raises(CallError, match=f"has no worker; start one: dask worker {dask.address}"),
        dask_runner(dask.address),
    ):
        pass


@pytest.mark.slow
def test_a_worker_is_not_taken_for_a_scheduler(dask: LocalCluster) -> None:
    dask.add_workers(1)
    dask.wait_for(1)
    with distributed.Client(dask.address, timeout=CONNECT_SECONDS, set_as_default=False) as client:
        (worker,) = client.scheduler_info()["workers"]
    with pytest.raises(CallError, match="a worker is there"), dask_runner(worker):
        pass


@pytest.mark.unit
def test_an_address_where_nothing_listens_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(CallError, match=f"no Dask scheduler answers at '{address}'"), open_runner(None, address):
        pass


@pytest.mark.unit
def test_an_address_where_something_else_listens_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that takes the call and says nothing, for which Dask's client would wait for ever."""
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(CallError, match="nothing within 1 seconds"), dask_runner(address):
            pass


@pytest.mark.unit
@pytest.mark.parametrize("address", ["", "127.0.0.1", "tcp://127.0.0.1:port", "http://127.0.0.1:80", "inproc://here"])
def test_what_is_no_address_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(CallError, match=r"such as tcp://192\.0\.2\.7:8786"), dask_runner(address):
        pass


@pytest.mark.unit
def test_without_dask_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CallError, match=re.escape("pip install 'residuum[cluster]'")), open_runner(None, "tcp://x:1"):
        pass


@pytest.mark.unit
def test_threads_and_a_cluster_exclude_each_other() -> None:
    with pytest.raises(CallError, match="exclude each other"), open_runner(2, "tcp://127.0.0.1:8786"):
        pass


@pytest.mark.unit
@pytest.mark.parametrize("threads", [0, -1])
def test_at_least_one_thread(threads: int) -> None:
    with pytest.raises(CallError, match=f"--threads {threads} is out of range"), open_runner(threads, None):
        pass


@pytest.mark.unit
def test_dask_is_loaded_only_where_it_is_used() -> None:
    script = "import sys, residuum.steps.runners\nprint('distributed' in sys.modules)"
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
