"""`residuum init`."""

import json
from pathlib import Path

import click

from residuum.steps.init import init as write_empty_study


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the folder and its files as JSON.")
def init(study: Path, as_json: bool) -> None:
    """Write an empty, valid study into the new folder STUDY: every file with its header, study.toml with every key."""
    files = write_empty_study(study)
    if as_json:
        click.echo(json.dumps({"study": str(study), "files": files}, indent=2, ensure_ascii=False))
    else:
        click.echo(f"{study}: {len(files)} files written. Fill them in, then run: residuum check {study}")
