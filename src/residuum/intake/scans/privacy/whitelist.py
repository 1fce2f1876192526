"""What of a header is kept: numbers, words and codes of closed lists, named one by one in `whitelist.toml`."""

import math
import re
import struct
import tomllib
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import zip_longest
from typing import Any, Final

import numpy.typing as npt
from pydicom.datadict import dictionary_VM, dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.valuerep import format_number_as_ds

_TOO_LARGE: Final = 10_000_000
_DECIMAL: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_NUMERIC: Final = ("DS", "IS", "FL", "FD", "US", "SS", "UL", "SL", "UV", "SV")
_WHOLE_NUMBERS: Final = {"US": "<H", "SS": "<h", "UL": "<L", "SL": "<l", "IS": "<l"}
# Whatever pydicom raises when a value is not what its VR says: such a value is no number and no word.
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What may stay of an attribute.

    Attributes
    ----------
    kind : {"numbers", "vectors", "words", "terms", "pointers", "codes", "optional_codes", "empty", "items"}
        `items`: a sequence whose items stay, each with what is named below it.
    allowed : mapping of str to str
        Words by themselves, keywords by themselves, meanings by scheme and code value.
    places : tuple of tuple of str
        Of `terms`: what may stand at each of the first places.
    below : mapping of str to Rule
        Attributes of the items by keyword.
    """

    kind: str
    allowed: Mapping[str, str] = field(default_factory=dict)
    places: tuple[tuple[str, ...], ...] = ()
    below: dict[str, "Rule"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whitelist:
    """The attributes that may enter a study, by keyword; `uids`, `dates` and `always` are for the copier to fill."""

    rules: Mapping[str, Rule]
    uids: tuple[str, ...]
    dates: tuple[str, ...]
    always: tuple[str, ...]

    def keep(self, dataset: Dataset, pixels: npt.NDArray[Any]) -> Dataset:
        """Return a new dataset with what may stay of a header; its pixels have shape (frames, rows, columns)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom warns of values that are dropped here anyway
            return _Keeper(len(pixels), pixels.dtype.kind == "i").keep(dataset, self.rules)


@cache
def read_whitelist() -> Whitelist:
    """Return the white list that comes with the package."""
    raw = tomllib.loads(resources.files(__package__).joinpath("whitelist.toml").read_text("utf-8"))
    rules: dict[str, Rule] = {}
    for group in raw["group"]:
        for path, rule in _group_rules(group, raw["codes"]):
            _place(rules, path.split("."), rule)
    return Whitelist(rules, *(_all(raw["group"], name) for name in ("uids", "dates", "always")))


