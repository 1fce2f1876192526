"""`residuum trial reach`."""

from pathlib import Path

import click

from residuum.cli.options import NamedPath, StudyName, problems_as_json
from residuum.steps.progress import show_progress
from residuum.steps.trial_reach import reach as reach_folder


@click.command()
@click.argument("study", type=StudyName())
@click.option("--out", type=NamedPath(file_okay=False), help="Folder for numbers.json and the figure.")
@click.option("--json", "as_json", is_flag=True, help="Print numbers.json on standard output.")
@click.option(
    "--design",
    type=NamedPath(dir_okay=False),
    help="Design file whose [radiotherapy] and [criteria] replace the built-in beliefs.",
)
def reach(study: Path | str, out: Path | None, as_json: bool, design: Path | None) -> None:
    """Say what irradiating residual uptake could reach in the folder STUDY, under both bounds of f.

    A refused study or design leaves with 1 and writes nothing; with --json its problems are printed instead.
    """
    with problems_as_json(as_json), show_progress("Reach") as advance:
        result = reach_folder(study, design, out, advance)
    click.echo(result.json() if as_json else result.text)
