"""Attributes as what they should be: text, finite numbers, whole numbers, identifiers; refused where they are not."""

import math
import re
from typing import Any, Final, TypeVar

from pydicom.datadict import dictionary_description
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.valuerep import PersonName

from residuum.intake.scans.dicom.parsing import values
from residuum.intake.scans.refusals import ScanError

Value = TypeVar("Value")
_UID: Final = re.compile(r"[0-9.]{1,64}")


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """Return the values of an attribute as text, none where it is missing or empty.

    Raises
    ------
    ScanError
        `scan.damaged`: it holds something else; so in every function here.
    """
    return values(dataset, keyword, _text)


def text(dataset: Dataset, keyword: str) -> str:
    """Return an attribute as one text, several values joined as they are stored, empty where it is missing."""
    return "\\".join(texts(dataset, keyword))


def word(dataset: Dataset, keyword: str) -> str:
    """Return an attribute as one text in capitals."""
    return text(dataset, keyword).upper()


def numbers(dataset: Dataset, keyword: str, count: int | None = None) -> tuple[float, ...]:
    """Return the numbers of an attribute, none where it is missing or empty.

    Parameters
    ----------
    count : int, optional
        How many there are wherever there are any.
    """
    found = values(dataset, keyword, _finite)
    if count is not None and found and len(found) != count:
        raise _damaged(keyword)
    return found


def number(dataset: Dataset, keyword: str) -> float | None:
    """Return the one number of an attribute, None where it is missing or empty."""
    found = numbers(dataset, keyword, 1)
    return found[0] if found else None


def integers(dataset: Dataset, keyword: str) -> tuple[int, ...]:
    """Return the whole numbers of an attribute, none where it is missing or empty."""
    return values(dataset, keyword, _whole)


def integer(dataset: Dataset, keyword: str) -> int | None:
    """Return the one whole number of an attribute, None where it is missing or empty."""
    found = integers(dataset, keyword)
    if len(found) > 1:
        raise _damaged(keyword)
    return found[0] if found else None


def uid(dataset: Dataset, keyword: str) -> str:
    """Return a unique identifier, empty where it is missing."""
    found = text(dataset, keyword)
    if found and not _UID.fullmatch(found):
        raise _damaged(keyword)
    return found


def needed(keyword: str, value: Value | None) -> Value:
    """Return a value that an object must have.

    Raises
    ------
    ScanError
        `scan.incomplete`: it is missing or empty.
    """
    if value is None or value == "" or value == ():
        raise ScanError("scan.incomplete", what=name_of(keyword))
    return value


def name_of(keyword: str) -> str:
    """Return the standard's name of an attribute, such as Pixel Spacing for PixelSpacing."""
    return dictionary_description(Tag(keyword))


def contradiction(keyword: str) -> ScanError:
    """Return the refusal of an attribute that others exclude."""
    return ScanError("scan.contradiction", what=name_of(keyword))


def _damaged(keyword: str) -> ScanError:
    return ScanError("scan.damaged", what=f"{keyword} cannot be read")


def _text(value: Any) -> str:
    if not isinstance(value, str | PersonName | int | float):
        raise TypeError
    return str(value).strip(" \0")


def _finite(value: Any) -> float:
    if isinstance(value, bytes):
        raise TypeError
    found = float(value)
    if not math.isfinite(found):
        raise ValueError
    return found


def _whole(value: Any) -> int:
    found = _finite(value)
    if found != int(found):
        raise ValueError
    return int(found)
