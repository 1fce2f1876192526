"""`residuum trial assurance`."""

from pathlib import Path

import click

from residuum.cli.options import DRAWS, NamedPath, StudyName, problems_as_json, simulating
from residuum.steps.progress import show_progress
from residuum.steps.trial_assurance import trial_assurance


@click.command()
@click.argument("design", type=NamedPath(dir_okay=False))
@click.option(
    "--study",
    type=StudyName(),
    help="Study folder whose first failures replace the shares of the design.",
)
@click.option("--draws", type=DRAWS, default=1000, show_default=True, help="Joint draws of the ranges.")
@simulating
@click.option("--out", type=NamedPath(file_okay=False), help="Folder for assurance.json; resumes.")
@click.option("--resume", type=NamedPath(dir_okay=False), help="File that keeps finished parts.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON instead of the tables.")
def assurance(
    design: Path,
    study: Path | str | None,
    draws: int,
    seed: int,
    threads: int | None,
    scheduler: str | None,
    out: Path | None,
    resume: Path | None,
    as_json: bool,
) -> None:
    """Average the power of the trial in the file DESIGN over everything that it leaves open, and give a verdict.

    With --out or --resume an interrupted run goes on where it stopped when the same command is given again.
    """
    with problems_as_json(as_json), show_progress("Simulating") as advance:
        result = trial_assurance(
            design,
            study=study,
            draws=draws,
            seed=seed,
            threads=threads,
            scheduler=scheduler,
            out=out,
            resume=resume,
            advance=advance,
        )
    click.echo(result.json() if as_json else result.text)
