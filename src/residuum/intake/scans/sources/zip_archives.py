"""Members of a ZIP archive in memory: an archive of 1 MB must not become 1 GB, and its names are never paths."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import IO, Final, cast

from residuum.intake.scans.limits import (
    ARCHIVE_BYTES,
    ARCHIVE_DIRECTORY_BYTES,
    ARCHIVE_MEMBERS,
    ARCHIVE_RATIO,
    LARGEST_OBJECT_BYTES,
    MIB,
    in_words,
)
from residuum.intake.scans.refusals import ScanError

_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1
_FAULTS: Final = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError, NotImplementedError)


def is_zip(start: bytes) -> bool:
    """Return whether a file that starts so is a ZIP archive, whatever its name."""
    return start.startswith(_STARTS)


def read_members(archive: IO[bytes]) -> Iterator[tuple[str, bytes | ScanError]]:
    """Yield name and bytes of every member in the order of the archive, or why it is refused.

    Where the archive as a whole is refused, one refusal with an empty name.

    Parameters
    ----------
    archive : binary file
        Open, and it can be sought.
    """
    try:
        with zipfile.ZipFile(cast("IO[bytes]", _Bounded(archive))) as opened:
            # `ZipInfo.is_dir` fails where a name is empty.
            members = [member for member in opened.infolist() if not member.filename.endswith("/")]
            archive.seek(0, 2)
            _check(members, archive.tell())
            for member in members:
                yield member.filename, _read(opened, member)
    except ScanError as refused:
        yield "", refused
    except (*_FAULTS, RuntimeError):
        yield "", ScanError("scan.zip", what="it is damaged")


class _Bounded:
    """A file of which nobody reads more than the directory of a large archive at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self.seekable, self._read = file.seek, file.tell, file.seekable, file.read

    def read(self, size: int = -1) -> bytes:
        most = ARCHIVE_DIRECTORY_BYTES + 1
        found = self._read(min(size, most) if size >= 0 else most)
        if len(found) == most:
            raise ScanError("scan.zip", what=f"its directory holds more than {in_words(ARCHIVE_DIRECTORY_BYTES)}")
        return found


def _check(members: Sequence[zipfile.ZipInfo], archive_bytes: int) -> None:
    if len(members) > ARCHIVE_MEMBERS:
        raise ScanError("scan.zip", what=f"it holds more than {ARCHIVE_MEMBERS:,} files")
    unpacked = sum(member.file_size for member in members)
    if unpacked > ARCHIVE_BYTES:
        raise ScanError("scan.zip", what=f"unpacked it holds more than {in_words(ARCHIVE_BYTES)}")
    if unpacked > max(LARGEST_OBJECT_BYTES, ARCHIVE_RATIO * archive_bytes):
        raise ScanError("scan.zip", what=f"unpacked it is more than {ARCHIVE_RATIO} times as large")
    ordered = sorted(members, key=lambda member: member.header_offset)
    # Members that share their bytes are how a small archive holds a large one.
    if any(one.header_offset + one.compress_size > other.header_offset for one, other in pairwise(ordered)):
        raise ScanError("scan.zip", what="its files overlap")


def _read(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | ScanError:
    if member.flag_bits & _ENCRYPTED:
        return ScanError("scan.zip", what="a file in it is encrypted")
    if member.compress_type not in _PACKINGS:
        return ScanError("scan.zip", what="a file in it is packed in an unusual way")
    if member.file_size > LARGEST_OBJECT_BYTES:
        return ScanError("scan.too_large", limit=in_words(LARGEST_OBJECT_BYTES))
    try:
        with opened.open(member) as stream:
            # Never more than it declares; where that is wrong, the checksum at its end is, too.
            found = b"".join(iter(lambda: stream.read(MIB), b""))
    except (*_FAULTS, RuntimeError):
        return ScanError("scan.zip", what="a file in it is damaged")
    if is_zip(found):
        return ScanError("scan.zip", what="it holds another archive")
    return found
