"""`residuum demo`."""

from pathlib import Path

import click

from residuum.cli.analyse import summary
from residuum.steps.demo import demo as make_demo
from residuum.steps.progress import show_progress


@click.command()
@click.option(
    "--out",
    default=Path("demo"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the study and its report.",
)
@click.option("--no-scans", is_flag=True, help="Make no images.")
@click.option("--open", "open_report", is_flag=True, help="Open the report in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print numbers.json on standard output.")
def demo(out: Path, no_scans: bool, open_report: bool, as_json: bool) -> None:
    """Write the make-believe demonstration study to DIR/study, check it and analyse it into DIR/report.

    The study is synthetic: consistent with the published figures of the reference study, and no evidence. Scans of a
    few of its children get simulated images.
    """
    with show_progress("Demonstration") as advance:
        result, simulated = make_demo(out, scans=not no_scans, advance=advance)
    images = f"Images (simulated): {len(simulated.images)}, in {out / 'study' / 'images'}\n" if simulated else ""
    click.echo(result.json() if as_json else f"Study (synthetic): {out / 'study'}\n{images}{summary(result)}")
    if open_report:
        click.launch(result.report.resolve().as_uri())
