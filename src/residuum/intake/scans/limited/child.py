"""Objects are read in a child with little memory and time; it is killed rather than waited for."""

import contextlib
import os
import select
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

from pydantic import TypeAdapter, ValidationError

import residuum
from residuum.intake.scans import limits
from residuum.intake.scans.limited.messages import BrokenMessageError, read_message, write_message
from residuum.intake.scans.privacy.copying import Copied, CopyPlan
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Facts
from residuum.records.image_flags import FLAGS

WORKER: Final = (sys.executable, "-P", "-s", "-m", "residuum.intake.scans.limited.worker")
"""Without the working directory on the path: a file there must not become code."""
# One thread: each takes memory for itself, and an object is too small to gain from a second.
_ENVIRONMENT: Final = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPJ_NUM_THREADS"), "1"),
    **dict.fromkeys(("TMPDIR", "HOME"), os.devnull),
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": str(Path(residuum.__file__).parents[1]),
}
# Without them an interpreter may not find its libraries.
_INHERITED: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_COPY_BYTES: Final = limits.LARGEST_PIXELS_BYTES + limits.MIB


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a child may say."""

    missing: tuple[str, ...] = ()
    facts: Facts | None = None
    originals: Mapping[str, str] | None = None
    refused: str | None = None
    words: Mapping[str, str | int | float] | None = None


_ANSWERS: Final = TypeAdapter(_Answer)


class ScanChild:
    """Facts and copies of objects, read in a child that starts when it is needed; safe to share between threads.

    Attributes
    ----------
    starts : int
        How often a child was started.
    largest_bytes : int
        Most memory that any of them held; 0 where the system does not tell.
    missing : tuple of str
        What this system cannot limit: `memory`, `time`, `files`. Known once a child has started.
    """

    def __init__(self, worker: Sequence[str] = WORKER) -> None:
        self.starts, self.largest_bytes, self.missing = 0, 0, tuple[str, ...]()
        self._worker, self._process, self._objects = worker, cast("subprocess.Popen[bytes] | None", None), 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._stop()

    def look(self, data: bytes) -> Facts:
        """Return what an object is.

        Raises
        ------
        ScanError
            It is refused.
        """
        found, _ = self._ask({"command": "look"}, data)
        if found.facts is None or not set(found.facts.flags) <= set(FLAGS):
            raise ScanError("scan.crash")
        return found.facts

    def copy(self, data: bytes, plan: CopyPlan) -> Copied:
        """Return an object without identity.

        Raises
        ------
        ScanError
            It is refused.
        """
        found, made = self._ask({"command": "copy", "plan": plan.to_json()}, data)
        if found.originals is None or not made:
            raise ScanError("scan.crash")
        return Copied(made, found.originals)

    def _ask(self, header: Mapping[str, Any], data: bytes) -> tuple[_Answer, bytes]:
        if len(data) > limits.LARGEST_OBJECT_BYTES:
            raise ScanError("scan.too_large", limit=limits.in_words(limits.LARGEST_OBJECT_BYTES))
        with self._lock:
            try:
                found, made = self._exchange(self._running(), header, data, limits.SECONDS)
                self._recycle()
            except BaseException:
                # Also when a person interrupts: a half-read answer must not be taken for the next one.
                self._stop()
                raise
        if found.refused is not None:
            raise _refusal(found)
        return found, made

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._stop()
        self._process = subprocess.Popen(
            self._worker,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(os.sep).resolve(),
            env=_ENVIRONMENT | {name: os.environ[name] for name in _INHERITED if name in os.environ},
            # An interrupt of the terminal reaches the parent, which then ends the child.
            start_new_session=True,
        )
        self.starts, self._objects = self.starts + 1, 0
        try:
            self.missing = self._exchange(self._process, None, b"", limits.START_SECONDS)[0].missing
        except ScanError:
            raise ScanError("scan.no_reader") from None
        return self._process

    def _exchange(
        self, process: "subprocess.Popen[bytes]", header: Mapping[str, Any] | None, data: bytes, seconds: float
    ) -> tuple[_Answer, bytes]:
        expired = threading.Event()
        # Killing the child ends both writing to it and reading from it, on every system.
        watch = threading.Timer(seconds, self._end, (process, expired))
        watch.daemon = True
        watch.start()
        try:
            if header is not None:
                write_message(cast("BinaryIO", process.stdin), header, data)
            _wait_for(cast("BinaryIO", process.stdout))
            found = read_message(cast("BinaryIO", process.stdout), limits.ANSWER_BYTES, _COPY_BYTES)
            if found is None:
                raise BrokenMessageError
            answer = _ANSWERS.validate_json(found[0], strict=True), found[1]
        except (OSError, BrokenMessageError, ValidationError):
            if not expired.is_set():
                raise ScanError("scan.crash") from None
        finally:
            watch.cancel()
            watch.join()
        if expired.is_set():
            # Also where the answer came just before the end: the child that gave it is dead.
            raise ScanError("scan.too_slow", limit=f"{seconds:g}")
        return answer

    def _end(self, process: "subprocess.Popen[bytes]", expired: threading.Event) -> None:
        expired.set()
        self._measure(process)
        process.kill()

    def _recycle(self) -> None:
        process = self._process
        if process is None:
            return
        self._objects += 1
        if self._measure(process) > limits.RECYCLED_BYTES or self._objects >= limits.OBJECTS_PER_CHILD:
            self._stop()

    def _measure(self, process: "subprocess.Popen[bytes]") -> int:
        """Return the memory that a child holds, and keep the most that it ever held."""
        lines = list[str]()
        # Its own count: what the system adds up for children includes memory of the parent.
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{process.pid}/status").read_text("utf-8").splitlines()
        held = {line.partition(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith("Vm")}
        self.largest_bytes = max(self.largest_bytes, held.get("VmHWM", 0))
        return held.get("VmRSS", 0)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            self._measure(process)
        process.kill()
        for stream in (process.stdin, process.stdout):
            # What was not written is of no use any more.
            with contextlib.suppress(OSError):
                cast("BinaryIO", stream).close()
        process.wait()


def _wait_for(stream: BinaryIO) -> None:
    """Wait until something can be read, or a person interrupts.

    Where a library has set its own handler, as polars does, reading would go on after an interrupt; this does not.
    """
    if hasattr(select, "poll"):
        waiting = select.poll()
        waiting.register(stream, select.POLLIN)
        waiting.poll()


def _refusal(found: _Answer) -> ScanError:
    try:
        return ScanError(str(found.refused), **(found.words or {}))
    except (KeyError, IndexError):
        return ScanError("scan.crash")
