"""Objects to images: what a reader sees as one, and what has to be asked before it can be shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Literal

from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import IMAGE_KINDS, Facts, Frame, Side, View, Window
from residuum.records.errors import Problem
from residuum.records.image_flags import FLAGS
from residuum.volumes.grid import Fault, order_slices
from residuum.volumes.placement import Placement

Asked = Literal["view", "left_at"]
_PREFERRED: Final[Sequence[Window | None]] = ("I123", "I131", None, "Tc99m", "other")
"""Of the energy windows of an object, the one that is read."""
_FAULTS: Final[Mapping[Fault, str]] = {
    "duplicate": "missing_slices",
    "missing": "missing_slices",
    "uneven": "uneven_slices",
    "shifted": "uneven_slices",
}
"""Flag of a volume whose slices do not make one."""
_OPPOSITE: Final[Mapping[Side, Side]] = {"left": "right", "right": "left"}
Sides = Literal["as_seen", "posterior_mirrored"]
"""How a camera stores its views: as seen from the detector, or the posterior view flipped onto the anterior one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One object that was understood: where it lies, the SHA-256 of its bytes, its facts and its size in bytes."""

    place: str
    sha256: str
    facts: Facts
    size: int = 0


@dataclass(frozen=True, slots=True)
class Image:
    """What a reader sees as one: a planar or spot view, a SPECT, or a CT.

    Attributes
    ----------
    kind : {"planar", "spot", "spect", "ct"}
    pieces : tuple of Piece
        The objects behind it, slices in their order in the patient; one for anything but a series of slices.
    frame : Frame or None
        Of a planar or spot view, with what was answered; of a SPECT that of the energy window that is read.
    slices : int
    spacing_mm : tuple of float or None
        Between rows and between columns.
    placement : Placement or None
        Of SPECT and CT.
    flags : tuple of str
        Names from `image_flags.FLAGS`.
    """

    kind: str
    pieces: tuple[Piece, ...]
    frame: Frame | None
    slices: int
    spacing_mm: tuple[float, float] | None
    placement: Placement | None
    flags: tuple[str, ...]

    @property
    def facts(self) -> Facts:
        """Return the facts of its first object."""
        return self.pieces[0].facts

    @property
    def place(self) -> str:
        """Return where it lies: the place of its first object, and the frame."""
        first = self.pieces[0].place
        return f"{first}, frame {self.frame.number}" if self.is_projection and self.frame else first

    @property
    def is_projection(self) -> bool:
        """Whether it is a view without depth."""
        return self.kind in ("planar", "spot")

    @property
    def view(self) -> View | None:
        """Return the view of a projection, None where nothing says it."""
        return self.frame.view if self.is_projection and self.frame else None

    @property
    def key(self) -> tuple[str, int]:
        """Return what names it whatever its file is called: the hash of its first object, and the frame."""
        return self.pieces[0].sha256, self.frame.number if self.frame is not None else 1

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Return what nothing in the object says and somebody has to answer."""
        if not self.is_projection or self.frame is None:
            return ()
        if self.frame.view is None:
            return ("view", "left_at") if self.frame.left_at is None else ("view",)
        return ("left_at",) if self.frame.view != "other" and self.frame.left_at is None else ()

    @property
    def liver_disagrees(self) -> bool:
        """Whether the liver seems to lie on the patient's left."""
        return self.frame is not None and self.frame.liver_at is not None and self.frame.liver_at == self.frame.left_at

    def refusals(self) -> list[Problem]:
        """Return the flags that keep it from being read."""
        refusing = [name for name in self.flags if FLAGS[name].refuses == "reading"]
        return [Problem("error", f"flag.{name}", self.place, FLAGS[name].meaning, "Leave it out.") for name in refusing]


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered about one view: its view, and the side on which the patient's left lies."""

    view: View | None = None
    left_at: Side | None = None


def derive_images(pieces: Iterable[Piece]) -> tuple[list[Image], list[Piece], list[Problem]]:
    """Return the images, the objects that are no images, and why some cannot be read.

    Parameters
    ----------
    pieces : iterable of Piece
        Every object understood, in any order; an object met twice counts once.
    """
    unique, refused = _distinct(pieces)
    ordered = sorted(unique, key=_order)
    images: list[Image] = []
    for _, group in groupby((one for one in ordered if one.facts.kind in IMAGE_KINDS), key=_series):
        series = tuple(group)
        if series[0].facts.kind == "ct":
            images.append(_stack(series))
        elif series[0].facts.kind == "spect" and len(series) > 1 and series[0].facts.frame_count == 1:
            refused.append(ScanError("scan.separate_slices").at(series[0].place))
        else:
            images += [image for piece in series for image in _views(piece)]
    raw = [piece for piece in ordered if piece.facts.kind == "raw_tomo"]
    aside = [piece for piece in ordered if piece.facts.kind not in (*IMAGE_KINDS, "raw_tomo")]
    return images, aside, [*refused, *(ScanError("scan.raw_tomo").at(piece.place) for piece in raw)]


