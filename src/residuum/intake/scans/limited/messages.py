"""What goes through the two pipes of a child: a header as JSON, then bytes; either end believes no length."""

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

_LENGTHS: Final = struct.Struct(">LQ")


class BrokenMessageError(Exception):
    """The other end has stopped, or does not speak as agreed."""


def write_message(stream: BinaryIO, header: Mapping[str, Any], data: bytes = b"") -> None:
    """Write a header and bytes.

    Raises
    ------
    ValueError
        The header holds a number that is not finite.
    OSError
        Nobody reads it.
    """
    written = json.dumps(header, allow_nan=False).encode()
    stream.write(_LENGTHS.pack(len(written), len(data)) + written)
    stream.write(data)
    stream.flush()


def read_message(stream: BinaryIO, header_bytes: int, data_bytes: int) -> tuple[bytes, bytes] | None:
    """Return a header, still as JSON, and bytes; None where the other end has finished.

    Parameters
    ----------
    stream : binary file
        What the other end writes.
    header_bytes, data_bytes : int
        The most that is taken.

    Raises
    ------
    BrokenMessageError
        It is longer, or ends early.
    """
    start = stream.read(_LENGTHS.size)
    if not start:
        return None
    lengths = _LENGTHS.unpack(start) if len(start) == _LENGTHS.size else (header_bytes + 1, 0)
    if lengths[0] > header_bytes or lengths[1] > data_bytes:
        raise BrokenMessageError
    found = stream.read(lengths[0]), stream.read(lengths[1])
    if (len(found[0]), len(found[1])) != lengths:
        raise BrokenMessageError
    return found
