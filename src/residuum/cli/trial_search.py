"""`residuum trial search`."""

from pathlib import Path

import click

from residuum.cli.options import REPLICATES, NamedPath, problems_as_json, simulating
from residuum.steps.progress import show_progress
from residuum.steps.trial_search import trial_search


@click.command()
@click.argument("design", type=NamedPath(dir_okay=False))
@click.option("--replicates", type=REPLICATES, default=10_000, show_default=True, help="Trials in each cell.")
@simulating
@click.option("--out", type=NamedPath(file_okay=False), help="Folder for search.json; resumes.")
@click.option("--resume", type=NamedPath(dir_okay=False), help="File that keeps finished parts.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON instead of the tables.")
def search(
    design: Path,
    replicates: int,
    seed: int,
    threads: int | None,
    scheduler: str | None,
    out: Path | None,
    resume: Path | None,
    as_json: bool,
) -> None:
    """Walk the grid in [search] of the file DESIGN: power against time, and what the available children can buy.

    With --out or --resume an interrupted run goes on where it stopped when the same command is given again.
    """
    with problems_as_json(as_json), show_progress("Simulating") as advance:
        result = trial_search(
            design,
            replicates=replicates,
            seed=seed,
            threads=threads,
            scheduler=scheduler,
            out=out,
            resume=resume,
            advance=advance,
        )
    click.echo(result.json() if as_json else result.text)
