"""Views and sides of planar frames: what the header declares, what vendor text says, and otherwise nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from pydicom.dataset import Dataset

from residuum.intake.scans.attributes import text, texts
from residuum.intake.scans.facts import Origin, Side, View
from residuum.intake.scans.parsing import items
from residuum.intake.scans.positions import Directions, compute_normal, read_directions
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.vectors import item_at, read_detector_indices, read_window_indices
from residuum.intake.scans.view_codes import read_view_code
from residuum.intake.scans.view_words import find_one_view

Value = TypeVar("Value")
_ALONG: Final = 0.9
"""Cosine from which a direction counts as an axis of the patient: within 26 degrees."""
_ROWS: Final[dict[str, Side]] = {"L": "right", "R": "left"}
_NAMES: Final = ("ImageID", "SeriesDescription", "ProtocolName", "ImageComments")
"""Of a whole object."""


@dataclass(frozen=True, slots=True)
class Seen:
    """From where a frame looks, and on which side of it the patient's left lies.

    Attributes
    ----------
    view, view_from, left_at : as in `facts.Frame`
    contradicts : bool
        Orientation and view exclude each other; then no side is taken from the orientation.
    """

    view: View | None
    view_from: Origin | None
    left_at: Side | None
    contradicts: bool


def read_views(dataset: Dataset, frame_count: int) -> tuple[Seen, ...]:
    """Return what is known of the view of every planar frame.

    A frame has the view of its detector's item. Frames of the same detector and energy window differ in something that
    nothing declares, so they have none. What stands outside the items is of one view, so it counts where the object
    has one: a series that is called ANT may well hold both.
    """
    windows, detectors = read_window_indices(dataset, frame_count), read_detector_indices(dataset, frame_count)
    keys = list(zip(windows, detectors, strict=True))
    alone = len(set(keys)) == frame_count and len(set(detectors)) == 1
    detector_items = items(dataset, "DetectorInformationSequence")
    found = []
    for number, (window, detector) in enumerate(keys):
        item = item_at(detector_items, detector) if keys.count((window, detector)) == 1 else None
        sources = [source for source in (item, dataset if alone else None) if source is not None]
        own = _own_names(dataset, number, frame_count, window if windows.count(window) == 1 else None)
        found.append(_seen(sources, own, [text(dataset, name) for name in _NAMES] if alone else []))
    return tuple(found)


def _seen(sources: list[Dataset], own: Iterable[str], names: Iterable[str]) -> Seen:
    declared: View | None = _first(read_view_code, sources)
    directions = _first(_read_usable_directions, sources)
    looks = None if directions is None else _view_of(directions)
    view: View | None = declared or looks
    if view is None:
        view = find_one_view([*own, *names])
        return Seen(view, "text" if view else None, _side(view, None, sources), False)
    contradicts = declared is not None and directions is not None and declared != looks
    side = None if contradicts else _side(view, directions, sources)
    return Seen(view, "declared", side, contradicts)


def _own_names(dataset: Dataset, number: int, frame_count: int, window: int | None) -> list[str]:
    """Return what the camera called one frame: its own Image ID, or the name of a window that no other frame has."""
    ids = texts(dataset, "ImageID")
    own = [ids[number]] if len(ids) == frame_count > 1 else []
    item = item_at(items(dataset, "EnergyWindowInformationSequence"), window)
    return own if item is None else [*own, text(item, "EnergyWindowName")]


def _read_usable_directions(source: Dataset) -> Directions | None:
    """Return the orientation of a projection; one that is none (cameras write zeros) says nothing."""
    try:
        return read_directions(source)
    except ScanError:
        return None


def _view_of(directions: Directions) -> View | None:
    """Return from where an image looks: along +y (towards the back) it is seen from the front.

    None for one across the body: many programs write that of an axial slice where they know nothing.
    """
    _, y, z = compute_normal(directions)
    if abs(y) >= _ALONG:
        return "anterior" if y > 0 else "posterior"
    return "other" if abs(z) < 1 - _ALONG else None


def _side(view: View | None, directions: Directions | None, sources: list[Dataset]) -> Side | None:
    """Return the side of the stored image on which the patient's left lies.

    Patient Orientation says in which direction rows run, and nothing of the view: a posterior view that is stored
    mirrored has the one of an anterior view.
    """
    if view == "other":
        return None
    if directions is None:
        return _ROWS.get(_first(_read_row_letter, sources) or "")
    x = directions[0][0]
    return None if abs(x) < _ALONG else "right" if x > 0 else "left"


def _read_row_letter(source: Dataset) -> str | None:
    """Return the letter of the direction in which rows mainly run."""
    found = texts(source, "PatientOrientation")
    return found[0][:1].upper() if len(found) == 2 and found[0] else None


def _first(read: Callable[[Dataset], Value | None], sources: list[Dataset]) -> Value | None:
    return next((found for source in sources if (found := read(source)) is not None), None)