def answered(image: Image, answer: Answer | None, sides: Sides | None) -> Image:
    """Return a view with what was answered, where something was asked; what the header declares stays.

    A side that follows from how the camera stores its views stays open where the liver contradicts it, and where the
    image may be stored head down.

    Parameters
    ----------
    answer : Answer or None
        What was said of this view.
    sides : {"as_seen", "posterior_mirrored"} or None
        What was said of all views of the camera.
    """
    if not image.asked or image.frame is None:
        return _checked(image)
    frame = image.frame
    if answer is not None and frame.view is None and answer.view is not None:
        frame = replace(frame, view=answer.view, view_from="answered")
    if answer is not None and frame.left_at is None and answer.left_at is not None:
        frame = replace(frame, left_at=answer.left_at, side_from="answered")
    elif sides is not None and frame.left_at is None and _has_side(frame) and "head_down" not in image.flags:
        supposed = replace(frame, left_at=_side(frame.view, sides), side_from="answered")
        frame = frame if replace(image, frame=supposed).liver_disagrees else supposed
        image = image if frame is supposed else replace(image, flags=(*image.flags, "liver_side"))
    return _checked(replace(image, frame=frame))


def _has_side(frame: Frame) -> bool:
    return frame.view in ("anterior", "posterior")


def _side(view: View | None, sides: Sides) -> Side:
    seen: Side = "right" if view == "anterior" else "left"
    return _OPPOSITE[seen] if view == "posterior" and sides == "posterior_mirrored" else seen


def _checked(image: Image) -> Image:
    """Return an image that is flagged where the liver contradicts its side."""
    if image.liver_disagrees and "liver_side" not in image.flags:
        return replace(image, flags=(*image.flags, "liver_side"))
    return image


def _distinct(pieces: Iterable[Piece]) -> tuple[list[Piece], list[Problem]]:
    """Return every object once; different ones under one identifier are refused, since one would hide the other."""
    by_uid: dict[str, dict[str, Piece]] = {}
    for piece in pieces:
        by_uid.setdefault(piece.facts.identity.instance_uid, {}).setdefault(piece.sha256, piece)
    same = [found for found in by_uid.values() if len(found) > 1]
    refused = [ScanError("scan.same_identifier").at(piece.place) for found in same for piece in found.values()]
    return [piece for found in by_uid.values() if len(found) == 1 for piece in found.values()], refused


def _order(piece: Piece) -> tuple[object, ...]:
    return *_series(piece), piece.facts.instance_number, piece.place


def _series(piece: Piece) -> tuple[str, ...]:
    """Return what objects of one series share; slices of two people, days or frames of reference make no volume."""
    one = piece.facts.identity
    person = (one.patient_id, one.issuer, one.date or "")
    return one.study_uid, piece.facts.kind, one.series_uid, *person, one.frame_of_reference_uid or ""


def _views(piece: Piece) -> list[Image]:
    """Return one image for each view in the energy window that is read; a SPECT is one."""
    facts = piece.facts
    windows = {frame.window for frame in facts.frames}
    best = next((window for window in _PREFERRED if window in windows), None)
    frames = [frame for frame in facts.frames if frame.window == best]
    slices = 1 if facts.kind in ("planar", "spot") else facts.frame_count
    kept = frames[:1] if facts.kind == "spect" else frames
    return [
        Image(facts.kind, (piece,), frame, slices, facts.spacing_mm, facts.placement, facts.flags) for frame in kept
    ]


def _stack(series: tuple[Piece, ...]) -> Image:
    """Return the volume of slices that came as separate objects."""
    first = series[0].facts
    flags = tuple(dict.fromkeys(flag for piece in series for flag in piece.facts.flags))
    frame = first.frames[0] if first.frames else None
    placements = [piece.facts.placement for piece in series]
    shapes = {(one.facts.rows, one.facts.columns, one.facts.spacing_mm) for one in series}
    known = [one for one in placements if one is not None]
    directions = {tuple(round(part, 3) for part in (*one.row_direction, *one.column_direction)) for one in known}
    if len(known) < len(series) or len(directions) > 1 or len(shapes) > 1:
        return Image(first.kind, series, frame, len(series), first.spacing_mm, None, (*flags, "missing_slices"))
    found = order_slices([one.origin_mm for one in known], known[0].row_direction, known[0].column_direction)
    fault = () if found.fault is None else (_FAULTS[found.fault],)
    pieces = tuple(series[index] for index in found.order)
    return Image(first.kind, pieces, frame, len(series), first.spacing_mm, found.placement, (*flags, *fault))
