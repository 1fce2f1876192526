"""Bytes of a DICOM file to its elements; values are read later, one by one, and any of them may turn out damaged."""

import io
import struct
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

import pydicom.config
from pydicom.datadict import dictionary_VR, keyword_dict
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

from residuum.intake.scans.dicom.syntaxes import find_bare_syntax, find_syntax, has_mark
from residuum.intake.scans.limits import DEPTH, ELEMENTS, FILE_META_BYTES
from residuum.intake.scans.refusals import ScanError

# Cameras write numbers of 17 characters where 16 are allowed; a value that cannot be used fails when it is used.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

Value = TypeVar("Value")
_PREAMBLE_BYTES: Final = 128
_MEDIA_DIRECTORY: Final = "1.2.840.10008.1.3.10"
_UNDEFINED_LENGTH: Final = 0xFFFFFFFF
_LONG_LENGTH: Final = (b"OB", b"OW", b"SQ", b"UN", b"UT")
_UNKNOWN: Final = (None, "UN")
_ITEM: Final = (0xFFFE, 0xE000)


def parse(data: bytes) -> Dataset:
    """Return the elements of a DICOM file, with its transfer syntax in `file_meta` and nothing else of that group.

    Sequences are read, so none is deeper than `limits.DEPTH`; other values are still bytes.

    Raises
    ------
    ScanError
        It is no DICOM file, is damaged, or is not read for what it would cost.
    """
    syntax_uid, start = _read_file_meta(data)
    syntax = find_syntax(syntax_uid)
    source = _CountedBytes(data)
    source.seek(start)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # pydicom would go on with no elements at all.
        warnings.filterwarnings("error", message="End of file reached")
        found = _guarded(lambda: _read_elements(source, syntax.implicit, syntax.little_endian))
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = UID(syntax_uid)
    return found


def value(dataset: Dataset, keyword: str, kind: Callable[[Any], Value]) -> Value | None:
    """Return the one value of an attribute as a kind (`str`, `int`, `float`), None where it is absent or empty.

    Raises
    ------
    ScanError
        It is no value of that kind, or there are several.
    """
    found = values(dataset, keyword, kind)
    if len(found) > 1:
        raise ScanError("scan.damaged", what=f"{keyword} has several values")
    return found[0] if found else None


def values(dataset: Dataset, keyword: str, kind: Callable[[Any], Value]) -> tuple[Value, ...]:
    """Return all values of an attribute as a kind, none where it is absent or empty.

    Raises
    ------
    ScanError
        One of them is no value of that kind.
    """
    try:
        return tuple(kind(one) for one in _stored_values(dataset, keyword))
    except MemoryError:
        raise
    except Exception:
        raise ScanError("scan.damaged", what=f"{keyword} cannot be read") from None


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """Return the items of a sequence, none where it is absent or empty.

    Raises
    ------
    ScanError
        It is no sequence.
    """
    found = values(dataset, keyword, lambda item: item)
    if not all(isinstance(item, Dataset) for item in found):
        raise ScanError("scan.damaged", what=f"{keyword} is no sequence")
    return found


def _stored_values(dataset: Dataset, keyword: str) -> list[Any]:
    tag = keyword_dict[keyword]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stored = dataset[tag].value if tag in dataset else None
    if stored is None or stored == "":
        return []
    return list(stored) if isinstance(stored, Sequence) and not isinstance(stored, str | bytes) else [stored]


class _CountedBytes(io.BytesIO):
    """Stops where more elements and items are read than the largest object holds."""

    starts: int = 0

    def read(self, size: int | None = -1, /) -> bytes:
        # Elements and items start with 8 bytes; few values are as long.
        self.starts += size == 8
        _check_count(self.starts)
        return super().read(size)


def _check_count(elements: int) -> None:
    if elements > ELEMENTS:
        raise ScanError("scan.too_large", limit=f"{ELEMENTS:,} elements")


