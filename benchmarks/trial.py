"""`make bench-trial`: trials per second and core of the simulator and its peers, side by side on one machine.

Every engine is a process that stays (`benchmarks/peers`). The driver goes round all of them several times, a second or
so of work each, one at a time, and keeps the best of each by CPU time: whatever else the machine does hits all alike.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Self

import psutil

HERE = Path(__file__).parent
ROOT = HERE.parent
PEERS = HERE / "peers"
LIFELINES = ROOT / "build" / "peers" / "lifelines"
DEBIAN_RPACT = "3.3.4"
DESIGNS = {
    "S1 fixed": ROOT / "examples" / "designs" / "s1_fixed.toml",
    "S1 gs3": ROOT / "examples" / "designs" / "s1_gs3.toml",
    "sites fixed": HERE / "designs" / "sites_fixed.toml",
    "sites gs3": HERE / "designs" / "sites_gs3.toml",
}
SPEED_GOALS = {"S1 fixed": 250_000, "S1 gs3": 100_000, "sites fixed": 100_000, "sites gs3": 50_000}
RATIO_GOALS = {"fixed": 30, "gs3": 22}
SCALING_GOAL, COMPILE_LIMIT, COMMAND_LIMIT = 1.8, 1.0, 1.0
# Simulated by independent engines; the differences between them (arrivals drawn or evenly spaced, 207 events or year 8)
# stay within 0.003.
POWERS = {"fixed": 0.726, "gs3": 0.7198}
POWER_TOLERANCE = 0.003
# Per trial of gs3: patients enrolled at 3.635, 5.486 and 8.006 years, times the probability that the look is made.
LOOKED_AT = 300 * (3.635 / 5 + (1 - 0.0136) + (1 - 0.3347))
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "RCPP_PARALLEL_NUM_THREADS",
)
ONE_THREAD = dict.fromkeys(THREADS, "1")
MARK = "@@ "


class EngineError(Exception):
    """An engine ended before it answered."""


@dataclass(frozen=True)
class Measure:
    """One run: CPU and wall seconds of so many trials, the share of them that crossed, and cores others kept busy."""

    trials: int
    cpu: float
    wall: float
    power: float
    others: float


@dataclass
class Task:
    """One job of one engine, and everything measured of it."""

    engine: "Engine"
    label: str
    job: str
    threads: int = 1
    trials: int = 0
    measures: list[Measure] = field(default_factory=list)

    def calibrate(self, seconds: float) -> None:
        """Warm the engine up and choose the trials that take so many seconds."""
        trials = 256 if self.engine.fast else 16
        self.engine.ask(self.job, trials, 1, self.threads)
        for _ in range(8):
            measure = self.engine.ask(self.job, trials, 1, self.threads)
            if measure.cpu >= seconds / 4:
                break
            trials = math.ceil(trials * min(16.0, 0.5 * seconds / max(measure.cpu, 0.001)))
        trials = trials * seconds / measure.cpu
        self.trials = max(256, round(trials / 256) * 256) if self.engine.fast else max(1, round(trials))

    def measure(self, seed: int) -> None:
        """Run once more."""
        self.measures.append(self.engine.ask(self.job, self.trials, seed, self.threads))

    @property
    def rate(self) -> float:
        """Trials per CPU second, the best one."""
        return max(one.trials / one.cpu for one in self.measures)

    @property
    def median_rate(self) -> float:
        """Trials per CPU second, the middle one."""
        return statistics.median(one.trials / one.cpu for one in self.measures)

    @property
    def wall_rate(self) -> float:
        """Trials per second by the clock, the best one."""
        return max(one.trials / one.wall for one in self.measures)

    @property
    def power(self) -> tuple[float, float]:
        """Simulated power over all runs, and its standard error."""
        trials = sum(one.trials for one in self.measures)
        power = sum(one.trials * one.power for one in self.measures) / trials
        return power, math.sqrt(power * (1 - power) / trials)


class Engine:
    """A process that answers jobs; see `peers/serve.py`."""

    def __init__(self, command: list[str], environment: dict[str, str], *, fast: bool = False) -> None:
        self.fast = fast
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=HERE,
            env=os.environ | environment,
        )
        started = self._answer()
        self.package, self.version = started["name"], started["version"]
        self.name = f"{self.package} {self.version}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def ask(self, job: str, trials: int, seed: int, threads: int) -> Measure:
        """Have a job done."""
        assert self._process.stdin is not None
        busy = busy_seconds()
        self._process.stdin.write(f"{job} {trials} {seed} {threads}\n")
        self._process.stdin.flush()
        answer = self._answer()
        others = (busy_seconds() - busy - answer["cpu"]) / answer["wall"]
        return Measure(**answer, others=max(0.0, others))

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(MARK):
                return json.loads(line.removeprefix(MARK))
        self._errors.seek(0)
        raise EngineError(f"{self._process.args} ended:\n{self._errors.read().decode(errors='replace')[-2000:]}")


@dataclass(frozen=True)
class Line:
    """One line of the result; `met` is None where there is no goal."""

    name: str
    value: str
    goal: str = ""
    met: bool | None = None


def say(words: str) -> None:
    """Print progress."""
    print(words, flush=True)


def busy_seconds() -> float:
    """Return the CPU seconds that the whole machine has worked, or could not work for being shared."""
    spent = psutil.cpu_times()
    return sum(spent) - spent.idle - getattr(spent, "iowait", 0.0) - getattr(spent, "guest", 0.0)


def wait_for_quiet(longest: float) -> None:
    """Wait until nothing else works on the machine, which two threads need, but not longer than so many seconds."""
    began = time.perf_counter()
    while time.perf_counter() - began < longest and psutil.cpu_percent(0.25) > 5:
        pass


def find_r_peers() -> list[tuple[str, str, str]]:
    """Return package, version and folder of every rpact and lrstat on R's library path."""
    code = (
        'for (folder in .libPaths()) for (package in c("rpact", "lrstat")) {'
        'at <- file.path(folder, package, "DESCRIPTION");'
        'if (file.exists(at)) cat(package, read.dcf(at, "Version"), folder, "\\n", sep = "\\t") }'
    )
    try:
        found = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    peers = [tuple(line.split("\t")[:3]) for line in found.splitlines() if line.count("\t") >= 2]
    return [(package, version, folder) for package, version, folder in peers]


