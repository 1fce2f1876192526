"""Frame index vectors of nuclear medicine: which energy window, detector or slice a stored frame belongs to."""

from collections.abc import Sequence
from typing import TypeVar

from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.attributes import contradiction, integer, integers
from residuum.intake.scans.dicom.parsing import items

Item = TypeVar("Item")


def read_vector(dataset: Dataset, keyword: str, frame_count: int) -> tuple[int, ...] | None:
    """Return the index of every frame, counted from 1, or None where there is no such vector.

    Raises
    ------
    ScanError
        `scan.contradiction`: it has another length than there are frames (PS3.3 C.8.4.8).
    """
    vector = integers(dataset, keyword)
    if vector and len(vector) != frame_count:
        raise contradiction(keyword)
    return vector or None


def read_window_indices(dataset: Dataset, frame_count: int) -> tuple[int | None, ...]:
    """Return for every frame the number of its energy window, from 1; None where nothing says it."""
    return _read_indices(dataset, "EnergyWindow", frame_count)


def read_detector_indices(dataset: Dataset, frame_count: int) -> tuple[int | None, ...]:
    """Return for every frame the number of its detector, from 1; None where nothing says it."""
    return _read_indices(dataset, "Detector", frame_count)


def item_at(sequence: Sequence[Item], index: int | None) -> Item | None:
    """Return the item with a number from 1, None where there is no such item."""
    return sequence[index - 1] if index is not None and 1 <= index <= len(sequence) else None


def _read_indices(dataset: Dataset, name: str, frame_count: int) -> tuple[int | None, ...]:
    found = read_vector(dataset, f"{name}Vector", frame_count)
    if found is not None:
        return found
    # Without a vector frames have one item only where there is one: the order of frames is no declaration.
    count = integer(dataset, f"NumberOf{name}s")
    single = len(items(dataset, f"{name}InformationSequence")) == 1 and count in (None, 1)
    return (1 if single else None,) * frame_count
