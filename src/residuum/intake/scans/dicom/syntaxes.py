"""Transfer syntaxes that are read, and by what; everything else is refused by its name, before the object is read."""

import re
import struct
from dataclasses import dataclass
from typing import Final

from pydicom.uid import UID

from residuum.intake.scans.refusals import ScanError


@dataclass(frozen=True, slots=True)
class Syntax:
    """How the elements of an object are written, and what unpacks its pixels.

    Attributes
    ----------
    implicit, little_endian : bool
    decoder : str
        Plugin of pydicom, fixed for every syntax: a frame that one library refuses is not tried on the next.
        Empty where pixels are not compressed.
    lossy : bool
        Pixels may have lost something by this very compression.
    """

    implicit: bool = False
    little_endian: bool = True
    decoder: str = ""
    lossy: bool = False


JPEG_2000: Final = "1.2.840.10008.1.2.4.91"
"""With loss or without: the syntax does not say which."""
SYNTAXES: Final = {
    "1.2.840.10008.1.2": Syntax(implicit=True),
    "1.2.840.10008.1.2.1": Syntax(),
    "1.2.840.10008.1.2.2": Syntax(little_endian=False),
    "1.2.840.10008.1.2.5": Syntax(decoder="pydicom"),
    "1.2.840.10008.1.2.4.50": Syntax(decoder="gdcm", lossy=True),
    "1.2.840.10008.1.2.4.57": Syntax(decoder="gdcm"),
    "1.2.840.10008.1.2.4.70": Syntax(decoder="gdcm"),
    "1.2.840.10008.1.2.4.80": Syntax(decoder="pyjpegls"),
    "1.2.840.10008.1.2.4.81": Syntax(decoder="pyjpegls", lossy=True),
    "1.2.840.10008.1.2.4.90": Syntax(decoder="pylibjpeg"),
    JPEG_2000: Syntax(decoder="pylibjpeg", lossy=True),
}
# Whole data sets packed by zlib: 300 KB can hold gigabytes.
_DEFLATED: Final = ("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205")


_MARK_AT: Final = 128
_EXPLICIT: Final = re.compile(rb"\x08\0[\0-\x20]\0(CS|DA|DT|LO|SH|TM|UI|UL)")
_IMPLICIT: Final = re.compile(rb"\x08\0[\0-\x20]\0")
START_BYTES: Final = 512
"""How much of a file `is_object` needs."""


def has_mark(data: bytes) -> bool:
    """Return whether data starts as a DICOM file does, with a preamble and a mark."""
    return data[_MARK_AT : _MARK_AT + 4] == b"DICM"


def is_object(data: bytes) -> bool:
    """Return whether data may be a DICOM object: a file, or a bare object as old archives keep them."""
    return has_mark(data) or find_bare_syntax(data) is not None


def find_bare_syntax(data: bytes) -> str | None:
    """Return the transfer syntax of an object without preamble and file meta information, None where it is none.

    Such an object starts with group 0008. Without a value representation, the second element must follow where the
    length of the first says.
    """
    if _EXPLICIT.match(data):
        return "1.2.840.10008.1.2.1"
    if not _IMPLICIT.match(data) or len(data) < 8:
        return None
    (length,) = struct.unpack_from("<L", data, 4)
    follows = length < START_BYTES and _IMPLICIT.match(data, 8 + length) is not None
    return "1.2.840.10008.1.2" if follows else None


def find_syntax(uid: str) -> Syntax:
    """Return how an object of a transfer syntax is read.

    Raises
    ------
    ScanError
        It is not read.
    """
    if uid in _DEFLATED:
        raise ScanError("scan.deflated")
    if uid not in SYNTAXES:
        # Only names of the standard: what stands there instead of an identifier may be anything.
        told = UID(uid)
        raise ScanError("scan.no_decoder", what=told.name if told.type == "Transfer Syntax" else "its transfer syntax")
    return SYNTAXES[uid]
