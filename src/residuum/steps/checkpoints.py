"""Finished parts of a long sweep, kept in a file so that an interrupted one goes on where it stopped."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

from residuum import __version__
from residuum.records.errors import CallError

FORMAT: Final = 2
DIGITS: Final = 16


def fingerprint(*parts: Any) -> str:
    """Return a SHA-256 over what a sweep's results depend on: JSON values, and the version of Residuum."""
    text = json.dumps([__version__, *parts], sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Checkpoints:
    """Finished parts by key, one JSON line each after a first line that says what they belong to.

    Every line carries a short hash of its part and of what it belongs to, so that one that was changed is not taken for
    a result. It guards against damage and edits, not against somebody who computes the hash anew.

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
        self._mark = mark
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
        # What comes back is what the file would give, so that a resumed sweep has the same numbers.
        plain = json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False))
        self.done[key] = plain
        line = {"key": key, "value": plain, "sha256": self._hash(key, plain)}
        self._write(json.dumps(line, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    def _write(self, line: bytes) -> None:
        if self._file is not None:
            self._file.write(line)
            self._file.flush()

    def _hash(self, key: str, value: Any) -> str:
        return fingerprint(self._mark, key, value)[:DIGITS]

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
                key, value = self._part(line)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise CallError(
                    f"{path}, line {number} is damaged or was changed; delete the file and run again"
                ) from error
            self.done[key] = value
        return whole

    def _part(self, line: bytes) -> tuple[str, Any]:
        """Return key and value of a line; ValueError, KeyError or TypeError where it is not as it was written."""
        part = json.loads(line)
        if part["sha256"] != self._hash(part["key"], part["value"]):
            raise ValueError("the hash does not fit")
        return part["key"], part["value"]
