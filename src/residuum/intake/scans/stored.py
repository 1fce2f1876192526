"""Our own copies of scans, read back: they are whitelisted and verified, so this process may parse them."""

import io
from collections.abc import Iterable, Sequence

import pydicom
from pydicom.dataset import Dataset

from residuum.intake.scans.decoding import decode
from residuum.intake.scans.grouping import Piece, derive_images
from residuum.intake.scans.understanding import understand
from residuum.volumes.placement import Placement


def read_stored(objects: Sequence[bytes]) -> tuple[tuple[Dataset, ...], Placement | None]:
    """Return the DICOM objects of an image file, and where a SPECT or CT lies in the patient."""
    datasets = [pydicom.dcmread(io.BytesIO(data)) for data in objects]
    pieces = [Piece(str(place), "", understand(one, decode)) for place, one in enumerate(datasets)]
    image = derive_images(pieces)[0][0]
    return tuple(datasets[int(piece.place)] for piece in image.pieces), image.placement


def read_instance_uids(objects: Iterable[bytes]) -> set[str]:
    """Return the instance UIDs of the objects of an image file."""
    found = (pydicom.dcmread(io.BytesIO(data), specific_tags=["SOPInstanceUID"]) for data in objects)
    return {str(one.SOPInstanceUID) for one in found}
