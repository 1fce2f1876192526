"""`make bench`: how long the main job takes, each figure beside its limit, all in one run.

Every figure is taken from a whole process started from nothing: wall time by the clock, memory as the peak that the
operating system reports for it.
"""

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

RESIDUUM = Path(sys.executable).with_name("residuum")
GIB = 2**30


@dataclass(frozen=True)
class Measure:
    """One process: wall seconds and peak memory in bytes."""

    seconds: float
    peak: int


def measure(*arguments: str) -> Measure:
    """Run `residuum` with arguments and return what it took."""
    started = time.perf_counter()
    process = subprocess.Popen([str(RESIDUUM), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"residuum {' '.join(arguments)} failed:\n{process.stderr.read().decode()}")
    return Measure(seconds, usage.ru_maxrss * 1024)


def report(name: str, value: float, limit: float, unit: str) -> bool:
    """Print one figure beside its limit and return whether it holds."""
    print(f"{name:<58} {value:9.2f} {unit:<4} limit {limit:6.2f}  ratio {value / limit:5.2f}")
    return value <= limit


def repeat(times: int, *arguments: str) -> list[Measure]:
    """Return several measures of one command after a run that does not count."""
    measure(*arguments)
    return [measure(*arguments) for _ in range(times)]


def bench_small(folder: Path) -> list[bool]:
    """Measure `--help` and the analysis of the demonstration study."""
    helped = statistics.median(one.seconds for one in repeat(5, "--help"))
    measure("demo", "--no-scans", "--out", str(folder / "demo"))
    study = str(folder / "demo" / "study")
    analysed = statistics.median(one.seconds for one in repeat(3, "analyse", study, "--out", str(folder / "out")))
    return [
        report("residuum --help, median of 5", helped, 0.25, "s"),
        report("residuum analyse demonstration (201 patients), median of 3", analysed, 5.0, "s"),
    ]


def bench_large(folder: Path, sizes: list[int]) -> list[bool]:
    """Measure the analysis of synthetic studies of growing size, and the exponent of its growth."""
    from residuum.intake.folder import write_study
    from residuum.synthetic.large import make_large_study

    times, held = [], []
    for size in sizes:
        study = make_large_study(size)
        target = folder / f"large-{size}"
        target.mkdir()
        write_study(study, target)
        marks = study["marks"].height
        del study
        one = measure("analyse", str(target), "--out", str(folder / f"out-{size}"))
        times.append(one.seconds)
        name = f"residuum analyse {size:,} patients, {marks:,} marks"
        if size == sizes[-1]:
            held = [report(name, one.seconds, 60.0, "s"), report(f"{name}: peak", one.peak / GIB, 4.0, "GiB")]
        else:
            print(f"{name:<58} {one.seconds:9.2f} s    peak {one.peak / GIB:.2f} GiB")
    for k in range(1, len(sizes)):
        exponent = math.log(times[k] / times[k - 1]) / math.log(sizes[k] / sizes[k - 1])
        print(f"growth from {sizes[k - 1]:,} to {sizes[k]:,} patients: exponent {exponent:.2f}")
    return held


def main() -> None:
    """Run everything; leave with 1 when a limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 5000, 25_000])
    sizes = parser.parse_args().sizes
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as name:
        held = bench_small(Path(name)) + bench_large(Path(name), sizes)
    print(f"largest child process: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20:.2f} GiB")
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
