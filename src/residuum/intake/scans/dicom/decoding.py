"""Stored pixel values of an object, unpacked; every declared size is checked before memory is taken for it."""

import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder

from residuum.intake.scans.dicom.codestreams import check_codestream
from residuum.intake.scans.dicom.parsing import value
from residuum.intake.scans.dicom.syntaxes import JPEG_2000, Syntax, find_syntax
from residuum.intake.scans.limits import FRAMES, LARGEST_PIXELS_BYTES, in_words
from residuum.intake.scans.refusals import ScanError

Pixels = npt.NDArray[Any]
_GREY: Final = ("MONOCHROME1", "MONOCHROME2")
_INTEGER_BITS: Final = (8, 16, 32)


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the header says of the pixel values."""

    frames: int
    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    signed: bool

    @property
    def size_bytes(self) -> int:
        return self.frames * self.rows * self.columns * self.bits_allocated // 8


def decode(dataset: Dataset) -> Pixels:
    """Return the stored values of an image, bit-identical unless they were compressed with loss; nothing is rescaled.

    Parameters
    ----------
    dataset : Dataset
        As `parsing.parse` returns it.

    Returns
    -------
    ndarray, shape (frames, rows, columns)
        In the stored type; it may be read-only. Bits that the header declares unused are no part of a value.

    Raises
    ------
    ScanError
        It holds no grey values of 8, 16 or 32 bits, contradicts itself, takes too much memory, or is damaged.
    """
    layout = _read_layout(dataset)
    if layout.frames > FRAMES:
        raise ScanError("scan.too_large", limit=f"{FRAMES:,} frames")
    if layout.size_bytes > LARGEST_PIXELS_BYTES:
        raise ScanError("scan.too_large", limit=f"{in_words(LARGEST_PIXELS_BYTES)} of pixels")
    syntax = find_syntax(dataset.file_meta.TransferSyntaxUID)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # A frame with more pixels than declared would be cut.
        warnings.filterwarnings("error", message="The decoded RLE segment contains")
        if "FloatPixelData" in dataset:
            return _decode_floats(dataset, layout, syntax)
        if not syntax.decoder:
            return _decode_native(dataset, layout)
        return _decode_compressed(dataset, layout, syntax)


def was_lossy(dataset: Dataset) -> bool:
    """Return whether pixels lost something by compression, at any time, as far as the object tells.

    JPEG 2000 that may be lossy counts as lossy unless the header says that it is not.
    """
    said = value(dataset, "LossyImageCompression", str)
    syntax_uid = dataset.file_meta.TransferSyntaxUID
    return said == "01" or (find_syntax(syntax_uid).lossy and not (syntax_uid == JPEG_2000 and said == "00"))


def _read_layout(dataset: Dataset) -> _Layout:
    samples = _whole_number(dataset, "SamplesPerPixel", 1)
    if samples != 1 or value(dataset, "PhotometricInterpretation", str) not in _GREY:
        raise ScanError("scan.not_an_image", what="its pixels are no grey values")
    if "DoubleFloatPixelData" in dataset:
        raise ScanError("scan.not_an_image", what="its pixels are numbers of 64 bits")
    bits = _whole_number(dataset, "BitsAllocated")
    stored = bits if "FloatPixelData" in dataset else _whole_number(dataset, "BitsStored")
    if bits not in _INTEGER_BITS or ("FloatPixelData" in dataset and bits != 32):
        raise ScanError("scan.not_an_image", what="its pixels are no numbers of 8, 16 or 32 bits")
    if stored > bits or _whole_number(dataset, "HighBit", stored - 1) != stored - 1:
        raise ScanError("scan.contradiction", what="which bits of a pixel are used")
    return _Layout(
        frames=_whole_number(dataset, "NumberOfFrames", 1),
        rows=_whole_number(dataset, "Rows"),
        columns=_whole_number(dataset, "Columns"),
        bits_allocated=bits,
        bits_stored=stored,
        signed=value(dataset, "PixelRepresentation", int) == 1,
    )


def _whole_number(dataset: Dataset, keyword: str, otherwise: int | None = None) -> int:
    found = value(dataset, keyword, int)
    if found is None:
        found = otherwise
    if found is None:
        raise ScanError("scan.incomplete", what=keyword)
    if found < (0 if keyword == "HighBit" else 1):
        raise ScanError("scan.damaged", what=f"{keyword} is not positive")
    return found


def _read_stored(dataset: Dataset, keyword: str) -> bytes:
    if keyword not in dataset:
        raise ScanError("scan.incomplete", what=keyword)
    found = dataset[keyword].value
    if not isinstance(found, bytes) or not found:
        raise ScanError("scan.damaged", what="its pixels are missing")
    return found


def _check_native_size(stored: bytes, layout: _Layout) -> None:
    excess = len(stored) - layout.size_bytes
    if excess < 0:
        raise ScanError("scan.damaged", what="it holds fewer pixels than its header says")
    # Some workstations fill up the last block of a file with zeros; a whole frame more is a contradiction.
    if excess > 1 and (excess >= layout.size_bytes // layout.frames or stored[layout.size_bytes :].strip(b"\0")):
        raise ScanError("scan.contradiction", what="it holds more pixels than its header says")


def _decode_floats(dataset: Dataset, layout: _Layout, syntax: Syntax) -> Pixels:
    stored = _read_stored(dataset, "FloatPixelData")
    if syntax.decoder or "PixelData" in dataset:
        raise ScanError("scan.contradiction", what="its pixels are stored twice or compressed as what they are not")
    _check_native_size(stored, layout)
    kind = "<f4" if syntax.little_endian else ">f4"
    found = np.frombuffer(stored, kind, count=layout.size_bytes // 4).astype(np.float32, copy=False)
    if not np.isfinite(found).all():
        raise ScanError("scan.damaged", what="some of its pixels are no numbers")
    return found.reshape(layout.frames, layout.rows, layout.columns)


def _decode_native(dataset: Dataset, layout: _Layout) -> Pixels:
    stored = _read_stored(dataset, "PixelData")
    _check_native_size(stored, layout)
    return _without_unused_bits(_unpack(dataset, layout, stored, view_only=True), layout)


def _decode_compressed(dataset: Dataset, layout: _Layout, syntax: Syntax) -> Pixels:
    stored = _read_stored(dataset, "PixelData")
    if not dataset["PixelData"].is_undefined_length:
        raise ScanError("scan.contradiction", what="its pixels are not compressed as its transfer syntax says")
    _check_frames(stored, layout, syntax)
    found = _unpack(dataset, layout, stored, decoding_plugin=syntax.decoder)
    if syntax.decoder == "pydicom":
        # RLE packs the stored bits as they are.
        return _without_unused_bits(found, layout)
    if not _fits(found, layout):
        raise ScanError("scan.contradiction", what="its pixels exceed the bits that its header says are used")
    return found


def _check_frames(stored: bytes, layout: _Layout, syntax: Syntax) -> None:
    frames = 0
    for frame in _split(stored, layout):
        frames += 1
        if syntax.decoder != "pydicom":
            check_codestream(frame, layout.rows, layout.columns)
    if frames != layout.frames:
        raise ScanError("scan.contradiction", what="how many frames it holds")


def _split(stored: bytes, layout: _Layout) -> Iterator[bytes]:
    try:
        yield from generate_frames(stored, number_of_frames=layout.frames)
    except (ScanError, MemoryError):
        raise
    except Exception:
        raise ScanError("scan.damaged", what="its compressed pixels cannot be told apart") from None


def _unpack(dataset: Dataset, layout: _Layout, stored: bytes, **options: Any) -> Pixels:
    # Told in full, so that nothing of the header is read a second time, and perhaps otherwise.
    options |= {
        "rows": layout.rows,
        "columns": layout.columns,
        "number_of_frames": layout.frames,
        "samples_per_pixel": 1,
        "photometric_interpretation": "MONOCHROME2",
        "bits_allocated": layout.bits_allocated,
        "bits_stored": layout.bits_stored,
        "pixel_representation": int(layout.signed),
        "pixel_keyword": "PixelData",
        "pixel_vr": dataset["PixelData"].VR,
        "correct_unused_bits": False,
        "allow_excess_frames": False,
    }
    try:
        found, _ = get_decoder(dataset.file_meta.TransferSyntaxUID).as_array(stored, raw=True, **options)
    except MemoryError:
        raise
    except Exception:
        # Messages of decoders quote the frame.
        raise ScanError("scan.damaged", what="its pixels cannot be unpacked") from None
    native: Pixels = found.astype(found.dtype.newbyteorder("="), copy=False)
    return native.reshape(layout.frames, layout.rows, layout.columns)


def _without_unused_bits(found: Pixels, layout: _Layout) -> Pixels:
    """Return values whose unused bits, which may hold anything (PS3.5 8.1.1), do not count: some held overlays."""
    unused = layout.bits_allocated - layout.bits_stored
    return found if _fits(found, layout) else (found << unused) >> unused


def _fits(found: Pixels, layout: _Layout) -> bool:
    if layout.bits_stored == layout.bits_allocated:
        return True
    least = -(1 << (layout.bits_stored - 1)) if layout.signed else 0
    return bool(found.min() >= least and found.max() < least + (1 << layout.bits_stored))


# A decoder's log quotes frames, and nobody reads it.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