def _all(groups: Iterable[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(keyword for group in groups for keyword in group.get(name, ()))


def _group_rules(group: Mapping[str, Any], codes: Mapping[str, Mapping[str, str]]) -> Iterable[tuple[str, Rule]]:
    for kind in ("numbers", "vectors", "empty"):
        yield from ((path, Rule(kind)) for path in group.get(kind, ()))
    for kind in ("words", "pointers"):
        yield from ((path, Rule(kind, {word: word for word in words})) for path, words in group.get(kind, {}).items())
    for path, (*places, further) in group.get("terms", {}).items():
        yield path, Rule("terms", {word: word for word in further}, tuple(map(tuple, places)))
    for kind in ("codes", "optional_codes"):
        yield from ((path, Rule(kind, codes[table])) for path, table in group.get(kind, {}).items())


def _place(rules: dict[str, Rule], path: list[str], rule: Rule) -> None:
    first, *rest = path
    if rest:
        _place(rules.setdefault(first, Rule("items")).below, rest, rule)
    else:
        assert first not in rules, f"{first} stands twice in the white list, or below itself"
        rules[first] = rule


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Knows of the pixels what decides about a header: how many frames there are, and whether values are signed."""

    frames: int
    signed: bool

    def keep(self, dataset: Dataset, rules: Mapping[str, Rule]) -> Dataset:
        kept = Dataset()
        for keyword, rule in rules.items():
            tag = tag_for_keyword(keyword)
            assert tag is not None, keyword
            if tag not in dataset:
                continue
            vr = dictionary_VR(tag).replace("US or SS", "SS" if self.signed else "US")
            value = self._value(dataset, tag, vr, rule)
            if value or rule.kind != "optional_codes":
                kept.add(DataElement(tag, vr, value))
        return kept

    def _value(self, dataset: Dataset, tag: int, vr: str, rule: Rule) -> Any:
        """Return what stays of one value, nothing (an empty value) where it is not what the rule allows."""
        try:
            element = dataset[tag]
            if vr == "SQ":
                return self._items(element.value, rule)
            value = element.value
            values = list(value) if isinstance(value, (MultiValue, list, tuple)) else [value]
            return self._allowed(values, element, vr, rule)
        except _UNREADABLE:
            return Sequence() if vr == "SQ" else None

    def _items(self, value: Any, rule: Rule) -> Sequence:
        if not isinstance(value, Sequence) or rule.kind == "empty":
            return Sequence()
        if rule.kind == "items":
            return Sequence([self.keep(item, rule.below) for item in value])
        return Sequence([kept for item in value if (kept := self._coded(item, rule)) is not None])

    def _coded(self, item: Dataset, rule: Rule) -> Dataset | None:
        scheme, value = (_bare(item.get(keyword)) for keyword in ("CodingSchemeDesignator", "CodeValue"))
        meaning = rule.allowed.get(f"{scheme} {value}")
        if meaning is None or _names_another(str(item.get("CodeMeaning", "")), meaning):
            return None
        kept = self.keep(item, rule.below)
        kept.CodeValue, kept.CodingSchemeDesignator, kept.CodeMeaning = value, scheme, meaning
        return kept

    def _allowed(self, values: list[Any], element: DataElement, vr: str, rule: Rule) -> list[Any] | None:
        if rule.kind == "words":
            return _words(values, rule)
        if rule.kind == "terms":
            return _terms(values, rule)
        if rule.kind == "pointers":
            return _pointers(values, rule)
        if rule.kind == "empty" or element.VR not in _NUMERIC:
            return None
        numbers = [_number(value, vr) for value in values]
        if rule.kind == "vectors":
            return numbers if len(numbers) == self.frames and set(numbers) <= {*range(1, self.frames + 1)} else None
        return numbers if _fits(len(numbers), dictionary_VM(element.tag)) else None


def _names_another(said: str, meaning: str) -> bool:
    """Whether a meaning names another nuclide than its code: then the code says nothing."""
    mass, expected = re.search(r"[0-9]+", said), re.search(r"[0-9]+", meaning)
    return mass is not None and expected is not None and mass.group() != expected.group()


def _fits(count: int, multiplicity: str) -> bool:
    least, _, most = multiplicity.partition("-")
    return count >= int(least) and (most == "n" or count <= int(most or least))


def _number(value: Any, vr: str) -> Any:
    number = float(value)
    if not math.isfinite(number) or abs(number) >= _TOO_LARGE:
        raise ValueError
    if vr in _WHOLE_NUMBERS:
        struct.pack(_WHOLE_NUMBERS[vr], int(number))
        if int(number) != number:
            raise ValueError
        return int(number)
    if vr != "DS":
        return number
    text = str(value).strip()
    return text if len(text) <= 16 and _DECIMAL.fullmatch(text) else format_number_as_ds(number)


def _words(values: list[Any], rule: Rule) -> list[str]:
    """Return the words up to the first that is not allowed: later ones would mean something else in its place."""
    texts = [_bare(value).upper() for value in values]
    unknown = next((place for place, text in enumerate(texts) if text not in rule.allowed), len(texts))
    return texts[:unknown]


def _terms(values: list[Any], rule: Rule) -> list[str]:
    """Return a term at each place, where none is allowed the last of its list, and further words."""
    said = [_bare(value).upper() for value in values]
    placed = [
        term if term in terms else terms[-1] for term, terms in zip_longest(said[: len(rule.places)], rule.places)
    ]
    return placed + _words(values[len(rule.places) :], rule)


def _bare(value: Any) -> str:
    """Return a text without what fills it up: spaces, and the NULs that some cameras write."""
    return "" if value is None else str(value).strip(" \0\r\n\t")


def _pointers(values: list[Any], rule: Rule) -> list[int]:
    allowed = {tag_for_keyword(keyword) for keyword in rule.allowed}
    if not {int(value) for value in values} <= allowed:
        raise ValueError
    return [int(value) for value in values]
