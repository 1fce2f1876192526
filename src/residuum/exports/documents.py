"""One locked read (or the consensus) as it leaves for other systems, and its JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from residuum import DISCLAIMER
from residuum.records.vocabulary import CONSENSUS, NOT_ASSESSABLE
from residuum.volumes.placement import Placement

if TYPE_CHECKING:
    from pydicom import Dataset

SINGLE_FRAME: Final = ("1.2.840.10008.5.1.4.1.1.7",)
"""Classes of planar images that hold one frame and no number of it: the secondary capture of old archives."""
FORMAT: Final = 1
"""Version of the JSON: a reader of it refuses versions that it does not know."""


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """An image of images.csv with the stored DICOM objects that it lies in.

    Attributes
    ----------
    image : str
        Its key in images.csv.
    kind : {"planar", "spot", "spect", "ct"}
    view : {"anterior", "posterior"} or None
    objects : tuple of Dataset
        Planar, spot, SPECT: the one object. CT: its slices, in the order in which `placement` counts them.
    frame : int
        Frame of a planar or spot image, first frame of a SPECT; from 1.
    placement : Placement or None
        Of SPECT and CT.
    """

    image: str
    kind: str
    view: str | None
    objects: tuple["Dataset", ...]
    frame: int = 1
    placement: Placement | None = None


@dataclass(frozen=True, slots=True)
class ImageReference:
    """Where an image lies in DICOM: its study, series, class, its instances (a CT has many) and the frame of a view."""

    image: str
    kind: str
    view: str | None
    study_uid: str
    series_uid: str
    class_uid: str
    instance_uids: tuple[str, ...]
    frame: int


@dataclass(frozen=True, slots=True)
class MarkEntry:
    """A mark with the columns of marks.csv."""

    mark: str
    regions: tuple[str, ...]
    pattern: str
    extent: float | None = None
    seen_on: tuple[str, ...] = ()
    confidence: str | None = None
    site: str | None = None
    image: str | None = None
    view: str | None = None
    x_mm: float | None = None
    y_mm: float | None = None
    z_mm: float | None = None

    @property
    def is_placed(self) -> bool:
        """Whether the mark has a position on an image."""
        return self.image is not None and self.x_mm is not None and self.y_mm is not None


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What one reader, or the consensus, says about one scan. The comment of a read has no place: it may hold a name.

    Attributes
    ----------
    study : str or None
        Title of the study.
    patient, scan, reader : str
        Codes of the study.
    sex, tracer : str or None
    day : int
    timepoint : str
    evaluable : bool
    marks : tuple of MarkEntry
    grades : mapping of (system, segment) to int or None
        None where not assessable. Systems that were not graded have no entry.
    totals : mapping of str to int or None
        By system (siopen, curie, curie_skeletal); None where a segment is not assessable.
    images : tuple of ImageReference
    """

    study: str | None
    patient: str
    sex: str | None
    scan: str
    day: int
    timepoint: str
    tracer: str | None
    reader: str
    evaluable: bool
    marks: tuple[MarkEntry, ...]
    grades: Mapping[tuple[str, str], int | None]
    totals: Mapping[str, int | None]
    images: tuple[ImageReference, ...]

    @property
    def adjudicated(self) -> bool:
        """Whether this is the consensus."""
        return self.reader == CONSENSUS

    def sorted_grades(self) -> list[tuple[str, str, int | None]]:
        """Return rows (system, segment, grade); in a read that is not evaluable no segment is assessable."""
        return sorted((*key, grade if self.evaluable else None) for key, grade in self.grades.items())

    def sorted_totals(self) -> list[tuple[str, int | None]]:
        """Return rows (system, total); a read that is not evaluable has no total."""
        return sorted((system, total if self.evaluable else None) for system, total in self.totals.items())


def has_frames(entry: ImageEntry) -> bool:
    """Return whether the objects of an image have frames: those of CT and of single-frame captures do not."""
    return entry.kind != "ct" and entry.objects[0].SOPClassUID not in SINGLE_FRAME


def refer(entry: ImageEntry) -> ImageReference:
    """Return where an image lies."""
    first = entry.objects[0]
    return ImageReference(
        entry.image,
        entry.kind,
        entry.view,
        str(first.StudyInstanceUID),
        str(first.SeriesInstanceUID),
        str(first.SOPClassUID),
        tuple(str(one.SOPInstanceUID) for one in entry.objects),
        entry.frame,
    )


def render_json(document: ReadDocument) -> str:
    """Return a read as JSON text that ends with a line break; the same read gives the same bytes.

    Keys: `format` (1), `notice`, `study`, `patient`, `sex`, `scan`, `day`, `timepoint`, `tracer`, `reader`,
    `adjudicated`, `evaluable`; `marks`, by name, with the columns of marks.csv; `grades`, by system, then segment, a
    whole number or `not_assessable`; `totals`, by system, a whole number or null; `images`, by name, with their DICOM
    identifiers. Null stands for what is not known. The comment of the read is left out, since it may hold a name.
    """
    return json.dumps(_content(document), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _content(document: ReadDocument) -> dict[str, Any]:
    grades: dict[str, dict[str, int | str]] = {}
    for system, segment, grade in document.sorted_grades():
        grades.setdefault(system, {})[segment] = NOT_ASSESSABLE if grade is None else grade
    plain = ("study", "patient", "sex", "scan", "day", "timepoint", "tracer", "reader", "adjudicated", "evaluable")
    return {
        "format": FORMAT,
        "notice": DISCLAIMER,
        **{name: getattr(document, name) for name in plain},
        "marks": [_mark(mark) for mark in sorted(document.marks, key=lambda mark: mark.mark)],
        "grades": grades,
        "totals": dict(document.sorted_totals()),
        "images": [asdict(one) for one in sorted(document.images, key=lambda image: image.image)],
    }


def _mark(mark: MarkEntry) -> dict[str, Any]:
    # lists come in any order; a database may hand -0.0 back as 0.0
    return {
        name: sorted(value) if isinstance(value, tuple) else value + 0.0 if isinstance(value, float) else value
        for name, value in asdict(mark).items()
    }
