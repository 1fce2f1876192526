"""A keystroke-level model of scoring one scan, on the page and on paper: a model, no measurement.

Operators and their seconds are those of Card, Moran and Newell (The Psychology of Human-Computer Interaction, 1983).
What the model leaves out is the same on both sides: looking at the scan and deciding what is seen.
"""

from dataclasses import dataclass
from typing import Final

SECONDS: Final = {"K": 0.28, "P": 1.1, "B": 0.1, "H": 0.4, "M": 1.35}
"""Keystroke of an average typist, pointing with a mouse, its button, a hand between mouse and keys, a thought."""
WRITTEN: Final = 0.5
"""Seconds for a digit or letter by hand: assumed; 25 words a minute are 0.48 s a letter."""
ADDED: Final = 1.35
"""Seconds to add one number to a sum in the head: one thought."""


@dataclass(frozen=True)
class Task:
    """What is done for one scan; operators may stand several times, such as `12K`."""

    name: str
    page: tuple[tuple[int, str], ...]
    """On the page."""
    written: int
    """Digits and letters on the form."""
    added: int
    """Numbers that are added up."""
    typed: tuple[tuple[int, str], ...]
    """When the form is entered into a database: by the reader or somebody else."""


_FORM_HEAD: Final = 12
"""Patient code, date and name of the reader."""
_ENTRY_HEAD: Final = ((1, "M"), (10, "K"))
"""The patient and scan are looked up in the database."""


def list_tasks(keys: dict[str, int]) -> tuple[Task, ...]:
    """Return the tasks with the keys that were counted on the page, password apart.

    Parameters
    ----------
    keys : mapping of str to int
        Counted keys by task: `full`, `normal`, `consensus`.
    """
    return (
        Task(
            "twelve segments, each with a grade",
            ((1, "M"), (keys["full"], "K")),
            _FORM_HEAD + 12 + 2,
            12,
            (*_ENTRY_HEAD, (24, "K"), (2, "M")),
        ),
        Task(
            "a scan without a lesion",
            ((1, "M"), (keys["normal"], "K")),
            _FORM_HEAD + 12 + 2,
            0,
            (*_ENTRY_HEAD, (24, "K"), (1, "M")),
        ),
        Task(
            "consensus of three differences",
            ((3, "M"), (keys["consensus"], "K")),
            _FORM_HEAD + 3 + 2,
            12,
            (*_ENTRY_HEAD, (24, "K"), (5, "M")),
        ),
    )


def compute_seconds(operators: tuple[tuple[int, str], ...]) -> float:
    """Return the time of operators."""
    return sum(count * SECONDS[operator] for count, operator in operators)


def render(keys: dict[str, int]) -> str:
    """Return the table of the model."""
    lines = [
        f"{'keystroke-level model (a model, no measurement)':44s} {'page':>7s} {'form':>7s} {'form and entry':>15s}   s"
    ]
    for task in list_tasks(keys):
        paper = task.written * WRITTEN + task.added * ADDED
        whole = paper + compute_seconds(task.typed)
        lines.append(f"{task.name:44s} {compute_seconds(task.page):7.1f} {paper:7.1f} {whole:15.1f}")
    return "\n".join(lines)