def start(stack: ExitStack, command: list[str], environment: dict[str, str], *, fast: bool = False) -> Engine:
    """Start an engine that ends with the stack."""
    engine = stack.enter_context(Engine(command, environment, fast=fast))
    say(f"started {engine.name}")
    return engine


def start_peers(stack: ExitStack, *, with_r: bool) -> tuple[list[Engine], list[str]]:
    """Start every peer that is installed; return them and the words for those that are not."""
    engines, absent = [], []
    python = [sys.executable, "-m", "peers.loop"]
    found = find_r_peers() if with_r else []
    for package, version, folder in dict.fromkeys(found):
        command = ["Rscript", str(PEERS / f"{package}.R"), folder, str(PEERS)]
        try:
            engines.append(start(stack, command, ONE_THREAD))
        except EngineError as error:
            absent.append(f"{package} {version}: found in {folder}, does not start")
            say(str(error))
    why = "not installed" if with_r else "left out (--without-r)"
    versions = {package: [v for p, v, _ in found if p == package] for package in ("rpact", "lrstat")}
    if DEBIAN_RPACT not in versions["rpact"]:
        absent.append(f"rpact {DEBIAN_RPACT} of Debian: {why}")
    if not set(versions["rpact"]) - {DEBIAN_RPACT}:
        absent.append(f"rpact, newer than Debian's: {why}")
    if not versions["lrstat"]:
        absent.append(f"lrstat: {why}")
    for library, environment in (("statsmodels", {}), ("lifelines", {"PYTHONPATH": str(LIFELINES)})):
        try:
            engines.append(start(stack, [*python, library], ONE_THREAD | environment))
        except EngineError as error:
            if "ModuleNotFoundError" not in str(error) and "PackageNotFoundError" not in str(error):
                raise
            absent.append(f"{library}: not installed")
    return engines, absent


def make_tasks(kernel: Engine, bound: Engine, peers: list[Engine]) -> list[Task]:
    """Return everything that is measured in each round."""
    ours = [Task(kernel, label, os.path.relpath(path, HERE)) for label, path in DESIGNS.items()]
    pair = Task(kernel, "two threads", ours[0].job, threads=2)
    steps = [Task(bound, step, step) for step in ("random", "log", "copy", "sort", "scan")]
    return [*ours[:1], pair, *ours[1:], *steps, *(Task(peer, job, job) for peer in peers for job in RATIO_GOALS)]


def measure_rounds(tasks: list[Task], rounds: int, seconds: float) -> None:
    """Measure every task once in each round; only one engine works at a time."""
    say("choosing the number of trials of each ...")
    for task in tasks:
        task.calibrate(seconds / 4 if task.engine.package == "bound" else seconds)
    began = time.perf_counter()
    for number in range(rounds):
        for task in tasks:
            if task.threads > 1:
                wait_for_quiet(5.0)
            for repeat in range(3 if task.threads > 1 else 1):
                task.measure(seed=1 + number + rounds * repeat)
        seen = ", ".join(f"{task.label} {task.measures[-1].trials / task.measures[-1].cpu:,.0f}" for task in tasks[:5])
        say(f"round {number + 1} of {rounds}, {time.perf_counter() - began:.0f} s: {seen}")


