"""Every object in a file, a folder or a ZIP archive, read into memory one by one; nothing is unpacked on disk."""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from residuum.intake.scans.dicom.syntaxes import START_BYTES, is_object
from residuum.intake.scans.limits import LARGEST_OBJECT_BYTES, in_words
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources.zip_archives import is_zip, read_members
from residuum.records.printable import first_unprintable


@dataclass(frozen=True, slots=True)
class Found:
    """A file or a member of an archive.

    Attributes
    ----------
    place : str
        Path within what was named, fit to be printed; never a path to open. It may hold what a person wrote there.
    data : bytes or None
        None where it is refused.
    refused : ScanError or None
    """

    place: str
    data: bytes | None
    refused: ScanError | None = None


def walk(path: Path) -> Iterator[Found]:
    """Yield every file of a folder in the order of its path, one file, or the members of ZIP archives among them.

    What is certainly no DICOM object comes with a refusal instead of bytes, and so does what cannot be read. Links are
    followed within the folder only, to files.
    """
    if path.is_dir():
        yield from _walk_folder(path)
    else:
        yield from _read_guarded(path, path.name)


def _walk_folder(root: Path) -> Iterator[Found]:
    # `os.walk` of Python 3.11 calls itself for each level.
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            folders, files = _list_folder(folder)
        except OSError:
            # A folder that cannot be listed must not look like an empty one.
            yield _refuse(str(folder.relative_to(root)), "scan.unreadable")
            continue
        outward = {path for path in (*folders, *files) if _leads_out(path, root)}
        yield from (_refuse(str(path.relative_to(root)), "scan.link") for path in folders if path in outward)
        for file in files:
            place = str(file.relative_to(root))
            yield from [_refuse(place, "scan.link")] if file in outward else _read_guarded(file, place)
        waiting += (path for path in reversed(folders) if not _is_link(path))


def _list_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders in a folder, and everything else, in the order of their names."""
    with os.scandir(folder) as entries:
        paths = [folder / name for name in sorted(entry.name for entry in entries)]
    inner = {path for path in paths if os.path.isdir(path)}  # noqa: PTH112 - pathlib raises on a long path
    return [path for path in paths if path in inner], [path for path in paths if path not in inner]


def _is_link(path: Path) -> bool:
    return os.path.islink(path)  # noqa: PTH114 - pathlib raises on a long path


def _leads_out(path: Path, root: Path) -> bool:
    if not _is_link(path):
        return False
    try:
        path.stat()
    except OSError as fault:
        if fault.errno == errno.ELOOP:
            # Opening it will fail, while resolving hundreds of links upon links would take minutes, or raise.
            return False
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _read_guarded(file: Path, place: str) -> Iterator[Found]:
    try:
        yield from _read(file, place)
    except OSError:
        yield _refuse(place, "scan.unreadable")


def _read(file: Path, place: str) -> Iterator[Found]:
    # Opening a pipe would wait for its writer.
    opened = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(opened, "rb") as stream:
        about = os.fstat(opened)
        if not stat.S_ISREG(about.st_mode):
            yield _refuse(place, "scan.not_dicom")
            return
        start = stream.read(START_BYTES)
        if is_zip(start):
            for name, found in read_members(stream):
                whole = f"{place}/{name}" if name else place
                yield _refuse(whole, found) if isinstance(found, ScanError) else _judge(whole, found)
            return
        if not is_object(start):
            yield _refuse(place, "scan.not_dicom")
        elif about.st_size > LARGEST_OBJECT_BYTES:
            yield _refuse(place, ScanError("scan.too_large", limit=in_words(LARGEST_OBJECT_BYTES)))
        else:
            # It may have grown since.
            yield _judge(place, start + stream.read(LARGEST_OBJECT_BYTES + 1))


def _judge(place: str, data: bytes) -> Found:
    if len(data) > LARGEST_OBJECT_BYTES:
        return _refuse(place, ScanError("scan.too_large", limit=in_words(LARGEST_OBJECT_BYTES)))
    if not is_object(data):
        return _refuse(place, "scan.not_dicom")
    return Found(_printable(place), data)


def _refuse(place: str, why: str | ScanError) -> Found:
    return Found(_printable(place), None, ScanError(why) if isinstance(why, str) else why)


def _printable(place: str) -> str:
    """Return a place that obeys nothing where it is printed; bytes that are no text become escapes, too."""
    text = os.fsencode(place).decode("utf-8", "backslashreplace")
    return "".join(one if first_unprintable(one) is None else one.encode("unicode_escape").decode() for one in text)
