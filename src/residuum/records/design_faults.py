"""One fault of a design, before the file that it stands in is known."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import BaseModel

from residuum.records.design import LEAST_YEARS, Quantity


class Fault(NamedTuple):
    """A check that failed.

    Attributes
    ----------
    rule : str
        Entry of the catalogue.
    key : str
        Dotted key, entries of lists counted from 1.
    value : object
        What stands there, None where nothing does.
    words : mapping of str to object
        Fill the braces of message and cure.
    """

    rule: str
    key: str
    value: object = None
    words: Mapping[str, object] = {}


def shown(value: object) -> str | None:
    """Return a value as it could stand in a design file."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Quantity):
        return repr(value.central)
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def without_effect(part: BaseModel, prefix: str, names: Collection[str], reason: str, instead: str) -> Iterator[Fault]:
    """Yield the keys of a part that differ from their default although they change nothing."""
    for name in names:
        value, default = getattr(part, name), type(part).model_fields[name].get_default()
        if value != default:
            yield Fault("design.no_effect", f"{prefix}{name}", _plain(value), {"reason": reason, "instead": instead})


def not_rising(key: str, values: Sequence[float]) -> Iterator[Fault]:
    """Yield the fault of values of which one is not above the one before."""
    if any(later <= earlier for earlier, later in pairwise(values)):
        yield Fault("design.not_rising", key, values)


def too_close(key: str, times: Sequence[float]) -> Iterator[Fault]:
    """Yield the fault of rising times, in years, of which two are nearly the same."""
    least = LEAST_YEARS * (1 - 1e-6)  # 2.01 - 2 is a little less than 0.01
    if any(0 < later - earlier < least for earlier, later in pairwise(times)):
        yield Fault("design.times_too_close", key, times)


def possible(quantity: Quantity) -> bool:
    """Whether a quantity or its range reaches above 0."""
    return max(quantity.central, quantity.high or 0) > 0


def _plain(value: Any) -> object:
    """Return what a problem shows of a value: of a section nothing, of quantities their central values."""
    if isinstance(value, Quantity):
        return value.central
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, BaseModel) else value