def measure_compile(times: int) -> dict[str, float]:
    """Return seconds of a first short simulation in a new process, and of a second one; least of several processes."""
    code = (
        "import sys, time; from pathlib import Path; from residuum.intake.design_file import read_design;"
        "from residuum.trial.simulation.scenario import derive_scenario;"
        "from residuum.trial.simulation.simulate import simulate;"
        "s = derive_scenario(read_design(Path(sys.argv[1])), 'exclusive'); t = time.perf_counter();"
        "simulate(s, seed=1, replicates=256); u = time.perf_counter();"
        "simulate(s, seed=1, replicates=256); print(u - t, time.perf_counter() - u)"
    )
    command = [sys.executable, "-c", code, str(DESIGNS["S1 fixed"])]
    took = [
        [float(word) for word in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()]
        for _ in range(times)
    ]
    first, second = (min(column) for column in zip(*took, strict=True))
    return {"first": first, "second": second}


def measure_command(times: int) -> float | None:
    """Return median wall seconds of `residuum trial power` after a call that does not count; None where it fails."""
    program = Path(sys.executable).with_name("residuum")
    command = [str(program), "trial", "power", str(DESIGNS["S1 fixed"]), "--replicates", "10000"]
    took = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(times + 1):
            began = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
            took.append(time.perf_counter() - began)
            if done.returncode != 0:
                say(f"{' '.join(command)} failed:\n{done.stderr[-1000:]}")
                return None
    return statistics.median(took[1:])


def at_least(name: str, value: float, goal: float, unit: str) -> Line:
    """Return a line whose value must reach a goal."""
    digits = 0 if goal > 1000 else 2
    return Line(name, f"{value:,.{digits}f} {unit}", f">= {goal:,.{digits}f}".removesuffix(".00"), value >= goal)


def below(name: str, value: float | None, limit: float) -> Line:
    """Return a line whose seconds must stay below a limit."""
    if value is None:
        return Line(name, "failed", f"< {limit:.0f} s", False)
    return Line(name, f"{value:.3f} s", f"< {limit:.0f} s", value < limit)


def speed_lines(tasks: dict[tuple[str, str], Task]) -> Iterator[Line]:
    """Yield our trials per second and core, and two threads against one."""
    for label, goal in SPEED_GOALS.items():
        yield at_least(f"Residuum, {label}", tasks["Residuum", label].rate, goal, "trials/s/core")
    one, two = tasks["Residuum", "S1 fixed"], tasks["Residuum", "two threads"]
    yield at_least("two threads v one, S1 fixed, by the clock", two.wall_rate / one.wall_rate, SCALING_GOAL, "x")
    best = max(two.measures, key=lambda measure: measure.trials / measure.wall)
    yield Line("  cores that the two kept busy", f"{best.cpu / best.wall:.2f}")
    yield Line("  cores that other work kept busy meanwhile", f"{best.others:.2f}")
    yield Line("  CPU time per trial, two threads v one", f"{one.rate / two.rate:.2f} x")


def bound_lines(tasks: dict[tuple[str, str], Task]) -> Iterator[Line]:
    """Yield the cost of each step for a patient, and the trials per second that they allow."""
    cost = {step: 1e9 / 300 / task.rate for (package, step), task in tasks.items() if package == "bound"}
    cost["sort"] -= cost.pop("copy")
    names = {
        "random": "uniform 64-bit number, two a patient",
        "log": "logarithm, one a patient",
        "sort": "sort of a 64-bit key",
        "scan": "log-rank scan",
    }
    for step, name in names.items():
        yield Line(f"bound: {name}", f"{cost[step]:.2f} ns each")
    draws = 300 * (2 * cost["random"] + cost["log"])
    both = cost["sort"] + cost["scan"]
    totals = {"S1 fixed": draws + 300 * both, "S1 gs3": draws + 300 * cost["sort"] + LOOKED_AT * both}
    for label, total in totals.items():
        reached = tasks["Residuum", label].rate * total * 1e-9
        yield Line(f"bound: {label}, {total / 1000:.2f} us", f"{1e9 / total:,.0f} trials/s/core", f"we: {reached:.0%}")


