"""Finished parts of a long sweep, kept in a file so that an interrupted one goes on where it stopped."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

from residuum import __version__
from residuum.records.errors import CallError

FORMAT: Final = 1


def fingerprint(*parts: Any) -> str:
    """Return a SHA-256 over what a sweep's results depend on: JSON values, and the version of Residuum."""
    text = json.dumps([__version__, *parts], sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Checkpoints:
    """Finished parts by key, one JSON line each after a first line that says what they belong to.

    Parameters
    ----------
    path : Path or None
        The file, made where it does not exist; None keeps nothing.
    mark : str
        `fingerprint` of the sweep.

    Raises
    ------
    CallError
        The file belongs to another design, other settings or another version, or is no file of finished parts.
    """

    def __init__(self, path: Path | None, mark: str) -> None:
        self.done: dict[str, Any] = {}
        self._file: IO[bytes] | None = None
        if path is None:
            return
        head = json.dumps({"format": FORMAT, "sweep": mark}).encode() + b"\n"
        kept = self._read(path, head) if path.exists() else b""
        path.parent.mkdir(parents=True, exist_ok=True)
        # A line that was cut short when the run was interrupted goes; its part is computed again.
        self._file = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(len(kept))
        self._file.seek(len(kept))
        if not kept:
            self._write(head)

    def __enter__(self) -> "Checkpoints":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep a finished part; it is in the file before this returns."""
        line = json.dumps({"key": key, "value": value}, ensure_ascii=False, allow_nan=False)
        # What comes back is what the file would give, so that a resumed sweep has the same numbers.
        self.done[key] = json.loads(line)["value"]
        self._write(line.encode() + b"\n")

    def _write(self, line: bytes) -> None:
        if self._file is not None:
            self._file.write(line)
            self._file.flush()

    def _read(self, path: Path, head: bytes) -> bytes:
        """Read the finished parts and return the bytes of the file that are whole."""
        data = path.read_bytes()
        if b"\n" not in data and head.startswith(data):
            return b""
        whole = data[: data.rfind(b"\n") + 1]
        if not whole.startswith(head):
            raise CallError(
                f"{path} holds finished parts of another design, other settings or another version of Residuum; "
                "name another folder with --out or another file with --resume, or delete it"
            )
        for number, line in enumerate(whole.splitlines()[1:], start=2):
            try:
                part = json.loads(line)
                self.done[part["key"]] = part["value"]
            except (ValueError, KeyError, TypeError) as error:
                raise CallError(f"{path}, line {number} is damaged; delete the file and run again") from error
        return whole
