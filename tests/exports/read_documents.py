"""Reads of the invented scans of `scan_objects`, and validators of what is made from them."""

from __future__ import annotations

import subprocess
from datetime import date, datetime, time
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from residuum.exports.documents import ImageEntry, MarkEntry, ReadDocument, refer
from residuum.records.vocabulary import CURIE_SEGMENTS, SIOPEN_SEGMENTS
from residuum.volumes.placement import Placement
from validators import tool

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from pydicom import Dataset

MADE: Final = datetime(2026, 11, 22, 14, 30, 5)
KNOWN_WARNING: Final = "Unrecognized defined term <99RESIDUUM>"
"""The validator does not know private coding schemes."""


def planar_images(source: Dataset, views: tuple[str, ...] = ("anterior", "posterior")) -> list[ImageEntry]:
    return [ImageEntry(f"scan1.{view}", "planar", view, (source,), frame) for frame, view in enumerate(views, 1)]


def spect_image(source: Dataset) -> ImageEntry:
    geometry = source.DetectorInformationSequence[0]
    across, down = (np.array(geometry.ImageOrientationPatient[part], float) for part in (slice(0, 3), slice(3, 6)))
    step = np.cross(across, down) * float(source.SpacingBetweenSlices)
    placement = Placement(
        tuple(map(float, geometry.ImagePositionPatient)), tuple(across), tuple(down), tuple(step.tolist())
    )
    return ImageEntry("scan1.spect", "spect", None, (source,), 1, placement)


def ct_image(slices: list[Dataset]) -> ImageEntry:
    first, second = slices[:2]
    position = np.array(first.ImagePositionPatient, float)
    step = np.array(second.ImagePositionPatient, float) - position
    directions = [float(one) for one in first.ImageOrientationPatient]
    placement = Placement(tuple(position), tuple(directions[:3]), tuple(directions[3:]), tuple(step.tolist()))
    return ImageEntry("scan1.ct", "ct", None, tuple(slices), 1, placement)


FEMUR: Final = MarkEntry(
    "m1", ("femur_right",), "focal", None, ("planar_ant",), "definite", "site-1", "scan1.anterior", "anterior", 120, 720
)
SPINE: Final = MarkEntry("m2", ("spine_thoracic", "spine_lumbar"), "diffuse", 0.55, ("planar_post",), "equivocal")
SKULL: Final = MarkEntry(
    "m3", ("skull_vault", "skull_base"), "focal", None, (), None, None, "scan1.posterior", "posterior", 150.6, 144
)


def a_read(images: list[ImageEntry], **said: Any) -> ReadDocument:
    grades = {("siopen", segment): 0 for segment in SIOPEN_SEGMENTS}
    grades |= {("curie", segment): 0 for segment in CURIE_SEGMENTS}
    grades |= {("siopen", "spine"): 5, ("siopen", "proximal_lower_limb_right"): 1, ("siopen", "skull"): None}
    settled: dict[str, Any] = {
        "study": "Invented study",
        "patient": "P001",
        "sex": "female",
        "scan": "P001-1",
        "day": 380,
        "timepoint": "post_consolidation",
        "tracer": "I123",
        "reader": "reader_1",
        "evaluable": True,
        "marks": (FEMUR, SPINE, SKULL),
        "grades": grades,
        "totals": {"siopen": None, "curie": 5, "curie_skeletal": 5},
        "images": tuple(refer(image) for image in images),
    }
    return ReadDocument(**(settled | said))


def faults(made: Dataset, folder: Path) -> list[str]:
    """Return what dciodvfy reports of an object but for the private coding scheme."""
    path = folder / "made.dcm"
    made.save_as(path, enforce_file_format=True)
    told = subprocess.run((tool("dciodvfy", "dicom3tools"), str(path)), capture_output=True, text=True, check=False)
    lines = (told.stdout + told.stderr).splitlines()
    assert lines, "the validator says nothing, not even the class of the object"
    return [one for one in lines if one.startswith(("Error", "Warning")) and KNOWN_WARNING not in one]


def as_text(made: Dataset, folder: Path) -> str:
    """Return what dsrdump reads in a structured report."""
    path = folder / "made.dcm"
    made.save_as(path, enforce_file_format=True)
    told = subprocess.run(
        (tool("dsrdump", "dcmtk"), "+Pl", "+Pc", "+U8", str(path)), capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def reopened(made: Dataset) -> BytesIO:
    """Return the file of an object, as another program gets it."""
    out = BytesIO()
    made.save_as(out, enforce_file_format=True)
    out.seek(0)
    return out


class OtherClock(datetime):
    """A clock that stands in another year."""

    @classmethod
    def now(cls, tz: Any = None) -> OtherClock:
        return cls(1999, 1, 2, 3, 4, 5)


def set_another_clock(patch: pytest.MonkeyPatch) -> None:
    """Let highdicom, which reads the clock, read another one."""
    clock = SimpleNamespace(datetime=OtherClock, date=date, time=time)
    for module in ("highdicom.base", "highdicom.sr.sop"):
        patch.setattr(f"{module}.datetime", clock)
