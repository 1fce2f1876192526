"""An invented child at the camera, and how its objects are read back: as an import reads them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.privacy.copying import CopyPlan, copy_object
from residuum.intake.scans.understanding.grouping import Image, Piece, derive_images
from residuum.intake.scans.understanding.understand import understand
from residuum.synthetic.objects.examination import Examination
from residuum.synthetic.objects.nuclear import Heads
from residuum.synthetic.objects.spect import Rotation
from residuum.volumes.grid import Grid
from residuum.volumes.placement import Placement
from validators import dciodvfy

CHILD: Final = Examination("P07", "P07-S2", "female", 1500, 100, weight_kg=17.3, size_m=1.05, activity_mbq=104.0)
HEADS: Final = Heads("MEGP", 150.0)
ROTATION: Final = Rotation(60, 20.0)
PLACED: Final = Placement((-45.6, -37.2, 412.8), (1, 0, 0), (0, 1, 0), (0, 0, -4.8))
GRID: Final = Grid((6, 16, 20), (4.8, 4.8), PLACED)


def images_of(files: Sequence[bytes]) -> list[Image]:
    """Return the images of objects; that nothing was set aside or refused is asserted."""
    pieces = [Piece(str(place), "", understand(parse(data), decode)) for place, data in enumerate(files)]
    images, aside, refused = derive_images(pieces)
    assert (aside, refused) == ([], [])
    return images


def stored_values(files: Sequence[bytes], image: Image) -> npt.NDArray[Any]:
    """Return the stored values of an image in the order of its slices, or its one frame."""
    stacked = [decode(parse(files[int(piece.place)])) for piece in image.pieces]
    if image.is_projection:
        assert image.frame is not None
        return stacked[0][image.frame.number - 1]
    return np.concatenate(stacked)


def copies_of(files: Sequence[bytes]) -> list[bytes]:
    """Return pseudonymous copies, as an import keeps them."""
    sources = [parse(data) for data in files]
    return [copy_object(one, decode(one), CopyPlan("5a" * 32, "P07", 100, {})).data for one in sources]


def errors_of(files: Sequence[bytes], folder: Path) -> list[str]:
    """Return what an independent validator finds wrong."""
    found = []
    for number, data in enumerate(files):
        path = folder / f"{number}.dcm"
        path.write_bytes(data)
        found += dciodvfy(path)
    return found
