"""The pixels of a copy, and its file."""

import io
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from residuum.intake.scans.dicom.decoding import was_lossy

IMPLEMENTATION_UID: Final = "2.25.80523237905476641998131770627342234578"
"""Names this writer in the file meta information; it never changes, so that equal scans give equal bytes."""
_COMPRESSIONS: Final = {
    "1.2.840.10008.1.2.4.50": "ISO_10918_1",
    "1.2.840.10008.1.2.4.81": "ISO_14495_1",
    "1.2.840.10008.1.2.4.91": "ISO_15444_1",
}


def write_loss(copy: Dataset, dataset: Dataset, size: int) -> None:
    """Say that the pixels once lost information, although the copy itself is not compressed.

    Parameters
    ----------
    copy : pydicom.Dataset
        Is changed.
    dataset : pydicom.Dataset
        Its source.
    size : int
        Of the pixels in bytes when they are not compressed.
    """
    if not was_lossy(dataset):
        return
    copy.LossyImageCompression = "01"
    method = _COMPRESSIONS.get(dataset.file_meta.TransferSyntaxUID)
    if method is not None and not copy.get("LossyImageCompressionMethod"):
        copy.LossyImageCompressionMethod = method
        copy.LossyImageCompressionRatio = f"{max(size / len(dataset.PixelData), 1):.2f}"


def write_pixels(copy: Dataset, pixels: npt.NDArray[Any]) -> None:
    """Write stored values, shape (frames, rows, columns), whole numbers, and what the header must say of them."""
    bits = pixels.dtype.itemsize * 8
    copy.SamplesPerPixel, copy.BitsAllocated = 1, bits
    copy.Rows, copy.Columns = pixels.shape[1:]
    if len(pixels) > 1 or "NumberOfFrames" in copy:
        copy.NumberOfFrames = len(pixels)
    data = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes()
    copy.BitsStored = min(copy.get("BitsStored") or bits, bits)
    copy.HighBit, copy.PixelRepresentation = copy.BitsStored - 1, int(pixels.dtype.kind == "i")
    copy.add_new("PixelData", "OW" if bits > 8 else "OB", data + b"\0" * (len(data) % 2))


def render_file(copy: Dataset) -> bytes:
    """Return a copy as a DICOM file, Explicit VR Little Endian; nothing of its source stands in the file meta."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = copy.SOPClassUID, copy.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = UID(IMPLEMENTATION_UID), "RESIDUUM"
    copy.SpecificCharacterSet = "ISO_IR 192"
    out = io.BytesIO()
    FileDataset(out, copy, file_meta=meta, preamble=b"\0" * 128).save_as(out, enforce_file_format=True)
    return out.getvalue()
