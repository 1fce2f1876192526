"""`residuum scan export`."""

import json
from pathlib import Path

import click

from residuum import DISCLAIMER
from residuum.cli.options import NamedPath, StudyName, keep_private
from residuum.steps.progress import show_progress
from residuum.steps.scan_exports import export_scans


@click.command()
@click.argument("study", type=StudyName())
@click.option("--out", type=NamedPath(), required=True, help="A new folder for the results.")
@click.option("--images", is_flag=True, help="Write the images under study codes as well.")
@click.option(
    "--fraction",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.5,
    show_default=True,
    help="Part of the way from background to peak at which a lesion is outlined.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def export(study: Path | str, out: Path, images: bool, fraction: float, as_json: bool) -> None:
    """Write the locked reads of STUDY under study codes: DICOM structured reports, segmentations, JSON.

    Residual lesions seen on SPECT/CT become a structure set (RTSTRUCT); a planar lesion has no depth and is left out.
    No read leaves before both readers have locked. What was left out is said, with its reason, here and in index.json.
    """
    keep_private()
    with show_progress("Exporting") as advance:
        done = export_scans(study, out, images=images, fraction=fraction, advance=advance)
    click.echo(json.dumps(done.records(), indent=2, ensure_ascii=False) if as_json else f"{done.text()}\n{DISCLAIMER}")