def peer_lines(tasks: dict[tuple[str, str], Task], peers: list[Engine], absent: list[str]) -> Iterator[Line]:
    """Yield every peer's trials per second and core, and how many times as fast we are."""
    for peer in peers:
        for job, goal in RATIO_GOALS.items():
            rate = tasks[peer.name, job].rate
            ratio = tasks["Residuum", f"S1 {job}"].rate / rate
            line = Line(f"{peer.name}, S1 {job}", f"{rate:,.0f} trials/s/core", f"we: {ratio:,.1f} x")
            if peer.name == f"rpact {DEBIAN_RPACT}":
                line = replace(line, goal=f"{line.goal}, >= {goal}", met=ratio >= goal)
            yield line
    for words in absent:
        yield Line(words, "-")


def power_lines(tasks: dict[tuple[str, str], Task]) -> Iterator[Line]:
    """Yield the simulated power of every engine beside the reference; an engine that is off is not a measure."""
    for (package, label), task in tasks.items():
        if package == "bound" or task.threads > 1:
            continue
        power, error = task.power
        words = f"{power:.4f} (SE {error:.4f})"
        job = label.removeprefix("S1 ")
        if job not in POWERS:
            yield Line(f"power: {package}, {label}", words)
            continue
        close = abs(power - POWERS[job]) <= POWER_TOLERANCE + 4 * error
        yield Line(f"power: {package}, {label.removeprefix('S1 ')}", words, f"near {POWERS[job]}", close)


def print_table(lines: list[Line]) -> None:
    """Print all lines under each other."""
    width = max(len(line.name) for line in lines)
    for line in lines:
        verdict = {True: "met", False: "NOT MET", None: ""}[line.met]
        print(f"{line.name:<{width}}  {line.value:>24}  {line.goal:<18} {verdict}".rstrip())


def describe_machine() -> str:
    """Return processor, cores and load."""
    model = "unknown processor"
    information = Path("/proc/cpuinfo")
    if information.exists():
        names = [line.split(":", 1)[1].strip() for line in information.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, load {load}, Python {sys.version.split()[0]}"


def write_json(path: Path, machine: str, tasks: list[Task], lines: list[Line]) -> None:
    """Write every measure and every line."""
    measured = [
        {
            "engine": task.engine.name,
            "job": task.job,
            "threads": task.threads,
            "trials_per_cpu_second": {"best": task.rate, "median": task.median_rate},
            "trials_per_second": task.wall_rate,
            "measures": [asdict(one) for one in task.measures],
        }
        for task in tasks
    ]
    figures = {"machine": machine, "measured": measured, "lines": [asdict(line) for line in lines]}
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Run everything; leave with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="times round all engines (default 6)")
    parser.add_argument("--seconds", type=float, default=0.8, help="CPU seconds of each measure, about (default 0.8)")
    parser.add_argument("--without-r", action="store_true", help="do without R and its peers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    given = parser.parse_args()
    began, machine = time.perf_counter(), describe_machine()
    say(machine)
    with ExitStack() as stack:
        peers, absent = start_peers(stack, with_r=not given.without_r)
        if not given.without_r and all(peer.name != f"rpact {DEBIAN_RPACT}" for peer in peers):
            sys.exit(f"rpact {DEBIAN_RPACT} is missing; apt-get install r-cran-rpact, or say --without-r")
        kernel = start(stack, [sys.executable, "-m", "peers.kernel"], {}, fast=True)
        bound = start(stack, [sys.executable, "-m", "bound"], ONE_THREAD, fast=True)
        tasks = make_tasks(kernel, bound, peers)
        measure_rounds(tasks, given.rounds, given.seconds)
    named = {(peer_name(task.engine), task.label): task for task in tasks}
    say("starting new processes ...")
    compiled = measure_compile(3)
    lines = [
        *speed_lines(named),
        *bound_lines(named),
        *peer_lines(named, peers, absent),
        below(
            "first simulation in a new process, beyond the next", compiled["first"] - compiled["second"], COMPILE_LIMIT
        ),
        below("residuum trial power, 10,000 trials, median of 5", measure_command(5), COMMAND_LIMIT),
        *power_lines(named),
    ]
    print()
    print_table(lines)
    say(f"\n{machine}\nbest of {given.rounds} by CPU time; whole run {time.perf_counter() - began:.0f} s")
    if given.json:
        write_json(given.json, machine, tasks, lines)
    sys.exit(1 if any(line.met is False for line in lines) else 0)


def peer_name(engine: Engine) -> str:
    """Return package and version, without the version for what is ours."""
    return engine.package if engine.fast else engine.name


if __name__ == "__main__":
    main()
