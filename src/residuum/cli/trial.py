"""`residuum trial`: the commands that ask the trial question."""

from typing import Final

import click

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.cli.app import LazyGroup

COMMANDS: Final = {
    "assurance": (
        "residuum.cli.trial_assurance:assurance",
        "Average the power over what nobody knows; name what matters.",
    ),
    "power": ("residuum.cli.trial_power:power", "Simulate a design: power, type I error, events, times."),
    "reach": ("residuum.cli.trial_reach:reach", "Say how much irradiation could reach in a study."),
    "report": ("residuum.cli.trial_report:report", "Write the whole answer for a design, with the verdict in words."),
    "search": ("residuum.cli.trial_search:search", "Walk a grid of designs; say what the available children can buy."),
}
"""Name of a command to the function behind it and the line that `--help` shows."""


@click.group(cls=LazyGroup, lazy=COMMANDS, epilog=f"{DISCLAIMER} {PLANNING_FOOTER}")
def trial() -> None:
    """Ask what irradiating residual sites could gain, and whether a randomised trial could show it."""