def _guarded(read: Callable[[], Dataset]) -> Dataset:
    try:
        return read()
    except Exception as fault:
        for cause in _causes(fault):
            if isinstance(cause, ScanError | MemoryError):
                raise cause from None
            if isinstance(cause, RecursionError):
                raise ScanError("scan.too_deep", limit=DEPTH) from None
        # Messages of pydicom quote values.
        raise ScanError("scan.damaged", what=f"its elements cannot be read ({type(fault).__name__})") from None


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that it replaced: pydicom turns whatever stops it within a sequence into another."""
    while fault is not None:
        yield fault
        fault = fault.__context__


def _read_elements(source: io.BytesIO, implicit: bool, little_endian: bool) -> Dataset:
    found = read_dataset(source, implicit, little_endian)
    pending, elements = [(found, 0)], 0
    while pending:
        dataset, depth = pending.pop()
        elements += len(dataset) + 1
        _check_count(elements)
        for tag in _sequences(dataset):
            if depth == DEPTH:
                raise ScanError("scan.too_deep", limit=DEPTH)
            _check_count(elements + len(pending) + _count_items(dataset.get_item(tag)))
            element = dataset[tag]
            if element.VR == "SQ":
                pending += [(item, depth + 1) for item in element.value]
    return found


def _sequences(dataset: Dataset) -> Iterator[BaseTag]:
    for tag in list(dataset.keys()):
        stored = dataset.get_item(tag)
        if isinstance(stored, RawDataElement):
            _check_length(stored)
        if _may_be_sequence(stored):
            yield tag


def _count_items(stored: RawDataElement | DataElement) -> int:
    """Return how many items a sequence holds, without reading them; their lengths must add up to its own.

    pydicom takes an item that is longer than its sequence for an empty one.
    """
    if not isinstance(stored, RawDataElement):
        return 0
    held, place, items_held = stored.value or b"", 0, 0
    header = struct.Struct("<HHL" if stored.is_little_endian else ">HHL")
    while place < len(held) and items_held <= ELEMENTS:
        group, element, length = header.unpack_from(held, place)
        if (group, element) != _ITEM:
            raise ScanError("scan.damaged", what="a sequence holds something else than items")
        items_held += 1
        if length == _UNDEFINED_LENGTH:
            # Where it ends is found by reading it.
            return items_held
        place += header.size + length
    if place > len(held):
        raise ScanError("scan.damaged", what="a sequence is cut off")
    return items_held


def _check_length(stored: RawDataElement) -> None:
    if stored.length != _UNDEFINED_LENGTH and len(stored.value or b"") != stored.length:
        raise ScanError("scan.damaged", what="it ends within an element")


def _may_be_sequence(stored: RawDataElement | DataElement) -> bool:
    if stored.VR not in _UNKNOWN:
        return stored.VR == "SQ"
    try:
        return dictionary_VR(stored.tag) == "SQ"
    except KeyError:
        return False


def _read_file_meta(data: bytes) -> tuple[str, int]:
    """Return the transfer syntax and where the object starts.

    Read without pydicom, which would unpack a deflated object by itself. Only what the object is written in is taken.
    """
    if not has_mark(data):
        bare = find_bare_syntax(data)
        if bare is None:
            raise ScanError("scan.not_dicom")
        return bare, 0
    place, found = _PREAMBLE_BYTES + 4, dict[int, str]()
    while data[place : place + 2] == b"\x02\x00":
        if place > FILE_META_BYTES:
            raise ScanError("scan.damaged", what="its file meta information does not end")
        element, value_at, length = _read_file_meta_element(data, place)
        if element <= max(found, default=-1):
            raise ScanError("scan.damaged", what="its file meta information is out of order")
        found[element] = data[value_at : value_at + min(length, 64)].rstrip(b"\0 ").decode("ascii", "replace")
        place = value_at + length
    if found.get(0x0002) == _MEDIA_DIRECTORY:
        raise ScanError("scan.not_dicom")
    if 0x0010 not in found:
        raise ScanError("scan.damaged", what="its file meta information names no transfer syntax")
    return found[0x0010], place


def _read_file_meta_element(data: bytes, place: int) -> tuple[int, int, int]:
    """Return element number, place of the value, and its length."""
    try:
        _, element, kind, length = struct.unpack_from("<HH2sH", data, place)
        value_at = place + 8
        if kind in _LONG_LENGTH:
            (length,) = struct.unpack_from("<L", data, value_at)
            value_at += 4
    except struct.error:
        raise ScanError("scan.damaged", what="it ends within its file meta information") from None
    if value_at + length > len(data):
        raise ScanError("scan.damaged", what="it ends within its file meta information")
    return element, value_at, length
