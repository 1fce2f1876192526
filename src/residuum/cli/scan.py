"""`residuum scan`: images in, results out."""

from typing import Final

import click

from residuum import DISCLAIMER
from residuum.cli.app import LazyGroup

COMMANDS: Final = {
    "export": ("residuum.cli.scan_export:export", "Write locked reads as DICOM SR, SEG, RTSTRUCT and JSON."),
    "identify": ("residuum.cli.scan_identify:identify", "Put identities back into exported results, with the key."),
    "import": ("residuum.cli.scan_import:import_", "Add scans to a study, under its codes."),
    "inspect": ("residuum.cli.scan_inspect:inspect", "Say what files, folders or archives of scans hold."),
    "send": ("residuum.cli.scan_send:send", "Send exported results to a DICOMweb archive."),
}
"""Name of a command to the function behind it and the line that `--help` shows."""


@click.group(cls=LazyGroup, lazy=COMMANDS, epilog=DISCLAIMER)
def scan() -> None:
    """Read scans into a study, and write results for image archives."""
