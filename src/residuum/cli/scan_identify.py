"""`residuum scan identify`."""

from pathlib import Path

import click

from residuum import DISCLAIMER
from residuum.cli.options import NamedPath, keep_private
from residuum.steps.scan_archives import identify_results


@click.command()
@click.argument("folder", type=NamedPath(exists=True, file_okay=False))
@click.option(
    "--key", type=NamedPath(exists=True, file_okay=False), required=True, help="The key folder of the imports."
)
@click.option("--out", type=NamedPath(), required=True, help="A new folder for the objects; it will hold names.")
def identify(folder: Path, key: Path, out: Path) -> None:
    """Put the identities of patients back into the DICOM objects of FOLDER, which `scan export` wrote.

    For the clinical archive only. Whoever runs this holds the key; nothing else in Residuum needs it after an import.
    """
    keep_private()
    written = identify_results(folder, key, out)
    click.echo(f"Objects with identities: {written}. Keep {out} where names may lie.\n{DISCLAIMER}")
