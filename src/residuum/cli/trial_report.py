"""`residuum trial report`."""

from pathlib import Path

import click

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.cli.options import DRAWS, REPLICATES, NamedPath, StudyName, problems_as_json, simulating
from residuum.steps.progress import show_progress
from residuum.steps.trial_report import ReportCall, trial_report


@click.command()
@click.argument("design", type=NamedPath(dir_okay=False))
@click.option("--out", required=True, type=NamedPath(file_okay=False), help="Folder for the results.")
@click.option(
    "--study",
    type=StudyName(),
    help="Study folder: its first failures replace the shares of the design in the assurance.",
)
@click.option("--replicates", type=REPLICATES, default=100_000, show_default=True, help="Trials by bound.")
@click.option("--draws", type=DRAWS, default=1000, show_default=True, help="Joint draws of the ranges.")
@simulating
@click.option("--json", "as_json", is_flag=True, help="Print numbers.json as well.")
def report(
    design: Path,
    out: Path,
    study: Path | str | None,
    replicates: int,
    draws: int,
    seed: int,
    threads: int | None,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Write the whole answer for the trial in the file DESIGN: report.html, numbers.json and figures.

    The same file, study, seed and numbers of trials give the same bytes on any number of threads.
    """
    call = ReportCall(design, study, replicates, draws, seed, threads, scheduler)
    with problems_as_json(as_json), show_progress("Trial report") as advance:
        result = trial_report(call, out, advance)
    click.echo(result.json() if as_json else f"{result.page}\n{DISCLAIMER}\n{PLANNING_FOOTER}")
