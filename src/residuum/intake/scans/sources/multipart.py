"""Several objects in one HTTP body (RFC 2046 multipart, binary): taken apart while it arrives, and put together."""

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from email.message import Message
from typing import Final

from residuum.intake.scans.limits import in_words
from residuum.intake.scans.refusals import ScanError

BROKEN: Final = "sent a broken answer"
_HEADER_BYTES: Final = 16 * 2**10
"""Room for what stands before the first part, and for the headers of each."""
_PADDING: Final = 64
"""Longest white space that may follow a boundary."""


def find_boundary(content_type: str) -> bytes | None:
    """Return the boundary that a Content-Type names, None where it is not of several parts.

    Raises
    ------
    ScanError
        It is of several parts and names no boundary.
    """
    header = Message()
    header["Content-Type"] = content_type
    if header.get_content_maintype() != "multipart":
        return None
    boundary = header.get_boundary("")
    if not boundary or not boundary.isascii():
        raise ScanError("scan.archive", what=BROKEN)
    return boundary.encode()


def split_parts(chunks: Iterable[bytes], boundary: bytes, largest_bytes: int) -> Iterator[bytes]:
    r"""Give the content of each part as soon as it has arrived whole.

    Lines end with CR LF: a bare LF before a boundary could as well be the last byte of an object.

    Raises
    ------
    ScanError
        A part is larger than allowed, has no end to its headers, or the last boundary is missing.
    """
    sections = _split_sections(chunks, boundary, largest_bytes)
    next(sections)
    for section in sections:
        yield _take_content(section, largest_bytes)


def check_size(size_bytes: int, largest_bytes: int) -> None:
    """Check that an object is not larger than allowed."""
    if size_bytes > largest_bytes:
        raise ScanError("scan.too_large", limit=in_words(largest_bytes))


def _split_sections(chunks: Iterable[bytes], boundary: bytes, largest_bytes: int) -> Iterator[bytes]:
    """Give what stands before the first boundary, then each part with its headers."""
    edge = re.compile(rb"\r\n--%b(?:(--)|[ \t]{0,%d}\r\n)" % (re.escape(boundary), _PADDING))
    overlap = len(boundary) + _PADDING + len("\r\n--\r\n")
    waiting = bytearray(b"\r\n")  # the first boundary may stand at the very start
    for chunk in chunks:
        resume = max(0, len(waiting) - overlap)
        waiting += chunk
        while found := edge.search(waiting, resume):
            start, end, last = found.start(), found.end(), found[1]
            yield bytes(waiting[:start])
            if last:
                return
            del waiting[:end]
            resume = 0
        check_size(len(waiting) - _HEADER_BYTES, largest_bytes)
    raise ScanError("scan.archive", what=BROKEN)


def _take_content(section: bytes, largest_bytes: int) -> bytes:
    if section.startswith(b"\r\n"):
        content = section[2:]
    else:
        _, gap, content = section.partition(b"\r\n\r\n")
        if not gap:
            raise ScanError("scan.archive", what=BROKEN)
    check_size(len(content), largest_bytes)
    return content


def join_objects(objects: Sequence[bytes]) -> tuple[str, bytes]:
    """Return the Content-Type and the body that carry DICOM files."""
    boundary = uuid.uuid4().hex
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body = b"".join(part for one in objects for part in (head, one, b"\r\n"))
    return f'multipart/related; type="application/dicom"; boundary={boundary}', body + f"--{boundary}--\r\n".encode()
