"""`residuum synthetic`: what only make-believe studies may have."""

from typing import Final

import click

from residuum import DISCLAIMER
from residuum.cli.app import LazyGroup

COMMANDS: Final = {
    "scans": ("residuum.cli.synthetic_scans:scans", "Give the scans of a make-believe study their images."),
}
"""Name of a command to the function behind it and the line that `--help` shows."""


@click.group(cls=LazyGroup, lazy=COMMANDS, epilog=DISCLAIMER)
def synthetic() -> None:
    """Simulate what a make-believe study lacks; studies of patients are refused."""
