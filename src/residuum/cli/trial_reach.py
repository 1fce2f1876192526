"""`residuum trial reach`."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from residuum.records.errors import InputError
from residuum.steps.progress import show_progress
from residuum.steps.trial_reach import reach as reach_folder


@click.command()
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for numbers.json and the figure.")
@click.option("--json", "as_json", is_flag=True, help="Print numbers.json on standard output.")
@click.option(
    "--design",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Design file whose [radiotherapy] and [criteria] replace the built-in beliefs.",
)
def reach(study: Path, out: Path | None, as_json: bool, design: Path | None) -> None:
    """Say what irradiating residual uptake could reach in the folder STUDY, under both bounds of f.

    A refused study or design leaves with 1 and writes nothing; with --json its problems are printed instead.
    """
    try:
        with show_progress("Reach") as advance:
            result = reach_folder(study, design, out, advance)
    except InputError as refused:
        if as_json:
            click.echo(json.dumps({"problems": [asdict(one) for one in refused.problems]}, ensure_ascii=False))
        raise
    click.echo(result.json() if as_json else result.text)
