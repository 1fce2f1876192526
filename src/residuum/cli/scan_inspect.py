"""`residuum scan inspect`."""

import json
from pathlib import Path
from typing import Literal

import click

from residuum import DISCLAIMER
from residuum.cli.options import NamedPath, answering
from residuum.records.errors import CallError
from residuum.steps.progress import show_progress
from residuum.steps.scan_inspection import inspect as inspect_scans


@click.command()
@click.argument("path")
@answering
@click.option("--questions", type=NamedPath(dir_okay=False), help="Write what has to be answered to this CSV file.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_context
def inspect(
    ctx: click.Context,
    path: str,
    answers: Path | None,
    sides: Literal["as_seen", "posterior_mirrored"] | None,
    questions: Path | None,
    as_json: bool,
) -> None:
    """Say what PATH holds: a file, a folder, a ZIP archive or the address of a study in a DICOMweb archive.

    Kind, view, sides, geometry, energy window, counts and doubts of every image; what has to be answered, since nothing
    in the image says it; what is refused, and why. Nothing is written. Leaves with 1 when anything is refused.
    """
    if questions is not None and questions.exists():
        raise CallError(f"{questions} exists and may hold answers; name a new file with --questions")
    with show_progress("Reading scans") as advance:
        found = inspect_scans(path, answers, sides, advance)
    if questions is not None:
        questions.write_text(found.questions(), "utf-8", newline="\n")
    click.echo(
        json.dumps(found.records(), indent=2, ensure_ascii=False) if as_json else f"{found.text()}\n{DISCLAIMER}"
    )
    ctx.exit(1 if found.is_refused else 0)
