"""The codes that DICOM objects carry for the terms of a study: SNOMED CT where it has one, else our own scheme."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydicom.sr.coding import Code

SIDES: Final = ("right", "left")


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the body in codes.

    Attributes
    ----------
    exact : Code
        Of the private scheme: the region or segment itself.
    structures : tuple of Code
        SNOMED CT structures that make it up; they may be wider.
    side, part : Code or None
        Laterality; proximal or distal part.
    """

    exact: "Code"
    structures: tuple["Code", ...]
    side: "Code | None"
    part: "Code | None"


def read_term(name: str) -> "Code":
    """Return the code of a term of the study, of a structure, or of the name of an item.

    Raises
    ------
    KeyError
        The term has no code.
    """
    raw = _read()
    name = raw["same"].get(name, name)
    entry = raw["standard"].get(name)
    return _code(**entry) if entry else _private(**raw["private"][name])


def read_region(region: str) -> Place:
    """Return the place of a skeletal region or of soft tissue."""
    side = _side(region)
    name = region.removesuffix(f"_{side}")
    return _place(_private(region, region.replace("_", " ")), _read()["regions"][name], side)


def read_segment(system: str, segment: str) -> Place:
    """Return the place of a segment of SIOPEN or a region of Curie."""
    entry = _read()["segments"][system][segment]
    meaning = f"{segment.replace('_', ' ')} ({'SIOPEN' if system == 'siopen' else 'Curie'})"
    return _place(_private(entry["code"], meaning), entry, entry.get("side") or _side(segment))


@cache
def _read() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("codes.toml").read_text("utf-8"))


def _side(name: str) -> str | None:
    return next((side for side in SIDES if name.endswith(f"_{side}")), None)


def _place(exact: "Code", entry: Mapping[str, Any], side: str | None) -> Place:
    return Place(
        exact,
        tuple(read_term(name) for name in entry["structures"]),
        read_term(side) if side else None,
        read_term(entry["part"]) if "part" in entry else None,
    )


def _code(code: str, meaning: str, group: int, scheme: str = "SCT") -> "Code":  # noqa: ARG001  # group: provenance
    from pydicom.sr.coding import Code

    return Code(code, scheme, meaning)


def _private(code: str, meaning: str) -> "Code":
    return _code(code, meaning, 0, _read()["private_scheme"])
