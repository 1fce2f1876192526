"""What is known of one DICOM object without keeping its header: kind, views, sides, geometry, energy, counts, flags.

Facts are made in the limited child and cross to its parent as JSON: only closed words, numbers, identifiers (UIDs,
patient identifier, dates) that the pseudonymiser needs, and never free text of the header.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self

from residuum.volumes.placement import Placement

Kind = Literal["planar", "spot", "spect", "ct", "raw_tomo", "structure_set", "segmentation", "report"]
"""The first four become images of a study; the others are recognised and set aside."""
IMAGE_KINDS: Final = ("planar", "spot", "spect", "ct")
View = Literal["anterior", "posterior", "other"]
"""`other` is a lateral, oblique or vertex view."""
Side = Literal["left", "right"]
"""A side of the stored image."""
Origin = Literal["declared", "text", "answered"]
"""Where view and side come from: the header's own attributes, vendor text, or a person who was asked."""
Window = Literal["I123", "I131", "Tc99m", "other"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a planar or spot object, or the whole of a SPECT in one energy window.

    Attributes
    ----------
    number : int
        From 1, in stored order.
    window : {"I123", "I131", "Tc99m", "other"} or None
        Photopeak that the frame's energy window holds (159, 364, 140 keV); where only a nuclide of iodine is declared,
        that nuclide; None where neither is.
    window_kev : tuple of float or None
        Lower and upper limit of that window, None where none is declared.
    view, view_from
        None where nothing says the view: it is asked, never guessed.
    left_at, side_from
        Side of the stored image on which the patient's left lies; None where nothing says it.
    counts : float
        Sum of the pixel values, rescaled where the object says so.
    liver_at : {"left", "right"} or None
        Side of the stored image on which the liver seems to lie, None where that cannot be told. A check only.
    """

    number: int
    window: Window | None
    window_kev: tuple[float, float] | None
    view: View | None
    view_from: Origin | None
    left_at: Side | None
    side_from: Origin | None
    counts: float
    liver_at: Side | None


@dataclass(frozen=True, slots=True)
class Identity:
    """What ties an object to a person and an archive; it stays in memory and in the key, never in a study or a log.

    Attributes
    ----------
    date : str or None
        Of the acquisition, else of the content, the series, the study (YYYYMMDD).
    patient : mapping of str to str
        PatientName, PatientBirthDate, PatientSex, StudyDate, StudyTime, StudyID, AccessionNumber,
        ReferringPhysicianName as they stand (empty where absent): what putting identities back needs.
    """

    patient_id: str
    issuer: str
    date: str | None
    study_uid: str
    series_uid: str
    instance_uid: str
    class_uid: str
    frame_of_reference_uid: str | None
    patient: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What one object is.

    Attributes
    ----------
    kind : Kind
    frames : tuple of Frame
        Of planar, spot and SPECT objects (SPECT: one entry per energy window); empty for others.
    rows, columns, frame_count : int
        Of the pixel matrix; 0 for objects without pixels.
    spacing_mm : tuple of float or None
        Between rows and between columns; None where the header does not say.
    placement : Placement or None
        Of SPECT and CT.
    delay_hours : tuple of float
        Possible times from injection to scan: one where the header gives the date of the injection, several (a day
        apart) where it gives the time of day only, none where it says nothing.
    instance_number : int
    contains : mapping of str to int
        For structure sets, segmentations and reports: how many regions, segments, items they hold.
    flags : tuple of str
        Names from `image_flags.FLAGS`.
    identity : Identity
    """

    kind: Kind
    frames: tuple[Frame, ...]
    rows: int
    columns: int
    frame_count: int
    spacing_mm: tuple[float, float] | None
    placement: Placement | None
    delay_hours: tuple[float, ...]
    instance_number: int
    contains: Mapping[str, int]
    flags: tuple[str, ...]
    identity: Identity

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return facts that crossed as JSON.

        Raises
        ------
        TypeError, KeyError, ValueError
            They are not facts.
        """
        frames = tuple(Frame(**{**one, "window_kev": _tuple(one["window_kev"])}) for one in raw["frames"])
        placement = raw["placement"] and Placement(**{name: tuple(value) for name, value in raw["placement"].items()})
        return cls(
            **{
                **raw,
                "frames": frames,
                "spacing_mm": _tuple(raw["spacing_mm"]),
                "placement": placement,
                "delay_hours": tuple(raw["delay_hours"]),
                "flags": tuple(raw["flags"]),
                "identity": Identity(**raw["identity"]),
            }
        )


def _tuple(values: list[float] | None) -> Any:
    return None if values is None else tuple(values)
