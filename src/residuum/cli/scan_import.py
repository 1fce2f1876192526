"""`residuum scan import`."""

import json
from pathlib import Path
from typing import Literal

import click

from residuum import DISCLAIMER
from residuum.cli.options import NamedPath, StudyName, answering, keep_private
from residuum.steps.progress import show_progress
from residuum.steps.scan_import import import_scans


@click.command("import")
@click.argument("path")
@click.argument("study", type=StudyName())
@click.option(
    "--key", type=NamedPath(exists=True, file_okay=False), required=True, help="The key folder, outside the study."
)
@answering
@click.option("--scan", help="The scan that all images belong to, where a patient has several on one day.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_context
def import_(
    ctx: click.Context,
    path: str,
    study: Path | str,
    key: Path,
    answers: Path | None,
    sides: Literal["as_seen", "posterior_mirrored"] | None,
    scan: str | None,
    as_json: bool,
) -> None:
    """Add the scans that PATH holds to STUDY, a folder or a database, under the codes and days of the study.

    PATH is a file, a folder, a ZIP archive, or the address of a DICOMweb archive (then every patient of the key is
    asked for) or of one of its studies. Images come in one by one, each as a whole; leaves with 1 when any was refused.
    """
    keep_private()
    with show_progress("Importing scans") as advance:
        done = import_scans(path, study, key, answers=answers, sides=sides, scan=scan, advance=advance)
    click.echo(json.dumps(done.records(), indent=2, ensure_ascii=False) if as_json else f"{done.text()}\n{DISCLAIMER}")
    ctx.exit(1 if done.inspection.is_refused else 0)
