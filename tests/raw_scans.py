"""DICOM files byte by byte, and scans written in other transfer syntaxes, for the tests of reading."""

import io
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import (
    JPEG2000,
    UID,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

EXPLICIT: Final = "1.2.840.10008.1.2.1"
IMPLICIT: Final = "1.2.840.10008.1.2"
NUCLEAR: Final = b"1.2.840.10008.5.1.4.1.1.20"
_LONG: Final = (b"OB", b"OW", b"SQ", b"UN", b"UT")
UNDEFINED: Final = 0xFFFFFFFF


def element(tag: int, kind: bytes, value: bytes, length: int | None = None, order: str = "<") -> bytes:
    """Return one element in explicit form; a length may be told that it does not have."""
    told = len(value) if length is None else length
    start = struct.pack(f"{order}HH", tag >> 16, tag & 0xFFFF) + kind
    return start + (struct.pack(f"{order}HL", 0, told) if kind in _LONG else struct.pack(f"{order}H", told)) + value


def start(syntax: bytes | str = EXPLICIT, preamble: bytes = bytes(128), *, more: bytes = b"") -> bytes:
    """Return what stands before an object: preamble and file meta information with a transfer syntax."""
    told = syntax.encode() if isinstance(syntax, str) else syntax
    return preamble + b"DICM" + element(0x00020010, b"UI", told + b"\0" * (len(told) % 2)) + more


def nested(depth: int, *, defined: bool, tag: int = 0x00400260) -> bytes:
    """Return a sequence in a sequence in a sequence, with lengths or with delimiters."""
    if not defined:
        opened = element(tag, b"SQ", b"", UNDEFINED) + struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED)
        closed = struct.pack("<HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
        return opened * depth + closed * depth
    # From the inside: 20 bytes of header each, so every length is known beforehand.
    headers = (
        element(tag, b"SQ", b"", 20 * inner + 8) + struct.pack("<HHL", 0xFFFE, 0xE000, 20 * inner)
        for inner in reversed(range(depth))
    )
    return b"".join(headers)


def grey(rows: int, columns: int, frames: int = 1, bits: int = 16) -> bytes:
    """Return the elements before the pixels of a grey image of declared size."""
    return b"".join(
        (
            element(0x00080016, b"UI", NUCLEAR),
            element(0x00280002, b"US", struct.pack("<H", 1)),
            element(0x00280004, b"CS", b"MONOCHROME2 "),
            element(0x00280008, b"IS", str(frames).encode().ljust(12)),
            element(0x00280010, b"US", struct.pack("<H", rows)),
            element(0x00280011, b"US", struct.pack("<H", columns)),
            *(
                element(0x00280100 + n, b"US", struct.pack("<H", value))
                for n, value in enumerate((bits, bits, bits - 1, 0))
            ),
        )
    )


def encapsulated(*frames: bytes) -> bytes:
    """Return the element of compressed pixels with an empty offset table."""
    parts = [struct.pack("<HHL", 0xFFFE, 0xE000, 0)]
    for one in frames:
        whole = one + b"\0" * (len(one) % 2)
        parts.append(struct.pack("<HHL", 0xFFFE, 0xE000, len(whole)) + whole)
    return element(0x7FE00010, b"OB", b"".join((*parts, struct.pack("<HHL", 0xFFFE, 0xE0DD, 0))), UNDEFINED)


LOSSLESS: Final = ("explicit", "implicit", "big_endian", "rle", "jpeg_2000", "jpeg_ls", "jpeg_lossless")
LOSSY: Final = ("jpeg_2000_lossy", "jpeg_ls_near")
_COMPRESSIONS: Final[dict[str, tuple[UID, dict[str, Any]]]] = {
    "rle": (RLELossless, {"encoding_plugin": "pydicom"}),
    "jpeg_2000": (JPEG2000Lossless, {}),
    "jpeg_ls": (JPEGLSLossless, {}),
    "jpeg_2000_lossy": (JPEG2000, {"j2k_cr": [8]}),
    "jpeg_ls_near": (JPEGLSNearLossless, {"jls_error": 2}),
}


def written_as(found: Dataset, form: str) -> bytes:
    """Return the file of an object in one of the forms of `LOSSLESS` and `LOSSY`."""
    made = _reread(found)
    if form == "jpeg_lossless":
        return compressed_by_dcmtk(_written(made), "+e1")
    if form in _COMPRESSIONS:
        syntax, options = _COMPRESSIONS[form]
        made.compress(syntax, generate_instance_uid=False, **options)
    elif form == "implicit":
        made.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    elif form == "big_endian":
        made.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        # Bytes are swapped in words, also where a pixel is one byte.
        word = max(made.BitsAllocated // 8, 2)
        made.PixelData = np.frombuffer(made.PixelData, f"u{word}").byteswap().tobytes()
        made["PixelData"].VR = "OW"
    return _written(made)


def compressed_by_dcmtk(data: bytes, *options: str) -> bytes:
    """Return an object compressed by DCMTK's dcmcjpeg, which the product does not use."""
    tool = shutil.which("dcmcjpeg")
    if tool is None:
        if os.environ.get("CI"):
            pytest.fail("CI must test JPEG: install dcmtk")
        pytest.skip("needs dcmcjpeg (Debian: dcmtk)")
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "source"), Path(folder, "made")
        source.write_bytes(data)
        subprocess.run([tool, *options, source, made], check=True, capture_output=True)
        return made.read_bytes()


def _reread(found: Dataset) -> Dataset:
    return dcmread(io.BytesIO(_written(found)))


def _written(found: Dataset) -> bytes:
    out = io.BytesIO()
    implicit = found.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
    little_endian = found.file_meta.TransferSyntaxUID != ExplicitVRBigEndian
    dcmwrite(out, found, implicit_vr=implicit, little_endian=little_endian, force_encoding=True)
    return out.getvalue()
