"""The catalogues of checks: what each one finds, how severe it is and how to cure it."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from typing import Final, Literal

from residuum.records.errors import Problem

REPORTED_AT_MOST: Final = 200
"""Problems of one check in one file and column that are listed; the number of the others is said."""


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of the catalogue; words in braces are filled in by `problem`."""

    id: str
    severity: Literal["error", "warning", "note"]
    message: str
    cure: str


def _catalogue(file: str) -> dict[str, Check]:
    raw = tomllib.loads(resources.files(__package__).joinpath(file).read_text("utf-8"))
    return {check_id: Check(check_id, **entry) for check_id, entry in raw.items()}


CHECKS: Final[Mapping[str, Check]] = _catalogue("checks.toml")
"""Of a study folder."""
DESIGN_CHECKS: Final[Mapping[str, Check]] = _catalogue("design_checks.toml")
"""Of the design file of a trial."""


def problem(
    check_id: str,
    file: str,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
    **words: object,
) -> Problem:
    """Return the problem that a check found at one place."""
    check = CHECKS.get(check_id) or DESIGN_CHECKS[check_id]
    message, cure = check.message.format(**words), check.cure.format(**words)
    return Problem(check.severity, check_id, file, message, cure, row, column, value)


def listed(problems: Iterable[Problem], total: int) -> list[Problem]:
    """Return the first problems of one check and, where there are more, one that says how many.

    Parameters
    ----------
    problems : iterable of Problem
        At least `min(total, REPORTED_AT_MOST)` problems of one check, file and column.
    total : int
        How many were found.
    """
    first = list(islice(problems, REPORTED_AT_MOST))
    if total > len(first):
        last = first[-1]
        message = f"and {total - len(first)} more: {last.message}"
        first.append(Problem(last.severity, last.rule, last.file, message, last.cure, column=last.column))
    return first
