"""`residuum synthetic scans`."""

import json
from pathlib import Path

import click

from residuum import DISCLAIMER
from residuum.cli.options import StudyName
from residuum.steps.progress import show_progress
from residuum.steps.synthetic_scans import ALL, simulate_scans


@click.command()
@click.argument("study", type=StudyName())
@click.option("--patients", help="Codes of patients with commas between them; everybody by default.")
@click.option("--spect", is_flag=True, help="Make a SPECT/CT of the trunk as well; takes much longer.")
@click.option("--processes", type=click.IntRange(1, 1024), help="Processes; as many as cores by default.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_context
def scans(
    ctx: click.Context, study: Path | str, patients: str | None, spect: bool, processes: int | None, as_json: bool
) -> None:
    """Give the scans of STUDY, a folder or a database labelled synthetic, images that show what its reads say.

    Scans that have images keep them, so the command may be repeated. What is truly there is written below
    STUDY/truth. Leaves with 1 when the images of a scan could not be made.
    """
    chosen = None if patients is None else {one.strip() for one in patients.split(",")}
    with show_progress("Simulating scans") as advance:
        done = simulate_scans(study, patients=chosen, spect=ALL if spect else (), processes=processes, advance=advance)
    click.echo(json.dumps(done.records(), indent=2, ensure_ascii=False) if as_json else f"{done.text()}\n{DISCLAIMER}")
    ctx.exit(1 if done.refused else 0)
