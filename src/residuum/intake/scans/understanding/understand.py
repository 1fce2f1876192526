"""A parsed DICOM object to its facts: nothing is guessed, and no free text of the header is kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy.typing as npt
from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.attributes import contradiction, integer, needed, text, uid
from residuum.intake.scans.dicom.decoding import was_lossy
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.counts import has_low_counts, is_inverted
from residuum.intake.scans.understanding.energy import (
    find_energy_flags,
    read_energy_windows,
    read_nuclide,
    suppose_window,
)
from residuum.intake.scans.understanding.facts import Facts, Identity, Kind
from residuum.intake.scans.understanding.frames import find_livers, look_turned, read_planar_frames, read_spect_frames
from residuum.intake.scans.understanding.kinds import check_pixels_shown, count_contents, find_class_flags, find_kind
from residuum.intake.scans.understanding.positions import (
    check_slices,
    is_feet_first,
    read_ct_placement,
    read_spacing_mm,
    read_spect_placement,
)
from residuum.intake.scans.understanding.timing import find_date_flags, find_delay_flags, read_date, read_delays_hours
from residuum.intake.scans.understanding.views import read_views, withdraw_repeated
from residuum.records.image_flags import FLAGS

Pixels = npt.NDArray[Any]
_NATIVE: Final = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
_PATIENT: Final = (
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)


def understand(dataset: Dataset, pixels: Callable[[Dataset], Pixels]) -> Facts:
    """Return what an object is.

    Parameters
    ----------
    dataset : Dataset
        As `parsing.parse` returns it; any attribute may be missing or hold anything.
    pixels : callable
        Returns the stored values of an object, shape (frames, rows, columns); called for nuclear medicine only.

    Raises
    ------
    ScanError
        It is of no kind that is read here, incomplete, damaged, or contradicts itself.
    """
    kind = find_kind(dataset)
    check_pixels_shown(dataset)
    facts = _bare(dataset, kind)
    if kind == "ct":
        return _ct(dataset, facts)
    if kind == "spect":
        return _spect(dataset, facts, pixels)
    return _projection(dataset, facts, pixels) if kind in ("planar", "spot") else facts


def _bare(dataset: Dataset, kind: Kind) -> Facts:
    """Return what can be said without pixels: all of an object that is no image."""
    no_image = kind in ("structure_set", "segmentation", "report")
    rows, columns = (_size(dataset, keyword, no_image) for keyword in ("Rows", "Columns"))
    return Facts(
        kind=kind,
        frames=(),
        rows=rows,
        columns=columns,
        frame_count=_frame_count(dataset) if rows and columns else 0,
        spacing_mm=read_spacing_mm(dataset),
        placement=None,
        delay_hours=(),
        instance_number=integer(dataset, "InstanceNumber") or 0,
        contains=count_contents(dataset, kind),
        flags=(),
        identity=_read_identity(dataset),
    )


def _size(dataset: Dataset, keyword: str, no_image: bool) -> int:
    found = integer(dataset, keyword) or (0 if no_image else None)
    if needed(keyword, found) < 0:
        raise contradiction(keyword)
    return found or 0


def _frame_count(dataset: Dataset) -> int:
    count = integer(dataset, "NumberOfFrames")
    if count is not None and count < 1:
        raise contradiction("NumberOfFrames")
    return count or 1


def _ct(dataset: Dataset, facts: Facts) -> Facts:
    """Return the facts of a slice of CT; its pixels are not unpacked, since a series has hundreds."""
    if facts.frame_count != 1:
        raise contradiction("NumberOfFrames")
    _check_stored(dataset, facts)
    return _flagged(replace(facts, placement=read_ct_placement(dataset)), _find_image_flags(dataset, facts))


def _check_stored(dataset: Dataset, facts: Facts) -> None:
    element = dataset.get_item("PixelData")
    if element is None:
        raise ScanError("scan.incomplete", what="Pixel Data")
    compressed = dataset.file_meta.TransferSyntaxUID not in _NATIVE
    least = 1 if compressed else facts.rows * facts.columns * (integer(dataset, "BitsAllocated") or 0) // 8
    if not isinstance(element.value, bytes) or len(element.value) < max(least, 1):
        raise ScanError("scan.damaged", what="it holds fewer pixels than its header says")


def _projection(dataset: Dataset, facts: Facts, pixels: Callable[[Dataset], Pixels]) -> Facts:
    stored = _read_pixels(dataset, facts, pixels)
    windows, seen = read_energy_windows(dataset, facts.frame_count), read_views(dataset, facts.frame_count)
    if facts.kind == "planar":
        seen = withdraw_repeated(dataset, seen, windows)
    frames = read_planar_frames(dataset, stored, windows, seen)
    head_down = is_feet_first(dataset) or any(view.head_down for view in seen)
    if facts.kind == "planar":
        head_down = head_down or look_turned(frames, stored)
        # Upside down, another organ would be taken for the liver.
        frames = frames if head_down else find_livers(frames, stored)
    doubts = {
        "head_down": head_down,
        "low_counts": has_low_counts(frames),
        "values_inverted": any(map(is_inverted, stored)),
        "side_contradicts_view": any(view.contradicts for view in seen),
        "liver_side": any(one.liver_at is not None and one.liver_at == one.left_at for one in frames),
    }
    return _nuclear(dataset, replace(facts, frames=frames), {name for name, present in doubts.items() if present})


def _spect(dataset: Dataset, facts: Facts, pixels: Callable[[Dataset], Pixels]) -> Facts:
    placement = read_spect_placement(dataset, facts.frame_count)
    frames = read_spect_frames(dataset, _read_pixels(dataset, facts, pixels))
    if len(frames) == 1:
        check_slices(dataset, facts.frame_count)
    several = {"several_windows"} if len(frames) > 1 else set()
    return _nuclear(dataset, replace(facts, frames=frames, placement=placement), several)


def _read_pixels(dataset: Dataset, facts: Facts, pixels: Callable[[Dataset], Pixels]) -> Pixels:
    found = pixels(dataset)
    if found.shape != (facts.frame_count, facts.rows, facts.columns):
        raise ScanError("scan.contradiction", what="how many pixels it holds")
    return found


def _nuclear(dataset: Dataset, facts: Facts, flags: set[str]) -> Facts:
    """Return facts of nuclear medicine with what its energy windows and its time after the injection add."""
    delays_hours = read_delays_hours(dataset)
    nuclide = read_nuclide(dataset)
    flags |= find_energy_flags([frame.window for frame in facts.frames], nuclide)
    flags |= find_delay_flags(delays_hours) | _find_image_flags(dataset, facts)
    frames = suppose_window(facts.frames, nuclide)
    return _flagged(replace(facts, frames=frames, delay_hours=delays_hours), flags)


def _find_image_flags(dataset: Dataset, facts: Facts) -> set[str]:
    flags = find_class_flags(dataset) | find_date_flags(dataset)
    flags |= {"lossy"} if was_lossy(dataset) else set()
    return flags | ({"no_spacing"} if facts.spacing_mm is None else set())


def _flagged(facts: Facts, flags: set[str]) -> Facts:
    return replace(facts, flags=tuple(name for name in FLAGS if name in flags))


def _read_identity(dataset: Dataset) -> Identity:
    return Identity(
        patient_id=text(dataset, "PatientID"),
        issuer=text(dataset, "IssuerOfPatientID"),
        date=read_date(dataset),
        study_uid=needed("StudyInstanceUID", uid(dataset, "StudyInstanceUID")),
        series_uid=needed("SeriesInstanceUID", uid(dataset, "SeriesInstanceUID")),
        instance_uid=needed("SOPInstanceUID", uid(dataset, "SOPInstanceUID")),
        class_uid=needed("SOPClassUID", uid(dataset, "SOPClassUID")),
        frame_of_reference_uid=uid(dataset, "FrameOfReferenceUID") or None,
        patient={keyword: text(dataset, keyword) for keyword in _PATIENT},
    )
