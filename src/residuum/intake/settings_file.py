"""study.toml: read with every fault at once, written with every key, its meaning and its default."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from residuum.intake.encoding import decode
from residuum.records.checks import problem
from residuum.records.errors import InputError, Problem
from residuum.records.rules import Rules, apply_overrides, shipped_rules
from residuum.records.settings import FILE, Settings
from residuum.records.spelling import nearest
from residuum.records.validity import check_settings


def read_settings(data: bytes) -> tuple[Settings | None, Rules | None, list[Problem]]:
    """Return the settings and rules of a study.toml, None where they are refused, and everything found."""
    text, problems = decode(data, FILE)
    if text is None:
        return None, None, problems
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # TOML itself has no bare carriage returns
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, None, [*problems, _syntax(str(error), text)]
    try:
        settings = Settings.model_validate(declared)
    except ValidationError as error:
        wrong = [_wrong(detail) for detail in error.errors(include_url=False)]
        return None, None, problems + wrong
    rules, found = _read_rules(settings.rules)
    return settings, rules, problems + _unknown_keys(settings) + check_settings(settings) + found


def write_settings(settings: Settings) -> str:
    """Return the text of a study.toml; reading it gives the same settings, unknown keys included."""
    top = {name: value for name, value in settings if not isinstance(value, BaseModel) and name != "rules"}
    lines = _lines(Settings, top | (settings.model_extra or {}))
    for name, value in settings:
        if isinstance(value, BaseModel):
            lines += ["", f"[{name}]", *_lines(type(value), dict(value) | (value.model_extra or {}))]
        elif name == "rules":
            comment = "# a shipped rule set, and overrides by clause id; docs/rules.md lists the clauses"
            lines += ["", "[rules]", comment, *(f"{_key(key)} = {_toml(item)}" for key, item in value.items())]
    return "\n".join(lines) + "\n"


def _read_rules(declared: Mapping[str, Any]) -> tuple[Rules | None, list[Problem]]:
    try:
        return apply_overrides(shipped_rules(declared.get("set", "default")), declared)
    except InputError as error:
        return None, list(error.problems)


def _syntax(reason: str, text: str) -> Problem:
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", reason)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    return problem("settings.syntax", FILE, line, reason=reason.split(" (at ")[0])


def _wrong(detail: ErrorDetails) -> Problem:
    key = ".".join(str(part) for part in detail["loc"] if isinstance(part, str))
    value = json.dumps(detail["input"], ensure_ascii=False, default=str)
    if key == "format":
        return problem("settings.format", FILE, None, key, value)
    expected = detail["msg"].removeprefix("Input should be ").replace(" or instance of " + key.title(), "")
    cure = f"Write {expected}.{_meaning(key)}"
    return problem("settings.wrong_value", FILE, None, key, value, cure=cure)


def _meaning(key: str) -> str:
    """Return what a setting means and its default, as a sentence for a cure."""
    model: type[BaseModel] = Settings
    *sections, name = key.split(".")
    for section in sections:
        model = Settings.model_fields[section].annotation  # type: ignore[assignment]  # a section is always a model
    field = model.model_fields[name]
    return f" It means: {field.description}." if field.description else ""


def _unknown_keys(model: BaseModel, prefix: str = "") -> list[Problem]:
    known = list(type(model).model_fields)
    problems = [
        problem(
            "settings.unknown_key",
            FILE,
            None,
            prefix + key,
            str(value),
            cure=nearest(key, known) or "Check its spelling, or leave it where it is.",
        )
        for key, value in (model.model_extra or {}).items()
    ]
    for name, value in model:
        if isinstance(value, BaseModel):
            problems += _unknown_keys(value, f"{prefix}{name}.")
    return problems


def _lines(model: type[BaseModel], values: Mapping[str, Any]) -> list[str]:
    return [line for key, value in values.items() for line in _entry(model, key, value)]


def _entry(model: type[BaseModel], key: str, value: Any) -> Iterator[str]:
    field = model.model_fields.get(key)
    if field is None:
        yield f"{_key(key)} = {_toml(value)}"
    elif value is None:
        yield f"# {key} =  # {field.description}"
    else:
        yield f"{key} = {_toml(value)}  # {field.description} (default {_toml(field.default)})"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return repr(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
