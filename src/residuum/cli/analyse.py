"""`residuum analyse`."""

from pathlib import Path

import click

from residuum import DISCLAIMER
from residuum.cli.options import StudyName, problems_as_json
from residuum.steps.analyse import AnalyseResult
from residuum.steps.analyse import analyse as analyse_folder
from residuum.steps.progress import show_progress


@click.command()
@click.argument("study", type=StudyName())
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for all results.")
@click.option("--json", "as_json", is_flag=True, help="Print numbers.json on standard output.")
def analyse(study: Path | str, out: Path, as_json: bool) -> None:
    """Compute every number of STUDY, a folder or a database: numbers.json, tables, figures and a report.

    Where a database beside the files of a folder is newer than they are, it is used, and the command says so.
    A refused study leaves with 1 and writes nothing; with --json its problems are printed instead.
    """
    with problems_as_json(as_json), show_progress("Analysing") as advance:
        result = analyse_folder(study, out, advance)
    click.echo(result.json() if as_json else summary(result))


def summary(result: AnalyseResult) -> str:
    """Return where the results are, and how many doubts the check and the numbers raise."""
    flags = [row for row in result.numbers.named("flag.") if row.value]
    warnings = sum(found.severity == "warning" for found in result.problems)
    lines = [f"Report: {result.report}", f"Numbers: {result.report.with_name('numbers.json')}"]
    if result.said:
        lines.insert(0, result.said)
    if warnings:
        lines.append(f"Doubtful things found by the check: {warnings}. List them with: residuum check STUDY")
    lines.append(f"Flags raised, explained in the report: {len(flags)}.")
    return "\n".join([*lines, DISCLAIMER])
