"""Views and sides of planar frames: what the header declares, what vendor text says, and otherwise nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.attributes import text, texts
from residuum.intake.scans.dicom.parsing import items
from residuum.intake.scans.dicom.vectors import item_at, read_detector_indices, read_window_indices
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.energy import EnergyWindow
from residuum.intake.scans.understanding.facts import Origin, Side, View
from residuum.intake.scans.understanding.positions import Directions, compute_normal, read_directions
from residuum.intake.scans.understanding.view_codes import read_view_codes
from residuum.intake.scans.understanding.view_words import find_views

_ALONG: Final = 0.9
"""Cosine from which a direction counts as an axis of the patient: within 26 degrees."""
_AXES: Final = ("RL", "AP", "FH")
"""Against and along x, y and z of patient coordinates, in the letters of Patient Orientation."""
_ROWS: Final[dict[str, Side]] = {"L": "right", "R": "left"}
_NAMES: Final = ("ImageID", "SeriesDescription", "ProtocolName", "ImageComments")
"""Of a whole object."""
_OURS: Final = "Residuum:"
"""Begins the de-identification method of our own copies."""


@dataclass(frozen=True, slots=True)
class Seen:
    """From where a frame looks, and on which side of it the patient's left lies.

    Attributes
    ----------
    view, view_from, left_at : as in `facts.Frame`
    contradicts : bool
        What the header says of view, orientation and text contradicts itself; then what it concerns is None.
    head_down : bool
        The declared orientation does not run from head to foot.
    """

    view: View | None
    view_from: Origin | None
    left_at: Side | None
    contradicts: bool
    head_down: bool


def read_views(dataset: Dataset, frame_count: int) -> tuple[Seen, ...]:
    """Return what is known of the view of every planar frame; sources that disagree leave it open.

    A frame has the view of its detector's item. Frames of the same detector and energy window differ in something that
    nothing declares, so they have none. What stands outside the items is of one view, so it counts where the object
    has one: a series that is called ANT may well hold both.
    """
    windows, detectors = read_window_indices(dataset, frame_count), read_detector_indices(dataset, frame_count)
    keys = list(zip(windows, detectors, strict=True))
    alone = len(set(keys)) == frame_count and len(set(detectors)) == 1
    detector_items = items(dataset, "DetectorInformationSequence")
    names = [text(dataset, name) for name in _NAMES] if alone else []
    found = []
    for number, (window, detector) in enumerate(keys):
        item = item_at(detector_items, detector) if keys.count((window, detector)) == 1 else None
        sources = [source for source in (item, dataset if alone else None) if source is not None]
        own = _own_names(dataset, number, frame_count, window if windows.count(window) == 1 else None)
        found.append(_seen(sources, find_views([*own, *names])))
    return tuple(found)


def withdraw_repeated(dataset: Dataset, seen: tuple[Seen, ...], windows: tuple[EnergyWindow, ...]) -> tuple[Seen, ...]:
    """Return what is known of the frames of a whole body, without views that two frames of one photopeak have.

    It is seen once from the front and once from the back, so one of the two is wrong. In our own copies views stay:
    they hold what somebody answered who was asked about just that.
    """
    if text(dataset, "DeidentificationMethod").startswith(_OURS):
        return seen
    indices = read_window_indices(dataset, len(seen))
    peaks = [window.window or index for window, index in zip(windows, indices, strict=True)]
    keys = [(one.view, peak) for one, peak in zip(seen, peaks, strict=True)]
    repeated = [keys.count(key) > 1 and key[0] in ("anterior", "posterior") and key[1] != "other" for key in keys]
    return tuple(
        replace(one, view=None, view_from=None, left_at=None, contradicts=True) if again else one
        for one, again in zip(seen, repeated, strict=True)
    )


def _seen(sources: list[Dataset], named: set[View]) -> Seen:
    codes = {view for source in sources for view in read_view_codes(source)}
    orientations = [found for source in sources if (found := _read_usable_directions(source)) is not None]
    looks = {_view_of(one) for one in orientations}
    declared = codes | {view for view in looks if view is not None}
    runs = [*map(_letters, orientations), *map(_read_letters, sources)]
    rows, columns = ({run[axis] for run in runs} - {""} for axis in (0, 1))
    head_down = "H" in columns or bool(rows & {"H", "F"})
    if len(declared | named) > 1 or len(rows) > 1 or len(columns) > 1:
        return Seen(None, None, None, True, head_down)
    view = next(iter(declared | named), None)
    # An axial orientation is often that of a program that knew nothing, so the code stays, but the side is open.
    axial = None in looks and bool(codes)
    side = None if axial or view == "other" else _ROWS.get("".join(rows))
    return Seen(view, "declared" if declared else "text" if named else None, side, axial, head_down)


def _own_names(dataset: Dataset, number: int, frame_count: int, window: int | None) -> Iterable[str]:
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


def _letters(directions: Directions) -> tuple[str, str]:
    """Return where rows and columns run, in the letters of Patient Orientation; empty across the body or askew."""
    if _view_of(directions) is None:
        return "", ""
    row, column = (
        "".join(axis[part > 0] for axis, part in zip(_AXES, direction, strict=True) if abs(part) >= _ALONG)
        for direction in directions
    )
    return row, column


def _read_letters(source: Dataset) -> tuple[str, str]:
    """Return where rows and columns mainly run by Patient Orientation.

    It says nothing of the view: a posterior view that is stored mirrored has the one of an anterior view.
    """
    found = texts(source, "PatientOrientation")
    if len(found) != 2:
        return "", ""
    row, column = (one[:1].upper() if one[:1].upper() in "LRAPHF" else "" for one in found)
    return row, column
