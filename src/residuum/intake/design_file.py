"""The design file of a trial: read with every fault at once, or refused."""

import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from residuum.intake.encoding import decode
from residuum.records.checks import problem
from residuum.records.design import Design, Profile, Quantity
from residuum.records.design_checks import check_design, check_sections
from residuum.records.design_faults import shown
from residuum.records.errors import CallError, InputError, Problem
from residuum.records.printable import without_controls
from residuum.records.spelling import nearest

Place = tuple[int | str, ...]

_STAND_INS: Final[Mapping[str, Any]] = {
    "format": 1,
    "id": "stand_in",
    "title": "stand-in",
    "accrual": {"patients": 100, "years": 1.0},
    "failure": {"median_years": 1.0},
    "primary": {},
}
"""For required sections that cannot be read, so that the others still are; what is checked never sees them."""

_WANTED: Final = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "string_type": "text in quotes",
    "string_too_short": "some text",
    "tuple_type": "a list, such as [1, 2]",
    "too_short": "at least {min_length} in the list",
    "too_long": "at most {max_length} in the list",
    "greater_than": "a value above {gt:g}",
    "greater_than_equal": "a value of {ge:g} or more",
    "less_than": "a value below {lt:g}",
    "less_than_equal": "a value of {le:g} or less",
    "literal_error": "one of {expected}",
    "string_pattern_mismatch": "small letters, digits and _, a letter first, 40 at most",
}


def read_design(path: Path) -> Design:
    """Return the design that a file declares.

    Parameters
    ----------
    path : Path
        A TOML file, as docs/trial-design-file.md describes it.

    Raises
    ------
    InputError
        The file is at fault; its `problems` list everything found.
    CallError
        There is no such file, or it cannot be opened.
    """
    try:
        data = _bytes(path)
    except OSError as error:
        raise CallError(f"{path} cannot be read ({error.strerror}); name the design file of a trial") from error
    design, problems = _read(data, path.name)
    if design is None or problems:
        number = len(problems)
        raise InputError(f"{path} cannot be used: {number} error{'s' * (number != 1)}", problems)
    return design


def _bytes(path: Path) -> bytes:
    """Return what a plain file holds; a pipe or device is refused, never waited for."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise CallError(f"{path} is not a plain file; name the design file of a trial")
    return path.read_bytes()


def _read(data: bytes, file: str) -> tuple[Design | None, list[Problem]]:
    text, notes = decode(data, file)
    if text is None:
        return None, notes
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # TOML itself has no bare carriage returns
    try:
        declared = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # beside TOML's own error: too many digits, too deep a list
        return None, [_syntax(str(error), text, file)]
    try:
        design = Design.model_validate(declared)
    except ValidationError as error:
        details = _said_once(error.errors(include_url=False))
        wrong = [_wrong(detail, declared, file) for detail in details]
        return None, wrong + check_sections(_readable(declared, details), file)
    return design, check_design(design, file)


def _said_once(details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Return the faults without those of lists that seem too short because an entry of them is at fault."""
    inside = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in inside]


def _syntax(reason: str, text: str, file: str) -> Problem:
    line = re.search(r" \(at line (\d+), column \d+\)", reason)
    at_end = text.count("\n") + 1 if "at end of document" in reason else None
    return problem("design.syntax", file, int(line[1]) if line else at_end, reason=reason.split(" (at ")[0])


def _readable(declared: Mapping[str, Any], details: Sequence[ErrorDetails]) -> dict[str, Any]:
    """Return the sections without a fault, by name."""
    faulty = {str(detail["loc"][0]) for detail in details}
    sound = {name: value for name, value in declared.items() if name not in faulty}
    sections = dict(Design.model_validate({**_STAND_INS, **sound}))
    return {name: value for name, value in sections.items() if name not in faulty}


def _wrong(detail: ErrorDetails, declared: Mapping[str, Any], file: str) -> Problem:
    place, rule = _written(detail["loc"], declared), detail["type"]
    key, value = _key(place), shown(detail["input"])
    if rule.startswith("design."):
        return problem(rule, file, None, key, value, **detail.get("ctx", {}))
    if rule == "extra_forbidden":
        return problem("design.unknown_key", file, None, key, value, cure=_known_keys(place))
    if rule == "missing":
        return problem("design.missing_key", file, None, key, meaning=_meaning(place))
    if key == "format":
        return problem("design.format", file, None, key, value)
    return problem("design.wrong_value", file, None, key, value, wanted=_wanted(detail, place), meaning=_meaning(place))


def _written(place: Place, declared: object) -> Place:
    """Return a place as far as the file goes: a plain number has no `central` of its own."""
    for depth, part in enumerate(place):
        if not isinstance(declared, dict | list):
            return place[:depth]
        inside = part in declared if isinstance(declared, dict) else int(part) < len(declared)
        if not inside:
            return place[: depth + 1]
        declared = declared[part]  # type: ignore[index]  # a name of a table, a number of a list
    return place


def _key(place: Place) -> str:
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{without_controls(part)}" for part in place)
    return "".join(parts).removeprefix(".")


def _wanted(detail: ErrorDetails, place: Place) -> str:
    model = _model_at([part for part in place if isinstance(part, str)])
    if detail["type"] == "model_type" and model is Quantity:
        return "a number, or a range such as { central = 0.4, low = 0.2, high = 0.6 }"
    if detail["type"] == "model_type" or (detail["type"] == "tuple_type" and model is Profile):
        return f"a section of its own, {_heading(place)}"
    return _WANTED.get(detail["type"], detail["msg"]).format(**detail.get("ctx", {}))


def _heading(place: Place) -> str:
    name = ".".join(part for part in place if isinstance(part, str))
    return "[[profiles]]" if name == "profiles" else f"[{name}]" if name else "the top of the file"


def _meaning(place: Place) -> str:
    *sections, name = (part for part in place if isinstance(part, str))
    field = _model_at(sections).model_fields.get(name)
    return f" It means: {field.description}." if field is not None and field.description else ""


def _model_at(sections: Sequence[str]) -> type[BaseModel]:
    model: type[BaseModel] = Design
    for section in sections:
        model = _model_in(model.model_fields[section].annotation) or model
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model that an annotation names, also within a list, beside None or with limits."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _known_keys(place: Place) -> str:
    """Return the cure of an unknown key: the nearest key here, the section it belongs to, or all keys."""
    *sections, name = (part for part in place if isinstance(part, str))
    known = list(_model_at(sections).model_fields)
    homes = [home for home, keys in _sections(Design).items() if name in keys]
    if homes and not nearest(name, known):
        return f"`{name}` belongs to {' or '.join(homes)}."
    return nearest(name, known) or f"The keys here are: {', '.join(known)}."


def _sections(model: type[BaseModel], place: Place = ()) -> dict[str, list[str]]:
    """Return the keys of every section of a design by its heading."""
    found = {_heading(place): list(model.model_fields)}
    for name, field in model.model_fields.items():
        section = _model_in(field.annotation)
        if section is not None and section is not Quantity:
            found |= _sections(section, (*place, name))
    return found
