"""Rule constants: a shipped, versioned clause table and the study's overrides by clause id."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from residuum.records.checks import problem
from residuum.records.errors import InputError, Problem
from residuum.records.settings import FILE

SHIPPED_SETS = ("default",)


@dataclass(frozen=True, slots=True)
class Clause:
    """One constant of a rule, with its wording, source and strength of evidence (P, S, B or D).

    An override must be one of `choices`, or a number within `limits` (both included), where these are given.
    """

    id: str
    value: Any
    text: str
    source: str
    evidence: str
    choices: tuple[str, ...] = ()
    limits: tuple[float, ...] = ()
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule set; ``rules["inrc.progression_ratio"]`` is the value of a clause."""

    set: str
    edition: str
    checked_by: str
    clauses: Mapping[str, Clause]

    def __getitem__(self, clause_id: str) -> Any:
        return self.clauses[clause_id].value


def shipped_rules(name: str = "default") -> Rules:
    """Return the rule set shipped under `name`.

    Raises
    ------
    InputError
        No rule set of this name is shipped.
    """
    if name not in SHIPPED_SETS:
        found = problem("rules.unknown_set", FILE, None, "rules.set", str(name), sets=", ".join(SHIPPED_SETS))
        raise InputError(str(found), [found])
    raw = tomllib.loads(resources.files(__package__).joinpath(f"rule_sets/{name}.toml").read_text("utf-8"))
    clauses = {
        clause_id: Clause(
            clause_id,
            _frozen(clause["value"]),
            clause["text"],
            clause["source"],
            clause["evidence"],
            tuple(clause.get("choices", ())),
            tuple(clause.get("limits", ())),
        )
        for clause_id, clause in raw["clause"].items()
    }
    return Rules(raw["set"], raw["edition"], raw["checked_by"], clauses)


def apply_overrides(rules: Rules, declared: Mapping[str, Any]) -> tuple[Rules, list[Problem]]:
    """Return the rule set with the overrides of ``[rules]`` applied, and what is wrong with them.

    Parameters
    ----------
    rules : Rules
        The shipped set.
    declared : mapping
        The table ``[rules]`` of study.toml; nested tables and quoted dotted keys mean the same clause.
    """
    clauses = dict(rules.clauses)
    problems = []
    for clause_id, value in _flat(declared).items():
        if clause_id == "set":
            continue
        clause = clauses.get(clause_id)
        if clause is None:
            problems.append(problem("rules.unknown_clause", FILE, None, f"rules.{clause_id}", str(value)))
        elif not _fits(clause, value):
            problems.append(_wrong_value(clause, value))
        else:
            clauses[clause_id] = replace(clause, value=_frozen(value), overridden=True)
    return Rules(rules.set, rules.edition, rules.checked_by, clauses), problems


def _flat(declared: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in declared.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _fits(clause: Clause, value: Any) -> bool:
    if clause.choices:
        return value in clause.choices
    if isinstance(clause.value, bool):
        return isinstance(value, bool)
    if isinstance(clause.value, tuple):
        pair = isinstance(value, list) and len(value) == len(clause.value) and all(map(_is_number, value))
        return pair and value == sorted(value)
    whole = isinstance(value, int) or not isinstance(clause.value, int)
    return _is_number(value) and whole and _within(value, clause.limits)


def _within(value: float, limits: tuple[float, ...]) -> bool:
    return not limits or limits[0] <= value <= limits[1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def _wrong_value(clause: Clause, value: Any) -> Problem:
    wanted = f"one of {', '.join(clause.choices)}" if clause.choices else f"a value like {clause.value!r}"
    if clause.limits:
        wanted += f" from {clause.limits[0]} to {clause.limits[1]}"
    return problem("rules.wrong_value", FILE, None, f"rules.{clause.id}", str(value), wanted=wanted)
