"""`residuum check`."""

from pathlib import Path

import click

from residuum.cli.options import StudyName
from residuum.steps.check import check as check_folder


@click.command()
@click.argument("study", type=StudyName())
@click.option("--json", "as_json", is_flag=True, help="Print the findings as a JSON list.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Also write them as one page.")
@click.pass_context
def check(ctx: click.Context, study: Path | str, as_json: bool, html: Path | None) -> None:
    """Say what is wrong or doubtful in STUDY, a folder or a database, and change nothing.

    Leaves with 1 when the study is refused, else with 0.
    """
    result = check_folder(study)
    if html is not None:
        html.write_text(result.page(), "utf-8", newline="\n")
    click.echo(result.json() if as_json else result.text())
    ctx.exit(1 if result.refused else 0)
