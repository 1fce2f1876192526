"""One family of errors; each knows the exit code that the command line gives it.

ResiduumError
├── InputError   the study or a file in it is at fault (exit 1); carries every problem found
├── RefusalError the study stands in the way: locked, changed by somebody else, not yours (exit 1); carries a code
└── CallError    the command or function was called wrongly (exit 2)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, doubtful or merely reported in a study, with its place and cure.

    Attributes
    ----------
    severity : {"error", "warning", "note"}
        Only an `error` refuses the study.
    rule : str
        Identifier of the rule, for example ``marks.extent_missing``.
    file : str
        File name within the study folder.
    message, cure : str
        What is wrong, and what to do about it.
    row : int or None
        Line of the file (the header is line 1), None where the whole file is meant.
    column, value : str or None
        Column and offending value as written in the file.
    """

    severity: Literal["error", "warning", "note"]
    rule: str
    file: str
    message: str
    cure: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}, line {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        value = "" if self.value is None else f" (value {self.value!r})"
        return f"{place}: {self.message}{value}. {self.cure} [{self.rule}]"


class ResiduumError(Exception):
    """Anything that Residuum refuses on purpose."""

    exit_code: ClassVar[int] = 70


class InputError(ResiduumError):
    """The input is at fault; `problems` lists everything found, not only the first."""

    exit_code = 1

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class RefusalError(ResiduumError):
    """What was asked cannot be done as things stand; `code` says why in one word, `details` what else is known."""

    exit_code = 1

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


class CallError(ResiduumError):
    """The call is wrong: an argument that does not exist or does not fit."""

    exit_code = 2
