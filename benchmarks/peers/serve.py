"""How a measured engine talks to `benchmarks/trial.py`: jobs come by line, a measure goes back by line.

Every engine lives in a process of its own, so that imports, threads and memory of one do not disturb another, and stays
there, so that the driver can go round all of them again and again.
"""

import json
import sys
import time
from collections.abc import Callable

MARK = "@@"


def serve(name: str, version: str, run: Callable[[str, int, int, int], float]) -> None:
    """Announce an engine, then answer lines `job trials seed threads` until there are no more.

    Parameters
    ----------
    name, version : str
        Of the engine.
    run : callable
        Job, trials, seed and threads to the share of trials that crossed.
    """
    _say({"name": name, "version": version})
    for line in sys.stdin:
        job, trials, seed, threads = line.split()
        wall, cpu = time.perf_counter(), time.process_time()
        power = run(job, int(trials), int(seed), int(threads))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        _say({"trials": int(trials), "cpu": cpu, "wall": wall, "power": power})


def _say(what: dict[str, str | int | float]) -> None:
    print(MARK, json.dumps(what), flush=True)
