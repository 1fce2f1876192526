"""Pixels of a study below its folder `images`, each file named after the SHA-256 of what it holds."""

import fcntl
import hashlib
import io
import os
import re
import secrets
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from residuum.records.errors import InputError, Problem

_NAME: Final = re.compile(r"(?P<folder>[0-9a-f]{2})/(?P<hash>[0-9a-f]{64})\.(?P<kind>dcm|zip)")
_PART: Final = re.compile(r"\.[0-9a-f]{64}\.(dcm|zip)\.[0-9a-f]{8}")
# ZIP knows no time before; a real one would make equal images differ.
_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Source:
    """Where images.csv says that an image lies: a path below `images`, and a frame where it is one of several.

    Attributes
    ----------
    path : str
    frame : int or None
        From 1; None for the whole file.
    """

    path: str
    frame: int | None = None

    def __str__(self) -> str:
        return self.path if self.frame is None else f"{self.path}#{self.frame}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the source that a cell of images.csv names.

        Raises
        ------
        InputError
            What stands behind # is no frame number.
        """
        path, mark, frame = text.partition("#")
        if mark and not re.fullmatch(r"[1-9][0-9]{0,5}", frame):
            raise _refused("image.source", text, "this names no frame", "Write it as path#frame, frames from 1.")
        return cls(path, int(frame) if mark else None)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file below `images`: its path there, and the SHA-256 of its bytes."""

    path: str
    sha256: str


class ImageFiles:
    """The folder `images` of a study; it is made by the first image.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(self, objects: Sequence[bytes]) -> Stored:
        """Write the objects of one image and return where; the same objects give the same file.

        Parameters
        ----------
        objects : sequence of bytes
            DICOM files, at least one. Several go into an uncompressed ZIP archive, in this order.
        """
        data, kind = (objects[0], "dcm") if len(objects) == 1 else (_pack(objects), "zip")
        sha256 = hashlib.sha256(data).hexdigest()
        stored = Stored(f"{sha256[:2]}/{sha256}.{kind}", sha256)
        path = self._root / stored.path
        # An equal file stays; one that was damaged since is written anew.
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            _write_durably(path, data)
        return stored

    def load(self, path: str, sha256: str | None = None) -> list[bytes]:
        """Return the objects of an image, in the order in which they were saved.

        Parameters
        ----------
        path : str
            Below `images`, without frame.
        sha256 : str, optional
            What images.csv says of the file; otherwise its name says it.

        Raises
        ------
        InputError
            The file is missing, holds something else, or does not lie here.
        """
        file, expected = self._place(path), sha256 or Path(path).stem
        try:
            data = file.read_bytes()
        except OSError:
            raise _refused("image.missing", path, "the file cannot be opened", "Restore it from a copy.") from None
        if hashlib.sha256(data).hexdigest() != expected:
            cure = "Restore it from a copy, or import the scan again."
            raise _refused("image.changed", path, "the file is not the one that was imported", cure)
        return _unpack(data) if path.endswith(".zip") else [data]

    @staticmethod
    def is_own(source: str) -> bool:
        """Return whether a cell of images.csv names a file as this class does."""
        return _NAME.fullmatch(source.partition("#")[0]) is not None

    def remove(self, path: str) -> None:
        """Delete the file of an image where there is one.

        Raises
        ------
        InputError
            It does not lie here.
        """
        self._place(path).unlink(missing_ok=True)

    def sweep(self, used: Collection[str]) -> int:
        """Delete the files that this class wrote and nothing uses, half-written ones too; return how many.

        Parameters
        ----------
        used : collection of str
            Paths below `images`.
        """
        swept = 0
        for file in self._root.glob("[0-9a-f][0-9a-f]/*"):
            path = file.relative_to(self._root).as_posix()
            ours = _NAME.fullmatch(path) or _PART.fullmatch(file.name)
            if ours and path not in used and file.is_file() and not file.is_symlink():
                file.unlink()
                swept += 1
        return swept

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of this machine from adding and sweeping files meanwhile."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _place(self, path: str) -> Path:
        """Return where a file lies: only names that `save` gives, and none that a link leads out of the folder."""
        file = self._root / path
        if not _NAME.fullmatch(path) or not file.resolve().is_relative_to(self._root.resolve()):
            raise _refused("image.source", path, "this is no file of the folder images", "Import the scan again.")
        return file


def _refused(rule: str, source: str, message: str, cure: str) -> InputError:
    problem = Problem("error", rule, "images.csv", message, cure, column="source", value=source)
    return InputError(str(problem), [problem])


def _pack(objects: Sequence[bytes]) -> bytes:
    if not objects:
        raise ValueError("an image has at least one object")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, data in enumerate(objects, 1):
            member = zipfile.ZipInfo(f"{number:04}.dcm", _FIXED_TIME)
            member.create_system, member.external_attr = 3, 0o600 << 16  # whatever machine writes it
            archive.writestr(member, data)
    return out.getvalue()


def _unpack(data: bytes) -> list[bytes]:
    """Return the members in the order in which they were written; the hash says that they are ours."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(member) for member in archive.infolist()]


def _write_durably(path: Path, data: bytes) -> None:
    """Write a file such that after a crash there is the whole of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
