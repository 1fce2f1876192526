"""`residuum scan send`."""

from pathlib import Path

import click

from residuum import DISCLAIMER
from residuum.cli.options import NamedPath
from residuum.steps.progress import show_progress
from residuum.steps.scan_archives import send_results


@click.command()
@click.argument("folder", type=NamedPath(exists=True, file_okay=False))
@click.argument("archive")
@click.option("--identified", is_flag=True, help="The objects name patients and ARCHIVE is the clinical one.")
def send(folder: Path, archive: str, identified: bool) -> None:
    """Store the DICOM objects of FOLDER, which `scan export` wrote, in the DICOMweb archive at the address ARCHIVE.

    The account is taken from RESIDUUM_ARCHIVE_USER and RESIDUUM_ARCHIVE_PASSWORD. Sending twice is safe.
    """
    with show_progress("Sending") as advance:
        sent = send_results(folder, archive, identified=identified, advance=advance)
    click.echo(f"Objects sent: {sent}.\n{DISCLAIMER}")
