"""Transfer syntaxes that are read, and by what; everything else is refused by its name, before the object is read."""

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
