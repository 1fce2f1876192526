"""What happens beside the answer when a case is opened: simulated scans that are planned get their images."""

import json
import queue
import subprocess
import sys
import threading
from typing import Final

from residuum.steps.location import Location
from residuum.steps.scan_plans import read_plan

_JOB: Final = "residuum.steps.planned_scans"


class Openings:
    """Knows which scans get images when they are opened: here none.

    Attributes
    ----------
    planned : frozenset of str
        Always the same, whoever opens what: what is said of them tells nobody what others do.
    """

    planned: frozenset[str] = frozenset()

    def ask(self, scan: str) -> None:
        """Have the images of a planned scan made; return at once."""

    def close(self) -> None:
        """Stop what is being made; what waits is made when it is opened again."""


class ScanOpenings(Openings):
    """Makes the images of planned scans one after another, each once, in a process of its own.

    Parameters
    ----------
    location : Location
    """

    def __init__(self, location: Location) -> None:
        self.planned = frozenset(read_plan(location.truth))
        self._url = location.url
        self._asked: set[str] = set()
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._closing = False
        self._worker = threading.Thread(target=self._work, name="openings", daemon=True)
        self._worker.start()

    def ask(self, scan: str) -> None:
        """Have the images of a planned scan made; return at once. What failed is not tried twice."""
        if scan in self.planned and scan not in self._asked:
            self._asked.add(scan)
            self._waiting.put(scan)

    def close(self) -> None:
        """Stop what is being made; what waits is made when it is opened again."""
        self._closing = True
        if self._process is not None:
            self._process.terminate()
        self._waiting.put(None)
        self._worker.join()

    def _work(self) -> None:
        while (scan := self._waiting.get()) is not None:
            if not self._closing:
                self._make(scan)

    def _make(self, scan: str) -> None:
        # Through its input: the address of a database may hold a password, and arguments can be seen by everybody.
        told = json.dumps({"study": self._url, "scan": scan}).encode()
        command = [sys.executable, "-m", _JOB]
        nothing = subprocess.DEVNULL
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing) as process:
            self._process = process
            if self._closing:  # in the moment before
                process.terminate()
            process.communicate(told)
        self._process = None
